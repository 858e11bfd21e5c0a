"""Commands about the source and its reference list: refs, coverage."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from tdr.ask.meanings import parse_refs
from tdr.ask.query import CitedReference
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Output, Session, examples, output, takes
from tdr.model.errors import Problem, TdrError
from tdr.model.filters import Criteria
from tdr.render import Listing


@takes(CRITERIA, output("references"))
@examples("tdr refs 142", "tdr refs -c MDSC --columns number,title,doi")
def refs_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[N...]", help="Reference numbers: 20, 51-54 or 13,57."),
    ] = None,
    unused: Annotated[
        bool, typer.Option("--unused", help="Only references that back no claim.")
    ] = False,
    cited_as: Annotated[
        Literal["claim", "background"] | None,
        typer.Option(metavar="WORD", help="claim or background."),
    ] = None,
) -> None:
    """Show references and the claims that rest on them."""
    session: Session = ctx.obj
    evidence = session.evidence()
    missing: list[Problem] = []
    wanted = None
    if numbers:
        wanted = dict.fromkeys(n for text in numbers for n in parse_refs(text))
        missing = [
            Problem(f"the source has no reference {number}")
            for number in wanted
            if number not in evidence.references
        ]
    rows = evidence.cited(session.select(evidence, criteria), wanted)
    if criteria != Criteria():
        rows = tuple(row for row in rows if row.claims)
    if unused:
        rows = tuple(row for row in rows if not row.claims)
    if cited_as:
        rows = tuple(row for row in rows if row.reference.cited_as == cited_as)
    if rows or not missing:
        if numbers and output.free(session):
            from tdr.render.terminal.card import reference_card  # drawn for people only

            terminal = session.streams.terminal()
            cards = [reference_card(row, evidence, terminal) for row in rows]
            session.streams.write(["\n".join(cards)], drawn=True)
        else:
            total = len(evidence.references)
            output.emit(session, Listing.of(evidence, CitedReference, rows, total=total))
    if missing:
        raise TdrError(*missing, exit_code=1)


@takes(output("paragraphs"))
@examples("tdr coverage", "tdr coverage -o json | jq '.paragraphs[] | select(.open > 0)'")
def coverage_command(ctx: typer.Context, output: Output) -> None:
    """Check that every citation of the review is accounted for."""
    from tdr.ask.coverage import ParagraphCoverage, coverage

    session: Session = ctx.obj
    evidence = session.evidence()
    rows = coverage(evidence)
    still_open = sum(row.open for row in rows)
    listing = Listing.of(evidence, ParagraphCoverage, rows)
    if not still_open:
        listing = replace(listing, shown=tuple(n for n in listing.columns if n != "missing"))
    output.emit(session, listing)
    session.streams.say(
        f"total: {sum(row.citations for row in rows)} citations, "
        f"{sum(row.backed for row in rows)} backed by claims, "
        f"{sum(row.background for row in rows)} background, {still_open} open"
    )
    if still_open:
        raise typer.Exit(1)
