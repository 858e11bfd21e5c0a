"""Rules about what a claim says: its effect, signs, wording and molecules, and repetition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil

from tdr.check.context import Context
from tdr.check.finding import claim_finding, finding
from tdr.model.errors import Location, Problem
from tdr.model.field import LISTS, names
from tdr.model.fields import FIELDS
from tdr.model.place import Place
from tdr.model.text import words
from tdr.model.values import Claim
from tdr.read.record import Record

MAX_MECHANISM_WORDS = 60
"""Most words that a mechanism may have."""

MAX_COUNTERMEASURE_WORDS = 8
"""Most words of one item of `countered_by`."""


def truth_table(context: Context) -> Iterator[Problem]:
    """Effect that does not fit the cells of the claim.

    `resistance` needs a cell that promotes or opposes it; where the source names
    none, the `note` says so. `sensitivity` needs a cell that opposes resistance, or
    something that counters it.

    Wrong:
        promotes: [monocyte]
        opposes: []
        effect: sensitivity
        countered_by: []
    Right:
        promotes: [monocyte]
        opposes: []
        effect: resistance
        countered_by: []
    """
    for record, claim in context.claims:
        if claim.effect == "resistance" and not (claim.promotes or claim.opposes or claim.note):
            text = (
                "effect is resistance, but no cell promotes or opposes it; "
                "if the source names none, say so in `note`"
            )
            yield claim_finding(record, text, "effect")
        if claim.effect == "sensitivity" and not (claim.opposes or claim.countered_by):
            text = (
                "effect is sensitivity, but no cell opposes resistance and nothing counters it: "
                "is it resistance?"
            )
            yield claim_finding(record, text, "effect")


def both_sides(context: Context) -> Iterator[Problem]:
    """Cell that promotes and opposes resistance in one claim.

    It cannot do both in one finding. If the source says that it changes sides, the
    two states are two kinds of cells or two claims.

    Wrong:
        promotes: [macrophage]
        opposes: [macrophage]
    Right:
        promotes: [M2 macrophage]
        opposes: [M1 macrophage]
    """
    for record, claim in context.drafts:
        for position, label in enumerate(claim.opposes):
            if label in claim.promotes:
                text = f"`{label}` stands in `promotes` and in `opposes`"
                first = record.where(("promotes", claim.promotes.index(label)))
                yield claim_finding(record, text, "opposes", position, related=first)


def mechanism(context: Context) -> Iterator[Problem]:
    """Mechanism that is empty or not a whole sentence.

    It is read alone, on a card or in a table: it begins like a sentence and ends
    with a full stop.

    Wrong:
        mechanism: CCL2 draws in monocytes
    Right:
        mechanism: CCL2 draws in monocytes.
    """
    for record, claim in context.drafts:
        text = claim.mechanism.strip()
        wrong = ""
        if not isinstance(record.raw.get("mechanism"), str):
            continue
        if not text:
            wrong = "is empty"
        elif not re.search(r"[.!?][\"”’')\]]*$", text):
            wrong = "does not end with a full stop"
        elif len(text.split()) < 3:
            wrong = "is too short to be a sentence: it needs three words"
        if wrong:
            yield claim_finding(record, f"the mechanism {wrong}", "mechanism")


def mechanism_length(context: Context) -> Iterator[Problem]:
    """Mechanism of more than 60 words.

    A claim is one finding. What needs more words is often two claims, or a remark
    for `note`.

    Wrong:
        mechanism: (70 words about three findings)
    Right:
        mechanism: (25 words about the first of them)
    """
    for record, claim in context.drafts:
        count = len(claim.mechanism.split())
        if count > MAX_MECHANISM_WORDS:
            text = f"the mechanism has {count} words; {MAX_MECHANISM_WORDS} are the limit"
            yield claim_finding(record, text, "mechanism")


def countered_by(context: Context) -> Iterator[Problem]:
    """Countermeasure that is not written as a noun phrase.

    `tdr counter` lists them side by side, so they follow one pattern: a noun phrase
    that names the intervention, of at most eight words, without a full stop.

    Wrong:
        countered_by: [by blocking CXCR2., Depletes Tregs]
    Right:
        countered_by: [CXCR2 inhibition, Treg depletion]
    """
    for record, claim in context.drafts:
        for position, item in enumerate(claim.countered_by):
            wrong = _not_a_noun_phrase(item.strip())
            if wrong:
                text = f"`{item}` {wrong}; name the intervention, as in `Treg depletion`"
                yield claim_finding(record, text, "countered_by", position)


_VERBS = (
    "abrogat", "activat", "add", "administer", "antagoniz", "antagonis", "attenuat", "block",
    "combin", "decreas", "delet", "deplet", "destroy", "disrupt", "downregulat", "eliminat",
    "enhanc", "giv", "increas", "inhibit", "interfer", "interrupt", "inactivat", "kill",
    "knock", "lower", "neutraliz", "neutralis", "overexpress", "prevent", "reduc", "remov",
    "restor", "revers", "silenc", "stimulat", "stop", "suppress", "target", "treat",
    "upregulat", "us",
)  # fmt: skip
_VERB = re.compile(rf"(?i)(?:{'|'.join(_VERBS)})(?:e|es|s|t|d|ed|ing|ting|ling|king)?")
_NOUNS = frozenset(("blocker", "target", "targets", "adds", "stimulating", "activated", "depleted"))
_NOT_FIRST = frozenset(("a", "an", "the", "by", "with", "via", "through", "to", "of", "when", "if"))


def _not_a_noun_phrase(item: str) -> str:
    """Why an item of `countered_by` is not a noun phrase; empty if it is one."""
    parts = item.split()
    if not parts:
        return "is empty"
    first = parts[0].casefold()
    if item[-1] in ".;,:":
        return "ends with a punctuation mark"
    if first in _NOT_FIRST:
        return f"begins with `{parts[0]}`"
    if _VERB.fullmatch(first) and first not in _NOUNS and not first.endswith("ed"):
        return f"begins with the verb `{parts[0]}`"
    if len(parts) > MAX_COUNTERMEASURE_WORDS:
        return f"has {len(parts)} words, {MAX_COUNTERMEASURE_WORDS} are the limit"
    return ""


_LISTS_OF_WORDS = names(field for field in FIELDS if field.type in LISTS - {"refs", "records"})
"""Lists of words; of references see `ref-repeated`."""


def repeated_item(context: Context) -> Iterator[Problem]:
    """Item that stands twice in one list.

    It adds nothing, and often the second one was meant to be another.

    Wrong:
        molecules: [CCL2, IL6, CCL2]
    Right:
        molecules: [CCL2, IL6]
    """
    for record, claim in context.drafts:
        for name in _LISTS_OF_WORDS:
            items = getattr(claim, name)
            if len(set(items)) == len(items):
                continue
            listed: list[object] = record.raw[name]
            for position, item in enumerate(listed):
                if item in listed[:position]:
                    text = f"`{item}` stands twice in `{name}`"
                    yield claim_finding(record, text, name, position)


DUPLICATE_FROM = 0.8
"""From this share of common words on, two mechanisms of a paragraph count as one."""


def near_duplicate(context: Context) -> Iterator[Problem]:
    """Claim that says what another claim of the same paragraph says already.

    It would be counted twice. A finding that the source tells in two places is two
    claims, each with its place; two findings of one reference differ in their words.

    Wrong:
        - id: che-010
          mechanism: IL-6 from CAFs raises CXCR7 and makes tumor cells resist cisplatin.
        - id: che-036
          mechanism: IL-6 from CAFs raises CXCR7 and makes the tumor cells resist cisplatin.
    Right:
        - id: che-010
          mechanism: IL-6 from CAFs raises CXCR7 and makes tumor cells resist cisplatin.
    """
    by_place: dict[Place, list[tuple[Record, str]]] = {}
    for record, claim in context.drafts:
        if claim.mechanism.strip():
            by_place.setdefault(claim.at, []).append((record, claim.mechanism))
    for in_paragraph in by_place.values():
        for record, first in _near_duplicates(in_paragraph):
            text = f"nearly the same mechanism as {first.identifier}"
            yield claim_finding(record, text, "mechanism", related=first.where(("mechanism",)))


def _near_duplicates(in_paragraph: list[tuple[Record, str]]) -> Iterator[tuple[Record, Record]]:
    """Records of claims with a mechanism like that of an earlier one, and the earlier one's.

    Two texts that share enough words share one of the rarest words of each, so that
    only those that do are compared (prefix filtering): nearly linear in their number.
    """
    texts = [_tokens(mechanism) for _, mechanism in in_paragraph]
    spread = Counter(token for text in texts for token in text)
    holders: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        rarest = sorted(text, key=lambda token: (spread[token], token))
        prefix = rarest[: len(text) - ceil(DUPLICATE_FROM * len(text)) + 1]
        for other in sorted({one for token in prefix for one in holders.get(token, ())}):
            both = len(text & texts[other])
            if both >= DUPLICATE_FROM * (len(text) + len(texts[other]) - both):
                yield in_paragraph[position][0], in_paragraph[other][0]
                break
        for token in prefix:
            holders.setdefault(token, []).append(position)


def _tokens(text: str) -> frozenset[str]:
    """The words of a text; the second occurrence of a word is another token than the first."""
    counted = Counter(words(text))
    again = (f"{word} {n}" for word, count in counted.items() for n in range(1, count))
    return frozenset((*counted, *again))


@dataclass(frozen=True, slots=True)
class _CellSide:
    """A cell on one side of a claim."""

    record: Record
    claim: Claim
    field: str
    position: int
    cell: str

    @property
    def location(self) -> Location:
        return self.record.where((self.field, self.position))


def _cell_sides(context: Context) -> Iterator[_CellSide]:
    for record, claim in context.claims:
        for name in ("promotes", "opposes"):
            for position, cell in enumerate(getattr(claim, name)):
                yield _CellSide(record, claim, name, position, cell)


def contradiction(context: Context) -> Iterator[Problem]:
    """Cell on opposite sides in two claims about the same agent and cancer.

    The source may contradict itself, and then a `note` says so; or one of the two
    claims has its cell in the wrong list. Only claims that name cell, agent and
    cancer all three are compared, and those without a note.

    Wrong:
        - {id: imm-010, promotes: [B cell], cancers: [melanoma], agents: [anti-PD-1 therapy]}
        - {id: imm-020, opposes: [B cell], cancers: [melanoma], agents: [anti-PD-1 therapy]}
    Right:
        - {id: imm-010, promotes: [B cell], cancers: [melanoma], agents: [anti-PD-1 therapy]}
        - {id: imm-020, promotes: [B cell], cancers: [melanoma], agents: [anti-PD-1 therapy]}
    """
    seen: dict[tuple[str, str, str], _CellSide] = {}
    reported: set[tuple[str, str]] = set()
    for side in _cell_sides(context):
        claim, cell = side.claim, side.cell
        for agent, cancer in product(claim.agents, claim.cancers):
            first = seen.setdefault((cell, agent, cancer), side)
            if first.field == side.field or claim.note or first.claim.note:
                continue
            if first.claim.id == claim.id or (claim.id, cell) in reported:
                continue
            reported.add((claim.id, cell))
            text = (
                f"`{cell}` {side.field} resistance to {agent} in {cancer} here, "
                f"and {first.field} it in {first.claim.id}"
            )
            yield finding(text, side.location, claim.id, first.location)


MAJORITY = 4
"""From so many claims with the other sign on, a single one is reported."""


def lone_sign(context: Context) -> Iterator[Problem]:
    """Cell on the side where no other claim has it.

    If every other claim, and there are four or more, has the cell on the other side,
    the lists were probably mixed up. It may be a true exception: then a `note` says
    so, or `ignore` gives the reason.

    Wrong:
        promotes: [CD8+ T cell]      # everywhere else it opposes resistance
        opposes: []
    Right:
        promotes: []
        opposes: [CD8+ T cell]
    """
    sides: dict[str, dict[str, list[_CellSide]]] = {}
    for side in _cell_sides(context):
        both = sides.setdefault(side.cell, {"promotes": [], "opposes": []})
        both[side.field].append(side)
    for cell, both in sides.items():
        lone, others = sorted(both.values(), key=len)
        if len(lone) == 1 and len(others) >= MAJORITY and not lone[0].claim.note:
            side = lone[0]
            text = (
                f"`{cell}` {side.field} resistance here and {others[0].field} it in all "
                f"{len(others)} other claims"
            )
            yield finding(text, side.location, side.claim.id)


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
                yield claim_finding(record, text, field)


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
            continue  # reported by [mechanism]
        for position, label in enumerate(claim.molecules):
            if not mentioned.intersection(names.family((label,))):
                text = f"the mechanism does not name `{label}`"
                yield claim_finding(record, text, "molecules", position)
