"""docs/conclusions.md: the review's conclusions as queries, numbers from the evidence.

Each is asked twice: of the review's own claims, and of these with those of primary papers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from textwrap import fill

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.agreement import OtherSources
from tdr.ask.views.axes import axis
from tdr.ask.views.conflicts import conflicts
from tdr.ask.views.stats import Breakdown, breakdown, stats
from tdr.model.filters import Criteria

Answer = Callable[[Evidence, Selection], str]


def page() -> str:
    """The page, its console blocks still without output."""
    evidence = tdr.load()
    first, *_ = evidence.sources
    review = evidence.select(Criteria.of(source=first))
    everything = evidence.select(Criteria())

    def twice(answer: Answer) -> str:
        asked = {"The review": review, "With the papers": everything}
        answers = (f"{of}: {answer(evidence, selection)}" for of, selection in asked.items())
        return "\n\n".join(fill(text, 96, break_on_hyphens=False) for text in answers)

    return f"""# What the review concludes, asked of its claims

Made by `make docs`. All numbers are claims, counted as their sources word them: they say what is
told often, not what is true or how strong the evidence is. Each question is put to the claims of
the review (`--source {first}`) and to these together with those of primary papers, which were
chosen by what could be seen of them and not by a systematic search.

## Is STAT3 the pathway that recurs across therapies and cells?

{twice(_stat3)}

```console
$ tdr stats --by molecule --limit 5 --source {first}
$ tdr stats --by molecule --limit 5
$ tdr stats --by member --limit 5
$ tdr matrix --rows molecule --cols therapy --top 5
```

## Do stromal cells lack subtypes?

{twice(_stromal)}

```console
$ tdr stats --source {first} 2>/dev/null | grep stromal
$ tdr stats 2>/dev/null | grep stromal
```

## Which cells act on both sides?

{twice(_sides)}

What a source says of subsets that it does not name counts for the cell as a whole.

```console
$ tdr conflicts --kind contradiction --source {first}
$ tdr conflicts --kind subtype --source {first} -o tsv --columns cell,therapies,promotes,opposes
$ tdr conflicts --kind contradiction --across sources -o tsv --columns cell,promoted_by,opposed_by
```

## Does a second voice say the same?

{fill(_shared(evidence), 96, break_on_hyphens=False)}

```console
$ tdr stats --by cell --unit works --limit 6
$ tdr compare {first} papers --limit 6
```
"""


def _shared(evidence: Evidence) -> str:
    """How many findings of the review, as cell, therapy and side, other works tell or gainsay."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    first, *_ = evidence.sources
    others = OtherSources(evidence)
    for claim in evidence.filter(source=first):
        for heard in others.agreement(claim):
            key = (heard.cell, claim.therapy, heard.side)
            more, less = found.get(key, (0, 0))
            found[key] = (max(more, heard.agree.works), max(less, heard.disagree.works))
    told = {
        (cell, claim.therapy, side)
        for claim in evidence.filter(source=first)
        for side in ("promotes", "opposes")
        for cell in getattr(claim, side)
    }
    agreed = [key for key, (more, _) in found.items() if more]
    contrary = [f"{cell} ({therapy})" for (cell, therapy, _), (_, less) in found.items() if less]
    return (
        f"Of {len(told)} findings of the review, each a cell on one side under one therapy, "
        f"{len(agreed)} are told by works of the other source too. On {len(contrary)} a paper "
        f"has the cell on the other side: {_list(contrary)}. On the rest the papers that could be "
        "seen are silent, which says nothing against them."
    )


def _stat3(evidence: Evidence, selection: Selection) -> str:
    molecules = breakdown(evidence, selection, axis("molecule"))
    members = breakdown(evidence, selection, axis("member"))
    stat3 = next(row for row in molecules if row.term == "STAT3")
    others = [row for row in molecules if row is not stat3]
    in_names = next(row for row in members if row.term == "STAT3")
    ahead = [row.term for row in members if row.claims > in_names.claims]
    equals = [row.term for row in others[:5] if row.therapies >= stat3.therapies]
    first = "yes" if stat3.claims > others[0].claims else "not by number of claims"
    return (
        f"{first}, but not alone. {stat3.claims} of {stat3.of} claims name STAT3 (next: "
        f"{others[0].term}, {others[0].claims}), under {stat3.therapies} of the "
        f"{len(evidence.therapies)} "
        f"therapies and with {stat3.cells} different cells (next: {_widest(others)}). "
        f"{_list(equals)} recur under as many therapies. Where pathways are named as such, "
        f"STAT3 is part of the name in {in_names.claims} claims{_behind(ahead)}."
    )


def _stromal(evidence: Evidence, selection: Selection) -> str:
    facts = {(fact.about, fact.value): fact for fact in stats(evidence, selection)}
    stromal = facts["stromal cells", "of a named subtype"]
    return (
        f"{'mostly' if (stromal.share or 0) < 0.5 else 'no'}. {stromal.of} claims name a "
        f"non-immune stromal cell, and {stromal.count:g} of them ({stromal.share:.0%}) say which "
        "subtype; the others say fibroblast, mesenchymal stem cell, endothelial cell and the "
        "like. A subtype is what is narrower than the cells directly below 'non-immune stromal "
        "cell' or than the cancer-associated fibroblast."
    )


def _sides(evidence: Evidence, selection: Selection) -> str:
    found = conflicts(evidence, selection)
    same = _once(c.cell for c in found if c.kind != "subtype")
    contradicted = _once(c.cell for c in found if c.kind == "contradiction")
    subtypes = _once(c.cell for c in found if c.kind == "subtype")
    return (
        f"as one and the same cell: {_list(same)}; under one therapy, and so in contradiction: "
        f"{_list(contradicted)}. Through subtypes that differ: {_list(subtypes)}."
    )


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _list(names: Sequence[str]) -> str:
    if len(names) < 2:
        return names[0] if names else "none"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _widest(rows: Sequence[Breakdown]) -> str:
    row = max(rows, key=lambda one: one.cells)
    return f"{row.term}, {row.cells}"


def _behind(ahead: Sequence[str]) -> str:
    return f", fewer than {_list(ahead)}" if ahead else ", as many as any other"
