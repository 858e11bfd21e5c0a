"""Hazards 20-35 and 42-48 of the reliability contract: files, streams, signals, terminals.

Each test carries the number of its row. Where a stream, a signal or a limit is the point, the
program runs in a process of its own.
"""

from __future__ import annotations

import codecs
import fcntl
import io
import json
import os
import pty
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import SHIPPED, Run
from tests.program import FORMATS, HARMFUL, LISTINGS, READING, call, forked, start, text_of
from tests.small import FILES, small_evidence

Tdr = Callable[..., Run]
PROGRAM = [sys.executable, "-P", "-m", "tdr"]
CONTRARY = """
  - id: che-003
    promotes: []
    opposes: [tumor-associated macrophage, CD8+ T cell]
    cancers: []
    agents: [chemotherapy]
    effect: sensitivity
    mechanism: >-
      Macrophages (β) can also help.
    molecules: []
    pathways: []
    processes: []
    countered_by: []
    basis: []
    refs: [3]
    at: {section: chemo/immune, paragraph: 2}
    note: The same cell acts the other way in another claim.
"""
OPENING = (*LISTINGS, ("report",), ("graph", "--dot"), ("matrix", "--svg", "-"))
"""Commands that open the evidence."""


def shell(script: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A bash script in which `tdr` is the program; buffering as users have it."""
    return subprocess.run(
        ["bash", "-c", f'tdr() {{ "{sys.executable}" -P -m tdr "$@"; }}; {script}'],
        capture_output=True, timeout=60, check=False,
        env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"} | env,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence with more output than any pipe holds."""
    directory = tmp_path_factory.mktemp("bulk")
    for name in ("references.yaml", "source.yaml", "vocabulary"):
        (directory / name).symlink_to(SHIPPED / name)
    claims = [
        json.loads(line)
        for line in call("--evidence", SHIPPED, "list", "-t", "chemo", "-o", "jsonl").out.split(
            "\n"
        )
        if line
    ]
    with (directory / "chemo.jsonl").open("w") as stream:
        for number in range(2000):
            claim = claims[number % len(claims)] | {"id": f"che-{number:06d}"}
            stream.write(json.dumps(claim) + "\n")
    return directory


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_evidence(tmp_path / "small")


@pytest.fixture(scope="module", autouse=True)
def in_use(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three claims are enough for most of this, two of them in conflict."""
    with pytest.MonkeyPatch.context() as patch:
        directory = small_evidence(tmp_path_factory.mktemp("in-use"))
        with (directory / "chemo.yaml").open("a") as claims:
            claims.write(CONTRARY)
        patch.setenv("TDR_EVIDENCE", str(directory))
        yield directory


def assert_refused(done: Run, *words: str) -> None:
    """Could not do the job: nothing on stdout, the reason on stderr, nothing harmful in it."""
    assert (done.exit, done.out) == (2, ""), done.err
    assert not HARMFUL.search(done.err), ascii(done.err)
    assert ": error: " in done.err
    assert all(word in done.err for word in words), done.err


# -- A. through the whole program -----------------------------------------

BAD_FILES: dict[str, str | bytes] = {
    "alias-limit": "a: &a [x]\nb: [" + "*a, " * 1001 + "]\n",
    "alias-cycle": "claims: &c\n  - {id: *c}\n",
    "depth": "claims: " + "{a: " * 100 + "1" + "}" * 100 + "\n",
    "duplicate-key": 'therapy: chemo\n"\\x74herapy": chemo\n',
    "duplicate-anchor": "therapy: &a chemo\nclaims: &a []\n",
    "syntax": "therapy: chemo\n\tclaims: []\n",
    "bom": "therapy: chemo\n\ufeffclaims: []\n",
    "line-break": "therapy: chemo # x\u2028claims: []\n",
    "encoding": b"therapy: chemo\nclaims: [] # \xff\n",
    "size": b"#" * (8 * 2**20 + 1),
    "tag": "!!python/object/apply:os.system therapy: chemo\n",
    "directive": "%YAML 1.1\n---\ntherapy: chemo\nclaims: []\n",
    "root": "- therapy\n",
    "conflict-marker": "therapy: chemo\n<<<<<<< HEAD\nclaims: []\n",
    "type": FILES["chemo.yaml"].replace("effect: resistance", "effect: 1e3"),
    "ref": FILES["chemo.yaml"].replace("refs: [1]", "refs: [010]"),
    "duplicate-id": FILES["chemo.yaml"].replace("che-002", "che-001"),
}  # fmt: skip


@pytest.mark.parametrize("rule", BAD_FILES)
def test_20_whatever_is_wrong_with_a_file_every_command_says_the_same(
    small: Path, rule: str
) -> None:
    data = BAD_FILES[rule]
    (small / "chemo.yaml").write_bytes(data if isinstance(data, bytes) else data.encode())
    checked = call("check", small)
    assert checked.exit == 1
    found = {line for line in checked.out.splitlines() if f"[{rule}]" in line}
    assert found
    assert all(line.startswith(f"{small}/chemo.yaml:") for line in found)
    for argv in (
        ["list"],
        ["show", "che-001"],
        ["search", "T cells"],
        ["info"],
        ["report"],
        ["matrix"],
    ):
        done = call("--no-cache", "--evidence", small, *argv)
        assert_refused(done)
        assert found <= set(done.err.splitlines()), (argv, done.err, found)


def test_20_every_bad_file_is_named_not_only_the_first(small: Path) -> None:
    (small / "chemo.yaml").write_text("claims: [\n")
    (small / "references.yaml").write_bytes(b"\xff")
    (small / "vocabulary" / "cells.yaml").unlink()
    (small / "vocabulary" / "cells.yaml").symlink_to("cells.yaml")
    for cache in ([], ["--no-cache"]):
        done = call(*cache, "--evidence", small, "list")
        assert_refused(done, "chemo.yaml:2:1", "references.yaml:1:1", "cells.yaml: error: ")


def two_seconds() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))


def test_13_a_file_over_the_limit_is_refused_before_it_is_read(small: Path) -> None:
    os.truncate(small / "chemo.yaml", 1 << 40)  # takes no room, but hours to read
    for argv in (["list"], ["--no-cache", "list"], ["check"], ["fmt"]):
        done = forked("--evidence", small, *argv, before=two_seconds)
        assert "8,388,608" in done.err + done.out
        assert done.exit == (1 if argv == ["check"] else 2)


def test_16_files_without_content_are_no_failure(small: Path) -> None:
    (small / "radio.yaml").write_bytes(b"")
    (small / "radio.jsonl").write_bytes(b"")
    done = call("--evidence", small, "list", "--count")
    assert (done.exit, done.out) == (0, "2\n")
    assert "[empty]" in call("check", small).out


def test_19_check_query_and_edit_read_the_same_value(small: Path) -> None:
    for written, read in (
        ("NO", "NO"), ("1:30", "1:30"), ("'1e3'", "1e3"), ('"\\x41\\u0301"', "A\u0301"), ("y", "y"),
        ("a b # c", "a b"), ("'it''s'", "it's"), ("&x v", "v"), ("|-\n      a\n      b", "a\nb"),
        (">-\n      a\n      b", "a b"), ("null", None), ("~", None),
    ):  # fmt: skip
        text = FILES["chemo.yaml"].replace("note: null", f"note: {written}")
        (small / "chemo.yaml").write_text(text)
        (claim,) = json.loads(call("--evidence", small, "show", "che-001", "-o", "json").out)[
            "claims"
        ]
        assert claim["note"] == read
        assert call("--evidence", small, "fmt").exit == 0
        (again,) = json.loads(call("--evidence", small, "show", "che-001", "-o", "json").out)[
            "claims"
        ]
        assert again == claim
        assert "[type]" not in call("check", small).out


PIECES = st.sampled_from(
    [b"- ", b": ", b"\n", b"  ", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!!", b"%", b"|", b">-",
     b"'", b'"', b"#", b"\t", b"\r", b"\x00", b"\xff", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"---\n",
     b"...", b"<<: ", b"? ", b"claims:", b"id:", b"1e400", b"\\ud800", b"null", b"9" * 5000, b","]
)  # fmt: skip
TARGETS = ("chemo.yaml", "references.yaml", "source.yaml", "vocabulary/cells.yaml")
COMMANDS_OVER_FILES = (["list"], ["check"], ["search", "T cell"], ["fmt", "--diff"])


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_evidence(tmp_path_factory.mktemp("workbench"))


def assert_survived(directory: Path) -> None:
    for argv in COMMANDS_OVER_FILES:
        done = call("--no-cache", "--evidence", directory, *argv)
        assert done.exit in (0, 1, 2), (argv, done.err)
        assert not HARMFUL.search(done.out + done.err), (argv, ascii(done.out + done.err))
        if argv == ["list"] and done.exit:
            assert_refused(done)


@given(
    st.sampled_from(TARGETS), st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_20_arbitrary_bytes_never_crash_a_command(workbench: Path, name: str, data: bytes) -> None:
    try:
        (workbench / name).write_bytes(data)
        assert_survived(workbench)
    finally:
        (workbench / name).write_text(FILES[name])


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_20_damaged_files_never_crash_a_command(workbench: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(TARGETS))
    content = FILES[name].encode()
    for _ in range(data.draw(st.integers(1, 4))):
        start_, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 12))
        piece = data.draw(PIECES | st.binary(max_size=6))
        content = content[:start_] + piece + content[start_ + length :]
    try:
        (workbench / name).write_bytes(content)
        assert_survived(workbench)
    finally:
        (workbench / name).write_text(FILES[name])


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_20_damaged_lines_of_json_never_crash_a_command(
    workbench: Path, data: st.DataObject
) -> None:
    line = json.dumps({"id": "che-900", "effect": "resistance", "refs": [1], "promotes": ["TAM"],
                       "mechanism": "x \x1b \u202e",
                       "at": {"section": "chemo/immune", "paragraph": 1}})  # fmt: skip
    at = data.draw(st.integers(0, len(line)))
    piece = data.draw(PIECES | st.binary(max_size=6))
    end = data.draw(st.integers(at, min(len(line), at + 10)))
    file = workbench / "chemo.jsonl"
    try:
        file.write_bytes(line[:at].encode() + piece + line[end:].encode() + b"\n")
        assert_survived(workbench)
    finally:
        file.unlink()


# -- B. files -------------------------------------------------------------

WITHOUT_PRIVILEGE = (
    "setpriv", "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)  # fmt: skip


@pytest.mark.parametrize("name", [".", "chemo.yaml", "vocabulary", "vocabulary/cells.yaml"])
def test_22_what_may_not_be_read_is_named_with_the_reason(small: Path, name: str) -> None:
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root reads everything, and there is no setpriv to take that away")
    target = small / name
    target.chmod(0)
    try:
        for argv in (["list"], ["check"]):
            done = subprocess.run(
                [*(WITHOUT_PRIVILEGE if os.geteuid() == 0 else ()), *PROGRAM,
                 "--evidence", str(small), *argv],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 2 or (argv == ["check"] and done.returncode == 1)
            assert "Permission denied" in done.stderr + done.stdout
            assert (name if name != "." else str(small)) in done.stderr + done.stdout
            assert argv == ["check"] or done.stdout == ""
    finally:
        target.chmod(0o755)


@pytest.mark.parametrize(
    "path", ["nowhere", "file.txt", "empty", "broken-link", "-", "a\nb", "\x1b[31m", "\udcff\udcfe",
             "x" * 5000],
)  # fmt: skip
def test_23_what_is_no_evidence_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken-link").symlink_to("gone")
    for argv in (["list"], ["info"], ["report"], ["fmt"]):
        assert_refused(call("--evidence", path, *argv))
        assert_refused(call(*argv, TDR_EVIDENCE=path))
    done = call("--evidence", path, "check")
    assert done.exit in (1, 2)
    assert "no findings" not in done.err
    assert not HARMFUL.search(done.err + done.out)
    assert_refused(call("check", path))


def test_23_an_empty_path_is_not_the_current_directory(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small)
    for argv in (["--evidence", "", "list"], ["check", ""], ["fmt", ""], ["report", "-o", ""]):
        assert_refused(call(*argv), "empty")


def test_23_the_current_directory_can_be_the_evidence(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small)
    before = sorted(small.rglob("*"))
    for argv in (["list"], ["check"], ["search", "T cell"], ["report"], ["fmt", "--check"]):
        assert call("--evidence", ".", *argv, XDG_CACHE_HOME=str(small)).exit == 0
    assert sorted(small.rglob("*")) == before


def test_24_a_loop_of_links_is_not_walked(small: Path) -> None:
    (small / "loop").symlink_to("..")
    assert call("--evidence", small, "list", "--count").out == "2\n"
    (small / "radio.yaml").symlink_to("radio.yaml")
    assert_refused(call("--evidence", small, "list"), "radio.yaml: error: ", "symbolic links")


def test_24_a_file_may_be_a_link_to_somewhere_else(small: Path, tmp_path: Path) -> None:
    (small / "chemo.yaml").rename(tmp_path / "elsewhere.yaml")
    (small / "chemo.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert call("--evidence", small, "list", "--count").out == "2\n"


@pytest.mark.parametrize("name", ["chemo.yaml", "radio.jsonl", "vocabulary/cells.yaml"])
@pytest.mark.parametrize("kind", ["fifo", "socket", "directory", "device"])
def test_25_a_thing_that_is_no_file_is_refused_without_waiting(
    small: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    target = small / name
    target.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(target)
    elif kind == "socket":
        monkeypatch.chdir(target.parent)  # a socket's path must be short
        socket.socket(socket.AF_UNIX).bind(target.name)
    elif kind == "directory":
        target.mkdir()
    else:
        target.symlink_to("/dev/zero")
    for argv in (["list"], ["--no-cache", "list"]):
        assert_refused(call("--evidence", small, *argv), name)
    checked = call("--evidence", small, "check")
    assert checked.exit in (1, 2)
    assert name in checked.out + checked.err
    if not name.endswith("jsonl"):  # which has no canonical layout
        assert_refused(call("--evidence", small, "fmt", target), name)


@pytest.mark.parametrize("moment", ["tdr.files.find_layout", "tdr.cache._file_hashes"])
def test_26_a_file_that_vanishes_meanwhile_is_named(
    small: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    module, _, name = moment.rpartition(".")
    original = getattr(sys.modules[module], name)

    def vanish(*args: object, **options: object) -> object:
        result = original(*args, **options)
        (small / "chemo.yaml").unlink(missing_ok=True)
        return result

    for user in (module, "tdr"):  # `tdr.load` imports find_layout by name
        if hasattr(sys.modules[user], name):
            monkeypatch.setattr(f"{user}.{name}", vanish)
    assert_refused(call("--evidence", small, "list"), "chemo.yaml")


def test_27_a_hostile_name_reaches_no_terminal_raw(tmp_path: Path) -> None:
    evidence = small_evidence(tmp_path / "evil\x1b[31m\n[bold]\u202e\udcff")
    (evidence / "chemo.yaml").write_text("therapy: chemo\nclaims: [1]\n")
    for argv in (["list"], ["check"], ["check", "-o", "github"], ["check", "-o", "json"],
                 ["check", "-o", "sarif"], ["check", "-o", "junit"], ["fmt"]):  # fmt: skip
        done = call("--evidence", evidence, *argv)
        text = done.err + done.out
        assert not HARMFUL.search(text)
        assert "[bold]" in text or "%5Bbold%5D" in text or argv == ["fmt"]
    json.loads(call("--evidence", evidence, "check", "-o", "sarif").out)
    (finding, *_) = json.loads(call("--evidence", evidence, "check", "-o", "json").out)["findings"]
    assert finding["file"].encode("utf-8", "surrogateescape").startswith(os.fsencode(evidence))


def test_27_backups_and_hidden_files_are_no_evidence(small: Path) -> None:
    for name in ("radio.yaml~", ".#radio.yaml", "#radio.yaml#", ".radio.yaml", "radio.yaml.tmp"):
        (small / name).write_text("nonsense: [")
    assert call("--evidence", small, "list", "--count").out == "2\n"
    assert call("check", small).exit == 0


def test_28_nothing_is_imported_from_the_current_directory(run: Tdr, tmp_path: Path) -> None:
    for module in ("rich", "ruamel", "json", "typer", "sitecustomize", "tdr"):
        (tmp_path / f"{module}.py").write_text("open('touched', 'w')\n")
    assert run("list", "--count", cwd=tmp_path).exit == 0
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize(
    "argv",
    [["list"], ["check"], ["check", "."], ["fmt"], ["report", "-o", "x.html"],
     ["matrix", "--svg", "x.svg"], ["graph", "--svg", "x.svg"], ["new", "-t", "chemo"],
     ["diff", ".", "."]],
    ids=" ".join,
)  # fmt: skip
def test_28_a_deleted_current_directory_is_a_failure_not_a_crash(
    tmp_path: Path, argv: list[str]
) -> None:
    def vanish() -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()

    assert_refused(forked("--evidence", ".", *argv, before=vanish))
    if argv in (["list"], ["check"]):  # what comes with the program needs no current directory
        assert forked(*argv, before=vanish).exit == 0


# -- C. streams, signals, crashes -----------------------------------------


def test_29_a_reader_that_leaves_ends_the_program_quietly(bulk: Path) -> None:
    for form in FORMATS:
        read, write = os.pipe()

        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)

        def attach(read: int = read, write: int = write) -> None:
            os.dup2(write, 1)
            os.close(write)
            os.close(read)

        child = start("--evidence", bulk, "list", "-o", form, before=attach)
        os.close(write)
        assert os.read(read, 10)
        os.close(read)
        done = child.wait()
        assert (done.exit, done.err) == (-signal.SIGPIPE, ""), form


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_30_a_reader_that_is_already_gone_is_no_crash(argv: tuple[str, ...]) -> None:
    def gone() -> None:
        read, write = os.pipe()
        os.dup2(write, 1)
        os.close(write)
        os.close(read)

    done = forked(*argv, before=gone)
    assert done.exit == -signal.SIGPIPE
    assert "error" not in done.err
    assert "Exception" not in done.err


READY = (
    "import os, sys\n"
    "from tdr.__main__ import run\n"  # from here on it is the program that handles signals
    "os.write(2, b'ready\\n')\n"
    "run()\n"
)


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_31_a_signal_ends_it_at_once_and_quietly(bulk: Path, delay: float, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", READY, "--evidence", str(bulk), "--no-cache", "check"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    time.sleep(delay)
    process.send_signal(number)
    out, err = process.communicate(timeout=2)
    assert process.returncode == -number
    assert (out, err) == (b"", b"")


def test_31_what_the_parent_ignores_stays_ignored(small: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGINT)

    assert forked("--evidence", small, "list", "--count", before=ignore).out == "2\n"


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_32_closed_streams_lose_nothing_silently(argv: tuple[str, ...]) -> None:
    done = forked(*argv, before=partial(os.close, 1))
    assert (done.exit, done.out) == (2, "")
    assert "tdr: error: write: Bad file descriptor" in done.err

    def deaf_and_mute() -> None:
        os.close(0)
        os.close(2)

    normal = call(*argv)
    done = forked(*argv, before=deaf_and_mute)
    assert (done.exit, done.raw, done.err) == (normal.exit, normal.raw, "")
    if argv in (("list",), ("report",), ("--help",)):
        assert forked(*argv, before=partial(os.closerange, 0, 3)).exit == 2


def test_32_what_prints_nothing_needs_no_stdout(small: Path) -> None:
    assert forked("check", small, before=lambda: os.close(1)).exit == 0
    assert forked("--evidence", small, "fmt", before=lambda: os.close(1)).exit == 0


def _full() -> None:
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_33_a_full_disk_is_reported_by_every_command(argv: tuple[str, ...]) -> None:
    done = forked(*argv, before=_full)
    assert done.exit == 2
    assert done.err.endswith("tdr: error: write: No space left on device\n")
    assert "Exception ignored" not in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_33_a_full_disk_is_reported_in_every_format(form: str) -> None:
    for argv in (("list",), ("matrix",), ("conflicts",), ("refs",)):
        done = forked(*argv, "-o", form, before=_full)
        printed = call(*argv, "-o", form).out
        assert done.exit == (2 if printed else 0), argv
        assert not printed or "write: No space left on device" in done.err


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_33_a_full_disk_is_not_mistaken_for_findings(small: Path, form: str) -> None:
    (small / "chemo.yaml").write_text("therapy: 1\nclaims: []\n")
    assert call("check", small, "-o", form).exit == 1
    done = forked("check", small, "-o", form, before=_full)
    assert done.exit == 2
    assert "write: No space left on device" in done.err


@pytest.mark.parametrize("argv", OPENING, ids=" ".join)
def test_34_a_bug_is_told_in_one_line_with_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    def boom(*_: object) -> None:
        raise RuntimeError("bad \x1b[31m\n\u202e " + "long " * 100)

    monkeypatch.setattr("tdr.cli.options.Session.evidence", boom)
    done = call(*argv)
    assert (done.exit, done.out) == (70, "")
    assert done.err.startswith("tdr: internal error: RuntimeError: bad \\x1b[31m")
    assert done.err.count("\n") == 1
    assert len(done.err) < 400
    assert not HARMFUL.search(done.err)


def test_34_debug_shows_the_traceback() -> None:
    broken = (
        "import tdr.cli.boundary as b, tdr.query as q, sys\n"
        "def boom(*a, **k): raise RuntimeError('bad')\n"
        "q.Evidence.select = boom\n"
        "sys.exit(b.main(['--debug', 'list']))"
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, check=False)
    assert b"Traceback" in done.stderr


@pytest.mark.parametrize(
    "argv",
    ["list -n 1_000", "list -n 5.0", "list -n -3", "list -n x", "list -n \u0663", "list extra",
     "list -o xml", "list -o JSON", "list --columns ", "list --columns id,,", "list --columns *",
     "list --sort ", "list --sort id,refs", "list -r 0", "list -r 5-", "list -r 9-3", "list -r ,",
     "list -r 1-999999999999", "list -r 1e3", "list --not x", "list --not =", "list -t ", "show",
     "refs 0", "refs -1", "refs 1e3", "terms", "terms nope", "search", "search  ",
     "search x --min-score nan", "search x --min-score inf", "search x --min-score -1",
     "search x --min-score 1e3", "matrix --rows nope", "matrix --rows cell --cols cell",
     "matrix --top 0", "matrix --level x", "matrix --unit x", "stats --by x", "stats --top 0",
     "table 0", "table 5", "table", "graph --via x", "graph --dot --mermaid", "graph --top 0",
     "compare TAM", "compare TAM gefitinib", "conflicts --kind x", "check --select nope",
     "check --explain nope", "check -o xml", "check nowhere", "fmt nowhere", "new", "new -t x",
     "diff", "diff nowhere nowhere", "schema x", "info x", "coverage x", "--color pink list", "",
     "--nonsense", "lst"],
)  # fmt: skip
def test_35_usage_errors_exit_2_and_print_nothing(argv: str) -> None:
    done = call(*(argv.split(" ") if argv else ()))
    assert (done.exit, done.out) == (2, "")
    assert ": error: " in done.err
    assert "Traceback" not in done.err


# -- D. terminals and locales ---------------------------------------------


@pytest.mark.parametrize("columns", ["1", "20", "40", "79", "300", "0", "-5", "abc", "", "100000"])
def test_42_no_width_loses_an_id(columns: str) -> None:
    radio = ("--evidence", SHIPPED, "list", "-t", "radio", "-o")
    wanted = call(*radio, "ids").out.split()
    shown = "".join(call(*radio, "table", COLUMNS=columns).out.split())
    assert all(identifier in shown for identifier in wanted)
    assert call("--help", COLUMNS=columns).out.count("list") >= 1


@pytest.mark.parametrize("columns", ["1", "2", "7", "39", "9999", "10001", "0x10", "\u0663"])
def test_42_no_width_breaks_a_command(columns: str) -> None:
    for argv in LISTINGS:
        done = call(*argv, "-o", "table", COLUMNS=columns)
        assert done.exit == 0, (argv, done.err)
        assert done.out


def on_a_terminal(*argv: str, **env: str) -> str:
    primary, secondary = pty.openpty()

    def attach() -> None:
        for descriptor in (1, 2):
            os.dup2(secondary, descriptor)
        os.close(secondary)

    child = start(*argv, before=attach, env={"TERM": "xterm"} | env)
    os.close(secondary)
    shown = b""
    while True:
        try:
            data = os.read(primary, 65536)
        except OSError:
            break
        shown += data
    os.close(primary)
    child.wait()
    return text_of(shown)


def test_43_colour_follows_the_agreed_order() -> None:
    shown = ("list", "-t", "chemo")
    assert "\x1b[" in on_a_terminal(*shown)
    for env in ({"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"},
                {"NO_COLOR": "1", "FORCE_COLOR": "1"},
                {"TERM": "dumb", "FORCE_COLOR": "1"}):  # fmt: skip
        assert "\x1b" not in on_a_terminal(*shown, **env), env
    assert "\x1b" not in on_a_terminal("--color", "never", *shown)
    assert "\x1b[" in on_a_terminal(*shown, NO_COLOR="")
    assert "\x1b" not in call(*shown, "-o", "table").out
    assert "\x1b[" in call(*shown, "-o", "table", FORCE_COLOR="1").out
    assert "\x1b[" in call("--color", "always", *shown, "-o", "table", NO_COLOR="1").out
    for form in FORMATS[1:]:
        assert "\x1b" not in call("--color", "always", "list", "-o", form, FORCE_COLOR="1").out


@pytest.mark.parametrize("argv", OPENING, ids=" ".join)
def test_43_a_terminal_gets_nothing_but_styles_and_our_links(argv: tuple[str, ...]) -> None:
    shown = on_a_terminal(*argv)
    plain = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^;\x1b]*;[^\x1b]*\x1b\\", "", shown)
    assert not HARMFUL.search(plain.replace("\r\n", "\n"))
    assert "\x1b" not in on_a_terminal(*argv, NO_COLOR="1")


def test_43_errors_are_plain_even_in_ci() -> None:
    shown = on_a_terminal("list", "-c", "xyz", GITHUB_ACTIONS="true", PY_COLORS="1", NO_COLOR="1")
    assert "\x1b" not in shown


SURROUNDINGS = {
    "COLUMNS": "20", "TERM": "dumb", "LC_ALL": "C", "PYTHONHASHSEED": "7", "NO_COLOR": "1",
    "PYTHONIOENCODING": "latin-1", "TZ": "Asia/Tokyo",
}  # fmt: skip
EVERYTHING = (
    "import sys, json\n"
    "from tdr.cli.boundary import main\n"
    "for argv in json.load(sys.stdin):\n"
    "    main(argv)\n"
)


def test_44_what_is_written_does_not_depend_on_the_surroundings() -> None:
    wanted = [[*argv, "-o", form] for argv in LISTINGS for form in ("json", "tsv", "yaml")]
    wanted += [["list", "-o", form] for form in FORMATS[1:]]
    wanted += [
        ["report"],
        ["graph", "--dot"],
        ["graph", "--mermaid"],
        ["matrix", "--svg", "-"],
        ["check", "-o", "json"],
    ]

    def everything(*options: str, **env: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-P", "-c", EVERYTHING], check=True, capture_output=True,
            input=json.dumps([[*options, *argv] for argv in wanted]).encode(),
            env=os.environ | {"PYTHONHASHSEED": "1"} | env,
        ).stdout  # fmt: skip

    plain = everything()
    assert len(plain) > 80_000
    assert everything(**SURROUNDINGS) == plain
    assert everything("--no-cache", PYTHONHASHSEED="11") == plain


@pytest.mark.parametrize("encoding", ["ascii", "big5", "utf-16"])
def test_45_no_encoding_breaks_a_command(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding, "strict"))
    for argv in (*LISTINGS, ("check", "--list-rules"), ("--help",)):
        table = ("-o", "table") if argv in LISTINGS else ()
        done = call(*argv, *table)
        assert done.exit == 0, (argv, done.err)
        assert codecs.decode(done.raw, encoding).strip()


def test_45_data_is_utf_8_whatever_the_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii", "strict"))
    assert "(β)" in call("list", "-o", "csv").out
    drawn = call("list", "-o", "table").out
    assert drawn.isascii()
    assert "(\\u03b2)" in drawn


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "utf-8:strict"},
    ],
    ids=str,
)
def test_45_no_locale_breaks_the_program(run: Tdr, env: dict[str, str]) -> None:
    done = run("--evidence", str(SHIPPED), "list", "-t", "radio", "-o", "table", **env)
    assert (done.exit, done.err) == (0, "21 of 121 claims\n")
    assert ("β-catenin" in done.out) == ("utf-8" in str(env))
    assert "\\u03b2-catenin" in done.out or "utf-8" in str(env)


def completed(shell_name: str, words: str, **env: str) -> Run:
    given_as = {
        "zsh": {"_TYPER_COMPLETE_ARGS": words},
        "bash": {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)},
        "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args",
                 "_TYPER_COMPLETE_WORD_TO_COMPLETE": words.rpartition(" ")[2]},
    }[shell_name]  # fmt: skip
    return call(_TDR_COMPLETE=f"complete_{shell_name}", **given_as, **env)


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_46_completion_offers_nothing_that_a_shell_could_run(small: Path, shell_name: str) -> None:
    cells = small / "vocabulary" / "cells.yaml"
    cells.write_text(
        cells.read_text() + '  - label: "Mast\\\\$(touch X) `touch X` cell"\n  - label: Mastix\n'
    )
    done = completed(shell_name, "tdr list --cell Mast", TDR_EVIDENCE=str(small))
    assert done.exit == 0
    assert "Mastix" in done.out
    assert "touch" not in done.out


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    "words",
    ["tdr show imm", "tdr list --cell $(touch X)", "tdr show `x", "tdr list -c 'a", "tdr nope x",
     "tdr \x1b[31m", "tdr --evidence /dev/zero show i", "tdr --color pink list --cell T", "tdr "],
)  # fmt: skip
def test_46_completion_never_fails(shell_name: str, words: str) -> None:
    done = completed(shell_name, words, TDR_EVIDENCE="/nowhere")
    assert (done.exit if done.exit != 1 else 0, done.err) == (0, "")  # 1: nothing to offer
    assert not HARMFUL.search(done.out)


def test_46_completion_survives_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def boom(*_: object) -> None:
        raise RuntimeError("bad")

    monkeypatch.setattr("tdr.cli.load_command", boom)
    done = completed("bash", "tdr show imm")
    assert (done.exit, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    "argument", ["\x1b[31m", "[/x]", "\u202e", "x" * 5000, "a\nb", "\udcff\udcfe", "%s"]
)
def test_48_hostile_arguments_are_shown_harmlessly(argument: str) -> None:
    for argv in (
        ["show", argument],
        ["list", "-c", argument],
        ["list", "--sort", argument],
        ["list", "-r", argument],
        ["list", "-o", argument],
        ["list", "-n", argument],
        ["terms", argument],
        ["refs", argument],
        ["list", "--columns", argument],
        ["list", "--not", f"{argument}=x"],
        ["list", "--section", argument],
        ["matrix", "--rows", argument],
        ["matrix", "--under", argument],
        ["matrix", "--level", argument],
        ["stats", "--by", argument],
        ["compare", argument, "TAM"],
        ["table", argument],
        ["graph", "--via", argument],
        ["check", argument],
        ["check", "--select", argument],
        ["check", "--explain", argument],
        ["check", "--against", argument],
        ["fmt", argument],
        ["diff", argument, argument],
        ["new", "-t", argument],
        ["schema", argument],
        ["--color", argument, "list"],
        ["--evidence", argument, "list"],
        [argument],
    ):
        done = call(*argv)
        assert done.exit in (1, 2), (argv, done.err)
        assert not HARMFUL.search(done.err), argv
        assert "Traceback" not in done.err
        assert len(done.err) < 1500 or argv[0] in ("check", "fmt", "diff", "--evidence"), (
            argv,
            len(done.err),
        )
        assert done.err.count("\n") <= 2, argv


def test_48_bytes_that_are_no_text_are_shown_escaped() -> None:
    done = shell(r"tdr show $'\xff\xfe'")
    assert done.returncode == 1
    assert b"\\udcff" in done.stderr
