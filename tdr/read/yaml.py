"""YAML events -> values with marks: the builder behind `tdr.read.source_text.parse_yaml`.

One pass over the events of `tdr.read.yaml_events` builds the values and is also the
guard: depth, aliases, anchors, keys, tags. Imported only when a YAML file is
read, because the events come from ruamel.yaml.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from tdr.model.errors import Location, Problem
from tdr.read.limits import Limits, hint
from tdr.read.positions import (
    SUSPECT,
    Ambiguous,
    Map,
    Mark,
    Report,
    Seq,
    doubt,
    resolve_plain,
    show,
    visible,
)
from tdr.read.yaml_events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    EventSource,
    MappingStartEvent,
    MarkedYAMLError,
    RefusedError,
    ScalarEvent,
    SequenceStartEvent,
)

_Add = Callable[[object, Mark], None]


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

    def __init__(self, mark: Mark, anchor: _Anchor | None, builder: Builder) -> None:
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
                problem("key", f"a key must be text or an integer, not {show(key)}", mark)
        elif key is None:
            problem("key", "a key must be text or an integer, not nothing", mark)
        elif isinstance(key, Ambiguous) and not merge:
            problem("key", f"a key must be text or an integer: quote it: '{show(key)}'", mark)
        else:
            first = self.value.key_marks[_MERGE if merge else key]
            text = f"the key `{show(key)}` stands already in line {first[0]}: keep one of them"
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
            sources = (
                zip(value, value.marks, strict=True) if isinstance(value, Seq) else [(value, mark)]
            )
            for source, at in sources:
                if not isinstance(source, Map):
                    say = f"`<<` takes a mapping or a list of mappings, not {show(source)}"
                    self.builder.problem("merge", say, at)
                    continue
                for key in source:
                    if key not in own:
                        own[key] = source[key]
                        own.key_marks[key] = source.key_marks[key]
                        own.value_marks[key] = source.value_marks[key]


class Builder:
    """One pass over the events of a text: builds the values and guards what they cost."""

    def __init__(self, text: str, name: str, limits: Limits, first_line: int) -> None:
        self.text, self.name, self.limits, self.first_line = text, name, limits, first_line
        self.value: object = None
        self.mark: Mark = (first_line, 1)
        self.report = Report(name)
        self.open: list[_OpenMap | _OpenSeq] = []
        self.anchors: dict[str, _Anchor] = {}
        self.refused_key: _OpenMap | None = None  # the mapping whose key is refused, while in it
        self.nodes = 0  # so far, with those that aliases stand for
        self.aliases = self.alias_nodes = 0
        self.peaks: list[int] = []  # of each open collection with an anchor: the deepest level
        self.spans: list[tuple[int, int]] = []  # of the scalars with suspect characters
        self.known: dict[str, object] = {}  # unquoted scalars met before, and nothing to say of
        raw = SUSPECT.search(text) is not None
        self.inspected = (None, "'", '"', "|", ">") if raw else ('"',) if "\\" in text else ()

    def run(self) -> None:
        """Fill `value`, `problems` and `findings`."""
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
                text = f"cannot be parsed ({type(error).__name__}: {visible(str(error))})"
                self.problem("syntax", text, source.mark)
            for tag, mark in source.tags:
                self.problem("tag", f"the tag {visible(tag)} cannot be used: remove it", mark)
        self.inspect_comments()

    def build(self, source: EventSource) -> None:
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
            most = self.limits.depth
            text = f"lists and mappings are nested deeper than {most} levels: flatten them"
            self.stop("depth", text + hint("depth"), mark)
        if self.peaks and depth > self.peaks[-1]:
            self.peaks[-1] = depth

    def anchor(self, name: str, mark: Mark) -> _Anchor:
        anchor = self.anchors.get(name)
        if anchor is not None:
            shown, line = visible(name), anchor.mark[0]
            text = f"the anchor &{shown} stands already in line {line}: give it another name"
            self.problem("duplicate-anchor", text, mark, related=anchor.mark)
        anchor = self.anchors[name] = _Anchor(mark)
        return anchor

    def alias(self, name: str, mark: Mark) -> object:
        """The value that an alias stands for; it is shared, and counted as if it were copied."""
        anchor = self.anchors.get(name)
        if anchor is None:
            text = f"the alias *{visible(name)} has no anchor before it: quote it if it is text"
            self.problem("syntax", text, mark)
            return None
        if not anchor.complete:
            text = f"the alias *{visible(name)} stands inside the value that it names: write it out"
            self.stop("alias-cycle", text, mark, related=anchor.mark)
        self.aliases += 1
        self.alias_nodes += anchor.size
        self.nodes += anchor.size
        limits = self.limits
        if self.aliases > limits.aliases:
            text = f"there are more than {limits.aliases:,} aliases: write the values out"
            self.stop("alias-limit", text + hint("aliases"), mark)
        if self.alias_nodes > limits.alias_nodes:
            text = f"aliases stand for more than {limits.alias_nodes:,} values: use fewer of them"
            self.stop("alias-limit", text + hint("alias_nodes"), mark)
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
        why = doubt(text)
        if why:
            self.problem("ambiguous", why, mark, "warning")
            return resolve_plain(text)
        value = self.known[text] = resolve_plain(text)
        return value

    def inspect(self, text: str, start: Mark, end: Mark) -> None:
        """Note the suspect characters of a scalar."""
        if SUSPECT.search(text):
            span = self.index(start), self.index(end)
            self.spans.append(span)
            self.report.characters(text, start, lambda char: self.find(char, span))

    def inspect_comments(self) -> None:
        """Note the suspect characters outside of scalars: they can hide text from a reader."""
        if None not in self.inspected:
            return
        seen: Counter[str] = Counter()
        spans = iter([*self.spans, (len(self.text), len(self.text))])
        start, end = next(spans)
        for match in SUSPECT.finditer(self.text):
            while match.start() >= end < len(self.text):
                start, end = next(spans)
            char = match.group()
            seen[char] += 1
            if match.start() < start and seen[char] < 100:
                self.report.characters(char, self.mark_of(match.start()))

    def find(self, char: str, span: tuple[int, int]) -> Location | None:
        """Where a character stands as such in a part of the text."""
        index = self.text.find(char, *span)
        return Location(self.name, *self.mark_of(index)) if index >= 0 else None

    def index(self, mark: Mark) -> int:
        """Where in the text a mark is."""
        return self.line_starts[mark[0] - self.first_line] + mark[1] - 1

    def mark_of(self, index: int) -> Mark:
        line = bisect_right(self.line_starts, index) - 1
        return (line + self.first_line, index - self.line_starts[line] + 1)

    @cached_property
    def line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def problem(
        self,
        rule: str,
        text: str,
        mark: Mark,
        severity: str = "error",
        related: Mark | None = None,
    ) -> None:
        see = Location(self.name, *related) if related else None
        found = Problem(text, rule, Location(self.name, *mark), severity, see)
        if not self.report.add(found) and severity == "error":
            raise _StopError

    def stop(self, rule: str, text: str, mark: Mark, related: Mark | None = None) -> NoReturn:
        self.problem(rule, text, mark, related=related)
        raise _StopError


# What ruamel says -> what to say. These belong to the start of the thing (its "context") ...
_AT_THE_START = {
    "could not find expected ':'": "this is neither `key: value` nor part of the value before it: "
    "check its indentation",
    "unexpected end of stream|document separator": "the quote is never closed: add the closing one",
}
# ... and these to where the parser gave up.
_AT_THE_END = {
    "mapping values are not allowed": "`: ` inside an unquoted value: quote the value",
    "sequence entries are not allowed": "a list item (`- `) cannot start here: begin a new line",
    "mapping keys are not allowed": "a key (`? `) cannot start here: begin a new line",
    "character '(.)' that cannot start": "`{}` cannot start a value: quote it",
    "unknown escape character '(.)'": "`\\{}` is no escape: write `\\\\` for a backslash",
    "expected escape sequence": "an escape is cut short: write all its hexadecimal digits",
    r"beyond U\+10FFFF": "an escape is beyond U+10FFFF, the last character: correct it",
    "expected <block end>": "this does not line up with the block before it: check its indentation",
    "expected '<document start>'|after the document end": "this does not belong to the value "
    "before it: check quotes and indentation",
    "expected the node content": "a value is missing here: add it, or remove what asks for one",
    r"expected ',' or '\]'": "the list is not closed here: a `,` or `]` is missing",
    r"expected ',' or '\}'": "the mapping is not closed here: a `,` or `}}` is missing",
}


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
    text = f"not valid YAML: {visible(said, 120)}"
    for says, place in ((_AT_THE_START, context or at), (_AT_THE_END, at)):
        for pattern, say in says.items():
            if found := re.search(pattern, said):
                at, text = place, say.format(*found.groups())
    return text, at, "error", context if context != at else None
