"""Hazards 56-61 of docs/hazards.md: through the program, an index changes time only."""

from __future__ import annotations

import json
import os
import pickle
import random
import resource
import signal
import sqlite3
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.conftest import Run
from tests.program import call, forked, start
from tests.small import FILES, small_evidence


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_evidence(tmp_path / "small")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory for caches of one's own."""
    directory = tmp_path / "caches"
    directory.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CACHE_HOME", str(directory))
    return directory


def listed(evidence: Path, *options: str) -> Run:
    return call(*options, "--evidence", evidence, "list", "-o", "json")


class Touch:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.mark),))


def test_what_is_cached_is_plain_data_and_planted_pickles_are_never_loaded(
    small: Path, home: Path, tmp_path: Path
) -> None:
    """Hazard 56."""
    expected = listed(small)
    cached = sorted((home / "tdr").iterdir())
    assert {path.suffix for path in cached} == {".sqlite", ".json"}
    for path in cached:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        else:
            assert path.read_bytes().startswith(b"SQLite format 3\0")
        path.write_bytes(pickle.dumps(Touch(tmp_path / "mark")))
    (home / "tdr" / "x.pickle").write_bytes(pickle.dumps(Touch(tmp_path / "mark")))
    assert listed(small) == expected
    assert not (tmp_path / "mark").exists()


ODD = (None, [], {}, "..", "/etc/passwd", -1, 1e400, True, [[[]]], {"sha256": []}, "\ud800")


@pytest.mark.parametrize(
    "damage",
    ["empty", "cut", "flip", "garbage", "deep", "object", "odd", "directory", "fifo", "device",
     "loop"],
)  # fmt: skip
def test_a_damaged_cache_changes_no_byte_of_any_stream(
    small: Path, home: Path, damage: str
) -> None:
    """Hazard 57."""
    expected = listed(small)
    assert expected == listed(small) == listed(small, "--no-cache")
    dice = random.Random(5)
    for suffix in (".json", ".sqlite"):
        for _ in range(6 if damage in ("cut", "flip", "odd") else 1):
            (path,) = (home / "tdr").glob(f"*{suffix}")
            data = bytearray(path.read_bytes())
            place = dice.randrange(len(data))
            if damage == "flip":
                data[place] ^= 1 << dice.randrange(8)
            elif damage == "cut":
                del data[place:]
            elif damage == "garbage":
                data = bytearray(dice.randbytes(5000))
            elif damage == "odd" and suffix == ".json":
                note = json.loads(data)
                target = dice.choice([note, note["index"], *note["files"].values()])
                target[dice.choice(list(target))] = dice.choice(ODD)
                data = bytearray(json.dumps(note).encode())
            path.unlink()
            if damage == "directory":
                path.mkdir()
            elif damage == "fifo":
                os.mkfifo(path)
            elif damage in ("device", "loop"):
                path.symlink_to("/dev/zero" if damage == "device" else path.name)
            else:
                path.write_bytes(
                    {"empty": b"", "deep": b"[" * 100_000, "object": b"{}"}.get(damage, bytes(data))
                )
            assert listed(small) == expected
            if damage == "directory":
                path.rmdir()  # still there: it was passed over, not replaced


def test_a_false_index_is_ignored(small: Path, home: Path) -> None:
    """Hazard 58."""
    expected = listed(small)
    (index,) = (home / "tdr").glob("*.sqlite")
    with closing(sqlite3.connect(index)) as database, database:
        for (table,) in database.execute(
            "select name from sqlite_master where type = 'table'"
        ).fetchall():
            for column in [row[1] for row in database.execute(f"pragma table_info('{table}')")]:
                database.execute(
                    f"update or ignore [{table}] "
                    f"set [{column}] = replace([{column}], 'glucose', 'poison') "
                    f"where typeof([{column}]) = 'text'"
                )
    database.close()
    assert b"poison" in index.read_bytes()
    assert listed(small) == expected


@pytest.mark.parametrize("why", ["777", "770", "link", "foreign", "file", "open above"])
def test_a_place_that_others_can_write_to_is_not_used(
    small: Path, home: Path, tmp_path: Path, why: str
) -> None:
    """Hazard 58."""
    place = home / "tdr"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if why == "link":
        place.symlink_to(elsewhere)
    elif why == "file":
        place.write_text("")
    else:
        place.mkdir(mode=0o700)
        if why == "foreign":
            if os.geteuid() != 0:
                pytest.skip("only root can give a directory to somebody else")
            os.chown(place, 65534, -1)
        elif why == "open above":
            home.chmod(0o777)
        else:
            place.chmod(int(why, 8))
    assert listed(small) == listed(small, "--no-cache")
    assert list(elsewhere.iterdir()) == []
    assert place.is_file() or list(place.iterdir()) == []


def test_the_cache_is_private_whatever_the_umask(small: Path, home: Path) -> None:
    """Hazard 58."""
    forked("--evidence", small, "list", before=partial(os.umask, 0))
    assert (home / "tdr").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (home / "tdr").iterdir()} == {0o600}


def test_nothing_is_written_into_the_evidence(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 58."""
    before = sorted(small.rglob("*"))
    for place in (small, small / "vocabulary", small / "cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        assert listed(small).exit == 0
        assert sorted(small.rglob("*")) == before


NOWHERE = ("", "/dev/null", "/dev/full", "/proc", "/sys", "/", "relative", "~/x",
           "/nonexistent/a/b", "/" + "x" * 5000, "/tmp/\x1b[31m/\udcff", "a\nb")  # fmt: skip


@pytest.mark.parametrize("place", NOWHERE, ids=lambda place: ascii(place)[:20])
def test_a_cache_that_cannot_be_written_is_done_without(
    small: Path, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 59."""
    monkeypatch.chdir(tmp_path)
    expected = listed(small, "--no-cache")
    assert expected.exit == 0
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    monkeypatch.setenv("HOME", "/nonexistent")
    assert listed(small) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small"]


def test_a_full_disk_is_done_without(small: Path, home: Path) -> None:
    """Hazard 59."""
    no_room = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1024, 1024))
    done = forked("--evidence", small, "list", "--count", before=no_room)
    assert (done.exit, done.out, done.err) == (0, "2\n", "")
    assert list((home / "tdr").glob("*.sqlite")) == []


def test_neither_a_home_nor_a_known_user_is_needed(home: Path) -> None:
    """Hazard 59."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    nobody = [partial(os.chdir, "/"), partial(os.setuid, 54321)]
    with tempfile.TemporaryDirectory() as place:  # below directories that everybody may enter
        Path(place).chmod(0o755)
        evidence = small_evidence(Path(place) / "e")
        expected = listed(evidence)  # loads what somebody else might not be allowed to
        assert expected.exit == 0
        with patch.dict(os.environ, clear=True):
            done = forked("--evidence", evidence, "list", "-o", "json", before=nobody)
    assert (done.exit, done.out, done.err) == (0, expected.out, expected.err)
    assert len(list((home / "tdr").iterdir())) == 2


def test_many_at_once_and_killed_ones_disturb_nobody(small: Path, home: Path) -> None:
    """Hazard 60."""
    expected = listed(small, "--no-cache")
    dice = random.Random(3)
    for _ in range(3):
        for path in (home / "tdr").glob("*"):
            path.unlink()
        victims = [start("--evidence", small, "list", "-o", "json") for _ in range(4)]
        others = [start("--evidence", small, "list", "-o", "json") for _ in range(4)]
        for victim in victims:
            time.sleep(dice.random() / 50)
            os.kill(victim.pid, signal.SIGKILL)
        assert {victim.wait().exit for victim in victims} <= {0, -signal.SIGKILL}
        assert [other.wait() for other in others] == [expected] * 4
    assert listed(small) == expected
    # What the killed ones left goes at the next build.
    (small / "chemo.yaml").write_text(FILES["chemo.yaml"].replace("glucose", "sugars", 1))
    listed(small)
    assert [path.suffix for path in (home / "tdr").iterdir() if path.suffix == ".tmp"] == []


def test_an_edit_of_equal_length_and_time_is_seen(small: Path, home: Path) -> None:  # noqa: ARG001 - a cache of its own
    """Hazard 61."""
    claims = small / "chemo.yaml"
    listed(small)
    status = claims.stat()
    claims.write_text(FILES["chemo.yaml"].replace("feed on", "f33d on"))
    os.utime(claims, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert claims.stat().st_size == status.st_size
    assert "f33d on" in listed(small).out
    assert "f33d on" in call("--evidence", small, "search", "glucose").out


def test_a_removed_or_renamed_file_is_gone(small: Path, home: Path) -> None:  # noqa: ARG001 - a cache of its own
    """Hazard 61."""
    claim = {
        "id": "rad-001", "effect": "resistance", "mechanism": "x", "refs": [1],
        "promotes": ["tumor-associated macrophage"],
        "at": {"section": "chemo/immune", "paragraph": 1},
    }  # fmt: skip
    (small / "radio.jsonl").write_text(json.dumps(claim) + "\n")
    count = ("--evidence", str(small), "list", "--count")
    assert call(*count).out == "3\n"
    (small / "radio.jsonl").rename(small / "targeted.jsonl")
    assert call(*count, "-t", "targeted").out == "1\n"
    assert call(*count, "-t", "radio").out == "0\n"
    (small / "targeted.jsonl").unlink()
    assert call(*count).out == "2\n"
