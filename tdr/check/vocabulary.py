"""Rules about names: the vocabulary, and the labels of claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tdr.check.context import Context
from tdr.check.finding import finding
from tdr.check.letters import look_alike, odd_separator
from tdr.model.errors import Location, Problem
from tdr.model.fields import TERM_FIELDS
from tdr.model.steps import RELATIONS, RESISTANCE
from tdr.model.text import fold
from tdr.model.values import KINDS
from tdr.read.positions import ValuePath
from tdr.read.record import PlacedTerm

MAX_FORM_LENGTH = 100
"""Most characters that a form of a term may have."""

_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._-]*")
# The form of ids in the ontologies that we use; ids of others need only make a valid CURIE.
_ID_PATTERNS = {
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
    """The problem, and the look-alike character in the label, if it has one."""
    odd = look_alike(problem.about) or odd_separator(problem.about)
    return problem._replace(text=f"{problem.text} ({odd})") if odd else problem


def preferred_label(context: Context) -> Iterable[Problem]:
    """Synonym, abbreviation or spelling variant where the preferred label belongs.

    Filters resolve every form, but data has one: otherwise counts and joins in other
    programs go wrong. The message names the label to write.

    Wrong:
        promotes: [TAM]
    Right:
        promotes: [tumor-associated macrophage]
    """
    return map(_with_look_alike, context.found("preferred-label"))


def term_parent(context: Context) -> Iterator[Problem]:
    """Parent that is not a term of the same kind.

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
            hint = "; nearest: " + ", ".join(f"`{name}`" for name in near) if near else ""
            if other is not None:
                hint = f"; write its label `{other.label}`"
            text = f"parent `{parent}` of `{term.label}` is not a label among the {term.kind}{hint}"
            yield finding(text, placed.where("parents", position))


def term_cycle(context: Context) -> Iterator[Problem]:
    """Term that is its own parent, directly or through others.

    Wider and narrower lose their meaning, and every term of the cycle finds all.

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
        cycle = _cycle(context, term.kind, term.label)
        if cycle:
            reported.update((term.kind, label) for label in cycle)
            text = " is under ".join(f"`{label}`" for label in (*cycle, term.label))
            yield finding(f"a cycle of parents: {text}", placed.where("parents"))


def _cycle(context: Context, kind: str, start: str) -> list[str]:
    """The labels on a path from `start` through wider terms back to it; empty if there is none."""
    terms = context.vocabulary.terms(kind)
    child_of: dict[str, str] = {}
    waiting = [start]
    while waiting:
        label = waiting.pop()
        for parent in terms[label].parents if label in terms else ():
            if parent == start:
                back = [label]
                while back[-1] != start:
                    back.append(child_of[back[-1]])
                return back[::-1]
            if parent not in child_of:
                child_of[parent] = label
                waiting.append(parent)
    return []


def term_form(context: Context) -> Iterator[Problem]:
    """Form that two terms share, label that stands twice, or text that cannot be a form.

    A form is compared as filters compare it: without case, hyphens, spaces, plural,
    Greek or Latin letters. The first term of the kind would silently win. Directories that are
    united may both have a term, but must not contradict each other about it, nor about the lineage
    that a cell inherits from its wider terms. No form can be `resistance`, where chains of steps
    end, nor have `|`, a relation of steps between other words, or more than 100 characters.

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
    yield from context.found("term-form")
    owners: dict[tuple[str, str], tuple[PlacedTerm, str, ValuePath]] = {}
    labels: dict[tuple[str, str, str], PlacedTerm] = {}
    for placed in context.terms:
        term = placed.term
        twin = labels.setdefault((placed.document.name, term.kind, term.label), placed)
        if twin is not placed:
            message = f"there is a term `{term.label}` already"
            yield finding(message, placed.where("label"), related=twin.where("label"))
        yield from _other_lineage(context, placed)
        abbreviation = [("abbreviation", term.abbreviation)] if term.abbreviation else []
        named: list[tuple[str, str, ValuePath]]
        named = [(role, text, (role,)) for role, text in (("label", term.label), *abbreviation)]
        named += [("synonym", text, ("synonyms", n)) for n, text in enumerate(term.synonyms)]
        for role, text, path in named:
            if why := _why_no_name(text):
                yield finding(f"{role} `{text[:80]}` {why}", placed.where(*path))
                continue
            own = (placed, text, path)
            first, form, its_path = owners.setdefault((term.kind, fold(text)), own)
            label = first.term.label
            if label == term.label:
                continue
            as_what = f" (`{form}`)" if form != text else ""
            of = "" if role == "label" else f" of `{term.label}`"
            message = f"{role} `{text}`{of} is also a form of `{label}`{as_what}"
            yield finding(message, placed.where(*path), related=first.where(*its_path))


def _other_lineage(context: Context, placed: PlacedTerm) -> Iterator[Problem]:
    """A finding where a second directory gives a cell another lineage than it inherits."""
    first = context.first_terms[placed.term.kind, placed.term.label]
    label, lineage = placed.term.label, placed.term.lineage
    if first.document is placed.document or first.term.lineage or not lineage:
        return
    cells = context.vocabulary.terms("cells")
    lines = (cells[wider].lineage for wider in context.vocabulary.ancestors("cells", label))
    inherited = next(filter(None, lines), lineage)
    if inherited != lineage:
        text = (
            f"`lineage` of `{label}` is `{lineage}` here and `{inherited}` by its wider terms: "
            "leave it out here, or give the term another label"
        )
        yield finding(text, placed.where("lineage"), related=first.where("label"))


def _why_no_name(text: str) -> str:
    """Why a text cannot be a form of a term; empty if it can."""
    if not text.strip():
        return "is empty; leave it out"
    if text.casefold() == RESISTANCE:
        return "is where chains of steps end; name what it is that resists or is resisted"
    if "|" in text:
        return "has `|`, which stands between items in tables; write `/`"
    if relations := RELATIONS.keys() & text.split()[1:-1]:
        return f"has `{min(relations)}`, which joins the two ends of a step; name one of them"
    if len(text) > MAX_FORM_LENGTH:
        return f"has {len(text)} characters; {MAX_FORM_LENGTH} are the limit"
    return ""


def wider_term(context: Context) -> Iterator[Problem]:
    """Wider term that one directory gives to a term of another.

    What claims of all directories say of the narrower term counts for the wider one from
    then on: questions have other answers. Where that is meant, leave this rule out with
    `--ignore wider-term`.

    Wrong:
        - label: natural killer cell     # a term of what the directory extends
          parents: [B cell]
    Right:
        - label: CD56-bright cell        # a term of its own
          parents: [natural killer cell]
    """
    for placed in context.terms:
        term, kind = placed.term, placed.term.kind
        other = context.first_terms[kind, term.label]
        if other.document is placed.document:
            continue
        known = set(other.term.parents).union(
            *(context.vocabulary.ancestors(kind, parent) for parent in other.term.parents)
        )
        for position, parent in enumerate(term.parents):
            if parent not in known:
                text = (
                    f"`{parent}` becomes a wider term of `{term.label}` of {other.document.name}: "
                    f"what is said of this counts for `{parent}`, too"
                )
                related = other.where("label")
                yield finding(text, placed.where("parents", position), related=related)


def label_shared(context: Context) -> Iterator[Problem]:
    """Label of terms of two kinds.

    A step names its ends by label alone: which of the two it means could not be told.
    Labels are compared as filters compare them.

    Wrong:
        - label: hypoxia        # in vocabulary/processes.yaml
        - label: Hypoxia        # in vocabulary/pathways.yaml
    Right:
        - label: hypoxia
        - label: HIF-1 signaling
    """
    owners: dict[str, PlacedTerm] = {}
    for placed in context.terms:
        term = placed.term
        first = owners.setdefault(fold(term.label), placed)
        if first.term.kind != term.kind:
            text = f"`{term.label}` is also a label in {first.term.kind}: rename one"
            yield finding(text, placed.where("label"), related=first.where("label"))


def curie(context: Context) -> Iterator[Problem]:
    """Invalid CURIE, or one whose id the ontology cannot have.

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
        pattern = _ID_PATTERNS.get(prefix.upper())
        wrong = ""
        if not _CURIE.fullmatch(xref):
            wrong = f"`{xref}` is not a CURIE; write PREFIX:ID, such as CL:0000625"
        elif pattern and prefix != prefix.upper():
            wrong = f"the prefix of `{xref}` is written {prefix.upper()}"
        elif pattern and not re.fullmatch(pattern, local):
            wrong = f"`{local}` is not an id of {prefix}"
        if wrong:
            yield finding(wrong, placed.where("xref"))


def xref_label(context: Context) -> Iterator[Problem]:
    """CURIE without the label of that entry, or a label without a CURIE.

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
            yield finding(text, placed.where("xref"))
        for name in ("xref_label", "xref_match"):
            if getattr(term, name) and not term.xref:
                yield finding(f"`{name}` has no `xref` beside it", placed.where(name))


_KINDS_ASKED_FOR = ("cells", "cancers", "agents")
"""Kinds whose terms may stand without a claim: people ask for them by name."""


def unused_term(context: Context) -> Iterator[Problem]:
    """Term that no claim uses, and that leads to no term that is used.

    Every question about it has an empty answer. A term can wait for its claim; it should
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
    unused = list(_unused(context))
    if any(one.is_draft for one in context.sources):
        if unused:
            few = [f"`{placed.term.label}`" for placed in unused[:3]]
            named = ", ".join([*few, *(["..."] if len(unused) > len(few) else [])])
            are = "is" if len(unused) == 1 else "are"
            text = (
                f"{len(unused)} of {len(context.first_terms)} terms {are} in no claim yet: {named}"
            )
            yield finding(text, Location(context.layout.name))
        return
    for placed in unused:
        yield finding(f"no claim uses `{placed.term.label}`", placed.where("label"))


def _unused(context: Context) -> Iterator[PlacedTerm]:
    used, unclear = _used_terms(context)
    for placed in context.first_terms.values():
        term = placed.term
        leads = term.kind in _KINDS_ASKED_FOR and any(
            (term.kind, wider) in used
            for wider in context.vocabulary.ancestors(term.kind, term.label)
        )
        if (term.kind, term.label) not in used and term.kind not in unclear and not leads:
            yield placed


def _used_terms(context: Context) -> tuple[set[tuple[str, str]], set[str]]:
    """The terms (kind, label) that claims use, and the kinds for which this is not known.

    Those are kinds with an invalid list or an unknown label, which is reported at the claim. A
    molecule that only the mechanism names is used, too.
    """
    unclear: set[str] = set()
    listed: dict[str, set[str]] = {kind: set() for kind in KINDS}
    molecules: set[str] = set()
    ends: set[str | None] = set()
    for record, claim in context.drafts:
        for name, kind in TERM_FIELDS.items():
            listed[kind].update(getattr(claim, name))
            if not isinstance(record.raw.get(name), list):
                unclear.add(kind)
        molecules |= context.names.named(claim.mechanism)
        for step in claim.steps:
            ends.update((step.source, step.target, step.place))
    used = {("molecules", label) for label in molecules}
    used.update((kind, end) for end in ends if end for kind in KINDS)
    for kind, labels in listed.items():
        for label in labels:
            term = context.vocabulary.resolve(kind, label)
            if term is None:
                unclear.add(kind)
            else:
                used.add((kind, term.label))
    for kind, label in tuple(used):
        used.update((kind, above) for above in context.vocabulary.ancestors(kind, label))
    return used, unclear
