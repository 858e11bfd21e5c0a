"""Rules that compare the molecules that a mechanism names with those that the claim lists."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.check.context import Context
from tdr.check.finding import in_claim
from tdr.model.errors import Problem


def molecule_unlisted(context: Context) -> Iterator[Problem]:
    """Molecule that the mechanism names and the claim does not list.

    A filter by this molecule does not find the claim. A name inside of a longer one
    does not count (PD-1 in anti-PD-1 therapy); the members of a pathway do.

    Wrong:
        mechanism: CCL2 draws in monocytes, which release IL-10.
        molecules: [CCL2]
    Right:
        mechanism: CCL2 draws in monocytes, which release IL-10.
        molecules: [CCL2, IL10]
    """
    names = context.names
    for record, claim in context.claims:
        for label in sorted(names.named(claim.mechanism) - names.family(claim.molecules)):
            if not context.vocabulary.children("molecules", label):
                text = f"the mechanism names `{label}`, which is not among the molecules"
                field = "molecules" if "molecules" in record.raw else "mechanism"
                yield in_claim(record, text, field)


def molecule_unnamed(context: Context) -> Iterator[Problem]:
    """Molecule that the claim lists and the mechanism does not name.

    Either the mechanism leaves out a step, or the list holds what the source does
    not say.

    Wrong:
        mechanism: CCL2 draws in monocytes.
        molecules: [CCL2, IL10]
    Right:
        mechanism: CCL2 draws in monocytes, which release IL-10.
        molecules: [CCL2, IL10]
    """
    names = context.names
    for record, claim in context.claims:
        mentioned = names.mentioned(claim.mechanism) if claim.molecules else set()
        if not claim.mechanism.strip():
            continue  # said by [mechanism]
        for position, label in enumerate(claim.molecules):
            if not mentioned.intersection(names.family((label,))):
                text = f"the mechanism does not name `{label}`"
                yield in_claim(record, text, "molecules", position)
