"""The base of values inside the program: fields, filters, formats, options, parsed queries."""

from __future__ import annotations

from typing import Any, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Plain:
    """A value with the fields that its class annotates, given by position or by name.

    mypy checks types and that no field is assigned to. A frozen dataclass or a named tuple is
    compiled at every start, which takes eight times as long; two dozen of them took a twentieth
    of a short command's time. Two values are equal only if they are the same object.
    """

    def __init__(self, *values: Any, **named: Any) -> None:
        self.__dict__.update(zip(type(self).__annotations__, values, strict=False), **named)

    def replace(self, **changes: Any) -> Self:
        """The same with other values of some fields."""
        return type(self)(**{**self.__dict__, **changes})
