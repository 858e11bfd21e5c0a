"""The publication that claims restate, and its paragraphs."""

# Annotations are not put off: named tuples of texts would compile each one at every start.

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from tdr.model.field import Codec
from tdr.model.fields import FIELDS_OF_SOURCE, FIRST
from tdr.model.place import Place
from tdr.model.values import NO_TITLE

_SOURCE = Codec(FIELDS_OF_SOURCE)


class Paragraph(NamedTuple):
    """One paragraph of the source: its citation groups in order, and how long it is.

    `background` are references that this paragraph cites for a general statement
    only, although they back a claim elsewhere.
    """

    place: Place
    citations: tuple[tuple[int, ...], ...]
    background: tuple[int, ...] = ()
    words: int = 0

    @property
    def cited(self) -> tuple[int, ...]:
        """Every reference cited here, once each, in order."""
        return tuple(dict.fromkeys(number for group in self.citations for number in group))


class Source(NamedTuple):
    """The publication that the claims restate: bibliographic record, licence, paragraphs.

    `constants` describe every claim alike (knowledge level, evidence code ...) and
    travel with exported data; `data_version` is the curators' version of the evidence and
    `made` says how an import was made. A source of `kind` papers has no paragraphs: its claims
    rest on references of their own and have no place. `named` has, for terms that no claim
    of it has, the places that name them (`introduction/1`); `unnamed` are those that it does not
    name at all.
    """

    record: Mapping[str, Any]
    paragraphs: tuple[Paragraph, ...]
    constants: Mapping[str, str]
    data_version: str = "0"
    key: str = FIRST
    kind: str = "review"
    state: str = "complete"
    data_licence: str | None = None
    made: Mapping[str, Any] | None = None
    named: Mapping[str, Sequence[str]] = MappingProxyType({})
    unnamed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The source as JSON values; a paragraph as a list of its parts."""
        paragraphs = [
            [p.place.section, p.place.paragraph, p.citations, p.background, p.words]
            for p in self.paragraphs
        ]
        return {**_SOURCE.to_dict(self), "paragraphs": paragraphs}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The source whose `to_dict` is `record`."""
        paragraphs = tuple(
            Paragraph(Place(section, number), tuple(map(tuple, groups)), tuple(background), words)
            for section, number, groups, background, words in record["paragraphs"]
        )
        return cls(**_SOURCE.attributes(record), paragraphs=paragraphs)

    def naming(self, label: str) -> str | None:
        """A phrase on a term that no claim of it has: `names it in introduction, paragraph 1` or
        `does not name it`; None where nobody has looked."""
        if label in self.unnamed:
            return "does not name it"
        places = self.named.get(label)
        if places is None:
            return None
        return f"names it in {' and '.join(map(str, filter(None, map(Place.parse, places))))}"

    @property
    def short_citation(self) -> str:
        """Its first author and year, for a place as narrow as the caption of a picture."""
        from tdr.model.authors import in_text  # most commands do not need it

        if self.kind == "papers":
            return "primary papers"
        return in_text(self._authors, self.record.get("year")) or "the source"

    @property
    def citation(self) -> str:
        """Its first author, title and year, in one line."""
        names, year = self._authors, self.record.get("year")
        first = f"{names[0]} et al. " if len(names) > 1 else "".join(f"{name}. " for name in names)
        return f"{first}{self.record.get('title') or NO_TITLE}{f' ({year})' if year else ''}"

    @property
    def _authors(self) -> list[str]:
        authors = self.record.get("authors")
        return [str(author) for author in authors] if isinstance(authors, list | tuple) else []

    @property
    def limits(self) -> str:
        """A sentence on what its claims are and what they are not."""
        if self.kind == "review":
            return (
                "Statements of a review, restated; not verified against the primary papers unless "
                "a claim says so."
            )
        read, by = (self.constants.get(name) for name in ("read", "by"))
        seen = f", of which the {read} was read" if read else ""
        reader = f" by {by}" if read and by else ""
        chosen = (self.made or {}).get("chosen")
        return f"Findings of single papers{seen}{reader}{f', chosen {chosen}' if chosen else ''}."

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(paragraph.place.section for paragraph in self.paragraphs))
