"""The therapies: the names of each in any form, and the prefix of its claims' ids.

Evidence says which there are in `vocabulary/therapies.yaml`; where it does not, BUILT_IN holds.
"""

# Annotations are not put off: named tuples of texts would compile each one at every start.

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from tdr.model.errors import unknown
from tdr.model.field import Codec
from tdr.model.fields import FIELDS_OF_THERAPY
from tdr.model.text import fold

NAME = r"(?!(?:references|source)$)[a-z][a-z0-9-]{1,31}"
"""Pattern of a therapy's label, which is the name of a file, too."""

PREFIX = r"[a-z]{2,8}"
"""Pattern of the prefix of ids."""

_CODEC = Codec(FIELDS_OF_THERAPY)


class Therapy(NamedTuple):
    """A kind of treatment: `label` is the name of its file, `prefix` the start of its claims' ids.

    `short` is for the head of a narrow column.
    """

    label: str
    prefix: str
    abbreviation: str | None = None
    synonyms: tuple[str, ...] = ()
    short: str | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """Every way to name it, the label first."""
        names = (self.label, self.prefix, self.abbreviation, *self.synonyms, self.short)
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def full_name(self) -> str:
        """Its name in a sentence: `chemotherapy`, `targeted therapy`."""
        return next((form for form in self.forms if form.endswith("therapy")), self.label)

    def to_dict(self) -> dict[str, Any]:
        """The therapy as JSON values."""
        return _CODEC.to_dict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Therapy":
        """The therapy whose `to_dict` is `record`."""
        return cls(**_CODEC.attributes(record))


class Therapies(Mapping[str, Therapy]):
    """Therapies by their label, in the order in which they are shown."""

    def __init__(self, therapies: Iterable[Therapy]) -> None:
        self._by_label = {therapy.label: therapy for therapy in therapies}

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return {fold(form): therapy.label for therapy in self.values() for form in therapy.forms}

    def __getitem__(self, label: str) -> "Therapy":
        return self._by_label[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_label)

    def __len__(self) -> int:
        return len(self._by_label)

    def find(self, text: str) -> str | None:
        """The label of the therapy with this name, in any notation; None if there is none."""
        return self._labels.get(fold(text))

    def named(self, text: str) -> str:
        """The label as by `find`. Raises TdrError, naming all therapies, if there is none."""
        found = self.find(text)
        if found is None:
            raise unknown("therapy", text, self)
        return found

    def in_order(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Labels in the order of the therapies, each once."""
        wanted = set(labels)
        return tuple(label for label in self if label in wanted)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of ids, one for each therapy."""
        return tuple(therapy.prefix for therapy in self.values())


BUILT_IN = Therapies(
    (
        Therapy("immunotherapy", "imm", None, ("immunotherapies",), "immuno"),
        Therapy("targeted", "tgt", None, ("targeted therapy",)),
        Therapy("chemo", "che", None, ("chemotherapy",)),
        Therapy("radio", "rad", "RT", ("radiotherapy", "radiation", "radiation therapy")),
        Therapy(
            "antiandrogen", "and", None, ("antiandrogen therapy", "anti-androgen"), "anti-androgen"
        ),
    )
)
"""The therapies of evidence without a file of therapies."""
