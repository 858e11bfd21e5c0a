"""The command that adds a claim: new; `add` uses its options and `Addition`, too."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tdr.cli.declare import flag, option
from tdr.cli.options import Group, examples, number, takes
from tdr.cli.session import Session
from tdr.cli.writing import (
    SOURCE,
    THERAPY,
    WRITING,
    Writing,
    file_in,
    own_evidence,
    require_sound,
    source_in,
    therapy_in,
)
from tdr.edit.claim import NewClaim
from tdr.model.field import LISTS, Field, FieldOption
from tdr.model.fields import FIELDS

if TYPE_CHECKING:
    from tdr.edit.add import FileAddition
    from tdr.model.therapies import Therapy
    from tdr.read.files import Directory


_CLAIM_OPTIONS = {
    field.option.names[0].lstrip("-").replace("-", "_"): (field, field.option)
    for outer in FIELDS
    for field in (outer, *outer.fields)
    if field.option is not None
}
"""Parameter -> the field of a claim that it sets, and the option of that field."""


def _declared(field: Field, settings: FieldOption) -> tuple[Any, Any, Any]:
    panel = "The claim"
    if field.type == "flag":
        return bool, flag(settings.names[0], settings.help, panel=panel), False
    one = field.type in ("choice", "text", "name", "number")
    parser = number(field.least, field.most) if field.type == "number" else None
    declared = option(settings.metavar, settings.help, *settings.names, panel=panel, parser=parser)
    return str | None if one else list[str] | None, declared, None


def _new_claim(
    section: str | None = None, paragraph: int | None = None, **options: Any
) -> NewClaim:
    from tdr.ask.references import parse_refs

    values: dict[str, Any] = {}
    for name, (field, _) in _CLAIM_OPTIONS.items():
        value = options.get(name)
        if field.type == "refs":
            value = tuple(dict.fromkeys(n for text in value or () for n in parse_refs(text)))
        values[field.name] = tuple(value or ()) if field.type in LISTS else value or None
    return NewClaim(values, section, paragraph)


def claim_group(without: Collection[str] = ()) -> Group:
    """The options that set the fields of a new claim, `without` some of them."""
    options = {name: _declared(*one) for name, one in _CLAIM_OPTIONS.items() if name not in without}
    return Group("claim", options, _new_claim)


@takes(WRITING, claim_group())
@examples(
    "tdr --evidence my-evidence new -t chemo",
    "tdr --evidence my-evidence new -t chemo --promotes TAM --agent cisplatin --effect resistance "
    "--mechanism 'TAMs release IL-6.' --molecule IL-6 --ref 110",
)
def new_command(
    session: Session,
    writing: Writing,
    claim: NewClaim,
    therapy: Annotated[str, THERAPY],
    source: Annotated[str | None, SOURCE] = None,
) -> None:
    directory = own_evidence(session)
    place = source_in(directory, source)
    job = Addition(session, directory, *place, therapy_in(directory, therapy), claim)
    added = writing.change(session, *job.file, job.run)
    if added is None:
        return
    session.streams.write([added.identifier + "\n"])
    if claim.is_empty:
        session.streams.say(
            f"{added.location}: a skeleton, commented out; fill it in, take the `# ` away, "
            "then run `tdr fmt` and `tdr check`"
        )
    else:
        session.streams.say(f"{added.location}: added {added.identifier}")


@dataclass(frozen=True, slots=True)
class Addition:
    """A claim, or a skeleton of one, that is added to the file of its therapy.

    `source` is the number of its source in the directory, and `key` the name of the source's folder
    ("": the directory itself); `with_changes` are other files that change together with it.
    """

    session: Session
    directory: Directory
    source: int
    key: str
    therapy: Therapy
    claim: NewClaim
    with_changes: Mapping[Path, FileAddition] = attribute(default_factory=dict)

    @property
    def file(self) -> tuple[Path, str]:
        """The file of claims, and its name in messages."""
        return self.file_of_source(f"{self.therapy.label}.yaml")

    def file_of_source(self, name: str) -> tuple[Path, str]:
        """A file of the source, and its name in messages."""
        from tdr.read.files import SOURCES

        return file_in(self.directory, *((SOURCES, self.key) if self.key else ()), name)

    def run(self, data: bytes, name: str) -> FileAddition:
        """The file of claims before and after the addition.

        Raises TdrError when the claim would bring an error that `tdr check` reports.
        """
        from tdr.edit.add import add_claim, add_skeleton, empty_file
        from tdr.edit.claim import complete_claim, next_id
        from tdr.edit.document import YamlFile
        from tdr.read.dataset import read_support
        from tdr.read.files import find_layout

        path, _ = self.file
        file = YamlFile(data or empty_file(self.therapy.label), name)
        prefix = f"{self.key}-{self.therapy.prefix}" if self.key else self.therapy.prefix
        identifier = next_id(prefix, self.texts(data, path.with_suffix(".jsonl")))
        files = {path: change.after.document for path, change in self.with_changes.items()}
        layout = find_layout(*self.directory, overrides={**files, path: file.document})
        support = read_support(layout).sources[self.source]
        if self.claim.is_empty:
            return add_skeleton(file, identifier, has_place=support.source.kind != "papers")
        added = add_claim(file, complete_claim(support, self.therapy.label, identifier, self.claim))
        require_sound(self.session, self.directory, {**self.with_changes, path: added}, identifier)
        return added

    @staticmethod
    def texts(data: bytes, bulk: Path) -> Iterator[bytes]:
        """The texts in which ids of the therapy stand: the file of claims, and its bulk file."""
        yield data
        if os.path.isfile(bulk):
            with bulk.open("rb") as lines:
                yield from lines
