"""What tests share: the review's claims, loaded once, and a way to run the program for real."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

import tdr
from tdr.ask.evidence import Evidence
from tests import fuzz  # noqa: F401 - registers the profiles

settings.load_profile("suite")  # until --hypothesis-profile asks for another

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SHIPPED = ROOT / "evidence"
PACKAGE = Path(tdr.__file__).parent
"""The package that is tested: beside the tests, or installed."""
REVIEW = TESTS / "review"
"""The review's claims alone, by links into the shipped evidence: tests count and compare these.

They are what `tdr` answers from in tests, so that a further source changes no number of them.
"""


@dataclass(frozen=True)
class Run:
    """What one run of the program came to."""

    exit: int
    out: str
    err: str
    raw: bytes


@pytest.fixture(scope="session", autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tests neither use nor touch the cache of the person who runs them, nor other evidence."""
    home = tmp_path_factory.mktemp("cache")
    os.environ["XDG_CACHE_HOME"] = str(home)
    os.environ["TDR_PAGER"] = "cat"  # nobody is there to press a key
    os.environ["TDR_EVIDENCE"] = str(REVIEW)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS"):
        os.environ.pop(name, None)
    return home


@pytest.fixture(scope="session")
def evidence(private_cache: Path) -> Evidence:  # noqa: ARG001 - only its side effect is needed
    """The review's claims."""
    return tdr.load(REVIEW, words=True)


@pytest.fixture(scope="session")
def run(private_cache: Path) -> Callable[..., Run]:  # noqa: ARG001 - only its side effect is needed
    """Run `tdr`; keyword arguments are environment variables.

    It runs in this process, which spares the time that Python needs to start; in a copy of it if
    it may read stdin; and in a new one if Python or the C library looks at one of the variables
    when it starts.
    """
    from tests.program import call, piped, started

    def run_tdr(*argv: str, stdin: bytes = b"", cwd: Path | None = None, **env: str) -> Run:
        if any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env):
            return started(stdin, *argv, cwd=cwd, env=env)
        if stdin or "-" in argv:
            return piped(stdin, *argv, cwd=cwd, env=env)
        with chdir(cwd or "."):
            return call(*argv, **env)

    return run_tdr


def contents(directory: Path) -> dict[Path, bytes]:
    """Every file below a directory."""
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A sound evidence directory of two claims, to be damaged."""
    from tests.small import small_evidence

    return small_evidence(tmp_path / "small")


@pytest.fixture(scope="session")
def three_claims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small evidence with a third claim that contradicts the first; nobody writes to it."""
    from tests.small import CONTRARY, small_evidence

    directory = small_evidence(tmp_path_factory.mktemp("three"))
    with (directory / "chemo.yaml").open("a") as claims:
        claims.write(CONTRARY)
    before = contents(directory)
    yield directory
    assert contents(directory) == before, "a test wrote to what all share"


@pytest.fixture
def three_come(three_claims: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What comes with tdr, and is extended by other evidence, is three claims."""
    monkeypatch.setattr("tdr.read.files.shipped_path", lambda: three_claims)
    return three_claims


@pytest.fixture(scope="session")
def review_paragraphs() -> list[dict[str, object]]:
    """The review's paragraphs with their text, from a local copy; tests skip where there is none.

    The text is not ours to distribute: it is looked for beside the checkout, never inside.
    """
    path = Path(os.environ.get("TDR_REVIEW", ROOT.parent / "shared/source/paragraphs.json"))
    if not path.is_file():
        pytest.skip("no local copy of the review's text")
    loaded: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def pytest_collection_finish() -> None:
    """Thousands of tests lie in memory from here on: look for garbage among them less often."""
    gc.set_threshold(100_000)
