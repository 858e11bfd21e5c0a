"""The listings that take more than rows: claims, hits, terms as a tree, info."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tdr.ask.evidence import Evidence
from tdr.model.fields import RECORD_FIELDS
from tdr.model.rows import Columns
from tdr.model.values import SCHEMA_VERSION, Claim
from tdr.render import Listing
from tdr.render.claims import computed_columns

if TYPE_CHECKING:
    from tdr.ask.search import SearchResult
    from tdr.ask.views.lists import TermCount
    from tdr.model.source import Source

CLAIMS = Columns(
    "claims",
    RECORD_FIELDS,
    shown=("id", "promotes", "opposes", "cancers", "agents", "mechanism", "refs"),
)
HITS = Columns(
    "claims",
    ("rank", "score", "matched", *RECORD_FIELDS, "unmet"),
    shown=("rank", "id", "therapy", "score", "mechanism", "refs"),
    id="id",
)


def claims(evidence: Evidence, found: Iterable[Claim], matched: int) -> Listing:
    """Claims with all their fields."""
    listing = Listing.of(evidence, CLAIMS, found, matched=matched, total=len(evidence))
    return listing._replace(computed=computed_columns(evidence))


def hits(evidence: Evidence, result: SearchResult, *, apart: bool) -> Listing:
    """What a search found: claims with their rank, score and the words that matched.

    Weak hits stand `apart` from the others, or after them.
    """
    every = (*result.hits, *result.weak)
    records = [hit.to_dict() for hit in every]
    first = len(result.hits) if apart else len(every)
    matched = result.matched if apart else result.matched + len(result.weak)
    listing = Listing.of(evidence, HITS, records[:first], matched=matched, total=len(evidence))
    shown = listing.shown
    if result.references:  # a query for authors is answered by whole references
        shown = tuple("references" if name == "refs" else name for name in shown)
    if any(hit.unmet for hit in every):
        shown = (*shown, "unmet")
    return listing._replace(
        weak=records[first:] if apart else None,
        shown=shown,
        highlight={hit.claim.id: {"mechanism": hit.marks} for hit in every},
        limit=first,
        computed=computed_columns(evidence),
    )


def terms(
    evidence: Evidence, rows: Sequence[TermCount], total: int, *, indent: bool = False
) -> Listing:
    """Terms with their counts; `indent` shows the hierarchy in the label (for tables)."""
    from tdr.ask.views.lists import TermCount  # not needed for other listings

    listing = Listing.of(evidence, TermCount, rows, total=total)
    if not indent:
        return listing
    records = (
        {**record, "label": "· " * row.depth + row.term.label}
        for row, record in zip(rows, listing.records, strict=True)
    )
    return listing._replace(records=records)


def info(evidence: Evidence, paths: Sequence[str]) -> Listing:
    """What the evidence is, in one record."""
    from tdr import __version__  # the package itself, above this module

    source, sources = evidence.source, tuple(evidence.sources.values())
    limits = source.limits
    if len(sources) > 1:
        limits = " ".join(f"{one.key}: {one.limits}" for one in sources)
    record: dict[str, Any] = {
        "program": f"tdr {__version__}",
        "data_version": evidence.data_version,
        "schema_version": SCHEMA_VERSION,
        "evidence": ", ".join(paths) or "shipped with tdr",
        "claims": len(evidence),
        "noted": evidence.index.claims_with("noted", ["yes"]).bit_count(),
        "verified": evidence.index.claims_with("verified", ["yes"]).bit_count(),
        "references": len(evidence.bibliography),
        "terms": len(evidence.vocabulary),
        "source": source.citation,
        **(
            {"sources": [_source_line(evidence, one) for one in sources]}
            if len(sources) > 1
            else {}
        ),
        "licence": source.record.get("licence"),
        "data_licence": source.data_licence,
        **source.constants,
        "limits": f"{limits} Not medical advice.",
    }
    return Listing.of(evidence, Columns("info", tuple(record), id="data_version"), [record])


def _source_line(evidence: Evidence, source: Source) -> str:
    claims = evidence.index.claims_with("source", [source.key]).bit_count()
    references = len(evidence.references_of(source.key))
    counts = f"{claims} claims, {references} references"
    return f"{source.key} ({source.kind}): {source.citation}: {counts}"
