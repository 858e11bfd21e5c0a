"""Bytes -> guarded values with the place of each: YAML files and JSON lines.

Evidence is untrusted input. This module turns it into plain values, or into
problems that say where and what; nothing else comes out of it. The YAML parser
of ruamel (through `tdr.yaml_events`, imported only when needed) is used as a
source of events. The values are built here in one pass over those events, and
that pass is also the guard: limits, aliases, tags, keys.

Scalars become `str`, `int` or `None`. Parsers differ about unquoted scalars, so
whatever some YAML 1.1 or 1.2 parser takes for something else is `Ambiguous`,
and its reader can say "quote it":

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
| `y`, `n`, `1:30` (base 60 in YAML 1.1), everything else   | `str`                        |

A quoted or block scalar is always `str`. JSON values follow the same table.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from tdr.errors import Location, Problem, TdrError

if TYPE_CHECKING:
    from tdr.yaml_events import CollectionStartEvent, EventSource, MarkedYAMLError, ScalarEvent

    _Add = Callable[[object, "Mark"], None]

__all__ = [
    "Ambiguous",
    "Document",
    "Limits",
    "Line",
    "Map",
    "Mark",
    "Seq",
    "iter_jsonl",
    "locate",
    "parse_yaml",
    "read_file",
    "read_stream",
]

Mark = tuple[int, int]
"""Line and column, 1-based, columns in code points."""


# ------------------------------------------------------------------ values


class Map(dict[Any, object]):
    """A mapping that knows where it starts and where each key and value stands."""

    __slots__ = ("key_marks", "mark", "value_marks")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.key_marks: dict[Any, Mark] = {}
        self.value_marks: dict[Any, Mark] = {}


class Seq(list[object]):
    """A list that knows where it starts and where each item stands."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.marks: list[Mark] = []


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An unquoted scalar that is not text to every parser: `1e3`, `true`, `2024-01-02`."""

    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. `alias_nodes` counts the nodes that aliases stand for."""

    file_bytes: int = 8 * 1024 * 1024
    depth: int = 64
    aliases: int = 1000
    alias_nodes: int = 100_000


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file as read.

    `problems` are what makes it unreadable (then `value` is None) and warnings.
    `findings` are characters that do no harm while they are escaped on display,
    but do not belong into evidence: for `check` to report.
    """

    name: str
    value: object
    mark: Mark
    problems: tuple[Problem, ...]
    text: str
    findings: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those of `problems` that make the file unreadable."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a JSONL file. With problems, `value` is None. `findings`: as in Document."""

    number: int
    value: object
    text: str
    problems: tuple[Problem, ...] = ()
    findings: tuple[Problem, ...] = ()


# ------------------------------------------------------------------- files


def read_file(path: Path, *, name: str | None = None, limits: Limits | None = None) -> bytes:
    """The content of a regular file. `name` is the file's name in messages.

    Raises TdrError for everything that can go wrong, and never blocks: a FIFO
    or device is refused without waiting for its other end.
    """
    limits = limits or Limits()
    name = str(path) if name is None else name
    with _open_regular(path, name) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limits.file_bytes:
            raise TdrError(_too_large(name, limits, size))
        return read_stream(file, name, limits)


def read_stream(stream: BinaryIO, name: str, limits: Limits | None = None) -> bytes:
    """All of a binary stream, such as standard input, if it ends within the limit."""
    limits = limits or Limits()
    chunks: list[bytes] = []
    room = limits.file_bytes + 1
    try:
        # A pipe hands over less than asked for, so read until it ends or there is too much.
        while room and (chunk := stream.read(room)):
            chunks.append(chunk)
            room -= len(chunk)
    except (OSError, ValueError) as error:
        raise TdrError(_unreadable(name, error)) from None
    if not room:
        raise TdrError(_too_large(name, limits))
    return b"".join(chunks)


def _open_regular(path: Path, name: str) -> BinaryIO:
    # Opened first and looked at then, so that nothing can be swapped in between. Windows has
    # neither flag and needs O_BINARY.
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:  # ValueError: NUL or a lone surrogate in the path
        raise TdrError(_unreadable(name, error)) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "is a directory" if stat.S_ISDIR(mode) else "is not a regular file"
        raise TdrError(Problem(f"{kind}: a file is expected here", location=Location(name)))
    return os.fdopen(descriptor, "rb")


def _unreadable(name: str, error: OSError | ValueError) -> Problem:
    reason = error.strerror if isinstance(error, OSError) else None
    return Problem(f"cannot be read: {reason or _visible(str(error))}", location=Location(name))


def _too_large(name: str, limits: Limits, size: int | None = None) -> Problem:
    found = "" if size is None else f"is {size:,} bytes and "
    text = f"{found}exceeds the limit of {limits.file_bytes:,} bytes for one file: split it"
    return Problem(text, "size", Location(name))


# -------------------------------------------------------------- characters

_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_LF, _CRLF = re.compile("(?<!\r)\n"), re.compile("\r\n")
_BOM = re.compile("\ufeff")
_CONTROLS = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff"
_UNPRINTABLE = re.compile(f"[{_CONTROLS}]")
_BIDI = "\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2060-\u2065"
    "\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_EMOJI = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
# What a scalar should not hold; a zero-width joiner between two emoji is part of one.
_SUSPECT = re.compile(
    f"[{_CONTROLS}\r\x85\u2028\u2029\ud800-\udfff{_BIDI}{_INVISIBLE}]"
    f"|(?<!{_EMOJI})\u200d|\u200d(?!{_EMOJI})"
)
_CONFLICT = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: [^\n]*)?$", re.MULTILINE)

_NAMES = {"\0": "NUL", "\t": "TAB", "\r": "CR", "\x1b": "ESC", "\x7f": "DEL", "\x85": "NEL",
          "\ufeff": "byte order mark"}  # fmt: skip


def _code(char: str) -> str:
    """A character as it may stand in a message: its code point and, if it has one, its name."""
    name = _NAMES.get(char) or unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X} ({name})" if name else f"U+{ord(char):04X}"


def _visible(text: str, width: int = 60) -> str:
    """`text` for a message: one line, no hidden characters, not too long."""
    shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text[: width + 1])
    return shown if len(text) <= width else shown[: width - 1] + "…"


def _position(text: str, index: int, first_line: int = 1) -> Mark:
    return (first_line + text.count("\n", 0, index), index - text.rfind("\n", 0, index))


_OTHER_ENCODINGS = (
    (b"\xff\xfe\0\0", 32),
    (b"\0\0\xfe\xff", 32),
    (b"\xff\xfe", 16),
    (b"\xfe\xff", 16),
)
_ZEROS = {b"\1\0\0\0": 32, b"\0\0\0\1": 32, b"\1\0\1\0": 16, b"\0\1\0\1": 16}


def _decode(data: bytes, name: str, first_line: int = 1) -> str | Problem:
    """The text without a leading byte order mark, or what is wrong with the encoding."""
    width = next((width for start, width in _OTHER_ENCODINGS if data.startswith(start)), 0)
    if not width:
        # Without a mark: evidence starts with ASCII, so zeros give it away.
        width = _ZEROS.get(bytes(byte and 1 for byte in data[:4]), 0)
    if width:
        text = f"the file is UTF-{width}: save it as UTF-8"
        return Problem(text, "encoding", Location(name, first_line, 1))
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
        line = first_line + data.count(b"\n", 0, at)
        column = len(data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8")) + 1
        text = f"byte 0x{data[at]:02X} is not valid UTF-8: save the file as UTF-8"
        return Problem(text, "encoding", Location(name, line, column))


def _check_text(text: str, name: str, first_line: int = 1) -> list[Problem]:
    """What is wrong with the characters of a text, before anything is parsed."""

    def first(rule: str, pattern: re.Pattern[str], say: str, severity: str = "error") -> None:
        match = pattern.search(text)
        if match:
            location = Location(name, *_position(text, match.start(), first_line))
            say = say.replace("{}", _code(match.group()[0]))
            problems.append(Problem(say, rule, location, severity))

    problems: list[Problem] = []
    if any(marker in text for marker in ("<<<<<<<", "|||||||", "=======", ">>>>>>>")):
        first("conflict-marker", _CONFLICT, "a merge conflict is left here: resolve it")
    if not _SUSPECT.search(text):  # the usual case, and one search takes a quarter of four
        return problems
    first("encoding", _UNPRINTABLE, "the character {} cannot stand in a file: remove it")
    first("line-break", _BREAKS, "{} is a line break to some programs only: use LF or CRLF")
    first("bom", _BOM, "{} inside the file (two files joined?): remove it")
    if "\r\n" in text and not problems:
        other = _LF if text.find("\r\n") < text.find("\n") else _CRLF
        say = "this line ends in another way than the first: use LF or CRLF throughout"
        first("line-break", other, say, "warning")
    return problems


def _finding(char: str, location: Location, related: Location | None = None) -> Problem:
    """The problem that a suspect character is."""
    shown = _code(char)
    if "\ud800" <= char <= "\udfff":
        text = f"{shown} is half of a surrogate pair and no character: write the character itself"
        return Problem(text, "control-char", location, related=related)
    if re.match(f"[{_BIDI}]", char):
        text = f"{shown} changes the order in which text is shown: remove it"
        return Problem(text, "bidi", location, related=related)
    if re.match(f"[\u200d{_INVISIBLE}]", char):
        text = f"{shown} cannot be seen: remove it"
        return Problem(text, "invisible", location, "warning", related)
    text = f"{shown} is a control character and does not belong into text: remove it"
    return Problem(text, "control-char", location, related=related)


# ----------------------------------------------------------- plain scalars

_WORDS: dict[str, object] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {
    word: Ambiguous(word) for word in ("true", "True", "TRUE", "false", "False", "FALSE", "=", "<<")
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9][0-9_]*")
# The union of what YAML 1.1, YAML 1.2, PyYAML and ruamel take for a number or a time, without
# base 60.
_TYPED = re.compile(
    r"""[-+]?(?: [0-9_]+ | 0b[01_]+ | 0o[0-7_]+ | 0x[0-9a-fA-F_]+
        | [0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?
        | \.[0-9_]+(?:[eE][-+]?[0-9]+)?
        | \.(?:inf|Inf|INF|nan|NaN|NAN) )
    | [0-9]{4}-[0-9]{2}-[0-9]{2}
    | [0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
      (?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::?[0-9]{2})?))?""",
    re.VERBOSE,
)
_TRUTHY = frozenset(("yes", "no", "on", "off"))


def _resolve(text: str) -> object:
    """The value of an unquoted scalar: see the table above."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "-+.0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        # `_1` and a lone sign are text everywhere; ruamel takes `+_` for a number, and fails.
        if _TYPED.fullmatch(text):
            return Ambiguous(text)
    return text


def _doubtful(text: str) -> str | None:
    """Why an unquoted scalar deserves a warning though it has a value."""
    if text.lower() in _TRUTHY:
        return f"`{text}` is text here and true or false elsewhere: quote it"
    if _LEADING_ZERO.fullmatch(text):
        return f"`{_visible(text)}` is read in different ways because of its leading zero: quote it"
    return None


# --------------------------------------------------------------- YAML files

_MOST_PROBLEMS = 50  # more from one file would help nobody


def parse_yaml(
    data: bytes, name: str, limits: Limits | None = None, *, first_line: int = 1
) -> Document:
    """Read one YAML document. Never raises: whatever is wrong is in the result.

    `first_line` is the number of the first line, for a piece of a larger file.
    """
    limits = limits or Limits()
    start = (first_line, 1)
    if len(data) > limits.file_bytes:
        return Document(name, None, start, (_too_large(name, limits, len(data)),), "")
    text = _decode(data, name, first_line)
    if isinstance(text, Problem):
        return Document(name, None, start, (text,), "")
    problems = _check_text(text, name, first_line)
    if any(problem.severity == "error" for problem in problems):
        return Document(name, None, start, tuple(problems), text)
    builder = _Builder(text.replace("\r\n", "\n"), name, limits, first_line)
    builder.run()
    problems = sorted(problems + builder.problems, key=_place)
    broken = any(problem.severity == "error" for problem in problems)
    value = None if broken else builder.value
    findings = sorted(builder.findings, key=_place)
    return Document(name, value, builder.mark, tuple(problems), text, tuple(findings))


def _place(problem: Problem) -> Mark:
    location = problem.location
    return (location.line or 0, location.column or 0) if location else (0, 0)


class _StopError(Exception):
    """Reading cannot go on; the reason is already among the problems."""


@dataclass(slots=True)
class _Anchor:
    """What an anchor names. The last three are known once its node is complete."""

    mark: Mark
    value: object = None
    complete: bool = False
    size: int = 0  # nodes in it, with those that its own aliases stand for
    height: int = 0  # levels of collections


class _OpenSeq:
    """A list that is being read."""

    def __init__(self, mark: Mark, anchor: _Anchor | None) -> None:
        self.value = Seq(mark)
        self.anchor = anchor

    def add(self, value: object, mark: Mark) -> None:
        self.value.append(value)
        self.value.marks.append(mark)

    def close(self) -> None:
        """A list needs nothing more."""


_NO_KEY = None  # None cannot be a key
_MERGE = object()  # stands for the key `<<`; another object() stands for a refused key


class _OpenMap:
    """A mapping that is being read: it is handed keys and values in turn."""

    def __init__(self, mark: Mark, anchor: _Anchor | None, builder: _Builder) -> None:
        self.value = Map(mark)
        self.anchor = anchor
        self.builder = builder
        self.key: object = _NO_KEY
        self.merges: list[tuple[object, Mark]] = []

    def add(self, value: object, mark: Mark) -> None:
        key = self.key
        if key is _NO_KEY:
            if value.__class__ not in (str, int) or value in self.value.key_marks:
                value = self.unusual_key(value, mark)
            self.key = value
            self.value.key_marks[value] = mark
            return
        if key.__class__ is object:
            self.unusual_value(value, mark)
        else:
            self.value[key] = value
            self.value.value_marks[key] = mark
        self.key = _NO_KEY

    def unusual_key(self, key: object, mark: Mark) -> object:
        """`<<`, or one that is refused."""
        problem = self.builder.problem
        merge = key == Ambiguous("<<")
        if merge and _MERGE not in self.value.key_marks:
            return _MERGE
        if isinstance(key, (Map, Seq)):
            # What is inside of a refused key is not worth a problem of its own.
            if self.builder.refused_key is None:
                self.builder.refused_key = self
                problem("key", f"a key must be text or an integer, not {_show(key)}", mark)
        elif key is None:
            problem("key", "a key must be text or an integer, not nothing", mark)
        elif isinstance(key, Ambiguous) and not merge:
            problem("key", f"a key must be text or an integer: quote it: '{_show(key)}'", mark)
        else:
            first = self.value.key_marks[_MERGE if merge else key]
            text = f"the key `{_show(key)}` stands already in line {first[0]}: keep one of them"
            problem("duplicate-key", text, mark, related=first)
        return object()

    def unusual_value(self, value: object, mark: Mark) -> None:
        if self.key is _MERGE:
            self.merges.append((value, mark))
        elif self.builder.refused_key is self:
            self.builder.refused_key = None

    def close(self) -> None:
        """Add the keys that `<<` brings: a key of one's own wins, then the first in the list."""
        own = self.value
        own.key_marks.pop(_MERGE, None)
        for value, mark in self.merges:
            sources = value if isinstance(value, Seq) else [value]
            for source in sources:
                if not isinstance(source, Map):
                    say = f"`<<` takes a mapping or a list of mappings, not {_show(source)}"
                    self.builder.problem("merge", say, mark)
                    continue
                for key in source:
                    if key not in own:
                        own[key] = source[key]
                        own.key_marks[key] = source.key_marks[key]
                        own.value_marks[key] = source.value_marks[key]


def _show(value: object) -> str:
    """A value in a message."""
    if isinstance(value, Ambiguous):
        return _visible(value.text)
    if isinstance(value, Map):
        return "a mapping"
    if isinstance(value, Seq):
        return "a list"
    return "nothing" if value is None else _visible(str(value))


class _Builder:
    """One pass over the events of a text: builds the values and guards what they cost."""

    def __init__(self, text: str, name: str, limits: Limits, first_line: int) -> None:
        self.text, self.name, self.limits, self.first_line = text, name, limits, first_line
        self.value: object = None
        self.mark: Mark = (first_line, 1)
        self.problems: list[Problem] = []
        self.findings: list[Problem] = []
        self.open: list[_OpenMap | _OpenSeq] = []
        self.anchors: dict[str, _Anchor] = {}
        self.refused_key: _OpenMap | None = None  # the mapping whose key is refused, while in it
        self.nodes = 0  # so far, with those that aliases stand for
        self.aliases = self.alias_nodes = 0
        self.peaks: list[int] = []  # of each open collection with an anchor: the deepest level
        self.spans: list[tuple[int, int]] = []  # of the scalars with suspect characters
        self.line_starts: list[int] = []
        self.known: dict[str, object] = {}  # unquoted scalars met before, and nothing to say of
        raw = _SUSPECT.search(text) is not None
        self.inspected = (None, "'", '"', "|", ">") if raw else ('"',) if "\\" in text else ()

    def run(self) -> None:
        """Fill `value`, `problems` and `findings`."""
        from tdr.yaml_events import EventSource, MarkedYAMLError, RefusedError

        source = EventSource(self.text, self.first_line)
        with contextlib.suppress(_StopError):
            try:
                self.build(source)
            except _StopError:
                pass
            except RefusedError as refused:
                self.problem(refused.rule, refused.text, refused.mark)
            except MarkedYAMLError as error:
                self.problem("syntax", *_syntax(error, self.text, self.first_line))
            except Exception as error:
                text = f"cannot be parsed ({type(error).__name__}: {_visible(str(error))})"
                self.problem("syntax", text, source.mark)
            for tag, mark in source.tags:
                self.problem("tag", f"the tag {_visible(tag)} cannot be used: remove it", mark)
        self.inspect_comments()

    def build(self, source: EventSource) -> None:
        from tdr.yaml_events import (
            AliasEvent,
            CollectionEndEvent,
            DocumentStartEvent,
            MappingStartEvent,
            ScalarEvent,
            SequenceStartEvent,
        )

        documents = 0
        add: _Add = self.add_root
        for event in source:
            if isinstance(event, ScalarEvent):
                self.nodes += 1
                add(self.scalar(event), event.start_mark)
            elif isinstance(event, CollectionEndEvent):
                add = self.leave()
            elif isinstance(event, MappingStartEvent):
                add = self.enter(event, add, sequence=False)
            elif isinstance(event, SequenceStartEvent):
                add = self.enter(event, add, sequence=True)
            elif isinstance(event, AliasEvent):
                add(self.alias(event.anchor, event.start_mark), event.start_mark)
            elif isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    text = "a second document starts here: only one can stand in a file"
                    self.stop("root", text, event.start_mark)
        if self.value is None:
            text = "the file is empty: nothing is read from it"
            self.problem("empty", text, self.mark, "warning")

    def add_root(self, value: object, mark: Mark) -> None:
        self.value, self.mark = value, mark

    def enter(self, event: CollectionStartEvent, add: _Add, *, sequence: bool) -> _Add:
        """Start a collection. It joins its parent at once: its own content comes later."""
        mark: Mark = event.start_mark
        depth = len(self.open) + 1
        self.check_depth(depth, mark)
        anchor = None
        if event.anchor is not None:
            anchor = self.anchor(event.anchor, mark)
            anchor.size = -self.nodes  # so that adding the count at its end gives the size
            self.peaks.append(depth)
        self.nodes += 1
        new = _OpenSeq(mark, anchor) if sequence else _OpenMap(mark, anchor, self)
        add(new.value, mark)
        self.open.append(new)
        return new.add

    def leave(self) -> _Add:
        """End a collection; what follows belongs to its parent."""
        done = self.open.pop()
        done.close()
        anchor = done.anchor
        if anchor is not None:
            peak = self.peaks.pop()
            anchor.value, anchor.complete = done.value, True
            anchor.size += self.nodes
            anchor.height = peak - len(self.open)
            if self.peaks:
                self.peaks[-1] = max(self.peaks[-1], peak)
        return self.open[-1].add if self.open else self.add_root

    def check_depth(self, depth: int, mark: Mark) -> None:
        if depth > self.limits.depth:
            text = f"collections are nested deeper than {self.limits.depth} levels"
            self.stop("depth", text, mark)
        if self.peaks and depth > self.peaks[-1]:
            self.peaks[-1] = depth

    def anchor(self, name: str, mark: Mark) -> _Anchor:
        anchor = self.anchors.get(name)
        if anchor is not None:
            shown, line = _visible(name), anchor.mark[0]
            text = f"the anchor &{shown} stands already in line {line}: give it another name"
            self.problem("duplicate-anchor", text, mark, related=anchor.mark)
        anchor = self.anchors[name] = _Anchor(mark)
        return anchor

    def alias(self, name: str, mark: Mark) -> object:
        """The value that an alias stands for; it is shared, and counted as if it were copied."""
        anchor = self.anchors.get(name)
        if anchor is None:
            text = f"the alias *{_visible(name)} has no anchor &{_visible(name)} before it"
            self.problem("syntax", text, mark)
            return None
        if not anchor.complete:
            text = f"the alias *{_visible(name)} stands inside the value that it names"
            self.stop("alias-cycle", text, mark, related=anchor.mark)
        self.aliases += 1
        self.alias_nodes += anchor.size
        self.nodes += anchor.size
        limits = self.limits
        if self.aliases > limits.aliases:
            self.stop("alias-limit", f"there are more than {limits.aliases:,} aliases", mark)
        if self.alias_nodes > limits.alias_nodes:
            text = f"aliases stand for more than {limits.alias_nodes:,} values"
            self.stop("alias-limit", text, mark)
        self.check_depth(len(self.open) + anchor.height, mark)
        return anchor.value

    def scalar(self, event: ScalarEvent) -> object:
        text: str = event.value
        if event.style in self.inspected:
            self.inspect(text, event.start_mark, event.end_mark)
        value: object = text
        if event.style is None:
            try:
                value = self.known[text]
            except KeyError:
                value = self.resolve(text, event.start_mark)
        if event.anchor is not None:
            anchor = self.anchor(event.anchor, event.start_mark)
            anchor.value, anchor.complete, anchor.size = value, True, 1
        return value

    def resolve(self, text: str, mark: Mark) -> object:
        doubt = _doubtful(text)
        if doubt:
            self.problem("ambiguous", doubt, mark, "warning")
            return _resolve(text)
        value = self.known[text] = _resolve(text)
        return value

    def inspect(self, text: str, start: Mark, end: Mark) -> None:
        """Note the suspect characters of a scalar; half a surrogate pair is an error at once."""
        suspects = dict.fromkeys(_SUSPECT.findall(text))
        if not suspects:
            return
        span = self.index(start), self.index(end)
        self.spans.append(span)
        for char in suspects:
            place = Location(self.name, *start)
            raw = self.text.find(char, *span)
            found = _finding(char, place, self.location(raw) if raw >= 0 else None)
            into = self.problems if "\ud800" <= char <= "\udfff" else self.findings
            if len(into) < _MOST_PROBLEMS:
                into.append(found)

    def inspect_comments(self) -> None:
        """Note the suspect characters outside of scalars: they can hide text from a reader."""
        if None not in self.inspected:
            return
        spans = iter([*self.spans, (len(self.text), len(self.text))])
        start, end = next(spans)
        for match in _SUSPECT.finditer(self.text):
            while match.start() >= end < len(self.text):
                start, end = next(spans)
            if match.start() < start and len(self.findings) < _MOST_PROBLEMS:
                place = self.location(match.start())
                self.findings.append(_finding(match.group(), place))

    def index(self, mark: Mark) -> int:
        """Where in the text a mark is."""
        if not self.line_starts:
            self.line_starts = [0, *(m.end() for m in re.finditer("\n", self.text))]
        return self.line_starts[mark[0] - self.first_line] + mark[1] - 1

    def location(self, index: int) -> Location:
        return Location(self.name, *_position(self.text, index, self.first_line))

    def problem(
        self,
        rule: str,
        text: str,
        mark: Mark,
        severity: str = "error",
        related: Mark | None = None,
    ) -> None:
        if len(self.problems) >= _MOST_PROBLEMS:
            if severity == "warning":
                return
            raise _StopError
        see = Location(self.name, *related) if related else None
        self.problems.append(Problem(text, rule, Location(self.name, *mark), severity, see))

    def stop(self, rule: str, text: str, mark: Mark, related: Mark | None = None) -> NoReturn:
        self.problem(rule, text, mark, related=related)
        raise _StopError


# What ruamel says -> what to say, and whether at the start of the thing (its "context") or where
# the parser gave up.
_SYNTAX = (
    (r"mapping values are not allowed", "`: ` inside an unquoted value: quote the value", False),
    (r"could not find expected ':'",
     "this is neither `key: value` nor part of the value before it: check its indentation", True),
    (r"found unexpected end of stream|document separator", "the quote is never closed", True),
    (r"sequence entries are not allowed", "a list item (`- `) cannot start here", False),
    (r"mapping keys are not allowed", "a key (`? `) cannot start here", False),
    (r"found character '(.)' that cannot start", "`{}` cannot start a value: quote it", False),
    (r"found unknown escape character '(.)'",
     "`\\{}` is no escape: write `\\\\` for a backslash or use single quotes", False),
    (r"expected escape sequence", "an escape needs all its hexadecimal digits", False),
    (r"beyond U\+10FFFF", "an escape beyond U+10FFFF", False),
    (r"expected <block end>",
     "this does not line up with the block before it: check its indentation", False),
    (r"expected ',' or '\]'", "the list is not closed here: a `,` or `]` is missing", False),
    (r"expected ',' or '\}'", "the mapping is not closed here: a `,` or `}}` is missing", False),
)  # fmt: skip


def _syntax(
    error: MarkedYAMLError, text: str, first_line: int
) -> tuple[str, Mark, str, Mark | None]:
    """A message in our own words, where, its severity, and what it refers to."""
    context, mark = error.context_mark, error.problem_mark
    at = mark or context or (first_line, 1)
    lines = text.split("\n")
    line = lines[at[0] - first_line] if at[0] - first_line < len(lines) else ""
    if line[at[1] - 1 : at[1]] == "\t":
        return "a tab stands where only spaces can: replace it", at, "error", None
    said = error.problem or error.context or ""
    for pattern, say, at_start in _SYNTAX:
        found = re.search(pattern, said)
        if found:
            place = context or at if at_start else at
            related = context if context != place else None
            return say.format(*found.groups()), place, "error", related
    return f"not valid YAML: {_visible(said, 120)}", at, "error", context if context != at else None


# --------------------------------------------------------------- JSON lines


def iter_jsonl(path: Path, name: str | None = None, limits: Limits | None = None) -> Iterator[Line]:
    """The lines of a JSONL file one after the other; blank ones are left out.

    The file may be of any size: one line is in memory at a time, and `limits`
    holds for each line. What is wrong with a line is in the line; TdrError
    only if the file cannot be read.
    """
    limits = limits or Limits()
    name = str(path) if name is None else name
    size = limits.file_bytes
    with _open_regular(path, name) as file:
        number = 0
        try:
            while raw := file.readline(size + 2):
                number += 1
                if len(raw.rstrip(b"\r\n")) > size:
                    while raw and not raw.endswith(b"\n"):
                        raw = file.readline(1 << 16)
                    say = f"the line exceeds the limit of {size:,} bytes"
                    yield Line(number, None, "", (Problem(say, "size", Location(name, number)),))
                    continue
                line = _json_line(raw, number, name, limits)
                if line is not None:
                    yield line
                    if line.problems and number == 1 and b"\0" in raw:
                        return  # UTF-16: every other line would fail, too
        except OSError as error:
            raise TdrError(_unreadable(name, error)) from None


class _DuplicateError(Exception):
    """A key stands twice in one JSON object."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _DuplicateError
    return value


def _json_integer(text: str) -> object:
    return int(text) if len(text) <= 18 or _INTEGER.fullmatch(text) else Ambiguous(text)


# The hook that refuses duplicate keys makes the standard library's C scanner slower by a third;
# counting keys in the text and in the result instead costs twice as much.
_JSON = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_json_integer,
    parse_float=Ambiguous,
    parse_constant=Ambiguous,
)
_JSON_SPACE = " \t\r\n"
# Escapes of characters that `_SUSPECT` may match; half of a pair of surrogates among them.
_JSON_SUSPECT = re.compile(
    r"\\(?:[bfr]|u(?:00[0189]|007f|00ad|034f|061c|11[56]|17b|180|20[026]|3164|d[89a-f]|f[ef]))",
    re.IGNORECASE,
)


def _json_line(raw: bytes, number: int, name: str, limits: Limits) -> Line | None:
    """One line read, or None if it is blank."""
    text = _json_text(raw, number, name)
    if isinstance(text, Problem):
        return Line(number, None, "", (text,))
    if not text:
        return None
    plain = text.isascii() and "\\" not in text
    if not plain or "\r" in text or "\x7f" in text:
        problems = _check_text(text, name, number)
        if problems:
            return Line(number, None, text, tuple(problems))
    value: object = None
    try:
        value = _json_value(text, limits)
    except _DuplicateError:
        plain = False  # the second reading tells where
    except _JsonError as error:
        say, rule, index = error.args
        return Line(number, None, text, (Problem(say, rule, Location(name, number, index + 1)),))
    if plain or not (_JSON_SUSPECT.search(text) or _SUSPECT.search(text) or value is None):
        return Line(number, value, text)
    scan = _JsonScan(text, number, name)
    value = None if scan.problems else value
    return Line(number, value, text, tuple(scan.problems), tuple(scan.findings))


def _json_text(raw: bytes, number: int, name: str) -> str | Problem:
    """The line without the space at its end."""
    try:
        text: str | Problem = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode(raw, name, number)
    else:
        if number == 1:
            text = _decode(raw, name)
    return text if isinstance(text, Problem) else text.rstrip(_JSON_SPACE)


class _JsonError(Exception):
    """What is wrong, the rule, and at which index."""


def _json_value(text: str, limits: Limits) -> object:
    if text.count("[") + text.count("{") > limits.depth:
        index = _too_deep(text, limits.depth)
        if index is not None:
            say = f"collections are nested deeper than {limits.depth} levels"
            raise _JsonError(say, "depth", index)
    start = len(text) - len(text.lstrip(_JSON_SPACE))
    try:
        value, end = _JSON.raw_decode(text, start)
    except json.JSONDecodeError as error:
        say = f"not valid JSON: {error.msg[0].lower()}{error.msg[1:]}"
        raise _JsonError(say, "syntax", error.pos) from None
    if end != len(text):
        raise _JsonError("more text follows after the JSON value", "syntax", end)
    return _no_booleans(value) if "true" in text or "false" in text else value


_JSON_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]')


def _too_deep(text: str, limit: int) -> int | None:
    """The index of the collection that is one level too deep."""
    depth = 0
    for match in _JSON_NESTING.finditer(text):
        found = match.group()
        depth += (found in "[{") - (found in "]}")
        if depth > limit:
            return match.start()
    return None


def _no_booleans(value: object) -> object:
    if isinstance(value, dict):
        return {key: _no_booleans(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_no_booleans(item) for item in value]
    if isinstance(value, bool):
        return Ambiguous("true" if value else "false")
    return value


def locate(line: Line, name: str = "") -> Map:
    """The object of a JSON line once more, with the place of each key and value.

    For messages: it takes far longer than `iter_jsonl`. Empty if the line holds no object.
    """
    root = _JsonScan(line.text, line.number, name).root if line.value is not None else None
    return root if isinstance(root, Map) else Map((line.number, 1))


class _JsonScan:
    """A second, slow reading of one line of valid JSON that keeps the places."""

    def __init__(self, text: str, number: int, name: str) -> None:
        self.text, self.number, self.name = text, number, name
        self.problems: list[Problem] = []
        self.findings: list[Problem] = []
        self.at = 0
        self.root = self.value()

    def mark(self) -> Mark:
        """The place of the next token."""
        while self.text[self.at] in _JSON_SPACE:
            self.at += 1
        return (self.number, self.at + 1)

    def skip(self, token: str) -> bool:
        """Step over the next token if it is this one."""
        self.mark()
        found = self.text[self.at] == token
        self.at += found
        return found

    def value(self) -> object:
        mark = self.mark()
        if self.skip("{"):
            return self.mapping(Map(mark))
        if self.skip("["):
            return self.items(Seq(mark))
        value, self.at = _JSON.raw_decode(self.text, self.at)
        if isinstance(value, str):
            self.inspect(value, mark)
        return _no_booleans(value)

    def mapping(self, value: Map) -> Map:
        while not self.skip("}"):
            self.skip(",")
            mark = self.mark()
            key = self.value()
            if key in value.key_marks:
                first = value.key_marks[key]
                say = f"the key `{_show(key)}` stands already in column {first[1]}: keep one"
                see, place = Location(self.name, *first), Location(self.name, *mark)
                self.problems.append(Problem(say, "duplicate-key", place, related=see))
            self.skip(":")
            value.key_marks[key] = mark
            value.value_marks[key] = self.mark()
            value[key] = self.value()
        return value

    def items(self, value: Seq) -> Seq:
        while not self.skip("]"):
            self.skip(",")
            value.marks.append(self.mark())
            value.append(self.value())
        return value

    def inspect(self, text: str, mark: Mark) -> None:
        for char in dict.fromkeys(_SUSPECT.findall(text)):
            into = self.problems if "\ud800" <= char <= "\udfff" else self.findings
            if len(into) < _MOST_PROBLEMS:
                into.append(_finding(char, Location(self.name, *mark)))
