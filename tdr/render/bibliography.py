"""The references behind the records of a listing, each once, for reference managers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tdr.model.publication import Publication
from tdr.render import citations

if TYPE_CHECKING:
    from tdr.ask.corpus import Name
    from tdr.render import Settings
    from tdr.render.listing import Listing


def bibtex(listing: Listing, settings: Settings) -> Iterator[str]:
    """A BibTeX file; in ASCII where it goes to what takes nothing else."""
    return citations.bibtex(_publications(listing), ascii=settings.terminal.ascii)


def ris(listing: Listing, settings: Settings) -> Iterator[str]:  # noqa: ARG001 - same shape as all
    """A RIS file."""
    return citations.ris(_publications(listing))


def csl(listing: Listing, settings: Settings) -> Iterator[str]:  # noqa: ARG001 - same shape as all
    """A CSL-JSON file."""
    return citations.csl(_publications(listing))


def _publications(listing: Listing) -> Iterator[Publication]:
    """The references that the records are or name, in order of appearance."""
    fields = [n for n in listing.columns if n in ("number", "refs") or n.endswith("_refs")]
    seen: set[Name] = set()
    for record in listing.records:
        source = record.get("source")
        for name in _names(record[field] for field in fields):
            # A record of a source has that source's numbers.
            own = f"{source}:{name}" if source and type(name) is int else name
            called = own if listing.cite(own) else name
            reference = listing.cite(called)
            if reference is not None and called not in seen:
                seen.add(called)
                yield Publication.called(called, reference)


def _names(values: Iterator[Any]) -> Iterator[Name]:
    for value in values:
        items = value if isinstance(value, list) else (value,)
        yield from (item for item in items if type(item) in (int, str))
