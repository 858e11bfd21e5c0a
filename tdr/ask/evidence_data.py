"""What evidence holds: claims, references, terms and sources, read when first asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Self

from tdr.index import Index
from tdr.model.errors import Problem, unknown
from tdr.model.text import fold
from tdr.model.therapies import Therapies
from tdr.model.values import Claim, Reference
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.model.source import Source


class Selection:
    """The claims that match, as a bitmap, and how the values were understood.

    `expansions` and `skipped` are those of `Conditions`.
    """

    __slots__ = ("bits", "expansions", "skipped")

    def __init__(
        self, bits: int, expansions: tuple[str, ...] = (), skipped: tuple[str, ...] = ()
    ) -> None:
        self.bits, self.expansions, self.skipped = bits, expansions, skipped

    def __len__(self) -> int:
        return self.bits.bit_count()


ReferenceName = int | str
"""A reference among those of all sources: its number in the first source, else `KEY:number`."""


class EvidenceData:
    """The part of `Evidence` that holds claims and what they refer to; its subclass is asked.

    `skipped` are warnings of what in the directory has a file's name and is no file; `asked` the
    keys of the sources that answer, if not all do.
    """

    def __init__(
        self, index: Index, skipped: tuple[Problem, ...] = (), asked: tuple[str, ...] = ()
    ) -> None:
        self.index, self.skipped, self.asked = index, skipped, asked
        self._lists: dict[str, Mapping[int, Reference]] = {}

    def of_sources(self, keys: Collection[str]) -> Self:
        """The same where only these sources answer; those that are not known are passed over."""
        folded = set(map(fold, keys))
        asked = tuple(key for key in self.index.keys if fold(key) in folded)
        return type(self)(self.index, self.skipped, asked)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the sources that answer, the first one's first."""
        return self.asked or self.index.keys

    def key_of(self, name: str) -> str:
        """The key of the source of this name. Raises TdrError if there is none."""
        for key in self.index.keys:
            if fold(key) == fold(name):
                return key
        raise unknown("source", name, self.index.keys)

    @property
    def first_alone(self) -> bool:
        """Whether the first source answers alone, whose numbers need no key beside them."""
        return self.keys == self.index.keys[:1]

    @property
    def everything(self) -> int:
        """The bitmap of all claims of the sources that answer."""
        index = self.index
        return index.claims_with("source", self.asked) if self.asked else index.everything

    def elsewhere(self, claims: int) -> Iterator[tuple[str, int]]:
        """Of a bitmap of claims of all sources, how many those have that do not answer."""
        for key in self.index.keys:
            count = (claims & self.index.claims_with("source", [key])).bit_count()
            if count and key not in self.keys:
                yield key, count

    def labels(self, facet: str) -> Collection[str]:
        """The values that the claims have in a facet."""
        if not self.asked:
            return self.index.values(facet)
        every = self.everything
        return [label for label, bits in self.index.claims_by_value(facet).items() if bits & every]

    @property
    def data_version(self) -> str:
        """The version of the data; of the first source alone as if there were no other."""
        return self.index.first_version if self.first_alone else self.index.data_version

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, by therapy and then in file order."""
        return tuple(self.index.claims(self.everything))

    @cached_property
    def references(self) -> Mapping[int, Reference]:
        """The first source's reference list by number."""
        return self.references_of(self.index.keys[0])

    def references_of(self, source: str) -> Mapping[int, Reference]:
        """The reference list of the source with this key, by number."""
        found = self._lists.get(source)
        if found is None:
            found = self._lists[source] = self.index.references(source)
        return found

    @cached_property
    def bibliography(self) -> Mapping[ReferenceName, Reference]:
        """The references of all sources by name, the first one's first."""
        return {
            self.name_of(key, number): reference
            for key in self.index.keys
            for number, reference in self.references_of(key).items()
        }

    def name_of(self, source: str, number: int) -> ReferenceName:
        """What a reference is called among those of all sources."""
        return number if source == self.index.keys[0] else f"{source}:{number}"

    def shown_name(self, source: str, number: int) -> str:
        """The same for people, who are told the source unless the first one answers alone."""
        return str(number) if self.first_alone else f"{source}:{number}"

    def numbers(self, claim: Claim) -> str:
        """The references of a claim for people: `[20,22]`, `[papers:33]`."""
        return "[" + ",".join(self.shown_name(claim.source, n) for n in claim.refs) + "]"

    def named(self, claims: Iterable[Claim]) -> tuple[ReferenceName, ...]:
        """The names of all references behind some claims, in order, each once."""
        return self.in_order({self.name_of(c.source, n) for c in claims for n in c.refs})

    def refs_of(self, claims: Iterable[Claim]) -> tuple[ReferenceName, ...]:
        """The same as answers have them, all of one type: `KEY:number`, and numbers only where
        the first source answers alone."""
        return self._in_full(self.named(claims))

    def refs_of_each(self, *sets: int) -> Iterator[tuple[ReferenceName, ...]]:
        """The same for each of some bitmaps of claims; no claim is read."""
        for found in self.index.first_claims("ref", *sets):
            names = (int(name) if name.isdigit() else name for name in found)
            yield self._in_full(self.in_order(names))

    def _in_full(self, names: tuple[ReferenceName, ...]) -> tuple[ReferenceName, ...]:
        if self.first_alone:
            return names
        first = self.index.keys[0]
        return tuple(f"{first}:{name}" if isinstance(name, int) else name for name in names)

    def in_order(self, names: Iterable[ReferenceName]) -> tuple[ReferenceName, ...]:
        """Names by source, then by number."""

        def rank(name: ReferenceName) -> tuple[int, int]:
            source, _, number = str(name).rpartition(":")
            return (self.index.keys.index(source) if source else 0, int(number))

        return tuple(sorted(names, key=rank))

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms that claims use, with synonyms and hierarchy."""
        return self.index.vocabulary

    @property
    def therapies(self) -> Therapies:
        """Which therapies there are, by label, with every other way to name them."""
        return self.index.therapies

    @cached_property
    def source(self) -> Source:
        """The publication that the claims restate; of several, the first."""
        return self.index.source(self.index.keys[0])

    @cached_property
    def origin(self) -> str:
        """Where the claims are from, in the few words that a picture has room for."""
        return " and ".join(source.short_citation for source in self.sources.values())

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Every source by its key, the first one first."""
        return {key: self.index.source(key) for key in self.index.keys}

    def __len__(self) -> int:
        return self.everything.bit_count() if self.asked else self.index.size

    def selected(self, selection: Selection, limit: int | None = None) -> Iterator[Claim]:
        """The claims of a selection in file order."""
        return self.index.claims(selection.bits, limit)
