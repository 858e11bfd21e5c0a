"""The signed steps of claims as one network that ends in resistance to each therapy.

A link is drawn once, however many claims state it, and names them. Two links that meet
in a node need not be of one claim: what follows only from joining them is no finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from tdr.ask.views.network import OUTCOME, Node, kind_in_network, node
from tdr.model.rows import Columns, Row
from tdr.model.steps import RELATIONS, Step
from tdr.model.therapies import Therapies
from tdr.model.values import Claim
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection

STEP_EFFECTS: Mapping[str, str] = {
    "raises": "raises amount or activity",
    "lowers": "lowers amount or activity",
    "goes with": "goes with it (association only)",
    "goes against": "goes against it (association only)",
    "touches": "contact, no direction said",
}
"""What a link does to its target; each is drawn in a way of its own."""


def effect(does: str) -> str:
    """The effect of a relation: one of STEP_EFFECTS."""
    effects = {1: "raises", -1: "lowers", 0: "touches"}
    return does if does in STEP_EFFECTS else effects[RELATIONS[does].sign]


@dataclass(frozen=True, slots=True)
class Edge(Row):
    """Steps of one effect between the same two ends, over the claims that state them.

    `source` and `target` are ids of nodes; a record has their names and kinds as well, for someone
    who does not see the nodes. `does` are the relations, `places` the cells in
    which it happens where some are said; `hedged` are those of the claims in which the source
    says can, could or may.
    """

    columns: ClassVar = Columns(
        "edges",
        shown=("source", "does", "target", "in", "claims", "refs", "hedged"),
        values={
            "source": lambda edge: edge.source.partition(":")[2],
            "source_kind": lambda edge: edge.source.partition(":")[0],
            "does": attrgetter("does"),
            "sign": lambda edge: RELATIONS[edge.does[0]].sign,
            "target": lambda edge: edge.target.partition(":")[2],
            "target_kind": lambda edge: edge.target.partition(":")[0],
            "in": attrgetter("places"),
            "claims": attrgetter("claims"),
            "refs": attrgetter("refs"),
            "hedged": attrgetter("hedged"),
            "source_id": attrgetter("source"),
            "target_id": attrgetter("target"),
        },
    )

    source: str
    target: str
    effect: str
    does: tuple[str, ...]
    places: tuple[str, ...]
    claims: tuple[str, ...]
    refs: tuple[ReferenceName, ...]
    hedged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of their first step, edges with the most claims first.

    Of `selected` claims `claims` have steps, and `left_out` of these are not drawn.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    claims: int
    selected: int
    left_out: int

    def records(self) -> list[dict[str, Any]]:
        """The edges as plain dictionaries, with the names and kinds of their ends."""
        return [edge.to_dict() for edge in self.edges]


def graph(evidence: Evidence, selection: Selection, *, top: int | None = None) -> Graph:
    """The network of the steps of the selected claims.

    With `top`, of so many edges at most: whole claims, those first whose steps other claims
    state as well. The first claim is drawn however many steps it has.
    """
    claims = [claim for claim in evidence.selected(selection) if claim.steps]
    stated = [(step, claim) for claim in claims for step in claim.steps]
    whole = network_of(evidence, stated, len(selection))
    if top is None or len(whole.edges) <= top:
        return whole
    drawn = _best_supported(whole.edges, claims, top)
    edges = tuple(edge for edge in whole.edges if not drawn.isdisjoint(edge.claims))
    nodes = tuple(_nodes(evidence.vocabulary, edges))
    return Graph(nodes, edges, whole.claims, whole.selected, whole.claims - len(drawn))


def network_of(evidence: Evidence, stated: Collection[tuple[Step, Claim]], selected: int) -> Graph:
    """The network of some steps, each with a claim that states it, of so many selected claims."""
    edges = tuple(_edges(evidence, stated))
    claims = len({claim.id for _, claim in stated})
    return Graph(tuple(_nodes(evidence.vocabulary, edges)), edges, claims, selected, 0)


def _edges(evidence: Evidence, stated: Iterable[tuple[Step, Claim]]) -> list[Edge]:
    found: dict[tuple[str, str, str], list[tuple[Step, Claim]]] = {}

    @cache
    def key(label: str, therapy: str) -> str:
        return _id(evidence.vocabulary, evidence.therapies, label, therapy)

    for step, claim in stated:
        ends = key(step.source, claim.therapy), key(step.target, claim.therapy)
        found.setdefault((*ends, effect(step.does)), []).append((step, claim))
    edges = [_edge(evidence, *ends, of_edge) for ends, of_edge in found.items()]
    return sorted(edges, key=lambda edge: -len(edge.claims))


def _id(vocabulary: Vocabulary, therapies: Therapies, label: str, therapy: str) -> str:
    """`kind:label`; resistance is one node for each therapy."""
    kind = kind_in_network(vocabulary, label)
    return f"{kind}:{label}" + (f" to {therapies[therapy].full_name}" if kind == OUTCOME else "")


def _edge(
    evidence: Evidence, source: str, target: str, what: str, stated: Sequence[tuple[Step, Claim]]
) -> Edge:
    claims = {claim.id: claim for _, claim in stated}.values()
    return Edge(
        source,
        target,
        what,
        tuple(dict.fromkeys(step.does for step, _ in stated)),
        tuple(dict.fromkeys(step.place for step, _ in stated if step.place)),
        tuple(claim.id for claim in claims),
        evidence.refs_of(claims),
        tuple(claim.id for claim in claims if claim.hedged),
    )


def _best_supported(edges: Iterable[Edge], claims: Sequence[Claim], top: int) -> set[str]:
    """Ids of the claims of which `top` edges at most are drawn."""
    of_claim: dict[str, set[int]] = {claim.id: set() for claim in claims}
    shared = dict.fromkeys(of_claim, 0)
    for number, edge in enumerate(edges):
        for id_ in edge.claims:
            of_claim[id_].add(number)
            shared[id_] += len(edge.claims) - 1
    drawn: set[str] = set()
    there: set[int] = set()
    for id_ in sorted(of_claim, key=lambda id_: -shared[id_] / len(of_claim[id_])):
        if not drawn or len(there | of_claim[id_]) <= top:
            drawn.add(id_)
            there |= of_claim[id_]
    return drawn


def _nodes(vocabulary: Vocabulary, edges: Iterable[Edge]) -> list[Node]:
    claims: dict[str, set[str]] = {}
    for edge in edges:
        for key in (edge.source, edge.target):
            claims.setdefault(key, set()).update(edge.claims)
    ends = ((key.partition(":"), len(ids)) for key, ids in claims.items())
    return [node(vocabulary, kind, label, count) for (kind, _, label), count in ends]
