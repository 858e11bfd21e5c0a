"""Explains the error of a YAML parser, from the text at its marks and what is open there.

The parser's own message is shown where nothing better is known; no decision depends on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tdr.model.text import excerpt
from tdr.read.characters import code_of

TAG = re.compile(r"(?:&[^\s,\[\]{}]+\s+(?:#[^\n]*\n\s*)*)?(!<[^>\s]*>|![^\s,\[\]{}]*)")
"""The tag of a node, after its anchor if it has one."""

_CLOSED_QUOTE = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_BEYOND_UNICODE = re.compile(r"\\U(?!000|0010)[0-9a-fA-F]{8}")
_CUT_ESCAPE = re.compile(r"\\[xuU]\Z")
_WIDE = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
# A character that looks like one of YAML's, in its place on a line.
_LOOKALIKE = re.compile(
    rf"""^[ {_WIDE}]*?(?:
      (?P<space>[{_WIDE}])                                  # in the indentation
    | (?P<item>\*(?=[ ])|[\u2010-\u2015\u2022\u2212\uff0d](?=[ {_WIDE}]))
    | -(?P<after>[{_WIDE}])
    | (?P<dash>-)\w+:[ ]
    | (?:-[ ]+)?\w+(?:
        [ ]?(?P<colon>\uff1a)
      | :(?P<gap>[{_WIDE}])
      | :[ ]+(?P<quote>[\u2018-\u201f\xab\u2039])
      | (?P<key>:)[a-z]+$
      )
    )""",
    re.VERBOSE,
)
_WRITTEN = {"item": "`-`", "colon": "`:`", "quote": "`'` or `\"`", "dash": "`- `", "key": "`: `"}
_MISPLACED = {
    ":": "`: ` inside an unquoted value: quote the value",
    "-": "a list item (`- `) cannot start here: begin a new line",
    "?": "a key (`? `) cannot start here: begin a new line",
}
_UNFINISHED = {
    "[": "the list is not closed here: a `,` or `]` is missing",
    "{": "the mapping is not closed here: a `,` or `}` is missing",
    "block": "this does not line up with the block before it: check its indentation",
    "": "this does not belong to the value before it: check quotes and indentation",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The message and rule about the text at `index`; `related` is where the fault began."""

    text: str
    index: int
    rule: str = "syntax"
    related: int | None = None


def diagnose(error: Exception, text: str, inside: str, end: int) -> Diagnosis:
    """The meaning of a parser's error.

    `inside` is the innermost open collection: `[`, `{`, `block` or nothing; `end` is how far
    reading has come, for errors that do not say where they are.
    """
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.scanner import ScannerError

    if not isinstance(error, MarkedYAMLError):
        beyond = _BEYOND_UNICODE.search(text, end)
        if beyond:
            message = "an escape is beyond U+10FFFF, the last character: correct it"
            return Diagnosis(message, beyond.start())
        return Diagnosis(f"cannot be parsed ({type(error).__name__}: {excerpt(str(error))})", end)
    context, problem = _index(error.context_mark), _index(error.problem_mark)
    at = problem if problem is not None else context if context is not None else end
    start = context if context is not None else at
    if lookalike := _lookalike(text, at, start):
        return lookalike
    for index in (at, start):
        if tag := TAG.match(text, index):
            return Diagnosis(refused_tag(tag), tag.start(1), "tag")
    if text[at : at + 1] == "%" and text[at - 1 : at] in ("", "\n"):
        return Diagnosis("only the directive %YAML 1.2 can stand here", at, "directive")
    if isinstance(error, ScannerError):
        found = _unscanned(text, at, context)
    else:
        found = _unparsed(text, at, inside)
    message, index = found or (f"not valid YAML: {excerpt(error.problem or str(error), 120)}", at)
    return Diagnosis(message, index, related=context if context != index else None)


def _lookalike(text: str, at: int, start: int) -> Diagnosis | None:
    """A character that looks like one of YAML's: a tab at `at`, or another one.

    That is looked for in the lines of `at` and `start`, and in the line before each.
    """
    if text[at : at + 1] == "\t":
        return Diagnosis("a tab stands where only spaces can: replace it", at)
    for place in sorted((at, start)):
        index = text.rfind("\n", 0, max(text.rfind("\n", 0, place), 0)) + 1
        end = text.find("\n", place)
        for line in text[index : end if end >= 0 else None].split("\n"):
            if match := _LOOKALIKE.match(line):
                name = str(match.lastgroup)
                char = f"`{match[name]}`" if match[name].isascii() else code_of(match[name])
                message = f"{char} stands where {_WRITTEN.get(name, 'a plain space')} belongs"
                return Diagnosis(f"{message}: replace it", index + match.start(name))
            index += len(line) + 1
    return None


def refused_tag(found: re.Match[str]) -> str:
    """The message about a tag, a match of TAG."""
    return f"the tag {excerpt(found[1])} cannot be used: remove it"


def _index(mark: Any) -> int | None:
    return None if mark is None else mark.index


def _unscanned(text: str, at: int, context: int | None) -> tuple[str, int] | None:
    """The message and index where no token can be read.

    `context` is the start of an unfinished token, or of a key without a colon.
    """
    here = text[at : at + 1]
    if context is None:
        return _MISPLACED.get(here, f"`{excerpt(here)}` cannot start a value: quote it"), at
    if text[context] in "\"'" and not _CLOSED_QUOTE.match(text, context, at):
        if text[at - 1] == "\\":
            return f"`\\{excerpt(here)}` is no escape: write `\\\\` for a backslash", at
        if _CUT_ESCAPE.search(text, max(at - 2, 0), at):
            return "an escape is cut short: write all its hexadecimal digits", at
        return "the quote is never closed: add the closing one", context
    if text[context] in "|>&*%":
        return None
    message = "this is neither `key: value` nor part of the value before it: check its indentation"
    return message, context


def _unparsed(text: str, at: int, inside: str) -> tuple[str, int]:
    """The message and index of a token in the wrong place."""
    here = text[at : at + 1]
    before = text[:at].rstrip()[-1:]
    if here and here in ",]}&" and (inside in ("", "block") or before in ("[", "{", ",")):
        return "a value is missing here: add it, or remove what asks for one", at
    return _UNFINISHED[inside], at
