"""Typed access to a mapping that came out of a file, collecting what is wrong with it.

Every accessor returns a usable value even when the field is wrong, so that one
pass over a record reports all of its problems, each once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from tdr.model.errors import Location, Problem

Path = tuple[str | int, ...]

_TEXT = frozenset((str,))


def describe(value: object) -> str:
    """What kind of value this is, in the words of someone who edits YAML or JSON."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"the unquoted value {value}"


class Fields:
    """One record under inspection.

    `where` turns a path inside the record (`("refs", 0)`; a True second argument
    means the key itself) into a Location; it is called for problems only.
    """

    def __init__(
        self,
        raw: Mapping[Any, Any],
        where: Callable[[Path, bool], Location],
        problems: list[Problem],
        subject: str = "",
    ) -> None:
        self.raw = raw
        self.where = where
        self.problems = problems
        self.subject = subject

    def complain(self, path: Path, text: str, rule: str, *, key: bool = False) -> None:
        self.problems.append(Problem(text, rule, self.where(path, key), subject=self.subject))

    def known(self, allowed: Collection[str]) -> None:
        """Complain about every field that is not one of `allowed`, naming the nearest."""
        for name in self.raw:
            if name not in allowed:
                near = get_close_matches(str(name), allowed, 1, 0.6)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                self.complain((name,), f"unknown field `{name}`{hint}", "unknown-field", key=True)

    def _typed(self, name: str, value: object, what: str) -> None:
        shown = describe(value)
        quote = f"; quote it: '{value}'" if shown.startswith("the unquoted") else ""
        self.complain((name,), f"`{name}` must be {what}, not {shown}{quote}", "type")

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A text, or None where the field is absent or null."""
        value = self.raw.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            if required:
                self.complain((), f"field `{name}` is missing", "missing-field")
        elif isinstance(value, int):
            self.complain((name,), f"`{name}` must be text; quote it: '{value}'", "type")
        else:
            self._typed(name, value, "text")
        return None

    def choice(self, name: str, choices: Collection[str], *, default: str | None = None) -> str:
        """One of a fixed set of words; `default` where the field is absent (None: required)."""
        value = self.text(name, required=default is None)
        if value is None:
            return default or ""
        if value not in choices:
            self.complain(
                (name,), f"`{name}` is `{value}`; must be one of {', '.join(choices)}", "choice"
            )
        return value

    def integer(
        self, name: str, *, minimum: int, maximum: int, required: bool = True
    ) -> int | None:
        """A whole number between the limits, or None."""
        value = self.raw.get(name)
        if value is None:
            if required:
                self.complain((), f"field `{name}` is missing", "missing-field")
            return None
        if type(value) is not int or not minimum <= value <= maximum:
            got = f"`{value}`" if isinstance(value, int) else describe(value)
            self.complain(
                (name,),
                f"`{name}` must be a whole number from {minimum} to {maximum}, not {got}",
                "type",
            )
            return None
        return value

    def texts(self, name: str, choices: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of texts; empty where the field is absent."""
        value = self.raw.get(name)
        if not isinstance(value, list):
            if name in self.raw:
                hint = f": [{value}]" if isinstance(value, str) else ""
                self.complain(
                    (name,), f"`{name}` must be a list{hint}, not {describe(value)}", "type"
                )
            return ()
        # The common case without a loop of our own: this runs for every claim of a build.
        if choices is None and _TEXT.issuperset(map(type, value)):
            return tuple(value)
        good: list[str] = []
        for position, item in enumerate(value):
            if not isinstance(item, str):
                plain = item is not None and not isinstance(item, list | Mapping)
                quoted = f"; quote it: '{item}'" if plain else ""
                self.complain(
                    (name, position),
                    f"items of `{name}` must be text, not {describe(item)}{quoted}",
                    "type",
                )
            elif choices is not None and item not in choices:
                self.complain(
                    (name, position),
                    f"`{item}` is not a `{name}`; must be one of {', '.join(choices)}",
                    "choice",
                )
            else:
                good.append(item)
        return tuple(good)

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        """A mapping, or None where the field is absent or null."""
        value = self.raw.get(name)
        if value is None or isinstance(value, Mapping):
            return value
        self._typed(name, value, "a mapping")
        return None
