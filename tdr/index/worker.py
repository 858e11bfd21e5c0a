"""A worker process that reads large evidence while this process writes the index.

The worker is a fresh interpreter that imports nothing of the program's own script, so it starts
in the same way on every system. It writes batches of claims to its standard output, as frames of
plain data. Where there is no second processor, little to read, or no worker can be started, this
process reads the evidence itself; so it does with the rest where the worker ended too early.
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

from tdr.index.batches import ClaimBatch, ValueOffsets, claim_batches, gc_disabled
from tdr.model.errors import Location, Problem
from tdr.read.dataset import read_support
from tdr.read.files import Directory, Layout, find_layout
from tdr.read.limits import CURRENT_LIMITS, Limits
from tdr.read.record import Support

if TYPE_CHECKING:
    from queue import Queue

MIN_BYTES = 32 * 1024 * 1024
"""From this size of the bulk files on a worker saves more time than its start takes."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tdr.index.worker import main; main()"
)
_MOST_WAITING = 12
"""Frames that the worker has ready at most, while this process writes a part of the index."""

_HEADER = struct.Struct("<IIII")
"""Before each frame: the bytes of its facts, texts, offsets and steps; all 0 at the end."""


def read_batches(layout: Layout, support: Support) -> Iterator[ClaimBatch]:
    """All claims in file order, in batches: read by a worker where that is faster."""
    done = 0
    if _needs_worker(layout):
        for batch in _from_worker(layout):
            if batch is None:
                return
            yield batch
            done += 1
    yield from islice(claim_batches(layout, support), done, None)


def _needs_worker(layout: Layout) -> bool:
    if getattr(sys, "frozen", False) or not sys.executable or _processors() < 2:
        return False
    bulk = (file.path for one in layout.sources for file in one.claims if file.bulk)
    with suppress(OSError):
        return sum(path.stat().st_size for path in bulk) >= MIN_BYTES
    return False


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _from_worker(layout: Layout) -> Iterator[ClaimBatch | None]:
    """The batches that a worker reads, then None; without None if it ended too early."""
    roots = [(os.fspath(root.path), root.name) for root in layout.roots]
    request = {"roots": roots, "limits": CURRENT_LIMITS.get()._asdict()}
    command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path)]
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
            process.stdin.write(json.dumps(request).encode())
        while frame := _frame(process.stdout):
            if not frame[0]:  # the proper end
                yield None
                return
            yield decode_batch(*frame)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


Frame = tuple[bytes, ...]
"""A batch as bytes: facts (JSON), texts (one a line), offsets, and numbers of steps."""


def _frame(stream: IO[bytes]) -> Frame | None:
    """The next frame, whole; None if there is none."""
    head = stream.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    sizes = _HEADER.unpack(head)
    parts = tuple(stream.read(size) for size in sizes)
    return parts if tuple(map(len, parts)) == sizes else None


def main() -> None:
    """The worker: reads the evidence that standard input names, and writes frames.

    It ends when nobody reads them any more.
    """
    from queue import Queue
    from threading import Thread

    waiting: Queue[Frame] = Queue(_MOST_WAITING)
    Thread(target=_read_ahead, args=(waiting,), daemon=True).start()
    stream = sys.stdout.buffer
    while frame := waiting.get():
        stream.write(_HEADER.pack(*map(len, frame)))
        stream.writelines(frame)
    stream.flush()


def _read_ahead(waiting: Queue[Frame]) -> None:
    """Queue all batches and the mark of the end; without it if the evidence cannot be read."""
    try:
        request = json.load(sys.stdin.buffer)
        CURRENT_LIMITS.set(Limits(**request["limits"]))
        first, *more = (Directory(Path(path), name) for path, name in request["roots"])
        layout = find_layout(first.path, first.name, others=more)
        with gc_disabled():
            for batch in claim_batches(layout, read_support(layout)):
                waiting.put(encode_batch(batch))
        waiting.put((b"", b"", b"", b""))
    finally:
        waiting.put(())


def encode_batch(batch: ClaimBatch) -> Frame:
    """The frame of a batch."""
    numbers = (*batch.step_counts, *batch.step_indices)
    lists = [offsets for values in batch.offsets.values() for offsets in values.values()]
    facts = {
        "file": batch.file,
        "first": batch.first,
        "ids": batch.ids,
        "mechanisms": batch.mechanisms,
        "lines": batch.lines,
        "columns": batch.columns,
        "values": {name: list(values) for name, values in batch.offsets.items()},
        "counts": list(map(len, lists)),
        "steps": batch.steps,
        "problems": [problem._asdict() for problem in batch.problems],
    }
    return (
        json.dumps(facts, separators=(",", ":")).encode(),
        b"\n".join(batch.texts),
        struct.pack(f"{sum(map(len, lists))}H", *chain.from_iterable(lists)),
        struct.pack(f"{len(numbers)}I", *numbers),
    )


def decode_batch(facts: bytes, texts: bytes, offsets: bytes, steps: bytes) -> ClaimBatch:
    """The batch of a frame."""
    data = json.loads(facts)
    lines = texts.split(b"\n") if data["ids"] else []
    value_offsets = _value_offsets(data["values"], data["counts"], offsets)
    problems = [_problem(**facts) for facts in data["problems"]]
    numbers = memoryview(steps).cast("I").tolist()
    claims = len(data["mechanisms"])
    return ClaimBatch(
        data["file"], data["first"], data["ids"], lines, data["mechanisms"], data["lines"],
        data["columns"], tuple(map(tuple, data["steps"])), numbers[:claims], numbers[claims:],
        value_offsets, problems,
    )  # fmt: skip


def _value_offsets(names: dict[str, list[Any]], counts: list[int], offsets: bytes) -> ValueOffsets:
    every = array("H")
    every.frombytes(offsets)
    count, start = iter(counts), 0
    result: dict[str, dict[Any, array[int]]] = {}
    for name, values in names.items():
        of_field = result[name] = {}
        for value in values:
            end = start + next(count)
            of_field[value] = every[start:end]
            start = end
    return result


def _problem(location: list[Any] | None, related: list[Any] | None, **facts: Any) -> Problem:
    place, other = (Location(*at) if at else None for at in (location, related))
    return Problem(**facts, location=place, related=other)
