"""Sums of many claims side by side: what a search adds up, a bitmap at a time."""

from __future__ import annotations

from collections.abc import Iterator

FULL = 1000
"""The sum of a claim that answers everything that was asked."""


class BitSlicedSum:
    """Slice n is the bitmap of the claims that have bit n in their sum.

    So an amount is added to a million claims as fast as to one.
    """

    def __init__(self) -> None:
        self._slices = [0] * (FULL.bit_length() + 1)

    def add(self, claims: int, amount: int) -> None:
        """Add an amount to the sum of each of these claims."""
        if not claims:
            return
        carry = 0
        for position, old in enumerate(self._slices):
            addend = claims if amount >> position & 1 else 0
            if not addend and not carry:
                continue
            either = old ^ addend
            self._slices[position] = either ^ carry
            carry = (old & addend) | (carry & either)

    def at_least(self, amount: int) -> int:
        """The claims whose sum is not less (among all claims ever added to)."""
        more, equal = 0, 0
        for members in self._slices:
            equal |= members
        for position in range(len(self._slices) - 1, -1, -1):
            members = self._slices[position]
            if amount >> position & 1:
                equal &= members
            else:
                more |= equal & members
                equal &= ~members
        return more | equal

    def classes(self, claims: int) -> Iterator[tuple[int, int]]:
        """Split claims by their sum: (sum, claims with it), highest first."""
        yield from self._split(claims, len(self._slices) - 1, 0)

    def _split(self, claims: int, position: int, total: int) -> Iterator[tuple[int, int]]:
        if not claims:
            return
        if position < 0:
            yield total, claims
            return
        members = claims & self._slices[position]
        yield from self._split(members, position - 1, total | 1 << position)
        yield from self._split(claims ^ members, position - 1, total)
