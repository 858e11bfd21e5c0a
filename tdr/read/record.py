"""One claim as its file has it: raw values -> a claim, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from tdr.model.dates import is_date
from tdr.model.errors import Location, Problem
from tdr.model.field import LISTS, Field, names
from tdr.model.fields import (
    CLAIM_FIELDS,
    FIELDS,
    FIRST,
    IMPLIED_FIELDS,
    RECORD_FIELDS,
    TERM_FIELDS,
)
from tdr.model.place import NOWHERE
from tdr.model.source import Source
from tdr.model.steps import RESISTANCE, TUMOR_CELL, Step
from tdr.model.therapies import Therapies
from tdr.model.values import KINDS, SAFE_ID, Claim, Reference, Term
from tdr.model.vocabulary import Vocabulary
from tdr.read.access import Fields
from tdr.read.characters import not_ascii
from tdr.read.files import ClaimFile
from tdr.read.jsonl import JsonLine, as_in_yaml, with_marks
from tdr.read.positions import Ambiguous, Map, Seq, ValuePath, locate
from tdr.read.yaml import Document

KINDS_OF_ENDS = tuple(kind for kind in KINDS if kind != "cancers")
"""Kinds of terms with which a step can begin or end."""

_is_safe = re.compile(SAFE_ID).fullmatch

_NAMES = frozenset(names(FIELDS))
_MOST_STEPS = 100_000
_MOST_COMBINATIONS = 1000
_MAY_BE_NULL = frozenset(("text", "name", "choice", "date", "record"))
_FLAGS = names(field for field in FIELDS if field.type == "flag")
_TRUE, _UNQUOTED = Ambiguous("true"), (Ambiguous("true"), Ambiguous("false"))
_TEXT, _WHOLE, _MAPPING = frozenset((str,)), frozenset((int,)), frozenset((dict, Map))
_REQUIRED = frozenset(
    field.name for field in FIELDS if field.required and field.type not in LISTS - {"refs"}
)
"""Fields without which a claim cannot be read; a list that is absent is empty."""

_WITHOUT_PLACE = tuple(
    one.replace(required=False, default=NOWHERE) if one.name == "at" else one for one in FIELDS
)


class PlacedTerm(NamedTuple):
    """A term of the vocabulary and where it stands."""

    term: Term
    document: Document
    position: int

    def where(self, *path: str | int) -> Location:
        """Where a value of the term stands."""
        return self.document.where(("terms", self.position, *path))


@dataclass(slots=True)
class Support:
    """What claims of a source point to. `documents` keeps positions for the checker.

    That of the first source has those of the others in `more`; vocabulary, therapies, problems and
    documents are the same in all.

    `unread` names what could not be read ("references", "source", kinds of terms): what a claim
    points to there is not called unknown, because that one cause is reported already.
    `placed` are the terms as the files have them. `prefix` comes before the ids in the files of
    this source where other directories have the same ids; `key_in_files` is its key there.
    """

    references: dict[int, Reference]
    vocabulary: Vocabulary
    terms: list[Term]
    source: Source
    therapies: Therapies
    problems: list[Problem] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    placed: list[PlacedTerm] = field(default_factory=list)
    prefix: str = ""
    key_in_files: str = ""
    more: tuple[Support, ...] = ()
    numbers: frozenset[int] = field(init=False)
    ends: frozenset[str] = field(init=False)
    claim_test: QuickTest = field(init=False)
    step_test: QuickTest = field(init=False)
    valid_steps: dict[tuple[Any, ...], str] = field(init=False, default_factory=dict)
    fields: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(self.references)
        labels = (self.vocabulary.terms(kind) for kind in KINDS_OF_ENDS)
        self.ends = frozenset(chain(*labels, (TUMOR_CELL,)))
        papers = self.source.kind == "papers"  # these have no places
        self.fields = _WITHOUT_PLACE if papers else FIELDS
        required = _REQUIRED - {"at"} if papers else _REQUIRED
        (steps,) = (one for one in FIELDS if one.name == "steps")
        fields = (one for one in self.fields if one.in_record)
        self.claim_test = _mapping_test(fields, required, self)
        self.step_test = _record_test(steps, self)

    @property
    def sources(self) -> tuple[Support, ...]:
        """That of each source."""
        return (self, *self.more)


@dataclass(slots=True)
class Record:
    """One claim as its file has it, and what is wrong with it.

    Where `raw_is_valid`, quick tests found nothing wrong, and `raw` has the values that
    `Claim.from_dict` takes, but for unquoted flags. `source_line` is the line of a bulk file,
    `source` the key of the source.
    """

    file: ClaimFile
    line: int
    raw: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    source_line: JsonLine | None = None
    raw_is_valid: bool = False
    source: str = FIRST
    _draft: Claim | None = None

    @property
    def draft(self) -> Claim | None:
        """The claim as far as it could be read, for checks that compare claims."""
        if self.raw_is_valid and self._draft is None:  # few are asked for
            values = {**self.raw, "therapy": self.file.therapy, "source": self.source}
            values |= {name: values.get(name) in (True, _TRUE) for name in _FLAGS}
            self._draft = Claim.from_dict(values)
        return self._draft

    @property
    def claim(self) -> Claim | None:
        """The claim, or None where it cannot be used."""
        return None if self.problems else self.draft

    @property
    def identifier(self) -> str:
        """The id; empty if there is none."""
        value = self.raw.get("id")
        return value if isinstance(value, str) else ""

    def where(self, path: ValuePath = (), key: bool = False) -> Location:
        """Where a value of this claim (or, with `key`, its name) stands."""
        raw = self.raw
        if self.source_line is not None:
            raw = with_marks(self.source_line, self.file.name)
        return locate(self.file.name, raw, path, key)

    def read(self, support: Support) -> None:
        """Check the raw values: then there is a claim, or there are problems."""
        self.source = support.source.key
        if support.prefix:
            self.raw = _prefixed(self.raw, support)
        try:
            self.raw_is_valid = _passes_quick_tests(self.raw, self.file.therapy, support)
        except (TypeError, KeyError):  # a value of another type
            self.raw_is_valid = False
        if not self.raw_is_valid:
            if self.source_line is not None:
                self.raw = {name: as_in_yaml(value) for name, value in self.raw.items()}
            self._draft = _read_claim(self, support)


def _prefixed(raw: Mapping[str, Any], support: Support) -> Mapping[str, Any]:
    """A claim with the prefix of its id and the new key of its source; marks are kept."""
    renamed = copy(raw) if isinstance(raw, Map) else dict(raw)
    if isinstance(raw.get("id"), str):
        renamed["id"] = support.prefix + raw["id"]
    if raw.get("source") == support.key_in_files:
        renamed["source"] = support.source.key
    return renamed


QuickTest = Callable[[Any], object]
"""Tells whether a value of the right type is certainly valid; may raise TypeError or KeyError
instead of returning false."""


def _mapping_test(
    fields: Iterable[Field], required: Collection[str], support: Support
) -> QuickTest:
    """A test whether a mapping is certainly valid; it need not know what is rare in bulk files.

    Which values are tested follows from the keys of the mapping and the types of its values. Most
    records have one of a few such combinations, for which the tests are kept.
    """
    by_name = {one.name: _tests_by_type(one, support) for one in fields}

    @lru_cache(_MOST_COMBINATIONS)
    def tests_of(*shape: Any) -> list[tuple[str, QuickTest]]:
        half = len(shape) // 2
        names, types = shape[:half], shape[half:]
        if not set(names).issuperset(required):
            raise KeyError
        tests = ((name, by_name[name][kind]) for name, kind in zip(names, types, strict=True))
        return [(name, test) for name, test in tests if test]

    def passes(value: Mapping[str, Any]) -> bool:
        for name, test in tests_of(*value, *map(type, value.values())):  # noqa: SIM110 - in half the time that `all` takes
            if not test(value[name]):
                return False
        return True

    return passes


def _tests_by_type(field: Field, support: Support) -> Mapping[type, QuickTest | None]:
    """The types that a valid value of a field may have, each with the test of such a value."""
    kinds, make = _QUICK_TESTS[field.type]
    # The same steps come in many claims: `_has_valid_steps` tests each once.
    test = None if field.name == "steps" else make(field, support)
    by_type: dict[type, QuickTest | None] = dict.fromkeys(kinds, test)
    if not field.required and field.type in _MAY_BE_NULL:
        by_type[type(None)] = None
    return by_type


def _not_empty(field: Field, _: Support) -> QuickTest | None:
    return None if field.prose and field.required else bool


def _among(items: Iterable[object]) -> QuickTest:
    return frozenset(items).issuperset


def _refs_test(_: Field, support: Support) -> QuickTest:
    known = support.numbers
    return lambda value: value and known.issuperset(value) and _WHOLE.issuperset(map(type, value))


def _record_test(field: Field, support: Support) -> QuickTest:
    required = [one.name for one in field.fields if one.required]
    return _mapping_test(field.fields, required, support)


def _records_test(field: Field, support: Support) -> QuickTest:
    test = _record_test(field, support)
    return lambda value: _MAPPING.issuperset(map(type, value)) and all(map(test, value))


_LIST = (list, Seq)
_QUICK_TESTS: Mapping[
    str, tuple[tuple[type, ...], Callable[[Field, Support], QuickTest | None]]
] = {
    **dict.fromkeys(("therapy", "text", "name"), ((str,), _not_empty)),
    **dict.fromkeys(
        ("texts", "names"), (_LIST, lambda *_: lambda value: _TEXT.issuperset(map(type, value)))
    ),
    "id": ((str,), lambda *_: _is_safe),
    "choice": ((str,), lambda field, _: frozenset(field.choices).__contains__),
    "flag": (
        (bool, Ambiguous),
        lambda *_: lambda value: type(value) is bool or value in _UNQUOTED,
    ),
    "date": ((str,), lambda *_: is_date),
    **dict.fromkeys(
        ("number", "ref"),
        ((int,), lambda field, _: range(field.least, field.most + 1).__contains__),
    ),
    "terms": (
        _LIST,
        lambda field, support: _among({*support.vocabulary.terms(field.kind)} - {TUMOR_CELL}),
    ),
    "choices": (_LIST, lambda field, _: _among(field.choices)),
    "refs": (_LIST, _refs_test),
    "record": ((dict, Map), _record_test),
    "records": (_LIST, _records_test),
}
"""Type of a field -> the types of its values, and how a test of them is made, if there is one."""


def _passes_quick_tests(raw: Mapping[str, Any], therapy: str, support: Support) -> bool:
    """Whether a record is certainly valid.

    Where this is true, `_read_claim` would find no problem and take ten times as long; in a bulk
    file it is true of nearly every record. May raise TypeError or KeyError instead of
    returning False.
    """
    key = support.source.key
    return (
        bool(support.claim_test(raw))
        and _has_valid_steps(raw, support)
        and raw.get("therapy", therapy) == therapy
        and raw.get("source", key) == key
    )


def _has_valid_steps(raw: Mapping[str, Any], support: Support) -> bool:
    """Whether all steps of a record are certainly valid; valid ones are remembered."""
    known = support.valid_steps
    for step in raw.get("steps", ()):
        parts = step["from"], step["does"], step["to"], step.get("in")
        if len(step) != 4 - (parts[3] is None):
            return False
        needed = known.get(parts)
        if needed is None:
            needed = _needed_countermeasure(step, support)
            if needed is None:
                return False
            if len(known) < _MOST_STEPS:
                known[parts] = needed
        if needed and needed not in raw.get("countered_by", ()):
            return False
    return True


def _needed_countermeasure(step: Mapping[str, Any], support: Support) -> str | None:
    """The countermeasure that a claim with this step has to name, if any; None if the step is not
    certainly valid."""
    if not support.step_test(step):
        return None
    wrong = [name for _, name, _ in _wrong_ends([Step.from_dict(step)], (), support)]
    if not wrong:
        return ""
    return str(step["from"]) if wrong == ["from"] else None


def _read_claim(record: Record, support: Support) -> Claim:
    """The claim as far as it can be read; adds what is wrong to the problems of the record."""
    raw, file = record.raw, record.file
    fields = Fields(raw, record.where, record.problems, record.identifier)
    if not _NAMES.issuperset(raw):
        fields.known((*CLAIM_FIELDS, *IMPLIED_FIELDS, "ignore"))
    values = {field.name: fields.value(field) for field in support.fields}
    if values["id"] and not _is_safe(values["id"]):
        example = f"{support.therapies[file.therapy].prefix}-001"
        form = "letters, digits, `.`, `_` and `-`, at most 64 of them"
        odd = not_ascii(values["id"])
        fields.complain(("id",), f"an id is {form}, such as {example}{odd}", "id")
    if values["therapy"] not in (None, file.therapy):
        text = f"therapy is `{values['therapy']}`, but the file is named {file.path.name}"
        fields.complain(("therapy",), text, "therapy-file")
    if values["source"] != record.source and "source" in raw:
        text = f"source is `{values['source']}`, but this is a file of `{record.source}`"
        fields.complain(("source",), text, "source-key")
    for name, kind in TERM_FIELDS.items():
        known = support.vocabulary.terms(kind)
        for label in values[name]:
            if label not in known and kind not in support.unread:
                _unknown_label(fields, support.vocabulary, name, kind, label)
    _check_tumor_cell(fields, values)
    _check_ends(fields, values, support)
    if "references" not in support.unread:
        values["refs"] = tuple(_cited(fields, values["refs"], support))
    values |= {"therapy": file.therapy, "source": record.source}
    return Claim(**{name: values[name] for name in RECORD_FIELDS})


def _unknown_label(
    fields: Fields, vocabulary: Vocabulary, name: str, kind: str, label: str
) -> None:
    place = (name, fields.raw[name].index(label))
    term = vocabulary.resolve(kind, label)
    if term is not None:
        _another_form(fields, place, label, term)
    else:
        fields.complain(place, vocabulary.unknown(kind, label), "unknown-term", about=label)


def _another_form(fields: Fields, place: ValuePath, form: str, term: Term) -> None:
    text = f"`{form}` is another form of a term; write its label `{term.label}`"
    fields.complain(place, text, "preferred-label", about=form)


def _check_tumor_cell(fields: Fields, values: Mapping[str, Any]) -> None:
    for name in ("promotes", "opposes"):
        if TUMOR_CELL in values[name]:
            place = (name, fields.raw[name].index(TUMOR_CELL))
            text = f"`{TUMOR_CELL}` stands in `steps` only: claims are about the cells around it"
            fields.complain(place, text, "tumor-cell")


def _wrong_ends(
    steps: Iterable[Step], interventions: Collection[str], support: Support
) -> Iterator[tuple[int, str, str]]:
    """(position, field, value) of each value that a step cannot begin, end or take place with."""
    ends = support.ends
    cells = support.vocabulary.terms("cells")
    for position, step in enumerate(steps):
        if step.source not in ends and step.source not in interventions:
            yield position, "from", step.source
        if step.target not in ends and step.target != RESISTANCE:
            yield position, "to", step.target
        if step.place is not None and step.place not in cells and step.place != TUMOR_CELL:
            yield position, "in", step.place


def _check_ends(fields: Fields, values: Mapping[str, Any], support: Support) -> None:
    if not support.unread.isdisjoint(KINDS_OF_ENDS):
        return
    listed = fields.raw.get("steps")
    # Steps are numbered without the items that are no mappings.
    items = listed if isinstance(listed, list) else ()
    places = [n for n, item in enumerate(items) if isinstance(item, Mapping)]
    vocabulary = support.vocabulary
    for number, name, value in _wrong_ends(values["steps"], values["countered_by"], support):
        if not value and name != "in":
            continue  # reported already
        place = ("steps", places[number], name)
        if name == "from" and value == RESISTANCE:
            text = f"`{RESISTANCE}` is where chains end: no step begins with it"
            fields.complain(place, text, "step-end")
            continue
        kinds = ("cells",) if name == "in" else KINDS_OF_ENDS
        terms = [term for kind in kinds if (term := vocabulary.resolve(kind, value))]
        if terms:
            _another_form(fields, place, value, terms[0])
            continue
        near = [label for kind in kinds for label in vocabulary.suggest(kind, value)][:3]
        hint = f"; nearest: {', '.join(f'`{label}`' for label in near)}" if near else ""
        fields.complain(place, f"`{value}` {_NO_END[name]}{hint}", "step-end")


_NO_END = {
    "from": "is neither a label of the vocabulary nor in `countered_by`",
    "to": "is neither a label of the vocabulary nor `resistance`",
    "in": "is no cell of the vocabulary",
}


def _cited(fields: Fields, numbers: Iterable[int], support: Support) -> Iterator[int]:
    """Those of a claim's reference numbers that are in the list; any other is a problem."""
    for number in numbers:
        if number in support.references:
            yield number
        else:
            text = f"reference {number} is not in references.yaml"
            fields.complain(("refs", fields.raw["refs"].index(number)), text, "ref-unknown")
