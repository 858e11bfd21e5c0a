"""The filters as options: whatever stands in `FILTERS` reaches every command, as one `Criteria`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from tdr.cli import complete
from tdr.cli.options import Group
from tdr.model.errors import Problem, TdrError
from tdr.model.filters import FILTERS, YES, Criteria, Filter, Pair

_PANEL = "Filters (repeat = or, different = and)"


def _option(entry: Filter) -> tuple[Any, Any, Any]:
    names = (entry.option, entry.short) if entry.short else (entry.option,)
    if entry.meaning == "flag":
        return bool, typer.Option(*names, help=entry.help, rich_help_panel=_PANEL), False
    choices = None
    if entry.kind:
        choices = complete.terms(entry.kind)
    elif entry.words:
        choices = complete.words(*entry.words)
    return _values(*names, help=entry.help, metavar=entry.metavar, choices=choices)


def _values(
    *names: str, help: str, metavar: str, choices: complete.Completer | None = None
) -> tuple[Any, Any, Any]:
    option = typer.Option(
        *names, metavar=metavar, help=help, rich_help_panel=_PANEL, autocompletion=choices
    )
    return list[str] | None, option, None


def _criteria(exclude: Sequence[str] | None, exact: bool, **given: Any) -> Criteria:
    excluded = tuple(_pair("--not", text) for text in exclude or ())
    wanted = Criteria.of(**given).wanted
    return Criteria(wanted, excluded, exact)


def _pair(option: str, text: str) -> Pair:
    """The filter and value of `FIELD=VALUE`; a flag stands alone."""
    name, separator, value = text.partition("=")
    name = name.strip().lstrip("-").replace("-", "_")
    if separator:
        return name, value
    if name in FILTERS and FILTERS[name].meaning == "flag":
        return name, YES
    raise TdrError(Problem(f"`{option} {text}`: write {option} FIELD=VALUE", "usage"))


CRITERIA = Group(
    "criteria",
    {
        **{entry.name: _option(entry) for entry in FILTERS.values()},
        "exclude": _values(
            "--not",
            help="Leave out what matches, as in --not agent=gefitinib.",
            metavar="FIELD=VALUE",
        ),
        "exact": (
            bool,
            typer.Option("--exact", help="Leave out narrower terms.", rich_help_panel=_PANEL),
            False,
        ),
    },
    _criteria,
)
