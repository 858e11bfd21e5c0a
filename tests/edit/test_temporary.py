"""Temporary files go with the process, and those of a killed one with the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.edit.temporary import Signals, remove_left_behind, temporary_path
from tdr.read.system import machine

NOBODY = 2**22 + 1  # no process has a number as high


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
def test_what_did_not_take_its_place_is_removed(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    with Signals() as signals, temporary_path(tmp_path / "x", signals) as temporary:
        make(temporary)
        assert temporary.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_an_ended_process_of_this_machine_left_goes_at_once(tmp_path: Path) -> None:
    kept = [f"{machine()}-{os.getpid()}", f"elsewhere-{NOBODY}", f"{machine()}-x", "x"]
    for mark in (*kept, f"{machine()}-{NOBODY}"):
        (tmp_path / f".tdr-{mark}-a.tmp").touch()
    remove_left_behind(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f".tdr-{mark}-a.tmp" for mark in kept
    )


DIRECTORY = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
from tdr.edit.temporary import temporary_directory
with temporary_directory() as outer, temporary_directory() as inner:
    (inner / "file").write_text("x")
    print(outer, inner, flush=True)
    time.sleep(10)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_temporary_directory_behind(number: int) -> None:
    command = [sys.executable, "-c", DIRECTORY]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    made = process.stdout.readline().decode().split()
    assert all(map(os.path.isdir, made))
    process.send_signal(number)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (-number, b"")
    assert not any(map(os.path.exists, made))
