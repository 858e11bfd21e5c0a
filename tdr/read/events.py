"""YAML text -> parse events: from libyaml where possible, else from ruamel.yaml's own parser.

The only part of the reader that knows ruamel.yaml; imported when a YAML file is parsed and not
before, because that costs 17 ms. It expects text that has been checked: line breaks are `\\n`,
nothing is unprintable. Marks of events count lines and columns from 0, in code points.

ruamel's own parser decides what YAML means. libyaml is thirteen times as fast and gives the same
events but for a few rare constructs and some that it refuses; texts with these go to ruamel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scanner import Scanner, ScannerError

try:
    from _ruamel_yaml import CParser  # type: ignore[import-not-found]  # compiled, without stubs
except ImportError:  # no wheel for this machine, and no compiler
    CParser = None

__all__ = [
    "AliasEvent",
    "CollectionStartEvent",
    "DocumentStartEvent",
    "Event",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "fast_events",
    "reference_events",
]

# Each pattern begins with what is rare, so that a long text is searched in no time.
_DISPUTED = tuple(
    re.compile(pattern)
    for pattern in (
        r"\t",  # libyaml takes it for a space
        r"\|(?<!\S\|)[-+0-9]*#",  # a block scalar with a comment stuck to it
        r">(?<!\S>)[-+0-9]*#",
        r"&(?<=[\s\[\]{},:?-]&)[^\s\[\]{},]*:",  # a colon in the name of an anchor
        r"\*(?<=[\s\[\]{},:?-]\*)[^\s\[\]{},]*:",
        r"':\S",  # a key in quotes with its value stuck to it
        r'":\S',
    )
)
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_BLOCK_AT_THE_ROOT = re.compile(r"\n(?:---.*| *(?:[&!]\S* +)*)[|>]")  # perhaps with an anchor


def fast_events(text: str) -> Iterator[Event] | None:
    """The events of libyaml; None if it is not installed, or might read this text differently."""
    lines = "\n" + text
    disputed = any(pattern.search(lines) for pattern in _DISPUTED)
    if CParser is None or disputed or _BLOCK_AT_THE_ROOT.search(lines):
        return None
    return iter(CParser(text).get_event, None)


class _Scanner(Scanner):
    """ruamel's scanner, with two corrections: tabs that indent, and blank lines before a block."""

    def scan_to_next_token(self) -> None:
        """Refuse a tab that indents a line between brackets, too, though some parsers allow it."""
        super().scan_to_next_token()
        reader = self.reader
        indentation = reader.buffer[reader.pointer - reader.column : reader.pointer]
        if self.flow_context and "\t" in indentation and indentation.isspace():
            mark = reader.get_mark()
            distance = len(indentation) - indentation.index("\t")
            mark.index, mark.column = mark.index - distance, mark.column - distance
            raise ScannerError(None, None, "found a tab that indents a line", mark)

    def scan_block_scalar_indentation(self) -> Any:
        """The blank lines at the start of a text, the deepest column, and where they end.

        ruamel refuses blank lines that are shorter than the margin, which YAML allows.
        """
        reader = self.reader
        breaks, deepest, end = [], 0, reader.get_mark()
        while reader.peek() in " \n":
            if reader.peek() == "\n":
                breaks.append(self.scan_line_break())
                end = reader.get_mark()
            else:
                reader.forward()
                deepest = max(deepest, reader.column)
        return breaks, deepest, end


def reference_events(text: str) -> Iterator[Event]:
    """The events of ruamel's own parser."""
    yaml = YAML(typ="safe", pure=True)  # a new one: an instance keeps state after errors
    yaml.Scanner = _Scanner
    return map(_with_joined_pairs, yaml.parse(text))


def _with_joined_pairs(event: Event) -> Event:
    """The event with one character for each pair of escapes that are its halves in UTF-16.

    JSON writes an emoji as such a pair (`\\ud83d\\ude00`), and JSON is meant to be YAML.
    """
    if type(event) is ScalarEvent and _SURROGATE_PAIR.search(event.value):
        event.value = event.value.encode("utf-16", "surrogatepass").decode(
            "utf-16", "surrogatepass"
        )
    return event
