"""Limits of what one evidence file may cost to read, and the option that raises them.

Files that people write stay far below these limits. What exceeds one is refused before it is
read; the message names the limit and how to raise it.
"""

from __future__ import annotations

import re
from contextvars import ContextVar, Token
from typing import NamedTuple

from tdr.model.errors import usage_error


class Limits(NamedTuple):
    """Limits for one file; `alias_nodes` is for all the nodes that aliases stand for."""

    file_bytes: int = 8 * 1024 * 1024
    depth: int = 64
    aliases: int = 1000
    alias_nodes: int = 100_000


CURRENT_LIMITS: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039 - frozen
"""The limits of a reader that is given none: the defaults, unless `allow` raised them."""

_NAMES = {
    "size": "file_bytes",
    "depth": "depth",
    "aliases": "aliases",
    "alias-nodes": "alias_nodes",
}
HIGHEST_LIMITS = Limits(file_bytes=1 << 32, depth=200, aliases=10**7, alias_nodes=10**8)
"""How far limits can be raised: beyond, the interpreter runs out of stack or memory."""

_NUMBER = re.compile(r"([0-9]{1,12})([KMG]?)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def hint(field: str) -> str:
    """The end of a message about a limit: how to raise it."""
    name = next(name for name, of in _NAMES.items() if of == field)
    return f", or raise the limit (tdr --allow {name}=N)"


def too_deep(levels: int) -> str:
    """The message about a value that is nested deeper than so many levels."""
    return f"lists and mappings are nested deeper than {levels} levels: flatten them{hint('depth')}"


def allow(settings: tuple[str, ...]) -> Token[Limits]:
    """Raise limits, `size=32M` or `depth=100`, until `CURRENT_LIMITS.reset` restores them.

    Raises TdrError for an unknown limit, or a number below the default or above HIGHEST_LIMITS.
    """
    limits = CURRENT_LIMITS.get()
    for setting in settings:
        name, _, text = setting.partition("=")
        field, number = _NAMES.get(name), _NUMBER.fullmatch(text)
        if field is None or number is None:
            names = ", ".join(_NAMES)
            message = (
                f"`--allow {setting}`: write LIMIT=N, with one of {names} and a number such as 32M"
            )
            raise usage_error(message)
        wanted = int(number[1]) * _UNITS[number[2]]
        least, most = getattr(Limits(), field), getattr(HIGHEST_LIMITS, field)
        if not least <= wanted <= most:
            raise usage_error(f"`--allow {setting}`: {name} can be from {least:,} to {most:,}")
        limits = limits._replace(**{field: wanted})
    return CURRENT_LIMITS.set(limits)
