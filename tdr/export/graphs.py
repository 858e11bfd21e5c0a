"""A network of steps for programs that draw and analyse networks: GraphML, Cytoscape, CX2, SIF.

Nodes and links have the same attributes in all formats but SIF, which has none.
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
from tdr.export import ExportResult
from tdr.model.table import VERIFIED, ClaimColumn
from tdr.model.text import visible
from tdr.model.values import IDENTIFIERS


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of nodes or links; `get` gives its value, or its values if it `is_list`."""

    name: str
    type: str  # string, long or boolean, as GraphML and CX2 call them
    get: Callable[[Any], Any]
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


def _values(attributes: tuple[Attribute, ...], item: Node | ClaimStep) -> dict[str, Any]:
    """The attributes of a node or a link by name, without those that it lacks."""
    values = {one.name: list(one.get(item)) if one.is_list else one.get(item) for one in attributes}
    return {name: value for name, value in values.items() if value is not None and value != []}


class _NumberedNetwork:
    """A network with a number for each node."""

    def __init__(self, evidence: Evidence, selection: Selection) -> None:
        self.net = network(evidence, selection)
        self._numbers = {label: number for number, label in enumerate(self.net.nodes)}

    def nodes(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The number and the attributes of each node."""
        for number, node in enumerate(self.net.nodes.values()):
            yield number, _values(NODE, node)

    def links(self) -> Iterator[tuple[str, int, int, dict[str, Any]]]:
        """The id, the numbers of the two nodes and the attributes of each link."""
        for link in self.net.steps():
            source, target = self._numbers[link.step.source], self._numbers[link.step.target]
            yield link.id, source, target, _values(LINK, link)


def size_summary(net: Network) -> str:
    """The numbers of nodes, links and claims, in words."""
    return f"{len(net.nodes)} nodes, {net.size} links from {net.claims} claims with steps"


def title(evidence: Evidence) -> str:
    """The title of the network."""
    return f"Signed steps, tdr data {evidence.data_version}"


# --- GraphML -------------------------------------------------------------------------------

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _xml(text: str) -> str:
    """Text for XML; characters that XML forbids as `\\u0000`, invisible ones as references."""

    def visible_form(char: str) -> str:
        if char.isprintable():
            return char
        return f"\\u{ord(char):04x}" if _NO_XML.match(char) else f"&#{ord(char)};"

    escaped = escape(text)
    return escaped if escaped.isprintable() else "".join(map(visible_form, escaped))


def _data(prefix: str, values: Mapping[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        text = "|".join(map(str, value)) if isinstance(value, list) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        parts.append(f'<data key="{prefix}_{name}">{_xml(text)}</data>')
    return "".join(parts)


def graphml(evidence: Evidence, selection: Selection) -> ExportResult:
    """GraphML with an id on every link, without which readers drop parallel ones."""
    numbered = _NumberedNetwork(evidence, selection)

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
        for number, values in numbered.nodes():
            yield f'    <node id="n{number}">{_data("n", values)}</node>\n'
        for name, source, target, values in numbered.links():
            ends = f'source="n{source}" target="n{target}"'
            yield f'    <edge id="{_xml(name)}" {ends}>{_data("e", values)}</edge>\n'
        yield "  </graph>\n</graphml>\n"

    return ExportResult(size_summary(numbered.net), chunks())


# --- JSON ----------------------------------------------------------------------------------


def json_text(value: object) -> str:
    """A value as JSON in ASCII; DEL, which JSON would leave as it is, is escaped."""
    import json

    return json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f")


def json_items(items: Iterable[Any]) -> Iterator[str]:
    """The items of a JSON array, one a line, without its brackets."""
    separator = "\n"
    for item in items:
        yield separator + json_text(item)
        separator = ",\n"


def cytoscape(evidence: Evidence, selection: Selection) -> ExportResult:
    """Cytoscape's JSON (.cyjs), which Cytoscape.js reads, too."""
    numbered = _NumberedNetwork(evidence, selection)
    nodes = ({"data": {"id": f"n{number}", **values}} for number, values in numbered.nodes())
    links = (
        {"data": {"id": name, "source": f"n{source}", "target": f"n{target}", **values}}
        for name, source, target, values in numbered.links()
    )

    def chunks() -> Iterator[str]:
        data = json_text({"name": title(evidence)})
        yield f'{{"format_version": "1.0", "generated_by": "tdr", "data": {data},\n'
        yield '"elements": {"nodes": ['
        yield from json_items(nodes)
        yield '],\n"edges": ['
        yield from json_items(links)
        yield "]}}\n"

    return ExportResult(size_summary(numbered.net), chunks())


def cx2(evidence: Evidence, selection: Selection) -> ExportResult:
    """CX2, the exchange format of NDEx: a list of aspects, attributes declared with types."""
    numbered = _NumberedNetwork(evidence, selection)

    def declared(attributes: tuple[Attribute, ...]) -> dict[str, Any]:
        return {
            one.name: {"d": f"list_of_{one.type}" if one.is_list else one.type}
            for one in attributes
        }

    about = {"name": title(evidence)}
    counts = {
        "attributeDeclarations": 1,
        "networkAttributes": 1,
        "nodes": len(numbered.net.nodes),
        "edges": numbered.net.size,
    }
    declarations = {
        "networkAttributes": {name: {"d": "string"} for name in about},
        "nodes": declared(NODE),
        "edges": declared(LINK),
    }
    nodes = ({"id": number, "v": values} for number, values in numbered.nodes())
    links = (
        {"id": number, "s": source, "t": target, "v": values}
        for number, (_, source, target, values) in enumerate(numbered.links())
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

    return ExportResult(size_summary(numbered.net), chunks())


# --- SIF -----------------------------------------------------------------------------------


def sif(evidence: Evidence, selection: Selection) -> ExportResult:
    """Cytoscape's simplest format: source, relation, target, each triple once."""
    net = network(evidence, selection)
    triples = dict.fromkeys(
        (link.step.source, link.step.does, link.step.target) for link in net.steps()
    )
    lines = ("\t".join(map(visible, triple)) + "\n" for triple in triples)
    summary = (
        f"{size_summary(net)} as {len(triples)} triples; "
        "SIF has no room for claims, references and signs"
    )
    return ExportResult(summary, lines)
