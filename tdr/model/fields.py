"""The fields of claims, references and terms: what each is called, holds and means.

Everything that goes through fields one by one is derived from these tables: reading, the
JSON Schema, the index, the options of `tdr new`, the order in files, JSON, cards and the
reference in docs/evidence.md. A new field is a row here and an attribute of its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

EFFECTS = ("resistance", "sensitivity")
BASES = ("in vitro", "in vivo", "patient", "association")
CITED_AS = ("claim", "background")
STATUSES = ("ok", "correction", "retracted")
MATCHES = ("exact", "broad", "narrow")

MAX_REF = 999_999
MAX_PARAGRAPH = 100_000

Type = Literal[
    "id",  # of a claim
    "therapy",
    "text",
    "name",  # a text without stray spaces
    "numeral",  # a text that looks like a number, as issue `3`
    "curie",
    "choice",
    "number",
    "ref",  # the number of a reference
    "texts",
    "names",
    "terms",  # preferred labels
    "choices",
    "refs",
    "record",  # a mapping with fields of its own
    "reasons",  # code of a rule -> reason
]

LISTS = frozenset(("texts", "names", "terms", "choices", "refs"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the source cites the references of a claim: a section and its 1-based paragraph."""

    section: str
    paragraph: int

    def to_dict(self) -> dict[str, Any]:
        return {"section": self.section, "paragraph": self.paragraph}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Place:
        return cls(raw["section"], raw["paragraph"])


@dataclass(frozen=True, slots=True)
class Option:
    """How `tdr new` asks for the value of a field."""

    names: tuple[str, ...]
    help: str
    metavar: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    A `required` field stands in every file (a list may be empty there); `default` is its
    value where it is absent. What it may hold: `choices`, numbers from `least` to `most`,
    labels of `kind`, a mapping with `fields` of which `make` makes the value and which
    messages show as `form`. `prose` is written as folded text and kept free of others'
    wording. `facet` is where the index keeps the items of a list, the word or the place that
    it is, or `yes` for any text. Cards show it after `label`, items `in_lines` or in a row.
    `option` and `skeleton` (what stands behind the colon) are for `tdr new`; without the
    latter an empty field is left out. A therapy stands in records that stand alone, not
    `in_file`; what is ignored is not `in_record`.
    """

    name: str
    type: Type
    meaning: str = ""
    _: KW_ONLY
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = MAX_REF
    kind: str = ""
    fields: tuple[Field, ...] = ()
    make: Callable[[Mapping[str, Any]], Any] | None = None
    form: str = ""
    prose: bool = False
    facet: str = ""
    label: str = ""
    in_lines: bool = False
    option: Option | None = None
    skeleton: str | None = None
    in_file: bool = True
    in_record: bool = True

    @property
    def empty(self) -> Any:
        """The value where there is none."""
        if self.default is not None:
            return self.default
        if self.type in LISTS:
            return ()
        if self.type == "record" and self.required:
            raw = {inner.name: inner.empty for inner in self.fields}
            return self.make(raw) if self.make else raw
        return None if not self.required else 0 if self.type in ("number", "ref") else ""

    @property
    def freeze(self) -> Callable[[Any], Any] | None:
        """What makes the value of a JSON value; None where they are the same."""
        return tuple if self.type in LISTS else self.make

    @property
    def thaw(self) -> Callable[[Any], Any] | None:
        """What makes a JSON value of the value; None where they are the same."""
        if self.type in LISTS:
            return list
        return _mapping if self.type == "record" else None


def _mapping(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    return value.to_dict() if value else None


def _of_terms(name: str, meaning: str, label: str, help: str, *option: str) -> Field:
    kind = "cells" if name in ("promotes", "opposes") else name
    return Field(
        name,
        "terms",
        meaning,
        required=True,
        kind=kind,
        facet=name,
        label=label,
        in_lines=kind == "cells",
        option=Option(option, f"{help}, in any form; repeatable.", "TERM"),
        skeleton=" []",
    )


FIELDS = (
    Field(
        "id",
        "id",
        "Stable for ever, never reused: the therapy's prefix, a hyphen, a number.",
        required=True,
    ),
    Field(
        "therapy",
        "therapy",
        "The therapy; also the name of the file.",
        facet="therapy",
        in_file=False,
    ),
    _of_terms(
        "promotes",
        "Cell types whose presence or activity favours resistance.",
        "promotes resistance",
        "Cell type that favours resistance",
        "--promotes",
    ),
    _of_terms(
        "opposes",
        "Cell types whose presence or activity favours response.",
        "opposes resistance",
        "Cell type that favours response",
        "--opposes",
    ),
    _of_terms(
        "cancers", "Cancers that the finding is about.", "cancer", "Cancer", "--cancer", "-k"
    ),
    _of_terms(
        "agents", "Treatments that the finding is about.", "treatment", "Treatment", "--agent", "-a"
    ),
    Field(
        "effect",
        "choice",
        "resistance: the finding explains or raises resistance; "
        "sensitivity: it only reports raised response.",
        required=True,
        choices=EFFECTS,
        facet="effect",
        option=Option(("--effect",), "resistance or sensitivity.", "WORD"),
        skeleton="  # resistance or sensitivity",
    ),
    Field(
        "mechanism",
        "text",
        "What happens, in own words, at most 60 of them.",
        required=True,
        prose=True,
        option=Option(("--mechanism",), "What happens, in your own words.", "TEXT"),
        skeleton="  # own words, at most 60 of them; `tdr fmt` wraps them",
    ),
    _of_terms(
        "molecules",
        "Molecules that the source names for it.",
        "molecules",
        "Molecule",
        "--molecule",
        "-m",
    ),
    _of_terms(
        "pathways",
        "Pathways that the source names for it.",
        "pathways",
        "Pathway",
        "--pathway",
        "-p",
    ),
    _of_terms(
        "processes",
        "Processes that the source names for it.",
        "processes",
        "Process",
        "--process",
    ),
    Field(
        "countered_by",
        "names",
        "What the source says restores response: a noun phrase for each intervention.",
        required=True,
        facet="countered_by",
        label="restores response",
        in_lines=True,
        option=Option(
            ("--countered-by",), "Intervention that restores response; repeatable.", "WORDS"
        ),
        skeleton=" []",
    ),
    Field(
        "basis",
        "choices",
        "Kinds of evidence, only where the source says so.",
        choices=BASES,
        facet="basis",
        label="basis",
        option=Option(
            ("--basis",), "in vitro, in vivo, patient or association; repeatable.", "WORD"
        ),
        skeleton=" []",
    ),
    Field(
        "refs",
        "refs",
        "Numbers of references.yaml; at least one.",
        required=True,
        facet="refs",
        label="references",
        option=Option(("--ref", "-r"), "Reference: 20, 51-54 or 13,57.", "N"),
        skeleton=" []",
    ),
    Field(
        "at",
        "record",
        "Where the source cites these references.",
        required=True,
        fields=(
            Field(
                "section",
                "name",
                required=True,
                option=Option(
                    ("--section",),
                    "Section of the source; found by the references where only one fits.",
                    "NAME",
                ),
            ),
            Field(
                "paragraph",
                "number",
                required=True,
                most=MAX_PARAGRAPH,
                option=Option(("--paragraph",), "Paragraph of it.", "N"),
            ),
        ),
        make=Place.from_dict,
        form="{section: NAME, paragraph: N}",
        facet="place",
        label="in the review",
        skeleton=" {section: , paragraph: }",
    ),
    Field(
        "note",
        "text",
        "Curator's remark, such as a contradiction in the source; null for none.",
        prose=True,
        facet="noted",
        label="note",
        option=Option(("--note",), "Curator's remark.", "TEXT"),
        skeleton=" null",
    ),
    Field(
        "verified",
        "record",
        "Filled in once a person has opened the primary paper.",
        fields=(
            Field("by", "text", required=True),
            Field("date", "text", required=True),
            Field("ref", "ref", required=True),
        ),
        label="verified",
    ),
    Field(
        "ignore",
        "reasons",
        "Findings of `tdr check` to ignore: code of the rule -> reason.",
        in_record=False,
    ),
)
"""A claim's fields in the order of a file."""

FIELDS_OF_REFERENCE = (
    Field("authors", "texts", "As the source lists them."),
    Field("title", "text", "Title of the cited work.", required=True),
    Field("journal", "text", "Journal, as the source abbreviates it.", default=""),
    Field("year", "number", "Year of publication.", most=9999),
    Field("volume", "numeral", "Volume, as text."),
    Field("issue", "numeral", "Issue, as text."),
    Field("pages", "numeral", "Pages or article number, as text."),
    Field("doi", "text", "DOI without resolver, such as 10.1000/182."),
    Field("pmid", "numeral", "PubMed id, as text."),
    Field("pmcid", "text", "PubMed Central id."),
    Field("key", "text", "What the file that it was imported from calls it."),
    Field(
        "cited_as",
        "choice",
        "claim: backs a claim; background: backs a general statement only.",
        choices=CITED_AS,
        default="claim",
    ),
    Field(
        "status",
        "choice",
        "Whether the work was corrected or retracted since.",
        choices=STATUSES,
        default="ok",
    ),
    Field(
        "note",
        "text",
        "Curator's remark, such as a contradiction in the source; null for none.",
        prose=True,
    ),
)
"""A reference's fields in the order of a file."""

FIELDS_OF_TERM = (
    Field("label", "name", "The preferred label.", required=True),
    Field("abbreviation", "text", "The abbreviation in use."),
    Field("synonyms", "names", "Every other way to write it."),
    Field("parents", "names", "Labels of wider terms of the same kind."),
    Field("xref", "curie", "CURIE of an ontology's entry, such as CL:0000625."),
    Field("xref_label", "text", "That entry's label."),
    Field("xref_match", "choice", "How far the two mean the same.", choices=MATCHES),
)
"""A term's fields in the order of a file."""


# --- what follows from the tables ----------------------------------------------------------


def names(fields: Iterable[Field]) -> tuple[str, ...]:
    """What these fields are called."""
    return tuple(field.name for field in fields)


IN_RECORD = tuple(field for field in FIELDS if field.in_record)

CLAIM_FIELDS = names(field for field in IN_RECORD if field.in_file)
"""A claim's fields as written in a file, where the file gives the therapy."""

RECORD_FIELDS = names(IN_RECORD)
"""A claim's keys wherever it stands alone: JSON, CSV, JSON Lines."""

TERM_FIELDS: Mapping[str, str] = {field.name: field.kind for field in FIELDS if field.kind}
"""Claim field -> the kind of term that its items are."""

REQUIRED = names(field for field in FIELDS if field.required)
"""Fields that every claim in a file writes out, empty or not."""

PROSE = names(field for field in FIELDS if field.prose)
"""Fields of folded text; those of references are called like those of claims."""

REFERENCE_FIELDS = names(FIELDS_OF_REFERENCE)
TERM_FIELD_NAMES = names(FIELDS_OF_TERM)


class Codec:
    """From the values of some fields to JSON values and back."""

    def __init__(self, fields: Iterable[Field]) -> None:
        listed = tuple(fields)
        self._thaw = [(field.name, field.thaw) for field in listed]
        self._freeze = [(field.name, field.freeze) for field in listed]

    def to_dict(self, value: object) -> dict[str, Any]:
        """The attributes of a value as JSON values."""
        record = {}
        for name, thaw in self._thaw:
            inner = getattr(value, name)
            record[name] = thaw(inner) if thaw else inner
        return record

    def attributes(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes of the value whose `to_dict` is `record`, as far as they are there."""
        values = {}
        for name, freeze in self._freeze:
            if name in record:
                inner = record[name]
                values[name] = freeze(inner) if freeze else inner
        return values
