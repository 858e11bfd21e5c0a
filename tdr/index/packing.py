"""Lists of claims as parts of bitmaps, made while an index is built."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from tdr.index.bits import CHUNK, SPARSE, pack_few, pack_many

Offsets = Sequence[int]
"""Places of claims within their part."""


class Packer:
    """Unions of lists of offsets as they are stored, each made once.

    Many facets follow from one list (the words of a term, of a title), or from the same few.
    """

    def __init__(self) -> None:
        self._bits: dict[int, int] = {}
        self._made: dict[tuple[int, ...], tuple[bytes, int]] = {}

    def packed(self, lists: list[Offsets]) -> tuple[bytes, int]:
        """The union of some lists, and how many claims it has."""
        if len(lists) == 1 and len(lists[0]) == 1:  # most words are rare
            return pack_few(lists[0]), 1
        key = tuple(map(id, lists))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(lists)
        return made

    def _make(self, lists: list[Offsets]) -> tuple[bytes, int]:
        if sum(map(len, lists)) <= SPARSE:
            few = dict.fromkeys(chain.from_iterable(lists))
            return pack_few(few), len(few)
        bits = 0
        for offsets in lists:
            bits |= self._bitmap(offsets)
        return pack_many(bits), bits.bit_count()

    def _bitmap(self, offsets: Offsets) -> int:
        found = self._bits.get(id(offsets))
        if found is None:
            found = self._bits[id(offsets)] = _bitmap(offsets)
        return found


def _bitmap(offsets: Offsets) -> int:
    if len(offsets) < CHUNK // 64:
        data = bytearray(CHUNK // 8)
        for offset in offsets:
            data[offset >> 3] |= 1 << (offset & 7)
        return int.from_bytes(data, "little")
    # Of many claims, one byte for each is set in a third of the time; eight are one byte then.
    flags = bytearray(CHUNK)
    for offset in offsets:
        flags[offset] = 1
    bits = 0
    for place in range(8):
        bits |= int.from_bytes(flags[place::8], "little") << place
    return bits
