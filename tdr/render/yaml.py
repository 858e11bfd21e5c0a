"""Listings as YAML 1.2 that readers of YAML 1.1 take for the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdr.edit.style import fill, inline, quoted
from tdr.model.text import visible
from tdr.render import Listing, Settings
from tdr.render.data import batches, compact

_WIDTH = 96
# A letter, then nothing that YAML could read as a sign: quoting too much is ugly, too little wrong.
_PLAIN = re.compile(r"[^\W\d_](?:[\w+/.()%'’–-]| (?! |$))*")
_NOT_TEXT = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))


def yaml(listing: Listing, settings: Settings) -> Iterator[str]:
    """A mapping from the kind to a block list of records."""
    empty = True
    for batch in batches(listing.records):
        if empty:
            yield f"{_scalar(listing.kind)}:\n"
            empty = False
        for record in batch:
            members = "\n".join(_member(name, record[name]) for name in settings.columns)
            yield "  - " + members[4:] + "\n"
    if empty:
        yield f"{_scalar(listing.kind)}: []\n"


def _member(name: str, value: object) -> str:
    """`name: value` at an indent of four; what is long gets lines of its own."""
    key = f"    {_scalar(name)}:"
    if isinstance(value, str) and len(value) > _WIDTH - len(key) and _is_foldable(value):
        lines = fill(value.split(" "), _WIDTH - 6)
        return "\n      ".join((f"{key} >-", *lines))
    line = f"{key} {inline(value, _scalar)}"
    if isinstance(value, list) and len(line) > _WIDTH:
        return "\n      - ".join((key, *(inline(item, _scalar) for item in value)))
    return line


def _is_foldable(text: str) -> bool:
    """Whether folded lines give back the text: single spaces between printable words."""
    return text.isprintable() and visible(text) == text and "" not in text.split(" ")


def _scalar(value: object) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT
        return value if plain else quoted(value, str.isprintable)
    text = compact(value)
    if isinstance(value, float) and "." not in text:
        return text.replace("e", ".0e")  # else YAML 1.1 readers take it for text
    return text
