"""How the parameters of commands are declared, and what the framework parses of them.

A declaration stands in an annotation: `cell: Annotated[str | None, option("TERM", "...")] = None`.
What is parsed is made of it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from inspect import Parameter, signature
from typing import Any, get_args, get_origin

import typer

from tdr.cli.complete import words
from tdr.cli.framework import Argument, Completer, Option

Declared = Callable[[str, Any, Any], Option | Argument]
"""What makes of a parameter's name, type and default what is parsed."""


def option(
    metavar: str,
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

    def declared(name: str, kind: Any, default: Any) -> Option:
        several, choices = _item(kind)
        return Option(
            parser or (_one_of(choices) if choices else str),
            complete or (words(*choices) if choices else None),
            param_decls=[name, *(names or (f"--{name.replace('_', '-')}",))],
            multiple=several,
            metavar=metavar,
            help=help,
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

    def declared(name: str, _: Any, default: Any) -> Option:
        return Option(
            bool,
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

    def declared(name: str, kind: Any, default: Any) -> Argument:
        several, choices = _item(kind)
        return Argument(
            parser or (_one_of(choices) if choices else str),
            complete or (words(*choices) if choices else None),
            param_decls=[name],
            nargs=-1 if several else None,
            metavar=metavar,
            help=help,
            **_defaulting(default),
        )

    return declared


def parameters(
    function: Callable[..., Any], *, without: Collection[str] = ()
) -> Iterator[Option | Argument]:
    """What is parsed for a function that declares each of its parameters, but for some."""
    for one in signature(function, eval_str=True).parameters.values():
        if one.name not in without:
            kind, declared = get_args(one.annotation)
            yield declared(one.name, kind, one.default)


def _item(kind: Any) -> tuple[bool, tuple[str, ...]]:
    """Of a type that may be None: whether there may be several, and the words that there are."""
    if type(None) in get_args(kind):
        kind = next(one for one in get_args(kind) if one is not type(None))
    several = get_origin(kind) is list
    if several:
        (kind,) = get_args(kind)
    return several, get_args(kind)


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """What reads one of these words, in capitals or not."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            from tdr.cli.usage import unknown_word  # only for mistakes

            raise typer.BadParameter(unknown_word(text, choices))
        return text.lower()

    return read


def _defaulting(default: Any) -> dict[str, Any]:
    if default is Parameter.empty:
        return {"required": True, "show_default": True}
    return {"default": default, "show_default": True}


def _acting(act: Callable[[Any], None] | None) -> dict[str, Any]:
    if act is None:
        return {}
    return {
        "is_eager": True,
        "expose_value": False,
        "callback": lambda ctx, _, value: None if ctx.resilient_parsing else act(value),
    }
