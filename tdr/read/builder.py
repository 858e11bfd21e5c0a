"""Parse events -> values with marks, and the guard of what they cost.

One pass builds the values and stops the parser at once where something cannot be read: depth,
aliases, anchors, keys, tags, directives. libyaml takes time that grows with the square of the
nesting; of what is too deep it sees no more than the limit.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from tdr.model.errors import Location, Problem
from tdr.model.text import excerpt
from tdr.read.characters import SUSPECT, Problems, is_harmless
from tdr.read.limits import Limits, hint
from tdr.read.nodes import NodeTree
from tdr.read.positions import Ambiguous, Map, Mark, Seq, ambiguity, resolve_plain, show
from tdr.read.syntax import TAG, diagnose, refused_tag

if TYPE_CHECKING:
    from tdr.read.events import CollectionStartEvent, Event, ScalarEvent


_Add = Callable[[object, Mark], None]

_HEAD_LINE = re.compile(r"(?: *(?:#.*)?|%.*)\n")  # before the first document
_YAML_1_2 = re.compile(r"%YAML +1\.2 *(?: #.*)?")
# What announces a value, after what stands before it.
_INDICATOR = re.compile(r"\s*(?:#[^\n]*\n\s*)*[-:?]")


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

    def __init__(self, mark: Mark, anchor: _Anchor | None, bracket: str) -> None:
        self.value = Seq(mark)
        self.anchor, self.bracket = anchor, bracket

    def add(self, value: object, mark: Mark) -> None:
        self.value.append(value)
        self.value.marks.append(mark)

    def close(self) -> None:
        """A list needs nothing more."""


_NO_KEY = None  # None cannot be a key
_MERGE = object()  # stands for the key `<<`; another object() stands for a refused key


class _OpenMap:
    """A mapping that is being read: it is handed keys and values in turn."""

    def __init__(self, mark: Mark, anchor: _Anchor | None, bracket: str, builder: Builder) -> None:
        self.value = Map(mark)
        self.anchor, self.bracket = anchor, bracket
        self.builder = builder
        self.key: object = _NO_KEY
        self.begins_again = False  # the first key stands here twice, in an item of a list
        self.merges: list[tuple[object, Mark]] = []

    def add(self, value: object, mark: Mark) -> None:
        key = self.key
        if key is _NO_KEY:
            if value.__class__ not in (str, int) or value in self.value.key_marks:
                value = self.unusual_key(value, mark)
            self.key = value
            self.value.key_marks[value] = mark
        elif key.__class__ is object:
            self.unusual_value(value, mark)
            self.key = _NO_KEY
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
            quote = "if the word is meant, quote it: 'Null'"
            problem("key", f"a key must be text or an integer, not nothing; {quote}", mark)
        elif isinstance(key, Ambiguous) and not merge:
            problem("key", f"a key must be text or an integer: quote it: '{show(key)}'", mark)
        else:
            self.duplicate_key(_MERGE if merge else key, mark)
        return object()

    def duplicate_key(self, key: object, mark: Mark) -> None:
        """A key that stands here already; of an item without its dash that is said once."""
        if self.begins_again:
            return
        first, around = self.value.key_marks[key], self.builder.open[-2:-1]
        say = "keep one of them"
        in_list = bool(around) and isinstance(around[0], _OpenSeq) and self.bracket == "block"
        if in_list and key == next(iter(self.value.key_marks)):
            self.begins_again = True
            say = "begin the next item with `- `, or keep one of them"
        text = f"the key `{show(key)}` stands already in line {first[0]}: {say}"
        self.builder.problem("duplicate-key", text, mark, related=first)

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


@dataclass(frozen=True, slots=True)
class _Place:
    """A mark of the parsers' kind: counted from 0, `index` from the start of the text."""

    line: int
    column: int
    index: int


class Builder:
    """One pass over the events of a text: builds the values and guards what they cost."""

    def __init__(self, text: str, name: str, limits: Limits, tree: NodeTree | None) -> None:
        self.text, self.name, self.limits = text, name, limits
        self.tree = tree
        self.value: object = None
        self.mark: Mark = (1, 1)
        self.report = Problems(name)
        self.open: list[_OpenMap | _OpenSeq] = []
        self.anchors: dict[str, _Anchor] = {}
        self.refused_key: _OpenMap | None = None  # the mapping whose key is refused, while in it
        self.written: Event | None = None  # of the last written value, its start or its end
        self.documents = 0
        self.nodes = 0  # so far, with those that aliases stand for
        self.aliases = self.alias_nodes = 0
        self.peaks: list[int] = []  # of each open collection with an anchor: the deepest level
        self.spans: list[tuple[int, int]] = []  # of the scalars with suspect characters
        self.known: dict[str, object] = {}  # unquoted scalars met before, and nothing to say of
        self.tagged = "!" in text
        raw = not is_harmless(text.encode())
        self.inspected = ("", "'", '"', "|", ">") if raw else ('"',) if "\\" in text else ()

    def run(self, events: Iterable[Event]) -> None:
        """Fill `value`, `mark` and `report`. Raises what the parser raises."""
        with contextlib.suppress(_StopError):
            self.check_directives()
            self.build(events)
        self.inspect_comments()

    def check_directives(self) -> None:
        """Refuse what would change how the rest is read: only `%YAML 1.2` may stand there."""
        at = 0
        while line := _HEAD_LINE.match(self.text, at):
            if line[0].startswith("%") and not _YAML_1_2.fullmatch(line[0].rstrip("\n")):
                text = "only the directive %YAML 1.2 can stand here"
                self.stop("directive", text, self.mark_of(at))
            at = line.end()

    def build(self, events: Iterable[Any]) -> None:
        from tdr.read.events import (
            AliasEvent,
            DocumentStartEvent,
            MappingEndEvent,
            MappingStartEvent,
            ScalarEvent,
            SequenceEndEvent,
            SequenceStartEvent,
        )

        starts, ends = (SequenceStartEvent, MappingStartEvent), (SequenceEndEvent, MappingEndEvent)
        add: _Add = self.add_root
        tagged, inspected, known = self.tagged, self.inspected, self.known
        for event in events:
            kind: Any = event.__class__
            mark = event.start_mark
            if kind is ScalarEvent:
                text, style = event.value, event.style
                if not (text or style or event.anchor or event.tag):
                    mark = event.start_mark = event.end_mark = self.behind_indicator()
                self.written = event
                self.nodes += 1
                at = (mark.line + 1, mark.column + 1)
                if tagged or event.anchor is not None or (style or "") in inspected:
                    value = self.scalar(event, at)
                else:
                    value = text if style else known.get(text) or self.resolve(text, at)
                add(value, at)
            elif kind in ends:
                add = self.leave()
                if mark.index < event.end_mark.index:  # a bracket
                    self.written = event
            elif kind in starts:
                self.written = event
                at = (mark.line + 1, mark.column + 1)
                add = self.enter(event, at, add, sequence=kind is SequenceStartEvent)
            elif kind is AliasEvent:
                self.written = event
                at = (mark.line + 1, mark.column + 1)
                add(self.alias(event.anchor, at), at)
            elif kind is DocumentStartEvent:
                self.start((mark.line + 1, mark.column + 1))
            if self.tree is not None:
                self.tree.add(event)
        if self.value is None:
            text = "the file is empty: nothing is read from it"
            self.problem("empty", text, self.mark, "warning")

    def start(self, mark: Mark) -> None:
        """Start a document: the first one."""
        self.documents += 1
        if self.documents > 1:
            text = "a second document starts here: only one can stand in a file"
            self.stop("root", text, mark)

    @property
    def end(self) -> int:
        """Where the last written value ended."""
        return self.written.end_mark.index if self.written else 0

    def behind_indicator(self) -> _Place:
        """The place of a value that is left out, as in `note:`; parsers differ about it."""
        found = _INDICATOR.match(self.text, self.end)
        index = found.end() if found else self.end
        line, column = self.mark_of(index)
        return _Place(line - 1, column - 1, index)

    def check_tag(self, mark: Any) -> None:
        """Refuse the tag of a node that starts here."""
        found = TAG.match(self.text, mark.index)
        if found:
            self.problem("tag", refused_tag(found), self.mark_of(found.start(1)))

    def explain(self, error: Exception) -> None:
        """Say what the parser could not read."""
        inside = self.open[-1].bracket if self.open else ""
        found = diagnose(error, self.text, inside, self.end)
        related = None if found.related is None else self.mark_of(found.related)
        with contextlib.suppress(_StopError):
            self.problem(found.rule, found.text, self.mark_of(found.index), related=related)

    def add_root(self, value: object, mark: Mark) -> None:
        self.value, self.mark = value, mark

    def enter(self, event: CollectionStartEvent, mark: Mark, add: _Add, *, sequence: bool) -> _Add:
        """Start a collection. It joins its parent at once: its own content comes later."""
        if self.tagged:
            self.check_tag(event.start_mark)
        depth = len(self.open) + 1
        self.check_depth(depth, mark)
        anchor = None
        if event.anchor is not None:
            anchor = self.anchor(event.anchor, mark)
            anchor.size = -self.nodes  # so that adding the count at its end gives the size
            self.peaks.append(depth)
        self.nodes += 1
        flow = event.flow_style
        new: _OpenSeq | _OpenMap
        if sequence:
            new = _OpenSeq(mark, anchor, "[" if flow else "block")
        else:
            new = _OpenMap(mark, anchor, "{" if flow else "block", self)
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
            shown, line = excerpt(name), anchor.mark[0]
            text = f"the anchor &{shown} stands already in line {line}: give it another name"
            self.problem("duplicate-anchor", text, mark, related=anchor.mark)
        anchor = self.anchors[name] = _Anchor(mark)
        return anchor

    def alias(self, name: str, mark: Mark) -> object:
        """The value that an alias stands for; it is shared, and counted as if it were copied."""
        anchor = self.anchors.get(name)
        if anchor is None:
            text = f"the alias *{excerpt(name)} has no anchor before it: quote it if it is text"
            self.problem("syntax", text, mark)
            return None
        if not anchor.complete:
            text = f"the alias *{excerpt(name)} stands inside the value that it names: write it out"
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

    def scalar(self, event: ScalarEvent, mark: Mark) -> object:
        if self.tagged:
            self.check_tag(event.start_mark)
        text: str = event.value
        style = event.style or ""
        if style in self.inspected:
            self.inspect(text, mark, (event.start_mark.index, event.end_mark.index))
        value: object = text
        if not style:
            value = self.known[text] if text in self.known else self.resolve(text, mark)
        if event.anchor is not None:
            anchor = self.anchor(event.anchor, mark)
            anchor.value, anchor.complete, anchor.size = value, True, 1
        return value

    def resolve(self, text: str, mark: Mark) -> object:
        why = ambiguity(text)
        if why:
            self.problem("ambiguous", why, mark, "warning")
            return resolve_plain(text)
        value = self.known[text] = resolve_plain(text)
        return value

    def inspect(self, text: str, mark: Mark, span: tuple[int, int]) -> None:
        """Note the suspect characters of a scalar."""
        if SUSPECT.search(text):
            self.spans.append(span)
            self.report.characters(text, mark, lambda char: self.find(char, span))

    def inspect_comments(self) -> None:
        """Note the suspect characters outside of scalars: they can hide text from a reader."""
        if "" not in self.inspected:
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

    def mark_of(self, index: int) -> Mark:
        line = bisect_right(self.line_starts, index) - 1
        return (line + 1, index - self.line_starts[line] + 1)

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
