"""The filters as options: declared once, they reach every command as one `Criteria`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from tdr.ask.query import TERM_FILTERS, Criteria
from tdr.cli import complete
from tdr.cli.options import Group
from tdr.model.errors import Problem, TdrError
from tdr.model.values import EFFECTS, THERAPIES

_PANEL = "Filters (repeat = or, different = and)"


def _filter(
    *names: str, help: str, metavar: str, choices: complete.Completer | None = None
) -> tuple[Any, Any, Any]:
    option = typer.Option(
        *names, metavar=metavar, help=help, rich_help_panel=_PANEL, autocompletion=choices
    )
    return list[str] | None, option, None


def _term(name: str, *names: str, help: str) -> tuple[Any, Any, Any]:
    kind, _ = TERM_FILTERS[name.removeprefix("--")]
    return _filter(name, *names, help=help, metavar="TERM", choices=complete.terms(kind))


def _flag(name: str, *, help: str) -> tuple[Any, Any, Any]:
    return bool, typer.Option(name, help=help, rich_help_panel=_PANEL), False


def _criteria(
    exclude: Sequence[str] | None, noted: bool, exact: bool, **values: Sequence[str] | None
) -> Criteria:
    pairs = []
    for text in exclude or ():
        name, separator, value = text.partition("=")
        if not separator:
            raise TdrError(Problem(f"`--not {text}`: write --not FIELD=VALUE", "usage"))
        pairs.append((name.strip().lstrip("-").replace("-", "_"), value))
    return Criteria(
        exclude=tuple(pairs),
        noted=noted,
        exact=exact,
        **{name: tuple(given or ()) for name, given in values.items()},
    )


FILTERS = Group(
    "criteria",
    {
        "therapy": _filter(
            "--therapy",
            "-t",
            help=f"Therapy: {', '.join(THERAPIES)}.",
            metavar="NAME",
            choices=complete.words(*THERAPIES),
        ),
        "cell": _term("--cell", "-c", help="Cell type, on either side."),
        "promotes": _term("--promotes", help="Cell type that favours resistance."),
        "opposes": _term("--opposes", help="Cell type that favours response."),
        "cancer": _term("--cancer", "-k", help="Cancer."),
        "pathway": _term("--pathway", "-p", help="Pathway, or a member of an axis (STAT3)."),
        "molecule": _term("--molecule", "-m", help="Molecule."),
        "agent": _term("--agent", "-a", help="Treatment, or a class of them."),
        "process": _term("--process", help="Process."),
        "countered_by": _filter(
            "--countered-by", help="Intervention that restores response.", metavar="WORDS"
        ),
        "ref": _filter("--ref", "-r", help="Reference: 20, 51-54 or 13,57.", metavar="N"),
        "effect": _filter(
            "--effect",
            help="resistance or sensitivity.",
            metavar="WORD",
            choices=complete.words(*EFFECTS),
        ),
        "basis": _filter(
            "--basis", help="in vitro, in vivo, patient or association.", metavar="WORD"
        ),
        "section": _filter("--section", help="Section of the review.", metavar="NAME"),
        "exclude": _filter(
            "--not",
            help="Leave out what matches, as in --not agent=gefitinib.",
            metavar="FIELD=VALUE",
        ),
        "noted": _flag("--noted", help="Only claims with a curator's note."),
        "exact": _flag("--exact", help="Leave out narrower terms."),
    },
    _criteria,
)
