"""What of Typer is no documented part of it, but for completion, which is in `tdr.cli.shells`.

Typer makes a command of a function's signature; that takes a twentieth of a short command's time,
and functions here share groups of parameters. So commands are made of the classes that Typer
itself makes them of. How these read a value is the one thing that changes with its versions, and
from 0.29 on it takes pydantic, which takes longer to import than a short command runs: values are
read here.
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
"""What offers values that begin as was typed."""

# 0.29 wants to be told how values are read, which is not asked for here.
_UNREAD: dict[str, Any] = {}
if "type_descriptor" in TyperOption.__init__.__annotations__:
    _UNREAD["type_descriptor"] = None


class _Reading(_Base):
    """A parameter whose value, or each of its values, a function reads."""

    read: Callable[[str], Any]

    def __init__(
        self, read: Callable[[str], Any], complete: Completer | None = None, **declared: Any
    ) -> None:
        offered = complete or (lambda _, __: [])
        # Typer hands over what stands before as well.
        declared["autocompletion"] = lambda ctx, _, incomplete: offered(ctx, incomplete)
        super().__init__(**_UNREAD, **declared)
        self.read = read

    def process_value(self: Any, ctx: Context, value: Any) -> Any:
        if self.multiple or self.nargs == -1:
            value = tuple(map(self.read, value or ()))
        elif isinstance(value, str):
            value = self.read(value)
        if self.required and self.value_is_missing(value):
            raise MissingParameter(ctx=ctx, param=self)
        return self.callback(ctx, self, value) if self.callback else value

    def get_missing_message(self, ctx: Context | None) -> str:  # noqa: ARG002 - Typer's signature
        return ""


class Option(_Reading, TyperOption):
    """An option, or what is without a value if it `is_flag`."""


class Argument(_Reading, TyperArgument):
    """What is given without a name; its `metavar` says whether it can be left out or repeated."""

    def get_usage_pieces(self, ctx: Context) -> list[str]:  # noqa: ARG002
        return [f"{{{self.metavar}}}" if self.required else str(self.metavar)]

    def display_type_rich(self, ctx: Context) -> None:
        """Help names no type beside it."""
