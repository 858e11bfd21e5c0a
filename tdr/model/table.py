"""A claim as one row of a table, as data frames and databases hold claims.

Every column is a text, a number, a flag or a list of these, so nothing is nested: the parts of
steps and of what cited papers say are columns with lists, and a record (its place, who verified it)
has a column for each of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from tdr.model.errors import usage_error
from tdr.model.field import LISTS, Field
from tdr.model.fields import IN_RECORD
from tdr.model.values import Claim

Type = Literal["text", "number", "flag"]


@dataclass(frozen=True, slots=True)
class ClaimColumn:
    """One column: its name, the type of its values, whether it holds a list of them, its meaning.

    A list is never missing, it may be empty; a text may be missing. `of` gives the value.
    """

    name: str
    type: Type
    is_list: bool
    of: Callable[[Claim], Any]
    meaning: str


_TYPES: Mapping[str, Type] = {"number": "number", "ref": "number", "refs": "number", "flag": "flag"}


def _column(field: Field) -> ClaimColumn:
    """The column of a field that holds no record."""
    get, is_list = attrgetter(field.name), field.type in LISTS
    of = (lambda claim: list(get(claim))) if is_list else get
    return ClaimColumn(field.name, _TYPES.get(field.type, "text"), is_list, of, field.meaning)


_PREFIX = {"at": ""}
"""Field -> prefix of the columns of its parts, where it is not the name of the field."""


def _part_name(field: Field, part: Field) -> str:
    return _PREFIX.get(field.name, f"{field.name}_") + part.name


def _parts(field: Field) -> Iterator[ClaimColumn]:
    """A column for each part of a record; what is empty or not there is missing."""
    get, to_json = attrgetter(field.name), field.to_json
    assert to_json is not None

    def of(name: str) -> Callable[[Claim], Any]:
        return lambda claim: (to_json(get(claim)) or {}).get(name) or None

    for part in field.fields:
        kind = _TYPES.get(part.type, "text")
        yield ClaimColumn(_part_name(field, part), kind, False, of(part.name), part.meaning)


def _items(records: str, name: str) -> Callable[[Claim], list[Any]]:
    """The function from a claim to the values of one field of its records (steps, comparisons)."""

    def of(claim: Claim) -> list[Any]:
        found: dict[Any, None] = {}
        for record in getattr(claim, records):
            value = getattr(record, name)
            several = value if isinstance(value, tuple) else (value,)
            found.update(dict.fromkeys(one for one in several if one is not None))
        return list(found)

    return of


COLUMNS: tuple[ClaimColumn, ...] = (
    *(_column(field) for field in IN_RECORD if field.type not in ("record", "records")),
    *(column for field in IN_RECORD if field.type == "record" for column in _parts(field)),
    ClaimColumn(
        "standing",
        "text",
        False,
        attrgetter("standing"),
        "What flags and cited papers say: contested, qualified, supported or unchecked.",
    ),
    *(
        ClaimColumn(name, "text", True, _items(records, attribute), meaning)
        for name, records, attribute, meaning in (
            ("agrees", "primary", "agrees", "Whether cited papers agree with the claim."),
            ("differs", "primary", "differs", "What they differ in."),
            ("step_from", "steps", "source", "What acts in the steps."),
            ("step_does", "steps", "does", "What it does."),
            ("step_to", "steps", "target", "What is acted on."),
            ("step_in", "steps", "place", "Cells in which steps happen."),
        )
    ),
)
"""The columns of the table of claims; before them stands `n`, the place in file order from 0."""

VERIFIED = tuple(column for column in COLUMNS if column.name.startswith("verified_"))
"""The columns that say who opened the paper."""

_BY_NAME = {column.name: column for column in COLUMNS}

_COLUMN_OF: Mapping[str, str] = {
    field.facet: field.name for field in IN_RECORD if field.facet and field.name in _BY_NAME
} | {"ref": "refs", "primary": "agrees"} | {
    field.facet: _part_name(field, field.fields[0])
    for field in IN_RECORD
    if field.type == "record" and field.by_presence
}  # fmt: skip
"""Facet of the index -> column, where they are called differently."""

PRESENT = frozenset(field.facet for field in IN_RECORD if field.by_presence)
"""Facets that tell only that there is a value."""


def column_of(facet: str) -> ClaimColumn:
    """The column with the values that a facet of the index has.

    Raises TdrError if the table has none for it.
    """
    column = _BY_NAME.get(_COLUMN_OF.get(facet, facet))
    if column is None:
        raise usage_error(f"the table of claims has no column for `{facet}`; `tdr list` needs none")
    return column


def row(number: int, claim: Claim) -> dict[str, Any]:
    """The row of a claim: `n`, then a value for every column."""
    return {"n": number, **{column.name: column.of(claim) for column in COLUMNS}}
