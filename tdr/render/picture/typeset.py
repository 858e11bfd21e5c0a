"""A picture for programs that take no SVG: PNG for slides, PDF for print.

Typst reads the SVG: a wheel for every system that needs no other library; text in a PDF stays text.
"""

from __future__ import annotations

from typing import Literal

from tdr.model.errors import library_error
from tdr.render import Listing, Settings, render

_PAGE = b"""\
#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.picture), format: "svg")
"""
"""A page of the picture's size. Without a date the same picture gives the same bytes."""

_PIXELS_PER_INCH = 96.0
"""An SVG without a unit counts in these: 1920 of its pixels are 1920 in a PNG."""


def png(listing: Listing, _: Settings) -> bytes:
    """The picture behind a listing in pixels. Raises TdrError if the library is missing."""
    return _typeset(listing, "png")


def pdf(listing: Listing, _: Settings) -> bytes:
    """The picture behind a listing on one page, in vectors. Raises TdrError as `png`."""
    return _typeset(listing, "pdf")


def _typeset(listing: Listing, kind: Literal["png", "pdf"]) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise library_error("PNG and PDF need", "pictures", error) from None

    picture = "".join(render(listing, "svg"))
    made = typst.compile(_PAGE, format=kind, ppi=_PIXELS_PER_INCH, sys_inputs={"picture": picture})
    assert isinstance(made, bytes)
    return made
