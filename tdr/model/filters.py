"""What claims can be selected by: one table, and a selection as a person states it.

Whatever else knows filters follows from `FILTERS`: the options of the command line, their
completion, `--not` and `--with`, the keyword arguments of Python, the fields that views count by.
"""

# Annotations are not put off: named tuples of texts would compile each one at every start.

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from tdr.model.errors import usage_error
from tdr.model.fields import BASES, EFFECTS
from tdr.model.plain import Plain
from tdr.model.standing import AGREES, DIFFERS, FLAGS, STANDINGS
from tdr.model.therapies import BUILT_IN

Meaning = Literal[
    "term", "therapy", "word", "source", "reference", "year", "section", "phrase", "anything",
    "flag",
]  # fmt: skip
"""How a value is understood: as a term of the vocabulary with its narrower ones; a therapy, by
any of its names; one of a few fixed words; the key of a source; references; the years of
references; a section of a source with those inside it; words of an intervention; whatever of
these it can be; or not at all, because there is only one (a flag)."""

NAMELESS: frozenset[Meaning] = frozenset(("reference", "year", "flag"))
"""Meanings whose values are no names, so that `!` or `-` before one does not stand for `not`."""

FILTER_ALIASES = {
    "drug": "agent",
    "treatment": "agent",
    "gene": "molecule",
    "protein": "molecule",
    "tumor": "cancer",
    "tumour": "cancer",
}
"""Another name of a filter -> its name here."""

VALUE_ALIASES = {"response": "sensitivity"}
"""Another name of a value that is one of a few words -> its name here."""

YES = "yes"
"""The value of a flag."""


class Filter(Plain):
    """One way to select claims.

    `facets` are the fields of the index in which a value is looked for; `kind` is the kind of
    term that it is; `words` are the values where these are few and fixed. Claims can be
    counted by what is `counted`.
    """

    name: str
    meaning: Meaning
    facets: tuple[str, ...]
    help: str
    metavar: str = ""
    short: str | None = None
    kind: str | None = None
    words: tuple[str, ...] = ()
    counted: bool = False

    @property
    def option(self) -> str:
        """The option of the command line: `--countered-by`."""
        return "--" + self.name.replace("_", "-")

    @property
    def sided(self) -> bool:
        """Whether a value stands on one of two sides: a cell promotes or opposes resistance."""
        return self.kind == "cells"


def _term(
    name: str, kind: str, help: str, short: str | None = None, *, side: bool = False
) -> Filter:
    facets = (name,) if side else ("promotes", "opposes") if kind == "cells" else (kind,)
    return Filter(name, "term", facets, help, "TERM", short, kind, counted=not side)


def _word(name: str, words: tuple[str, ...], help: str) -> Filter:
    *others, last = words
    text = f"{help} {', '.join(others)} or {last}.".lstrip()
    return Filter(name, "word", (name,), text, "WORD", words=words, counted=True)


FILTERS: Mapping[str, Filter] = {
    entry.name: entry
    for entry in (
        Filter("therapy", "therapy", ("therapy",), f"Therapy: {', '.join(BUILT_IN)}.", "NAME", "-t",
               counted=True),
        _term("cell", "cells", "Cell type, on either side.", "-c"),
        _term("promotes", "cells", "Cell type that favours resistance.", side=True),
        _term("opposes", "cells", "Cell type that favours response.", side=True),
        _term("cancer", "cancers", "Cancer.", "-k"),
        _term("pathway", "pathways", "Pathway, or a member of an axis (STAT3).", "-p"),
        _term("molecule", "molecules", "Molecule.", "-m"),
        _term("agent", "agents", "Treatment, or a class of them.", "-a"),
        _term("process", "processes", "Process."),
        Filter("countered_by", "phrase", ("countered_by",), "Intervention that restores response.",
               "WORDS"),
        Filter("about", "anything", ("countered_by", "step_from", "step_to", "step_in"),
               "A name in any field.", "TERM"),
        Filter("ref", "reference", ("ref",),
               "Reference: 20, 51-54, 13,57, KEY:20 of another source, a DOI or pmid:N.",
               "N", "-r"),
        Filter("year", "year", ("ref",), "Year of a reference: 2022, 2018-2020 or 2022-.", "YEARS"),
        _word("effect", EFFECTS, ""),
        _word("basis", BASES, ""),
        Filter("section", "section", ("section",), "Section of a review.", "NAME", counted=True),
        Filter("source", "source", ("source",), "Source, by its key.", "KEY", counted=True),
        _word("standing", STANDINGS, "How sure a claim is:"),
        _word("flag", tuple(FLAGS), "Kind of doubt that a note raises:"),
        _word("primary", AGREES, "Whether a cited paper agrees:"),
        _word("differs", DIFFERS, "In what a cited paper differs:"),
        Filter("hedged", "flag", ("hedged",), "Only what the source says can, could or may be."),
        Filter("noted", "flag", ("noted",), "Only claims with a curator's note."),
    )
}  # fmt: skip
"""Every filter by its name, in the order of help."""

Pair = tuple[str, str]
"""A filter's name and a value."""


class Criteria(NamedTuple):
    """Which claims are asked for, as a person writes it: values are not yet resolved to labels.

    `wanted` are (filter, value) pairs: values of one filter are alternatives, filters add
    up. Values are any label, abbreviation, synonym, spelling variant or identifier. A claim
    must match every one of `also`, and none of `exclude`. With `exact` a term does not take in
    the narrower terms below it; with `skip_unknown` values that are not known are passed over.
    """

    wanted: tuple[Pair, ...] = ()
    also: tuple[Pair, ...] = ()
    exclude: tuple[Pair, ...] = ()
    exact: bool = False
    skip_unknown: bool = False

    @classmethod
    def of(
        cls,
        *,
        also: Mapping[str, Any] | None = None,
        exclude: Mapping[str, Any] | None = None,
        exact: bool = False,
        skip_unknown: bool = False,
        **filters: Any,
    ) -> "Criteria":
        """Criteria from keyword arguments.

        A value is one text or number, or several; True for a flag; None (or False) is no filter.
        Raises TdrError for an empty list of values, where `also` or `exclude` names no filters, and
        for `exact` and `skip_unknown` that are neither True nor False.
        """
        require_flags(exact=exact, skip_unknown=skip_unknown)
        for name, pairs in (("also", also), ("exclude", exclude)):
            if not isinstance(pairs, Mapping | None):
                raise usage_error(f"`{name}` names no filter; write {name}={{'cell': 'CAF'}}")
        wanted, further, unwanted = (tuple(_pairs(of or {})) for of in (filters, also, exclude))
        return cls(wanted, further, unwanted, exact, skip_unknown)

    def values(self, name: str) -> tuple[str, ...]:
        """The wanted values of one filter."""
        return tuple(value for of, value in self.wanted if of == name)

    def without(self, name: str) -> "Criteria":
        """The same without the wanted values of a filter."""
        return self._replace(wanted=tuple(pair for pair in self.wanted if pair[0] != name))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every (filter, value) pair, wanted or not."""
        return (*self.wanted, *self.also, *self.exclude)

    def partition(self, names: Collection[str]) -> "tuple[Criteria, Criteria]":
        """The criteria of these filters, wanted or not, and those of all others."""

        def part(pairs: tuple[Pair, ...], *, of_these: bool) -> tuple[Pair, ...]:
            return tuple(pair for pair in pairs if (pair[0] in names) is of_these)

        these, others = (
            self._replace(
                wanted=part(self.wanted, of_these=of_these),
                also=part(self.also, of_these=of_these),
                exclude=part(self.exclude, of_these=of_these),
            )
            for of_these in (True, False)
        )
        return these, others

    def phrases(self) -> tuple[str, ...]:
        """The criteria in words: `cell: TAM or CAF`, `not therapy: radio`."""
        phrases = []
        for pairs, negation in ((self.wanted, ""), (self.also, "with "), (self.exclude, "not ")):
            for name in dict.fromkeys(name for name, _ in pairs):
                values = [value for of, value in pairs if of == name]
                phrase = f"{negation}{name.replace('_', ' ')}"
                phrases.append(phrase if values == [YES] else f"{phrase}: {' or '.join(values)}")
        if self.exact:
            phrases.append("without narrower terms")
        return tuple(phrases)


def require_flags(**flags: object) -> None:
    """Raise TdrError for a keyword that is neither True nor False: `"no"` would be true."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise usage_error(f"`{name}` is True or False, not {value!r}")


def _pairs(filters: Mapping[str, Any]) -> Iterator[Pair]:
    for name, value in filters.items():
        if value is None or value is False:
            continue
        if value is True:
            yield name, YES
        elif isinstance(value, str | int):
            yield name, str(value)
        else:
            values = tuple(map(str, value))
            if not values:
                raise usage_error(f"`{name}` has no value; None is no filter")
            yield from ((name, one) for one in values)
