"""Declarations of the parameters of commands, from which the framework's parameters are built.

A declaration stands in an annotation: `cell: Annotated[str | None, option("TERM", "...")] = None`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from inspect import Parameter, signature
from typing import Any, get_args, get_origin

import typer

from tdr.cli.complete import words
from tdr.cli.framework import Argument, Completer, Option

Declaration = Callable[[str, Any, Any], Option | Argument]
"""Takes a parameter's name, type and default; returns what the framework parses."""


def option(
    metavar: str,
    help: str,
    *names: str,
    complete: Completer | None = None,
    parser: Callable[[str], Any] | None = None,
    panel: str | None = None,
    act: Callable[[Any], None] | None = None,
) -> Declaration:
    """The declaration of an option with a value; without `names` it is named after its parameter.

    `act` is called with the value before other parameters are processed.
    """

    def declared(name: str, kind: Any, default: Any) -> Option:
        several, choices = _values_of(kind)
        return Option(
            parser or (_word_parser(choices) if choices else _not_empty),
            complete or (words(*choices) if choices else None),
            param_decls=[name, *(names or (f"--{name.replace('_', '-')}",))],
            multiple=several,
            metavar=metavar,
            help=help,
            rich_help_panel=panel,
            **_eager_settings(act),
            **_default_settings(default),
        )

    return declared


def flag(
    name: str,
    help: str,
    *names: str,
    panel: str | None = None,
    act: Callable[[Any], None] | None = None,
) -> Declaration:
    """The declaration of an option without a value."""
    spellings = (name, *names)

    def declared(name: str, _: Any, default: Any) -> Option:
        return Option(
            bool,
            param_decls=[name, *spellings],
            is_flag=True,
            help=help,
            rich_help_panel=panel,
            **_eager_settings(act),
            **_default_settings(default),
        )

    return declared


def argument(
    metavar: str,
    help: str,
    *,
    complete: Completer | None = None,
    parser: Callable[[str], Any] | None = None,
) -> Declaration:
    """The declaration of an argument."""

    def declared(name: str, kind: Any, default: Any) -> Argument:
        several, choices = _values_of(kind)
        return Argument(
            parser or (_word_parser(choices) if choices else str),
            complete or (words(*choices) if choices else None),
            param_decls=[name],
            nargs=-1 if several else None,
            metavar=metavar,
            help=help,
            **_default_settings(default),
        )

    return declared


def parameters(
    function: Callable[..., Any], *, without: Collection[str] = ()
) -> Iterator[Option | Argument]:
    """The parameters that a function declares in its annotations, `without` some of them."""
    for one in signature(function, eval_str=True).parameters.values():
        if one.name not in without:
            kind, declaration = get_args(one.annotation)
            yield declaration(one.name, kind, one.default)


def _values_of(kind: Any) -> tuple[bool, tuple[str, ...]]:
    """Whether a type, which may be `... | None`, has several values; the words that it allows."""
    if type(None) in get_args(kind):
        kind = next(one for one in get_args(kind) if one is not type(None))
    several = get_origin(kind) is list
    if several:
        (kind,) = get_args(kind)
    return several, get_args(kind)


def _not_empty(text: str) -> str:
    """The value of an option. An empty one is refused: it is mostly that of an unset variable."""
    if not text.strip():
        raise typer.BadParameter("the value is empty: give one, or leave the option out")
    return text


def _word_parser(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A parser of one of these words, in capitals or not."""

    def parse(text: str) -> str:
        if text.lower() not in choices:
            from tdr.cli.usage import unknown_word  # only for mistakes

            raise typer.BadParameter(unknown_word(text, choices))
        return text.lower()

    return parse


def _default_settings(default: Any) -> dict[str, Any]:
    if default is Parameter.empty:
        return {"required": True, "show_default": True}
    return {"default": default, "show_default": True}


def _eager_settings(act: Callable[[Any], None] | None) -> dict[str, Any]:
    if act is None:
        return {}
    return {
        "is_eager": True,
        "expose_value": False,
        "callback": lambda ctx, _, value: None if ctx.resilient_parsing else act(value),
    }
