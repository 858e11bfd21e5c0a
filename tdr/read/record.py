"""One claim as its file has it: from raw values to a claim, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tdr.model.errors import Location, Problem
from tdr.model.values import (
    BASES,
    CLAIM_FIELDS,
    EFFECTS,
    RECORD_FIELDS,
    SAFE_ID,
    TERM_FIELDS,
    THERAPIES,
    Claim,
    Place,
    Reference,
    Source,
    Term,
)
from tdr.model.vocabulary import Vocabulary
from tdr.read import source_text as reader
from tdr.read.access import Fields
from tdr.read.access import Path as ValuePath
from tdr.read.files import ClaimFile

MAX_REF = 999_999
MAX_PARAGRAPH = 100_000

_PLAIN_FIELDS = frozenset(RECORD_FIELDS)
_ALLOWED = frozenset((*RECORD_FIELDS, "ignore"))
_BASES, _TEXT = frozenset(BASES), frozenset((str,))
_PLACE_FIELDS = frozenset(("section", "paragraph"))
_NOTHING: list[Any] = []


@dataclass(slots=True)
class Support:
    """What claims point to. `documents` keeps positions for the checker.

    `unread` names what could not be read ("references", "source", kinds of terms):
    nothing that a claim points to there is called unknown, for that has one cause.
    """

    references: dict[int, Reference]
    vocabulary: Vocabulary
    terms: list[Term]
    source: Source
    problems: list[Problem] = field(default_factory=list)
    documents: dict[str, reader.Document] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    numbers: frozenset[int] = field(init=False)
    labels: dict[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(self.references)
        self.labels = {
            name: frozenset(self.vocabulary.terms(kind)) for name, kind in TERM_FIELDS.items()
        }


@dataclass(slots=True)
class Record:
    """One claim as its file has it, and what is wrong with it.

    A `plain` record has nothing wrong, and `raw` has its values as `Claim.from_dict`
    takes them. `source_line` is the line of a bulk file.
    """

    file: ClaimFile
    line: int
    raw: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    source_line: reader.Line | None = None
    plain: bool = False
    _draft: Claim | None = None

    @property
    def draft(self) -> Claim | None:
        """The claim as far as it could be read, for questions about other claims."""
        if self.plain and self._draft is None:  # most are never asked for it
            self._draft = Claim.from_dict({**self.raw, "therapy": self.file.therapy})
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
            raw = reader.locate(self.source_line, self.file.name)
        return locate(self.file.name, raw, path, key)

    def read(self, support: Support) -> None:
        """Look at the raw values: they make a claim, or problems."""
        try:
            self.plain = _is_plain(self.raw, self.file.therapy, support)
        except (TypeError, KeyError):  # something is of another shape
            self.plain = False
        if not self.plain:
            self._draft = _read_claim(self, support)


def locate(file: str, root: object, path: ValuePath = (), key: bool = False) -> Location:
    """The place of a value inside a parsed document; as near as its parts go."""
    mark = getattr(root, "mark", None)
    value: object = root
    for position, step in enumerate(path):
        last = position == len(path) - 1
        if isinstance(value, reader.Map) and step in value:
            marks = value.key_marks if key and last else value.value_marks
            mark = marks[step]
            value = value[step]
        elif isinstance(value, reader.Seq) and isinstance(step, int) and step < len(value):
            mark = value.marks[step]
            value = value[step]
        else:
            break
    return Location(file, *mark) if mark else Location(file)


def _is_plain(raw: Mapping[str, Any], therapy: str, support: Support) -> bool:
    """Whether a record has nothing wrong, told at a glance.

    Where this is true `_read_claim` finds no problem, but takes ten times as long: in a
    bulk file nearly every record is plain. May raise TypeError or KeyError instead of
    saying no.
    """
    get = raw.get
    at, refs, note, countered = raw["at"], raw["refs"], get("note"), get("countered_by", _NOTHING)
    basis, paragraph = get("basis", _NOTHING), at["paragraph"]
    if not (
        _PLAIN_FIELDS.issuperset(raw)
        and type(raw["id"]) is type(raw["mechanism"]) is type(at["section"]) is str
        and SAFE_ID.fullmatch(raw["id"])
        and raw["effect"] in EFFECTS
        and len(at) == 2
        and type(paragraph) is int
        and 1 <= paragraph <= MAX_PARAGRAPH
        and (note is None or type(note) is str)
        and get("verified") is None
        and get("therapy", therapy) == therapy
        and isinstance(countered, list)
        and _TEXT.issuperset(map(type, countered))
        and isinstance(basis, list)
        and _BASES.issuperset(basis)
        and isinstance(refs, list)
        and refs
        and support.numbers.issuperset(refs)
    ):
        return False
    for name, known in support.labels.items():
        labels = get(name, _NOTHING)
        if not isinstance(labels, list) or not known.issuperset(labels):
            return False
    return True


def _read_claim(record: Record, support: Support) -> Claim:
    """The claim as far as it can be read; what is wrong becomes problems of the record."""
    raw, file = record.raw, record.file
    fields = Fields(raw, record.where, record.problems, record.identifier)
    if not _ALLOWED.issuperset(raw):
        fields.known((*CLAIM_FIELDS, "therapy", "ignore"))
    identifier = fields.text("id", required=True)
    if identifier is not None and not SAFE_ID.fullmatch(identifier):
        fields.complain(
            ("id",),
            "an id is letters, digits, `.`, `_` and `-`, at most 64 of them, "
            f"such as {THERAPIES[file.therapy]}-001",
            "id",
        )
    therapy = fields.text("therapy")
    if therapy is not None and therapy != file.therapy:
        fields.complain(
            ("therapy",),
            f"therapy is `{therapy}`, but the file is named {file.path.name}",
            "therapy-file",
        )
    lists = {name: fields.texts(name) for name in TERM_FIELDS}
    claim = Claim(
        id=identifier or "",
        therapy=file.therapy,
        effect=fields.choice("effect", EFFECTS),
        mechanism=fields.text("mechanism", required=True) or "",
        countered_by=fields.texts("countered_by"),
        basis=fields.texts("basis", BASES) if raw.get("basis") else fields.texts("basis"),
        refs=_refs(fields, support),
        at=_place(fields),
        note=fields.text("note"),
        verified=_verified(fields),
        **lists,
    )
    _ignore(fields)
    for name, kind in TERM_FIELDS.items():
        if not lists[name]:
            continue
        known = support.vocabulary.terms(kind)
        for position, label in enumerate(lists[name]):
            if label not in known and kind not in support.unread:
                _unknown_label(fields, support.vocabulary, (name, position), kind, label)
    return claim


def _unknown_label(
    fields: Fields, vocabulary: Vocabulary, path: ValuePath, kind: str, label: str
) -> None:
    # Items before `position` may have been dropped as wrong types; find the item itself.
    listed = fields.raw[path[0]]
    place = (path[0], listed.index(label))
    term = vocabulary.resolve(kind, label)
    if term is not None:
        fields.complain(
            place,
            f"`{label}` is another form of a term; write its label `{term.label}`",
            "preferred-label",
        )
        return
    near = vocabulary.suggest(kind, label)
    hint = (
        "nearest: " + ", ".join(f"`{name}`" for name in near)
        if near
        else (f"add it to vocabulary/{kind}.yaml")
    )
    fields.complain(place, f"`{label}` is not in the vocabulary of {kind}; {hint}", "unknown-term")


def _refs(fields: Fields, support: Support) -> tuple[int, ...]:
    value = fields.raw.get("refs")
    if value is None and "refs" not in fields.raw:
        fields.complain(
            (), "field `refs` is missing; every claim needs a reference number", "missing-field"
        )
        return ()
    if not isinstance(value, list):
        hint = f": [{value}]" if isinstance(value, int) else ""
        fields.complain(("refs",), f"`refs` must be a list of reference numbers{hint}", "ref")
        return ()
    if not value:
        fields.complain(("refs",), "`refs` is empty; every claim needs a reference number", "ref")
    good: list[int] = []
    for position, number in enumerate(value):
        if type(number) is not int or not 1 <= number <= MAX_REF:
            fields.complain(("refs", position), not_a_number(number), "ref")
        elif number not in support.references and "references" not in support.unread:
            fields.complain(
                ("refs", position), f"reference {number} is not in references.yaml", "ref-unknown"
            )
        else:
            good.append(number)
    return tuple(good)


def not_a_number(value: object) -> str:
    """What is wrong with an item that should be a reference number."""
    nested = isinstance(value, list | Mapping)
    shown = "an empty item" if value is None else "a nested value" if nested else f"`{value}`"
    return f"{shown} is not a reference number; write a plain whole number from 1, without quotes"


def _place(fields: Fields) -> Place:
    raw = fields.raw.get("at")
    if not isinstance(raw, Mapping):
        if "at" in fields.raw:
            fields.complain(("at",), "`at` must be {section: NAME, paragraph: N}", "type")
        else:
            fields.complain(
                (), "field `at` is missing; write {section: NAME, paragraph: N}", "missing-field"
            )
        return Place("", 0)
    inner = Fields(
        raw, lambda path, key: fields.where(("at", *path), key), fields.problems, fields.subject
    )
    if not _PLACE_FIELDS.issuperset(raw):
        inner.known(("section", "paragraph"))
    section = inner.text("section", required=True) or ""
    return Place(section, inner.integer("paragraph", minimum=1, maximum=MAX_PARAGRAPH) or 0)


def _verified(fields: Fields) -> Mapping[str, Any] | None:
    raw = fields.mapping("verified")
    if raw is None:
        return None
    inner = Fields(
        raw,
        lambda path, key: fields.where(("verified", *path), key),
        fields.problems,
        fields.subject,
    )
    inner.known(("by", "date", "ref"))
    who, when = inner.text("by", required=True), inner.text("date", required=True)
    return {"by": who, "date": when, "ref": inner.integer("ref", minimum=1, maximum=MAX_REF)}


def _ignore(fields: Fields) -> None:
    raw = fields.mapping("ignore")
    if raw:
        inner = Fields(
            raw,
            lambda path, key: fields.where(("ignore", *path), key),
            fields.problems,
            fields.subject,
        )
        for code in raw:
            if not inner.text(code):
                inner.complain((code,), f"give the reason why `{code}` is ignored", "type")
