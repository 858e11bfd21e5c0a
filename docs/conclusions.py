"""docs/conclusions.md: the review's conclusions as queries, numbers from the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill

import tdr
from tdr.ask.views.axes import axis
from tdr.ask.views.conflicts import conflicts
from tdr.ask.views.stats import Breakdown, breakdown, stats
from tdr.model.filters import Criteria
from tdr.model.values import THERAPIES


def page() -> str:
    """The page, its console blocks still without output."""
    evidence = tdr.load()
    selection = evidence.select(Criteria())
    molecules = breakdown(evidence, selection, axis("molecule"))
    members = breakdown(evidence, selection, axis("member"))
    stat3 = next(row for row in molecules if row.term == "STAT3")
    others = [row for row in molecules if row is not stat3]
    in_names = next(row for row in members if row.term == "STAT3")
    ahead = [row.term for row in members if row.claims > in_names.claims]
    equals = [row.term for row in others[:5] if row.therapies >= stat3.therapies]
    facts = {(fact.about, fact.value): fact for fact in stats(evidence, selection)}
    stromal = facts["stromal cells", "of a named subtype"]
    found = conflicts(evidence, selection)
    same = _once(c.cell for c in found if c.kind != "subtype")
    contradicted = _once(c.cell for c in found if c.kind == "contradiction")
    subtypes = _once(c.cell for c in found if c.kind == "subtype")
    first = "Yes" if stat3.claims > others[0].claims else "Not by number of claims"
    stat3_answer = (
        f"{first}, but not alone. {stat3.claims} of {stat3.of} claims name STAT3 (next: "
        f"{others[0].term}, {others[0].claims}), under {stat3.therapies} of the {len(THERAPIES)} "
        f"therapies and with {stat3.cells} different cells (next: {_widest(others)}). "
        f"{_list(equals)} recur under as many therapies. Where the review names pathways as such, "
        f"STAT3 is part of the name in {in_names.claims} claims{_behind(ahead)}."
    )
    stromal_answer = (
        f"{'Mostly' if (stromal.share or 0) < 0.5 else 'No'}. {stromal.of} claims name a "
        f"non-immune stromal cell, and {stromal.count:g} of them ({stromal.share:.0%}) say which "
        "subtype; the others say fibroblast, mesenchymal stem cell, endothelial cell and the "
        "like. A subtype is what is narrower than the cells directly below 'non-immune stromal "
        "cell' or than the cancer-associated fibroblast."
    )
    sides_answer = (
        f"As one and the same cell: {_list(same)}; under one therapy, and so in contradiction: "
        f"{_list(contradicted)}. Through subtypes that differ: {_list(subtypes)}. "
        "What the review says of subsets that it does not name counts for the cell as a whole."
    )
    return f"""# What the review concludes, asked of its claims

Made by `make docs`. All numbers are claims of one review, counted as it words them: they say
what it tells often, not what is true or how strong the evidence is.

## Is STAT3 the pathway that recurs across therapies and cells?

{fill(stat3_answer, 96)}

```console
$ tdr stats --by molecule --limit 5
$ tdr stats --by member --limit 5
$ tdr matrix --rows molecule --cols therapy --top 5
```

## Do stromal cells lack subtypes?

{fill(stromal_answer, 96)}

```console
$ tdr stats 2>/dev/null | grep stromal
```

## Which cells act on both sides?

{fill(sides_answer, 96)}

```console
$ tdr conflicts --kind contradiction
$ tdr conflicts --kind subtype -o tsv --columns cell,therapies,promotes,opposes
```
"""


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
