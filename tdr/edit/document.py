"""Editing a YAML file by splicing: what is not edited keeps every byte.

A `YamlFile` is one file with the place of each key, value and comment in its text. Edits
replace parts of that text; line ends, byte order mark, comments and all else
stay as they are. `YamlFile.edited` reads the result again before anybody
writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tdr.model.errors import Location, TdrError, file_error
from tdr.model.text import visible
from tdr.read.nodes import YamlNode
from tdr.read.positions import Mark
from tdr.read.yaml import parse_yaml

_BOM = b"\xef\xbb\xbf"
_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of `file.text[start:end]`. Lines in `text` end in LF."""

    start: int
    end: int
    text: str


class YamlFile:
    """A YAML file that can be edited.

    Raises TdrError with what is wrong if it cannot be parsed; warnings are no obstacle.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.document = parse_yaml(data, name, nodes=True)
        if self.document.errors:
            raise TdrError(*self.document.errors)
        self.text = self.document.text
        self.value = self.document.value
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        self.root = self.document.root

    @property
    def mapping(self) -> Mapping[Any, Any]:
        """The mapping at the root of the file; empty if there is something else."""
        return self.value if isinstance(self.value, Mapping) else {}

    def entry(self, name: str) -> tuple[YamlNode, YamlNode] | None:
        """Key and value nodes of a field of the mapping at the root."""
        return self.root.entry(name, self.value) if self.root else None

    def offset(self, mark: Mark) -> int:
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

    def comments(self, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Where the comments in a part of the text are, `#` to the end of the line.

        The part must not begin or end inside of a scalar.
        """
        end = len(self.text) if end is None else end
        spans: list[tuple[int, int]] = []
        at = start
        if "#" not in self.text[start:end]:
            return spans
        for node in self.scalars(start, end):
            spans += self._comments_between(at, node.start)
            if node.style in ("|", ">"):
                header = self.line_end(node.start)
                spans += self._comments_between(node.start, min(header, end))
            at = max(at, node.end)
        return spans + self._comments_between(at, end)

    def comment_texts(self) -> Counter[str]:
        """The texts of all comments, and how often each occurs."""
        return Counter(self.text[start:end].rstrip() for start, end in self.comments())

    def _comments_between(self, start: int, end: int) -> list[tuple[int, int]]:
        return [match.span() for match in _COMMENT.finditer(self.text, start, end)]

    def scalars(self, start: int, end: int) -> Iterator[YamlNode]:
        """The scalars and aliases in a part of the text."""
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

    def edited(self, edits: Iterable[Edit]) -> YamlFile:
        """The file after these edits, read again; this one if nothing changes.

        Raises TdrError if the result cannot be read.
        """
        data = self.splice(edits)
        return self if data == self.data else YamlFile(data, self.name)

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


def require_same(before: YamlFile, after: YamlFile) -> None:
    """Raise TdrError unless both hold the same values and the same comments."""
    if before is after:
        return
    what = ""
    if before.value != after.value:
        what = "a value"
    elif before.comment_texts() != after.comment_texts():
        what = "a comment"
    if what:
        raise file_error(before.name, f"{what} would not survive this edit; nothing was written")


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
