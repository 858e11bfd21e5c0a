"""Text as the search sees it: folded words, compounds in every notation, stems.

Index and query are cut up by the same functions, so what is written `TGF-β` in a
claim and `tgf beta` in a query meets as `tgfb`. Pure functions of a str.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tdr.model.text import ABSENT, words

_LONGEST_RUN = 3
"""Longest run of a compound's parts that is a word of its own (`anti-PD-1` has `antipd1`)."""

_SHORTEST_STEM = 4

# Endings by which words of one stem differ.
ENDINGS = (
    "izations|ization|ations|ation|ating|atory|ative|ators|ator|ated|ates|ate|izing|izers|izer|"
    "ized|izes|ize|ition|ions|ion|ings|ing|ers|er|ors|ory|or|ed|es|ively|ivity|ive|ities|ity|"
    "ness|ments|ment|ally|ials|ial|ical|ics|ic|al|ances|ance|ences|ence|ants|ant|ents|ent|ency|"
    "ancy|ous|able|ible|oid|esis|etic|osis|otic|ism|ist|ium|ian|iae|ia|sis|tic|en|um|us|is|ae|"
    "y|e|a|s"
)
"""Alternatives of a regular expression."""

_ENDINGS = frozenset(ENDINGS.split("|"))
_LONGEST_ENDING = max(map(len, _ENDINGS))

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*[+⁺]*")

# As `tokens` folds them.
_STOP_WORDS = (
    "a about after all also an and any are as at be because become been before being between "
    "both but by can cause could did do doe doing done during each either every for from get "
    "give given had has have her his how i if in into is it keep know known let like made "
    "make many may me might more most much must my need no nor not of on one or our out over "
    "please say should show so some such tell than that the their them then there these they "
    "thing this those through to too toward under up upon us use used using very via want "
    "wa way we well were what when where whether which while who whom whose why will with "
    "within without work would you your explain evidence find role main involve involved "
    "happen contribute lead person people responsible other another several various different "
    "same only just even still yet ever never possible possibly likely useful help reason kind "
    "sort certain occur thing anything something anyone someone against et al"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that ask or join: an index leaves them out, and a query is not searched for them."""


@lru_cache(maxsize=65536)
def parts(chunk: str) -> tuple[str, ...]:
    """The folded words of a chunk, a text without spaces: `NF-κB` -> `nf`, `kb`."""
    return tuple(words(chunk))


@lru_cache(maxsize=65536)
def words_of_chunk(chunk: str) -> tuple[str, ...]:
    """The words of a chunk and its compounds joined: `TGF-β` -> `tgf`, `b`, `tgfb`."""
    folded = parts(chunk)
    if len(folded) < 2:
        return () if STOP_WORDS.issuperset(folded) else folded
    runs = [
        "".join(folded[start:end])
        for start in range(len(folded))
        for end in range(start + 2, min(start + _LONGEST_RUN, len(folded)) + 1)
    ]
    return (*folded, *runs)


def vocabulary_of(text: str) -> set[str]:
    """Every word by which a text can be found: its words and its compounds joined.

    `NF-κB and TGF-β` -> `nf`, `kb`, `nfkb`, `and`, `tgf`, `b`, `tgfb`.
    """
    found: set[str] = set()
    for chunk in text.split():
        found.update(words_of_chunk(chunk))
    return found


def tokens(text: str) -> list[str]:
    """The folded words of a text in order, without compounds."""
    return [word for chunk in text.split() for word in parts(chunk)]


def key(text: str) -> str:
    """A whole name as one word: `regulatory T cells` -> `regulatorytcell`."""
    return "".join(tokens(text))


class PlacedWord(NamedTuple):
    """A folded word with its place in a text; `chunk` is where the text without spaces around it
    starts."""

    word: str
    start: int
    end: int
    chunk: int


@lru_cache(maxsize=65536)
def _placed(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """The folded words of a chunk, and where each stands in it.

    Where folding changes the number of words they have no places: the chunk is one word then.
    """
    folded = parts(chunk)
    spans = [match.span() for match in _WORD.finditer(chunk)]
    if len(spans) == len(folded):
        return tuple((word, *span) for word, span in zip(folded, spans, strict=True))
    return (("".join(folded), 0, len(chunk)),) if folded else ()


def placed_words(text: str) -> Iterator[PlacedWord]:
    """The folded words of a text with their places."""
    for chunk in _CHUNK.finditer(text):
        at = chunk.start()
        for word, start, end in _placed(chunk.group()):
            yield PlacedWord(word, at + start, at + end, at)


def spellings(text: str) -> Iterator[tuple[str, str]]:
    """The folded words of a text, each with its spelling there: `tumor`, `tumours`."""
    for chunk in text.split():
        for word, start, end in _placed(chunk):
            yield word, chunk[start:end]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The beginning that a word shares with its other forms: `senescent`, `senescence` -> `senesc`.

    Names with digits or signs have none: they are their own stem.
    """
    if not word.isalpha() or ABSENT in word:
        return word
    first = max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING)
    cuts = (cut for cut in range(first, len(word)) if word[cut:] in _ENDINGS)
    return word[: next(cuts, len(word))]
