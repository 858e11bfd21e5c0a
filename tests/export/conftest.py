"""Evidence with steps, and of two sources, opened once."""

from __future__ import annotations

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tests.small import two_sources
from tests.stepped import stepped_evidence


@pytest.fixture(scope="session")
def stepped(private_cache: object, tmp_path_factory: pytest.TempPathFactory) -> Evidence:  # noqa: ARG001 - its side effect
    """Three claims, seven steps."""
    return tdr.load(stepped_evidence(tmp_path_factory.mktemp("stepped")))


@pytest.fixture(scope="session")
def two(private_cache: object, tmp_path_factory: pytest.TempPathFactory) -> Evidence:  # noqa: ARG001 - its side effect
    """Two sources that list one work; a claim of the second has a step and was compared."""
    directory = two_sources(tmp_path_factory.mktemp("two"))
    references = directory / "references.yaml"
    text = references.read_text(encoding="utf-8")
    text = text.replace("    year: 2021\n", "    year: 2021\n    doi: 10.1000/other\n")
    references.write_text(text, encoding="utf-8")
    claims = directory / "sources" / "acar2016" / "chemo.yaml"
    text = claims.read_text(encoding="utf-8").rstrip()
    claims.write_text(f"{text}\n{_MORE}", encoding="utf-8")
    return tdr.load(directory)


_MORE = """\
    primary:
      - {ref: 1, agrees: partly, differs: [cell], says: It differs., read: abstract,
         date: '2026-01-02', by: machine}
    steps:
      - {from: tumor-associated macrophage, does: secretes, to: CCL5}
"""
