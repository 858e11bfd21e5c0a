"""JSON Lines -> values, with one line in memory at a time; the place of each value on request.

Values are the same as in YAML (see the table in `tdr.read.positions`), except for true and
false: `as_in_yaml` converts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tdr.model.errors import Location, Problem
from tdr.read.characters import ASCII, ProblemCollector, check_text, decode, is_harmless
from tdr.read.content import open_regular, unreadable
from tdr.read.limits import CURRENT_LIMITS, Limits, hint, too_deep
from tdr.read.positions import (
    INTEGER,
    Ambiguous,
    Map,
    ParserMark,
    Seq,
    one_based,
    repeated_key,
    show,
)


class JsonLine(NamedTuple):
    """One line of a JSONL file. With problems, `value` is None. `findings`: as in Document.

    `data` is the line in UTF-8, without the space at its end.
    """

    number: int
    value: object
    data: bytes
    problems: tuple[Problem, ...] = ()
    findings: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        """The line as text."""
        return self.data.decode("utf-8")


def iter_jsonl(
    path: Path, name: str | None = None, limits: Limits | None = None
) -> Iterator[JsonLine]:
    """The lines of a JSONL file one after the other; blank ones are left out.

    The file may be of any size: one line is in memory at a time, and `limits`
    holds for each line. What is wrong with a line is in the line; TdrError
    only if the file cannot be read.
    """
    limits = limits or CURRENT_LIMITS.get()
    name = str(path) if name is None else name
    size = limits.file_bytes
    with open_regular(path, name) as file:
        number = 0
        try:
            while raw := file.readline(size + 2):
                number += 1
                if raw == b"\n":
                    continue
                if len(raw) > size and len(raw.rstrip(b"\r\n")) > size:
                    message = f"the line exceeds the limit of {size:,} bytes: split it"
                    wrong = Problem(message + hint("file_bytes"), "size", Location(name, number, 1))
                    yield JsonLine(number, None, b"", (wrong,))
                    # The next line is looked for within a limit.
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
            raise unreadable(name, error) from None


_LONGEST_SKIP = 1 << 26
"""Bytes of a line that is too long that are skipped to find the next one."""


class _DuplicateError(Exception):
    """A key occurs twice in one JSON object."""


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
_SPACE = b" \t\r\n"
_JSON_SPACE = _SPACE.decode()
_BOM = "\ufeff".encode()
# Bytes of a line that need no check: ASCII, without what opens a level or begins an escape, and
# without two characters that JSON allows and evidence does not.
_USUAL = bytes(sorted({*ASCII} - {*b"[{\\\r\x7f"}))
# Escapes of characters that `SUSPECT` may match; half of a pair of surrogates among them.
_JSON_SUSPECT = (
    r"(?i)\\(?:[bfr]|u(?:00[0189]|007f|00ad|034f|061c|11[56]|17b|180|20[026]|3164|d[89a-f]|f[ef]))"
)


def _json_line(raw: bytes, number: int, name: str, limits: Limits) -> JsonLine | None:
    """One line read, or None if it is blank."""
    data = raw.rstrip(_SPACE)
    text = _json_text(data, number, name)
    if isinstance(text, Problem):
        return JsonLine(number, None, b"", (text,))
    if not text:
        return None
    if number == 1:
        data = data.removeprefix(_BOM)
    unusual = data.translate(None, _USUAL)
    harmless = text.isascii() or is_harmless(unusual, ASCII)
    refused = not harmless or b"\r" in unusual or b"\x7f" in unusual
    if refused and (bad := check_text(text, name, number)):
        return JsonLine(number, None, data, tuple(bad))
    value: object = None
    try:
        if unusual.count(b"[") + unusual.count(b"{") > limits.depth:
            _check_depth(text, limits.depth)
        value = _json_value(text)
    except _JsonError as error:
        message, rule, index = error.args
        wrong = Problem(message, rule, Location(name, number, index + 1))
        # A raw control character or a merge conflict is no JSON either: name the cause.
        return JsonLine(number, None, data, tuple(check_text(text, name, number)) or (wrong,))
    except _DuplicateError:
        pass  # the second reading finds its place
    else:
        if harmless and not (b"\\" in unusual and re.search(_JSON_SUSPECT, text)):
            return JsonLine(number, value, data)
    scan = _JsonScan(text, number, name)
    found, findings = scan.report.in_order()
    return JsonLine(number, None if found else value, data, found, findings)


def _json_text(data: bytes, number: int, name: str) -> str | Problem:
    """The text of a line, or what is wrong with its encoding."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return decode(data, name, number)
    return decode(data, name) if number == 1 else text


class _JsonError(Exception):
    """What is wrong: the message, the rule and the index."""


def _json_value(text: str) -> object:
    start = len(text) - len(text.lstrip(_JSON_SPACE))
    try:
        value, end = _JSON.raw_decode(text, start)
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg[0].lower()}{error.msg[1:].removesuffix(' at')}"
        raise _JsonError(message, "syntax", error.pos) from None
    rest = text[end:].lstrip(_JSON_SPACE)
    if rest:
        raise _JsonError(
            "more text follows after the JSON value: remove it", "syntax", len(text) - len(rest)
        )
    return value


_JSON_NESTING = re.compile(r'"(?:[^"\\]+|\\.)*"?|[\[\]{}]')


def _check_depth(text: str, limit: int) -> None:
    """Raise _JsonError at the first collection that is too deep."""
    depth = 0
    for match in _JSON_NESTING.finditer(text):
        token = match.group()
        depth += (token in "[{") - (token in "]}")
        if depth > limit:
            raise _JsonError(too_deep(limit), "depth", match.start())


def as_in_yaml(value: object) -> object:
    """The value with true and false as `Ambiguous`, as they are in YAML."""
    if isinstance(value, dict):
        return {key: as_in_yaml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_in_yaml(item) for item in value]
    if isinstance(value, bool):
        return Ambiguous("true" if value else "false")
    return value


def with_marks(line: JsonLine, name: str = "") -> Map:
    """The object of a JSON line, read again with the place of each key and value.

    For messages: it takes far longer than `iter_jsonl`. Empty if the line has no object.
    """
    root = _JsonScan(line.text, line.number, name).root if line.value is not None else None
    return root if isinstance(root, Map) else Map(ParserMark(line.number - 1, 0))


class _JsonScan:
    """Reads one line of valid JSON a second time, slowly, with the place of each value."""

    def __init__(self, text: str, number: int, name: str) -> None:
        self.text, self.number = text, number
        self.report = ProblemCollector(name)
        self.at = 0
        self.root = self.value()

    def mark(self) -> ParserMark:
        """The place of the next token."""
        while self.text[self.at] in _JSON_SPACE:
            self.at += 1
        return ParserMark(self.number - 1, self.at)

    def skip(self, token: str) -> bool:
        """Step over the next token if it is this one."""
        self.mark()
        matches = self.text[self.at] == token
        self.at += matches
        return matches

    def value(self) -> object:
        """The next value."""
        mark = self.mark()
        if self.skip("{"):
            return self.mapping(Map(mark))
        if self.skip("["):
            return self.items(Seq(mark))
        value, self.at = _JSON.raw_decode(self.text, self.at)
        if isinstance(value, str):
            self.report.add_suspect_characters(value, one_based(mark))
        return as_in_yaml(value)

    def mapping(self, value: Map) -> Map:
        """The object after its `{`, put into `value`."""
        marks: dict[object, tuple[ParserMark, ParserMark]] = {}
        while not self.skip("}"):
            self.skip(",")
            mark = self.mark()
            key = self.value()
            if key in marks:
                see, place = (
                    Location(self.report.name, *one_based(m)) for m in (marks[key][0], mark)
                )
                self.report.add(
                    Problem(repeated_key(show(key)), "duplicate-key", place, related=see)
                )
            self.skip(":")
            marks[key] = mark, self.mark()
            value[key] = self.value()
        value.places.extend(chain.from_iterable(marks.values()))
        return value

    def items(self, value: Seq) -> Seq:
        """The array after its `[`, put into `value`."""
        while not self.skip("]"):
            self.skip(",")
            value.places.append(self.mark())
            value.append(self.value())
        return value
