"""Where a made file or data set goes: whole or not at all, and never over what is not its own.

It is written beside its place, under another name, and moved there when it is done.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tdr.edit.temporary import Signals, name_new, remove_left_behind, sync, temporary_path
from tdr.model.errors import file_error


@contextmanager
def new_file(name: str, *, force: bool = False) -> Iterator[Path]:
    """A path to write to; what is there afterwards becomes the file `name`.

    Raises TdrError if there is one and not `force`, or anything that is not a plain file
    in any case, or if the system refuses.
    """
    path = Path(name)
    refuse_taken(path, name, force=force)
    with _staged(path, name) as made:
        yield made
        sync(made)
        refuse_taken(path, name, force=force)
        if os.path.lexists(path):
            os.chmod(made, stat.S_IMODE(os.stat(path).st_mode))
            os.replace(made, path)
        else:
            name_new(made, path)


def refuse_taken(path: Path, name: str, *, force: bool) -> None:
    """Raise TdrError for a place that no made file can go to; best before any work is done."""
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
    """A directory to write files to; they become the directory `name`.

    With `force` they go into one that exists, each in the place of an older one of its name;
    what else is there stays. `manifest` is gone before the first is moved and comes last.
    Raises TdrError if there is a directory with something in it and not `force`, or anything
    else of this name in any case, or if the system refuses.
    """
    path = Path(name)
    refuse_directory(path, name, force)
    with _staged(path, name) as made:
        made.mkdir()
        yield made
        for file in made.iterdir():
            sync(file)
        refuse_directory(path, name, force)
        if path.is_dir():
            _move_into(made, path, manifest)
        else:
            os.rename(made, path)


def refuse_directory(path: Path, name: str, force: bool) -> None:
    """Raise TdrError for a place that no set of files can go to; best before any work is done."""
    if path.is_symlink():
        raise file_error(name, "is a symbolic link; name a directory")
    if path.is_dir():
        if not force and any(path.iterdir()):
            raise file_error(name, "exists; --force replaces its files of the same names")
    elif os.path.lexists(path):
        raise file_error(name, "is a file; name a directory")


def _move_into(made: Path, path: Path, manifest: str) -> None:
    files = sorted(made.iterdir(), key=lambda file: (file.name == manifest, file.name))
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
    """A path in a directory of its own beside this one, gone afterwards whatever happens."""
    try:
        with Signals() as signals, temporary_path(path.absolute(), signals) as stage:
            remove_left_behind(stage.parent)
            stage.mkdir(0o700)
            yield stage / path.name
    except OSError as error:
        raise file_error(name, f"cannot be written: {error.strerror}") from None
