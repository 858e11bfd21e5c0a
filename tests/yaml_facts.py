"""The evidence read straight from its YAML files, for tests that recount what the program says.

Nothing here uses the package: the reader is ruamel's safe one, the counting is plain loops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Claim = dict[str, Any]

FIELDS = {
    "cell": ("promotes", "opposes"),
    "therapy": ("therapy",),
    "cancer": ("cancers",),
    "agent": ("agents",),
    "pathway": ("pathways",),
    "molecule": ("molecules",),
    "process": ("processes",),
    "effect": ("effect",),
    "basis": ("basis",),
    "source": ("source",),
}


@dataclass(frozen=True)
class Facts:
    """Claims in file order, the first reference list, and the parents of every term by kind."""

    claims: list[Claim]
    references: dict[int, Any]
    parents: dict[str, dict[str, list[str]]]

    def above(self, kind: str, label: str) -> set[str]:
        """Every term above this one."""
        found: set[str] = set()
        waiting = list(self.parents[kind].get(label, []))
        while waiting:
            term = waiting.pop()
            if term not in found:
                found.add(term)
                waiting += self.parents[kind].get(term, [])
        return found

    def is_a(self, kind: str, label: str, wider: str) -> bool:
        return label == wider or wider in self.above(kind, label)

    def with_term(self, field: str, wider: str) -> list[Claim]:
        """The claims that name a term or a narrower one."""
        kind = field + "s" if field != "process" else "processes"
        return [c for c in self.claims if any(self.is_a(kind, v, wider) for v in values(c, field))]


def values(claim: Claim, field: str) -> list[str]:
    """The different values of a field of a claim."""
    found: list[str] = []
    for name in FIELDS[field]:
        value = claim.get(name) or []
        found += [value] if isinstance(value, str) else value
    return list(dict.fromkeys(found))


@cache
def read(directory: Path) -> Facts:
    claims = [
        {**claim, "therapy": therapy, "source": key}
        for key, folder in _sources(directory).items()
        for therapy in ("immunotherapy", "targeted", "chemo", "radio", "antiandrogen")
        if (path := folder / f"{therapy}.yaml").exists()
        for claim in _load(path)["claims"]
    ]
    parents = {
        path.stem: {
            term["label"]: term.get("parents") or [] for term in _load(path).get("terms", ())
        }
        for path in sorted((directory / "vocabulary").glob("*.yaml"))
    }
    return Facts(claims, _load(directory / "references.yaml")["references"], parents)


def references(directory: Path, key: str) -> dict[int, Any]:
    """The reference list of a source."""
    found: dict[int, Any] = _load(_sources(directory)[key] / "references.yaml")["references"]
    return found


def _sources(directory: Path) -> dict[str, Path]:
    """The folder of every source by its key, the first one first."""
    first = _load(directory / "source.yaml").get("key", "main")
    return {first: directory, **{p.name: p for p in sorted(directory.glob("sources/*"))}}


def _load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
