"""BibTeX -> items, with what bibtexparser does not do: `#`, crossref, names, `and others`.

Needs `tdr[bibtex]`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping

from tdr.gather import identifiers
from tdr.gather.items import Item, ItemBuilder
from tdr.model.authors import group
from tdr.model.errors import library_error

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FROM_PARENT = {"title": "booktitle"}
_OF_PARENT_ALONE = ("doi", "pmid", "pmcid", "pmc", "url", "note", "howpublished")
_MATHS = re.compile(r"(?<!\\)\$[^$]*\$")


def read_bibtex(data: bytes, name: str) -> Iterator[Item]:
    """The entries of a BibTeX file, in order; what is no entry is an item without reference."""
    try:
        from bibtexparser.entrypoint import parse_string
        from bibtexparser.model import DuplicateBlockKeyBlock, Entry, ParsingFailedBlock
    except ImportError as error:
        raise library_error("reading BibTeX needs", "bibtex", error) from None
    # It also logs each fault, which is reported here.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    is_utf8 = True
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, is_utf8 = data.decode("cp1252", "replace"), False
    library = parse_string(text.replace("\r\n", "\n").replace("\r", "\n"), parse_stack=[])
    strings = {month: month.capitalize() for month in _MONTHS}
    for string in library.strings:
        strings[string.key.casefold()] = _joined(string.value, strings)
    found: list[tuple[Entry | None, int, str]] = []
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateBlockKeyBlock):
            again = block.ignore_error_block
            what = f"key `{block.key}` is repeated"
            found.append((again if isinstance(again, Entry) else None, line, what))
        elif isinstance(block, ParsingFailedBlock):
            inner = block.ignore_error_block
            entry = inner if isinstance(inner, Entry) else None
            reason = getattr(block.error, "abort_reason", str(block.error))
            found.append((entry, line, f"cannot be read: {reason.rstrip('. ')}"))
        elif isinstance(block, Entry):
            found.append((block, line, "" if block.key else "entry without a key"))
    fields = {
        entry.key.casefold(): _fields(entry, strings) for entry, _, _ in reversed(found) if entry
    }
    for entry, line, what in found:
        builder = ItemBuilder(name, line)
        if what:
            builder.warn(what)
        if not is_utf8 and entry is (found[0][0]):
            builder.warn("is not UTF-8; read as Windows-1252")
        if entry is None:
            yield builder.unreadable()
        else:
            yield _item(builder, entry.key, _fields(entry, strings), fields)


def _fields(entry: object, strings: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for field in getattr(entry, "fields", ()):
        values.setdefault(field.key.casefold(), _joined(str(field.value), strings))
    return values


def _item(
    builder: ItemBuilder, key: str, own: dict[str, str], others: Mapping[str, Mapping[str, str]]
) -> Item:
    parent_key = own.get("crossref", "").strip()
    parent = others.get(parent_key.casefold(), {}) if parent_key else {}
    if parent_key and not parent:
        builder.warn(f"crossref `{parent_key}` is not an entry of this file")
    inherited = {name: value for name, value in parent.items() if name not in _OF_PARENT_ALONE}
    values = {_FROM_PARENT.get(name, name): value for name, value in inherited.items()} | own

    def first(*names: str) -> str:
        return next((text for name in names if (text := _plain(values.get(name, "")))), "")

    names = _split(" ".join(values.get("author", "").split()), " and ")
    builder.has_editors = bool(first("editor"))
    links = " ".join(filter(None, (first("url"), first("note"), first("howpublished"))))
    archive = re.search(r"PMC[0-9]+", " ".join((first("pmcid"), first("pmc"), links)))
    return builder.item(
        authors=[n for name in map(str.strip, names) if name for n in builder.names(name, _name)],
        title=first("title"),
        journal=first("journal", "journaltitle", "booktitle"),
        year=first("year", "date"),
        volume=first("volume"),
        issue=first("number", "issue"),
        pages=re.sub(r"\s*[-–—]+\s*", "-", first("pages")) or first("eid", "article-number"),
        doi=_doi(values) or ("doi.org/" in links and identifiers.doi_within(links)) or "",
        pmid=first("pmid"),
        pmcid=archive[0] if archive else first("pmcid", "pmc"),
        key=key,
    )


def _doi(values: Mapping[str, str]) -> str:
    """The DOI of an entry, without the escapes of LaTeX that some write in it: `10.1000/a\\_b`."""
    return re.sub(r"[{}]|\\(?=[_&%#$])", "", values.get("doi", ""))


def _joined(raw: str, strings: Mapping[str, str]) -> str:
    """The text of a value as it is written, such as `cc # " (US)"`; inner braces stay."""
    parts = []
    for part in map(str.strip, _split(raw, "#")):
        if part[:1] + part[-1:] in ("{}", '""') and len(part) > 1:
            parts.append(part[1:-1])
        else:
            parts.append(strings.get(part.casefold(), part))
    return "".join(parts)


def _split(text: str, at: str) -> list[str]:
    """The text cut at a character or word that is neither in braces nor in quotes."""
    parts, start, depth, quoted, position = [], 0, 0, False, 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
        elif char in "{}":
            depth += 1 if char == "{" else -1
        elif char == '"' and at == "#" and depth == 0:
            quoted = not quoted
        elif depth == 0 and not quoted and text[position : position + len(at)].casefold() == at:
            parts.append(text[start:position])
            position += len(at) - 1
            start = position + 1
        position += 1
    return [*parts, text[start:]]


def _name(text: str) -> str:
    """`Last, First`, `First von Last`, `{The Group}` and `others`, as lists print them."""
    if text.casefold() == "others":
        return "et al."
    if text.startswith("{") and text.endswith("}") and len(_split(text, " ")) == 1:
        return group(_plain(text))
    parts = [_plain(part) for part in _split(text, ",")]
    if len(parts) == 1:
        words = [_plain(word) for word in _split(text, " ")]
        if words[-1].isupper() and len(words[-1]) < 4:  # `Doe JR`, as lists print them already
            return " ".join(words)
        # The family name begins with the first small word, or is the last word.
        start = next((n for n, word in enumerate(words[:-1]) if word[:1].islower()), len(words) - 1)
        return identifiers.person(" ".join(words[start:]), " ".join(words[:start]))
    suffix, given = (parts[1], parts[2]) if len(parts) > 2 else ("", parts[1])
    return identifiers.person(parts[0], given, suffix)


def _plain(text: str) -> str:
    """A text with LaTeX turned into characters, without braces."""
    if "\\" in text or "$" in text or "~" in text:
        from pylatexenc.latex2text import (  # type: ignore[import-untyped]  # it has no types
            LatexNodes2Text,
        )

        # Indices of formulas are written on the line: H$_2$O is H2O.
        text = _MATHS.sub(lambda maths: re.sub("[_^]", "", maths[0]), text)
        text = LatexNodes2Text().latex_to_text(text)
    return " ".join(text.replace("{", "").replace("}", "").split())
