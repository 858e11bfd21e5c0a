"""RIS and nbib (MEDLINE): a tag at the start of a line, records one after the other.

Read line by line, so that a million records take no more memory than one. A record ends
where the next one begins, with or without its end mark; lines that are no field belong to
the field above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from tdr.gather import identifiers
from tdr.gather.items import Draft, Item

_LONGEST = 1 << 20
_RIS = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|\s*)$", re.S)
_NBIB = re.compile(r"([A-Z]{2,4}) *- ?(.*)$", re.S)
_LINKED_PMID = re.compile(
    r"pubmed\.ncbi\.nlm\.nih\.gov/([0-9]+)|ncbi\.nlm\.nih\.gov/pubmed/([0-9]+)"
)


class Fields(dict[str, list[str]]):
    """Tag -> the values of a record's fields with this tag."""

    def every(self, *tags: str) -> list[str]:
        """The values of these fields, in this order."""
        return [value for tag in tags for value in self.get(tag, ())]

    def first(self, *tags: str) -> str:
        """The first of them that says something."""
        return next(filter(None, self.every(*tags)), "")


def lines(stream: BinaryIO) -> Iterator[tuple[int, str, bool]]:
    """Number and text of each line, and whether it is UTF-8; what is not is Windows-1252.

    Lines end as on any system; a byte order mark is no part of the first.
    """
    number = 0
    while raw := stream.readline(_LONGEST):
        if number == 0:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        for line in raw.splitlines() or [b""]:
            number += 1
            try:
                yield number, line.decode("utf-8"), True
            except UnicodeDecodeError:
                yield number, line.decode("cp1252", "replace"), False


def read_ris(stream: BinaryIO, name: str) -> Iterator[Item]:
    """The records of a RIS file."""
    draft: Draft | None = None
    fields = Fields()
    above: list[str] = []
    for number, line, sound in lines(stream):
        tag = _RIS.match(line.lstrip("\ufeff"))
        kind, value = (tag[1], (tag[2] or "").strip()) if tag else ("", line.strip())
        if kind == "TY":
            if draft is not None:
                draft.warn("record without its end mark `ER  - `")
                yield _ris(draft, fields)
            draft, fields, above = Draft(name, number), Fields(TY=[value]), []
        elif draft is None:
            if kind and kind != "ER":
                text = f"field `{kind}` outside of a record, which begins with `TY  - `"
                yield Draft(name, number).unread(text)
        elif kind == "ER" and not value:
            yield _ris(draft, fields)
            draft = None
        elif kind and kind != "ER":
            above = fields.setdefault(kind, [])
            above.append(value)
        elif value and above:  # `ER  - stress`, too, is text that begins like an end mark
            above[-1] = f"{above[-1]} {line.strip()}"
        if draft is not None and not sound:
            _note_encoding(draft, number)
    if draft is not None:
        draft.warn("record without its end mark `ER  - `")
        yield _ris(draft, fields)


def _note_encoding(draft: Draft, line: int) -> None:
    if not any("UTF-8" in problem.text for problem in draft.problems):
        draft.warn("is not UTF-8; read as Windows-1252", line)


def _ris(draft: Draft, fields: Fields) -> Item:
    first = fields.first
    links = " ".join(fields.every("UR", "L1", "L2", "LK"))
    pubmed = _LINKED_PMID.search(links)
    is_medline = re.search("pubmed|medline", first("DB", "DP"), re.I)
    accession = first("AN") if is_medline else ""
    archive = re.search(r"PMC[0-9]+", f"{first('C2')} {links}")
    start, end = first("SP"), first("EP")
    return draft.item(
        authors=[_comma_name(value) for value in fields.every("AU", "A1")],
        title=first("TI", "T1", "CT", "BT"),
        journal=first("JO", "JF", "T2", "JA", "J2", "BT" if first("TI", "T1") else ""),
        year=first("PY", "Y1") or first("DA"),
        volume=first("VL"),
        issue=first("IS"),
        pages=start if "-" in start else identifiers.pages(start, end) or first("C7", "AR"),
        doi=first("DO") or (links if "doi.org/" in links else ""),
        pmid=identifiers.pmid(accession) or (pubmed and (pubmed[1] or pubmed[2])),
        pmcid=archive and archive[0],
        key=first("ID"),
    )


def _comma_name(text: str) -> str:
    """`Weaver, K. L., Jr` as reference lists print it: `Weaver KL Jr`."""
    family, _, rest = text.partition(",")
    given, _, suffix = rest.partition(",")
    return identifiers.person(family.strip(), given.strip(), suffix.strip())


def read_nbib(stream: BinaryIO, name: str) -> Iterator[Item]:
    """The records of a file in PubMed's format."""
    draft: Draft | None = None
    fields = Fields()
    above: list[str] = []
    for number, line, sound in lines(stream):
        tag = _NBIB.match(line.lstrip("\ufeff"))
        if tag and tag[1] == "PMID":
            if draft is not None:
                yield _nbib(draft, fields)
            draft, fields = Draft(name, number), Fields()
        if draft is None:
            if tag:
                text = f"field `{tag[1]}` outside of a record, which begins with `PMID- `"
                yield Draft(name, number).unread(text)
            continue
        if tag:
            # People and groups keep their order.
            kind = "FAU" if tag[1] in ("AU", "CN") else tag[1]
            value = f"{tag[1]} {tag[2].strip()}" if kind == "FAU" else tag[2].strip()
            above = fields.setdefault(kind, [])
            above.append(value)
        elif line.strip() and above:
            above[-1] = f"{above[-1]} {line.strip()}"
        if not sound:
            _note_encoding(draft, number)
    if draft is not None:
        yield _nbib(draft, fields)


def _nbib(draft: Draft, fields: Fields) -> Item:
    first = fields.first
    dois = [value for value in fields.every("LID", "AID") if value.endswith("[doi]")]
    return draft.item(
        authors=_nbib_authors(fields.get("FAU", [])),
        title=identifiers.title(first("TI", "BTI", "TT")),
        journal=first("TA", "JT"),
        year=first("DP", "DEP"),
        volume=first("VI"),
        issue=first("IP"),
        pages=first("PG"),
        doi=dois[0].removesuffix("[doi]").strip() if dois else "",
        pmid=first("PMID"),
        pmcid=first("PMC"),
    )


def _nbib_authors(listed: list[str]) -> list[str]:
    """A full name, then its short form, which is the one that lists print; either may lack."""
    authors: list[str] = []
    full = False
    for entry in listed:
        kind, _, value = entry.partition(" ")
        if kind == "AU":
            if full:
                authors.pop()
            authors.append(value)
        else:
            authors.append(_comma_name(value) if kind == "FAU" else value)
        full = kind == "FAU"
    return authors
