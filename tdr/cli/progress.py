"""How far the build of a large index is, on stderr: on a terminal, after a second."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tdr.cli.boundary import Streams

_PATIENCE = 1.0


class Meter:
    """Counts claims as they are compiled; shows nothing unless it takes longer than a second."""

    def __init__(self, streams: Streams) -> None:
        self._wanted = streams.is_terminal(2)
        self._started = time.monotonic()
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Meter:
        return self

    def advance(self, claims: int) -> None:
        """Told by the build how many claims are done."""
        if not self._wanted or time.monotonic() - self._started < _PATIENCE:
            return
        if self._progress is None:
            from rich.console import Console  # only when there is a wait to fill
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("compiling evidence: {task.completed:,} claims"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._progress.add_task("", total=None)
            self._progress.start()
        self._progress.update(self._task, completed=claims)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
