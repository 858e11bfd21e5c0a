"""A listing as an Excel workbook in which text stays text: Excel does not read `MARCH1` or `1-14`
as a date, nor `=A1` as a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from itertools import chain, islice
from typing import Any

from tdr.model.errors import Problem, TdrError, library_error
from tdr.model.identifiers import address
from tdr.model.text import counted, visible
from tdr.render import Listing, Settings
from tdr.render.data import cell_text, visible_lines

_MOST_ROWS = 1_048_576
_MOST_LINKS = 65_000
_LONGEST_TEXT = 32_767
_LONGEST_LINK = 2_000
_LONGEST_AS_TEXT = 250  # older versions of Excel show a longer cell of the format Text as ####
_LONGEST_NAME = 31
_WIDEST = 60
_SAMPLE = 200  # records by which the widths of columns are set

_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_CREATED = datetime(2024, 1, 1)
"""The time of creation in every workbook: same records, same bytes."""

_NONE = "(none)"

Values = Mapping[str, object]


def workbook(listing: Listing, settings: Settings) -> bytes:
    """The workbook: one sheet, or one for each value of the field `settings.split`.

    Raises TdrError if the library is missing, or if there are more records than Excel has rows.
    """
    try:
        from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types
    except ImportError as error:
        raise library_error("Excel files need", "excel", error) from None

    buffer = BytesIO()
    with Workbook(buffer, {"constant_memory": True}) as book:
        book.set_properties(
            {
                "title": visible(listing.kind),
                "comments": f"tdr data {visible(listing.data_version)}",
                "created": _CREATED,
            }
        )
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1, "num_format": "@"}),
            "text": book.add_format({"valign": "top", "num_format": "@"}),
            "long": book.add_format({"valign": "top", "text_wrap": True}),
            "plain": book.add_format({"valign": "top"}),
            "link": book.add_format({"valign": "top", "hyperlink": True}),
        }
        names, truncated = _SheetNames(), 0
        for name, records in _sheets(listing.with_source_keys(), settings.split):
            sheet_name = names.new(name)
            sheet = _Sheet(book.add_worksheet(sheet_name), styles, settings, listing.cites)
            if settings.split is not None and sheet_name != name:
                sheet.comment(name)  # before the rows, which are not kept in memory
            sheet.write(records)
            truncated += sheet.truncated
    if truncated and settings.notify:
        settings.notify(
            f"{counted(truncated, 'text')} cut: a cell has room for {_LONGEST_TEXT:,} characters; "
            "-o csv shows all"
        )
    return buffer.getvalue()


def _sheets(listing: Listing, split: str | None) -> Iterator[tuple[str, Iterable[Values]]]:
    """Names and records of the sheets: one of all records, or one for each value, by name."""
    if split is None:
        yield listing.kind, listing.records
        return
    groups: dict[str, list[Values]] = {}
    for record in listing.records:
        value = record[split]
        for item in (value or [None]) if isinstance(value, list) else [value]:
            groups.setdefault(cell_text(item) or _NONE, []).append(record)
    if not groups:
        yield _NONE, ()
    for name in sorted(groups, key=lambda name: (name == _NONE, name.casefold())):
        yield name, groups[name]


class _SheetNames:
    """Names of sheets as Excel allows them: unique without regard to case."""

    def __init__(self) -> None:
        self._taken = {"history"}  # reserved by Excel

    def new(self, text: str) -> str:
        name = _FORBIDDEN_IN_NAMES.sub(" ", visible(text)).strip("' ") or _NONE
        short, number = name[:_LONGEST_NAME], 1
        while short.rstrip("' ").casefold() in self._taken:
            number += 1
            short = f"{name[: _LONGEST_NAME - len(f' ({number})')]} ({number})"
        short = short.rstrip("' ")
        self._taken.add(short.casefold())
        return short


class _Sheet:
    """A sheet that is written row by row."""

    def __init__(
        self,
        sheet: Any,
        styles: Mapping[str, Any],
        settings: Settings,
        cites: Callable[[str], bool],
    ) -> None:
        self._sheet = sheet
        self._styles = styles
        self._columns = settings.columns
        self._header = settings.header
        # Always text, because in lists they are text, and Excel does not match text with numbers.
        self._references = frozenset(filter(cites, settings.columns))
        self._links = 0
        self.truncated = 0

    def write(self, records: Iterable[Values]) -> None:
        """Write the header, frozen and with filters, and a row for each record."""
        sheet, waiting = self._sheet, iter(records)
        sample = list(islice(waiting, _SAMPLE))
        for number, name in enumerate(self._columns):
            longest = max((len(_text(record[name])) for record in sample), default=0)
            sheet.set_column(number, number, min(max(longest, len(name) + 4), _WIDEST) + 2)
        row = 0
        if self._header:
            for number, name in enumerate(self._columns):
                sheet.write_string(0, number, visible(name), self._styles["head"])
            sheet.freeze_panes(1, 1)
            row = 1
        for record in chain(sample, waiting):
            if row == _MOST_ROWS:
                raise TdrError(
                    Problem(f"a sheet has {_MOST_ROWS} rows; choose fewer records, or -o csv")
                )
            for number, name in enumerate(self._columns):
                self._cell(row, number, name, record[name])
            row += 1
        if self._header:
            sheet.autofilter(0, 0, max(row - 1, 1), len(self._columns) - 1)

    def comment(self, value: str) -> None:
        """Write the value of the sheet as a comment, because it is not allowed as its name."""
        self._sheet.write_comment(0, 0, visible(value)[:_LONGEST_TEXT])

    def _cell(self, row: int, column: int, name: str, value: object) -> None:
        sheet, styles = self._sheet, self._styles
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value, styles["plain"])
        elif isinstance(value, int | float) and name not in self._references:
            sheet.write_number(row, column, value, styles["plain"])
        elif text := _text(value):
            if len(text) > _LONGEST_TEXT:
                self.truncated += 1
                text = text[: _LONGEST_TEXT - 1] + "…"
            link = address(name.removesuffix("s"), text)  # `doi`, `dois`
            if name == "url" and text.startswith("https://"):
                link = text
            if link and len(link) <= _LONGEST_LINK and self._links < _MOST_LINKS:
                self._links += 1
                sheet.write_url(row, column, link, styles["link"], text)
            else:
                style = "text" if len(text) <= _LONGEST_AS_TEXT else "long"
                sheet.write_string(row, column, text, styles[style])


def _text(value: object) -> str:
    """A value as in CSV, with LF as line end, as Excel has it."""
    return visible_lines(cell_text(value)).replace("\r\n", "\n")
