"""Selects the article of a JATS file that is meant, and reads its bibliographic record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tdr.gather import identifiers
from tdr.gather.reference_list import SUB_ARTICLE_TAGS, people
from tdr.gather.xml import XmlDocument, attribute, descendants, first, plain_text, text_of
from tdr.model.errors import Problem, TdrError, file_error
from tdr.model.text import cleaned
from tdr.model.values import NO_TITLE

_OTHER_FORMATS = {
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
_LICENCE_PARTS = {"noncommercial": "-NC", "noderiv": "-ND", "sharealike": "-SA"}


@dataclass(frozen=True, slots=True)
class SelectedArticle:
    """The article or sub-article to be read, the `whole` article, and the sub-articles left out."""

    node: Element
    whole: Element
    omitted: tuple[str, ...]


def select_article(
    document: XmlDocument, article: str | None, sub_article: str | None
) -> SelectedArticle:
    """Find the article in a file, and the sub-article that is asked for.

    Raises TdrError if there is none, or if there are several and none is chosen.
    """
    root, name = document.root, document.name
    articles = (
        [root]
        if root.tag == "article"
        else list(descendants(root, "article", excluding=SUB_ARTICLE_TAGS))
    )
    articles = [node for node in articles if any(part.tag in ("front", "body") for part in node)]
    if not articles:
        what = _OTHER_FORMATS.get(root.tag)
        text = f"is not JATS: its root is `{root.tag}`" + (f", {what}" if what else "")
        if root.tag == "article":
            text = "is an `article` without `front` and `body`: that is not JATS"
        error = first(root, "error")
        if root.tag == "OAI-PMH" and error is not None:
            text = f"holds no article; the archive said: {plain_text(error) or error.get('code')}"
        raise TdrError(Problem(text, "jats", document.at(root)))
    whole = (
        articles[0]
        if article is None and len(articles) == 1
        else _article_named(articles, name, article)
    )
    parts = list(_sub_articles(whole))
    if sub_article is None:
        return SelectedArticle(whole, whole, tuple(_part_name(part) for part in parts))
    for part in parts:
        if part.get("id") == sub_article:
            return SelectedArticle(part, whole, ())
    ids = ", ".join(part.get("id", "") for part in parts) or "none"
    raise file_error(name, f"has no sub-article `{sub_article}`; there are: {ids}", "usage")


def _sub_articles(node: Element) -> Iterator[Element]:
    """The sub-articles, and theirs in turn."""
    for child in node:
        if child.tag in SUB_ARTICLE_TAGS:
            yield child
            yield from _sub_articles(child)


def _article_named(articles: list[Element], name: str, wanted: str | None) -> Element:
    """The article with this number or identifier; TdrError lists all if there is none."""
    for place, node in enumerate(articles, 1):
        if wanted is not None and wanted in (str(place), *_ids(node)):
            return node
    listed = "; ".join(
        f"{place} ({', '.join(_ids(node)) or 'no identifier'})"
        for place, node in enumerate(articles[:20], 1)
    )
    problem = f"has no article `{wanted}`" if wanted else f"holds {len(articles)} articles"
    raise file_error(name, f"{problem}; choose with --article: {listed}", "usage")


def _ids(node: Element) -> list[str]:
    """The identifiers of an article."""
    meta = _meta(node)
    return [] if meta is None else [plain_text(element) for element in meta.findall("article-id")]


def _part_name(part: Element) -> str:
    kind = part.get("article-type") or part.get("response-type")
    return f"{part.get('id') or '(no id)'}{f' {kind}' if kind else ''}"


def _meta(node: Element) -> Element | None:
    """The element with the bibliographic record of an article or sub-article."""
    for child in node:
        if child.tag == "front":
            return first(child, "article-meta")
        if child.tag == "front-stub":
            return child
    return None


def record_of(selected: SelectedArticle) -> dict[str, object]:
    """The bibliographic record and licence, as far as the article gives them.

    What a sub-article does not give is taken from the whole article.
    """
    meta, whole = _meta(selected.node), _meta(selected.whole)
    meta = whole if meta is None else meta
    front = first(selected.whole, "front")
    if meta is None or whole is None:
        return {"title": NO_TITLE, "authors": [], "year": None}
    title = first(meta, "title-group", "article-title")
    title = first(meta, "article-title") if title is None else title
    authors = [name for group in meta.findall("contrib-group") for name in people(group)]
    year, published = _date(whole if first(meta, "pub-date") is None else meta)
    licence, url = _licence(whole if first(meta, "license") is None else meta)
    values = {
        "title": plain_text(title) or NO_TITLE,
        "authors": list(dict.fromkeys(authors)),
        "journal": None if front is None else _journal(front),
        "year": year,
        "published": published,
        "doi": identifiers.doi_within(_id(meta, "doi")),
        "pmid": identifiers.pmid(_id(meta, "pmid")),
        "pmcid": identifiers.pmcid(_id(meta, "pmcid", "pmc")),
        "licence": licence,
        "licence_url": url,
    }
    return {name: value for name, value in values.items() if value is not None or name == "year"}


def _id(meta: Element, *kinds: str) -> str:
    ids = {
        element.get("pub-id-type"): plain_text(element)
        for element in reversed(meta.findall("article-id"))
    }
    return next((ids[kind] for kind in kinds if kind in ids), "")


def _journal(front: Element) -> str | None:
    """The journal's abbreviation, or else its name."""
    named = {
        element.get("journal-id-type") or element.get("abbrev-type") or element.tag: plain_text(
            element
        )
        for element in descendants(front, "journal-id", "abbrev-journal-title", "journal-title")
    }
    best = ("iso-abbrev", "pubmed", "abbrev-journal-title", "journal-title", "nlm-ta")
    return next((named[kind] for kind in best if named.get(kind)), None)


def _date(meta: Element) -> tuple[int | None, str | None]:
    """Year, and the day if there is one, of the first publication."""
    order = ("epub", "epub-ppub", "electronic", "pub", "ppub", "print", "collection")

    def rank(node: Element) -> int:
        kinds = {node.get(name) for name in ("pub-type", "date-type", "publication-format")}
        return min((place for place, kind in enumerate(order) if kind in kinds), default=9)

    dates = meta.findall("pub-date")
    for element in sorted(dates, key=rank):
        shown, month, day = (plain_text(first(element, tag)) for tag in ("year", "month", "day"))
        year = identifiers.year(shown)
        if year is not None:
            exact = month.isdigit() and day.isdigit()
            return year, f"{year}-{int(month):02}-{int(day):02}" if exact else None
    return None, None


def _licence(meta: Element) -> tuple[str | None, str | None]:
    """Name and address of a Creative Commons licence, from its address or else its words."""
    for licence in descendants(meta, "license", "license_ref"):
        targets = [
            attribute(node, "href") for node in (licence, *descendants(licence, "ext-link", "uri"))
        ]
        targets += [plain_text(node) for node in (licence, *descendants(licence, "license_ref"))]
        for target in targets:
            match = _LICENCE.search(target)
            if match is not None:
                url = f"https://{match[0]}/" + ("1.0/" if match[3] else "")
                return ("CC0 1.0" if match[3] else f"CC {match[1].upper()} {match[2]}"), url
        named = _NAMED_LICENCE.search(cleaned(text_of(licence)))
        if named is not None:
            plain = re.sub(r"[^a-z]", "", named[1].casefold())
            return "CC BY" + "".join(
                add for word, add in _LICENCE_PARTS.items() if word in plain
            ), None
    return None, None
