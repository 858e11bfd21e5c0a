"""The data of the page's script: claims as the command line writes them, the facets by which
they are filtered, vocabulary, references.

It comes from the code that answers on the command line, so that the page gives the same answers.
It is compressed, because it repeats what is in the HTML.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b85encode
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from tdr.ask.bibliography import Bibliography
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.filter_values import source_called
from tdr.ask.views.agreement import OtherSources
from tdr.index import BYLINE, LEADING, TITLED, WORD_FIELDS, Index
from tdr.index.bits import numbers
from tdr.model.fields import FIELDS, LINEAGES, RECORD_FIELDS, TERM_FIELDS
from tdr.model.filters import FILTERS
from tdr.model.rows import Columns
from tdr.model.standing import FLAGS
from tdr.model.steps import ASSOCIATIONS, RELATIONS, RESISTANCE, chains
from tdr.model.text import fold_tables
from tdr.model.tokens import ENDINGS
from tdr.model.values import SCHEMA_VERSION, Claim, Term
from tdr.render import Listing, citations, render
from tdr.render.page.claims import cited
from tdr.render.picture import svg
from tdr.render.picture.heatmap import EMPTY, HATCH
from tdr.render.terminal.card import field_value


def compressed(value: object) -> str:
    """A value as compressed JSON in base 85, with `,` instead of `<`, which HTML would read."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return b85encode(zlib.compress(text.encode(), 9)).decode().replace("<", ",")


def page_data(evidence: Evidence, selection: Selection, claims: Sequence[Claim]) -> dict[str, Any]:
    """The data of the script by name. Claims are in the order of the page."""
    others, index = OtherSources(evidence), evidence.index.with_words()
    return {
        "schema_version": SCHEMA_VERSION,
        "data_version": evidence.data_version,
        "total": len(evidence),
        "csv": "".join(render(_listing(evidence), "csv")),
        "bibtex": "".join(citations.bibtex(())),
        "claims": [
            {"number": number, **_claim(evidence, claim), "others": others.lines(claim)}
            for number, claim in zip(numbers(selection.bits), claims, strict=True)
        ],
        "facets": dict(_facets(index)),
        "word_fields": WORD_FIELDS,
        "spellings": {of: _spellings(index.spellings(of)) for of in ("word", "name")},
        "filters": [
            {
                "name": entry.name,
                "meaning": entry.meaning,
                "facets": entry.facets,
                "kind": entry.kind,
                "words": tuple(evidence.therapies) if entry.name == "therapy" else entry.words,
                "option": entry.short or entry.option,
                "counted": entry.counted,
            }
            for entry in FILTERS.values()
        ],
        "references": dict(_references(evidence, claims)),
        "terms": [_term(term) for term in evidence.vocabulary],
        "therapies": {label: one.forms[1:] for label, one in evidence.therapies.items()},
        "sources": evidence.index.keys,
        "naming": dict(_naming(evidence)),
        "relations": {name: (one.sign, name in ASSOCIATIONS) for name, one in RELATIONS.items()},
        "flags": {name: flag.meaning for name, flag in FLAGS.items()},
        "folding": {**fold_tables(), "ending": ENDINGS},
        "asking": _constants("query", frozenset, re.Pattern, str, int)
        | _constants("english", frozenset),
        "weights": _constants("words", float, int, tuple, dict),
        "search": _constants("__init__", float, int),
        "picture": _picture_style(evidence),
    }


def _claim(evidence: Evidence, claim: Claim) -> dict[str, Any]:
    """A claim as the command line writes it, and what its card has besides its fields."""
    target = ", ".join(claim.agents) or evidence.therapies[claim.therapy].full_name
    return {
        "record": claim.to_dict(),
        "standing": claim.standing,
        "csv": "".join(render(_listing(evidence, claim), "csv", header=False)),
        "chains": [[claim.steps.index(step) for step in way] for way in chains(claim.steps)],
        "resistance": f"{RESISTANCE} to {target}",
        "facts": [
            (field.label.capitalize(), value)
            for field in FIELDS
            if field.label
            and field.name not in _SHOWN_ELSEWHERE
            and (value := field_value(field, claim))
        ],
    }


_SHOWN_ELSEWHERE = frozenset(
    (*TERM_FIELDS, "steps", "countered_by", "refs", "flags", "note", "primary")
)
"""Fields that are in the row, or for which the script has code of its own."""


def _listing(evidence: Evidence, *claims: Claim) -> Listing:
    return Listing.of(evidence, Columns("claims", RECORD_FIELDS), claims)


def _facets(index: Index) -> Iterator[tuple[str, list[tuple[list[int], list[str]]]]]:
    """Each facet for filters and search, as pairs: a set of claims and the labels that exactly
    these have. A set is written as the distances between the numbers of its claims."""
    filtered = (facet for entry in FILTERS.values() for facet in entry.facets)
    for facet in dict.fromkeys((*filtered, *WORD_FIELDS, BYLINE, LEADING, TITLED)):
        groups: dict[int, list[str]] = {}
        for label, bits in index.claims_by_value(facet).items():
            groups.setdefault(bits, []).append(label)
        yield facet, [(_distances(bits), labels) for bits, labels in groups.items()]


def _distances(bits: int) -> list[int]:
    members = list(numbers(bits))
    return [number - before for number, before in zip(members, [0, *members], strict=False)]


def _spellings(known: Mapping[str, str]) -> str:
    """A line for each word, with its spelling if it differs."""
    return "\n".join(word if word == text else f"{word}\t{text}" for word, text in known.items())


def _constants(module: str, *types: type) -> dict[str, Any]:
    """The constants of these types in a module of the search, such as lists of words, weights."""
    constants = {
        name: value
        for name, value in vars(import_module(f"tdr.ask.search.{module}")).items()
        if name.isupper() and isinstance(value, types)
    }
    for name, value in constants.items():  # as JSON has them
        if isinstance(value, re.Pattern):
            constants[name] = value.pattern
        elif isinstance(value, frozenset):
            constants[name] = sorted(value)
    return constants


def _references(
    evidence: Evidence, claims: Sequence[Claim]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of each reference, with its identifiers and its records for reference managers."""
    head, bibliography = len("".join(citations.bibtex(()))), Bibliography(evidence)
    for source, number in cited(claims):
        reference = evidence.references_of(source).get(number)
        if reference is not None:
            name = evidence.name_of(source, number)
            published = [bibliography.publication(name)]
            yield (
                str(name),
                {
                    "work": str(bibliography.work(name)),
                    "year": reference.year,
                    "doi": reference.doi,
                    "pmid": reference.pmid,
                    "pmcid": reference.pmcid,
                    "ris": "".join(citations.ris(published)),
                    "bibtex": "".join(citations.bibtex(published))[head:],
                },
            )


def _picture_style(evidence: Evidence) -> dict[str, Any]:
    """Texts and colours of the map as a picture, those of `tdr matrix --svg`; each colour with
    that of text on it."""
    return {
        "title": "Claims on resistance by cell and therapy",
        "origin": f"{evidence.origin}, by tdr; data {evidence.data_version}",
        "ramps": {
            side: [(color, svg.text_color(color)) for color in colors]
            for side, colors in svg.RAMPS.items()
        },
        "ink": svg.INK,
        "faint": svg.FAINT,
        "background": svg.BACKGROUND,
        "empty": EMPTY,
        "groups": LINEAGES,
        "hatch": HATCH,
    }


def _naming(evidence: Evidence) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key of each source, its name, and which terms without a claim it names or does not name."""
    for key, one in evidence.sources.items():
        does = {label: one.naming(label) for label in (*one.named, *one.unnamed)}
        yield key, {"who": source_called(evidence, key), "does": does}


def _term(term: Term) -> dict[str, Any]:
    unused = ("xref_label", "lineage", "definition")
    return {name: of for name, of in term.to_dict().items() if of and name not in unused}
