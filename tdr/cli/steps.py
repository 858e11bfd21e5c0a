"""Commands about the steps of claims, and the chains that they form: steps, path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from tdr.ask.views.steps import ENDS, StatedStep, count, step_criteria, steps
from tdr.cli import complete
from tdr.cli.declare import argument, flag, option
from tdr.cli.drawing import DRAWING_OPTIONS, DrawingOptions
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Output, examples, output, takes
from tdr.cli.session import Session
from tdr.model.filters import Criteria
from tdr.model.steps import RELATIONS, RESISTANCE
from tdr.model.text import quote
from tdr.render import Listing, PictureSettings, Terminal

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.views.paths import Chain

_PANEL = "Steps (repeat = or, different = and; filters choose the claims)"
_NODES = complete.terms(*ENDS.values())


@takes(CRITERIA, output("steps"))
@examples(
    "tdr steps --from TAM --does secretes",
    "tdr steps --to STAT3 --as pathway -t targeted -o csv > steps.csv",
)
def steps_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    acting: Annotated[
        list[str] | None,
        option(
            "NAME", "What acts, narrower terms included.", "--from", panel=_PANEL, complete=_NODES
        ),
    ] = None,
    does: Annotated[
        list[str] | None,
        option(
            "WORD",
            f"{', '.join(RELATIONS)}.",
            "--does",
            panel=_PANEL,
            complete=complete.words(*RELATIONS),
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        option("NAME", "What it acts on; resistance, too.", "--to", panel=_PANEL, complete=_NODES),
    ] = None,
    place: Annotated[
        list[str] | None,
        option(
            "CELL",
            "The cell in which it happens, where a claim says so.",
            "--in",
            panel=_PANEL,
            complete=complete.terms("cells"),
        ),
    ] = None,
    kind: Annotated[
        str | None,
        option(
            "KIND",
            "Which kind is meant by a name of several (STAT3), else the kind of the other end: "
            f"{', '.join(ENDS)}.",
            "--as",
            panel=_PANEL,
            complete=complete.words(*ENDS),
        ),
    ] = None,
) -> None:
    evidence, selection = session.selected(criteria)
    wanted = step_criteria(
        evidence,
        source=acting or (),
        does=does or (),
        target=target or (),
        place=place or (),
        kind=kind,
        exact=criteria.exact,
    )
    session.streams.say(*wanted.expansions)
    # Counted first, so that no more than one claim at a time is in memory.
    matched = count(evidence, selection, wanted)
    rows = steps(evidence, selection, wanted)
    output.emit(Listing.of(evidence, StatedStep, rows, matched=matched))


_FIRST_CHAINS = 20
"""How many chains a terminal or a picture shows unless more are asked for."""


@takes(CRITERIA, output("paths"), DRAWING_OPTIONS)
@examples(
    "tdr path CAF resistance -a gefitinib --svg chains.svg",
    "tdr path hypoxia MDSC --across -o json | jq '.paths[].chain'",
)
def path_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    drawing: DrawingOptions,
    a: Annotated[str, argument("A", "Where the chains begin, in any form.", complete=_NODES)],
    b: Annotated[str, argument("[B]", "Where they end.", complete=_NODES)] = RESISTANCE,
    across: Annotated[
        bool, flag("--across", "Join steps of different claims: hypotheses, marked so.")
    ] = False,
) -> None:
    from tdr.ask.views.paths import Chain, paths

    pictured = drawing.wanted(output.replace(limit=None))  # a picture can have a limit, too
    evidence, selection = session.selected(criteria)
    found = paths(evidence, selection, a, b, across=across, exact=criteria.exact)
    session.streams.say(*found.expansions)
    if found.cut:  # a warning: without it the number of paths would be false
        session.streams.warn(found.cut)
    if pictured:
        shown = found.chains[: output.limit or _FIRST_CHAINS]
        settings = PictureSettings(drawing.title, " · ".join(criteria.phrases()))
        drawing = replace(drawing, title=settings.title_or(f"Steps from {a} to {b}"))
        drawing.picture(session, output, evidence, criteria, _network(evidence, shown))
        if len(shown) < len(found.chains):
            text = f"{len(shown)} of {len(found.chains)} paths, the shortest (--limit N)"
            session.streams.say(text)
        return
    listing = Listing.of(evidence, Chain, found.chains)._replace(incomplete=found.cut)
    limit = _FIRST_CHAINS if output.limit is None and output.default_layout else output.limit
    output = output.replace(limit=limit)

    def draw(terminal: Terminal) -> str:
        from tdr.render.terminal.chains import chains_text  # drawn for people only

        return chains_text(found.chains[:limit], evidence, terminal)

    output.emit(listing, draw if found.chains and not output.sort else None)
    if found.chains:
        return
    if evidence.vocabulary.resolve("agents", b):
        session.streams.say(f"resistance to a treatment: tdr path {quote(a)} -a {quote(b)}")
    elif not any(steps for _, steps in evidence.index.steps_of(selection.bits)):
        session.streams.say("none of these claims says how: there are no steps")
    elif not across:
        session.streams.say("within one claim there is none; --across joins steps of several")


def _network(evidence: Evidence, chains: Sequence[Chain]) -> Listing:
    """The edges of the network that these chains form."""
    from tdr.ask.views.graph import Edge, network_of

    links = dict.fromkeys(
        (link.step, claim) for chain in chains for link in chain.links for claim in link.claims
    )
    found = network_of(evidence, links, len({claim.id for _, claim in links}))
    return Listing.of(evidence, Edge, found.edges, answer=found)
