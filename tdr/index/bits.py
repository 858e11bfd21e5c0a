"""Sets of claims as bitmaps: one integer each, bit n for claim n; stored in compressed parts."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

PART_SIZE = 1 << 16
"""Claims in one part of an index; an offset in it has two bytes."""

SPARSE = 700
"""So many claims of a part at most are stored as a list: a compressed bitmap would take as much
room, and several times as long to make."""

Members = int | tuple[int, ...]
"""Claims of a part: a bitmap, or their offsets if there are few."""

_FEW, _MANY = 0, 1
_DIGITS = bytes.maketrans(b"01", b"\0\1")
_MEMBERS = re.compile(rb"[^\0]")


def pack_few(offsets: Collection[int]) -> bytes:
    """A few claims of a part as they are stored: their offsets, two bytes each."""
    return struct.pack(f"<B{len(offsets)}H", _FEW, *offsets)


def pack_many(bits: int) -> bytes:
    """Claims of a part as they are stored: a compressed bitmap, offset 0 first."""
    return bytes((_MANY,)) + zlib.compress(to_bytes(bits), 1)


class PartSelection:
    """Selected claims of one part, to be compared with the stored claims of many facets."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    @cached_property
    def _flags(self) -> bytes:
        """One byte for each claim of the part: whether it is selected."""
        return f"{self.bits:0{PART_SIZE}b}"[::-1].encode().translate(_DIGITS)

    def count(self, members: Members) -> int:
        """How many of the selected claims are among these."""
        if isinstance(members, int):
            return (members & self.bits).bit_count()
        return sum(map(self._flags.__getitem__, members))

    def first(self, members: Members) -> int | None:
        """The offset of the first selected claim that is among these, if there is one."""
        if isinstance(members, int):
            common = members & self.bits
            return lowest(common) if common else None
        return min(filter(self._flags.__getitem__, members), default=None)


def unpack_members(data: bytes) -> Members:
    """The claims of a stored part, in the form in which they are stored."""
    if data[0] == _FEW:
        return struct.unpack(f"<{len(data) // 2}H", memoryview(data)[1:])
    return int.from_bytes(zlib.decompress(memoryview(data)[1:]), "little")


def unpack_into(whole: bytearray, start: int, data: bytes) -> None:
    """Add the claims of a stored part to the bytes of a whole bitmap, from byte `start` on."""
    members = unpack_members(data)
    if isinstance(members, tuple):
        for offset in members:
            whole[start + (offset >> 3)] |= 1 << (offset & 7)
        return
    size = (members.bit_length() + 7) // 8
    members |= int.from_bytes(whole[start : start + size], "little")
    whole[start : start + size] = members.to_bytes(size, "little")


def unpack(data: bytes) -> int:
    """The bitmap of a stored part."""
    members = unpack_members(data)
    return members if isinstance(members, int) else bitmap(members)


def bitmap(members: Iterable[int]) -> int:
    """A bitmap with these members."""
    wanted = tuple(members)
    whole = bytearray((max(wanted, default=0) >> 3) + 1)
    for number in wanted:
        whole[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(whole, "little")


def join_parts(parts: Mapping[int, int]) -> int:
    """The bitmap of all claims, given the bitmap of each part by the number of its first claim."""
    whole = bytearray((max(parts, default=0) + PART_SIZE) // 8)
    for start, bits in parts.items():
        whole[start // 8 : (start + PART_SIZE) // 8] = bits.to_bytes(PART_SIZE // 8, "little")
    return int.from_bytes(whole, "little")


def lowest(bits: int) -> int:
    """The first member of a bitmap that has one."""
    return (bits & -bits).bit_length() - 1


def to_bytes(bits: int) -> bytes:
    """A bitmap as bytes, claims 0 to 7 in the first."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def numbers(bits: int) -> Iterator[int]:
    """The members of a bitmap, in order."""
    for match in _MEMBERS.finditer(to_bytes(bits)):  # skips what is empty at the speed of C
        byte, position = match.group()[0], match.start() * 8
        while byte:
            bit = byte & -byte
            yield position + bit.bit_length() - 1
            byte ^= bit
