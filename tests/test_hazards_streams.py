"""Hazards 22-35 and 42-48 of the reliability contract, against the program in its own process.

Each test carries the number of its row.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SHIPPED, Run

Tdr = Callable[..., Run]
PROGRAM = [sys.executable, "-P", "-m", "tdr"]
COMMANDS = (
    ["list"],
    ["show", "imm-001"],
    ["counter"],
    ["terms", "cells"],
    ["refs"],
    ["coverage"],
    ["info"],
)


def shell(script: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A bash script in which `tdr` is the program; buffering as users have it."""
    return subprocess.run(
        ["bash", "-c", f'tdr() {{ "{sys.executable}" -P -m tdr "$@"; }}; {script}'],
        capture_output=True, timeout=60, check=False,
        env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"} | env,
    )  # fmt: skip


@pytest.fixture
def bulk(tmp_path: Path) -> Path:
    """Evidence with more output than any pipe holds."""
    for name in ("references.yaml", "source.yaml", "vocabulary"):
        (tmp_path / name).symlink_to(SHIPPED / name)
    done = subprocess.run(
        [*PROGRAM, "list", "-t", "chemo", "-o", "jsonl"], capture_output=True, check=True
    )
    claims = [json.loads(line) for line in done.stdout.splitlines()]
    with (tmp_path / "chemo.jsonl").open("w") as stream:
        for number in range(3000):
            claim = claims[number % len(claims)] | {"id": f"che-{number:06d}"}
            stream.write(json.dumps(claim) + "\n")
    return tmp_path


# -- B. files -------------------------------------------------------------


def test_22_an_unreadable_file_is_named(run: Tdr, tmp_path: Path) -> None:
    # Root reads everything, so the permission is replaced by a file that no one can open.
    evidence = copied(tmp_path)
    (evidence / "radio.yaml").unlink()
    (evidence / "radio.yaml").symlink_to("radio.yaml")
    done = run("--evidence", str(evidence), "list")
    assert (done.exit, done.out) == (2, "")
    assert "radio.yaml" in done.err


@pytest.mark.parametrize("path", ["nowhere", "file.txt", "empty", "broken-link"])
def test_23_what_is_no_evidence_directory_is_refused(run: Tdr, tmp_path: Path, path: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken-link").symlink_to("gone")
    for argv in (["list"], ["check"]):
        done = run("--evidence", str(tmp_path / path), *argv)
        assert done.exit == 2 or (argv == ["check"] and done.exit == 1)
        assert path in done.err + done.out
        assert "no findings" not in done.err
        assert "Traceback" not in done.err


def test_24_a_loop_of_links_is_not_walked(run: Tdr, tmp_path: Path) -> None:
    evidence = copied(tmp_path)
    (evidence / "loop").symlink_to("..")
    assert run("--evidence", str(evidence), "list", "--count").exit == 0


@pytest.mark.parametrize("kind", ["fifo", "socket", "directory", "device"])
def test_25_a_thing_that_is_no_file_is_refused_without_waiting(
    run: Tdr, tmp_path: Path, kind: str
) -> None:
    evidence = copied(tmp_path)
    target = evidence / "radio.yaml"
    target.unlink()
    if kind == "fifo":
        os.mkfifo(target)
    elif kind == "socket":
        here = os.getcwd()
        os.chdir(evidence)  # a socket's path must be short
        try:
            socket.socket(socket.AF_UNIX).bind("radio.yaml")
        finally:
            os.chdir(here)
    elif kind == "directory":
        target.mkdir()
    else:
        target.symlink_to("/dev/zero")
    done = run("--evidence", str(evidence), "list")
    assert (done.exit, done.out) == (2, "")
    assert "radio.yaml" in done.err


def test_27_a_hostile_name_reaches_no_terminal_raw(run: Tdr, tmp_path: Path) -> None:
    evidence = copied(tmp_path, "evil\x1b[31m\n[bold]\u202e")
    (evidence / "radio.yaml").write_text("therapy: radio\nclaims: [1]\n")
    for argv in (["list"], ["check"]):
        done = run("--evidence", str(evidence), *argv)
        text = done.err + done.out
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b" in text
        assert "[bold]" in text


def test_28_nothing_is_imported_from_the_current_directory(run: Tdr, tmp_path: Path) -> None:
    for module in ("rich", "ruamel", "json", "typer", "sitecustomize"):
        (tmp_path / f"{module}.py").write_text("open('touched', 'w')\n")
    assert run("list", "--count", cwd=tmp_path).exit == 0
    assert not (tmp_path / "touched").exists()


def test_28_a_deleted_current_directory_does_not_matter(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = shell(f"cd {gone}; rmdir {gone}; tdr list --count")
    assert done.returncode == 0
    done = shell(f"cd {gone.parent}; mkdir {gone}; cd {gone}; rmdir {gone}; tdr --evidence . list")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


# -- C. streams, signals, crashes -----------------------------------------


def test_29_a_reader_that_leaves_ends_the_program_quietly(bulk: Path) -> None:
    for form in ("tsv", "json", "jsonl", "csv", "ids", "yaml", "markdown", "table"):
        done = shell(
            f"tdr --evidence {bulk} list -o {form} 2>err | head -n 1 >/dev/null; "
            "echo ${PIPESTATUS[0]}; cat err; rm err"
        )
        status, *talk = done.stdout.decode().splitlines()
        assert int(status) in (0, 141), form
        assert all(" of " in line for line in talk), form


def test_30_a_reader_that_is_already_gone_is_no_crash() -> None:
    done = shell("{ sleep 0.3; tdr list -n 1 -o ids; echo $? >&2; } | true")
    assert done.stderr.splitlines()[-1] in (b"141", b"0")
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize("delay", [0.04, 0.06, 0.1, 0.3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_31_a_signal_ends_it_at_once_and_quietly(bulk: Path, delay: float, number: int) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "--evidence", str(bulk), "--no-cache", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(delay)
    process.send_signal(number)
    out, err = process.communicate(timeout=5)
    assert process.returncode in (-number, 128 + number)
    assert b"Traceback" not in err
    assert out == b"" or out.endswith(b"\n")


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_32_closed_streams_lose_nothing_silently(argv: list[str]) -> None:
    words = " ".join(argv)
    closed_out = shell(f"tdr {words} >&-")
    assert closed_out.returncode == 2
    assert closed_out.stderr.startswith(b"tdr: error: write: ") or b"write: " in closed_out.stderr
    normal = shell(f"tdr {words}")
    assert shell(f"tdr {words} 2>&-").stdout == normal.stdout
    assert shell(f"tdr {words} 2>&-").returncode == normal.returncode
    assert shell(f"tdr {words} <&-").stdout == normal.stdout


@pytest.mark.parametrize(
    "form", ["tsv", "json", "jsonl", "csv", "yaml", "markdown", "table", "ids"]
)
def test_33_a_full_disk_is_reported(form: str) -> None:
    done = shell(f"tdr list -n 2 -o {form} > /dev/full")
    assert done.returncode == 2
    assert b"tdr: error: write: No space left on device" in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_33_help_on_a_full_disk_is_reported_too() -> None:
    done = shell("tdr --help > /dev/full")
    assert done.returncode == 2
    assert b"No space left" in done.stderr


def test_34_a_bug_is_told_in_one_line_with_a_code_of_its_own() -> None:
    broken = (
        "import tdr.cli.boundary as b, tdr.query as q, sys\n"
        "def boom(*a, **k): raise RuntimeError('bad \\x1b[31m thing')\n"
        "q.Evidence.select = boom\n"
        "sys.exit(b.main(['list', *sys.argv[1:]]))"
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (70, b"")
    assert done.stderr.startswith(b"tdr: internal error: RuntimeError: bad \\x1b[31m thing")
    assert done.stderr.count(b"\n") == 1


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
    [["list", "-n", "1_000"], ["list", "-n", "5.0"], ["list", "-n", "-3"], ["list", "-n", "x"],
     ["list", "extra"], ["show"], ["refs", "0"], ["terms"], [], ["--nonsense"]],
)  # fmt: skip
def test_35_usage_errors_exit_2(run: Tdr, argv: list[str]) -> None:
    done = run(*argv)
    assert done.exit == 2
    assert "Traceback" not in done.err


# -- D. terminals and locales ---------------------------------------------


@pytest.mark.parametrize("columns", ["1", "20", "40", "79", "300", "0", "-5", "abc", "", "100000"])
def test_42_no_width_loses_an_id(run: Tdr, columns: str) -> None:
    wanted = run("list", "-t", "radio", "-o", "ids").out.split()
    shown = "".join(run("list", "-t", "radio", "-o", "table", COLUMNS=columns).out.split())
    assert all(identifier in shown for identifier in wanted)
    assert run("--help", COLUMNS=columns).out.count("list") >= 1


def on_a_terminal(*argv: str, **env: str) -> bytes:
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *argv],
        stdout=secondary,
        stderr=secondary,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"TERM": "xterm"} | env,
    )
    os.close(secondary)
    shown = b""
    while True:
        try:
            data = os.read(primary, 65536)
        except OSError:
            break
        shown += data
    os.close(primary)
    process.wait()
    return shown


def test_43_colour_follows_the_agreed_order(run: Tdr) -> None:
    assert b"\x1b[" in on_a_terminal("list", "-t", "radio")
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}):
        assert b"\x1b" not in on_a_terminal("list", "-t", "radio", **env), env
    assert b"\x1b" not in on_a_terminal("--color", "never", "list", "-t", "radio")
    assert b"\x1b[" in on_a_terminal("list", "-t", "radio", NO_COLOR="")
    piped = ("list", "-t", "radio", "-o", "table")
    assert "\x1b" not in run(*piped).out
    assert "\x1b[" in run(*piped, FORCE_COLOR="1").out
    assert "\x1b[" in run("--color", "always", *piped, NO_COLOR="1").out
    for form in ("json", "csv", "tsv", "jsonl", "yaml", "markdown", "ids"):
        assert "\x1b" not in run("--color", "always", "list", "-o", form, FORCE_COLOR="1").out


def test_43_errors_are_plain_even_in_ci() -> None:
    shown = on_a_terminal("list", "-c", "xyz", GITHUB_ACTIONS="true", PY_COLORS="1", NO_COLOR="1")
    assert b"\x1b" not in shown


SURROUNDINGS = {
    "COLUMNS": "20", "TERM": "dumb", "LC_ALL": "C", "PYTHONHASHSEED": "7",
    "PYTHONIOENCODING": "latin-1", "TZ": "Asia/Tokyo",
}  # fmt: skip


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "markdown", "yaml", "ids"])
def test_44_what_is_written_does_not_depend_on_the_surroundings(run: Tdr, form: str) -> None:
    argv = ("list", "-c", "TAM", "-o", form)
    plain = run(*argv).raw
    assert plain
    assert run(*argv, **SURROUNDINGS).raw == plain
    assert run("--no-cache", *argv, PYTHONHASHSEED="11").raw == plain


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "utf-8:strict"},
    ],
    ids=str,
)
def test_45_no_locale_breaks_a_command(run: Tdr, argv: list[str], env: dict[str, str]) -> None:
    done = run(*argv, "-o", "table", **env)
    assert done.exit == 0, done.err
    assert done.out


def test_46_completion_offers_nothing_that_a_shell_could_run(run: Tdr, tmp_path: Path) -> None:
    evidence = copied(tmp_path)
    cells = evidence / "vocabulary" / "cells.yaml"
    cells.write_text(
        cells.read_text() + '  - label: "Mast\\\\$(touch X) `touch X` cell"\n  - label: Mastix\n'
    )
    for shell_name, env in {
        "zsh": {"_TYPER_COMPLETE_ARGS": "tdr list --cell Mast"},
        "bash": {"COMP_WORDS": "tdr list --cell Mast", "COMP_CWORD": "3"},
    }.items():
        done = run(_TDR_COMPLETE=f"complete_{shell_name}", TDR_EVIDENCE=str(evidence), **env)
        assert done.exit == 0
        assert "Mastix" in done.out
        assert "touch" not in done.out


def test_46_completion_never_fails(run: Tdr) -> None:
    done = run(
        _TDR_COMPLETE="complete_bash",
        COMP_WORDS="tdr show imm",
        COMP_CWORD="2",
        TDR_EVIDENCE="/nowhere",
    )
    assert (done.exit, done.out.strip(), done.err) == (0, "", "")


@pytest.mark.parametrize("argument", ["\x1b[31m", "[/x]", "\u202e", "x" * 5000, "a\nb"])
def test_48_hostile_arguments_are_shown_harmlessly(run: Tdr, argument: str) -> None:
    for argv in (
        ["show", argument],
        ["list", "-c", argument],
        ["list", "--sort", argument],
        ["list", "-r", argument],
        ["terms", argument],
        ["refs", argument],
        ["list", "--columns", argument],
        ["list", "--not", f"{argument}=x"],
        [argument],
    ):
        done = run(*argv)
        assert done.exit in (1, 2), argv
        assert "\x1b" not in done.err
        assert "\u202e" not in done.err
        assert "Traceback" not in done.err
        assert len(done.err) < 1500, argv
        assert done.err.count("\n") == 1, argv


def test_48_bytes_that_are_no_text_are_shown_escaped() -> None:
    done = shell(r"tdr show $'\xff\xfe'")
    assert done.returncode == 1
    assert b"\\udcff" in done.stderr


def copied(tmp_path: Path, name: str = "evidence") -> Path:
    import shutil

    return Path(shutil.copytree(SHIPPED, tmp_path / name))
