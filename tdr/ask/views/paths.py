"""The chains of signed steps that lead from one thing to another.

Within a claim a chain is what the source says. Across claims it is put together from several:
nobody has said it, and every such chain says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from tdr.ask.views.steps import SOURCE, TARGET, End, end
from tdr.model.rows import Columns, Row
from tdr.model.steps import RESISTANCE, Effort, Step, Way, arrows, sign_of, ways
from tdr.model.text import fold
from tdr.model.values import Claim

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection

MOST_CHAINS = 1_000
"""So many chains are given, the shortest ones."""

LONGEST_JOINED = 6
"""So many links has the longest chain across claims; what is longer is no hypothesis any more."""

_MOST_FOUND = 10_000
_MOST_CLAIMS = 20_000
_AT_ONCE = 1_000
_MOST_STEPS = 100_000
"""Different steps that are in memory at once, of as many claims as have them."""

_LINKS_FOLLOWED = 500_000


@dataclass(frozen=True, slots=True)
class Link:
    """A step of a chain and all claims that state it."""

    step: Step
    claims: tuple[Claim, ...]
    refs: tuple[ReferenceName, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.step.to_dict(),
            "sign": self.step.sign,
            "claims": [claim.id for claim in self.claims],
            "refs": list(self.refs),
        }


@dataclass(frozen=True, slots=True)
class Chain(Row):
    """Links of which each begins where the one before ends.

    `claims` are those that state it together, as few as do. `sign` is the product of the signs
    of the links. `joined` says what a chain is that no single claim states.
    """

    columns: ClassVar = Columns(
        "paths",
        shown=("chain", "sign", "claims", "refs", "agents", "joined"),
        id="chain",
        values={
            "from": lambda chain: chain.way[0].source,
            "to": lambda chain: chain.way[-1].target,
            "sign": attrgetter("sign"),
            "length": lambda chain: len(chain.links),
            "chain": lambda chain: arrows(chain.way),
            "links": lambda chain: [link.to_dict() for link in chain.links],
            "claims": lambda chain: [claim.id for claim in chain.claims],
            "refs": attrgetter("refs"),
            "therapies": lambda chain: _each(claim.therapy for claim in chain.claims),
            "agents": lambda chain: _each(a for claim in chain.claims for a in claim.agents),
            "cancers": lambda chain: _each(c for claim in chain.claims for c in claim.cancers),
            "hedged": lambda chain: any(claim.hedged for claim in chain.claims),
            "joined": attrgetter("joined"),
        },
    )

    links: tuple[Link, ...]
    claims: tuple[Claim, ...]
    refs: tuple[ReferenceName, ...]

    @property
    def way(self) -> Way:
        return tuple(link.step for link in self.links)

    @property
    def sign(self) -> int:
        return sign_of(self.way)

    @property
    def joined(self) -> str | None:
        count = len(self.claims)
        return f"joined from {count} claims: a hypothesis, not a finding" if count > 1 else None


def _each(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


@dataclass(frozen=True, slots=True)
class Paths:
    """The chains, shortest first; what the two ends were taken to mean; and, where the search
    was cut, what was left out."""

    chains: tuple[Chain, ...]
    expansions: tuple[str, ...] = ()
    cut: str = ""

    def records(self) -> list[dict[str, Any]]:
        """The chains as plain dictionaries."""
        return [chain.to_dict() for chain in self.chains]


def paths(
    evidence: Evidence,
    selection: Selection,
    start: str,
    to: str = RESISTANCE,
    *,
    across: bool = False,
    exact: bool = False,
) -> Paths:
    """The chains from one thing to another, narrower terms included at both ends.

    Each within one of the selected claims, or `across` them. The search is bounded in time and
    in memory. Raises TdrError for a name that is not known.
    """
    first = end(evidence, SOURCE, start, None, exact=exact)
    last = end(evidence, TARGET, to, None, exact=exact)
    look = _across if across else _within
    chains, cut = look(evidence, selection.bits, first, last)
    expansions = tuple(dict.fromkeys(filter(None, (first.expansion, last.expansion))))
    if len(expansions) > 1 and fold(start) == fold(to):  # one name, but narrower terms of each end
        of_ends = zip(("from", "to"), expansions, strict=True)
        expansions = tuple(f"{place} {text}" for place, text in of_ends)
    return Paths(tuple(chains[:MOST_CHAINS]), expansions, cut)


def _within(evidence: Evidence, selected: int, first: End, last: End) -> tuple[list[Chain], str]:
    index = evidence.index
    bits = (
        selected & index.claims_with(SOURCE, first.labels) & index.claims_with(TARGET, last.labels)
    )
    effort = Effort(_LINKS_FOLLOWED)
    found: list[tuple[int, Way]] = []
    ways_of: dict[tuple[Step, ...], list[Way]] = {}
    for number, steps in _steps_of(evidence, bits):
        if steps not in ways_of:  # of many claims, some say the same
            of_claim = ways(steps, first.labels, last.labels, effort=effort)
            ways_of[steps] = list(islice(of_claim, MOST_CHAINS + 1))
        found += ((number, way) for way in ways_of[steps])
        if len(found) >= _MOST_FOUND:
            break
    found.sort(key=lambda one: len(one[1]))
    shown = found[:MOST_CHAINS]
    numbers = sorted({number for number, _ in shown})
    claims = dict(zip(numbers, index.claims_at(iter(numbers)), strict=True))
    whole = bits.bit_count() <= _MOST_CLAIMS and not effort.spent
    chains = []
    for number, way in shown:
        stating, refs = (claims[number],), evidence.refs_of([claims[number]])
        chains.append(Chain(tuple(Link(step, stating, refs) for step in way), stating, refs))
    return chains, _cut(len(found), whole=whole)


def _steps_of(evidence: Evidence, bits: int) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """The first claims of a bitmap with their steps; no claim is read."""
    known: dict[int, Step] = {}
    stated = islice(evidence.index.steps_of(bits), _MOST_CLAIMS)
    while some := list(islice(stated, _AT_ONCE)):
        new = {number for _, steps in some for number in steps if number not in known}
        known |= evidence.index.steps(new)
        yield from ((claim, tuple(map(known.__getitem__, steps))) for claim, steps in some)


def _cut(found: int, *, whole: bool) -> str:
    if not whole:
        return f"the search was cut after {_LINKS_FOLLOWED:,} links: there may be more chains"
    if found > MOST_CHAINS:
        return f"the {MOST_CHAINS:,} shortest chains; there are more"
    return ""


def _across(evidence: Evidence, selected: int, first: End, last: End) -> tuple[list[Chain], str]:
    stating, whole = _graph(evidence, selected, first.labels, last.labels)
    effort = Effort(_LINKS_FOLLOWED)
    found: list[Chain] = []
    for way in ways(stating, first.labels, last.labels, effort=effort, longest=LONGEST_JOINED):
        links = tuple(Link(s, tuple(stating[s]), evidence.refs_of(stating[s])) for s in way)
        claims = _fewest(links)
        found.append(Chain(links, claims, evidence.refs_of(claims)))
        if len(found) > MOST_CHAINS:
            break
    found.sort(key=lambda chain: (len(chain.links), len(chain.claims)))
    return found, _cut(len(found), whole=whole and not effort.spent)


def _graph(
    evidence: Evidence, selected: int, first: Iterable[str], last: Collection[str]
) -> tuple[dict[Step, list[Claim]], bool]:
    """The steps that can be reached from the first nodes with the claims that state them, and
    whether these are all; what is near is read first."""
    stating: dict[Step, list[Claim]] = {}
    after: dict[str, set[str]] = {}
    ends = frozenset(last)
    frontier, passed, read = set(first), set[str](), 0
    for _ in range(LONGEST_JOINED):
        bits = selected & evidence.index.claims_with(SOURCE, sorted(frontier)) & ~read
        for claim in evidence.index.claims(bits):
            for step in claim.steps:
                stating.setdefault(step, []).append(claim)
                after.setdefault(step.source, set()).add(step.target)
            if len(stating) >= _MOST_STEPS:
                return stating, False
        read |= bits
        passed |= frontier
        frontier = {node for source in frontier for node in after.get(source, ())}
        frontier -= passed | ends
        if not frontier:
            break
    return stating, True


def _fewest(links: Sequence[Link]) -> tuple[Claim, ...]:
    """A few claims that together state all links: each time the one with most of the rest."""
    claims = {claim.id: claim for link in links for claim in link.claims}
    rest = [{claim.id for claim in link.claims} for link in links]
    chosen: list[str] = []
    while rest:
        best = max(claims, key=lambda identifier: sum(identifier in ids for ids in rest))
        chosen.append(best)
        rest = [ids for ids in rest if best not in ids]
    return tuple(claims[identifier] for identifier in claims if identifier in chosen)
