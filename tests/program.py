"""Two cheap ways to run the program for tests of hazards, and what they look for.

`call` runs it inside this process; `forked` in a copy of this process that has real
streams, signals and limits of its own but does not spend time on starting.
"""

from __future__ import annotations

import gc
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tdr.cli.boundary import main
from tdr.render import formats_of
from tests.conftest import SHIPPED, Run

PROGRAM = [sys.executable, "-P", "-m", "tdr"]
WITHOUT_PRIVILEGE = (
    "setpriv", "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)  # fmt: skip

HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What must never reach a terminal or a log, but for the line ends and tabs of our own layout."""

LISTINGS: tuple[tuple[str, ...], ...] = (
    ("list",), ("show", "che-001"), ("search", "macrophage"), ("counter",), ("terms", "cells"),
    ("info",), ("matrix",), ("matrix", "--gaps"), ("conflicts",), ("compare", "TAM", "CD8+ T cell"),
    ("stats",), ("stats", "--by", "cell"), ("table", "3"), ("graph",), ("refs",), ("coverage",),
    ("steps",), ("path", "TAM"), ("conflicts", "--steps"),
)  # fmt: skip
"""Every command whose result comes in every format; on the shipped and on the small evidence."""

READING: tuple[tuple[str, ...], ...] = (
    *LISTINGS, ("graph", "--dot"), ("graph", "--mermaid"), ("matrix", "--svg", "-"), ("report",),
    ("schema",), ("check", "--list-rules"), ("check", "--explain", "empty"), ("--help",),
    ("list", "--help"), ("--version",),
)  # fmt: skip
"""Every command that prints something about sound evidence and changes nothing."""

OPENING = (*LISTINGS, ("report",), ("graph", "--dot"), ("matrix", "--svg", "-"))
"""Commands that open the evidence."""

FORMATS = tuple(name for name, form in formats_of("info").items() if not form.binary)
"""The formats of text that records of every kind come in."""


def text_of(data: bytes) -> str:
    """Output as text; bytes that are no UTF-8 stay visible to `HARMFUL`."""
    return data.decode("utf-8", "surrogateescape")


def copied(directory: Path, name: str = "evidence") -> Path:
    """A copy of the shipped evidence."""
    return Path(shutil.copytree(SHIPPED, directory / name))


# --- inside this process -------------------------------------------------------------------


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _sent_to(descriptor: int, file: int) -> Iterator[None]:
    saved = os.dup(descriptor)
    os.dup2(file, descriptor)
    try:
        yield
    finally:
        os.dup2(saved, descriptor)
        os.close(saved)


def call(*argv: str | Path, **env: str) -> Run:
    """Run one command line in this process; keyword arguments are environment variables.

    Usable with hypothesis, unlike pytest's own capturing.
    """
    with (
        tempfile.TemporaryFile() as out,  # no pipe: nobody empties it before the end
        tempfile.TemporaryFile() as err,
        _environment(env),
        _sent_to(1, out.fileno()),
        _sent_to(2, err.fileno()),
    ):
        code = main([os.fspath(word) for word in argv])
        out.seek(0)
        err.seek(0)
        raw = out.read()
        return Run(code, text_of(raw), text_of(err.read()), raw)


# --- in a copy of this process -------------------------------------------------------------


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A run that was started by `start`."""

    pid: int
    out: Path
    err: Path

    def wait(self) -> Run:
        """Its end. A signal that killed it is a negative exit code, as in subprocess."""
        _, status = os.waitpid(self.pid, 0)
        raw = self.out.read_bytes()
        error = text_of(self.err.read_bytes())
        for file in (self.out, self.err):
            file.unlink()
        return Run(os.waitstatus_to_exitcode(status), text_of(raw), error, raw)


def start(
    *argv: str | Path, before: Callable[[], object] | None = None, stdin: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Child:  # fmt: skip
    """Start the program in a copy of this process, from its first line on.

    `before` runs in the copy after its streams were set up: it may close or redirect
    them, set limits, or change the directory.
    """
    _warm_up()
    files = []
    for _ in range(2):
        descriptor, name = tempfile.mkstemp()
        files.append((descriptor, Path(name)))
    # Until it is the program, whose first lines see to signals, the copy takes none.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    pid = os.fork()
    if pid == 0:
        _be_the_program([os.fspath(word) for word in argv], before, stdin, files, env or {})
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for descriptor, _ in files:
        os.close(descriptor)
    return Child(pid, files[0][1], files[1][1])


@cache
def _warm_up() -> None:
    """Load what commands load when they are needed, once and not in every copy."""
    for argv in (("list", "-o", "table"), ("search", "x"), ("check",), ("stats", "-o", "json")):
        call("--no-cache", "--evidence", SHIPPED, *argv)  # a test may count index files


def _be_the_program(
    argv: Sequence[str], before: Callable[[], object] | None, stdin: int | None,
    files: Sequence[tuple[int, Path]], env: Mapping[str, str],
) -> None:  # fmt: skip
    try:
        gc.disable()
        # What Python itself does at its start:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        os.environ.update(env)
        os.dup2(os.open(os.devnull, os.O_RDONLY) if stdin is None else stdin, 0)
        os.dup2(files[0][0], 1)
        os.dup2(files[1][0], 2)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")
        if before is not None:
            before()
        sys.modules.pop("tdr.__main__", None)
        from tdr.__main__ import run  # its first lines put signals and streams in order

        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        sys.argv = ["tdr", *argv]
        run()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(99)


def forked(
    *argv: str | Path, before: Callable[[], object] | None = None, stdin: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Run:  # fmt: skip
    """Run the program in a copy of this process and wait for its end."""
    return start(*argv, before=before, stdin=stdin, env=env).wait()


def piped(
    data: bytes, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Run:
    """Run the program with these bytes on stdin; it may stop reading early."""
    reading, writing = os.pipe()

    def before() -> None:
        os.close(writing)
        os.chdir(cwd or ".")

    child = start(*argv, stdin=reading, before=before, env=env)
    os.close(reading)
    with suppress(BrokenPipeError):
        while data:
            data = data[os.write(writing, data) :]
    os.close(writing)
    return child.wait()


# --- from the first moment on --------------------------------------------------------------


def started(
    data: bytes, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Run:
    """Run the program as a user does, from the start of Python on, with these bytes on stdin."""
    done = subprocess.run(
        [*PROGRAM, *argv], input=data, capture_output=True, timeout=60, cwd=cwd, check=False,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    return Run(done.returncode, text_of(done.stdout), text_of(done.stderr), done.stdout)


def shell(script: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A bash script in which `tdr` is the program; buffering as users have it."""
    return subprocess.run(
        ["bash", "-c", f'tdr() {{ "{sys.executable}" -P -m tdr "$@"; }}; {script}'],
        capture_output=True, timeout=60, check=False,
        env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"} | env,
    )  # fmt: skip


def assert_refused(done: Run, *words: str) -> None:
    """Could not do the job: nothing on stdout, the reason on stderr, nothing harmful in it."""
    assert (done.exit, done.out) == (2, ""), done.err
    assert not HARMFUL.search(done.err), ascii(done.err)
    assert ": error: " in done.err
    assert all(word in done.err for word in words), done.err
