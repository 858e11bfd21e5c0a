"""What titles of cited works name, by whatever it is called."""

from __future__ import annotations

from collections import defaultdict

from tdr.model.tokens import tokens
from tdr.read.record import Support

_KINDS = ("cells", "cancers", "agents")
"""A title is no place to find molecules and processes: some are called as words are."""


class InTitles:
    """Finds the terms that a title names, and what is wider."""

    def __init__(self, support: Support) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)  # by the first word
        for term in support.terms:
            if term.kind in _KINDS:
                wider = support.vocabulary.ancestors(term.kind, term.label)
                meant = [f"{term.kind}/{label}" for label in (term.label, *wider)]
                for name in {tuple(tokens(form)) for form in term.forms} - {()}:
                    self._names.setdefault(name, []).extend(meant)
                    self._lengths[name[0]].add(len(name))

    def named(self, title: str) -> set[str]:
        """`kind/label` of the terms."""
        words = tokens(title)
        names = (
            self._names.get(tuple(words[start : start + length]), ())
            for start, word in enumerate(words)
            for length in self._lengths.get(word, ())
        )
        return set().union(*names)
