"""A picture as PNG or PDF, for programs that do not read SVG.

Typst converts the SVG: its wheels need no other library, and text in a PDF stays text.
"""

from __future__ import annotations

import os
from typing import Literal

from tdr.model.errors import library_error
from tdr.render import Listing, Settings, render

_PAGE = b"""\
#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.picture), format: "svg")
"""
"""A Typst page of the size of the picture, without a date: same picture, same bytes."""

_PIXELS_PER_INCH = 96.0
"""Units of an SVG per inch: with this resolution 1920 units are 1920 pixels of a PNG."""


def png(listing: Listing, _: Settings) -> bytes:
    """The picture of a listing as PNG. Raises TdrError if the library is missing."""
    return _typeset(listing, "png")


def pdf(listing: Listing, _: Settings) -> bytes:
    """The picture of a listing as a PDF of one page. Raises TdrError as `png`."""
    return _typeset(listing, "pdf")


def _typeset(listing: Listing, kind: Literal["png", "pdf"]) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise library_error("PNG and PDF need", "pictures", error) from None

    picture = "".join(render(listing, "svg"))
    content = typst.compile(  # type: ignore[type-var]  # its stubs want one type of page and root
        _PAGE,
        root=os.path.dirname(typst.__file__),  # no file is read; the current directory may be gone
        format=kind,
        ppi=_PIXELS_PER_INCH,
        sys_inputs={"picture": picture},
    )
    assert isinstance(content, bytes)
    return content
