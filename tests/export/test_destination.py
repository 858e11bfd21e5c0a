"""Hazard 75 of the reliability contract: where data sets go, and what is never lost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.export.destination import new_directory, new_file
from tdr.model.errors import TdrError
from tests.conftest import Run
from tests.stepped import stepped_evidence


@pytest.fixture
def here(tmp_path: Path) -> Path:
    directory = tmp_path / "here"
    directory.mkdir()
    return directory


def write_set(name: Path, *, force: bool = False, fail: bool = False) -> None:
    with new_directory(str(name), "README.md", force=force) as made:
        (made / "data.tsv").write_text("new")
        (made / "README.md").write_text("new")
        if fail:
            raise OSError(28, "No space left on device")


def test_a_new_file_is_there_when_it_is_whole(here: Path) -> None:
    with new_file(str(here / "a.txt")) as made:
        made.write_text("half")
        assert not (here / "a.txt").exists()
        made.write_text("whole")
    assert (here / "a.txt").read_text() == "whole"
    assert os.listdir(here) == ["a.txt"]


@pytest.mark.parametrize("force", [False, True])
def test_a_file_that_fails_leaves_what_was_there(here: Path, force: bool) -> None:
    """Hazard 75."""
    if force:
        (here / "a.txt").write_text("old")
    before = sorted(os.listdir(here))

    def fill_the_disk() -> None:
        with new_file(str(here / "a.txt"), force=force) as made:
            made.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(TdrError, match="cannot be written: No space left"):
        fill_the_disk()
    assert sorted(os.listdir(here)) == before
    assert not force or (here / "a.txt").read_text() == "old"


def test_what_exists_is_refused_and_replaced_by_force(here: Path) -> None:
    """Hazard 75."""
    file = here / "a.txt"
    file.write_text("old")
    file.chmod(0o640)
    with pytest.raises(TdrError, match="exists; --force"), new_file(str(file)):
        pass
    with new_file(str(file), force=True) as made:
        made.write_text("new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o640)


@pytest.mark.parametrize("force", [False, True])
def test_a_link_or_a_directory_is_never_replaced(here: Path, force: bool) -> None:
    (here / "theirs").write_text("theirs")
    (here / "link").symlink_to(here / "theirs")
    (here / "directory").mkdir()
    for name, said in (("link", "is a symbolic link"), ("directory", "is a directory")):
        with pytest.raises(TdrError, match=said), new_file(str(here / name), force=force):
            pass
    for name, said in (("link", "is a symbolic link"), ("theirs", "is a file")):
        with pytest.raises(TdrError, match=said):
            write_set(here / name, force=force)
    assert (here / "theirs").read_text() == "theirs"


def test_a_directory_appears_as_a_whole(here: Path) -> None:
    with pytest.raises(TdrError):
        write_set(here / "set", fail=True)
    assert os.listdir(here) == []
    write_set(here / "set")
    assert sorted(os.listdir(here / "set")) == ["README.md", "data.tsv"]


@pytest.mark.parametrize("name", ["here", "."])
def test_an_empty_directory_is_filled_a_full_one_only_by_force(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(here if name == "." else here.parent)
    write_set(Path(name))
    (here / "data.tsv").write_text("old")
    (here / "notes.txt").write_text("theirs")
    with pytest.raises(TdrError, match="exists; --force replaces"):
        write_set(Path(name))
    assert (here / "data.tsv").read_text() == "old"
    write_set(Path(name), force=True)
    assert (here / "data.tsv").read_text() == "new"
    assert (here / "notes.txt").read_text() == "theirs"


def test_a_set_is_without_its_manifest_until_the_last_file_is_in_place(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_set(here)
    replace = os.replace

    def no_more(source: Path, target: Path) -> None:
        if target.name == "data.tsv":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", no_more)
    with pytest.raises(TdrError, match="No space left"):
        write_set(here, force=True)
    assert os.listdir(here) == ["data.tsv"]


def test_a_directory_in_the_place_of_a_file_stops_everything(here: Path) -> None:
    (here / "data.tsv").mkdir()
    (here / "README.md").write_text("old")
    with pytest.raises(TdrError, match="is a directory; a file of this name"):
        write_set(here, force=True)
    assert (here / "README.md").read_text() == "old"


def test_without_hard_links_files_are_written_all_the_same(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with new_file(str(here / "a.txt")) as made:
        made.write_text("whole")
    assert (here / "a.txt").read_text() == "whole"


# --- the command ---------------------------------------------------------------------------


def test_export_says_what_it_wrote(run: Callable[..., Run], tmp_path: Path) -> None:
    evidence = stepped_evidence(tmp_path / "e")
    done = run(
        "--evidence",
        str(evidence),
        "export",
        "kgx",
        "out",
        "--promotes",
        "tumor-associated macrophage",
        cwd=tmp_path,
    )
    assert (done.exit, done.out, done.err) == (
        0,
        "",
        "wrote out: 6 nodes, 7 links from 2 claims with steps; 2 of 3 claims\n",
    )
    assert sorted(os.listdir(tmp_path / "out")) == ["README.md", "edges.tsv", "nodes.tsv"]
    assert "claims: 2 of 3" in (tmp_path / "out/README.md").read_text(encoding="utf-8")


def test_a_dash_is_stdout_for_a_text(run: Callable[..., Run], tmp_path: Path) -> None:
    evidence = stepped_evidence(tmp_path / "e")
    done = run("--evidence", str(evidence), "export", "sif", "-", "-k", "breast cancer")
    assert done.exit == 0
    assert done.out.startswith("tumor-associated macrophage\tsecretes\tCCL5\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("graphlm", "-"), "unknown format `graphlm`"),
        (("kgx", "-"), "kgx is a directory, no text; name one"),
        (("kgx", ""), "the name of the directory is empty"),
        (("sif", "there"), "exists; --force overwrites it"),
        (("kgx", "there", "--force"), "is a file; name a directory"),
        (("kgx", "e", "--force"), "is the evidence in use"),
        (("sif", "e/chemo.yml", "--force"), "taken for, an evidence file"),
        (("sif", "no/such/dir.sif"), "cannot be written: No such file or directory"),
        (("sif", "x.sif", "-c", "xyzzy"), "unknown cell `xyzzy`"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_touched(
    run: Callable[..., Run], tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    stepped_evidence(tmp_path / "e")
    (tmp_path / "there").write_text("theirs")
    done = run("--evidence", "e", "export", *argv, cwd=tmp_path)
    assert (done.exit, done.out) == (2, "")
    assert said in done.err
    assert sorted(os.listdir(tmp_path)) == ["e", "there"]
    assert (tmp_path / "there").read_text() == "theirs"


def test_a_directory_of_evidence_that_is_not_in_use_is_refused(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "collection.yaml").touch()
    done = run("export", "datapackage", str(tmp_path), "--force")
    assert (done.exit, done.out) == (2, "")
    assert done.err.endswith("error: is a directory of evidence; choose another name\n")


def test_a_disk_that_is_full_names_the_file(
    run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    stepped_evidence(tmp_path / "e")
    monkeypatch.setattr("tdr.export.sqlite._rows", full)
    done = run("--evidence", "e", "export", "sqlite", "x.db", cwd=tmp_path)
    assert (done.exit, done.out) == (2, "")
    assert "x.db: error: cannot be written: SQLite: database or disk is full" in done.err
    assert os.listdir(tmp_path) == ["e"]
