"""Names of authors as medical journals print them: family name, initials, suffix.

`Ashby CR Jr`, `de Bem Prunes B`, `Wang H-f`, `van Mil LWHG`. What has no initials is the name of
a group, or no name at all, and stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_INITIALS = re.compile(r"[^\W\d_a-z]{1,4}(?:-[^\W\d_]{1,2})*")
_SHORT_NAME = re.compile(r"[^\W\d_][^\W\d_]")
"""Two letters after a family name, as in `Huang Hf`: initials or a name, kept as they are."""

_SUFFIXES = frozenset(("Jr", "Sr", "II", "III", "IV", "2nd", "3rd", "4th"))
_GROUP = re.compile(
    r"\b(?:and|for|of|the|group|consortium|network|team|investigators?|collaborat\w+|committee"
    r"|society|initiative|project|association|study|trial|developers|organi[sz]ation)\b",
    re.I,
)
_OTHERS = re.compile(r"(?:and )?(?:et al|others)\.?", re.I)


@dataclass(frozen=True, slots=True)
class Author:
    """A person, or a group where nothing but `family` is given: then this is its whole name.

    `given` are initials with full stops (`C. R.`, `J. T.-T.`).
    """

    family: str
    given: str = ""
    suffix: str = ""


def author(name: str) -> Author:
    """The author of this name; a particle (`de`, `van der`) is part of the family name."""
    words = name.split()
    suffix = words.pop().rstrip(".") if _has_suffix(words) else ""
    first = len(words)
    while first > 1 and _INITIALS.fullmatch(words[first - 1].replace(".", "")):
        first -= 1
    initials = [word.replace(".", "") for word in words[first:]]
    if _GROUP.search(name) or not (initials or _is_short(words)):
        return Author(" ".join(name.split()))
    if not initials:
        return Author(words[0], words[1], suffix)
    return Author(" ".join(words[:first]), " ".join(map(_dotted, initials)), suffix)


def _has_suffix(words: list[str]) -> bool:
    """Whether a name ends in Jr and the like: not without initials before it (`Li II`)."""
    return (
        len(words) > 2
        and words[-1].rstrip(".") in _SUFFIXES
        and _INITIALS.fullmatch(words[-2].replace(".", "")) is not None
    )


def _is_short(words: list[str]) -> bool:
    return len(words) == 2 and _SHORT_NAME.fullmatch(words[1]) is not None


def _dotted(initials: str) -> str:
    """`CR` -> `C. R.`, `JT-T` -> `J. T.-T.`, `H-f` -> `H.-f.`"""
    first, *joined = initials.split("-")
    return ". ".join(first) + "." + "".join(f"-{part}." for part in joined)


def authors(names: Iterable[str]) -> tuple[tuple[Author, ...], bool]:
    """The authors of these names, and whether there are others (`et al.`)."""
    people = []
    others = False
    for name in names:
        if _OTHERS.fullmatch(name.strip()):
            others = True
        elif name.strip():
            people.append(author(name))
    return tuple(people), others
