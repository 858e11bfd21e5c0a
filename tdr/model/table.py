"""A claim as one row of a table: the shape in which data sets and engines of others hold claims.

Every column is a text, a number, a flag or a list of these, so nothing is nested: the ends of
steps and what cited papers say are lists beside the claim, and its place is two columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from tdr.model.field import LISTS, Field
from tdr.model.fields import IN_RECORD
from tdr.model.values import Claim

Type = Literal["text", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the type of its values, and whether it holds a list of them.

    A list is never missing, it may be empty; a text may be missing. `of` gives the value.
    """

    name: str
    type: Type
    is_list: bool
    of: Callable[[Claim], Any]


_TYPES: Mapping[str, Type] = {"number": "number", "ref": "number", "refs": "number", "flag": "flag"}


def _column(field: Field) -> Column:
    """The column of a field that holds no record."""
    get, is_list = attrgetter(field.name), field.type in LISTS
    of = (lambda claim: list(get(claim))) if is_list else get
    return Column(field.name, _TYPES.get(field.type, "text"), is_list, of)


def _items(records: str, name: str) -> Callable[[Claim], list[Any]]:
    """What records of a claim (steps, comparisons) say in one field, each once."""

    def of(claim: Claim) -> list[Any]:
        found: dict[Any, None] = {}
        for record in getattr(claim, records):
            value = getattr(record, name)
            several = value if isinstance(value, tuple) else (value,)
            found.update(dict.fromkeys(one for one in several if one is not None))
        return list(found)

    return of


COLUMNS: tuple[Column, ...] = (
    *(_column(field) for field in IN_RECORD if field.type not in ("record", "records")),
    Column("section", "text", False, lambda claim: claim.at.section or None),
    Column("paragraph", "number", False, lambda claim: claim.at.paragraph or None),
    Column("standing", "text", False, attrgetter("standing")),
    Column("agrees", "text", True, _items("primary", "agrees")),
    Column("differs", "text", True, _items("primary", "differs")),
    Column("step_from", "text", True, _items("steps", "source")),
    Column("step_to", "text", True, _items("steps", "target")),
    Column("step_in", "text", True, _items("steps", "place")),
)
"""The columns of the table of claims; before them stands `n`, the place in file order from 0."""

COLUMN_OF: Mapping[str, str] = {field.facet: field.name for field in IN_RECORD if field.facet} | {
    "ref": "refs",
    "primary": "agrees",
}
"""Facet of the index -> column, where they are called differently."""


def row(number: int, claim: Claim) -> dict[str, Any]:
    """The row of a claim: `n`, then a value for every column."""
    return {"n": number, **{column.name: column.of(claim) for column in COLUMNS}}
