"""The command that adds a claim: new."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tdr.cli import complete
from tdr.cli.options import Group, Session, examples, takes
from tdr.edit.add import Given
from tdr.model.errors import Location, Problem, TdrError
from tdr.model.field import LISTS, Field, Option
from tdr.model.fields import FIELDS

if TYPE_CHECKING:
    from tdr.edit.add import Added
    from tdr.model.therapies import Therapy
    from tdr.read.yaml import Document

DRY_RUN = typer.Option("--dry-run", help="Write nothing; print what would change.")
FORCE = typer.Option("--force", help="Write even to a protected or hard-linked file.")


def own_evidence(session: Session) -> tuple[Path, str]:
    """The evidence directory to write to and its name; never the one of an installed package."""
    if len(session.paths) > 1:
        text = "several evidence directories are named; name the one to write to"
        raise TdrError(Problem(text, "usage"))
    (directory,) = session.directories
    shipped = directory.path
    if (
        not session.paths and shipped.parent != Path(__file__).resolve().parent.parent.parent
    ):  # not of a checkout
        raise TdrError(
            Problem(
                "the evidence that comes with tdr is not for editing; "
                "name your own with --evidence DIR",
                "usage",
            )
        )
    return directory.path, directory.name


def _option(field: Field, option: Option) -> tuple[Any, Any, Any]:
    kinds = {"number": int | None, "flag": bool, **dict.fromkeys(_ONE_TEXT, str | None)}
    asked = typer.Option(
        *option.names,
        help=option.help,
        metavar=option.metavar or None,
        rich_help_panel="The claim",
    )
    return kinds.get(field.type, list[str] | None), asked, False if field.type == "flag" else None


_ONE_TEXT = ("choice", "text", "name")


def _parameter(option: Option) -> str:
    return option.names[0].lstrip("-").replace("-", "_")


_ASKED = tuple(
    (field, option)
    for outer in FIELDS
    for field in (outer, *outer.fields)
    if (option := field.option) is not None
)
"""Fields that options give, and their options: those by which claims are found."""


def _given(section: str | None = None, paragraph: int | None = None, **given: Any) -> Given:
    from tdr.ask.meanings import parse_refs

    values: dict[str, Any] = {}
    for field, option in _ASKED:
        said = given.get(_parameter(option))
        if field.type == "refs":
            said = tuple(dict.fromkeys(n for text in said or () for n in parse_refs(text)))
        values[field.name] = tuple(said or ()) if field.type in LISTS else said or None
    return Given(values, section, paragraph)


def given_group(without: Collection[str] = ()) -> Group:
    """The options of a new claim, without some of them."""
    options = {_parameter(option): _option(field, option) for field, option in _ASKED}
    kept = {name: option for name, option in options.items() if name not in without}
    return Group("given", kept, _given)


@takes(given_group())
@examples(
    "tdr --evidence my-evidence new -t chemo",
    "tdr --evidence my-evidence new -t chemo --promotes TAM --agent cisplatin --effect resistance "
    "--mechanism 'TAMs release IL-6.' --molecule IL-6 --ref 110",
)
def new_command(
    ctx: typer.Context,
    given: Given,
    therapy: Annotated[
        str, typer.Option("--therapy", "-t", metavar="NAME", help="Whose file it is added to.")
    ],
    source: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            autocompletion=complete.sources,
            help="The source that says so; default: the first.",
        ),
    ] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    force: Annotated[bool, FORCE] = False,
) -> None:
    """Add a claim with the next free id."""
    from tdr.edit.add import empty_file
    from tdr.edit.atomic import editing
    from tdr.edit.document import unified_diff
    from tdr.read.content import read_file

    session: Session = ctx.obj
    directory, label = own_evidence(session)
    meant = therapy_in(directory, therapy)
    stem = meant.label
    place = source_in(directory, label, source)
    job = Addition(session, directory, label, *place, meant, given)
    path, name = directory / job.inside, os.path.join(label, job.inside)
    if dry_run:
        old = read_file(path, name=name) if os.path.lexists(path) else b""
        _, added = job.run(old or empty_file(stem), name)
        lines = unified_diff(name, old, added.after.data)
        session.streams.write(f"{line}\n" for line in lines)
        return
    with editing(path, name=name, force=force, create=True) as file:
        identifier, added = job.run(file.data or empty_file(stem), name)
        file.replace(added.after.data)
    session.streams.write([identifier + "\n"])
    if given.is_empty:
        session.streams.say(
            f"{added.location}: a skeleton, commented out; fill it in, take the `# ` away, "
            "then run `tdr fmt` and `tdr check`"
        )
    else:
        session.streams.say(f"{added.location}: added {identifier}")


def therapy_in(directory: Path, name: str) -> Therapy:
    """The therapy of an evidence directory that is named, in any form."""
    from tdr.read.therapies import read_therapies

    therapies = read_therapies(directory)
    return therapies[therapies.named(name)]


def source_in(
    directory: Path, label: str, key: str | None, kind: str | None = None
) -> tuple[int, str]:
    """Which source of an evidence directory this is, and its folder ("": the directory itself).

    By default the first; of a `kind`, if one is said. What the directory extends is not meant.
    Raises TdrError, naming those there are, if it is none of them.
    """
    from tdr.read.dataset import read_support
    from tdr.read.files import find_layout

    layout = find_layout(directory, label, complete=False)
    supports = read_support(layout).sources
    places = {
        support.source.key: place
        for place, (one, support) in enumerate(zip(layout.sources, supports, strict=True))
        if one.root == layout.roots[-1] and kind in (None, support.source.kind)
    }
    if not places:
        text = (
            f"{label} has no source of {kind or 'its own'}; `tdr import FILE --key KEY` begins one"
        )
        raise TdrError(Problem(text, "usage"))
    chosen = next(iter(places)) if key is None else key
    if chosen not in places:
        text = f"unknown source `{chosen[:80]}`; one of {', '.join(places)}"
        raise TdrError(Problem(text, "usage"))
    return places[chosen], layout.sources[places[chosen]].key


@dataclass(frozen=True, slots=True)
class Addition:
    """One claim, or skeleton, on its way into a file; what changes `beside` it comes with it."""

    session: Session
    directory: Path
    label: str
    source: int
    key: str
    therapy: Therapy
    given: Given
    beside: Mapping[Path, Added] = attribute(default_factory=dict)

    @property
    def folder(self) -> str:
        """Where the files of the source lie, inside the directory."""
        from tdr.read.files import SOURCES

        return os.path.join(SOURCES, self.key) if self.key else ""

    @property
    def inside(self) -> str:
        """The file, inside the directory."""
        return os.path.join(self.folder, f"{self.therapy.label}.yaml")

    def run(self, data: bytes, name: str) -> tuple[str, Added]:
        """The new claim's id and the file with it.

        Raises TdrError when the claim would bring an error that `tdr check` reports.
        """
        from tdr.edit.add import add_claim, add_skeleton, complete_claim, next_id
        from tdr.edit.document import Sheet
        from tdr.read.dataset import read_support
        from tdr.read.files import find_layout

        sheet = Sheet(data, name)
        bulk = self.directory / self.folder / f"{self.therapy.label}.jsonl"
        prefix = f"{self.key}-{self.therapy.prefix}" if self.key else self.therapy.prefix
        identifier = next_id(prefix, self.texts(data, bulk))
        if self.given.is_empty:
            return identifier, add_skeleton(sheet, identifier)
        layout = find_layout(self.directory, self.label, given=self.holding(data))
        support = read_support(layout).sources[self.source]
        claim = complete_claim(support, self.therapy.label, identifier, self.given)
        added = add_claim(sheet, claim)
        changes = {**self.beside, self.directory / self.inside: added}
        require_sound(self.session, self.directory, self.label, changes, identifier)
        return identifier, added

    @staticmethod
    def texts(data: bytes, bulk: Path) -> Iterator[bytes]:
        yield data
        if os.path.isfile(bulk):
            with bulk.open("rb") as lines:
                yield from lines

    def holding(self, data: bytes) -> dict[Path, Document]:
        """The files as they would be: that of the claim with this content."""
        from tdr.read.yaml import parse_yaml

        name = os.path.join(self.label, self.inside)
        others = {path: change.after.document for path, change in self.beside.items()}
        return {**others, self.directory / self.inside: parse_yaml(data, name)}


def require_sound(
    session: Session, directory: Path, label: str, changes: Mapping[Path, Added], subject: str
) -> None:
    """Raise TdrError with what check would newly find; say what it would only warn of.

    `subject` is the id of a new claim: whatever is found there is new.
    """
    from tdr.check import rule, run

    after = run(directory, label, given={p: c.after.document for p, c in changes.items()})
    findings = (*after.failures, *after.findings)
    errors = [found for found in findings if found.severity == "error"]
    if errors:
        before = run(directory, label, given={p: c.before.document for p, c in changes.items()})
        known = Counter((p.rule, p.text) for p in (*before.failures, *before.findings))
        # A rule that needs claims said nothing where there was none.
        new = [
            p
            for p in errors
            if (subject and p.subject == subject)
            or ((before.claims or "claims" not in rule(p.rule).needs) and not known[p.rule, p.text])
        ]
        if new:
            raise TdrError(*new)
    session.streams.report(p for p in findings if subject and p.subject == subject)


def entries(directory: Path, folder: str = "") -> list[str]:
    """Names of the files in an evidence directory, or a folder of it."""
    try:
        return [
            os.path.join(folder, entry.name)
            for entry in os.scandir(directory / folder)
            if entry.is_file()
        ]
    except OSError as error:
        shown = Location(os.fspath(directory / folder))
        raise TdrError(
            Problem(f"cannot read evidence directory: {error.strerror}", location=shown)
        ) from None
