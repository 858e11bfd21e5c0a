"""The program where calls, flags, docstrings or a directory of its own are missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr.export.destination import new_file
from tests.conftest import PACKAGE, ROOT, SHIPPED
from tests.program import all_started

# What Python's documentation marks "Availability: Unix", as far as a program could use it.
WITHOUT_UNIX = """
import os, signal, sys
os.supports_dir_fd.clear()  # by which the standard library chooses what it calls
for name in os.environ["GONE"].split():
    for module in (os, signal):
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"):
    sys.modules[name] = None
import json
from tdr.cli.boundary import main
for argv in json.load(open(sys.argv[1])):
    sys.stderr.write(f"{main(argv)}\\n")
    sys.stderr.flush()
"""
UNIX_ONLY = (
    "chown chroot ctermid fchdir fchmod fchown fchownat fork forkpty fpathconf fstatvfs getegid "
    "geteuid getgid getgroups getloadavg getpgid getpgrp getpriority getresuid getresgid getsid "
    "getuid getxattr initgroups killpg lchown listxattr lockf major mkfifo mknod nice openpty "
    "pathconf posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev removexattr "
    "sendfile setegid seteuid setgid setpgid setpriority setsid setuid setxattr statvfs sync "
    "ttyname uname wait wait3 wait4 O_CLOEXEC O_DIRECTORY O_DSYNC O_NDELAY O_NOATIME O_NOCTTY "
    "O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC O_TMPFILE SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE "
    "SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH alarm pthread_sigmask sigwait"
)


def test_reading_and_writing_need_no_call_that_windows_lacks(small: Path, tmp_path: Path) -> None:
    with_small = ["--evidence", str(small)]
    new = ["--promotes", "TAM", "--ref", "1", "--section", "chemo/immune", "--paragraph", "1"]
    argvs: list[list[str]] = [
        [*with_small, "list", "--count"],
        [*with_small, "list", "--count"],  # from the cache
        [*with_small, "search", "macrophage"],
        ["check", str(small)],
        ["fmt", str(small)],
        [
            *with_small,
            "new",
            "-t",
            "chemo",
            *new,
            "--effect",
            "resistance",
            "--mechanism",
            "Macrophages keep the tumor alive.",
        ],
        [*with_small, "list", "--count"],
        [*with_small, "report", "--output", str(tmp_path / "report.html")],
    ]
    (tmp_path / "argvs").write_text(json.dumps(argvs))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX, str(tmp_path / "argvs")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GONE": UNIX_ONLY, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        cwd=ROOT,
    )
    codes = [line for line in done.stderr.splitlines() if line.isdigit()]
    assert codes == ["0"] * len(argvs), done.stderr
    assert "2\n2\n" in done.stdout
    assert "3\n" in done.stdout
    assert list((tmp_path / "cache/tdr").glob("*.sqlite"))
    assert (tmp_path / "report.html").stat().st_size > 1000


def test_help_and_rules_are_whole_without_docstrings(small: Path) -> None:
    argvs = [
        ["check", "--explain", "doi"],
        ["check", "--list-rules"],
        ["check", str(small), "-o", "sarif"],
        ["list", "--help"],
        ["--help"],
    ]
    whole = all_started(argvs)
    for part in ("A DOI begins with", "List the claims that match", "Explore referenced evidence"):
        assert part in whole
    assert all_started(argvs, PYTHONOPTIMIZE="2") == whole


def test_the_program_as_one_file_has_its_evidence_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    program, place = tmp_path / "tdr.pyz", tmp_path / "temporary"
    place.mkdir()
    (place / "tdr-evidence-99999999-killed").mkdir()  # more than there are processes
    (tmp_path / "__main__.py").write_text("from tdr.__main__ import run\nrun()\n")
    files = {
        f"{inside}/{path.relative_to(folder)}": path
        for folder, inside in ((PACKAGE, "tdr"), (SHIPPED, "tdr/evidence"))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(program, "w") as archive:
        archive.write(tmp_path / "__main__.py", "__main__.py")
        for name, path in files.items():
            archive.write(path, name)

    cache = tmp_path / "cache"
    private = {"TMPDIR": str(place), "XDG_CACHE_HOME": str(cache), "TDR_EVIDENCE": ""}

    def start(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(program), *argv],
            env={**os.environ, **private},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    listed = start("list", "--count")
    assert (listed.returncode, listed.stdout) == (0, f"{len(tdr.load())}\n")
    new = start("new", "-t", "chemo")
    assert (new.returncode, "not for editing" in new.stderr) == (2, True)
    assert list(place.iterdir()) == []


def test_threads_share_one_evidence(small: Path) -> None:
    """Hazard 79."""
    questions: list[Callable[[tdr.Evidence], object]] = [
        lambda evidence: [claim.id for claim in evidence.filter(cell="TAM")],
        lambda evidence: len(evidence.filter(molecule="CCL5")),
        lambda evidence: sorted(evidence.references),
        lambda evidence: [row.claims for row in evidence.terms("cells")],
        lambda evidence: evidence.search("macrophages").records(),
        lambda evidence: evidence.counter(therapy="chemo").records(),
        lambda evidence: evidence.matrix("cell", "molecule").records(),
        lambda evidence: evidence.steps().records(),
        lambda evidence: evidence.vocabulary.resolve("agents", "chemo"),
    ]
    for cache in (True, False):
        shared = tdr.load(small, cache=cache)
        expected = [ask(tdr.load(small)) for ask in questions]
        answers: list[object] = []

        def ask_all(shared: tdr.Evidence = shared, answers: list[object] = answers) -> None:
            answers.append([[ask(shared) for ask in questions] for _ in range(4)])

        threads = [threading.Thread(target=ask_all) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [[expected] * 4] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_and_what_was_read_in_part_get_right_answers(small: Path) -> None:
    """Hazard 79."""
    evidence = tdr.load(small)
    expected = [claim.id for claim in evidence.claims]
    half = iter(evidence.claims)
    assert next(half).id == expected[0]
    child = os.fork()
    if child == 0:  # a failed assertion here would run the rest of the tests a second time
        try:
            found = [claim.id for claim in tdr.load(small).claims], [c.id for c in evidence.claims]
            os._exit(0 if found == (expected, expected) else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert [claim.id for claim in half] == expected[1:]
    assert [claim.id for claim in evidence.claims] == expected


def test_a_new_file_needs_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 75."""

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with new_file(str(tmp_path / "new.html")) as made:
        made.write_bytes(b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["new.html"]
    assert (tmp_path / "new.html").read_bytes() == b"whole"


def test_without_hard_links_a_new_file_overwrites_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(_: Path, target: Path) -> None:
        Path(target).write_bytes(b"another's")  # somebody is faster
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(tdr.TdrError), new_file(str(tmp_path / "new.html")) as made:
        made.write_bytes(b"ours")
    assert (tmp_path / "new.html").read_bytes() == b"another's"
