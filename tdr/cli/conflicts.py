"""The command about claims that contradict each other: conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Generic, Literal, TypeVar

from tdr.ask.conditions import named_cells
from tdr.ask.views.conflict_sides import FIRST, ConflictRow
from tdr.cli import complete
from tdr.cli.declare import flag, option
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Output, examples, output, takes
from tdr.cli.session import Session
from tdr.model.errors import one_of, usage_error
from tdr.model.filters import Criteria
from tdr.render import Listing

if TYPE_CHECKING:
    from tdr.render import Terminal

R = TypeVar("R", bound=ConflictRow)


@takes(CRITERIA, output("conflicts"))
@examples("tdr conflicts --kind contradiction", "tdr conflicts -c TAM -o json | jq '.conflicts[]'")
def conflicts_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    kind: Annotated[
        list[str] | None,
        option(
            "KIND",
            "contradiction (same cell and therapy), context (same cell, different "
            "therapies), subtype (related cells, same therapy); with --across also reading "
            "(claims of two sources rest on one work, whose abstract contradicts one of them).",
            complete=complete.conflict_kinds,
        ),
    ] = None,
    across: Annotated[
        Literal["sources"] | None,
        option(
            "sources", "Only where two sources disagree: on the same work, or on different ones."
        ),
    ] = None,
    of_steps: Annotated[
        bool,
        flag(
            "--steps", "Compare steps: what raises a thing in one claim and lowers it in another."
        ),
    ] = False,
    every: Annotated[
        bool, flag("--all", f"Every claim of both sides, not only the first {FIRST} of each.")
    ] = False,
) -> None:
    from tdr.ask.views.conflicts import CONFLICT_KINDS, Conflict, conflicts

    kinds: tuple[str, ...] = CONFLICT_KINDS
    if across:
        from tdr.ask.views.source_conflicts import READING, SAME, across_sources, readings

        kinds = (*kinds, READING)
    wanted = [one_of("kind", name, kinds) for name in kind or ()] or kinds
    evidence, selection = session.selected(criteria)
    if of_steps:
        from tdr.ask.views.step_conflicts import StepConflict, step_conflicts

        if kind or across:
            raise usage_error("--steps goes with neither --kind nor --across")
        opposed = step_conflicts(evidence, selection, every=every)
        step_rows = _ShownConflicts(opposed, StepConflict)
        output.emit(Listing.of(evidence, StepConflict, step_rows, matched=len(opposed)))
        session.streams.say(*step_rows.note)
        return
    every_kind = conflicts(evidence, selection, named_cells(evidence, criteria), every=every)
    found: Collection[Conflict]
    if across:
        compared = across_sources(evidence, every_kind)
        compared += readings(evidence, selection, compared, every=every)
        found = tuple(one for one in compared if one.kind in wanted)
        counts = Counter(one.kind for one in found)
    else:
        chosen = every_kind.of(wanted)
        found, counts = chosen, chosen.kinds
    shown = _ShownConflicts(found, Conflict)
    listing = Listing.of(evidence, Conflict, shown, matched=len(found))
    if across:
        listing = listing._replace(shown=(*listing.shown, "works"))

    def draw(terminal: Terminal) -> Iterator[str]:
        from tdr.render.terminal.conflicts import conflicts_text  # drawn for people only

        return conflicts_text(islice(shown, output.limit), evidence, terminal)

    output.emit(listing, None if output.sort else draw)
    summary = ", ".join(f"{counts[name]} {name}" for name in dict.fromkeys(wanted))
    if across:
        same = sum(conflict.works == SAME for conflict in found)
        summary += f"; {same} on the same work, {len(found) - same} on different works"
    session.streams.say(f"{summary}; counts beside the sides are claims", *shown.note)


class _ShownConflicts(Generic[R]):
    """Conflicts as they are shown, and a note if a side of one has more claims than are shown."""

    def __init__(self, conflicts: Iterable[R], row_class: type[R]) -> None:
        self._conflicts, self._is_cut, self._columns = conflicts, False, row_class.columns.names

    def __iter__(self) -> Iterator[R]:
        for conflict in self._conflicts:
            self._is_cut = self._is_cut or conflict.cut
            yield conflict

    @property
    def note(self) -> tuple[str, ...]:
        """The line about sides that are cut; empty if there are none."""
        counts = " and ".join(name for name in self._columns if name.endswith("_claims"))
        line = f"the first {FIRST} claims of either side ({counts} count them; --all gives them)"
        return (line,) if self._is_cut else ()
