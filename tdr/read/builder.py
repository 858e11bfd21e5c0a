"""Builds values with marks from parse events, within limits.

The parser is stopped at once where something is refused: depth, aliases, anchors, keys, tags,
directives. The time that libyaml takes grows with the square of the depth, so that it must not see
more than the limit.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from tdr.model.errors import Location, Problem
from tdr.model.text import excerpt
from tdr.read.characters import SUSPECT, ProblemCollector, is_harmless
from tdr.read.limits import Limits, hint, too_deep
from tdr.read.open_collections import ITEM, KEY, Anchor, OpenMap, OpenSeq
from tdr.read.positions import Mark, ParserMark, ambiguity, one_based, resolve_plain

if TYPE_CHECKING:
    from tdr.read.events import CollectionStartEvent, Event, ScalarEvent
    from tdr.read.nodes import NodeTree


_START = ParserMark(0, 0)
_HEAD_LINE = re.compile(r"(?: *(?:#.*)?|%.*)\n")  # before the first document
_YAML_1_2 = re.compile(r"%YAML +1\.2 *(?: #.*)?")
# What announces a value, after what stands before it.
_INDICATOR = re.compile(r"\s*(?:#[^\n]*\n\s*)*[-:?]")


class _StopError(Exception):
    """Reading cannot go on; the reason is already among the problems."""


class Builder:
    """Builds the values of a text in one pass over its events, within limits."""

    def __init__(self, text: str, name: str, limits: Limits, tree: NodeTree | None) -> None:
        self.text, self.name, self.limits = text, name, limits
        self.tree = tree
        self.root = OpenSeq(_START, None, "")  # its one item is the document
        self.report = ProblemCollector(name)
        self.open: list[OpenMap | OpenSeq] = []
        self.anchors: dict[str, Anchor] = {}
        self.refused_key: OpenMap | None = (
            None  # the mapping whose key is refused, while it is read
        )
        self.written: Event | None = None  # the start or end of the last value in the text
        self.documents = 0
        self.nodes = 0  # read so far, with those that aliases stand for
        self.aliases = self.alias_nodes = 0
        self.peaks: list[int] = []  # of each open collection with an anchor: the deepest level
        self.spans: list[tuple[int, int]] = []  # of the scalars with suspect characters
        self.known: dict[str, object] = {}  # values of unquoted scalars without a warning
        self.tagged = "!" in text
        raw = not is_harmless(text.encode())
        self.inspected = ("", "'", '"', "|", ">") if raw else ('"',) if "\\" in text else ()

    @property
    def value(self) -> object:
        """The value of the document."""
        return next(iter(self.root.value), None)

    @property
    def mark(self) -> Mark:
        """Where it starts."""
        return one_based((*self.root.value.places, _START)[0])

    def run(self, events: Iterable[Event]) -> None:
        """Set `value`, `mark` and `report`. Raises what the parser raises."""
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

    def build(self, events: Iterable[Any]) -> None:  # noqa: PLR0912, PLR0915 - with calls it takes half as long again
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
        tagged, inspected, known, tree = self.tagged, self.inspected, self.known, self.tree
        # Local names for the open collection: they are needed for every value.
        here: Any = self.root
        values = here.value
        places, key = values.places, here.key
        for event in events:
            kind: Any = type(event)
            new: OpenSeq | OpenMap | None = None
            if kind is ScalarEvent:
                text, style, mark = event.value, event.style, event.start_mark
                if not (text or style or event.anchor or event.tag):
                    mark = event.start_mark = event.end_mark = self.behind_indicator()
                self.written = event
                self.nodes += 1
                if tagged or event.anchor is not None or (inspected and (style or "") in inspected):
                    value = self.scalar(event)
                elif style:
                    value = text
                else:
                    value = known[text] if text in known else self.resolve(text, mark)
            elif kind in ends:
                self.leave()
                if event.start_mark.index < event.end_mark.index:  # a bracket
                    self.written = event
                if tree is not None:
                    tree.add(event)
                here = self.open[-1] if self.open else self.root
                values, key = here.value, here.key
                places = values.places
                continue
            elif kind in starts:
                self.written = event
                mark = event.start_mark
                new = self.enter(event, sequence=kind is SequenceStartEvent)
                value = new.value
            elif kind is AliasEvent:
                self.written = event
                mark = event.start_mark
                value = self.alias(event.anchor, mark)
            else:
                if kind is DocumentStartEvent:
                    self.start(event.start_mark)
                continue
            if tree is not None:
                tree.add(event)
            # Add the value to the open collection: as a key, an item, or the value of a key.
            if key is KEY:
                if (type(value) is str or type(value) is int) and value not in values:
                    key = value
                    places.append(mark)
                else:
                    key = here.unusual_key(value, mark)
            elif key is ITEM:
                values.append(value)
                places.append(mark)
            elif type(key) is object:
                here.unusual_value(key, value, mark)
                key = KEY
            else:
                values[key] = value
                places.append(mark)
                key = KEY
            if new is not None:  # the next value belongs to it
                here.key = key
                self.open.append(new)
                here, values, key = new, new.value, new.key
                places = values.places
        if self.value is None:
            text = "the file is empty: nothing is read from it"
            self.problem("empty", text, (*self.root.value.places, _START)[0], "warning")

    def start(self, mark: Any) -> None:
        """Start a document: the first one."""
        self.documents += 1
        if self.documents > 1:
            text = "a second document starts here: only one can stand in a file"
            self.stop("root", text, mark)

    @property
    def end(self) -> int:
        """Where the last written value ended."""
        return self.written.end_mark.index if self.written else 0

    def behind_indicator(self) -> ParserMark:
        """The place of a value that is absent, as in `note:`; parsers give different ones."""
        match = _INDICATOR.match(self.text, self.end)
        return self.mark_of(match.end() if match else self.end)

    def check_tag(self, mark: Any) -> None:
        """Refuse the tag of a node that starts here."""
        from tdr.read.syntax import TAG, refused_tag  # what is sound does not need it

        match = TAG.match(self.text, mark.index)
        if match:
            self.problem("tag", refused_tag(match), self.mark_of(match.start(1)))

    def explain(self, error: Exception) -> None:
        """Add the problem that made the parser stop."""
        from tdr.read.syntax import diagnose

        inside = self.open[-1].bracket if self.open else ""
        diagnosis = diagnose(error, self.text, inside, self.end)
        related = None if diagnosis.related is None else self.mark_of(diagnosis.related)
        with contextlib.suppress(_StopError):
            self.problem(
                diagnosis.rule, diagnosis.text, self.mark_of(diagnosis.index), related=related
            )

    def enter(self, event: CollectionStartEvent, *, sequence: bool) -> OpenSeq | OpenMap:
        """Start a collection. It is added to its parent at once, before its content is read."""
        mark = event.start_mark
        if self.tagged:
            self.check_tag(mark)
        depth = len(self.open) + 1
        self.check_depth(depth, mark)
        anchor = None
        if event.anchor is not None:
            anchor = self.anchor(event.anchor, mark)
            anchor.size = -self.nodes  # plus the count at its end this is its size
            self.peaks.append(depth)
        self.nodes += 1
        flow = event.flow_style
        if sequence:
            return OpenSeq(mark, anchor, "[" if flow else "block")
        return OpenMap(mark, anchor, "{" if flow else "block", self)

    def leave(self) -> None:
        """End a collection; the next value belongs to its parent."""
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

    def check_depth(self, depth: int, mark: Any) -> None:
        """Stop at what is nested too deeply; note the depth for anchors around it."""
        if depth > self.limits.depth:
            self.stop("depth", too_deep(self.limits.depth), mark)
        if self.peaks and depth > self.peaks[-1]:
            self.peaks[-1] = depth

    def anchor(self, name: str, mark: Any) -> Anchor:
        """A new anchor of this name; a second one of a name is a problem."""
        anchor = self.anchors.get(name)
        if anchor is not None:
            shown, line = excerpt(name), anchor.mark.line + 1
            text = f"the anchor &{shown} stands already in line {line}: give it another name"
            self.problem("duplicate-anchor", text, mark, related=anchor.mark)
        anchor = self.anchors[name] = Anchor(mark)
        return anchor

    def alias(self, name: str, mark: Any) -> object:
        """The value that an alias stands for; shared, but counted as if it were copied."""
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

    def scalar(self, event: ScalarEvent) -> object:
        """The value of a scalar that has an anchor or tag, or may have suspect characters."""
        mark = event.start_mark
        if self.tagged:
            self.check_tag(mark)
        text: str = event.value
        style = event.style or ""
        if style in self.inspected:
            self.inspect(text, mark, (mark.index, event.end_mark.index))
        value: object = text
        if not style:
            value = self.known[text] if text in self.known else self.resolve(text, mark)
        if event.anchor is not None:
            anchor = self.anchor(event.anchor, mark)
            anchor.value, anchor.complete, anchor.size = value, True, 1
        return value

    def resolve(self, text: str, mark: Any) -> object:
        """The value of an unquoted scalar; kept if there is nothing to warn of."""
        why = ambiguity(text)
        if why:
            self.problem("ambiguous", why, mark, "warning")
            return resolve_plain(text)
        value = self.known[text] = resolve_plain(text)
        return value

    def inspect(self, text: str, mark: Any, span: tuple[int, int]) -> None:
        """Report the suspect characters of a scalar."""
        if not is_harmless(text.encode("utf-8", "surrogatepass")) and SUSPECT.search(text):
            self.spans.append(span)
            self.report.add_suspect_characters(
                text, one_based(mark), lambda char: self.find(char, span)
            )

    def inspect_comments(self) -> None:
        """Report the suspect characters outside of scalars: they can hide text from a reader."""
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
                self.report.add_suspect_characters(char, one_based(self.mark_of(match.start())))

    def find(self, char: str, span: tuple[int, int]) -> Location | None:
        """Where a character stands, not as an escape, in a part of the text."""
        index = self.text.find(char, *span)
        return Location(self.name, *one_based(self.mark_of(index))) if index >= 0 else None

    def mark_of(self, index: int) -> ParserMark:
        """The mark of a place in the text."""
        line = bisect_right(self.line_starts, index) - 1
        return ParserMark(line, index - self.line_starts[line], index)

    @cached_property
    def line_starts(self) -> list[int]:
        """The index of the first character of each line."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def problem(
        self,
        rule: str,
        text: str,
        mark: Any,
        severity: str = "error",
        related: Any = None,
    ) -> None:
        """Add a problem; stops the parser if there are too many errors."""
        see = Location(self.name, *one_based(related)) if related else None
        found = Problem(text, rule, Location(self.name, *one_based(mark)), severity, see)
        if not self.report.add(found) and severity == "error":
            raise _StopError

    def stop(self, rule: str, text: str, mark: Any, related: Any = None) -> NoReturn:
        """Add a problem and stop the parser."""
        self.problem(rule, text, mark, related=related)
        raise _StopError
