"""Bytes -> text, with a problem for each character that evidence must not or should not contain.

Characters are checked twice: `check_text` refuses what no evidence file may contain, and
`ProblemCollector.add_suspect_characters` reports what a value should not contain, even where it
is written as an escape.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from tdr.model.errors import Location, Problem
from tdr.read.positions import Mark

# Most of these patterns are for what is wrong, and compiled where something is.
_BREAKS = "\r(?!\n)|[\x85\u2028\u2029]"
_LF, _CRLF = "(?<!\r)\n", "\r\n"
_BOM = "\ufeff"
_CONTROLS = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff"
_UNPRINTABLE = f"[{_CONTROLS}]"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2060-\u2065"
    "\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_EMOJI = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
# What a scalar should not contain; a zero-width joiner between two emoji makes them one.
SUSPECT = re.compile(
    f"[{_CONTROLS}\r\x85\u2028\u2029\ud800-\udfff{_BIDI}{_INVISIBLE}]"
    f"|(?<!{_EMOJI})\u200d|\u200d(?!{_EMOJI})"
)
ASCII, _PLAIN = bytes(range(128)), bytes((*b"\t\n", *range(32, 127)))
_CONFLICT = r"(?m)^(?:<{7}|\|{7}|={7}|>{7})(?: [^\n]*)?\r?$"

_NAMES = {"\0": "NUL", "\t": "TAB", "\r": "CR", "\x1b": "ESC", "\x7f": "DEL", "\x85": "NEL",
          "\ufeff": "byte order mark"}  # fmt: skip


def code_of(char: str) -> str:
    """A character as it may stand in a message: its code point and, if it has one, its name."""
    name = _NAMES.get(char) or unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X} ({name})" if name else f"U+{ord(char):04X}"


def not_ascii(text: str) -> str:
    """A note on the first character of a name that is not ASCII; empty if there is none."""
    odd = next((char for char in text if not char.isascii()), "")
    return f" (it has {code_of(odd)})" if odd else ""


_OTHER_ENCODINGS = (
    (b"\xff\xfe\0\0", 32),
    (b"\0\0\xfe\xff", 32),
    (b"\xff\xfe", 16),
    (b"\xfe\xff", 16),
)
_ZEROS = {b"\1\0\0\0": 32, b"\0\0\0\1": 32, b"\1\0\1\0": 16, b"\0\1\0\1": 16}


def decode(data: bytes, name: str, first_line: int = 1) -> str | Problem:
    """The text without a leading byte order mark, or what is wrong with the encoding."""
    width = next((width for start, width in _OTHER_ENCODINGS if data.startswith(start)), 0)
    if not width:
        # Without a byte order mark: evidence starts with ASCII, so zero bytes show the width.
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


def is_harmless(data: bytes, passed_over: bytes = _PLAIN) -> bool:
    """Whether a text in UTF-8 has no suspect character.

    Only the characters beyond `passed_over` are tested, and the result is kept: nearly all texts
    have the same few, such as Greek letters. To search whole texts for SUSPECT takes sixty times as
    long, and longer than to parse a line of JSON.
    """
    return _are_harmless(data.translate(None, passed_over))


@lru_cache(maxsize=4096)
def _are_harmless(characters: bytes) -> bool:
    return not any(map(SUSPECT.search, {*characters.decode("utf-8", "surrogatepass")}))


def check_text(text: str, name: str, first_line: int = 1) -> list[Problem]:
    """The problems of the characters of a text, found before it is parsed."""

    def first(rule: str, pattern: str, message: str, severity: str = "error") -> None:
        match = re.search(pattern, text)
        if match:
            at = match.start()
            line, column = first_line + text.count("\n", 0, at), at - text.rfind("\n", 0, at)
            location = Location(name, line, column)
            message = message.replace("{}", code_of(match.group()[0]))
            problems.append(Problem(message, rule, location, severity))

    problems: list[Problem] = []
    if any(marker in text for marker in ("<<<<<<<", "|||||||", "=======", ">>>>>>>")):
        first("conflict-marker", _CONFLICT, "a merge conflict is left here: resolve it")
    if is_harmless(text.encode("utf-8", "surrogatepass")):  # the usual case
        return problems
    first("encoding", _UNPRINTABLE, "the character {} cannot stand in a file: remove it")
    first("line-break", _BREAKS, "{} is a line break to some programs only: use LF or CRLF")
    first("bom", _BOM, "{} inside the file (two files joined?): remove it")
    if "\r\n" in text and not problems:
        other = _LF if text.find("\r\n") < text.find("\n") else _CRLF
        message = "this line ends in another way than the first: use LF or CRLF throughout"
        first("line-break", other, message, "warning")
    return problems


_MOST = 50  # problems of a kind in one text


class ProblemCollector:
    """Collects the problems of one text: no more than 50 errors, and 50 warnings."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.findings: list[Problem] = []
        self._counts: Counter[tuple[bool, str]] = Counter()

    def add(self, problem: Problem, finding: bool = False) -> bool:
        """Add a problem; False if there are enough of its kind, and it was not added."""
        kind = finding, problem.severity
        self._counts[kind] += 1
        if self._counts[kind] > _MOST:
            return False
        (self.findings if finding else self.problems).append(problem)
        return True

    def add_suspect_characters(
        self, text: str, mark: Mark, raw: Callable[[str], Location | None] | None = None
    ) -> None:
        """Report the suspect characters of a value that starts at `mark`.

        Half of a surrogate pair cannot be printed, so it is a problem; the others are findings.
        `raw` gives the place of a character that is not written as an escape.
        """
        for char in dict.fromkeys(SUSPECT.findall(text)):
            rule, severity, message = _suspicion(char)
            see = raw(char) if raw else None
            place = Location(self.name, *mark)
            found = Problem(f"{code_of(char)} {message}", rule, place, severity, see)
            self.add(found, finding=not "\ud800" <= char <= "\udfff")

    def in_order(self) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """The problems and the findings in the order of the text."""
        return tuple(sorted(self.problems, key=_place)), tuple(sorted(self.findings, key=_place))


def _place(problem: Problem) -> Mark:
    location = problem.location
    return (location.line or 0, location.column or 0) if location else (0, 0)


def _suspicion(char: str) -> tuple[str, str, str]:
    """The rule, the severity and the message of a suspect character."""
    if "\ud800" <= char <= "\udfff":
        message = "is half of a surrogate pair and no character: write the character itself"
        return "control-char", "error", message
    if re.match(f"[{_BIDI}]", char):
        return "bidi", "error", "changes the order in which text is shown: remove it"
    if re.match(f"[\u200d{_INVISIBLE}]", char):
        return "invisible", "warning", "cannot be seen: remove it"
    return "control-char", "error", "is a control character and no part of text: remove it"
