"""Editing a YAML file by splicing: what is not edited keeps every byte.

A `Sheet` is one file with the place of every key, value and comment in its text. Edits
replace stretches of that text; line ends, byte order mark, comments and whatever else
stands outside them stay as they are. `Sheet.edited` reads the result again before anybody
writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tdr.model.errors import Location, Problem, TdrError
from tdr.model.text import visible
from tdr.read import source_text as reader

if TYPE_CHECKING:
    from tdr.read.yaml_events import ScalarEvent

_BOM = b"\xef\xbb\xbf"
_COMMENT = re.compile(r"#[^\r\n]*")
_DASH, _COLON = (re.compile(rf"(?:\s|#[^\n]*)*{char}") for char in "-:")


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of `sheet.text[start:end]`. Lines in `text` end in LF."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Node:
    """One value, or key, as it stands in the text: `text[start:end]`.

    `style` is the quote or block indicator of a scalar (None: plain), `[` or `{` for a
    collection in brackets. `marked` nodes have an anchor or are an alias. A block scalar
    ends with its last line of text.
    """

    kind: str  # "scalar", "list", "mapping" or "alias"
    start: int
    end: int
    style: str | None = None
    marked: bool = False
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Node, Node]] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and everything in it, in the order of the text."""
        yield self
        for item in self.items:
            yield from item.walk()
        for key, value in self.entries:
            yield from key.walk()
            yield from value.walk()

    def entry(self, name: object, value: object) -> tuple[Node, Node] | None:
        """Key and value nodes of a mapping's field; `value` is the mapping as read."""
        if isinstance(value, reader.Map) and name in value.key_marks:
            for position, key in enumerate(value.key_marks):
                if key == name and position < len(self.entries):
                    return self.entries[position]
        return None


class Sheet:
    """A YAML file that can be edited.

    Raises TdrError with what is wrong if it cannot be parsed; warnings are no obstacle.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.document = reader.parse_yaml(data, name)
        if self.document.errors:
            raise TdrError(*self.document.errors)
        self.text = self.document.text
        self.value = self.document.value
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        self.root = _Tree(self).root

    # --- places ---

    def offset(self, mark: reader.Mark) -> int:
        """Where in the text a line and column are."""
        return self._starts[mark[0] - 1] + mark[1] - 1

    def location(self, offset: int) -> Location:
        """Line and column of a place in the text."""
        line = self.text.count("\n", 0, offset)
        return Location(self.name, line + 1, offset - self._starts[line] + 1)

    def column(self, offset: int) -> int:
        """0-based column of a place in the text."""
        return offset - (self.text.rfind("\n", 0, offset) + 1)

    def line_end(self, offset: int) -> int:
        """The end of a place's line, before its line break."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1 : end] == "\r" else end

    # --- comments ---

    def comments(self, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Where the comments of a stretch of text are, `#` to the end of the line.

        The stretch must not begin or end inside of a scalar.
        """
        end = len(self.text) if end is None else end
        found: list[tuple[int, int]] = []
        at = start
        if "#" not in self.text[start:end]:
            return found
        for node in self.scalars(start, end):
            found += self._comments_between(at, node.start)
            if node.style in ("|", ">"):
                header = self.line_end(node.start)
                found += self._comments_between(node.start, min(header, end))
            at = max(at, node.end)
        return found + self._comments_between(at, end)

    def remarks(self) -> Counter[str]:
        """The texts of all comments, and how often each stands there."""
        return Counter(self.text[start:end].rstrip() for start, end in self.comments())

    def _comments_between(self, start: int, end: int) -> list[tuple[int, int]]:
        return [match.span() for match in _COMMENT.finditer(self.text, start, end)]

    def scalars(self, start: int, end: int) -> Iterator[Node]:
        """The scalars and aliases in a stretch of text."""
        if self.root is None:
            return
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if node.end < start or node.start > end:
                continue
            if node.kind in ("scalar", "alias"):
                yield node
            for key, value in reversed(node.entries):
                waiting += (value, key)
            waiting += reversed(node.items)

    # --- editing ---

    @property
    def line_break(self) -> str:
        """How the lines of the file end; the first one decides."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def edited(self, edits: Iterable[Edit]) -> Sheet:
        """The sheet after these edits, read again; this one if nothing changes.

        Raises TdrError if the result cannot be read.
        """
        data = self.splice(edits)
        return self if data == self.data else Sheet(data, self.name)

    def splice(self, edits: Iterable[Edit]) -> bytes:
        """The bytes of the file after these edits, which must not overlap."""
        pieces: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < at:
                raise ValueError("edits overlap")
            pieces += (self.text[at : edit.start], self._with_line_breaks(edit))
            at = edit.end
        text = "".join(pieces) + self.text[at:]
        start = _BOM if self.data.startswith(_BOM) else b""
        return start + text.encode("utf-8")

    def _with_line_breaks(self, edit: Edit) -> str:
        """The new text with the line ends of the place that it goes to."""
        if "\n" not in edit.text:
            return edit.text
        here = self.text.find("\n", edit.start)
        here = here if here >= 0 else self.text.rfind("\n")
        crlf = here > 0 and self.text[here - 1] == "\r"
        return edit.text.replace("\n", "\r\n") if crlf else edit.text


def require_same(before: Sheet, after: Sheet) -> None:
    """Raise TdrError unless both hold the same values and the same comments."""
    if before is after:
        return
    what = ""
    if before.value != after.value:
        what = "a value"
    elif before.remarks() != after.remarks():
        what = "a comment"
    if what:
        raise TdrError(
            Problem(
                f"{what} would not survive this edit; nothing was written",
                location=Location(before.name),
            )
        )


def unified_diff(name: str, before: bytes, after: bytes) -> list[str]:
    """The lines of a unified diff, safe for a terminal; empty if nothing differs.

    Line ends are not shown: no edit changes them.
    """
    from difflib import unified_diff as diff  # only when one is shown

    old, new = (_diff_lines(data) for data in (before, after))
    shown = visible(name)
    return [
        part
        for line in diff(old, new, f"{shown}\tbefore", f"{shown}\tafter", lineterm="")
        for part in line.split("\n")
    ]


def _diff_lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [visible(line.removesuffix("\r")) for line in text.split("\n")]
    if lines[-1]:
        lines[-1] += "\n\\ No newline at end of file"
    else:
        lines.pop()
    return lines


def _is_empty(event: ScalarEvent) -> bool:
    """Whether a value is left out, as in `note:`; its place is then that of what follows."""
    return not event.value and event.style is None and event.anchor is None


class _Tree:
    """The nodes of a sheet's text, from the events of the parser."""

    def __init__(self, sheet: Sheet) -> None:
        from tdr.read.yaml_events import (  # brings ruamel.yaml, 17 ms
            AliasEvent,
            CollectionEndEvent,
            EventSource,
            MappingStartEvent,
            ScalarEvent,
            SequenceStartEvent,
        )

        self.sheet, self.text = sheet, sheet.text
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[Node | None] = []  # of each open mapping: the key that waits for a value
        for event in EventSource(self.text.replace("\r\n", "\n")):
            if isinstance(event, CollectionEndEvent):
                self.leave(event.end_mark)
                continue
            if isinstance(event, ScalarEvent):
                node = self.scalar(event)
            elif isinstance(event, AliasEvent):
                start, end = (sheet.offset(m) for m in (event.start_mark, event.end_mark))
                node = Node("alias", start, end, marked=True)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                sequence = isinstance(event, SequenceStartEvent)
                style = ("[" if sequence else "{") if event.flow_style else None
                start = sheet.offset(event.start_mark)
                kind = "list" if sequence else "mapping"
                node = Node(kind, start, start, style, event.anchor is not None)
            else:
                continue
            self.add(node, empty=isinstance(event, ScalarEvent) and _is_empty(event))
            if node.kind in ("list", "mapping"):
                self.open.append(node)
                self.keys.append(None)

    def add(self, node: Node, *, empty: bool = False) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if parent.kind == "list":
            if empty:
                before = parent.items[-1].end if parent.items else parent.start
                node.start = node.end = self._after(_DASH, before)
            parent.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = node
            return
        if empty:
            node.start = node.end = self._after(_COLON, key.end)
        parent.entries.append((key, node))
        self.keys[-1] = None

    def _after(self, pattern: re.Pattern[str], at: int) -> int:
        """The place of a value that is not written: behind its dash or colon."""
        found = pattern.match(self.text, at)
        return found.end() if found else at

    def leave(self, end_mark: reader.Mark) -> None:
        done = self.open.pop()
        self.keys.pop()
        if done.style:
            done.end = self.sheet.offset(end_mark)
            return
        # A block collection has no end of its own; the parser says where the next token is.
        last = done.items[-1] if done.items else done.entries[-1][1] if done.entries else done
        done.end = max(done.start, last.end)

    def scalar(self, event: ScalarEvent) -> Node:
        start, end = (self.sheet.offset(mark) for mark in (event.start_mark, event.end_mark))
        if event.style in ("|", ">"):
            end = self._block_end(start, end)
        return Node("scalar", start, end, event.style, event.anchor is not None)

    def _block_end(self, start: int, end: int) -> int:
        """The parser's end of a block scalar includes what blank lines follow."""
        return start + len(self.text[start:end].rstrip(" \t\r\n"))
