"""Which phrases have the words of a value: whole words in any notation, the last perhaps begun.

A word that folds to one letter is that letter alone, and Greek or not as it is written: `beta` is
in `TGF-β` and in no `B cell`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tdr.model.text import fold, words

_LEAST_BEGUN = 3
"""A word of so many letters or more may be the beginning of one that is meant."""


class WordPart(NamedTuple):
    """What stands between spaces, as one word in one notation; `latin` if it is written so."""

    word: str
    latin: bool

    @property
    def is_letter(self) -> bool:
        """Whether it is one letter."""
        return len(self.word) == 1


class _Wanted(NamedTuple):
    """What a value and other forms of it ask for: parts, each form's also as one piece where that
    may stand, and a word that may be the beginning of one."""

    forms: tuple[tuple[tuple[WordPart, ...], str], ...]
    begun: str

    def stands_in(self, phrase: str) -> bool:
        """Whether a phrase has all words of one of the forms."""
        there = words(phrase)
        return any(
            bool(whole and _stands(whole, there)) or self._has_all(phrase, there, parts)
            for parts, whole in self.forms
        )

    def _has_all(self, phrase: str, there: Sequence[str], parts: Sequence[WordPart]) -> bool:
        def has(part: WordPart) -> bool:
            return part in single_letters(phrase) if part.is_letter else _stands(part.word, there)

        *others, last = parts
        begun = self.begun
        is_there = has(last) or (begun != "" and any(word.startswith(begun) for word in there))
        return is_there and all(map(has, others))


@lru_cache(maxsize=16)  # of a long value, which is looked for in very many phrases
def _wanted(texts: tuple[str, ...]) -> _Wanted:
    forms = []
    for parts in filter(None, map(_parts, texts)):
        torn = len(parts) == 1 or (parts[0].is_letter and not parts[0].latin)
        forms.append((tuple(parts), "" if torn else "".join(part.word for part in parts)))
    begun = ""
    if len(texts) == 1 and forms and texts[0].rsplit(maxsplit=1)[-1].isalpha():
        last = forms[0][0][-1].word
        begun = last if len(last) >= _LEAST_BEGUN else ""
    return _Wanted(tuple(forms), begun)


def phrases_with(phrases: Iterable[str], value: str, forms: Iterable[str] = ()) -> list[str]:
    """The phrases in which every word of the value stands, or the whole as one piece.

    Likewise for the other `forms` of a name. Words are whole, in any notation; where the value
    is no name, its last word may be the beginning of one: `inhib`, if that has letters only.
    """
    return list(filter(_wanted(tuple(dict.fromkeys((value, *forms)))).stands_in, phrases))


def has_words(text: str, value: str) -> bool:
    """Whether a text is one of the `phrases_with` a value."""
    return bool(phrases_with((text,), value))


class NameMatcher:
    """Whether a text has one of some names in it, or (`exact`) is one."""

    def __init__(self, names: Iterable[str], *, exact: bool) -> None:
        self._exact = exact
        named = [name for name in names if fold(name)]
        self._letters = set().union(
            *(single_letters(name) for name in named if len(fold(name)) == 1)
        )
        self._keys = [self._key(name) for name in named if exact or len(fold(name)) > 1]

    def _key(self, text: str) -> str:
        return fold(text) if self._exact else f" {' '.join(words(text))} "

    def occurs_in(self, text: str) -> bool:
        """Whether it does."""
        key = self._key(text)
        if self._exact:
            return key in self._keys
        return any(name in key for name in self._keys) or bool(
            self._letters and self._letters & single_letters(text)
        )


def single_letters(text: str) -> set[WordPart]:
    """The words of a text that are one letter."""
    found = ((fold(piece), piece.lower()) for piece in re.findall(r"[^\W_]+", text))
    return {WordPart(word, written == word) for word, written in found if len(word) == 1}


def _parts(text: str) -> list[WordPart]:
    """The words between spaces, each as one whatever its notation."""
    pieces = (("".join(words(piece)), piece) for piece in text.split())
    return [
        WordPart(word, WordPart(word, True) in single_letters(piece))
        for word, piece in pieces
        if word
    ]


def _stands(wanted: str, there: Sequence[str]) -> bool:
    """Whether a word, or neighbouring words in one, are the wanted: `IL-6` and `IL6` are one; what
    is there is there with a plus (`CD8+`), too."""
    for start in range(len(there)):
        joined = ""
        for word in there[start:]:
            joined += word
            if joined in (wanted, f"{wanted}+"):
                return True
            if not wanted.startswith(joined):
                break
    return False
