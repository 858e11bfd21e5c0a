"""The user's browser, where there is one that can show a page beside the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable


def can_open() -> bool:
    """Whether a browser is on this screen: not far away over ssh, and not in this terminal.

    Whoever sets BROWSER says what to open with, wherever it is.
    """
    if os.environ.get("BROWSER"):
        return True
    if any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_links(links: Iterable[str]) -> bool:
    """Open web addresses in the browser; False if one of them could not be."""
    import webbrowser

    opened = [link.startswith("https://") and webbrowser.open(link) for link in links]
    return all(opened)
