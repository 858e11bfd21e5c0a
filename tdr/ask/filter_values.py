"""What a value of a filter stands for: the labels that are looked for, and in which fields.

A value is a name in any form, part of a name that leaves no choice, an identifier, a number or
a word: the filter says which. Of claims only the labels that occur in them are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from tdr.model.errors import did_you_mean, near, unknown, usage_error
from tdr.model.fields import TERM_FIELDS
from tdr.model.filters import FILTERS, NAMELESS, VALUE_ALIASES, YES, Filter, Meaning
from tdr.model.text import counted, fold, hyphened, quote
from tdr.model.values import KINDS

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.model.vocabulary import Vocabulary

_YEARS = r"(?P<first>[0-9]{4})?(?P<range>-)?(?P<last>[0-9]{4})?"

_NEGATIONS = "!~-¬^"

_MOST_NAMED = 5
"""So many candidates are named in one message."""

Labels = Mapping[str, Sequence[str]]
"""Facet of the index -> labels that are looked for in it."""

Interpretation = tuple[Sequence[str], str]
"""Labels, and what there is to say about how they were found ("" for nothing)."""


def meaning(evidence: Evidence, entry: Filter, value: str, *, exact: bool) -> tuple[Labels, str]:
    """What one value of a filter stands for, and a sentence on it for people ("" for nothing).

    Raises TdrError naming the nearest known values if it stands for nothing.
    """
    if not value.strip():
        raise usage_error(f"the value of {entry.name} is empty")
    if entry.meaning not in NAMELESS:
        kinds = KINDS if entry.meaning == "anything" else (entry.kind,) if entry.kind else ()
        refuse_negation(evidence.vocabulary, kinds, value, f"--not {entry.name}=")
    if entry.meaning == "anything":
        return _anything(evidence, entry, value, exact)
    labels, sentence = _MEANINGS[entry.meaning](evidence, entry, value, exact)
    return dict.fromkeys(entry.facets, labels), sentence


def refuse_negation(vocabulary: Vocabulary, kinds: Iterable[str], value: str, instead: str) -> None:
    """Raise TdrError for `!TAM`: signs do not count in names, so that it would mean TAM.

    `instead` is what to write before the name, to leave it out.
    """
    value = value.strip()
    sign, rest = hyphened(value)[:1], value[1:].strip()
    if sign not in _NEGATIONS or not rest:
        return
    named = (vocabulary.resolve(kind, value) for kind in kinds)
    if any(form.startswith(sign) for term in named if term for form in map(hyphened, term.forms)):
        return
    raise usage_error(
        f"`{value}` begins with `{value[0]}`; to leave out what matches: {instead}{quote(rest)}"
    )


def _term(evidence: Evidence, entry: Filter, value: str, exact: bool) -> Interpretation:
    kind = entry.kind
    assert kind is not None
    vocabulary = evidence.vocabulary
    labels = vocabulary.expand(kind, value, exact=exact)
    by_name = "" if labels else _known_as(evidence, entry, value, vocabulary.resolve)
    if not labels and not by_name:
        labels = vocabulary.expand_partial(kind, value, exact=exact)
    if not labels:
        known_as = by_name or _known_as(evidence, entry, value, vocabulary.expand_partial)
        near_it = vocabulary.nearest(kind, value)
        hint = known_as + (_one_by_one(evidence, entry, value) or did_you_mean(near_it))
        raise usage_error(f"unknown {entry.name} `{value}`{hint} (`tdr terms {kind}` lists all)")
    named = {
        label for field, of in TERM_FIELDS.items() if of == kind for label in evidence.labels(field)
    }
    first, *narrower = labels
    if named.isdisjoint(labels):
        above = vocabulary.ancestors(kind, first)
        wider = (one for one in above if named & {one, *vocabulary.descendants(kind, one)})
        others = evidence.elsewhere(evidence.index.claims_naming(kind, labels))
        other = "".join(f", in {count} of {source_called(evidence, key)}" for key, count in others)
        parts = [f"in no claim{other and ' here'} as {KINDS[kind]}{other}"]
        parts += [f"{who} {does}" for who, does in named_in_sources(evidence, kind, labels)]
        parts += [f"wider: {one}" for one in islice(wider, 1)]
        return labels, f"{value}: {'; '.join(parts)}"
    there = [first, *(label for label in narrower if label in named)]
    parts = [expansion(value, there, kind).removeprefix(f"{value}: ")]
    parts += [
        f"in no claim of {who}, which {does}"
        for who, does in named_in_sources(evidence, kind, labels)
    ]
    sentence = "; ".join(filter(None, parts))
    return labels, f"{value}: {sentence}" if sentence else ""


def named_in_sources(
    evidence: Evidence, kind: str, labels: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Where the first of these labels is named, or that it is not, by sources of whose claims
    none has any of them: `the review`, `names it in introduction, paragraph 1`.

    Nothing of sources in which nobody has looked.
    """
    claims = evidence.index.claims_naming(kind, labels)
    for key in evidence.index.keys:
        if claims & evidence.index.claims_with("source", [key]):
            continue
        does = evidence.sources[key].naming(labels[0])
        if does:
            yield source_called(evidence, key), does


def source_called(evidence: Evidence, key: str) -> str:
    """What people call a source: `the review`, where there is only one."""
    reviews = [one.key for one in evidence.sources.values() if one.kind == "review"]
    return "the review" if reviews == [key] else key


def _one_by_one(evidence: Evidence, entry: Filter, value: str) -> str:
    """How to name several terms, where each part of a value is one."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) < 2 or not all(evidence.vocabulary.expand(entry.kind or "", p) for p in parts):
        return ""
    either = " ".join(f"{entry.option} {quote(part)}" for part in parts)
    return f"; either: {either}; both: --with {entry.name}={quote(parts[1])} besides the first"


def expansion(value: str, labels: Sequence[str], kind: str) -> str:
    """A sentence on a value that stands for other labels than itself; "" if it does not."""
    first, *others = labels
    if not others:
        return "" if fold(first) == fold(value) else f"{value}: {first}"
    rest = f"{len(others)} narrower {kind}" if len(others) > 4 else ", ".join(others)
    return f"{value}: {first} + {rest}"


def _known_as(
    evidence: Evidence, asked: Filter, value: str, known_by: Callable[[str, str], object]
) -> str:
    """`; as therapy: -t chemo`, for every other filter of a kind that knows the value."""
    found = ""
    for entry in FILTERS.values():
        known: object = None
        if entry.meaning == "therapy":
            known = evidence.therapies.find(value)
        elif entry.counted and entry.kind and entry.kind != asked.kind:
            known = known_by(entry.kind, value)
        if known:
            found += f"; as {entry.name}: {entry.short or entry.option} {quote(value)}"
    return found


def _anything(evidence: Evidence, about: Filter, value: str, exact: bool) -> tuple[Labels, str]:
    """Whatever the value can be, as far as claims name it: a term of any kind, a therapy, part of
    an intervention or of a step."""
    from tdr.ask.matching import name_matcher  # most questions are of terms
    from tdr.ask.references import as_references

    labels: dict[str, Sequence[str]] = {}
    forms = {value: None}
    for entry in FILTERS.values():
        if entry.counted and entry.kind:
            expanded = evidence.vocabulary.expand(entry.kind, value, exact=exact)
            labels |= dict.fromkeys(entry.facets, expanded)
            term = evidence.vocabulary.resolve(entry.kind, value)
            forms |= dict.fromkeys(term.forms if term else ())
        elif entry.meaning == "therapy":
            therapy = evidence.therapies.find(value)
            labels |= dict.fromkeys(entry.facets, (therapy,) if therapy else ())
    terms = {label for of_facet in labels.values() for label in of_facet}
    named = name_matcher(forms, exact=exact)
    for facet in about.facets:
        there = evidence.index.values(facet)
        labels[facet] = [label for label in there if label in terms or named(label)]
    if not any(labels.values()):
        candidates, nearest = candidates_for(evidence.vocabulary, KINDS, value)
        if len(candidates) == 1:
            of_candidate, sentence = _anything(evidence, about, candidates[0], exact)
            return of_candidate, f"{value}: {sentence}"
        hint = did_you_mean(nearest)
        works, cited = as_references(evidence, value.split())
        if works and cited.issuperset(value.split()):
            hint = f"; works of this author or title: `{works}`"
        raise usage_error(f"`{value}` is the name of nothing here{hint}")
    labels = {
        facet: found
        for facet, of_facet in labels.items()
        if (found := [label for label in of_facet if label in evidence.index.values(facet)])
    }
    where = ", ".join(facet.replace("_", " ") for facet in labels)
    return labels, f"{value}: in {where or 'no claim'}"


def candidates_for(
    vocabulary: Vocabulary, kinds: Iterable[str], value: str
) -> tuple[list[str], list[str]]:
    """The terms of some kinds of whose names the value is a part; and these, or else those with
    the nearest names, as far as one message names them."""
    candidates = [label for kind in kinds for label in vocabulary.candidates(kind, value)]
    nearest = candidates or [
        label for kind in kinds for label in vocabulary.suggest(kind, value, 1)
    ]
    return candidates, nearest[:_MOST_NAMED]


def _word(_: Evidence, entry: Filter, value: str, __: bool) -> Interpretation:
    word = next((word for word in entry.words if fold(word) == fold(value)), None)
    if word is None:
        likely = VALUE_ALIASES.get(fold(value))
        raise unknown(entry.name, value, entry.words, [likely] if likely in entry.words else ())
    return (word,), ""


def _reference(evidence: Evidence, _: Filter, value: str, __: bool) -> Interpretation:
    from tdr.ask.references import no_such_reference, reference_names, with_identifier
    from tdr.model.identifiers import identifier  # most questions are of terms

    named = None if value.strip().isdecimal() else identifier(value)
    if named:
        found = with_identifier(evidence, named)
        if not found:
            raise usage_error(f"no reference has the {named.field.upper()} `{named.value}`")
        numbers = ", ".join(map(str, found))
        return tuple(map(str, found)), f"{value.strip()}: reference {numbers}"
    first, *others = evidence.keys
    sentence = f"{value}: of {first}" if others and ":" not in value else ""
    names = reference_names(evidence, value)
    if not any(name in evidence.bibliography for name in names):
        raise usage_error(no_such_reference(evidence, names[0]))
    return tuple(map(str, names)), sentence


def _year(evidence: Evidence, _: Filter, value: str, __: bool) -> Interpretation:
    match = re.fullmatch(_YEARS, hyphened(value.replace(" ", "")))
    if not match or not (match["first"] or match["last"]):
        raise usage_error(
            f"`{value}` is not a year of four digits; write 2022, 2018-2020, 2022- or -2015"
        )
    first = int(match["first"] or 0)
    last = int(match["last"] or (9999 if match["range"] else first))
    if last < first:
        raise usage_error(f"`{value}` is not a range of years; write {last}-{first}")
    found = [
        str(name)
        for name, reference in evidence.bibliography.items()
        if reference.year is not None and first <= reference.year <= last
    ]
    undated = sum(reference.year is None for reference in evidence.bibliography.values())
    without = f"; {undated} without a year" if undated else ""
    return found, f"{value}: {counted(len(found), 'reference')}{without}"


def _section(evidence: Evidence, _: Filter, value: str, exact: bool) -> Interpretation:
    known = dict.fromkeys(name for one in evidence.sources.values() for name in one.sections)
    wanted = [fold(part) for part in value.strip(" /").split("/")]
    inside = []
    for name in known:
        parts = [fold(part) for part in name.split("/")]
        if parts == wanted or (not exact and parts[: len(wanted)] == wanted):
            inside.append(name)
    if not inside:
        raise unknown("section", value, known)
    return inside, ""


def _phrase(evidence: Evidence, entry: Filter, value: str, _: bool) -> Interpretation:
    """Interventions are free text: those that have every word of the value, or of another form
    of the name that it is."""
    from tdr.ask.matching import phrases_with  # most questions are of terms

    (field,) = entry.facets
    phrases = evidence.index.values(field)
    forms: dict[str, None] = {}
    for kind in ("agents", "molecules", "cells"):
        term = evidence.vocabulary.resolve(kind, value)
        if term:
            forms |= dict.fromkeys(term.forms)
    found = phrases_with(phrases, value, forms)
    if not found:
        hint = did_you_mean(near(value.casefold(), phrases, 3, 0.6))
        raise usage_error(f"no intervention matches `{value}`{hint} (`tdr counter` lists all)")
    sentence = f"{value}: {', '.join(found)}" if [fold(p) for p in found] != [fold(value)] else ""
    return found, sentence


def _flag(_: Evidence, entry: Filter, value: str, __: bool) -> Interpretation:
    if value != YES:
        raise usage_error(f"{entry.option} takes no value, and got `{value}`")
    return (YES,), ""


_MEANINGS: Mapping[Meaning, Callable[[Evidence, Filter, str, bool], Interpretation]] = {
    "term": _term,
    "therapy": lambda evidence, _, value, __: ((evidence.therapies.named(value),), ""),
    "word": _word,
    "source": lambda evidence, _, value, __: ((evidence.key_of(value),), ""),
    "reference": _reference,
    "year": _year,
    "section": _section,
    "phrase": _phrase,
    "flag": _flag,
}
