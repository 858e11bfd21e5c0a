"""Which article of a file is meant, and its bibliographic record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tdr.gather import identifiers
from tdr.gather.reference_list import SEPARATE, flat, people
from tdr.gather.xml import Node
from tdr.model.errors import Location, Problem, TdrError
from tdr.model.text import cleaned

_OTHERS = {
    "art": "BioMed Central's own format of before 2016; look for the article at Europe PMC",
    "html": "a web page; look for the article's XML at PubMed Central or Europe PMC",
    "PubmedArticleSet": "a list of PubMed records; it can fill in a bibliography (--fill)",
    "full-text-retrieval-response": "Elsevier's own format",
    "TEI": "TEI",
}
_LICENCE = re.compile(r"creativecommons\.org/(?:licenses/([a-z-]+)/([0-9.]+)|(publicdomain/zero))")
_NAMED_LICENCE = re.compile(
    r"Creative Commons Attribution((?:[ -](?:Non-?Commercial|No-?Deriv\w*|Share-?Alike))*)"
    r"(?: [0-9.]+)?(?: \w+)? Licen[sc]e",
    re.I,
)
_PARTS = {"noncommercial": "-NC", "noderiv": "-ND", "sharealike": "-SA"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The article, or part of it, to be read; the `whole` article; ids of parts left out."""

    node: Node
    whole: Node
    parts: tuple[str, ...]


def choose(root: Node, name: str, article: str | None, sub_article: str | None) -> Chosen:
    """Find the article in whatever is around it, and the part that is asked for.

    Raises TdrError when there is none, or several and none is chosen.
    """
    found = _articles(root)
    if not found:
        is_what = _OTHERS.get(root.tag)
        text = f"is not JATS: its root is `{root.tag}`" + (f", {is_what}" if is_what else "")
        if root.tag == "article":
            text = "is an `article` without `front` and `body`: that is not JATS"
        said = root.first("error")
        if root.tag == "OAI-PMH" and said is not None:
            text = f"holds no article; the archive said: {flat(said) or said.get('code')}"
        raise TdrError(Problem(text, "jats", Location(name, root.line)))
    whole = found[0] if article is None and len(found) == 1 else _one_of(found, name, article)
    parts = list(_parts(whole))
    if sub_article is None:
        return Chosen(whole, whole, tuple(_part_name(part) for part in parts))
    for part in parts:
        if part.get("id") == sub_article:
            return Chosen(part, whole, ())
    ids = ", ".join(part.get("id") for part in parts) or "none"
    text = f"has no sub-article `{sub_article}`; there are: {ids}"
    raise TdrError(Problem(text, "usage", Location(name)))


def _articles(root: Node) -> list[Node]:
    found = [root] if root.tag == "article" else list(root.all("article", outside=SEPARATE))
    return [node for node in found if any(c.tag in ("front", "body") for c in node.children)]


def _parts(node: Node) -> Iterator[Node]:
    """Parts with an author of their own; a part may have such parts."""
    for child in node.children:
        if child.tag in SEPARATE:
            yield child
            yield from _parts(child)


def _one_of(articles: list[Node], name: str, wanted: str | None) -> Node:
    for place, node in enumerate(articles, 1):
        if wanted is not None and wanted in (str(place), *_ids(node)):
            return node
    listed = "; ".join(
        f"{place} ({', '.join(_ids(node)) or 'no identifier'})"
        for place, node in enumerate(articles[:20], 1)
    )
    asked = f"has no article `{wanted}`" if wanted else f"holds {len(articles)} articles"
    text = f"{asked}; choose with --article: {listed}"
    raise TdrError(Problem(text, "usage", Location(name)))


def _ids(node: Node) -> list[str]:
    meta = _meta(node)
    return [flat(found) for found in meta.children if found.tag == "article-id"] if meta else []


def _part_name(part: Node) -> str:
    kind = part.get("article-type") or part.get("response-type")
    return f"{part.get('id') or '(no id)'}{f' {kind}' if kind else ''}"


def _meta(node: Node) -> Node | None:
    for child in node.children:
        if child.tag == "front":
            return child.first("article-meta")
        if child.tag == "front-stub":
            return child
    return None


def record_of(chosen: Chosen) -> dict[str, object]:
    """The bibliographic record and licence, as far as the article says them.

    A sub-article takes from the whole what it does not say itself.
    """
    meta = _meta(chosen.node) or _meta(chosen.whole)
    whole = _meta(chosen.whole)
    front = chosen.whole.first("front")
    if meta is None or whole is None:
        return {"title": "(no title)", "authors": [], "year": None}
    title = meta.first("title-group", "article-title") or meta.first("article-title")
    authors = [
        name for group in meta.children if group.tag == "contrib-group" for name in people(group)
    ]
    year, published = _date(meta) if meta.first("pub-date") else _date(whole)
    licence, url = _licence(meta if meta.first("license") else whole)
    values = {
        "title": (flat(title) if title else "") or "(no title)",
        "authors": list(dict.fromkeys(authors)),
        "journal": _journal(front) if front else None,
        "year": year,
        "published": published,
        "doi": identifiers.doi(_id(meta, "doi")),
        "pmid": identifiers.pmid(_id(meta, "pmid")),
        "pmcid": identifiers.pmcid(_id(meta, "pmcid", "pmc")),
        "licence": licence,
        "licence_url": url,
    }
    return {name: value for name, value in values.items() if value is not None or name == "year"}


def _id(meta: Node, *kinds: str) -> str:
    for kind in kinds:
        for found in meta.children:
            if found.tag == "article-id" and found.get("pub-id-type") == kind:
                return flat(found)
    return ""


def _journal(front: Node) -> str | None:
    """The journal's abbreviation, or else its name."""
    named = {
        found.get("journal-id-type") or found.get("abbrev-type") or found.tag: flat(found)
        for found in front.all("journal-id", "abbrev-journal-title", "journal-title")
    }
    best = ("iso-abbrev", "pubmed", "abbrev-journal-title", "journal-title", "nlm-ta")
    return next((named[kind] for kind in best if named.get(kind)), None)


def _date(meta: Node) -> tuple[int | None, str | None]:
    """Year, and the day if there is one, of the first publication."""
    order = ("epub", "epub-ppub", "electronic", "pub", "ppub", "print", "collection")

    def rank(node: Node) -> int:
        kinds = {node.get(name) for name in ("pub-type", "date-type", "publication-format")}
        return min((place for place, kind in enumerate(order) if kind in kinds), default=9)

    dates = [found for found in meta.children if found.tag == "pub-date"]
    for found in sorted(dates, key=rank):
        parts = [found.first(tag) for tag in ("year", "month", "day")]
        texts = [flat(part) if part is not None else "" for part in parts]
        year = identifiers.year(texts[0])
        if year is not None:
            if texts[1].isdigit() and texts[2].isdigit():
                return year, f"{year}-{int(texts[1]):02}-{int(texts[2]):02}"
            return year, None
    return None, None


def _licence(meta: Node) -> tuple[str | None, str | None]:
    """Name and address of a Creative Commons licence, from its address or else its words."""
    for licence in meta.all("license", "license_ref"):
        targets = [node.get("href") for node in (licence, *licence.all("ext-link", "uri"))]
        targets += [flat(node) for node in (licence, *licence.all("license_ref"))]
        for target in targets:
            found = _LICENCE.search(target)
            if found is not None:
                url = f"https://{found[0]}/" + ("1.0/" if found[3] else "")
                return ("CC0 1.0" if found[3] else f"CC {found[1].upper()} {found[2]}"), url
        said = _NAMED_LICENCE.search(cleaned(licence.text()))
        if said is not None:
            plain = re.sub(r"[^a-z]", "", said[1].casefold())
            return "CC BY" + "".join(add for word, add in _PARTS.items() if word in plain), None
    return None, None
