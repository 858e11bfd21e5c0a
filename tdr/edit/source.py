"""The files of one source, as an import writes them: record, places, references, no sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from tdr.edit import style
from tdr.edit.add import empty_file
from tdr.edit.document import Edit, Sheet
from tdr.model.errors import Location, Problem, TdrError
from tdr.model.fields import REFERENCE_FIELDS, Place
from tdr.model.values import KINDS, SOURCE_KEY, THERAPIES, Paragraph, Reference
from tdr.read.nodes import Node

_EXTENDS = b"""\
# What comes with tdr belongs to this collection, in the version that tdr has.
extends: shipped
"""
_HEAD = "# Imported by tdr: who cites what, and where. It holds no sentence of the publication.\n"


def check_key(key: str) -> str:
    """The key, if it can be one; raises TdrError otherwise."""
    if not SOURCE_KEY.fullmatch(key):
        text = (
            f"`{key}` cannot be a key: it is 2 to 24 small letters, digits and hyphens, "
            "a letter first, such as acar2016"
        )
        raise TdrError(Problem(text, "usage"))
    return key


def source_files(
    head: Mapping[str, object],
    record: Mapping[str, object],
    references: Iterable[Reference],
    paragraphs: Iterable[Paragraph],
    anchors: Mapping[Place, str],
) -> dict[str, bytes]:
    """Name -> content of the files of a new source: no claim yet.

    `head` are the fields above the record: key, kind, state, made.
    """
    files = {
        "source.yaml": _source(head, record, paragraphs, anchors),
        "references.yaml": _references(references),
    }
    files.update((f"{therapy}.yaml", empty_file(therapy)) for therapy in THERAPIES)
    return files


def collection_files(key: str, *, extends: bool) -> dict[str, bytes]:
    """Name -> content of the files of a collection: a source of papers, and what it extends.

    Alone it has a vocabulary without a term, which what it extends has already.
    """
    head = {"key": key, "kind": "papers", "state": "draft"}
    papers = source_files(head, {"title": "Papers of our own"}, (), (), {})
    files = {f"sources/{key}/{name}": data for name, data in papers.items()}
    if extends:
        return {"collection.yaml": _EXTENDS, **files}
    return {**{f"vocabulary/{name}": data for name, data in vocabulary_files().items()}, **files}


def vocabulary_files() -> dict[str, bytes]:
    """Name -> content of a vocabulary without a term."""
    return {f"{kind}.yaml": b"terms:\n" for kind in KINDS}


def _source(
    head: Mapping[str, object],
    record: Mapping[str, object],
    paragraphs: Iterable[Paragraph],
    anchors: Mapping[Place, str],
) -> bytes:
    lines = [line for name, value in head.items() for line in style.field(name, value, 0)]
    lines.append("record:")
    for name, value in record.items():
        first, *rest = style.field(name, value, 2)
        lines += [f"  {first}", *rest]
    lines.append("sections:")
    for section, listed in groupby(paragraphs, key=lambda paragraph: paragraph.place.section):
        lines += [f"  - name: {style.scalar(section)}", "    paragraphs:"]
        for paragraph in listed:
            lines += _paragraph(paragraph, anchors.get(paragraph.place))
    if lines[-1] == "sections:":
        lines[-1] = "sections: []"
    return (_HEAD + "\n".join(lines) + "\n").encode()


def _paragraph(paragraph: Paragraph, anchor: str | None) -> list[str]:
    lines = [f"      - words: {paragraph.words}"]
    if anchor:
        lines.append(f"        anchor: {style.scalar(anchor)}")
    first, *rest = style.field("citations", [list(group) for group in paragraph.citations], 8)
    return [*lines, f"        {first}", *rest]


def _references(references: Iterable[Reference]) -> bytes:
    lines = ["# The source's numbered reference list. A value that is not known is absent."]
    lines.append("references:")
    for reference in references:
        lines.append(f"  {reference.number}:")
        for name in REFERENCE_FIELDS:
            value = getattr(reference, name)
            if value not in (None, "", ()):
                first, *rest = style.field(name, value, 4)
                lines += [f"    {first}", *rest]
    return ("\n".join(lines) + "\n").encode()


def add_fields(sheet: Sheet, added: Mapping[int, Mapping[str, str]]) -> Sheet:
    """A file of references with more fields, each in its place; everything else stays.

    Raises TdrError where an entry is written so that nothing can be put in.
    """
    found = sheet.root.entry("references", sheet.value) if sheet.root else None
    entries = {_name(sheet, key): node for key, node in found[1].entries} if found else {}
    order = {name: place for place, name in enumerate(REFERENCE_FIELDS)}
    edits = []
    for number, fields in added.items():
        node = entries.get(str(number))
        if node is None or not node.entries:
            text = f"reference {number} is not written as a mapping"
            raise TdrError(Problem(text, location=Location(sheet.name)))
        in_braces = node.style == "{"
        between = ", " if in_braces else "\n" + " " * sheet.column(node.entries[0][0].start)
        for name, value in fields.items():
            text = (
                style.inline({name: value})[1:-1] if in_braces else style.field(name, value, 0)[0]
            )
            names = ((key, order.get(_name(sheet, key), 99)) for key, _ in node.entries)
            later = next((key for key, place in names if place > order[name]), None)
            if later is not None:
                edits.append((later.start, text + between))
            else:
                edits.append((node.entries[-1][1].end, between + text))
    together = {at: "".join(text for place, text in edits if place == at) for at, _ in edits}
    return sheet.edited(Edit(at, at, text) for at, text in together.items())


def _name(sheet: Sheet, key: Node) -> str:
    return sheet.text[key.start : key.end].strip("'\"")
