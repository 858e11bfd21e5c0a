"""Rules about a claim's steps: that they lead to the outcome, and prove the claim's own signs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tdr.check.context import Context
from tdr.check.finding import claim_finding
from tdr.model.errors import Problem
from tdr.model.steps import RELATIONS, RESISTANCE, Step, reaching, signs
from tdr.model.steps import TUMOR_CELL as TUMOR_CELL_LABEL
from tdr.model.values import Claim

_FIELDS_OF_ENDS = ("molecules", "pathways", "processes")
"""Fields whose items are ends of steps, and the kinds of these items."""

STEP_END = """Step that begins or ends at something that is not known.

A step leads from a label of the vocabulary, of any kind but cancers, or an
intervention as `countered_by` has it, to a label or `resistance`.

Wrong:
    steps:
      - {from: tumor-associated macrophage, does: secretes, to: some cytokine}
Right:
    steps:
      - {from: tumor-associated macrophage, does: secretes, to: CXCL8}
"""

TUMOR_CELL = """Tumor cell on a side of a claim.

Claims are about the cells around the tumor cells. `tumor cell` stands in steps only.

Wrong:
    promotes: [tumor cell]
Right:
    promotes: [tumor-associated macrophage]
    steps:
      - {from: tumor-associated macrophage, does: activates, to: tumor cell}
"""


def step_kind(context: Context) -> Iterator[Problem]:
    """Step whose relation does not fit its ends.

    A cell or vesicle secretes and expresses molecules, a cell becomes another, and only cells
    are recruited, excluded and killed. Whatever raises or lowers `resistance` increases or
    decreases it, or goes with or against it.

    Wrong:
        steps:
          - {from: CXCL8, does: becomes, to: neutrophil}
          - {from: neutrophil, does: activates, to: resistance}
    Right:
        steps:
          - {from: CXCL8, does: recruits, to: neutrophil}
          - {from: neutrophil, does: increases, to: resistance}
    """
    for record, claim in context.claims:
        for position, step in enumerate(claim.steps):
            relation = RELATIONS[step.does]
            for key, end, verb, kinds in (
                ("from", step.source, "begins with", relation.begins),
                ("to", step.target, "leads to", relation.ends),
            ):
                if not kinds or any(_is_kind(context, kind, end) for kind in kinds):
                    continue
                allowed = " or ".join(", ".join(kinds).rsplit(", ", 1))
                text = f"`{step.does}` {verb} {allowed}, not `{end}`"
                yield claim_finding(record, text, "steps", position, key)


def _is_kind(context: Context, kind: str, end: str) -> bool:
    """Whether an end of a step is a term of this kind."""
    return (kind == "cells" and end == TUMOR_CELL_LABEL) or context.vocabulary.get(
        kind, end
    ) is not None


def step_repeated(context: Context) -> Iterator[Problem]:
    """Step that stands twice.

    One link, stated once: repeated, it would count twice in every picture and table.

    Wrong:
        steps:
          - {from: CXCL8, does: increases, to: resistance}
          - {from: CXCL8, does: increases, to: resistance}
    Right:
        steps:
          - {from: CXCL8, does: increases, to: resistance}
    """
    for record, claim in context.claims:
        seen: set[Step] = set()
        for position, step in enumerate(claim.steps):
            if step in seen:
                text = f"the step `{step}` stands here already"
                yield claim_finding(record, text, "steps", position)
            seen.add(step)


def step_dangles(context: Context) -> Iterator[Problem]:
    """Step that leads nowhere.

    Steps say how cells come to raise or lower resistance: from every end a path must lead
    on to `resistance`. Where the source leaves the last link to the reader, close the chain.

    Wrong:
        steps:
          - {from: tumor-associated macrophage, does: secretes, to: CXCL8}
    Right:
        steps:
          - {from: tumor-associated macrophage, does: secretes, to: CXCL8}
          - {from: CXCL8, does: increases, to: resistance}
    """
    for record, claim in context.claims:
        leading = reaching(claim.steps)
        for position, step in enumerate(claim.steps):
            if step.target not in leading:
                text = f"no path leads on from `{step.target}` to `{RESISTANCE}`"
                yield claim_finding(record, text, "steps", position, "to")


def step_sign(context: Context) -> Iterator[Problem]:
    """Side of a claim that its steps do not prove.

    The product of the signs on the paths to `resistance` must be + for every cell that
    promotes it, and - for every cell that opposes it and everything that counters it. A link
    without direction proves nothing.

    Wrong:
        promotes: [tumor-associated macrophage]
        steps:
          - {from: tumor-associated macrophage, does: decreases, to: resistance}
    Right:
        promotes: [tumor-associated macrophage]
        steps:
          - {from: tumor-associated macrophage, does: increases, to: resistance}
    """
    for record, claim in context.claims:
        if not claim.steps:
            continue
        for field, wanted in (("promotes", 1), ("opposes", -1), ("countered_by", -1)):
            for position, name in enumerate(getattr(claim, field)):
                found = signs(claim.steps, name)
                if wanted in found:
                    continue
                text = f"`{name}`: {_unproved(wanted, found)}"
                yield claim_finding(record, text, field, position)


def _unproved(wanted: int, found: frozenset[int]) -> str:
    sign, other = ("+", "-") if wanted > 0 else ("-", "+")
    if not found:
        return f"no steps lead from it to `{RESISTANCE}`; there should be a path with sign {sign}"
    if found == {0}:
        return f"every path to `{RESISTANCE}` has a link without direction; one should be {sign}"
    return f"its paths to `{RESISTANCE}` have the sign {other}; one should be {sign}"


def step_unused(context: Context) -> Iterator[Problem]:
    """Item of a claim that is in none of its steps.

    A molecule, pathway, process or intervention that is listed has a part in the
    mechanism, and the steps say which. A pathway stands for the molecules that its name
    lists, and one of these for the pathway.

    Wrong:
        molecules: [CXCL8, IL6]
        steps:
          - {from: CXCL8, does: increases, to: resistance}
    Right:
        molecules: [CXCL8]
        steps:
          - {from: CXCL8, does: increases, to: resistance}
    """
    for record, claim in context.claims:
        if not claim.steps:
            continue
        ends = {end for step in claim.steps for end in (step.source, step.target)}
        ends |= set(_pathway_matches(context, claim, ends))
        for field in (*_FIELDS_OF_ENDS, "countered_by"):
            for position, name in enumerate(getattr(claim, field)):
                if name not in ends:
                    text = f"`{name}` is in none of the claim's steps"
                    yield claim_finding(record, text, field, position)


def _pathway_matches(context: Context, claim: Claim, ends: Collection[str]) -> Iterator[str]:
    """Molecules of the claim whose pathway is an end of its steps, and pathways the other way."""
    for molecule in claim.molecules:
        for pathway in context.vocabulary.pathways_with(molecule):
            if pathway in ends:
                yield molecule
            elif molecule in ends:
                yield pathway


def step_unlisted(context: Context) -> Iterator[Problem]:
    """Molecule, pathway or process of a step that the claim does not list.

    Filters, tables and the matrix go by the lists: what only a step names is not found.

    Wrong:
        molecules: []
        steps:
          - {from: CXCL8, does: increases, to: resistance}
    Right:
        molecules: [CXCL8]
        steps:
          - {from: CXCL8, does: increases, to: resistance}
    """
    for record, claim in context.claims:
        for position, step in enumerate(claim.steps):
            for key, name in (("from", step.source), ("to", step.target)):
                field = _unlisted(context, claim, name)
                if field:
                    text = f"`{name}` is not among the claim's {field}"
                    yield claim_finding(record, text, "steps", position, key)


def _unlisted(context: Context, claim: Claim, name: str) -> str:
    """The field in which an end of a step should stand and does not; empty if none."""
    for field in _FIELDS_OF_ENDS:
        if context.vocabulary.get(field, name) is not None:
            return "" if name in getattr(claim, field) else field
    return ""
