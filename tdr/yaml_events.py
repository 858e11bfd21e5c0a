"""YAML text -> parse events: ruamel.yaml's pure parser, fed from one string.

The only module that imports ruamel.yaml; `tdr.reader` imports it when a YAML
file is parsed and not before (it costs 17 ms). It expects text that
`tdr.reader` has already checked: line breaks are `\\n`, nothing unprintable.

Marks are `(line, column)` tuples, 1-based, columns in code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.parser import Parser, ParserError
from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tokens import DocumentEndToken, StreamEndToken, TagToken

__all__ = [
    "AliasEvent",
    "CollectionEndEvent",
    "CollectionStartEvent",
    "DocumentStartEvent",
    "EventSource",
    "MappingStartEvent",
    "Mark",
    "MarkedYAMLError",
    "RefusedError",
    "ScalarEvent",
    "SequenceStartEvent",
]

Mark = tuple[int, int]

_TAG = re.compile(r"![^\s,\[\]{}]*")
_DIRECTIVE = re.compile(r"%[^\n\0]*")
_YAML_1_2 = re.compile(r"%YAML +1\.2 *(?: #.*)?")


class RefusedError(Exception):
    """A construct that this project does not read: the rule, what to say, where."""

    def __init__(self, rule: str, text: str, mark: Mark) -> None:
        super().__init__(rule, text, mark)
        self.rule, self.text, self.mark = rule, text, mark


class _Text:
    """What ruamel's Reader does, over one string that is known to be clean."""

    encoding = "utf-8"

    def __init__(self, text: str, first_line: int) -> None:
        self.name = ""
        self.buffer = text + "\0\0\0\0"  # peek() may look a few characters past the end
        self.pointer = self.line_start = 0
        self.line = first_line
        self.stream: object = None

    @property
    def index(self) -> int:
        return self.pointer

    @property
    def column(self) -> int:
        return self.pointer - self.line_start

    def peek(self, index: int = 0) -> str:
        return self.buffer[self.pointer + index]

    def prefix(self, length: int = 1) -> str:
        return self.buffer[self.pointer : self.pointer + length]

    def forward(self, length: int = 1) -> None:
        start, end = self.pointer, self.pointer + length
        breaks = self.buffer.count("\n", start, end)
        if breaks:
            self.line += breaks
            self.line_start = self.buffer.rfind("\n", start, end) + 1
        self.pointer = end

    def get_mark(self) -> Mark:
        return (self.line, self.pointer - self.line_start + 1)


class _Scalar(ScalarToken):
    """A scalar token that is built in one call."""

    __slots__ = ()

    def __init__(self, value: str, start: Mark, end: Mark, style: str | None = None) -> None:
        self.value = value
        self.start_mark = start
        self.end_mark = end
        self.style = style
        self.plain = style is None


class _Scanner(Scanner):
    """The stock scanner with short cuts for common tokens.

    Stock looks at each character through a method call. Here regular
    expressions find the whole token where that gives the same result, and
    everything else is left to the stock method. It also remembers explicit
    tags instead of resolving them, and refuses directives.
    """

    reader: Any = None  # plain attributes instead of stock's properties, which look them up
    scanner_processing_version = (1, 2)  # others are refused

    def __init__(self, loader: Any = None) -> None:
        self.tags: list[tuple[str, Mark]] = []
        self.reader = loader.reader
        super().__init__(loader)

    # The queue of tokens.

    def need_more_tokens(self) -> bool:
        """As stock, which goes the long way also when no simple key is pending."""
        if self.tokens and not self.possible_simple_keys:
            return False
        return bool(super().need_more_tokens())

    def peek_token(self) -> Any:
        """As stock."""
        while self.need_more_tokens():
            self.fetch_more_tokens()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Any:
        """As stock."""
        while self.need_more_tokens():
            self.fetch_more_tokens()
        self.tokens_taken += 1
        return self.tokens.pop(0)

    def fetch_more_tokens(self) -> Any:
        """As stock for characters that always start the same token; else stock decides."""
        self.scan_to_next_token()
        if self.possible_simple_keys:
            self.stale_possible_simple_keys()
        reader = self.reader
        self.unwind_indent(reader.pointer - reader.line_start)
        char = reader.buffer[reader.pointer]
        if char not in _INDICATORS:
            return self.fetch_plain()
        if char == "[":
            return self.fetch_flow_sequence_start()
        if char == "]":
            return self.fetch_flow_sequence_end()
        if char == ",":
            return self.fetch_flow_entry()
        return super().fetch_more_tokens()

    def scan_to_next_token(self) -> None:
        """Skip spaces, comments and line breaks."""
        reader = self.reader
        start = reader.pointer
        space = _FLOW_SPACE if self.flow_context else _BLOCK_SPACE
        end = space.match(reader.buffer, start).end()  # type: ignore[union-attr]  # may be empty
        if end > start:
            line = reader.line
            reader.forward(end - start)
            if reader.line > line and not self.flow_context:
                self.allow_simple_key = True

    # Scalars, and the keys among them.

    def fetch_plain(self) -> None:
        """A plain scalar."""
        allowed, start = self.allow_simple_key, self.reader.get_mark()
        self.allow_simple_key = False
        self.add_scalar(self.scan_plain(), allowed, start)

    def fetch_flow_scalar(self, style: Any) -> None:
        """A quoted scalar."""
        allowed, start = self.allow_simple_key, self.reader.get_mark()
        self.allow_simple_key = False
        self.add_scalar(self.scan_flow_scalar(style), allowed, start)

    def add_scalar(self, token: _Scalar, key_allowed: bool) -> None:
        ...
    def fetch_tag(self) -> None:
        """Note the tag for a message and hand on a harmless one: no tag is ever resolved."""
        self.save_possible_simple_key()
        self.allow_simple_key = False
        start = self.reader.get_mark()
        match = _TAG.match(self.reader.buffer, self.reader.pointer)
        assert match is not None
        self.tags.append((match.group(), start))
        self.reader.forward(len(match.group()))
        self.tokens.append(TagToken((None, "!"), start, self.reader.get_mark()))

    def scan_directive(self) -> Any:
        """Refuse what would change how the rest is read: only `%YAML 1.2` may stand here."""
        start = self.reader.get_mark()
        match = _DIRECTIVE.match(self.reader.buffer, self.reader.pointer)
        assert match is not None
        if not _YAML_1_2.fullmatch(match.group()):
            raise RefusedError("directive", "only the directive %YAML 1.2 can stand here", start)
        return super().scan_directive()

    def scan_flow_scalar(self, style: Any) -> Any:
        """A quoted scalar."""
        start = self.reader.get_mark()
        try:
            return super().scan_flow_scalar(style)
        except (ValueError, OverflowError):  # chr() of an escape like "\\U00110000"
            problem = "found an escape beyond U+10FFFF"
            raise ScannerError(None, None, problem, start) from None


class _Parser(Parser):
    """The stock parser for marks that are tuples."""

    def parse_document_end(self) -> Any:
        """As stock, which compares `mark.line`."""
        token = self.scanner.peek_token()
        explicit = self.scanner.check_token(DocumentEndToken)
        if explicit:
            line = self.scanner.get_token().end_mark[0]
            after = self.scanner.peek_token()
            if not isinstance(after, StreamEndToken) and after.start_mark[0] == line:
                problem = "found content after the document end marker '...'"
                raise ParserError(None, None, problem, after.start_mark)
        self.state = self.parse_implicit_document_start if explicit else self.parse_document_start
        return DocumentEndEvent(token.start_mark, token.start_mark, explicit=explicit)


class EventSource:
    """The events of one text. `tags` fills up with the explicit tags met on the way."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self._reader = _Text(text, first_line)
        self._yaml = YAML(typ="safe", pure=True)  # a new one: an instance keeps state after errors
        self._yaml.Reader = lambda *_args, **_kwargs: self._reader
        self._yaml.Scanner = _Scanner
        self._yaml.Parser = _Parser

    def __iter__(self) -> Iterator[Event]:
        return iter(self._yaml.parse(self._reader.name))

    @property
    def mark(self) -> Mark:
        """How far reading has come."""
        return self._reader.get_mark()

    @property
    def tags(self) -> list[tuple[str, Mark]]:
        """The explicit tags met so far, as written, and where."""
        return getattr(self._yaml.scanner, "tags", [])
