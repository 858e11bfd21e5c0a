"""How the parameters of commands are declared, and what the framework parses of them.

A declaration stands in an annotation: `cell: Annotated[str | None, option("TERM", "...")] = None`.
What is parsed is made of it at once. The framework's own way, by an object that describes the
parameter and a signature that is taken apart twice, takes a twentieth of a short command's time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from typer.core import TyperArgument, TyperOption

if TYPE_CHECKING:
    from typer._click import Context
    from typer._click import Parameter as ClickParameter

Declared = Callable[[str, Any, Any], "ClickParameter"]
"""What makes of a parameter's name, type and default what is parsed."""

Completer = Callable[["Context", str], list[str]]
"""What offers values that begin as was typed."""


def option(
    metavar: str | None,
    help: str,
    *names: str,
    complete: Completer | None = None,
    parser: Callable[[str], Any] | None = None,
    panel: str | None = None,
    act: Callable[[Any], None] | None = None,
) -> Declared:
    """An option with a value; without `names` it is called like its parameter.

    `act` is called with the value before anything else is looked at.
    """

    def declared(name: str, kind: Any, default: Any) -> ClickParameter:
        item, several = _item(kind)
        return TyperOption(
            param_decls=[name, *(names or (f"--{name.replace('_', '-')}",))],
            type=parser or item,
            multiple=several,
            metavar=metavar,
            help=help,
            autocompletion=_completing(complete),
            rich_help_panel=panel,
            **_acting(act),
            **_defaulting(default),
        )

    return declared


def flag(
    name: str,
    help: str,
    *names: str,
    panel: str | None = None,
    act: Callable[[Any], None] | None = None,
) -> Declared:
    """An option without a value."""
    given = (name, *names)

    def declared(name: str, _: Any, default: Any) -> ClickParameter:
        return TyperOption(
            param_decls=[name, *given],
            is_flag=True,
            help=help,
            rich_help_panel=panel,
            **_acting(act),
            **_defaulting(default),
        )

    return declared


def argument(
    metavar: str,
    help: str,
    *,
    complete: Completer | None = None,
    parser: Callable[[str], Any] | None = None,
) -> Declared:
    """What is given without a name."""

    def declared(name: str, kind: Any, default: Any) -> ClickParameter:
        item, several = _item(kind)
        return TyperArgument(
            param_decls=[name],
            type=parser or item,
            nargs=-1 if several else None,
            metavar=metavar,
            help=help,
            autocompletion=_completing(complete),
            **_defaulting(default),
        )

    return declared


def parameters(
    function: Callable[..., Any], *, without: Collection[str] = ()
) -> Iterator[ClickParameter]:
    """What is parsed for a function that declares each of its parameters, but for some."""
    for one in signature(function, eval_str=True).parameters.values():
        if one.name not in without:
            kind, declared = get_args(one.annotation)
            yield declared(one.name, kind, one.default)


def _item(kind: Any) -> tuple[Any, bool]:
    """What a value is read as, of a type that may be None, and whether there may be several."""
    if type(None) in get_args(kind):
        kind = next(one for one in get_args(kind) if one is not type(None))
    several = get_origin(kind) is list
    if several:
        (kind,) = get_args(kind)
    if get_origin(kind) is Literal:
        from typer._types import TyperChoice  # what few commands have

        kind = TyperChoice(get_args(kind), case_sensitive=False)
    return kind, several


def _defaulting(default: Any) -> dict[str, Any]:
    if default is Parameter.empty:
        return {"required": True, "show_default": True}
    return {"default": default, "show_default": True}


def _acting(act: Callable[[Any], None] | None) -> dict[str, Any]:
    return {"is_eager": True, "callback": lambda _, __, value: act(value)} if act else {}


def _completing(complete: Completer | None) -> Callable[..., list[str]] | None:
    """As the framework calls it, which hands over what stands before as well."""
    return (lambda ctx, _, incomplete: complete(ctx, incomplete)) if complete else None
