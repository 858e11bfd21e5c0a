"""Views as pictures and text: golden files, other programs' readers, and hostile labels."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pydot
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.axes import axis
from tdr.ask.views.compare import compare, resolve_pair
from tdr.ask.views.conflicts import conflicts
from tdr.ask.views.figure import figure as figure_of
from tdr.ask.views.graph import Edge, Graph, graph
from tdr.ask.views.matrix import Count, Heading, Matrix, matrix
from tdr.ask.views.network import Node
from tdr.model.filters import Criteria
from tdr.model.values import Term
from tdr.render import PictureSettings, Terminal
from tdr.render.picture import figure, layers, mechanism, network, svg
from tdr.render.picture.heatmap import heat_map
from tdr.render.terminal.compare import comparison_text
from tdr.render.terminal.conflicts import conflicts_text
from tdr.render.terminal.graph import tree
from tdr.render.terminal.matrix import grid
from tests.conftest import TESTS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pydot")

GOLDEN = TESTS / "golden" / "views"
SMALL = GOLDEN / "evidence"
NS = "{http://www.w3.org/2000/svg}"

any_text = st.text(st.characters(exclude_categories=()), max_size=30)


@pytest.fixture(scope="module")
def small(private_cache: Path) -> Evidence:  # noqa: ARG001 - only its side effect is needed
    return tdr.load(SMALL, cache=False)


@pytest.fixture(scope="module")
def network_of_small(small: Evidence) -> Graph:
    return graph(small, small.select(Criteria()))


@pytest.fixture(scope="module")
def counts_of_small(small: Evidence) -> Matrix:
    return matrix(small, small.select(Criteria()), axis("cell"), axis("cancer"))


def conflicts_of(evidence: Evidence, terminal: Terminal) -> str:
    found = conflicts(evidence, evidence.select(Criteria()))
    return "".join(conflicts_text(found, evidence, terminal))


def comparison_of(evidence: Evidence, terminal: Terminal) -> str:
    pair = resolve_pair(evidence, "TAM", "BMSC")
    return comparison_text(compare(evidence, evidence.select(Criteria()), *pair), terminal)


# -- golden files ---------------------------------------------------------

WIDTHS = [Terminal(40), Terminal(80), Terminal(120), Terminal(80, ascii=True)]


def drawn(name: str, evidence: Evidence) -> str:
    """What a golden file holds, made anew."""
    net = graph(evidence, evidence.select(Criteria()))
    counts = matrix(evidence, evidence.select(Criteria()), axis("cell"), axis("cancer"))
    makers = {
        "tree.txt": lambda: tree(net, Terminal(80)),
        "tree-ascii.txt": lambda: tree(net, Terminal(80, ascii=True)),
        "tree-narrow.txt": lambda: tree(net, Terminal(30)),
        "graph.dot": lambda: network.dot(net),
        "graph.mmd": lambda: network.mermaid(net),
        "graph.svg": lambda: mechanism.drawing(net, PictureSettings(origin="Adams 2020; data 1")),
        "figure.svg": lambda: figure.drawing(
            figure_of(evidence, evidence.select(Criteria())),
            PictureSettings(origin="Adams 2020; data 1"),
        ),
        "matrix.txt": lambda: grid(counts, Terminal(80)).text,
        "matrix-ascii.txt": lambda: grid(counts, Terminal(80, ascii=True)).text,
        "matrix-color.txt": lambda: grid(counts, Terminal(80, color=True)).text,
        "matrix.svg": lambda: heat_map(counts, PictureSettings(origin="Adams 2020; data 1")),
        "conflicts.txt": lambda: conflicts_of(evidence, Terminal(80)),
        "conflicts-narrow.txt": lambda: conflicts_of(evidence, Terminal(50, ascii=True)),
        "compare.txt": lambda: comparison_of(evidence, Terminal(80)),
    }
    return makers[name]()


GOLDEN_FILES = sorted(path.name for path in GOLDEN.iterdir() if path.is_file())


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_the_drawing_is_the_one_that_was_looked_at(name: str, small: Evidence) -> None:
    # After a change that is meant: look at the new drawing, then write it over the old one.
    assert drawn(name, small) == (GOLDEN / name).read_text(encoding="utf-8")


def test_every_kind_of_drawing_has_a_golden_file() -> None:
    assert {name.split(".")[1] for name in GOLDEN_FILES} == {"txt", "dot", "mmd", "svg"}


# -- DOT ------------------------------------------------------------------


def unquoted(value: str) -> str:
    """What Graphviz makes of a quoted string: only `\\"` is an escape to its reader, and in
    labels a doubled backslash is shown as one."""
    assert value[0] == value[-1] == '"'
    return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")


@cache
def read_dot(text: str) -> pydot.Dot:
    graphs = pydot.graph_from_dot_data(text)
    assert graphs is not None, "pydot cannot read it"
    (found,) = graphs
    return found


def nodes_of(found: pydot.Dot) -> dict[str, pydot.Node]:
    parts = [found, *found.get_subgraphs()]
    return {n.get_name(): n for part in parts for n in part.get_nodes() if n.get("kind")}


def test_dot_reads_back_as_the_same_network(network_of_small: Graph) -> None:
    found = read_dot(network.dot(network_of_small))
    nodes = {
        name: unquoted(node.get("kind")) + ":" + unquoted(node.get("label"))
        for name, node in nodes_of(found).items()
    }
    assert sorted(nodes.values()) == sorted(node.id for node in network_of_small.nodes)
    edges = {
        (
            nodes[edge.get_source()],
            nodes[edge.get_destination()],
            *(tuple(unquoted(edge.get(name)).split("|")) for name in ("does", "claims", "refs")),
        )
        for edge in found.get_edges()
    }
    assert edges == {
        (e.source, e.target, e.does, e.claims, tuple(map(str, e.refs)))
        for e in network_of_small.edges
    }


def test_what_a_step_does_shows_in_the_head_and_the_line_of_its_arrow(
    network_of_small: Graph,
) -> None:
    looks = {
        "raises": ("normal", None), "lowers": ("tee", None), "touches": ("dot", None),
        "goes with": ("normal", "dashed"), "goes against": ("tee", "dashed"),
    }  # fmt: skip
    edges = read_dot(network.dot(network_of_small)).get_edges()
    assert [(edge.get("arrowhead"), edge.get("style")) for edge in edges] == [
        looks[edge.effect] for edge in network_of_small.edges
    ]
    assert {edge.effect for edge in network_of_small.edges} == set(looks)


def labelled(label: str) -> Graph:
    nodes = (
        Node(label, "cell", None, None, 1),
        Node("y", "molecule", Term("molecules", "y", xref="X:1"), None, 1),
    )
    edge = Edge(nodes[0].id, "molecule:y", "raises", ("secretes",), (), ("imm-001",), (1,), ())
    return Graph(nodes, (edge,), 1, 1, 0)


@given(any_text)
def test_any_label_is_one_quoted_string_in_dot(label: str) -> None:
    text = network.dot(labelled(label))
    line = next(line for line in text.splitlines() if line.startswith("  n0 ["))
    match = re.fullmatch(r'  n0 \[label="((?:[^"\\]|\\.)*)", kind="cell", .*\];', line)
    assert match, line
    assert len(text.splitlines()) == len(network.dot(labelled("a")).splitlines())


def test_hostile_labels_survive_a_dot_reader() -> None:
    hostile = 'a"b', "a\\", 'a\\"b', "<b>x</b>", "a\nb", "a]; b -> c [", "α β", "{x|y}", "\\N"
    graphs = [labelled(label) for label in hostile]
    nodes = dict.fromkeys(node for graph in graphs for node in graph.nodes)
    edges = tuple(edge for graph in graphs for edge in graph.edges)
    found = read_dot(network.dot(Graph(tuple(nodes), edges, 1, 1, 0)))
    labels = {name: unquoted(node.get("label")) for name, node in nodes_of(found).items()}
    ends = [(labels[edge.get_source()], labels[edge.get_destination()])
            for edge in found.get_edges()]  # fmt: skip
    assert ends == [(label.replace("\n", "\\n"), "y") for label in hostile]
    assert len(labels) == len(hostile) + 1


# -- Mermaid --------------------------------------------------------------

_SAFE = r'"[^"<>\[\]{}|`;#&]*(?:#\d+;[^"<>\[\]{}|`;#&]*)*"'
MERMAID_LINES = (
    r"flowchart LR",
    rf"  n\d+(?:\(\[{_SAFE}\]\)|\({_SAFE}\)|\{{\{{{_SAFE}\}}\}}|\[/{_SAFE}/\]|\[\[{_SAFE}\]\]"
    rf"|>{_SAFE}\]|\[{_SAFE}\])",
    rf"  n\d+ (?:-->|--x|--o|-\.->|-\.-x)\|{_SAFE}\| n\d+",
    r"  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6}",
    r"  classDef \w+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}",
    r"  class n\d+(?:,n\d+)* \w+",
)


def mermaid_label(line: str) -> str:
    inside = line.split('"')[1]
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), inside)


def test_mermaid_has_a_line_for_each_node_and_edge(network_of_small: Graph) -> None:
    lines = network.mermaid(network_of_small).splitlines()
    assert all(any(re.fullmatch(form, line) for form in MERMAID_LINES) for line in lines)
    nodes = [line for line in lines if re.match(r"  n\d+[^ \d]", line)]
    assert [mermaid_label(line) for line in nodes] == [n.label for n in network_of_small.nodes]
    place = {node.id: f"n{number}" for number, node in enumerate(network_of_small.nodes)}
    arrows = {"raises": "-->", "lowers": "--x", "touches": "--o", "goes with": "-.->",
              "goes against": "-.-x"}  # fmt: skip
    edges = [line for line in lines if re.match(r"  n\d+ -", line)]
    assert edges == [
        f'  {place[e.source]} {arrows[e.effect]}|"{" / ".join(e.does)}: {", ".join(e.claims)}"| '
        f"{place[e.target]}"
        for e in network_of_small.edges
    ]


def test_mermaid_colors_each_edge_by_what_it_does(network_of_small: Graph) -> None:
    colors = {}
    for line in network.mermaid(network_of_small).splitlines():
        if line.startswith("  linkStyle"):
            _, numbers, stroke = line.split()
            colors.update(dict.fromkeys(map(int, numbers.split(",")), stroke.split(":")[1]))
    assert [colors[n] for n in range(len(network_of_small.edges))] == [
        network.COLORS[edge.effect] for edge in network_of_small.edges
    ]


@given(any_text)
def test_any_label_keeps_to_its_line_in_mermaid(label: str) -> None:
    for line in network.mermaid(labelled(label)).split("\n")[:-1]:
        assert any(re.fullmatch(form, line) for form in MERMAID_LINES), line


# -- SVG ------------------------------------------------------------------


def parsed(text: str) -> ET.Element:
    root = ET.fromstring(text)
    assert root.tag == f"{NS}svg"
    for element in root.iter():
        assert element.tag not in (f"{NS}script", f"{NS}foreignObject", f"{NS}a", f"{NS}image")
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "javascript:" not in value.lower()
            assert "http" not in value
    return root


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{NS}text")]


def test_a_heat_map_has_title_axes_legend_and_every_number(counts_of_small: Matrix) -> None:
    root = parsed(heat_map(counts_of_small, PictureSettings(origin="data 7")))
    shown = texts(root)
    assert shown[0] == "Claims on resistance by cell and cancer"
    assert "data 7" in shown
    assert {"some contested", "▲ promotes resistance", "▼ opposes resistance"} <= set(shown)
    assert {row.label for row in counts_of_small.rows} <= set(shown)
    assert {w for column in counts_of_small.columns for w in column.label.split()} <= {
        word for text in shown for word in text.split()
    }
    numbers = sorted(
        f"{number}{sign}"
        for row in counts_of_small.counts
        for count in row
        for number, sign in ((count.promotes, "▲"), (count.opposes, "▼"))
        if number
    )
    assert sorted(t for t in shown if re.fullmatch(r"\d+[▲▼]", t)) == numbers


def test_a_heat_map_says_what_it_leaves_out(counts_of_small: Matrix) -> None:
    shown = texts(parsed(heat_map(counts_of_small.top(1))))
    rows, columns = len(counts_of_small.rows) - 1, len(counts_of_small.columns) - 1
    assert f"{rows} more rows and {columns} more column not shown" in shown[1]


def test_a_heat_map_without_cells_has_one_ramp(small: Evidence) -> None:
    found = matrix(small, small.select(Criteria()), axis("cancer"), axis("therapy"))
    shown = texts(parsed(heat_map(found)))
    assert not [text for text in shown if "▲" in text or "▼" in text]
    assert "claims" in shown


def test_a_title_of_ones_own_is_used_and_escaped(counts_of_small: Matrix) -> None:
    text = heat_map(counts_of_small, PictureSettings('<script>alert("x")</script> & more'))
    assert texts(parsed(text))[0] == '<script>alert("x")</script> & more'


def everything_inside(root: ET.Element) -> None:
    """Every text and box lies on the sheet."""
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    anchors = {"middle": 0.5, "end": 1.0}
    for element in root.iter(f"{NS}text"):
        size = float(element.attrib["font-size"])
        length = svg.width_of(element.text or "", size)
        assert "transform" not in element.attrib
        start = float(element.attrib["x"]) - length * anchors.get(
            element.attrib.get("text-anchor", ""), 0
        )
        assert start >= 0, element.text
        assert start + length <= width + 0.01, element.text
        assert size <= float(element.attrib["y"]) <= height
    for element in root.iter(f"{NS}rect"):
        x, y = float(element.attrib.get("x", 0)), float(element.attrib.get("y", 0))
        assert x + float(element.attrib["width"]) <= width + 0.01
        assert y + float(element.attrib["height"]) <= height + 0.01


@pytest.mark.parametrize(
    ("rows", "columns"),
    [("cell", "therapy"), ("cancer", "cell"), ("agent", "pathway"), ("molecule", "process")],
)
def test_nothing_of_a_heat_map_lies_off_the_sheet(
    evidence: Evidence, rows: str, columns: str
) -> None:
    found = matrix(evidence, evidence.select(Criteria()), axis(rows), axis(columns)).top(40)
    everything_inside(parsed(heat_map(found, PictureSettings(origin="data 1.0.0+12345678"))))


@pytest.mark.parametrize("filters", [{"cell": "TAM"}, {"pathway": "STAT3"}, {"therapy": "radio"}])
def test_nothing_of_a_network_lies_off_the_sheet(
    evidence: Evidence, filters: dict[str, str]
) -> None:
    found = graph(evidence, evidence.select(Criteria.of(**filters)), top=15)
    everything_inside(
        parsed(mechanism.drawing(found, PictureSettings(origin="data 1.0.0+12345678")))
    )


SOME = [
    {"therapy": "chemo"}, {"therapy": "radio"}, {"therapy": "targeted"}, {"cell": "TAM"},
    {"cell": "CAF"}, {"pathway": "STAT3"}, {},
]  # fmt: skip


def placed(evidence: Evidence, **filters: str) -> tuple[Graph, layers.Placement]:
    found = graph(evidence, evidence.select(Criteria.of(**filters)), top=70)
    return found, mechanism.placement(found)


@pytest.mark.parametrize("filters", SOME, ids=str)
def test_boxes_of_a_network_do_not_overlap(evidence: Evidence, filters: dict[str, str]) -> None:
    _, layout = placed(evidence, **filters)
    for one, other in combinations(layout.boxes.values(), 2):
        assert (
            abs(one.x - other.x) >= (one.width + other.width) / 2
            or abs(one.y - other.y) >= (one.height + other.height) / 2 + 10
        )


@pytest.mark.parametrize("filters", SOME, ids=str)
def test_no_edge_runs_through_a_box_and_each_ends_at_its_own(
    evidence: Evidence, filters: dict[str, str]
) -> None:
    found, layout = placed(evidence, **filters)
    for edge, route in zip(found.edges, layout.routes, strict=True):
        for end, (x, y) in ((edge.source, route[0]), (edge.target, route[-1])):
            box = layout.boxes[end]
            assert abs(abs(x - box.x) - box.width / 2) < 0.01
            assert abs(y - box.y) < box.height / 2
        for (left, y), (right, _) in batched(route[1:-1]):
            assert not any(
                min(left, right) < box.x < max(left, right) and abs(box.y - y) < box.height / 2
                for box in layout.boxes.values()
            )


@pytest.mark.parametrize("filters", SOME, ids=str)
def test_what_leads_to_resistance_runs_from_left_to_right_and_ends_there(
    evidence: Evidence, filters: dict[str, str]
) -> None:
    found, layout = placed(evidence, **filters)
    outcomes = {layout.boxes[node.id].x for node in found.nodes if node.kind == "outcome"}
    assert outcomes == {max(box.x for box in layout.boxes.values())}
    backward = [route for route in layout.routes if route[0][0] > route[-1][0]]
    assert len(backward) <= len(layout.routes) // 12  # those that close a circle


@pytest.mark.parametrize("filters", SOME[:5], ids=str)
def test_graphviz_places_the_same_boxes_and_links(
    evidence: Evidence, filters: dict[str, str]
) -> None:
    pytest.importorskip("pygraphviz", exc_type=ImportError)  # or its system libraries are missing
    found, own = placed(evidence, **filters)
    other = mechanism.placement(found, PictureSettings(layout="graphviz"))
    size = {key: (box.width, box.height) for key, box in other.boxes.items()}
    assert size.keys() == own.boxes.keys()
    for edge, route in zip(found.edges, other.routes, strict=True):
        assert len(route) % 3 == 1  # control points of cubic curves
        for end, (x, y) in ((edge.source, route[0]), (edge.target, route[-1])):
            box = other.boxes[end]
            assert abs(x - box.x) <= box.width / 2 + 1
            assert abs(y - box.y) <= box.height / 2 + 1
    everything_inside(parsed(mechanism.drawing(found, PictureSettings(layout="graphviz"))))


def batched(points: Sequence[layers.Point]) -> list[tuple[layers.Point, layers.Point]]:
    return list(zip(points[::2], points[1::2], strict=True))


def test_two_edges_that_cross_are_untangled() -> None:
    sizes = dict.fromkeys("abyx", (40.0, 20.0))
    found = layers.layout(sizes, [layers.LayoutEdge("a", "x"), layers.LayoutEdge("b", "y")])
    assert (found.boxes["a"].y < found.boxes["b"].y) == (found.boxes["x"].y < found.boxes["y"].y)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25),
    st.sets(st.integers(0, 9)),
)
def test_any_network_is_laid_out_with_circles_and_loops_too(
    pairs: list[tuple[int, int]], last: set[int]
) -> None:
    names = sorted({str(n) for pair in pairs for n in pair})
    links = [layers.LayoutEdge(str(a), str(b)) for a, b in pairs]
    found = layers.layout(dict.fromkeys(names, (30.0, 20.0)), links, frozenset(map(str, last)))
    assert set(found.boxes) == set(names)
    assert [bool(route) for route in found.routes] == [a != b for a, b in pairs]
    for one, other in combinations(found.boxes.values(), 2):
        assert one.x != other.x or abs(one.y - other.y) >= (one.height + other.height) / 2


@given(any_text, any_text)
def test_any_label_makes_valid_xml(label: str, title: str) -> None:
    assert parsed(mechanism.drawing(labelled(label), PictureSettings(title))) is not None
    heading = Heading(label, label, Count(3, 2, 1))
    found = Matrix(
        "cell", "cancer", (heading,), (heading,), ((Count(3, 2, 1),),), "claims", True, 3, 3
    )
    assert parsed(heat_map(found, PictureSettings(title, origin=label))) is not None


@given(st.sampled_from([*svg.RAMPS["promotes"], *svg.RAMPS["opposes"]]))
def test_numbers_stand_out_from_their_color(fill: str) -> None:
    def luminance(color: str) -> float:
        parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(fill), luminance(svg.text_color(fill))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@given(st.integers(0, 10**6))
def test_every_count_has_a_color_and_more_is_never_lighter(most: int) -> None:
    heading = Heading("a", "a", Count(most))
    from tdr.render.picture.heatmap import _HeatMap  # the scale is its own piece of logic

    found = Matrix(
        "agent", "cancer", (heading,), (heading,), ((Count(most),),), "claims", False, 1, 1
    )
    bounds = _HeatMap(found, PictureSettings()).bounds()
    assert bounds[0][0] == 1
    assert bounds[-1][1] >= most
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(bounds))
    assert len(_HeatMap.steps(bounds)) >= len(bounds)


# -- terminal -------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(evidence: Evidence, width: int) -> None:
    selection = evidence.select(Criteria())
    terminal = Terminal(width)
    cells = matrix(evidence, selection, axis("cell"), axis("therapy"))
    cancers = matrix(evidence, selection, axis("cancer"), axis("cell"))
    pair = resolve_pair(evidence, "TAM", "CAF")
    pages = [
        grid(cells, terminal).text,
        grid(cancers, terminal).text,
        tree(graph(evidence, selection), terminal),
        conflicts_of(evidence, terminal),
        comparison_text(compare(evidence, selection, *pair), terminal),
    ]
    for page in pages:
        assert max(map(len, page.splitlines())) <= width


def test_columns_that_do_not_fit_are_counted_and_the_largest_stay(evidence: Evidence) -> None:
    found = matrix(evidence, evidence.select(Criteria()), axis("cancer"), axis("cell"))
    narrow, wide = grid(found, Terminal(80)), grid(found, Terminal(1000))
    assert wide.hidden == 0
    assert 0 < narrow.hidden < len(found.columns)
    head = narrow.text.split("─")[0]
    assert found.columns[0].short in head


def test_a_short_head_is_the_abbreviation(evidence: Evidence) -> None:
    found = matrix(evidence, evidence.select(Criteria()), axis("cancer"), axis("cell"))
    head = grid(found, Terminal(200)).text.split("─")[0]
    assert " TAM " in head
    assert "tumor-associated macrophage" not in head


@pytest.mark.parametrize("draw", ["tree.txt", "matrix.txt", "conflicts.txt", "compare.txt"])
def test_ascii_and_plain_drawings_say_the_same_without_color(draw: str, small: Evidence) -> None:
    plain = drawn(draw, small)
    assert "\x1b" not in plain
    terminal = Terminal(80, ascii=True)
    net = graph(small, small.select(Criteria()))
    counts = matrix(small, small.select(Criteria()), axis("cell"), axis("cancer"))
    ascii_only = {
        "tree.txt": lambda: tree(net, terminal),
        "matrix.txt": lambda: grid(counts, terminal).text,
        "conflicts.txt": lambda: conflicts_of(small, terminal),
        "compare.txt": lambda: comparison_of(small, terminal),
    }[draw]()
    drawing_signs = set(ascii_only) - set(map(chr, range(128))) - set("κβαγ")
    assert not drawing_signs


def test_color_changes_nothing_but_color(counts_of_small: Matrix) -> None:
    plain = grid(counts_of_small, Terminal(80)).text
    colored = grid(counts_of_small, Terminal(80, color=True)).text
    stripped = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()
    assert colored != plain


def test_no_claims_draw_without_failing(small: Evidence) -> None:
    nothing = Selection(0)
    found = graph(small, nothing)
    counts = matrix(small, nothing, axis("cell"), axis("therapy"))
    assert tree(found, Terminal(80)) == ""
    assert grid(counts, Terminal(80)).hidden == 0
    parsed(heat_map(counts))
    parsed(mechanism.drawing(found))
    assert read_dot(network.dot(found)).get_edges() == []
    assert network.mermaid(found) == "flowchart LR\n"
