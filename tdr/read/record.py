"""One claim as its file has it: from raw values to a claim, or to what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from tdr.model.dates import is_date
from tdr.model.errors import Location, Problem
from tdr.model.field import LISTS, Field, names
from tdr.model.fields import (
    CLAIM_FIELDS,
    ELSEWHERE,
    FIELDS,
    FIRST,
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
from tdr.read.jsonl import Line, as_in_yaml, with_marks
from tdr.read.positions import Ambiguous, Map, ValuePath, locate
from tdr.read.yaml import Document

KINDS_OF_ENDS = tuple(kind for kind in KINDS if kind != "cancers")
"""Kinds of terms with which a step can begin or end."""

_is_safe = re.compile(SAFE_ID).fullmatch

_NAMES = frozenset(names(FIELDS))
_MOST_STEPS = 100_000
_MAY_BE_NULL = frozenset(("text", "name", "choice", "date", "record"))
_PLAIN_IF_ANY = _MAY_BE_NULL - {"record"}
_FLAGS = names(field for field in FIELDS if field.type == "flag")
_TRUE, _UNQUOTED = Ambiguous("true"), (Ambiguous("true"), Ambiguous("false"))
_TEXT, _WHOLE = frozenset((str,)), frozenset((int,))
_REQUIRED = frozenset(
    field.name for field in FIELDS if field.required and field.type not in LISTS - {"refs"}
)
"""Fields without which a claim cannot be read; a list that is absent is empty."""

_WITHOUT_PLACE = tuple(
    one.replace(required=False, default=NOWHERE) if one.name == "at" else one for one in FIELDS
)


@dataclass(frozen=True, slots=True)
class PlacedTerm:
    """A term of the vocabulary and where it stands."""

    term: Term
    document: Document
    position: int

    def where(self, *path: str | int) -> Location:
        return self.document.where(("terms", self.position, *path))


@dataclass(slots=True)
class Support:
    """What claims of a source point to. `documents` keeps positions for the checker.

    That of the first source has that of the others in `more`; vocabulary, therapies, problems and
    documents are the same in all.

    `unread` names what could not be read ("references", "source", kinds of terms):
    nothing that a claim points to there is called unknown, for that has one cause.
    `placed` are the terms as the files have them. `prefix` comes before the ids that the files
    have, where those of another directory are the same; `written` is the key in these files.
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
    written: str = ""
    more: tuple[Support, ...] = ()
    numbers: frozenset[int] = field(init=False)
    ends: frozenset[str] = field(init=False)
    plain: dict[str, Callable[[Any], bool]] = field(init=False)
    plain_step: Callable[[Any], bool] = field(init=False)
    required: frozenset[str] = field(init=False)
    sound_steps: set[tuple[Any, ...]] = field(init=False, default_factory=set)
    fields: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(self.references)
        labels = (self.vocabulary.terms(kind) for kind in KINDS_OF_ENDS)
        self.ends = frozenset(chain(*labels, (TUMOR_CELL,)))
        papers = self.source.kind == "papers"  # these have no places
        self.fields = _WITHOUT_PLACE if papers else FIELDS
        self.required = _REQUIRED - {"at"} if papers else _REQUIRED
        self.plain = {one.name: _plain(one, self) for one in self.fields if one.in_record}
        (steps,) = (one for one in FIELDS if one.name == "steps")
        self.plain["steps"] = lambda value: isinstance(value, list)  # looked at one by one
        self.plain_step = _plain_record(steps, self)

    @property
    def sources(self) -> tuple[Support, ...]:
        """That of each source."""
        return (self, *self.more)


@dataclass(slots=True)
class Record:
    """One claim as its file has it, and what is wrong with it.

    A `plain` record has nothing wrong, and `raw` has its values as `Claim.from_dict` takes them,
    but for unquoted flags. `source_line` is the line of a bulk file, `source` the key of the
    source.
    """

    file: ClaimFile
    line: int
    raw: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    source_line: Line | None = None
    plain: bool = False
    source: str = FIRST
    _draft: Claim | None = None

    @property
    def draft(self) -> Claim | None:
        """The claim as far as it could be read, for questions about other claims."""
        if self.plain and self._draft is None:  # most are never asked for it
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
        """The id, as far as there is one."""
        found = self.raw.get("id")
        return found if isinstance(found, str) else ""

    def where(self, path: ValuePath = (), key: bool = False) -> Location:
        """Where a value of this claim (or, with `key`, its name) stands."""
        raw = self.raw
        if self.source_line is not None:
            raw = with_marks(self.source_line, self.file.name)
        return locate(self.file.name, raw, path, key)

    def read(self, support: Support) -> None:
        """Make a claim of the raw values, or problems."""
        self.source = support.source.key
        if support.prefix:
            self.raw = _prefixed(self.raw, support)
        try:
            self.plain = _is_plain(self.raw, self.file.therapy, support)
        except (TypeError, KeyError):  # something is of another shape
            self.plain = False
        if not self.plain:
            if self.source_line is not None:
                self.raw = {name: as_in_yaml(value) for name, value in self.raw.items()}
            self._draft = _read_claim(self, support)


def _prefixed(raw: Mapping[str, Any], support: Support) -> Mapping[str, Any]:
    """A claim under the id and source that it has beside other directories; marks are kept."""
    said = dict(copy(raw)) if not isinstance(raw, Map) else copy(raw)
    if isinstance(raw.get("id"), str):
        said["id"] = support.prefix + raw["id"]
    if raw.get("source") == support.written:
        said["source"] = support.source.key
    return said


Test = Callable[[Any], bool]


def _plain(field: Field, support: Support) -> Test:
    """Whether a value of a field is certainly valid; what is rare in bulk need not be known.

    May raise TypeError or KeyError instead of saying no.
    """
    if field.required or field.type not in _MAY_BE_NULL:
        return _PLAIN[field.type](field, support)
    if field.type not in _PLAIN_IF_ANY:
        return lambda value: value is None
    test = _PLAIN[field.type](field, support)
    return lambda value: value is None or (value != "" and test(value))


def _plain_list(items: Iterable[object]) -> Test:
    known = frozenset(items)
    return lambda value: isinstance(value, list) and known.issuperset(value)


def _plain_refs(field: Field, support: Support) -> Test:  # noqa: ARG001 - same shape as all
    known = support.numbers
    return lambda value: (
        isinstance(value, list)
        and bool(value)
        and known.issuperset(value)
        and _WHOLE.issuperset(map(type, value))
    )


def _plain_number(field: Field, support: Support) -> Test:  # noqa: ARG001 - same shape as all
    allowed = range(field.least, field.most + 1)
    return lambda value: type(value) is int and value in allowed


def _plain_record(field: Field, support: Support) -> Test:
    tests = {one.name: _plain(one, support) for one in field.fields}
    required = frozenset(one.name for one in field.fields if one.required)

    def is_plain(value: Any) -> bool:
        if not isinstance(value, dict) or not value.keys() >= required:
            return False
        for name, inner in value.items():  # noqa: SIM110 - in half the time that `all` takes
            if not tests[name](inner):
                return False
        return True

    return is_plain


def _plain_records(field: Field, support: Support) -> Test:
    test = _plain_record(field, support)
    return lambda value: isinstance(value, list) and all(map(test, value))


def _plain_text(field: Field, support: Support) -> Test:  # noqa: ARG001 - same shape as all
    may_be_empty = field.prose or not field.required
    if may_be_empty:
        return lambda value: type(value) is str
    return lambda value: type(value) is str and value != ""


_PLAIN: Mapping[str, Callable[[Field, Support], Test]] = {
    **dict.fromkeys(("therapy", "text", "name"), _plain_text),
    **dict.fromkeys(
        ("texts", "names"),
        lambda *_: lambda value: isinstance(value, list) and _TEXT.issuperset(map(type, value)),
    ),
    "id": lambda *_: lambda value: _is_safe(value) is not None,
    "choice": lambda field, _: frozenset(field.choices).__contains__,
    "flag": lambda *_: lambda value: type(value) is bool or value in _UNQUOTED,
    "date": lambda *_: is_date,
    **dict.fromkeys(("number", "ref"), _plain_number),
    "terms": lambda field, support: _plain_list(
        label for label in support.vocabulary.terms(field.kind) if label != TUMOR_CELL
    ),
    "choices": lambda field, _: _plain_list(field.choices),
    "refs": _plain_refs,
    "record": _plain_record,
    "records": _plain_records,
}
"""Type of a field -> how its tests are made."""


def _is_plain(raw: Mapping[str, Any], therapy: str, support: Support) -> bool:
    """Whether a record has nothing wrong, as far as quick tests tell.

    Where this is true `_read_claim` finds no problem, but takes ten times as long: in a
    bulk file nearly every record is plain. May raise TypeError or KeyError instead of
    saying no.
    """
    plain = support.plain
    for name, value in raw.items():
        if not plain[name](value):
            return False
    if raw.get("steps") and not _are_plain_steps(raw, support):
        return False
    key = support.source.key
    return (
        raw.keys() >= support.required
        and raw.get("therapy", therapy) == therapy
        and raw.get("source", key) == key
    )


def _are_plain_steps(raw: Mapping[str, Any], support: Support) -> bool:
    """Whether its steps have nothing wrong. They recur, so that sound ones are remembered."""
    known = support.sound_steps
    for step in raw["steps"]:
        if not isinstance(step, dict):
            return False
        key = (*step, *step.values())
        if key in known:  # which are texts: nothing else equals them
            continue
        if not _TEXT.issuperset(map(type, key)) or not support.plain_step(step):
            return False
        ends = [Step.from_dict(step)]
        if not any(_wrong_ends(ends, (), support)):
            if len(known) < _MOST_STEPS:
                known.add(key)
        elif any(_wrong_ends(ends, raw.get("countered_by", ()), support)):
            return False
    return True


def _read_claim(record: Record, support: Support) -> Claim:
    """The claim as far as it can be read; what is wrong becomes problems of the record."""
    raw, file = record.raw, record.file
    fields = Fields(raw, record.where, record.problems, record.identifier)
    if not _NAMES.issuperset(raw):
        fields.known((*CLAIM_FIELDS, *ELSEWHERE, "ignore"))
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
    """(position, field, value) of what a step cannot begin or end with, or happen in."""
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
    # Items before a position may have been left out as no mappings.
    places = [n for n, item in enumerate(listed or ()) if isinstance(item, Mapping)]
    vocabulary = support.vocabulary
    for number, name, value in _wrong_ends(values["steps"], values["countered_by"], support):
        if not value and name != "in":
            continue  # said already
        place = ("steps", places[number], name)
        if name == "from" and value == RESISTANCE:
            text = f"`{RESISTANCE}` is where chains end: no step begins with it"
            fields.complain(place, text, "step-end")
            continue
        kinds = ("cells",) if name == "in" else KINDS_OF_ENDS
        found = [term for kind in kinds if (term := vocabulary.resolve(kind, value))]
        if found:
            _another_form(fields, place, value, found[0])
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
    """Those of a claim's reference numbers that are in the list of references."""
    for number in numbers:
        if number in support.references:
            yield number
        else:
            text = f"reference {number} is not in references.yaml"
            fields.complain(("refs", fields.raw["refs"].index(number)), text, "ref-unknown")
