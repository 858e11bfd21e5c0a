"""Bibliographies -> references: RIS, nbib, PubMed XML, CSL-JSON, BibTeX.

The content tells the format. No record is lost: it becomes a reference, with warnings
about what is wrong with it, or an item without reference that says why.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from tdr.gather import identifiers
from tdr.gather.items import Item, ItemBuilder
from tdr.gather.xml import descendants, first, iter_elements, plain_text
from tdr.model.authors import group, is_unclear, several
from tdr.model.errors import Location, Problem, TdrError, file_error
from tdr.read.content import read_stream

SNIFFED = 1 << 16
"""Bytes from the start of a file that the format is recognized by."""

_SIGNATURES = (
    ("nbib", re.compile(rb"^(?:\xef\xbb\xbf)?PMID *- ", re.M)),
    ("ris", re.compile(rb"^(?:\xef\xbb\xbf)?TY  ?-", re.M)),
    ("pubmed", re.compile(rb"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle)\b")),
    ("csl", re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]")),
    ("bibtex", re.compile(rb"^\s*@[A-Za-z]+\s*[{(]", re.M)),
)


def format_of(start: bytes) -> str | None:
    """The format of a bibliography, by its first bytes: ris, nbib, pubmed, csl, bibtex."""
    return next((kind for kind, signature in _SIGNATURES if signature.search(start)), None)


def wrong_encoding(start: bytes) -> str:
    """A message if a text is UTF-16, which only XML declares; else empty."""
    in_pairs = start[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) or b"\0" in start[:2]
    return "is UTF-16; save it as UTF-8" if in_pairs else ""


def read_bibliography(stream: BinaryIO, name: str) -> Iterator[Item]:
    """Every record of a bibliography, in order. RIS, nbib and PubMed XML are streamed.

    The stream must be able to go back to its start. Raises TdrError for a file that is none
    of the formats, or is broken as a whole.
    """
    start = stream.read(SNIFFED)
    kind = format_of(start)
    stream.seek(0)
    if kind is None:
        formats = "RIS, nbib, PubMed XML, CSL-JSON or BibTeX"
        text = wrong_encoding(start) or f"is not a bibliography that tdr reads: {formats}"
        raise file_error(name, text, "bibliography")
    if kind in ("ris", "nbib"):
        from tdr.gather.tagged import read_nbib, read_ris

        return read_ris(stream, name) if kind == "ris" else read_nbib(stream, name)
    if kind == "pubmed":
        return read_pubmed(stream, name)
    data = read_stream(stream, name)
    if kind == "csl":
        return read_csl(data, name)
    from tdr.gather.bibtex import read_bibtex

    return read_bibtex(data, name)


# --- PubMed XML ----------------------------------------------------------------------------


def read_pubmed(stream: BinaryIO, name: str) -> Iterator[Item]:
    """The records of PubMed's XML; the works that a record cites are none of its own."""
    for node, line in iter_elements(stream, name, "PubmedArticle", "PubmedBookArticle"):
        builder = ItemBuilder(name, line)

        def text(*path: str, node: Element = node) -> str:
            return plain_text(first(node, *path))

        own = descendants(node, "ArticleId", excluding=("ReferenceList",))
        ids = {element.get("IdType"): plain_text(element) for element in own}
        dois = [
            plain_text(n) for n in descendants(node, "ELocationID") if n.get("EIdType") == "doi"
        ]
        people = first(node, "AuthorList")
        yield builder.item(
            authors=[]
            if people is None
            else [_pubmed_name(n) for n in descendants(people, "Author")],
            title=identifiers.title(
                text("ArticleTitle") or text("BookTitle") or text("VernacularTitle")
            ),
            journal=text("ISOAbbreviation") or text("MedlineTA") or text("Journal", "Title"),
            year=text("PubDate"),
            volume=text("JournalIssue", "Volume"),
            issue=text("JournalIssue", "Issue"),
            pages=text("MedlinePgn"),
            doi=ids.get("doi") or (dois[0] if dois else ""),
            pmid=text("PMID"),
            pmcid=ids.get("pmc"),
        )


def _pubmed_name(node: Element) -> str:
    parts = {child.tag: plain_text(child) for child in node}
    if "LastName" not in parts:
        return group(parts.get("CollectiveName", ""))
    given = parts.get("Initials") or parts.get("ForeName", "")
    return identifiers.person(parts["LastName"], given, parts.get("Suffix", ""))


# --- CSL-JSON ------------------------------------------------------------------------------


def read_csl(data: bytes, name: str) -> Iterator[Item]:
    """The items of CSL-JSON: a list of them, one alone, or under `items`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TdrError(Problem("is not UTF-8", "bibliography", Location(name, line))) from None
    start = re.compile(r'\s*(?:\{\s*"items"\s*:\s*)?\[').match(text)
    position, single = (start.end(), False) if start else (0, True)
    decode, space = json.JSONDecoder().raw_decode, re.compile(r"[\s,]*")
    line, counted = 1, 0
    while True:
        position = space.match(text, position).end()  # type: ignore[union-attr]  # matches always
        line, counted = line + text.count("\n", counted, position), position
        if not single and text[position : position + 1] == "]":
            return
        try:
            value, position = decode(text, position)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "nested too deeply")
            at = Location(name, line + text.count("\n", counted, getattr(error, "pos", counted)))
            raise TdrError(Problem(f"is not JSON: {reason}", "bibliography", at)) from None
        yield _csl(value, ItemBuilder(name, line))
        if single:
            return


def _csl(value: Any, builder: ItemBuilder) -> Item:
    if not isinstance(value, dict):
        return builder.unreadable("an item must be an object")

    def text(*keys: str) -> str:
        values = (value.get(key) for key in keys)
        return next((str(v) for v in values if isinstance(v, str | int | float) and v != ""), "")

    issued = value.get("issued")
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    written = issued.get("raw") or issued.get("literal") if isinstance(issued, dict) else issued
    try:
        year = str(parts[0][0] or "")  # type: ignore[index]  # as CSL says; anything else is caught
    except (TypeError, IndexError, KeyError):
        year = str(written or "")
    builder.has_editors = bool(value.get("editor"))
    listed = value.get("author") or []
    people = [
        _csl_name(person) if isinstance(person, dict) else str(person)
        for person in (listed if isinstance(listed, list) else [listed])
    ]
    return builder.item(
        authors=[name for person in people for name in builder.names(person, str)],
        title=text("title"),
        journal=text("container-title-short", "journalAbbreviation", "container-title"),
        year=year,
        volume=text("volume"),
        issue=text("issue"),
        pages=text("page", "number", "article-number"),
        doi=text("DOI") or (text("URL") if "doi.org/" in text("URL") else ""),
        pmid=text("PMID"),
        pmcid=text("PMCID"),
        key=text("citation-key", "id"),
    )


def _csl_name(person: dict[str, Any]) -> str:
    part = {key: value for key, value in person.items() if isinstance(value, str)}
    if "family" not in part:
        literal = part.get("literal", "")
        unparted = several(literal) or is_unclear(literal)  # as some programs write people
        return literal if unparted else group(literal) or part.get("given", "")
    particle = part.get("non-dropping-particle") or part.get("dropping-particle")
    family = " ".join(filter(None, (particle, part["family"])))
    return identifiers.person(family, part.get("given", ""), part.get("suffix", ""))
