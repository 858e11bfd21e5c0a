"""XML from anywhere -> a tree with line numbers, or a located problem.

Nothing is fetched and nothing is expanded: a file that declares an entity is refused, the
names of characters that HTML knows (`&nbsp;`, `&beta;`) are resolved with or without a DTD,
and any other name is an error, for it would be text that is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from tdr.model.errors import Location, Problem, TdrError

MAX_DEPTH = 250
"""Levels of elements; the deepest of 969 real articles has 31."""

_CHUNK = 1 << 16
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9.]{0,40});")
_PREDEFINED = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_NO_ITEMS: list[Any] = []


class Node:
    """An element: its name without prefix, attributes, texts and elements inside, its line."""

    __slots__ = ("_attributes", "items", "line", "tag")

    def __init__(self, tag: str, attributes: Sequence[str], line: int) -> None:
        self.tag = tag
        self._attributes = attributes  # name, value, name, value ...: half the size of a dict
        self.line = line
        self.items: list[str | Node] = _NO_ITEMS

    def get(self, name: str) -> str:
        """An attribute, whatever its prefix is; "" if there is none."""
        given = self._attributes
        for at in range(0, len(given), 2):
            key = given[at]
            if key == name or (":" in key and key.endswith(":" + name)):
                return given[at + 1]
        return ""

    @property
    def children(self) -> Iterator[Node]:
        return (item for item in self.items if isinstance(item, Node))

    def all(self, *tags: str, outside: tuple[str, ...] = ()) -> Iterator[Node]:
        """Elements of these names at any depth, in order; not those inside of `outside`."""
        waiting = self.items[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str) or node.tag in outside:
                continue
            if not tags or node.tag in tags:
                yield node
            if node.items:
                waiting += node.items[::-1]

    def by_tag(self) -> dict[str, list[Node]]:
        """Every element inside, in order, under its name."""
        found: dict[str, list[Node]] = {}
        waiting = self.items[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Node):
                found.setdefault(node.tag, []).append(node)
                if node.items:
                    waiting += node.items[::-1]
        return found

    def first(self, *path: str) -> Node | None:
        """The first element that is reached by these names, each anywhere below the last."""
        node: Node | None = self
        for tag in path:
            node = node._below(tag) if node is not None else None
        return node

    def _below(self, tag: str) -> Node | None:
        waiting = self.items[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Node):
                if node.tag == tag:
                    return node
                if node.items:
                    waiting += node.items[::-1]
        return None

    def text(self, without: tuple[str, ...] = ()) -> str:
        """All text inside, as it comes, except in elements of these names."""
        return "".join(
            item if isinstance(item, str) else item.text(without)
            for item in self.items
            if isinstance(item, str) or item.tag not in without
        )


def parse(data: bytes, name: str) -> Node:
    """The root element of a document.

    Raises TdrError with the line for what is not well-formed, too deep or not resolved.
    """
    reader = _Reader(name)
    try:
        reader.feed(_without_names(data, name), final=True)
    finally:
        reader.close()
    return next(reader.top.children)


def elements(stream: BinaryIO, name: str, *tags: str) -> Iterator[Node]:
    """Every element of these names, one at a time: what was yielded is forgotten.

    Raises TdrError as `parse` does; the names of characters other than XML's own are unknown.
    """
    reader = _Reader(name, cut=tags)
    while True:
        chunk = stream.read(_CHUNK)
        reader.feed(chunk, final=not chunk)
        yield from reader.ready
        reader.ready.clear()
        if not chunk:
            return


def _without_names(data: bytes, name: str) -> bytes:
    """The document with named characters as numbers, in any encoding that extends ASCII."""
    if b"&" not in data:
        return data
    from html.entities import html5

    def number(match: re.Match[bytes]) -> bytes:
        if match[1] in _PREDEFINED:
            return match[0]
        characters = html5.get(match[1].decode() + ";")
        if characters is None:
            line = data.count(b"\n", 0, match.start()) + 1
            text = f"`{match[0].decode()}` is no character that XML or HTML has a name for"
            raise TdrError(Problem(text, "xml", Location(name, line)))
        return "".join(f"&#{ord(character)};" for character in characters).encode()

    return _NAMED.sub(number, data)


class _Reader:
    """Builds the tree while the document comes in. With `cut`, such elements go to `ready`."""

    def __init__(self, name: str, cut: tuple[str, ...] = ()) -> None:
        from xml.parsers.expat import ParserCreate

        self.name = name
        self.ready: list[Node] = []
        self.top = Node("", (), 1)
        self._parser = ParserCreate()
        self._parser.buffer_text = self._parser.ordered_attributes = True
        self._parser.EntityDeclHandler = self._refuse_entity
        self._parser.SkippedEntityHandler = self._skipped
        self._build(cut)

    def _build(self, cut: tuple[str, ...]) -> None:
        """Set the handlers of elements and text; they are closures, which are twice as fast."""
        parser, ready = self._parser, self.ready
        stack = [self.top]

        def start(tag: str, attributes: list[str]) -> None:
            if ":" in tag:
                tag = tag.rpartition(":")[2]
            node = Node(tag, attributes or (), parser.CurrentLineNumber)
            add(node)
            stack.append(node)
            if len(stack) > MAX_DEPTH:
                raise self._refused(f"elements are nested deeper than {MAX_DEPTH} levels")

        def text(text: str) -> None:
            add(" " if text.isspace() else text)

        def add(item: str | Node) -> None:
            parent = stack[-1]
            if parent.items:
                parent.items.append(item)
            else:
                parent.items = [item]

        def end(_tag: str) -> None:
            node = stack.pop()
            if cut:
                if node.tag in cut:
                    ready.append(node)
                if len(stack) < 3:  # what is finished near the top is not needed any more
                    stack[-1].items = _NO_ITEMS

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text

    def feed(self, data: bytes, final: bool) -> None:
        from xml.parsers.expat import ExpatError, errors

        try:
            self._parser.Parse(data, final)
        except ExpatError as error:
            text = f"is not well-formed XML: {errors.messages[error.code]}"
            at = Location(self.name, error.lineno, error.offset + 1)
            raise TdrError(Problem(text, "xml", at)) from None
        except (ValueError, LookupError) as error:  # an encoding that there is none of
            raise self._refused(f"is in an encoding that cannot be read: {error}") from None

    def close(self) -> None:
        """Take the handlers off the parser: it and they would keep each other, and the tree."""
        for name in ("StartElement", "EndElement", "CharacterData", "EntityDecl", "SkippedEntity"):
            setattr(self._parser, name + "Handler", None)

    def _refused(self, text: str) -> TdrError:
        return TdrError(Problem(text, "xml", Location(self.name, self._parser.CurrentLineNumber)))

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise self._refused(f"declares the entity `{name}`: files that do so are not read")

    def _skipped(self, name: str, _is_parameter: bool) -> None:
        raise self._refused(f"`&{name};` is not a character that XML has a name for")
