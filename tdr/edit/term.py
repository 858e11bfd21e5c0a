"""A new term, compared with what the vocabulary says of it already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tdr.model.errors import Problem, raise_errors
from tdr.model.fields import FIELDS_OF_TERM
from tdr.model.text import fold
from tdr.model.values import KINDS, Term
from tdr.model.vocabulary import Vocabulary
from tdr.read.record import PlacedTerm, Support

_XREF = ("xref", "xref_label", "xref_match")


def complete_term(
    support: Support, kind: str, file: str, term: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The fields of a new term of a file, its wider terms as preferred labels.

    Raises TdrError if it contradicts what a file says of the term, or says nothing new.
    """
    raise_errors([Problem(text, "usage") for text in _problems(support, kind, file, term)])
    if "parents" not in term:
        return term
    resolved = ((parent, support.vocabulary.resolve(kind, parent)) for parent in term["parents"])
    return {
        **term,
        "parents": [term_found.label if term_found else parent for parent, term_found in resolved],
    }


def _problems(support: Support, kind: str, file: str, term: Mapping[str, Any]) -> Iterator[str]:
    present = [name for name in _XREF if name in term]
    if present and len(present) < len(_XREF):
        choices = "|".join(next(f.choices for f in FIELDS_OF_TERM if f.name == "xref_match"))
        yield f"--xref CURIE, --xref-label TEXT and --xref-match {choices} belong together"
    name = fold(term["label"])
    for other in KINDS:
        shared = next((t for t in support.vocabulary.terms(other) if fold(t) == name), None)
        if shared and other != kind:
            yield (
                f"`{shared}` is a label in {other}, and steps name terms by label alone: "
                "call this one otherwise"
            )
    placed = [p for p in support.placed if (p.term.kind, p.term.label) == (kind, term["label"])]
    if own := next((p for p in placed if p.document.name == file), None):
        yield f"there is a term `{term['label']}` already ({own.where('label')}): edit it there"
    elif placed:
        yield from _contradictions(support.vocabulary, placed, term)


def _contradictions(
    vocabulary: Vocabulary, placed: list[PlacedTerm], term: Mapping[str, Any]
) -> Iterator[str]:
    """What contradicts, or repeats, what another directory says of the term."""
    known: Term = vocabulary.terms(placed[0].term.kind)[term["label"]]
    where = placed[0].where("label")
    if len(term) == 1:
        yield (
            f"there is a term `{known.label}` already ({where}); "
            "a further form is said with --synonym, a wider term with --parent"
        )
    for name in term:
        if name in ("label", "synonyms", "parents"):
            continue
        ours = getattr(known, name)
        if name == "lineage":
            ours = vocabulary.lineage(known.label)
        if ours not in (None, term[name]):
            option = "--" + name.replace("_", "-")
            yield (
                f"`{name}` of `{known.label}` is `{ours}` ({where}): "
                f"leave out {option}, or give the term another label"
            )
