"""Hazards 62-67 of docs/hazards.md: commands that write evidence, through the program."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conftest import Run
from tests.fuzz import examples
from tests.program import HARMFUL, READING, WITHOUT_PRIVILEGE, call, forked, start
from tests.small import FILES, small_evidence

UNTIDY = FILES["chemo.yaml"].replace("refs: [1]", "refs:   [1]").replace("effect: ", "effect:   ")

NEW = ("new", "-t", "chemo", "--promotes", "TAM", "--agent", "Chemo", "--effect", "resistance",
       "--ref", "1", "--section", "chemo/immune", "--paragraph", "1", "--mechanism")  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_evidence(tmp_path / "small")


@pytest.fixture
def untidy(small: Path) -> Path:
    (small / "chemo.yaml").write_text(UNTIDY)
    return small


def new(evidence: Path, mechanism: str, *more: str) -> Run:
    return call("--evidence", evidence, *NEW, mechanism, *more)


def leftovers(evidence: Path) -> list[str]:
    return [path.name for path in evidence.rglob(".*")]


def digest(evidence: Path) -> dict[str, str]:
    files = sorted(path for path in evidence.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# -- 62: sudden ends -------------------------------------------------------


KILLED = """
import os, signal, sys
lines = 0
def follow(frame, event, _):
    global lines
    code = frame.f_code
    if not code.co_filename.endswith("atomic.py") or not (lines or code.co_name == "replace"):
        return None
    lines += event == "line"
    if lines == %d:
        os.kill(os.getpid(), signal.SIGKILL)
    return follow
sys.settrace(follow)
"""
"""Ends the program at one of the lines that replace a file, the first of which is 1."""


def test_kill_9_leaves_the_old_file_or_the_new_one(untidy: Path) -> None:
    """Hazard 62."""
    claims = untidy / "chemo.yaml"
    left, ends = [], []
    for line in count(1, 3):
        claims.write_text(UNTIDY)
        done = forked("--evidence", untidy, "fmt", before=partial(exec, KILLED % line, {}))
        ends.append(claims.read_text())
        for name in leftovers(untidy):
            left.append(Path(name).suffix)
            assert call("--evidence", untidy, "list", "--count").out == "2\n"
        if done.exit == 0:
            break
        assert done.exit == -signal.SIGKILL, done.err
    assert set(ends) == {UNTIDY, FILES["chemo.yaml"]}
    assert {*left} >= {".lock", ".tmp"}


KILLED_BETWEEN = """
import os, signal
replace = os.replace
def once(*paths):
    replace(*paths)
    os.kill(os.getpid(), signal.SIGKILL)
os.replace = once
"""


def test_a_paper_whose_claim_was_not_written_is_told_and_the_same_command_adds_it(
    small: Path,
) -> None:
    """Hazard 62."""
    own = small.with_name("own")
    assert call("init", str(own), "--empty").exit == 0
    shutil.copytree(small / "vocabulary", own / "vocabulary", dirs_exist_ok=True)
    add = ("--evidence", own, "add", "--title", "Fed by TAMs", *NEW[1 : NEW.index("--ref")],
           "--mechanism", "TAMs feed tumor cells.")  # fmt: skip
    killed = forked(*add, before=partial(exec, KILLED_BETWEEN, {}))
    assert killed.exit == -signal.SIGKILL
    found = call("check", own)
    assert found.exit == 0
    assert "references.yaml:3:3: warning: 1 of 1 papers wait for a claim: 1; " in found.out
    assert call(*add).out == "own-che-001\n"
    assert "cited-as" not in call("check", own).out
    assert leftovers(own) == []


@pytest.mark.parametrize(
    "argv", [("fmt",), (*NEW, "TAMs feed tumor cells.")], ids=lambda argv: argv[0]
)
def test_a_full_disk_leaves_the_old_file(untidy: Path, argv: tuple[str, ...]) -> None:
    """Hazard 62."""
    no_room = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (512, 512))
    done = forked("--evidence", untidy, *argv, before=no_room)
    assert done.exit == 2
    assert "error: " in done.err
    assert "File too large" in done.err
    assert (untidy / "chemo.yaml").read_text() == UNTIDY
    assert leftovers(untidy) == []


# -- 63: what a file is besides its content --------------------------------


@pytest.mark.parametrize(
    "argv", [("fmt",), (*NEW, "TAMs feed tumor cells.")], ids=lambda argv: argv[0]
)
def test_mode_owner_and_link_are_kept(untidy: Path, tmp_path: Path, argv: tuple[str, ...]) -> None:
    """Hazard 63."""
    target = tmp_path / "elsewhere.yaml"
    (untidy / "chemo.yaml").rename(target)
    target.chmod(0o664)
    (untidy / "chemo.yaml").symlink_to("../elsewhere.yaml")
    before = target.stat()
    assert call("--evidence", untidy, *argv).exit == 0
    after = target.stat()
    assert (untidy / "chemo.yaml").is_symlink()
    assert target.read_text() != UNTIDY
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


@pytest.mark.parametrize(
    "argv", [("fmt",), (*NEW, "TAMs feed tumor cells.")], ids=lambda argv: argv[0]
)
@pytest.mark.parametrize("why", ["hard link", "write-protected"])
def test_protected_and_hard_linked_files_need_force(
    untidy: Path, tmp_path: Path, argv: tuple[str, ...], why: str
) -> None:
    """Hazard 63."""
    claims = untidy / "chemo.yaml"
    if why == "hard link":
        (tmp_path / "other name").hardlink_to(claims)
    else:
        claims.chmod(0o444)
    done = call("--evidence", untidy, *argv)
    assert done.exit == 2
    assert why in done.err
    assert "--force" in done.err
    assert claims.read_text() == UNTIDY
    assert call("--evidence", untidy, *argv, "--force").exit == 0
    assert claims.read_text() != UNTIDY


def test_a_directory_that_cannot_be_written_to_is_a_failure(untidy: Path) -> None:
    """Hazard 63."""
    untidy.chmod(0o555)
    done = forked("--evidence", untidy, "fmt", before=partial(exec, WITHOUT_PRIVILEGE, {}))
    untidy.chmod(0o755)
    assert done.exit == 2
    assert "Permission denied" in done.err
    assert (untidy / "chemo.yaml").read_text() == UNTIDY


# -- 64: two at a time -----------------------------------------------------


def test_no_claim_of_many_writers_is_lost(small: Path) -> None:
    """Hazard 64."""
    children = [
        start("--evidence", small, *NEW, f"Macrophages of kind {number} feed tumor cells.")
        for number in range(8)
    ]
    done = [child.wait() for child in children]
    assert {run.exit for run in done} <= {0, 2}
    added = [run.out.strip() for run in done if run.exit == 0]
    assert added
    assert len(set(added)) == len(added)
    ids = call("--evidence", small, "list", "-o", "ids").out.split()
    assert ids == ["che-001", "che-002", *sorted(added)]
    assert all(": error: " in run.err for run in done if run.exit == 2)
    assert leftovers(small) == []


def test_what_changed_meanwhile_is_not_overwritten(
    untidy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 64."""
    from tdr.edit.atomic import EditedFile

    replace = EditedFile.replace

    def late(self: EditedFile, data: bytes) -> bool:
        self.target.write_text(UNTIDY + "# somebody else's work\n")
        return replace(self, data)

    monkeypatch.setattr(EditedFile, "replace", late)
    done = call("--evidence", untidy, "fmt")
    assert done.exit == 2
    assert "changed" in done.err
    assert (untidy / "chemo.yaml").read_text().endswith("# somebody else's work\n")


# -- 65: comments and layout -----------------------------------------------

COMMENTED = (
    "# head\n" + UNTIDY.replace("  - id: che-002", "  # before the second\n  - id: che-002")
    .replace("promotes: []\n", "promotes: []  # none named\n", 1) + "# foot\n"
)  # fmt: skip


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("final", [True, False], ids=["final newline", "no final newline"])
def test_every_byte_outside_of_what_is_edited_stays(
    small: Path, bom: bytes, end: str, final: bool
) -> None:
    """Hazard 65."""
    claims = small / "chemo.yaml"
    text = COMMENTED if final else COMMENTED.rstrip("\n")
    claims.write_bytes(bom + text.replace("\n", end).encode())
    before = claims.read_bytes().split(b"\n")
    assert call("--evidence", small, "fmt").exit == 0
    after = claims.read_bytes()
    assert after.startswith(bom)
    assert (after.count(b"\r\n") == after.count(b"\n")) if end == "\r\n" else b"\r" not in after
    changed = [line for line in after.split(b"\n") if line not in before]
    assert len(changed) == 3  # two `effect` and one `refs`
    for comment in (b"# head", b"# before the second", b"# none named", b"# foot"):
        assert comment in after
    assert new(small, "TAMs feed tumor cells.").exit == 0
    longer = claims.read_bytes().split(b"\n")
    lost = [
        line
        for line in after.split(b"\n")
        if line.strip() and line not in longer and b"therapy: " not in line  # which has the last id
    ]
    assert lost in ([], [b"# foot"])  # without a final newline, the foot gets one
    assert call("--evidence", small, "list", "--count").out == "3\n"


def test_an_edit_that_changes_nothing_touches_nothing(small: Path) -> None:
    """Hazard 65."""
    claims = small / "chemo.yaml"
    os.utime(claims, (1, 1))
    inode = claims.stat().st_ino
    before = digest(small)
    assert call("--evidence", small, "fmt").exit == 0
    assert (claims.stat().st_mtime, claims.stat().st_ino) == (1, inode)
    assert digest(small) == before


# -- 66: values ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["null", "1e3", "010", "yes", "~", "- x", "a: b # c", "&a *b !c %d @e `f`", "'", '"', "...",
     "---", "[x]", "{y}", "|", ">-", "? k", "<<: x", "emoji 👩\u200d🔬", "Ünïcödé β", "\\n", "a\\"],
)  # fmt: skip
def test_a_value_reads_back_as_it_was_given(small: Path, text: str) -> None:
    """Hazard 66."""
    mechanism = f"TAMs {text} tumor cells."
    done = new(small, mechanism, "--note", text)
    if done.exit:
        assert ": error: " in done.err
        assert (small / "chemo.yaml").read_text() == FILES["chemo.yaml"]
        return
    out = call("--evidence", small, "show", done.out.strip(), "-o", "json").out
    (claim,) = json.loads(out)["claims"]
    assert (claim["mechanism"], claim["note"]) == (mechanism, text)


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30))
@example("\x1b[31m")
@example("a\u202eb")
@example("\udcff")
@settings(max_examples=examples(0.6), suppress_health_check=list(HealthCheck))
def test_any_text_is_written_faithfully_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Hazard 66."""
    small = small_evidence(tmp_path_factory.getbasetemp() / "writing")
    done = new(small, "TAMs feed tumor cells.", "--note", text)
    assert done.exit in (0, 2), done.err
    assert not HARMFUL.search(done.out + done.err)
    written = (small / "chemo.yaml").read_text("utf-8")
    if done.exit == 2:
        assert written == FILES["chemo.yaml"]
        return
    assert not HARMFUL.search(written)
    shown = call("--evidence", small, "show", done.out.strip(), "-o", "json").out
    (claim,) = json.loads(shown)["claims"]
    assert (claim["note"] or "").split() == text.split()
    assert " error: " not in call("check", small).out


# -- 67: files that cannot be edited ---------------------------------------

BROKEN: dict[str, bytes] = {
    "syntax": b"therapy: chemo\nclaims: [\n",
    "encoding": b"therapy: chemo\nclaims: [] # \xff\n",
    "alias": b"therapy: chemo\nclaims: [*nobody]\n",
    "tag": b"!!python/object/apply:os.system therapy: chemo\nclaims: []\n",
    "two documents": b"therapy: chemo\nclaims: []\n---\nclaims: []\n",
    "conflict": b"therapy: chemo\n<<<<<<< HEAD\nclaims: []\n",
    "size": b"#" * (8 * 2**20 + 1),
    "depth": b"therapy: chemo\nclaims: " + b"[" * 99 + b"]" * 99 + b"\n",
    "root": b"- 1\n",
}
EDITS = (("fmt",), ("fmt", "--diff"), ("fmt", "--check"), ("check", "--fix"),
         ("check", "--fix", "--dry-run"), (*NEW, "TAMs feed."),
         (*NEW, "TAMs feed.", "--dry-run"))  # fmt: skip


@pytest.mark.parametrize("why", BROKEN)
def test_a_file_that_cannot_be_read_is_never_written(small: Path, why: str) -> None:
    """Hazard 67."""
    (small / "chemo.yaml").write_bytes(BROKEN[why])
    before = digest(small)
    for argv in EDITS:
        done = call("--evidence", small, *argv)
        assert done.exit == (1 if argv[0] == "check" else 2) or (why, argv[0]) == ("root", "fmt")
        assert not HARMFUL.search(done.out + done.err)
        assert digest(small) == before
        assert leftovers(small) == []


def test_a_dry_run_shows_what_would_change_and_writes_nothing(untidy: Path) -> None:
    """Hazard 67."""
    claims = untidy / "chemo.yaml"
    claims.write_text(UNTIDY.replace("note: null", 'note: "\\e[31m\\u202e"'))
    before = digest(untidy)
    for argv in (
        ("fmt", "--diff"),
        (*NEW, "TAMs feed tumor cells.", "--dry-run"),
        ("check", "--fix", "--dry-run"),
    ):
        done = call("--evidence", untidy, *argv)
        assert done.exit in (0, 1)
        assert not HARMFUL.search(done.out + done.err)
        assert digest(untidy) == before
        assert argv[0] == "check" or "+++ " in done.out
    assert leftovers(untidy) == []


@pytest.mark.parametrize("broken", [False, True])
def test_a_dry_run_of_fixes_ends_as_the_fixes_would(small: Path, broken: bool) -> None:
    """Hazard 67."""
    claims = small / "chemo.yaml"
    text = claims.read_text().replace("[tumor-associated macrophage]", "[TAM]", 1)
    claims.write_text(text.replace("refs: [1]", "refs: [7]") if broken else text)
    dry = call("check", small, "--fix", "--dry-run")
    assert "+    promotes: [tumor-associated macrophage]\n" in dry.out
    assert ("[ref-unknown]" in dry.err) == broken
    done = call("check", small, "--fix")
    assert dry.exit == done.exit == int(broken)
    assert done.out == "".join(f"{line}\n" for line in dry.err.split("\n") if "[ref-unk" in line)


def test_fixes_reach_a_protected_file_only_if_they_are_forced(small: Path) -> None:
    """Hazard 63."""
    claims = small / "chemo.yaml"
    claims.write_text(claims.read_text().replace("[tumor-associated macrophage]", "[TAM]", 1))
    claims.chmod(0o444)
    refused = call("check", small, "--fix")
    assert (refused.exit, "--force" in refused.err) == (2, True)
    assert call("check", small, "--fix", "--force").exit == 0
    assert claims.stat().st_mode & 0o777 == 0o444
    assert call("check", small, "--force").exit == 2


def test_commands_that_read_change_no_byte(small: Path) -> None:
    """Hazard 67."""
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in small.rglob("*.yaml")}
    for argv in (*READING, ("check",), ("fmt", "--check"), ("fmt", "--diff"), ("diff", ".", ".")):
        call("--evidence", small, *argv)
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in small.rglob("*.yaml")
    } == before
    assert leftovers(small) == []
