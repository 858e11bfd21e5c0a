"""Which files an evidence directory consists of. They are listed here, not opened."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tdr.model.errors import Location, Problem, TdrError
from tdr.model.field import names
from tdr.model.fields import FIELDS_OF_SOURCE
from tdr.model.values import KINDS, THERAPIES

if TYPE_CHECKING:
    from tdr.read.yaml import Document

_NOT_EVIDENCE = re.compile(r"^\.|^#|~$|\.tmp$")


ROOT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "claims": ("therapy", "claims"),
    "references": ("references",),
    "terms": ("terms",),
    "source": (*names(FIELDS_OF_SOURCE), "sections"),
}
"""What a file holds -> the fields of the mapping that it is."""


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A file of claims of one therapy; `bulk` is JSON Lines, one claim per line."""

    path: Path
    name: str
    therapy: str
    bulk: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Which files an evidence directory consists of. Names are as the user spelled the path.

    `skipped` are warnings of what has the name of a file of claims and is no file;
    `given` are documents that are read in place of files, for the checker.
    """

    path: Path
    name: str
    claims: tuple[ClaimFile, ...]
    references: Path
    source: Path
    vocabulary: Mapping[str, Path]
    skipped: tuple[Problem, ...] = ()
    given: Mapping[Path, Document] = field(default_factory=dict)

    def label(self, path: Path) -> str:
        """The name of one of its files for messages."""
        if path in self.given:
            return self.given[path].name
        return os.path.join(self.name, os.path.relpath(path, self.path))

    def kind(self, path: Path) -> str:
        """What one of its files holds: `claims`, `references`, `terms` or `source`."""
        if path in self.vocabulary.values():
            return "terms"
        return {self.references: "references", self.source: "source"}.get(path, "claims")

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that takes part, in a fixed order."""
        return (
            *(claim_file.path for claim_file in self.claims),
            self.references,
            self.source,
            *self.vocabulary.values(),
        )


@cache
def shipped_path() -> Path:
    """The evidence that comes with the program: inside the package, or beside it in a checkout.

    Out of a zip it is unpacked for as long as the process runs.
    """
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "evidence"
    if (package / "evidence").is_dir():
        return package / "evidence"
    if not package.is_dir():
        from tdr.read.zipped import unpacked  # only a program in one file needs it

        beside = (unpacked() or package.parent) / "evidence"
    return beside


def find_layout(
    path: Path,
    name: str | None = None,
    *,
    complete: bool = True,
    given: Mapping[Path, Document] | None = None,
) -> Layout:
    """List the files of an evidence directory, with documents `given` in place of some.

    Raises TdrError when the directory cannot be read, has no file of claims, or
    (unless `complete` is False) lacks one of the files that claims rely on.
    """
    label = name if name is not None else os.fspath(path)
    try:
        entries = sorted(entry.name for entry in os.scandir(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TdrError(
            Problem(f"cannot read evidence directory: {reason}", location=Location(label))
        ) from None
    given = given or {}
    present = {entry for entry in entries if not _NOT_EVIDENCE.search(entry)}
    present.update(file.name for file in given if file.parent == path)
    listed = tuple(
        ClaimFile(
            path / entry,
            given[path / entry].name if path / entry in given else os.path.join(label, entry),
            therapy,
            bulk,
        )
        for therapy in THERAPIES
        for entry, bulk in ((f"{therapy}.yaml", False), (f"{therapy}.jsonl", True))
        if entry in present
    )
    special = {
        file: kind
        for file in listed
        if file.path not in given and (kind := special_kind(file.path))
    }
    claims = tuple(file for file in listed if file not in special)
    if not claims:
        wanted = ", ".join(f"{therapy}.yaml" for therapy in THERAPIES)
        raise TdrError(
            Problem(
                f"no evidence files under {label}; expected {wanted} (or .jsonl)",
                "no-evidence",
                Location(label),
            )
        )
    layout = Layout(
        path,
        label,
        claims,
        path / "references.yaml",
        path / "source.yaml",
        {kind: path / "vocabulary" / f"{kind}.yaml" for kind in KINDS},
        tuple(special_file(file.name, kind) for file, kind in special.items()),
        given,
    )
    missing = [file for file in layout.files if file not in given and is_missing(file)]
    if missing and complete:
        raise TdrError(*(missing_file(layout.label(file)) for file in missing))
    return layout


def special_kind(path: Path) -> str:
    """What there is in place of a regular file: `FIFO`, `socket` ...; empty for a file.

    Empty, too, where the system will not tell: reading says what is wrong.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    kinds = {stat.S_IFDIR: "directory", stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket"}
    return "" if stat.S_ISREG(mode) else kinds.get(stat.S_IFMT(mode), "device")


def special_file(name: str, kind: str) -> Problem:
    """Something in an evidence directory that has a file's name and is none."""
    text = f"is a {kind}, not a regular file: it is passed over"
    return Problem(text, "special-file", Location(name), "warning")


def is_missing(path: Path) -> bool:
    """Whether there is no such file; one in a directory that may not be entered might exist."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def missing_file(name: str) -> Problem:
    text = "file is missing; an evidence directory needs it (see docs/evidence.md)"
    return Problem(text, "missing-file", Location(name))
