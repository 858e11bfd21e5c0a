"""The pieces of large evidence, read by a second process while this one writes the index.

The other process is a fresh interpreter that imports nothing of the program's own script, so it
starts alike on every system. It answers with pickled pieces on its standard output, a pipe that
nobody else has. Where there is no second processor, little to read, or no such process, this one
reads for itself; it also goes on by itself from where the other one broke off.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from tdr.index.pieces import Piece, no_collector, pieces
from tdr.read.dataset import read_support
from tdr.read.files import Layout, find_layout
from tdr.read.limits import IN_FORCE
from tdr.read.record import Support

if TYPE_CHECKING:
    from queue import Queue

WORTH_IT = 32 * 1024 * 1024
"""From so many bytes on a second process saves more than its start costs."""

_AHEAD = 12
"""So many pieces the other process is ahead at most, while this one writes a part of the index."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tdr.index.beside import answer; answer()"
)


def read(layout: Layout, support: Support) -> Iterator[Piece]:
    """The pieces of the evidence, by a second process if that is worth it."""
    done = 0
    if _is_worth_it(layout):
        for piece in _other_process(layout):
            if piece is None:
                return
            yield piece
            done += 1
    yield from islice(pieces(layout, support), done, None)


def _is_worth_it(layout: Layout) -> bool:
    if layout.given or getattr(sys, "frozen", False) or not sys.executable or _processors() < 2:
        return False
    bulk = (file.path for one in layout.sources for file in one.claims if file.bulk)
    with suppress(OSError):
        return sum(path.stat().st_size for path in bulk) >= WORTH_IT
    return False


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _other_process(layout: Layout) -> Iterator[Piece | None]:
    """What another process reads, then None; it ends without None if that process broke off."""
    import pickle

    asked = pickle.dumps((layout.roots, IN_FORCE.get()))
    command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return
    assert process.stdin
    assert process.stdout
    try:
        with suppress(OSError), process.stdin:
            process.stdin.write(asked)
        with suppress(EOFError, pickle.UnpicklingError):
            while piece := pickle.load(process.stdout):
                yield piece
            yield None  # the proper end
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def answer() -> None:
    """What the other process does: it reads what stdin names, and writes pieces to stdout."""
    import pickle
    from queue import Queue
    from threading import Thread

    (first, *more), limits = pickle.load(sys.stdin.buffer)
    IN_FORCE.set(limits)
    layout = find_layout(first.path, first.name, beside=more)
    waiting: Queue[bytes] = Queue(_AHEAD)
    writer = Thread(target=_write, args=(waiting,), daemon=True)
    writer.start()
    with no_collector():
        for piece in pieces(layout, read_support(layout)):
            waiting.put(pickle.dumps(piece, pickle.HIGHEST_PROTOCOL))
    waiting.put(pickle.dumps(None))
    waiting.put(b"")
    writer.join()


def _write(waiting: Queue[bytes]) -> None:
    """Write what is waiting, to its end; nobody waits for more if it cannot be written."""
    try:
        while data := waiting.get():
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError:
        os._exit(1)
