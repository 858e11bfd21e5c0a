"""The command that writes the HTML page: report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tdr.cli.options import FILTERS, Session, examples, takes
from tdr.errors import Problem, TdrError
from tdr.query import FILTERS as FILTER_NAMES
from tdr.query import Criteria, Selection

_EVIDENCE_SUFFIXES = (".yaml", ".yml", ".jsonl")

_SHIPPED_LICENCE = "CC BY 4.0, to the extent that rights exist"
"""The terms of the evidence that comes with the program; of any other we know nothing."""


@takes(FILTERS)
@examples("tdr report -o report.html", "tdr report -c CAF -t radio --title 'CAFs' > cafs.html")
def report_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="File to write; - is stdout."),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Heading of the page.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the file if there is one.")
    ] = False,
) -> None:
    """Write one self-contained HTML page with the selected claims."""
    from tdr.output.html import TITLE, report_page

    session: Session = ctx.obj
    target = None if output in (None, "-") else Path(output or "")
    if target is not None:
        _refuse(session, target, force)  # before any work is done
    evidence = session.evidence()
    selection = session.select(evidence, criteria)
    chunks = report_page(
        evidence,
        selection,
        title=title or TITLE,
        question=_question(criteria, selection),
        licence=_SHIPPED_LICENCE if session.path is None else None,
    )
    if target is None:
        session.streams.write(chunks)
    else:
        _write(target, "".join(chunks).encode("utf-8", "backslashreplace"), force)
    session.streams.say(f"{len(selection)} of {len(evidence)} claims")


def _question(criteria: Criteria, selection: Selection) -> tuple[str, ...]:
    """How the claims were selected, in phrases; what a value was taken for comes last."""
    phrases = [
        f"{name.replace('_', ' ')}: {' or '.join(values)}"
        for name in FILTER_NAMES
        if (values := getattr(criteria, name))
    ]
    phrases += [f"not {name.replace('_', ' ')}: {value}" for name, value in criteria.exclude]
    if criteria.noted:
        phrases.append("with a curator’s note")
    if criteria.exact:
        phrases.append("without narrower terms")
    return (*phrases, *(f"({said})" for said in selection.expansions))


# --- where it may be written ---------------------------------------------------------------


def _refuse(session: Session, target: Path, force: bool) -> None:
    """Raise TdrError for a place where a page must not go: evidence, even with `--force`."""
    name = os.fspath(target)
    if not name:
        raise TdrError(Problem("the name of the file is empty", "usage"))
    real = Path(os.path.realpath(target))
    if real.suffix.lower() in _EVIDENCE_SUFFIXES or _is_evidence(session, real):
        raise TdrError(f"`{name}` is (or would be taken for) an evidence file; choose another name")
    if target.is_dir():
        raise TdrError(f"`{name}` is a directory")
    if os.path.lexists(target) and not force:
        raise TdrError(f"`{name}` exists; --force overwrites it")


def _is_evidence(session: Session, real: Path) -> bool:
    """Whether this is a file of the evidence in use, under whatever name."""
    from tdr.files import find_layout, shipped_path

    layout = find_layout(
        Path(session.path) if session.path is not None else shipped_path(), session.path
    )
    return any(
        os.path.realpath(file) == os.fspath(real)
        or (real.exists() and file.exists() and real.samefile(file))
        for file in layout.files
    )


def _write(target: Path, data: bytes, force: bool) -> None:
    from tdr.atomic import editing

    with editing(target, create=True, force=force) as file:
        if file.exists and not force:
            raise TdrError(f"`{target}` exists; --force overwrites it")
        file.replace(data)
