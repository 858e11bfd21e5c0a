"""XML files of other programs -> a tree with the line of each element, or a problem with its line.

Nothing is fetched and nothing is expanded: a file that declares an entity is refused, the
names of characters that HTML knows (`&nbsp;`, `&beta;`) are resolved with or without a DTD,
and any other name is an error, for it would be text that is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate, errors

from tdr.model.errors import Location, Problem, TdrError
from tdr.model.text import cleaned

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

MAX_DEPTH = 250
"""Levels of elements; the deepest of 969 real articles has 31."""

_CHUNK = 1 << 16
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9.]{0,40});")
_SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_PREDEFINED = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))


@dataclass(frozen=True)
class XmlDocument:
    """A file that was read: its name, its bytes, its root element."""

    name: str
    data: bytes
    root: Element

    def at(self, element: Element) -> Location:
        """Where an element begins."""
        return Location(self.name, self._lines.get(element))

    @cached_property
    def _lines(self) -> dict[Element, int]:
        """The line of each element, counted on first use: few files need it."""
        lines: list[int] = []
        parser = ParserCreate()
        parser.StartElementHandler = lambda *_: lines.append(parser.CurrentLineNumber)
        parser.Parse(_with_numbers(self.data, self.name), True)
        parser.StartElementHandler = None  # handler and parser refer to each other
        return dict(zip(self.root.iter(), lines, strict=True))


def parse(data: bytes, name: str) -> XmlDocument:
    """A document whose names have no prefix.

    Raises TdrError with the line for what is not well-formed, too deep or not resolved.
    """
    builder = TreeBuilder()
    parser = _parser(name, builder.start, builder.end, builder.data)
    _feed(parser, name, _with_numbers(data, name), final=True)
    root = builder.close()
    document = XmlDocument(name, data, root)
    if any(":" in tag for tag in {element.tag for element in root.iter()}):
        for element in root.iter():
            element.tag = element.tag.rpartition(":")[2]
    level, depth = [root], 1
    while level := [child for element in level for child in element]:
        depth += 1
        if depth > MAX_DEPTH:
            text = f"elements are nested deeper than {MAX_DEPTH} levels"
            raise TdrError(Problem(text, "xml", document.at(level[0])))
    return document


def iter_elements(stream: BinaryIO, name: str, *tags: str) -> Iterator[tuple[Element, int]]:
    """Each element of these names, with its line, one at a time: none is kept after it was yielded.

    Raises TdrError as `parse` does; the names of characters other than XML's own are unknown.
    """
    builder = TreeBuilder()
    open_: list[tuple[Element, int]] = []
    ready: list[tuple[Element, int]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = builder.start(tag.rpartition(":")[2], attributes)
        open_.append((element, parser.CurrentLineNumber))
        if len(open_) > MAX_DEPTH:
            text = f"elements are nested deeper than {MAX_DEPTH} levels"
            raise _refused(parser, name, text)

    def end(_tag: str) -> None:
        element, line = open_.pop()
        builder.end(element.tag)
        if element.tag in tags:
            ready.append((element, line))
        if len(open_) == 1:  # elements below the root that are complete are not needed any more
            del open_[0][0][:]

    parser = _parser(name, start, end, builder.data)
    while True:
        chunk = stream.read(_CHUNK)
        _feed(parser, name, chunk, final=not chunk)
        yield from ready
        ready.clear()
        if not chunk:
            return


# --- what is inside an element -------------------------------------------------------------


def attribute(element: Element, name: str) -> str:
    """An attribute, whatever its prefix is; "" if there is none."""
    value = element.get(name)
    if value is None:
        ending = f":{name}"
        value = next((v for key, v in element.items() if key.endswith(ending)), "")
    return value


def descendants(element: Element, *tags: str, excluding: tuple[str, ...] = ()) -> Iterator[Element]:
    """Elements of these names at any depth, in order; none inside elements named in `excluding`."""
    if all(next(element.iter(tag), None) is None for tag in excluding):
        every = element.iter(tags[0] if len(tags) == 1 else None)
        yield from (found for found in every if found.tag in tags and found is not element)
        return
    waiting = element[::-1]
    while waiting:
        found = waiting.pop()
        if found.tag in excluding:
            continue
        if found.tag in tags:
            yield found
        if len(found):
            waiting += found[::-1]


def by_tag(element: Element) -> dict[str, list[Element]]:
    """Every element inside, in order, under its name."""
    elements: dict[str, list[Element]] = {}
    every = element.iter()
    next(every)  # itself
    for part in every:
        elements.setdefault(part.tag, []).append(part)
    return elements


def first(element: Element, *path: str) -> Element | None:
    """The first element that is reached by these names, each anywhere below the last."""
    found: Element | None = element
    for tag in path:
        if found is not None:
            above = found
            found = next((part for part in above.iter(tag) if part is not above), None)
    return found


def text_of(element: Element, without: tuple[str, ...] = ()) -> str:
    """All text inside, as it comes, except in elements of these names."""
    if not without:
        return "".join(element.itertext())
    parts = [element.text or ""]
    for part in element:
        if part.tag not in without:
            parts.append(text_of(part, without))
        parts.append(part.tail or "")
    return "".join(parts)


def plain_text(node: Element | None) -> str:
    """The text of a title or name on one line, with Unicode superscripts and subscripts.

    Without an element it is "".
    """
    if node is None:
        return ""
    return cleaned(_shifted(node) if len(node) else node.text or "")


def _shifted(node: Element) -> str:
    parts = [node.text or ""]
    for part in node:
        if part.tag in ("sup", "sub"):
            text = text_of(part)
            moved = text.translate(_SUPERSCRIPTS if part.tag == "sup" else _SUBSCRIPTS)
            whole = all(a != b for a, b in zip(text, moved, strict=True))
            parts.append(moved if whole else text)
        elif part.tag not in ("tex-math", "xref", "fn"):
            parts.append(_shifted(part))
        parts.append(part.tail or "")
    return "".join(parts)


# --- reading -------------------------------------------------------------------------------


def _with_numbers(data: bytes, name: str) -> bytes:
    """The document with named characters written as numbers, in any encoding that extends ASCII."""
    if b"&" not in data:
        return data
    from html.entities import html5

    def number(match: re.Match[bytes]) -> bytes:
        if match[1] in _PREDEFINED:
            return match[0]
        characters = html5.get(match[1].decode() + ";")
        if characters is None:
            line = data.count(b"\n", 0, match.start()) + 1
            text = f"`{match[0].decode()}` is not a character that XML or HTML has a name for"
            raise TdrError(Problem(text, "xml", Location(name, line)))
        return "".join(f"&#{ord(character)};" for character in characters).encode()

    return _NAMED.sub(number, data)


def _parser(
    name: str,
    start: Callable[[str, dict[str, str]], object],
    end: Callable[[str], object],
    text: Callable[[str], object],
) -> XMLParserType:
    """A parser with these handlers; it refuses entities that the file itself declares."""
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text

    def refuse_entity(entity: str, *_: object) -> None:
        text = f"declares the entity `{entity}`: files that do so are not read"
        raise _refused(parser, name, text)

    def skipped(entity: str, _is_parameter: bool) -> None:
        text = f"`&{entity};` is not a character that XML has a name for"
        raise _refused(parser, name, text)

    parser.EntityDeclHandler = refuse_entity
    parser.SkippedEntityHandler = skipped
    return parser


def _feed(parser: XMLParserType, name: str, data: bytes, final: bool) -> None:
    try:
        parser.Parse(data, final)
    except ExpatError as error:
        text = f"is not well-formed XML: {errors.messages[error.code]}"
        at = Location(name, error.lineno, error.offset + 1)
        raise TdrError(Problem(text, "xml", at)) from None
    except (ValueError, LookupError) as error:  # an encoding that there is none of
        text = f"is in an encoding that cannot be read: {error}"
        raise _refused(parser, name, text) from None
    finally:
        if final:  # the parser and its handlers refer to each other, and to the tree
            for kind in ("StartElement", "EndElement", "CharacterData", "EntityDecl"):
                setattr(parser, kind + "Handler", None)
            parser.SkippedEntityHandler = None


def _refused(parser: XMLParserType, name: str, text: str) -> TdrError:
    return TdrError(Problem(text, "xml", Location(name, parser.CurrentLineNumber)))
