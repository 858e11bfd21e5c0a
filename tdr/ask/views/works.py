"""Which references of several sources are one work: computed each time, never stored.

Two references are one work if they have the same DOI; without a DOI on both sides, the same
PMID, or else the same PMCID; or if a curator says so in `same_as`. The same title and year only
make a suspicion: reprints, errata and abstracts share them too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tdr.ask.views.coverage import coverage
from tdr.ask.views.lists import cited_references
from tdr.model.rows import Columns, Row
from tdr.model.values import IDENTIFIERS, Claim, Reference
from tdr.model.works import differ, same_as, title_and_year

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName


class Works:
    """The works behind the references of all sources; a work is called by its first reference."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._work: dict[ReferenceName, ReferenceName] = {}
        known: dict[tuple[str, str], ReferenceName] = {}
        self.references = evidence.bibliography
        for name, reference in self.references.items():
            found = self._found(reference, known)
            self._work[name] = name if found is None else found
            for identifier in reference.identifiers:
                known.setdefault(identifier, self._work[name])
        for name, reference in self.references.items():
            declared = self._declared(reference)
            if declared is not None:
                self._join(name, declared)

    def _found(
        self, reference: Reference, known: dict[tuple[str, str], ReferenceName]
    ) -> ReferenceName | None:
        for identifier in reference.identifiers:
            work = known.get(identifier)
            if work is not None and not differ(reference, self.references[work]):
                return work
        return None

    def _declared(self, reference: Reference) -> ReferenceName | None:
        """The reference that `same_as` names, if there is one."""
        named = same_as(reference)
        if named is None or named[0] not in self._evidence.index.keys:
            return None
        name = self._evidence.name_of(*named)
        return name if name in self.references else None

    def _join(self, one: ReferenceName, other: ReferenceName) -> None:
        ours, theirs = self._work[one], self._work[other]
        for name, work in self._work.items():
            if work == ours:
                self._work[name] = theirs

    def of(self, name: ReferenceName) -> ReferenceName:
        """The work that a reference is."""
        return self._work[name]

    def labels(self) -> Mapping[ReferenceName, Sequence[str]]:
        """Each work with the labels that the index has for its references."""
        found: dict[ReferenceName, list[str]] = {}
        for name, work in self._work.items():
            found.setdefault(work, []).append(str(name))
        return found

    def behind(self, claims: Iterable[Claim]) -> set[ReferenceName]:
        """The works that claims rest on."""
        return {self._work[name] for name in self._evidence.named(claims) if name in self._work}

    def cited_in(self, source: str) -> dict[ReferenceName, Reference]:
        """The works that a source lists, each with the reference that comes first there."""
        found: dict[ReferenceName, Reference] = {}
        for number, reference in self._evidence.references_of(source).items():
            found.setdefault(self.of(self._evidence.name_of(source, number)), reference)
        return found


@dataclass(frozen=True, slots=True)
class SourceRow(Row):
    """A source: what it lists, what is curated, and what it has in common with the others.

    `shared` are works that another source lists, too; `cites` the keys of sources that stand in
    its own list: such a review does not agree independently.
    """

    columns: ClassVar = Columns("sources", id="key")

    key: str
    kind: str
    state: str
    title: str | None
    references: int
    claims: int
    open: int
    shared: int
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedWork(Row):
    """A work that two sources list: its number and claims in each.

    A `suspect` has the same title and year in both lists, and no identifier that settles it.
    """

    columns: ClassVar = Columns(
        "works", shown=("a", "b", "title", "year", "a_claims", "b_claims", "suspect"), id="title"
    )

    a: int
    b: int
    title: str
    year: int | None
    doi: str | None
    pmid: str | None
    a_claims: tuple[str, ...]
    b_claims: tuple[str, ...]
    suspect: bool


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far sources rest on the same works: N entries of lists, S works, m sources."""

    entries: int
    works: int
    sources: int

    @property
    def corrected(self) -> float | None:
        """The corrected covered area, (N - S) / (S (m - 1)); None of one source.

        Pieper et al., J Clin Epidemiol 2014, 67:368.
        """
        if self.sources < 2 or not self.works:
            return None
        return (self.entries - self.works) / (self.works * (self.sources - 1))


def overlap(evidence: Evidence, keys: Iterable[str]) -> Overlap:
    """How far some sources rest on the same works; a work that one lists twice counts once."""
    works = Works(evidence)
    lists = [works.cited_in(key).keys() for key in keys]
    return Overlap(sum(map(len, lists)), len(set().union(*lists)), len(lists))


def sources(evidence: Evidence) -> tuple[SourceRow, ...]:
    """Every source, the first one first."""
    works = Works(evidence)
    lists = {key: works.cited_in(key) for key in evidence.sources}
    spread: dict[ReferenceName, int] = defaultdict(int)
    for of_source in lists.values():
        for work in of_source:
            spread[work] += 1
    rows = []
    for key, source in evidence.sources.items():
        rows.append(
            SourceRow(
                key,
                source.kind,
                source.state,
                source.record.get("title"),
                len(evidence.references_of(key)),
                evidence.index.claims_with("source", [key]).bit_count(),
                sum(row.open for row in coverage(evidence, key)),
                sum(spread[work] > 1 for work in lists[key]),
                tuple(cited_sources(evidence, key)),
            )
        )
    return tuple(rows)


def cited_sources(evidence: Evidence, key: str) -> Iterator[str]:
    """The other sources that stand in the list of a source."""
    listed = {one for r in evidence.references_of(key).values() for one in r.identifiers}
    for other, source in evidence.sources.items():
        own = {(f, str(source.record[f]).casefold()) for f in IDENTIFIERS if source.record.get(f)}
        if other != key and not listed.isdisjoint(own):
            yield other


def shared(evidence: Evidence, a: str, b: str) -> tuple[SharedWork, ...]:
    """The works that both sources list, then the suspects, by number in the first."""
    works = Works(evidence)
    ours, theirs = works.cited_in(a), works.cited_in(b)
    pairs = [(one, theirs[work], False) for work, one in ours.items() if work in theirs]
    printed: dict[tuple[str, int | None], Reference] = {}
    for work, reference in theirs.items():
        if work not in ours and (sign := title_and_year(reference)):
            printed.setdefault(sign, reference)
    for work, one in ours.items():
        sign = title_and_year(one)
        other = printed.get(sign) if sign else None
        if work not in theirs and other is not None and not differ(one, other):
            pairs.append((one, other, True))
    resting = {
        (row.reference.source, row.reference.number): row.claims
        for row in cited_references(evidence)
    }
    return tuple(
        SharedWork(
            one.number,
            other.number,
            one.title,
            one.year or other.year,
            one.doi or other.doi,
            one.pmid or other.pmid,
            resting[a, one.number],
            resting[b, other.number],
            suspect,
        )
        for one, other, suspect in pairs
    )
