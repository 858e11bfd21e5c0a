"""A small evidence directory whose claims say how, in steps."""

from __future__ import annotations

import json
from pathlib import Path

from tests.small import small_evidence

CELL, TAM, MARKER = "CD8+ T cell", "tumor-associated macrophage", "STAT3 signaling"
CLAIMS = (
    {
        "id": "che-001",
        "promotes": [TAM],
        "cancers": ["breast cancer"],
        "agents": ["chemotherapy"],
        "effect": "resistance",
        "mechanism": "Macrophages release CCL5, and STAT3 shields tumor cells.",
        "steps": [
            {"from": TAM, "does": "secretes", "to": "CCL5"},
            {"from": "CCL5", "does": "activates", "to": MARKER, "in": CELL},
            {"from": MARKER, "does": "increases", "to": "resistance"},
            {"from": "STAT3 <blocker> & co|pilot", "does": "inhibits", "to": MARKER},
        ],
        "countered_by": ["STAT3 <blocker> & co|pilot"],
        "hedged": True,
        "refs": [1, 2],
        "at": {"section": "chemo/immune", "paragraph": 1},
        "verified": {"by": "Doe J", "date": "2026-01-02", "ref": 1},
    },
    {
        "id": "che-002",
        "promotes": [TAM],
        "opposes": [CELL],
        "agents": ["chemotherapy"],
        "effect": "resistance",
        "mechanism": "Macrophages release CCL5 and keep T cells out.",
        "steps": [
            {"from": TAM, "does": "secretes", "to": "CCL5"},
            {"from": "CCL5", "does": "excludes", "to": CELL},
            {"from": CELL, "does": "goes against", "to": "resistance"},
        ],
        "refs": [3],
        "at": {"section": "chemo/immune", "paragraph": 2},
    },
    {
        "id": "che-003",
        "opposes": [CELL],
        "effect": "sensitivity",
        "mechanism": "T cells help; nobody says how.",
        "refs": [3],
        "at": {"section": "chemo/immune", "paragraph": 2},
    },
)
"""Two claims share a link, one has no steps."""

QUALIFIED = {
    "id": "che-001",
    "promotes": ["tumor-associated macrophage"],
    "effect": "resistance",
    "mechanism": "Macrophages resist.",
    "steps": [
        {"from": "tumor-associated macrophage", "does": "secretes", "to": "CCL5"},
        {"from": "CCL5", "does": "increases", "to": "resistance", "in": "CD8+ T cell"},
    ],
    "hedged": True,
    "refs": [1],
    "at": {"section": "chemo/immune", "paragraph": 1},
    "flags": ["broader", "inferred"],
    "note": "It is.",
    "primary": [{"ref": 1, "agrees": "partly", "differs": ["cell", "scope"]}],
    "verified": {"by": "Doe J", "date": "2026-01-02", "ref": 1},
}
"""A claim with steps, flags, a cited paper that was compared, and one who opened it."""


def stepped_evidence(directory: Path) -> Path:
    """Write the evidence into a new directory."""
    small_evidence(directory)
    (directory / "chemo.yaml").unlink()
    lines = "".join(json.dumps(claim) + "\n" for claim in CLAIMS)
    (directory / "chemo.jsonl").write_text(lines, encoding="utf-8")
    references = directory / "references.yaml"
    text = references.read_text(encoding="utf-8")
    text = text.replace("year: 2020\n", "year: 2020\n    doi: 10.1000/abc\n    pmid: '123'\n")
    text = text.replace("year: 2021\n", "year: 2021\n    pmcid: PMC77\n")
    references.write_text(text, encoding="utf-8")
    return directory
