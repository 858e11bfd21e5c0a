"""Commands about publications: refs, open, cite, sources."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tdr.ask.references import (
    ReferenceCriteria,
    matching_references,
    no_identifier,
    of_references,
    references_named,
)
from tdr.ask.views.lists import CitedReference, cited_references
from tdr.cli import complete
from tdr.cli.declare import argument, flag, option
from tdr.cli.filtering import CRITERIA, expand_files
from tdr.cli.options import Group, Output, examples, format_option, output, takes
from tdr.cli.session import Session
from tdr.model.errors import NEGATIVE, TdrError, usage_error
from tdr.model.filters import Criteria
from tdr.model.text import counted
from tdr.render import Listing, formats_of

if TYPE_CHECKING:
    from tdr.model.identifiers import Identifier


def _identifier(option: str, field: str, text: str) -> Identifier:
    from tdr.model.identifiers import identifier

    # An old PubMed id is as short as a reference number; behind --pmid it is an id.
    found = identifier(f"pmid:{text}" if field == "pmid" and text.isdigit() else text)
    if found is None or found.field != field:
        raise typer.BadParameter(no_identifier(field, text), param_hint=option)
    return found


def _reference_criteria(**options: Any) -> ReferenceCriteria:
    dois, pmids = options.pop("doi") or (), options.pop("pmid") or ()
    return ReferenceCriteria(
        authors=tuple(options.pop("author") or ()),
        missing=tuple(options.pop("missing") or ()),
        identifiers=(
            *(_identifier("--doi", "doi", text) for text in dois),
            *(_identifier("--pmid", "pmid", text) for text in pmids),
        ),
        **options,
    )


REFERENCE_CRITERIA = Group(
    "wanted",
    {
        "author": (list[str] | None, option("NAME", "Name of an author, as `Vonderheide`."), None),
        "title": (str | None, option("WORDS", "Words of the title, in any notation."), None),
        "doi": (list[str] | None, option("DOI", "A DOI, or its address."), None),
        "pmid": (list[str] | None, option("N", "A PubMed id."), None),
        "has_doi": (bool, flag("--has-doi", "Only those with a DOI."), False),
        "missing": (
            list[Literal["authors", "journal", "year", "doi", "pmid", "pmcid"]] | None,
            option("FIELD", "Only those without it: authors, journal, year, doi, pmid, pmcid."),
            None,
        ),
        "cited_as": (
            Literal["claim", "background"] | None,
            option("WORD", "claim or background."),
            None,
        ),
    },
    _reference_criteria,
)


@takes(CRITERIA, REFERENCE_CRITERIA, output("references"))
@examples("tdr refs 142", "tdr refs -c MDSC -o bibtex > mdsc.bib")
def refs_command(
    session: Session,
    criteria: Criteria,
    wanted: ReferenceCriteria,
    output: Output,
    which: Annotated[
        list[str] | None,
        argument(
            "[N|AUTHOR...]",
            "Numbers (20, 51-54, 13,57 or KEY:20), authors, DOIs, PubMed ids; - or @FILE: a list.",
        ),
    ] = None,
    unused: Annotated[bool, flag("--unused", "Only references that back no claim.")] = False,
) -> None:
    texts = tuple(expand_files(session.streams, which or ()))
    evidence = session.evidence(criteria)
    themselves, of_claims = of_references(criteria)
    meant = evidence.conditions(themselves)
    session.explain(meant)
    wanted = wanted._replace(any_of=texts, conditions=meant.all_of)
    names, missing = matching_references(evidence, wanted)
    selection = session.select(evidence, of_claims) if of_claims.pairs else None
    rows = cited_references(evidence, selection, names)
    if unused:
        rows = tuple(row for row in rows if not row.claims)
    if rows or not missing:
        if which and output.default_layout and not output.sorted_or_limited:
            from tdr.render.terminal.card import reference_card  # drawn for people only

            terminal = session.streams.terminal()
            cards = [reference_card(row, evidence, terminal) for row in rows]
            session.streams.write(["\n".join(cards)], drawn=True)
        else:
            total = sum(len(evidence.references_of(key)) for key in evidence.keys)
            output.emit(Listing.of(evidence, CitedReference, rows, total=total))
    if missing:
        raise TdrError(*missing, exit_code=NEGATIVE)


@examples("tdr open 138", "tdr open tgt-003 --print")
def open_command(
    session: Session,
    which: Annotated[
        list[str], argument("ID|N...", "Claims or references: an id, a number, a DOI, an author.")
    ],
    only_print: Annotated[bool, flag("--print", "Print the links and open nothing.")] = False,
) -> None:
    evidence, streams = session.evidence(), session.streams
    links = [evidence.bibliography[name].url for name in references_named(which, evidence)]
    streams.write([f"{link}\n" for link in links])
    if not only_print and streams.is_terminal(1):
        opened = can_open() and open_links(links)
        streams.say("opened in the browser" if opened else "no browser can be opened from here")


def can_open() -> bool:
    """Whether a browser can be opened on this screen: not over ssh, and not in the terminal itself.

    If BROWSER is set, it is opened in any case.
    """
    if os.environ.get("BROWSER"):
        return True
    if any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_links(links: Iterable[str]) -> bool:
    """Open web addresses in the browser; False if one of them could not be."""
    import webbrowser

    opened = [link.startswith("https://") and webbrowser.open(link) for link in links]
    return all(opened)


@examples("tdr cite", "tdr cite -o bibtex >> thesis.bib")
def cite_command(
    session: Session,
    output_format: Annotated[
        str, format_option("publications", "--output", "--format", "-o")
    ] = "text",
) -> None:
    from tdr import __version__  # the package itself, above this module
    from tdr.ask.publications import publications

    first, *further = session.evidence().sources.values()
    cited = publications(first, __version__, shipped=not session.paths, further=further)
    chunks = formats_of("publications")[output_format].load()(cited)
    session.streams.write_lines(chunks, wrap=output_format == "text", hang=9)


@takes(output("sources"))
@examples("tdr sources", "tdr --evidence my-evidence sources li2024 acar2016")
def sources_command(
    session: Session,
    output: Output,
    keys: Annotated[
        list[str] | None,
        argument("[KEY KEY]", "Two sources: the works that both list.", complete=complete.sources),
    ] = None,
) -> None:
    from tdr.ask.views.works import SharedWork, SourceRow, overlap, shared, sources

    evidence = session.evidence()
    if keys:
        if len(keys) != 2:
            raise usage_error("name two sources, or none")
        a, b = (evidence.key_of(key) for key in keys)
        if a == b:
            raise usage_error(f"`{a}` is one source; name two")
        output.emit(Listing.of(evidence, SharedWork, shared(evidence, a, b)))
        names = [a, b]
    else:
        output.emit(Listing.of(evidence, SourceRow, sources(evidence)))
        names = list(evidence.sources)
    common = overlap(evidence, names)
    area = common.corrected
    coverage = "" if area is None else f"; corrected covered area {area:.1%}"
    session.streams.say(
        f"{common.entries} works listed, {common.works} different ones, in "
        f"{counted(common.sources, 'source')}{coverage}"
    )
