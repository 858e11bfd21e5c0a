"""Pages that are made from the program say what the program says."""

from __future__ import annotations

import doctest
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT
from tests.program import commands


def _generator() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


@pytest.mark.parametrize("page", GENERATOR.PAGES)
def test_a_generated_page_is_current_run_make_docs_otherwise(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GENERATOR, "PROGRAMS", commands())
    assert (ROOT / page).read_text(encoding="utf-8") == GENERATOR.PAGES[page]()


@pytest.mark.parametrize(
    "page",
    sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")),
    ids=lambda page: page.name,
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_examples_of_the_page_on_python_give_what_it_says() -> None:
    flags = doctest.ELLIPSIS
    done = doctest.testfile(str(ROOT / "docs/python.md"), module_relative=False, optionflags=flags)
    assert (done.attempted > 15, done.failed) == (True, 0)
