"""Known names that look like an unknown one, and how a message offers them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def near(value: str, known: Iterable[str], most: int = 1, alike: float = 0.5) -> list[str]:
    """The known names that look most like a value, if any does: `alike` is from 0 to 1."""
    from difflib import get_close_matches  # only for mistakes

    return get_close_matches(value, list(known), most, alike)


def did_you_mean(names: Sequence[str]) -> str:
    """`; did you mean A, B or C?`, or nothing if there is no name."""
    if not names:
        return ""
    *others, last = (f"`{name}`" for name in names)
    return f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
