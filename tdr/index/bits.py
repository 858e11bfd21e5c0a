"""Sets of claims: as one Python integer, bit n for claim n, and as the parts that are stored."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Collection, Iterator

CHUNK = 1 << 16
"""Claims per stored part of a bitmap; an offset in it has two bytes."""

SPARSE = 700
"""Up to so many claims of a part are stored as a list: as a compressed bitmap they would take
as much room, and several times as long to make."""

_FEW, _MANY = 0, 1
_MEMBERS = re.compile(rb"[^\0]")


def pack_few(offsets: Collection[int]) -> bytes:
    """A small part of a bitmap as it is stored: the claims' offsets, two bytes each."""
    return struct.pack(f"<B{len(offsets)}H", _FEW, *offsets)


def pack_many(bits: int) -> bytes:
    """A part of a bitmap as it is stored: compressed, offset 0 first."""
    return bytes((_MANY,)) + zlib.compress(to_bytes(bits), 1)


def unpack_into(whole: bytearray, start: int, data: bytes) -> None:
    """Add a stored part of a bitmap to the bytes of the whole, from byte `start` on."""
    if data[0] == _FEW:
        for offset in struct.unpack(f"<{len(data) // 2}H", data[1:]):
            whole[start + (offset >> 3)] |= 1 << (offset & 7)
        return
    part = zlib.decompress(memoryview(data)[1:])
    there = int.from_bytes(whole[start : start + len(part)], "little")
    bits = there | int.from_bytes(part, "little")
    whole[start : start + len(part)] = bits.to_bytes(len(part), "little")


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
