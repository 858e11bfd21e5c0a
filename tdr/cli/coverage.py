"""The commands about how the citations of a review are accounted for: coverage, background."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from tdr.cli import complete
from tdr.cli.declare import argument, flag, option
from tdr.cli.options import Output, examples, output, takes
from tdr.cli.session import Session
from tdr.cli.writing import WRITING, Writing, own_evidence, require_sound, source_in
from tdr.model.errors import NEGATIVE, Location, Problem, usage_error
from tdr.model.text import counted
from tdr.render import Listing

if TYPE_CHECKING:
    from tdr.ask.views.coverage import ParagraphCoverage
    from tdr.model.place import Place
    from tdr.model.source import Source


@takes(output("paragraphs"))
@examples("tdr coverage", "tdr coverage -o json | jq '.paragraphs[] | select(.open > 0)'")
def coverage_command(
    session: Session,
    output: Output,
    source: Annotated[
        str | None, option("KEY", "Of this source; default: the first.", complete=complete.sources)
    ] = None,
    only_open: Annotated[
        bool, flag("--open", "Only paragraphs with citations that are still open.")
    ] = False,
    read: Annotated[
        str | None, option("FILE", "With --open: show their text from the file that was imported.")
    ] = None,
) -> None:
    from tdr.ask.views.coverage import OpenParagraph, ParagraphCoverage, coverage

    evidence = session.evidence()
    key = evidence.index.keys[0] if source is None else evidence.key_of(source)
    evidence = evidence if source is None else evidence.of_sources((key,))
    rows = coverage(evidence, key)
    if source is None and len(evidence.sources) > 1:
        session.streams.say(f"of {key}, the first of {len(evidence.sources)} sources")
    still_open = sum(row.open for row in rows)
    if read is not None and not only_open:
        raise usage_error("--read goes with --open")
    shown = [row for row in rows if row.open or not only_open]
    listing = Listing.of(evidence, ParagraphCoverage, shown)
    if read is not None:
        texts = texts_of(session, evidence.sources[key], read)
        with_texts = [OpenParagraph(row, texts.get(row.place)) for row in shown]
        listing = Listing.of(evidence, OpenParagraph, with_texts)
    elif not still_open and not only_open:
        listing = listing._replace(shown=tuple(n for n in listing.columns if n != "missing"))
    output.emit(listing)
    session.streams.say(
        f"total: {sum(row.citations for row in rows)} citations, "
        f"{sum(row.backed for row in rows)} backed by claims, "
        f"{sum(row.background for row in rows)} background, {still_open} open"
    )
    if still_open:
        raise typer.Exit(NEGATIVE)


def texts_of(session: Session, source: Source, file: str) -> Mapping[Place, str]:
    """The text of each paragraph of an imported source, read from its file and not stored.

    Warns on stderr if this is not the file that was imported.
    """
    from hashlib import sha256

    from tdr.cli.importing import input_name, open_input
    from tdr.gather.jats import read_article
    from tdr.read.content import read_stream

    made = source.made or {}
    shown = input_name(file)
    with open_input(session, file) as stream:
        data = read_stream(stream, shown)
    article, sub_article = (made.get(name) for name in ("article", "sub_article"))
    content = read_article(
        data,
        shown,
        article=article if article is None else str(article),
        sub_article=sub_article if sub_article is None else str(sub_article),
        tables=made.get("left_out") != "tables",
        texts=True,
    )
    if made.get("sha256") not in (None, sha256(data).hexdigest()):
        text = f"is not the file that {source.key} was imported from: its texts may differ"
        session.streams.report([Problem(text, location=Location(shown), severity="warning")])
    return content.texts


@takes(WRITING)
@examples(
    "tdr --evidence my-evidence background acar2016 1-13",
    "tdr --evidence my-evidence background acar2016 --section introduction",
)
def background_command(
    session: Session,
    writing: Writing,
    key: Annotated[str, argument("KEY", "The source.", complete=complete.sources)],
    numbers: Annotated[
        list[str] | None,
        argument("[N...]", "References, such as 1-13 or 13,57: background wherever cited."),
    ] = None,
    section: Annotated[
        str | None, option("NAME", "The open citations of this section; with N, only those of N.")
    ] = None,
) -> None:
    from tdr.ask.references import parse_refs
    from tdr.ask.views.coverage import account
    from tdr.edit.add import FileAddition
    from tdr.edit.document import YamlFile
    from tdr.edit.source import set_background, set_fields
    from tdr.read.content import read_file
    from tdr.read.dataset import read_dataset

    if not numbers and section is None:
        raise usage_error("name references, such as 1-13, or a --section")
    directory = own_evidence(session)
    place, _ = source_in(directory, key)
    dataset = read_dataset(*directory).sources[place]
    support, source = dataset.support, dataset.support.source
    named = dict.fromkeys(n for text in numbers or () for n in parse_refs(text))
    if unlisted := [str(n) for n in named if n not in support.references]:
        raise usage_error(f"reference {', '.join(unlisted[:20])} is not in the list of {key}")
    rows = account(source, support.references, dataset.claims)
    everywhere: set[int] = set(named)
    in_place: Mapping[Place, tuple[int, ...]] = {}
    if section is not None:
        everywhere, in_place = _background_of_section(source, rows, section, named)
    files = []
    for name in ("references.yaml", "source.yaml"):
        path = dataset.layout.source.with_name(name)
        shown = os.path.join(directory.name, os.path.relpath(path, directory.path))
        files.append((path, YamlFile(read_file(path, name=shown), shown)))
    (_, references), (_, sections) = files
    as_background = {number: {"cited_as": "background"} for number in sorted(everywhere)}
    after = (set_fields(references, as_background), set_background(sections, in_place))
    changed = {
        path: FileAddition(old, new, Location(new.name))
        for (path, old), new in zip(files, after, strict=True)
        if new is not old
    }
    require_sound(session, directory, changed)
    writing.change_together(session, changed)
    only_there = f", {sum(map(len, in_place.values()))} only there" if in_place else ""
    session.streams.say(f"{counted(len(everywhere), 'reference')} background{only_there}")


def _background_of_section(
    source: Source, rows: Iterable[ParagraphCoverage], section: str, named: Iterable[int]
) -> tuple[set[int], dict[Place, tuple[int, ...]]]:
    """References that become background wherever they are cited, and those of single paragraphs.

    These are the open citations of the section; if references are `named`, those among them. One
    that another section cites, or that is accounted for elsewhere in this one, becomes background
    in its paragraph only. Raises TdrError, naming the sections, if there is no such section.
    """
    inside = {name for name in source.sections if _is_in(name, section)}
    if not inside:
        text = f"no section `{section[:80]}`; there are: {', '.join(source.sections[:40])}"
        raise usage_error(text)
    chosen = set(named)
    open_here = {
        row.place: [n for n in row.missing if not chosen or n in chosen]
        for row in rows
        if row.section in inside
    }
    elsewhere = {n for p in source.paragraphs if p.place.section not in inside for n in p.cited}
    backed = {
        n for p, row in zip(source.paragraphs, rows, strict=True) if p.place.section in inside
        for n in set(p.cited).difference(row.missing)
    }  # fmt: skip
    numbers = {number for listed in open_here.values() for number in listed}
    in_place: dict[Place, tuple[int, ...]] = {}
    before: Mapping[Place, tuple[int, ...]] = {p.place: p.background for p in source.paragraphs}
    for place, listed in open_here.items():
        only = [n for n in listed if n in elsewhere | backed]
        if only:
            in_place[place] = (*before[place], *only)
    return numbers - elsewhere - backed, in_place


def _is_in(section: str, wanted: str) -> bool:
    """Whether a section's path begins with `wanted`, apart from case and numbers of headings."""

    def plain(path: str) -> list[str]:
        parts = (re.sub(r"^[\dIVX.]+[.)]?\s+", "", part) for part in path.split("/"))
        return [part.strip().casefold() for part in parts]

    parts = plain(wanted)
    return plain(section)[: len(parts)] == parts
