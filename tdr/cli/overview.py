"""Commands that count, compare and tabulate claims: matrix, compare, stats, table."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Literal

import typer

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.hints import counted_besides
from tdr.ask.views.axes import AXES, Axis, RollUp, Unit, axis, roll_up_by
from tdr.ask.views.matrix import Matrix
from tdr.cli import complete
from tdr.cli.declare import argument, flag, option
from tdr.cli.drawing import DRAWING_OPTIONS, DrawingOptions
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Group, Output, examples, number, output, refuse_beside, takes
from tdr.cli.session import Session
from tdr.model.errors import usage_error
from tdr.model.filters import Criteria
from tdr.model.text import counted
from tdr.render import Listing, Terminal, crosstab
from tdr.render.terminal.columns import NARROWEST

_MAX_PICTURE = 40  # rows or columns of a heat map, unless --top says otherwise
_MAX_SLIDE_ROWS, _MAX_SLIDE_COLUMNS = 12, 8  # as many as can be read on a projected slide


Level = Annotated[
    list[str] | None,
    option(
        "[FIELD=]N",
        "Count terms under their ancestor at depth N: 0 is the top (see `tdr terms`).",
        "--level",
    ),
]
Under = Annotated[
    list[str] | None,
    option("TERM", "Count narrower terms under this one, as in --under TAM.", "--under"),
]


@dataclass(frozen=True, slots=True)
class MatrixShape:
    """The rows and columns of a matrix, what it counts, and how much of it is shown."""

    rows: Annotated[
        str, option("FIELD", f"One of: {', '.join(AXES)}.", complete=complete.words(*AXES))
    ] = "cell"
    cols: Annotated[str, option("FIELD", "Another of them.", complete=complete.words(*AXES))] = (
        "therapy"
    )
    level: Level = None
    under: Under = None
    within: Annotated[
        list[str] | None,
        option("TERM", "Only this term and narrower ones, as in --within cytokine.", "--within"),
    ] = None
    min_cols: Annotated[
        int,
        option("N", "Only rows that count in N columns or more.", "--min-cols", parser=number(0)),
    ] = 0
    unit: Annotated[
        Unit,
        option("UNIT", "Count claims, the references behind them, or the works that these are."),
    ] = "claims"
    top: Annotated[
        int | None, option("N", "Only the N largest rows and columns.", parser=number(1))
    ] = None
    wide: Annotated[bool, flag("--wide", "One record per row in data formats, too.")] = False


SHAPE = Group.of("shape", MatrixShape)


# --- matrix --------------------------------------------------------------------------------


@takes(CRITERIA, output("combinations"), SHAPE, DRAWING_OPTIONS)
@examples(
    "tdr matrix --rows molecule --within cytokine --min-cols 2",
    "tdr matrix --rows cancer --cols cell --level cell=2 --svg cells.svg",
)
def matrix_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    shape: MatrixShape,
    drawing: DrawingOptions,
    gaps: Annotated[
        bool, flag("--gaps", "List the combinations with no claim or only one.")
    ] = False,
    sql: Annotated[
        str | None,
        option("ENGINE", "Print it as a statement for DuckDB, Spark ... (see `tdr sql`)."),
    ] = None,
) -> None:
    pictured = drawing.wanted(output)
    if pictured and (gaps or sql is not None):
        raise usage_error(f"{'--gaps' if gaps else '--sql'} draws no picture: run it once for each")
    if gaps:
        counting = {"--unit": shape.unit != "claims", "--min-cols": shape.min_cols}
        refuse_beside("--gaps", {**counting, "--top": shape.top, "--wide": shape.wide})
    evidence = session.evidence(criteria)
    down, across = axis(shape.rows), axis(shape.cols)
    roll_up = roll_up_by(evidence, (down, across), shape.level, shape.under, shape.within)
    if sql is not None:
        output.refuse_all("--sql")
        _print_sql(session, evidence, criteria, shape, roll_up, sql, gaps=gaps)
        return
    selection = session.select(evidence, criteria)
    if gaps:
        _gaps(evidence, output, selection, (down, across), roll_up)
        return
    found = _matrix(evidence, selection, shape, roll_up)
    if pictured and not shape.top:
        # More than these cannot be read in a picture; --top N draws them all the same.
        limits = (_MAX_SLIDE_ROWS, _MAX_SLIDE_COLUMNS) if drawing.slide else (_MAX_PICTURE,)
        found = found.top(*limits)
    if pictured:
        listing = crosstab.combinations(evidence, found)
        drawing.picture(session, output, evidence, criteria, listing)
    else:
        _emit_matrix(evidence, output, found, wide=shape.wide)
    if not shape.within:
        session.streams.say(*counted_besides(criteria, (down, across)))
    _say_counts(session, found)


def _matrix(
    evidence: Evidence, selection: Selection, shape: MatrixShape, roll_up: RollUp
) -> Matrix:
    """The matrix of the selected claims, cut to what `shape` asks for."""
    from tdr.ask.views.matrix import matrix

    axes = axis(shape.rows), axis(shape.cols)
    found = matrix(evidence, selection, *axes, roll_up=roll_up, unit=shape.unit)
    found = found.in_columns(shape.min_cols)
    return found.top(shape.top) if shape.top else found


def _print_sql(
    session: Session,
    evidence: Evidence,
    criteria: Criteria,
    shape: MatrixShape,
    roll_up: RollUp,
    engine: str,
    *,
    gaps: bool,
) -> None:
    from tdr.render import sql_matrix
    from tdr.render.sql import dialect_named

    dialect = dialect_named(engine)
    conditions = evidence.conditions(criteria)
    session.explain(conditions)
    options = sql_matrix.MatrixOptions(shape.unit, shape.min_cols, shape.top)
    query = sql_matrix.MatrixQuery(
        evidence, conditions, dialect, axis(shape.rows), axis(shape.cols), roll_up, options
    )
    if gaps:
        text = sql_matrix.gaps_statement(query)
    elif shape.wide:
        found = _matrix(evidence, evidence.select(criteria), shape, roll_up)
        text = sql_matrix.wide_statement(query, found)
    else:
        text = sql_matrix.matrix_statement(query)
    session.streams.write_code(text)


def _emit_matrix(evidence: Evidence, output: Output, found: Matrix, *, wide: bool) -> None:
    # A table or a page shows the terms as columns; data has the same columns whatever the terms.
    for_people = output.for_people and not output.columns
    make = crosstab.display_table if for_people else crosstab.combinations
    if wide:
        make = crosstab.crosstab
    listing = make(evidence, found)
    terminal = output.streams.terminal()
    as_grid = output.replace(header=True)  # a grid can be drawn without its header
    if not as_grid.default_layout or terminal.width < NARROWEST:
        output.emit(listing)
        contested = any(count.contested for row in found.counts for count in row)
        if make is crosstab.display_table and contested:
            output.streams.say("!: some of them contested")
        return
    from tdr.render.terminal.matrix import grid  # drawn for people only

    row_numbers = {row.label: number for number, row in enumerate(found.rows)}
    arranged = listing.arranged(output.sort, output.limit)
    chosen = [row_numbers[str(record[found.row_field])] for record in arranged.records]
    drawn = grid(found.of_rows(chosen), terminal, header=output.header)
    as_grid.emit(listing, lambda _: drawn.text)
    if drawn.hidden:
        total = len(found.columns)
        output.streams.say(
            f"{drawn.hidden} of {total} columns do not fit, those with the fewest claims; "
            "-o csv shows all"
        )


def _gaps(
    evidence: Evidence,
    output: Output,
    selection: Selection,
    axes: tuple[Axis, Axis],
    roll_up: RollUp,
) -> None:
    from tdr.ask.views.axes import categories
    from tdr.ask.views.matrix import Gap, gaps

    found = gaps(evidence, selection, *axes, roll_up=roll_up)
    sizes = [len(categories(evidence, one, selection.bits, roll_up)) for one in axes]
    names = {"row": axes[0].name, "column": axes[1].name}
    listing = Listing.of(evidence, Gap, found, total=sizes[0] * sizes[1], names=names)
    output.emit(listing)
    empty = sum(not gap.claims for gap in found)
    output.streams.say(f"{empty} combinations without a claim, {len(found) - empty} with one")
    not_rolled_up = [one.name for one in axes if one.kind and one.name not in roll_up.levels]
    if not_rolled_up:  # unlike filters, which take in narrower terms
        levels = " ".join(f"--level {name}=1" for name in not_rolled_up)
        output.streams.say(
            f"{' and '.join(not_rolled_up)}: without narrower terms; roll up with {levels}"
        )


def _say_counts(session: Session, found: Matrix) -> None:
    left_out = ((found.rows_left_out, "rows"), (found.columns_left_out, "columns"))
    hidden = [f"{count} more {what}" for count, what in left_out if count]
    if hidden:
        session.streams.say(f"left out: {', '.join(hidden)}, those that count least (--top N)")
    session.streams.say(
        f"unit: {found.unit}, each counted once in every combination that it names; "
        f"{found.both} of {found.selected} claims name both {found.row_field} "
        f"and {found.column_field}"
    )


# --- compare -------------------------------------------------------------------------------


@takes(CRITERIA, output("terms"))
@examples("tdr compare TAM CAF", "tdr compare li2024 papers -c 'CD8+ T cell'")
def compare_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    a: Annotated[
        str, argument("A", "A cell, therapy, cancer, agent or source.", complete=complete.subjects)
    ],
    b: Annotated[str, argument("B", "Another of the same kind.", complete=complete.subjects)],
    kind: Annotated[
        Literal["cell", "therapy", "cancer", "agent", "source"] | None,
        option("KIND", "What A and B are, where a name is of several kinds."),
    ] = None,
) -> None:
    from tdr.ask.views.compare import Common, compare, resolve_pair

    evidence = session.evidence(criteria)
    named, first, second = resolve_pair(evidence, a, b, kind, exact=criteria.exact)
    selection = session.select(evidence, criteria)
    found = compare(evidence, selection, named, first, second)
    common = sum(row.where == "both" for row in found.terms)
    listing = Listing.of(evidence, Common, found.terms)

    def draw(terminal: Terminal) -> str:
        from tdr.render.terminal.compare import comparison_text  # drawn for people only

        return comparison_text(found, terminal)

    output.emit(listing, None if output.sorted_or_limited else draw)
    session.streams.say(f"{counted(common, 'term')} in common")
    for subject, other in ((found.a, found.b), (found.b, found.a)):
        if subject.label in other.terms:
            session.streams.say(
                f"{subject.label} is part of {other.label}: its claims count on both sides"
            )
    session.streams.say(
        f"unit: claims; {named} a: {found.a.label} ({found.a.claims}), "
        f"b: {found.b.label} ({found.b.claims}), both: {found.together}"
    )


# --- stats ---------------------------------------------------------------------------------


@takes(CRITERIA, output("facts"))
@examples("tdr stats -t radio", "tdr stats --by molecule --limit 10")
def stats_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    by: Annotated[
        str | None,
        option(
            "FIELD", f"One record for each of: {', '.join(AXES)}.", complete=complete.words(*AXES)
        ),
    ] = None,
    level: Level = None,
    under: Under = None,
    top: Annotated[
        int | None,
        option("N", "Only the N most frequent terms (5; with --by, all).", parser=number(1)),
    ] = None,
    unit: Annotated[
        Literal["claims", "works"], option("UNIT", "Count claims, or the works behind them.")
    ] = "claims",
) -> None:
    from tdr.ask.views.stats import Breakdown, Fact, breakdown, stats

    evidence, selection = session.selected(criteria)
    if by is None:
        if level or under or unit != "claims":
            raise usage_error("--level, --under and --unit need --by FIELD")
        listing = Listing.of(evidence, Fact, stats(evidence, selection, top or 5))
    else:
        chosen = axis(by)
        roll_up = roll_up_by(evidence, (chosen,), level, under)
        rows = breakdown(evidence, selection, chosen, roll_up=roll_up, unit=unit)
        names = {"term": chosen.name, "claims": unit}
        listing = Listing.of(evidence, Breakdown, rows[:top], matched=len(rows), names=names)
        listing = listing._replace(limit=top)
        if rows and chosen.sided:
            sides = {"references": "promoting", "cells": "opposing"}
            listing = listing._replace(shown=tuple(sides.get(n, n) for n in listing.shown))
    output.emit(listing)
    session.streams.say(f"unit: {unit}; {len(selection)} of {len(evidence)} claims selected")


# --- table ---------------------------------------------------------------------------------


_TABLES_OF_REVIEW = (
    "1 immunotherapy, 2 targeted therapy, 3 chemotherapy, 4 radio- and antiandrogen therapy"
)


def _table(text: str) -> int:
    if text not in ("1", "2", "3", "4"):
        raise typer.BadParameter(f"`{text}` is not a table of the review; {_TABLES_OF_REVIEW}")
    return int(text)


@takes(CRITERIA, output("findings"))
@examples("tdr table 1", "tdr table 4 -o markdown > table4.md")
def table_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    which: Annotated[int, argument("1|2|3|4", f"{_TABLES_OF_REVIEW}.", parser=_table)],
) -> None:
    from tdr.ask.views.tables import TABLES, TableRow, table, table_bits

    evidence, selection = session.selected(criteria)
    bits = table_bits(evidence, which)
    listing = Listing.of(
        evidence,
        TableRow,
        table(evidence, selection, which),
        matched=(bits & selection.bits).bit_count(),
        total=bits.bit_count(),
    )
    # The table marks the ids of claims whose standing is not clear.
    output.emit(listing._replace(computed={"standing": itemgetter("standing")}))
    session.streams.say(f"Table {which}: {' and '.join(TABLES[which])}; one row is one claim")
