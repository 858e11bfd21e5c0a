"""What some systems, or some ways to start Python, lack; each with a substitute.

Nothing outside this module uses a call or a flag that Windows lacks. There a
file has no owner and no mode that counts: the access list of the user's profile keeps
others out.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32


def flags(*names: str) -> int:
    """These flags of `os.open`, as far as the system has them; always for binary files."""
    combined = getattr(os, "O_BINARY", 0)
    for name in names:
        combined |= getattr(os, name, 0)
    return combined


def nonblocking(path: str, how: int) -> int:
    """An `opener` for `open` that does not wait for a writer: a FIFO without one is empty."""
    waiting = flags("O_NONBLOCK")
    descriptor = os.open(path, how | waiting)
    if waiting:
        os.set_blocking(descriptor, True)  # whoever is writing may take time
    return descriptor


def is_own(info: os.stat_result) -> bool:
    """Whether a file is this user's."""
    owner = getattr(os, "geteuid", None)
    return owner is None or info.st_uid == owner()


def is_private(info: os.stat_result) -> bool:
    """Whether a directory is this user's and nobody else can write to it or read it."""
    return stat.S_ISDIR(info.st_mode) and is_own(info) and not _mode(info) & 0o077


def is_world_writable(directory: os.stat_result) -> bool:
    """Whether every user may replace what is in a directory (it has no sticky bit)."""
    return bool(_mode(directory) & stat.S_IWOTH) and not _mode(directory) & stat.S_ISVTX


def _mode(info: os.stat_result) -> int:
    return info.st_mode if hasattr(os, "geteuid") else 0


@cache
def machine() -> str:
    """A name of this machine, or container, to tell its processes from those of others."""
    if not hasattr(os, "uname"):
        return ""
    namespace = ""  # each container numbers its processes itself
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return f"{crc32(f'{os.uname().nodename} {namespace}'.encode()):08x}"


def is_running(process: int) -> bool:
    """Whether there is a process of this number; True where that cannot be found out."""
    if os.name != "posix":  # signal 0 is Ctrl-C there
        return True
    try:
        os.kill(process, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def keep_owner(descriptor: int, info: os.stat_result) -> None:
    """Give a file the owner and group of another; PermissionError where that is not allowed."""
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (info.st_uid, info.st_gid) and hasattr(os, "fchown"):
        os.fchown(descriptor, info.st_uid, info.st_gid)


def keep_mode(path: Path, descriptor: int, info: os.stat_result) -> None:
    """Give a file, which is open, the mode of another."""
    mode = stat.S_IMODE(info.st_mode)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)
    else:
        os.chmod(path, mode)


def directories_open() -> bool:
    """Whether a directory can be opened, and so synced."""
    return hasattr(os, "O_DIRECTORY")


def docstring(function: Any) -> str:
    """The docstring of a function; from its source where `python -OO` removed it."""
    from inspect import cleandoc, getsource, unwrap  # slow to import

    text: str | None = function.__doc__
    if text is None and not __debug__:
        import ast
        from textwrap import dedent

        try:
            source = dedent(getsource(unwrap(function)))
            if sys.version_info >= (3, 13):  # which would remove docstrings here, too
                (node,) = ast.parse(source, optimize=0).body
            else:
                (node,) = ast.parse(source).body
        except (OSError, SyntaxError):  # no source beside the compiled files
            return ""
        text = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    return cleandoc(text or "")
