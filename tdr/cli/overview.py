"""Commands that show the whole picture: matrix, conflicts, compare, stats, table, graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from tdr.ask.query import Evidence
from tdr.ask.views.axes import AXES, Axis, RollUp, axis, resolve_under
from tdr.ask.views.matrix import Matrix
from tdr.cli import view_listings
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import OUTPUT, Group, Output, Session, examples, number, takes
from tdr.model.errors import Problem, TdrError
from tdr.model.filters import Criteria
from tdr.render import READ_BY_PEOPLE, Listing, Terminal
from tdr.render.terminal.columns import NARROWEST

_SVG_MOST = 40  # rows or columns of a heat map on a slide, unless --top says otherwise
_GRAPH_MOST = 15  # cells, and pathways or molecules, in a drawn network


@dataclass(frozen=True, slots=True)
class Layout:
    """What the rows and columns of a matrix are, what is counted, and how much of it is shown."""

    rows: str
    cols: str
    level: Sequence[str] | None
    under: Sequence[str] | None
    unit: str
    top: int | None
    wide: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where a drawing goes, if one is wanted, and its title."""

    svg: str | None
    title: str | None
    force: bool


_LEVEL = (
    list[str] | None,
    typer.Option(
        "--level",
        metavar="[FIELD=]N",
        help="Count terms under their ancestor at depth N: 0 is the top (see `tdr terms`).",
    ),
    None,
)
_UNDER = (
    list[str] | None,
    typer.Option(
        "--under", metavar="TERM", help="Count narrower terms under this one, as in --under TAM."
    ),
    None,
)
_FIELDS = ", ".join(AXES)

LAYOUT = Group(
    "layout",
    {
        "rows": (str, typer.Option(metavar="FIELD", help=f"One of: {_FIELDS}."), "cell"),
        "cols": (str, typer.Option(metavar="FIELD", help="Another of them."), "therapy"),
        "level": _LEVEL,
        "under": _UNDER,
        "unit": (
            Literal["claims", "references"],
            typer.Option(metavar="UNIT", help="Count claims or the references behind them."),
            "claims",
        ),
        "top": (
            int | None,
            typer.Option(
                metavar="N", parser=number(1), help="Only the N largest rows and columns."
            ),
            None,
        ),
        "wide": (
            bool,
            typer.Option("--wide", help="One record per row in data formats, too."),
            False,
        ),
    },
    Layout,
)

DRAWING = Group(
    "drawing",
    {
        "svg": (
            str | None,
            typer.Option(metavar="FILE", help="Write it as a picture for a slide; - is stdout."),
            None,
        ),
        "title": (str | None, typer.Option(metavar="TEXT", help="Title of the picture."), None),
        "force": (bool, typer.Option("--force", help="Overwrite a file that exists."), False),
    },
    Drawing,
)


# --- matrix --------------------------------------------------------------------------------


@takes(CRITERIA, OUTPUT, LAYOUT, DRAWING)
@examples(
    "tdr matrix --rows cell --cols therapy --under TAM --under CAF",
    "tdr matrix --rows cancer --cols cell --level cell=2 --svg cells.svg",
)
def matrix_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    layout: Layout,
    drawing: Drawing,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="List the combinations with no claim or only one.")
    ] = False,
) -> None:
    """Count claims for every combination of two fields."""
    from tdr.ask.views.matrix import matrix

    session: Session = ctx.obj
    evidence = session.evidence()
    down, across = axis(layout.rows), axis(layout.cols)
    roll_up = _roll_up(evidence, (down, across), layout.level, layout.under)
    selection = session.select(evidence, criteria)
    if gaps:
        _gaps(session, evidence, output, criteria, (down, across), roll_up)
        return
    found = matrix(evidence, selection, down, across, roll_up=roll_up, unit=layout.unit)
    # Thousands of rows are no slide; whoever wants them says --top.
    most = layout.top or (_SVG_MOST if drawing.svg is not None else None)
    if most is not None:
        found = found.top(most)
    if drawing.svg is not None:
        _heat_map(session, evidence, found, drawing)
    else:
        _emit_matrix(session, evidence, output, found, wide=layout.wide)
    _say_placed(session, found)


def _emit_matrix(
    session: Session, evidence: Evidence, output: Output, found: Matrix, *, wide: bool
) -> None:
    # A table or a page shows the terms as columns; data has the same columns whatever the terms.
    by_people = output.chosen(session) in READ_BY_PEOPLE and not output.columns
    make = view_listings.page if by_people else view_listings.combinations
    if wide:
        make = view_listings.crosstab
    listing = make(evidence, found, _order(output))
    terminal = session.streams.terminal()
    if by_people and output.drawn(session) and terminal.width >= NARROWEST:
        from tdr.render.terminal.matrix import grid  # drawn for people only

        order = {row.label: number for number, row in enumerate(found.rows)}
        chosen = [order[str(record[found.row_field])] for record in listing.records]
        drawn = grid(found.of_rows(chosen), terminal, header=output.header)
        _emit_drawn(session, output, listing, lambda _: drawn.text)
        if drawn.hidden:
            total = len(found.columns)
            session.streams.say(
                f"{drawn.hidden} of {total} columns do not fit, those with the fewest claims; "
                "-o csv has all"
            )
    else:
        output.emit(session, listing)


def _gaps(
    session: Session,
    evidence: Evidence,
    output: Output,
    criteria: Criteria,
    axes: tuple[Axis, Axis],
    roll_up: RollUp,
) -> None:
    from tdr.ask.views.axes import groups
    from tdr.ask.views.matrix import gaps

    selection = evidence.select(criteria)
    found = gaps(evidence, selection, *axes, roll_up=roll_up)
    sizes = [len(groups(evidence, one, selection.bits, roll_up)) for one in axes]
    names = (axes[0].name, axes[1].name)
    listing = view_listings.gaps(evidence, found, names, sizes[0] * sizes[1], order=_order(output))
    output.emit(session, listing)
    empty = sum(not gap.claims for gap in found)
    session.streams.say(f"{empty} combinations without a claim, {len(found) - empty} with one")


def _say_placed(session: Session, found: Matrix) -> None:
    left_out = ((found.rows_left_out, "rows"), (found.columns_left_out, "columns"))
    said = [f"{count} more {what}" for count, what in left_out if count]
    if said:
        session.streams.say(f"left out: {', '.join(said)}, those that count least (--top N)")
    session.streams.say(
        f"unit: {found.unit}, each counted once in every combination that it names; "
        f"{found.both} of {found.selected} claims name both {found.row_field} "
        f"and {found.column_field}"
    )


def _heat_map(session: Session, evidence: Evidence, found: Matrix, drawing: Drawing) -> None:
    from tdr.render.picture.heatmap import heat_map  # drawn on demand

    text = heat_map(found, title=drawing.title, data_version=evidence.index.data_version)
    _write(session, drawing, text)


# --- conflicts -----------------------------------------------------------------------------


@takes(CRITERIA, OUTPUT)
@examples("tdr conflicts --kind contradiction", "tdr conflicts -c TAM -o json | jq '.conflicts[]'")
def conflicts_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="contradiction (same cell and therapy), context (same cell, different "
            "therapies) or subtype (related cells, same therapy).",
        ),
    ] = None,
) -> None:
    """Show cells that promote resistance here and oppose it there."""
    from tdr.ask.views.conflicts import KINDS, conflicts

    unknown = [name for name in kind or () if name not in KINDS]
    if unknown:
        raise TdrError(Problem(f"unknown kind `{unknown[0]}`; one of {', '.join(KINDS)}", "usage"))
    session: Session = ctx.obj
    evidence = session.evidence()
    selection = session.select(evidence, criteria)
    found = conflicts(evidence, selection, _cells(evidence, criteria))
    if kind:
        found = tuple(conflict for conflict in found if conflict.kind in kind)
    counts = {name: sum(c.kind == name for c in found) for name in kind or KINDS}
    listing = view_listings.conflicts(evidence, found, order=_order(output))
    if output.sort or output.limit is not None:
        output.emit(session, listing)
    else:

        def draw(terminal: Terminal) -> str:
            from tdr.render.terminal.conflicts import versus  # drawn for people only

            return versus(found, view_listings.citations(evidence, found), terminal)

        _emit_drawn(session, output, listing, draw)
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    session.streams.say(f"{said}; counts beside the sides are claims")


def _cells(evidence: Evidence, criteria: Criteria) -> frozenset[str] | None:
    """The cells that the filters name; None if they name none."""
    values = [value for name in ("cell", "promotes", "opposes") for value in criteria.values(name)]
    if not values:
        return None
    return frozenset(
        label
        for value in values
        for label in evidence.vocabulary.meant("cells", value, exact=criteria.exact)
    )


# --- compare -------------------------------------------------------------------------------


@takes(CRITERIA, OUTPUT)
@examples("tdr compare TAM CAF", "tdr compare immunotherapy radio -c 'CD8+ T cell'")
def compare_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    a: Annotated[str, typer.Argument(metavar="A", help="A cell, therapy, cancer or agent.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another of the same kind.")],
    kind: Annotated[
        Literal["cell", "therapy", "cancer", "agent"] | None,
        typer.Option(metavar="KIND", help="What A and B are, where a name is of several kinds."),
    ] = None,
) -> None:
    """Show what two cells, therapies, cancers or agents share."""
    from tdr.ask.views.compare import compare, resolve_pair

    session: Session = ctx.obj
    evidence = session.evidence()
    named, first, second = resolve_pair(evidence, a, b, kind, exact=criteria.exact)
    selection = session.select(evidence, criteria)
    found = compare(evidence, selection, named, first, second)
    listing = view_listings.comparison(evidence, found, order=_order(output))

    def draw(terminal: Terminal) -> str:
        from tdr.render.terminal.compare import beside  # drawn for people only

        return beside(found, terminal)

    if output.sort or output.limit is not None:
        output.emit(session, listing)
    else:
        _emit_drawn(session, output, listing, draw, said="terms in common")
    for subject, other in ((found.a, found.b), (found.b, found.a)):
        if subject.label in other.meant:
            session.streams.say(
                f"{subject.label} is part of {other.label}: its claims count on both sides"
            )
    session.streams.say(
        f"unit: claims; {named} a: {found.a.label} ({found.a.claims}), "
        f"b: {found.b.label} ({found.b.claims}), both: {found.together}"
    )


# --- stats ---------------------------------------------------------------------------------


@takes(CRITERIA, OUTPUT)
@examples("tdr stats -t radio", "tdr stats --by molecule --limit 10")
def stats_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help=f"One record for each of: {', '.join(AXES)}."),
    ] = None,
    level: Annotated[list[str] | None, _LEVEL[1]] = None,
    under: Annotated[list[str] | None, _UNDER[1]] = None,
    top: Annotated[
        int,
        typer.Option(metavar="N", parser=number(1), help="How many of the most frequent terms."),
    ] = 5,
) -> None:
    """Count claims and most frequent terms."""
    from tdr.ask.views.stats import breakdown, stats

    session: Session = ctx.obj
    evidence = session.evidence()
    selection = session.select(evidence, criteria)
    percent = output.chosen(session) in READ_BY_PEOPLE
    if by is None:
        if level or under:
            raise TdrError(Problem("--level and --under need --by FIELD", "usage"))
        facts = stats(evidence, selection, top)
        listing = view_listings.facts(evidence, facts, percent=percent, order=_order(output))
    else:
        chosen = axis(by)
        roll_up = _roll_up(evidence, (chosen,), level, under)
        rows = breakdown(evidence, selection, chosen, roll_up=roll_up)
        listing = view_listings.breakdown(
            evidence, chosen.name, rows, percent=percent, order=_order(output)
        )
    output.emit(session, listing)
    session.streams.say(f"unit: claims; {len(selection)} of {len(evidence)} selected")


# --- table ---------------------------------------------------------------------------------


@takes(CRITERIA, OUTPUT)
@examples("tdr table 1", "tdr table 4 -o markdown > table4.md")
def table_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    which: Annotated[
        int,
        typer.Argument(
            metavar="1|2|3|4",
            parser=number(1, 4),
            help="1 immunotherapy, 2 targeted therapy, 3 chemotherapy, 4 radio- and "
            "antiandrogen therapy.",
        ),
    ],
) -> None:
    """Rebuild one of the review's four tables of core references."""
    from tdr.ask.views.tables import TABLES, table, table_bits

    session: Session = ctx.obj
    evidence = session.evidence()
    selection = session.select(evidence, criteria)
    bits = table_bits(evidence, which)
    rows = table(evidence, selection, which)
    listing = view_listings.table(
        evidence,
        rows,
        ((bits & selection.bits).bit_count(), bits.bit_count()),
        order=_order(output),
    )
    output.emit(session, listing)
    session.streams.say(f"Table {which}: {' and '.join(TABLES[which])}; one row is one claim")


# --- graph ---------------------------------------------------------------------------------


@takes(CRITERIA, OUTPUT, DRAWING)
@examples("tdr graph -c TAM -t targeted", "tdr graph -p STAT3 --svg stat3.svg")
def graph_command(
    ctx: typer.Context,
    criteria: Criteria,
    output: Output,
    drawing: Drawing,
    via: Annotated[
        Literal["either", "pathways", "molecules", "both", "processes"],
        typer.Option(
            metavar="WHAT",
            help="What stands between cells and therapies: pathways, molecules, both, "
            "processes, or either (pathways, and molecules where a claim names no pathway).",
        ),
    ] = "either",
    top: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=number(1), help="Only the N cells and N means with most claims."
        ),
    ] = None,
    dot: Annotated[bool, typer.Option("--dot", help="Print it as Graphviz DOT.")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print it as Mermaid.")] = False,
) -> None:
    """Draw how cells act on a therapy, through which molecules."""
    from tdr.ask.views.graph import graph

    session: Session = ctx.obj
    wanted = [
        name
        for name, on in (("--dot", dot), ("--mermaid", mermaid), ("--svg", drawing.svg))
        if on not in (False, None)
    ]
    if len(wanted) > 1:
        raise TdrError(Problem(f"{' and '.join(wanted)} exclude each other", "usage"))
    evidence = session.evidence()
    selection = session.select(evidence, criteria)
    most = top if top is not None else (_GRAPH_MOST if drawing.svg is not None else None)
    found = graph(evidence, selection, cells=_cells(evidence, criteria), via=via, top=most)
    if wanted:
        if drawing.svg is not None:
            from tdr.render.picture import layers  # drawn on demand

            version = evidence.index.data_version
            _write(
                session, drawing, layers.drawing(found, title=drawing.title, data_version=version)
            )
        else:
            from tdr.render.picture import network

            session.streams.write([network.dot(found) if dot else network.mermaid(found)])
    else:
        listing = view_listings.edges(evidence, found, order=_order(output))

        def draw(terminal: Terminal) -> str:
            from tdr.render.terminal.graph import tree

            return tree(found, terminal)

        if output.sort or output.limit is not None:
            output.emit(session, listing)
        else:
            _emit_drawn(session, output, listing, draw)
    if found.left_out:
        session.streams.say(f"left out: {found.left_out} more cells and means (--top N)")
    session.streams.say(
        f"unit: claims that name both ends of an edge; "
        f"{found.claims} of {found.selected} claims name a cell"
    )


# --- shared --------------------------------------------------------------------------------


def _emit_drawn(
    session: Session,
    output: Output,
    listing: Listing,
    draw: Callable[[Terminal], str],
    *,
    said: str | None = None,
) -> None:
    """As `Output.emit`, but a table without chosen columns is drawn by the view's own renderer."""
    if not output.drawn(session) or output.columns or output.count:
        output.emit(session, listing)
        return
    streams = session.streams
    streams.write([draw(streams.terminal())], drawn=True)
    streams.say(f"{listing.matched} of {listing.total} {said or listing.kind}")
    if output.exit_status and not listing.matched:
        raise typer.Exit(1)


def _roll_up(
    evidence: Evidence,
    axes: Sequence[Axis],
    levels: Sequence[str] | None,
    under: Sequence[str] | None,
) -> RollUp:
    """What `--level` and `--under` ask for. Raises TdrError for a level that makes no sense."""
    found: dict[str, int] = {}
    names = [one.name for one in axes]
    for text in levels or ():
        field, separator, number = text.rpartition("=")
        if not (number.isascii() and number.isdigit() and len(number) < 4):
            raise TdrError(Problem(f"`--level {text}`: write --level N or FIELD=N", "usage"))
        if not separator:
            found |= {one.name: int(number) for one in axes if one.kind}
            continue
        named = axis(field).name
        if named not in names or AXES[named].kind is None:
            raise TdrError(
                Problem(f"`--level {text}`: no rows or columns of terms are `{field}`", "usage")
            )
        found[named] = int(number)
    return RollUp(found, resolve_under(evidence, axes, under or ()))


def _order(output: Output) -> view_listings.Order:
    return view_listings.Order(output.sort, output.limit)


def _write(session: Session, drawing: Drawing, text: str) -> None:
    """Write a picture to a file of its own, whole or not at all; `-` is stdout.

    Raises TdrError as `write_made` does: evidence, links and devices are never overwritten,
    other files only with `--force`.
    """
    path = drawing.svg or ""
    if path == "-":
        session.streams.write([text])
        return
    from tdr.cli.made import write_made  # only when a file is written

    write_made(session, path, text.encode("utf-8"), force=drawing.force)
    session.streams.say(f"wrote {path}")
