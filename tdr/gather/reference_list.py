"""The reference list of an article in JATS -> numbered references.

The number is the printed label where all labels are different numbers, else the place in
the list; it is never taken from an id. One entry is one reference, in however many forms
(`citation-alternatives`, two forms side by side) it is given; an entry that lists several
works has the first in its fields and the others in its note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tdr.gather import identifiers
from tdr.gather.xml import attribute, by_tag, descendants, first, plain_text, text_of
from tdr.model.authors import group
from tdr.model.text import cleaned
from tdr.model.values import NO_TITLE, Reference

CITATION_TAGS = ("element-citation", "nlm-citation", "citation", "mixed-citation")
"""Elements that describe one cited work, the best structured first."""

SUB_ARTICLE_TAGS = ("sub-article", "response")
"""Elements in an article that have authors, and often a reference list, of their own."""

_AROUND_LABEL = "()[]{}., \t\n\xa0"
_NO_JOURNAL = ("book", "chapter", "thesis", "report", "web", "conf", "data", "software", "patent")
_TITLES = ("article-title", "chapter-title", "part-title", "data-title", "trans-title")
_SCHOLAR_FIELD = re.compile(
    r"(?:^|&)(journal|title|author|volume|issue|publication_year|pages|pmid|doi|book)="
)
_FORENAMES_FIRST = re.compile(r"((?:\w\.[\s-]?)+)\s*(\S.*)")


ElementsByTag = dict[str, list[Element]]
"""Name -> the elements of this name in an entry, or in one of its forms."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the printed list. `label` is how the list numbers it, if it does.

    `titled`: its title is marked up as one; `works` is the number of works that it lists;
    `ids` are the XML ids by which the text links to it.
    """

    reference: Reference
    label: str
    ids: tuple[str, ...]
    heading: str
    element: Element
    titled: bool
    works: int = 1


def read_list(article: Element) -> tuple[Entry, ...]:
    """Every entry of every reference list of an article, numbered, in the order of numbers.

    Lists of sub-articles are left out, unless `article` is one.
    """
    listed = list(_entries(article))
    parts = [by_tag(element) for element, _ in listed]
    labels = [
        text_of(elements["label"][0]).strip(_AROUND_LABEL) if "label" in elements else ""
        for elements in parts
    ]
    numbers = _numbers(labels, [heading for _, heading in listed])
    entries = [
        _entry(node, heading, elements, label, number)
        for (node, heading), elements, label, number in zip(
            listed, parts, labels, numbers, strict=True
        )
    ]
    return tuple(sorted(entries, key=lambda entry: entry.reference.number))


def _entries(article: Element) -> Iterator[tuple[Element, str]]:
    """Every entry, and the heading of its list or else of the list around that."""
    within: dict[Element, str] = {}
    for element in descendants(article, "ref", "ref-list", excluding=SUB_ARTICLE_TAGS):
        if element.tag == "ref":
            yield element, within.get(element, "")
            continue
        title = element.find("title")
        heading = within.get(element, "") if title is None else plain_text(title)
        within.update(
            dict.fromkeys(
                descendants(element, "ref", "ref-list", excluding=SUB_ARTICLE_TAGS), heading
            )
        )


def _numbers(printed: Sequence[str], headings: Sequence[str]) -> list[int]:
    """A number for each entry; lists whose labels start again are numbered on."""
    labels = [int(label) if re.fullmatch("[1-9][0-9]{0,5}", label) else 0 for label in printed]
    if 0 not in labels and len(set(labels)) == len(labels):
        return labels
    main = [
        number for number, heading in zip(labels, headings, strict=True) if heading == headings[0]
    ]
    if 0 not in main and len(set(main)) == len(main):
        further = range(max(main) + 1, max(main) + 1 + len(labels) - len(main))
        return [*main, *further]
    return list(range(1, len(labels) + 1))


# --- one entry -----------------------------------------------------------------------------


def _entry(node: Element, heading: str, parts: ElementsByTag, label: str, number: int) -> Entry:
    works = _works(parts)
    titled, reference = _reference(number, works[0] if works else [node], node, parts)
    if len(works) > 1:
        others = "; ".join(_as_printed(work[0]) for work in works[1:])
        reference = reference._replace(note=f"The entry also lists: {others}")
    ids = tuple(identifier for part in node.iter() if (identifier := part.get("id")))
    return Entry(reference, label, ids, heading, node, titled, max(1, len(works)))


def _works(parts: ElementsByTag) -> list[list[Element]]:
    """The cited works of an entry, each in its forms, the best structured form first."""
    works = [
        list(descendants(inner, *CITATION_TAGS)) for inner in parts.get("citation-alternatives", ())
    ]
    alternatives = {form for forms in works for form in forms}
    separate = [
        [
            form
            for form in parts.get(tag, ())
            if form not in alternatives
            and "display-unstructured" not in (form.get("citation-type"), _kind(form))
        ]
        for tag in CITATION_TAGS
    ]
    # Forms of different kinds side by side are one work; several of one kind are several works.
    works += [
        [forms[at] for forms in separate if at < len(forms)]
        for at in range(max(map(len, separate)))
    ]
    for forms in works:
        forms.sort(key=lambda form: CITATION_TAGS.index(form.tag))
    return works or [parts[tag] for tag in CITATION_TAGS if tag in parts][:1]


def _kind(form: Element) -> str:
    return form.get("publication-type") or form.get("citation-type") or ""


def _reference(
    number: int, forms: Sequence[Element], node: Element, parts: ElementsByTag
) -> tuple[bool, Reference]:
    """The fields of one work: from its best structured form, then what the others have."""
    sources = [parts]
    if len(forms) > 1:
        forms = sorted(forms, key=lambda form: first(form, "article-title") is None)
        sources = [by_tag(form) for form in forms]
    scholar = _scholar(parts)

    def value(*tags: str) -> str:
        for elements in sources:
            for tag in tags:
                for part in elements.get(tag, ()):
                    if text := plain_text(part):
                        return text
        return ""

    def linked(name: str) -> str:
        return next(iter(scholar.get(name, ())), "")

    title, source = identifiers.title(value(*_TITLES)), value("source")
    title = title or linked("title") or linked("book")
    journal = source or linked("journal")
    kinds = " ".join(map(_kind, forms)).casefold()
    if not title and source and (not value("volume") or any(k in kinds for k in _NO_JOURNAL)):
        title, journal = source, ""
    doi = _identifier(parts, "doi") or identifiers.doi_within(linked("doi"))
    page = value("page-range") or identifiers.pages(value("fpage"), value("lpage"))
    return bool(title), Reference(
        number=number,
        authors=next(filter(None, map(_authors, forms, sources)), ()) or _scholar_authors(scholar),
        title=title or _as_printed(forms[0]) or NO_TITLE,
        journal=journal or None,
        year=identifiers.year(value("year")) or identifiers.year(linked("publication_year")),
        volume=value("volume") or linked("volume") or None,
        issue=value("issue") or linked("issue") or None,
        pages=page or value("elocation-id") or linked("pages") or None,
        doi=doi or identifiers.doi_within(" ".join(map(text_of, forms))),
        pmid=_identifier(parts, "pmid") or identifiers.pmid(linked("pmid")),
        pmcid=_identifier(parts, "pmcid"),
        key=node.get("id") or None,
    )


def _identifier(parts: ElementsByTag, kind: str) -> str | None:
    """An identifier that is marked as one, or is the target of a link."""
    read = {"doi": identifiers.doi_within, "pmid": identifiers.pmid, "pmcid": identifiers.pmcid}[
        kind
    ]
    names = ("pmc", "pmcid") if kind == "pmcid" else (kind,)
    for tag in ("pub-id", "object-id", "article-id"):
        for element in parts.get(tag, ()):
            if element.get("pub-id-type") in names and (value := read(plain_text(element))):
                return value
    for tag in ("ext-link", "uri"):
        for link in parts.get(tag, ()):
            target = attribute(link, "href")
            is_one = link.get("ext-link-type") in names or (kind == "doi" and "doi.org/" in target)
            if is_one and (value := read(target)):
                return value
    return None


def _authors(form: Element, parts: ElementsByTag) -> tuple[str, ...]:
    groups = [
        group
        for group in parts.get("person-group", ())
        if group.get("person-group-type") in ("author", "", None)
    ]
    return tuple(name for group in groups or [form] for name in _names(group))


def _names(node: Element) -> Iterator[str]:
    for child in node:
        if child.tag == "etal":
            yield "et al."
        elif child.tag == "name":
            yield from filter(None, (_name(child),))
        elif child.tag in ("string-name", "collab", "name-alternatives"):
            yield from filter(
                None, (_name(next(descendants(child, "name", "string-name"), child)),)
            )
        elif child.tag == "surname":
            yield from filter(None, (plain_text(child),))
        elif child.tag != "person-group":
            yield from _names(child)


def _name(node: Element) -> str:
    parts = by_tag(node)

    def part(tag: str) -> str:
        return plain_text(parts[tag][0]) if tag in parts else ""

    if "surname" not in parts:
        return group(plain_text(node)) if node.tag == "collab" else plain_text(node)
    return identifiers.person(part("surname"), part("given-names"), part("suffix"))


def people(contributors: Element) -> Iterator[str]:
    """The authors of the article itself."""
    for contributor in descendants(contributors, "contrib", excluding=SUB_ARTICLE_TAGS):
        if contributor.get("contrib-type") in ("author", "", None):
            name = next(descendants(contributor, "name", "string-name", "collab"), None)
            if name is not None:
                yield _name(name)


# --- text ----------------------------------------------------------------------------------


def _as_printed(form: Element) -> str:
    """An entry without marked title, as it stands in the list, without its label."""
    text = cleaned(text_of(form, without=("label", "pub-id", "tex-math")))
    return text if len(text) <= 400 else text[:400].rsplit(" ", 1)[0] + " …"


def _scholar(parts: ElementsByTag) -> dict[str, list[str]]:
    """The fields of a link to Google Scholar, which some files have in place of mark-up."""
    fields: dict[str, list[str]] = {}
    for link in parts.get("ext-link", ()):
        if link.get("ext-link-type") == "google-scholar":
            pieces = _SCHOLAR_FIELD.split(attribute(link, "href"))
            for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
                if text := cleaned(value.rstrip("&")):
                    fields.setdefault(name, []).append(text)
    return fields


def _scholar_authors(fields: dict[str, list[str]]) -> tuple[str, ...]:
    names = []
    for name in fields.get("author", ()):
        match = _FORENAMES_FIRST.fullmatch(name)
        names.append(identifiers.person(match[2], match[1].strip()) if match else name)
    return tuple(names)
