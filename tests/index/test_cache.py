"""The cache of indexes: it may change how long an answer takes, and nothing else."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tdr
from tdr.ask.query import Evidence
from tdr.index import cache
from tdr.index.cache import content_digest, write_shipped
from tdr.model.errors import TdrError
from tdr.model.fields import TERM_FIELDS
from tdr.model.values import KINDS
from tdr.read.dataset import read_support
from tdr.read.files import find_layout
from tests.conftest import REVIEW, Run
from tests.small import small_evidence

RunTdr = Callable[..., Run]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evidence: Evidence) -> Path:
    """A small evidence directory of one's own, with an empty cache."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    directory = tmp_path / "evidence"
    write_evidence(directory, evidence)
    return directory


def write_evidence(directory: Path, shipped: Evidence) -> None:
    """31 claims and only what they point to, so that a build takes milliseconds."""
    (directory / "vocabulary").mkdir(parents=True)
    claims = [claim for claim in shipped.claims if claim.id in ("imm-004", "and-001")]
    for kind in KINDS:
        used = {
            label
            for claim in claims
            for field, of in TERM_FIELDS.items()
            if of == kind
            for own in getattr(claim, field)
            for label in (own, *shipped.vocabulary.ancestors(kind, own))
        }
        terms = [shipped.vocabulary.terms(kind)[label].to_dict() for label in sorted(used)]
        known = [{k: v for k, v in term.items() if v and k != "kind"} for term in terms]
        write_json(directory / "vocabulary" / f"{kind}.yaml", {"terms": known})
    numbers = sorted({number for claim in claims for number in claim.refs})
    cited = {number: {"title": shipped.references[number].title} for number in numbers}
    lines = [f"  {number}: {json.dumps(entry)}\n" for number, entry in cited.items()]
    (directory / "references.yaml").write_text("references:\n" + "".join(lines), encoding="utf-8")
    shutil.copy(REVIEW / "source.yaml", directory)
    shutil.copy(REVIEW / "antiandrogen.yaml", directory)
    claim = next(claim for claim in claims if claim.id == "imm-004").to_dict()
    bulk = [json.dumps({**claim, "id": f"imm-{number:03}"}) + "\n" for number in range(30)]
    (directory / "immunotherapy.jsonl").write_text("".join(bulk), encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def files(own: Path) -> list[Path]:
    return sorted((own.parent / "home" / "tdr").iterdir())


def index_file(own: Path) -> Path:
    (found,) = (path for path in files(own) if path.suffix == ".sqlite")
    return found


def manifest_file(own: Path) -> Path:
    (found,) = (path for path in files(own) if path.suffix == ".json")
    return found


def everything(evidence: Evidence) -> tuple[object, ...]:
    from tdr.ask.search import search

    return (
        evidence.claims,
        evidence.references,
        tuple(evidence.vocabulary),
        evidence.source,
        evidence.filter(cell="monocyte"),
        search(evidence, "monocytes ccl2 pancreas"),
        evidence.index.data_version,
    )


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with each index that is built."""
    from tdr.index import build

    done: list[str] = []
    build_into = build.build_into

    def counted(*arguments: object) -> None:
        done.append("built")
        build_into(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(build, "build_into", counted)
    return done


# --- used when it may be --------------------------------------------------------------------


def test_an_index_is_built_once_and_used_again(own: Path, builds: list[str]) -> None:
    first = everything(tdr.load(own))
    assert everything(tdr.load(own)) == first
    assert len(builds) == 1
    assert everything(tdr.load(own, cache=False)) == first
    assert len(builds) == 2


def test_only_the_owner_can_read_the_cache(own: Path) -> None:
    tdr.load(own)
    directory = index_file(own).parent
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(own)} == {0o600}


def test_the_same_content_gives_the_same_index_byte_for_byte(own: Path) -> None:
    layout = find_layout(own)
    seen = set()
    for number in range(2):
        package = own.parent / f"package{number}"
        package.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        code = (
            "import sys; from pathlib import Path; from tdr.index.cache import write_shipped;"
            "from tdr.read.files import find_layout;"
            "write_shipped(find_layout(Path(sys.argv[1])), Path(sys.argv[2]))"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(own), str(package)], check=True, env=environment
        )
        seen.add((package / "index.sqlite").read_bytes())
        seen.add((package / "index.json").read_bytes())
    assert len(seen) == 2
    assert layout.root.path == own


def test_nothing_is_written_into_the_evidence(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(own.rglob("*"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(own / "vocabulary"))
    tdr.load(own)
    monkeypatch.setenv("XDG_CACHE_HOME", str(own))
    tdr.load(own)
    assert sorted(own.rglob("*")) == before


# --- what changes is seen -------------------------------------------------------------------


def test_an_edit_of_equal_length_and_time_is_seen(own: Path) -> None:
    path = own / "antiandrogen.yaml"
    before = tdr.load(own).index.find("and-001")
    info, text = path.stat(), path.read_text(encoding="utf-8")
    path.write_text(text.replace("supernatant", "Supernatant"), encoding="utf-8")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (info.st_size, info.st_mtime_ns)
    after = tdr.load(own).index.find("and-001")
    assert before is not None
    assert after is not None
    assert after.mechanism == before.mechanism.replace("supernatant", "Supernatant")


def test_large_files_are_hashed_again_only_when_touched(
    own: Path, monkeypatch: pytest.MonkeyPatch, builds: list[str]
) -> None:
    monkeypatch.setattr(cache, "_SMALL", 10)
    monkeypatch.setattr(cache, "_RACY_NS", 0)
    hashed = note_hashing(monkeypatch)
    tdr.load(own)
    hashed.clear()
    tdr.load(own)
    assert hashed == []
    os.utime(own / "immunotherapy.jsonl", (1, 1))
    tdr.load(own)
    assert hashed == ["immunotherapy.jsonl"]
    tdr.load(own)
    assert hashed == ["immunotherapy.jsonl"], "that it is unchanged has been noted"
    assert len(builds) == 1
    path = own / "antiandrogen.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("supernatant", "Supernatant"), encoding="utf-8")
    os.utime(path, (1, 1))
    found = tdr.load(own).index.find("and-001")
    assert found is not None
    assert "Supernatant" in found.mechanism


def test_a_large_file_changed_in_the_moment_of_the_manifest_is_not_trusted(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_SMALL", 10)
    tdr.load(own)
    hashed = note_hashing(monkeypatch)
    tdr.load(own)  # less than two seconds later
    assert "immunotherapy.jsonl" in hashed


def note_hashing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with the name of each file that is hashed."""
    hashed: list[str] = []
    hash_file = cache._hash_file

    def noted(path: Path) -> str:
        hashed.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(cache, "_hash_file", noted)
    return hashed


def test_removed_and_renamed_files_are_seen(own: Path) -> None:
    assert len(tdr.load(own)) == 31
    (own / "immunotherapy.jsonl").unlink()
    assert len(tdr.load(own)) == 1
    (own / "antiandrogen.yaml").rename(own / "radio.yaml")
    with pytest.raises(TdrError, match="radio"):
        tdr.load(own)


def test_an_edit_while_the_index_is_built_is_not_mixed_up(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tdr.index import build

    path = own / "antiandrogen.yaml"
    old = path.read_text(encoding="utf-8")
    write_support = build._write_support

    def edit_meanwhile(*arguments: object) -> None:
        path.write_text(old.replace("supernatant", "Supernatant"), encoding="utf-8")
        write_support(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(build, "_write_support", edit_meanwhile)
    tdr.load(own)
    path.write_text(old, encoding="utf-8")
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(own.parent / "home"))
    found = tdr.load(own).index.find("and-001")
    assert found is not None
    assert "supernatant" in found.mechanism


def test_the_version_of_the_data_is_a_matter_of_content_alone(
    own: Path, monkeypatch: pytest.MonkeyPatch, builds: list[str]
) -> None:
    before = tdr.load(own).index.data_version
    monkeypatch.setattr(cache, "INDEX_VERSION", 999)
    assert tdr.load(own).index.data_version == before
    assert len(builds) == 2, "another version does not use an index made by this one"
    monkeypatch.setattr(tdr, "__version__", "999")
    assert tdr.load(own).index.data_version == before
    assert len(builds) == 3


# --- what cannot be trusted is ignored ------------------------------------------------------


def test_no_corruption_changes_an_answer(
    own: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = everything(tdr.load(own))
    # Many rebuilds: what claims point to is read once, it is not what is damaged.
    support = read_support(find_layout(own))
    monkeypatch.setattr("tdr.index.build.read_support", lambda _: support)
    keep = {path: path.read_bytes() for path in files(own)}
    dice = random.Random(7)
    kinds = ("flip", "cut", "zero", "garbage", "swap", "grow", "remove", "json")
    for number in range(64):
        for path in files(own):
            path.unlink()
        for path, data in keep.items():
            path.write_bytes(data)
            path.chmod(0o600)
        path = dice.choice(list(keep))
        damage(path, kinds[number % len(kinds)], dice)
        assert everything(tdr.load(own)) == expected, (number, path.name)
    assert capfd.readouterr() == ("", "")


def damage(path: Path, kind: str, dice: random.Random) -> None:
    data = bytearray(path.read_bytes())
    place = dice.randrange(len(data))
    if kind == "flip":
        data[place] ^= 1 << dice.randrange(8)
    elif kind == "cut":
        del data[place:]
    elif kind == "zero":
        data[place : place + 4096] = bytes(len(data[place : place + 4096]))
    elif kind == "garbage":
        data = bytearray(dice.randbytes(len(data)))
    elif kind == "swap":
        data = data[place:] + data[:place]
    elif kind == "grow":
        data += b"\0"
    elif kind == "json":
        data = bytearray(strange_json(path, dice))
    path.write_bytes(data)
    if kind == "remove":
        path.unlink()


def strange_json(path: Path, dice: random.Random) -> bytes:
    """A manifest with one value exchanged for something odd, or something odd altogether."""
    odd: list[object] = [
        None,
        [],
        {},
        "..",
        "/etc/passwd",
        -1,
        1e400,
        True,
        [[[]]],
        {"sha256": []},
        "\ud800",
    ]
    if path.suffix != ".json" or dice.random() < 0.2:
        return dice.choice([b"[" * 100_000, b"{}", b"null", b"\xff", b'{"a": NaN}'])
    manifest = json.loads(path.read_bytes())
    target = dice.choice([manifest, manifest["index"], *manifest["files"].values()])
    target[dice.choice(list(target))] = dice.choice(odd)
    return json.dumps(manifest).encode()


def test_a_planted_index_is_ignored(own: Path) -> None:
    expected = everything(tdr.load(own))
    path = index_file(own)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE claim SET record = replace(record, 'CCL2', 'XYZ9')")
    connection.commit()
    connection.close()
    assert b"XYZ9" in path.read_bytes()
    assert everything(tdr.load(own)) == expected


def test_a_lock_on_the_index_changes_nothing(own: Path) -> None:
    tdr.load(own)

    def answer() -> tuple[float, object]:
        started = time.perf_counter()
        answered = everything(tdr.load(own))
        return time.perf_counter() - started, answered

    alone, expected = answer()
    connection = sqlite3.connect(index_file(own), isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    beside, answered = answer()
    assert answered == expected
    assert beside < alone + 1, "nobody waits for a lock"
    connection.close()


@pytest.mark.parametrize("kind", ["link", "writable", "file", "exchangeable"])
def test_an_unsafe_cache_directory_is_neither_read_nor_written(
    own: Path, kind: str, builds: list[str]
) -> None:
    expected = everything(tdr.load(own))
    home = own.parent / "home"
    directory = home / "tdr"
    if kind == "link":
        directory.rename(own.parent / "elsewhere")
        directory.symlink_to(own.parent / "elsewhere")
    elif kind == "writable":
        directory.chmod(0o770)
    elif kind == "file":
        shutil.rmtree(directory)
        directory.write_text("")
    else:
        home.chmod(0o777)
    before = [(p, p.stat().st_mtime_ns) for p in sorted(own.parent.rglob("*"))]
    assert everything(tdr.load(own)) == expected
    assert [(p, p.stat().st_mtime_ns) for p in sorted(own.parent.rglob("*"))] == before
    assert len(builds) == 2


@pytest.mark.parametrize(
    "environment",
    [
        {"XDG_CACHE_HOME": "/dev/null"},
        {"XDG_CACHE_HOME": "/proc/nowhere"},
        {"XDG_CACHE_HOME": "relative", "HOME": "relative"},
        {"XDG_CACHE_HOME": "", "HOME": "/nonexistent/home"},
        {"XDG_CACHE_HOME": "x" * 5000, "HOME": "/dev/null"},
    ],
)
def test_without_a_place_for_a_cache_everything_works(
    run: RunTdr, own: Path, environment: dict[str, str]
) -> None:
    expected = run("--evidence", str(own), "list", "-o", "json")
    assert expected.exit == 0
    assert run("--evidence", str(own), "list", "-o", "json", **environment) == expected
    assert not Path("relative").exists()


def test_a_full_disk_changes_nothing(own: Path) -> None:
    command = [sys.executable, "-P", "-m", "tdr", "--evidence", str(own), "list", "-o", "json"]
    whole = subprocess.run(command, capture_output=True, check=True)
    for path in files(own):
        path.unlink()
    limited = ["bash", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "bash", *command]
    done = subprocess.run(limited, capture_output=True, check=False)
    # Standard output is a pipe here; only files are limited.
    assert (done.returncode, done.stdout, done.stderr) == (0, whole.stdout, whole.stderr)


# --- many at once, and sudden ends ----------------------------------------------------------


def test_many_processes_at_once_get_the_same_answer(own: Path) -> None:
    command = [sys.executable, "-P", "-m", "tdr", "--evidence", str(own), "list", "-o", "json"]

    def one(_: int) -> tuple[int, bytes, bytes]:
        done = subprocess.run(command, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    with ThreadPoolExecutor(10) as pool:
        results = set(pool.map(one, range(10)))
    assert len(results) == 1
    assert not [path for path in files(own) if path.suffix == ".tmp"]


def test_a_killed_build_leaves_nothing_that_is_used(own: Path, builds: list[str]) -> None:
    with (own / "immunotherapy.jsonl").open("a", encoding="utf-8") as stream:
        claim = json.loads((own / "immunotherapy.jsonl").read_text().splitlines()[0])
        for number in range(20_000):
            stream.write(json.dumps({**claim, "id": f"imm-x{number}"}) + "\n")
    command = [sys.executable, "-P", "-m", "tdr", "--evidence", str(own), "list", "--count"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    directory = own.parent / "home" / "tdr"
    deadline = time.monotonic() + 20
    while not list(directory.glob(".tdr-*.tmp")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [path.suffix for path in files(own)] == [".tmp"]
    assert len(tdr.load(own)) == 20_031
    assert builds == ["built"]
    assert sorted(path.suffix for path in files(own)) == [".json", ".sqlite"], "swept as well"


def test_old_leftovers_are_removed_and_those_of_living_processes_kept(own: Path) -> None:
    tdr.load(own)
    directory = index_file(own).parent
    alive = directory / f".tdr-key-{os.getpid()}-1.tmp"
    old = directory / f".tdr-key-{os.getpid()}-2.tmp"
    for path in (alive, old):
        path.touch()
    os.utime(old, (1, 1))
    (own / "radio.yaml").write_text("therapy: radio\nclaims: []\n", encoding="utf-8")
    tdr.load(own)
    assert alive.exists()
    assert not old.exists()


def test_unsound_evidence_leaves_nothing_behind(own: Path) -> None:
    (own / "radio.yaml").write_text("therapy: radio\nclaims: [1]\n", encoding="utf-8")
    with pytest.raises(TdrError):
        tdr.load(own)
    assert files(own) == []


# --- the index that is shipped --------------------------------------------------------------


@pytest.fixture
def package(own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with evidence and an index made for it, as a wheel has it."""
    directory = own.parent / "package"
    directory.mkdir()
    own.rename(directory / "evidence")
    write_shipped(find_layout(directory / "evidence"), directory)
    monkeypatch.setattr(cache, "shipped_path", lambda: directory / "evidence")
    return directory


def test_the_shipped_index_is_used_wherever_it_is_unpacked(
    package: Path, builds: list[str]
) -> None:
    for path in package.rglob("*"):
        os.utime(path, (1, 1))
    assert len(tdr.load(package / "evidence")) == 31
    assert builds == []


def test_a_damaged_shipped_index_is_passed_over(package: Path, builds: list[str]) -> None:
    path = package / "index.sqlite"
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    assert len(tdr.load(package / "evidence")) == 31
    assert builds == ["built"]


def test_edited_shipped_evidence_is_compiled_anew(package: Path, builds: list[str]) -> None:
    (package / "evidence" / "immunotherapy.jsonl").unlink()
    assert len(tdr.load(package / "evidence")) == 1
    assert builds == ["built"]


def test_the_digest_is_of_names_and_content(own: Path) -> None:
    before = content_digest(find_layout(own))
    os.utime(own / "references.yaml", (1, 1))
    assert content_digest(find_layout(own)) == before
    (own / "antiandrogen.yaml").rename(own / "chemo.yaml")
    assert content_digest(find_layout(own)) != before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_a_build_leaves_nothing_in_the_cache(tmp_path: Path, number: int) -> None:
    """Hazard 31."""
    evidence = tmp_path / "evidence"
    shutil.copytree(REVIEW, evidence)
    claim = json.dumps(next(iter(tdr.load(REVIEW).filter(therapy="radio"))).to_dict())
    with (evidence / "radio.jsonl").open("w") as stream:
        for count in range(30_000):
            stream.write(claim.replace('"rad-001"', f'"rad-{count + 1000}"') + "\n")
    cache = tmp_path / "cache"
    program = [sys.executable, "-P", "-m", "tdr", "--evidence", str(evidence), "list", "--count"]
    process = subprocess.Popen(
        program, env=os.environ | {"XDG_CACHE_HOME": str(cache)}, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 10
    while not list(cache.glob("tdr/.tdr-*.tmp")) and time.monotonic() < until:
        time.sleep(0.01)
    assert list(cache.glob("tdr/.tdr-*.tmp"))
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert process.returncode in (-number, 128 + number)
    assert b"Traceback" not in err
    assert list(cache.glob("tdr/*")) == list(cache.glob("tdr/.tdr-*.tmp")) == []


# --- what the cache holds, and for how long --------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own: the directory in which indexes will be kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    return tmp_path / "own" / "tdr"


def test_an_index_goes_when_its_evidence_is_gone_or_nobody_used_it_for_long(
    kept: Path, tmp_path: Path
) -> None:
    gone, unused, used = (small_evidence(tmp_path / name) for name in ("gone", "unused", "used"))
    for directory in (gone, unused, used):
        tdr.load(directory)
    assert len(list(kept.glob("*.sqlite"))) == 3
    shutil.rmtree(gone)
    long_ago = time.time() - 91 * 24 * 3600
    for note in kept.glob("*.json"):
        os.utime(note, (long_ago, long_ago))
    tdr.load(used)  # using it counts
    tdr.load(small_evidence(tmp_path / "new"))  # building sweeps
    made_from = {json.loads(note.read_text())["directory"] for note in kept.glob("*.json")}
    assert made_from == {str(tmp_path / "used"), str(tmp_path / "new")}
    assert len(list(kept.glob("*.sqlite"))) == 2


def test_the_cache_can_be_looked_at_and_cleared(
    run: Callable[..., Run], kept: Path, small: Path
) -> None:
    assert run("--evidence", str(small), "list", "--count").out == "2\n"
    (index,) = kept.glob("*.sqlite")
    size = index.stat().st_size
    assert run("info", "--cache").out == f"{kept}: 1 indexes, {size:,} bytes\n"
    done = run("info", "--clear-cache")
    assert (done.exit, done.out) == (0, f"{kept}: 0 indexes, 0 bytes\n")
    assert done.err == "1 indexes removed\n"
    assert list(kept.iterdir()) == []
    assert run("--evidence", str(small), "list", "--count").out == "2\n"
