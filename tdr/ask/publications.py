"""What one cites who uses tdr: the program, the data in their version, and the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tdr.model.publication import Publication
from tdr.model.source import Source

DEVELOPERS = "The tdr developers"
_YEAR = 2026
"""The year of this version of the program and of its data."""


def publications(
    source: Source, version: str, *, shipped: bool, further: Sequence[Source] = ()
) -> tuple[Publication, ...]:
    """The program in this version, the data, and what they restate where its title is known.

    The title of the data names the first source, and papers where `further` sources are these.
    Only of `shipped` evidence is it known who made it, and when.
    """
    title = source.record.get("title")
    papers = " and from primary papers" if any(one.kind == "papers" for one in further) else ""
    tool = Publication(
        key="tdr",
        kind="software",
        names=(DEVELOPERS,),
        title="tdr: evidence on how tumour-infiltrating cells drive resistance to cancer therapy",
        year=_YEAR,
        version=version,
        licence="MIT",
    )
    data = Publication(
        key="tdr-data",
        kind="dataset",
        names=(DEVELOPERS,) if shipped else (),
        title=f"Claims restated from “{title}”{papers}" if title else "Claims",
        year=_YEAR if shipped else None,
        version=source.data_version,
        licence=source.data_licence,
    )
    return (tool, data, _restated(source)) if title else (tool, data)


def _restated(source: Source) -> Publication:
    record = source.record
    names = ("journal", "year", "volume", "issue", "pages", "doi", "pmid", "pmcid")
    more: dict[str, Any] = {name: record.get(name) for name in names}
    return Publication(
        key="tdr-source",
        kind="article-journal",
        names=tuple(record.get("authors") or ()),
        title=record["title"],
        licence=record.get("licence"),
        **more,
    )
