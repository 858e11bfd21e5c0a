"""Commands about the files of evidence: fmt, diff, schema."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdr.cli.declare import argument, flag
from tdr.cli.options import examples, format_option, refuse_beside
from tdr.cli.output_files import EVIDENCE_SUFFIXES
from tdr.cli.session import Session, directory_names
from tdr.cli.writing import FORCE, own_evidence, show_change
from tdr.model.errors import NEGATIVE, Location, Problem, TdrError, file_error, usage_error
from tdr.render import formats_of

if TYPE_CHECKING:
    from tdr.read.dataset import Dataset

# --- fmt -----------------------------------------------------------------------------------


@examples("tdr fmt --diff", "tdr fmt - < draft.yaml > chemo.yaml")
def fmt_command(
    session: Session,
    paths: Annotated[
        list[str] | None,
        argument(
            "[PATH...]",
            "Files, or evidence directories; default: the one in use. - formats stdin to stdout.",
        ),
    ] = None,
    check: Annotated[
        bool, flag("--check", "Write nothing; exit 1 if a file would change.")
    ] = False,
    diff: Annotated[bool, flag("--diff", "Write nothing; print what would change.")] = False,
    force: Annotated[bool, FORCE] = False,
) -> None:
    from tdr.edit.atomic import write_file
    from tdr.edit.document import YamlFile
    from tdr.edit.format import format_file
    from tdr.model.text import counted, visible
    from tdr.read.content import read_file, read_stream

    refuse_beside("stdout", {"--force": force and paths == ["-"]})
    streams = session.streams
    problems: list[Problem] = []
    files = changed = 0
    for path, name in _files(session, paths):
        files += 1
        if path is not None and path.suffix == ".jsonl":
            text = "left as it is: bulk files have no canonical layout"
            streams.report([Problem(text, location=Location(name), severity="note")])
            continue
        try:
            if path is None:
                data = read_stream(streams.stdin(), name)
            else:
                data = read_file(path, name=name)
            formatted = format_file(YamlFile(data, name))
            streams.report(formatted.unformatted)
            before, after = formatted.before.data, formatted.after.data
            if path is None and not (diff or check):
                streams.write([after.decode("utf-8")])
            if not formatted.changed:
                continue
            if diff:
                show_change(session, name, before, after)
            elif check:
                streams.write([visible(name) + "\n"])
            elif path is not None:
                write_file(path, after, expected=before, name=name, force=force)
                streams.say(f"{name}: formatted")
            changed += 1
        except TdrError as error:
            problems += error.problems
    if problems:
        raise TdrError(*problems)
    streams.say(f"{counted(files, 'file')}, {changed} {'to be ' if check or diff else ''}formatted")
    if check and changed:
        raise typer.Exit(NEGATIVE)


def _files(session: Session, paths: list[str] | None) -> Iterator[tuple[Path | None, str]]:
    """Every file to format: its path (None: standard input), and its name in messages."""
    if not paths:
        yield from _files_of(*own_evidence(session))
        return
    for name in paths:  # before the first is written
        if not name:
            raise usage_error("the path is empty")
        ending = Path(name).suffix.lower()
        if os.path.isfile(name) and ending and ending not in EVIDENCE_SUFFIXES:
            endings = ", ".join(EVIDENCE_SUFFIXES)
            raise file_error(name, f"is not an evidence file: those end in one of {endings}")
    for name in paths:
        if name == "-":
            yield None, "<stdin>"
        elif os.path.isdir(name):
            yield from _files_of(Path(name), name)
        else:
            yield Path(name), name


def _files_of(directory: Path, name: str) -> Iterator[tuple[Path, str]]:
    """The files of an evidence directory that have a canonical layout, as far as they exist."""
    from tdr.model.values import KINDS
    from tdr.read.files import SOURCES, THERAPIES, Directory, directory_entries, keyed_folders
    from tdr.read.therapies import read_therapies

    lists = [*(f"{therapy}.yaml" for therapy in read_therapies(directory)), "references.yaml"]
    terms = [*(f"{kind}.yaml" for kind in KINDS), THERAPIES]
    at_top = directory_entries(directory, name)
    present = [entry for entry in lists if entry in at_top]
    folders = [("vocabulary", terms)] if "vocabulary" in at_top else []
    keys = keyed_folders(Directory(directory, name))
    for folder, wanted in (*folders, *((os.path.join(SOURCES, key), lists) for key in keys)):
        there = directory_entries(directory / folder, os.path.join(name, folder))
        present += (os.path.join(folder, entry) for entry in wanted if entry in there)
    if not present:
        raise file_error(name, f"no evidence files under {name}", "no-evidence")
    for entry in present:
        yield directory / entry, os.path.join(name, entry)


# --- schema --------------------------------------------------------------------------------


@examples("tdr schema claims > claims.schema.json", "tdr schema references | jq .title")
def schema_command(
    session: Session,
    kind: Annotated[
        str,
        argument("[KIND]", "One of: claims, references, source, vocabulary, therapies, output."),
    ] = "claims",
) -> None:
    from tdr.model.schema import schema_text
    from tdr.read.therapies import read_therapies

    therapies = read_therapies(*(directory.path for directory in session.directories))
    session.streams.write([schema_text(kind, therapies)])


# --- diff ----------------------------------------------------------------------------------


@examples(
    "tdr diff my-evidence their-evidence",
    "tdr diff HEAD~1 -o markdown   # against the evidence in use, in a git checkout",
)
def diff_command(
    session: Session,
    old: Annotated[
        str,
        argument(
            "OLD",
            "Evidence directory, wheel or sdist of a release, git revision, or data version "
            "(1.0.0).",
        ),
    ],
    new: Annotated[str | None, argument("[NEW]", "The same; default: the evidence in use.")] = None,
    output_format: Annotated[
        str, format_option("difference", "--output", "--format", "-o")
    ] = "text",
) -> None:
    from tdr.ask.diff import compare

    difference = compare(_dataset_of(session, old), _dataset_of(session, new))
    chunks = formats_of("difference")[output_format].load()(difference)
    streams = session.streams
    streams.write_lines(chunks, wrap=output_format == "text")
    streams.say(f"{difference.old} -> {difference.new}: {difference.summary()}")
    if difference.changes:
        raise typer.Exit(NEGATIVE)


def _dataset_of(session: Session, name: str | None) -> Dataset:
    """The evidence in a directory or package, or else in a git revision of the directory in use."""
    from tdr.ask.earlier import checked_out, unpacked
    from tdr.read.dataset import read_dataset

    used, *others = session.directories
    if name is None:
        return read_dataset(*used, others=others)
    (path,) = directory_names((name,))  # `shipped` is known here, too
    if os.path.isdir(path):
        return read_dataset(Path(path), name)
    if os.path.isfile(name):
        with unpacked(Path(name)) as copy:
            return read_dataset(copy, name)
    with checked_out(name, used.path) as copy:
        return read_dataset(copy, f"{name}:{used.name}")
