"""The base of values inside the program: fields, filters, formats, options, a query taken apart."""

from __future__ import annotations

from typing import Any, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Plain:
    """A value made of the fields that its class annotates, by position or by name.

    Types are checked, and that nothing is assigned to, by mypy. A frozen dataclass or a named
    tuple is compiled at every start and takes eight times as long to be made; two dozen of the
    latter were a twentieth of a short command's time. Two of these are equal if they are the same.
    """

    def __init__(self, *values: Any, **named: Any) -> None:
        self.__dict__.update(zip(type(self).__annotations__, values, strict=False), **named)

    def replace(self, **changes: Any) -> Self:
        """The same with other values of some fields."""
        return type(self)(**{**self.__dict__, **changes})
