"""A value of the core as text: one registry of formats, one way out.

A renderer is a function of a value. It prints nothing, never exits and reads no
environment, so the same listing always gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from tdr.model.errors import one_of, unknown, usage_error
from tdr.model.plain import Plain
from tdr.render.listing import NO_SHEET, Highlight, Listing, Sheet

__all__ = ["FORMATS", "NO_SHEET", "Format", "Highlight", "Listing", "Settings", "Sheet", "Terminal",
           "formats_of", "render", "render_file"]  # fmt: skip


class Terminal(Plain):
    """Where text goes: its width in cells, whether it takes colour, whether only ASCII."""

    width: int = 80
    color: bool = False
    ascii: bool = False


class Settings(Plain):
    """How a listing is written.

    `columns` are the fields in order; `header=False` leaves out their names (table, csv,
    tsv); `raw` switches off the protection of spreadsheets and terminals, so that csv
    reads back exactly; `bom` begins csv with the mark by which Excel knows UTF-8;
    `merge` lets fields share a column of a table (see table.MERGED);
    `split` is the field whose values get a sheet each. `tell` is called with what a format had to
    leave out.
    """

    columns: tuple[str, ...]
    header: bool = True
    raw: bool = False
    bom: bool = False
    terminal: Terminal = Terminal()
    merge: bool = False
    split: str | None = None
    tell: Callable[[str], None] | None = None


_ROWS = ("sort", "limit", "exit_status")
"""Options that say which records there are."""

_FIELDS = (*_ROWS, "columns", "long")
"""And what a record is."""


class Format(Plain):
    """A way to write a value.

    `renderer` is where its function stands, `module:function`, imported when it is used:
    from a listing and Settings to chunks of text, or from those `parts` of the listing that are
    named. `kinds` are the kinds of records that it is for, none: every kind. `report` and
    `difference` and `publications` are values that are no records; their functions take them as
    they are.
    `suffix` is how the name of a file ends, where that is not the format's own name. `heeds` are
    the options of commands, besides `count`, that change what it writes.
    `for_people` formats show the `shown` columns unless others are asked for, all others
    carry every one, and `whole` ones those that are computed, too. `binary` formats are bytes for
    a file, not text.
    """

    name: str
    renderer: str
    kinds: tuple[str, ...] = ()
    for_people: bool = False
    parts: tuple[str, ...] = ()
    binary: bool = False
    whole: bool = False
    suffix: str = ""
    heeds: tuple[str, ...] = _FIELDS

    @property
    def ending(self) -> str:
        """How the name of a file of this format ends."""
        return self.suffix or self.name

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        module, _, name = self.renderer.partition(":")
        function: Callable[..., Any] = getattr(import_module(f"tdr.{module}"), name)
        return function


_CITING = ("references", "claims", "countermeasures", "findings", "conflicts")
"""Kinds of records that name references."""

_PUBLISHED = ("publications",)

_PICTURED = ("combinations", "edges", "chains")
"""Kinds of records that can be drawn."""

_DRAWN = ("source", "sheet")

FORMATS: tuple[Format, ...] = (
    Format("table", "render.terminal.table:table", for_people=True, heeds=(*_FIELDS, "no_header")),
    Format("json", "render.data:json_"),
    Format("jsonl", "render.data:jsonl"),
    Format("csv", "render.data:csv_", heeds=(*_FIELDS, "no_header", "csv_raw", "csv_bom")),
    Format("tsv", "render.data:tsv", heeds=(*_FIELDS, "no_header", "csv_raw")),
    Format("markdown", "render.data:markdown", for_people=True, suffix="md"),
    Format("yaml", "render.yaml:yaml"),
    Format("ids", "render.data:ids", suffix="txt", heeds=(*_ROWS, "long")),
    Format("text", "render.citations:text", _PUBLISHED),
    Format("bibtex", "render.citations:bibtex_of", _CITING, suffix="bib", heeds=(*_ROWS, "ascii")),
    Format("bibtex", "render.citations:bibtex", _PUBLISHED, suffix="bib"),
    Format("ris", "render.citations:ris", _CITING + _PUBLISHED, parts=_PUBLISHED, heeds=_ROWS),
    Format("csl", "render.citations:csl", _CITING + _PUBLISHED, parts=_PUBLISHED, heeds=_ROWS),
    Format("cff", "render.cff:cff", _PUBLISHED),
    Format(
        "xlsx",
        "render.excel:workbook",
        binary=True,
        whole=True,
        heeds=(*_FIELDS, "no_header", "split"),
    ),
    Format("svg", "render.picture.heatmap:heat_map", ("combinations",), parts=_DRAWN, heeds=()),
    Format("svg", "render.picture.mechanism:drawing", ("edges",), parts=_DRAWN, heeds=()),
    Format("svg", "render.picture.figure:drawing", ("chains",), parts=_DRAWN, heeds=()),
    Format("png", "render.picture.typeset:png", _PICTURED, binary=True, heeds=()),
    Format("pdf", "render.picture.typeset:pdf", _PICTURED, binary=True, heeds=()),
    Format("dot", "render.picture.network:dot", ("edges",), parts=("source",), heeds=()),
    Format("mermaid", "render.picture.network:mermaid", ("edges",), parts=("source",), heeds=()),
    Format("text", "check.formats:text", ("report",)),
    Format("json", "check.formats:json_", ("report",)),
    Format("github", "check.formats:github", ("report",)),
    Format("sarif", "check.formats:sarif", ("report",)),
    Format("junit", "check.formats:junit", ("report",)),
    Format("text", "render.terminal.diff:text", ("difference",)),
    Format("json", "render.terminal.diff:json_", ("difference",)),
    Format("markdown", "render.terminal.diff:markdown", ("difference",)),
)
"""Every format, in the order that help shows them."""

_NO_RECORDS = ("report", "difference", *_PUBLISHED)


def formats_of(kind: str) -> dict[str, Format]:
    """The formats that records of a kind come in (or a `report`, or a `difference`), by name."""
    return {
        format.name: format
        for format in FORMATS
        if (kind in format.kinds if format.kinds else kind not in _NO_RECORDS)
    }


def render(
    listing: Listing,
    fmt: str,
    *,
    columns: Sequence[str] | None = None,
    header: bool = True,
    csv_raw: bool = False,
    csv_bom: bool = False,
    terminal: Terminal | None = None,
) -> Iterator[str]:
    """The listing in one of the formats of its kind, in chunks of text; see Settings.

    Raises TdrError, before anything is rendered, for an unknown format or column.
    JSON comes as one chunk (a cut-off object is worth nothing), the other data
    formats stream.
    """
    known = {name: one for name, one in formats_of(listing.kind).items() if not one.binary}
    chosen = known[one_of("format", fmt, known)]
    settings = Settings(
        _choose(listing, chosen, columns), header, csv_raw, csv_bom, terminal or Terminal(),
        merge=columns is None,
    )  # fmt: skip
    listing = _computed(listing, settings.columns)
    if chosen.for_people:
        listing = _with_per_cent(listing)
    function = chosen.load()
    taken = [getattr(listing, name) for name in chosen.parts] or [listing, settings]
    made = function(*taken)
    return iter((made,) if isinstance(made, str) else made)


def render_file(
    listing: Listing,
    fmt: str,
    *,
    columns: Sequence[str] | None = None,
    header: bool = True,
    split: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> bytes:
    """The listing in any of the formats of its kind, as a file has it. Raises as `render`."""
    chosen = formats_of(listing.kind).get(fmt)
    if chosen is None or not chosen.binary:
        return "".join(render(listing, fmt, columns=columns, header=header)).encode()
    if split is not None and split not in listing.columns:
        raise unknown("column", split, listing.columns)
    settings = Settings(_choose(listing, chosen, columns), header, split=split, tell=tell)
    made: bytes = chosen.load()(_computed(listing, settings.columns), settings)
    return made


def _choose(listing: Listing, chosen: Format, columns: Sequence[str] | None) -> tuple[str, ...]:
    known = (*listing.columns, *(n for n in listing.computed if n not in listing.columns))
    if columns is None:
        every = known if chosen.whole else listing.columns
        return listing.shown if chosen.for_people else every
    for name in columns:
        if name not in known:
            raise unknown("column", name, known)
    if not columns:
        raise usage_error(f"no column is named; one of {', '.join(listing.columns)}")
    return tuple(dict.fromkeys(columns))


def _computed(listing: Listing, columns: Sequence[str]) -> Listing:
    """The listing with the columns that its records do not have by themselves."""
    wanted = {n: listing.computed[n] for n in columns if n not in listing.columns}
    if not wanted:
        return listing

    def full(record: Any) -> dict[str, Any]:
        return {**record, **{name: compute(record) for name, compute in wanted.items()}}

    weak = None if listing.weak is None else list(map(full, listing.weak))
    return listing._replace(records=map(full, listing.records), weak=weak)


def _with_per_cent(listing: Listing) -> Listing:
    """A part of a whole is a number from 0 to 1 in data, per cent for people."""
    if "share" not in listing.columns:
        return listing

    def shown(record: Any) -> Any:
        share = record["share"]
        return record if share is None else {**record, "share": f"{share:.0%}"}

    records: Iterable[Any] = map(shown, listing.records)
    return listing._replace(records=records)
