"""Score the search on files of queries: `python -P -m tests.score_search [-v] FILE...`.

A line of a file is {"query", "class", "relevant_refs"}; a hit is a claim that rests
on one of the relevant references. Printed are, per class and overall: MRR@10 (mean
of 1/rank of the first hit), how often the first claim is a hit, and recall@10 (how
many of the relevant references that any claim rests on are among the first ten).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tdr
from tdr.ask.query import Evidence
from tdr.ask.search import search

OWN = Path(__file__).with_name("queries.jsonl")
DEPTH = 10


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


def read_queries(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def answer(evidence: Evidence, queries: Iterable[dict[str, object]]) -> list[Answer]:
    """Search for each query and see where the relevant references turn up."""
    backed = {number for claim in evidence.claims for number in claim.refs}
    answers = []
    for item in queries:
        query = str(item["query"])
        relevant = set(item["relevant_refs"])  # type: ignore[call-overload]  # JSON list
        hits = search(evidence, query, limit=DEPTH).hits
        ranks = [hit.rank for hit in hits if relevant & set(hit.claim.refs)]
        seen = {number for hit in hits for number in hit.claim.refs} & relevant
        findable = relevant & backed
        answers.append(
            Answer(
                query,
                str(item["class"]),
                1 / ranks[0] if ranks else 0.0,
                len(seen) / len(findable) if findable else 1.0,
                tuple(hit.claim.id for hit in hits),
            )
        )
    return answers


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


def main(arguments: list[str]) -> None:
    evidence = tdr.load()
    verbose = "-v" in arguments
    for path in [Path(a) for a in arguments if a != "-v"] or [OWN]:
        answers = answer(evidence, read_queries(path))
        print(f"{path.name}\n{'class':<12}{'queries':>8}{'MRR@10':>9}{'first':>8}{'recall@10':>11}")
        for group, s in by_class(answers).items():
            print(f"{group:<12}{s.queries:>8}{s.mrr:>9.3f}{s.first:>8.3f}{s.recall:>11.3f}")
        if verbose:
            for a in answers:
                if a.reciprocal < 1 or a.recall < 1:
                    print(
                        f"  {a.reciprocal:.2f} {a.recall:.2f} [{a.group}] {a.query}: {a.found[:5]}"
                    )


if __name__ == "__main__":
    main(sys.argv[1:])
