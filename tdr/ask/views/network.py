"""The steps of claims as a network: what acts on what, every link with the claim that says so.

A link is one step of one claim. Claims that say the same stay beside each other, as parallel
links: each has its own references, cancers and doubts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tdr.ask.views.steps import ENDS, kind_of
from tdr.model.rows import Columns, Row
from tdr.model.steps import RESISTANCE, Step
from tdr.model.values import Claim, Reference, Term
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection

OUTCOME = "outcome"
"""Kind of the node `resistance`, in which chains end."""


@dataclass(frozen=True, slots=True)
class Node(Row):
    """One end of links. `label` is unique in a network, as labels are over all kinds of terms.

    `kind` is cell, agent, molecule, pathway, process, intervention or outcome, `term` what the
    vocabulary has on it, `lineage` where a cell comes from, and `claims` how many claims have it
    in their steps.
    """

    columns: ClassVar = Columns(
        "nodes",
        ("id", "label", "kind", "xref", "claims"),
        shown=("label", "kind", "xref", "claims"),
    )

    label: str
    kind: str
    term: Term | None
    lineage: str | None
    claims: int

    @property
    def id(self) -> str:
        """`kind:label`."""
        return f"{self.kind}:{self.label}"

    @property
    def xref(self) -> str | None:
        """The CURIE of the entry of an ontology, whether or not it means exactly the same."""
        return self.term.xref if self.term else None

    @property
    def identifier(self) -> str | None:
        """The CURIE, if it means exactly the same."""
        return self.xref if self.term and self.term.xref_match == "exact" else None


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """One step of one claim, and the references behind the claim."""

    claim: Claim
    number: int
    step: Step
    references: tuple[Reference, ...]

    @property
    def id(self) -> str:
        """Unique in a network: `che-001/2` is the second step of that claim."""
        return f"{self.claim.id}/{self.number}"

    def identified(self, field: str) -> list[str]:
        """The identifiers of one field (of IDENTIFIERS) that the references have."""
        return [value for one in self.references if (value := getattr(one, field))]


@dataclass(frozen=True)
class Network:
    """The nodes of a selection by label, in order of appearance, and its links in file order.

    `relations` is how many links say `secretes`, `activates` ..., `claims` how many claims
    have steps. Links are read anew each time, so a network may be larger than the memory.
    """

    nodes: Mapping[str, Node]
    relations: Mapping[str, int]
    claims: int
    _evidence: Evidence
    _selection: Selection

    @property
    def size(self) -> int:
        """The number of links."""
        return sum(self.relations.values())

    def steps(self) -> Iterator[ClaimStep]:
        for claim in self._evidence.selected(self._selection):
            references = self._evidence.references_of(claim.source)
            cited = tuple(references[number] for number in claim.refs if number in references)
            for number, step in enumerate(claim.steps, 1):
                yield ClaimStep(claim, number, step, cited)


def network(evidence: Evidence, selection: Selection) -> Network:
    """The network of the steps of the selected claims."""
    appearances: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    claims = 0
    for claim in evidence.selected(selection):
        ends = [end for step in claim.steps for end in (step.source, step.target)]
        appearances.update(list(dict.fromkeys(ends)))
        relations.update(step.does for step in claim.steps)
        claims += bool(ends)
    vocabulary = evidence.vocabulary
    nodes = {
        label: node(vocabulary, kind_in_network(vocabulary, label), label, count)
        for label, count in appearances.items()
    }
    return Network(nodes, relations, claims, evidence, selection)


def kind_in_network(vocabulary: Vocabulary, label: str) -> str:
    """What an end of a step is, as `kind_of` says; resistance is an outcome."""
    return OUTCOME if label == RESISTANCE else kind_of(vocabulary, label)


def node(vocabulary: Vocabulary, kind: str, label: str, claims: int) -> Node:
    """A node of this kind."""
    term = vocabulary.get(ENDS[kind], label) if kind in ENDS else None
    lineage = vocabulary.lineage(label) if kind == "cell" else None
    return Node(label, kind, term, lineage, claims)
