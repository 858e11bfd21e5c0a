"""The claims and what belongs to them as plain tables, the same in every database and data set.

`claims` has a row for each claim, with lists in list columns; `claim_terms` and `claim_refs` have
the lists one item a row, for joins. Tables of claims have the selected claims only; `sources`,
`refs`, `terms` and `closure` are complete, so that every join finds its partner. A reference is
identified by its source and its number there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.works import Works
from tdr.model import table as claim_table
from tdr.model.fields import FIELDS_OF_REFERENCE, FIELDS_OF_TERM
from tdr.model.table import Type

TableRow = tuple[Any, ...]
ForeignKeys = Mapping[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the type of its values, whether it holds lists of them, and what it means."""

    name: str
    type: Type = "text"
    is_list: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `primary_key` are the columns that identify a row, `order` those it is sorted by.

    `foreign_keys` maps columns that together identify a row of another table to that table.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Callable[[Evidence, Selection], Iterable[TableRow]]
    primary_key: tuple[str, ...]
    order: tuple[str, ...] = ()
    foreign_keys: ForeignKeys = field(default_factory=dict)


_LISTED = tuple(c for c in claim_table.COLUMNS if c.is_list and c.type == "text")
"""Columns of claims whose items have rows in `claim_terms`."""

_CLAIM = Column("claim", meaning="Id of the claim.")
_SOURCE = Column("source", meaning="Key of the source whose number it is.")
_OF_CLAIM: ForeignKeys = {("claim",): "claims"}
_CITES: ForeignKeys = {("claim",): "claims", ("source", "ref"): "refs"}
_N = Column("n", "number", meaning="Place of the claim in file order, from 0.")


def _claims(evidence: Evidence, selection: Selection) -> Iterator[TableRow]:
    for number, claim in enumerate(evidence.selected(selection)):
        yield tuple(claim_table.row(number, claim).values())


def _claim_terms(evidence: Evidence, selection: Selection) -> Iterator[TableRow]:
    for number, claim in enumerate(evidence.selected(selection)):
        for column in _LISTED:
            for value in dict.fromkeys(column.of(claim)):
                yield (number, claim.id, column.name, value)


def _claim_refs(evidence: Evidence, selection: Selection) -> Iterator[TableRow]:
    for number, claim in enumerate(evidence.selected(selection)):
        for reference in dict.fromkeys(claim.refs):
            yield (number, claim.id, claim.source, reference)


def _steps(evidence: Evidence, selection: Selection) -> Iterator[TableRow]:
    for claim in evidence.selected(selection):
        for number, step in enumerate(claim.steps, 1):
            yield (claim.id, number, step.source, step.does, step.target, step.place, step.sign)


def _comparisons(evidence: Evidence, selection: Selection) -> Iterator[TableRow]:
    for claim in evidence.selected(selection):
        for one in claim.primary:
            yield (claim.id, claim.source, one.ref, one.agrees, list(one.differs), one.says,
                   one.read, one.date, one.by)  # fmt: skip


def _sources(evidence: Evidence, _: Selection) -> Iterator[TableRow]:
    for source in evidence.sources.values():
        record = source.record
        yield (source.key, source.kind, source.state, record.get("title"),
               list(record.get("authors") or ()), record.get("year"), record.get("doi"),
               record.get("licence"), source.data_licence)  # fmt: skip


def _refs(evidence: Evidence, _: Selection) -> Iterator[TableRow]:
    works = Works(evidence)
    for name, reference in evidence.bibliography.items():
        work = works.references[works.of(name)]
        more = {
            "source": reference.source,
            "url": reference.url,
            "work": f"{work.source}:{work.number}",
        }
        values = reference.to_dict() | more
        yield tuple(values[column.name] for column in _REFS)


def _terms(evidence: Evidence, _: Selection) -> Iterator[TableRow]:
    for term in evidence.vocabulary:
        values = term.to_dict()
        if term.kind == "cells":
            values["lineage"] = evidence.vocabulary.lineage(term.label)
        yield tuple(values[column.name] for column in _TERMS)


def _closure(evidence: Evidence, _: Selection) -> Iterator[TableRow]:
    vocabulary = evidence.vocabulary
    for term in vocabulary:
        for wider in (term.label, *vocabulary.ancestors(term.kind, term.label)):
            yield (term.kind, term.label, wider)


_REFS = (
    _SOURCE,
    Column("number", "number", meaning="Number in the source's reference list."),
    *(
        Column(f.name, "number" if f.type == "number" else "text", f.type == "texts", f.meaning)
        for f in FIELDS_OF_REFERENCE
    ),
    Column("url", meaning="Link to the publication."),
    Column("work", meaning="First reference of any source that is the same work, `KEY:number`."),
)
_TERMS = (
    Column("kind", meaning="cells, cancers, agents, molecules, pathways or processes."),
    *(
        Column(f.name, "text", f.type in ("texts", "names"), f.meaning)
        for f in FIELDS_OF_TERM
        if f.in_record
    ),
)

TABLES: tuple[Table, ...] = (
    Table(
        "claims",
        "One row for each claim, in file order.",
        (
            _N,
            *(Column(c.name, c.type, c.is_list, c.meaning) for c in claim_table.COLUMNS),
        ),
        _claims,
        ("id",),
        ("n",),
        {("source",): "sources"},
    ),
    Table(
        "claim_terms",
        "The lists of texts of `claims`, one item a row.",
        (
            _N,
            _CLAIM,
            Column("field", meaning="Column of `claims`: promotes, opposes, cancers ..."),
            Column("value", meaning="Label of a term, or another item."),
        ),
        _claim_terms,
        ("claim", "field", "value"),
        ("field", "value", "n"),
        _OF_CLAIM,
    ),
    Table(
        "claim_refs",
        "The references of claims, one a row.",
        (_N, _CLAIM, _SOURCE, Column("ref", "number", meaning="Number of the reference.")),
        _claim_refs,
        ("claim", "ref"),
        ("source", "ref", "n"),
        _CITES,
    ),
    Table(
        "steps",
        "The mechanisms as signed links, one a row.",
        (
            _CLAIM,
            Column("number", "number", meaning="Place of the step in its claim, from 1."),
            Column("source", meaning="What acts."),
            Column("does", meaning="secretes, activates, inhibits ..."),
            Column("target", meaning="What is acted on; `resistance` is that of the claim."),
            Column("place", meaning="The cell in which it happens, where one is named."),
            Column("sign", "number", meaning="1 raises, -1 lowers, 0 says no direction."),
        ),
        _steps,
        ("claim", "number"),
        foreign_keys=_OF_CLAIM,
    ),
    Table(
        "comparisons",
        "What a cited paper reports beside what the claim says, one paper a row.",
        (
            _CLAIM,
            _SOURCE,
            Column("ref", "number", meaning="Number of the paper."),
            Column("agrees", meaning="yes, partly, no or unclear."),
            Column("differs", is_list=True, meaning="What the two differ in."),
            Column("says", meaning="What the paper reports, in own words."),
            Column("read", meaning="What of the paper was read."),
            Column("date", meaning="Date of the comparison."),
            Column("by", meaning="By whom; `machine`, or a person."),
        ),
        _comparisons,
        ("claim", "ref"),
        foreign_keys=_CITES,
    ),
    Table(
        "sources",
        "The publications whose claims these are, the first one first.",
        (
            Column("key", meaning="Short name of the source."),
            Column("kind", meaning="review, or papers: a list of works with claims of their own."),
            Column("state", meaning="Whether every citation of it is accounted for."),
            Column("title", meaning="Title."),
            Column("authors", is_list=True, meaning="Authors, surname first."),
            Column("year", "number", meaning="Year of publication."),
            Column("doi", meaning="DOI."),
            Column("licence", meaning="Licence of the publication."),
            Column("data_licence", meaning="Licence of the claims."),
        ),
        _sources,
        ("key",),
    ),
    Table(
        "refs",
        "The reference lists of all sources, whole.",
        _REFS,
        _refs,
        ("source", "number"),
        foreign_keys={("source",): "sources"},
    ),
    Table("terms", "The vocabulary, whole.", _TERMS, _terms, ("kind", "label")),
    Table(
        "closure",
        "Every term with each wider one, and with itself.",
        (
            Column("kind", meaning="Kind of both."),
            Column("label", meaning="The term."),
            Column("wider", meaning="A wider term, or the term itself."),
        ),
        _closure,
        ("kind", "label", "wider"),
    ),
)
"""The tables, in an order in which they can be filled."""

BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}

VIEWS: Mapping[str, tuple[str, str]] = {
    "claim_cells": (
        "Which cells stand on which side of a claim, with the entry of the ontology.",
        "SELECT t.claim, t.field AS side, t.value AS cell, terms.xref, terms.lineage\n"
        "FROM claim_terms AS t JOIN terms ON terms.kind = 'cells' AND terms.label = t.value\n"
        "WHERE t.field IN ('promotes', 'opposes')",
    ),
    "claim_wider": (
        "Each claim under each of its terms and all wider ones.",
        "SELECT DISTINCT t.n, t.claim, t.field, closure.wider AS term\n"
        "FROM claim_terms AS t JOIN closure ON closure.label = t.value",
    ),
    "claim_citations": (
        "The references of each claim, written out.",
        "SELECT c.claim, refs.* FROM claim_refs AS c\n"
        "JOIN refs ON refs.source = c.source AND refs.number = c.ref",
    ),
    "source_claims": (
        "How many claims each source makes on a therapy.",
        "SELECT sources.key AS source, claims.therapy, count(claims.id) AS claims\n"
        "FROM sources LEFT JOIN claims ON claims.source = sources.key\n"
        "GROUP BY sources.key, claims.therapy",
    ),
    "shared_works": (
        "Works that several sources list, with what each calls them.",
        "SELECT a.work, a.source, a.number, b.source AS other, b.number AS other_number\n"
        "FROM refs AS a JOIN refs AS b ON a.work = b.work AND a.source < b.source",
    ),
}
"""Views of the databases: name -> what it shows, and its statement."""
