"""The command that draws the steps of claims as a network: graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tdr.cli.declare import flag, option
from tdr.cli.drawing import DRAWING_OPTIONS, DrawingOptions
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Group, Output, examples, number, output, refuse_beside, takes
from tdr.cli.session import Session
from tdr.model.errors import usage_error
from tdr.model.filters import Criteria
from tdr.render import Listing, Terminal, formats_of

_MAX_EDGES, _MAX_SLIDE_EDGES = 55, 30  # in a picture, on a slide; unless --top says otherwise


_FORMATS_SHOWN = {
    "figure": tuple(formats_of("chains")),
    "nodes": tuple(formats_of("nodes")),
    "dot": ("dot",),
    "mermaid": ("mermaid",),
}
"""Option that replaces the edges by something else -> the formats of that."""


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """How much of a network is shown, and in which form."""

    top: Annotated[
        int | None,
        option(
            "N",
            "At most N edges, of whole claims, those with most support first; always one claim "
            f"(in a picture: {_MAX_EDGES}, on a slide: {_MAX_SLIDE_EDGES}).",
            parser=number(1),
        ),
    ] = None
    figure: Annotated[
        bool, flag("--figure", "A panel for each cell: its chains to resistance.")
    ] = False
    nodes: Annotated[bool, flag("--nodes", "List the nodes, not the edges.")] = False
    dot: Annotated[bool, flag("--dot", "Print it as Graphviz DOT.")] = False
    mermaid: Annotated[bool, flag("--mermaid", "Print it as Mermaid.")] = False


NETWORK_OPTIONS = Group.of("network", NetworkOptions)


@takes(CRITERIA, output("edges"), NETWORK_OPTIONS, DRAWING_OPTIONS)
@examples("tdr graph -c TAM -t targeted", "tdr graph -t radio --figure --slide --svg radio.svg")
def graph_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    network: NetworkOptions,
    drawing: DrawingOptions,
) -> None:
    from tdr.ask.views.graph import Edge, graph
    from tdr.ask.views.network import Node

    shown = [name for name in _FORMATS_SHOWN if getattr(network, name)]
    wanted = [f"--{name}" for name in shown]
    if not network.figure:  # which can be a picture itself
        wanted += [f"--{name}" for name in drawing.files][:1]
    if output.format and any(output.format not in _FORMATS_SHOWN[name] for name in shown):
        wanted.append(f"-o {output.format}")
    if len(wanted) > 1:
        raise usage_error(f"{' and '.join(wanted)} exclude each other")
    refuse_beside("--figure", {"--top": network.figure and network.top})
    if network.dot or network.mermaid:
        output = output.replace(format="dot" if network.dot else "mermaid")
        output.refuse_ineffective("edges")
    pictured = drawing.wanted(output)
    evidence, selection = session.selected(criteria)
    if network.figure:
        from tdr.ask.views.figure import ChainGroup, figure

        panels = figure(evidence, selection)
        listing = Listing.of(evidence, ChainGroup, panels.chains, answer=panels)
        if pictured:
            drawing.picture(session, output, evidence, criteria, listing)
        else:
            output.emit(listing)
        session.streams.say(f"chains of {panels.claims} of {panels.selected} claims")
        return
    max_edges = _MAX_SLIDE_EDGES if drawing.slide else _MAX_EDGES
    found = graph(evidence, selection, top=network.top or (max_edges if pictured else None))
    listing = Listing.of(evidence, Edge, found.edges, answer=found)
    listing = listing._replace(related={"nodes": [node.to_dict() for node in found.nodes]})

    def draw(terminal: Terminal) -> str:
        from tdr.render.terminal.graph import tree  # drawn for people only

        return tree(found, terminal)

    if pictured:
        drawing.picture(session, output, evidence, criteria, listing)
    elif output.format in ("dot", "mermaid"):
        output.write(listing)
    elif network.nodes:
        output.emit(Listing.of(evidence, Node, found.nodes))
    else:
        output.emit(listing, None if output.sorted_or_limited else draw)
    if found.left_out:
        session.streams.say(
            f"left out: {found.left_out} of {found.claims} claims, "
            "those with least support (--top N)"
        )
    session.streams.say(f"steps of {found.claims - found.left_out} of {found.selected} claims")
