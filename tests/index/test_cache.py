"""The cache of indexes: it may change how long an answer takes, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.index import cache, digest
from tdr.index.cache import write_shipped
from tdr.index.digest import content_digest
from tdr.model.errors import TdrError
from tdr.model.fields import TERM_FIELDS
from tdr.model.values import KINDS
from tdr.read import dataset
from tdr.read.documents import read_document
from tdr.read.files import find_layout
from tdr.read.yaml import Document
from tests.conftest import REVIEW, Run
from tests.program import start
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

    def counted(*arguments: object, words: bool) -> None:
        done.append("built" if words else "built without words")
        build_into(*arguments, words=words)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(build, "build_into", counted)
    return done


# --- used when it may be --------------------------------------------------------------------


def test_an_index_is_built_once_and_used_again(own: Path, builds: list[str]) -> None:
    first = everything(tdr.load(own))
    assert everything(tdr.load(own)) == first
    assert len(builds) == 1
    assert everything(tdr.load(own, cache=False)) == first
    assert len(builds) == 2


@pytest.fixture
def written(own: Path) -> Path:
    """The same without its bulk file, as evidence is that is being written."""
    (own / "immunotherapy.jsonl").unlink()
    return own


def test_the_first_search_adds_what_is_searched_by(written: Path, builds: list[str]) -> None:
    evidence = tdr.load(written)
    assert [claim.id for claim in evidence.filter(cell="CAF")] == ["and-001"]
    assert builds == ["built without words"]
    found = [evidence.search("supernatant").hits for _ in range(2)]
    assert [hit.claim.id for hit in found[0]] == ["and-001"]
    assert found[0] == found[1]
    assert builds == ["built without words", "built"], "once, and kept"
    assert tdr.load(written).search("supernatant").hits == found[0]
    assert builds == ["built without words", "built"]
    assert tdr.load(written, cache=False).search("supernatant").hits == found[0]


def test_who_is_going_to_search_builds_once(written: Path, builds: list[str], run: RunTdr) -> None:
    assert run("--evidence", str(written), "search", "supernatant").exit == 0
    assert run("--evidence", str(written), "list").exit == 0
    assert builds == ["built"]


def test_a_search_does_not_mix_evidence_with_what_it_has_become(written: Path) -> None:
    evidence = tdr.load(written)
    edited = written / "antiandrogen.yaml"
    edited.write_bytes(edited.read_bytes() + b"# more\n")
    with pytest.raises(TdrError, match="the evidence was changed while it was read"):
        evidence.search("supernatant")


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


# --- what changes is seen -------------------------------------------------------------------


def test_large_files_are_hashed_again_only_when_touched(
    own: Path, monkeypatch: pytest.MonkeyPatch, builds: list[str]
) -> None:
    monkeypatch.setattr(digest, "_SMALL", 10)
    monkeypatch.setattr(digest, "RACY_NS", 0)
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


def test_small_files_are_read_every_time_and_hashed_again_when_they_differ(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "RACY_NS", 0)
    tdr.load(own)
    hashed = note_hashing(monkeypatch)
    tdr.load(own)
    assert hashed == []
    checksum = digest.checksum
    monkeypatch.setattr(digest, "checksum", lambda path: checksum(path) + (path.name[0] == "r"))
    tdr.load(own)
    assert hashed == ["references.yaml"]


def test_a_large_file_changed_in_the_moment_of_the_manifest_is_not_trusted(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "_SMALL", 10)
    tdr.load(own)
    hashed = note_hashing(monkeypatch)
    tdr.load(own)  # less than two seconds later
    assert "immunotherapy.jsonl" in hashed


def note_hashing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with the name of each file that is hashed."""
    hashed: list[str] = []
    hash_file = digest._hash_file

    def noted(path: Path) -> str:
        hashed.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(digest, "_hash_file", noted)
    return hashed


def test_an_edit_while_the_index_is_built_is_not_mixed_up(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tdr.index import build

    path = own / "antiandrogen.yaml"
    old = path.read_text(encoding="utf-8")
    write_support = build._write_support

    def edit_meanwhile(*arguments: object, words: bool) -> None:
        path.write_text(old.replace("supernatant", "Supernatant"), encoding="utf-8")
        write_support(*arguments, words=words)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(build, "_write_support", edit_meanwhile)
    tdr.load(own)
    path.write_text(old, encoding="utf-8")
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(own.parent / "home"))
    found = tdr.load(own).index.find("and-001")
    assert found is not None
    assert "supernatant" in found.mechanism


def test_an_edit_that_is_taken_back_while_the_index_is_built_is_in_no_index(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 26."""
    from tdr.index import build

    path = own / "antiandrogen.yaml"
    old = path.read_text(encoding="utf-8")
    write_claims = build._write_claims

    def edit_and_undo(*arguments: Any) -> Any:
        path.write_text(old.replace("supernatant", "Supernatant"), encoding="utf-8")
        try:
            return write_claims(*arguments)
        finally:
            path.write_text(old, encoding="utf-8")

    with monkeypatch.context() as patched:
        patched.setattr(build, "_write_claims", edit_and_undo)
        tdr.load(own)
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
    assert index_file(own).exists(), "the one that another version made has been replaced"


# --- what cannot be trusted is ignored ------------------------------------------------------


def test_a_lock_on_the_index_changes_nothing(own: Path) -> None:
    tdr.load(own)
    expected = everything(tdr.load(own))
    connection = sqlite3.connect(index_file(own), isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert everything(tdr.load(own)) == expected
    connection.close()


# --- many at once, and sudden ends ----------------------------------------------------------


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
    assert builds == ["built without words"]


def test_files_that_ship_are_not_parsed_again(
    package: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(package / "evidence", own)
    replace(own / "vocabulary" / "cells.yaml", '"terms":', '"terms" :')
    parsed: list[str] = []

    def noted(path: Path, name: str) -> Document:
        parsed.append(path.name)
        return read_document(path, name)

    monkeypatch.setattr(dataset, "read_document", noted)
    tdr.load(own)
    assert parsed == ["cells.yaml"]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def built_twice(
    package: Path, own: Path, change: tuple[str, str, str], beside: list[Path]
) -> Iterator[object]:
    """What is built of changed evidence, or what is wrong with it: with the index that ships, and
    without."""
    shutil.copytree(package / "evidence", own)
    (own / "immunotherapy.jsonl").unlink()
    name, old, new = change
    replace(own / name, old, new)
    for _ in range(2):
        try:
            tdr.load([*beside, own], words=True)
            with closing(sqlite3.connect(index_file(own))) as connection:
                yield list(connection.iterdump())
        except TdrError as error:
            yield error.problems
        cache.clear_cache()
        (package / "index.json").unlink(missing_ok=True)


@pytest.mark.parametrize("is_beside", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        ("antiandrogen.yaml", "therapy:", "# seen\ntherapy:"),
        ("vocabulary/cells.yaml", '"terms":', '"terms" :'),
        ("source.yaml", "key:", "# seen\nkey:"),
    ],
)
def test_the_index_of_ones_own_evidence_is_the_same_where_none_ships(
    package: Path, own: Path, change: tuple[str, str, str], *, is_beside: bool
) -> None:
    beside = [package / "evidence"] if is_beside else []
    first, second = built_twice(package, own, change, beside)
    assert isinstance(first, list)
    assert first == second


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("references.yaml", "references:", "references:\n  x: {}"), "ref"),
        (("antiandrogen.yaml", "id:", "id: 1\n    id:"), "duplicate-key"),
        (("vocabulary/cells.yaml", "CL:0000084", "CL:0000542"), "term-form"),
    ],
)
def test_messages_have_the_same_places_where_no_index_ships(
    package: Path, own: Path, change: tuple[str, str, str], rule: str
) -> None:
    first, second = built_twice(package, own, change, [package / "evidence"])
    assert isinstance(first, tuple)
    assert rule in {problem.rule for problem in first}
    assert first == second


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
    environment = {"XDG_CACHE_HOME": str(cache)}
    child = start("--evidence", evidence, "list", "--count", env=environment)
    while not list(cache.glob("tdr/*")):
        time.sleep(0.005)
    os.kill(child.pid, number)
    done = child.wait()
    assert done.exit in (-number, 128 + number)
    assert "Traceback" not in done.err
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
