"""A value of the core as text: one registry of formats, one way out.

A renderer is a function of a value. It prints nothing, never exits and reads no
environment, so the same listing always gives the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tdr.model.errors import Problem, TdrError

FORMATS: tuple[str, ...] = (
    "table",
    "json",
    "jsonl",
    "csv",
    "tsv",
    "markdown",
    "yaml",
    "ids",
)
"""Every output format, in the order that help shows them."""

READ_BY_PEOPLE = ("table", "markdown")
"""Formats that show the `shown` columns unless others are asked for; all others carry every one."""

Highlight = Mapping[str, Mapping[str, Sequence[tuple[int, int]]]]
"""Marks of a search: text of the record's id -> column -> [(start, end), ...].

Offsets count code points of the record's own text; only columns that hold a
text can be marked. A table underlines the marks where it has colour, no other
format shows them.
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """Records of one kind, ready to be rendered.

    `kind` is the key of the records in JSON ("claims", "references" ...),
    `columns` every field in order; each record has exactly these keys, and JSON
    values only (str, int, float, None, bool, list, dict). `records` may be a
    generator; it is consumed once. `matched` of `total` records fitted the question.
    `shown` is what people see unless they ask for other columns, most important
    first; `id_column` is what `ids` prints and what a table never cuts.
    """

    kind: str
    columns: tuple[str, ...]
    records: Iterable[Mapping[str, object]]
    matched: int
    total: int
    shown: tuple[str, ...]
    data_version: str
    id_column: str = "id"
    highlight: Highlight | None = None


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a table goes: its width in cells, whether it takes colour, whether only ASCII."""

    width: int = 80
    color: bool = False
    ascii: bool = False


def render(
    listing: Listing,
    fmt: str,
    *,
    columns: Sequence[str] | None = None,
    header: bool = True,
    csv_raw: bool = False,
    terminal: Terminal | None = None,
) -> Iterator[str]:
    """The listing in one of FORMATS, in chunks of text.

    `columns` chooses and orders the fields; `header=False` leaves out the names of
    columns (table, csv, tsv); `csv_raw` switches off the protection of spreadsheets
    and terminals, so that csv reads back exactly; `terminal` is for tables only.
    Raises TdrError, before anything is rendered, for an unknown format or column.
    JSON comes as one chunk (a cut-off object is worth nothing), the other data
    formats stream.
    """
    if fmt not in FORMATS:
        raise _unknown("format", fmt, FORMATS)
    chosen = _choose(listing, fmt, columns)
    if fmt == "table":
        from tdr.render.terminal.table import table

        merge = columns is None
        return table(listing, chosen, header, terminal or Terminal(), merge=merge)

    from tdr.render import data

    if fmt in ("csv", "tsv"):
        return data.SEPARATED[fmt](listing, chosen, header, csv_raw)
    return data.RENDERERS[fmt](listing, chosen)


def _choose(listing: Listing, fmt: str, columns: Sequence[str] | None) -> tuple[str, ...]:
    if columns is None:
        return listing.shown if fmt in READ_BY_PEOPLE else listing.columns
    for name in columns:
        if name not in listing.columns:
            raise _unknown("column", name, listing.columns)
    if not columns:
        raise TdrError(Problem(f"no column is named (columns: {', '.join(listing.columns)})"))
    return tuple(dict.fromkeys(columns))


def _unknown(what: str, name: str, known: Sequence[str]) -> TdrError:
    from difflib import get_close_matches

    from tdr.model.text import visible

    near = get_close_matches(name.lower(), known, 1, 0.5)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    shown = visible(name[:80])
    return TdrError(Problem(f"unknown {what} `{shown}`{hint} ({what}s: {', '.join(known)})"))
