"""Identifiers and dates as bibliographies write them -> as references hold them.

What is no identifier gives None; nothing is guessed and nothing is looked up.
"""

from __future__ import annotations

import re

from tdr.model.authors import SUFFIXES, author, group, printed
from tdr.model.dates import years_of_publication
from tdr.model.identifiers import clean_doi, first_doi
from tdr.model.text import hyphened

_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_PMID = re.compile(r"(?:^|[^0-9A-Za-z.])([1-9][0-9]{0,8})/?$")
_PMCID = re.compile(r"(?:^|PMC|/)0*([1-9][0-9]{0,9})(?:\.[0-9]+)?/?$", re.I)
_SHORT_NAME = re.compile(r"[^\W\d_]-?[^\W\d_]")


def doi(text: str) -> str | None:
    """The DOI that a text is: `https://doi.org/10.1000/182` and `doi:10.1000/182.` are one."""
    return clean_doi(text) or None


def doi_within(text: str) -> str | None:
    """The first DOI in running text."""
    return first_doi(text) or None


def pmid(text: str) -> str | None:
    """A PubMed id: a number, alone or at the end of a link or after `PMID:`."""
    match = _PMID.search(text.strip())
    return match[1] if match else None


def pmcid(text: str) -> str | None:
    """A PubMed Central id, `PMC` and a number; the letters may be missing."""
    match = _PMCID.search(text.strip())
    return f"PMC{match[1]}" if match else None


def year(text: str) -> int | None:
    """The first year in a text: `2015a`, `2006. a` and `2013 May 28` have one."""
    known = years_of_publication()
    return next(
        (candidate for candidate in map(int, _YEAR.findall(text)) if candidate in known), None
    )


def title(text: str) -> str:
    """A title without the full stop that lists print after it."""
    return text if text.endswith("..") else text.removesuffix(".")


def person(family: str, given: str, suffix: str = "") -> str:
    """A name as reference lists print it: `Weaver KL`, `Ashby CR Jr`."""
    *names, last = given.split() or [""]
    if not suffix and last.rstrip(".") in SUFFIXES:
        given, suffix = " ".join(names), last
    return " ".join(part for part in (family, _initials(given), suffix.rstrip(".")) if part)


def comma_name(text: str) -> str:
    """`Weaver, Katherine L., Jr` or `Weaver K.L. Jr` as lists print it: `Weaver KL Jr`."""
    if printed(text) != text:
        return group(text)
    name = author(text)
    if not name.given:  # a group may have a comma, too
        return " ".join(text.replace(",", " ").split())
    family, _, rest = text.partition(",")
    if name.family != " ".join(family.split()):  # what stands before the comma has initials
        initials = name.given.replace(".", "").replace(" ", "")
        return " ".join(filter(None, (name.family, initials, name.suffix)))
    given, _, suffix = rest.partition(",")
    return person(family.strip(), given.strip(), suffix.strip())


def _initials(given: str) -> str:
    """`Robert H.` -> `RH`, `J.-P.` -> `JP`; `Bo` and `H-f` are as short, and stay."""
    is_short = _SHORT_NAME.fullmatch(given) and not given.isupper()
    if is_short or given.upper() == given.lower():  # no capitals: a script without initials
        return given.rstrip(".")
    names = list(filter(None, re.split(r"[\s.()-]+", hyphened(given))))
    longest = 4 if len(names) == 1 else 2
    initials = [n if n.isupper() and len(n) <= longest else n[0].upper() for n in names]
    return ("" if len(initials) <= 4 else " ").join(initials)


def pages(first: str, last: str) -> str | None:
    """`413-418`, `4002.e26`, or nothing."""
    return f"{first}-{last}" if first and last and first != last else first or last or None
