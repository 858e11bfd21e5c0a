"""JSON Schema (2020-12) of the evidence files and of JSON output, generated from the model.

An editor that speaks to a YAML language server uses one through the first line of a file:

    # yaml-language-server: $schema=path/to/claims.json

A schema sees one file: what points to other files (labels, reference numbers, places) is
for `tdr check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tdr.model.errors import one_of
from tdr.model.field import MAX_REF, Field, names
from tdr.model.fields import (
    CLAIM_FIELDS,
    FIELDS,
    FIELDS_OF_REFERENCE,
    FIELDS_OF_SOURCE,
    FIELDS_OF_TERM,
    FIELDS_OF_THERAPY,
    IMPLIED_FIELDS,
    RECORD_FIELDS,
)
from tdr.model.therapies import BUILT_IN, NAME, PREFIX, Therapies
from tdr.model.values import SCHEMA_VERSION

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = {"type": "integer", "minimum": 1, "maximum": MAX_REF}
_TEXT = {"type": "string", "minLength": 1}
_NAME = {"type": "string", "pattern": "^\\S+( \\S+)*$"}
_PLACE = {"type": "string", "pattern": "^.+/[1-9][0-9]*$"}
_KEY = "[a-z][a-z0-9-]{1,23}"
_TEXT_OR_NULL = {"type": ["string", "null"]}


def _list(items: Mapping[str, Any], **rest: Any) -> Schema:
    return {"type": "array", "items": dict(items), "uniqueItems": True, **rest}


def _object(
    properties: Mapping[str, Any],
    required: Iterable[str],
    defs: Mapping[str, Schema] | None = None,
    **rest: Any,
) -> Schema:
    """A closed mapping; `defs` are the schemas that it refers to."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **rest,
        **({"$defs": defs} if defs else {}),
    }


def _refer(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _record(fields: Iterable[Field], **rest: Any) -> Schema:
    """A closed mapping with the fields of a table, each described."""
    listed = tuple(fields)
    required = names(field for field in listed if field.required)
    return _object({field.name: _field(field) for field in listed}, required, **rest)


def _field(field: Field) -> Schema:
    """The schema of a field."""
    described = {"description": field.meaning} if field.meaning else {}
    return described | _SCHEMAS[field.type](field)


def _text(field: Field) -> Schema:
    return _TEXT if field.required else _TEXT_OR_NULL


def _choice(field: Field) -> Schema:
    absent = [] if field.required or field.default else [None]
    return {"enum": [*field.choices, *absent]}


def _number(field: Field) -> Schema:
    kind = "integer" if field.required else ["integer", "null"]
    return {"type": kind, "minimum": field.least, "maximum": field.most}


def _inner(field: Field) -> Schema:
    inner = _record(field.fields)
    return inner if field.required else {**inner, "type": ["object", "null"]}


_SCHEMAS: Mapping[str, Callable[[Field], Schema]] = {
    **dict.fromkeys(("id", "therapy"), lambda _: {"type": "string"}),
    "text": _text,
    "name": lambda field: _NAME if field.required else {**_NAME, "type": ["string", "null"]},
    "numeral": _text,
    "curie": lambda _: {
        "type": ["string", "null"],
        "pattern": "^[A-Za-z][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._-]*$",
    },
    "choice": _choice,
    "flag": lambda _: {"type": "boolean"},
    "date": lambda field: {
        "type": "string" if field.required else ["string", "null"],
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    },
    "number": _number,
    "ref": _number,
    "texts": lambda _: _list(_TEXT, uniqueItems=False),
    "names": lambda _: _list(_NAME),
    "terms": lambda _: _list(_NAME),
    "choices": lambda field: _list({"enum": list(field.choices)}),
    "refs": lambda _: _list(_REF, minItems=1),
    "record": _inner,
    "records": lambda field: {"type": "array", "items": _record(field.fields)},
    "facts": lambda _: {"type": ["object", "null"]},
    "places": lambda _: {
        "type": ["object", "null"],
        "additionalProperties": _list(_PLACE, minItems=1),
    },
    "reasons": lambda _: {"type": ["object", "null"], "additionalProperties": _TEXT},
}
"""Type of a field -> the function to its schema."""

_BY_NAME = {
    # Whether a claim has a place depends on its source.
    field.name: field.replace(required=field.required and field.name != "at")
    for field in FIELDS
}


def _with_therapies(schema: Schema, therapies: Therapies) -> Schema:
    """The schema with the ids and labels of these therapies."""
    properties = schema["properties"]
    if "id" in properties:
        prefixes = "|".join(therapies.prefixes)
        properties["id"]["pattern"] = f"^({_KEY}-)?({prefixes})-[0-9]{{3,9}}$"
    properties["therapy"]["enum"] = list(therapies)
    return schema


def _claims(therapies: Therapies) -> Schema:
    # In the order of a file; at the end what only bulk files and only some claims have.
    fields = (_BY_NAME[name] for name in (*CLAIM_FIELDS, *IMPLIED_FIELDS, "ignore"))
    claim = _with_therapies(_record(fields), therapies)
    own_prefix = []
    for therapy in therapies.values():
        its_file = {"properties": {"therapy": {"const": therapy.label}}}
        item = {"properties": {"id": {"pattern": f"^({_KEY}-)?{therapy.prefix}-"}}}
        own_prefix.append({"if": its_file, "then": {"properties": {"claims": {"items": item}}}})
    claims = {"type": ["array", "null"], "items": _refer("claim")}
    properties = {"therapy": _field(_BY_NAME["therapy"]), "claims": claims}
    file = _object(properties, properties, {"claim": claim}, allOf=own_prefix)
    return _with_therapies(file, therapies)


def _references(_: Therapies) -> Schema:
    reference = _record(FIELDS_OF_REFERENCE)
    numbered = {
        "type": ["object", "null"],
        "description": "The source's reference list: number -> entry.",
        "patternProperties": {"^[1-9][0-9]{0,5}$": _refer("reference")},
        "additionalProperties": False,
    }
    return _object({"references": numbered}, ("references",), {"reference": reference})


def _vocabulary(_: Therapies) -> Schema:
    term = _record(FIELDS_OF_TERM, dependentRequired={"xref": ["xref_match"]})
    terms = {"type": ["array", "null"], "items": _refer("term")}
    return _object({"terms": terms}, ("terms",), {"term": term})


def _therapies(_: Therapies) -> Schema:
    therapy = _record(FIELDS_OF_THERAPY)
    for name, pattern in (("label", NAME), ("prefix", PREFIX)):
        therapy["properties"][name]["pattern"] = f"^{pattern}$"
    listed = {"type": "array", "items": _refer("therapy"), "minItems": 1}
    return _object({"therapies": listed}, ("therapies",), {"therapy": therapy})


def _source(_: Therapies) -> Schema:
    group = {"type": "array", "items": _REF, "minItems": 1}
    paragraph = {
        "words": {"type": "integer", "minimum": 0},
        "anchor": {**_TEXT, "description": "The paragraph's id in the file imported from."},
        "citations": {
            "description": "Groups of references, in the order in which they are cited.",
            "type": "array",
            "items": group,
        },
        "background": _list(
            _REF, description="References that back a general statement only, here."
        ),
    }
    paragraphs = {"type": "array", "items": _object(paragraph, ("citations",))}
    section = {"name": _NAME, "paragraphs": paragraphs}
    properties = {field.name: _field(field) for field in FIELDS_OF_SOURCE}
    properties["sections"] = {"type": "array", "items": _object(section, section)}
    papers = {"properties": {"kind": {"const": "papers"}}, "required": ["kind"]}
    return _object(properties, ("record",), anyOf=[{"required": ["sections"]}, papers])


def _output(therapies: Therapies) -> Schema:
    claim = _object({name: _field(_BY_NAME[name]) for name in RECORD_FIELDS}, RECORD_FIELDS)
    _with_therapies(claim, therapies)
    count = {"type": "integer", "minimum": 0}
    envelope = {
        "schema_version": {"const": SCHEMA_VERSION},
        "data_version": {"type": "string"},
        "matched": count,
        "total": count,
        "claims": {"type": "array", "items": _refer("claim")},
    }
    return _object(envelope, envelope, {"claim": claim})


SCHEMAS: Mapping[str, tuple[str, Callable[[Therapies], Schema]]] = {
    "claims": ("a file of claims, such as chemo.yaml", _claims),
    "references": ("references.yaml", _references),
    "source": ("source.yaml", _source),
    "vocabulary": ("a file of terms, such as vocabulary/cells.yaml", _vocabulary),
    "therapies": ("vocabulary/therapies.yaml", _therapies),
    "output": ("what `tdr list -o json` prints", _output),
}
"""Kind of file (or `output`) -> what it is, and the function to its schema."""


def schema(kind: str, therapies: Therapies = BUILT_IN) -> Schema:
    """The JSON Schema of one of SCHEMAS, with these therapies. Raises TdrError for any other."""
    kind = one_of("kind of file", kind, SCHEMAS)
    title, make = SCHEMAS[kind]
    head = {"$schema": DIALECT, "$id": f"urn:tdr:schema:{kind}", "title": f"tdr: {title}"}
    return head | make(therapies)


def schema_text(kind: str, therapies: Therapies = BUILT_IN) -> str:
    """The schema as it is printed and published."""
    import json

    return json.dumps(schema(kind, therapies), indent=2) + "\n"
