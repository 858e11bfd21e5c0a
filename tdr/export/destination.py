"""New files and directories: complete or not there at all, and overwritten only with `force`.

Each is written beside its destination, or inside a directory that exists, under another name, and
moved there when it is complete.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tdr.edit.temporary import (
    Signals,
    is_empty,
    move_new,
    remove_left_behind,
    sync,
    temporary_path,
)
from tdr.model.errors import file_error


@contextmanager
def new_file(name: str, *, force: bool = False) -> Iterator[Path]:
    """A path to write to; afterwards what was written there is moved to the file `name`.

    Raises TdrError if `name` is a file and not `force`, if it is anything but a plain file, or
    if the system refuses.
    """
    path = Path(name)
    refuse_existing_file(path, name, force=force)
    with _staged(path, name) as staged:
        yield staged
        sync(staged)
        refuse_existing_file(path, name, force=force)
        if os.path.lexists(path):
            os.chmod(staged, stat.S_IMODE(os.stat(path).st_mode))
            os.replace(staged, path)
        else:
            move_new(staged, path)


def refuse_existing_file(path: Path, name: str, *, force: bool) -> None:
    """Raise TdrError if a file cannot be written there; for use before the work is done, too."""
    if not os.path.lexists(path):
        return
    mode = os.lstat(path).st_mode
    if not stat.S_ISREG(mode):
        kind = (
            "a symbolic link" if stat.S_ISLNK(mode)
            else "a directory" if stat.S_ISDIR(mode)
            else "not a plain file"
        )  # fmt: skip
        raise file_error(name, f"is {kind}; name a file")
    if not force:
        raise file_error(name, "exists; --force overwrites it")


@contextmanager
def new_directory(name: str, manifest: str, *, force: bool = False) -> Iterator[Path]:
    """A directory to write files to; afterwards it becomes the directory `name`.

    With `force` the files are moved into an existing directory, where each replaces a file of its
    name; other files stay. `manifest` is removed before the first is moved, and moved last.
    Raises TdrError if `name` is a directory with something in it and not `force`, if it is
    anything but a directory, or if the system refuses.
    """
    path = Path(name)
    refuse_existing_directory(path, name, force)
    # Inside a directory that exists, which may be a file system of its own.
    with _staged(path / "new" if path.is_dir() else path, name) as staged:
        staged.mkdir()
        yield staged
        for file in staged.iterdir():
            sync(file)
        refuse_existing_directory(path, name, force)
        if path.is_dir():
            _move_into(staged, path, manifest)
        else:
            os.rename(staged, path)


def refuse_existing_directory(path: Path, name: str, force: bool) -> None:
    """Raise TdrError if a set of files cannot be written there; see `refuse_existing_file`."""
    if path.is_symlink():
        raise file_error(name, "is a symbolic link; name a directory")
    if path.is_dir():
        if not force and not is_empty(path):
            raise file_error(name, "exists; --force replaces its files of the same names")
    elif os.path.lexists(path):
        raise file_error(name, "is a file; name a directory")


def _move_into(staged: Path, path: Path, manifest: str) -> None:
    files = sorted(staged.iterdir(), key=lambda file: (file.name == manifest, file.name))
    for file in files:
        there = path / file.name
        if there.is_dir() and not there.is_symlink():
            raise file_error(str(there), "is a directory; a file of this name is to be written")
    with suppress(FileNotFoundError):
        os.unlink(path / manifest)
    for file in files:
        os.replace(file, path / file.name)


@contextmanager
def _staged(path: Path, name: str) -> Iterator[Path]:
    """A path in a temporary directory beside this path, which is removed afterwards."""
    try:
        with Signals() as signals, temporary_path(path.absolute(), signals) as stage:
            remove_left_behind(stage.parent)
            stage.mkdir(0o700)
            yield stage / path.name
    except OSError as error:
        raise file_error(name, f"cannot be written: {error.strerror}") from None
