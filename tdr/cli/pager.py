"""A long result goes through a pager, as git and man do: `TDR_PAGER`, `PAGER`, else `less -FRX`."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain

_FALLBACK_BYTES = 1 << 20
"""If a pager fails before it was fed so many bytes, all of the text is written without it."""


def pager_command() -> list[str]:
    """The pager and its arguments; an empty list if none is wanted.

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


def page(command: list[str], text: Iterable[bytes], fallback: Callable[[bytes], None]) -> None:
    """Feed a pager with the text; if it does not start or fails early, `fallback` gets the text.

    A signal that ends the program ends it after the pager, which has the terminal.
    """
    from tdr.edit.temporary import Signals  # only where a pager runs

    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8", **os.environ}
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    except (OSError, ValueError):
        for data in text:
            fallback(data)
        return
    fed: list[bytes] = []
    with (
        _signals_ignored(),
        Signals() as signals,
        signals.deferred(),
        suppress(BrokenPipeError),  # the user quit it early
        process,
    ):
        assert process.stdin is not None
        for data in text:
            if sum(map(len, fed)) < _FALLBACK_BYTES:
                fed.append(data)
            process.stdin.write(data)
            process.stdin.flush()
    if process.returncode > 0 and sum(map(len, fed)) < _FALLBACK_BYTES:
        for data in chain(fed, text):
            fallback(data)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and closed pipes while the pager runs: it handles them."""
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
