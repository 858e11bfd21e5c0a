"""The command that writes the HTML page: report."""

from __future__ import annotations

from typing import Annotated

import typer

from tdr.ask.query import FILTERS as FILTER_NAMES
from tdr.ask.query import Criteria, Selection
from tdr.cli.filtering import FILTERS
from tdr.cli.made import refuse_bad_place, write_made
from tdr.cli.options import Session, examples, takes

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
    from tdr.render.page.page import TITLE, report_page

    session: Session = ctx.obj
    if output is not None and output != "-":
        refuse_bad_place(session, output, force=force)
    evidence = session.evidence()
    selection = session.select(evidence, criteria)
    chunks = report_page(
        evidence,
        selection,
        title=title or TITLE,
        question=_question(criteria, selection),
        licence=_SHIPPED_LICENCE if session.path is None else None,
    )
    if output is None or output == "-":
        session.streams.write(chunks)
    else:
        page = "".join(chunks).encode("utf-8", "backslashreplace")
        write_made(session, output, page, force=force)
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
