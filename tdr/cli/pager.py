"""A long result goes through a pager, as git and man do: `TDR_PAGER`, `PAGER`, else `less -FRX`."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain

_SHOWN = 1 << 20
"""Bytes after which a pager that fails has shown something: before, all of it is written again."""


def pager_command() -> list[str]:
    """The pager and its arguments; nothing if none is wanted.

    The variable is split as a shell would, but no shell runs it: `;`, `|` and `$()` are text.
    """
    wanted = os.environ.get("TDR_PAGER", os.environ.get("PAGER", "less -FRX"))
    try:
        words = shlex.split(wanted)
    except ValueError:  # a quote that nobody closed
        return []
    if not words or words == ["cat"] or os.environ.get("TERM", "dumb") == "dumb":
        return []
    return words


def page(command: list[str], text: Iterable[bytes], otherwise: Callable[[bytes], None]) -> None:
    """Feed a pager until it has enough; without one that starts, everything goes `otherwise`.

    A signal that ends the program ends it after the pager, which has the terminal.
    """
    from tdr.edit.temporary import Signals  # only where a pager runs

    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8", **os.environ}
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    except (OSError, ValueError):
        for data in text:
            otherwise(data)
        return
    fed: list[bytes] = []
    with (
        _signals_ignored(),
        Signals() as signals,
        signals.held(),
        suppress(BrokenPipeError),  # quit early: that is what pagers are for
        process,
    ):
        assert process.stdin is not None
        for data in text:
            if sum(map(len, fed)) < _SHOWN:
                fed.append(data)
            process.stdin.write(data)
            process.stdin.flush()
    if process.returncode > 0 and sum(map(len, fed)) < _SHOWN:
        for data in chain(fed, text):
            otherwise(data)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and closed pipes while the pager runs, which deals with them."""
    before = {}
    for name in ("SIGINT", "SIGPIPE"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(ValueError):  # another thread than the main one sets no handlers
                before[number] = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
