"""Listings as YAML in the layout of evidence files, with the same meaning in YAML 1.1 and 1.2."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.edit.style import RecordFormat, format_item, scalar
from tdr.render import Listing, Settings
from tdr.render.data import batches


def yaml(listing: Listing, settings: Settings) -> Iterator[str]:
    """A mapping from the kind to a block list of records."""
    head, record_format = f"{scalar(listing.kind)}:", RecordFormat(settings.columns)
    yield head
    empty = " []\n"
    for batch in batches(listing.records):
        for record in batch:
            fields = {name: record[name] for name in settings.columns}
            yield f"\n{format_item(record_format, fields, 2)}"
            empty = "\n"
    yield empty
