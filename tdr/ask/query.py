"""Questions asked of an evidence index; answers are plain frozen values.

`Evidence` is what `tdr.load()` returns and what the command line itself uses.
Every question takes the same filters, as a `Criteria`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from tdr.ask.conditions import Conditions, conditions
from tdr.ask.meanings import says
from tdr.ask.questions import Questions
from tdr.index import Index
from tdr.model.errors import Problem, usage_error
from tdr.model.field import names
from tdr.model.fields import FIELDS_OF_REFERENCE, TERM_FIELDS
from tdr.model.filters import ELSEWHERE, FILTERS, Criteria
from tdr.model.rows import Columns, Row
from tdr.model.text import fold
from tdr.model.therapies import Therapies
from tdr.model.values import KINDS, Claim, Reference, Source, Term
from tdr.model.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Selection:
    """The claims that match, as a bitmap, and how the values were understood.

    `expansions` and `skipped` are those of `Conditions`.
    """

    bits: int
    expansions: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.bits.bit_count()


@dataclass(frozen=True, slots=True)
class Countermeasure(Row):
    """An intervention that the source says restores response, over the claims that name it."""

    columns: ClassVar = Columns(
        "countermeasures",
        shown=("intervention", "promotes", "opposes", "cancers", "agents", "refs", "claims"),
    )

    intervention: str
    claims: tuple[str, ...]
    therapies: tuple[str, ...]
    promotes: tuple[str, ...]
    opposes: tuple[str, ...]
    cancers: tuple[str, ...]
    agents: tuple[str, ...]
    refs: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class TermCount(Row):
    """A term with its number of claims (narrower terms included), and of its own alone."""

    columns: ClassVar = Columns(
        "terms",
        (
            "kind",
            "label",
            "abbreviation",
            "claims",
            "direct",
            "depth",
            "parents",
            "synonyms",
            "xref",
            "xref_label",
            "xref_match",
            "lineage",
            "definition",
        ),
        shown=("label", "abbreviation", "claims", "xref"),
        id="label",
    )

    term: Term
    claims: int
    direct: int
    depth: int

    def to_dict(self) -> dict[str, Any]:
        counts = {"claims": self.claims, "direct": self.direct, "depth": self.depth}
        values = self.term.to_dict() | counts
        return {name: values[name] for name in self.columns.names}


def _of_reference(*, new: bool) -> tuple[str, ...]:
    return names(field for field in FIELDS_OF_REFERENCE if (field.since > 1) is new)


@dataclass(frozen=True, slots=True)
class CitedReference(Row):
    """A reference with the ids of the claims that rest on it."""

    columns: ClassVar = Columns(
        "references",
        ("number", *_of_reference(new=False), "url", "claims", *_of_reference(new=True), "source"),
        shown=("number", "authors", "title", "journal", "year", "cited_as", "claims"),
    )

    reference: Reference
    claims: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        reference = self.reference
        more = {"url": reference.url, "claims": list(self.claims), "source": reference.source}
        return reference.to_dict() | more


Name = int | str
"""A reference among those of all sources: its number in the first source, else `KEY:number`."""


def _name(label: str) -> Name:
    """The name that the index keeps as text."""
    return int(label) if label.isdigit() else label


_BESIDE = ("therapy", "promotes", "opposes", "cancers", "agents")
"""Fields of the claims that name a countermeasure, shown with it."""

_ROWS = 20
"""Countermeasures of which the claims are looked up at once."""

_FEW_REFERENCES = 20
"""Fewer references than this are looked up one by one."""


@dataclass(frozen=True)
class Evidence(Questions):
    """Checked claims with their references and vocabulary, and the questions one can ask.

    Made by `tdr.load()`. Values are read from the index when first asked for.
    `skipped` are warnings of what in the directory has a file's name and is no file; `asked` the
    keys of the sources that answer, if not all do.
    """

    index: Index = field(repr=False)
    skipped: tuple[Problem, ...] = ()
    asked: tuple[str, ...] = ()
    _lists: dict[str, Mapping[int, Reference]] = field(default_factory=dict, repr=False)

    def of_sources(self, keys: Collection[str]) -> Evidence:
        """The same where only these sources answer; those that are not known are passed over."""
        return replace(self, asked=tuple(key for key in self.index.keys if key in keys))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the sources that answer, the first one's first."""
        return self.asked or self.index.keys

    @property
    def everything(self) -> int:
        """The bitmap of all claims of the sources that answer."""
        index = self.index
        return index.bits("source", self.asked) if self.asked else index.everything

    def labels(self, facet: str) -> Collection[str]:
        """The values that the claims have in a facet."""
        if not self.asked:
            return self.index.values(facet)
        every = self.everything
        return [label for label, bits in self.index.members(facet).items() if bits & every]

    @property
    def data_version(self) -> str:
        """The version of the data; of the first source alone as if there were no other."""
        alone = self.asked == self.index.keys[:1]
        return self.index.first_version if alone else self.index.data_version

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, by therapy and then in file order."""
        return tuple(self.index.claims(self.everything))

    @cached_property
    def references(self) -> Mapping[int, Reference]:
        """The first source's reference list by number."""
        return self.references_of(self.index.keys[0])

    def references_of(self, source: str) -> Mapping[int, Reference]:
        """The reference list of the source with this key, by number."""
        found = self._lists.get(source)
        if found is None:
            found = self._lists[source] = self.index.references(source)
        return found

    @cached_property
    def bibliography(self) -> Mapping[Name, Reference]:
        """The references of all sources by name, the first one's first."""
        return {
            self.name_of(key, number): reference
            for key in self.index.keys
            for number, reference in self.references_of(key).items()
        }

    def name_of(self, source: str, number: int) -> Name:
        """What a reference is called among those of all sources."""
        return number if source == self.index.keys[0] else f"{source}:{number}"

    def shown_name(self, source: str, number: int) -> str:
        """The same for people, who are told the source wherever there are several."""
        return f"{source}:{number}" if len(self.keys) > 1 else str(number)

    def numbers(self, claim: Claim) -> str:
        """The references of a claim for people: `[20,22]`, `[papers:33]`."""
        return "[" + ",".join(self.shown_name(claim.source, n) for n in claim.refs) + "]"

    def named(self, claims: Iterable[Claim]) -> tuple[Name, ...]:
        """The names of all references behind some claims, in order, each once."""
        return self.in_order({self.name_of(c.source, n) for c in claims for n in c.refs})

    def in_order(self, names: Iterable[Name]) -> tuple[Name, ...]:
        """Names by source, then by number."""

        def rank(name: Name) -> tuple[int, int]:
            source, _, number = str(name).rpartition(":")
            return (self.index.keys.index(source) if source else 0, int(number))

        return tuple(sorted(names, key=rank))

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms that claims use, with synonyms and hierarchy."""
        return self.index.vocabulary

    @property
    def therapies(self) -> Therapies:
        """Which therapies there are, by label, with every other way to name them."""
        return self.index.therapies

    @cached_property
    def source(self) -> Source:
        """The publication that the claims restate; of several, the first."""
        return self.index.source(self.index.keys[0])

    @cached_property
    def origin(self) -> str:
        """Where the claims are from, in the few words that a picture has room for."""
        return " and ".join(source.cited for source in self.sources.values())

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Every source by its key, the first one first."""
        return {key: self.index.source(key) for key in self.index.keys}

    @property
    def _evidence(self) -> Evidence:
        return self

    def __len__(self) -> int:
        return self.everything.bit_count() if self.asked else self.index.size

    # -- selecting --------------------------------------------------------

    def conditions(self, criteria: Criteria) -> Conditions:
        """What the criteria mean here; see `tdr.ask.conditions.conditions`."""
        return conditions(self, criteria)

    def select(self, criteria: Criteria) -> Selection:
        """The claims that meet the criteria.

        Raises TdrError naming every value that is not known, with the nearest known ones.
        """
        meant = self.conditions(criteria)
        bits = self.everything
        for condition in meant.all_of:
            matching = 0
            for facet, labels in condition.any_of:
                matching |= self.index.bits(facet, labels)
            bits &= ~matching if condition.negated else matching
        return Selection(bits, meant.expansions, meant.skipped)

    # -- answers ----------------------------------------------------------

    def selected(self, selection: Selection, limit: int | None = None) -> Iterator[Claim]:
        """The claims of a selection in file order."""
        return self.index.claims(selection.bits, limit)

    def interventions(self, selection: Selection) -> dict[str, int]:
        """What restores response -> the claims of a selection that say so; most claims first.

        Notations of one name are one intervention, called as where it is first named.
        """
        within = selection.bits
        groups: dict[str, int] = {}
        names: dict[str, str] = {}
        said = ((p, bits & within) for p, bits in self.index.members("countered_by").items())
        for phrase, bits in sorted((one for one in said if one[1]), key=lambda one: _first(one[1])):
            key = fold(phrase)
            names.setdefault(key, phrase)
            groups[key] = groups.get(key, 0) | bits
        found = ((names[key], bits) for key, bits in groups.items())
        return dict(sorted(found, key=lambda one: (-one[1].bit_count(), one[0].casefold())))

    def countermeasures(self, selection: Selection) -> Iterator[Countermeasure]:
        """What restores response, over the claims of a selection; most claims first."""
        index = self.index
        facets = {name: index.members(name) for name in _BESIDE}
        cited = index.members("ref")
        rows = iter(self.interventions(selection).items())
        while some := dict(islice(rows, _ROWS)):
            ids = index.ids_of_each(list(some.values()))
            for (name, bits), claims in zip(some.items(), ids, strict=True):
                # The first claims with each value have them all, in the order of their appearance.
                firsts = {_first(common) for values in facets.values() for one in values.values()
                          if (common := one & bits)}  # fmt: skip
                shown = tuple(index.claims_at(iter(sorted(firsts))))
                refs = (_name(label) for label, one in cited.items() if one & bits)
                yield Countermeasure(
                    name,
                    claims,
                    _collect(shown, "therapy"),
                    _collect(shown, "promotes"),
                    _collect(shown, "opposes"),
                    _collect(shown, "cancers"),
                    _collect(shown, "agents"),
                    self.in_order(refs),
                )

    def term_counts(
        self, kind: str, words: str = "", selection: Selection | None = None
    ) -> tuple[TermCount, ...]:
        """The terms of a kind in hierarchical order, with counts over the selection.

        With `words`, only terms with a form that contains them, or that they name.
        Every term is listed once, below its first parent. Raises TdrError for an
        unknown kind.
        """
        kind = kind_named(kind)
        within = self.everything if selection is None else selection.bits
        claim_fields = [name for name, of in TERM_FIELDS.items() if of == kind]
        vocabulary = self.vocabulary
        own: dict[str, int] = {}
        for claim_field in claim_fields:
            for label, bits in self.index.members(claim_field).items():
                own[label] = own.get(label, 0) | bits
        rows = []
        for label, depth in _in_hierarchy(vocabulary, kind):
            term = vocabulary.terms(kind)[label]
            if words and not any(says(form, words) for form in term.forms):
                continue
            bits = own.get(label, 0)
            for below in vocabulary.descendants(kind, label):
                bits |= own.get(below, 0)
            rows.append(
                TermCount(
                    term,
                    (bits & within).bit_count(),
                    (own.get(label, 0) & within).bit_count(),
                    depth,
                )
            )
        return tuple(rows)

    def cited(
        self, selection: Selection | None = None, names: Collection[Name] | None = None
    ) -> tuple[CitedReference, ...]:
        """The references, or those of these names, with the claims (of the selection) that
        rest on them, by number."""
        within = self.everything if selection is None else selection.bits
        known = self.bibliography
        wanted = known if names is None else [name for name in known if name in names]
        resting = (
            {name: self.index.bits("ref", [str(name)]) for name in wanted}
            if len(wanted) < _FEW_REFERENCES
            else {_name(label): bits for label, bits in self.index.members("ref").items()}
        )
        ids = self.index.ids_of_each([resting.get(name, 0) & within for name in wanted])
        return tuple(
            CitedReference(known[name], claims) for name, claims in zip(wanted, ids, strict=True)
        )


def _first(bits: int) -> int:
    """The lowest member of a bitmap that has one."""
    return (bits & -bits).bit_length() - 1


def _collect(claims: Iterable[Claim], name: str) -> tuple[str, ...]:
    """The values of one field over several claims, each once, in order of appearance."""
    found: dict[str, None] = {}
    for claim in claims:
        value = getattr(claim, name)
        found.update(dict.fromkeys((value,) if isinstance(value, str) else value))
    return tuple(found)


def kind_named(text: str) -> str:
    """The kind of terms that a person means, as `cell`. Raises TdrError if there is none."""
    found = next((kind for kind in KINDS if fold(kind) == fold(text)), None)
    if found is None:
        meant = ELSEWHERE.get(text.lower().removesuffix("s"))
        hint = f"; did you mean `{FILTERS[meant].kind}`?" if meant else ""
        say = f"unknown kind `{text}`{hint} (kinds: {', '.join(KINDS)})"
        raise usage_error(say)
    return found


def _in_hierarchy(vocabulary: Vocabulary, kind: str) -> Iterator[tuple[str, int]]:
    """Labels with their depth, each below its first parent, siblings in the vocabulary's order."""
    terms = vocabulary.terms(kind)
    seen: set[str] = set()

    def walk(label: str, depth: int) -> Iterator[tuple[str, int]]:
        if label in seen:
            return
        seen.add(label)
        yield label, depth
        for child in vocabulary.children(kind, label):
            if terms[child].parents[0] == label:
                yield from walk(child, depth + 1)

    for label, term in terms.items():
        if not any(parent in terms for parent in term.parents):
            yield from walk(label, 0)
    for label in terms:  # members of a cycle have no root; they are shown all the same
        yield from walk(label, 0)
