"""Rules that compare the molecules that a mechanism names with those that the claim lists."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.check.context import Context
from tdr.check.finding import hit
from tdr.errors import Problem
from tdr.model import KINDS
from tdr.text import fold, words
from tdr.vocabulary import Vocabulary, axis_members

_LONGEST_AMBIGUOUS = 3


def _is_ambiguous(key: str) -> bool:
    """Whether a folded form can be a common word (`NO`): it counts only in its own letters."""
    return len(key) <= _LONGEST_AMBIGUOUS and key.isalpha()


class Names:
    """Finds the terms of a vocabulary in running text, in any notation."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        # Folded form -> (kind, label, form), for every kind.
        self.forms: dict[str, list[tuple[str, str, str]]] = {}
        for kind in KINDS:
            for term in vocabulary.terms(kind).values():
                for form in term.forms:
                    owners = self.forms.setdefault(fold(form), [])
                    owners.append((kind, term.label, form))
        self.starts = {key[:end] for key in self.forms for end in range(1, len(key) + 1)}

    def _spans(self, parts: list[str], start: int) -> Iterator[tuple[str, int]]:
        """The forms that begin with the word at `start`, shortest first, and where they end."""
        joined = ""
        for end in range(start, len(parts)):
            joined += parts[end]
            key = joined if joined in self.forms else fold(joined)
            if key in self.forms:
                yield key, end + 1
            if joined not in self.starts:
                return

    def _molecule(self, text: str) -> str | None:
        term = self.vocabulary.resolve("molecules", text)
        return term.label if term else None

    def named(self, text: str) -> set[str]:
        """Molecules that a text names for themselves, or as members of a pathway.

        The longest form counts: `PD-1` in `anti-PD-1 therapy` names an agent.
        """
        parts, found = words(text), set[str]()
        position = 0
        while position < len(parts):
            key, end = "", position + 1
            for key, end in self._spans(parts, position):  # noqa: B007 - the last is the longest
                pass
            for kind, label, form in self.forms.get(key, ()):
                if kind == "molecules" and (not _is_ambiguous(key) or form in text):
                    found.add(label)
                elif kind == "pathways" and fold(form) == key:
                    members = map(self._molecule, axis_members(form))
                    found.update(member for member in members if member)
            position = end
        return found

    def mentioned(self, text: str) -> set[str]:
        """Molecules whose name stands in a text anywhere, inside of other names too."""
        found = self.named(text)
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


def molecule_unlisted(context: Context) -> Iterator[Problem]:
    """Molecule that the mechanism names and the claim does not list.

    A filter by this molecule does not find the claim. A name inside of a longer one
    does not count (PD-1 in anti-PD-1 therapy); the members of a pathway do.

    Wrong:

        mechanism: CCL2 draws in monocytes, which release IL-10.
        molecules: [CCL2]

    Right:

        mechanism: CCL2 draws in monocytes, which release IL-10.
        molecules: [CCL2, IL10]
    """
    names = Names(context.vocabulary)
    for record, claim in context.claims:
        for label in sorted(names.named(claim.mechanism) - names.family(claim.molecules)):
            if not context.vocabulary.children("molecules", label):
                text = f"the mechanism names `{label}`, which is not among the molecules"
                field = "molecules" if "molecules" in record.raw else "mechanism"
                yield hit(text, record.where((field,)), claim.id)


def molecule_unnamed(context: Context) -> Iterator[Problem]:
    """Molecule that the claim lists and the mechanism does not name.

    Either the mechanism leaves out a step, or the list holds what the source does
    not say.

    Wrong:

        mechanism: CCL2 draws in monocytes.
        molecules: [CCL2, IL10]

    Right:

        mechanism: CCL2 draws in monocytes, which release IL-10.
        molecules: [CCL2, IL10]
    """
    names = Names(context.vocabulary)
    for record, claim in context.claims:
        mentioned = names.mentioned(claim.mechanism) if claim.molecules else set()
        if not claim.mechanism.strip():
            continue  # said by [mechanism]
        for position, label in enumerate(claim.molecules):
            if not mentioned.intersection(names.family((label,))):
                text = f"the mechanism does not name `{label}`"
                yield hit(text, record.where(("molecules", position)), claim.id)
