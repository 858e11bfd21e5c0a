"""What one cites: the works behind references, and of who uses tdr the program, data and source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tdr.model.publication import Publication
from tdr.model.source import Source

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName

DEVELOPERS = "The tdr developers"
_YEAR = 2026
"""The year of this version of the program and of its data."""


def cited(evidence: Evidence, names: Iterable[ReferenceName]) -> Iterator[Publication]:
    """The works behind references, in order of appearance; what is not listed is passed over.

    Of several references to one work the first is cited: the others say what it lacks, such as
    that the paper was retracted, and their keys are its aliases.
    """
    from tdr.ask.views.works import Works  # `tdr cite` needs none

    works, bibliography = Works(evidence), evidence.bibliography
    found: dict[ReferenceName, dict[ReferenceName, Publication]] = {}
    for name in names:
        source, _, number = str(name).rpartition(":")
        called = evidence.name_of(source, int(number)) if source else name
        if called in bibliography:
            same = found.setdefault(works.of(called), {})
            same[called] = Publication.called(called, bibliography[called])
    yield from (_united(*same.values()) for same in found.values())


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
