"""Names of authors as medical journals print them: family name, initials, suffix.

`Ashby CR Jr`, `de Bem Prunes B`, `Wang H-f`, `van Mil LWHG`. What has no initials is the name of
a group, or no name at all, and stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tdr.model.text import hyphened

_INITIALS = re.compile(r"[^\W\d_a-z]{1,4}(?:-[^\W\d_]{1,2})*")
_SHORT_NAME = re.compile(r"[^\W\d_a-z][a-z]")
"""Two letters after a family name, as in `Huang Hf`: initials or a name, kept as they are."""

SUFFIXES = frozenset(("Jr", "Sr", "II", "III", "IV", "2nd", "3rd", "4th"))
_GROUP = re.compile(
    r"\b(?:and|for|of|the|group|consortium|network|team|investigators?|collaborat\w+|committee"
    r"|society|initiative|project|association|study|trial|developers|organi[sz]ation)\b",
    re.I,
)
_FORENAMES_FIRST = re.compile(r"(.*\b\w\.)[\s-]*([^\W\d_].{2,})")
_NAME_IN_FULL = re.compile(r"[^\W\d_a-z](?=.*[a-z])[^\W\d_]*(?:[-'’][^\W\d_]+)*")
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
    family, comma, given = name.partition(",")
    if given.strip().rstrip(".") in SUFFIXES:  # `Doe J, Jr`: the comma parts no family name
        comma = ""
    words = (given if comma else name).replace(",", " ").split()
    whole = Author(" ".join(name.split()))
    if _GROUP.search(name):
        return whole
    suffix = words.pop().rstrip(".") if _has_suffix(words) else ""
    if comma:
        return Author(" ".join(family.split()), " ".join(map(_dotted, words)), suffix)
    first = len(words) - 1
    if len(words) == 2 and _SHORT_NAME.fullmatch(words[1]):
        return Author(words[0], words[1], suffix)
    if first < 1 or not _are_initials(words[first]):
        return whole
    while first > 1 and len(words[first - 1].rstrip(".")) == 1:
        first -= 1
    return Author(" ".join(words[:first]), " ".join(map(_dotted, words[first:])), suffix)


def as_person(name: str) -> str:
    """`Public, John` for `John Public` or `John Q. Public`, which no list prints so.

    Empty where a name is clear: with a comma, with initials, with a word that groups have.
    """
    if "," in name or _GROUP.search(name) or author(name).given:
        return ""
    if found := _FORENAMES_FIRST.fullmatch(name.strip()):
        return f"{found[2]}, {found[1]}"
    *forenames, last = name.split() or [""]
    in_full = all(map(_NAME_IN_FULL.fullmatch, (*forenames[:1], last)))
    is_one = 0 < len(forenames) < 4 and in_full and all(word[0].isupper() for word in forenames)
    return f"{last}, {' '.join(forenames)}" if is_one else ""


def _are_initials(word: str) -> bool:
    return _INITIALS.fullmatch(hyphened(word).replace(".", "")) is not None


def _has_suffix(words: list[str]) -> bool:
    """Whether a name ends in Jr and the like: not without initials before it (`Li II`)."""
    return len(words) > 1 and words[-1].rstrip(".") in SUFFIXES and _are_initials(words[-2])


def _dotted(given: str) -> str:
    """`CR` -> `C. R.`, `JT-T` -> `J. T.-T.`, `H-f` -> `H.-f.`; a name in full stays as it is."""
    if not _are_initials(given):
        return given
    first, *joined = hyphened(given).replace(".", "").split("-")
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


def in_text(names: Sequence[str], year: object = None) -> str:
    """How a work is named in a text, `Holthof et al. 2021`; what is not known is left out."""
    parts = [f"{author(names[0]).family}{' et al.' if len(names) > 1 else ''}"] if names else []
    return " ".join([*parts, *([str(year)] if year else [])])
