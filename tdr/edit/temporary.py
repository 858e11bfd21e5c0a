"""Temporary files: moved into place in one step when complete, else removed.

    with Signals() as signals, temporary_path(target, signals) as temporary:
        os.close(create(temporary))
        ...
        os.replace(temporary, target)

A process that is killed leaves them behind; the next one that writes there removes them. Their
names have the machine and process, for another machine may write to the same directory.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from tdr.read.system import flags, is_running, machine

_CAUGHT = ("SIGINT", "SIGTERM", "SIGHUP")
_STALE_SECONDS = 3600


@contextmanager
def temporary_path(target: Path, signals: Signals) -> Iterator[Path]:
    """A free path in the directory of `target`; what is there is removed afterwards."""
    temporary = target.parent / f".tdr-{process_name()}-{os.urandom(8).hex()}.tmp"
    try:
        yield temporary
    finally:
        with signals.deferred():
            remove(temporary)


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A directory that is removed afterwards, even when a signal ends the process."""
    from tempfile import TemporaryDirectory

    with Signals() as signals:
        with signals.deferred():
            directory = TemporaryDirectory(prefix="tdr-")
        try:
            yield Path(directory.name)
        finally:
            with signals.deferred():
                directory.cleanup()


def create(path: Path, mode: int = 0o600) -> int:
    """The descriptor of a new file, open for writing; FileExistsError if there is one."""
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | flags("O_CLOEXEC")
    return os.open(path, how, mode)


def sync(path: Path, how: int = os.O_RDWR) -> None:
    """Write a file, or the names in a directory, to the disk."""
    descriptor = os.open(path, how | flags("O_CLOEXEC"))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_new(temporary: Path, target: Path) -> None:
    """Give a complete file its name without overwriting; FileExistsError if there is such a file.

    A hard link never overwrites. Where there are none (exFAT, many network drives) an empty file
    is created under the name first.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        os.close(create(target))
        try:
            os.replace(temporary, target)
        except OSError:
            os.unlink(target)
            raise


def process_name() -> str:
    """The name of this process among those of all machines: machine and number."""
    return f"{machine()}-{os.getpid()}"


def has_ended(process: str) -> bool:
    """Whether the process of this name has ended; False for one of another machine."""
    where, _, number = process.partition("-")
    return where == machine() and number.isdecimal() and not is_running(int(number))


def remove_left_behind(directory: Path) -> None:
    """Remove what killed processes left: after an hour if it is not known whether they ended."""
    with suppress(OSError):
        for entry in os.scandir(directory):
            if _is_temporary(entry.name):
                with suppress(OSError):
                    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                    process = entry.name.removeprefix(".tdr-").rpartition("-")[0]
                    if has_ended(process) or age > _STALE_SECONDS:
                        remove(Path(entry.path))


def is_empty(directory: Path) -> bool:
    """Whether a directory has no files but temporary ones."""
    return all(map(_is_temporary, os.listdir(directory)))


def _is_temporary(name: str) -> bool:
    return name.startswith(".tdr-") and name.endswith(".tmp")


def remove(path: Path) -> None:
    """Remove a file or a directory, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError:
        import shutil  # directories are few

        shutil.rmtree(path, ignore_errors=True)


class _Interrupted(BaseException):
    """Raised where a signal arrives, so that temporary files and locks are removed first."""


class Signals:
    """Turns signals that would end the process at once into an exception: it cleans up first.

    A signal raises where it arrives, or while `deferred` at the end of the outermost block.
    When this context ends, the signal has the effect that it would have had.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._arrived: int | None = None
        self._holds = 0

    def __enter__(self) -> Signals:
        self._holds += 1  # until all handlers are set, a signal is only noted
        if threading.current_thread() is threading.main_thread():
            for name in _CAUGHT:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._arrive)
        if self._arrived is not None:
            self.__exit__()
        self._holds -= 1
        return self

    def _arrive(self, number: int, _frame: FrameType | None) -> None:
        if self._arrived is None:
            self._arrived = number
            if not self._holds:
                raise _Interrupted

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within this block no signal interrupts; one that arrived raises at the end."""
        self._holds += 1
        before = self._arrived
        try:
            yield
        finally:
            self._holds -= 1
        if self._arrived is not None and before is None and not self._holds:
            raise _Interrupted

    def __exit__(self, *_: object) -> None:
        self._holds += 1  # one that arrives from here on is dealt with below
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._arrived is not None:
            handler = self._before[self._arrived]
            if callable(handler):
                handler(self._arrived, None)
            else:
                os.kill(os.getpid(), self._arrived)
            raise KeyboardInterrupt  # the handler went on as if nothing had happened
