"""The review's four tables of core references, rebuilt from the claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from tdr.model.authors import in_text
from tdr.model.errors import usage_error
from tdr.model.rows import Columns, Row
from tdr.model.values import Claim, Reference

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection

TABLES: Mapping[int, tuple[str, ...]] = {
    1: ("immunotherapy",),
    2: ("targeted",),
    3: ("chemo",),
    4: ("radio", "antiandrogen"),
}
"""Number of a table -> the therapies that it is about."""


_COLUMNS = (
    "id", "therapy", "promotes", "opposes", "cancers", "agents", "pathways", "molecules",
    "mechanism", "references", "refs", "standing",
)  # fmt: skip
_NOT_SHOWN = ("therapy", "molecules", "refs", "standing")


@dataclass(frozen=True, slots=True)
class TableRow(Row):
    """One finding of a table: the claim, its references as `author year [number]`, its standing."""

    columns: ClassVar = Columns(
        "findings",
        _COLUMNS,
        shown=tuple(name for name in _COLUMNS if name not in _NOT_SHOWN),
        values={name: attrgetter(f"claim.{name}") for name in _COLUMNS if name != "references"},
    )

    claim: Claim
    references: tuple[str, ...]


def table_bits(evidence: Evidence, number: int) -> int:
    """The claims that a table is made of; it is one of the first source.

    Raises TdrError for a number that no table has.
    """
    if number not in TABLES:
        raise usage_error(f"there is no table {number!r}; one of {', '.join(map(str, TABLES))}")
    first = evidence.index.claims_with("source", evidence.index.keys[:1])
    return evidence.index.claims_with("therapy", TABLES[number]) & first


def table(evidence: Evidence, selection: Selection, number: int) -> Iterator[TableRow]:
    """The selected claims that belong to a table, in file order."""
    alone = evidence.of_sources(evidence.index.keys[:1])
    for claim in evidence.index.claims(selection.bits & table_bits(evidence, number)):
        yield TableRow(claim, short_references(claim, alone))


def short_references(claim: Claim, evidence: Evidence) -> tuple[str, ...]:
    """The references of a claim, each as first author, year and number."""
    references = evidence.references_of(claim.source)
    names = {number: evidence.shown_name(claim.source, number) for number in claim.refs}
    return tuple(
        short_reference(references[number], name) if number in references else f"[{name}]"
        for number, name in names.items()
    )


def short_reference(reference: Reference, name: str = "") -> str:
    """`Holthof et al. 2021 [68]`, or with another name for the number."""
    named = in_text(reference.authors, reference.year)
    return " ".join(filter(None, [named, f"[{name or reference.number}]"]))
