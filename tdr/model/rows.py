"""Rows of listings: frozen dataclasses that can be written as records with known columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from tdr.model.plain import Plain

if TYPE_CHECKING:

    class Recorded(Protocol):
        """What can be written as a record: a row, a claim."""

        def to_dict(self) -> dict[str, Any]:
            """The record, in JSON values."""


class Columns(Plain):
    """The columns of records of one kind.

    `kind` is the key of the records in JSON ("claims", "gaps" ...). `names` are the fields
    in order, by default those in `values`, or else those of the row's dataclass. `values` has
    functions of the row for what is no attribute of it. `shown` is what people see unless they
    ask for other columns, most important first, by default all. `id` names the record; by
    default it is the first column.
    """

    kind: str
    names: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    id: str = ""
    values: Mapping[str, Any] = MappingProxyType({})

    def renamed(self, **names: str) -> Columns:
        """The same columns under other names: `renamed(term="cell")`."""

        def new(old: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(names.get(name, name) for name in old)

        return Columns(self.kind, new(self.names), new(self.shown), names.get(self.id, self.id))


class Row:
    """Base of frozen dataclasses that are records of a listing."""

    __slots__ = ()
    columns: ClassVar[Columns]

    def to_dict(self) -> dict[str, Any]:
        """The record, in JSON values."""
        cls: Any = type(self)
        return {
            name: list(value) if isinstance(value := of(self), tuple) else value
            for name, of in _values(cls)
        }


R_co = TypeVar("R_co", bound="Recorded", covariant=True)


class Rows(tuple[R_co, ...], Generic[R_co]):
    """An answer: its rows in order."""

    __slots__ = ()

    def records(self) -> list[dict[str, Any]]:
        """The rows as plain dictionaries of JSON values, as for a data frame."""
        return [row.to_dict() for row in self]


def columns_of(row: type[Row]) -> Columns:
    """The columns of a class of rows, complete."""
    cls: Any = row
    columns, names = row.columns, tuple(name for name, _ in _values(cls))
    return columns.replace(names=names, shown=columns.shown or names, id=columns.id or names[0])


@cache
def _values(row: Any) -> list[tuple[str, Callable[[Any], object]]]:
    """The columns of a class of rows, each with what gives its value."""
    columns: Columns = row.columns
    names = columns.names or tuple(columns.values)
    if not names:
        from dataclasses import fields  # lists of claims do without

        names = tuple(field.name for field in fields(row))
    return [(name, columns.values.get(name) or attrgetter(name)) for name in names]
