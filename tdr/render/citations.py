"""Publications for reference managers: BibTeX, RIS, CSL-JSON; and one line for people.

No library writes them, because each format has cases that general writers get wrong: names of
groups, `et al.`, capitals that a style changes, Greek letters, texts that could end a record.
The key of a record is `ref138`, with the number of the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tdr.model.authors import Author, authors, printed
from tdr.model.publication import Publication
from tdr.model.values import NO_TITLE
from tdr.render.data import indented
from tdr.render.latex import latex, one_line

if TYPE_CHECKING:
    from tdr.render import Listing, Settings

_VERBATIM = re.compile(r"[!#-;=?-\[\]_a-z|~]+")
"""DOIs and addresses that need no escaping: no space, brace, double quote or backslash."""


# --- one line ------------------------------------------------------------------------------


_KINDS = {"software": " [computer program]", "dataset": " [data set]"}


def vancouver(publication: Publication, *, with_doi: bool = False) -> str:
    """A publication in one line, in Vancouver style."""
    names = ", ".join(map(printed, publication.names))
    stop = "" if not names or names.endswith(".") else "."
    version = f"Version {publication.version};" if publication.version else None
    year = str(publication.year) if publication.year else None
    where = " ".join(filter(None, (publication.journal, version, year))).rstrip(";")
    if publication.volume:
        where += f";{publication.volume}"
        where += f"({publication.issue})" if publication.issue else ""
    if publication.pages:
        where += f":{publication.pages}"
    title = (publication.title or NO_TITLE) + _KINDS.get(publication.kind, "")
    ends = "" if title.endswith((".", "?", "!")) else "."
    doi = f" doi:{publication.doi}" if publication.doi and with_doi else ""
    return f"{names}{stop} {title}{ends} {where}.{doi}".strip()


_LABELS = {"software": "program", "dataset": "data", "article-journal": "source"}


def text(publications: Iterable[Publication]) -> Iterator[str]:
    """A line for each publication, to be pasted into a manuscript."""
    for publication in publications:
        line = one_line(vancouver(publication, with_doi=True))
        yield f"{_LABELS[publication.kind] + ':':<8} {line}\n"


# --- BibTeX --------------------------------------------------------------------------------

_BIBTEX_TYPES = {"article-journal": "article", "software": "misc", "dataset": "misc"}
_ENCODING = {
    False: "% Encoding: UTF-8\n"
    "% For biber, LuaLaTeX or XeLaTeX; pdfLaTeX stops at Greek letters: write --ascii for it.\n",
    True: "% Encoding: US-ASCII\n",
}
_SEPARATOR = re.compile(r"\b(?:and|others)\b|[,\"]", re.I)
"""Parts of a name that BibTeX would read as its end."""


def bibtex(publications: Iterable[Publication], *, ascii: bool = False) -> Iterator[str]:
    r"""A BibTeX file, in UTF-8; with `ascii` Greek letters are `$\kappa$` and accents commands."""

    def escaped(value: str | None, **more: bool) -> str:
        return latex(value or "", ascii=ascii, **more)

    def name(author: Author) -> str:
        if not author.given:
            return f"{{{escaped(author.family)}}}"
        family = escaped(author.family)
        if _SEPARATOR.search(author.family):
            family = f"{{{family}}}"
        return ", ".join(filter(None, (family, author.suffix, escaped(author.given))))

    yield _ENCODING[ascii]
    for publication in publications:
        people, others = authors(publication.names)
        names = [name(author) for author in people] + ["others"] * (others and bool(people))
        first, last = publication.page_range
        version = f"Version {publication.version}" if publication.version else None
        fields = {
            "author": " and ".join(names),
            "title": escaped(publication.title, keep_capitals=True),
            "journal": escaped(publication.journal),
            "year": str(publication.year or ""),
            "volume": escaped(publication.volume),
            "number": escaped(publication.issue),
            "pages": f"{escaped(first)}--{escaped(last)}" if last else escaped(first),
            "doi": _verbatim(publication.doi),
            "url": _verbatim(publication.url),
            "pmid": escaped(publication.pmid),
            "pmcid": escaped(publication.pmcid),
            "note": escaped(publication.remark or version),
            "ids": ",".join(publication.aliases),  # further keys of the entry in biblatex
        }
        lines = [f"  {field} = {{{value}}}" for field, value in fields.items() if value]
        head = f"@{_BIBTEX_TYPES[publication.kind]}{{{publication.key}"
        yield "\n" + ",\n".join((head, *lines)) + "\n}\n"


def _verbatim(value: str | None) -> str:
    """A DOI or an address; empty if it has characters that would need escaping."""
    return value if value and _VERBATIM.fullmatch(value) else ""


# --- RIS -----------------------------------------------------------------------------------

_RIS_TYPES = {"article-journal": "JOUR", "software": "COMP", "dataset": "DATA"}


def ris(publications: Iterable[Publication]) -> Iterator[str]:
    """A RIS file, for EndNote, Zotero, Mendeley and others."""
    for publication in publications:
        people, _ = authors(publication.names)
        first, last = publication.page_range
        tags: list[tuple[str, str | None]] = [
            ("TY", _RIS_TYPES[publication.kind]),
            ("ID", publication.key),
            *(("AU", ", ".join(filter(None, (a.family, a.given, a.suffix)))) for a in people),
            ("TI", publication.title),
            # Some readers take T2 for the journal, some JO; T2 alone would be the title of a book.
            ("T2", publication.journal),
            ("JO", publication.journal),
            ("PY", str(publication.year or "")),
            ("VL", publication.volume),
            ("IS", publication.issue),
            ("SP", first),
            ("EP", last),
            ("ET", publication.version),
            ("DO", publication.doi),
            ("AN", publication.pmid),
            ("C2", publication.pmcid),
            ("UR", publication.url),
            ("N1", publication.remark),
        ]
        lines = [(tag, one_line(value or "")) for tag, value in tags]
        written = "".join(f"{tag}  - {value}\n" for tag, value in lines if value)
        yield f"{written}ER  - \n\n"


# --- CSL-JSON ------------------------------------------------------------------------------


def csl(publications: Iterable[Publication]) -> Iterator[str]:
    """CSL-JSON, for pandoc, citeproc, Zotero and other programs that format bibliographies."""
    separator = "[\n"
    for publication in publications:
        yield separator + indented(_csl_item(publication))
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _csl_item(publication: Publication) -> Mapping[str, Any]:
    people, _ = authors(publication.names)
    item = {
        "id": publication.key,
        "type": publication.kind,
        "author": [_csl_name(author) for author in people],
        "title": publication.title,
        "container-title": publication.journal,
        "issued": {"date-parts": [[publication.year]]} if publication.year else None,
        "volume": publication.volume,
        "issue": publication.issue,
        "page": publication.pages,
        "version": publication.version,
        "DOI": publication.doi,
        "PMID": publication.pmid,
        "PMCID": publication.pmcid,
        "URL": publication.url,
        "note": publication.remark,
    }
    return {name: _composed(value) for name, value in item.items() if value}


def _csl_name(author: Author) -> Mapping[str, str]:
    if not author.given:
        return {"literal": author.family}
    parts = {"family": author.family, "given": author.given, "suffix": author.suffix}
    return {name: value for name, value in parts.items() if value}


def _composed(value: Any) -> Any:
    """The value with every text composed (NFC); some readers separate decomposed accents."""
    from unicodedata import normalize

    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, list):
        return [_composed(item) for item in value]
    return {k: _composed(v) for k, v in value.items()} if isinstance(value, dict) else value


# --- references behind the records of a listing --------------------------------------------


def bibtex_of(listing: Listing, settings: Settings) -> Iterator[str]:
    """BibTeX of the publications of a listing, in ASCII if the output takes nothing else."""
    return bibtex(listing.publications, ascii=settings.terminal.ascii)
