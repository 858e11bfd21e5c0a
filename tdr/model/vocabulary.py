"""Names of cells, cancers, agents, molecules, pathways and processes, and what they resolve to.

A value typed by a person is any label, abbreviation, synonym or spelling variant
of a term; resolution never guesses. Guesses are suggestions only: PD-1 and PD-L1 are
alike in spelling and different molecules.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from tdr.model.text import fold, quote, words
from tdr.model.values import KINDS, Term

_GENERIC = r"\s+(?:signaling|pathway|axis)$"
_CURIE = r"[A-Za-z][\w.]*:\S+"
_SHORTEST_PART = 3

_ALIKE, _ALIKE_IF_SHORT, _ALIKE_FROM_START, _SHORT = 70, 76, 55, 4
"""Least similarity, of 100, of a name that is suggested: in general, for texts of up to `_SHORT`
characters, and for names that begin like the text."""

_MOST_NAMED = 5
"""Candidates named in one message."""


def axis_members(label: str) -> tuple[str, ...]:
    """The members of a pathway's name: `JAK2/STAT3 signaling` -> `JAK2`, `STAT3`.

    Parts are split at slashes, and at hyphens too where the whole is not one
    name (`CXCL1-CXCR2`, `IL6/IL8-JAK2`); a part such as `NF-κB` stays whole.
    """
    name = re.sub(_GENERIC, "", label)
    members: list[str] = []
    for part in name.split("/"):
        members.append(part)
        pieces = part.split("-")
        if len(pieces) > 1 and all(len(piece) > 1 and piece[-1].isalnum() for piece in pieces):
            members.extend(pieces)
    return tuple(dict.fromkeys(members))


def _reachable(start: str, directly: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """The labels that can be reached from one, nearest first, each once; cycles do no harm."""
    found: dict[str, None] = {}
    waiting = deque(directly(start))
    while waiting:
        label = waiting.popleft()
        if label not in found and label != start:
            found[label] = None
            waiting.extend(directly(label))
    return tuple(found)


if TYPE_CHECKING:

    class TermStore(Protocol):
        """Where terms are kept and read one by one, as questions need them."""

        def term(self, kind: str, label: str) -> Term | None:
            """One term, without reading the others."""

        def terms(self, kind: str) -> Iterable[Term]:
            """The terms of a kind in order."""

        def forms(self, kind: str) -> Mapping[str, str]:
            """See `Vocabulary.forms`."""

        def narrower(self, kind: str) -> Mapping[str, Sequence[str]]:
            """See `Vocabulary.narrower`."""


class Vocabulary:
    """Terms of every kind, found by any of their forms, with their hierarchy.

    Terms keep the order in which they were given. Where two terms of a kind share
    a form, the first keeps it (`tdr check` reports it). `forms` are folded
    forms of kinds, if known already.
    """

    def __init__(
        self, terms: Iterable[Term], forms: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    ) -> None:
        self._terms: dict[str, dict[str, Term]] = {kind: {} for kind in KINDS}
        for term in terms:
            self._terms[term.kind].setdefault(term.label, term)
        self._store: TermStore | None = None
        self._forms: dict[str, Mapping[str, str]] = dict(forms)
        self._narrower: dict[str, Mapping[str, Sequence[str]]] = {}
        self._by_member: dict[str, list[tuple[int, str]]] = {}
        self._ancestors: dict[tuple[str, str], tuple[str, ...]] = {}
        self._words: dict[str, list[tuple[str, frozenset[str]]]] = {}

    @classmethod
    def from_store(cls, store: TermStore) -> Vocabulary:
        """The vocabulary in a store, whose terms are read when they are asked for."""
        vocabulary = cls(())
        vocabulary._terms = {}
        vocabulary._store = store
        return vocabulary

    def __len__(self) -> int:
        return sum(len(self.terms(kind)) for kind in KINDS)

    def __iter__(self) -> Iterator[Term]:
        for kind in KINDS:
            yield from self.terms(kind).values()

    def terms(self, kind: str) -> Mapping[str, Term]:
        """The terms of one kind by their label, in the vocabulary's order."""
        if kind not in self._terms and self._store:
            self._terms[kind] = {term.label: term for term in self._store.terms(kind)}
        return self._terms[kind]

    def get(self, kind: str, label: str) -> Term | None:
        """The term with exactly this preferred label."""
        return self.terms(kind).get(label)

    def resolve(self, kind: str, text: str) -> Term | None:
        """The term that `text` names: label, abbreviation, synonym, in any notation or case."""
        one = self.get if kind in self._terms or not self._store else self._store.term
        term = one(kind, text) if text.isprintable() else None  # SQLite takes no lone surrogate
        if term is not None:
            return term
        label = self.forms(kind).get(fold(text))
        return one(kind, label) if label is not None else None

    def forms(self, kind: str) -> Mapping[str, str]:
        """Folded form -> label, for one kind; labels first, then abbreviations, then synonyms."""
        if kind not in self._forms and self._store:
            self._forms[kind] = self._store.forms(kind)
        elif kind not in self._forms:
            terms = self.terms(kind).values()
            forms: dict[str, str] = {}
            labels = ((term.label, term) for term in terms)
            short = ((term.abbreviation, term) for term in terms if term.abbreviation)
            synonyms = ((synonym, term) for term in terms for synonym in term.synonyms)
            for form, term in chain(labels, short, synonyms):
                forms.setdefault(fold(form), term.label)
            self._forms[kind] = forms
        return self._forms[kind]

    def narrower(self, kind: str) -> Mapping[str, Sequence[str]]:
        """Label -> labels of the terms directly below it, for one kind."""
        if kind not in self._narrower and self._store:
            self._narrower[kind] = self._store.narrower(kind)
        elif kind not in self._narrower:
            narrower: dict[str, list[str]] = {}
            for term in self.terms(kind).values():
                for parent in term.parents:
                    narrower.setdefault(parent, []).append(term.label)
            self._narrower[kind] = narrower
        return self._narrower[kind]

    def children(self, kind: str, label: str) -> tuple[str, ...]:
        """Labels of the terms directly below this one."""
        return tuple(self.narrower(kind).get(label, ()))

    def descendants(self, kind: str, label: str) -> tuple[str, ...]:
        """Labels of every term below this one, nearest first, each once."""
        return _reachable(label, partial(self.children, kind))

    def ancestors(self, kind: str, label: str) -> tuple[str, ...]:
        """Labels of every term above this one, nearest first, each once."""
        key = (kind, label)
        if key not in self._ancestors:
            self._ancestors[key] = _reachable(label, partial(self._parents, kind))
        return self._ancestors[key]

    def _parents(self, kind: str, label: str) -> Iterable[str]:
        """Labels of the terms directly above this one."""
        terms = self.terms(kind)
        return filter(terms.__contains__, terms[label].parents) if label in terms else ()

    def lineage(self, label: str) -> str | None:
        """The lineage of a cell: its own or that of the nearest wider term with one."""
        cells = self.terms("cells")
        line = (label, *self.ancestors("cells", label))
        return next((cells[at].lineage for at in line if at in cells and cells[at].lineage), None)

    def pathways_with(self, member: str) -> tuple[str, ...]:
        """Labels of the pathways that have this molecule as a member of their name.

        `STAT3` finds `JAK2/STAT3 signaling` and `STAT3/IL-10 axis`; every form of
        the molecule counts (`TrkB` and `NTRK2` alike).
        """
        wanted = {fold(member)}
        molecule = self.resolve("molecules", member)
        if molecule is not None:
            wanted.update(map(fold, molecule.forms))
        if not self._by_member:
            for place, term in enumerate(self.terms("pathways").values()):
                for form in filter(None, (term.label, term.abbreviation)):
                    for part in axis_members(form):
                        self._by_member.setdefault(fold(part), []).append((place, term.label))
        found = {placed for part in wanted for placed in self._by_member.get(part, ())}
        return tuple(label for _, label in sorted(found))

    def expand(self, kind: str, text: str, *, exact: bool = False) -> tuple[str, ...]:
        """Labels of the terms that a value stands for: the term itself first, then narrower ones.

        A CURIE stands for the terms that it identifies; a pathway also for every pathway
        with a member of that name. Empty if the value is not known.
        """
        term = self.resolve(kind, text)
        labels = [term.label] if term else self._identified(kind, text)
        if kind == "pathways" and not (exact and term):
            labels.extend(self.pathways_with(text))
        if not exact:
            for label in list(labels):
                labels.extend(self.descendants(kind, label))
        return tuple(dict.fromkeys(labels))

    def _identified(self, kind: str, curie: str) -> list[str]:
        """Labels of the terms with this CURIE: those that match exactly, else all."""
        if not re.fullmatch(_CURIE, curie.strip()):
            return []
        wanted = curie.strip().casefold()
        found = [
            term
            for term in self.terms(kind).values()
            if term.xref and term.xref.casefold() == wanted
        ]
        exact = [term.label for term in found if term.xref_match == "exact"]
        return exact or [term.label for term in found]

    def expand_partial(self, kind: str, text: str, *, exact: bool = False) -> tuple[str, ...]:
        """As `expand`; also of a part of a name that leaves no choice: `lung` for `lung cancer`."""
        labels = self.expand(kind, text, exact=exact)
        if not labels:
            candidates = self.candidates(kind, text)
            labels = self.expand(kind, candidates[0], exact=exact) if len(candidates) == 1 else ()
        return labels

    def candidates(self, kind: str, text: str) -> tuple[str, ...]:
        """Labels of the terms with every word of `text` in one of their forms, widest ones only.

        `lung` could be `lung cancer`; its narrower terms are left out. Texts
        of fewer than three characters are part of too many names and have no candidates.
        """
        wanted = set(words(text))
        if not wanted or len(text.strip()) < _SHORTEST_PART:
            return ()
        if kind not in self._words:
            self._words[kind] = [
                (term.label, frozenset(words(form)))
                for term in self.terms(kind).values()
                for form in term.forms
            ]
        found = {label for label, there in self._words[kind] if wanted <= there}
        return tuple(
            label
            for label in self.terms(kind)
            if label in found and found.isdisjoint(self.ancestors(kind, label))
        )

    def nearest(self, kind: str, text: str, limit: int = 3) -> tuple[str, ...]:
        """Labels of the terms that a text which names none may stand for: those with it in a form,
        else those that look like it."""
        return self._with_part(kind, text) or self.suggest(kind, text, limit)

    def _with_part(self, kind: str, text: str) -> tuple[str, ...]:
        """Labels of the terms with a text in a form, else as a marker: `CD14` as `CD14+`."""
        marked = re.sub(r"(\w\d)(?=\s|$)", r"\1+", text)
        return (self.candidates(kind, text) or self.candidates(kind, marked))[:_MOST_NAMED]

    def unknown(self, kind: str, form: str) -> str:
        """The message about a form that no term has: its kind if another, or the nearest terms.

        And how to add a term with it, if that makes sense.
        """
        if not form.strip():
            return f"an empty text is not in the vocabulary of {kind}"
        whole = self._with_part(kind, form)
        near = ", ".join(f"`{label}`" for label in whole or self.suggest(kind, form))
        hint = f"{'it is part of' if whole else 'nearest'}: {near}; " if near else ""
        what = f"`{form[:80]}` is not in the vocabulary of {kind}"
        others = [other for other in KINDS if other != kind and self.resolve(other, form)]
        if others:
            return f"{what}, but in that of {' and '.join(others)}; {hint}".rstrip("; ")
        if whole:  # a new term of that name would hide these
            return f"{what}; {hint}".rstrip("; ")
        return f"{what}; {hint}a new term: `tdr define {kind} {quote(form[:80])} --parent TERM`"

    def suggest(self, kind: str, text: str, limit: int = 3) -> tuple[str, ...]:
        """Labels of the terms whose forms look most like `text`, best first; none if none does.

        Forms that begin as the text does may differ more from it as a whole.
        """
        from rapidfuzz import fuzz, process  # 10 ms that only mistakes need

        forms, key = self.forms(kind), fold(text)
        least = _ALIKE if len(key) > _SHORT else _ALIKE_IF_SHORT
        start = key[:-1][:_SHORT] if len(key) >= _SHORT else key
        hits = process.extract(
            key, list(forms), scorer=fuzz.ratio, limit=4 * limit, score_cutoff=_ALIKE_FROM_START
        )
        found = (forms[form] for form, alike, _ in hits if alike >= least or form.startswith(start))
        return tuple(dict.fromkeys(found))[:limit]
