"""Rules about how sure a claim is: flags and cited papers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tdr.check.context import Context
from tdr.check.finding import claim_finding
from tdr.model.dates import is_future
from tdr.model.errors import Problem
from tdr.model.standing import Comparison
from tdr.model.values import Claim

MOST_WORDS = 40
"""Most words of what a paper says."""


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
        for position, one in enumerate(claim.primary):
            earlier = {other.ref for other in claim.primary[:position]}
            for name, text in _faults(one, claim, earlier):
                yield claim_finding(record, text, "primary", position, name)


def _faults(one: Comparison, claim: Claim, earlier: Collection[int]) -> Iterator[tuple[str, str]]:
    """Field of an entry, and what is wrong with it."""
    if one.ref not in claim.refs:
        yield "ref", f"reference {one.ref} is not among the claim's references"
    if one.ref in earlier:
        yield "ref", f"reference {one.ref} has an entry already"
    if one.agrees in ("no", "partly") and not one.differs:
        yield "agrees", f"`agrees` is `{one.agrees}`: say in `differs` what differs"
    if one.agrees == "yes" and one.differs:
        yield "differs", "`agrees` is `yes`: then nothing differs"
    words = len((one.says or "").split())
    if words > MOST_WORDS:
        yield "says", f"`says` has {words} words; at most {MOST_WORDS}"
    if one.date and is_future(one.date):
        yield "date", f"{one.date} is in the future"
