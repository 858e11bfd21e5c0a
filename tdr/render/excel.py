"""A listing as an Excel workbook in which text stays text.

Nothing is taken for a date, a number or a formula: `MARCH1`, `1-14` and `=A1` are what they are.
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
from tdr.render.data import cell_text, shown_lines

_MOST_ROWS = 1_048_576
_MOST_LINKS = 65_000
_LONGEST_TEXT = 32_767
_LONGEST_LINK = 2_000
_LONGEST_AS_TEXT = 250  # older versions of Excel show a longer cell of the format Text as ####
_LONGEST_NAME = 31
_WIDEST = 60
_SAMPLE = 200  # so many records tell how wide columns are

_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_MADE = datetime(2024, 1, 1)
"""Stands for the time at which a workbook was made: same records, same bytes."""

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

    made = BytesIO()
    with Workbook(made, {"constant_memory": True}) as book:
        book.set_properties(
            {
                "title": visible(listing.picture.title or listing.kind),
                "comments": f"tdr data {visible(listing.data_version)}",
                "created": _MADE,
            }
        )
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1, "num_format": "@"}),
            "text": book.add_format({"valign": "top", "num_format": "@"}),
            "long": book.add_format({"valign": "top", "text_wrap": True}),
            "plain": book.add_format({"valign": "top"}),
            "link": book.add_format({"valign": "top", "hyperlink": True}),
        }
        names, cut = _Names(), 0
        for name, records in _parts(listing.with_source_keys(), settings.split):
            called = names.of(name)
            sheet = _Sheet(book.add_worksheet(called), styles, settings, listing.cites)
            if settings.split is not None and called != name:
                sheet.note(name)  # before rows are written, which are not kept
            sheet.write(records)
            cut += sheet.cut
    if cut and settings.notify:
        settings.notify(
            f"{counted(cut, 'text')} cut: a cell has room for {_LONGEST_TEXT:,} characters; "
            "-o csv shows all"
        )
    return made.getvalue()


def _parts(listing: Listing, split: str | None) -> Iterator[tuple[str, Iterable[Values]]]:
    """The sheets by name: all records, or those of each value in alphabetical order."""
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


class _Names:
    """Names of sheets: what Excel allows, and each once whatever its case."""

    def __init__(self) -> None:
        self._taken = {"history"}  # Excel keeps it for itself

    def of(self, text: str) -> str:
        name = _FORBIDDEN_IN_NAMES.sub(" ", visible(text)).strip("' ") or _NONE
        short, number = name[:_LONGEST_NAME], 1
        while short.rstrip("' ").casefold() in self._taken:
            number += 1
            short = f"{name[: _LONGEST_NAME - len(f' ({number})')]} ({number})"
        short = short.rstrip("' ")
        self._taken.add(short.casefold())
        return short


class _Sheet:
    """One sheet while it is written, row after row."""

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
        # Text wherever they stand, alone or in a list: else Excel would not find one by the other.
        self._references = frozenset(filter(cites, settings.columns))
        self._links = 0
        self.cut = 0

    def write(self, records: Iterable[Values]) -> None:
        """The head, frozen, with filters; then a row for each record."""
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

    def note(self, value: str) -> None:
        """The whole value whose sheet it is, where that is no name of a sheet."""
        self._sheet.write_comment(0, 0, visible(value)[:_LONGEST_TEXT])

    def _cell(self, row: int, column: int, name: str, value: object) -> None:
        sheet, styles = self._sheet, self._styles
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value, styles["plain"])
        elif isinstance(value, int | float) and name not in self._references:
            sheet.write_number(row, column, value, styles["plain"])
        elif text := _text(value):
            if len(text) > _LONGEST_TEXT:
                self.cut += 1
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
    """A value as in CSV, lines in Excel's way."""
    return shown_lines(cell_text(value)).replace("\r\n", "\n")
