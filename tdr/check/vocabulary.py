"""Rules about names: the vocabulary, the labels of claims, and the letters they consist of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from tdr.check.context import Context, Text
from tdr.check.finding import hit
from tdr.model.errors import Location, Problem
from tdr.model.fields import TERM_FIELDS
from tdr.model.letters import look_alikes, spoilt
from tdr.model.text import fold
from tdr.model.values import KINDS

_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._-]*")
# What the ids of the ontologies that we use look like; other prefixes need only be a CURIE.
_IDS = {
    "CL": r"[0-9]{7}",
    "DOID": r"[0-9]{1,7}",
    "MONDO": r"[0-9]{7}",
    "HGNC": r"[0-9]{1,6}",
    "CHEBI": r"[0-9]{1,6}",
    "NCIT": r"C[0-9]{1,6}",
    "GO": r"[0-9]{7}",
    "MESH": r"[A-Z][0-9]{6,9}",
    "UBERON": r"[0-9]{7}",
    "EFO": r"[0-9]{7}",
    "PR": r"[A-Z0-9]{6,10}|[0-9]{9}",
}


def unknown_term(context: Context) -> Iterable[Problem]:
    """Label that the vocabulary does not have.

    A label outside the vocabulary is found by no filter. The message names the
    nearest labels; a term that is really new is added to its file first.

    Wrong:

        promotes: [regulatory B cells of the margin]

    Right:

        promotes: [regulatory B cell]
    """
    return map(_with_look_alike, dict.fromkeys(context.found("unknown-term")))


def _with_look_alike(problem: Problem) -> Problem:
    """The problem of a label, with the letter in it that cannot be seen to be another."""
    odd = _look_alike(problem.about)
    return replace(problem, text=f"{problem.text} ({odd})") if odd else problem


def preferred_label(context: Context) -> Iterable[Problem]:
    """Synonym, abbreviation or spelling variant where the preferred label belongs.

    Filters resolve every form, data has one: otherwise counts and joins by others
    go wrong. The message names the label to write.

    Wrong:

        promotes: [TAM]

    Right:

        promotes: [tumor-associated macrophage]
    """
    return map(_with_look_alike, context.found("preferred-label"))


def term_parent(context: Context) -> Iterator[Problem]:
    """Parent that is no term of the same kind.

    The term cannot be found under the wider one. Parents are preferred labels.

    Wrong:

        - label: M2 macrophage
          parents: [TAM]

    Right:

        - label: M2 macrophage
          parents: [tumor-associated macrophage]
    """
    for placed in context.terms:
        term, known = placed.term, context.vocabulary.terms(placed.term.kind)
        for position, parent in enumerate(term.parents):
            if parent in known:
                continue
            other = context.vocabulary.resolve(term.kind, parent)
            near = context.vocabulary.suggest(term.kind, parent)
            if other is not None:
                hint = f"; write its label `{other.label}`"
            else:
                hint = "; nearest: " + ", ".join(f"`{name}`" for name in near) if near else ""
            text = f"parent `{parent}` of `{term.label}` is no label among the {term.kind}{hint}"
            yield hit(text, placed.where("parents", position))


def term_cycle(context: Context) -> Iterator[Problem]:
    """Term that is its own parent, directly or through others.

    Wider and narrower lose their meaning, and every term of the circle finds all.

    Wrong:

        - label: T cell
          parents: [CD8+ T cell]
        - label: CD8+ T cell
          parents: [T cell]

    Right:

        - label: T cell
          parents: [lymphocyte]
        - label: CD8+ T cell
          parents: [T cell]
    """
    reported: set[tuple[str, str]] = set()
    for placed in context.terms:
        term = placed.term
        if (term.kind, term.label) in reported:
            continue
        circle = _circle(context, term.kind, term.label)
        if circle:
            reported.update((term.kind, label) for label in circle)
            text = " is under ".join(f"`{label}`" for label in (*circle, term.label))
            yield hit(f"a circle of parents: {text}", placed.where("parents"))


def _circle(context: Context, kind: str, start: str) -> list[str]:
    """The labels on a way from `start` upwards back to it; empty if there is none."""
    terms = context.vocabulary.terms(kind)
    way: dict[str, str] = {}
    waiting = [start]
    while waiting:
        label = waiting.pop()
        for parent in terms[label].parents if label in terms else ():
            if parent == start:
                back = [label]
                while back[-1] != start:
                    back.append(way[back[-1]])
                return back[::-1]
            if parent not in way:
                way[parent] = label
                waiting.append(parent)
    return []


def term_form(context: Context) -> Iterator[Problem]:
    """Form that two terms of one kind share, or a label that stands twice.

    A form is compared as filters compare it: without case, hyphens, spaces, plural,
    Greek or Latin letters. The first term would silently win.

    Wrong:

        - label: cancer-associated fibroblast
          abbreviation: CAF
        - label: cytokine-activated fibroblast
          synonyms: [CAFs]

    Right:

        - label: cancer-associated fibroblast
          abbreviation: CAF
        - label: cytokine-activated fibroblast
    """
    owners: dict[tuple[str, str], tuple[str, str, Callable[[], Location]]] = {}
    for placed in context.terms:
        term = placed.term
        named = [("label", term.label, partial(placed.where, "label"))]
        if term.abbreviation:
            named.append(("abbreviation", term.abbreviation, partial(placed.where, "abbreviation")))
        named += [
            ("synonym", text, partial(placed.where, "synonyms", n))
            for n, text in enumerate(term.synonyms)
        ]
        for role, text, where in named:
            own = (term.label, text, where)
            label, form, first = owner = owners.setdefault((term.kind, fold(text)), own)
            if owner is own or (label == term.label and role != "label"):
                continue
            if label == term.label:
                yield hit(f"the label `{text}` stands twice", where(), "", first())
            else:
                same = f"as does `{form}` of" if form != text else "and so does"
                yield hit(
                    f"{role} `{text}` of `{term.label}` names it, {same} `{label}`",
                    where(),
                    "",
                    first(),
                )


def curie(context: Context) -> Iterator[Problem]:
    """Ontology id that is not a CURIE, or not one of its ontology.

    A CURIE is the ontology's prefix, a colon and the id within it. For the ontologies
    that are used most the id's form is known: seven digits in CL and GO, for example.

    Wrong:

        xref: CL_625

    Right:

        xref: CL:0000625
    """
    for placed in context.terms:
        xref = placed.term.xref
        if xref is None:
            continue
        prefix, _, local = xref.partition(":")
        pattern = _IDS.get(prefix.upper())
        if not _CURIE.fullmatch(xref):
            text = f"`{xref}` is not a CURIE; write PREFIX:ID, such as CL:0000625"
            yield hit(text, placed.where("xref"))
        elif pattern and prefix != prefix.upper():
            text = f"the prefix of `{xref}` is written {prefix.upper()}"
            yield hit(text, placed.where("xref"))
        elif pattern and not re.fullmatch(pattern, local):
            text = f"`{local}` is not an id of {prefix}"
            yield hit(text, placed.where("xref"))


def xref_label(context: Context) -> Iterator[Problem]:
    """Ontology id without its label there, or a label without an id.

    Nobody sees that CL:0000652 was typed for CL:0000625; a label beside it shows
    what was meant, and lets a program compare the two.

    Wrong:

        xref: CL:0000625

    Right:

        xref: CL:0000625
        xref_label: CD8-positive, alpha-beta T cell
        xref_match: exact
    """
    for placed in context.terms:
        term = placed.term
        if term.xref and not term.xref_label:
            text = f"`{term.xref}` has no `xref_label`: write its name in the ontology"
            yield hit(text, placed.where("xref"))
        for name in ("xref_label", "xref_match"):
            if getattr(term, name) and not term.xref:
                yield hit(f"`{name}` has no `xref` beside it", placed.where(name))


_ASKED_FOR = ("cells", "cancers", "agents")
"""Kinds that people ask for by name; molecules, pathways and processes come with claims."""


def unused_term(context: Context) -> Iterator[Problem]:
    """Term that no claim uses, and that leads to no term that is used.

    It answers every question with nothing. A term can wait for its claim; it should
    not be a misspelling that was left behind. A cell, cancer or agent that people ask
    for may stand without a claim if a wider term has one: it leads there, as a drug
    leads to what is said of its class.

    Wrong:

        - label: eosinophil      # in no claim, and below no term of a claim

    Right:

        - label: neutrophil      # in a claim, or wider than a term that is
        - label: mast cell       # a kind of cell of which a claim speaks
          parents: [myeloid cell]
        - label: olaparib
          parents: [PARP inhibitor]
    """
    used, unclear = _used_terms(context)
    for placed in context.terms:
        term = placed.term
        leads = term.kind in _ASKED_FOR and any(
            (term.kind, wider) in used
            for wider in context.vocabulary.ancestors(term.kind, term.label)
        )
        if (term.kind, term.label) not in used and term.kind not in unclear and not leads:
            yield hit(f"no claim uses `{term.label}`", placed.where("label"))


def _used_terms(context: Context) -> tuple[set[tuple[str, str]], set[str]]:
    """Terms (kind, label) that claims use, and kinds of which that cannot be told.

    What cannot be told is said at the claim: an unknown label, a list that is none, a
    molecule that only the mechanism names.
    """
    used: set[tuple[str, str]] = set()
    unclear: set[str] = set()
    labels: dict[tuple[str, str], None] = {}
    for record, claim in context.drafts:
        for name, kind in TERM_FIELDS.items():
            labels.update(dict.fromkeys((kind, label) for label in getattr(claim, name)))
            if not isinstance(record.raw.get(name), list):
                unclear.add(kind)
        used.update(("molecules", label) for label in context.names.named(claim.mechanism))
        ends = {end for step in claim.steps for end in (step.source, step.target, step.place)}
        used.update((kind, end) for end in ends if end for kind in KINDS)
    for kind, label in labels:
        term = context.vocabulary.resolve(kind, label)
        if term is None:
            unclear.add(kind)
        else:
            used.add((kind, term.label))
    for kind, label in tuple(used):
        used.update((kind, above) for above in context.vocabulary.ancestors(kind, label))
    return used, unclear


# ------------------------------------------------------------------------- letters

_WIDE_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_STRAY = re.compile(rf"^\s|\s$|[ {_WIDE_SPACES}]{{2}}|[{_WIDE_SPACES}\t]")
_LINE_END = re.compile(r"[ \t]+(?=\r?\n|\Z)")


def _look_alike(text: str) -> str:
    """The first letter that is taken for another, in words; empty if there is none."""
    for char, meant, word in look_alikes(text):
        name = unicodedata.name(char, "").lower()
        return f"`{char}` in `{word}` is U+{ord(char):04X}, {name}: write `{meant}`"
    return ""


def homoglyph(context: Context) -> Iterator[Problem]:
    """Letter that looks like another one, or is typed for it.

    A Cyrillic `с` in `сell` cannot be seen, and other programs do not find the name.
    So are Greek capitals in Latin words, ligatures copied out of a PDF, and `ß`, `ɑ` or
    `∆` for the Greek letters. Greek letters that look Greek (TGF-β, IFNγ) are our
    subject's notation; words of another script are no fault.

    Wrong:

        label: NF-κΒ           # Greek capital beta

    Right:

        label: NF-κB
    """
    for text in context.texts(_look_alike):
        if text.location not in context.unknown_labels:
            yield hit(_look_alike(text.value), text.location, text.subject)


def garbled(context: Context) -> Iterator[Problem]:
    """Text that a wrong encoding has garbled.

    A program took UTF-8 for another encoding (TGF-Î²), could not read a letter
    (U+FFFD), or left the codes of a font (private-use characters) or of a web page
    (`&beta;`). The letters that were meant are lost to every filter.

    Wrong:

        mechanism: TGF-Î² from fibroblasts keeps T cells out.

    Right:

        mechanism: TGF-β from fibroblasts keeps T cells out.
    """
    for text in context.texts(_garbled):
        if text.field != "doi" and text.location not in context.unknown_labels:  # [doi] has it
            yield hit(f"{_garbled(text.value)} in `{text.field}`", text.location, text.subject)


def _garbled(text: str) -> str:
    """The first thing that is garbled, in words; empty if there is none."""
    for found, meant in spoilt(text):
        if meant:
            return f"`{found}` stands for `{meant}`: write that"
        return f"U+{ord(found):04X}, which is no letter: write what was meant"
    return ""


def invisible(context: Context) -> Iterator[Problem]:
    """Character that cannot be seen.

    A zero-width space or a soft hyphen makes two names that look the same and are
    not. In running text it is a warning, in the vocabulary an error.

    Wrong:

        label: IL<U+200B>6

    Right:

        label: IL6
    """
    names = {context.layout.label(path) for path in context.layout.vocabulary.values()}
    for problem in context.found("invisible"):
        place = problem.location
        if place in context.unknown_labels:
            continue
        yield replace(problem, severity="error") if place and place.file in names else problem


def spaces(context: Context) -> Iterator[Problem]:
    """Stray space: at the start or end of a text or a line, doubled, or of another width.

    Names that differ by a space are two names; `tdr check --fix` removes them. A line break at
    the end is one that `>` and `|` keep and `>-` and `|-` leave out.

    Wrong:

        synonyms: ['TGF-β ', 'TGF  beta']

    Right:

        synonyms: [TGF-β, TGF beta]
    """
    for document in context.support.documents.values():
        if document.errors:
            continue
        for number, line in enumerate(context.lines(document.name), 1):
            if line[-1:] in " \t" and line:
                place = Location(document.name, number, len(line.rstrip(" \t")) + 1)
                yield hit("space at the end of the line", place, context.claim_at(place))
    for text in context.texts(_STRAY.search):
        stray = _STRAY.search(text.value)
        if stray is None or text.location in context.unknown_labels:
            continue
        if stray.group() != "  " or _is_written(context, text):
            yield hit(f"{_named(stray, text.value)} in `{text.field}`", text.location, text.subject)


def _named(stray: re.Match[str], value: str) -> str:
    if value != value.strip("\n"):
        return "line break at the start or end (of a block text, `>-` leaves it out)"
    if value != value.strip():
        return "space at the start or end"
    char = stray.group()[:1]
    return "double space" if stray.group() == "  " else f"space of another kind (U+{ord(char):04X})"


def _is_written(context: Context, text: Text) -> bool:
    """Whether a double space stands there, or comes of a space at the end of a line.

    The latter is reported for the line.
    """
    place = text.location
    lines = context.lines(place.file)
    if not lines:
        return True  # JSON, where a text is on one line
    first = (place.line or 1) - 1
    pieces = re.findall(r"\S+ {2,}\S+", text.value)
    last = first + len(text.value) // 10 + 2
    return any(piece in line for line in lines[first:last] for piece in pieces)
