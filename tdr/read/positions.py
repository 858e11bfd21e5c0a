"""Values with their positions, and the value of an unquoted scalar.

Scalars become `str`, `int` or `None`. Parsers differ about unquoted scalars, so
whatever some YAML 1.1 or 1.2 parser takes for something else is `Ambiguous`,
so that the user can be told to quote it:

| unquoted                                                  | value                        |
|-----------------------------------------------------------|------------------------------|
| nothing, `~`, `null`, `Null`, `NULL`                      | `None`                       |
| `-?(0|[1-9][0-9]*)`, at most 18 digits                    | `int`                        |
| `true`, `True`, `TRUE`, `false`, ...                      | `Ambiguous`                  |
| `1.0`, `1e3`, `.5`, `1_000`, `+1`, `0x14`, `0o10`, `0b1`,  | `Ambiguous`                  |
| `.nan`, `.inf`, an integer of 19 digits and more          |                              |
| `010`, `007`, `08`: a leading zero                        | `Ambiguous` + warning        |
| `2024-01-02`, `2024-13-45`, `2024-01-02 10:00:00`         | `Ambiguous`                  |
| `=`, and `<<` where it is not a key                       | `Ambiguous`                  |
| `yes`, `no`, `on`, `off` in any case                      | `str` + warning              |
| `1:30`: a number to base 60 in YAML 1.1                   | `str` + warning              |
| `y`, `n`, everything else                                 | `str`                        |

A quoted or block scalar is always `str`. JSON values follow the same table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tdr.model.errors import Location
from tdr.model.text import excerpt

Mark = tuple[int, int]
"""Line and column, 1-based, columns in code points."""

ValuePath = tuple[str | int, ...]
"""Keys and positions on the way from a mapping or list to a value in it."""


class ParserMark:
    """A mark as parsers have them: counted from 0, `index` from the start of the text."""

    __slots__ = ("column", "index", "line")

    def __init__(self, line: int, column: int, index: int = 0) -> None:
        self.line, self.column, self.index = line, column, index


def one_based(mark: Any) -> Mark:
    """A parser's mark with line and column counted from 1."""
    return (mark.line + 1, mark.column + 1)


class Map(dict[Any, object]):
    """A mapping with its position and those of its keys and values.

    `places` has the parser's marks: of the first key, of its value, of the second key ... They are
    converted on demand: to convert all takes as long as to parse.
    """

    __slots__ = ("_positions", "places", "start")

    def __init__(self, start: Any) -> None:
        self.start = start
        self.places: list[Any] = []
        self._positions: dict[Any, int] = {}  # of the keys, made on demand

    @property
    def mark(self) -> Mark:
        """Where it starts."""
        return one_based(self.start)

    def mark_of(self, key: object, *, itself: bool = False) -> Mark:
        """Where the value of a key stands, or the key itself."""
        if len(self._positions) != len(self):
            self._positions = {key: position for position, key in enumerate(self)}
        return one_based(self.places[2 * self._positions[key] + (not itself)])


class Seq(list[object]):
    """A list with its position and those of its items."""

    __slots__ = ("places", "start")

    def __init__(self, start: Any) -> None:
        self.start = start
        self.places: list[Any] = []

    @property
    def mark(self) -> Mark:
        """Where it starts."""
        return one_based(self.start)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An unquoted scalar that is not text to every parser: `1e3`, `true`, `2024-01-02`."""

    text: str

    def __str__(self) -> str:
        return self.text


def locate(file: str, root: object, path: ValuePath = (), key: bool = False) -> Location:
    """The place of a value in a parsed document, or of the nearest part around it."""
    mark = getattr(root, "mark", None)
    value: object = root
    for position, step in enumerate(path):
        last = position == len(path) - 1
        if isinstance(value, Map) and step in value:
            mark = value.mark_of(step, itself=key and last)
            value = value[step]
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value):
            mark = one_based(value.places[step])
            value = value[step]
        else:
            break
    return Location(file, *mark) if mark else Location(file)


_WORDS: dict[str, object] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_STARTS_OF_NUMBERS = "-+.0123456789"
_WORDS |= {
    word: Ambiguous(word) for word in ("true", "True", "TRUE", "false", "False", "FALSE", "=", "<<")
}
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
# These are compiled where a text begins like a number and is none.
_LEADING_ZERO = r"[-+]?0[0-9][0-9_]*"
# The union of what YAML 1.1, YAML 1.2, PyYAML and ruamel take for a number or a time, without
# base 60.
_TYPED = r"""(?x)[-+]?(?: [0-9_]+ | 0b[01_]+ | 0o[0-7_]+ | 0x[0-9a-fA-F_]+
        | [0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?
        | \.[0-9_]+(?:[eE][-+]?[0-9]+)?
        | \.(?:inf|Inf|INF|nan|NaN|NAN) )
    | [0-9]{4}-[0-9]{2}-[0-9]{2}
    | [0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
      (?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::?[0-9]{2})?))?"""
_BASE_60 = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
_TRUTHY = frozenset(("yes", "no", "on", "off"))
_LONGEST_TRUTHY = max(map(len, _TRUTHY))


def resolve_plain(text: str) -> object:
    """The value of an unquoted scalar: see the table above."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _STARTS_OF_NUMBERS:
        if INTEGER.fullmatch(text):
            return int(text)
        # `_1` and a lone sign are text everywhere; ruamel takes `+_` for a number, and fails.
        if re.fullmatch(_TYPED, text):
            return Ambiguous(text)
    return text


def ambiguity(text: str) -> str | None:
    """The warning about an unquoted scalar that has a value, if it needs one."""
    if len(text) <= _LONGEST_TRUTHY and text.lower() in _TRUTHY:
        return f"`{text}` is text here and true or false elsewhere: quote it"
    if text[:1] not in _STARTS_OF_NUMBERS or INTEGER.fullmatch(text):
        return None
    if ":" in text and re.fullmatch(_BASE_60, text):
        return f"`{excerpt(text)}` is text here and a number to base 60 elsewhere: quote it"
    if re.fullmatch(_LEADING_ZERO, text):
        return f"`{excerpt(text)}` is read in different ways because of its leading zero: quote it"
    return None


def repeated_key(key: str, remedy: str = "keep one of them") -> str:
    """The message about a key that its mapping has already."""
    return f"the key `{key}` stands here already: {remedy}"


def show(value: object) -> str:
    """A value for a message."""
    if isinstance(value, Ambiguous):
        return excerpt(value.text)
    if isinstance(value, Map):
        return "a mapping"
    if isinstance(value, Seq):
        return "a list"
    return "nothing" if value is None else excerpt(str(value))
