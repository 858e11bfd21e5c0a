"""Programs of the trade read our data sets back: part of `make readback`.

ndex2, frictionless and the Biolink Model come from PyPI into scratch environments, Cytoscape.js
from npm. networkx, openpyxl, DuckDB and SQLite do the same in the test suite.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.views.network import network
from tdr.export import EXPORTS
from tdr.model.filters import Criteria
from tests.readback import PAGE, MissingReaderError, in_node, in_python

HEAD = """
## Data sets

All claims, as `tdr export` writes them: how many nodes and links a reader finds, and of a data
package whether it is valid, with all its tables.

| format | reader | version | result |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Reader:
    """A program, the data set that it reads, and how it tells what it found there."""

    name: str
    form: str
    read: Callable[[Path, Path], tuple[str, Any]]
    """From (our file or directory, scratch directory) to its version, and what it found."""


CYTOSCAPE_JS = """
import {readFileSync} from 'fs'
import cytoscape from 'cytoscape'
const file = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const graph = cytoscape({headless: true, elements: file.elements})
console.log(JSON.stringify([graph.nodes().length, graph.edges().length]))
"""

NDEX2 = """
import json, sys
from ndex2.cx2 import RawCX2NetworkFactory
net = RawCX2NetworkFactory().get_cx2network(json.load(open(sys.argv[1])))
print(json.dumps([len(net.get_nodes()), len(net.get_edges())]))
"""

FRICTIONLESS = """
import json, sys
from frictionless import validate
report = validate(sys.argv[1] + "/datapackage.json")
print(json.dumps([report.valid, report.stats["tasks"]]))
"""

BIOLINK = """
import csv, json, sys
import biolink_model.datamodel.pydanticmodel_v2 as model
def rows(name):
    with open(sys.argv[1] + "/" + name, encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\\t", quoting=csv.QUOTE_NONE)
def made(kind, row):
    known = kind.model_fields
    lists = ("category", "synonym", "xref", "publications", "has_evidence_of_type")
    found = {name: value for name, value in row.items() if value and name in known}
    return kind(**{k: v.split("|") if k in lists else v for k, v in found.items()})
nodes = [made(getattr(model, row["category"].split(":")[1]), row) for row in rows("nodes.tsv")]
ids = {node.id for node in nodes}
aspects = {one.value for one in model.GeneOrGeneProductOrChemicalEntityAspectEnum} | {""}
directions = {one.value for one in model.DirectionQualifierEnum} | {""}
edges = 0
for row in rows("edges.tsv"):
    made(model.Association, row)
    assert row["object_aspect_qualifier"] in aspects
    assert row["object_direction_qualifier"] in directions
    assert row["subject"] in ids and row["object"] in ids
    edges += 1
print(json.dumps([len(nodes), edges]))
"""

READERS = (
    Reader("Cytoscape.js", "cytoscape", lambda f, s: in_node(s, "cytoscape", CYTOSCAPE_JS, f)),
    Reader("ndex2", "cx2", lambda f, s: in_python(s, "ndex2", NDEX2, f)),
    Reader(
        "frictionless", "datapackage", lambda f, s: in_python(s, "frictionless", FRICTIONLESS, f)
    ),
    Reader("Biolink Model", "kgx", lambda f, s: in_python(s, "biolink-model", BIOLINK, f)),
)


def expected(evidence: Evidence, form: str) -> list[Any]:
    """What a reader is to find: nodes and links, or a valid set of so many tables."""
    from tdr.export.tables import TABLES

    if form == "datapackage":
        return [True, len(TABLES)]
    net = network(evidence, evidence.select(Criteria()))
    return [len(net.nodes), net.size]


def main() -> None:
    """Print a line for each reader, and put them at the end of the page."""
    section = HEAD
    evidence = tdr.load(Path(__file__).resolve().parent.parent / "evidence")
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        for reader in READERS:
            exporter, path = EXPORTS[reader.form], scratch / reader.form
            if exporter.makes == "directory":
                path.mkdir()
                exporter.load()(evidence, evidence.select(Criteria()), path)
            else:
                made = exporter.load()(evidence, evidence.select(Criteria()))
                path.write_text("".join(made.chunks), "utf-8")
            try:
                version, found = reader.read(path, scratch)
                wanted = expected(evidence, reader.form)
                result = "equal" if found == wanted else f"finds {found}, not {wanted}"
            except MissingReaderError as missing:
                version, result = "", f"not here: {missing}"
            except subprocess.CalledProcessError as error:
                lines = (error.stderr or error.stdout or "").strip().splitlines() or [""]
                version, result = "", f"fails: {lines[-1][:200]}"
            line = f"| {reader.form} | {reader.name} | {version} | {result} |\n"
            print(line, end="", flush=True)
            section += line
    before, _, _ = PAGE.read_text("utf-8").partition(HEAD)
    PAGE.write_text(before + section, "utf-8")


if __name__ == "__main__":
    main()
