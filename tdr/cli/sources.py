"""The command about several sources side by side: sources."""

from __future__ import annotations

from typing import Annotated

import typer

from tdr.cli import complete
from tdr.cli.options import Output, examples, output, takes
from tdr.cli.session import Session
from tdr.model.errors import usage_error
from tdr.model.text import counted
from tdr.render import Listing


@takes(output("sources"))
@examples("tdr sources", "tdr --evidence my-evidence sources li2024 acar2016")
def sources_command(
    ctx: typer.Context,
    output: Output,
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY KEY]",
            autocompletion=complete.sources,
            help="Two sources: the works that both list.",
        ),
    ] = None,
) -> None:
    """Show the sources side by side, or what two of them share."""
    from tdr.ask.meanings import source_named
    from tdr.ask.works import SharedWork, SourceRow, overlap, shared, sources

    session: Session = ctx.obj
    evidence = session.evidence()
    if keys:
        if len(keys) != 2:
            raise usage_error("name two sources, or none")
        a, b = (source_named(evidence, key) for key in keys)
        if a == b:
            raise usage_error(f"`{a}` is one source; name two")
        output.emit(session, Listing.of(evidence, SharedWork, shared(evidence, a, b)))
        names = [a, b]
    else:
        output.emit(session, Listing.of(evidence, SourceRow, sources(evidence)))
        names = list(evidence.sources)
    common = overlap(evidence, names)
    area = common.corrected
    said = "" if area is None else f"; corrected covered area {area:.1%}"
    session.streams.say(
        f"{common.entries} works listed, {common.works} different ones, in "
        f"{counted(common.sources, 'source')}{said}"
    )
