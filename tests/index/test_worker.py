"""Evidence read by a worker process: the same index and problems, however the worker ends."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr.index import worker
from tdr.index.batches import claim_batches
from tdr.index.build import build
from tdr.index.worker import decode_batch, encode_batch
from tdr.model.errors import TdrError
from tdr.read.dataset import read_support
from tdr.read.files import find_layout
from tests.bench import vary
from tests.small import small_evidence

Alone = Callable[[bool], None]

BATCH = 40
"""So many claims make a batch here."""


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Alone:
    """Says whether this process is to read for itself; batches are small in either."""
    monkeypatch.setattr(worker, "_processors", lambda: 2)
    monkeypatch.setattr("tdr.index.batches.BATCH_SIZE", BATCH)
    smaller = f"import tdr.index.batches as b; b.BATCH_SIZE = {BATCH}; from"
    monkeypatch.setattr(worker, "_PROGRAM", worker._PROGRAM.replace("from", smaller))

    def choose(is_alone: bool) -> None:
        monkeypatch.setattr(worker, "MIN_BYTES", sys.maxsize if is_alone else 0)

    return choose


@pytest.fixture(scope="module")
def bulk(three_claims: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than two batches of claims, a few of which are written in an odd way."""
    directory = small_evidence(tmp_path_factory.mktemp("bulk"))
    (directory / "chemo.yaml").unlink()
    with (directory / "chemo.jsonl").open("w", encoding="utf-8") as file:
        for number, claim in enumerate(vary(tdr.load(three_claims), 2 * BATCH + 10)):
            del claim["therapy"]
            if number % 20 == 7:
                claim["hedged"] = None
            file.write(json.dumps(claim, ensure_ascii=number % 2 == 0) + "\n")
    return directory


def index_of(directory: Path, target: Path) -> bytes:
    build(target, find_layout(directory, "x"), "0" * 64)
    return target.read_bytes()


def test_two_processes_make_the_same_bytes(
    bulk: Path, tmp_path: Path, alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone(True)
    made = index_of(bulk, tmp_path / "alone.db")
    alone(False)
    monkeypatch.setattr(worker, "claim_batches", None)  # the worker reads all of it
    assert index_of(bulk, tmp_path / "two.db") == made


def test_every_problem_travels_back(bulk: Path, tmp_path: Path, alone: Alone) -> None:
    bad = Path(shutil.copytree(bulk, tmp_path / "bad"))
    path = bad / "chemo.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace('"effect": "', '"effect": "un', 1)
    lines[5] = "{"
    lines[BATCH + 5] = lines[1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (bad / "radio.yaml").write_text("therapy: radio\nclaims:\n  - id: rad-001\n  - 7\n")
    told = []
    for is_alone in (True, False):
        alone(is_alone)
        with pytest.raises(TdrError) as caught:
            tdr.load(bad, cache=False)
        told.append(caught.value.problems)
    assert told[0] == told[1]
    assert len({problem.rule for problem in told[0]}) > 3


@pytest.mark.parametrize("start", ["raise SystemExit(1)", "print('no frame')"])
def test_a_process_that_breaks_off_is_done_without(
    tmp_path: Path, alone: Alone, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    small = small_evidence(tmp_path / "small")
    alone(True)
    expected = index_of(small, tmp_path / "a.db")
    alone(False)
    monkeypatch.setattr(worker, "_PROGRAM", start)
    assert index_of(small, tmp_path / "b.db") == expected


def test_without_an_interpreter_to_start_it_is_done_without(
    tmp_path: Path, alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = small_evidence(tmp_path / "small")
    alone(False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert len(tdr.load(small, cache=False)) == 2


def test_batches_are_the_same_after_the_way_through_a_pipe(
    bulk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdr.index.batches.BATCH_SIZE", BATCH)
    layout = find_layout(bulk, "x")
    found = list(claim_batches(layout, read_support(layout)))
    assert [len(batch.ids) for batch in found] == [BATCH, BATCH, 10]
    for batch in found:
        again = decode_batch(*encode_batch(batch))
        noted = {
            name: {value: list(offsets) for value, offsets in values.items()}
            for name, values in again.offsets.items()
        }
        assert noted == batch.offsets
        again.offsets = batch.offsets
        assert again == batch


@pytest.mark.parametrize("cut", [0, 1, 16, 18, 21])
def test_half_a_frame_is_none(cut: int) -> None:
    frame = worker._HEADER.pack(2, 1, 2, 1) + b"{}" + b"x" + b"\0\0" + b"\1"
    assert worker._frame(io.BytesIO(frame)) == (b"{}", b"x", b"\0\0", b"\1")
    assert worker._frame(io.BytesIO(frame[:cut])) is None
