"""Listings of claims with computed columns, in long format, or with references in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from tdr.ask.evidence import Evidence
from tdr.model.errors import usage_error
from tdr.model.fields import TERM_FIELDS
from tdr.model.standing import standing
from tdr.model.values import IDENTIFIERS
from tdr.render.listing import Listing

if TYPE_CHECKING:
    from tdr.ask.views.axes import Axis
    from tdr.model.values import Reference

Values = Mapping[str, Any]
Computed = Callable[[Values], Any]


def computed_columns(evidence: Evidence) -> dict[str, Computed]:
    """Columns of claims that are filled only if they are asked for -> the function of a record.

    `cells` are those of both sides, `references` short citations, `dois`, `pmids` and `pmcids`
    identifiers as far as known, `standing` is how well supported the claim is; `cells.xref`,
    `molecules.xref` ... are the ontology ids of the terms, in their order.
    """

    def cells(record: Values) -> list[Any]:
        return [*record["promotes"], *record["opposes"]]

    def cited(record: Values) -> list[Any]:
        from tdr.ask.views.tables import short_reference  # only if asked for

        return [
            short_reference(one, evidence.shown_name(record["source"], one.number))
            for one in _references(evidence, record)
        ]

    def identified(field: str) -> Computed:
        return lambda record: [
            value for one in _references(evidence, record) if (value := getattr(one, field))
        ]

    def xrefs(field: str, kind: str) -> Computed:
        def column(record: Values) -> list[Any]:
            values = (xref_of(evidence, kind, label) for label in record[field])
            return [xref for xref in values if xref]

        return column

    cell_xrefs = xrefs("cells", "cells")
    return {
        "cells": cells,
        "references": cited,
        **{f"{field}s": identified(field) for field in IDENTIFIERS},
        "standing": standing_of,
        "cells.xref": lambda record: cell_xrefs({"cells": cells(record)}),
        **{f"{field}.xref": xrefs(field, kind) for field, kind in TERM_FIELDS.items()},
    }


_WITHOUT_TERMS = ("references", *(f"{field}s" for field in IDENTIFIERS), "standing")
"""Computed columns that do not depend on lists of terms."""


def _references(evidence: Evidence, record: Values) -> list[Reference]:
    """The references of a claim that are in the reference list."""
    listed = evidence.references_of(record["source"])
    return [listed[number] for number in record["refs"] if number in listed]


def standing_of(record: Values) -> str:
    """The standing of a claim; see `tdr.model.standing`."""
    verdicts = ((one["ref"], one["agrees"]) for one in record["primary"])
    return standing(record["flags"], verdicts, record["refs"])


def xref_of(evidence: Evidence, kind: str, label: str) -> str | None:
    """The CURIE of a term, if it has one."""
    term = evidence.vocabulary.get(kind, label)
    return term.xref if term else None


def long_format(evidence: Evidence, listing: Listing, names: Sequence[str]) -> Listing:
    """The claims in long format: a record for each item of a field, or combination of several.

    A cell has its `side`, a term its `xref`. A claim without an item has one record, with None.
    Raises TdrError for a field that is no list of terms.
    """
    from tdr.ask.views.axes import axis  # only where it is asked for

    axes = list(dict.fromkeys(axis(name) for name in names))
    for one in axes:
        if one.kind is None or one.name == "member":
            raise usage_error(
                f"`--long {one.name}`: name a list of terms, such as cell or molecule"
            )
    first, *rest = (n for n in listing.columns if not any(n in one.facets for one in axes))
    new = tuple(name for one in axes for name in _names(one))

    def records() -> Iterator[Values]:
        for record in listing.records:
            kept = {name: record[name] for name in rest}
            for items in product(*(_items(evidence, one, record) for one in axes)):
                exploded = {name: value for item in items for name, value in item.items()}
                yield {first: record[first], **exploded, **kept}

    columns = (first, *new, *rest)
    shown = tuple(n for n in columns if n in (first, *new) or n in listing.shown)
    computed = {n: how for n, how in listing.computed.items() if n in _WITHOUT_TERMS}
    return listing._replace(columns=columns, shown=shown, records=records(), computed=computed)


def _names(axis: Axis) -> tuple[str, ...]:
    return (*(("side",) if axis.sided else ()), axis.name, f"{axis.name}.xref")


def _items(evidence: Evidence, axis: Axis, record: Values) -> list[Values]:
    """The items of a field in a claim: side, label and xref; a single one of None if empty."""
    labels: list[tuple[str | None, Any]] = [
        (facet, label) for facet in axis.facets for label in record[facet]
    ]
    assert axis.kind is not None
    items: list[Values] = []
    for facet, label in labels or [(None, None)]:
        xref = xref_of(evidence, axis.kind, label) if label is not None else None
        values = (facet, label, xref) if axis.sided else (label, xref)
        items.append(dict(zip(_names(axis), values, strict=True)))
    return items


def with_full_references(evidence: Evidence, listing: Listing) -> Listing:
    """The claims with their references in full, their notes and statements of other sources."""
    from tdr.ask.views.agreement import OtherSources
    from tdr.model.publication import Publication
    from tdr.render.citations import vancouver  # only for this

    def entry(source: str, number: int) -> str:
        known = evidence.references_of(source).get(number)
        name = evidence.shown_name(source, number)
        return f"[{name}]" if known is None else f"[{name}] {vancouver(Publication.of(known))}"

    def extended(record: Values) -> Values:
        source = record["source"]
        written = {"references": [entry(source, number) for number in record["refs"]]}
        if several:
            claim = evidence.index.find(record["id"])
            written["other_sources"] = others.lines(claim) if claim else []
        return {**record, **written}

    several, others = len(evidence.keys) > 1, OtherSources(evidence)
    added = ("references", *(("other_sources",) if several else ()))
    shown = tuple(name for name in listing.shown if name != "refs")
    computed = {name: how for name, how in listing.computed.items() if name != "references"}
    return listing._replace(
        columns=(*listing.columns, *added),
        records=map(extended, listing.records),
        shown=(*shown, "note", *added),
        computed=computed,
    )
