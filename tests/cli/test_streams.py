"""Hazards 29-35 of docs/hazards.md: streams, signals, crashes.

Each test carries the number of its row. Where a stream, a signal or a limit is the point, the
program runs in a process of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import REVIEW
from tests.program import (
    FORMATS,
    HARMFUL,
    LISTINGS,
    OPENING,
    READING,
    call,
    forked,
    start,
)

PRINTING = (("list",), *READING[len(LISTINGS) :])
"""A listing, as all are printed alike, and what else is printed."""


@pytest.fixture(autouse=True)
def in_use(three_claims: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims are enough for most of this, two of them in conflict."""
    monkeypatch.setenv("TDR_EVIDENCE", str(three_claims))


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence with more output than any pipe holds."""
    directory = tmp_path_factory.mktemp("bulk")
    for name in ("references.yaml", "source.yaml", "vocabulary"):
        (directory / name).symlink_to(REVIEW / name)
    claims = [
        json.loads(line)
        for line in call("--evidence", REVIEW, "list", "-t", "chemo", "-o", "jsonl").out.split("\n")
        if line
    ]
    with (directory / "chemo.jsonl").open("w") as stream:
        for number in range(2000):
            claim = claims[number % len(claims)] | {"id": f"che-{number:06d}"}
            stream.write(json.dumps(claim) + "\n")
    return directory


# -- C. streams, signals, crashes -----------------------------------------


def test_what_takes_no_more_at_the_moment_is_waited_for(bulk: Path) -> None:
    """Hazard 29."""
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(write, False)
    child = start("--evidence", bulk, "list", "-o", "jsonl", stdout=write)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        lines = stream.read().splitlines()
    assert (child.wait().exit, len(lines)) == (0, 2000)


def test_a_reader_that_leaves_ends_the_program_quietly(bulk: Path) -> None:
    """Hazard 29."""
    for form in FORMATS:
        read, write = os.pipe()
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
        child = start("--evidence", bulk, "list", "-o", form, stdout=write)
        os.close(write)
        assert os.read(read, 10)
        os.close(read)
        done = child.wait()
        assert (done.exit, done.err) == (-signal.SIGPIPE, ""), form


@pytest.mark.parametrize("argv", PRINTING, ids=" ".join)
def test_a_reader_that_is_already_gone_is_no_crash(argv: tuple[str, ...]) -> None:
    """Hazard 30."""
    read, write = os.pipe()
    os.close(read)
    done = forked(*argv, stdout=write)
    os.close(write)
    assert done.exit == -signal.SIGPIPE
    assert "error" not in done.err
    assert "Exception" not in done.err


@pytest.mark.parametrize("delay", [0.0, 0.05])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly(bulk: Path, delay: float, number: int) -> None:
    """Hazard 31."""
    child = start("--evidence", bulk, "--no-cache", "check")
    time.sleep(delay)
    os.kill(child.pid, number)
    done = child.wait()
    assert (done.exit, done.out, done.err) == (-number, "", "")


def test_what_the_parent_ignores_stays_ignored(small: Path) -> None:
    """Hazard 31."""
    ignored = [
        partial(signal.signal, signal.SIGINT, signal.SIG_IGN),
        partial(signal.raise_signal, signal.SIGINT),
    ]
    assert forked("--evidence", small, "list", "--count", before=ignored).out == "2\n"


def test_a_current_directory_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    leave = [partial(os.mkdir, gone), partial(os.chdir, gone), partial(os.rmdir, gone)]
    done = forked("--evidence", ".", "list", before=leave)
    said = "tdr: error: No such file or directory: the current directory is gone\n"
    assert (done.exit, done.out, done.err) == (2, "", said)


@pytest.mark.parametrize("argv", PRINTING, ids=" ".join)
def test_closed_streams_lose_nothing_silently(argv: tuple[str, ...]) -> None:
    """Hazard 32."""
    done = forked(*argv, before=partial(os.close, 1))
    assert (done.exit, done.out) == (2, "")
    assert "tdr: error: write: Bad file descriptor" in done.err
    normal = call(*argv)
    done = forked(*argv, before=[partial(os.close, 0), partial(os.close, 2)])
    assert (done.exit, done.raw, done.err) == (normal.exit, normal.raw, "")
    if argv == ("list",):
        unread = forked("show", "-", before=partial(os.close, 0))
        assert (unread.exit, unread.out) == (2, "")
        assert "stdin is closed: there is nothing to read" in unread.err
    if argv in (("list",), ("report",), ("--help",)):
        assert forked(*argv, before=partial(os.closerange, 0, 3)).exit == 2


def test_what_prints_nothing_needs_no_stdout(small: Path) -> None:
    """Hazard 32."""
    assert forked("check", small, before=partial(os.close, 1)).exit == 0
    assert forked("--evidence", small, "fmt", before=partial(os.close, 1)).exit == 0


@pytest.fixture(scope="module")
def full() -> Iterator[int]:
    """A file on a disk without room."""
    with open("/dev/full", "wb") as file:
        yield file.fileno()


@pytest.mark.parametrize("argv", PRINTING, ids=" ".join)
def test_a_full_disk_is_reported_by_every_command(full: int, argv: tuple[str, ...]) -> None:
    """Hazard 33."""
    done = forked(*argv, stdout=full)
    assert done.exit == 2
    assert done.err.endswith("tdr: error: write: No space left on device\n")
    assert "Exception ignored" not in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_is_reported_in_every_format(full: int, form: str) -> None:
    """Hazard 33."""
    for argv in (("list",), ("matrix",), ("conflicts",), ("refs",)):
        done = forked(*argv, "-o", form, stdout=full)
        printed = call(*argv, "-o", form).out
        assert done.exit == (2 if printed else 0), argv
        assert not printed or "write: No space left on device" in done.err


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_a_full_disk_is_not_mistaken_for_findings(small: Path, full: int, form: str) -> None:
    """Hazard 33."""
    (small / "chemo.yaml").write_text("therapy: 1\nclaims: []\n")
    assert call("check", small, "-o", form).exit == 1
    done = forked("check", small, "-o", form, stdout=full)
    assert done.exit == 2
    assert "write: No space left on device" in done.err


@pytest.mark.parametrize("argv", OPENING, ids=" ".join)
def test_a_bug_is_told_in_one_line_with_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    """Hazard 34."""

    def boom(*_: object, **__: object) -> None:
        raise RuntimeError("bad \x1b[31m\n\u202e " + "long " * 100)

    monkeypatch.setattr("tdr.cli.session.Session.evidence", boom)
    done = call(*argv)
    assert (done.exit, done.out) == (70, "")
    assert done.err.startswith("tdr: internal error: RuntimeError: bad \\x1b[31m")
    assert done.err.count("\n") == 1
    assert len(done.err) < 400
    assert not HARMFUL.search(done.err)


def test_debug_shows_the_traceback_and_is_still_no_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hazard 34."""

    def boom(*_: object, **__: object) -> None:
        raise RuntimeError("bad \x1b[31m\n\u202e \x9b")

    monkeypatch.setattr("tdr.check.run", boom)
    done = call("--debug", "check")
    assert (done.exit, done.out) == (70, "")
    assert "Traceback (most recent call last)" in done.err
    assert "RuntimeError: bad \\x1b[31m" in done.err
    assert not HARMFUL.search(done.err)


@pytest.mark.parametrize(
    "argv",
    ["list -n 1_000", "list -n 5.0", "list -n -3", "list -n x", "list -n \u0663", "list extra",
     "list -o xml", "list --columns ", "list --columns id,,", "list --columns *",
     "list --sort ", "list --sort id,refs", "list -r 0", "list -r 5-", "list -r 9-3", "list -r ,",
     "list -r 1-999999999999", "list -r 1e3", "list --not x", "list --not =", "list -t ", "show",
     "refs 0", "refs -1", "refs 1e3", "terms", "terms nope", "search", "search  ",
     "search x --min-score nan", "search x --min-score inf", "search x --min-score -1",
     "search x --min-score 1e3", "matrix --rows nope", "matrix --rows cell --cols cell",
     "matrix --top 0", "matrix --top 1_0", "graph --top \u0663", "table \uff11",
     "matrix --level x", "matrix --unit x", "stats --by x", "stats --top 0",
     "table 0", "table 5", "table", "graph --dot --mermaid", "graph --top 0",
     "compare TAM", "compare TAM gefitinib", "conflicts --kind x", "check --select nope",
     "check --explain nope", "check -o xml", "check nowhere", "fmt nowhere", "new", "new -t x",
     "diff", "diff nowhere nowhere", "schema x", "info x", "coverage x", "--color pink list",
     "--nonsense", "lst"],
)  # fmt: skip
def test_usage_errors_exit_2_and_print_nothing(argv: str) -> None:
    """Hazard 35."""
    done = call(*argv.split(" "))
    assert (done.exit, done.out) == (2, "")
    assert ": error: " in done.err
    assert "Traceback" not in done.err
