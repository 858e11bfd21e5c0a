"""What can be asked of evidence, by keyword: each method answers as the command of its name.

Filters are keyword arguments of every method: `cell="TAM"`, `agent=["gefitinib", "erlotinib"]`;
a flag is True, None is no filter. `also={"cell": "CAF"}` must match besides, `exclude={...}` must
not; `exact=True` leaves out narrower terms, `skip_unknown=True` passes over values that are not
known. A filter or value that is not known raises TdrError, naming the
nearest. Answers are frozen values; `records()` of an answer gives plain dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING, Any

from tdr.ask.conditions import Conditions, conditions
from tdr.ask.evidence_data import EvidenceData, Selection
from tdr.model.errors import usage_error
from tdr.model.filters import Criteria, require_flags
from tdr.model.rows import Rows
from tdr.model.steps import RESISTANCE
from tdr.model.text import counted, hyphened
from tdr.model.values import Claim

if TYPE_CHECKING:
    from tdr.ask.search import SearchResult
    from tdr.ask.views.axes import Unit
    from tdr.ask.views.compare import Comparison
    from tdr.ask.views.conflicts import Conflict
    from tdr.ask.views.coverage import ParagraphCoverage
    from tdr.ask.views.graph import Graph
    from tdr.ask.views.lists import CitedReference, Countermeasure, TermCount
    from tdr.ask.views.matrix import Gap, Matrix
    from tdr.ask.views.paths import Paths
    from tdr.ask.views.stats import Breakdown, Fact
    from tdr.ask.views.step_conflicts import StepConflict
    from tdr.ask.views.steps import StatedStep
    from tdr.ask.views.tables import TableRow

Names = str | int | Iterable[str | int] | None
"""One value, several (no empty list), or None."""


class Evidence(EvidenceData):
    """Checked claims with their references and vocabulary, and the questions one can ask.

    Made by `tdr.load()`; the command line asks the same. Values are read from the index, and
    views imported, when first asked for.
    `skipped` are warnings of what in the directory has a file's name and is no file; `asked` the
    keys of the sources that answer, if not all do.
    """

    def __repr__(self) -> str:
        return f"<Evidence: {counted(len(self), 'claim')} of {', '.join(self.keys)}>"

    def claim(self, identifier: str) -> Claim:
        """The claim with this id. Raises TdrError if there is none."""
        written = hyphened(identifier)
        found = self.index.find(written) if written.isascii() else None
        if found is None:
            raise usage_error(f"no claim has the id `{identifier[:80]}`")
        return found

    def conditions(self, criteria: Criteria) -> Conditions:
        """What the criteria mean here; see `tdr.ask.conditions.conditions`."""
        return conditions(self, criteria)

    def select(self, criteria: Criteria) -> Selection:
        """The claims that meet the criteria.

        Raises TdrError naming every value that is not known, with the nearest known ones.
        """
        resolved = self.conditions(criteria)
        bits = self.everything
        for condition in resolved.all_of:
            matching = 0
            for facet, labels in condition.any_of:
                matching |= self.index.claims_with(facet, labels)
            bits &= ~matching if condition.negated else matching
        return Selection(bits, resolved.expansions, resolved.skipped)

    def filter(self, **filters: Any) -> Rows[Claim]:
        """The claims that match, as `tdr list` finds them.

        `filter(cell="TAM", cancer=["NSCLC", "melanoma"], exclude={"therapy": "radio"})`;
        `filter(cell="TAM", also={"cell": "CAF"})` are the claims that name both.
        """
        return Rows(self.selected(self.select(Criteria.of(**filters))))

    def search(
        self,
        words: str,
        *,
        limit: int | None = None,
        min_score: float | None = None,
        **filters: Any,
    ) -> SearchResult:
        """The claims that answer words or a question, best first.

        `min_score` is from 0 to 100; what reaches less than 30 is among the answer's weak hits.
        Raises TdrError for a text without a letter or digit, and for one that is too long.
        """
        from tdr.ask.search import search

        _refuse_outside(limit=limit)
        _refuse_outside(100, min_score=min_score)
        within = self.select(Criteria.of(**filters))
        return search(self, words, within, limit=limit, min_score=min_score)

    def counter(self, **filters: Any) -> Rows[Countermeasure]:
        """What restores response, most claims first."""
        from tdr.ask.views.lists import countermeasures

        return Rows(countermeasures(self, self.select(Criteria.of(**filters))))

    def terms(self, kind: str, words: str = "", **filters: Any) -> Rows[TermCount]:
        """The terms of a kind in hierarchical order, with their numbers of claims.

        With `words`, only terms with a form that has them, whole or as beginnings or ends of words
        (`platin`); with filters, only those that the selected claims name. Raises TdrError for an
        unknown kind.
        """
        from tdr.ask.views.lists import term_counts

        criteria = Criteria.of(**filters)
        rows = term_counts(self, kind, words, self.select(criteria), exact=criteria.exact)
        every = criteria == Criteria(exact=criteria.exact)
        return Rows(row for row in rows if row.claims or every)

    def refs(self, names: Names = None, **filters: Any) -> Rows[CitedReference]:
        """The references, or those of these names, with the claims that rest on them.

        A name is a number of the first source, `"KEY:20"` of any, or whatever else `tdr refs`
        takes. `year` and `source` are those of the references themselves; with other filters, only
        references of the selected claims. Raises TdrError naming every name that is not known.
        """
        from tdr.ask.references import (
            ReferenceCriteria,
            matching_references,
            of_references,
            references_named,
        )
        from tdr.ask.views.lists import cited_references

        themselves, of_claims = of_references(Criteria.of(**filters))
        own_criteria = ReferenceCriteria(conditions=self.conditions(themselves).all_of)
        found, _ = matching_references(self, own_criteria)
        if names is not None:
            found = found.intersection(references_named(_several("names", names), self))
        selection = self.select(of_claims) if of_claims.pairs else None
        return Rows(cited_references(self, selection, found))

    def coverage(self, key: str | None = None) -> Rows[ParagraphCoverage]:
        """The citations of each paragraph of a source (by default the first), and which of them no
        claim backs. Raises TdrError for a key that is not known."""
        from tdr.ask.views.coverage import coverage

        return Rows(coverage(self, key))

    # -- how resistance comes about ----------------------------------------

    def steps(
        self,
        *,
        from_: Names = None,
        does: Names = None,
        to: Names = None,
        in_: Names = None,
        as_: str | None = None,
        **filters: Any,
    ) -> Rows[StatedStep]:
        """The signed steps of the selected claims: `steps(from_="TAM", does="secretes")`.

        Ends are names in any form and take in narrower terms; `as_` is the kind of an end, as
        `tdr.ask.views.steps.step_criteria` says. Raises TdrError for what is not known.
        """
        from tdr.ask.views.steps import step_criteria, steps

        criteria = Criteria.of(**filters)
        asked = step_criteria(
            self,
            source=_several("from_", from_),
            does=_several("does", does),
            target=_several("to", to),
            place=_several("in_", in_),
            kind=as_,
            exact=criteria.exact,
        )
        return Rows(steps(self, self.select(criteria), asked))

    def paths(self, a: str, b: str = RESISTANCE, *, across: bool = False, **filters: Any) -> Paths:
        """The chains of steps from A to B, shortest first, each within one claim.

        With `across`, steps of different claims are joined: a hypothesis, not a finding.
        """
        from tdr.ask.views.paths import paths

        require_flags(across=across)
        criteria = Criteria.of(**filters)
        return paths(self, self.select(criteria), a, b, across=across, exact=criteria.exact)

    # -- views -------------------------------------------------------------

    def matrix(
        self,
        rows: str = "cell",
        cols: str = "therapy",
        *,
        level: Names = None,
        under: Names = None,
        within: Names = None,
        unit: Unit = "claims",
        **filters: Any,
    ) -> Matrix:
        """Claims (or references, or works) counted for every combination of two fields.

        `level`, `under` and `within` are as the options of `tdr matrix`. Raises TdrError for a
        field that cannot be counted by, and for another unit.
        """
        from tdr.ask.views.axes import axis, roll_up_by
        from tdr.ask.views.matrix import matrix

        down, across = axis(rows), axis(cols)
        roll_up = roll_up_by(
            self,
            (down, across),
            _several("level", level),
            _several("under", under),
            _several("within", within),
        )
        selection = self.select(Criteria.of(**filters))
        return matrix(self, selection, down, across, roll_up=roll_up, unit=unit)

    def gaps(self, rows: str = "cell", cols: str = "therapy", **filters: Any) -> Rows[Gap]:
        """The combinations of two fields with no claim or only one, most surprising first."""
        from tdr.ask.views.axes import axis
        from tdr.ask.views.matrix import gaps

        return Rows(gaps(self, self.select(Criteria.of(**filters)), axis(rows), axis(cols)))

    def conflicts(self, *, every: bool = False, **filters: Any) -> Rows[Conflict]:
        """Cells that promote resistance in one claim and oppose it in another.

        Sides carry their first 50 claims, or `every` one.
        """
        from tdr.ask.conditions import named_cells
        from tdr.ask.views.conflicts import conflicts

        require_flags(every=every)
        criteria = Criteria.of(**filters)
        cells = named_cells(self, criteria)
        return Rows(conflicts(self, self.select(criteria), cells, every=every))

    def step_conflicts(self, *, every: bool = False, **filters: Any) -> Rows[StepConflict]:
        """What raises a thing in one claim and lowers it in another; sides as of `conflicts`."""
        from tdr.ask.views.step_conflicts import step_conflicts

        require_flags(every=every)
        return Rows(step_conflicts(self, self.select(Criteria.of(**filters)), every=every))

    def compare(self, a: str, b: str, *, kind: str | None = None, **filters: Any) -> Comparison:
        """What the claims of two cells, therapies, cancers or agents share."""
        from tdr.ask.views.compare import compare, resolve_pair

        criteria = Criteria.of(**filters)
        named, first, second = resolve_pair(self, a, b, kind, exact=criteria.exact)
        return compare(self, self.select(criteria), named, first, second)

    def stats(self, *, top: int = 5, **filters: Any) -> Rows[Fact]:
        """Counts of claims, and the `top` most frequent terms of each kind."""
        from tdr.ask.views.stats import stats

        _refuse_outside(top=top)
        return Rows(stats(self, self.select(Criteria.of(**filters)), top))

    def breakdown(self, by: str, **filters: Any) -> Rows[Breakdown]:
        """The selected claims counted by the values of one field: `tdr stats --by FIELD`."""
        from tdr.ask.views.axes import axis
        from tdr.ask.views.stats import breakdown

        return Rows(breakdown(self, self.select(Criteria.of(**filters)), axis(by)))

    def table(self, number: int, **filters: Any) -> Rows[TableRow]:
        """One of the review's four tables of core references. Raises TdrError for another one."""
        from tdr.ask.views.tables import table

        return Rows(table(self, self.select(Criteria.of(**filters)), number))

    def graph(self, *, top: int | None = None, **filters: Any) -> Graph:
        """The network that `tdr graph` draws."""
        from tdr.ask.views.graph import graph

        _refuse_outside(top=top)
        return graph(self, self.select(Criteria.of(**filters)), top=top)


def _several(name: str, values: Names) -> tuple[str, ...]:
    if values is None:
        return ()
    several = (values,) if isinstance(values, str | int) else tuple(values)
    if not several:
        raise usage_error(f"`{name}` has no value; None asks for all")
    return tuple(map(str, several))


def _refuse_outside(most: float = inf, **numbers: float | None) -> None:
    limits = "0 or more" if most == inf else f"0 to {most}"
    for name, number in numbers.items():
        if number is not None and not 0 <= number <= most:  # nan is outside, too
            raise usage_error(f"`{name}` is {number}, out of range: {limits}")
