"""The commands for evidence of one's own: init, define, add."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tdr.cli import complete
from tdr.cli.adding import Addition, given_group
from tdr.cli.options import Group, argument, examples, flag, option, takes
from tdr.cli.session import Session
from tdr.cli.writing import (
    DRY_RUN,
    FORCE,
    THERAPY,
    change,
    change_together,
    own_evidence,
    require_sound,
    source_in,
    therapy_in,
)
from tdr.edit.add import Given
from tdr.model.errors import Location, file_error, usage_error
from tdr.model.field import LISTS, Field
from tdr.model.fields import FIELDS_OF_REFERENCE, FIELDS_OF_TERM

if TYPE_CHECKING:
    from tdr.edit.add import Added
    from tdr.model.values import Reference

# --- init ----------------------------------------------------------------------------------


@examples("tdr init my-evidence", "tdr init my-review --empty")
def init_command(
    ctx: typer.Context,
    directory: Annotated[str, argument("DIR", "The new directory; it must not exist.")],
    empty: Annotated[bool, flag("--empty", "Without the evidence that comes with tdr.")] = False,
    key: Annotated[str, option("KEY", "Name of the source of your own papers.")] = "own",
) -> None:
    """Start a collection of your own, which contains the evidence that comes with tdr."""
    from tdr.edit.folders import create_folders
    from tdr.edit.source import check_key, collection_files

    session: Session = ctx.obj
    if not directory:
        raise usage_error("the path is empty")
    target = Path(os.path.abspath(directory))
    files = collection_files(check_key(key), extends=not empty)
    create_folders(target.parent, {target.name: files})
    session.streams.say(
        f"{directory}: written, {len(files)} files; "
        f"`tdr add --evidence {quote(directory)} ...` adds a paper and what it shows"
    )


# --- define --------------------------------------------------------------------------------

_MANY = {"synonyms": "--synonym", "parents": "--parent", "authors": "--author"}


def _asked(fields: tuple[Field, ...], panel: str) -> Mapping[str, tuple[Any, Any, Any]]:
    """An option for each of these fields, called like it; lists are given item by item."""
    options = {}
    for field in fields:
        name = _MANY.get(field.name, "--" + field.name.replace("_", "-"))
        listed = field.type in LISTS
        kind = list[str] | None if listed else str | None
        metavar = "|".join(field.choices) if field.choices else "TEXT"
        help = field.meaning.rstrip(".") + ("; repeatable." if listed else ".")
        options[field.name] = (kind, option(metavar, help, name, panel=panel), None)
    return options


_TERM = Group(
    "term",
    _asked(tuple(field for field in FIELDS_OF_TERM if field.name != "label"), "The term"),
    lambda **said: {name: value for name, value in said.items() if value},
)


@takes(_TERM)
@examples(
    "tdr --evidence my-evidence define cells 'tuft cell' --synonym 'brush cell' --lineage other",
    "tdr --evidence my-evidence define agents camizestrant --parent 'antiestrogen therapy'",
)
def define_command(
    ctx: typer.Context,
    kind: Annotated[str, argument("KIND", "cells, cancers, agents, molecules ...")],
    label: Annotated[str, argument("LABEL", "The preferred label.")],
    term: Mapping[str, Any],
    dry_run: Annotated[bool, DRY_RUN] = False,
    force: Annotated[bool, FORCE] = False,
) -> None:
    """Add a term to the vocabulary of your evidence."""
    from tdr.edit.add import NO_TERMS, add_term
    from tdr.edit.document import Sheet
    from tdr.model.values import KINDS

    session: Session = ctx.obj
    directory, name = own_evidence(session)
    stem = next((many for many, one in KINDS.items() if kind in (many, one)), None)
    if stem is None:
        raise usage_error(f"unknown kind `{kind[:80]}`; one of {', '.join(KINDS)}")
    inside = os.path.join("vocabulary", f"{stem}.yaml")
    path, shown = directory / inside, os.path.join(name, inside)
    fields = {"label": label, **term}

    def with_term(data: bytes, shown: str) -> Added:
        added = add_term(Sheet(data, shown), fields)
        require_sound(session, directory, name, {path: added}, subject="")
        return added

    if change(session, path, shown, with_term, start=NO_TERMS, dry_run=dry_run, force=force):
        session.streams.say(f"{shown}: added `{label}`")


# --- add -----------------------------------------------------------------------------------

_OF_WORK = (
    "doi",
    "pmid",
    "pmcid",
    "title",
    "authors",
    "journal",
    "year",
    "volume",
    "issue",
    "pages",
)
_WORK = Group(
    "work",
    _asked(tuple(field for field in FIELDS_OF_REFERENCE if field.name in _OF_WORK), "The paper"),
    lambda **said: {name: value for name, value in said.items() if value},
)


@takes(given_group(("ref", "section", "paragraph")), _WORK)
@examples(
    "tdr --evidence my-evidence add --from paper.ris -t chemo --promotes TAM --effect resistance "
    "--mechanism 'TAMs release IL-6.'",
    "tdr --evidence my-evidence add --doi 10.1000/182 --title 'A paper' --author 'Doe J' "
    "-t radio --opposes NK --effect sensitivity --mechanism 'NK cells kill stem cells.'",
)
def add_command(
    ctx: typer.Context,
    given: Given,
    work: Mapping[str, Any],
    therapy: Annotated[str, THERAPY],
    source: Annotated[
        str | None,
        option("KEY", "Your source of papers; default: the first.", complete=complete.sources),
    ] = None,
    record: Annotated[
        str | None,
        option(
            "FILE",
            "RIS, BibTeX, nbib or CSL-JSON that has the paper; of several records the one "
            "of --doi or --pmid.",
            "--from",
        ),
    ] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    force: Annotated[bool, FORCE] = False,
) -> None:
    """Add a paper and what it shows: a reference and a claim, at once and offline."""
    from tdr.read.content import read_file

    session: Session = ctx.obj
    directory, label = own_evidence(session)
    place, key = source_in(directory, label, source, kind="papers")
    job = Addition(session, directory, label, place, key, therapy_in(directory, therapy), given)
    listed = os.path.join(job.folder, "references.yaml")
    paper = _paper(session, record, work)
    lists, claims = directory / listed, directory / job.inside
    names = os.path.join(label, listed), os.path.join(label, job.inside)
    written = os.path.lexists(claims)
    old = read_file(claims, name=names[1]) if written else b""
    cited, added, said = _added(job, paper, read_file(lists, name=names[0]), old, names)
    new = () if written else (claims,)
    change_together(session, {lists: cited, claims: added}, new=new, dry_run=dry_run, force=force)
    if said:
        session.streams.say(said)
    if dry_run:
        return
    session.streams.write([added.identifier + "\n"])
    session.streams.say(
        f"{added.location}: added {added.identifier}, {cited.location}: its reference"
    )


def _added(
    job: Addition,
    paper: Mapping[str, Any],
    references: bytes,
    claims: bytes,
    names: tuple[str, str],
) -> tuple[Added, Added, str]:
    """Both files with what is new; a work that is listed stays one, and keeps what is told of it;
    another needs a title. And a sentence on what is told otherwise now ("" for nothing).
    """
    from tdr.edit.add import Added, add_reference
    from tdr.edit.document import Sheet
    from tdr.read.dataset import read_references

    sheet = Sheet(references, names[0])
    listed = read_references(sheet.document)
    number = next((n for n, one in listed.items() if _is_same(one, paper)), None)
    said = ""
    if number is None:
        if "title" not in paper:
            raise usage_error("a new reference needs --title TEXT, or --from FILE that has it")
        number = max(listed, default=0) + 1
        cited = add_reference(sheet, number, paper)
    else:
        cited = Added(sheet, sheet, Location(names[0]))
        if other := _other(listed[number], paper):
            said = f"{names[0]}: reference {number} is known, and stays: {', '.join(other)} differ"
    told = replace(job.given, values={**job.given.values, "refs": (number,)})
    job = replace(job, given=told, beside={job.directory / job.folder / "references.yaml": cited})
    return cited, job.run(claims, names[1]), said


def _other(reference: Reference, paper: Mapping[str, Any]) -> list[str]:
    """The fields of the paper that an entry does not have, or has otherwise."""
    told = ((name, paper[name], getattr(reference, name)) for name in _OF_WORK if name in paper)
    return [name for name, theirs, ours in told if _alike(theirs) != _alike(ours)]


def _alike(value: object) -> str:
    return str(list(value) if isinstance(value, tuple) else value).casefold()


def _is_same(reference: Reference, paper: Mapping[str, Any]) -> bool:
    """Whether an entry has the same identifier as the paper."""
    pairs = ((getattr(reference, name), paper.get(name)) for name in ("doi", "pmid", "pmcid"))
    return any(ours and theirs and ours.casefold() == theirs.casefold() for ours, theirs in pairs)


def _paper(session: Session, file: str | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the reference: those of the record in the file, and what options say.

    Raises TdrError where an identifier is none or no record fits.
    """
    from tdr.gather import identifiers
    from tdr.gather.items import NO_TITLE
    from tdr.model.fields import REFERENCE_FIELDS

    told = dict(said)
    for name, understand in (
        ("doi", identifiers.doi),
        ("pmid", identifiers.pmid),
        ("pmcid", identifiers.pmcid),
        ("year", identifiers.year),
    ):
        if name in told and (value := understand(told[name])) is None:
            raise usage_error(f"`{told[name][:80]}` is no {name.upper()}")
        if name in told:
            told[name] = value
    found = _record(session, file, told) if file is not None else None
    fields = {name: getattr(found, name) for name in _OF_WORK} if found else {}
    if fields.get("title") == NO_TITLE:
        del fields["title"]
    fields |= told
    fields["authors"] = list(fields.get("authors") or ())
    kept = {name: fields[name] for name in REFERENCE_FIELDS if fields.get(name)}
    return {**kept, "cited_as": "claim", "status": "ok"}


def _record(session: Session, file: str, told: Mapping[str, Any]) -> Reference:
    """The one record of a bibliography that is meant."""
    from tdr.cli.gathering import opened
    from tdr.gather.bibliographies import read_bibliography

    shown = "<stdin>" if file == "-" else file
    with opened(session, file) as stream:
        items = list(read_bibliography(stream, shown))
    records = [item.reference for item in items if item.reference is not None]
    named = {name: told[name] for name in ("doi", "pmid") if name in told}
    fitting = [one for one in records if _is_same(one, named)] if len(records) > 1 else records
    if len(fitting) != 1:
        text = (
            f"has {len(records)} records, {len(fitting)} of them meant; "
            "choose one with --doi or --pmid"
        )
        raise file_error(shown, text, "bibliography")
    for item in items:
        if item.reference is fitting[0]:
            session.streams.report(item.problems)
    return fitting[0]
