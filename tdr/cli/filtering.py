"""The filters as options: those in `FILTERS` reach every command as one `Criteria`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tdr.cli import complete
from tdr.cli.boundary import Streams, lines_of
from tdr.cli.declare import flag, option
from tdr.cli.framework import Completer
from tdr.cli.options import Group
from tdr.cli.session import Session
from tdr.model.errors import usage_error
from tdr.model.filters import FILTERS, YES, Criteria, Filter, Pair
from tdr.model.text import quote
from tdr.read.system import nonblocking

_PANEL = "Filters (repeat = or, different = and; @FILE: one value a line, # a comment)"
_MAX_BYTES = 1 << 24
_MAX_VALUES = 25_000  # more than all human genes
_FROM_FILE = r"((?:[\w-]+=)?)(@.+|-)"


def _option(entry: Filter) -> tuple[Any, Any, Any]:
    if entry.meaning == "flag":
        return _switch(entry.option, entry.help)
    names = (entry.option, entry.short) if entry.short else (entry.option,)
    choices = complete.values(entry)
    return _values(*names, help=entry.help, metavar=entry.metavar, choices=choices)


def _switch(name: str, help: str) -> tuple[Any, Any, Any]:
    return bool, flag(name, help, panel=_PANEL), False


def _values(
    *names: str, help: str, metavar: str, choices: Completer | None = None
) -> tuple[Any, Any, Any]:
    values = option(metavar, help, *names, complete=choices, panel=_PANEL)
    return list[str] | None, values, None


def expand_files(streams: Streams, values: Sequence[str]) -> Iterator[str]:
    """The values with every `@FILE` replaced by the lines of the file (`@-` or `-`: of stdin).

    The same goes for the value of a field: `cell=@FILE`.
    """
    for value in values:
        match = re.fullmatch(_FROM_FILE, value)
        if match is None:
            yield value
        else:
            field, name = match.groups()
            yield from (field + line for line in _values_in(streams, name.removeprefix("@")))


def _values_in(streams: Streams, name: str) -> list[str]:
    """The values in a file or on stdin (`-`), one a line, each once."""
    shown = "stdin" if name == "-" else f"`@{name}`"
    try:
        with streams.stdin() if name == "-" else open(name, "rb", opener=nonblocking) as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise usage_error(f"{shown}: {error.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise usage_error(f"{shown} is longer than {_MAX_BYTES} bytes")
    found = list(dict.fromkeys(lines_of(data, shown)))
    if not found:
        raise usage_error(f"{shown} has no line with a value")
    if len(found) > _MAX_VALUES:
        raise usage_error(f"{shown} has {len(found):,} values; at most {_MAX_VALUES:,}")
    return found


def _criteria(session: Session, exact: bool, skip_unknown: bool, **options: Any) -> Criteria:
    for name, values in options.items():
        if isinstance(values, list):
            options[name] = list(expand_files(session.streams, values))
    also, exclude = options.pop("also"), options.pop("exclude")
    return Criteria(
        Criteria.of(**options).wanted,
        tuple(_pair("--with", text) for text in also or ()),
        tuple(_pair("--not", text) for text in exclude or ()),
        exact,
        skip_unknown,
    )


def _pair(option: str, text: str) -> Pair:
    """The filter and value of `FIELD=VALUE`; a flag stands alone."""
    name, separator, value = text.partition("=")
    name = name.strip().lstrip("-").replace("-", "_")
    if separator:
        return name, value
    if name in FILTERS and FILTERS[name].meaning == "flag":
        return name, YES
    example = f"{name}=VALUE" if name in FILTERS else f"about={quote(text)}"
    raise usage_error(f"`{option} {text}`: write {option} FIELD=VALUE, as in {option} {example}")


CRITERIA = Group(
    "criteria",
    {
        **{entry.name: _option(entry) for entry in FILTERS.values()},
        "also": _values(
            "--with",
            help="Require this, too, as in -c TAM --with cell=CAF.",
            metavar="FIELD=VALUE",
            choices=complete.pairs,
        ),
        "exclude": _values(
            "--not",
            help="Leave out what matches, as in --not agent=gefitinib.",
            metavar="FIELD=VALUE",
            choices=complete.pairs,
        ),
        "exact": _switch("--exact", "Leave out narrower terms."),
        "skip_unknown": _switch("--skip-unknown", "Pass over values that are not known."),
    },
    _criteria,
    in_session=True,
)
"""The filters of every command; a value `@FILE` stands for the lines of a file, `@-` of stdin."""
