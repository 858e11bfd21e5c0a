"""Cheap ways to run the program, and what tests of hazards look for.

`call` runs it inside this process; `forked` in a copy of a process that has loaded it, with
streams, signals and limits of its own; `shell` runs a script in which `tdr` is such a copy.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from tdr.cli.boundary import main
from tdr.render import formats_of
from tests.conftest import ROOT, SHIPPED, TESTS, Run
from tests.forkserver import Running

PROGRAM = [sys.executable, "-P", "-m", "tdr"]
WITHOUT_PRIVILEGE = """
import ctypes, os, struct
if os.geteuid() == 0:
    assert ctypes.CDLL(None).capset(struct.pack("II", 0x20080522, 0), bytes(24)) == 0
"""
"""What a copy executes for root to be refused what permissions refuse: no capability is left it."""

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
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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


# --- in a copy of a process that has loaded it -----------------------------------------------


@cache
def server() -> str:
    """The socket of the server of copies, which is started at the first call."""
    place = tempfile.mkdtemp(prefix="tdr-")  # a socket's path must be short
    name = f"{place}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forkserver", name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, process_group=0,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        process.communicate()
        shutil.rmtree(place)

    atexit.register(end)
    return name


@dataclass(frozen=True)
class Child:
    """A run that was started by `start`."""

    running: Running
    out: IO[bytes]
    err: IO[bytes]

    @property
    def pid(self) -> int:
        return self.running.pid

    def wait(self) -> Run:
        """Its end. A signal that killed it is a negative exit code, as in subprocess."""
        code = self.running.wait()
        with self.out, self.err:
            self.out.seek(0)
            self.err.seek(0)
            raw = self.out.read()
            return Run(code, text_of(raw), text_of(self.err.read()), raw)


Act = Callable[[], object]


def start(
    *argv: str | Path, before: Act | Sequence[Act] = (), stdin: int | None = None,
    stdout: int | None = None, stderr: int | None = None, cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Child:  # fmt: skip
    """Start the program in a copy of a process, from its first line on.

    `before` is called in the copy after its streams were set up: functions of the standard
    library, with `functools.partial` around their arguments.
    """
    out, err = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115 - closed by `wait`
    with open(os.devnull, "rb") as nothing:
        streams = (
            nothing.fileno() if stdin is None else stdin,
            out.fileno() if stdout is None else stdout,
            err.fileno() if stderr is None else stderr,
        )
        running = Running(
            server(), [os.fspath(word) for word in argv], streams, {**os.environ, **(env or {})},
            os.fspath(cwd or Path.cwd()), [before] if callable(before) else before,
        )  # fmt: skip
    return Child(running, out, err)


def forked(
    *argv: str | Path, before: Act | Sequence[Act] = (), stdin: int | None = None,
    stdout: int | None = None, cwd: Path | None = None, env: Mapping[str, str] | None = None,
) -> Run:  # fmt: skip
    """Run the program in a copy of a process and wait for its end."""
    return start(*argv, before=before, stdin=stdin, stdout=stdout, cwd=cwd, env=env).wait()


def piped(
    data: bytes, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Run:
    """Run the program with these bytes on stdin; it may stop reading early."""
    reading, writing = os.pipe()
    child = start(*argv, stdin=reading, cwd=cwd, env=env)
    os.close(reading)
    with suppress(BrokenPipeError):
        while data:
            data = data[os.write(writing, data) :]
    os.close(writing)
    return child.wait()


@cache
def commands() -> Path:
    """A directory for PATH with a command `tdr` that runs in such a copy too."""
    place = Path(server()).parent
    words = (sys.executable, "-IS", f"{TESTS}/shelltdr.py", server())
    (place / "tdr").write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    (place / "tdr").chmod(0o755)
    return place


def shell(script: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A bash script in which `tdr` is the program."""
    path = {"PATH": f"{commands()}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, timeout=60, check=False,
        env=os.environ | path | env,
    )  # fmt: skip


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


_EVERYTHING = """
import json, sys
from tdr.cli.boundary import main
for argv in json.load(sys.stdin):
    main(argv)
"""


def all_started(argvs: Sequence[Sequence[str]], **env: str) -> str:
    """What a new Python prints that is given these command lines one after the other."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _EVERYTHING], check=True, capture_output=True,
        input=json.dumps(argvs).encode(), env=os.environ | env,
    )  # fmt: skip
    return text_of(done.stdout)


def assert_refused(done: Run, *words: str) -> None:
    """Could not do the job: nothing on stdout, the reason on stderr, nothing harmful in it."""
    assert (done.exit, done.out) == (2, ""), done.err
    assert not HARMFUL.search(done.err), ascii(done.err)
    assert ": error: " in done.err
    assert all(word in done.err for word in words), done.err
