"""The place of each key and value in a YAML text, for edits; made from its parse events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tdr.read.positions import Map

if TYPE_CHECKING:
    from tdr.read.events import Event


@dataclass(slots=True)
class YamlNode:
    """One value, or key, as it stands in the text: `text[start:end]`.

    `style` is the quote or block indicator of a scalar (None: plain), `[` or `{` for a
    collection in brackets. `anchored` nodes have an anchor or are an alias. A block scalar
    ends with its last line of text.
    """

    kind: str  # "scalar", "list", "mapping" or "alias"
    start: int
    end: int
    style: str | None = None
    anchored: bool = False
    items: list[YamlNode] = field(default_factory=list)
    entries: list[tuple[YamlNode, YamlNode]] = field(default_factory=list)

    def walk(self) -> Iterator[YamlNode]:
        """This node and everything in it, in the order of the text."""
        yield self
        for item in self.items:
            yield from item.walk()
        for key, value in self.entries:
            yield from key.walk()
            yield from value.walk()

    def entry(self, name: object, value: object) -> tuple[YamlNode, YamlNode] | None:
        """Key and value nodes of a mapping's field; `value` is the mapping as read."""
        if isinstance(value, Map) and name in value:
            for position, key in enumerate(value):
                if key == name and position < len(self.entries):
                    return self.entries[position]
        return None


class NodeTree:
    """Builds the nodes of a text from its events, as they are parsed."""

    def __init__(self, text: str) -> None:
        self.text = text  # with the line ends that the file has
        self.root: YamlNode | None = None
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._open: list[YamlNode] = []
        self._keys: list[
            YamlNode | None
        ] = []  # of each open mapping: the key that waits for a value

    def add(self, event: Event) -> None:
        """Take the next event."""
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._scalar(event)
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            self._leave(event)
        elif kind == "AliasEvent":
            start, end = self._offset(event.start_mark), self._offset(event.end_mark)
            self._join(YamlNode("alias", start, end, anchored=True))
        elif kind in ("SequenceStartEvent", "MappingStartEvent"):
            self._enter(event, kind == "MappingStartEvent")

    def _offset(self, mark: Any) -> int:
        line, column = int(mark.line), int(mark.column)
        return self._starts[line] + column

    def _scalar(self, event: Any) -> None:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        style = event.style or None
        if style in ("|", ">"):
            # The parser counts blank lines after a block scalar as part of it.
            end = start + len(self.text[start:end].rstrip(" \t\r\n"))
        self._join(YamlNode("scalar", start, end, style, event.anchor is not None))

    def _enter(self, event: Any, mapping: bool) -> None:
        style = ("{" if mapping else "[") if event.flow_style else None
        start = self._offset(event.start_mark)
        kind = "mapping" if mapping else "list"
        node = YamlNode(kind, start, start, style, event.anchor is not None)
        self._join(node)
        self._open.append(node)
        self._keys.append(None)

    def _join(self, node: YamlNode) -> None:
        """Add a node to the open collection."""
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if parent.kind == "list":
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
            return
        parent.entries.append((key, node))
        self._keys[-1] = None

    def _leave(self, event: Event) -> None:
        done = self._open.pop()
        self._keys.pop()
        if done.style:
            done.end = self._offset(event.end_mark)
            return
        # The parser gives the place of the next token as the end of a block collection.
        last = done.items[-1] if done.items else done.entries[-1][1] if done.entries else done
        done.end = max(done.start, last.end)
