"""Which references a text means: by number, identifier, author, year or title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from tdr.model.authors import printed
from tdr.model.errors import NEGATIVE, Problem, TdrError, did_you_mean, near, usage_error
from tdr.model.text import fold, hyphened, listed, quote, words
from tdr.model.values import Claim, Reference

if TYPE_CHECKING:
    from tdr.ask.conditions import Condition
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection
    from tdr.model.filters import Criteria
    from tdr.model.identifiers import Identifier

_CLAIM_ID = re.compile(r"[A-Za-z]+-[0-9]+")
_RANGE = r"([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?"
_IDENTIFIERS = {"pmid": "pmid:12345678", "pmcid": "PMC1234567", "doi": "doi:10.1000/182"}


# --- numbers and identifiers -----------------------------------------------------------------


def parse_refs(text: str) -> tuple[int, ...]:
    """Reference numbers as people write them: `20`, `51-54`, `13,57`, `[13, 57]`.

    Raises TdrError for anything else.
    """
    found: dict[int, None] = {}
    for part in text.strip().strip("[]").split(","):
        match = re.fullmatch(_RANGE, hyphened(part.strip()))
        if not match:
            hint = f"; `tdr refs {quote(text)}` looks for authors" if text[:1].isalpha() else ""
            raise usage_error(f"`{text}` is not a reference; write 20, 51-54 or 13,57{hint}")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 10_000:
            raise usage_error(f"`{part.strip()}` is not a range of references")
        found.update(dict.fromkeys(range(first, last + 1)))
    return tuple(found)


def reference_names(evidence: Evidence, value: str) -> tuple[ReferenceName, ...]:
    """The references of `20,30`, numbers of the first source that answers, or of `KEY:20,30`.

    Raises TdrError for anything else.
    """
    key, separator, numbers = value.strip().partition(":")
    if not separator:
        return tuple(evidence.name_of(evidence.keys[0], number) for number in parse_refs(value))
    if (field := key.strip().lower()) in _IDENTIFIERS:
        raise usage_error(no_identifier(field, value))
    source = evidence.key_of(key)
    return tuple(evidence.name_of(source, number) for number in parse_refs(numbers))


def no_such_reference(evidence: Evidence, name: ReferenceName, *others: ReferenceName) -> str:
    """The message that a list has no such references; for one, with the lists that have one."""
    key, _, number = str(name).rpartition(":")
    there = [evidence.name_of(key, int(number)) for key in evidence.keys]
    hint = did_you_mean([str(one) for one in there if one in evidence.bibliography])
    source = (key or evidence.source.key) if len(evidence.index.keys) > 1 else "the source"
    if others:
        numbers = [int(str(one).rpartition(":")[2]) for one in (name, *others)]
        return f"{source} has no references {listed(numbers)}"
    return f"{source} has no reference {number}{hint}"


def no_identifier(field: str, value: str) -> str:
    """The message that a text is no DOI, PMID or PMCID, with an example of one."""
    return f"`{value[:80]}` is not a {field.upper()}; write {_IDENTIFIERS[field]}"


def with_identifier(evidence: Evidence, wanted: Identifier) -> tuple[ReferenceName, ...]:
    """The names of the references with this identifier; case does not count."""
    value = wanted.value.casefold()
    references = evidence.bibliography.items()
    return tuple(
        n for n, one in references if (getattr(one, wanted.field) or "").casefold() == value
    )


# --- whatever a text may name ----------------------------------------------------------------


def of_references(criteria: Criteria) -> tuple[Criteria, Criteria]:
    """The criteria that references meet themselves (year, source), and those that claims meet."""
    return criteria.partition(("year", "source"))


def _meets(condition: Condition, name: ReferenceName, reference: Reference) -> bool:
    own = {"ref": str(name), "source": reference.source}
    met = any(own[facet] in labels for facet, labels in condition.any_of)
    return met is not condition.negated


class ReferenceCriteria(NamedTuple):
    """Criteria of a reference, all of which it must meet.

    `any_of` are numbers (`20`, `51-54`), identifiers and names of authors, of which one must
    fit; likewise of `authors`. `missing` are fields that are all empty. `conditions` are of
    filters that references meet themselves.
    """

    any_of: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    title: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    has_doi: bool = False
    missing: tuple[str, ...] = ()
    cited_as: str | None = None
    conditions: tuple[Condition, ...] = ()


def matching_references(
    evidence: Evidence, criteria: ReferenceCriteria
) -> tuple[frozenset[ReferenceName], tuple[Problem, ...]]:
    """The names of the references that fit, and a problem for each of `any_of`, `authors` and
    `identifiers` that no reference has.

    Raises TdrError for a title without a letter or digit.
    """
    from tdr.ask.matching import has_words  # a search looks for no title

    if criteria.title is not None and not fold(criteria.title):
        raise usage_error("the title has no letter or digit to look for")
    missing: list[Problem] = []
    by_any = _resolve_all(criteria.any_of, evidence, missing)
    by_author = _resolve_all(criteria.authors, evidence, missing, authors_only=True)
    identified = {name for one in criteria.identifiers for name in _bearing(evidence, one, missing)}

    def fits(name: ReferenceName, reference: Reference) -> bool:
        return (
            (not criteria.any_of or name in by_any)
            and (not criteria.authors or name in by_author)
            and (not criteria.title or has_words(reference.title, criteria.title))
            and (not criteria.identifiers or name in identified)
            and (not criteria.has_doi or reference.doi is not None)
            and not any(getattr(reference, field) for field in criteria.missing)
            and (criteria.cited_as is None or reference.cited_as == criteria.cited_as)
            and all(_meets(one, name, reference) for one in criteria.conditions)
        )

    fitting = (name for name, one in evidence.bibliography.items() if fits(name, one))
    return frozenset(fitting), tuple(missing)


def references_named(texts: Iterable[str], evidence: Evidence) -> tuple[ReferenceName, ...]:
    """The references that texts name: ids of claims, numbers, identifiers or authors.

    Raises TdrError naming every text that names none.
    """
    missing: list[Problem] = []
    names = _resolve_all(texts, evidence, missing)
    if missing:
        raise TdrError(*missing, exit_code=NEGATIVE)
    return tuple(names)


def _resolve_all(
    texts: Iterable[str], evidence: Evidence, missing: list[Problem], *, authors_only: bool = False
) -> dict[ReferenceName, None]:
    """The references that the texts name, in order; texts that name none are added to `missing`."""
    texts = tuple(texts)
    if not all(map(str.strip, texts)):
        raise usage_error("the name of a reference is empty")
    named = (_resolve(text, evidence, missing, authors_only=authors_only) for text in texts)
    return dict.fromkeys(name for names in named for name in names)


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
        refs, sentence, elsewhere = (
            evidence.named([claim]),
            f"{text}: a claim",
            "but not one of these",
        )
    elif named:
        refs = with_identifier(evidence, named)
        if not refs:
            return [], "" if text.isdigit() else f"{text}: in no reference"
        sentence = f"{text}: reference {', '.join(map(str, refs))}"
        elsewhere = "behind none of these claims"
    else:
        return [], ""
    bits = evidence.index.claims_with("ref", map(str, refs)) & selection.bits
    claims = [one for one in evidence.index.claims(bits) if claim is None or one == claim]
    return claims, sentence if claims else f"{sentence}, {elsewhere}"


def _claim(evidence: Evidence, text: str) -> Claim | None:
    name = text.strip()
    return (
        evidence.index.find(name.lower()) or evidence.index.find(name) if name.isascii() else None
    )


def _resolve(
    text: str, evidence: Evidence, missing: list[Problem], *, authors_only: bool
) -> Iterable[ReferenceName]:
    """The references that a number, an identifier, a claim's id or an author's name means."""
    if not authors_only:
        from tdr.model.identifiers import identifier

        if claim := _claim(evidence, text):
            return evidence.named([claim])
        if named := identifier(text):
            return _bearing(evidence, named, missing)
        if _CLAIM_ID.fullmatch(text.strip()):
            missing.append(Problem(f"no claim has the id `{text}`"))
            return ()
        if any(map(str.isdigit, text)):
            names = reference_names(evidence, text)
            absent = [name for name in names if name not in evidence.bibliography]
            missing += [Problem(no_such_reference(evidence, *absent))] if absent else ()
            return names
    return _written_by(text, evidence, missing)


def _bearing(
    evidence: Evidence, identifier: Identifier, missing: list[Problem]
) -> Iterable[ReferenceName]:
    found = with_identifier(evidence, identifier)
    if not found:
        say = f"no reference has the {identifier.field.upper()} `{identifier.value}`"
        missing.append(Problem(say))
    return found


def _written_by(text: str, evidence: Evidence, missing: list[Problem]) -> Iterable[ReferenceName]:
    references = evidence.bibliography
    found = [n for n, one in references.items() if any(is_called(text, a) for a in one.authors)]
    if not found:
        known = {a.casefold(): a for one in references.values() for a in map(printed, one.authors)}
        hint = did_you_mean([known[name] for name in near(text.casefold(), known, 3, 0.6)])
        say = f"no reference has the author `{text}`{hint} (long lists end in et al.)"
        missing.append(Problem(say, "usage"))
    return found


def as_references(evidence: Evidence, texts: Iterable[str]) -> tuple[str | None, frozenset[str]]:
    """The command that lists the works which some words name by author, year or title.

    And which of the words these are; no command if there are none.
    """
    wanted = list(dict.fromkeys(texts))
    if not wanted:
        return None, frozenset()
    works = tuple(evidence.bibliography.values())
    names = {name for one in works for name in one.authors}
    there = {
        "author": {word for name in names for word in words(name)},
        "year": {str(one.year) for one in works},
        "title": {word for one in works for word in words(one.title)},
    }
    parts: dict[str, list[str]] = {of: [] for of in there}
    for text in wanted:
        of = next((of for of, known in there.items() if known.issuperset(words(text))), None)
        if of:
            parts[of].append(text)
    named = frozenset(text for some in parts.values() for text in some)
    together = set().union(*(words(text) for text in named))
    if not any(together.issubset(words(f"{one.byline} {one.title}")) for one in works):
        parts = {of: parts[of] for of in parts if of == "author"}  # of several, one is enough
    options = [quote(name) for name in _joined(parts["author"], names)]
    options += [f"--year {year}" for year in parts.get("year", ())]
    if parts.get("title"):
        options.append(f"--title {quote(' '.join(parts['title']))}")
    return (" ".join(("tdr refs", *options)) if options else None), named


def _joined(texts: list[str], names: Iterable[str]) -> list[str]:
    """Words of names as one name, if somebody is called so."""
    whole = " ".join(texts)
    return [whole] if any(is_called(whole, name) for name in names) else texts


def is_called(wanted: str, author: str) -> bool:
    """Whether neighbouring words of an author's name are the wanted ones, in any notation."""
    want, have = words(wanted), words(author)
    windows = (have[start : start + len(want)] for start in range(len(have)))
    return bool(want) and (want in windows or fold(wanted) == fold(author))
