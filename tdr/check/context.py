"""The context of a check: the dataset, and what several rules compute from it."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tdr.ask.views.coverage import ParagraphCoverage, account
from tdr.check.names import NameFinder
from tdr.model.errors import Location, Problem
from tdr.model.field import names
from tdr.model.place import Place
from tdr.model.source import Paragraph
from tdr.model.values import KINDS, Claim
from tdr.read.dataset import Dataset
from tdr.read.files import evidence_directory_of, special_file_kind
from tdr.read.positions import ValuePath
from tdr.read.record import PlacedTerm, Record
from tdr.read.yaml import Document


@dataclass(frozen=True, slots=True)
class Text:
    """One text somewhere in the evidence.

    `path` leads to it from the root of `holder`, a claim's record or a document.
    """

    value: str
    holder: Record | Document
    path: ValuePath

    @property
    def field(self) -> str:
        """The name of the field that it stands in."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def subject(self) -> str:
        return self.holder.identifier if isinstance(self.holder, Record) else ""

    @property
    def location(self) -> Location:
        return self.holder.where(self.path)


_EVIDENCE_NAME = re.compile(r"(?i)\.(?:ya?ml|jsonl)$")
_ABOUT_THE_FILE = frozenset(("therapy-file", "unknown-field", "missing-field"))
"""Problems of a file of claims that leave its claims readable."""


def _is_unreadable(record: Record) -> bool:
    """Whether the record is a claim that could not be read."""
    return record.draft is None and any(
        problem.severity == "error" and problem.rule not in _ABOUT_THE_FILE
        for problem in record.problems
    )


class Context:
    """A dataset that is checked; `against` are source texts whose wording must not reappear."""

    def __init__(self, dataset: Dataset, against: Mapping[str, str] | None = None) -> None:
        self.dataset = dataset
        self.against = against or {}
        self.layout, self.support = dataset.layout, dataset.support
        self.vocabulary = dataset.support.vocabulary
        self.references = dataset.support.references
        self.applied: frozenset[str] = frozenset()
        """Codes of the rules that are applied."""
        self.silenced: set[tuple[str, str]] = set()
        """Id and code of every entry of `ignore` that has silenced something."""
        self._lines: dict[str, list[str]] = {}

    @cached_property
    def sources(self) -> tuple[Context, ...]:
        """A context for each source, whose places and numbers are its own."""
        if not self.layout.more:
            return (self,)
        return tuple(Context(part, self.against) for part in self.dataset.sources)

    @cached_property
    def incomplete(self) -> frozenset[str]:
        """The parts of the evidence that were not read whole, named as in `Rule.needs`."""
        unread = {what for one in self.support.sources for what in one.unread}
        if unread.intersection(KINDS):
            unread.add("vocabulary")
        files = (file.name for one in self.layout.sources for file in one.claims)
        documents = self.support.documents
        if (
            self.layout.skipped
            or (not self.dataset.records and not self.is_draft)
            or any(not kind for _, kind in self.unread_files)
            or any(name in documents and documents[name].errors for name in files)
            or any(map(_is_unreadable, self.dataset.records))
        ):
            unread.add("claims")
        return frozenset(unread)

    @cached_property
    def unread_files(self) -> list[tuple[Path, str]]:
        """Files named like evidence that are not read, each with its `special_file_kind`."""
        known = set(self.layout.files)
        roots = (
            path for root in self.layout.roots for path in (root.path, root.path / "vocabulary")
        )
        folders = dict.fromkeys((*roots, *(one.source.parent for one in self.layout.sources)))
        found: list[Path] = []
        for directory in folders:
            try:
                there = sorted(os.listdir(directory))
            except OSError:
                continue  # its files are reported as missing
            found += [
                directory / name
                for name in there
                if _EVIDENCE_NAME.search(name) and not name.startswith((".", "#"))
            ]
        return [(path, special_file_kind(path)) for path in found if path not in known]

    @cached_property
    def fatal(self) -> list[Problem]:
        """Errors because of which a file, or a line of one, could not be read at all."""
        found = [p for document in self.support.documents.values() for p in document.errors]
        for record in self.dataset.records:
            if record.source_line is None and record.draft is None and record.file.bulk:
                found += record.problems
        return list(dict.fromkeys(found))

    @cached_property
    def problems(self) -> dict[str, list[Problem]]:
        """The problems that reading found, by code; each once."""
        found: dict[str, list[Problem]] = {}
        for problem in dict.fromkeys((*self.dataset.problems, *self._characters())):
            found.setdefault(problem.rule, []).append(problem)
        return found

    def _characters(self) -> Iterator[Problem]:
        for document in self.support.documents.values():
            yield from document.findings
        for record in self.dataset.records:
            if record.source_line is not None and record.source_line.findings:
                yield from (
                    problem._replace(subject=record.identifier)
                    for problem in record.source_line.findings
                )

    def found(self, code: str) -> list[Problem]:
        """The problems with this code that reading found."""
        return self.problems.get(code, [])

    @cached_property
    def unknown_labels(self) -> frozenset[Location | None]:
        """The locations of labels that the vocabulary does not have."""
        codes = ("unknown-term", "preferred-label")
        return frozenset(p.location for code in codes for p in self.found(code))

    def document(self, path: Path) -> Document:
        return self.support.documents[self.layout.label(path)]

    def lines(self, name: str) -> list[str]:
        """The lines of a YAML file; none of a JSONL file."""
        if name not in self._lines:
            document = self.support.documents.get(name)
            text = document.text.replace("\r\n", "\n") if document else ""
            self._lines[name] = text.split("\n")
        return self._lines[name]

    @cached_property
    def claims(self) -> list[tuple[Record, Claim]]:
        """Every claim that can be used, with its record."""
        return [(r, r.claim) for r in self.dataset.records if r.claim is not None]

    @cached_property
    def drafts(self) -> list[tuple[Record, Claim]]:
        """Every claim as far as it could be read."""
        return [(r, r.draft) for r in self.dataset.records if r.draft is not None]

    def claim_at(self, place: Location) -> str:
        """The id of the claim that a place in a file belongs to; empty if none."""
        starts = self._starts.get(place.file, [])
        position = bisect_right(starts, place.line or 0, key=lambda start: start[0])
        return starts[position - 1][1] if position else ""

    @cached_property
    def _starts(self) -> dict[str, list[tuple[int, str]]]:
        starts: dict[str, list[tuple[int, str]]] = {}
        for record in self.dataset.records:
            starts.setdefault(record.file.name, []).append((record.line, record.identifier))
        return starts

    @staticmethod
    def ignores(record: Record) -> Mapping[str, str]:
        """The `ignore` of a claim: code -> reason."""
        raw = record.raw.get("ignore")
        if not isinstance(raw, Mapping):
            return {}
        return {code: why for code, why in raw.items() if isinstance(code, str) and why}

    @cached_property
    def _ignored(self) -> dict[tuple[str, str], str]:
        return {
            (record.identifier, code): str(why)
            for record in self.dataset.records
            for code, why in self.ignores(record).items()
        }

    def ignore_reason(self, problem: Problem) -> str | None:
        """The reason for which the claim ignores this problem, if it does."""
        key = (problem.subject, problem.rule)
        reason = self._ignored.get(key)
        if reason is not None:
            self.silenced.add(key)
        return reason

    def reference(self, number: int, *field: str) -> Location:
        """The location of an entry of the reference list, or of one of its fields."""
        document = self.document(self.layout.references)
        path: ValuePath = ("references", number, *field)
        return document.where(path, key=not field)

    @property
    def prefix(self) -> str:
        """The prefix of the source's ids, which stands before that of the therapy."""
        key, alone = self.layout.key, self.layout.root.path
        if not key and evidence_directory_of(alone):  # one source, read alone
            key = os.path.basename(os.path.abspath(alone))
        return self.support.prefix + (f"{key}-" if key else "")

    @property
    def is_draft(self) -> bool:
        """Whether the source is a draft: what is left to do is then one finding."""
        return self.support.source.state == "draft"

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that every claim of the source writes out."""
        return names(one for one in self.support.fields if one.required)

    @cached_property
    def paragraphs(self) -> dict[Place, Paragraph]:
        return {paragraph.place: paragraph for paragraph in self.support.source.paragraphs}

    def paragraph(self, place: Place, *path: str | int) -> Location:
        """The location of a paragraph in source.yaml, or of what `path` leads to in it."""
        document = self.document(self.layout.source)
        sections = document.value["sections"]  # type: ignore[index]  # it has been read from there
        position = next(n for n, s in enumerate(sections) if s.get("name") == place.section)
        steps = ("sections", position, "paragraphs", place.paragraph - 1, *path)
        return document.where(steps)

    @cached_property
    def coverage(self) -> tuple[ParagraphCoverage, ...]:
        """How each paragraph's citations are accounted for, by all claims that could be read."""
        return account(self.support.source, self.references, (c for _, c in self.drafts))

    @cached_property
    def unsettled(self) -> tuple[frozenset[Place], frozenset[int]]:
        """Places of claims without usable references; references of claims without a valid place.

        The error is reported at the claim; that a citation seems open only follows from it.
        """
        places: set[Place] = set()
        numbers: set[int] = set()
        for record, claim in self.drafts:
            listed = record.raw.get("refs")
            if not claim.refs or not isinstance(listed, list) or len(listed) != len(claim.refs):
                places.add(claim.at)
            if self.support.source.kind == "papers":
                continue  # its claims have no place
            paragraph = self.paragraphs.get(claim.at)
            cited = paragraph.cited if paragraph else ()
            numbers.update(number for number in claim.refs if number not in cited)
            if paragraph and not set(claim.refs).issubset(cited):
                places.add(claim.at)
        return frozenset(places), frozenset(numbers)

    def follows_from_claim(self, place: Place, number: int) -> bool:
        """Whether a citation is open only because of an error in a claim."""
        places, numbers = self.unsettled
        return place in places or number in numbers or not places.issubset(self.paragraphs)

    @cached_property
    def terms(self) -> list[PlacedTerm]:
        """Every term with its location, as its file has it."""
        return self.support.placed

    @cached_property
    def first_terms(self) -> dict[tuple[str, str], PlacedTerm]:
        """Kind and label -> the term in the first directory that has it."""
        first: dict[tuple[str, str], PlacedTerm] = {}
        for placed in self.terms:
            first.setdefault((placed.term.kind, placed.term.label), placed)
        return first

    @cached_property
    def names(self) -> NameFinder:
        return NameFinder(self.vocabulary)

    def texts(self, like: Callable[[str], object]) -> Iterator[Text]:
        """Every text of claims, references, terms and source for which `like` is true."""
        alike = frozenset(filter(like, self._all_texts))
        if alike:
            for root, holder in self._holders():
                yield from _texts(root, holder, alike.__contains__)

    def _holders(self) -> Iterator[tuple[object, Record | Document]]:
        """Every record and document that holds texts, after the root of its value."""
        for record in self.dataset.records:
            yield record.raw, record
        for path in self.layout.files:
            if self.layout.kind(path) != "claims":
                document = self.document(path)
                yield document.value, document

    @cached_property
    def _all_texts(self) -> frozenset[str]:
        """Every text once: most labels stand in many claims, so `like` is called less often."""
        found: set[str] = set()
        waiting = [root for root, _ in self._holders()]
        while waiting:
            value = waiting.pop()
            if isinstance(value, str):
                found.add(value)
            elif isinstance(value, dict):
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
        return frozenset(found)


def _texts(root: object, holder: Record | Document, like: Callable[[str], object]) -> list[Text]:
    found: list[Text] = []

    def look_into(value: object, path: ValuePath) -> None:
        steps: Iterable[tuple[str | int, object]] = ()
        if isinstance(value, dict):
            steps = value.items()
        elif isinstance(value, list):
            steps = enumerate(value)
        for step, item in steps:
            if isinstance(item, str):
                if like(item):
                    found.append(Text(item, holder, (*path, step)))
            elif item:
                look_into(item, (*path, step))

    look_into(root, ())
    return found
