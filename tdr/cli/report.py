"""The command that writes the HTML page: report."""

from __future__ import annotations

from typing import Annotated

import typer

from tdr.cli.filtering import CRITERIA
from tdr.cli.made import refuse_bad_place, write_made
from tdr.cli.options import examples, takes
from tdr.cli.session import Session
from tdr.model.filters import Criteria


@takes(CRITERIA)
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
    evidence, selection = session.selected(criteria)
    chunks = report_page(
        evidence,
        selection,
        title=title or TITLE,
        question=(*criteria.phrases(), *(f"({said})" for said in selection.expansions)),
    )
    if output is None or output == "-":
        session.streams.write(chunks)
    else:
        page = "".join(chunks).encode("utf-8", "backslashreplace")
        write_made(session, output, page, force=force)
    session.streams.say(f"{len(selection)} of {len(evidence)} claims")
