"""Rule that keeps the wording of a source out of the evidence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from tdr.check.context import Context
from tdr.check.finding import finding
from tdr.model.errors import Location, Problem
from tdr.model.fields import FIELDS
from tdr.read.positions import ValuePath

SHARED_RUN = 8
"""From how many words on a shared run counts as copied."""

_WORD = re.compile(r"[^\W_]+")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\xad]\n\s*(?=[^\W\d_])")

WordRun = tuple[str, ...]


def tokens(text: str) -> list[tuple[str, int]]:
    """The words of a text without case and punctuation, and where each begins."""
    return [(m.group().casefold(), m.start()) for m in _WORD.finditer(_plain(text))]


def _plain(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _runs(sources: Mapping[str, str]) -> dict[WordRun, Location]:
    """Every run of SHARED_RUN words of the sources, and where it begins."""
    runs: dict[WordRun, Location] = {}
    for name, text in sources.items():
        # Words split at a line's end count both ways: `resis-tance` and `CD8-T`.
        for version in (_plain(text), _HYPHENATED.sub("", _plain(text))):
            found = tokens(version)
            listed = [word for word, _ in found]
            line, seen = 1, 0
            for start in range(len(listed) - SHARED_RUN + 1):
                at = found[start][1]
                line, seen = line + version.count("\n", seen, at), at
                run = tuple(listed[start : start + SHARED_RUN])
                if run not in runs:
                    runs[run] = Location(name, line)
    return runs


def shared_wording(context: Context) -> Iterator[Problem]:
    """Run of eight or more words that the evidence shares with a source (`--against FILE`).

    Facts are free, sentences are not: mechanisms and notes are in our own words.
    Compared are words only, without case and punctuation.

    Wrong:
        mechanism: (a sentence of the source with one word changed)
    Right:
        mechanism: (what the sentence says, in other words)
    """
    runs = _runs(context.against)
    for record in context.dataset.records:
        for path, text in _prose(record.raw):
            for words, source in _shared([word for word, _ in tokens(text)], runs):
                yield finding(
                    f"{len(words)} words of the source in `{path[-1]}`: {' '.join(words)}",
                    record.where(path),
                    record.identifier,
                    source,
                )


def _prose(raw: Mapping[str, Any]) -> Iterator[tuple[ValuePath, str]]:
    """Every running text of a claim as its file has it, and its path."""
    for field in FIELDS:
        value = raw.get(field.name)
        if field.prose and isinstance(value, str):
            yield (field.name,), value
        within = [inner.name for inner in field.fields if inner.prose]
        for position, item in enumerate(value if within and isinstance(value, list) else ()):
            for name in within:
                if isinstance(item, Mapping) and isinstance(item.get(name), str):
                    yield (field.name, position, name), item[name]


def _shared(
    listed: list[str], runs: Mapping[WordRun, Location]
) -> Iterator[tuple[list[str], Location]]:
    """The longest stretches of a text that consist of runs of a source."""
    start: int | None = None
    for position in range(len(listed) - SHARED_RUN + 2):
        run = tuple(listed[position : position + SHARED_RUN])
        if run in runs:
            start = position if start is None else start
        elif start is not None:
            stretch = listed[start : position + SHARED_RUN - 1]
            yield stretch, runs[tuple(stretch[:SHARED_RUN])]
            start = None
