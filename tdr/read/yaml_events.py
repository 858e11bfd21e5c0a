"""YAML text -> parse events: ruamel.yaml's pure parser, fed from one string.

The only part of the reader that knows ruamel.yaml. `tdr.read.source_text` imports it (through
`tdr.read.yaml`) when a YAML file is parsed and not before, because that costs 17 ms.
It expects text that has been checked: line breaks are `\\n`, nothing is unprintable.

Marks are `(line, column)` tuples, 1-based, columns in code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from types import SimpleNamespace
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
from ruamel.yaml.scanner import Scanner, ScannerError, SimpleKey
from ruamel.yaml.tokens import (
    BlockMappingStartToken,
    DocumentEndToken,
    KeyToken,
    ScalarToken,
    StreamEndToken,
    TagToken,
    ValueToken,
)

from tdr.read.limits import MOST

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

_TAG = re.compile(r"!<[^>\s]*>|![^\s,\[\]{}]*")
_SPACE_OR_END = " \t\n\0"
_MOST_TAGS = 50  # are noted for messages
_KEY_LENGTH = 1024  # a key is not longer; YAML says so
# Every character that does not always start a plain scalar.
_INDICATORS = frozenset("\0 \t\n-.?:,[]{}#&*!|>'\"%@`")
# Nothing that these patterns begin can fail halfway, so none goes back over what it has read.
# (Possessive quantifiers would say so, but Python 3.11.2 misreads them.)
_BLANKS = re.compile(r" *")
_FLOW_BLANKS = re.compile(r"[ \t]*")
_BLOCK_SPACE = re.compile(r" *(?:(?:#[^\n\0]*)?\n *)*(?:#[^\n\0]*)?")
_FLOW_SPACE = re.compile(r"[ \t]*(?:(?:#[^\n\0]*)?\n[ \t]*)*(?:#[^\n\0]*)?")
# The words of a plain scalar on one line: a colon inside of a word, a hash after its start.
_WORDS = r"(?:[^ \t\n\0:{0}]+|:(?![ \t\n\0]))+"
_BLOCK_WORDS, _FLOW_WORDS = (
    re.compile(f"{word}(?: +(?!#){word})*")
    for word in (_WORDS.format(""), _WORDS.format(r",\[\]{}"))
)
_PLAIN_BREAKS = re.compile(r" *\n(?: *\n)* *")
_DOCUMENT_MARK = re.compile(r"(?:---|\.\.\.)[ \t\n\0]")
_DOUBLE = re.compile(r'"([^"\\\n\0]*)"')
_SINGLE = re.compile(r"'([^'\n\0]*(?:''[^'\n\0]*)*)'(?!')")
# The header of a block scalar without an indentation number, and the indentation of its text.
_BLOCK_HEADER = re.compile(r"[|>]([+-]?) *\n( *)(?=[^ \n\0])")
_DIRECTIVE = re.compile(r"%[^\n\0]*")
_YAML_1_2 = re.compile(r"%YAML +1\.2 *(?: #.*)?")


@lru_cache(64)
def _line_ends(indent: int) -> re.Pattern[str]:
    """The end of a line, blank lines, and the margin of the next."""
    return re.compile(f"(\n?)((?: {{0,{indent}}}\n)*) {{0,{indent}}}")


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
        self.start_mark: Any = start  # ours are tuples; the library only passes them on
        self.end_mark: Any = end
        self.style = style
        self.plain = style is None


class _ScalarEvent(ScalarEvent):
    """The event of a scalar without anchor and tag, built in one call."""

    __slots__ = ()

    def __init__(self, token: _Scalar) -> None:
        self.anchor = self.ctag = self.comment = None
        self.value = token.value
        self.style = token.style
        self.start_mark = token.start_mark
        self.end_mark = token.end_mark
        self.implicit = (token.plain, not token.plain)


class _Scanner(Scanner):
    """The stock scanner with short cuts for common tokens.

    Stock looks at each character through a method call. Here regular
    expressions find the whole token where that gives the same result, and
    everything else is left to the stock method; the tests compare the events
    of both. It also remembers explicit tags instead of resolving them, and
    refuses directives.
    """

    reader: Any = None  # plain attributes instead of stock's properties, which look them up
    scanner_processing_version = (1, 2)  # others are refused

    def __init__(self, loader: Any = None) -> None:
        self.tags: list[tuple[str, Mark]] = []
        self.reader = loader.reader
        super().__init__(loader)

    # The queue of tokens.

    def fill(self) -> None:
        """Have a token in the queue that is certain, unless the stream is over.

        As stock's loop, which goes the long way even if no key is pending.
        """
        while not self.tokens or self.possible_simple_keys:
            if not self.need_more_tokens():
                break
            self.fetch_more_tokens()

    def check_token(self, *choices: Any) -> bool:
        """As stock."""
        if not self.tokens or self.possible_simple_keys:
            self.fill()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> Any:
        """As stock."""
        if not self.tokens or self.possible_simple_keys:
            self.fill()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Any:
        """As stock."""
        if not self.tokens or self.possible_simple_keys:
            self.fill()
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
            if reader.line > line:
                self.start_line(reader.buffer[start:end].rpartition("\n")[2])

    def start_line(self, indentation: str) -> None:
        """Spaces alone can indent a line, in brackets too, where some parsers let tabs pass."""
        if not self.flow_context:
            self.allow_simple_key = True
        elif "\t" in indentation:
            mark = (self.reader.line, indentation.index("\t") + 1)
            raise RefusedError("syntax", "a tab stands where only spaces can: replace it", mark)

    def fetch_flow_collection_start(self, token: Any, to_push: Any) -> None:
        """As stock, but what is nested deeper than can be read is not looked at as a key.

        Each key that is possible is looked at again with every token up to its `:`.
        """
        if len(self.flow_context) > MOST.depth:
            self.allow_simple_key = False
        super().fetch_flow_collection_start(token, to_push)

    # Scalars, and the keys among them.

    def fetch_plain(self) -> None:
        """A scalar without quotes."""
        index, key_allowed = self.reader.pointer, self.allow_simple_key
        self.allow_simple_key = False  # scan_plain sets it again when it ends on another line
        self.add_scalar(self.scan_plain(), index, key_allowed)

    def fetch_flow_scalar(self, style: Any) -> None:
        """A scalar in quotes."""
        index, key_allowed = self.reader.pointer, self.allow_simple_key
        self.allow_simple_key = False
        self.add_scalar(self.scan_flow_scalar(style), index, key_allowed)

    def add_scalar(self, token: ScalarToken, index: int, key_allowed: bool) -> None:
        """Append a scalar and, if it is a key, what goes around it.

        Stock keeps every scalar as a possible key until it meets a `:` or knows
        better. Nearly always the next character tells; else do as stock does.
        """
        tokens = self.tokens
        if not key_allowed:
            tokens.append(token)
            return
        if self.possible_simple_keys:
            self.remove_possible_simple_key()
        reader, flow = self.reader, self.flow_context
        start: Any = token.start_mark
        line, column = start[0], start[1] - 1
        decided = reader.line > line  # a key stands on one line
        if not decided:
            buffer = reader.buffer
            space = _FLOW_BLANKS if flow else _BLANKS
            at = space.match(buffer, reader.pointer).end()  # type: ignore[union-attr]
            if buffer[at] == ":":
                if at - index <= _KEY_LENGTH and (
                    buffer[at + 1] in _SPACE_OR_END or (flow and flow[-1] == "{")
                ):
                    colon: Any = (line, at - reader.line_start + 1)
                    after: Any = (line, colon[1] + 1)
                    if not flow and self.add_indent(column):
                        tokens.append(BlockMappingStartToken(start, start))
                    tokens += (KeyToken(start, start), token, ValueToken(colon, after))
                    reader.pointer = at + 1
                    return
            else:
                decided = buffer[at] in ",]}#\n\0"
        required = not flow and self.indent == column
        if required or not decided:
            number = self.tokens_taken + len(tokens)
            key = SimpleKey(number, required, index, line, column, start)
            self.possible_simple_keys[self.flow_level] = key
        tokens.append(token)

    def scan_plain(self) -> _Scalar:
        """As stock, a line at a time."""
        reader, flow = self.reader, self.flow_context
        buffer, at = reader.buffer, reader.pointer
        words = _FLOW_WORDS if flow else _BLOCK_WORDS
        start = end = reader.get_mark()
        chunks: list[str] = []
        glue = ""
        while match := words.match(buffer, at):
            self.allow_simple_key = False
            chunks += (glue, match.group())
            at = match.end()
            end = (reader.line, at - reader.line_start + 1)
            breaks = _PLAIN_BREAKS.match(buffer, at)
            if not breaks:
                at = _BLANKS.match(buffer, at).end()  # type: ignore[union-attr]
                break
            self.allow_simple_key = True
            at = breaks.end()
            count = breaks.group().count("\n")
            reader.line += count
            reader.line_start = buffer.rfind("\n", 0, at) + 1
            column = at - reader.line_start
            if (column <= self.indent and not flow) or buffer[at] == "#":
                break
            if column == 0 and _DOCUMENT_MARK.match(buffer, at):
                break
            glue = "\n" * (count - 1) or " "
        reader.pointer = at
        return _Scalar("".join(chunks), start, end)

    def scan_flow_scalar(self, style: Any) -> Any:
        """As stock; at once if it stands on one line and has no escapes."""
        reader = self.reader
        match = (_DOUBLE if style == '"' else _SINGLE).match(reader.buffer, reader.pointer)
        start = reader.get_mark()
        if match:
            reader.pointer = match.end()
            text = match.group(1)
            if style == "'":
                text = text.replace("''", "'")
            return _Scalar(text, start, reader.get_mark(), style)
        if reader.buffer.find(style, reader.pointer + 1) < 0:
            # Stock comes to this, too, but only after a look at each character of the file.
            problem = "found unexpected end of stream"
            raise ScannerError("while scanning a quoted scalar", start, problem, start)
        try:
            return super().scan_flow_scalar(style)
        except (ValueError, OverflowError):  # chr() of an escape like "\\U00110000"
            problem = "found an escape beyond U+10FFFF"
            raise ScannerError(None, None, problem, start) from None

    def scan_block_scalar(self, style: Any, rt: bool | None = False) -> Any:
        """As stock; a line at a time if the header is simple and the first line has text."""
        reader = self.reader
        buffer = reader.buffer
        header = _BLOCK_HEADER.match(buffer, reader.pointer)
        if not header or self.indent < 0 or len(header.group(2)) <= self.indent:
            return super().scan_block_scalar(style, rt)
        start = reader.get_mark()
        indent = len(header.group(2))
        between = _line_ends(indent)
        folded = style == ">"
        chunks: list[str] = []
        at = line_start = header.end()
        while True:
            end = buffer.find("\n", at)
            if end < 0:
                end = buffer.index("\0", at)
            chunks.append(buffer[at:end])
            starts_with_space = buffer[at] in " \t"
            match = between.match(buffer, end)
            assert match is not None  # every part of the pattern may be empty
            line_break, blank_lines = match.group(1), match.group(2).count("\n") * "\n"
            at, line_start = match.end(), match.end(2)
            if at - line_start < indent or buffer[at] == "\0":
                break
            if not folded or starts_with_space or buffer[at] in " \t":
                chunks.append(line_break)
            elif not blank_lines:
                chunks.append(" ")
            chunks.append(blank_lines)
        keep = header.group(1)
        if keep != "-":
            chunks.append(line_break)
            if keep == "+":
                chunks.append(blank_lines)
        reader.forward(line_start - reader.pointer)
        stop = reader.get_mark()
        reader.forward(at - line_start)
        return _Scalar("".join(chunks), start, stop, style)

    # What is not read.

    def fetch_tag(self) -> None:
        """Note the tag for a message and hand on a harmless one: no tag is ever resolved."""
        self.save_possible_simple_key()
        self.allow_simple_key = False
        start = self.reader.get_mark()
        match = _TAG.match(self.reader.buffer, self.reader.pointer)
        assert match is not None
        self.tags.append((match.group(), start))
        if len(self.tags) > _MOST_TAGS:
            raise RefusedError("tag", "there are more tags: remove them, none can be used", start)
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


class _Parser(Parser):
    """The stock parser with a short cut for scalars, for marks that are tuples."""

    scanner: Any = None  # plain attributes instead of stock's properties, as above
    resolver = SimpleNamespace(processing_version=_Scanner.scanner_processing_version)

    def __init__(self, loader: Any) -> None:
        self.scanner = loader.scanner
        super().__init__(loader)

    def parse_node(self, block: bool = False, indentless_sequence: bool = False) -> Any:
        """As stock; at once if the node is a scalar without anchor and tag."""
        scanner = self.scanner
        token = scanner.peek_token()
        if token.__class__ is not _Scalar:
            return super().parse_node(block, indentless_sequence)
        scanner.get_token()
        self.state = self.states.pop()
        return _ScalarEvent(token)

    def get_event(self) -> Any:
        """As stock; 0.18.10 looks at `mark.line` of the event after it, for debugging."""
        event = self.peek_event()
        self.last_event, self.current_event = event, None
        return event

    def parse_document_end(self) -> Any:
        """As stock, which compares `mark.line`."""
        token = self.scanner.peek_token()
        start = end = token.start_mark
        explicit = self.scanner.check_token(DocumentEndToken)
        if explicit:
            end = self.scanner.get_token().end_mark
            after = self.scanner.peek_token()
            if not isinstance(after, StreamEndToken) and after.start_mark[0] == end[0]:
                problem = "found content after the document end marker '...'"
                raise ParserError(None, None, problem, after.start_mark)
        self.state = self.parse_implicit_document_start if explicit else self.parse_document_start
        return DocumentEndEvent(start, end, explicit=explicit)


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
