"""Reads the bytes of regular files and of streams, up to a limit."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO, BinaryIO

from tdr.model.errors import Location, Problem, TdrError, file_error
from tdr.model.text import excerpt
from tdr.read.limits import CURRENT_LIMITS, Limits, hint
from tdr.read.system import flags

_WANTED = "a file is expected here"


def read_file(path: Path, *, name: str | None = None, limits: Limits | None = None) -> bytes:
    """The content of a regular file. `name` is the file's name in messages.

    Raises TdrError for everything that can go wrong, and never blocks: a FIFO
    or device is refused without waiting for its other end.
    """
    limits = limits or CURRENT_LIMITS.get()
    name = str(path) if name is None else name
    with open_regular(path, name) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limits.file_bytes:
            raise TdrError(too_large(name, limits, size))
        return read_stream(file, name, limits)


def read_stream(stream: IO[bytes], name: str, limits: Limits | None = None) -> bytes:
    """All of a binary stream, such as standard input, if it ends within the limit."""
    limits = limits or CURRENT_LIMITS.get()
    chunks: list[bytes] = []
    remaining = limits.file_bytes + 1
    try:
        # A pipe hands over less than asked for, so read until it ends or there is too much.
        while remaining > 0 and (chunk := stream.read(remaining)):
            chunks.append(chunk)
            remaining -= len(chunk)
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None
    if remaining <= 0:
        raise TdrError(too_large(name, limits))
    return b"".join(chunks)


def open_regular(path: Path, name: str) -> BinaryIO:
    """Open a file for reading; raises TdrError for anything but a regular file."""
    # Opened first and examined afterwards, so that it cannot be replaced in between.
    try:
        descriptor = os.open(path, os.O_RDONLY | flags("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY"))
    except (OSError, ValueError) as error:  # ValueError: NUL or a lone surrogate in the path
        if getattr(error, "errno", None) == errno.ENXIO:  # how a socket answers
            raise file_error(name, f"is not a regular file: {_WANTED}") from None
        raise unreadable(name, error) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "is a directory" if stat.S_ISDIR(mode) else "is not a regular file"
        raise file_error(name, f"{kind}: {_WANTED}")
    return os.fdopen(descriptor, "rb")


def unreadable(name: str, error: OSError | ValueError) -> TdrError:
    """The error of a file that the system cannot read."""
    reason = error.strerror if isinstance(error, OSError) else None
    return file_error(name, f"cannot be read: {reason or excerpt(str(error))}")


def too_large(name: str, limits: Limits, size: int | None = None) -> Problem:
    """The problem of a file above the limit."""
    excess = "" if size is None else f"is {size:,} bytes and "
    text = f"{excess}exceeds the limit of {limits.file_bytes:,} bytes for one file: split it"
    return Problem(text + hint("file_bytes"), "size", Location(name, 1, 1))
