"""The lines that sum up what was imported: counts to be compared with the printed article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tdr.model.text import counted, listed

if TYPE_CHECKING:
    from tdr.gather.fill import FillResult
    from tdr.gather.jats import Article
    from tdr.gather.update import Update
    from tdr.model.values import Reference


def bibliography_summary(references: Sequence[Reference]) -> str:
    """How many references there are, and how many of them have identifiers."""
    return (
        f"{counted(len(references), 'reference')} ({_identified(references)}); "
        "a bibliography does not say who cites what\n"
    )


def _identified(references: Sequence[Reference]) -> str:
    return ", ".join(
        f"{sum(getattr(r, name) is not None for r in references)} {name.upper()}"
        for name in ("doi", "pmid")
    )


def article_summary(article: Article) -> str:
    """The counts of an article, to be compared with the printed one."""
    found, paragraphs = article.report, article.paragraphs
    groups = [numbers for paragraph in paragraphs for numbers in paragraph.citations]
    repeated = found.links + found.added - sum(map(len, groups))
    never = f"{len(found.never_cited)} never cited"
    if found.never_cited:
        never += f" ({listed(found.never_cited)})"
        if found.elsewhere:
            never += f", {listed(found.elsewhere)} only in what was skipped"
    lines = [
        f"{counted(len(article.references), 'reference')} "
        f"({found.titles} title, {_identified(article.references)}),",
        f"{counted(found.links, 'citation')} marked, {found.added} more from "
        f"{counted(found.ranges, 'range')}, {counted(len(groups), 'group')} in "
        f"{sum(bool(p.citations) for p in paragraphs)} of {counted(len(paragraphs), 'paragraph')};",
    ]
    if repeated:
        lines.append(f"{repeated} repeated in a group, counted once;")
    lines.append(f"{never}; {found.unresolved} unresolved;")
    skipped = f"skipped: {counted(len(found.sub_articles), 'sub-article')}"
    if found.sub_articles:
        skipped += f" ({', '.join(found.sub_articles)})"
    skipped += f", {counted(len(found.back_matter), 'section')} of back matter"
    if found.outside:
        skipped += f", with {counted(found.outside, 'citation')}"
    if found.left_out:
        skipped += f", {counted(found.left_out, 'citation')} in tables"
    return "\n".join((*lines, skipped)) + "\n"


def fill_summary(filled: FillResult, total: int) -> str:
    """How many of `total` references were found, and how many identifiers were added."""
    counts = {
        label: sum(name in fields for fields in filled.added.values())
        for name, label in (("doi", "DOI"), ("pmid", "PMID"), ("pmcid", "PMCID"))
    }
    fit = "fits" if filled.unmatched == 1 else "fit"
    return (
        f"{filled.matched} of {counted(total, 'reference')} found; added "
        + ", ".join(f"{count} {label}" for label, count in counts.items())
        + f"; {counted(filled.unmatched, 'record')} {fit} no reference\n"
    )


def update_summary(update: Update) -> str:
    """One line for each thing that the new version moves."""
    lines = [f"reference {old} is now {new}" for old, new in update.moved.items()]
    lines += [f"reference {number} is gone" for number in update.gone]
    lines += [f"reference {number} is new" for number in update.new]
    lines += [f"{p}: {what}" for p, what in update.places.items()]
    lines += [
        f"claim {identifier}: {'; '.join(plan)}" for identifier, plan in update.claims.items()
    ]
    return "".join(f"{line}\n" for line in lines) or "no difference\n"
