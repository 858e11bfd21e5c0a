"""Which entries of the reference list are meant: by number, identifier, author, title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tdr.ask.filter_values import no_such_reference, reference_names, with_identifier
from tdr.ask.named_works import is_called
from tdr.model.errors import NEGATIVE, Problem, TdrError, did_you_mean, near, usage_error
from tdr.model.text import fold
from tdr.model.values import Claim, Reference

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection
    from tdr.model.identifiers import Identifier

_CLAIM_ID = re.compile(r"[A-Za-z]+-[0-9]+")


class ReferenceCriteria(NamedTuple):
    """What is known of a reference; whatever is given must fit.

    `any_of` are numbers (`20`, `51-54`), identifiers and names of authors, of which one must
    fit; likewise of `authors`. `missing` are fields that are all empty. `names`: only among these.
    """

    any_of: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    title: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    has_doi: bool = False
    missing: tuple[str, ...] = ()
    cited_as: str | None = None
    names: frozenset[ReferenceName] | None = None


def matching_references(
    evidence: Evidence, criteria: ReferenceCriteria
) -> tuple[frozenset[ReferenceName], tuple[Problem, ...]]:
    """The names of what fits, and what of `any_of`, `authors` and `identifiers` is nowhere in the
    list.

    Raises TdrError for a title without a letter or digit.
    """
    from tdr.ask.matching import says  # a search looks for no title

    if criteria.title is not None and not fold(criteria.title):
        raise usage_error("the title has no letter or digit to look for")
    by_identifier = {one: _bearing(evidence, one) for one in criteria.identifiers}
    unknown = (problem for _, problems in by_identifier.values() for problem in problems)
    identified = {name for names, _ in by_identifier.values() for name in names}
    by_any, strange = _meant(criteria.any_of, evidence)
    by_author, nobody = _meant(criteria.authors, evidence, authors_only=True)

    def fits(name: ReferenceName, reference: Reference) -> bool:
        return (
            (not criteria.any_of or name in by_any)
            and (not criteria.authors or name in by_author)
            and (not criteria.title or says(reference.title, criteria.title))
            and (not criteria.identifiers or name in identified)
            and (not criteria.has_doi or reference.doi is not None)
            and not any(getattr(reference, field) for field in criteria.missing)
            and (criteria.cited_as is None or reference.cited_as == criteria.cited_as)
            and (criteria.names is None or name in criteria.names)
        )

    fitting = (name for name, one in evidence.bibliography.items() if fits(name, one))
    return frozenset(fitting), (*strange, *nobody, *unknown)


def references_named(texts: Iterable[str], evidence: Evidence) -> tuple[ReferenceName, ...]:
    """The references that are meant by ids of claims, numbers, identifiers or authors.

    Raises TdrError naming every text that means none.
    """
    names, missing = _meant(texts, evidence)
    if missing:
        raise TdrError(*missing, exit_code=NEGATIVE)
    return tuple(names)


def _meant(
    texts: Iterable[str], evidence: Evidence, *, authors_only: bool = False
) -> tuple[dict[ReferenceName, None], list[Problem]]:
    """The names of what the texts mean, in order, and what is wrong with those that mean none."""
    names: dict[ReferenceName, None] = {}
    missing: list[Problem] = []
    for text in texts:
        found, problems = _named(text, evidence, authors_only=authors_only)
        names.update(dict.fromkeys(found))
        missing.extend(problems)
    return names, missing


def claims_identified_by(
    evidence: Evidence, text: str, selection: Selection
) -> tuple[list[Claim], str]:
    """The claims (of the selection) that a text names: by id, or by an identifier of a reference.

    And a sentence on what the text is; empty if it is neither.
    """
    if len(text.split()) > 2 or not any(map(str.isdigit, text)):
        return [], ""
    from tdr.model.identifiers import identifier  # 4 ms that most questions do not need

    claim = _claim(evidence, text)
    named = identifier(text)
    if claim:
        refs, said, elsewhere = evidence.named([claim]), f"{text}: a claim", "but not one of these"
    elif named:
        refs = with_identifier(evidence, named)
        if not refs:
            return [], "" if text.isdigit() else f"{text}: in no reference"
        said = f"{text}: reference {', '.join(map(str, refs))}"
        elsewhere = "behind none of these claims"
    else:
        return [], ""
    bits = evidence.index.claims_with("ref", map(str, refs)) & selection.bits
    claims = [one for one in evidence.index.claims(bits) if claim is None or one == claim]
    return claims, said if claims else f"{said}, {elsewhere}"


def _claim(evidence: Evidence, text: str) -> Claim | None:
    name = text.strip()
    return (
        evidence.index.find(name.lower()) or evidence.index.find(name) if name.isascii() else None
    )


def _named(
    text: str, evidence: Evidence, *, authors_only: bool
) -> tuple[Sequence[ReferenceName], Sequence[Problem]]:
    """The references that a number, an identifier, a claim's id or an author's name means, or
    what is wrong."""
    if not authors_only:
        from tdr.model.identifiers import identifier

        claim = _claim(evidence, text)
        if claim:
            return evidence.named([claim]), ()
        named = identifier(text)
        if named:
            return _bearing(evidence, named)
        if _CLAIM_ID.fullmatch(text.strip()):
            return (), (Problem(f"no claim has the id `{text}`"),)
        if any(map(str.isdigit, text)):
            names = reference_names(evidence, text)
            absent = [name for name in names if name not in evidence.bibliography]
            return names, [Problem(no_such_reference(evidence, *absent))] if absent else ()
    return _written_by(text, evidence)


def _bearing(
    evidence: Evidence, identifier: Identifier
) -> tuple[Sequence[ReferenceName], Sequence[Problem]]:
    found = with_identifier(evidence, identifier)
    say = f"no reference has the {identifier.field.upper()} `{identifier.value}`"
    return found, () if found else (Problem(say),)


def _written_by(text: str, evidence: Evidence) -> tuple[Sequence[ReferenceName], Sequence[Problem]]:
    references = evidence.bibliography
    found = tuple(
        n for n, one in references.items() if any(is_called(text, a) for a in one.authors)
    )
    if found:
        return found, ()
    known = {author.casefold(): author for one in references.values() for author in one.authors}
    hint = did_you_mean([known[name] for name in near(text.casefold(), known, 3, 0.6)])
    say = f"no reference has the author `{text}`{hint} (long lists end in et al.)"
    return (), (Problem(say, "usage"),)
