"""YAML lists and mappings while they are read: what comes next, and which keys are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdr.read.positions import Ambiguous, Map, Seq, repeated_key, show

if TYPE_CHECKING:
    from tdr.read.builder import Builder


@dataclass(slots=True)
class Anchor:
    """What an anchor names. The last three are known once its node is complete."""

    mark: Any
    value: object = None
    complete: bool = False
    size: int = 0  # nodes in it, with those that its own aliases stand for
    height: int = 0  # levels of collections


# What comes next in an open collection, where it is not the value of a key.
KEY = None  # None cannot be a key
ITEM = "an item", "of a list"  # no key either
_MERGE = object()  # stands for the key `<<`; another object() stands for a refused key


class OpenSeq:
    """A list that is being read."""

    key: object = ITEM

    def __init__(self, mark: Any, anchor: Anchor | None, bracket: str) -> None:
        self.value = Seq(mark)
        self.anchor, self.bracket = anchor, bracket

    def close(self) -> None:
        """A list needs nothing more."""


class OpenMap:
    """A mapping that is being read; `key` waits for its value while that is being read."""

    def __init__(self, mark: Any, anchor: Anchor | None, bracket: str, builder: Builder) -> None:
        self.value = Map(mark)
        self.anchor, self.bracket = anchor, bracket
        self.builder = builder
        self.key: object = KEY
        self.dash_missing = False  # its first key stands there again: a new item without its `-`
        self.merged_at: Any = None  # where the key `<<` stands
        self.merges: list[tuple[object, Any]] = []

    def unusual_key(self, key: object, mark: Any) -> object:
        """`<<`, or one that is refused."""
        problem = self.builder.problem
        merge = key == Ambiguous("<<")
        if merge and self.merged_at is None:
            self.merged_at = mark
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

    def duplicate_key(self, key: object, mark: Any) -> None:
        """A key that stands here already; reported once where an item lacks its dash."""
        if self.dash_missing:
            return
        places, around = self.value.places, self.builder.open[-2:-1]
        first = self.merged_at if key is _MERGE else places[2 * list(self.value).index(key)]
        keys = [mark for mark in (self.merged_at, *places[:1]) if mark]
        text = repeated_key("<<" if key is _MERGE else show(key))
        in_list = bool(around) and isinstance(around[0], OpenSeq) and self.bracket == "block"
        if in_list and first is min(keys, key=lambda mark: mark.index):
            self.dash_missing = True
            text = repeated_key(show(key), "begin the next item with `- `, or keep one of them")
        self.builder.problem("duplicate-key", text, mark, related=first)

    def unusual_value(self, key: object, value: object, mark: Any) -> None:
        """The value of `<<`, or of a refused key."""
        if key is _MERGE:
            self.merges.append((value, mark))
        elif self.builder.refused_key is self:
            self.builder.refused_key = None

    def close(self) -> None:
        """Add the keys that `<<` brings: a key of one's own wins, then the first in the list."""
        own = self.value
        for value, mark in self.merges:
            sources = (
                zip(value, value.places, strict=True) if isinstance(value, Seq) else [(value, mark)]
            )
            for source, at in sources:
                if not isinstance(source, Map):
                    message = f"`<<` takes a mapping or a list of mappings, not {show(source)}"
                    self.builder.problem("merge", message, at)
                    continue
                for position, key in enumerate(source):
                    if key not in own:
                        own[key] = source[key]
                        own.places += source.places[2 * position : 2 * position + 2]
