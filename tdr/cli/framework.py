"""What commands need of Typer and Typer does not document; for completion see `tdr.cli.shells`.

Typer makes a command from the signature of a function. That takes a twentieth of a short command's
time, and functions here share groups of parameters, so commands are built of the classes that Typer
itself builds them of. Only how these parse a value changes between versions, and from 0.29 on they
take pydantic for it, which takes longer to import than a short command to run: here values are
parsed by plain functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typer._click.exceptions import MissingParameter
from typer._click.globals import get_current_context
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click import Context, Parameter
    from typer._click.formatting import HelpFormatter

    _Base = Parameter
else:
    _Base = object

__all__ = [
    "Argument", "Completer", "Context", "HelpFormatter", "Option", "Parameter",
    "TyperCommand", "TyperGroup", "get_current_context",
]  # fmt: skip

Completer = Callable[["Context", str], list[str]]
"""Takes the context and the beginning of a value; returns the values to offer."""

# 0.29 requires an argument about how values are parsed, which is not used here.
_UNUSED: dict[str, Any] = {}
if "type_descriptor" in TyperOption.__init__.__annotations__:
    _UNUSED["type_descriptor"] = None


class _Parsing(_Base):
    """A parameter whose value, or each of its values, is parsed by a function."""

    parse: Callable[[str], Any]

    def __init__(
        self, parse: Callable[[str], Any], complete: Completer | None = None, **declared: Any
    ) -> None:
        offer = complete or (lambda _, __: [])
        # Typer passes the arguments before it, too.
        declared["autocompletion"] = lambda ctx, _, incomplete: offer(ctx, incomplete)
        super().__init__(**_UNUSED, **declared)
        self.parse = parse

    def process_value(self: Any, ctx: Context, value: Any) -> Any:
        if self.multiple or self.nargs == -1:
            value = tuple(map(self.parse, value or ()))
        elif isinstance(value, str):
            value = self.parse(value)
        if self.required and self.value_is_missing(value):
            raise MissingParameter(ctx=ctx, param=self)
        return self.callback(ctx, self, value) if self.callback else value

    def get_missing_message(self, ctx: Context | None) -> str:  # noqa: ARG002 - Typer's signature
        return ""


class Option(_Parsing, TyperOption):
    """An option; with `is_flag` it has no value."""


class Argument(_Parsing, TyperArgument):
    """An argument; its `metavar` shows whether it can be left out or repeated."""

    def get_usage_pieces(self, ctx: Context) -> list[str]:  # noqa: ARG002
        return [f"{{{self.metavar}}}" if self.required else str(self.metavar)]

    def display_type_rich(self, ctx: Context) -> None:
        """Nothing: help shows no type of an argument."""
