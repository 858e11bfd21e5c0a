"""What a rule is, and what it yields.

A rule is a generator over a `Context`. It yields problems without code or
severity; these stand once, in the list of rules (`tdr.check.PARTS`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tdr.check.context import Context
from tdr.model.errors import Location, Problem
from tdr.read.record import Record
from tdr.read.system import docstring

ERROR, WARNING = "error", "warning"

Find = Callable[[Context], Iterable[Problem]]

_EXAMPLE = r"\n+(Wrong|Right):\n+"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the check: its stable code, its severity, and how it finds what is wrong.

    `find` is a generator, and its docstring the rule's manual page: its first line the title, then
    why it matters, then a wrong and a right example. What reading finds needs no generator: there
    `find` is the manual page itself.
    `needs` names what must have been read whole ("claims", "references", "source",
    "vocabulary"): the rule is skipped where it was not. A rule `by_source` looks at one
    source at a time, for places and numbers of references are each source's own.
    """

    code: str
    severity: str
    find: Find | str = field(repr=False)
    needs: tuple[str, ...] = ()
    by_source: bool = False

    def problems(self, context: Context) -> Iterable[Problem]:
        """The findings of this rule in a dataset."""
        return context.found(self.code) if isinstance(self.find, str) else self.find(context)

    @property
    def title(self) -> str:
        """What is wrong, in one line."""
        return self.manual.split("\n", 1)[0].rstrip(".")

    @property
    def reason(self) -> str:
        """Why it matters, in a paragraph."""
        return (self.manual.split("\n\n")[1:2] or [self.title])[0].replace("\n", " ")

    @property
    def manual(self) -> str:
        """The manual page, in Markdown, whose examples need empty lines around them."""
        page = self.find if isinstance(self.find, str) else docstring(self.find)
        return re.sub(_EXAMPLE, r"\n\n\1:\n\n", page).rstrip()

    @property
    def examples(self) -> tuple[str, str]:
        """The wrong and the right example of the manual page."""
        wrong, right = re.findall(r"(?m)^(?:Wrong|Right):\n\n((?:    .*\n?|\n)+)", self.manual)
        return wrong.rstrip(), right.rstrip()


def finding(
    text: str, location: Location, subject: str = "", related: Location | None = None
) -> Problem:
    """A finding of a rule, which adds its code and severity."""
    return Problem(text, "", location, "", related, subject)


def claim_finding(
    record: Record, text: str, *path: str | int, related: Location | None = None
) -> Problem:
    """A finding about a value of a claim."""
    return finding(text, record.where(path), record.identifier, related)
