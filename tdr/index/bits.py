"""Sets of claims: as one Python integer, bit n for claim n, and as the parts that are stored."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

CHUNK = 1 << 16
"""Claims per stored part of a bitmap; an offset in it has two bytes."""

SPARSE = 700
"""Up to so many claims of a part are stored as a list: as a compressed bitmap they would take
as much room, and several times as long to make."""

_FEW, _MANY = 0, 1
_DIGITS = bytes.maketrans(b"01", b"\0\1")
_MEMBERS = re.compile(rb"[^\0]")


def pack_few(offsets: Collection[int]) -> bytes:
    """A small part of a bitmap as it is stored: the claims' offsets, two bytes each."""
    return struct.pack(f"<B{len(offsets)}H", _FEW, *offsets)


def pack_many(bits: int) -> bytes:
    """A part of a bitmap as it is stored: compressed, offset 0 first."""
    return bytes((_MANY,)) + zlib.compress(to_bytes(bits), 1)


class Claims:
    """Some claims of one part, of which many facets are asked how many they have."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    @cached_property
    def _flags(self) -> bytes:
        """A byte for each claim of the part."""
        return f"{self.bits:0{CHUNK}b}"[::-1].encode().translate(_DIGITS)

    def having(self, members: int | tuple[int, ...]) -> int:
        """How many of them are among the members of a part, as `opened` gives them."""
        if isinstance(members, int):
            return (members & self.bits).bit_count()
        return sum(map(self._flags.__getitem__, members))

    def first(self, members: int | tuple[int, ...]) -> int | None:
        """The first of them that is among these members, if there is one."""
        if isinstance(members, int):
            common = members & self.bits
            return lowest(common) if common else None
        return min(filter(self._flags.__getitem__, members), default=None)


def opened(data: bytes) -> int | tuple[int, ...]:
    """A stored part of a bitmap as it is: a list of offsets if there are few, else bits."""
    if data[0] == _FEW:
        return struct.unpack(f"<{len(data) // 2}H", memoryview(data)[1:])
    return int.from_bytes(zlib.decompress(memoryview(data)[1:]), "little")


def unpack_into(whole: bytearray, start: int, data: bytes) -> None:
    """Add a stored part of a bitmap to the bytes of the whole, from byte `start` on."""
    members = opened(data)
    if isinstance(members, tuple):
        for offset in members:
            whole[start + (offset >> 3)] |= 1 << (offset & 7)
        return
    size = (members.bit_length() + 7) // 8
    members |= int.from_bytes(whole[start : start + size], "little")
    whole[start : start + size] = members.to_bytes(size, "little")


def unpack(data: bytes) -> int:
    """A stored part of a bitmap."""
    members = opened(data)
    return members if isinstance(members, int) else bitmap(members)


def bitmap(members: Iterable[int]) -> int:
    """A bitmap with these members."""
    wanted = tuple(members)
    whole = bytearray((max(wanted, default=0) >> 3) + 1)
    for number in wanted:
        whole[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(whole, "little")


def joined(parts: Mapping[int, int]) -> int:
    """The bitmap that some parts make together, each by the number at which it begins."""
    whole = bytearray((max(parts, default=0) + CHUNK) // 8)
    for start, bits in parts.items():
        whole[start // 8 : (start + CHUNK) // 8] = bits.to_bytes(CHUNK // 8, "little")
    return int.from_bytes(whole, "little")


def lowest(bits: int) -> int:
    """The first member of a bitmap that has one."""
    return (bits & -bits).bit_length() - 1


def to_bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def numbers(bits: int) -> Iterator[int]:
    """The members of a bitmap, in order."""
    for match in _MEMBERS.finditer(to_bytes(bits)):  # skips what is empty at the speed of C
        byte, position = match.group()[0], match.start() * 8
        while byte:
            lowest = byte & -byte
            yield position + lowest.bit_length() - 1
            byte ^= lowest
