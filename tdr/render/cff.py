"""CITATION.cff (Citation File Format 1.2.0): a program with the data and papers behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from tdr.model.authors import authors
from tdr.model.publication import Publication
from tdr.render.latex import one_line

_TYPES = {"article-journal": "article", "software": "software", "dataset": "data"}
_CREATIVE_COMMONS = re.compile(r"CC (?:BY(?:-NC)?(?:-ND|-SA)? [1-4]\.0|0 1\.0)|CC0 1\.0")
"""Licences whose SPDX identifier is their name with hyphens."""


def cff(publications: Sequence[Publication]) -> Iterator[str]:
    """The file: the first of the publications with the others as its references."""
    program, *others = publications
    message = (
        "If you use tdr, please cite the program, the data in their version, "
        "and the publication that they restate."
    )
    yield f"cff-version: 1.2.0\nmessage: {_quoted(message)}\n"
    yield _entry(program, "")
    named = [other for other in others if other.names]  # the format wants authors
    if named:
        yield "references:\n"
    for other in named:
        yield "  - " + _entry(other, "    ").lstrip()


def _entry(publication: Publication, margin: str) -> str:
    first, last = publication.page_range
    fields = {
        "title": publication.title,
        "version": publication.version,
        "license": _spdx(publication.licence),
        "journal": publication.journal,
        "year": publication.year,
        "volume": publication.volume,
        "issue": publication.issue,
        "start": first,
        "end": last,
        "doi": publication.doi,
        "url": publication.url,
    }
    if publication.kind == "software":
        fields.pop("year")  # the format has only a day of release for it
    lines = [f"type: {_TYPES[publication.kind]}"]
    lines += [f"{name}: {_quoted(value)}" for name, value in fields.items() if value]
    lines += ["authors:", *_people(publication)]
    return "".join(f"{margin}{line}\n" for line in lines)


def _people(publication: Publication) -> Iterator[str]:
    for author in authors(publication.names)[0]:
        if author.given:
            yield f"  - family-names: {_quoted(author.family)}"
            yield f"    given-names: {_quoted(author.given)}"
            if author.suffix:
                yield f"    name-suffix: {_quoted(author.suffix)}"
        else:
            yield f"  - name: {_quoted(author.family)}"


def _spdx(licence: str | None) -> str | None:
    if licence and _CREATIVE_COMMONS.fullmatch(licence):
        return licence.replace(" ", "-")
    return licence if licence == "MIT" else None


def _quoted(value: str | int) -> str:
    """A YAML scalar: numbers as they are, text as JSON, which is YAML too."""
    return str(value) if isinstance(value, int) else json.dumps(one_line(value), ensure_ascii=False)
