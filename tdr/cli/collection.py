"""The commands that start and extend a collection of your own: init, define, add."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tdr.cli.declare import argument, flag, option
from tdr.cli.new import Addition, claim_group
from tdr.cli.options import Group, examples, takes
from tdr.cli.session import Session
from tdr.cli.writing import (
    SOURCE,
    THERAPY,
    WRITING,
    Writing,
    file_in,
    own_evidence,
    require_sound,
    shipped_keys,
    source_in,
    therapy_in,
)
from tdr.edit.claim import NewClaim
from tdr.model.errors import Location, Problem, file_error, unknown, usage_error
from tdr.model.field import LISTS, Field
from tdr.model.fields import FIELDS_OF_REFERENCE, FIELDS_OF_TERM
from tdr.model.text import quote
from tdr.model.values import NO_TITLE, Reference

if TYPE_CHECKING:
    from tdr.edit.add import FileAddition
    from tdr.edit.document import YamlFile

# --- init ----------------------------------------------------------------------------------


@examples("tdr init my-evidence", "tdr init my-review --empty")
def init_command(
    session: Session,
    directory: Annotated[str, argument("DIR", "The new directory, or an empty one.")],
    empty: Annotated[bool, flag("--empty", "Without the evidence that comes with tdr.")] = False,
    key: Annotated[str, option("KEY", "Name of the source of your own papers.")] = "own",
) -> None:
    from tdr.edit.folders import create_folders
    from tdr.edit.source import check_key, collection_files

    if not directory:
        raise usage_error("the path is empty")
    try:
        target = Path(os.path.abspath(directory))
    except FileNotFoundError:
        raise usage_error("the directory that you are in is gone; change to another") from None
    files = collection_files(check_key(key), extends=not empty)
    if not empty and key in shipped_keys():
        text = f"`{key}` is the key of a source that {directory} extends; choose another"
        raise usage_error(text)
    create_folders(target.parent, {target.name: files})
    session.streams.say(
        f"{directory}: written, {len(files)} files; "
        f"`tdr add --evidence {quote(directory)} ...` adds a paper and what it shows"
    )


# --- define --------------------------------------------------------------------------------

_SINGULAR = {"synonyms": "--synonym", "parents": "--parent", "authors": "--author"}


def _field_group(parameter: str, fields: Iterable[Field], panel: str) -> Group:
    """An option for each of these fields, named after it; that of a list is repeatable."""
    options = {}
    for field in fields:
        name = _SINGULAR.get(field.name, "--" + field.name.replace("_", "-"))
        listed = field.type in LISTS
        kind = list[str] | None if listed else str | None
        help = field.meaning.rstrip(".") + ("; repeatable." if listed else ".")
        declared = option("|".join(field.choices) or "TEXT", help, name, panel=panel)
        options[field.name] = (kind, declared, None)

    def given(**values: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value}

    return Group(parameter, options, given)


_TERM = _field_group(
    "term", (field for field in FIELDS_OF_TERM if field.name != "label"), "The term"
)


@takes(WRITING, _TERM)
@examples(
    "tdr --evidence my-evidence define cells 'tuft cell' --synonym 'brush cell' --lineage other",
    "tdr --evidence my-evidence define agents camizestrant --parent 'antiestrogen therapy'",
)
def define_command(
    session: Session,
    writing: Writing,
    kind: Annotated[str, argument("KIND", "cells, cancers, agents, molecules ...")],
    label: Annotated[str, argument("LABEL", "The preferred label.")],
    term: Mapping[str, Any],
) -> None:
    from tdr.edit.add import NO_TERMS, add_term
    from tdr.edit.document import YamlFile
    from tdr.edit.term import complete_term
    from tdr.model.values import KINDS
    from tdr.read.dataset import read_support
    from tdr.read.files import find_layout

    directory = own_evidence(session)
    stem = next((many for many, one in KINDS.items() if kind.lower() in (many, one)), None)
    if stem is None:
        raise unknown("kind", kind, KINDS)
    path, shown = file_in(directory, "vocabulary", f"{stem}.yaml")

    def with_term(data: bytes, shown: str) -> FileAddition:
        support = read_support(find_layout(*directory, complete=False))
        complete = complete_term(support, stem, shown, {"label": label, **term})
        added = add_term(YamlFile(data, shown), complete)
        require_sound(session, directory, {path: added})
        before = support.vocabulary.expand_partial(stem, label)
        if before and label not in before:
            session.streams.say(f"`{label}` was taken for `{before[0]}`, and names this term now")
        return added

    if writing.change(session, path, shown, with_term, start=NO_TERMS):
        session.streams.say(f"{shown}: added `{label}`")


# --- add -----------------------------------------------------------------------------------

_WORK_FIELDS = ("doi", "pmid", "pmcid", "title", "authors", "journal", "year", "volume", "issue",
            "pages")  # fmt: skip
_WORK = _field_group(
    "work", (field for field in FIELDS_OF_REFERENCE if field.name in _WORK_FIELDS), "The paper"
)


@takes(WRITING, claim_group(("ref", "section", "paragraph")), _WORK)
@examples(
    "tdr --evidence my-evidence add --from paper.ris -t chemo --promotes TAM --effect resistance "
    "--mechanism 'TAMs release IL-6.'",
    "tdr --evidence my-evidence add --doi 10.1000/182 --title 'A paper' --author 'Doe J' "
    "-t radio --opposes NK --effect sensitivity --mechanism 'NK cells kill stem cells.'",
)
def add_command(
    session: Session,
    writing: Writing,
    claim: NewClaim,
    work: Mapping[str, Any],
    therapy: Annotated[str, THERAPY],
    source: Annotated[str | None, SOURCE] = None,
    record: Annotated[
        str | None,
        option(
            "FILE",
            "RIS, BibTeX, nbib or CSL-JSON that has the paper; of several records the one "
            "of --doi or --pmid.",
            "--from",
        ),
    ] = None,
) -> None:
    from tdr.edit.document import YamlFile
    from tdr.model.works import KnownWorks
    from tdr.read.content import read_file
    from tdr.read.dataset import read_references, read_support
    from tdr.read.files import find_layout

    directory = own_evidence(session)
    place = source_in(directory, source, kind="papers")
    job = Addition(session, directory, *place, therapy_in(directory, therapy), claim)
    paper = _paper(session, record, work)
    list_path, list_name = job.file_of_source("references.yaml")
    file = YamlFile(read_file(list_path, name=list_name), list_name)
    listed, number, different = _with_reference(file, paper)
    with_ref = replace(claim, values={**claim.values, "refs": (number,)})
    job = replace(job, claim=with_ref, with_changes={list_path: listed})
    claims, name = job.file
    exists = os.path.lexists(claims)
    added = job.run(read_file(claims, name=name) if exists else b"", name)
    new = () if exists else (claims,)
    writing.change_together(session, {list_path: listed, claims: added}, new=new)
    if different:
        problem = Problem(different, location=listed.location, severity="warning")
        session.streams.report([problem])
    reference = read_references(listed.after.document)[number]
    supports = read_support(find_layout(*directory)).sources
    others = [support for at, support in enumerate(supports) if at != place[0]]
    for same in KnownWorks({one.source.key: one.references for one in others}).like(reference):
        session.streams.say(f"{list_name}: reference {number} {same}")
    if writing.dry_run:
        return
    session.streams.write([added.identifier + "\n"])
    known = "" if listed.location.line else f"reference {number}, listed already, is "
    session.streams.say(
        f"{added.location}: added {added.identifier}, {listed.location}: {known}its reference"
    )


def _with_reference(file: YamlFile, paper: Mapping[str, Any]) -> tuple[FileAddition, int, str]:
    """The reference list with the paper, the paper's number, and how its entry differs from it.

    A work that is listed already keeps its entry. Raises TdrError for a new one without a title.
    """
    from tdr.edit.add import FileAddition, add_reference
    from tdr.model.works import may_be_one
    from tdr.read.dataset import read_references

    listed = read_references(file.document)
    matched_by = ""
    number = next((n for n, one in listed.items() if _has_same_identifier(one, paper)), None)
    if number is None:
        if "title" not in paper:
            raise usage_error("a new reference needs --title TEXT, or --from FILE that has it")
        free = max(listed, default=0) + 1
        new = Reference.from_dict({"number": free, "authors": (), **paper})
        number = next((n for n, one in listed.items() if may_be_one(one, new)), None)
        if number is None:
            return add_reference(file, free, paper), free, ""
        matched_by = " (by title, year and first author)"
    fields = ((n, getattr(listed[number], n), paper[n]) for n in _WORK_FIELDS if n in paper)
    different = [
        f"{name}: {f'`{_as_text(ours)}`' if ours else 'none'}, not `{_as_text(theirs)}`"
        for name, ours, theirs in fields
        if _as_text(ours).casefold() != _as_text(theirs).casefold()
    ]
    text = f"reference {number} is listed already{matched_by} and stays as it is: "
    text += "; ".join(different)
    return FileAddition(file, file, Location(file.name)), number, text if different else ""


def _as_text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple | list) else str(value or "")


def _has_same_identifier(reference: Reference, paper: Mapping[str, Any]) -> bool:
    """Whether an entry has the same identifier as the paper."""
    pairs = ((getattr(reference, name), paper.get(name)) for name in ("doi", "pmid", "pmcid"))
    return any(ours and theirs and ours.casefold() == theirs.casefold() for ours, theirs in pairs)


def _paper(session: Session, file: str | None, work: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the reference: those of the record in the file, and over them the options.

    Raises TdrError if an identifier or year is invalid, or if not one record fits.
    """
    from tdr.ask.references import no_identifier
    from tdr.gather import identifiers
    from tdr.model.dates import years_of_publication
    from tdr.model.fields import REFERENCE_FIELDS

    given = dict(work)
    for name, parse in (
        ("doi", identifiers.doi),
        ("pmid", identifiers.pmid),
        ("pmcid", identifiers.pmcid),
        ("year", identifiers.year),
    ):
        if name in given and (value := parse(given[name])) is None:
            years = years_of_publication()
            text = f"`{given[name][:80]}` is not a year; write one from {years[0]} to {years[-1]}"
            raise usage_error(text if name == "year" else no_identifier(name, given[name]))
        if name in given:
            given[name] = value
    found = _record_in(session, file, given) if file is not None else None
    fields = {name: getattr(found, name) for name in _WORK_FIELDS} if found else {}
    if fields.get("title") == NO_TITLE:
        del fields["title"]
    if "authors" in given:
        given["authors"] = _authors(given["authors"])
    fields |= given
    fields["authors"] = list(fields.get("authors") or ())
    kept = {name: fields[name] for name in REFERENCE_FIELDS if fields.get(name)}
    return {**kept, "cited_as": "claim", "status": "ok"}


def _authors(items: Iterable[str]) -> list[str]:
    """The names as references have them; a name in braces is that of a group.

    Raises TdrError for a name that may be one of several people or of a group, or that is empty.
    """
    from tdr.gather.identifiers import comma_name
    from tdr.model.authors import as_person, group, is_others, is_unclear, several, unmarked

    names: list[str] = []
    for item in items:
        shown, whole = item[:80], item.strip()
        if whole.startswith("{") and whole.endswith("}"):
            names.append(group(whole))
        elif person := as_person(whole):
            text = f"author `{shown}`: a person is written `{person}`, a group `{{{shown}}}`"
            raise usage_error(text)
        elif is_unclear(whole):
            text = f"author `{shown}` may be several; give each with --author, as `Doe J` or "
            raise usage_error(f"{text}`Doe, Jane`, and a group as `{{{shown}}}`")
        else:
            names += map(comma_name, several(whole) or [unmarked(whole)])
    if not all(any(map(str.isalnum, name)) for name in names):
        raise usage_error("author: the name is empty")
    if any(map(is_others, names[:-1] or names)):
        raise usage_error("`et al.` stands for authors after the last that is named")
    return names


def _record_in(session: Session, file: str, given: Mapping[str, Any]) -> Reference:
    """The only record of a bibliography, or the one with the DOI or PMID that was given."""
    from tdr.cli.importing import input_name, open_input
    from tdr.gather.bibliographies import read_bibliography

    shown = input_name(file)
    with open_input(session, file) as stream:
        items = list(read_bibliography(stream, shown))
    records = [item.reference for item in items if item.reference is not None]
    named = {name: given[name] for name in ("doi", "pmid") if name in given}
    fitting = records
    if len(records) > 1:
        fitting = [record for record in records if _has_same_identifier(record, named)]
    if len(fitting) != 1:
        found = f"{len(fitting) or 'none'} of them with {' or '.join(map(str, named.values()))}"
        choose = found if named else "choose one with --doi or --pmid"
        text = f"has {len(records)} records; {choose}" if records else "has no record"
        raise file_error(shown, text, "bibliography")
    for item in items:
        if item.reference is fitting[0]:
            session.streams.report(item.problems)
    return fitting[0]
