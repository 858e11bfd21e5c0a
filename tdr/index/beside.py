"""The pieces of large evidence, read by a second process while this one writes the index.

The other process is a fresh interpreter that imports nothing of the program's own script, so it
starts alike on every system. It answers on its standard output with frames of plain data. Where
there is no second processor, little to read, or no such process, this one reads for itself; it
also goes on by itself from where the other one broke off.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tdr.index.pieces import Noted, Piece, gc_disabled, pieces
from tdr.model.errors import Location, Problem
from tdr.read.dataset import read_support
from tdr.read.files import Directory, Layout, find_layout
from tdr.read.limits import IN_FORCE, Limits
from tdr.read.record import Support

if TYPE_CHECKING:
    from queue import Queue

WORTH_IT = 32 * 1024 * 1024
"""From so many bytes on a second process saves more than its start costs."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tdr.index.beside import answer; answer()"
)
_AHEAD = 12
"""So many frames the other process is ahead at most, while this one writes a part of the index."""

_HEAD = struct.Struct("<IIII")
"""Before each frame: the bytes of its facts, texts, offsets and steps; all 0 at the end."""


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
    if getattr(sys, "frozen", False) or not sys.executable or _processors() < 2:
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
    roots = [(os.fspath(root.path), root.name) for root in layout.roots]
    asked = {"roots": roots, "limits": IN_FORCE.get()._asdict()}
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
            process.stdin.write(json.dumps(asked).encode())
        while frame := _frame(process.stdout):
            if not frame[0]:  # the proper end
                yield None
                return
            yield decoded(*frame)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


Frame = tuple[bytes, ...]
"""Facts (JSON), texts (one a line), offsets of what is noted, and numbers of steps."""


def _frame(stream: IO[bytes]) -> Frame | None:
    """The next frame, whole; None if there is none."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    sizes = _HEAD.unpack(head)
    parts = tuple(stream.read(size) for size in sizes)
    return parts if tuple(map(len, parts)) == sizes else None


def answer() -> None:
    """What the other process does: it reads what stdin names, and writes frames to stdout.

    It ends when nobody takes them any more.
    """
    from queue import Queue
    from threading import Thread

    waiting: Queue[Frame] = Queue(_AHEAD)
    Thread(target=_read_ahead, args=(waiting,), daemon=True).start()
    stream = sys.stdout.buffer
    while frame := waiting.get():
        stream.write(_HEAD.pack(*map(len, frame)))
        stream.writelines(frame)
    stream.flush()


def _read_ahead(waiting: Queue[Frame]) -> None:
    """Hand over the pieces, then the end of all; nothing more if they cannot be read."""
    try:
        asked = json.load(sys.stdin.buffer)
        IN_FORCE.set(Limits(**asked["limits"]))
        first, *more = (Directory(Path(path), name) for path, name in asked["roots"])
        layout = find_layout(first.path, first.name, beside=more)
        with gc_disabled():
            for piece in pieces(layout, read_support(layout)):
                waiting.put(encoded(piece))
        waiting.put((b"", b"", b"", b""))
    finally:
        waiting.put(())


def encoded(piece: Piece) -> Frame:
    """A piece as bytes."""
    lists = [offsets for values in piece.noted.values() for offsets in values.values()]
    facts = {
        "file": piece.file,
        "first": piece.first,
        "ids": piece.ids,
        "mechanisms": piece.mechanisms,
        "lines": piece.lines,
        "columns": piece.columns,
        "noted": {name: list(values) for name, values in piece.noted.items()},
        "counts": list(map(len, lists)),
        "steps": piece.steps,
        "problems": [problem._asdict() for problem in piece.problems],
    }
    return (
        json.dumps(facts, separators=(",", ":")).encode(),
        b"\n".join(piece.texts),
        struct.pack(f"{sum(map(len, lists))}H", *chain.from_iterable(lists)),
        struct.pack(f"{len(piece.sizes) + len(piece.stated)}I", *piece.sizes, *piece.stated),
    )


def decoded(facts: bytes, texts: bytes, offsets: bytes, steps: bytes) -> Piece:
    """The piece that was `encoded`."""
    found = json.loads(facts)
    lines = texts.split(b"\n") if found["ids"] else []
    noted = _noted(found["noted"], found["counts"], offsets)
    problems = [_problem(**facts) for facts in found["problems"]]
    numbers = memoryview(steps).cast("I").tolist()
    claims = len(found["mechanisms"])
    return Piece(
        found["file"], found["first"], found["ids"], lines, found["mechanisms"], found["lines"],
        found["columns"], tuple(map(tuple, found["steps"])), numbers[:claims], numbers[claims:],
        noted, problems,
    )  # fmt: skip


def _noted(names: dict[str, list[Any]], counts: list[int], offsets: bytes) -> Noted:
    every = array("H")
    every.frombytes(offsets)
    count, start = iter(counts), 0
    noted: dict[str, dict[Any, array[int]]] = {}
    for name, values in names.items():
        of_field = noted[name] = {}
        for value in values:
            end = start + next(count)
            of_field[value] = every[start:end]
            start = end
    return noted


def _problem(location: list[Any] | None, related: list[Any] | None, **facts: Any) -> Problem:
    place, other = (Location(*at) if at else None for at in (location, related))
    return Problem(**facts, location=place, related=other)
