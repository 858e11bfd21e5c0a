"""The reference list of an article in JATS -> numbered references.

The number is the printed label where all labels are different numbers, else the place in
the list; it is never taken from an id. One entry is one reference, in however many forms
(`citation-alternatives`, two forms side by side) it is given; an entry that lists several
works has the first in its fields and the others in its note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tdr.gather import identifiers
from tdr.gather.xml import Node
from tdr.model.text import cleaned
from tdr.model.values import Reference

CITATIONS = ("element-citation", "nlm-citation", "citation", "mixed-citation")
"""Elements that hold one cited work, the best structured first."""

SEPARATE = ("sub-article", "response")
"""Parts of an article that have an author, and often a reference list, of their own."""

_AROUND_LABEL = "()[]{}., \t\n\xa0"
_NO_JOURNAL = ("book", "chapter", "thesis", "report", "web", "conf", "data", "software", "patent")
_TITLES = ("article-title", "chapter-title", "part-title", "data-title", "trans-title")
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SCHOLAR_FIELD = re.compile(
    r"(?:^|&)(journal|title|author|volume|issue|publication_year|pages|pmid|doi|book)="
)
_FORENAMES_FIRST = re.compile(r"((?:\w\.[\s-]?)+)\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the printed list. `label` is how the list numbers it, if it does.

    `titled` says whether its title was marked as one; `works` how many works it lists;
    `ids` are the XML ids by which the text links to it.
    """

    reference: Reference
    label: str
    ids: tuple[str, ...]
    heading: str
    line: int
    titled: bool
    works: int = 1


def read_list(article: Node) -> tuple[Entry, ...]:
    """Every entry of every reference list of an article, numbered, in the order of numbers.

    Lists of sub-articles are left out, unless `article` is one.
    """
    entries: list[Entry] = []
    for heading, node in _entries(article, ""):
        entries.append(_entry(node, heading))
    numbers = _numbers(entries)
    numbered = [
        replace(entry, reference=replace(entry.reference, number=number))
        for entry, number in zip(entries, numbers, strict=True)
    ]
    return tuple(sorted(numbered, key=lambda entry: entry.reference.number))


def _entries(node: Node, heading: str) -> Iterator[tuple[str, Node]]:
    for child in node.children:
        if child.tag == "ref":
            yield heading, child
        elif child.tag == "ref-list":
            title = next((part for part in child.children if part.tag == "title"), None)
            yield from _entries(child, flat(title) if title else heading)
        elif child.tag not in SEPARATE:
            yield from _entries(child, heading)


def _numbers(entries: Sequence[Entry]) -> list[int]:
    """A number for each entry; lists whose labels start again are numbered on."""
    labels = [int(e.label) if re.fullmatch("[1-9][0-9]{0,5}", e.label) else 0 for e in entries]
    if 0 not in labels and len(set(labels)) == len(labels):
        return labels
    main = [
        n for n, entry in zip(labels, entries, strict=True) if entry.heading == entries[0].heading
    ]
    if 0 not in main and len(set(main)) == len(main):
        further = range(max(main) + 1, max(main) + 1 + len(entries) - len(main))
        return [*main, *further]
    return list(range(1, len(entries) + 1))


# --- one entry -----------------------------------------------------------------------------

Parts = dict[str, list[Node]]
"""The elements of an entry, or of one of its forms, under their names."""


def _entry(node: Node, heading: str) -> Entry:
    parts = node.by_tag()
    label = parts["label"][0] if "label" in parts else None
    works = _works(parts)
    titled, reference = _reference(works[0] if works else [node], node, parts)
    if len(works) > 1:
        others = "; ".join(_as_printed(work[0]) for work in works[1:])
        reference = replace(reference, note=f"The entry also lists: {others}")
    inner = (found for listed in parts.values() for found in listed)
    ids = tuple(filter(None, (node.get("id"), *(found.get("id") for found in inner))))
    return Entry(
        reference,
        label.text().strip(_AROUND_LABEL) if label else "",
        ids,
        heading,
        node.line,
        titled,
        max(1, len(works)),
    )


def _works(parts: Parts) -> list[list[Node]]:
    """The cited works of an entry, each in its forms, the best structured form first."""
    works = [list(inner.all(*CITATIONS)) for inner in parts.get("citation-alternatives", ())]
    alternatives = {form for forms in works for form in forms}
    beside = [
        [
            form
            for form in parts.get(tag, ())
            if form not in alternatives
            and "display-unstructured" not in (form.get("citation-type"), _kind(form))
        ]
        for tag in CITATIONS
    ]
    # Forms of different kinds side by side are one work; several of one kind are several works.
    works += [
        [forms[at] for forms in beside if at < len(forms)] for at in range(max(map(len, beside)))
    ]
    for forms in works:
        forms.sort(key=lambda form: CITATIONS.index(form.tag))
    return works or [parts[tag] for tag in CITATIONS if tag in parts][:1]


def _kind(form: Node) -> str:
    return form.get("publication-type") or form.get("citation-type")


def _reference(forms: Sequence[Node], node: Node, parts: Parts) -> tuple[bool, Reference]:
    """The fields of one work: from its best structured form, then what the others have."""
    inside = [parts]
    if len(forms) > 1:
        forms = sorted(forms, key=lambda form: form.first("article-title") is None)
        inside = [form.by_tag() for form in forms]
    scholar = _scholar(parts)

    def value(*tags: str) -> str:
        for found in inside:
            for tag in tags:
                for part in found.get(tag, ()):
                    if text := flat(part):
                        return text
        return ""

    def linked(name: str) -> str:
        return next(iter(scholar.get(name, ())), "")

    title, source = value(*_TITLES), value("source")
    if not title.endswith(".."):
        title = title.removesuffix(".")
    title = title or linked("title") or linked("book")
    journal = source or linked("journal")
    kinds = " ".join(map(_kind, forms)).casefold()
    if not title and source and (not value("volume") or any(k in kinds for k in _NO_JOURNAL)):
        title, journal = source, ""
    doi = _identifier(parts, "doi") or identifiers.doi(linked("doi"))
    page = value("page-range") or identifiers.pages(value("fpage"), value("lpage"))
    return bool(title), Reference(
        number=0,
        authors=next(filter(None, map(_authors, forms, inside)), ()) or _scholar_authors(scholar),
        title=title or _as_printed(forms[0]) or "(nothing is printed)",
        journal=journal,
        year=identifiers.year(value("year")) or identifiers.year(linked("publication_year")),
        volume=value("volume") or linked("volume") or None,
        issue=value("issue") or linked("issue") or None,
        pages=page or value("elocation-id") or linked("pages") or None,
        doi=doi or identifiers.doi(" ".join(form.text() for form in forms)),
        pmid=_identifier(parts, "pmid") or identifiers.pmid(linked("pmid")),
        pmcid=_identifier(parts, "pmcid"),
        key=node.get("id") or None,
    )


def _identifier(parts: Parts, kind: str) -> str | None:
    """An identifier that is marked as one, or is the target of a link."""
    read = {"doi": identifiers.doi, "pmid": identifiers.pmid, "pmcid": identifiers.pmcid}[kind]
    names = ("pmc", "pmcid") if kind == "pmcid" else (kind,)
    for tag in ("pub-id", "object-id", "article-id"):
        for found in parts.get(tag, ()):
            if found.get("pub-id-type") in names and (value := read(flat(found))):
                return value
    for tag in ("ext-link", "uri"):
        for link in parts.get(tag, ()):
            target = link.get("href")
            is_one = link.get("ext-link-type") in names or (kind == "doi" and "doi.org/" in target)
            if is_one and (value := read(target)):
                return value
    return None


def _authors(form: Node, parts: Parts) -> tuple[str, ...]:
    groups = [
        group
        for group in parts.get("person-group", ())
        if group.get("person-group-type") in ("author", "")
    ]
    return tuple(name for group in groups or [form] for name in _names(group))


def _names(node: Node) -> Iterator[str]:
    for child in node.children:
        if child.tag == "etal":
            yield "et al."
        elif child.tag in ("name", "string-name", "collab", "surname", "name-alternatives"):
            name = next(child.all("name", "string-name"), child)
            if text := _name(name) if name.tag != "surname" else flat(name):
                yield text
        elif child.tag != "person-group":
            yield from _names(child)


def _name(node: Node) -> str:
    surname = node.first("surname")
    if surname is None:
        return flat(node)
    given, suffix = node.first("given-names"), node.first("suffix")
    return identifiers.person(
        flat(surname), flat(given) if given else "", flat(suffix) if suffix else ""
    )


def people(contributors: Node) -> Iterator[str]:
    """The authors of the article itself."""
    for found in contributors.all("contrib", outside=SEPARATE):
        if found.get("contrib-type") in ("author", ""):
            name = next(found.all("name", "string-name", "collab"), None)
            if name is not None:
                yield _name(name)


# --- text ----------------------------------------------------------------------------------


def flat(node: Node) -> str:
    """The text of a title or name on one line; superscripts and subscripts stay what they are."""
    return cleaned(_shifted(node))


def _shifted(node: Node) -> str:
    parts = []
    for item in node.items:
        if isinstance(item, str):
            parts.append(item)
        elif item.tag in ("sup", "sub"):
            text = item.text()
            moved = text.translate(_RAISED if item.tag == "sup" else _LOWERED)
            whole = all(a != b for a, b in zip(text, moved, strict=True))
            parts.append(moved if whole else text)
        elif item.tag not in ("tex-math", "xref", "fn"):
            parts.append(_shifted(item))
    return "".join(parts)


def _as_printed(form: Node) -> str:
    """An entry without marked title, as it stands in the list, without its label."""
    text = cleaned(form.text(without=("label", "pub-id", "tex-math")))
    return text if len(text) <= 400 else text[:400].rsplit(" ", 1)[0] + " …"


def _scholar(parts: Parts) -> dict[str, list[str]]:
    """The fields of a link to Google Scholar, which some files have in place of mark-up."""
    fields: dict[str, list[str]] = {}
    for link in parts.get("ext-link", ()):
        if link.get("ext-link-type") == "google-scholar":
            pieces = _SCHOLAR_FIELD.split(link.get("href"))
            for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
                if text := cleaned(value.rstrip("&")):
                    fields.setdefault(name, []).append(text)
    return fields


def _scholar_authors(fields: dict[str, list[str]]) -> tuple[str, ...]:
    names = []
    for name in fields.get("author", ()):
        found = _FORENAMES_FIRST.fullmatch(name)
        names.append(identifiers.person(found[2], found[1].strip()) if found else name)
    return tuple(names)
