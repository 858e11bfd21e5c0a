"""HTML from values: evidence is text to it, made `visible` and escaped wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tdr.model.text import visible


def text_of(text: object) -> str:
    """Any text for an element or a quoted attribute."""
    return escape(visible(str(text)), quote=True)


def items_of(style: str, items: Sequence[str], label: str = "") -> str:
    """A list of texts in a style; nothing for no items."""
    if not items:
        return ""
    name = f' aria-label="{label}"' if label else ""
    inside = "".join(f"<li>{text_of(item)}</li>" for item in items)
    return f'<ul class="{style}"{name}>{inside}</ul>'
