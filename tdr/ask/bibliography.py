"""References as publications for bibliographies, in which a work stands once.

Of several references to one work, each takes from the others what it lacks itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from tdr.ask.views.works import Works
from tdr.model.publication import Publication

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName


class Bibliography:
    """The references of the selected sources as publications.

    A reference takes from others to the same work what it lacks, such as that the paper was
    retracted, and their keys as aliases.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence, self._works = evidence, Works(evidence)
        self._same: dict[ReferenceName, list[ReferenceName]] = {}
        for name, reference in self._works.references.items():
            if reference.source in evidence.keys:
                self._same.setdefault(self._works.of(name), []).append(name)

    def work(self, name: ReferenceName) -> ReferenceName:
        """The name of the work of a reference: that of the first reference to it."""
        return self._works.of(name)

    def publication(self, name: ReferenceName) -> Publication:
        """The publication of a reference, completed from others to the same work."""
        others = (other for other in self._same.get(self.work(name), ()) if other != name)
        references = self._works.references
        return _united(*(Publication.named(one, references[one]) for one in (name, *others)))

    def cited(self, names: Iterable[ReferenceName]) -> Iterator[Publication]:
        """The works behind references, in order of appearance, each once, as the first of these.

        References that are not listed are passed over.
        """
        seen: set[ReferenceName] = set()
        for name in names:
            source, _, number = str(name).rpartition(":")
            name_here = self._evidence.name_of(source, int(number)) if source else name
            if name_here in self._works.references and (work := self.work(name_here)) not in seen:
                seen.add(work)
                yield self.publication(name_here)


def _united(first: Publication, *others: Publication) -> Publication:
    if not others:
        return first
    values = {
        field.name: next(
            (value for one in (first, *others) if (value := getattr(one, field.name))),
            getattr(first, field.name),
        )
        for field in fields(Publication)
    }
    return Publication(**values | {"aliases": tuple(one.key for one in others)})
