"""Score the search on files of queries: `python -P -m tests.score_search [-v] FILE...`.

A line of a file is {"query", "class", "claims"}, the ids of the claims that answer, or
{"query", "class", "relevant_refs"}: then a hit is a claim that rests on one of these
references. Printed are, per class and overall: MRR@10 (mean of 1/rank of the first hit),
how often the first claim is a hit, and recall@10 (how many of what is relevant and can be
found, ten at most, is among the first ten). Queries that are `held_out` were not looked at
while the search was improved; they are scored apart. Last it says which texts of
tests/nonsense.txt, which no claim answers, find something good.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.search import MIN_SCORE, Hit, search
from tdr.model.filters import Criteria
from tdr.model.values import Claim

OWN = Path(__file__).with_name("queries.jsonl")
NONSENSE = OWN.with_name("nonsense.txt")
"""Texts that no claim answers."""
DEPTH = 10
OF_THE_REVIEW = Criteria.of(source=("li2024",))


@dataclass(frozen=True)
class Score:
    """How good the answers to some queries are; all three from 0 to 1."""

    queries: int
    mrr: float
    first: float
    recall: float


@dataclass(frozen=True)
class Answer:
    """One query's ranks."""

    query: str
    group: str
    reciprocal: float
    recall: float
    found: tuple[str, ...]
    unexplained: tuple[str, ...]
    """Good answers of which nothing says why they are."""


def read_queries(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def answer(evidence: Evidence, queries: Iterable[dict[str, Any]]) -> list[Answer]:
    """Search for each query and see where what is relevant turns up."""
    every = tuple(evidence.selected(evidence.select(OF_THE_REVIEW)))
    answers = []
    for item in queries:
        by_id = "claims" in item
        relevant = set(item["claims" if by_id else "relevant_refs"])

        def answering(claim: Claim, relevant: set[Any] = relevant, by_id: bool = by_id) -> set[Any]:
            return relevant & ({claim.id} if by_id else set(claim.refs))

        hits = found(evidence, item["query"])
        claims = [hit.claim for hit in hits]
        ranks = [rank for rank, claim in enumerate(claims, 1) if answering(claim)]
        seen = {one for claim in claims for one in answering(claim)}
        findable = min(DEPTH, len({one for claim in every for one in answering(claim)}))
        answers.append(
            Answer(
                item["query"],
                item["class"],
                1 / ranks[0] if ranks else 0.0,
                min(1.0, len(seen) / findable) if findable else 1.0,
                tuple(claim.id for claim in claims),
                tuple(h.claim.id for h in hits if h.score >= MIN_SCORE and not h.matched),
            )
        )
    return answers


def found(evidence: Evidence, query: str) -> tuple[Hit, ...]:
    """The first hits among the review's claims, which the queries were written for."""
    result = search(evidence, query, evidence.select(OF_THE_REVIEW), limit=DEPTH)
    return (*result.hits, *result.weak)[:DEPTH]


def score(answers: Iterable[Answer]) -> Score:
    """Means over answers."""
    every = list(answers)
    count = max(1, len(every))
    return Score(
        len(every),
        sum(a.reciprocal for a in every) / count,
        sum(a.reciprocal == 1 for a in every) / count,
        sum(a.recall for a in every) / count,
    )


def by_class(answers: list[Answer]) -> dict[str, Score]:
    """The score of each class of queries, and `overall`."""
    groups = dict.fromkeys(a.group for a in answers)
    return {group: score(a for a in answers if a.group == group) for group in groups} | {
        "overall": score(answers)
    }


def parts(queries: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Queries by what they are there for: the first set, the second, and its held-out part."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in queries:
        first = "second round" if "claims" in item else "first round"
        found.setdefault("held out" if item.get("held_out") else first, []).append(item)
    return found


def main(arguments: list[str]) -> None:
    evidence = tdr.load()
    verbose = "-v" in arguments
    for path in [Path(a) for a in arguments if a != "-v"] or [OWN]:
        for name, queries in parts(read_queries(path)).items():
            answers = answer(evidence, queries)
            print(f"{path.name}, {name}")
            print(f"{'class':<12}{'queries':>8}{'MRR@10':>9}{'first':>8}{'recall@10':>11}")
            for group, s in by_class(answers).items():
                print(f"{group:<12}{s.queries:>8}{s.mrr:>9.3f}{s.first:>8.3f}{s.recall:>11.3f}")
            for a in answers if verbose and name != "held out" else ():
                if a.reciprocal < 1 or a.recall < 1:
                    print(
                        f"  {a.reciprocal:.2f} {a.recall:.2f} [{a.group}] {a.query}: {a.found[:5]}"
                    )
    texts = NONSENSE.read_text(encoding="utf-8").splitlines()
    wrong = [t for t in texts if search(evidence, t, evidence.select(OF_THE_REVIEW)).hits]
    print(f"{NONSENSE.name}: {len(wrong)} of {len(texts)} find something good", *wrong, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
