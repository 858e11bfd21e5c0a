"""RIS and nbib (MEDLINE): a tag at the start of a line, records one after the other.

Read line by line, so that a million records take no more memory than one. A record ends
where the next one begins, with or without its end mark; lines that are no field belong to
the field above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import BinaryIO

from tdr.gather import identifiers
from tdr.gather.items import Item, ItemBuilder
from tdr.model.authors import as_person, group

_LONGEST = 1 << 20
_RIS = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|\s*)$", re.S)
_NBIB = re.compile(r"([A-Z]{2,4}) *- ?(.*)$", re.S)
_LINKED_PMID = re.compile(
    r"pubmed\.ncbi\.nlm\.nih\.gov/([0-9]+)|ncbi\.nlm\.nih\.gov/pubmed/([0-9]+)"
)


class _TaggedRecord:
    """A record while it is read: its fields in order, each a tag and a value."""

    def __init__(self, name: str, line: int) -> None:
        self.builder = ItemBuilder(name, line)
        self.fields: list[list[str]] = []

    @cached_property
    def _by_tag(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for tag, value in self.fields:
            values.setdefault(tag, []).append(value)
        return values

    def every(self, *tags: str) -> list[str]:
        """The values of the fields with these tags, in the order of the tags."""
        return [value for tag in tags for value in self._by_tag.get(tag, ())]

    def first(self, *tags: str) -> str:
        """The first of these values that is not empty."""
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
    return _items(stream, name, _RIS, _ris, "TY", "ER")


def read_nbib(stream: BinaryIO, name: str) -> Iterator[Item]:
    """The records of a file in PubMed's format."""
    return _items(stream, name, _NBIB, _nbib, "PMID")


def _items(
    stream: BinaryIO,
    name: str,
    form: re.Pattern[str],
    read: Callable[[_TaggedRecord], Item],
    begin: str,
    end: str = "",
) -> Iterator[Item]:
    """Records that begin with one tag and end with another, if with any; fields outside of them."""
    record: _TaggedRecord | None = None
    for number, line, is_utf8 in lines(stream):
        tag = form.match(line.lstrip("\ufeff"))
        kind, value = (tag[1], (tag[2] or "").strip()) if tag else ("", line.strip())
        if kind == begin:
            if record is not None:
                yield read(_without_end(record, end))
            record = _TaggedRecord(name, number)
        if record is None:
            if kind not in ("", end):
                text = f"field `{kind}` outside of a record, which begins with `{begin:4}- `"
                yield ItemBuilder(name, number).unreadable(text)
            continue
        if kind not in ("", end):
            record.fields.append([kind, value])
        elif value:  # a line `ER  - stress` is text, though it begins like an end mark
            record.fields[-1][1] += f" {line.strip()}"
        if not is_utf8 and not any("UTF-8" in p.text for p in record.builder.problems):
            record.builder.warn("is not UTF-8; read as Windows-1252", number)
        if kind and kind == end and not value:
            yield read(record)
            record = None
    if record is not None:
        yield read(_without_end(record, end))


def _without_end(record: _TaggedRecord, end: str) -> _TaggedRecord:
    if end:
        record.builder.warn(f"record without its end mark `{end:4}- `")
    return record


def _ris(record: _TaggedRecord) -> Item:
    first = record.first
    links = " ".join(record.every("UR", "L1", "L2", "LK"))
    pubmed = _LINKED_PMID.search(links)
    is_medline = re.search("pubmed|medline", first("DB", "DP"), re.I)
    accession = first("AN") if is_medline else ""
    archive = re.search(r"PMC[0-9]+", f"{first('C2')} {links}")
    start, end = first("SP"), first("EP")
    record.builder.has_editors = bool(first("ED", "A2"))
    authors = record.every("AU", "A1")
    if unclear := [name for name in authors if as_person(name)]:
        who = f"`{unclear[0]}` is" if len(unclear) == 1 else f"`{'`, `'.join(unclear[:3])}` are"
        record.builder.warn(
            f"{who} taken for a group; a person is written `{as_person(unclear[0])}`"
        )
    return record.builder.item(
        authors=[n for name in authors for n in record.builder.names(name, identifiers.comma_name)],
        title=first("TI", "T1", "CT", "BT"),
        journal=first("JO", "JF", "T2", "JA", "J2", "BT" if first("TI", "T1") else ""),
        year=first("PY", "Y1") or first("DA"),
        volume=first("VL"),
        issue=first("IS"),
        pages=start if "-" in start else identifiers.pages(start, end) or first("C7", "AR"),
        doi=first("DO") or ("doi.org/" in links and identifiers.doi_within(links)) or "",
        pmid=identifiers.pmid(accession) or (pubmed and (pubmed[1] or pubmed[2])),
        pmcid=archive and archive[0],
        key=first("ID"),
    )


def _nbib(record: _TaggedRecord) -> Item:
    first = record.first
    dois = [value for value in record.every("LID", "AID") if value.endswith("[doi]")]
    return record.builder.item(
        authors=[
            n for name in _nbib_authors(record.fields) for n in record.builder.names(name, str)
        ],
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


_NBIB_NAMES: Mapping[str, Callable[[str], str]] = {
    "FAU": identifiers.comma_name, "AU": str, "CN": group,
}  # fmt: skip


def _nbib_authors(fields: Iterable[Sequence[str]]) -> list[str]:
    """A full name, then its short form, which is the one that lists print; either may lack."""
    authors: list[str] = []
    full = False
    for tag, value in fields:
        if tag not in _NBIB_NAMES:
            continue
        if tag == "AU" and full:
            authors.pop()
        authors.append(_NBIB_NAMES[tag](value))
        full = tag == "FAU"
    return authors
