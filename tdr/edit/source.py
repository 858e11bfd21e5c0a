"""The files of one source, as an import writes them: record, places, references, no sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from tdr.edit import style
from tdr.edit.add import NO_TERMS, empty_file
from tdr.edit.document import Edit, YamlFile
from tdr.model.errors import file_error, usage_error
from tdr.model.fields import REFERENCE_FIELDS
from tdr.model.place import Place
from tdr.model.source import Paragraph
from tdr.model.therapies import BUILT_IN
from tdr.model.values import KINDS, SOURCE_KEY, Reference, invalid_key
from tdr.read.nodes import YamlNode

_EXTENDS = b"""\
# What comes with tdr belongs to this collection, in the version that tdr has.
extends: shipped
"""
_IMPORTED = "# Imported by tdr: who cites what, and where. It holds no sentence of the publication."
_STARTED = "# Started by tdr: `tdr add` puts papers here. `record` may say more of them."


def check_key(key: str) -> str:
    """The key, if it can be one; raises TdrError otherwise."""
    if not re.fullmatch(SOURCE_KEY, key):
        raise usage_error(invalid_key(key))
    return key


def source_files(
    head: Mapping[str, object],
    record: Mapping[str, object],
    references: Iterable[Reference],
    paragraphs: Iterable[Paragraph],
    anchors: Mapping[Place, str],
    therapies: Iterable[str],
) -> dict[str, bytes]:
    """Name -> content of the files of a new source: no claim yet, and a file for each therapy.

    `head` are the fields above the record: key, kind, state, made.
    """
    files = {
        "source.yaml": _source(head, record, paragraphs, anchors),
        "references.yaml": _references(references),
    }
    files.update((f"{therapy}.yaml", empty_file(therapy)) for therapy in therapies)
    return files


def collection_files(key: str, *, extends: bool) -> dict[str, bytes]:
    """Name -> content of the files of a collection: a source of papers, and what it extends.

    Alone it has a vocabulary without a term, which what it extends has already.
    """
    head = {"key": key, "kind": "papers", "state": "draft"}
    papers = source_files(head, {"title": "Papers of our own"}, (), (), {}, BUILT_IN)
    files = {f"sources/{key}/{name}": data for name, data in papers.items()}
    if extends:
        return {"collection.yaml": _EXTENDS, **files}
    return {**{f"vocabulary/{name}": data for name, data in vocabulary_files().items()}, **files}


def vocabulary_files() -> dict[str, bytes]:
    """Name -> content of a vocabulary without a term."""
    return {f"{kind}.yaml": NO_TERMS for kind in KINDS}


def _source(
    head: Mapping[str, object],
    record: Mapping[str, object],
    paragraphs: Iterable[Paragraph],
    anchors: Mapping[Place, str],
) -> bytes:
    lines = [line for name, value in head.items() for line in style.field(name, value, 0)]
    lines.append("record:")
    lines += [line for name, value in record.items() for line in style.field(name, value, 2)]
    lines.append("sections:")
    for section, listed in groupby(paragraphs, key=lambda paragraph: paragraph.place.section):
        lines += [f"  - name: {style.scalar(section)}", "    paragraphs:"]
        for paragraph in listed:
            lines.append(f"      - words: {paragraph.words}")
            if anchor := anchors.get(paragraph.place):
                lines += style.field("anchor", anchor, 8)
            lines += style.field("citations", [list(group) for group in paragraph.citations], 8)
    if lines[-1] == "sections:":
        lines[-1] = "sections: []"
    first = _IMPORTED if "made" in head else _STARTED
    return "\n".join((first, *lines, "")).encode()


def _references(references: Iterable[Reference]) -> bytes:
    lines = ["# The source's numbered reference list. A value that is not known is absent."]
    lines.append("references:")
    for reference in references:
        fields = {name: getattr(reference, name) for name in REFERENCE_FIELDS}
        known = {name: value for name, value in fields.items() if value not in (None, "", ())}
        lines.append(style.format_reference(reference.number, known))
    return ("\n".join(lines) + "\n").encode()


def set_fields(file: YamlFile, wanted: Mapping[int, Mapping[str, str]]) -> YamlFile:
    """A file of references with other values of fields, each in its place; everything else stays.

    Raises TdrError where an entry is written so that nothing can be put in.
    """
    references = file.entry("references")
    entries = {_name(file, key): node for key, node in references[1].entries} if references else {}
    edits: list[Edit] = []
    for number, fields in wanted.items():
        node = entries.get(str(number))
        if node is None or not node.entries:
            raise file_error(file.name, f"reference {number} is not written as a mapping")
        edits += _field_edits(file, node, fields, REFERENCE_FIELDS)
    return file.edited(edits)


_OF_PARAGRAPH = ("words", "anchor", "citations", "background")


def set_background(file: YamlFile, wanted: Mapping[Place, Sequence[int]]) -> YamlFile:
    """A source.yaml whose paragraphs cite these for a general statement only."""
    entry = file.entry("sections")
    listed = file.mapping["sections"] if entry else ()
    edits: list[Edit] = []
    for section, raw in zip(entry[1].items if entry else (), listed, strict=True):
        own = section.entry("paragraphs", raw)
        for number, node in enumerate(own[1].items if own else (), 1):
            numbers = wanted.get(Place(str(raw.get("name")), number))
            if numbers and node.entries:
                fields = {"background": list(numbers)}
                edits += _field_edits(file, node, fields, _OF_PARAGRAPH)
    return file.edited(edits)


def _field_edits(
    file: YamlFile, node: YamlNode, fields: Mapping[str, object], order: Sequence[str]
) -> Iterator[Edit]:
    """Edits that give fields of a mapping their values; new ones in their place."""
    there = {_name(file, key): (key, value) for key, value in node.entries}
    places = {name: place for place, name in enumerate(order)}
    in_braces = node.style == "{"
    between = ", " if in_braces else "\n" + " " * file.column(node.entries[0][0].start)
    added: dict[int, str] = {}
    for name, value in fields.items():
        text = style.inline({name: value})[1:-1] if in_braces else style.field(name, value, 0)[0]
        if name in there:
            key, old = there[name]
            yield Edit(key.start, old.end, text)
            continue
        later = next((k for n, (k, _) in there.items() if places.get(n, 99) > places[name]), None)
        at, new = (
            (node.entries[-1][1].end, between + text)
            if later is None
            else (later.start, text + between)
        )
        added[at] = added.get(at, "") + new
    yield from (Edit(at, at, text) for at, text in added.items())


def _name(file: YamlFile, key: YamlNode) -> str:
    return file.text[key.start : key.end].strip("'\"")
