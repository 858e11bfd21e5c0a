"""SVG: elements, escaped text, widths of text, documents. No scripts, links or embedded fonts."""

from __future__ import annotations

import re
from html import escape

from tdr.model.text import visible

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
INK, FAINT, BACKGROUND = "#1a1a1a", "#5a5a5a", "#ffffff"

# XML 1.0 forbids these as well as the control characters that `visible` escapes.
_NONCHARACTERS = re.compile("[\ufffe\uffff]")
_NARROW = frozenset("iljtfrI.,:;'|!()[]/ 1-")
_WIDE = frozenset("mwMW@%")
_SLIDE = (1920.0, 1080.0)
_SEGMENTS = re.compile(r"[^ /-]*(?:[ /-]+|$)")

_ORANGES = ("#fdd9b5", "#fdb97a", "#f58b3c", "#d95f0e", "#a33c03")
_BLUES = ("#d3e3f3", "#a5c8e6", "#6aa5d4", "#2f78b7", "#0f4a8a")
SIGNS = {"promotes": "▲", "opposes": "▼", "total": ""}
RAMPS = {"promotes": _ORANGES, "opposes": _BLUES, "total": _BLUES}
"""Colours from few to many; orange and blue differ for every kind of colour vision."""


def escaped(text: str) -> str:
    """Text for XML elements and attributes, `visible` and with special characters escaped."""
    safe = _NONCHARACTERS.sub(lambda match: f"\\u{ord(match.group()):04x}", visible(text))
    return escape(safe, quote=False).replace('"', "&quot;")


def width_of(text: str, size: float) -> float:
    """An estimate of the width of a text in Helvetica of this size, rather too large than small."""
    ems = 0.0
    for char in visible(text):
        if char in _NARROW:
            ems += 0.32
        elif char in _WIDE:
            ems += 0.88
        elif ord(char) >= 0x1100:
            ems += 1.0
        elif char.isupper() or char in "▲▼":
            ems += 0.69
        else:
            ems += 0.56
    return ems * size


def number(value: float) -> str:
    """A coordinate as text: at most two decimals, no `-0`, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def tag(name: str, content: str = "", **attributes: str | float) -> str:
    """An element. `_` in the name of an attribute stands for `-`; `content` is XML already."""
    parts = [name]
    for key, value in attributes.items():
        text = escaped(value) if isinstance(value, str) else number(value)
        parts.append(f'{key.strip("_").replace("_", "-")}="{text}"')
    opened = " ".join(parts)
    return f"<{opened}>{content}</{name}>" if content else f"<{opened}/>"


def text(x: float, y: float, content: str, *, size: float, **attributes: str | float) -> str:
    """A line of text with its baseline at y."""
    return tag("text", escaped(content), x=x, y=y, font_size=size, **attributes)


def segments(content: str) -> list[str]:
    """The segments between which a text may be broken."""
    return [segment.rstrip() for segment in _SEGMENTS.findall(visible(content))]


def wrap(content: str, size: float, width: float) -> list[str]:
    """The text in lines of at most this width, broken after ` `, `/` or `-`, else anywhere."""
    lines = [""]
    for segment in _SEGMENTS.findall(visible(content)):
        if width_of((lines[-1] + segment).rstrip(), size) <= width:
            lines[-1] += segment
            continue
        if lines[-1]:
            lines.append("")
        for char in segment:
            if lines[-1] and width_of(lines[-1] + char, size) > width:
                lines.append("")
            lines[-1] += char
    return [line.rstrip() for line in lines]


def text_color(background: str) -> str:
    """Black or white, whichever has the higher contrast on this background (WCAG)."""

    def linear(pair: str) -> float:
        part = int(pair, 16) / 255
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(background[at : at + 2]) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return INK if (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) else BACKGROUND


def document(
    width: float,
    height: float,
    title: str,
    description: str,
    body: list[str],
    *,
    slide: bool,
) -> str:
    """A complete SVG file with a white background.

    A `slide` has the ratio 16:9, with the drawing centred and enlarged by at most a half.
    """
    wide = max(width, height * 16 / 9, _SLIDE[0] / 1.5) if slide else width
    high = max(height, wide * 9 / 16) if slide else height
    x, y = (width - wide) / 2, (height - high) / 2
    shown = _SLIDE if slide else (width, height)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(shown[0])}" '
            f'height="{number(shown[1])}" '
            f'viewBox="{number(x)} {number(y)} {number(wide)} {number(high)}" '
            f'role="img" aria-labelledby="title desc" font-family="{escaped(FONT)}" '
            f'fill="{INK}">',
            f'<title id="title">{escaped(title)}</title>',
            f'<desc id="desc">{escaped(description)}</desc>',
            tag("rect", x=x, y=y, width=wide, height=high, fill=BACKGROUND),
            *body,
            "</svg>\n",
        ]
    )
