"""Which files an evidence directory consists of. They are listed here, not opened."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from tdr.model.errors import Location, Problem, TdrError
from tdr.model.field import names
from tdr.model.fields import FIELDS_OF_SOURCE
from tdr.model.values import KINDS, SOURCE_KEY, THERAPIES

if TYPE_CHECKING:
    from tdr.read.yaml import Document

SOURCES = "sources"
"""The folder of further sources."""

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

    `claims`, `references` and `source` are those of the first source; `more` has those of the
    others, each with the `key` that is the name of its folder (the first gives its own).
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
    key: str = ""
    more: tuple[Layout, ...] = ()

    @property
    def sources(self) -> tuple[Layout, ...]:
        """The files of each source; the first one's `more` are not looked at there."""
        return (self, *self.more)

    def label(self, path: Path) -> str:
        """The name of one of its files for messages."""
        if path in self.given:
            return self.given[path].name
        return os.path.join(self.name, os.path.relpath(path, self.path))

    def kind(self, path: Path) -> str:
        """What one of its files holds: `claims`, `references`, `terms` or `source`."""
        if path in self.vocabulary.values():
            return "terms"
        for one in self.sources:
            if path in (one.references, one.source):
                return "references" if path == one.references else "source"
        return "claims"

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that takes part, in a fixed order."""
        claims = (file.path for one in self.sources for file in one.claims)
        lists = ((one.references, one.source) for one in self.sources)
        return (*claims, *chain.from_iterable(lists), *self.vocabulary.values())


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
    given = given or {}
    first, present = _find_source(path, path, label, "", given)
    more = _further(path, label, given) if "sources" in present else []
    if more and not first.claims and present.isdisjoint(("references.yaml", "source.yaml")):
        first, *more = more
    if not first.claims and not first.key and not more:
        wanted = ", ".join(f"{therapy}.yaml" for therapy in THERAPIES)
        raise TdrError(
            Problem(
                f"no evidence files under {label}; expected {wanted} (or .jsonl)",
                "no-evidence",
                Location(label),
            )
        )
    skipped = tuple(problem for one in (first, *more) for problem in one.skipped)
    layout = replace(first, skipped=skipped, more=tuple(more))
    missing = [file for file in layout.files if file not in given and is_missing(file)]
    if missing and complete:
        raise TdrError(*(missing_file(layout.label(file)) for file in missing))
    return layout


def _further(path: Path, label: str, given: Mapping[Path, Document]) -> list[Layout]:
    """The sources beside the first: folders of `sources` whose names can be keys."""
    found = []
    for folder in _entries(path / SOURCES, os.path.join(label, SOURCES)):
        directory = path / SOURCES / folder
        if SOURCE_KEY.fullmatch(folder) and directory.is_dir():
            found.append(_find_source(directory, path, label, folder, given)[0])
    return found


def _entries(path: Path, name: str) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TdrError(
            Problem(f"cannot read evidence directory: {reason}", location=Location(name))
        ) from None


def _find_source(
    directory: Path, root: Path, label: str, key: str, given: Mapping[Path, Document]
) -> tuple[Layout, frozenset[str]]:
    """The files of one source, and what lies beside them."""
    name = os.path.join(label, SOURCES, key) if key else label
    present = {entry for entry in _entries(directory, name) if not _NOT_EVIDENCE.search(entry)}
    present.update(file.name for file in given if file.parent == directory)

    def named(entry: str) -> str:
        path = directory / entry
        return given[path].name if path in given else os.path.join(name, entry)

    listed = tuple(
        ClaimFile(directory / entry, named(entry), therapy, bulk)
        for therapy in THERAPIES
        for entry, bulk in ((f"{therapy}.yaml", False), (f"{therapy}.jsonl", True))
        if entry in present
    )
    special = {
        file: kind
        for file in listed
        if file.path not in given and (kind := special_kind(file.path))
    }
    terms = _vocabulary(root)
    layout = Layout(
        root,
        label,
        tuple(file for file in listed if file not in special),
        directory / "references.yaml",
        directory / "source.yaml",
        {kind: terms / f"{kind}.yaml" for kind in KINDS},
        tuple(special_file(file.name, kind) for file, kind in special.items()),
        given,
        key,
    )
    return layout, frozenset(present)


def _vocabulary(path: Path) -> Path:
    """The folder of terms: the directory's own; in `DIR/sources/KEY` without one, that of DIR."""
    own = path / "vocabulary"
    above = Path(os.path.abspath(path)).parent
    if above.name == "sources" and not os.path.lexists(own):
        return above.parent / "vocabulary"
    return own


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
