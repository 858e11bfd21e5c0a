"""Listings for programs and documents: JSON, JSON Lines, CSV, TSV, Markdown, ids.

The output does not depend on the terminal: same records, same bytes. JSON is ASCII, the others
are Unicode. The flat formats write each value as one text: a list as its items joined with `|`, a
position as `section#paragraph`, a step as its words, a reference with the key of its source
(`papers:33`) where several sources answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from json.encoder import encode_basestring_ascii as quoted

from tdr.model.steps import Step
from tdr.model.text import visible
from tdr.model.values import SCHEMA_VERSION
from tdr.render import Listing, Settings

_BATCH = 256
"""Records per chunk of a format that streams: few writes, little memory."""


def batches(records: Iterable[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    """The records in lists of at most 256, so that a format writes many at a time."""
    waiting = iter(records)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


# --- one value as one text -----------------------------------------------------------------


def scalar_text(value: object) -> str:
    """A value that is not a list as text: empty for None, `true`, `immunotherapy/immune#1`."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return _nested_text(value)
    return repr(value)


def _nested_text(value: Mapping[str, object] | list[object]) -> str:
    """A position or a step in its short form, anything else as JSON."""
    if isinstance(value, Mapping):
        if value.keys() == {"section", "paragraph"}:
            return f"{value['section']}#{value['paragraph']}"
        if value.keys() >= {"from", "does", "to"}:
            return str(Step.from_dict(value))
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def prose_text(value: object) -> str:
    """A value for people: items of a list are joined with commas."""
    if isinstance(value, list):
        return ", ".join(map(scalar_text, value))
    return scalar_text(value)


def cell_text(value: object) -> str:
    r"""A value as a cell that a program can parse.

    Items are joined with `|`; inside an item `|` is written `\|` and `\` is written `\\`.
    """
    if isinstance(value, list):
        items = (scalar_text(item).replace("\\", "\\\\") for item in value)
        return "|".join(item.replace("|", "\\|") for item in items)
    return scalar_text(value)


# --- JSON ----------------------------------------------------------------------------------

_ESCAPED_DEL = "\\u007f"
"""DEL, the only control character that JSON in ASCII leaves as it is."""


def json_(listing: Listing, settings: Settings) -> Iterator[str]:
    """One object with version, counts and records."""

    def selected(records: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
        return [{name: record[name] for name in settings.columns} for record in records]

    envelope = {
        "schema_version": SCHEMA_VERSION,
        "data_version": listing.data_version,
        "matched": listing.matched,
        "total": listing.total,
        **({"incomplete": listing.incomplete} if listing.incomplete else {}),
        **listing.related,
        **({} if listing.weak is None else {"weak": selected(listing.weak)}),
        listing.kind: selected(listing.records),
    }
    yield indented(envelope) + "\n"


_encoded = json.JSONEncoder(allow_nan=False).encode


def compact(value: object) -> str:
    """A value as JSON on one line."""
    return _encoded(value).replace("\x7f", _ESCAPED_DEL)


def indented(value: object) -> str:
    """A value as JSON with a line for each member."""
    return _indented(value, "\n").replace("\x7f", _ESCAPED_DEL)


def _indented(value: object, margin: str) -> str:
    """JSON with every member on its own line; `margin` is the line end and indentation outside it.

    json.dumps does not use its C code where it indents, and takes twice as long.
    """
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    inner = f"{margin}  "
    if isinstance(value, dict):
        members = [f"{quoted(name)}: {_indented(item, inner)}" for name, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{margin}}}" if members else "{}"
    if isinstance(value, list):
        items = [_indented(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{margin}]" if items else "[]"
    return _encoded(value)


def jsonl(listing: Listing, settings: Settings) -> Iterator[str]:
    """One record per line."""
    for batch in batches(listing.records):
        yield "".join(
            compact({name: record[name] for name in settings.columns}) + "\n" for record in batch
        )


# --- CSV and TSV ---------------------------------------------------------------------------

# Starts of a cell that spreadsheets run as formulas (OWASP ASVS 1.2.10), in some locales also in
# full-width form, or that hide such a start (line ends, tab, NUL); and `::` and `##`, which CI
# services obey at the start of a line of a log.
_FORMULA = "\\s*(?:[=+\\-@＝＋－＠]|::|##)| *[\t\r\n\x00]"


def _guarded(value: object) -> str:
    text = cell_text(value)
    if isinstance(value, int | float):
        return text  # a negative number is no formula
    return "'" + text if re.match(_FORMULA, text) else text


def visible_lines(text: str) -> str:
    """`visible`, but with line ends and tabs, which CSV can hold. A lone CR is no line end."""
    if text.isprintable():
        return text
    return re.sub("[^\t\n\r]+|\r(?!\n)", lambda part: visible(part.group()), text)


def csv_(listing: Listing, settings: Settings) -> Iterator[str]:
    """RFC 4180. Unless raw, no cell begins a formula and no control character remains."""
    import csv
    from io import StringIO

    buffer = StringIO(newline="")
    write = csv.writer(buffer, lineterminator="\r\n").writerow

    def chunk() -> str:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    cell = cell_text if settings.raw else lambda value: visible_lines(_guarded(value))
    if settings.bom:
        buffer.write("\ufeff")
    if settings.header:
        write(map(cell, settings.columns))
        yield chunk()
    for batch in batches(listing.with_source_keys().records):
        for record in batch:
            write([cell(record[name]) for name in settings.columns])
        yield chunk()


def tsv(listing: Listing, settings: Settings) -> Iterator[str]:
    r"""One line per record, no quoting; tabs and line ends in cells are written `\t` and `\n`."""
    cell = cell_text if settings.raw else _guarded

    def line(values: Iterable[object]) -> str:
        return "\t".join(visible(cell(value)) for value in values) + "\n"

    if settings.header:
        yield line(settings.columns)
    for batch in batches(listing.with_source_keys().records):
        yield "".join(line([record[name] for name in settings.columns]) for record in batch)


def ids(listing: Listing, settings: Settings) -> Iterator[str]:  # noqa: ARG001 - same shape as all
    """One id per line."""
    for batch in batches(listing.with_source_keys().records):
        yield "".join(visible(scalar_text(record[listing.id_column])) + "\n" for record in batch)


# --- Markdown ------------------------------------------------------------------------------

_MARKDOWN = r"[\\`*_<>\[\]|&~$#@]"


def plain_markdown(text: str) -> str:
    """The text escaped for Markdown of GitHub, which then shows it as it is."""
    return re.sub(_MARKDOWN, r"\\\g<0>", visible(text))


def markdown(listing: Listing, settings: Settings) -> Iterator[str]:
    """A table in Markdown of GitHub, with special characters escaped."""
    columns = settings.columns
    yield "| " + " | ".join(map(plain_markdown, columns)) + " |\n"
    yield "| " + " | ".join("---" for _ in columns) + " |\n"
    for batch in batches(listing.records):
        for record in batch:
            cells = (
                plain_markdown(prose_text(listing.display_value(record, name))) for name in columns
            )
            yield "| " + " | ".join(cells) + " |\n"
