"""The fields of claims, references and terms: what each is called, holds and means.

Everything that goes through fields one by one is derived from these tables: reading, the
JSON Schema, the index, the options of `tdr new`, the order in files, JSON, cards and the
reference in docs/evidence.md. A new field is a row here and an attribute of its value.
"""

from __future__ import annotations

from collections.abc import Mapping

from tdr.model.field import Field, FieldOption, keys, names
from tdr.model.place import MAX_PARAGRAPH, Place
from tdr.model.standing import AGREES, DIFFERS, FLAGS, READ, PaperComparison
from tdr.model.steps import RELATIONS, Step

EFFECTS = ("resistance", "sensitivity")
BASES = ("in vitro", "in vivo", "patient", "association")
CITED_AS = ("claim", "background")
STATUSES = ("ok", "correction", "concern", "retracted")
MATCHES = ("exact", "broad", "narrow")
LINEAGES = ("lymphoid", "myeloid", "stromal", "vascular", "other")
STATES = ("draft", "complete")
SOURCE_KINDS = ("review", "papers")

SIDES = {"promotes": "promotes resistance", "opposes": "opposes resistance"}
"""Field with the cells of one side -> what they do."""

FIRST = "main"
"""The key of a source that does not state one."""


def _of_terms(name: str, meaning: str, label: str, help: str, *option: str) -> Field:
    kind = "cells" if name in SIDES else name
    return Field(
        name,
        "terms",
        meaning,
        required=True,
        kind=kind,
        facet=name,
        label=label,
        in_lines=kind == "cells",
        option=FieldOption(option, f"{help}, in any form; repeatable.", "TERM"),
        skeleton=" []",
    )


def _named(name: str, one: str, *short: str) -> Field:
    meaning = f"{name.capitalize()} that the source names for it."
    return _of_terms(name, meaning, name, one.capitalize(), f"--{one}", *short)


# fmt: off
_OF_STEP = (
    Field("from", "name", "A label, or an intervention of the claim.", required=True,
          facet="step_from"),
    Field("does", "choice", "The relation.", required=True, choices=tuple(RELATIONS),
          facet="step_does"),
    Field("to", "name", "A label, or `resistance`.", required=True, facet="step_to"),
    Field("in", "name", "The cell in which it happens.", facet="step_in"),
)

_OF_PLACE = (
    Field("section", "name", "Section of the source that makes the claim.", required=True,
          option=FieldOption(
        ("--section",),
        "Section of the source; found by the references where only one fits.",
        "NAME")),
    Field("paragraph", "number", "Its paragraph, from 1.", required=True, most=MAX_PARAGRAPH,
          option=FieldOption(("--paragraph",), "Paragraph of it.", "N")),
)

_OF_COMPARISON = (
    Field("ref", "ref", "One of the claim's references.", required=True),
    Field("agrees", "choice", "Whether the paper says what the claim says.", required=True,
          choices=AGREES, facet="primary"),
    Field("differs", "choices", "In what it differs.", choices=DIFFERS, facet="differs"),
    Field("says", "text", "What the paper reports, in own words, at most 40 of them.", prose=True),
    Field("read", "choice", "What was read of it.", choices=READ),
    Field("date", "date", "When."),
    Field("by", "text", "machine, or a person's name or ORCID."),
)

_OF_VERIFICATION = (
    Field("by", "text", "Who opened the paper; a name or ORCID.", required=True),
    Field("date", "date", "When.", required=True),
    Field("ref", "ref", "Which of the claim's references it is.", required=True),
)

FIELDS = (
    Field("id", "id", "Stable for ever, never reused: the therapy's prefix, a hyphen, a number.",
          required=True),
    Field("therapy", "therapy", "The therapy; also the name of the file.", facet="therapy",
          in_file=False),
    _of_terms("promotes", "Cell types whose presence or activity favours resistance.",
              SIDES["promotes"], "Cell type that favours resistance", "--promotes"),
    _of_terms("opposes", "Cell types whose presence or activity favours response.",
              SIDES["opposes"], "Cell type that favours response", "--opposes"),
    _of_terms("cancers", "Cancers that the finding is about.",
              "cancer", "Cancer", "--cancer", "-k"),
    _of_terms("agents", "Treatments that the finding is about.",
              "treatment", "Treatment", "--agent", "-a"),
    Field("effect", "choice",
          "resistance: the finding explains or raises resistance; sensitivity: it only reports "
          "raised response.",
          required=True, choices=EFFECTS, facet="effect",
          option=FieldOption(("--effect",), "resistance or sensitivity.", "WORD"),
          skeleton="  # resistance or sensitivity"),
    Field("mechanism", "text", "What happens, in own words, at most 60 of them.", required=True,
          prose=True,
          option=FieldOption(("--mechanism",), "What happens, in your own words.", "TEXT"),
          skeleton="  # own words, at most 60 of them; `tdr fmt` wraps them"),
    Field("steps", "records",
          "The mechanism as signed links: something does something to something else.",
          fields=_OF_STEP, make=Step.from_dict, form="{from: LABEL, does: RELATION, to: LABEL}",
          label="steps", in_lines=True, since=2, option=FieldOption(
              ("--step",),
              "Signed link: 'TAM secretes IL-6', 'IL-6 increases resistance'; repeatable.",
              "LINK")),
    _named("molecules", "molecule", "-m"),
    _named("pathways", "pathway", "-p"),
    _named("processes", "process"),
    Field("countered_by", "names",
          "What the source says restores response: a noun phrase for each intervention.",
          required=True, facet="countered_by", label="restores response", in_lines=True,
          skeleton=" []", option=FieldOption(
              ("--countered-by",), "Intervention that restores response; repeatable.", "WORDS")),
    Field("hedged", "flag",
          "Whether the source says can, could or may; absent where it states the finding flatly.",
          facet="hedged", label="hedged",
          option=FieldOption(("--hedged",), "The source says can, could or may.", ""), since=2),
    Field("basis", "choices", "Kinds of evidence, only where the source says so.", choices=BASES,
          facet="basis", label="basis", skeleton=" []", option=FieldOption(
              ("--basis",), "in vitro, in vivo, patient or association; repeatable.", "WORD")),
    Field("refs", "refs", "Numbers of references.yaml; at least one.", required=True, facet="refs",
          label="references", skeleton=" []",
          option=FieldOption(("--ref", "-r"), "Reference: 20, 51-54 or 13,57.", "N")),
    Field("at", "record", "Where the source cites these references.", required=True,
          fields=_OF_PLACE, make=Place.from_dict, form="{section: NAME, paragraph: N}",
          facet="place", label="in the source", skeleton=" {section: , paragraph: }"),
    Field("flags", "choices", "What kind of doubt the note raises.", choices=tuple(FLAGS),
          facet="flag", label="flags",
          option=FieldOption(
              ("--flag",), "Kind of doubt that the note raises; repeatable.", "WORD"),
          since=2),
    Field("note", "text", "Curator's remark, such as a contradiction in the source; null for none.",
          prose=True, facet="noted", label="note",
          option=FieldOption(("--note",), "Curator's remark.", "TEXT"), skeleton=" null"),
    Field("primary", "records",
          "What the cited papers report: an entry for each that was compared with the claim.",
          fields=_OF_COMPARISON, make=PaperComparison.from_dict, form="{ref: N, agrees: WORD}",
          label="primary", in_lines=True, since=2),
    Field("verified", "record", "Filled in once a person has opened the primary paper.",
          fields=_OF_VERIFICATION, facet="verified", label="verified"),
    Field("source", "text", "Key of the source; files do not repeat it, for it is where they lie.",
          default=FIRST, facet="source", in_file=False, since=2),
    Field("ignore", "reasons", "Findings of `tdr check` to ignore: code of the rule -> reason.",
          in_record=False),
)
"""A claim's fields in the order of a file."""

FIELDS_OF_REFERENCE = (
    Field("authors", "texts", "As the source lists them; `{COMBI AD}` is a group, no person."),
    Field("title", "text", "Title of the cited work.", required=True),
    Field("journal", "text", "Journal, as the source abbreviates it."),
    Field("year", "number", "Year of publication.", most=9999),
    Field("volume", "numeral", "Volume, as text."),
    Field("issue", "numeral", "Issue, as text."),
    Field("pages", "numeral", "Pages or article number, as text."),
    Field("doi", "text", "DOI without resolver, such as 10.1000/182."),
    Field("pmid", "numeral", "PubMed id, as text."),
    Field("pmcid", "text", "PubMed Central id."),
    Field("key", "text", "What the file that it was imported from calls it."),
    Field("cited_as", "choice", "claim: backs a claim; background: backs a general statement only.",
          choices=CITED_AS, default="claim"),
    Field("status", "choice",
          "Whether the work was corrected, doubted (an expression of concern) or retracted since.",
          choices=STATUSES, default="ok"),
    Field("checked", "date", "When someone looked for corrections and retractions.", since=2),
    Field("note", "text", "Curator's remark, such as a contradiction in the source; null for none.",
          prose=True),
    Field("same_as", "text",
          "The same work in the list of another source: its key, a colon, the number.", since=2),
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
    Field("lineage", "choice", "For cells: where they come from; narrower terms inherit it.",
          choices=LINEAGES, since=2),
    Field("definition", "text", "What it is, in words that everybody knows.", since=2),
)
"""A term's fields in the order of a file."""

FIELDS_OF_THERAPY = (
    Field("label", "name", "Its name, and that of its files of claims.", required=True),
    Field("prefix", "name", "What the ids of its claims begin with.", required=True),
    Field("abbreviation", "text", "The abbreviation in use."),
    Field("synonyms", "names", "Every other way to write it."),
    Field("short", "text", "What stands in the head of a narrow column."),
)
"""A therapy's fields in the order of a file."""

FIELDS_OF_SOURCE = (
    Field("key", "name", "The short name of the source, as its folder is called.", default=FIRST),
    Field("kind", "choice",
          "review: paragraphs that cite; papers: a list of works, without paragraphs.",
          choices=SOURCE_KINDS, default="review"),
    Field("state", "choice", "Whether every citation of the source is accounted for.",
          choices=STATES, default="complete"),
    Field("data_version", "text", "The curators' version of the data.", default="0"),
    Field("data_licence", "text", "The licence of the data, beside the source's own."),
    Field("made", "facts", "How an import was made."),
    Field("record", "facts", "Bibliographic record and licence.", required=True),
    Field("constants", "facts", "What describes every claim alike."),
    Field("named", "places",
          "Terms that the source names, in these paragraphs, and no claim of it has."),
    Field("unnamed", "names",
          "Terms that the source was seen not to name, and no claim of it has."),
)
"""A source's fields in the order of a file, before its sections."""
# fmt: on


# --- derived from the tables -----------------------------------------------------------------


IN_RECORD = keys(field for field in FIELDS if field.in_record)

CLAIM_FIELDS = names(field for field in FIELDS if field.in_record and field.in_file)
"""A claim's fields as written in a file, where the file gives the therapy."""

IMPLIED_FIELDS = names(field for field in FIELDS if not field.in_file)
"""A claim's fields that follow from where it stands; lines of bulk files may repeat them."""

RECORD_FIELDS = names(IN_RECORD)
"""A claim's keys in JSON, CSV and JSON Lines, where no file says its therapy."""

TERM_FIELDS: Mapping[str, str] = {field.name: field.kind for field in FIELDS if field.kind}
"""Field of a claim -> the kind of terms in it."""

PROSE = names(field for outer in FIELDS for field in (outer, *outer.fields) if field.prose)
"""Fields of folded text, of claims and (under the same names) of references."""

REFERENCE_FIELDS = names(FIELDS_OF_REFERENCE)
TERM_FIELD_NAMES = names(FIELDS_OF_TERM)
