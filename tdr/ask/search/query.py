"""What a query asks: which words are wanted, what is to be left out, and on whose side.

Pure functions of a text and of the names of terms; no claim is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from tdr.model.plain import Plain
from tdr.model.text import hyphened
from tdr.model.therapies import Therapies
from tdr.model.tokens import STOP_WORDS, parts, spellings, stem

TermName = tuple[str, str]
"""Kind and label of a term."""

TermLookup = Callable[[Iterable[str]], Mapping[str, Sequence[TermName]]]
"""Finds the terms that bear names, by their keys (see `tdr.model.tokens.key`)."""

Side = Literal["promotes", "opposes"]
"""Whether a query asks for what favours resistance, or for what favours response."""

LONGEST_NAME = 8
"""Words of the longest name that is looked for."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


# Words of nearly every claim and question of this field: they tell little, however rare here.
_NOISE = _stems(
    "cell cancer tumor therapy treatment treat drug patient resistance resist response respond "
    "mechanism effect effective efficacy mediate induce drive promote overcome restore improve "
    "protect affect influence impact combine target failure fail sensitivity sensitize type level "
    "expression signaling pathway axis microenvironment block increase decrease reduce enhance "
    "activate inhibit suppress change alter attract bring stop prevent boost interfere weaken "
    "strengthen reverse control regulate modulate limit factor low high strong weak strategy "
    "approach study agent benefit outcome associated related dependent turn different"
)
_MERE_NUMBER = re.compile(r"\d{1,2}|(?:19|20)\d\d")

# --- words that leave out ------------------------------------------------------------------

_LEAVING_OUT = _words("not no without except excluding exclude excepting nor")
_THAN = frozenset(("other", "rather"))
_NEGATED_VERBS = _words("cannot cant dont doesnt didnt wont isnt arent")
_MINUS = re.compile(r"-(?=[A-Za-z]\w)")
_BETWEEN = _words(
    "a an any are at by due for from in include including involve involving is of on that the "
    "these those through to use using via with"
)
_JOINING = frozenset(("and", "or", "nor"))
_ADVERBS = _words("longer yet only just alway all every much fully well enough")
_BEARERS = _words("cell tumor cancer carcinoma mouse mice patient")
_END_OF_CLAUSE = ",;:.?!)"

# --- words that take a side ----------------------------------------------------------------

_OVERCOMING = _stems(
    "overcome reverse revert undo counteract counter relieve alleviate abolish circumvent "
    "restore rescue break bypass abrogate mitigate salvage back again"
)
_SENSITIZING = re.compile("(re|radio|chemo)?sensiti[sz](e|ed|er|ing)")
_HELPING = _stems(
    "help improve enhance boost strengthen support favor aid assist augment potentiate increase "
    "raise better benefit restrain"
)
_CAUSING = _stems(
    "cause drive induce confer trigger promote lead mediate produce underlie contribute create "
    "spread facilitate"
)
_IMPAIRING = _stems("blunt impair undermine hamper compromise")
_FAILING = _IMPAIRING | _stems("fail failure worsen refractory")
_HOLDING_BACK = _stems(
    "reduce lower block inhibit suppress limit stop prevent weaken diminish hinder decrease delay "
    "oppose"
)
_PROTECTING = _stems("protect shield spare")
_RESISTING = _stems(
    "resistance resist resistant tolerance tolerate tolerant relapse failure escape "
    "radioresistance chemoresistance radioresistant chemoresistant"
)
_RESPONDING = _stems(
    "response respond responsive sensitivity sensitive efficacy effect effective success benefit "
    "radiosensitivity chemosensitivity work"
)
_TUMOR = _stems("tumor cancer carcinoma")
_TAKING_SIDES = (_OVERCOMING | _HELPING | _CAUSING | _FAILING | _HOLDING_BACK) - {stem("break")}
_MAKING = frozenset(("make", "let", "turn", "keep", "render"))


class Mention(Plain):
    """A name of terms (or a therapy) in a query: the words from `start` up to `end`."""

    start: int
    end: int
    terms: tuple[TermName, ...]

    def of(self, kind: str) -> tuple[str, ...]:
        """The labels of the terms of a kind that it means."""
        return tuple(label for of, label in self.terms if of == kind)


class Unwanted(Plain):
    """What is to be left out: terms, a therapy, or a word."""

    word: str
    terms: tuple[TermName, ...] = ()

    @property
    def text(self) -> str:
        """For people: the label of a term, or the word."""
        return self.terms[0][1] if self.terms else self.word


class Query(Plain):
    """A query taken apart.

    `words` are the wanted words, folded, in order; `typed` their spelling in the query.
    `turn` is the place of the word that says on which `side` the answer is to be.
    """

    words: tuple[str, ...]
    names: tuple[Mention, ...]
    unwanted: tuple[Unwanted, ...]
    side: Side | None
    turn: int
    typed: Mapping[str, str]

    def subjects(self) -> tuple[str, ...]:
        """The cells that are said to take the side: those named before the word that says so."""
        return tuple(
            label for name in self.names if name.start < self.turn for label in name.of("cells")
        )


def tells_little(word: str) -> bool:
    """Whether a word is one of nearly every claim, a letter, a small number or a year."""
    one = stem(word)
    return (
        one in _NOISE
        or one in _TAKING_SIDES
        or len(word) == 1
        or _MERE_NUMBER.fullmatch(word) is not None
    )


def parse_query(text: str, named: TermLookup) -> Query:
    """Take a query apart."""
    words, ends, minus = _cut(hyphened(text))
    wanted, unwanted, failing = _without(words, ends, minus, named)
    names = tuple(_names(wanted, named))
    side, turn = _side(wanted, names, failing)
    return Query(tuple(wanted), names, unwanted, side, turn, dict(spellings(text)))


def _cut(text: str) -> tuple[list[str], set[int], set[int]]:
    """Folded words; the places after which a clause ends, and of words with a minus before."""
    words: list[str] = []
    ends: set[int] = set()
    minus: set[int] = set()
    for chunk in text.split():
        if _MINUS.match(chunk) and words:
            minus.add(len(words))
        words += parts(chunk)
        if chunk[-1] in _END_OF_CLAUSE:
            ends.add(len(words) - 1)
    return words, ends, minus


def _without(
    words: Sequence[str], ends: Collection[int], minus: Collection[int], named: TermLookup
) -> tuple[list[str], tuple[Unwanted, ...], int | None]:
    """The wanted words, what is to be left out, and where it says that something fails to act."""
    wanted: list[str] = []
    unwanted: list[Unwanted] = []
    failing: int | None = None
    place = 0
    while place < len(words):
        word = words[place]
        after = place + 1 if word in _LEAVING_OUT or word in _NEGATED_VERBS else 0
        if word in _THAN and words[place + 1 : place + 2] == ["than"]:
            after = place + 2
        if not after and place not in minus:
            wanted.append(word)
            place += 1
            continue
        start = place if place in minus else _next(words, after, _BETWEEN)
        of = words[start] if start < len(words) else ""
        if not of or of in _ADVERBS or stem(of) in _RESPONDING or word in _NEGATED_VERBS:
            # No word is left out: something fails to act (`not responding`, `no longer works`).
            if of and of != "only":
                failing = len(wanted) if failing is None else failing
            place = after
            continue
        stop = next((n + 1 for n in range(start, len(words)) if n in ends), len(words))
        one, _ = _longest(words, start, stop, named)
        if (
            word == "without"
            and wanted
            and wanted[-1] in _BEARERS
            and "molecules" in dict(one.terms)
        ):
            place = after  # a loss (`tumors without PTEN`)
            continue
        place = start
        while place < stop:
            one, place = _longest(words, place, stop, named)
            unwanted.append(one)
            following = _next(words, place + 1, _BETWEEN | _LEAVING_OUT)
            if not (place < stop and words[place] in _JOINING and following < stop):
                break
            place = following
    return wanted, tuple(unwanted), failing


def _next(words: Sequence[str], place: int, passed: Collection[str]) -> int:
    while place < len(words) and words[place] in passed:
        place += 1
    return place


def _longest(
    words: Sequence[str], start: int, stop: int, named: TermLookup
) -> tuple[Unwanted, int]:
    """The longest name at a place, or else the word there, and where it ends."""
    runs = {"".join(words[start:end]): end for end in range(start + 1, stop + 1)}
    found = named(runs)
    name = max((name for name in found), key=lambda name: runs[name], default=None)
    if name is not None:
        return Unwanted(words[start], tuple(found[name])), runs[name]
    return Unwanted(words[start]), start + 1


def runs_of(words: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Neighbouring words joined -> where they stand first, as (start, end)."""
    found: dict[str, tuple[int, int]] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
            found.setdefault("".join(words[start:end]), (start, end))
    return found


def _names(words: Sequence[str], named: TermLookup) -> Iterator[Mention]:
    """The names in a query from left to right, at each place the longest."""
    found = named(runs_of(words))
    place = 0
    while place < len(words):
        for end in range(min(place + LONGEST_NAME, len(words)), place, -1):
            terms = found.get("".join(words[place:end]))
            if terms:
                yield Mention(place, end, tuple(terms))
                place = end - 1
                break
        place += 1


def _side(
    words: Sequence[str], names: Sequence[Mention], failing: int | None
) -> tuple[Side | None, int]:
    """On which side the answer is to be, and the place of the word that says so."""
    stems = [stem(word) for word in words]
    cancers = {place for n in names if n.of("cancers") for place in range(n.start, n.end)}
    tumors = [n for n, one in enumerate(stems) if n in cancers or one in _TUMOR]
    treatments = [name.start for name in names if name.of("agents")]
    in_names = {place for n in names if n.end - n.start > 1 for place in range(n.start, n.end)}
    for place, word in enumerate(words):
        side: Side | None = "promotes"
        if place != failing:
            if place in in_names:
                continue  # `immune suppression` says not what is suppressed
            side = _side_of(
                word,
                stems[place + 1 :],
                tumor=any(n > place for n in tumors),
                treatment=any(n > place for n in treatments),
            )
        if side:
            return side, place
    return (None if failing is None else "promotes"), failing or 0


def _side_of(word: str, rest: Sequence[str], *, tumor: bool, treatment: bool) -> Side | None:
    """The side that a word takes, by what it acts on: the stems that follow, and whether a tumor
    or a treatment is among them."""
    one, making = stem(word), word in _MAKING
    acted_on = next((w for w in rest if w in _RESISTING or w in _RESPONDING), "")
    resisting, responding = acted_on in _RESISTING, any(w in _RESPONDING for w in rest)
    failing = any(w in _FAILING for w in rest)
    verdicts: tuple[tuple[bool, Side], ...] = (
        (making and (failing or (resisting and not responding)), "promotes"),
        (making and responding, "opposes"),
        (one in _OVERCOMING or _SENSITIZING.fullmatch(word) is not None, "opposes"),
        (one in _HELPING, "promotes" if resisting else "opposes"),
        (one in _CAUSING, "opposes" if acted_on in _RESPONDING else "promotes"),
        (one in _FAILING, "opposes" if one in _IMPAIRING and resisting else "promotes"),
        (one in _HOLDING_BACK and resisting, "opposes"),
        (one in _HOLDING_BACK and (responding or treatment), "promotes"),
        (one in _PROTECTING, "promotes" if tumor else "opposes"),
    )
    return next((side for fits, side in verdicts if fits), None)


def therapy_of(therapies: Therapies, words: Iterable[str]) -> str | None:
    """The therapy that one of some words names."""
    telling = (word for word in words if word not in STOP_WORDS)  # `and` is an id's prefix
    return next((found for word in telling if (found := therapies.find(word))), None)


def telling(words: Iterable[str]) -> list[str]:
    """The words to search for, each once: without those that only ask, unless all do."""
    every = list(dict.fromkeys(words))
    return [word for word in every if word not in STOP_WORDS] or every
