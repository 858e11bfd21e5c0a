"""Lists of claims packed for one part of an index, while it is built."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from tdr.index.bits import PART_SIZE, SPARSE, pack_few, pack_many

Offsets = Sequence[int]
"""Offsets of claims in their part, in no order."""


class Packer:
    """Packs unions of lists of offsets, each union once.

    Many facets follow from one list (the words of a term, of a title), or from the same few.
    """

    def __init__(self) -> None:
        self._bits: dict[int, int] = {}
        self._packed: dict[tuple[int, ...], tuple[bytes, int]] = {}

    def pack(self, lists: list[Offsets]) -> tuple[bytes, int]:
        """The union of some lists as it is stored, and how many claims it has."""
        if len(lists) == 1 and len(lists[0]) == 1:  # most words are rare
            return pack_few(lists[0]), 1
        key = tuple(map(id, lists))
        packed = self._packed.get(key)
        if packed is None:
            packed = self._packed[key] = self._pack(lists)
        return packed

    def _pack(self, lists: list[Offsets]) -> tuple[bytes, int]:
        if sum(map(len, lists)) <= SPARSE:
            few = dict.fromkeys(chain.from_iterable(lists))
            return pack_few(few), len(few)
        bits = 0
        for offsets in lists:
            bits |= self._bitmap(offsets)
        return pack_many(bits), bits.bit_count()

    def _bitmap(self, offsets: Offsets) -> int:
        bits = self._bits.get(id(offsets))
        if bits is None:
            bits = self._bits[id(offsets)] = _bitmap(offsets)
        return bits


def _bitmap(offsets: Offsets) -> int:
    """The bitmap of some claims of a part; for many in less time than `bits.bitmap` takes."""
    if len(offsets) < PART_SIZE // 64:
        data = bytearray(PART_SIZE // 8)
        for offset in offsets:
            data[offset >> 3] |= 1 << (offset & 7)
        return int.from_bytes(data, "little")
    # To set a byte for each claim and then join eight to one takes a third of the time.
    flags = bytearray(PART_SIZE)
    for offset in offsets:
        flags[offset] = 1
    bits = 0
    for place in range(8):
        bits |= int.from_bytes(flags[place::8], "little") << place
    return bits
