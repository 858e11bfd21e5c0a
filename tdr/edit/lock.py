"""Locks a file for one writer at a time: with `.tdr-NAME.lock`, which names the process.

The lock of a killed process is removed by the next writer: at once if the process is known to have
ended, else after a minute.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tdr.edit.temporary import Signals, create, has_ended, move_new, process_name, temporary_path
from tdr.model.errors import file_error
from tdr.read.system import flags

_STALE = 60.0
"""Seconds after which a lock of another machine counts as left behind: no edit takes that long."""

_TIMEOUT = 2.0
_PAUSE = 0.01


@contextmanager
def locked(target: Path, name: str, signals: Signals) -> Iterator[None]:
    """Within this block this process holds the lock of a file.

    Raises TdrError if another process holds it for more than two seconds.
    """
    lock = target.parent / f".tdr-{target.name}.lock"
    until = time.monotonic() + _TIMEOUT
    own: os.stat_result | None = None
    try:
        while own is None:
            with signals.deferred():
                own = _take(lock, name, signals)
            if own is None:
                if time.monotonic() > until:
                    text = "is being edited by another process; if that was killed on another "
                    text += f"machine, its lock counts for a minute only (or remove {lock} now)"
                    raise file_error(name, text)
                time.sleep(_PAUSE)
        yield
    finally:
        if own is not None:
            with signals.deferred(), suppress(OSError):
                # Ours might have been taken for left behind, and this be the lock of another.
                if os.path.samestat(os.lstat(lock), own):
                    os.unlink(lock)


def _take(lock: Path, name: str, signals: Signals) -> os.stat_result | None:
    """The status of the lock if it could be created; else None, and a stale one is removed."""
    try:
        descriptor = create(lock)
    except FileExistsError:
        _clear_if_stale(lock, signals)
        return None
    except OSError as error:
        raise file_error(name, f"cannot be written: {error.strerror}") from None
    status = os.fstat(descriptor)
    with suppress(OSError):  # the lock is valid without its content
        os.write(descriptor, process_name().encode())
    with suppress(OSError):
        os.close(descriptor)
    return status


def _holder(lock: Path) -> str:
    """The name of the process that holds a lock (see `process_name`)."""
    descriptor = os.open(lock, os.O_RDONLY | flags("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"))
    try:
        return os.read(descriptor, 64).decode("ascii", "replace")
    finally:
        os.close(descriptor)


def _clear_if_stale(lock: Path, signals: Signals) -> None:
    with suppress(OSError):
        status = os.lstat(lock)
        if time.time() - status.st_mtime < _STALE and not has_ended(_holder(lock)):
            return
        # Moved aside first: between two that clear it, only one moves the stale lock, and one
        # that moved a new lock by mistake can put it back.
        with temporary_path(lock, signals) as aside:
            os.rename(lock, aside)
            if not os.path.samestat(os.lstat(aside), status):
                move_new(aside, lock)
