"""CITATION.cff (Citation File Format 1.2.0) of the program, its data and its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tdr.edit.style import field
from tdr.model.authors import Author, authors
from tdr.model.publication import Publication
from tdr.render.latex import one_line

_TYPES = {"article-journal": "article", "software": "software", "dataset": "data"}
_CREATIVE_COMMONS = re.compile(r"CC (?:BY(?:-NC)?(?:-ND|-SA)? [1-4]\.0|0 1\.0)|CC0 1\.0")
"""Names of licences whose SPDX identifiers are the same with hyphens."""

_MESSAGE = (
    "If you use tdr, please cite the program, the data in their version, and the publication that "
    "they restate."
)


def cff(publications: Sequence[Publication]) -> Iterator[str]:
    """The file for the first publication, with the others as its references."""
    program, *others = publications
    file = {"cff-version": "1.2.0", "message": _MESSAGE, **_entry(program)}
    references = [_entry(other) for other in others if other.names]  # authors are required
    if references:
        file["references"] = references
    for name, value in file.items():
        yield "".join(f"{line}\n" for line in field(name, value, 0))


def _entry(publication: Publication) -> dict[str, Any]:
    first, last = publication.page_range
    fields = {
        "type": _TYPES[publication.kind],
        "title": publication.title,
        "version": publication.version,
        "license": _spdx(publication.licence),
        "journal": publication.journal,
        # For software the format has no year, only a release date.
        "year": None if publication.kind == "software" else publication.year,
        "volume": publication.volume,
        "issue": publication.issue,
        "start": first,
        "end": last,
        "doi": publication.doi,
        "url": publication.url,
        "authors": [_person(author) for author in authors(publication.names)[0]],
    }
    written = {
        n: one_line(value) if isinstance(value, str) else value for n, value in fields.items()
    }
    return {name: value for name, value in written.items() if value}


def _person(author: Author) -> dict[str, str]:
    names = {"name": author.family}
    if author.given:
        names = {"family-names": author.family, "given-names": author.given}
    names["name-suffix"] = author.suffix
    return {name: one_line(value) for name, value in names.items() if value}


def _spdx(licence: str | None) -> str | None:
    if licence and _CREATIVE_COMMONS.fullmatch(licence):
        return licence.replace(" ", "-")
    return licence if licence == "MIT" else None
