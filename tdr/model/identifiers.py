"""What DOIs, PubMed ids and PubMed Central ids look like.

Nothing is looked up: a well-formed identifier may still lead nowhere.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from tdr.model.text import hyphened

DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"{}|\\^`]*[^\s\"{}|\\^`.,;:]")
PMID = re.compile(r"[1-9][0-9]{0,8}")
PMCID = re.compile(r"PMC[1-9][0-9]{0,8}")

_ENTITY = re.compile("&(?:#[0-9]+|[A-Za-z]+);")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_PAGE_PART = re.compile("[?#].*|/(?:full|abstract|e?pdf|meta|html)$")
_BRACKETS = {")": "(", "]": "[", ">": "<"}


def clean_doi(text: str) -> str:
    """The DOI in a text without what clings to it; empty if there is none.

    What clings: an address or a word before it, HTML entities, percent-escapes, another
    dash than the hyphen, a query, the last part of a page's address, a stray bracket.
    """
    text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), hyphened(text))
    if _ESCAPE.search(text):
        text = unquote(text)
    found = DOI.search(text)
    doi = _PAGE_PART.sub("", found.group()).rstrip(".,;:") if found else ""
    while doi[-1:] in _BRACKETS and not is_balanced(doi):
        doi = doi[:-1].rstrip(".,;:")
    return doi if DOI.fullmatch(doi) else ""


def is_balanced(doi: str) -> bool:
    """Whether every bracket of a DOI has its partner."""
    opened: list[str] = []
    for char in doi:
        if char in _BRACKETS.values():
            opened.append(char)
        elif char in _BRACKETS and (not opened or opened.pop() != _BRACKETS[char]):
            return False
    return not opened
