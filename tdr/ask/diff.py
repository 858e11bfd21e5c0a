"""What changed between two states of the evidence: record by record, field by field.

Records are matched by what names them for good: the id of a claim, the number of a
reference, kind and label of a term, section and paragraph of the source. Their order in
the files does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tdr.model.errors import raise_errors
from tdr.model.field import names
from tdr.model.fields import FIELDS_OF_SOURCE
from tdr.model.source import Source
from tdr.read.dataset import Dataset

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

RECORD_KINDS = ("claim", "reference", "term", "source")
"""Kinds of records, in the order in which changes are listed."""

_ABOUT = tuple(
    name for name in names(FIELDS_OF_SOURCE) if name not in ("record", "constants", "data_version")
)

Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as JSON values; None where there is nothing."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record. An added or removed one lists the fields that it has."""

    kind: str
    key: str
    status: str
    fields: tuple[FieldChange, ...]

    def to_dict(self) -> dict[str, Any]:
        fields = [{"field": f.field, "old": f.old, "new": f.new} for f in self.fields]
        return {"kind": self.kind, "key": self.key, "status": self.status, "fields": fields}


@dataclass(frozen=True, slots=True)
class Difference:
    """Every change between two states; `old` and `new` are what these are called."""

    old: str
    new: str
    changes: tuple[Change, ...]

    def count(self, status: str) -> int:
        return sum(change.status == status for change in self.changes)

    def summary(self) -> str:
        """The counts in words."""
        if not self.changes:
            return "no changes"
        counts = ((self.count(status), status) for status in (ADDED, REMOVED, CHANGED))
        return ", ".join(f"{number} {status}" for number, status in counts if number)


def compare(old: Dataset, new: Dataset) -> Difference:
    """The changes that lead from one state to the other.

    Raises TdrError with every error of both when one of them cannot be relied on.
    """
    raise_errors((*old.problems, *new.problems))
    before, after = _records(old), _records(new)
    changes = [
        change for kind in RECORD_KINDS for change in _changes(kind, before[kind], after[kind])
    ]
    return Difference(old.layout.name, new.layout.name, tuple(changes))


def _records(dataset: Dataset) -> dict[str, Records]:
    """Everything that can change, by kind and by the name of the record."""
    claims = {
        record.claim.id: {**record.claim.to_dict(), "ignore": record.raw.get("ignore")}
        for record in dataset.records
        if record.claim is not None
    }
    support = dataset.support
    references: dict[str, Mapping[str, Any]] = {}
    about: dict[str, Mapping[str, Any]] = {}
    for one in support.sources:
        prefix = "" if one is support else f"{one.source.key}:"
        references.update((f"{prefix}{n}", r.to_dict()) for n, r in one.references.items())
        about.update((prefix + name, facts) for name, facts in _about(one.source))
    return {
        "claim": claims,
        "reference": references,
        "term": {f"{term.kind}/{term.label}": term.to_dict() for term in support.terms},
        "source": about,
    }


def _about(source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parts of a source, each with its name."""
    yield "record", {**source.record, "data_version": source.data_version}
    yield "constants", source.constants
    yield "about", {name: getattr(source, name) for name in _ABOUT}
    for paragraph in source.paragraphs:
        yield (
            f"{paragraph.place.section}#{paragraph.place.paragraph}",
            {
                "words": paragraph.words,
                "citations": [list(group) for group in paragraph.citations],
                "background": list(paragraph.background),
            },
        )


def _changes(kind: str, old: Records, new: Records) -> Iterator[Change]:
    """Records in the order of the new state, those that are gone at the end."""
    for key, record in new.items():
        before = old.get(key)
        fields = tuple(_fields(before or {}, record))
        if before is None:
            yield Change(kind, key, ADDED, fields)
        elif fields:
            yield Change(kind, key, CHANGED, fields)
    for key, record in old.items():
        if key not in new:
            yield Change(kind, key, REMOVED, tuple(_fields(record, {})))


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Fields that differ. An empty list is nothing, too."""
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name), new.get(name)
        if before != after and (before or after):
            yield FieldChange(name, before, after)
