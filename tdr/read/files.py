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
"""The folder of further sources."""

COLLECTION = "collection.yaml"
"""The file by which a directory says that it extends the evidence that comes with tdr."""

THERAPIES = "therapies.yaml"
"""The file of the vocabulary that says which therapies there are."""


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
    """Which files an evidence directory, or several that are united, consists of.

    Names are as the user spelled the path.
    `claims`, `references` and `source` are those of the first source; `more` has those of the
    others, each with the `key` that is the name of its folder (the first gives its own) and the
    `root` that it lies in. `vocabulary` has the files of each kind of terms, `collections` those
    that say what a directory extends, `therapies` those that say which therapies there are. Where
    a directory has one of these, any file whose name a therapy could have is among `claims` until
    `of` is asked; where not, those of BUILT_IN are.
    `skipped` are warnings of what has the name of a file of claims and is no file;
    `given` are documents that are read in place of files, for the checker.
    """

    roots: tuple[Directory, ...]
    root: Directory
    claims: tuple[ClaimFile, ...]
    references: Path
    source: Path
    vocabulary: Mapping[str, tuple[Path, ...]]
    skipped: tuple[Problem, ...] = ()
    given: "Mapping[Path, Document]" = MappingProxyType({})
    key: str = ""
    more: "tuple[Layout, ...]" = ()
    collections: tuple[Path, ...] = ()
    therapies: tuple[Path, ...] = ()

    def of(self, therapies: Therapies) -> "Layout":
        """The same with the files of claims of these therapies alone, in their order."""
        place = {label: number for number, label in enumerate(therapies)}
        listed = (file for file in self.claims if file.therapy in place)
        claims = tuple(sorted(listed, key=lambda file: place[file.therapy]))
        return self._replace(claims=claims, more=tuple(one.of(therapies) for one in self.more))

    @property
    def name(self) -> str:
        """How the user spelled it: of a directory that extends another, its own name."""
        return self.roots[-1].name

    @property
    def sources(self) -> "tuple[Layout, ...]":
        """The files of each source; the first one's `more` are not looked at there."""
        return (self, *self.more)

    def label(self, path: Path) -> str:
        """The name of one of its files for messages."""
        if path in self.given:
            return self.given[path].name
        root = self._root(path)
        return os.path.join(root.name, os.path.relpath(path, root.path))

    def inside(self, path: Path) -> str:
        """The name of one of its files that does not depend on where the directories lie."""
        root = self._root(path)
        place = self.roots.index(root)
        return os.path.join(f"{place}:" if place else "", os.path.relpath(path, root.path))

    def _root(self, path: Path) -> Directory:
        if len(self.roots) == 1:
            return self.roots[0]
        holding = [root for root in self.roots if root.has(path)]
        return max(holding, key=lambda root: len(root.path.parts), default=self.roots[-1])

    def kind(self, path: Path) -> str:
        """What a file holds: one of ROOT_FIELDS."""
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
    beside: Sequence[Directory] = (),
    complete: bool = True,
    given: "Mapping[Path, Document] | None" = None,
) -> Layout:
    """List the files of an evidence directory, with documents `given` in place of some.

    What it extends comes before it, directories `beside` it behind it, each once.
    Raises TdrError when a directory cannot be read, has no file of claims, or
    (unless `complete` is False) lacks one of the files that claims rely on.
    """
    given = given or {}
    roots = directories(path, name, beside)
    first, *more = (one for root in roots for one in _sources(root, roots, given))
    skipped = tuple(problem for one in (first, *more) for problem in one.skipped)
    layout = first._replace(skipped=skipped, more=tuple(more))
    missing = [file for file in layout.files if file not in given and is_missing(file)]
    if missing and complete:
        raise TdrError(*(missing_file(layout.label(file)) for file in missing))
    return layout


def directories(
    path: Path, name: str | None = None, beside: Iterable[Directory] = ()
) -> tuple[Directory, ...]:
    """The evidence directories that are meant by one: what it extends, itself, and others."""
    roots: dict[str, Directory] = {}
    for directory in (Directory(path, name if name is not None else os.fspath(path)), *beside):
        if _extends(directory):
            shipped = shipped_path()
            roots.setdefault(os.path.realpath(shipped), Directory(shipped, os.fspath(shipped)))
        roots.setdefault(os.path.realpath(directory.path), directory)
    return tuple(roots.values())


def _extends(directory: Directory) -> bool:
    """Whether a directory says that the evidence that comes with tdr belongs to it."""
    path = directory.path / COLLECTION
    if is_missing(path):
        return False
    from tdr.read.collection import extends_shipped  # few directories have the file

    return extends_shipped(path, os.path.join(directory.name, COLLECTION))


def _sources(
    root: Directory, roots: tuple[Directory, ...], given: "Mapping[Path, Document]"
) -> list[Layout]:
    """The sources in a directory: that of its own files, then folders that can be keys."""
    first, present = _find_source(root.path, root, "", roots, given)
    found = [first]
    if SOURCES in present:
        for folder in entries(root.path / SOURCES, os.path.join(root.name, SOURCES)):
            directory = root.path / SOURCES / folder
            if re.fullmatch(SOURCE_KEY, folder) and directory.is_dir():
                found.append(_find_source(directory, root, folder, roots, given)[0])
    if first.claims or (found[1:] and present.intersection(("references.yaml", "source.yaml"))):
        return found
    if found[1:] or _extends(root):
        return found[1:]
    wanted = ", ".join(f"{therapy}.yaml" for therapy in BUILT_IN)
    text = f"no evidence files under {root.name}; expected {wanted} (or .jsonl)"
    raise file_error(root.name, text, "no-evidence")


def entries(path: Path, name: str) -> list[str]:
    """The names of what is in a directory, sorted; TdrError if it cannot be read."""
    try:
        return sorted(entry.name for entry in os.scandir(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise file_error(name, f"cannot read evidence directory: {reason}") from None


def _is_aside(entry: str) -> bool:
    """Whether a name is one that editors and systems give to what is no evidence."""
    return entry.startswith((".", "#")) or entry.endswith(("~", ".tmp"))


def _find_source(
    directory: Path,
    root: Directory,
    key: str,
    roots: tuple[Directory, ...],
    given: "Mapping[Path, Document]",
) -> tuple[Layout, frozenset[str]]:
    """The files of one source, and what lies beside them."""
    name = os.path.join(root.name, SOURCES, key) if key else root.name
    present = {entry for entry in entries(directory, name) if not _is_aside(entry)}
    present.update(file.name for file in given if file.parent == directory)
    present.discard(COLLECTION)

    def named(entry: str) -> str:
        path = directory / entry
        return given[path].name if path in given else os.path.join(name, entry)

    def has(path: Path) -> bool:
        return path in given or not is_missing(path)

    lists = lists_of_therapies(roots)
    own = any(has(file) for file in lists_of_therapies([root]))
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
        if file.path not in given and (kind := special_kind(file.path))
    }
    layout = Layout(
        roots,
        root,
        tuple(file for file in listed if file not in special),
        directory / "references.yaml",
        directory / "source.yaml",
        _vocabulary(roots, given),
        tuple(special_file(file.name, kind) for file, kind in special.items()),
        given,
        key,
        collections=tuple(path for one in roots if not is_missing(path := one.path / COLLECTION)),
        therapies=tuple(file for file in lists if has(file)),
    )
    return layout, frozenset(present)


def _vocabulary(roots: Iterable[Directory], given: Collection[Path]) -> dict[str, tuple[Path, ...]]:
    """Kind of terms -> its files. What the first folder has not, is missing."""
    first, *others = _folders_of_terms(roots)
    found = {}
    for kind in KINDS:
        beside = (folder / f"{kind}.yaml" for folder in others)
        there = (path for path in beside if path in given or not is_missing(path))
        found[kind] = (first / f"{kind}.yaml", *there)
    return found


def lists_of_therapies(roots: Iterable[Directory]) -> tuple[Path, ...]:
    """Where the directories would have their therapies.yaml, whether or not it is there."""
    return tuple(folder / THERAPIES for folder in _folders_of_terms(roots))


def _folders_of_terms(roots: Iterable[Directory]) -> tuple[Path, ...]:
    """The directories' folders of terms; for `DIR/sources/KEY` without one, those of DIR."""
    found: dict[Path, None] = {}
    for root in roots:
        holder = holder_of(root.path)
        holders = directories(holder) if holder else (root,)
        found.update((one.path / "vocabulary", None) for one in holders)
    return tuple(found)


def holder_of(path: Path) -> Path | None:
    """The evidence directory of which this is the folder of one source; None if it is none."""
    above = Path(os.path.abspath(path)).parent
    inside = above.name == SOURCES and not os.path.lexists(path / "vocabulary")
    return above.parent if inside else None


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
    """A directory, FIFO or device where a file of evidence belongs."""
    text = f"is a {kind}, not a regular file: it is passed over"
    return Problem(text, "special-file", Location(name), "warning")


def emptied(layout: Layout) -> tuple[Problem, ...]:
    """Warnings of files of claims without a single byte.

    A file without claims still names its therapy: what has been cut off is missed by nobody else.
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
        return False  # whoever reads it says what is wrong


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
    """A file that an evidence directory needs; its vocabulary it may have from what it extends."""
    of_terms = os.path.basename(os.path.dirname(name)) == "vocabulary"
    other = f", or a {COLLECTION} that says `extends: shipped`" if of_terms else ""
    text = f"file is missing; an evidence directory needs it{other} (see docs/evidence.md)"
    return Problem(text, "missing-file", Location(name))
