"""Bytes -> guarded values with the place of each: YAML files and JSON lines.

Evidence is untrusted input. This module turns it into plain values, or into
problems that say where and what; nothing else comes out of it. Both formats
give the same values for the same evidence.

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

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tdr.model.errors import Location, Problem, TdrError
from tdr.read.limits import IN_FORCE, Limits, hint
from tdr.read.positions import (
    INTEGER,
    SUSPECT,
    Ambiguous,
    Map,
    Mark,
    Report,
    Seq,
    check_text,
    decode,
    show,
    visible,
)

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


class Line(NamedTuple):
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
    limits = limits or IN_FORCE.get()
    name = str(path) if name is None else name
    with _open_regular(path, name) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limits.file_bytes:
            raise TdrError(_too_large(name, limits, size))
        return read_stream(file, name, limits)


def read_stream(stream: BinaryIO, name: str, limits: Limits | None = None) -> bytes:
    """All of a binary stream, such as standard input, if it ends within the limit."""
    limits = limits or IN_FORCE.get()
    chunks: list[bytes] = []
    room = limits.file_bytes + 1
    try:
        # A pipe hands over less than asked for, so read until it ends or there is too much.
        while room > 0 and (chunk := stream.read(room)):
            chunks.append(chunk)
            room -= len(chunk)
    except (OSError, ValueError) as error:
        raise TdrError(_unreadable(name, error)) from None
    if room <= 0:
        raise TdrError(_too_large(name, limits))
    return b"".join(chunks)


def _open_regular(path: Path, name: str) -> BinaryIO:
    # Opened first and looked at then, so that nothing can be swapped in between. Windows lacks
    # the first three and needs O_BINARY.
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:  # ValueError: NUL or a lone surrogate in the path
        if getattr(error, "errno", None) == errno.ENXIO:  # how a socket answers
            raise TdrError(_not_a_file(name, "is not a regular file")) from None
        raise TdrError(_unreadable(name, error)) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "is a directory" if stat.S_ISDIR(mode) else "is not a regular file"
        raise TdrError(_not_a_file(name, kind))
    return os.fdopen(descriptor, "rb")


def _not_a_file(name: str, kind: str) -> Problem:
    return Problem(f"{kind}: a file is expected here", location=Location(name))


def _unreadable(name: str, error: OSError | ValueError) -> Problem:
    reason = error.strerror if isinstance(error, OSError) else None
    return Problem(f"cannot be read: {reason or visible(str(error))}", location=Location(name))


def _too_large(name: str, limits: Limits, size: int | None = None) -> Problem:
    found = "" if size is None else f"is {size:,} bytes and "
    text = f"{found}exceeds the limit of {limits.file_bytes:,} bytes for one file: split it"
    return Problem(text + hint("file_bytes"), "size", Location(name, 1, 1))


# --------------------------------------------------------------- YAML files


def parse_yaml(
    data: bytes, name: str, limits: Limits | None = None, *, first_line: int = 1
) -> Document:
    """Read one YAML document. Never raises: whatever is wrong is in the result.

    `first_line` is the number of the first line, for a piece of a larger file.
    """
    limits = limits or IN_FORCE.get()
    start = (first_line, 1)
    if len(data) > limits.file_bytes:
        return Document(name, None, start, (_too_large(name, limits, len(data)),), "")
    text = decode(data, name, first_line)
    if isinstance(text, Problem):
        return Document(name, None, start, (text,), "")
    problems = check_text(text, name, first_line)
    if any(problem.severity == "error" for problem in problems):
        return Document(name, None, start, tuple(problems), text)

    from tdr.read.yaml import Builder  # brings ruamel.yaml: 17 ms

    builder = Builder(text.replace("\r\n", "\n"), name, limits, first_line)
    for problem in problems:
        builder.report.add(problem)
    builder.run()
    found, findings = builder.report.in_order()
    broken = any(problem.severity == "error" for problem in found)
    return Document(name, None if broken else builder.value, builder.mark, found, text, findings)


# --------------------------------------------------------------- JSON lines


def iter_jsonl(path: Path, name: str | None = None, limits: Limits | None = None) -> Iterator[Line]:
    """The lines of a JSONL file one after the other; blank ones are left out.

    The file may be of any size: one line is in memory at a time, and `limits`
    holds for each line. What is wrong with a line is in the line; TdrError
    only if the file cannot be read.
    """
    limits = limits or IN_FORCE.get()
    name = str(path) if name is None else name
    size = limits.file_bytes
    with _open_regular(path, name) as file:
        number = 0
        try:
            while raw := file.readline(size + 2):
                number += 1
                if raw == b"\n":
                    continue
                if len(raw) > size and len(raw.rstrip(b"\r\n")) > size:
                    say = f"the line exceeds the limit of {size:,} bytes: split it"
                    say += hint("file_bytes")
                    yield Line(number, None, "", (Problem(say, "size", Location(name, number, 1)),))
                    # The next line is looked for, but not for terabytes.
                    end = file.tell() + _LONGEST_SKIP
                    while raw and not raw.endswith(b"\n") and file.tell() < end:
                        raw = file.readline(1 << 16)
                    if raw and not raw.endswith(b"\n"):
                        return
                    continue
                line = _json_line(raw, number, name, limits)
                if line is not None:
                    yield line
                    if line.problems and number == 1 and b"\0" in raw:
                        return  # UTF-16: every other line would fail, too
        except OSError as error:
            raise TdrError(_unreadable(name, error)) from None


_LONGEST_SKIP = 1 << 26
"""So many bytes of a line that is too long are passed over to get to the next."""


class _DuplicateError(Exception):
    """A key stands twice in one JSON object."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _DuplicateError
    return value


def _json_integer(text: str) -> object:
    return int(text) if len(text) <= 18 or INTEGER.fullmatch(text) else Ambiguous(text)


# The hook that refuses duplicate keys makes the standard library's C scanner slower by a fifth;
# counting keys in the text and in the result instead costs more.
_JSON = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_json_integer,
    parse_float=Ambiguous,
    parse_constant=Ambiguous,
)
_JSON_SPACE = " \t\r\n"
# Escapes of characters that `SUSPECT` may match; half of a pair of surrogates among them.
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
    harmless = text.isascii() or _is_harmless(raw)
    if (not harmless or "\r" in text or "\x7f" in text) and (bad := check_text(text, name, number)):
        return Line(number, None, text, tuple(bad))
    value: object = None
    try:
        value = _json_value(text, limits)
    except _JsonError as error:
        say, rule, index = error.args
        wrong = Problem(say, rule, Location(name, number, index + 1))
        # A raw control character or a merge conflict is no JSON either: name the cause.
        return Line(number, None, text, tuple(check_text(text, name, number)) or (wrong,))
    except _DuplicateError:
        pass  # the second reading tells where
    else:
        if harmless and not ("\\" in text and _JSON_SUSPECT.search(text)):
            return Line(number, value, text)
    scan = _JsonScan(text, number, name)
    found, findings = scan.report.in_order()
    return Line(number, None if found else value, text, found, findings)


_ASCII = bytes(range(128))


def _is_harmless(raw: bytes) -> bool:
    """Whether no character outside ASCII is one of SUSPECT, looked at one by one.

    Searching a whole line for SUSPECT takes longer than parsing it; its few Greek letters
    are found in no time, and the same few stand in line after line.
    """
    return _are_harmless(raw.translate(None, _ASCII))


@lru_cache(maxsize=4096)
def _are_harmless(characters: bytes) -> bool:
    return not any(map(SUSPECT.search, characters.decode("utf-8")))


def _json_text(raw: bytes, number: int, name: str) -> str | Problem:
    """The line without the space at its end."""
    try:
        text: str | Problem = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = decode(raw, name, number)
    else:
        if number == 1:
            text = decode(raw, name)
    return text if isinstance(text, Problem) else text.rstrip(_JSON_SPACE)


class _JsonError(Exception):
    """What is wrong, the rule, and at which index."""


def _json_value(text: str, limits: Limits) -> object:
    if text.count("[") + text.count("{") > limits.depth:
        index = _too_deep(text, limits.depth)
        if index is not None:
            say = f"arrays and objects are nested deeper than {limits.depth} levels: flatten them"
            say += hint("depth")
            raise _JsonError(say, "depth", index)
    start = len(text) - len(text.lstrip(_JSON_SPACE))
    try:
        value, end = _JSON.raw_decode(text, start)
    except json.JSONDecodeError as error:
        say = f"not valid JSON: {error.msg[0].lower()}{error.msg[1:].removesuffix(' at')}"
        raise _JsonError(say, "syntax", error.pos) from None
    rest = text[end:].lstrip(_JSON_SPACE)
    if rest:
        raise _JsonError(
            "more text follows after the JSON value: remove it", "syntax", len(text) - len(rest)
        )
    return _no_booleans(value) if "true" in text or "false" in text else value


_JSON_NESTING = re.compile(r'"(?:[^"\\]+|\\.)*"?|[\[\]{}]')


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
        self.text, self.number = text, number
        self.report = Report(name)
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
            self.report.characters(value, mark)
        return _no_booleans(value)

    def mapping(self, value: Map) -> Map:
        while not self.skip("}"):
            self.skip(",")
            mark = self.mark()
            key = self.value()
            if key in value.key_marks:
                first = value.key_marks[key]
                say = f"the key `{show(key)}` stands already in column {first[1]}: keep one"
                name = self.report.name
                see, place = Location(name, *first), Location(name, *mark)
                self.report.add(Problem(say, "duplicate-key", place, related=see))
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
