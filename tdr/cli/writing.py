"""What commands that write evidence share: the directory, its source and therapy, a check of the
result, and the writing or, with --dry-run, printing of changes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tdr.cli import complete
from tdr.cli.declare import flag, option
from tdr.cli.options import Group
from tdr.cli.session import Session
from tdr.model.errors import Location, Problem, TdrError, unknown, usage_error

if TYPE_CHECKING:
    from tdr.edit.add import FileAddition
    from tdr.model.therapies import Therapy
    from tdr.read.files import Directory

THERAPY = option("NAME", "Whose file it is added to.", "--therapy", "-t")
SOURCE = option(
    "KEY", "Your source that it is added to; default: the one not imported.",
    complete=complete.sources,
)  # fmt: skip
FORCE = flag("--force", "Write even to a protected or hard-linked file.")


def own_evidence(session: Session) -> Directory:
    """The evidence directory to write to; raises TdrError for that of an installed package."""
    from tdr.read.files import shipped_path

    if len(session.paths) > 1:
        raise usage_error("several evidence directories are named; name the one to write to")
    (directory,) = session.directories
    checkout = Path(__file__).resolve().parents[2]
    if directory.path == shipped_path() and directory.path.parent != checkout:
        raise usage_error(
            "the evidence that comes with tdr is not for editing; `tdr init DIR` begins your own, "
            "--evidence DIR names it"
        )
    return directory


def file_in(directory: Directory, *parts: str) -> tuple[Path, str]:
    """A file of an evidence directory, and its name in messages."""
    return directory.path.joinpath(*parts), os.path.join(directory.name, *parts)


def therapy_in(directory: Directory, name: str) -> Therapy:
    """The therapy of an evidence directory that has this name, in any form."""
    from tdr.read.therapies import read_therapies

    therapies = read_therapies(directory.path)
    return therapies[therapies.named(name)]


def source_in(directory: Directory, key: str | None, kind: str | None = None) -> tuple[int, str]:
    """The number of a source in an evidence directory, and its folder ("": the directory itself).

    Without a key: the source of the directory's own files, else the one that was not imported,
    else the only one. With `kind`, only sources of this kind count; those that the directory
    extends never do. Raises TdrError, naming the sources, if none or several fit.
    """
    from tdr.read.dataset import read_sources
    from tdr.read.files import find_layout

    layout = find_layout(directory.path, directory.name, complete=False)
    pairs = tuple(zip(layout.sources, read_sources(layout), strict=True))
    extended = {source.key for one, source in pairs if one.root != layout.roots[-1]}
    found = {
        source.key: (place, one.key, source.made or {})
        for place, (one, source) in enumerate(pairs)
        if one.root == layout.roots[-1] and kind in (None, source.kind)
    }
    if not found:
        raise usage_error(
            f"{directory.name} has no source of {kind or 'its own'}; "
            "`tdr import FILE --key KEY` begins one"
        )
    if key is None:
        in_directory = [name for name, (_, folder, _) in found.items() if not folder]
        not_imported = [name for name, (_, _, made) in found.items() if "from" not in made]
        key, *others = in_directory or not_imported or found
        if others:
            text = f"name the source to write to with --source; one of {', '.join(found)}"
            raise usage_error(text)
    if key in extended:
        text = f"source `{key}` belongs to what {directory.name} extends, which is not edited here"
        raise usage_error(f"{text}; one of {', '.join(found)}")
    if key not in found:
        raise unknown("source", key, found)
    place, folder, _ = found[key]
    return place, folder


def shipped_keys() -> frozenset[str]:
    """The keys of the sources that come with tdr, which another source must not have."""
    from tdr.read.dataset import read_sources
    from tdr.read.files import find_layout, shipped_path

    return frozenset(source.key for source in read_sources(find_layout(shipped_path())))


def require_sound(
    session: Session, directory: Directory, changes: Mapping[Path, FileAddition], subject: str = ""
) -> None:
    """Raise TdrError with the errors that `tdr check` would newly find; report other findings of
    a new claim, whose id is `subject`.
    """
    from tdr.check import rule, run

    after = run(*directory, overrides={p: c.after.document for p, c in changes.items()})
    findings = (*after.failures, *after.findings)
    errors = [found for found in findings if found.severity == "error"]
    if errors:
        before = run(*directory, overrides={p: c.before.document for p, c in changes.items()})
        known = Counter((p.rule, p.text) for p in (*before.failures, *before.findings))
        # Before there was a claim, rules that need claims were skipped.
        new = [
            p
            for p in errors
            if (subject and p.subject == subject)
            or ((before.claims or "claims" not in rule(p.rule).needs) and not known[p.rule, p.text])
        ]
        if new:
            raise TdrError(*(_without_unwritten_lines(p, changes.values()) for p in new))
    session.streams.report(p for p in findings if subject and p.subject == subject)


def _without_unwritten_lines(problem: Problem, changes: Iterable[FileAddition]) -> Problem:
    """A problem without the lines that the file would have only if it were written."""
    drafted = {change.location.file: change.location.line for change in changes}

    def kept(at: Location | None) -> Location | None:
        first = drafted.get(at.file) if at else None
        if at is None or at.line is None or first is None or at.line < first:
            return at
        return Location(at.file)

    return problem._replace(location=kept(problem.location), related=kept(problem.related))


def show_change(session: Session, name: str, before: bytes, after: bytes) -> None:
    """Print the change of a file as a unified diff."""
    from tdr.edit.document import unified_diff

    session.streams.write(f"{line}\n" for line in unified_diff(name, before, after))


@dataclass(frozen=True, slots=True)
class Writing:
    """Whether changes are written or only printed, and whether to protected files, too."""

    dry_run: Annotated[bool, flag("--dry-run", "Write nothing; print what would change.")] = False
    force: Annotated[bool, FORCE] = False

    def change(
        self,
        session: Session,
        path: Path,
        name: str,
        make: Callable[[bytes, str], FileAddition],
        *,
        start: bytes = b"",
    ) -> FileAddition | None:
        """Change a file by `make`, which gets its content (`start` for a new file) and its name.

        The file is locked meanwhile. Returns None if the difference is only printed.
        """
        from tdr.edit.atomic import editing
        from tdr.edit.folders import ensure_directory
        from tdr.edit.temporary import Signals
        from tdr.read.content import read_file

        if self.dry_run:
            old = (read_file(path, name=name) if os.path.lexists(path) else b"") or start
            show_change(session, name, old, make(old, name).after.data)
            return None
        with (
            Signals() as signals,
            ensure_directory(path.parent, signals),
            editing(path, name=name, force=self.force, create=True) as file,
        ):
            added = make(file.data or start, name)
            file.replace(added.after.data)
        return added

    def change_together(
        self, session: Session, changes: Mapping[Path, FileAddition], *, new: Collection[Path] = ()
    ) -> None:
        """Write several files, all or none, some of them `new`, or print what changes."""
        from tdr.edit.atomic import write_together

        if self.dry_run:
            for one in changes.values():
                show_change(session, one.before.name, one.before.data, one.after.data)
            return
        write_together(
            ((path, b"" if path in new else one.before.data, one.after)
             for path, one in changes.items()),
            force=self.force,
        )  # fmt: skip


WRITING = Group.of("writing", Writing)
