"""DOIs, PubMed ids and PubMed Central ids: what they look like, alone or in an address.

Nothing is looked up: a well-formed identifier may still lead nowhere.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from tdr.model.text import hyphened

DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"{}|\\^`]*[^\s\"{}|\\^`.,;:]")
PMID = re.compile(r"[1-9][0-9]{0,8}")
PMCID = re.compile(r"PMC[1-9][0-9]{0,8}")

_FIRST_DOI = re.compile(rf"(?<![0-9])(?<![0-9]\.){DOI.pattern}")
_ANOTHER = re.compile(r"[^\w/]*(?:https?://|(?<=[,;])(?=doi:|10\.[0-9]{4,9}/))", re.I)
_DOI_BEFORE = re.compile(r"doi:\s*|https?://|10\.", re.I)
_NUMBERS = {
    # A shorter number alone is that of a reference, not of PubMed.
    "pmid": re.compile(
        r"(?:(?:pmid|pubmed):?\s*|https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/"
        rf"|(?=[0-9]{{5}}))({PMID.pattern})/?",
        re.I,
    ),
    "pmcid": re.compile(
        r"(?:https?://(?:pmc|www)\.ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/|pmcid:?\s*)?"
        rf"({PMCID.pattern})/?",
        re.I,
    ),
}

_ENTITY = re.compile("&(?:#[0-9]+|[A-Za-z]+);")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_PAGE_PART = re.compile(
    r"(?:/(?:full|abstract|e?pdf|meta|html))?(?:(?:(?<!;[0-9]-)#|\?|</).*)?$"  # `;2-#` ends a SICI
)
_BRACKETS = {")": "(", "]": "[", ">": "<"}


def clean_doi(text: str) -> str:
    """The DOI that a text is, without what was copied along with it; empty if it is none.

    Copied along: an address or words before it, HTML entities, percent-escapes, another
    dash than the hyphen, a query, a tag, the last part of a page's address, a stray bracket.
    What is followed by other words or by another DOI may have been cut, and is none.
    """
    doi, rest = _split_at_doi(text)
    return "" if re.search(r"\w", rest) else doi


def first_doi(text: str) -> str:
    """The first DOI in running text, cleaned as `clean_doi` does; empty if there is none."""
    return _split_at_doi(text)[0]


def _split_at_doi(text: str) -> tuple[str, str]:
    """The first DOI in a text, cleaned, and the text behind it."""
    text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), hyphened(text))
    if _ESCAPE.search(text):
        text = unquote(text)
    found = _FIRST_DOI.search(text)
    if found is None:
        return "", ""
    doi, *others = _ANOTHER.split(found.group(), maxsplit=1)
    doi = _PAGE_PART.sub("", doi).rstrip(".,;:")
    while doi[-1:] in _BRACKETS and not is_balanced(doi):
        doi = doi[:-1].rstrip(".,;:")
    return (doi if DOI.fullmatch(doi) else ""), "".join(others) + text[found.end() :]


def is_balanced(doi: str) -> bool:
    """Whether every bracket of a DOI has its partner."""
    opened: list[str] = []
    for char in doi:
        if char in _BRACKETS.values():
            opened.append(char)
        elif char in _BRACKETS and (not opened or opened.pop() != _BRACKETS[char]):
            return False
    return not opened


class Identifier(NamedTuple):
    """An identifier: the field of a reference that holds it, and its value."""

    field: str
    value: str


def identifier(text: str) -> Identifier | None:
    """The identifier that a text is, with or without a prefix or the address around it."""
    text = text.strip()
    for field, form in _NUMBERS.items():
        match = form.fullmatch(text)
        if match:
            return Identifier(field, match[1].upper())
    doi = clean_doi(text) if _DOI_BEFORE.match(text) else ""
    return Identifier("doi", doi) if doi else None


def address(field: str, value: str) -> str:
    """The address of a DOI, PMID or PMCID; empty if the value is not well-formed."""
    if field == "doi" and DOI.fullmatch(value):
        return "https://doi.org/" + quote(value, safe="/:;()._-", errors="replace")
    if field == "pmid" and PMID.fullmatch(value):
        return f"https://pubmed.ncbi.nlm.nih.gov/{value}/"
    if field == "pmcid" and PMCID.fullmatch(value):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{value}/"
    return ""
