"""Reads one YAML file of the evidence, and gives the value under its one key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from tdr.model.errors import Location, Problem, TdrError, near
from tdr.read.access import Fields
from tdr.read.characters import code_of
from tdr.read.content import read_file, read_stream
from tdr.read.files import is_missing, missing_file
from tdr.read.yaml import Document, parse_yaml


def read_document(path: Path, name: str) -> Document:
    """Read and parse one YAML file; that it cannot be read is a problem of the document."""
    if is_missing(path):
        return Document(name, problems=(missing_file(name),))
    try:
        return parse_yaml(read_file(path, name=name), name)
    except TdrError as error:
        return Document(name, problems=error.problems)


def read_document_from(stream: BinaryIO, name: str) -> Document:
    """As `read_document`, from an open stream."""
    try:
        return parse_yaml(read_stream(stream, name), name)
    except TdrError as error:
        return Document(name, problems=error.problems)


def value_of(document: Document, key: str, kind: type, problems: list[Problem]) -> Any:
    """The value under the one required key of a file; an empty one, with a problem, if wrong."""
    problems.extend(document.problems)
    if any(problem.severity == "error" for problem in document.problems) or document.value is None:
        return kind()
    shape = "list" if kind is list else "mapping"
    if not isinstance(document.value, Mapping):
        got = {"Seq": "list", "str": "text"}.get(type(document.value).__name__, "scalar")
        text = f"expected mapping with key `{key}`, got {got}"
        problems.append(Problem(text, "root", Location(document.name, *document.mark)))
        return kind()
    value = document.value.get(key)
    if not isinstance(value, kind):
        if value is None and key in document.value:
            return kind()
        alike = near(key, map(str, document.value), alike=0.6)
        hint = f", found `{alike[0]}`" if alike and key not in document.value else ""
        if kind is list and isinstance(value, Mapping):
            dash = str(next(iter(value), ""))[:1]
            odd = "" if dash.isascii() else f", not with {code_of(dash)}"
            hint = f": begin each item with `- `{odd}"
        text = f"expected key `{key}` with a {shape}{hint}"
        problems.append(Problem(text, "root", document.where((key,))))
        return kind()
    return value


def records_of(
    document: Document, key: str, message: str, problems: list[Problem]
) -> Iterator[tuple[int, Fields]]:
    """The mappings in the list under the one key of a file, each with its position.

    What is no mapping becomes a problem with this message.
    """
    listed = value_of(document, key, list, problems)
    root = Fields(document.value, document.where, problems)
    for position, raw in enumerate(listed):
        if isinstance(raw, Mapping):
            yield position, root.mapping_at(key, position)
        else:
            root.complain((key, position), message, "type")
