"""Which phrases have the words of a value: whole words in any notation, the last perhaps begun.

A word that folds to one letter is that letter alone, and Greek or not as it is written: `beta` is
in `TGF-β` and in no `B cell`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tdr.model.text import fold, words

_LEAST_BEGUN = 3
"""A word of so many letters or more may be the beginning, or the end, of a word looked for."""


class WordPart(NamedTuple):
    """A folded word of a text; `latin` if it is written in Latin letters."""

    word: str
    latin: bool


@lru_cache(maxsize=16)  # of a long value, which is looked for in very many phrases
def _matcher(texts: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a phrase has all words of one of the texts; where a text may stand as one piece, or
    its last word only begin, that will do."""
    forms = []
    for parts in filter(None, map(_parts, texts)):
        is_greek = len(parts[0].word) == 1 and not parts[0].latin
        joined = "" if len(parts) == 1 or is_greek else "".join(part.word for part in parts)
        forms.append((parts, joined))
    begun = ""
    if len(texts) == 1 and forms and texts[0].rsplit(maxsplit=1)[-1].isalpha():
        last = forms[0][0][-1].word
        begun = last if len(last) >= _LEAST_BEGUN else ""

    def matches(phrase: str) -> bool:
        there = words(phrase)

        def has(part: WordPart) -> bool:
            is_letter = len(part.word) == 1
            return part in single_letters(phrase) if is_letter else _stands(part.word, there)

        def has_all(parts: Sequence[WordPart]) -> bool:
            *others, last = parts
            is_there = has(last) or (begun and any(word.startswith(begun) for word in there))
            return bool(is_there) and all(map(has, others))

        return any((whole and _stands(whole, there)) or has_all(parts) for parts, whole in forms)

    return matches


def phrases_with(phrases: Iterable[str], value: str, forms: Iterable[str] = ()) -> list[str]:
    """The phrases in which every word of the value stands, or the whole as one piece.

    Likewise for the other `forms` of a name. Words are whole, in any notation; where the value
    is no name, its last word may be the beginning of one: `inhib`, if that has letters only.
    A value without a letter or digit is the phrase that is the same.
    """
    if not words(value):
        return [phrase for phrase in phrases if phrase.strip() == value.strip()]
    return list(filter(_matcher(tuple(dict.fromkeys((value, *forms)))), phrases))


def has_words(text: str, value: str) -> bool:
    """Whether a text is one of the `phrases_with` a value."""
    return bool(phrases_with((text,), value))


def has_parts(text: str, value: str) -> bool:
    """Whether a text is one of the `phrases_with` a value, or has words that begin or end like each
    of its words: `platin` is in `cisplatin`, `CD8` not in `CD80`."""
    there = words(text)

    def has(part: str) -> bool:
        is_part = len(part) >= _LEAST_BEGUN and part.isalpha()
        return is_part and any(word.startswith(part) or word.endswith(part) for word in there)

    return has_words(text, value) or (bool(words(value)) and all(map(has, words(value))))


def name_matcher(names: Iterable[str], *, exact: bool) -> Callable[[str], bool]:
    """Whether a text has one of some names in it, or (`exact`) is one."""
    named = [name for name in names if fold(name)]
    if exact:
        keys = set(map(fold, named))
        return lambda text: fold(text) in keys

    def spaced(text: str) -> str:
        return f" {' '.join(words(text))} "

    letters = set().union(*(single_letters(name) for name in named if len(fold(name)) == 1))
    wholes = [spaced(name) for name in named if len(fold(name)) > 1]

    def matches(text: str) -> bool:
        key = spaced(text)
        return any(whole in key for whole in wholes) or not letters.isdisjoint(
            single_letters(text) if letters else ()
        )

    return matches


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
