"""Listings in every output format: the registry of formats, and `render`, which applies one.

A renderer is a function of a value. It prints nothing, never exits and reads no
environment, so the same listing always gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from tdr.model.errors import one_of, unknown, usage_error
from tdr.model.plain import Plain
from tdr.render.listing import DEFAULT_PICTURE, Highlight, Listing, PictureSettings

__all__ = ["DEFAULT_PICTURE", "FORMATS", "Format", "Highlight", "Listing", "PictureSettings",
           "Settings", "Terminal", "formats_of", "render", "render_file"]  # fmt: skip


class Terminal(Plain):
    """What text is written to: its width in cells, and whether it shows colour, or only ASCII."""

    width: int = 80
    color: bool = False
    ascii: bool = False


class Settings(Plain):
    """How a listing is written.

    `columns` are the fields in order; `header=False` leaves out their names (table, csv,
    tsv); `raw` switches off the protection of spreadsheets and terminals, so that csv
    reads back exactly; `bom` begins csv with the mark by which Excel recognises UTF-8;
    `merge` lets two fields share a column of a table (see table.MERGED);
    `split` is the field whose values get a sheet each. `notify` is called with a sentence on what
    a format left out.
    """

    columns: tuple[str, ...]
    header: bool = True
    raw: bool = False
    bom: bool = False
    terminal: Terminal = Terminal()
    merge: bool = False
    split: str | None = None
    notify: Callable[[str], None] | None = None


_ROWS = ("sort", "limit", "exit_status")
"""Options that choose the records and their order."""

_FIELDS = (*_ROWS, "columns", "long")
"""The same, and those that choose the fields of a record."""


class Format(Plain):
    """An output format of some kinds of records.

    `renderer` names its function, `module:function`, which is imported when it is used. It takes
    a listing and Settings, or, if `arguments` are named, these attributes of the listing, and
    returns chunks of text. `kinds` are the kinds of records that it is for; none: every kind.
    A `report`, a `difference` and `publications` are no listings; their functions take the value
    itself.
    `suffix` is the ending of file names, where that is not the format's own name. `options` are
    the options of commands, besides `count`, that change what it writes.
    `for_people` formats have the `shown` columns unless others are asked for, all other formats
    have every column, and those `with_computed` the computed ones, too. `binary` formats are
    bytes for a file, not text.
    """

    name: str
    renderer: str
    kinds: tuple[str, ...] = ()
    for_people: bool = False
    arguments: tuple[str, ...] = ()
    binary: bool = False
    with_computed: bool = False
    suffix: str = ""
    options: tuple[str, ...] = _FIELDS

    @property
    def ending(self) -> str:
        """The ending of the names of its files."""
        return self.suffix or self.name

    def load(self) -> Callable[..., Any]:
        """Its function."""
        module, _, name = self.renderer.partition(":")
        function: Callable[..., Any] = getattr(import_module(f"tdr.{module}"), name)
        return function


_CITING = ("references", "claims", "countermeasures", "findings", "conflicts")
"""Kinds of records that name references."""

_PUBLICATIONS = ("publications",)

_DRAWABLE = ("combinations", "edges", "chains")
"""Kinds of records that can be drawn."""

_ANSWER_AND_PICTURE = ("answer", "picture")

FORMATS: tuple[Format, ...] = (
    Format(
        "table", "render.terminal.table:table", for_people=True, options=(*_FIELDS, "no_header")
    ),
    Format("json", "render.data:json_"),
    Format("jsonl", "render.data:jsonl"),
    Format("csv", "render.data:csv_", options=(*_FIELDS, "no_header", "csv_raw", "csv_bom")),
    Format("tsv", "render.data:tsv", options=(*_FIELDS, "no_header", "csv_raw")),
    Format("markdown", "render.data:markdown", for_people=True, suffix="md"),
    Format("yaml", "render.yaml:yaml"),
    Format("ids", "render.data:ids", suffix="txt", options=(*_ROWS, "long")),
    Format("text", "render.citations:text", _PUBLICATIONS),
    Format(
        "bibtex", "render.citations:bibtex_of", _CITING, suffix="bib", options=(*_ROWS, "ascii")
    ),
    Format("bibtex", "render.citations:bibtex", _PUBLICATIONS, suffix="bib"),
    Format(
        "ris",
        "render.citations:ris",
        _CITING + _PUBLICATIONS,
        arguments=_PUBLICATIONS,
        options=_ROWS,
    ),
    Format(
        "csl",
        "render.citations:csl",
        _CITING + _PUBLICATIONS,
        arguments=_PUBLICATIONS,
        options=_ROWS,
    ),
    Format("cff", "render.cff:cff", _PUBLICATIONS),
    Format(
        "xlsx",
        "render.excel:workbook",
        binary=True,
        with_computed=True,
        options=(*_FIELDS, "no_header", "split"),
    ),
    Format(
        "svg",
        "render.picture.heatmap:heat_map",
        ("combinations",),
        arguments=_ANSWER_AND_PICTURE,
        options=(),
    ),
    Format(
        "svg",
        "render.picture.mechanism:drawing",
        ("edges",),
        arguments=_ANSWER_AND_PICTURE,
        options=(),
    ),
    Format(
        "svg",
        "render.picture.figure:drawing",
        ("chains",),
        arguments=_ANSWER_AND_PICTURE,
        options=(),
    ),
    Format("png", "render.picture.typeset:png", _DRAWABLE, binary=True, options=()),
    Format("pdf", "render.picture.typeset:pdf", _DRAWABLE, binary=True, options=()),
    Format("dot", "render.picture.network:dot", ("edges",), arguments=("answer",), options=()),
    Format(
        "mermaid", "render.picture.network:mermaid", ("edges",), arguments=("answer",), options=()
    ),
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

_NO_RECORDS = ("report", "difference", *_PUBLICATIONS)


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
    JSON comes as one chunk, for half an object is of no use; the other data formats stream.
    """
    formats = {name: one for name, one in formats_of(listing.kind).items() if not one.binary}
    format = formats[one_of("format", fmt, formats)]
    settings = Settings(
        _columns(listing, format, columns), header, csv_raw, csv_bom, terminal or Terminal(),
        merge=columns is None,
    )  # fmt: skip
    listing = _computed(listing, settings.columns)
    if format.for_people:
        listing = _with_per_cent(listing)
    arguments = [getattr(listing, name) for name in format.arguments] or [listing, settings]
    text = format.load()(*arguments)
    return iter((text,) if isinstance(text, str) else text)


def render_file(
    listing: Listing,
    fmt: str,
    *,
    columns: Sequence[str] | None = None,
    header: bool = True,
    split: str | None = None,
    notify: Callable[[str], None] | None = None,
) -> bytes:
    """The content of a file with the listing in any format of its kind. Raises as `render`."""
    format = formats_of(listing.kind).get(fmt)
    if format is None or not format.binary:
        return "".join(render(listing, fmt, columns=columns, header=header)).encode()
    if split is not None and split not in listing.columns:
        raise unknown("column", split, listing.columns)
    settings = Settings(_columns(listing, format, columns), header, split=split, notify=notify)
    content: bytes = format.load()(_computed(listing, settings.columns), settings)
    return content


def _columns(listing: Listing, format: Format, columns: Sequence[str] | None) -> tuple[str, ...]:
    """The columns that were asked for, each once; else those that the format has by default."""
    known = (*listing.columns, *(n for n in listing.computed if n not in listing.columns))
    if columns is None:
        every = known if format.with_computed else listing.columns
        return listing.shown if format.for_people else every
    for name in columns:
        if name not in known:
            raise unknown("column", name, known)
    if not columns:
        raise usage_error(f"no column is named; one of {', '.join(listing.columns)}")
    return tuple(dict.fromkeys(columns))


def _computed(listing: Listing, columns: Sequence[str]) -> Listing:
    """The listing with those of the columns filled that have to be computed."""
    wanted = {n: listing.computed[n] for n in columns if n not in listing.columns}
    if not wanted:
        return listing

    def complete(record: Any) -> dict[str, Any]:
        return {**record, **{name: compute(record) for name, compute in wanted.items()}}

    weak = None if listing.weak is None else list(map(complete, listing.weak))
    return listing._replace(records=map(complete, listing.records), weak=weak)


def _with_per_cent(listing: Listing) -> Listing:
    """The listing with shares in per cent, for people; in data they are numbers from 0 to 1."""
    if "share" not in listing.columns:
        return listing

    def in_per_cent(record: Any) -> Any:
        share = record["share"]
        return record if share is None else {**record, "share": f"{share:.0%}"}

    records: Iterable[Any] = map(in_per_cent, listing.records)
    return listing._replace(records=records)
