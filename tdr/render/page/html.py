"""HTML from values: evidence is text to it, made `visible` and escaped wherever it stands."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

from tdr.model.text import visible

SIDES = {
    "promotes": ("up", "promotes resistance"),
    "opposes": ("down", "opposes resistance"),
}
"""Side of a cell -> its style, and what it does."""


def text_of(text: object) -> str:
    """Any text for an element or a quoted attribute."""
    return escape(visible(str(text)), quote=True)


_JSON_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def json_of(value: object) -> str:
    """A value as JSON that cannot end the element it stands in."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_JSON_ESCAPES)


def link_out(url: str, text: str) -> str:
    """A link that leaves the page; the address is one that `Reference.url` built."""
    return f'<a href="{text_of(url)}" rel="noopener noreferrer" target="_blank">{text_of(text)}</a>'


def claim_link(identifier: str) -> str:
    return f'<a href="#claim-{text_of(quote(identifier, safe=""))}">{text_of(identifier)}</a>'


def count_of(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
