"""Is every citation of the source accounted for?

A citation is one reference number in one citation group of one paragraph. It is
backed if a claim placed at that paragraph rests on the reference, background if
the reference (or the paragraph, for this reference) is marked so, and open if
neither holds: something the source says that nobody has curated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from tdr.model.place import Place
from tdr.model.rows import Columns, Row
from tdr.model.source import Source
from tdr.model.values import Claim, Reference

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence


@dataclass(frozen=True, slots=True)
class ParagraphCoverage(Row):
    """The citations of one paragraph, counted; `missing` are the open references."""

    columns: ClassVar = Columns(
        "paragraphs",
        ("section", "paragraph", "citations", "backed", "background", "open", "missing", "claims"),
    )

    place: Place
    citations: int
    backed: int
    background: int
    missing: tuple[int, ...]
    claims: int

    @property
    def section(self) -> str:
        return self.place.section

    @property
    def paragraph(self) -> int:
        return self.place.paragraph

    @property
    def open(self) -> int:
        return self.citations - self.backed - self.background


_OPEN = ("section", "paragraph", "open", "missing")


@dataclass(frozen=True, slots=True)
class OpenParagraph(Row):
    """One paragraph of which something is open, with what it says, if that was read."""

    columns: ClassVar = Columns(
        "paragraphs", (*_OPEN, "text"), values={name: attrgetter(f"row.{name}") for name in _OPEN}
    )

    row: ParagraphCoverage
    text: str | None


def coverage(evidence: Evidence, key: str | None = None) -> tuple[ParagraphCoverage, ...]:
    """One row for each paragraph of a source (by default of the first), in its order.

    Raises TdrError for a key that is not known.
    """
    index = evidence.index
    source = evidence.source if key is None else evidence.sources[evidence.key_of(key)]
    own = index.claims_with("source", [source.key])
    references = evidence.references_of(source.key)
    labels = {str(evidence.name_of(source.key, number)): number for number in references}
    resting = {
        labels[label]: bits
        for label, bits in index.claims_by_value("ref").items()
        if label in labels
    }
    here = index.claims_by_value("place")
    backed: dict[Place, set[int]] = {}
    counted: dict[Place, int] = {}
    for place in (paragraph.place for paragraph in source.paragraphs):
        claims = here.get(f"{place.section}#{place.paragraph}", 0) & own
        counted[place] = claims.bit_count()
        backed[place] = {number for number, bits in resting.items() if bits & claims}
    return _rows(source, references, backed, counted)


def account(
    source: Source, references: Mapping[int, Reference], claims: Iterable[Claim]
) -> tuple[ParagraphCoverage, ...]:
    """The same for claims that are not part of an index (yet)."""
    backed: dict[Place, set[int]] = {}
    counted: dict[Place, int] = {}
    for claim in claims:
        backed.setdefault(claim.at, set()).update(claim.refs)
        counted[claim.at] = counted.get(claim.at, 0) + 1
    return _rows(source, references, backed, counted)


def _rows(
    source: Source,
    references: Mapping[int, Reference],
    backed: Mapping[Place, Collection[int]],
    counted: Mapping[Place, int],
) -> tuple[ParagraphCoverage, ...]:
    """Every paragraph, by the references that its claims rest on and by how many there are."""
    background = {
        number for number, reference in references.items() if reference.cited_as == "background"
    }
    rows = []
    for paragraph in source.paragraphs:
        cited = [number for group in paragraph.citations for number in group]
        here = backed.get(paragraph.place, set())
        general = background.union(paragraph.background)
        missing = [number for number in cited if number not in here and number not in general]
        in_claims = sum(number in here for number in cited)
        rows.append(
            ParagraphCoverage(
                paragraph.place,
                len(cited),
                in_claims,
                len(cited) - in_claims - len(missing),
                tuple(dict.fromkeys(missing)),
                counted.get(paragraph.place, 0),
            )
        )
    return tuple(rows)
