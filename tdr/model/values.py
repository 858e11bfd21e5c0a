"""The values everything else is about: claims, references, terms and the source.

Field names are a contract that users' scripts rely on; see docs/evidence.md.
Nothing here reads, prints or looks anything up.
"""

# Annotations are not put off: named tuples of texts would compile each one at every start.

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from tdr.model.field import Codec, keys
from tdr.model.fields import FIELDS_OF_REFERENCE, FIELDS_OF_TERM, FIRST, IN_RECORD
from tdr.model.place import NOWHERE, Place
from tdr.model.standing import PaperComparison, standing
from tdr.model.steps import Step

SCHEMA_VERSION = 2
"""Version of the JSON shape of claims; raised when keys are added or change their meaning."""

KINDS: Mapping[str, str] = {
    "cells": "cell",
    "cancers": "cancer",
    "agents": "agent",
    "molecules": "molecule",
    "pathways": "pathway",
    "processes": "process",
}
"""Kinds of terms; each is a file of the vocabulary."""

IDENTIFIERS = ("doi", "pmid", "pmcid")
"""Fields of a reference that identify the work, the surest first."""

NO_TITLE = "(no title)"
"""Stands for the title of a work whose title is not known."""

SOURCE_KEY = r"(?!(?:doi|pmid|pmcid|pubmed|http|https)$)[a-z][a-z0-9-]{1,23}"
"""Pattern of a source's key, which names a folder and begins ids: it is no other known prefix."""


def invalid_key(text: str) -> str:
    """The message about a text that cannot be the key of a source."""
    return (
        f"`{text}` cannot be a key: it is 2 to 24 small letters, digits and hyphens, "
        "a letter first, such as acar2016"
    )


SAFE_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""Pattern of a claim's id, which is safe as an argument and as a file name."""

_CLAIM, _REFERENCE, _TERM = (
    Codec(keys(fields)) for fields in (IN_RECORD, FIELDS_OF_REFERENCE, FIELDS_OF_TERM)
)


class Claim(NamedTuple):
    """One finding about response or resistance to one therapy, with the references behind it.

    `promotes` are cells whose presence or activity favours resistance, `opposes`
    those that favour response. An empty tuple means that the source does not say.
    Items of term fields are preferred labels of the vocabulary. `FIELDS` tells what
    each field means and may hold. `source` is the key of the source that makes the claim; `refs`
    are numbers in its list of references.
    """

    id: str
    therapy: str
    effect: str
    mechanism: str
    refs: tuple[int, ...]
    promotes: tuple[str, ...] = ()
    opposes: tuple[str, ...] = ()
    cancers: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    molecules: tuple[str, ...] = ()
    pathways: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    countered_by: tuple[str, ...] = ()
    hedged: bool = False
    basis: tuple[str, ...] = ()
    at: Place = NOWHERE
    flags: tuple[str, ...] = ()
    note: str | None = None
    primary: tuple[PaperComparison, ...] = ()
    verified: Mapping[str, Any] | None = None
    source: str = FIRST

    @property
    def standing(self) -> str:
        """One of STANDINGS: what flags and cited papers say about the claim, never stored."""
        return standing(self.flags, ((one.ref, one.agrees) for one in self.primary), self.refs)

    def to_dict(self) -> dict[str, Any]:
        """The claim as JSON values; keys are `RECORD_FIELDS`, in that order, always all of them."""
        return _CLAIM.to_dict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The claim whose `to_dict` is `record`; the record is trusted, not checked.

        What may be empty may be absent.
        """
        return cls(**_CLAIM.attributes(record))


class Reference(NamedTuple):
    """One numbered entry of a source's reference list. None: not known, never guessed.

    `source` is the key of the source: numbers are each source's own.
    """

    number: int
    authors: tuple[str, ...]
    title: str
    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    key: str | None = None
    cited_as: str = "claim"
    status: str = "ok"
    checked: str | None = None
    note: str | None = None
    same_as: str | None = None
    source: str = FIRST

    def to_dict(self) -> dict[str, Any]:
        """The reference as JSON values: `number`, then `REFERENCE_FIELDS`."""
        return {"number": self.number, **_REFERENCE.to_dict(self)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], source: str = FIRST) -> Self:
        """The reference of a source whose `to_dict` is `record`."""
        return cls(record["number"], **_REFERENCE.attributes(record), source=source)

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """Field and value, in small letters, of each of its IDENTIFIERS."""
        values = ((name, getattr(self, name)) for name in IDENTIFIERS)
        return tuple((name, value.casefold()) for name, value in values if value)

    @property
    def byline(self) -> str:
        """Its authors and year, by which people remember a work."""
        return " ".join((*self.authors, str(self.year or "")))

    @property
    def url(self) -> str:
        """The address of the work: by DOI, else PubMed id, else PubMed Central id, else a search of
        PubMed for its title.

        Identifiers that are not well-formed are passed over.
        """
        from urllib.parse import quote  # 3 ms that most commands do not need

        from tdr.model.identifiers import address

        for name in IDENTIFIERS:
            if link := address(name, getattr(self, name) or ""):
                return link
        wanted = quote(f'"{self.title}"', safe="", errors="replace")
        return f"https://pubmed.ncbi.nlm.nih.gov/?term={wanted}"


class Term(NamedTuple):
    """One entry of the vocabulary: a preferred label and every other way to write it.

    `parents` are labels of wider terms of the same kind; `xref` is the CURIE of an
    ontology's entry and `xref_match` how far the two mean the same; `definition` says in plain
    words what it is.
    """

    kind: str
    label: str
    abbreviation: str | None = None
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    xref: str | None = None
    xref_label: str | None = None
    xref_match: str | None = None
    lineage: str | None = None
    definition: str | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """Label, abbreviation and synonyms."""
        short = (self.abbreviation,) if self.abbreviation else ()
        return (self.label, *short, *self.synonyms)

    def to_dict(self) -> dict[str, Any]:
        """The term as JSON values, `kind` first."""
        return {"kind": self.kind, **_TERM.to_dict(self)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The term whose `to_dict` is `record`."""
        return cls(record["kind"], **_TERM.attributes(record))
