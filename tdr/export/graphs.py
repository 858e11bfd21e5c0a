"""A network of steps for programs that draw and analyse networks: GraphML, Cytoscape, CX2, SIF.

All but SIF carry the same attributes of nodes and links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.network import ClaimStep, Network, Node, network
from tdr.export import Made
from tdr.model.table import VERIFIED, ClaimColumn
from tdr.model.text import visible
from tdr.model.values import IDENTIFIERS


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a node or a link carries: its name, the type of a value, whether it is a list."""

    name: str
    type: str  # string, long or boolean, as GraphML and CX2 call them
    of: Callable[[Any], Any]
    is_list: bool = False


def _of_term(name: str) -> Callable[[Node], Any]:
    return lambda node: getattr(node.term, name) if node.term else None


def _of_claim(name: str) -> Callable[[ClaimStep], Any]:
    return lambda link: getattr(link.claim, name)


def _of_column(column: ClaimColumn) -> Attribute:
    kind = {"text": "string", "number": "long", "flag": "boolean"}[column.type]
    return Attribute(column.name, kind, lambda link: column.of(link.claim))


def _identified(field: str) -> Callable[[ClaimStep], Any]:
    return lambda link: link.identified(field)


NODE: tuple[Attribute, ...] = (
    Attribute("name", "string", lambda node: node.label),
    Attribute("kind", "string", lambda node: node.kind),
    Attribute("abbreviation", "string", _of_term("abbreviation")),
    Attribute("xref", "string", lambda node: node.xref),
    Attribute("xref_match", "string", _of_term("xref_match")),
    Attribute("lineage", "string", lambda node: node.lineage),
    Attribute("claims", "long", lambda node: node.claims),
)
LINK: tuple[Attribute, ...] = (
    Attribute("name", "string", lambda link: str(link.step)),
    Attribute("interaction", "string", lambda link: link.step.does),
    Attribute("sign", "long", lambda link: link.step.sign),
    Attribute("association", "boolean", lambda link: link.step.association),
    Attribute("in", "string", lambda link: link.step.place),
    Attribute("claim", "string", _of_claim("id")),
    Attribute("source_key", "string", _of_claim("source")),
    Attribute("therapy", "string", _of_claim("therapy")),
    Attribute("effect", "string", _of_claim("effect")),
    Attribute("cancers", "string", _of_claim("cancers"), True),
    Attribute("agents", "string", _of_claim("agents"), True),
    Attribute("hedged", "boolean", _of_claim("hedged")),
    Attribute("standing", "string", _of_claim("standing")),
    *map(_of_column, VERIFIED),
    Attribute("basis", "string", _of_claim("basis"), True),
    Attribute("refs", "long", _of_claim("refs"), True),
    *(Attribute(f"{field}s", "string", _identified(field), True) for field in IDENTIFIERS),
    Attribute("mechanism", "string", _of_claim("mechanism")),
)


def values(attributes: tuple[Attribute, ...], item: Node | ClaimStep) -> dict[str, Any]:
    """What a node or a link carries; what it lacks is left out."""
    found = {one.name: list(one.of(item)) if one.is_list else one.of(item) for one in attributes}
    return {name: value for name, value in found.items() if value is not None and value != []}


class _Numbered:
    """A network whose nodes have numbers, and what its nodes and links carry."""

    def __init__(self, evidence: Evidence, selection: Selection) -> None:
        self.net = network(evidence, selection)
        self._numbers = {label: number for number, label in enumerate(self.net.nodes)}

    def nodes(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number of each node, and its values."""
        for number, node in enumerate(self.net.nodes.values()):
            yield number, values(NODE, node)

    def links(self) -> Iterator[tuple[str, int, int, dict[str, Any]]]:
        """Id of each link, the numbers of its ends, and its values."""
        for link in self.net.steps():
            source, target = self._numbers[link.step.source], self._numbers[link.step.target]
            yield link.id, source, target, values(LINK, link)


def said(net: Network) -> str:
    """How large it is."""
    return f"{len(net.nodes)} nodes, {net.size} links from {net.claims} claims with steps"


def title(evidence: Evidence) -> str:
    """What the network is called."""
    return f"Signed steps, tdr data {evidence.data_version}"


# --- GraphML -------------------------------------------------------------------------------

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _xml(text: str) -> str:
    """Text for XML: what XML cannot hold is spelled out, what cannot be seen is a reference."""

    def seen(char: str) -> str:
        if char.isprintable():
            return char
        return f"\\u{ord(char):04x}" if _NO_XML.match(char) else f"&#{ord(char)};"

    escaped = escape(text)
    return escaped if escaped.isprintable() else "".join(map(seen, escaped))


def _data(prefix: str, found: Mapping[str, Any]) -> str:
    parts = []
    for name, value in found.items():
        text = "|".join(map(str, value)) if isinstance(value, list) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        parts.append(f'<data key="{prefix}_{name}">{_xml(text)}</data>')
    return "".join(parts)


def graphml(evidence: Evidence, selection: Selection) -> Made:
    """GraphML with an id on every link, without which readers drop parallel ones."""
    made = _Numbered(evidence, selection)

    def chunks() -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        for of, prefix, attributes in (("node", "n", NODE), ("edge", "e", LINK)):
            for one in attributes:
                kind = "string" if one.is_list else one.type
                yield (
                    f'  <key id="{prefix}_{one.name}" for="{of}" attr.name="{one.name}" '
                    f'attr.type="{kind}"/>\n'
                )
        yield f'  <graph id="{_xml(title(evidence))}" edgedefault="directed">\n'
        for number, found in made.nodes():
            yield f'    <node id="n{number}">{_data("n", found)}</node>\n'
        for name, source, target, found in made.links():
            ends = f'source="n{source}" target="n{target}"'
            yield f'    <edge id="{_xml(name)}" {ends}>{_data("e", found)}</edge>\n'
        yield "  </graph>\n</graphml>\n"

    return Made(said(made.net), chunks())


# --- JSON ----------------------------------------------------------------------------------


def json_text(value: object) -> str:
    """A value as JSON in ASCII, without the one control character that JSON would leave in."""
    import json

    return json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f")


def json_items(items: Iterable[Any]) -> Iterator[str]:
    """What stands inside a JSON array, one item a line."""
    separator = "\n"
    for item in items:
        yield separator + json_text(item)
        separator = ",\n"


def cytoscape(evidence: Evidence, selection: Selection) -> Made:
    """Cytoscape's JSON (.cyjs), which Cytoscape.js reads, too."""
    made = _Numbered(evidence, selection)
    nodes = ({"data": {"id": f"n{number}", **found}} for number, found in made.nodes())
    links = (
        {"data": {"id": name, "source": f"n{source}", "target": f"n{target}", **found}}
        for name, source, target, found in made.links()
    )

    def chunks() -> Iterator[str]:
        data = json_text({"name": title(evidence)})
        yield f'{{"format_version": "1.0", "generated_by": "tdr", "data": {data},\n'
        yield '"elements": {"nodes": ['
        yield from json_items(nodes)
        yield '],\n"edges": ['
        yield from json_items(links)
        yield "]}}\n"

    return Made(said(made.net), chunks())


def cx2(evidence: Evidence, selection: Selection) -> Made:
    """CX2, the exchange format of NDEx: a list of aspects, attributes declared with types."""
    made = _Numbered(evidence, selection)

    def declared(attributes: tuple[Attribute, ...]) -> dict[str, Any]:
        return {
            one.name: {"d": f"list_of_{one.type}" if one.is_list else one.type}
            for one in attributes
        }

    about = {"name": title(evidence)}
    counts = {
        "attributeDeclarations": 1,
        "networkAttributes": 1,
        "nodes": len(made.net.nodes),
        "edges": made.net.size,
    }
    declarations = {
        "networkAttributes": {name: {"d": "string"} for name in about},
        "nodes": declared(NODE),
        "edges": declared(LINK),
    }
    nodes = ({"id": number, "v": found} for number, found in made.nodes())
    links = (
        {"id": number, "s": source, "t": target, "v": found}
        for number, (_, source, target, found) in enumerate(made.links())
    )

    def aspects() -> Iterator[Any]:
        yield {"CXVersion": "2.0", "hasFragments": False}
        yield {"metaData": [{"name": name, "elementCount": n} for name, n in counts.items() if n]}
        yield {"attributeDeclarations": [declarations]}
        yield {"networkAttributes": [about]}

    def chunks() -> Iterator[str]:
        yield "["
        yield from json_items(aspects())
        for name, items in (("nodes", nodes), ("edges", links)):
            if counts[name]:
                yield f',\n{{"{name}": ['
                yield from json_items(items)
                yield "]}"
        yield ',\n{"status": [{"success": true}]}]\n'

    return Made(said(made.net), chunks())


# --- SIF -----------------------------------------------------------------------------------


def sif(evidence: Evidence, selection: Selection) -> Made:
    """Cytoscape's simplest format: source, relation, target, each triple once."""
    net = network(evidence, selection)
    triples = dict.fromkeys(
        (link.step.source, link.step.does, link.step.target) for link in net.steps()
    )
    lines = ("\t".join(map(visible, triple)) + "\n" for triple in triples)
    lost = f"{len(triples)} triples; SIF has no room for claims, references and signs"
    return Made(f"{said(net)} as {lost}", lines)
