"""Questions asked of an evidence index; answers are plain frozen values.

`Evidence` is what `tdr.load()` returns and what the command line itself uses.
Every question takes the same filters, as a `Criteria`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from tdr.index import Index, numbers
from tdr.model.errors import Problem, TdrError
from tdr.model.text import fold
from tdr.model.values import (
    BASES,
    EFFECTS,
    KINDS,
    TERM_FIELDS,
    THERAPIES,
    Claim,
    Reference,
    Source,
    Term,
)
from tdr.model.vocabulary import Vocabulary

_CELL_FIELDS = ("promotes", "opposes")

TERM_FILTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "cell": ("cells", _CELL_FIELDS),
    "promotes": ("cells", ("promotes",)),
    "opposes": ("cells", ("opposes",)),
    "cancer": ("cancers", ("cancers",)),
    "pathway": ("pathways", ("pathways",)),
    "molecule": ("molecules", ("molecules",)),
    "agent": ("agents", ("agents",)),
    "process": ("processes", ("processes",)),
}
"""Filter -> kind of term, and the claim fields in which such a term counts."""

THERAPY_NAMES: Mapping[str, tuple[str, ...]] = {
    "immunotherapy": ("imm", "immunotherapies"),
    "targeted": ("tgt", "targeted therapy"),
    "chemo": ("che", "chemotherapy"),
    "radio": ("rad", "radiotherapy", "RT", "radiation", "radiation therapy"),
    "antiandrogen": ("and", "antiandrogen therapy", "anti-androgen"),
}
"""Therapy -> other ways to name it."""

_REF_RANGE = re.compile(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?")


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which claims are meant: values of one filter are alternatives, filters add up.

    Values are any label, abbreviation, synonym or spelling variant. `exclude` holds
    (filter, value) pairs that a claim must not match. With `exact` a term does not
    take in the narrower terms below it.
    """

    therapy: tuple[str, ...] = ()
    cell: tuple[str, ...] = ()
    promotes: tuple[str, ...] = ()
    opposes: tuple[str, ...] = ()
    cancer: tuple[str, ...] = ()
    pathway: tuple[str, ...] = ()
    molecule: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    countered_by: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    effect: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    exclude: tuple[tuple[str, str], ...] = ()
    noted: bool = False
    exact: bool = False

    @classmethod
    def of(
        cls,
        *,
        exact: bool = False,
        noted: bool = False,
        exclude: Mapping[str, Any] | None = None,
        **filters: Any,
    ) -> Criteria:
        """Criteria from keyword arguments; a value is one text or number, or several."""
        unknown = [name for name in filters if name not in FILTERS]
        if unknown:
            raise TdrError(_unknown("filter", unknown[0], FILTERS))
        return cls(
            **{name: _several(value) for name, value in filters.items()},
            exclude=tuple(
                (name, value)
                for name, values in (exclude or {}).items()
                for value in _several(values)
            ),
            exact=exact,
            noted=noted,
        )


FILTERS: tuple[str, ...] = tuple(
    f.name for f in fields(Criteria) if f.name not in ("exclude", "noted", "exact")
)
"""The names of all filters."""


def _several(value: Any) -> tuple[str, ...]:
    if isinstance(value, str | int):
        return (str(value),)
    return tuple(str(item) for item in value)


def _unknown(what: str, value: str, known: Iterable[str], where: str = "") -> Problem:
    near = get_close_matches(value.casefold(), list(known), 3, 0.5)
    hint = f"; did you mean {_quoted(near)}?" if near else ""
    return Problem(f"unknown {what} `{value}`{hint}{where}", "usage")


def _quoted(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


@dataclass(frozen=True, slots=True)
class Selection:
    """The claims that match, as a bitmap, and how the values were understood.

    `expansions` are sentences for people: `TAM: tumor-associated macrophage and 3
    narrower cells`, one for each value that stands for more than what was typed.
    """

    bits: int
    expansions: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.bits.bit_count()


@dataclass(frozen=True, slots=True)
class Countermeasure:
    """An intervention that the source says restores response, over the claims that name it."""

    intervention: str
    claims: tuple[str, ...]
    therapies: tuple[str, ...]
    promotes: tuple[str, ...]
    opposes: tuple[str, ...]
    cancers: tuple[str, ...]
    agents: tuple[str, ...]
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term with its number of claims (narrower terms included), and of its own alone."""

    term: Term
    claims: int
    direct: int
    depth: int


@dataclass(frozen=True, slots=True)
class CitedReference:
    """A reference with the ids of the claims that rest on it."""

    reference: Reference
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Checked claims with their references and vocabulary, and the questions one can ask.

    Made by `tdr.load()`. Values are read from the index when first asked for.
    `skipped` are warnings of what in the directory has a file's name and is no file.
    """

    index: Index = field(repr=False)
    skipped: tuple[Problem, ...] = ()

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, by therapy and then in file order."""
        return tuple(self.index.claims(self.index.everything))

    @cached_property
    def references(self) -> Mapping[int, Reference]:
        """The source's reference list by number."""
        return self.index.references()

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms that claims use, with synonyms and hierarchy."""
        return self.index.vocabulary

    @cached_property
    def source(self) -> Source:
        """The publication that the claims restate."""
        return self.index.source()

    def __len__(self) -> int:
        return self.index.size

    def filter(
        self,
        *,
        exact: bool = False,
        noted: bool = False,
        exclude: Mapping[str, Any] | None = None,
        **filters: Any,
    ) -> tuple[Claim, ...]:
        """The claims that match, as `tdr list` finds them.

        `filter(cell="TAM", cancer=["NSCLC", "melanoma"], exclude={"therapy": "radio"})`.
        Raises TdrError for a filter or a value that is not known, naming the nearest.
        """
        criteria = Criteria.of(exact=exact, noted=noted, exclude=exclude, **filters)
        return tuple(self.index.claims(self.select(criteria).bits))

    # -- selecting --------------------------------------------------------

    def select(self, criteria: Criteria) -> Selection:
        """The claims that meet the criteria.

        Raises TdrError naming every value that is not known, with the nearest known ones.
        """
        bits = self.index.everything
        expansions: dict[str, None] = {}
        problems: list[Problem] = []

        def matching(name: str, value: str) -> int:
            try:
                found, said = self._resolve(name, value, criteria.exact)
            except TdrError as error:
                problems.extend(error.problems)
                return 0
            if said:
                expansions[said] = None
            return found

        for name in FILTERS:
            values = getattr(criteria, name)
            if values:
                found = 0
                for value in values:
                    found |= matching(name, value)
                bits &= found
        for name, value in criteria.exclude:
            if name not in FILTERS:
                problems.append(_unknown("filter", name, FILTERS))
            else:
                bits &= ~matching(name, value)
        if criteria.noted:
            bits &= self.index.bits("noted", ["yes"])
        if problems:
            raise TdrError(*problems)
        return Selection(bits, tuple(expansions))

    def _resolve(self, name: str, value: str, exact: bool) -> tuple[int, str]:
        """The claims that match one value of one filter, and what the value stood for."""
        if not value.strip():
            raise TdrError(Problem(f"the value of {name} is empty", "usage"))
        if name in TERM_FILTERS:
            return self._resolve_term(name, value, exact)
        if name == "ref":
            return self._resolve_refs(value), ""
        if name == "countered_by":
            return self._resolve_countermeasure(value)
        if name == "section":
            return self._resolve_section(value, exact), ""
        if name == "therapy":
            return self._resolve_therapy(value)
        known = EFFECTS if name == "effect" else BASES
        word = next((word for word in known if fold(word) == fold(value)), None)
        if word is None:
            raise TdrError(Problem(f"unknown {name} `{value}`; one of {', '.join(known)}", "usage"))
        return self.index.bits(name, [word]), ""

    def _resolve_term(self, name: str, value: str, exact: bool) -> tuple[int, str]:
        kind, claim_fields = TERM_FILTERS[name]
        labels = self.terms_meant(kind, value, exact=exact)
        if not labels:
            near = self.vocabulary.suggest(kind, value)
            hint = f"; did you mean {_quoted(near)}?" if near else ""
            raise TdrError(
                Problem(f"unknown {name} `{value}`{hint} (`tdr terms {kind}` lists all)", "usage")
            )
        bits = 0
        for claim_field in claim_fields:
            bits |= self.index.bits(claim_field, labels)
        named = {
            label
            for field, of in TERM_FIELDS.items()
            if of == kind
            for label in self.index.values(field)
        }
        first, *narrower = labels
        there = [first, *(label for label in narrower if label in named)]
        if named.isdisjoint(labels):
            above = self.vocabulary.ancestors(kind, first)
            wider = next((label for label in above if label in named), None)
            return bits, f"{value}: in no claim" + (f"; wider: {wider}" if wider else "")
        return bits, _expansion(value, there, kind)

    def terms_meant(self, kind: str, value: str, *, exact: bool = False) -> tuple[str, ...]:
        """Labels of the terms that a value stands for: the term itself first, then narrower ones.

        A pathway value also stands for every pathway with a member of that name.
        Empty if the value is not known.
        """
        term = self.vocabulary.resolve(kind, value)
        labels = [term.label] if term else []
        if kind == "pathways" and not (exact and term):
            labels.extend(self.vocabulary.pathways_with(value))
        if not exact:
            for label in list(labels):
                labels.extend(self.vocabulary.descendants(kind, label))
        return tuple(dict.fromkeys(labels))

    def _resolve_therapy(self, value: str) -> tuple[int, str]:
        wanted = fold(value)
        for therapy, others in THERAPY_NAMES.items():
            if wanted in (fold(therapy), *map(fold, others)):
                return self.index.bits("therapy", [therapy]), ""
        raise TdrError(
            Problem(f"unknown therapy `{value}`; one of {', '.join(THERAPIES)}", "usage")
        )

    def _resolve_refs(self, value: str) -> int:
        bits = 0
        for number in parse_refs(value):
            bits |= self.index.bits("ref", [str(number)])
        return bits

    def _resolve_section(self, value: str, exact: bool) -> int:
        known = self.source.sections
        wanted = value.casefold().strip("/")
        inside = [
            name
            for name in known
            if name == wanted or (not exact and name.startswith(wanted + "/"))
        ]
        if not inside:
            raise TdrError(
                Problem(f"unknown section `{value}`; one of {', '.join(known)}", "usage")
            )
        return self.index.bits("section", inside)

    def _resolve_countermeasure(self, value: str) -> tuple[int, str]:
        """Interventions are free text: those that contain every word of the value, or name
        the same thing in another form of it."""
        phrases = self.index.values("countered_by")
        forms = {value}
        for kind in ("agents", "molecules", "cells"):
            term = self.vocabulary.resolve(kind, value)
            if term:
                forms.update(term.forms)
        found = [phrase for phrase in phrases if any(_within(form, phrase) for form in forms)]
        if not found:
            near = get_close_matches(value, list(phrases), 3, 0.5)
            hint = f"; did you mean {_quoted(near)}?" if near else ""
            raise TdrError(
                Problem(
                    f"no intervention matches `{value}`{hint} (`tdr counter` lists all)", "usage"
                )
            )
        said = f"{value}: {', '.join(found)}" if [fold(p) for p in found] != [fold(value)] else ""
        return self.index.bits("countered_by", found), said

    # -- questions --------------------------------------------------------

    def selected(self, selection: Selection, limit: int | None = None) -> Iterator[Claim]:
        """The claims of a selection in file order."""
        return self.index.claims(selection.bits, limit)

    def countermeasures(self, selection: Selection) -> tuple[Countermeasure, ...]:
        """What restores response, over the claims of a selection; most claims first."""
        groups: dict[str, list[Claim]] = {}
        names: dict[str, str] = {}
        for claim in self.selected(selection):
            for phrase in claim.countered_by:
                key = fold(phrase)
                names.setdefault(key, phrase)
                groups.setdefault(key, []).append(claim)
        rows = [
            Countermeasure(
                names[key],
                tuple(claim.id for claim in claims),
                _collect(claims, "therapy"),
                _collect(claims, "promotes"),
                _collect(claims, "opposes"),
                _collect(claims, "cancers"),
                _collect(claims, "agents"),
                tuple(sorted({number for claim in claims for number in claim.refs})),
            )
            for key, claims in groups.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-len(row.claims), row.intervention.casefold())))

    def terms(
        self, kind: str, words: str = "", selection: Selection | None = None
    ) -> tuple[TermCount, ...]:
        """The terms of a kind in hierarchical order, with counts over the selection.

        With `words`, only terms with a form that contains them, or that they name.
        Every term is listed once, below its first parent. Raises TdrError for an
        unknown kind.
        """
        if kind not in KINDS:
            singular = {k.rstrip("s"): k for k in KINDS} | {
                "pathway": "pathways",
                "process": "processes",
            }
            if kind.casefold() not in singular:
                raise TdrError(
                    Problem(f"unknown kind `{kind}`; one of {', '.join(KINDS)}", "usage")
                )
            kind = singular[kind.casefold()]
        within = self.index.everything if selection is None else selection.bits
        claim_fields = _CELL_FIELDS if kind == "cells" else (kind,)
        vocabulary = self.vocabulary
        own: dict[str, int] = {}
        for claim_field in claim_fields:
            for label in self.index.values(claim_field):
                own[label] = own.get(label, 0) | self.index.bits(claim_field, [label])
        rows = []
        for label, depth in _in_hierarchy(vocabulary, kind):
            term = vocabulary.terms(kind)[label]
            if words and not any(_within(words, form) for form in term.forms):
                continue
            bits = own.get(label, 0)
            for below in vocabulary.descendants(kind, label):
                bits |= own.get(below, 0)
            rows.append(
                TermCount(
                    term,
                    (bits & within).bit_count(),
                    (own.get(label, 0) & within).bit_count(),
                    depth,
                )
            )
        return tuple(rows)

    def cited(self, selection: Selection | None = None) -> tuple[CitedReference, ...]:
        """Every reference with the claims (of the selection) that rest on it, by number."""
        within = self.index.everything if selection is None else selection.bits
        claims_of: dict[int, list[str]] = {}
        for claim in self.index.claims(within):
            for number in claim.refs:
                claims_of.setdefault(number, []).append(claim.id)
        return tuple(
            CitedReference(reference, tuple(claims_of.get(number, ())))
            for number, reference in self.references.items()
        )


def parse_refs(text: str) -> tuple[int, ...]:
    """Reference numbers as people write them: `20`, `51-54`, `13,57`, `[13, 57]`.

    Raises TdrError for anything else.
    """
    found: dict[int, None] = {}
    for part in text.strip().strip("[]").split(","):
        match = _REF_RANGE.fullmatch(part.strip().replace("–", "-"))
        if not match:
            raise TdrError(
                Problem(f"`{text}` is not a reference; write 20, 51-54 or 13,57", "usage")
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 10_000:
            raise TdrError(Problem(f"`{part.strip()}` is not a range of references", "usage"))
        found.update(dict.fromkeys(range(first, last + 1)))
    return tuple(found)


def _within(words: str, text: str) -> bool:
    """Whether every word stands in the text, in any notation, or the whole does as one piece."""
    if fold(words) in fold(text):
        return True
    there = {fold(word) for word in re.split(r"[\s/,()]+", text)}
    return all(fold(word) in there for word in words.split())


def _collect(claims: Iterable[Claim], name: str) -> tuple[str, ...]:
    """The values of one field over several claims, each once, in order of appearance."""
    found: dict[str, None] = {}
    for claim in claims:
        value = getattr(claim, name)
        found.update(dict.fromkeys((value,) if isinstance(value, str) else value))
    return tuple(found)


def _expansion(value: str, labels: Sequence[str], kind: str) -> str:
    first, *others = labels
    if not others:
        return "" if fold(first) == fold(value) else f"{value}: {first}"
    rest = f"{len(others)} narrower {kind}" if len(others) > 4 else ", ".join(others)
    return f"{value}: {first} + {rest}"


def _in_hierarchy(vocabulary: Vocabulary, kind: str) -> Iterator[tuple[str, int]]:
    """Labels with their depth, each below its first parent, siblings in the vocabulary's order."""
    terms = vocabulary.terms(kind)
    seen: set[str] = set()

    def walk(label: str, depth: int) -> Iterator[tuple[str, int]]:
        if label in seen:
            return
        seen.add(label)
        yield label, depth
        for child in vocabulary.children(kind, label):
            if terms[child].parents[0] == label:
                yield from walk(child, depth + 1)

    for label, term in terms.items():
        if not any(parent in terms for parent in term.parents):
            yield from walk(label, 0)
    for label in terms:  # members of a cycle have no root; they are shown all the same
        yield from walk(label, 0)


__all__ = [
    "FILTERS",
    "Countermeasure",
    "Criteria",
    "Evidence",
    "Selection",
    "TermCount",
    "numbers",
    "parse_refs",
]
