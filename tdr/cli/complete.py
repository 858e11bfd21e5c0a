"""Values for shell completion: ids and names in which a shell interprets no character but a space.

Names with a space are offered only where no other name begins as was typed: `CA` gives `CAF`,
`CAR ` gives `CAR T cell`.

Shells run what they complete through their own expansion, so evidence text never gets
there: only plain names pass, without help text; `tdr.cli.shells` quotes their spaces.
Completion that fails offers nothing.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tdr.cli.session import directory_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tdr.ask.evidence import Evidence
    from tdr.cli.framework import Completer, Context
    from tdr.model.filters import Filter

_PLAIN = r"[A-Za-z0-9][A-Za-z0-9 ._:+/-]*"
_MAX_OFFERED = 200

OPTIONS = ("--show-completion", "--install-completion")
"""Options of the program about completion itself."""


def _offer(ctx: Context, incomplete: str, names: Callable[[Evidence], Iterable[str]]) -> list[str]:
    from tdr import load

    wanted = incomplete.casefold()
    try:
        paths = directory_names(ctx.find_root().params.get("evidence"))
        # The shell has not expanded the words of a line that is still being written.
        evidence = load([os.path.expandvars(os.path.expanduser(p)) for p in paths] or None)
        found = {
            name
            for name in names(evidence)
            if re.fullmatch(_PLAIN, name) and name.casefold().startswith(wanted)
        }
    except Exception:  # whatever is wrong, it is not for the middle of a command line
        return []
    return sorted({name for name in found if " " not in name} or found)[:_MAX_OFFERED]


def _offering(names: Callable[[Evidence], Iterable[str]]) -> Completer:
    return lambda ctx, incomplete: _offer(ctx, incomplete, names)


def with_default_shell(args: Sequence[str]) -> list[str]:
    """The arguments, with an empty value (this shell) for an option of completion without one."""
    completed: list[str] = []
    for arg, following in zip(args, [*args[1:], "-"], strict=False):
        completed.append(arg)
        if arg in OPTIONS and following.startswith("-"):
            completed.append("")
    return completed


def terms(*kinds: str) -> Completer:
    """Labels and abbreviations of these kinds of term."""

    def forms(evidence: Evidence) -> Iterable[str]:
        for kind in kinds:
            for term in evidence.vocabulary.terms(kind).values():
                yield from (term.label, term.abbreviation or "")

    return _offering(forms)


def ids(ctx: Context, incomplete: str) -> list[str]:
    """Ids of claims."""
    return _offer(ctx, incomplete, lambda evidence: evidence.index.ids(incomplete, _MAX_OFFERED))


sources = _offering(lambda evidence: evidence.index.keys)
"""Keys of sources."""

therapies = _offering(lambda evidence: evidence.therapies)
"""Labels of therapies."""


def columns(ctx: Context, incomplete: str) -> list[str]:
    """Columns of claims, after those of the list that are typed already."""
    from tdr.model.fields import RECORD_FIELDS
    from tdr.render.claims import computed_columns

    before, comma, last = incomplete.rpartition(",")
    found = _offer(ctx, last, lambda evidence: (*RECORD_FIELDS, *computed_columns(evidence)))
    return [before + comma + name for name in found]


def subjects(ctx: Context, incomplete: str) -> list[str]:
    """What can be compared: cells, cancers, agents, therapies and sources."""
    found = {*terms("cells", "cancers", "agents")(ctx, incomplete), *therapies(ctx, incomplete)}
    return sorted(found.union(sources(ctx, incomplete)))


def rules(ctx: Context, incomplete: str) -> list[str]:
    """Codes of the rules of `tdr check`."""
    from tdr.check import RULES

    return words(*(rule.code for rule in RULES))(ctx, incomplete)


def conflict_kinds(ctx: Context, incomplete: str) -> list[str]:
    """Kinds of conflicts."""
    from tdr.ask.views.conflicts import CONFLICT_KINDS
    from tdr.ask.views.source_conflicts import READING

    return words(*CONFLICT_KINDS, READING)(ctx, incomplete)


def values(entry: Filter) -> Completer | None:
    """The values of a filter, where there are names to offer."""
    if entry.kind:
        return terms(entry.kind)
    if entry.meaning == "source":
        return sources
    if entry.meaning == "therapy":
        return therapies
    return words(*entry.words) if entry.words else None


def pairs(ctx: Context, incomplete: str) -> list[str]:
    """FIELD=VALUE: the fields, and the values of one when it alone can be meant."""
    from tdr.model.filters import FILTERS  # not for `--help`

    name, equals, value = incomplete.partition("=")
    fields = [
        field for field in FILTERS if field == name or (not equals and field.startswith(name))
    ]
    if len(fields) > 1:
        return [f"{field}=" for field in fields]
    return [
        f"{field}={offered}"
        for field in fields
        if (complete := values(FILTERS[field])) is not None
        for offered in complete(ctx, value)
    ]


def words(*choices: str) -> Completer:
    """A fixed set of words."""
    return lambda ctx, incomplete: [word for word in choices if word.startswith(incomplete)]  # noqa: ARG005 - the framework passes both
