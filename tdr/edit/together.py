"""Several files changed as one: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tdr.edit.atomic import write_file
from tdr.edit.document import Sheet


def write_together(changes: Iterable[tuple[Path, bytes, Sheet]], *, force: bool = False) -> None:
    """Write each file whole; if one cannot be written, those before it are as they were.

    A change is the file, what was read of it (nothing: it is new) and what it is to hold. Raises
    TdrError if a file is something else meanwhile, or as `write_file` does.
    """
    done: list[tuple[Path, bytes, Sheet]] = []
    try:
        for path, before, after in changes:
            write_file(path, after.data, expected=before, name=after.name, force=force)
            done.append((path, before, after))
    except BaseException:
        for path, before, after in reversed(done):
            write_file(path, before, expected=after.data, name=after.name, force=force)
        raise
