"""Rules about where the source says it: sections, paragraphs and their citations."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.check.context import Context
from tdr.check.finding import WARNING, claim_finding, finding
from tdr.model.errors import Location, Problem, did_you_mean, near
from tdr.model.fields import TERM_FIELDS
from tdr.model.place import Place
from tdr.model.text import counted
from tdr.model.values import KINDS, Claim
from tdr.read.positions import ValuePath
from tdr.read.record import Record


def place(context: Context) -> Iterator[Problem]:
    """Section or paragraph that the source does not have.

    `at` says where the source makes the statement, so that a reader can look it up
    and `tdr coverage` can prove that nothing was left out.

    Wrong:
        at: {section: chemo/imune, paragraph: 9}
    Right:
        at: {section: chemo/immune, paragraph: 1}
    """
    lengths: dict[str, int] = {}
    for found in context.paragraphs:
        lengths[found.section] = max(lengths.get(found.section, 0), found.paragraph)
    for record, claim in context.drafts:
        at = claim.at
        if not at.section or at in context.paragraphs:
            continue
        if at.section not in lengths:
            hint = did_you_mean(near(at.section, lengths))
            text = f"the source has no section `{at.section}`{hint}"
            yield claim_finding(record, text, "at", "section")
        elif at.paragraph:
            many = lengths[at.section]
            text = f"section `{at.section}` has {counted(many, 'paragraph')}"
            yield claim_finding(record, text, "at", "paragraph")


def ref_place(context: Context) -> Iterator[Problem]:
    """Claim that rests on a reference which its paragraph does not cite.

    Either the number or the paragraph is wrong.

    Wrong:
        refs: [102]
        at: {section: introduction, paragraph: 1}      # it cites 1 to 13
    Right:
        refs: [12]
        at: {section: introduction, paragraph: 1}
    """
    cited = {place: frozenset(found.cited) for place, found in context.paragraphs.items()}
    elsewhere: dict[int, list[Place]] = {}
    for at, found in context.paragraphs.items():
        for number in found.cited:
            elsewhere.setdefault(number, []).append(at)
    for record, claim in context.drafts:
        here = cited.get(claim.at)
        if here is None:
            continue
        for number in claim.refs:
            if number not in here and number in context.references:
                places = [f"{at.section} {at.paragraph}" for at in elsewhere.get(number, ())]
                other = f"; it is cited in {', '.join(places)}" if places else ""
                text = f"{claim.at} does not cite reference {number}{other}"
                position = record.raw["refs"].index(number)
                related = context.paragraph(claim.at)
                yield claim_finding(record, text, "refs", position, related=related)


def open_citation(context: Context) -> Iterator[Problem]:
    """Citation of the source that nothing accounts for.

    A claim at that paragraph rests on it, or the reference is marked `background`,
    or the paragraph lists it under `background`. Otherwise the source says something
    that nobody has curated, or a claim was lost. Of a source whose `state` is draft only
    their number is reported.

    Wrong:
        # source.yaml: chemo/immune, paragraph 1 cites 117, and no claim there has it
    Right:
        - id: che-012
          refs: [117]
          at: {section: chemo/immune, paragraph: 1}
    """
    if context.is_draft:
        many = sum(row.citations for row in context.coverage)
        left = sum(row.open for row in context.coverage)
        if left:
            source = context.document(context.layout.source)
            found = finding(f"{left} of {many} citations open", Location(source.name))
            yield found._replace(severity=WARNING)
        return
    for row in context.coverage:
        for number in row.missing:
            if number not in context.references or context.follows_from_claim(row.place, number):
                continue
            paragraph = context.paragraphs[row.place]
            group = next(n for n, cited in enumerate(paragraph.citations) if number in cited)
            position = paragraph.citations[group].index(number)
            text = f"no claim at {row.place} rests on reference {number}, "
            where = context.paragraph(row.place, "citations", group, position)
            related = context.reference(number, "cited_as")
            yield finding(text + "and it is not marked background", where, related=related)


def background(context: Context) -> Iterator[Problem]:
    """Paragraph whose `background` does not fit its citations or its claims.

    `background` of a paragraph names references that back a claim elsewhere and only a
    general statement here: it cites them, and no claim placed there rests on them.

    Wrong:
        citations: [[106, 107]]
        background: [160]
    Right:
        citations: [[106, 107]]
        background: [106]
    """
    resting: dict[tuple[Place, int], Record] = {}
    for record, claim in context.drafts:
        for number in claim.refs:
            resting.setdefault((claim.at, number), record)
    for place, paragraph in context.paragraphs.items():
        for position, number in enumerate(paragraph.background):
            where = context.paragraph(place, "background", position)
            record_here = resting.get((place, number))
            if number not in paragraph.cited:
                yield finding(f"this paragraph does not cite reference {number}", where)
            elif record_here is not None:
                text = f"reference {number} is background here, but a claim at this paragraph "
                yield finding(text + "rests on it", where, related=record_here.where(("refs",)))


def named(context: Context) -> Iterator[Problem]:
    """Term that `named` or `unnamed` of the source lists wrongly.

    Both list terms that no claim of the source has: an empty answer can then say where
    the source speaks of them, or that it does not. Each is a label of the
    vocabulary and stands in one of the two; its places are paragraphs of the source.

    Wrong:
        named: {B cells: [introduction/9]}
        unnamed: [CD8+ T cell]       # claims have it
    Right:
        named: {B cell: [introduction/1]}
        unnamed: [mast cell]
    """
    document = context.document(context.layout.source)
    source = context.support.source
    claim_with: dict[str, Claim] = {}
    for _, claim in reversed(context.drafts):
        claim_with |= dict.fromkeys(
            (x for name in TERM_FIELDS for x in getattr(claim, name)), claim
        )
    entries: list[tuple[str, ValuePath]] = [(label, ("named", label)) for label in source.named]
    entries += [(label, ("unnamed", n)) for n, label in enumerate(source.unnamed)]
    for label, path in entries:
        where = document.where(path, key=path[0] == "named")
        if not any(context.vocabulary.get(kind, label) for kind in KINDS):
            yield finding(f"`{label}` is not a label of the vocabulary", where)
        elif label in claim_with:
            yield finding(
                f"`{label}` is in a claim, {claim_with[label].id}: take it out here", where
            )
        elif path[0] == "unnamed" and label in source.named:
            yield finding(f"`{label}` stands in `named`, too", where)
    for label, places in source.named.items():
        for position, text in enumerate(places):
            if Place.parse(text) not in context.paragraphs:
                where = document.where(("named", label, position))
                yield finding(
                    f"`{text}` is not a paragraph of the source, such as introduction/1", where
                )
