"""Reads an evidence directory: claims, references, vocabulary and sources, checked.

`records` streams claims one by one, so that bulk files are never in memory; `read_dataset` reads
everything, with the position of each value, for the checker. What would make an answer
wrong or a value unusable is a problem here, for every command; what is bad curation is a
rule of `tdr.check`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tdr.model.errors import Location, Problem, TdrError, raise_errors, usage_error
from tdr.model.field import MAX_REF
from tdr.model.fields import (
    FIELDS_OF_REFERENCE,
    FIELDS_OF_SOURCE,
    FIELDS_OF_TERM,
    FIRST,
)
from tdr.model.place import Place
from tdr.model.source import Paragraph, Source
from tdr.model.values import SOURCE_KEY, Claim, Reference, Term, invalid_key
from tdr.model.vocabulary import Vocabulary
from tdr.read.access import ROOT_FIELDS, Fields
from tdr.read.documents import read_document, records_of, value_of
from tdr.read.files import SOURCES, ClaimFile, Directory, Layout, find_layout
from tdr.read.jsonl import JsonLine, iter_jsonl
from tdr.read.positions import one_based
from tdr.read.record import PlacedTerm, Record, Support
from tdr.read.therapies import read_therapies, therapies_of
from tdr.read.unite import UnitedSource, merge_terms, unite
from tdr.read.yaml import Document


@dataclass(slots=True)
class Dataset:
    """A whole evidence directory in memory, with everything that is wrong with it.

    `support` is that of the first source.
    """

    layout: Layout
    support: Support
    records: list[Record]
    problems: list[Problem]

    @property
    def claims(self) -> list[Claim]:
        """The claims that can be used."""
        return [record.claim for record in self.records if record.claim is not None]

    @property
    def sources(self) -> tuple[Dataset, ...]:
        """The data set of each source; this one if it is the only one."""
        if not self.layout.more:
            return (self,)
        return tuple(
            Dataset(
                layout._replace(more=()),
                support,
                [record for record in self.records if record.file in layout.claims],
                self.problems,
            )
            for layout, support in zip(self.layout.sources, self.support.sources, strict=True)
        )


class IndexedTerms(NamedTuple):
    """The terms of a document as an index has them, and the label of each folded form."""

    terms: Sequence[Term]
    forms: Mapping[str, str]


def _document(layout: Layout, path: Path, name: str) -> Document:
    return layout.overrides.get(path) or read_document(path, name)


def intended_path(document: Document, directory: Directory) -> Path:
    """The file of an evidence directory that a document of claims is meant to be.

    It is named after its therapy, and belongs to the source whose key its ids begin with. Raises
    TdrError if all ids begin with one key that no source has, or if none begins with a key and
    each of several sources has one.
    """
    root = document.value if isinstance(document.value, Mapping) else {}
    # An unknown therapy is reported when the file is read.
    therapies = read_therapies(directory.path)
    file = f"{next((t for t in therapies if t == root.get('therapy')), next(iter(therapies)))}.yaml"
    try:
        layout = find_layout(*directory, complete=False)
    except TdrError:  # there is no evidence yet, or reading reports what is wrong
        return directory.path / file
    listed = root.get("claims")
    claims = listed if isinstance(listed, list) else ()
    ids = [str(claim.get("id")) for claim in claims if isinstance(claim, Mapping)]
    own = [one for one in layout.sources if one.root.path == directory.path]
    fitting: dict[str, int] = {}
    for one in own:
        key = f"{one.key}-" if one.key else ""
        begin = tuple(f"{key}{prefix}-" for prefix in therapies.prefixes)
        fitting[one.key] = sum(name.startswith(begin) for name in ids)
    best = max(own, key=lambda one: fitting[one.key])
    if key := _unknown_source_key(layout, ids):
        raise usage_error(
            f"no source of {directory.name} is called `{key}`, with which the ids of "
            f"{document.name} begin; name the directory that has it first, with --evidence DIR"
        )
    if not fitting[best.key] and best.key and len(own) > 1:
        begin_with = " or ".join(f"`{one.key}-`" for one in own)
        raise usage_error(
            f"{document.name} may be of several sources, and no id begins with {begin_with}; "
            f"name the source, as in --evidence {os.path.join(directory.name, SOURCES, best.key)}"
        )
    return best.source.parent / file


def _unknown_source_key(layout: Layout, ids: Sequence[str]) -> str:
    """The key that all ids begin with, if no source has it; else empty."""
    matches = [re.fullmatch(rf"({SOURCE_KEY})-\w+-[0-9]+", name) for name in ids]
    keys = {match[1] if match else "" for match in matches}
    if len(keys) != 1 or keys <= {"", *(one.key for one in layout.sources)}:
        return ""
    used = (read_document(one.source, "").value for one in layout.sources if not one.key)
    keys -= {str(about.get("key", FIRST)) for about in used if isinstance(about, Mapping)}
    return "".join(keys)


def read_sources(layout: Layout) -> list[Source]:
    """The sources alone, without their problems: a seventh of what `read_support` reads."""
    documents = (_document(layout, one.source, layout.label(one.source)) for one in layout.sources)
    sources = [
        _source(document, one.key, [])
        for document, one in zip(documents, layout.sources, strict=True)
    ]
    return [united_source.source for united_source in unite(layout, sources)]


def read_support(layout: Layout) -> Support:
    """Read references, vocabulary and sources. Never raises: the result has the problems."""
    problems: list[Problem] = []
    read = {path: _document(layout, path, layout.label(path)) for path in layout.support}
    documents = {document.name: document for document in read.values()}
    of_therapies = {path: read[path] for path in layout.therapies}
    therapies = therapies_of(layout.roots, of_therapies, problems)
    problems.extend(chain.from_iterable(read[path].problems for path in layout.collections))
    sources = [_source(read[one.source], one.key, problems) for one in layout.sources]
    united = unite(layout, sources)
    problems.extend(_duplicate_keys([read[one.source] for one in layout.sources], united))
    references = [
        _references(read[one.references], united_source.source.key, problems, united_source.renamed)
        for one, united_source in zip(layout.sources, united, strict=True)
    ]
    placed = [
        PlacedTerm(term, read[path], position)
        for kind, paths in layout.vocabulary.items()
        for path in paths
        for position, term in _terms(read[path], kind, problems)
    ]
    terms = merge_terms(placed, problems) if len(layout.roots) > 1 else [one.term for one in placed]
    rootless = {p.location.file for p in problems if p.rule == "root" and p.location}
    unusable = {path for path, one in read.items() if one.errors or one.name in rootless}
    if any(
        problem.rule == "missing-file" for path in layout.terms for problem in read[path].problems
    ):
        unusable.update(layout.terms)  # no label is unknown before all terms are there
    forms = {
        kind: read[path].indexed.forms
        for kind, (path, *more) in layout.vocabulary.items()
        if read[path].indexed and not more
    }
    vocabulary = Vocabulary(terms, forms)
    supports: list[Support] = []
    for one, listed, united_source in zip(layout.sources, references, united, strict=True):
        own = {"references": (one.references,), "source": (one.source,)}
        parts = {**own, "therapies": layout.therapies, **layout.vocabulary}
        unread = frozenset(what for what, paths in parts.items() if not unusable.isdisjoint(paths))
        supports.append(
            Support(
                listed,
                vocabulary,
                terms,
                united_source.source,
                therapies,
                problems,
                documents,
                unread,
                placed,
                united_source.prefix,
                united_source.key_in_files,
            )
        )
    first, *others = supports
    first.more = tuple(others)
    return first


def read_references(document: Document) -> dict[int, Reference]:
    """The entries of a file of references; raises TdrError with what is wrong in it."""
    problems: list[Problem] = []
    references = _references(document, FIRST, problems)
    raise_errors(problems)
    return references


def _duplicate_keys(
    documents: Sequence[Document], united: Sequence[UnitedSource]
) -> Iterator[Problem]:
    """A problem for each source whose key an earlier one has: it could not be named."""
    keys = [united_source.source.key for united_source in united]
    for position, (document, key) in enumerate(zip(documents, keys, strict=True)):
        if key in keys[:position]:
            text = f"the key `{key}` is taken by another source; give one of them its own"
            yield Problem(text, "source-key", document.where(("key",)))


def _references(
    document: Document,
    source: str,
    problems: list[Problem],
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> dict[int, Reference]:
    references: dict[int, Reference] = document.indexed or _entries(document, problems)

    def own(reference: Reference) -> Reference:
        key, colon, entry = (reference.same_as or "").partition(":")
        same = renamed[key] + colon + entry if key in renamed else reference.same_as
        return reference._replace(source=source, same_as=same)

    return {number: own(reference) for number, reference in references.items()}


def _entries(document: Document, problems: list[Problem]) -> dict[int, Reference]:
    entries = value_of(document, "references", dict, problems)
    root = Fields(document.value, document.where, problems)
    references: dict[int, Reference] = {}
    for number, raw in entries.items():
        if type(number) is not int or not 1 <= number <= MAX_REF:
            text = f"`{number}` is not a reference number; write a whole number from 1"
            root.complain(("references", number), text, "ref", key=True)
            continue
        if not isinstance(raw, Mapping):
            text = f"reference {number} must be a mapping"
            root.complain(("references", number), text, "type", key=True)
            # So that claims may point to it.
            references[number] = Reference(number, (), "", "")
            continue
        fields = root.mapping_at("references", number)
        fields.subject = str(number)
        references[number] = Reference(number, **fields.values(FIELDS_OF_REFERENCE))
    return references


def _terms(document: Document, kind: str, problems: list[Problem]) -> Iterator[tuple[int, Term]]:
    """The terms of a file, each with its position in the list."""
    if document.indexed:
        yield from enumerate(document.indexed.terms)
        return
    wrong = "a term must be a mapping with a `label`"
    for position, fields in records_of(document, "terms", wrong, problems):
        term = Term(kind, **fields.values(FIELDS_OF_TERM))
        if term.xref and fields.raw.get("xref_match") is None:
            fields.missing("xref_match")
        if term.lineage and kind != "cells":
            fields.complain(("lineage",), "only cells have a lineage", "choice")
        if term.label:
            yield position, term


def _source(document: Document, folder: str, problems: list[Problem]) -> Source:
    if document.indexed:
        indexed: Source = document.indexed
        return indexed
    fields = Fields(document.value, document.where, problems)
    root = fields.raw
    about = {field.name: fields.value(field) for field in FIELDS_OF_SOURCE}
    key = about["key"]
    if folder and key != folder:
        if "key" in root:
            fields.complain(("key",), f"key is `{key}`, but the folder is `{folder}`", "source-key")
        about["key"] = folder
    if not re.fullmatch(SOURCE_KEY, about["key"]):
        fields.complain(("key",), invalid_key(about["key"]), "source-key")
    papers = about["kind"] == "papers" and "sections" not in root
    wrong = "a section must be a mapping with `name` and `paragraphs`"
    sections = () if papers else records_of(document, "sections", wrong, problems)
    paragraphs: list[Paragraph] = []
    for _, fields in sections:
        fields.known(("name", "paragraphs"))
        name = fields.text("name", required=True) or ""
        listed = fields.raw.get("paragraphs")
        if not isinstance(listed, list):
            fields.complain(("paragraphs",), "`paragraphs` must be a list", "type")
            continue
        for number, raw in enumerate(listed, 1):
            at = ("paragraphs", number - 1)
            paragraph = raw if isinstance(raw, Mapping) else {}
            groups, background = paragraph.get("citations"), paragraph.get("background", [])
            words = paragraph.get("words", 0)
            if not (
                isinstance(groups, list)
                and all(isinstance(group, list) for group in groups)
                and isinstance(background, list)
                and type(words) is int
                and words >= 0
            ):
                form = "{words: N, citations: [[1, 2], [3]]}"
                fields.complain(at, f"a paragraph must be {form} with whole numbers", "type")
                groups, background, words = [], [], 0  # claims may still be placed there
            cited = tuple(
                fields.numbers((*at, "citations", position), group)
                for position, group in enumerate(groups)
            )
            uncited = fields.numbers((*at, "background"), background)
            paragraphs.append(Paragraph(Place(name, number), cited, uncited, words))
    return Source(paragraphs=tuple(paragraphs), **about)


def records(layout: Layout, support: Support) -> Iterator[Record]:
    """Every claim of every file, in file order, checked against what it points to.

    A file that cannot be parsed yields one record without a claim that carries its problems.
    """
    for one, its_support in zip(
        layout.with_therapies(support.therapies).sources, support.sources, strict=True
    ):
        for file in one.claims:
            if file.bulk:
                yield from _records_of_lines(file, iter_jsonl(file.path, file.name), its_support)
                continue
            document = _document(layout, file.path, file.name)
            if document.indexed:
                yield from _records_of_lines(file, document.indexed, its_support)
            else:
                yield from _yaml_records(file, document, its_support)


def _yaml_records(file: ClaimFile, document: Document, support: Support) -> Iterator[Record]:
    support.documents[file.name] = document
    problems: list[Problem] = []
    claims = value_of(document, "claims", list, problems)
    if isinstance(document.value, Mapping):
        fields = Fields(document.value, document.where, problems)
        fields.known(ROOT_FIELDS["claims"])
        therapy = fields.text("therapy", required=True)
        if therapy is not None and therapy != file.therapy:
            right = f"must be one of {', '.join(support.therapies)}"
            if therapy in support.therapies:
                right = f"but the file is named {file.therapy}.yaml"
            fields.complain(("therapy",), f"therapy is `{therapy}`, {right}", "therapy-file")
    if problems:
        yield Record(file, 1, {}, problems)
    for position, raw in enumerate(claims):
        line, column = one_based(claims.places[position])
        if isinstance(raw, Mapping):
            record = Record(file, line, raw)
            record.read(support)
        else:
            record = Record(file, line, {}, [_invalid_claim(file, line, column)])
        yield record


def _records_of_lines(
    file: ClaimFile, lines: Iterable[JsonLine], support: Support
) -> Iterator[Record]:
    empty = True
    try:
        for line in lines:
            empty = False
            if isinstance(line.value, dict) and not line.problems:
                record = Record(file, line.number, line.value, [], line)
                record.read(support)
            else:
                several = isinstance(line.value, list)
                invalid_claim = _invalid_claim(file, line.number, 1, "; write one a line" * several)
                record = Record(file, line.number, {}, list(line.problems) or [invalid_claim])
            yield record
    except TdrError as error:
        yield Record(file, 1, {}, list(error.problems))
        return
    if empty:
        message = "the file is empty: nothing is read from it"
        yield Record(file, 1, {}, [Problem(message, "empty", Location(file.name, 1, 1), "warning")])


def _invalid_claim(file: ClaimFile, line: int, column: int, remedy: str = "") -> Problem:
    """The problem of an item of a list, or of a line, that is no claim."""
    text = f"a claim must be a mapping with an `id`{remedy}"
    return Problem(text, "type", Location(file.name, line, column))


def read_dataset(
    path: Path,
    name: str | None = None,
    overrides: Mapping[Path, Document] | None = None,
    others: Sequence[Directory] = (),
) -> Dataset:
    """Read a whole evidence directory, with the documents of `overrides` in place of some files.

    The `others` are united with it. Raises TdrError only if there is nothing to read
    at all.
    """
    layout = find_layout(path, name, others=others, complete=False, overrides=overrides)
    support = read_support(layout)
    all_records = list(records(layout, support))
    problems = [
        *support.problems,
        *(problem for record in all_records for problem in record.problems),
    ]
    seen: dict[str, Record] = {}
    for record in all_records:
        first = seen.setdefault(record.identifier, record) if record.identifier else record
        if first is not record:
            places = record.where(("id",)), first.where(("id",))
            problems.append(duplicate_id(record.identifier, *places))
    return Dataset(layout.with_therapies(support.therapies), support, all_records, problems)


def duplicate_id(identifier: str, second: Location, first: Location) -> Problem:
    """The problem of an id that two claims have."""
    text = f"id `{identifier}` is taken; ids are never used twice"
    return Problem(text, "duplicate-id", second, related=first, subject=identifier)
