"""Rules about reference numbers and the reference list."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.check.context import Context
from tdr.check.finding import WARNING, claim_finding, finding
from tdr.model import works
from tdr.model.authors import holds_others, is_others, several, unlettered, unmarked
from tdr.model.dates import is_future, years_of_publication
from tdr.model.errors import Location, Problem, did_you_mean, near
from tdr.model.identifiers import PMCID, PMID, clean_doi, first_doi, is_balanced
from tdr.model.text import listed
from tdr.model.values import IDENTIFIERS
from tdr.model.works import may_be_one, title_and_year

_MAX_COMPARED = 100
"""References of one title (`Editorial`) with which the next one is compared: more say nothing."""

REF = """Invalid reference number, or a claim without any.

Every claim rests on at least one entry of the reference list. Numbers are plain
whole numbers from 1: no quotes, no leading zero, nothing nested.

Wrong:
    refs: ["13", 0]
Right:
    refs: [13]
"""


def ref_unknown(context: Context) -> Iterator[Problem]:
    """Reference number that the reference list does not have.

    The claim, or the citation in source.yaml, rests on nothing.

    Wrong:
        refs: [999]
    Right:
        refs: [99]
    """
    yield from context.found("ref-unknown")
    last = max(context.references, default=0)  # gaps before it are reported by [ref-gap]
    for place, paragraph in context.paragraphs.items():
        for number in (*paragraph.cited, *paragraph.background):
            if number > last > 0:
                text = f"{place} cites reference {number}, which is not in references.yaml"
                yield finding(text, context.paragraph(place))


def ref_repeated(context: Context) -> Iterator[Problem]:
    """Reference number that stands twice in one claim.

    It adds nothing, and often the second one was meant to be another number.

    Wrong:
        refs: [20, 20]
    Right:
        refs: [20, 21]
    """
    for record, claim in context.drafts:
        if len(set(claim.refs)) == len(claim.refs):
            continue
        listed: list[object] = record.raw["refs"]
        for position, number in enumerate(listed):
            if number in listed[:position] and number in claim.refs:
                text = f"reference {number} stands twice in this claim"
                yield claim_finding(record, text, "refs", position)


def ref_gap(context: Context) -> Iterator[Problem]:
    """Number that is missing in the reference list.

    The list follows the source's numbering. A gap means that an entry was lost, and
    that those after it may have moved. An entry that the source itself lacks is
    written down with a `note` that says so.

    Wrong:
        references:
          141: {...}
          143: {...}
    Right:
        references:
          141: {...}
          142: {title: not in the source's list, note: The text cites 142; the list lacks it.}
          143: {...}
    """
    numbers = sorted(context.references)
    for before, after in zip([0, *numbers], numbers, strict=False):
        if after > before + 1:
            first, last = before + 1, after - 1
            gap = f"reference {first} is" if first == last else f"references {first} to {last} are"
            yield finding(f"{gap} missing before {after}", context.reference(after))


def doi(context: Context) -> Iterator[Problem]:
    """Invalid DOI.

    A DOI begins with `10.`, a number of at least four digits (which may have parts) and
    a slash; it is written without `https://doi.org/` or `doi:`, and without what is
    copied along with it: a full stop, a bracket without its partner, HTML entities
    and percent-escapes, the query or the last part of a page's address, other words.

    Wrong:
        doi: https://doi.org/10.1016/j.ccell.2022.08.012
    Right:
        doi: 10.1016/j.ccell.2022.08.012
    """
    for number, reference in context.references.items():
        if reference.doi is None:
            continue
        clean = clean_doi(reference.doi)
        if clean != reference.doi:
            hint = "; it begins with 10.NNNN/"
            if first_doi(reference.doi):
                hint = f"; write {clean}" if clean else "; write it alone, without what follows it"
            text = f"`{reference.doi}` is not a DOI{hint}"
            yield _reference_finding(context, number, "doi", text)
        elif not is_balanced(clean):
            text = f"`{clean}` is not a DOI: a bracket has no partner"
            yield _reference_finding(context, number, "doi", text)


def _reference_finding(
    context: Context, number: int, field: str, text: str, related: Location | None = None
) -> Problem:
    """A finding about a field of a reference."""
    return finding(text, context.reference(number, field), str(number), related)


def pmid(context: Context) -> Iterator[Problem]:
    """Invalid PubMed or PubMed Central id.

    A PMID is a number, a PMCID `PMC` and a number; both are quoted as text.

    Wrong:
        pmid: PMID:37842242
        pmcid: '10571052'
    Right:
        pmid: '37842242'
        pmcid: PMC10571052
    """
    for number, reference in context.references.items():
        if reference.pmid is not None and not PMID.fullmatch(reference.pmid):
            text = f"`{reference.pmid}` is not a PMID: that is a number"
            yield _reference_finding(context, number, "pmid", text)
        if reference.pmcid is not None and not PMCID.fullmatch(reference.pmcid):
            text = f"`{reference.pmcid}` is not a PMCID: that is PMC and a number"
            yield _reference_finding(context, number, "pmcid", text)


def identifier_repeated(context: Context) -> Iterator[Problem]:
    """DOI, PMID or PMCID that two references have.

    One of them is wrong, or the two entries are one publication.

    Wrong:
        20: {doi: 10.1038/s41586-020-2015-4, ...}
        21: {doi: 10.1038/S41586-020-2015-4, ...}
    Right:
        20: {doi: 10.1038/s41586-020-2015-4, ...}
        21: {doi: 10.1126/sciadv.abh2169, ...}
    """
    for name in IDENTIFIERS:
        seen: dict[str, int] = {}
        for number, reference in context.references.items():
            value: str | None = getattr(reference, name)
            if value is None:
                continue
            first = seen.setdefault(value.casefold(), number)
            if first != number:
                text = f"reference {first} has the same {name} `{value}`"
                yield _reference_finding(
                    context, number, name, text, context.reference(first, name)
                )


def work_repeated(context: Context) -> Iterator[Problem]:
    """Two references that look like one publication.

    Title, year and first author are the same, and no identifier tells them apart: claims that
    rest on either would count as two papers' findings. Let the claims rest on one of them, or give
    both their DOI. Where the source itself lists a work twice, `same_as` names the other.

    Wrong:
        20: {authors: [Doe J], title: Macrophages again, year: 2025, ...}
        21: {authors: [Doe J], title: Macrophages again., year: 2025, doi: 10.1000/182, ...}
    Right:
        20: {authors: [Doe J], title: Macrophages again, year: 2025, doi: 10.1000/182, ...}
    """
    seen: dict[tuple[str, int | None], list[int]] = {}
    for number, reference in context.references.items():
        key = title_and_year(reference)
        if key is None or reference.same_as:
            continue
        before = seen.setdefault(key, [])
        for first in before:
            if may_be_one(context.references[first], reference):
                text = f"reference {first} has the same title, year and first author: one work?"
                related = context.reference(first, "title")
                yield _reference_finding(context, number, "title", text, related)
                break
        if len(before) < _MAX_COMPARED:
            before.append(number)


def same_as(context: Context) -> Iterator[Problem]:
    """Entry whose `same_as` names no entry of another list.

    `same_as` says that two entries are one work, so that claims on either count as findings of one
    paper; a name that matches no entry has no effect. An unknown key is a finding only where it
    resembles a known one: it may belong to a source that is not read together with this one.

    Wrong:
        same_as: li2042:5
    Right:
        same_as: li2024:5
    """
    known = {source.support.source.key: source.references for source in context.sources}
    for source in context.sources:
        for number, reference in source.references.items():
            if reference.same_as is None:
                continue
            key, entry = works.same_as(reference) or ("", 0)
            if not key:
                text = f"`{reference.same_as}` names no entry: write KEY:N, as in li2024:5"
            elif key in known:
                if entry in known[key]:
                    continue
                text = f"the source `{key}` lists no reference {entry}"
            elif alike := near(key, known, alike=0.8):
                text = f"there is no source `{key}`{did_you_mean(alike)}"
            else:
                continue
            yield _reference_finding(source, number, "same_as", text)


def authors(context: Context) -> Iterator[Problem]:
    """Author without a name, several authors in one item, or a mark of affiliation.

    Each author is an item of the list: others count them, and name a work by the first.
    `et al.` is the last item, and stands for those that the list does not name. Marks that a
    journal prints behind a name (`Doe J1`, `Doe J*`; `Doe Ja` where every name has such a letter)
    are no initials.

    Wrong:
        authors: ['Doe J, Roe R', '']
    Right:
        authors: [Doe J, Roe R]
    """
    for number, reference in context.references.items():
        lettered = unlettered(reference.authors)
        for position, name in enumerate(reference.authors, 1):
            if names := several(name):
                text = f"`{name}` holds several authors; write [{', '.join(names)}]"
            elif not name.strip():
                text = f"author {position} has no name"
            elif is_others(name) and position < len(reference.authors):
                text = f"`{name}` is not the last author"
            elif holds_others(name):
                text = f"`{name}` has `et al.` within it; that is an item of its own, the last"
            elif (clean := lettered.get(name) or unmarked(name)) != name:
                text = f"`{name}` has a mark of affiliation; write `{clean}`"
            else:
                continue
            yield _reference_finding(context, number, "authors", text)


def year(context: Context) -> Iterator[Problem]:
    """Year of publication that cannot be right.

    Before 1800 or after next year: digits were swapped.

    Wrong:
        year: 2204
    Right:
        year: 2024
    """
    known = years_of_publication()
    for number, reference in context.references.items():
        if reference.year is not None and reference.year not in known:
            text = f"year {reference.year} is not between {known[0]} and {known[-1]}"
            yield _reference_finding(context, number, "year", text)


def cited_as(context: Context) -> Iterator[Problem]:
    """Reference whose `cited_as` is contradicted by the claims.

    `background` backs only general statements, so no claim rests on it; `claim`
    backs at least one. If the `state` of a source of papers is draft, those without a claim are
    reported in one warning.

    Wrong:
        # references.yaml                     # chemo.yaml
        12: {cited_as: background, ...}       refs: [12]
    Right:
        # references.yaml                     # chemo.yaml
        12: {cited_as: claim, ...}            refs: [12]
    """
    resting: dict[int, Location] = {}
    for record, claim in context.drafts:
        for number in claim.refs:
            if number not in resting:
                resting[number] = record.where(("refs", record.raw["refs"].index(number)))
    misplaced = context.unsettled[1]  # reported by [ref-place]
    # A reference that no claim rests on is open where it is cited, and reported there.
    accounted = {number for row in context.coverage for number in row.missing}.union(resting)
    waiting = []
    for number, reference in context.references.items():
        if reference.cited_as == "background" and number in resting.keys() - misplaced:
            text = f"reference {number} is marked background, but a claim rests on it"
            yield _reference_finding(context, number, "cited_as", text, resting[number])
        elif reference.cited_as == "claim" and number not in accounted:
            waiting.append(number)
    if not context.is_draft:
        for number in waiting:
            text = f"reference {number} is marked claim, but no claim rests on it"
            yield _reference_finding(context, number, "cited_as", text)
    elif waiting and context.support.source.kind == "papers":
        text = f"{len(waiting)} of {len(context.references)} papers wait for a claim: "
        text += (
            f"{listed(waiting)}; `tdr new --source {context.support.source.key} --ref N` adds one"
        )
        found = finding(text, context.reference(waiting[0]))
        yield found._replace(severity=WARNING)


def retracted(context: Context) -> Iterator[Problem]:
    """Retracted or corrected reference.

    Whoever reads a claim must learn that its reference was withdrawn: a claim that
    rests on a retracted one is reported until the curator removes it or says in
    `ignore` why it stays. A correction is reported until the entry's `note` says
    what it changes.

    Wrong:
        46: {status: correction, ...}
    Right:
        46: {status: correction, note: The correction replaces Figure 3; the finding stands., ...}
    """
    for number, reference in context.references.items():
        if reference.status == "correction" and not reference.note:
            text = (
                f"reference {number} was corrected; say in its `note` what the correction changes"
            )
            yield _reference_finding(context, number, "status", text)
    withdrawn = {n for n, r in context.references.items() if r.status == "retracted"}
    resting: set[int] = set()
    for record, claim in context.drafts:
        for number in withdrawn.intersection(claim.refs):
            resting.add(number)
            text, position = f"reference {number} was retracted", record.raw["refs"].index(number)
            related = context.reference(number, "status")
            yield claim_finding(record, text, "refs", position, related=related)
    for number in sorted(withdrawn - resting):
        yield _reference_finding(context, number, "status", f"reference {number} was retracted")


def verified(context: Context) -> Iterator[Problem]:
    """Verification that cannot be right.

    `verified` says who opened the primary paper, when, and which of the claim's
    references it was.

    Wrong:
        refs: [20]
        verified: {by: J Doe, date: 2024-05-31, ref: 21}
    Right:
        refs: [20]
        verified: {by: J Doe, date: 2024-05-31, ref: 20}
    """
    for record, claim in context.claims:
        mark = claim.verified
        if mark is None:
            continue
        if is_future(mark["date"]):
            text = f"{mark['date']} is in the future"
            yield claim_finding(record, text, "verified", "date")
        if mark["ref"] is not None and mark["ref"] not in claim.refs:
            text = f"reference {mark['ref']} is not among the claim's references"
            yield claim_finding(record, text, "verified", "ref")
