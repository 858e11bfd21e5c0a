"""An article in JATS -> its record, numbered references, and which paragraph cites what.

No sentence is kept: of the text there remain headings, numbers of words and citation
groups. What cannot be read right is refused or reported with its line, so that no citation is lost
or invented; every number of the report can be checked against the printed article.

| printed in                       | place                                                  |
|----------------------------------|--------------------------------------------------------|
| paragraph, list, quotation       | the section's path, such as `Results/Mice`; paragraph  |
| table                            | `Results/table 2`; paragraph = row, then notes, title  |
| figure's legend, box             | `Results/figure 1`, `Results/box 1`; paragraph         |
| table or figure at the end       | in the section that calls it first, else `floats`      |
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from xml.etree.ElementTree import Element

from tdr.gather.article import SelectedArticle, record_of, select_article
from tdr.gather.citations import CitationMarker, PrintedLabels, Token, group_citations
from tdr.gather.reference_list import SUB_ARTICLE_TAGS, Entry, read_list
from tdr.gather.xml import XmlDocument, descendants, parse, plain_text, text_of
from tdr.model.errors import Problem, TdrError
from tdr.model.place import Place
from tdr.model.source import Paragraph
from tdr.model.text import cleaned
from tdr.model.values import Reference

_HEADING = 60
"""Characters of a heading in a path."""
_WORD = re.compile(r"[^\W_]\S*")
_NUMBER = re.compile(r"([A-Z]{0,2}[0-9]+[A-Za-z]?|[IVX]+)\W*$")  # at the end of a label
_MOST_LEVELS = 8
"""Headings in a path; a deeper section belongs to the one above it."""
_MOST_CITATIONS = 300_000
"""Citations in one article: a file could have ranges that fill the memory."""
# fmt: off
_CONTAINERS = frozenset((
    "body", "list", "list-item", "def-list", "def-item", "def", "disp-quote", "speech",
    "statement", "verse-group", "fig-group", "table-wrap-group", "caption", "table-wrap-foot",
    "fn-group", "fn", "floats-group", "legend", "array", "disp-formula-group",
))
# fmt: on
"""Elements whose parts are paragraphs of their own, unless they stand inside one."""
_FLOATS = {"table-wrap": "table", "fig": "figure", "boxed-text": "box"}
_BLOCKS = _CONTAINERS | {"p", "td", "th", "entry", "title", "term", "attrib", "verse-line"}
_UNREAD = frozenset(
    ("tex-math", "object-id", "alt-text", "long-desc", "ref-list", *SUB_ARTICLE_TAGS)
)
_LINKS = ("bibr", "ref", "")
"""Types of links that mean the reference list, if anything."""
_BACK_TYPE = re.compile(
    r"ack|author-contrib|author.contribution|coi|conflict|competing|data-?avail|data-?access"
    r"|associated-data|disclaimer|ethic|fund|fn-group|glossary|history|kwd-group|ai-statement"
    r"|publisher|ref-list|supplement|additional-information|datasets|abbreviations"
    r"|display-objects|financial|disclosure",
    re.I,
)
_BACK_ID = re.compile(
    r"(?:_adn?_?|_adda?|ack|notes|funding-statement|fn-group|ref-list|kwd-group|glossary"
    r"|history[a-z-]*)[0-9]*_?(?:[0-9]+_)?"
)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import counted and left out, to be compared with the printed article by eye.

    `titles` are references whose title is marked up as one, `links` links to the reference list,
    `ranges` ranges that were written out, and `added` the citations that this adds.
    `never_cited` are numbers of references; `elsewhere` are those of them that are cited in a part
    that was left out. `left_out` are citations in tables that were not wanted, `outside` those in
    abstracts, back matter and sub-articles; `unresolved` are links to what is no reference.
    """

    titles: int
    links: int
    added: int
    ranges: int
    never_cited: tuple[int, ...]
    elsewhere: tuple[int, ...]
    unresolved: int
    sub_articles: tuple[str, ...]
    back_matter: tuple[str, ...]
    left_out: int
    outside: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article. `anchors` are the XML ids of paragraphs that have one. `texts` are the
    paragraphs as they are printed, where asked for: to be read now and stored nowhere.

    `problems` are warnings: links to nothing, ranges beyond the list, entries of two works.
    """

    record: Mapping[str, object]
    references: tuple[Reference, ...]
    paragraphs: tuple[Paragraph, ...]
    anchors: Mapping[Place, str]
    report: ImportReport
    problems: tuple[Problem, ...]
    texts: Mapping[Place, str] = field(default_factory=dict)


def read_article(
    data: bytes,
    name: str,
    *,
    article: str | None = None,
    sub_article: str | None = None,
    tables: bool = True,
    texts: bool = False,
) -> Article:
    """Read one article.

    `article` chooses one of several in a file, by its place or an identifier; `sub_article`
    a part with an author of its own, by its id. Without `tables`, their citations are left
    out; `texts` are kept only if they are wanted. Raises TdrError for what is no JATS, has no
    reference list, or does not mark its citations.
    """
    document = parse(data, name)
    selected = select_article(document, article, sub_article)
    entries = read_list(selected.node) or read_list(selected.whole)
    if not entries:
        text = "has no reference list that is marked up; there is nothing to import"
        raise TdrError(Problem(text, "jats", document.at(selected.node)))
    body = selected.node.find("body")
    if body is None:
        text = "has no body, only its record; import the full text"
        raise TdrError(Problem(text, "jats", document.at(selected.node)))
    reader = _ArticleReader(entries, document, tables, texts)
    reader.read(body, selected)
    if not reader.cited:
        text = (
            f"{len(entries)} references, none cited by mark-up: the text has no links to them, "
            "so who cites what cannot be read"
        )
        raise TdrError(Problem(text, "jats", document.at(entries[0].element)), *reader.problems)
    return reader.article(selected)


class _ArticleReader:
    """Reads one article: its paragraphs, what they cite, and what is left out."""

    def __init__(
        self, entries: tuple[Entry, ...], document: XmlDocument, tables: bool, texts: bool
    ) -> None:
        self.entries, self.document, self.tables, self.texts = entries, document, tables, texts
        self.targets = {id_: entry.reference.number for entry in entries for id_ in entry.ids}
        self.labels = PrintedLabels(
            {e.reference.number: e.label or str(e.reference.number) for e in entries}
        )
        self.sections: dict[str, list[Paragraph]] = {}  # by path, in the order of the text
        self.anchors: dict[Place, str] = {}
        self.texts_of: dict[Place, str] = {}
        self.headings: dict[tuple[str, str], int] = {}  # (path above, heading) -> how many so far
        self.subsections: dict[str, int] = {}  # path -> sections in it so far
        self.first_calls: dict[str, str] = {}  # id of a float -> the section that calls it first
        self.floats: deque[tuple[Element, str]] = deque()  # to be read, with their section
        self.float_counts = {"table": 0, "figure": 0, "box": 0}
        self.cited: set[int] = set()
        self.linked: set[int] = set()  # in parts that are left out
        self.back_matter: list[str] = []
        self.left_out = self.outside = self.citations = self.unresolved = 0
        self.links = self.added = self.ranges = 0
        self.problems: list[Problem] = []
        self.seen: set[Element] = set()  # links that were read
        self.skipped: set[Element] = set()  # links in back matter

    def warn(self, text: str, element: Element) -> None:
        """Add a warning with the line of an element."""
        at = self.document.at(element)
        self.problems.append(Problem(text, "citation", at, severity="warning"))

    # --- paragraphs and their places -------------------------------------------------------

    def read(self, body: Element, selected: SelectedArticle) -> None:
        """Read the body, then tables, figures and boxes, and count what is left out."""
        self.walk(body, "")
        for part in selected.node:
            if part.tag == "floats-group":
                for element in descendants(part, *_FLOATS):
                    self.floats.append((element, ""))
            elif part.tag == "back":
                self.back_matter += [
                    _heading(child, child.tag)
                    for child in part
                    if child.tag not in ("ref-list", "title")
                ]
        # A box may hold a table, which is read after it.
        while self.floats:
            element, section = self.floats.popleft()
            self.float(element, section or self.first_calls.get(element.get("id", ""), "floats"))
        self.count_unread(body, selected)

    def walk(self, node: Element, section: str) -> None:
        """Read the paragraphs of a part of the text, in order; its floats are read later."""
        for child in node:
            if child.tag == "sec":
                if _is_back_matter(child):
                    self.back_matter.append(_heading(child, child.get("sec-type") or "sec"))
                    self.skipped.update(descendants(child, "xref"))
                    continue
                self.walk(child, self.section(child, section))
            elif child.tag in _FLOATS:
                self.floats.append((child, section or "body"))
            elif child.tag in _CONTAINERS:
                self.walk(child, section)
            elif child.tag not in _UNREAD:
                self.paragraph(child, section or "body", keep=child.tag == "p")

    def section(self, node: Element, above: str) -> str:
        """The path of a section: shortened headings, and different ones for its siblings."""
        self.subsections[above] = self.subsections.get(above, 0) + 1
        return self.unique(above, _heading(node, f"section {self.subsections[above]}"))

    def unique(self, above: str, name: str) -> str:
        """The path of a place that is called so; a number is added where there is one already."""
        if above.count("/") >= _MOST_LEVELS:
            return above
        count = self.headings[above, name] = self.headings.get((above, name), 0) + 1
        name = name if count == 1 else f"{name} ({count})"
        return f"{above}/{name}" if above else name

    def float(self, node: Element, section: str) -> None:
        """Read a table, figure or box, which is a place of its own in the section."""
        kind = _FLOATS[node.tag]
        self.float_counts[kind] += 1
        shown = _NUMBER.search(plain_text(node.find("label")))
        place = self.unique(section, f"{kind} {shown[1] if shown else self.float_counts[kind]}")
        if kind == "box":
            self.walk(node, place)
            return
        rows = list(descendants(node, "tr", "row"))
        if kind == "table" and not self.tables:
            for token in self.tokens(node, []):
                if isinstance(token, CitationMarker):
                    self.left_out += len(token.numbers)
                    self.linked.update(token.numbers)
            return
        if not any(self.numbers(link) for link in descendants(node, "xref")):
            self.seen.update(descendants(node, "xref"))
            return
        for row in rows:
            self.paragraph(row, place, keep=True)
        for child in node:
            if child.tag in _CONTAINERS:
                self.walk(child, place)
            elif child.tag not in ("label", "table", *_UNREAD) and not rows:
                self.paragraph(child, place, keep=child.tag == "p")

    def paragraph(self, node: Element, section: str, keep: bool) -> None:
        """Add one paragraph; without `keep`, only if it cites something."""
        floats: list[Element] = []
        tokens = self.tokens(node, floats, section)
        text = "".join(token if isinstance(token, str) else " " for token in tokens)
        words = len(_WORD.findall(text))
        grouped = group_citations(tokens, self.labels)
        self.citations += sum(map(len, grouped.groups))
        if self.citations > _MOST_CITATIONS:
            many = f"cites more than {_MOST_CITATIONS:,} times, ranges written out"
            text = f"{many}: that is not an article"
            raise TdrError(Problem(text, "jats", self.document.at(node)))
        if grouped.groups or (keep and (words or node.tag in ("tr", "row"))):
            listed = self.sections.setdefault(section, [])
            place = Place(section, len(listed) + 1)
            listed.append(Paragraph(place, tuple(grouped.groups), (), words))
            self.links += grouped.links
            self.added += grouped.added
            self.ranges += grouped.ranges
            if anchor := node.get("id"):
                self.anchors[place] = anchor
            if self.texts and (printed := _printed(tokens)):
                self.texts_of[place] = printed
        for link, what in grouped.mismatches:
            self.warn(what, link)
        self.cited.update(number for numbers in grouped.groups for number in numbers)
        self.floats += [(element, section) for element in floats]

    # --- citations -------------------------------------------------------------------------

    def tokens(self, node: Element, floats: list[Element], place: str = "") -> list[Token]:
        """Running text and markers of a paragraph; tables, figures and boxes go to `floats`."""
        result: list[Token] = []
        self.add_tokens(node, result, floats, place)
        return result

    def add_tokens(
        self, node: Element, result: list[Token], floats: list[Element], place: str
    ) -> None:
        """Add the tokens of an element to those found, as `tokens` gives them."""
        if node.text:
            result.append(node.text)
        for item in node:
            if item.tag == "xref":
                self.seen.add(item)
                marker = self.marker(item)
                result.append(marker or text_of(item))
                if marker is None:
                    for called in item.get("rid", "").split():
                        self.first_calls.setdefault(called, place)
            elif item.tag in _FLOATS:
                floats.append(item)
            elif item.tag in _BLOCKS:
                result.append(None)
                self.add_tokens(item, result, floats, place)
                result.append(None)
            elif item.tag not in _UNREAD:
                self.add_tokens(item, result, floats, place)
            if item.tail:
                result.append(item.tail)

    def numbers(self, link: Element) -> tuple[int, ...]:
        """The references that a link points to."""
        return tuple(self.targets[t] for t in link.get("rid", "").split() if t in self.targets)

    def marker(self, link: Element) -> CitationMarker | None:
        """The citation marker that a link is, or None; a link to nothing is reported."""
        ids, kind = link.get("rid", "").split(), link.get("ref-type", "")
        numbers = self.numbers(link)
        unknown = [target for target in ids if target not in self.targets]
        if (numbers and unknown) or (not numbers and kind in _LINKS[: 1 if ids else None]):
            target = f"to `{unknown[0]}`, which is not a reference" if unknown else "to nothing"
            self.warn(f"`{cleaned(text_of(link))}` links {target}", link)
            self.unresolved += 1
        return CitationMarker(numbers, text_of(link), link) if numbers else None

    # --- what was not read -----------------------------------------------------------------

    def count_unread(self, body: Element, selected: SelectedArticle) -> None:
        """Count the citations in what was left out, and warn of links that were missed."""
        unread = [
            link
            for link in descendants(selected.whole, "xref")
            if link not in self.seen and self.numbers(link)
        ]
        for link in unread:
            numbers = self.numbers(link)
            self.linked.update(numbers)
            self.outside += len(numbers)
        missed = set(unread) - self.skipped
        if missed:
            missed.intersection_update(descendants(body, "xref", excluding=SUB_ARTICLE_TAGS))
        for link in unread:
            if link in missed:
                self.warn(
                    f"`{cleaned(text_of(link))}` is a citation in an element that is not read", link
                )

    def article(self, selected: SelectedArticle) -> Article:
        """The article that was read."""
        for entry in self.entries:
            if entry.works > 1:
                number = entry.reference.number
                self.warn(f"reference {number} lists {entry.works} works", entry.element)
        references = tuple(self.references())
        never = tuple(r.number for r in references if r.number not in self.cited)
        report = ImportReport(
            titles=sum(entry.titled for entry in self.entries),
            links=self.links,
            added=self.added,
            ranges=self.ranges,
            never_cited=never,
            elsewhere=tuple(number for number in never if number in self.linked),
            unresolved=self.unresolved,
            sub_articles=selected.omitted,
            back_matter=tuple(self.back_matter),
            left_out=self.left_out,
            outside=self.outside,
        )
        return Article(
            record_of(selected),
            references,
            tuple(chain.from_iterable(self.sections.values())),
            self.anchors,
            report,
            tuple(self.problems),
            self.texts_of,
        )

    def references(self) -> Iterator[Reference]:
        """The references; those of a further list that is never cited count as background."""
        main = self.entries[0].heading
        cited = {e.heading for e in self.entries if e.reference.number in self.cited}
        for entry in self.entries:
            if entry.heading != main and entry.heading not in cited:
                note = f"Listed under `{entry.heading}`, not cited in the text."
                yield entry.reference._replace(cited_as="background", note=note)
            else:
                yield entry.reference


def _printed(tokens: Iterable[Token]) -> str:
    """A paragraph as it is printed, with the numbers of its citations."""
    words = (
        token.printed if isinstance(token, CitationMarker) else token or " " for token in tokens
    )
    return cleaned("".join(words))


def _heading(node: Element, fallback: str) -> str:
    """The heading of a part as it is used in a path: short and without `/`."""
    for tag in ("title", "label"):
        if text := plain_text(node.find(tag)).replace("/", "-"):
            if len(text) <= _HEADING:
                return text
            return text[: _HEADING + 1].rsplit(" ", 1)[0][:_HEADING].rstrip(" ,;:.-–")
    return fallback


def _is_back_matter(section: Element) -> bool:
    kind = section.get("sec-type")
    return bool(_BACK_TYPE.match(kind) if kind else _BACK_ID.fullmatch(section.get("id", "")))
