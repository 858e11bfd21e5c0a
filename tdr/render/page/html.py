"""HTML from texts, which are made `visible` and escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tdr.model.text import visible


def escaped(text: object) -> str:
    """A text for an element or a quoted attribute."""
    return escape(visible(str(text)), quote=True)


def list_of(style: str, items: Sequence[str], label: str = "") -> str:
    """The texts as a list of this class; empty if there are none."""
    if not items:
        return ""
    name = f' aria-label="{label}"' if label else ""
    inside = "".join(f"<li>{escaped(item)}</li>" for item in items)
    return f'<ul class="{style}"{name}>{inside}</ul>'
