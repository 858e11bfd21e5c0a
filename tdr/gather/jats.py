"""An article in JATS -> its record, numbered references, and which paragraph cites what.

No sentence is kept: of the text there remain headings, numbers of words and citation
groups. What cannot be read right is refused or reported with its line; no citation is lost
or invented in silence, and every number of the report can be checked against the printed
article.

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

from tdr.gather.article import Chosen, choose, record_of
from tdr.gather.citations import Labels, Mark, Token, group
from tdr.gather.reference_list import SEPARATE, Entry, read_list
from tdr.gather.xml import Document, flat, inside, parse, text_of
from tdr.model.errors import Problem, TdrError
from tdr.model.place import Place
from tdr.model.source import Paragraph
from tdr.model.text import cleaned
from tdr.model.values import Reference

_HEADING = 60
_WORD = re.compile(r"[^\W_]\S*")
_NUMBER = re.compile(r"([A-Z]{0,2}[0-9]+[A-Za-z]?|[IVX]+)\W*$")  # at the end of a label
_LEVELS = 8
"""Headings in a path; what is deeper belongs to the section above."""
_MOST = 300_000
"""Citations in one article; ranges could be written so as to fill the memory."""
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
_UNREAD = frozenset(("tex-math", "object-id", "alt-text", "long-desc", "ref-list", *SEPARATE))
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
class Gathered:
    """What an import found besides references and paragraphs, to be compared with the printed
    article by eye.

    `titles` of references were marked as such. `marked` are links to the reference list, `added`
    the citations that written-out ranges add. `never_cited` are numbers; `elsewhere` those of them
    that only what was left out cites. `left_out` are citations in tables that were not wanted,
    `outside` those in abstracts, back matter and sub-articles.
    """

    titles: int
    marked: int
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
    """An article. `anchors` are XML ids of paragraphs that have one, `texts` what they say: to be
    read on the spot and stored nowhere; only where it was asked for.

    `problems` are warnings: links to nothing, ranges that are none, entries of two works.
    """

    record: Mapping[str, object]
    references: tuple[Reference, ...]
    paragraphs: tuple[Paragraph, ...]
    anchors: Mapping[Place, str]
    gathered: Gathered
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
    chosen = choose(document, article, sub_article)
    entries = read_list(chosen.node) or read_list(chosen.whole)
    if not entries:
        text = "has no reference list that is marked up; there is nothing to import"
        raise TdrError(Problem(text, "jats", document.at(chosen.node)))
    body = chosen.node.find("body")
    if body is None:
        text = "has no body, only its record; import the full text"
        raise TdrError(Problem(text, "jats", document.at(chosen.node)))
    text_of = _Text(entries, document, tables, texts)
    text_of.read(body, chosen)
    if not text_of.cited:
        text = (
            f"{len(entries)} references, none cited by mark-up: the text has no links to them, "
            "so who cites what cannot be read"
        )
        raise TdrError(Problem(text, "jats", document.at(entries[0].element)), *text_of.problems)
    return text_of.article(chosen)


class _Text:
    """The places of one article while it is read."""

    def __init__(
        self, entries: tuple[Entry, ...], document: Document, tables: bool, texts: bool
    ) -> None:
        self.entries, self.document, self.tables, self.texts = entries, document, tables, texts
        self.targets = {id_: entry.reference.number for entry in entries for id_ in entry.ids}
        self.labels = Labels(
            {e.reference.number: e.label or str(e.reference.number) for e in entries}
        )
        self.sections: dict[str, list[Paragraph]] = {}
        self.anchors: dict[Place, str] = {}
        self.said: dict[Place, str] = {}
        self.names: dict[tuple[str, str], int] = {}
        self.inside: dict[str, int] = {}
        self.calls: dict[str, str] = {}
        self.waiting: deque[tuple[Element, str]] = deque()
        self.counted = {"table": 0, "figure": 0, "box": 0}
        self.cited: set[int] = set()
        self.linked: set[int] = set()
        self.back_matter: list[str] = []
        self.left_out = self.outside = self.citations = 0
        self.marked = self.added = self.ranges = 0
        self.problems: list[Problem] = []
        self.seen: set[Element] = set()
        self.skipped: set[Element] = set()

    def warn(self, text: str, element: Element) -> None:
        at = self.document.at(element)
        self.problems.append(Problem(text, "citation", at, severity="warning"))

    # --- where -----------------------------------------------------------------------------

    def read(self, body: Element, chosen: Chosen) -> None:
        self.walk(body, "")
        for part in chosen.node:
            if part.tag == "floats-group":
                for wrap in inside(part, *_FLOATS):
                    self.waiting.append((wrap, ""))
            elif part.tag == "back":
                self.back_matter += [
                    _heading(child, child.tag)
                    for child in part
                    if child.tag not in ("ref-list", "title")
                ]
        # What floats may hold what floats: a table in a box.
        while self.waiting:
            wrap, section = self.waiting.popleft()
            self.float(wrap, section or self.calls.get(wrap.get("id", ""), "floats"))
        self.account(body, chosen)

    def walk(self, node: Element, section: str) -> None:
        """The paragraphs of a part of the text, in order."""
        for child in node:
            if child.tag == "sec":
                if _is_back_matter(child):
                    self.back_matter.append(_heading(child, child.get("sec-type") or "sec"))
                    self.skipped.update(inside(child, "xref"))
                    continue
                self.walk(child, self.section(child, section))
            elif child.tag in _FLOATS:
                self.waiting.append((child, section or "body"))
            elif child.tag in _CONTAINERS:
                self.walk(child, section)
            elif child.tag not in _UNREAD:
                self.paragraph(child, section or "body", keep=child.tag == "p")

    def section(self, node: Element, above: str) -> str:
        """The path of a section: headings cut to a handy length, no two siblings alike."""
        self.inside[above] = self.inside.get(above, 0) + 1
        return self.unique(above, _heading(node, f"section {self.inside[above]}"))

    def unique(self, above: str, name: str) -> str:
        if above.count("/") >= _LEVELS:
            return above
        count = self.names[above, name] = self.names.get((above, name), 0) + 1
        name = name if count == 1 else f"{name} ({count})"
        return f"{above}/{name}" if above else name

    def float(self, node: Element, section: str) -> None:
        """A table, figure or box: a place of its own in the section."""
        kind = _FLOATS[node.tag]
        self.counted[kind] += 1
        shown = _NUMBER.search(flat(node.find("label")))
        place = self.unique(section, f"{kind} {shown[1] if shown else self.counted[kind]}")
        if kind == "box":
            self.walk(node, place)
            return
        rows = list(inside(node, "tr", "row"))
        if kind == "table" and not self.tables:
            for token in self.tokens(node, []):
                if isinstance(token, Mark):
                    self.left_out += len(token.numbers)
                    self.linked.update(token.numbers)
            return
        if not any(self.numbers(link) for link in inside(node, "xref")):
            self.seen.update(inside(node, "xref"))
            return
        for row in rows:
            self.paragraph(row, place, keep=True)
        for child in node:
            if child.tag in _CONTAINERS:
                self.walk(child, place)
            elif child.tag not in ("label", "table", *_UNREAD) and not rows:
                self.paragraph(child, place, keep=child.tag == "p")

    def paragraph(self, node: Element, section: str, keep: bool) -> None:
        """One paragraph; unless it is to be `keep`t, only if it cites something."""
        wraps: list[Element] = []
        tokens = self.tokens(node, wraps, section)
        text = "".join(token if isinstance(token, str) else " " for token in tokens)
        words = len(_WORD.findall(text))
        grouped = group(tokens, self.labels)
        self.citations += sum(map(len, grouped.groups))
        if self.citations > _MOST:
            text = f"cites more than {_MOST:,} times, ranges written out: that is not an article"
            raise TdrError(Problem(text, "jats", self.document.at(node)))
        if grouped.groups or (keep and (words or node.tag in ("tr", "row"))):
            listed = self.sections.setdefault(section, [])
            place = Place(section, len(listed) + 1)
            listed.append(Paragraph(place, tuple(grouped.groups), (), words))
            self.marked += grouped.marked
            self.added += grouped.added
            self.ranges += grouped.ranges
            if anchor := node.get("id"):
                self.anchors[place] = anchor
            if self.texts and (said := _printed(tokens)):
                self.said[place] = said
        for link, what in grouped.suspect:
            self.warn(what, link)
        self.cited.update(number for numbers in grouped.groups for number in numbers)
        self.waiting += [(wrap, section) for wrap in wraps]

    # --- citations -------------------------------------------------------------------------

    def tokens(self, node: Element, wraps: list[Element], place: str = "") -> list[Token]:
        """Running text and marks of a paragraph; what floats in it goes to `wraps`."""
        found: list[Token] = []
        self.add_tokens(node, found, wraps, place)
        return found

    def add_tokens(
        self, node: Element, found: list[Token], wraps: list[Element], place: str
    ) -> None:
        if node.text:
            found.append(node.text)
        for item in node:
            if item.tag == "xref":
                self.seen.add(item)
                mark = self.mark(item)
                found.append(mark or text_of(item))
                if mark is None:
                    for called in item.get("rid", "").split():
                        self.calls.setdefault(called, place)
            elif item.tag in _FLOATS:
                wraps.append(item)
            elif item.tag in _BLOCKS:
                found.append(None)
                self.add_tokens(item, found, wraps, place)
                found.append(None)
            elif item.tag not in _UNREAD:
                self.add_tokens(item, found, wraps, place)
            if item.tail:
                found.append(item.tail)

    def numbers(self, link: Element) -> tuple[int, ...]:
        """The references that a link points to."""
        return tuple(self.targets[t] for t in link.get("rid", "").split() if t in self.targets)

    def mark(self, link: Element) -> Mark | None:
        """The citation that a link is, or None; a link to nothing is reported."""
        ids, kind = link.get("rid", "").split(), link.get("ref-type", "")
        numbers = self.numbers(link)
        unknown = [target for target in ids if target not in self.targets]
        if (numbers and unknown) or (not numbers and kind in _LINKS[: 1 if ids else None]):
            target = f"to `{unknown[0]}`, which is not a reference" if unknown else "to nothing"
            self.warn(f"`{cleaned(text_of(link))}` links {target}", link)
        return Mark(numbers, text_of(link), link) if numbers else None

    # --- is everything accounted for? ------------------------------------------------------

    def account(self, body: Element, chosen: Chosen) -> None:
        """Note what the parts that were left out cite, and report links that nothing reached."""
        unread = [
            link
            for link in inside(chosen.whole, "xref")
            if link not in self.seen and self.numbers(link)
        ]
        for link in unread:
            numbers = self.numbers(link)
            self.linked.update(numbers)
            self.outside += len(numbers)
        missed = set(unread) - self.skipped
        if missed:
            missed.intersection_update(inside(body, "xref", outside=SEPARATE))
        for link in unread:
            if link in missed:
                self.warn(f"`{cleaned(text_of(link))}` cites where no text is read", link)

    def article(self, chosen: Chosen) -> Article:
        for entry in self.entries:
            if entry.works > 1:
                number = entry.reference.number
                self.warn(f"reference {number} lists {entry.works} works", entry.element)
        references = tuple(self.references())
        never = tuple(r.number for r in references if r.number not in self.cited)
        gathered = Gathered(
            titles=sum(entry.titled for entry in self.entries),
            marked=self.marked,
            added=self.added,
            ranges=self.ranges,
            never_cited=never,
            elsewhere=tuple(number for number in never if number in self.linked),
            unresolved=sum(" links to " in problem.text for problem in self.problems),
            sub_articles=chosen.parts,
            back_matter=tuple(self.back_matter),
            left_out=self.left_out,
            outside=self.outside,
        )
        return Article(
            record_of(chosen),
            references,
            tuple(chain.from_iterable(self.sections.values())),
            self.anchors,
            gathered,
            tuple(self.problems),
            self.said,
        )

    def references(self) -> Iterator[Reference]:
        """The references; a further list that nothing cites is background."""
        main = self.entries[0].heading
        cited = {e.heading for e in self.entries if e.reference.number in self.cited}
        for entry in self.entries:
            if entry.heading != main and entry.heading not in cited:
                note = f"Listed under `{entry.heading}`, not cited in the text."
                yield entry.reference._replace(cited_as="background", note=note)
            else:
                yield entry.reference


def _printed(tokens: Iterable[Token]) -> str:
    """A paragraph as it is printed, numbers of citations among its words."""
    words = (token.printed if isinstance(token, Mark) else token or " " for token in tokens)
    return cleaned("".join(words))


def _heading(node: Element, fallback: str) -> str:
    """The heading of a part as it can stand in a path."""
    for tag in ("title", "label"):
        if text := flat(node.find(tag)).replace("/", "-"):
            if len(text) <= _HEADING:
                return text
            return text[: _HEADING + 1].rsplit(" ", 1)[0][:_HEADING].rstrip(" ,;:.-–")
    return fallback


def _is_back_matter(section: Element) -> bool:
    kind = section.get("sec-type")
    return bool(_BACK_TYPE.match(kind) if kind else _BACK_ID.fullmatch(section.get("id", "")))
