"""Text as the search sees it: folded words, compounds in every notation, stems.

Index and query are cut up by the same functions, so what is written `TGF-β` in a
claim and `tgf beta` in a query meets as `tgfb`. Pure functions of a str.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tdr.text import ABSENT, words

_LONGEST_RUN = 3
"""Longest run of a compound's parts that is a word of its own (`anti-PD-1` has `antipd1`)."""

_SHORTEST_STEM = 4

# Endings that turn one word of the field into its sisters.
_ENDINGS = (
    "izations|ization|ations|ation|ating|atory|ative|ators|ator|ated|ates|ate|izing|izers|izer|"
    "ized|izes|ize|ition|ions|ion|ings|ing|ers|er|ors|ory|or|ed|es|ively|ivity|ive|ities|ity|"
    "ness|ments|ment|ally|ials|ial|ical|ics|ic|al|ances|ance|ences|ence|ants|ant|ents|ent|ency|"
    "ancy|ous|able|ible|oid|esis|etic|osis|otic|ism|ist|ium|ian|iae|ia|sis|tic|en|um|us|is|ae|"
    "y|e|a|s"
)
_ENDING = re.compile(f"(?<=.{{{_SHORTEST_STEM}}})(?:{_ENDINGS})$")


@lru_cache(maxsize=65536)
def parts(chunk: str) -> tuple[str, ...]:
    """The folded words of a piece of text without spaces: `NF-κB` -> `nf`, `kb`."""
    return tuple(words(chunk))


@lru_cache(maxsize=65536)
def _with_compounds(chunk: str) -> tuple[str, ...]:
    pieces = parts(chunk)
    if len(pieces) < 2:
        return pieces
    runs = [
        "".join(pieces[start:end])
        for start in range(len(pieces))
        for end in range(start + 2, min(start + _LONGEST_RUN, len(pieces)) + 1)
    ]
    return (*pieces, *runs)


def vocabulary_of(text: str) -> set[str]:
    """Every word by which a text can be found: its words and its compounds joined.

    `NF-κB and TGF-β` -> `nf`, `kb`, `nfkb`, `and`, `tgf`, `b`, `tgfb`.
    """
    found: set[str] = set()
    for chunk in text.split():
        found.update(_with_compounds(chunk))
    return found


def tokens(text: str) -> list[str]:
    """The folded words of a text in order, without compounds."""
    return [word for chunk in text.split() for word in parts(chunk)]


def key(text: str) -> str:
    """A whole name as one word: `regulatory T cells` -> `regulatorytcell`."""
    return "".join(tokens(text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What a word shares with its sisters: `senescent`, `senescence` -> `senesc`.

    Names with digits or signs have none: they are their own stem.
    """
    if not word.isalpha() or ABSENT in word:
        return word
    return _ENDING.sub("", word)
