"""What one file of evidence may cost to read, and how a person allows more.

What people write stays far below these limits; what does not is refused before it is
read, with the limit and the option that raises it in the message.
"""

from __future__ import annotations

import re
from contextvars import ContextVar, Token
from typing import NamedTuple

from tdr.model.errors import usage_error


class Limits(NamedTuple):
    """What one file may cost. `alias_nodes` counts the nodes that aliases stand for."""

    file_bytes: int = 8 * 1024 * 1024
    depth: int = 64
    aliases: int = 1000
    alias_nodes: int = 100_000


IN_FORCE: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039 - frozen
"""The limits where a reader is given none: the defaults, unless `allow` has raised them."""

_NAMES = {
    "size": "file_bytes",
    "depth": "depth",
    "aliases": "aliases",
    "alias-nodes": "alias_nodes",
}
MOST = Limits(file_bytes=1 << 32, depth=200, aliases=10**7, alias_nodes=10**8)
"""As far as limits can be raised. Beyond, the interpreter's stack or memory gives up."""

_NUMBER = re.compile(r"([0-9]{1,12})([KMG]?)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def hint(field: str) -> str:
    """The end of a message about a limit: how to raise it."""
    name = next(name for name, of in _NAMES.items() if of == field)
    return f", or raise the limit (tdr --allow {name}=N)"


def allow(wishes: tuple[str, ...]) -> Token[Limits]:
    """Put limits in force, `size=32M` or `depth=100`, until `IN_FORCE.reset` takes them back.

    Raises TdrError for a wish that is none, or that is below the default or beyond reason.
    """
    limits = IN_FORCE.get()
    for wish in wishes:
        name, _, text = wish.partition("=")
        field, number = _NAMES.get(name), _NUMBER.fullmatch(text)
        if field is None or number is None:
            names = ", ".join(_NAMES)
            say = f"`--allow {wish}`: write LIMIT=N, with one of {names} and a number such as 32M"
            raise usage_error(say)
        wanted = int(number[1]) * _UNITS[number[2]]
        least, most = getattr(Limits(), field), getattr(MOST, field)
        if not least <= wanted <= most:
            raise usage_error(f"`--allow {wish}`: {name} can be from {least:,} to {most:,}")
        limits = limits._replace(**{field: wanted})
    return IN_FORCE.set(limits)
