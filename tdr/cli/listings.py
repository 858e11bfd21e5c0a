"""Answers of the core as listings: which fields, in which order, which of them a table shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tdr.ask.query import CitedReference, Countermeasure, Evidence, Selection, TermCount
from tdr.model.errors import Problem, TdrError
from tdr.model.fields import RECORD_FIELDS, REFERENCE_FIELDS
from tdr.model.values import SCHEMA_VERSION, Claim
from tdr.render import Listing

if TYPE_CHECKING:
    from tdr.ask.coverage import ParagraphCoverage
    from tdr.ask.search import SearchResult

CLAIMS_SHOWN = ("id", "promotes", "opposes", "cancers", "agents", "mechanism", "refs")

_DIGITS = re.compile(r"(\d+)")


def _natural(value: Any) -> tuple[Any, ...]:
    """A sort key for a value of any field: numbers by size, text without case, nothing last."""
    if value is None or value == []:
        return (1,)
    if isinstance(value, bool | int | float):
        return (0, (0, value, ""))
    if isinstance(value, list):
        return (0, *(part for item in value for part in _natural(item)[1:]))
    if isinstance(value, Mapping):
        return (0, *(part for item in value.values() for part in _natural(item)[1:]))
    parts = _DIGITS.split(str(value).casefold())
    return (0, *((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part))


def arrange(
    records: Iterable[dict[str, Any]], columns: Sequence[str], sort: str | None, limit: int | None
) -> Iterable[dict[str, Any]]:
    """Records ordered by a field and cut to a number, as `--sort` and `--limit` ask.

    Raises TdrError for a field that is not one of the columns.
    """
    if sort is not None:
        field = sort.replace("-", "_")
        if field not in columns:
            near = get_close_matches(field, columns, 1, 0.5)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise TdrError(
                Problem(f"cannot sort by `{sort}`{hint} (fields: {', '.join(columns)})", "usage")
            )
        records = sorted(records, key=lambda record: _natural(record[field]))
    if limit is not None:
        records = _first(records, limit)
    return records


def _first(records: Iterable[dict[str, Any]], limit: int) -> Iterator[dict[str, Any]]:
    for position, record in enumerate(records):
        if position == limit:
            return
        yield record


def claims(
    evidence: Evidence,
    selection: Selection,
    *,
    sort: str | None = None,
    limit: int | None = None,
    notes: bool = False,
) -> Listing:
    """The selected claims with all their fields; with `notes`, a table shows them, too."""
    few = limit if sort is None else None
    listing = _claims(evidence, evidence.selected(selection, few), len(selection), sort, limit)
    return replace(listing, shown=(*CLAIMS_SHOWN, "note")) if notes else listing


def chosen_claims(
    evidence: Evidence, found: Sequence[Claim], *, sort: str | None = None, limit: int | None = None
) -> Listing:
    """These very claims, in this order."""
    return _claims(evidence, found, len(found), sort, limit)


def _claims(
    evidence: Evidence, found: Iterable[Claim], matched: int, sort: str | None, limit: int | None
) -> Listing:
    records = (claim.to_dict() for claim in found)
    return Listing(
        kind="claims",
        columns=RECORD_FIELDS,
        records=arrange(records, RECORD_FIELDS, sort, limit),
        matched=matched,
        total=len(evidence),
        shown=CLAIMS_SHOWN,
        data_version=evidence.index.data_version,
    )


def hits(
    evidence: Evidence, result: SearchResult, *, sort: str | None = None, limit: int | None = None
) -> Listing:
    """What a search found: claims with their rank, score and the words that matched."""
    columns = ("rank", "score", "matched", *RECORD_FIELDS)
    records = (
        {"rank": hit.rank, "score": hit.score, "matched": list(hit.matched), **hit.claim.to_dict()}
        for hit in result.hits
    )
    return Listing(
        kind="claims",
        columns=columns,
        records=arrange(records, columns, sort, limit),
        matched=result.matched,
        total=len(evidence),
        shown=("rank", "id", "therapy", "score", "mechanism", "refs"),
        data_version=evidence.index.data_version,
        highlight={hit.claim.id: {"mechanism": hit.marks} for hit in result.hits},
    )


def countermeasures(
    evidence: Evidence,
    rows: Sequence[Countermeasure],
    *,
    sort: str | None = None,
    limit: int | None = None,
) -> Listing:
    """What restores response, one record for each intervention."""
    columns = (
        "intervention",
        "claims",
        "therapies",
        "promotes",
        "opposes",
        "cancers",
        "agents",
        "refs",
    )
    records = (
        {
            "intervention": row.intervention,
            "claims": list(row.claims),
            "therapies": list(row.therapies),
            "promotes": list(row.promotes),
            "opposes": list(row.opposes),
            "cancers": list(row.cancers),
            "agents": list(row.agents),
            "refs": list(row.refs),
        }
        for row in rows
    )
    return Listing(
        kind="countermeasures",
        columns=columns,
        records=arrange(records, columns, sort, limit),
        matched=len(rows),
        total=len(evidence.index.values("countered_by")),
        shown=("intervention", "promotes", "opposes", "cancers", "agents", "refs", "claims"),
        data_version=evidence.index.data_version,
        id_column="intervention",
    )


def terms(
    evidence: Evidence,
    rows: Sequence[TermCount],
    total: int,
    *,
    sort: str | None = None,
    limit: int | None = None,
    indent: bool = False,
) -> Listing:
    """Terms with their counts; `indent` shows the hierarchy in the label (for tables)."""
    columns = (
        "kind",
        "label",
        "abbreviation",
        "claims",
        "direct",
        "depth",
        "parents",
        "synonyms",
        "xref",
        "xref_label",
        "xref_match",
    )

    def record(row: TermCount) -> dict[str, Any]:
        values = row.term.to_dict() | {
            "claims": row.claims,
            "direct": row.direct,
            "depth": row.depth,
        }
        if indent and sort is None:
            values["label"] = "· " * row.depth + row.term.label
        return {name: values[name] for name in columns}

    return Listing(
        kind="terms",
        columns=columns,
        records=arrange(map(record, rows), columns, sort, limit),
        matched=len(rows),
        total=total,
        shown=("label", "abbreviation", "claims", "xref"),
        data_version=evidence.index.data_version,
        id_column="label",
    )


def references(
    evidence: Evidence,
    rows: Sequence[CitedReference],
    *,
    sort: str | None = None,
    limit: int | None = None,
) -> Listing:
    """Entries of the reference list with the claims that rest on them."""
    columns = ("number", *REFERENCE_FIELDS, "url", "claims")
    records = (
        row.reference.to_dict() | {"url": row.reference.url, "claims": list(row.claims)}
        for row in rows
    )
    return Listing(
        kind="references",
        columns=columns,
        records=arrange(records, columns, sort, limit),
        matched=len(rows),
        total=len(evidence.references),
        shown=("number", "authors", "title", "journal", "year", "cited_as", "claims"),
        data_version=evidence.index.data_version,
        id_column="number",
    )


def coverage(
    evidence: Evidence,
    rows: Sequence[ParagraphCoverage],
    *,
    sort: str | None = None,
    limit: int | None = None,
) -> Listing:
    """Citations per paragraph: backed by a claim there, background, or open."""
    columns = (
        "section",
        "paragraph",
        "citations",
        "backed",
        "background",
        "open",
        "missing",
        "claims",
    )
    still_open = any(row.open for row in rows)
    records = (
        {
            "section": row.place.section,
            "paragraph": row.place.paragraph,
            "citations": row.citations,
            "backed": row.backed,
            "background": row.background,
            "open": row.open,
            "missing": list(row.missing),
            "claims": row.claims,
        }
        for row in rows
    )
    return Listing(
        kind="paragraphs",
        columns=columns,
        records=arrange(records, columns, sort, limit),
        matched=len(rows),
        total=len(rows),
        shown=tuple(name for name in columns if name != "missing" or still_open),
        data_version=evidence.index.data_version,
        id_column="section",
    )


def info(evidence: Evidence, path: str | None) -> Listing:
    """What the evidence is, in one record."""
    from tdr import __version__  # the package itself, above this module

    source = evidence.source
    record: dict[str, Any] = {
        "program": f"tdr {__version__}",
        "data_version": evidence.index.data_version,
        "schema_version": SCHEMA_VERSION,
        "evidence": path or "shipped with tdr",
        "claims": len(evidence),
        "noted": evidence.index.bits("noted", ["yes"]).bit_count(),
        "verified": sum(claim.verified is not None for claim in evidence.claims),
        "references": len(evidence.references),
        "terms": len(evidence.vocabulary),
        "source": _citation(source.record),
        "licence": source.record.get("licence"),
        **source.constants,
        "limits": "Statements of a review, restated; not verified against the primary papers "
        "unless a claim says so. Not medical advice.",
    }
    return Listing(
        kind="info",
        columns=tuple(record),
        records=[record],
        matched=1,
        total=1,
        shown=tuple(record),
        data_version=evidence.index.data_version,
        id_column="data_version",
    )


def _citation(record: Mapping[str, Any]) -> str:
    authors = record.get("authors") or []
    first = f"{authors[0]} et al. " if len(authors) > 1 else "".join(f"{a}. " for a in authors)
    year = f" ({record['year']})" if record.get("year") else ""
    return f"{first}{record.get('title', '')}{year}"
