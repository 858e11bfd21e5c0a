"""Brings an evidence file into its canonical layout: values, comments and order of claims stay.

A record that is canonical is not touched, any other is written anew from its values. A comment
stays with its field. A record whose comments or anchors cannot be kept in place stays as it is,
with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tdr.edit import style
from tdr.edit.document import Edit, YamlFile, require_same
from tdr.model.errors import Problem, raise_errors
from tdr.read.documents import value_of
from tdr.read.nodes import YamlNode
from tdr.read.positions import Map, Seq

_RECORD_FORMATS = {
    "claims": style.CLAIM,
    "terms": style.TERM,
    "therapies": style.THERAPY,
    "references": style.REFERENCE,
}
_COLUMN = 2
_NEXT_COMMENT = re.compile(r"\s*\n( *)#")


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """A file before and after; `unformatted` says which records stayed as they are, and why."""

    before: YamlFile
    after: YamlFile
    unformatted: tuple[Problem, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the file was not in canonical layout."""
        return self.before.data != self.after.data


def format_file(file: YamlFile) -> FormattedFile:
    """The file in canonical layout.

    Files of claims, references, terms and therapies have one; any other file is unchanged. Raises
    TdrError if there is something else in the place of records, or if a value or comment would be
    lost.
    """
    unformatted: list[Problem] = []
    edits: list[Edit] = []
    if not isinstance(file.value, Mapping | None):
        _require_records(file, "claims", list)
    for key, record_format in _RECORD_FORMATS.items():
        entry = file.entry(key)
        if entry is not None:
            _require_records(file, key, dict if record_format is style.REFERENCE else list)
            edits += _RecordList(
                file, entry[1], file.mapping[key], record_format, unformatted
            ).edits()
    after = file.edited(edits)
    require_same(file, after)
    return FormattedFile(file, after, tuple(unformatted))


def _require_records(file: YamlFile, key: str, kind: type) -> None:
    problems: list[Problem] = []
    value_of(file.document, key, kind, problems)
    raise_errors(problems)


class _UnformattableError(Exception):
    """Why a record cannot be formatted and stays as it is."""


@dataclass(slots=True)
class _RecordText:
    """A record in the text: from the start of its first line to the end of its last."""

    start: int
    end: int
    head: YamlNode  # the number of a reference; otherwise the record itself
    node: YamlNode
    value: object
    text: str | None = None  # in canonical layout; None: left as it is


class _RecordList:
    """The records of one file: items of a list, or entries of a mapping."""

    def __init__(
        self,
        file: YamlFile,
        node: YamlNode,
        value: object,
        record_format: style.RecordFormat,
        unformatted: list[Problem],
    ) -> None:
        self.file, self.text, self.node, self.value = file, file.text, node, value
        self.record_format, self.unformatted = record_format, unformatted
        self.listed = record_format is not style.REFERENCE

    def edits(self) -> Iterator[Edit]:
        """The edits that bring all records into canonical layout."""
        if self.value is None or not (self.node.items or self.node.entries):
            return
        if self.node.style or self.node.anchored:
            what = "an anchor" if self.node.anchored else "brackets around all records"
            self.add_note(self.node.start, f"{what}; take it away to have the file formatted")
            return
        records = list(self.records())
        # All records begin in one column: if one cannot be moved, none is.
        column = self.file.column(self.node.start)
        for target in dict.fromkeys((_COLUMN, column)):
            self.unformatted.clear()
            self.format_all(records, target)
            if target == column or all(record.text is not None for record in records):
                break
        yield from self.changes(records)

    def records(self) -> Iterator[_RecordText]:
        """The records in the order of the file."""
        if self.listed:
            assert isinstance(self.value, Seq)
            pairs = [(n, n, v) for n, v in zip(self.node.items, self.value, strict=True)]
        else:
            assert isinstance(self.value, Map)
            pairs = [
                (key, node, value)
                for (key, node), value in zip(self.node.entries, self.value.values(), strict=False)
            ]
        for head, node, value in pairs:
            start = self.text.rfind("\n", 0, head.start) + 1
            yield _RecordText(start, self.end_of(node.end), head, node, value)

    def end_of(self, at: int) -> int:
        """The end of a line after the value that ends here, its comment included."""
        return max(at, self.file.line_end(at))

    def add_note(self, at: int, reason: str) -> None:
        """Add a note that a record stays as it is."""
        self.unformatted.append(
            Problem(f"left as it is: {reason}", "", self.file.location(at), "note")
        )

    def format_all(self, records: list[_RecordText], column: int) -> None:
        """Give each record its text, beginning in a column, or add a note why it has none."""
        for record in records:
            try:
                record.text = _RecordFormatter(self, record, column).format()
            except _UnformattableError as reason:
                record.text = None
                self.add_note(record.head.start, str(reason))

    def changes(self, records: list[_RecordText]) -> Iterator[Edit]:
        """The edits of the records, and of the blank lines between them."""
        for number, record in enumerate(records):
            if record.text is not None and record.text != self.with_lf(record.start, record.end):
                yield Edit(record.start, record.end, record.text)
            if number and self.record_format.blank_lines is not None:
                start, end = records[number - 1].end, record.start
                gap = "\n" * (self.record_format.blank_lines + 1)
                if not self.text[start:end].strip() and self.with_lf(start, end) != gap:
                    yield Edit(start, end, gap)

    def with_lf(self, start: int, end: int) -> str:
        """A part of the text with LF line ends."""
        return self.text[start:end].replace("\r\n", "\n")


@dataclass(slots=True)
class _FieldText:
    """One field of a record, with the comments that belong to it."""

    name: object
    key: YamlNode
    node: YamlNode
    value: object
    comments_above: list[str]
    comment: str = ""  # after its value, with the space before it
    is_copied: bool = False  # else written anew


class _RecordFormatter:
    """Formats one record, with its `-` or number in `column`."""

    def __init__(self, records: _RecordList, record: _RecordText, column: int) -> None:
        self.file, self.text = records.file, records.text
        self.records, self.record = records, record
        self.column, self.indent = column, column + 2

    def format(self) -> str:
        """The text of the record, from the start of its first line, without the last line break."""
        record, value = self.record, self.record.value
        if not isinstance(value, Map) or not value:
            raise _UnformattableError("it is not a mapping with fields")
        if any(node.anchored for node in record.node.walk()):
            raise _UnformattableError("it holds an anchor or an alias")
        keys = (self.text[key.start : key.end] for key, _ in record.node.entries)
        if "<<" in keys:
            raise _UnformattableError("it holds a merge key")
        self.check_head()
        fields = self.fields_in_brackets if record.node.style else self.fields
        return self.joined(list(fields(value)))

    def check_head(self) -> None:
        """Refuse anything but a dash, or a number and a colon, before the first field."""
        record = self.record
        lead = self.text[record.start : record.node.start]
        if self.records.listed:
            plain = lead.strip(" ") == "-"
        else:
            after = self.text[record.head.end : record.node.start]
            before = self.text[record.start : record.head.start]
            plain = not before.strip(" ") and after.strip() == ":"
        if not plain:
            raise _UnformattableError("something stands between it and its first field")

    def fields(self, value: Map) -> Iterator[_FieldText]:
        """The fields of a record with one line or more for each."""
        at: int | None = None  # the end of the field before
        for (key, node), name in zip(self.record.node.entries, value, strict=True):
            above = [] if at is None else self.comments_before(at, key.start)
            field = _FieldText(name, key, node, value[name], above)
            self.decide_copying(field)
            at = self.records.end_of(node.end)
            field.comment = self.comment_after(node.end, at)
            yield field

    def fields_in_brackets(self, value: Map) -> Iterator[_FieldText]:
        """The fields of a record that is written in brackets."""
        node = self.record.node
        if self.file.comments(node.start, self.record.end) or not _all_clean(value):
            raise _UnformattableError(
                "it is written in brackets with a comment or hidden character"
            )
        for name in value:
            yield _FieldText(name, node, node, value[name], [])

    def comments_before(self, start: int, end: int) -> list[str]:
        """The comment lines before a field."""
        lines = [line.strip(" \r") for line in self.text[start:end].split("\n")]
        if any(line and not line.startswith("#") for line in lines):
            raise _UnformattableError("something stands between two of its fields")
        return [line for line in lines if line]

    def comment_after(self, start: int, end: int) -> str:
        """The comment after a value."""
        rest = self.text[start:end].rstrip(" ")
        if rest and not rest.lstrip(" \t").startswith("#"):
            raise _UnformattableError("something stands behind one of its values")
        return rest

    def decide_copying(self, field: _FieldText) -> None:
        """A field is copied if it holds a comment or a text that cannot be written as it is."""
        key, node = field.key, field.node
        inside = self.file.comments(key.start, node.end)
        between = self.text[key.end : node.start]
        if node.style in ("|", ">"):
            header_end = self.file.line_end(node.start)
            inside = [span for span in inside if span[0] < node.start or span[0] >= header_end]
        field.is_copied = bool(inside) or between.strip() != ":" or not _all_clean(field.value)

    def joined(self, fields: list[_FieldText]) -> str:
        """The text of the record, its fields in canonical order."""
        margin = " " * self.indent
        by_name = {field.name: field for field in fields}
        lines: list[str] = []
        for name in style.ordered(self.records.record_format, by_name):
            field = by_name[name]
            if field.comments_above and not lines:
                raise _UnformattableError(
                    "a comment stands above the field that belongs at its top"
                )
            lines += [margin + comment for comment in field.comments_above]
            written = self.copy(field) if field.is_copied else self.rewrite(field)
            lines += written
        if len(written) > 1 and isinstance(field.value, str):
            self.check_end()
        record = self.record
        if self.records.listed:
            lines[0] = " " * self.column + "- " + lines[0].lstrip(" ")
        else:
            number = self.text[record.head.start : record.head.end]
            lines.insert(0, f"{' ' * self.column}{number}:")
        return "\n".join(lines)

    def copy(self, field: _FieldText) -> list[str]:
        """The lines of a field as they are in the file."""
        if self.file.column(field.key.start) != self.indent:
            raise _UnformattableError(
                f"a comment or character inside `{field.name}` ties it to its indentation"
            )
        text = self.records.with_lf(field.key.start, field.node.end) + field.comment
        text = " " * self.indent + text
        return [line.rstrip(" ") if not line.strip() else line for line in text.split("\n")]

    def rewrite(self, field: _FieldText) -> list[str]:
        """The lines of a field, written from its value, with its comment."""
        lines = style.field(field.name, field.value, self.indent)
        node = field.node
        comment = field.comment
        if node.style in ("|", ">"):
            line = self.text[node.start : self.file.line_end(node.start)].rstrip(" ")
            comment = line[line.index(" ") :] if "#" in line else ""
        if len(lines) > 1 and lines[0].endswith((">", ">-")):
            lines[0] += comment
        else:
            lines[-1] += comment
        return lines

    def check_end(self) -> None:
        """Refuse a comment after the record that would become part of the text at its end."""
        comment = _NEXT_COMMENT.match(self.text, self.record.end)
        if comment and len(comment[1]) > self.indent:
            raise _UnformattableError("the comment after it is indented like a part of its text")


def _all_clean(value: object) -> bool:
    """Whether every text in a value can be written as it is."""
    if isinstance(value, str):
        return all(style.is_clean(line) for line in value.split("\n"))
    if isinstance(value, Mapping):
        return all(_all_clean(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(map(_all_clean, value))
    return True
