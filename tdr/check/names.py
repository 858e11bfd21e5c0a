"""Names of molecules in running text."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.model.text import fold, words
from tdr.model.values import KINDS
from tdr.model.vocabulary import Vocabulary, axis_members

_LONGEST_AMBIGUOUS = 3


def _is_meant(form: str, key: str, text: str) -> bool:
    """Whether a text that has a form in some notation means its term; `key` is the folded form.

    A form that can be a common word (`NO`, `LIGHT`) counts only as it is written; a longer one also
    with a capital only, as genes of mice are written (`Pten`).
    """
    if key.isalpha() and len(key) <= _LONGEST_AMBIGUOUS:
        return form in text
    return not (key.isalpha() and form.isupper()) or form in text or form.capitalize() in text


class NameFinder:
    """Finds the terms of a vocabulary in running text, in any notation."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._named: dict[str, set[str]] = {}
        # Folded form -> (kind, label, form), for every kind.
        self.forms: dict[str, list[tuple[str, str, str]]] = {}
        for kind in KINDS:
            for term in vocabulary.terms(kind).values():
                for form in term.forms:
                    owners = self.forms.setdefault(fold(form), [])
                    owners.append((kind, term.label, form))
        # Most words begin no form: they are looked up once.
        self.prefixes = {key[:end] for key in self.forms for end in range(1, len(key) + 1)}

    def _spans(self, parts: list[str], start: int) -> Iterator[tuple[str, int]]:
        """The forms that begin with the word at `start`, shortest first, and where they end."""
        joined = ""
        for end in range(start, len(parts)):
            joined += parts[end]
            if joined not in self.prefixes:
                return
            key = joined if joined in self.forms else fold(joined)
            if key in self.forms:
                yield key, end + 1

    def named(self, text: str) -> set[str]:
        """Molecules that a text names for themselves, or as members of a pathway.

        The longest form counts: `PD-1` in `anti-PD-1 therapy` names an agent.
        """
        if text not in self._named:
            self._named[text] = self._find_named(text)
        return self._named[text]

    def _find_named(self, text: str) -> set[str]:
        parts, found = words(text), set[str]()
        position = 0
        while position < len(parts):
            key, end = "", position + 1
            for key, end in self._spans(parts, position):  # noqa: B007 - the last is the longest
                pass
            for kind, label, form in self.forms.get(key, ()):
                if kind == "molecules" and _is_meant(form, key, text):
                    found.add(label)
                elif kind == "pathways" and fold(form) == key:
                    members = axis_members(form)
                    terms = (self.vocabulary.resolve("molecules", member) for member in members)
                    found.update(term.label for term in terms if term)
            position = end
        return found

    def mentioned(self, text: str) -> set[str]:
        """Molecules whose name stands in a text anywhere, inside of other names too."""
        found = set(self.named(text))
        parts = [part.rstrip("+") for part in words(text)]  # LRRC15+ CAF
        for position in range(len(parts)):
            for key, _ in self._spans(parts, position):
                found.update(label for kind, label, _ in self.forms[key] if kind == "molecules")
        return found

    def family(self, labels: tuple[str, ...]) -> set[str]:
        """These molecules with everything wider and narrower."""
        family = set(labels)
        for label in labels:
            family.update(self.vocabulary.ancestors("molecules", label))
            family.update(self.vocabulary.descendants("molecules", label))
        return family
