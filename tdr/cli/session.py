"""One run of the program: its streams, its global options and the evidence that it reads."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tdr.ask.conditions import Conditions
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection
    from tdr.cli.boundary import Streams
    from tdr.model.filters import Criteria
    from tdr.read.files import Directory

_PROGRESS_DELAY = 1.0
"""Seconds that the build of an index may take before its progress is shown on a terminal."""


class Session:
    """The streams and the global options of one run."""

    def __init__(self, streams: Streams, paths: tuple[str, ...], *, cache: bool) -> None:
        self.streams, self.paths, self.cache = streams, paths, cache

    @property
    def directories(self) -> tuple[Directory, ...]:
        """The evidence directories in use: those that were named, else the shipped one."""
        from pathlib import Path  # most commands need only the names

        from tdr.read.files import Directory, shipped_path

        shipped = shipped_path()
        named = tuple(Directory(Path(path), path) for path in self.paths)
        return named or (Directory(shipped, short_name(shipped)),)

    def evidence(self, criteria: Criteria | None = None, *, words: bool = False) -> Evidence:
        """The evidence of this run; of the sources that `criteria` name, if they name any.

        With `words` it can be searched.
        """
        from tdr import load

        with _progress(self.streams) as advance:
            evidence = load(self.paths or None, cache=self.cache, progress=advance, words=words)
        self.streams.report(evidence.skipped)
        for key, (written, prefix) in evidence.index.prefixed_sources.items():
            why = "ids" if key == written else f"the key `{written}`"
            self.streams.say(
                f"two directories have {why}: in what follows, ids of the later one begin with "
                f"`{prefix}`, its references are `{key}:1` ..."
            )
        asked = [value for name, value in criteria.wanted if name == "source"] if criteria else []
        return evidence.of_sources(asked)

    def selected(self, criteria: Criteria, *, words: bool = False) -> tuple[Evidence, Selection]:
        """The evidence, and the claims that match."""
        evidence = self.evidence(criteria, words=words)
        return evidence, self.select(evidence, criteria)

    def select(self, evidence: Evidence, criteria: Criteria) -> Selection:
        """The claims that match; what each value was taken to mean is written to stderr."""
        from tdr.ask.hints import named_elsewhere

        selection = evidence.select(criteria)
        self.explain(selection)
        self.streams.say(*named_elsewhere(evidence, criteria, selection))
        return selection

    def explain(self, resolved: Selection | Conditions) -> None:
        """Write to stderr what values were taken to mean, and which are skipped as unknown."""
        self.streams.say(*resolved.expansions)
        if resolved.skipped:
            self.streams.say(f"skipped, not known: {', '.join(resolved.skipped)}")


def short_name(directory: Path) -> str:
    """The relative name of a directory below the current one, else its full name."""
    try:
        inside = directory.is_relative_to(os.getcwd())
    except OSError:  # the current directory is gone
        return str(directory)
    return os.path.relpath(directory) if inside else str(directory)


def directory_names(given: Sequence[str] | None) -> tuple[str, ...]:
    """The evidence directories that the command line names, else those of TDR_EVIDENCE.

    `shipped` is the evidence that comes with tdr, unless there is a directory of this name.
    """
    variable = os.environ.get("TDR_EVIDENCE", "")
    if not given and variable:
        # A directory may have the separator in its name.
        is_one = os.path.lexists(variable)
        given = [variable] if is_one else list(filter(None, variable.split(os.pathsep)))
    return tuple(map(_directory, given or ()))


def _directory(name: str) -> str:
    if name != "shipped":
        return name
    from tdr.read.files import named_path

    return os.fspath(named_path(name))


@contextmanager
def _progress(streams: Streams) -> Iterator[Callable[[int], None]]:
    """A function to call with the number of claims that are compiled: it shows them on stderr."""
    started, shown = time.monotonic(), None

    def advance(claims: int) -> None:
        nonlocal shown
        if not streams.is_terminal(2) or time.monotonic() - started < _PROGRESS_DELAY:
            return
        if shown is None:
            from rich.console import Console  # only when there is a wait to fill
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            shown = Progress(
                SpinnerColumn(),
                TextColumn("compiling evidence: {task.completed:,} claims"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            shown.add_task("", total=None)
            shown.start()
        shown.update(shown.task_ids[0], completed=claims)

    try:
        yield advance
    finally:
        if shown is not None:
            shown.stop()
