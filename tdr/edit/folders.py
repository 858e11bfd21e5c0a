"""Creates folders with files in them: all of them, or none if anything fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tdr.edit.atomic import EditedFile
from tdr.edit.temporary import (
    Signals,
    is_empty,
    move_new,
    remove,
    remove_left_behind,
    temporary_path,
)
from tdr.model.errors import TdrError, file_error


def create_folders(parent: Path, folders: Mapping[str, Mapping[str, bytes]]) -> None:
    """Make folders of a directory, each with its files, all of them or none.

    A folder is named by its path below `parent`, which is made if needed. All but the last may
    exist; they are then left as they are. If the last one exists, its files are put into it, for it
    may be a current directory or a mounted file system. Raises TdrError, with nothing left
    behind, if it is not empty, or if the system fails.
    """
    *others, last = folders
    with (
        Signals() as signals,
        ensure_directory(parent, signals),
        ensure_directory((parent / last).parent, signals),
    ):
        remove_left_behind(parent)
        ready: list[tuple[Path, Path]] = []
        try:
            with ExitStack() as temporaries:
                for folder in (*others, last):
                    target = parent / folder
                    place = parent / target.name
                    if os.path.lexists(target):
                        if folder != last:
                            continue
                        if target.is_symlink() or not target.is_dir() or not is_empty(target):
                            raise _exists_error(target)
                        place = target / target.name
                    temporary = temporaries.enter_context(temporary_path(place, signals))
                    ready.append((temporary, target))
                    os.mkdir(temporary)
                    for name, data in folders[folder].items():
                        (temporary / name).parent.mkdir(parents=True, exist_ok=True)
                        shown = os.fspath(target / name)
                        EditedFile(temporary / name, shown, signals, force=False).replace(data)
                with signals.deferred():
                    _put_in_place(ready)
        except OSError as error:
            text = f"cannot be written: {error.strerror}"
            raise file_error(os.fspath(parent / last), text) from None


def _put_in_place(ready: Sequence[tuple[Path, Path]]) -> None:
    """Rename temporary folders to their targets, in order; if one cannot be renamed, none is."""
    done: list[Path] = []
    try:
        for temporary, target in ready:
            for source, destination in _moves(temporary, target):
                if source.is_dir():
                    os.rename(source, destination)  # fails if there is a folder that is not empty
                else:
                    move_new(source, destination)
                done.append(destination)
    except OSError as error:
        for destination in done:
            remove(destination)
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise _exists_error(ready[-1][1]) from None
        raise


def _moves(temporary: Path, target: Path) -> list[tuple[Path, Path]]:
    """The renames that put a folder into place, from -> to.

    It is renamed itself, or where there is an empty folder all that is in it; files come last, for
    without them a directory is no evidence.
    """
    if temporary.parent != target:
        return [(temporary, target)]
    if not is_empty(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    entries = sorted(temporary.iterdir(), key=lambda path: (path.is_file(), path.name))
    return [(path, target / path.name) for path in entries]


def _exists_error(target: Path) -> TdrError:
    return file_error(os.fspath(target), "exists; nothing was written", "exists")


@contextmanager
def ensure_directory(directory: Path, signals: Signals) -> Iterator[None]:
    """Within this block there is this directory; one that was made for it is removed if empty."""
    new: list[Path] = []
    try:
        with signals.deferred():
            for path in (*reversed(directory.parents), directory):
                if not os.path.lexists(path):
                    os.mkdir(path)
                    new.append(path)
        yield
    except OSError as error:
        raise file_error(os.fspath(directory), f"cannot be made: {error.strerror}") from None
    finally:
        with signals.deferred(), suppress(OSError):
            for path in reversed(new):
                os.rmdir(path)  # fails if it is not empty
