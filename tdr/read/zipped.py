"""Unpacks the evidence of a program that is one file (python -m zipapp): no path leads to it there.

The directory is removed when this process ends (`tdr.__main__.run` calls what is registered
here); if the process is killed, the next one removes it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tdr.read.system import is_running

_PREFIX = "tdr-evidence-"
_PARTS = ("evidence", "index.json", "index.sqlite")


def unpack_evidence() -> Path | None:
    """Write evidence and index to a new directory, and return it; None if there is no evidence."""
    package = files("tdr")
    if not (package / "evidence").is_dir():
        return None
    _remove_left_behind()
    directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    for name in _PARTS:
        _copy(package / name, directory / name)
    return directory


def _copy(source: Traversable, target: Path) -> None:
    if source.is_dir():
        target.mkdir()
        for entry in source.iterdir():
            _copy(entry, target / entry.name)
    elif source.is_file():
        target.write_bytes(source.read_bytes())


def _remove_left_behind() -> None:
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        process = directory.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdecimal() and not is_running(int(process)):
            shutil.rmtree(directory, ignore_errors=True)
