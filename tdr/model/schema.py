"""JSON Schema (2020-12) of the evidence files and of JSON output, generated from the model.

An editor that speaks to a YAML language server uses one through the first line of a file:

    # yaml-language-server: $schema=path/to/claims.json

A schema sees one file: what points to other files (labels, reference numbers, places) is
for `tdr check`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tdr.model.errors import Problem, TdrError
from tdr.model.values import (
    BASES,
    CITED_AS,
    CLAIM_FIELDS,
    EFFECTS,
    MATCHES,
    RECORD_FIELDS,
    REFERENCE_FIELDS,
    SCHEMA_VERSION,
    STATUSES,
    TERM_FIELD_NAMES,
    TERM_FIELDS,
    THERAPIES,
)

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAY_BE_ABSENT = ("basis", "note", "verified")
"""Fields that a claim in a file may leave out."""

_REF = {"type": "integer", "minimum": 1, "maximum": 999_999}
_TEXT = {"type": "string", "minLength": 1}
_NAME = {"type": "string", "pattern": "^\\S+( \\S+)*$"}
_TEXT_OR_NULL = {"type": ["string", "null"]}

_MEANING = {
    "id": "Stable for ever, never reused: the therapy's prefix, a hyphen, a number.",
    "therapy": "The therapy; also the name of the file.",
    "promotes": "Cell types whose presence or activity favours resistance.",
    "opposes": "Cell types whose presence or activity favours response.",
    "cancers": "Cancers that the finding is about.",
    "agents": "Treatments that the finding is about.",
    "effect": "resistance: the finding explains or raises resistance; "
    "sensitivity: it only reports raised response.",
    "mechanism": "What happens, in own words, at most 60 of them.",
    "molecules": "Molecules that the source names for it.",
    "pathways": "Pathways that the source names for it.",
    "processes": "Processes that the source names for it.",
    "countered_by": "What the source says restores response: a noun phrase for each intervention.",
    "basis": "Kinds of evidence, only where the source says so.",
    "refs": "Numbers of references.yaml; at least one.",
    "at": "Where the source cites these references.",
    "note": "Curator's remark, such as a contradiction in the source; null for none.",
    "verified": "Filled in once a person has opened the primary paper.",
    "ignore": "Findings of `tdr check` to ignore: code of the rule -> reason.",
    "authors": "As the source lists them.",
    "title": "Title of the cited work.",
    "journal": "Journal, as the source abbreviates it.",
    "year": "Year of publication.",
    "volume": "Volume, as text.",
    "issue": "Issue, as text.",
    "pages": "Pages or article number, as text.",
    "doi": "DOI without resolver, such as 10.1000/182.",
    "pmid": "PubMed id, as text.",
    "pmcid": "PubMed Central id.",
    "cited_as": "claim: backs a claim; background: backs a general statement only.",
    "status": "Whether the work was corrected or retracted since.",
    "label": "The preferred label.",
    "abbreviation": "The abbreviation in use.",
    "synonyms": "Every other way to write it.",
    "parents": "Labels of wider terms of the same kind.",
    "xref": "CURIE of an ontology's entry, such as CL:0000625.",
    "xref_label": "That entry's label.",
    "xref_match": "How far the two mean the same.",
    "number": "The number in the source's reference list.",
}


def _list(items: Mapping[str, Any], **rest: Any) -> Schema:
    return {"type": "array", "items": dict(items), "uniqueItems": True, **rest}


def _object(properties: Mapping[str, Any], required: tuple[str, ...], **rest: Any) -> Schema:
    """A closed mapping; each field described."""
    described = {
        name: {"description": _MEANING[name], **schema} if name in _MEANING else schema
        for name, schema in properties.items()
    }
    return {
        "type": "object",
        "properties": described,
        "required": list(required),
        "additionalProperties": False,
        **rest,
    }


def _claim_fields() -> dict[str, Schema]:
    """Schemas of a claim's fields, wherever it stands."""
    prefixes = "|".join(THERAPIES.values())
    verified = _object({"by": _TEXT, "date": _TEXT, "ref": _REF}, ("by", "date", "ref"))
    return {
        "id": {"type": "string", "pattern": f"^({prefixes})-[0-9]{{3,9}}$"},
        "therapy": {"enum": list(THERAPIES)},
        **{name: _list(_NAME) for name in TERM_FIELDS},
        "effect": {"enum": list(EFFECTS)},
        "mechanism": _TEXT,
        "countered_by": _list(_NAME),
        "basis": _list({"enum": list(BASES)}),
        "refs": _list(_REF, minItems=1),
        "at": _object(
            {"section": _NAME, "paragraph": {"type": "integer", "minimum": 1}},
            ("section", "paragraph"),
        ),
        "note": _TEXT_OR_NULL,
        "verified": {**verified, "type": ["object", "null"]},
    }


def _claims() -> Schema:
    fields = _claim_fields()
    ignore = {"type": ["object", "null"], "additionalProperties": _TEXT}
    names = (*CLAIM_FIELDS, "therapy", "ignore")
    claim = _object(
        {name: ignore if name == "ignore" else fields[name] for name in names},
        tuple(name for name in CLAIM_FIELDS if name not in MAY_BE_ABSENT),
    )
    own_prefix = [
        {
            "if": {"properties": {"therapy": {"const": therapy}}},
            "then": {
                "properties": {
                    "claims": {"items": {"properties": {"id": {"pattern": f"^{prefix}-"}}}}
                }
            },
        }
        for therapy, prefix in THERAPIES.items()
    ]
    return _object(
        {
            "therapy": fields["therapy"],
            "claims": {"type": ["array", "null"], "items": {"$ref": "#/$defs/claim"}},
        },
        ("therapy", "claims"),
        allOf=own_prefix,
        **{"$defs": {"claim": claim}},
    )


def _references() -> Schema:
    special: dict[str, Schema] = {
        "authors": _list(_TEXT, uniqueItems=False),
        "title": _TEXT,
        "year": {"type": ["integer", "null"], "minimum": 1, "maximum": 9999},
        "cited_as": {"enum": list(CITED_AS)},
        "status": {"enum": list(STATUSES)},
    }
    reference = _object(
        {name: special.get(name, _TEXT_OR_NULL) for name in REFERENCE_FIELDS}, ("title",)
    )
    numbered = {
        "type": ["object", "null"],
        "description": "The source's reference list: number -> entry.",
        "patternProperties": {"^[1-9][0-9]{0,5}$": {"$ref": "#/$defs/reference"}},
        "additionalProperties": False,
    }
    return _object({"references": numbered}, ("references",), **{"$defs": {"reference": reference}})


def _vocabulary() -> Schema:
    special: dict[str, Schema] = {
        "label": _NAME,
        "synonyms": _list(_NAME),
        "parents": _list(_NAME),
        "xref": {
            "type": ["string", "null"],
            "pattern": "^[A-Za-z][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._-]*$",
        },
        "xref_match": {"enum": [*MATCHES, None]},
    }
    term = _object(
        {name: special.get(name, _TEXT_OR_NULL) for name in TERM_FIELD_NAMES},
        ("label",),
        dependentRequired={"xref": ["xref_match"]},
    )
    terms = {"type": ["array", "null"], "items": {"$ref": "#/$defs/term"}}
    return _object({"terms": terms}, ("terms",), **{"$defs": {"term": term}})


def _source() -> Schema:
    group = {"type": "array", "items": _REF, "minItems": 1}
    paragraph = _object(
        {
            "words": {"type": "integer", "minimum": 0},
            "citations": {
                "description": "Groups of references, in the order in which they are cited.",
                "type": "array",
                "items": group,
            },
            "background": _list(
                _REF, description="References that back a general statement only, here."
            ),
        },
        ("citations",),
    )
    section = _object(
        {"name": _NAME, "paragraphs": {"type": "array", "items": paragraph}},
        ("name", "paragraphs"),
    )
    return _object(
        {
            "data_version": {"type": "string", "description": "The curators' version of the data."},
            "record": {"type": "object", "description": "Bibliographic record and licence."},
            "constants": {
                "type": "object",
                "description": "What describes every claim alike.",
                "additionalProperties": {"type": "string"},
            },
            "sections": {"type": "array", "items": section},
        },
        ("record", "sections"),
    )


def _output() -> Schema:
    fields = _claim_fields()
    claim = _object({name: fields[name] for name in RECORD_FIELDS}, RECORD_FIELDS)
    count = {"type": "integer", "minimum": 0}
    envelope = {
        "schema_version": {"const": SCHEMA_VERSION},
        "data_version": {"type": "string"},
        "matched": count,
        "total": count,
        "claims": {"type": "array", "items": {"$ref": "#/$defs/claim"}},
    }
    return _object(envelope, tuple(envelope), **{"$defs": {"claim": claim}})


_KINDS: Mapping[str, tuple[str, Callable[[], Schema]]] = {
    "claims": ("a file of claims, such as chemo.yaml", _claims),
    "references": ("references.yaml", _references),
    "source": ("source.yaml", _source),
    "vocabulary": ("a file of terms, such as vocabulary/cells.yaml", _vocabulary),
    "output": ("what `tdr list -o json` prints", _output),
}

KINDS = tuple(_KINDS)
"""Kinds of files, and `output`."""


def schema(kind: str) -> Schema:
    """The JSON Schema of one of KINDS. Raises TdrError for any other."""
    if kind not in _KINDS:
        shown = kind[:80]
        raise TdrError(Problem(f"no schema for `{shown}`; one of {', '.join(KINDS)}", "usage"))
    title, make = _KINDS[kind]
    return {"$schema": DIALECT, "$id": f"urn:tdr:schema:{kind}", "title": f"tdr: {title}", **make()}


def schema_text(kind: str) -> str:
    """The schema as it is printed and published."""
    import json

    return json.dumps(schema(kind), indent=2) + "\n"
