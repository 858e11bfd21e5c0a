"""Rules about how sure a claim is: flags and cited papers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tdr.check.context import Context
from tdr.check.finding import claim_finding
from tdr.model.dates import is_future
from tdr.model.errors import Problem
from tdr.model.standing import PaperComparison
from tdr.model.values import Claim

MAX_WORDS_OF_SAYS = 40
"""Most words that `says` of an entry may have."""


def flags(context: Context) -> Iterator[Problem]:
    """Flag without a note.

    A flag says what kind of doubt the note raises; what the doubt is stands in the note.

    Wrong:
        flags: [title]
        note: null
    Right:
        flags: [title]
        note: The cited title speaks of another cancer.
    """
    for record, claim in context.claims:
        if claim.flags and not claim.note:
            text = "there are `flags` but no `note`: say in it what the doubt is"
            yield claim_finding(record, text, "flags")


def primary(context: Context) -> Iterator[Problem]:
    """Invalid entry about a cited paper.

    There is one for each reference that was compared with the claim. Where the paper
    agrees in part or not at all, `differs` says in what; where it agrees, nothing
    differs. `says` has at most 40 words, and no date is in the future.

    Wrong:
        refs: [20]
        primary:
          - {ref: 21, agrees: "no"}
    Right:
        refs: [20]
        primary:
          - {ref: 20, agrees: "no", differs: [cell]}
    """
    for record, claim in context.claims:
        for position, comparison in enumerate(claim.primary):
            earlier = {other.ref for other in claim.primary[:position]}
            for name, text in _faults(comparison, claim, earlier):
                yield claim_finding(record, text, "primary", position, name)


def _faults(
    comparison: PaperComparison, claim: Claim, earlier: Collection[int]
) -> Iterator[tuple[str, str]]:
    """The fields of an entry that are wrong, and what is wrong with each."""
    if comparison.ref not in claim.refs:
        yield "ref", f"reference {comparison.ref} is not among the claim's references"
    if comparison.ref in earlier:
        yield "ref", f"reference {comparison.ref} has an entry already"
    if comparison.agrees in ("no", "partly") and not comparison.differs:
        yield "agrees", f"`agrees` is `{comparison.agrees}`: say in `differs` what differs"
    if comparison.agrees == "yes" and comparison.differs:
        yield "differs", "`agrees` is `yes`: then nothing differs"
    words = len((comparison.says or "").split())
    if words > MAX_WORDS_OF_SAYS:
        yield "says", f"`says` has {words} words; at most {MAX_WORDS_OF_SAYS}"
    if comparison.date and is_future(comparison.date):
        yield "date", f"{comparison.date} is in the future"
