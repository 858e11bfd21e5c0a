"""From an evidence directory to checked values: claims, references, vocabulary, source.

Two ways in: `records` streams claims one by one (bulk files never sit in memory),
`read_dataset` holds everything, with the position of each value, for the checker.
What makes an answer wrong or a value unusable is a problem here, found by every
command; what is merely bad curation is a rule of `tdr.check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tdr import reader
from tdr.errors import Location, Problem, TdrError
from tdr.fields import Fields
from tdr.fields import Path as ValuePath
from tdr.files import ClaimFile, Layout, find_layout, is_missing, missing_file
from tdr.model import (
    BASES,
    CITED_AS,
    CLAIM_FIELDS,
    EFFECTS,
    MATCHES,
    RECORD_FIELDS,
    REFERENCE_FIELDS,
    STATUSES,
    TERM_FIELD_NAMES,
    TERM_FIELDS,
    THERAPIES,
    Claim,
    Paragraph,
    Place,
    Reference,
    Source,
    Term,
)
from tdr.vocabulary import Vocabulary

SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What an id may look like at all (so that it is safe as an argument and a file name)."""

MAX_REF = 999_999
_ALLOWED = frozenset((*RECORD_FIELDS, "ignore"))
MAX_PARAGRAPH = 100_000
_EVERY_FIELD, _THERAPY = frozenset(CLAIM_FIELDS), frozenset(("therapy",))
_TEXT, _NUMBER = frozenset((str,)), frozenset((int,))
_PLACE_FIELDS = frozenset(("section", "paragraph"))


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


@dataclass(slots=True)
class Record:
    """One claim as its file has it. `claim` is None when it cannot be used.

    `draft` is the claim as far as it could be read, for questions about other claims.
    """

    file: ClaimFile
    line: int
    raw: Mapping[str, Any]
    claim: Claim | None
    problems: list[Problem]
    source_line: reader.Line | None = None
    draft: Claim | None = None

    def where(self, path: ValuePath = (), key: bool = False) -> Location:
        """Where a value of this claim (or, with `key`, its name) stands."""
        raw = self.raw
        if self.source_line is not None:
            raw = reader.locate(self.source_line, self.file.name)
        return locate(self.file.name, raw, path, key)


@dataclass(slots=True)
class Dataset:
    """A whole evidence directory in memory, with everything that is wrong with it."""

    layout: Layout
    support: Support
    records: list[Record]
    problems: list[Problem]

    @property
    def claims(self) -> list[Claim]:
        return [record.claim for record in self.records if record.claim is not None]


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


def read_document(path: Path, name: str) -> reader.Document:
    """Read and parse one YAML file; a file that cannot be read becomes a problem of it."""
    if is_missing(path):
        return reader.Document(name, None, (1, 1), (missing_file(name),), "")
    try:
        return reader.parse_yaml(reader.read_file(path, name=name), name)
    except TdrError as error:
        return reader.Document(name=name, value=None, mark=(1, 1), problems=error.problems, text="")


def _root(document: reader.Document, key: str, kind: type, problems: list[Problem]) -> Any:
    """The value under the one required key of a file, or an empty one with a problem noted."""
    problems.extend(document.problems)
    if any(problem.severity == "error" for problem in document.problems) or document.value is None:
        return kind()
    shape = "list" if kind is list else "mapping"
    if not isinstance(document.value, Mapping):
        got = {"Seq": "list", "str": "text"}.get(type(document.value).__name__, "scalar")
        problems.append(
            Problem(
                f"expected mapping with key `{key}`, got {got}",
                "root",
                Location(document.name, *document.mark),
            )
        )
        return kind()
    value = document.value.get(key)
    if not isinstance(value, kind):
        if value is None and key in document.value:
            return kind()
        near = get_close_matches(key, map(str, document.value), 1, 0.6)
        hint = f", found `{near[0]}`" if near and key not in document.value else ""
        problems.append(
            Problem(
                f"expected key `{key}` with a {shape}{hint}",
                "root",
                locate(document.name, document.value, (key,)),
            )
        )
        return kind()
    return value


def read_support(layout: Layout) -> Support:
    """Read references, vocabulary and source. Never raises: problems are kept with the result."""
    problems: list[Problem] = []
    documents: dict[str, reader.Document] = {}
    for path in (layout.references, layout.source, *layout.vocabulary.values()):
        name = layout.label(path)
        documents[name] = read_document(path, name)
    references = _references(documents[layout.label(layout.references)], problems)
    terms: list[Term] = []
    for kind, path in layout.vocabulary.items():
        terms.extend(_terms(documents[layout.label(path)], kind, problems))
    source = _source(documents[layout.label(layout.source)], problems)
    paths = {"references": layout.references, "source": layout.source, **layout.vocabulary}
    names = {what: layout.label(path) for what, path in paths.items()}
    shapeless = {
        problem.location.file for problem in problems if problem.rule == "root" and problem.location
    }
    unread = frozenset(
        what for what, name in names.items() if documents[name].errors or name in shapeless
    )
    return Support(references, Vocabulary(terms), terms, source, problems, documents, unread)


def _references(document: reader.Document, problems: list[Problem]) -> dict[int, Reference]:
    entries = _root(document, "references", dict, problems)
    references: dict[int, Reference] = {}
    for number, raw in entries.items():
        base = ("references", number)

        def where(path: ValuePath, key: bool, base: ValuePath = base) -> Location:
            return locate(document.name, document.value, (*base, *path), key)

        if type(number) is not int or not 1 <= number <= MAX_REF:
            problems.append(
                Problem(
                    f"`{number}` is not a reference number; write a whole number from 1",
                    "ref",
                    where((), True),
                )
            )
            continue
        if not isinstance(raw, Mapping):
            problems.append(
                Problem(f"reference {number} must be a mapping", "type", where((), True))
            )
            references[number] = Reference(number, (), "", "")  # so that claims may point to it
            continue
        fields = Fields(raw, where, problems, str(number))
        fields.known(REFERENCE_FIELDS)
        references[number] = Reference(
            number=number,
            authors=fields.texts("authors"),
            title=fields.text("title", required=True) or "",
            journal=fields.text("journal") or "",
            year=fields.integer("year", minimum=1, maximum=9999, required=False),
            volume=fields.text("volume"),
            issue=fields.text("issue"),
            pages=fields.text("pages"),
            doi=fields.text("doi"),
            pmid=fields.text("pmid"),
            pmcid=fields.text("pmcid"),
            cited_as=fields.choice("cited_as", CITED_AS, default="claim"),
            status=fields.choice("status", STATUSES, default="ok"),
            note=fields.text("note"),
        )
    return references


def _terms(document: reader.Document, kind: str, problems: list[Problem]) -> Iterator[Term]:
    for position, raw in enumerate(_root(document, "terms", list, problems)):
        base = ("terms", position)

        def where(path: ValuePath, key: bool, base: ValuePath = base) -> Location:
            return locate(document.name, document.value, (*base, *path), key)

        if not isinstance(raw, Mapping):
            problems.append(
                Problem("a term must be a mapping with a `label`", "type", where((), False))
            )
            continue
        fields = Fields(raw, where, problems)
        fields.known(TERM_FIELD_NAMES)
        label = fields.text("label", required=True)
        if not label:
            continue
        xref = fields.text("xref")
        yield Term(
            kind,
            label,
            fields.text("abbreviation"),
            fields.texts("synonyms"),
            fields.texts("parents"),
            xref,
            fields.text("xref_label"),
            fields.choice("xref_match", MATCHES) if xref else fields.text("xref_match"),
        )


def _source(document: reader.Document, problems: list[Problem]) -> Source:
    sections = _root(document, "sections", list, problems)
    root = document.value if isinstance(document.value, Mapping) else {}

    def plain(name: str) -> dict[str, Any]:
        value = root.get(name)
        return dict(value) if isinstance(value, Mapping) else {}

    paragraphs: list[Paragraph] = []
    for position, section in enumerate(sections):
        base: ValuePath = ("sections", position)

        def where(path: ValuePath, key: bool, base: ValuePath = base) -> Location:
            return locate(document.name, document.value, (*base, *path), key)

        if not isinstance(section, Mapping):
            problems.append(
                Problem(
                    "a section must be a mapping with `name` and `paragraphs`",
                    "type",
                    where((), False),
                )
            )
            continue
        fields = Fields(section, where, problems)
        fields.known(("name", "paragraphs"))
        name = fields.text("name", required=True) or ""
        listed = section.get("paragraphs")
        if not isinstance(listed, list):
            fields.complain(("paragraphs",), "`paragraphs` must be a list", "type")
            continue
        for number, raw in enumerate(listed, 1):
            groups = raw.get("citations") if isinstance(raw, Mapping) else None
            background = raw.get("background", ()) if isinstance(raw, Mapping) else ()
            words = raw.get("words", 0) if isinstance(raw, Mapping) else None
            if not (
                isinstance(groups, list)
                and all(isinstance(group, list) and _numbers(group) for group in groups)
                and _numbers(background)
                and type(words) is int
                and words >= 0
            ):
                fields.complain(
                    ("paragraphs", number - 1),
                    "a paragraph must be {words: N, citations: [[1, 2], [3]]} with whole numbers",
                    "type",
                )
                continue
            paragraphs.append(
                Paragraph(Place(name, number), tuple(map(tuple, groups)), tuple(background), words)
            )
    return Source(
        plain("record"), tuple(paragraphs), plain("constants"), str(root.get("data_version", "0"))
    )


def _numbers(values: object) -> bool:
    return isinstance(values, list | tuple) and all(
        type(value) is int and 1 <= value <= MAX_REF for value in values
    )


def records(layout: Layout, support: Support) -> Iterator[Record]:
    """Every claim of every file, in file order, checked against what it points to.

    A file that cannot be parsed yields one record without a claim that carries its problems.
    """
    for claim_file in layout.claims:
        yield from (
            _jsonl_records(claim_file, support)
            if claim_file.bulk
            else _yaml_records(claim_file, support)
        )


def _yaml_records(file: ClaimFile, support: Support) -> Iterator[Record]:
    document = read_document(file.path, file.name)
    support.documents[file.name] = document
    problems: list[Problem] = []
    claims = _root(document, "claims", list, problems)
    if isinstance(document.value, Mapping):
        where_root = document.value
        fields = Fields(
            where_root, lambda path, key: locate(file.name, where_root, path, key), problems
        )
        fields.known(("therapy", "claims"))
        therapy = fields.text("therapy", required=True)
        if therapy is not None and therapy != file.therapy:
            fields.complain(
                ("therapy",),
                f"therapy is `{therapy}`, but the file is named {file.therapy}.yaml",
                "therapy-file",
            )
    if problems:
        yield Record(file, 1, {}, None, problems)
    for position, raw in enumerate(claims):
        line = claims.marks[position][0]
        if isinstance(raw, Mapping):
            record = Record(file, line, raw, None, [])
            _fill(record, support)
        else:
            at = Location(file.name, *claims.marks[position])
            record = Record(
                file,
                line,
                {},
                None,
                [Problem("a claim must be a mapping with an `id`", "type", at)],
            )
        yield record


def _jsonl_records(file: ClaimFile, support: Support) -> Iterator[Record]:
    try:
        for line in reader.iter_jsonl(file.path, file.name):
            if isinstance(line.value, dict) and not line.problems:
                record = Record(file, line.number, line.value, None, [], line)
                _fill(record, support)
            else:
                found = list(line.problems) or [
                    Problem(
                        "expected one claim as a JSON object on each line",
                        "root",
                        Location(file.name, line.number, 1),
                    )
                ]
                record = Record(file, line.number, {}, None, found)
            yield record
    except TdrError as error:
        yield Record(file, 1, {}, None, list(error.problems))


def _plain_claim(raw: Mapping[str, Any], file: ClaimFile, support: Support) -> Claim | None:
    """The claim of a record that has every field and nothing wrong with it; None for any other.

    It says nothing that `_fill` does not say, in a third of the time: in a bulk
    file nearly every record is one of these.
    """
    if raw.keys() - _THERAPY != _EVERY_FIELD or raw.get("therapy", file.therapy) != file.therapy:
        return None
    identifier, mechanism, note, at = raw["id"], raw["mechanism"], raw["note"], raw["at"]
    section, paragraph = at["section"], at["paragraph"]
    countered, refs = raw["countered_by"], raw["refs"]
    sound = (
        type(identifier) is type(mechanism) is type(section) is str
        and SAFE_ID.fullmatch(identifier)
        and raw["effect"] in EFFECTS
        and len(at) == len(_PLACE_FIELDS)
        and type(paragraph) is int
        and 1 <= paragraph <= MAX_PARAGRAPH
        and (note is None or type(note) is str)
        and raw["verified"] is None
        and type(countered) is list
        and _TEXT.issuperset(map(type, countered))
        and raw["basis"] == []
        and type(refs) is list
        and refs
        and _NUMBER.issuperset(map(type, refs))
        and support.references.keys() >= set(refs)
    )
    if not sound:
        return None
    lists: dict[str, Any] = {}
    for name, kind in TERM_FIELDS.items():
        labels = raw[name]
        if type(labels) is not list:
            return None
        known = support.vocabulary.terms(kind) if labels else ()
        for label in labels:
            if label not in known:
                return None
        lists[name] = tuple(labels)
    return Claim(
        id=identifier,
        therapy=file.therapy,
        effect=raw["effect"],
        mechanism=mechanism,
        countered_by=tuple(countered),
        basis=(),
        refs=tuple(refs),
        at=Place(section, paragraph),
        note=note,
        **lists,
    )


def _fill(record: Record, support: Support) -> None:
    """Turn the raw mapping into a claim, unless something about it makes it unusable."""
    raw, file = record.raw, record.file
    with suppress(TypeError, KeyError, IndexError):  # something is of another shape
        record.claim = record.draft = _plain_claim(raw, file, support)
    if record.claim is not None:
        return
    subject = raw.get("id")
    fields = Fields(raw, record.where, record.problems, subject if isinstance(subject, str) else "")
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
    record.draft = claim
    if not record.problems:
        record.claim = claim


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
            shown = f"`{number}`" if isinstance(number, int | str) else describe_ref(number)
            fields.complain(
                ("refs", position),
                f"{shown} is not a reference number; write a plain whole number from 1, "
                "without quotes",
                "ref",
            )
        elif number not in support.references and "references" not in support.unread:
            fields.complain(
                ("refs", position), f"reference {number} is not in references.yaml", "ref-unknown"
            )
        else:
            good.append(number)
    return tuple(good)


def describe_ref(value: object) -> str:
    """An item of `refs` that is no number, for a message."""
    return (
        "an empty item"
        if value is None
        else f"`{value}`"
        if not isinstance(value, list | Mapping)
        else "a nested value"
    )


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


def read_dataset(path: Path, name: str | None = None) -> Dataset:
    """Read a whole evidence directory. Raises TdrError only if there is nothing to read at all."""
    layout = find_layout(path, name, complete=False)
    support = read_support(layout)
    found = list(records(layout, support))
    problems = [*support.problems, *(problem for record in found for problem in record.problems)]
    seen: dict[str, Record] = {}
    for record in found:
        identifier = record.raw.get("id")
        if not isinstance(identifier, str):
            continue
        first = seen.setdefault(identifier, record)
        if first is not record:
            problems.append(duplicate_id(identifier, record.where(("id",)), first.where(("id",))))
    return Dataset(layout, support, found, problems)


def duplicate_id(identifier: str, second: Location, first: Location) -> Problem:
    """Two claims with one id."""
    return Problem(
        f"id `{identifier}` is taken; ids are never used twice",
        "duplicate-id",
        second,
        related=first,
        subject=identifier,
    )
