"""A sound evidence directory of two claims, for tests that damage and rewrite it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.cli.boundary import main
from tests.conftest import Run

FILES = {
    "chemo.yaml": """\
therapy: chemo
claims:
  - id: che-001
    promotes: [tumor-associated macrophage]
    opposes: []
    cancers: []
    agents: [chemotherapy]
    effect: resistance
    mechanism: >-
      Macrophages in the tumor feed on glucose and release CCL5, which by STAT3 shields the
      tumor cells from chemotherapy.
    molecules: [CCL5, STAT3]
    pathways: []
    processes: [glucose metabolism]
    countered_by: []
    basis: []
    refs: [1]
    at: {section: chemo/immune, paragraph: 1}
    note: null

  - id: che-002
    promotes: []
    opposes: [CD8+ T cell]
    cancers: [breast cancer]
    agents: [chemotherapy]
    effect: sensitivity
    mechanism: >-
      T cells that stay active help chemotherapy in breast cancer.
    molecules: []
    pathways: [STAT3 signaling]
    processes: []
    countered_by: [STAT3 inhibitor]
    basis: [in vitro]
    refs: [2, 3]
    at: {section: chemo/immune, paragraph: 2}
    note: >-
      The cited title speaks of another cancer.
""",
    "references.yaml": """\
# What the source cites.
references:
  1:
    authors: [Doe J, Roe R]
    title: Macrophages and drugs
    journal: J Exp
    year: 2020
    cited_as: claim
    status: ok
  2:
    authors: [Poe E]
    title: "T cells: a study"
    journal: J Exp
    year: 2021
    pages: "12-14"
    cited_as: claim
    status: ok
  3:
    authors: [Moe M]
    title: More on T cells
    journal: J Exp
    year: 2022
    cited_as: claim
    status: ok
""",
    "source.yaml": """\
data_version: "1.0.0"
record:
  title: A review that exists for tests only
  authors: [Doe J]
  journal: J Exp
  year: 2024
  licence: CC BY 4.0
constants:
  knowledge_level: knowledge_assertion
sections:
  - name: chemo/immune
    paragraphs:
      - {words: 10, citations: [[1]]}
      - {words: 20, citations: [[2, 3]]}
""",
    "vocabulary/cells.yaml": """\
terms:
  - label: immune cell
  - label: tumor-associated macrophage
    abbreviation: TAM
    synonyms: [tumour macrophage]
    parents: [immune cell]
  - label: CD8+ T cell
    synonyms: [CD8-positive T cell]
    parents: [immune cell]
    xref: CL:0000625
    xref_label: "CD8-positive, alpha-beta T cell"
    xref_match: exact
""",
    "vocabulary/cancers.yaml": "terms:\n  - label: breast cancer\n    synonyms: [mamma Ca]\n",
    "vocabulary/agents.yaml": "terms:\n  - label: chemotherapy\n    synonyms: [chemo]\n",
    "vocabulary/molecules.yaml": """\
terms:
  - label: CCL5
    synonyms: [RANTES]
  - label: STAT3
""",
    "vocabulary/pathways.yaml": "terms:\n  - label: STAT3 signaling\n    synonyms: [STAT3 axis]\n",
    "vocabulary/processes.yaml": "terms:\n  - label: glucose metabolism\n",
}

CONTRARY = """
  - id: che-003
    promotes: []
    opposes: [tumor-associated macrophage, CD8+ T cell]
    cancers: []
    agents: [chemotherapy]
    effect: sensitivity
    mechanism: >-
      Macrophages (β) can also help.
    steps:
      - {from: tumor-associated macrophage, does: decreases, to: resistance}
      - {from: CD8+ T cell, does: decreases, to: resistance}
    molecules: []
    pathways: []
    processes: []
    countered_by: []
    basis: []
    refs: [3]
    at: {section: chemo/immune, paragraph: 2}
    note: The same cell acts the other way in another claim.
"""
"""A claim that contradicts the first of `chemo.yaml`."""


def small_evidence(directory: Path) -> Path:
    """Write the evidence into a new directory."""
    for name, text in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def runner(capfd: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run `tdr` in this process: ten times faster, where streams and signals do not matter."""

    def run_tdr(*argv: str, cwd: Path | None = None) -> Run:
        before = os.getcwd()
        os.chdir(cwd or before)
        capfd.readouterr()
        try:
            code = main(argv)
        finally:
            os.chdir(before)
        out, err = capfd.readouterr()
        return Run(code, out, err, out.encode())

    return run_tdr


FURTHER = {
    "source.yaml": """\
key: acar2016
state: draft
record:
  title: Another review that exists for tests only
  year: 2016
constants: {}
sections:
  - name: chemo/immune
    paragraphs:
      - {words: 10, citations: [[1], [2]]}
""",
    "references.yaml": """\
references:
  1:
    authors: [Yoe Y]
    title: Another work on macrophages
    journal: J Other
    year: 2015
    doi: 10.1000/other
  2:
    authors: [Zoe Z]
    title: Not curated yet
    journal: J Other
    year: 2016
""",
    "chemo.yaml": FILES["chemo.yaml"]
    .partition("\n  - id: che-002")[0]
    .replace("che-001", "acar2016-che-001"),
}
"""A second source, being worked on: one claim, which has the words of the first source's."""


def two_sources(directory: Path) -> Path:
    """The small evidence with a second source beside it."""
    folder = small_evidence(directory) / "sources" / "acar2016"
    folder.mkdir(parents=True)
    for name, text in FURTHER.items():
        (folder / name).write_text(text, encoding="utf-8")
    return directory
