"""Print the words of English that the search would take for typing errors of its own words.

    python -P -m tests.english FILE... > words.txt

reads lists with a word a line (those of SCOWL up to size 60, the package `scowl` of Debian, made
`tdr/ask/search/english.py`). It takes some minutes; run it when the vocabulary has grown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import tdr
from tdr.ask.search import english as listed
from tdr.ask.search.query import parse_query
from tdr.ask.search.words import QueryWords
from tdr.index import Index
from tdr.model.tokens import tokens

_FORMS = ("s", "d", "ed", "r", "er", "ly", "al", "ally", "y", "ity")


def taken_for_errors(index: Index, english: Iterable[str]) -> Iterator[str]:
    """The words, folded, that are not known and would be corrected to another word."""
    listed.ENGLISH = frozenset()  # what is listed already is looked at again
    for word in dict.fromkeys(fold for text in english for fold in tokens(text)[:1]):
        for found in QueryWords(index, parse_query(word, index.terms_named)).words:
            if any(word.removeprefix(guess) not in _FORMS for guess in found.guesses):
                yield word


if __name__ == "__main__":
    lines = (
        line.strip()
        for name in sys.argv[1:]
        for line in Path(name).read_text(encoding="latin-1").splitlines()
    )
    for found in sorted(taken_for_errors(tdr.load().index, filter(str.isalpha, lines))):
        print(found)
