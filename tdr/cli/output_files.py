"""Files that commands write for their users, such as pages and pictures: never over evidence."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tdr.model.errors import file_error, usage_error

if TYPE_CHECKING:
    from tdr.cli.session import Session

EVIDENCE_SUFFIXES = (".yaml", ".yml", ".jsonl")


def refuse_other_ending(name: str, endings: Sequence[str], writer: str) -> None:
    """Raise TdrError for a name with the ending of another format than the `writer` has.

    `endings` are those that fit, the usual one first; none: a directory is written. An ending that
    is of no format is the user's affair, as is a name without one.
    """
    from tdr.export import EXPORTS
    from tdr.render import FORMATS

    path = Path(name)
    ending = path.suffix.removeprefix(".").lower()
    known = {format.ending for format in FORMATS}.union(*(e.endings for e in EXPORTS.values()))
    if ending not in known.difference(endings):
        return
    kind, right = "a directory", path.with_suffix("")
    if endings:
        kind, right = endings[0].upper(), path.with_suffix(f".{endings[0]}")
    raise usage_error(
        f"`{name}` is a name for {ending.upper()}; {writer} writes {kind}, as to `{right}`"
    )


def refuse_bad_place(session: Session, name: str, *, force: bool) -> None:
    """Raise TdrError for a name that an output file must not have; best before any work is done.

    Evidence is never overwritten, whatever is forced: neither what any evidence directory
    would read, by its ending, nor a file of the evidence in use, under whatever name.
    """
    from tdr.export.destination import refuse_existing_file  # most commands write no file

    path = Path(name)
    if not name:
        raise usage_error("the name of the file is empty")
    if name.endswith(os.sep):  # pathlib would drop it, and take the name for a file's
        raise file_error(name, "is a directory's name; name a file")
    if path.suffix.lower() in EVIDENCE_SUFFIXES or _is_evidence(session, path):
        raise file_error(name, "is, or would be taken for, an evidence file; choose another name")
    if not path.is_dir():
        refuse_existing_file(path, name, force=force)
    if not path.parent.is_dir():
        raise file_error(name, f"cannot be written: {os.strerror(errno.ENOENT)}")


def _is_evidence(session: Session, path: Path) -> bool:
    """Whether this is a file of the evidence in use, under whatever name: a link or a hard link."""
    from tdr.read.files import find_layout

    first, *others = session.directories
    files = find_layout(first.path, first.name, others=others).files
    try:
        there = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False  # nothing that writing could overwrite
    except (OSError, ValueError) as error:  # too long a name, a loop of links, a NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise file_error(os.fspath(path), f"cannot be written: {reason}") from None
    return any(file.exists() and os.path.samestat(there, file.stat()) for file in files)


def refuse_evidence_directory(session: Session, name: str) -> None:
    """Raise TdrError for a directory without a name, and for one of evidence, in use or not."""
    from tdr.read.files import COLLECTION, SOURCES

    if not name:
        raise usage_error("the name of the directory is empty")
    used = (directory.path for directory in session.directories)
    if os.path.isdir(name) and any(os.path.samefile(name, path) for path in used):
        raise file_error(name, "is the evidence in use; choose another name")
    parts = (os.path.join(name, part) for part in (COLLECTION, SOURCES, "source.yaml"))
    if any(map(os.path.lexists, parts)):
        raise file_error(name, "is a directory of evidence; choose another name")


def write_output_file(session: Session, name: str, data: bytes, *, force: bool) -> None:
    """Write an output file, whole or not at all; an existing plain file only with `force`.

    `-` is stdout, for text.
    Raises TdrError as `refuse_bad_place` does, and if the system refuses.
    """
    from tdr.export.destination import new_file

    if name == "-":
        session.streams.write([data.decode()])
        return
    refuse_bad_place(session, name, force=force)
    with new_file(name, force=force) as path:
        path.write_bytes(data)
