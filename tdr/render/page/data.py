"""What the script of the page looks up: the claims as the command line writes them, the facets
by which they are filtered, the vocabulary, the references.

All of it was made by the code that answers on the command line, so that the page cannot answer
otherwise. It is packed, for a page that holds everything twice would be twice as large.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from tdr.ask.query import Evidence, Selection
from tdr.model.fields import FIELDS, RECORD_FIELDS, TERM_FIELDS
from tdr.model.filters import FILTERS
from tdr.model.publication import Publication
from tdr.model.rows import Columns
from tdr.model.standing import FLAGS
from tdr.model.steps import ASSOCIATIONS, RELATIONS, RESISTANCE, chains
from tdr.model.text import FOLDING
from tdr.model.therapies import OTHER_NAMES, full_name
from tdr.model.values import SCHEMA_VERSION, Claim, Term
from tdr.render import Listing, citations, render
from tdr.render.page.references import cited
from tdr.render.terminal.card import shown


def packed(value: object) -> str:
    """A value as compressed JSON in base64."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return b64encode(zlib.compress(text.encode(), 9)).decode()


def page_data(
    evidence: Evidence, selection: Selection, claims: Sequence[Claim], picture: str
) -> dict[str, Any]:
    """All that the script looks up; claims are known by their place on the page."""
    return {
        "schema_version": SCHEMA_VERSION,
        "data_version": evidence.index.data_version,
        "total": len(evidence),
        "csv": "".join(render(_listing(evidence), "csv")),
        "bibtex": "".join(citations.bibtex(())),
        "claims": [_claim(evidence, claim) for claim in claims],
        "facets": _facets(evidence, selection),
        "filters": [
            {
                "name": entry.name,
                "meaning": entry.meaning,
                "facets": entry.facets,
                "kind": entry.kind,
                "words": entry.words,
                "option": entry.short or entry.option,
                "counted": entry.counted,
            }
            for entry in FILTERS.values()
        ],
        "references": dict(_references(evidence, claims)),
        "terms": [_term(term) for term in evidence.vocabulary],
        "therapies": OTHER_NAMES,
        "sources": evidence.index.keys,
        "relations": {name: (one.sign, name in ASSOCIATIONS) for name, one in RELATIONS.items()},
        "flags": {name: flag.meaning for name, flag in FLAGS.items()},
        "folding": FOLDING,
        "picture": picture,
    }


def _claim(evidence: Evidence, claim: Claim) -> dict[str, Any]:
    """A claim as the command line writes it, and what its card says besides its own fields."""
    target = ", ".join(claim.agents) or full_name(claim.therapy)
    return {
        "record": claim.to_dict(),
        "standing": claim.standing,
        "csv": "".join(render(_listing(evidence, claim), "csv", header=False)),
        "chains": [[claim.steps.index(step) for step in way] for way in chains(claim.steps)],
        "resistance": f"{RESISTANCE} to {target}",
        "facts": list(_facts(claim)),
    }


def _facts(claim: Claim) -> Iterator[tuple[str, object]]:
    """Name and text of what a card says as `tdr show` does."""
    for field in FIELDS:
        if field.label and field.name not in _SHOWN_OTHERWISE and (value := shown(field, claim)):
            yield field.label.capitalize(), value


_SHOWN_OTHERWISE = frozenset(
    (*TERM_FIELDS, "steps", "countered_by", "refs", "flags", "note", "primary")
)
"""Fields that stand in the row, or that the script shows each in a way of its own."""


def _listing(evidence: Evidence, *claims: Claim) -> Listing:
    return Listing.of(evidence, Columns("claims", RECORD_FIELDS), claims)


def _facets(evidence: Evidence, selection: Selection) -> dict[str, dict[str, list[int]]]:
    """Facet of the index -> label -> places of the claims that have it."""
    numbers = [n for n in range(selection.bits.bit_length()) if selection.bits >> n & 1]
    places = {number: place for place, number in enumerate(numbers)}
    return {
        facet: {
            label: [places[number] for number in numbers if bits >> number & 1]
            for label, bits in evidence.index.members(facet).items()
            if bits & selection.bits
        }
        for facet in dict.fromkeys(facet for entry in FILTERS.values() for facet in entry.facets)
    }


def _references(
    evidence: Evidence, claims: Sequence[Claim]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of a reference, its identifiers and how reference managers take it."""
    head = len("".join(citations.bibtex(())))
    for source, number in cited(claims):
        reference = evidence.references_of(source).get(number)
        if reference is not None:
            name = evidence.name_of(source, number)
            published = [Publication.called(name, reference)]
            yield (
                str(name),
                {
                    "title": reference.title,
                    "year": reference.year,
                    "doi": reference.doi,
                    "pmid": reference.pmid,
                    "ris": "".join(citations.ris(published)),
                    "bibtex": "".join(citations.bibtex(published))[head:],
                },
            )


def _term(term: Term) -> dict[str, Any]:
    values = {
        "kind": term.kind,
        "label": term.label,
        "abbreviation": term.abbreviation,
        "synonyms": term.synonyms,
        "parents": term.parents,
        "xref": term.xref,
        "xref_match": term.xref_match,
    }
    return {name: value for name, value in values.items() if value}
