"""Writes a file so that at every moment there is the old content or the new, whole.

    with editing(path) as file:         # locked, read
        file.replace(changed(file.data))   # written whole, or not at all

The new content goes to a temporary file beside the old one, is synced, and takes its
place in one step. Mode, owner and symbolic links are kept; if they cannot be, nothing is
written.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tdr.edit.lock import locked
from tdr.edit.temporary import Signals, create, move_new, remove_left_behind, sync, temporary_path
from tdr.model.errors import TdrError, file_error
from tdr.read.system import directories_open, keep_mode, keep_owner

if TYPE_CHECKING:
    from tdr.edit.document import YamlFile

_KEPT_ATTRIBUTES = ("user.", "system.posix_acl_")
_NO_DIRECTORY_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


class EditedFile:
    """A file that this process alone is editing. `data` is its content; b"" if it is new."""

    def __init__(self, target: Path, name: str, signals: Signals, *, force: bool) -> None:
        self.target = target
        self.name = name
        self.force = force
        self.exists = os.path.lexists(target)
        self._signals = signals
        self.data = self._read() if self.exists else b""

    def replace(self, data: bytes) -> bool:
        """Make `data` the content of the file. False if it is already, and nothing was written.

        Raises TdrError, with the file as it was, when its links or mode forbid writing,
        when its content changed meanwhile, or when the system fails.
        """
        if self.exists and data == self.data:
            return False
        with self.prepared(data) as put_in_place, self._signals.deferred():
            put_in_place()
        return True

    @contextmanager
    def prepared(self, data: bytes) -> Iterator[Callable[[], None]]:
        """Write `data` to a temporary file; the function that is yielded moves it into place.

        Either raises TdrError as `replace` does.
        """
        status = self._permitted()

        def put_in_place() -> None:
            with self._os_errors_reported():
                self._require_unchanged()
                if status is None:
                    move_new(temporary, self.target)
                else:
                    os.replace(temporary, self.target)
            self.data, self.exists = data, True
            self._sync_directory()

        with temporary_path(self.target, self._signals) as temporary:
            with self._os_errors_reported():
                self._write(temporary, data, status)
            yield put_in_place

    @contextmanager
    def _os_errors_reported(self) -> Iterator[None]:
        """Within this block an error of the system becomes a TdrError."""
        try:
            yield
        except OSError as error:
            raise file_error(self.name, f"cannot be written: {error.strerror}") from None

    def restore(self, before: bytes) -> None:
        """Give the file the content that it had; remove a new one."""
        if before:
            self.replace(before)
        else:
            with self._os_errors_reported():
                os.unlink(self.target)

    def _read(self) -> bytes:
        from tdr.read.content import read_file  # which limits the size and never blocks

        return read_file(self.target, name=self.name)

    def _permitted(self) -> os.stat_result | None:
        """The status of the file that is to be replaced (None: it is new), or TdrError."""
        if not self.exists:
            return None
        with self._os_errors_reported():
            status = os.stat(self.target)
        if not self.force:
            if status.st_nlink > 1:
                text = f"has {status.st_nlink} hard links, which writing would separate"
                raise file_error(self.name, f"{text}; --force does it")
            if not status.st_mode & 0o222 or not os.access(self.target, os.W_OK):
                raise file_error(self.name, "is write-protected; --force overwrites it")
        return status

    def _require_unchanged(self) -> None:
        """Refuse to overwrite what somebody else wrote since the file was read."""
        if os.path.lexists(self.target) != self.exists or (
            self.exists and self._read() != self.data
        ):
            raise _changed_error(self.name)

    def _write(self, temporary: Path, data: bytes, status: os.stat_result | None) -> None:
        # A new file gets what the umask leaves; content is private until the mode is right.
        descriptor = create(temporary, 0o666 if status is None else 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if status is not None:
                self._keep_status(temporary, descriptor, status)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _keep_status(self, temporary: Path, descriptor: int, status: os.stat_result) -> None:
        """Give the new file the owner, access lists and mode of the old one."""
        try:
            keep_owner(descriptor, status)
        except PermissionError:
            if not self.force:
                owner = f"user {status.st_uid}, group {status.st_gid}"
                text = f"belongs to {owner}, and the new file would not; --force writes it anyway"
                raise file_error(self.name, text) from None
        for name in _attributes(self.target):
            os.setxattr(descriptor, name, os.getxattr(self.target, name))
        keep_mode(temporary, descriptor, status)  # last: write protection is part of it

    def _sync_directory(self) -> None:
        """Write the new name to the disk, too, where a directory can be synced."""
        if not directories_open():
            return
        try:
            sync(self.target.parent, os.O_RDONLY)
        except OSError as error:
            if error.errno not in _NO_DIRECTORY_SYNC:
                text = f"is written, but its directory cannot be synced: {error.strerror}"
                raise file_error(self.name, text) from None


def _changed_error(name: str) -> TdrError:
    text = "was changed by something else meanwhile; nothing was written: run it again"
    return file_error(name, text)


def _attributes(path: Path) -> list[str]:
    """Names of the extended attributes to keep; none on systems that have none."""
    try:
        return [name for name in os.listxattr(path) if name.startswith(_KEPT_ATTRIBUTES)]
    except (OSError, AttributeError):
        return []


@contextmanager
def editing(
    path: Path, *, name: str | None = None, force: bool = False, create: bool = False
) -> Iterator[EditedFile]:
    """Lock a file, read it, and yield it for `replace`.

    A symbolic link is followed: its target is what gets edited. `force` overrides
    write protection and parts hard links. `create` allows that there is no such file yet.
    Raises TdrError if it cannot be read, or if another process holds its lock.
    """
    shown = os.fspath(path) if name is None else name
    target = _target(path, shown)
    if not create and not os.path.lexists(target):
        from tdr.read.content import read_file

        read_file(target, name=shown)  # raises the error that there is none
    with Signals() as signals, locked(target, shown, signals):
        remove_left_behind(target.parent)
        yield EditedFile(target, shown, signals, force=force)


def write_file(
    path: Path, data: bytes, *, expected: bytes, name: str | None = None, force: bool = False
) -> bool:
    """Replace content that was read before, without lock; refused if it is not `expected`.

    For a new file, `expected` is empty.
    """
    with editing(path, name=name, force=force, create=not expected) as file:
        if file.data != expected:
            raise _changed_error(file.name)
        return file.replace(data)


def write_together(changes: Iterable[tuple[Path, bytes, YamlFile]], *, force: bool = False) -> None:
    """Write several files; if one cannot be written, all are as they were.

    A change is the file, what was read of it (nothing: it is new) and what it is to hold.
    All new contents are on the disk before the first file is replaced, and files are replaced in
    this order: a process that is killed in between has written the first ones. Raises TdrError as
    `write_file` does.
    """
    with ExitStack() as stack:
        ready = []
        for path, before, after in changes:
            file = stack.enter_context(
                editing(path, name=after.name, force=force, create=not before)
            )
            if file.data != before:
                raise _changed_error(file.name)
            if after.data != before:
                ready.append((file, before, stack.enter_context(file.prepared(after.data))))
        with stack.enter_context(Signals()).deferred():
            done: list[tuple[EditedFile, bytes]] = []
            try:
                for file, before, put_in_place in ready:
                    put_in_place()
                    done.append((file, before))
            except TdrError:
                for file, before in reversed(done):
                    file.restore(before)
                raise


def _target(path: Path, name: str) -> Path:
    """The file that symbolic links lead to."""
    try:
        return Path(os.path.realpath(path, strict=path.is_symlink()))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise file_error(name, f"cannot be read: {reason}") from None
