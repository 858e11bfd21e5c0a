"""Which files an evidence directory consists of. They are listed here, not opened."""

# Annotations are not put off: named tuples of texts would compile each one at every start.

import os
import re
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tdr.model.errors import Location, Problem, TdrError, file_error, usage_error
from tdr.model.plain import Plain
from tdr.model.therapies import BUILT_IN, NAME, Therapies
from tdr.model.values import KINDS, SOURCE_KEY

if TYPE_CHECKING:
    from tdr.read.yaml import Document

SOURCES = "sources"
"""The folder that has a folder for each further source."""

COLLECTION = "collection.yaml"
"""The file in which a directory says that it extends the shipped evidence."""

THERAPIES = "therapies.yaml"
"""The file of the vocabulary that lists the therapies."""


class ClaimFile(Plain):
    """A file of claims of one therapy; `bulk` is JSON Lines, one claim per line."""

    path: Path
    name: str
    therapy: str
    bulk: bool


class Directory(NamedTuple):
    """An evidence directory, and how its user spelled it."""

    path: Path
    name: str

    def has(self, path: Path) -> bool:
        """Whether a file lies in it."""
        return path.is_relative_to(self.path)


class Layout(NamedTuple):
    """The files of an evidence directory, or of several that are united.

    Names are as the user spelled the path.

    - `claims`, `references` and `source` are the files of the first source. If a directory lists
      its therapies, any file that could be named after one is among `claims` until
      `with_therapies`.
    - `more` has the layouts of further sources, each with its `key`, the name of its folder, and
      the `root` that it lies in. The first source gives its key itself.
    - `vocabulary` has the files of each kind of terms, `collections` those that say what a
      directory extends, `therapies` those that list therapies.
    - `skipped` are warnings about what is named like a file of claims and is no file.
    - `overrides` are documents that take the place of files, for the checker.
    """

    roots: tuple[Directory, ...]
    root: Directory
    claims: tuple[ClaimFile, ...]
    references: Path
    source: Path
    vocabulary: Mapping[str, tuple[Path, ...]]
    skipped: tuple[Problem, ...] = ()
    overrides: "Mapping[Path, Document]" = MappingProxyType({})
    key: str = ""
    more: "tuple[Layout, ...]" = ()
    collections: tuple[Path, ...] = ()
    therapies: tuple[Path, ...] = ()

    def with_therapies(self, therapies: Therapies) -> "Layout":
        """The layout with only the files of claims of these therapies, in their order."""
        place = {label: number for number, label in enumerate(therapies)}
        listed = (file for file in self.claims if file.therapy in place)
        claims = tuple(sorted(listed, key=lambda file: place[file.therapy]))
        return self._replace(
            claims=claims, more=tuple(one.with_therapies(therapies) for one in self.more)
        )

    @property
    def name(self) -> str:
        """How the user spelled it: of a directory that extends another, its own name."""
        return self.roots[-1].name

    @property
    def sources(self) -> "tuple[Layout, ...]":
        """The layout of each source; that of the first is this one."""
        return (self, *self.more)

    def label(self, path: Path) -> str:
        """The name of one of its files for messages."""
        if path in self.overrides:
            return self.overrides[path].name
        root = self._root(path)
        return os.path.join(root.name, os.path.relpath(path, root.path))

    def portable_name(self, path: Path) -> str:
        """The name of one of its files, the same wherever the directories lie."""
        root = self._root(path)
        place = self.roots.index(root)
        return os.path.join(f"{place}:" if place else "", os.path.relpath(path, root.path))

    def _root(self, path: Path) -> Directory:
        """The directory that a file lies in, the innermost if there are several."""
        if len(self.roots) == 1:
            return self.roots[0]
        holding = [root for root in self.roots if root.has(path)]
        return max(holding, key=lambda root: len(root.path.parts), default=self.roots[-1])

    def kind(self, path: Path) -> str:
        """The kind of a file: a key of ROOT_FIELDS."""
        if path in self.therapies:
            return "therapies"
        if path in self.terms:
            return "terms"
        if path in self.collections:
            return "collection"
        for one in self.sources:
            if path in (one.references, one.source):
                return "references" if path == one.references else "source"
        return "claims"

    @property
    def terms(self) -> tuple[Path, ...]:
        """The files of the vocabulary."""
        return tuple(chain.from_iterable(self.vocabulary.values()))

    @property
    def support(self) -> tuple[Path, ...]:
        """Every file but those of claims, in a fixed order."""
        lists = chain.from_iterable((one.references, one.source) for one in self.sources)
        return (*lists, *self.terms, *self.therapies, *self.collections)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that takes part, in a fixed order."""
        return (*(file.path for one in self.sources for file in one.claims), *self.support)


@cache
def shipped_path() -> Path:
    """The shipped evidence: inside the package, or beside it in a checkout.

    From a zip it is unpacked for as long as the process runs.
    """
    package = Path(__file__).resolve().parent.parent
    evidence = package.parent / "evidence"
    if (package / "evidence").is_dir():
        return package / "evidence"
    if not package.is_dir():
        from tdr.read.zipped import unpack_evidence  # only a program in one file needs it

        evidence = (unpack_evidence() or package.parent) / "evidence"
    return evidence


def named_path(name: str | os.PathLike[str]) -> Path:
    """An evidence directory by its name: `shipped` comes with tdr, unless there is one called so.

    Raises TdrError for an empty one.
    """
    if not os.fspath(name):
        raise usage_error("the path of an evidence directory is empty")
    return shipped_path() if name == "shipped" and not os.path.lexists(name) else Path(name)


def find_layout(
    path: Path,
    name: str | None = None,
    *,
    others: Sequence[Directory] = (),
    complete: bool = True,
    overrides: "Mapping[Path, Document] | None" = None,
) -> Layout:
    """List the files of an evidence directory; documents of `overrides` take the place of some.

    What it extends comes before it, `others` come after it, each once.
    Raises TdrError when a directory cannot be read, has no file of claims, or
    (unless `complete` is False) lacks one of the files that claims rely on.
    """
    overrides = overrides or {}
    roots = directories(path, name, others)
    first, *more = (one for root in roots for one in _sources(root, roots, overrides))
    skipped = tuple(problem for one in (first, *more) for problem in one.skipped)
    layout = first._replace(skipped=skipped, more=tuple(more))
    missing = [file for file in layout.files if file not in overrides and is_missing(file)]
    if missing and complete:
        raise TdrError(*(missing_file(layout.label(file)) for file in missing))
    return layout


def directories(
    path: Path, name: str | None = None, others: Iterable[Directory] = ()
) -> tuple[Directory, ...]:
    """The directories that belong together: what one extends, that one, and the others."""
    roots: dict[str, Directory] = {}
    for directory in (Directory(path, name if name is not None else os.fspath(path)), *others):
        if _extends(directory):
            shipped = shipped_path()
            roots.setdefault(os.path.realpath(shipped), Directory(shipped, os.fspath(shipped)))
        roots.setdefault(os.path.realpath(directory.path), directory)
    return tuple(roots.values())


def _extends(directory: Directory) -> bool:
    """Whether a directory says that it extends the shipped evidence."""
    path = directory.path / COLLECTION
    if is_missing(path):
        return False
    from tdr.read.collection import extends_shipped  # few directories have the file

    return extends_shipped(path, os.path.join(directory.name, COLLECTION))


def _sources(
    root: Directory, roots: tuple[Directory, ...], overrides: "Mapping[Path, Document]"
) -> list[Layout]:
    """The sources in a directory: its own files first, then each folder of a source."""
    first, present = _find_source(root.path, root, "", roots, overrides)
    layouts = [first]
    for key in keyed_folders(root):
        layouts.append(_find_source(root.path / SOURCES / key, root, key, roots, overrides)[0])
    if first.claims or (layouts[1:] and present.intersection(("references.yaml", "source.yaml"))):
        return layouts
    if layouts[1:] or _extends(root):
        return layouts[1:]
    wanted = ", ".join(f"{therapy}.yaml" for therapy in BUILT_IN)
    text = f"no evidence files under {root.name}; expected {wanted} (or .jsonl)"
    raise file_error(root.name, text, "no-evidence")


def keyed_folders(root: Directory) -> tuple[str, ...]:
    """The keys of further sources in a directory: the names of their folders, sorted.

    A folder with the files of a source counts even if its name cannot be a key: reading reports it.
    """
    folder = root.path / SOURCES
    if is_missing(folder):
        return ()
    names = directory_entries(folder, os.path.join(root.name, SOURCES))
    return tuple(key for key in names if _is_source(folder / key))


def _is_source(path: Path) -> bool:
    """Whether it is, or is meant to be, the folder of a source."""
    if re.fullmatch(SOURCE_KEY, path.name):
        return _is_folder(path)
    lists = (path / "source.yaml", path / "references.yaml")
    return not _is_ignored(path.name) and not all(map(is_missing, lists))


def _is_folder(path: Path) -> bool:
    """Whether it is a directory; True where the system does not tell, as reading then fails."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):  # a link to nowhere
        return False
    except OSError:
        return True


def directory_entries(path: Path, name: str) -> list[str]:
    """The names of what is in a directory, sorted; TdrError if it cannot be read."""
    try:
        return sorted(entry.name for entry in os.scandir(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise file_error(name, f"cannot read evidence directory: {reason}") from None


def _is_ignored(entry: str) -> bool:
    """Whether a name is one that editors and systems give to their own files."""
    return entry.startswith((".", "#")) or entry.endswith(("~", ".tmp"))


def _find_source(
    directory: Path,
    root: Directory,
    key: str,
    roots: tuple[Directory, ...],
    overrides: "Mapping[Path, Document]",
) -> tuple[Layout, frozenset[str]]:
    """The files of one source, and the names of all files in its directory."""
    name = os.path.join(root.name, SOURCES, key) if key else root.name
    present = {entry for entry in directory_entries(directory, name) if not _is_ignored(entry)}
    present.update(file.name for file in overrides if file.parent == directory)
    present.discard(COLLECTION)

    def named(entry: str) -> str:
        path = directory / entry
        return overrides[path].name if path in overrides else os.path.join(name, entry)

    def has(path: Path) -> bool:
        return path in overrides or not is_missing(path)

    lists = therapies_paths(roots)
    own = any(has(file) for file in therapies_paths([root]))
    stems = {os.path.splitext(entry)[0] for entry in present} if own else set(BUILT_IN)
    listed = tuple(
        ClaimFile(directory / entry, named(entry), stem, bulk)
        for stem in sorted(stems)
        for entry, bulk in ((f"{stem}.yaml", False), (f"{stem}.jsonl", True))
        if entry in present and re.fullmatch(NAME, stem)
    )
    special = {
        file: kind
        for file in listed
        if file.path not in overrides and (kind := special_file_kind(file.path))
    }
    layout = Layout(
        roots,
        root,
        tuple(file for file in listed if file not in special),
        directory / "references.yaml",
        directory / "source.yaml",
        _vocabulary(roots, overrides),
        tuple(special_file_warning(file.name, kind) for file, kind in special.items()),
        overrides,
        key,
        collections=tuple(path for one in roots if not is_missing(path := one.path / COLLECTION)),
        therapies=tuple(file for file in lists if has(file)),
    )
    return layout, frozenset(present)


def _vocabulary(
    roots: Iterable[Directory], overrides: Collection[Path]
) -> dict[str, tuple[Path, ...]]:
    """Kind of terms -> its files: always that of the first folder, of others where it is there."""
    first, *more = _vocabulary_folders(roots)
    by_kind = {}
    for kind in KINDS:
        further = (folder / f"{kind}.yaml" for folder in more)
        there = (path for path in further if path in overrides or not is_missing(path))
        by_kind[kind] = (first / f"{kind}.yaml", *there)
    return by_kind


def therapies_paths(roots: Iterable[Directory]) -> tuple[Path, ...]:
    """The path of `therapies.yaml` in each directory, whether or not there is such a file."""
    return tuple(folder / THERAPIES for folder in _vocabulary_folders(roots))


def _vocabulary_folders(roots: Iterable[Directory]) -> tuple[Path, ...]:
    """The vocabulary folder of each directory; for `DIR/sources/KEY` without one, that of DIR."""
    folders: dict[Path, None] = {}
    for root in roots:
        holder = evidence_directory_of(root.path)
        holders = directories(holder) if holder else (root,)
        folders.update((one.path / "vocabulary", None) for one in holders)
    return tuple(folders)


def evidence_directory_of(path: Path) -> Path | None:
    """The evidence directory DIR of a path `DIR/sources/KEY`; None for any other path."""
    above = Path(os.path.abspath(path)).parent
    inside = above.name == SOURCES and not os.path.lexists(path / "vocabulary")
    return above.parent if inside else None


def special_file_kind(path: Path) -> str:
    """What a path leads to if not to a regular file: `FIFO`, `socket` ...; else empty.

    Empty, too, where the system does not tell: reading reports what is wrong.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    kinds = {stat.S_IFDIR: "directory", stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket"}
    return "" if stat.S_ISREG(mode) else kinds.get(stat.S_IFMT(mode), "device")


def special_file_warning(name: str, kind: str) -> Problem:
    """The warning about a directory, FIFO or device where a file of evidence belongs."""
    text = f"is a {kind}, not a regular file: it is passed over"
    return Problem(text, "special-file", Location(name), "warning")


def empty_file_warnings(layout: Layout) -> tuple[Problem, ...]:
    """Warnings about files of claims that have no content.

    Even a file without claims names its therapy: a file without a byte has been cut off.
    """
    text = "the file is empty: nothing is read from it"
    return tuple(
        Problem(text, "empty", Location(file.name), "warning")
        for one in layout.sources
        for file in one.claims
        if _has_no_byte(file.path)
    )


def _has_no_byte(path: Path) -> bool:
    try:
        return not os.stat(path).st_size
    except OSError:
        return False  # reading reports what is wrong


def is_missing(path: Path) -> bool:
    """Whether there is no such file; False where the directory cannot be entered."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def missing_file(name: str) -> Problem:
    """The problem of a file that an evidence directory needs and has not."""
    of_terms = os.path.basename(os.path.dirname(name)) == "vocabulary"
    other = f", or a {COLLECTION} that says `extends: shipped`" if of_terms else ""
    text = f"file is missing; an evidence directory needs it{other} (see docs/evidence.md)"
    return Problem(text, "missing-file", Location(name))
