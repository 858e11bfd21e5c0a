"""The values everything else is about: claims, references, terms and the source.

Field names are a contract that users' scripts rely on; see docs/evidence.md.
Nothing here reads, prints or looks anything up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 1
"""Version of the JSON shape of claims; raised when a key changes its meaning."""

THERAPIES: Mapping[str, str] = {
    "immunotherapy": "imm",
    "targeted": "tgt",
    "chemo": "che",
    "radio": "rad",
    "antiandrogen": "and",
}
"""Therapy (and stem of its evidence file) -> prefix of its claims' ids, in order of appearance."""

EFFECTS = ("resistance", "sensitivity")
BASES = ("in vitro", "in vivo", "patient", "association")
CITED_AS = ("claim", "background")
STATUSES = ("ok", "correction", "retracted")
MATCHES = ("exact", "broad", "narrow")

KINDS = ("cells", "cancers", "agents", "molecules", "pathways", "processes")
"""Kinds of terms; each is a file of the vocabulary."""

TERM_FIELDS: Mapping[str, str] = {
    "promotes": "cells",
    "opposes": "cells",
    "cancers": "cancers",
    "agents": "agents",
    "molecules": "molecules",
    "pathways": "pathways",
    "processes": "processes",
}
"""Claim field -> the kind of term that its items are."""

CLAIM_FIELDS = (
    "id",
    "promotes",
    "opposes",
    "cancers",
    "agents",
    "effect",
    "mechanism",
    "molecules",
    "pathways",
    "processes",
    "countered_by",
    "basis",
    "refs",
    "at",
    "note",
    "verified",
)
"""A claim's fields in canonical order, as written in a file (where the file gives the therapy)."""

RECORD_FIELDS = ("id", "therapy", *CLAIM_FIELDS[1:])
"""A claim's keys wherever it stands alone: JSON, CSV, JSON Lines."""


SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a claim's id may look like (so that it is safe as an argument and as a file name)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the source cites the references of a claim: a section and its 1-based paragraph."""

    section: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One finding about response or resistance to one therapy, with the references behind it.

    `promotes` are cells whose presence or activity favours resistance, `opposes`
    those that favour response. An empty tuple means that the source does not say.
    Items of term fields are preferred labels of the vocabulary.
    """

    id: str
    therapy: str
    promotes: tuple[str, ...]
    opposes: tuple[str, ...]
    cancers: tuple[str, ...]
    agents: tuple[str, ...]
    effect: str
    mechanism: str
    molecules: tuple[str, ...]
    pathways: tuple[str, ...]
    processes: tuple[str, ...]
    countered_by: tuple[str, ...]
    basis: tuple[str, ...]
    refs: tuple[int, ...]
    at: Place
    note: str | None = None
    verified: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The claim as JSON values; keys are `RECORD_FIELDS`, in that order, always all of them."""
        return {
            "id": self.id,
            "therapy": self.therapy,
            "promotes": list(self.promotes),
            "opposes": list(self.opposes),
            "cancers": list(self.cancers),
            "agents": list(self.agents),
            "effect": self.effect,
            "mechanism": self.mechanism,
            "molecules": list(self.molecules),
            "pathways": list(self.pathways),
            "processes": list(self.processes),
            "countered_by": list(self.countered_by),
            "basis": list(self.basis),
            "refs": list(self.refs),
            "at": {"section": self.at.section, "paragraph": self.at.paragraph},
            "note": self.note,
            "verified": dict(self.verified) if self.verified else None,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Claim:
        """The claim whose `to_dict` is `record`; the record is trusted, not checked.

        What may be empty may be absent.
        """
        lists = {
            name: tuple(record.get(name, ()))
            for name in (*TERM_FIELDS, "countered_by", "basis", "refs")
        }
        return cls(
            id=record["id"],
            therapy=record["therapy"],
            effect=record["effect"],
            mechanism=record["mechanism"],
            at=Place(record["at"]["section"], record["at"]["paragraph"]),
            note=record.get("note"),
            verified=record.get("verified"),
            **lists,
        )


REFERENCE_FIELDS = (
    "authors",
    "title",
    "journal",
    "year",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "cited_as",
    "status",
    "note",
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One numbered entry of the source's reference list. None: not known, never guessed."""

    number: int
    authors: tuple[str, ...]
    title: str
    journal: str
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    cited_as: str = "claim"
    status: str = "ok"
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The reference as JSON values, `number` first, then `REFERENCE_FIELDS`."""
        record: dict[str, Any] = {"number": self.number}
        record.update((name, getattr(self, name)) for name in REFERENCE_FIELDS)
        record["authors"] = list(self.authors)
        return record

    @property
    def url(self) -> str:
        """Where to read on: the DOI; without one PubMed; without either a search for the title."""
        from urllib.parse import quote  # 3 ms that most commands do not need

        if self.doi:
            return "https://doi.org/" + quote(self.doi, safe="/:;()._-")
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{quote(self.pmid, safe='')}/"
        return "https://pubmed.ncbi.nlm.nih.gov/?term=" + quote(f'"{self.title}"', safe="")


TERM_FIELD_NAMES = (
    "label",
    "abbreviation",
    "synonyms",
    "parents",
    "xref",
    "xref_label",
    "xref_match",
)


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the vocabulary: a preferred label and every other way to write it.

    `parents` are labels of wider terms of the same kind; `xref` is the CURIE of an
    ontology's entry and `xref_match` how far the two mean the same.
    """

    kind: str
    label: str
    abbreviation: str | None = None
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    xref: str | None = None
    xref_label: str | None = None
    xref_match: str | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """Label, abbreviation and synonyms."""
        short = (self.abbreviation,) if self.abbreviation else ()
        return (self.label, *short, *self.synonyms)

    def to_dict(self) -> dict[str, Any]:
        """The term as JSON values, `kind` first."""
        return {
            "kind": self.kind,
            "label": self.label,
            "abbreviation": self.abbreviation,
            "synonyms": list(self.synonyms),
            "parents": list(self.parents),
            "xref": self.xref,
            "xref_label": self.xref_label,
            "xref_match": self.xref_match,
        }


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the source: its citation groups in order, and how long it is.

    `background` are references that this paragraph cites for a general statement
    only, although they back a claim elsewhere.
    """

    place: Place
    citations: tuple[tuple[int, ...], ...]
    background: tuple[int, ...] = ()
    words: int = 0

    @property
    def cited(self) -> tuple[int, ...]:
        """Every reference cited here, once each, in order."""
        return tuple(dict.fromkeys(number for group in self.citations for number in group))


@dataclass(frozen=True, slots=True)
class Source:
    """The publication that the claims restate: bibliographic record, licence, paragraphs.

    `constants` describe every claim alike (knowledge level, evidence code ...) and
    travel with exported data; `data_version` is the curators' version of the evidence.
    """

    record: Mapping[str, Any]
    paragraphs: tuple[Paragraph, ...]
    constants: Mapping[str, str]
    data_version: str = "0"

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(paragraph.place.section for paragraph in self.paragraphs))
