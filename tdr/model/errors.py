"""What can be wrong, where, and the one exception that carries it.

The core never prints and never exits: it returns values, or raises `TdrError`
with every problem found. The command line turns that into lines on stderr and
an exit code, in one place (`tdr.cli.boundary`).
"""

# Annotations are not put off: named tuples of texts would compile each one at every start.

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Self

DONE, NEGATIVE, FAILED, BUG, INTERRUPTED = 0, 1, 2, 70, 130

EXIT_CODES = {
    DONE: "done: an answer, which may be that nothing was found; nothing to complain of",
    NEGATIVE: "the answer is no: `check` has findings; `fmt --check` would change a file; "
    "`diff` and `import --update` found a difference; `coverage` found a citation that no claim "
    "backs; `show`, `refs` and `open` were asked for what is not there; nothing matched and "
    "`--exit-status` was given",
    FAILED: "not done: the question or the evidence could not be understood, or something could "
    "not be read or written; of what was to be written there is nothing",
    BUG: "a fault in tdr: please report it, with the output of `--debug`",
    INTERRUPTED: "interrupted by Ctrl-C",
}
"""How a run of the program can end, and what each exit code means."""

_TOO_LONG = r"((?<![^\s(])`[^`]{80})[^`]+(`)|(\S{80})\S{20,}"
"""A quotation, or a word, of a message that is too long to be read."""


class Location(NamedTuple):
    """A place in a file: 1-based line and column, columns counted in code points.

    `line` and `column` are None for the whole file.
    """

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class _Problem(NamedTuple):
    text: str
    rule: str = ""
    location: Location | None = None
    severity: str = "error"
    related: Location | None = None
    subject: str = ""
    about: str = ""


class Problem(_Problem):
    """One thing that is wrong: what, and what would be right.

    `rule` is the stable code of the rule it breaks (empty for plain failures),
    `related` a second place that belongs to it (the first of two duplicates).
    `subject` is the id of the claim or reference that it is about, if any; `about` is the field
    that is missing, the known field that an unknown one is taken for, or the unknown label.
    """

    __slots__ = ()

    def __new__(
        cls,
        text: str,
        rule: str = "",
        location: Location | None = None,
        severity: str = "error",
        related: Location | None = None,
        subject: str = "",
        about: str = "",
    ) -> Self:
        if len(text) > 80:
            text = re.sub(_TOO_LONG, lambda cut: f"{cut[1] or cut[3]}…{cut[2] or ''}", text)
        return super().__new__(cls, text, rule, location, severity, related, subject, about)

    def __str__(self) -> str:
        """The GNU form: `file:line:col: error: text [rule]`."""
        where = str(self.location) if self.location else "tdr"
        rule = f" [{self.rule}]" if self.rule else ""
        see = f" (see {self.related})" if self.related else ""
        return f"{where}: {self.severity}: {self.text}{see}{rule}"


class TdrError(Exception):
    """The job could not be done: bad usage, unreadable or invalid evidence, failed output.

    The program ends with `exit_code`, one of `EXIT_CODES`. `problems` say what is wrong, where.
    """

    def __init__(self, *problems: Problem | str, exit_code: int = FAILED) -> None:
        self.problems = tuple(Problem(p) if isinstance(p, str) else p for p in problems)
        self.exit_code = exit_code
        super().__init__(*self.problems)  # what pickle makes the copy in another process of

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def usage_error(text: str) -> TdrError:
    """The error about a request that cannot be met: an unknown value, conflicting options."""
    return TdrError(Problem(text, "usage"))


def library_error(needing: str, extra: str, error: ImportError) -> TdrError:
    """The error where a library of an extra is missing; `needing` is such as `Excel files need`."""
    if isinstance(error, ModuleNotFoundError):
        return usage_error(f"{needing} one more package: pip install 'tdr[{extra}]'")
    return usage_error(f"{needing} a package of tdr[{extra}] that cannot be loaded: {error}")


def file_error(name: str, text: str, rule: str = "") -> TdrError:
    """The error about a whole file or directory, which messages call `name`."""
    return TdrError(Problem(text, rule, Location(name)))


def raise_errors(problems: Iterable[Problem]) -> None:
    """Raise TdrError with the errors among these problems, if there are any."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise TdrError(*errors)


def near(value: str, known: Iterable[str], most: int = 1, alike: float = 0.5) -> list[str]:
    """The known names that look most like a value, if any does: `alike` is from 0 to 1."""
    from difflib import get_close_matches  # only for mistakes

    return get_close_matches(value, list(known), most, alike)


def did_you_mean(names: Sequence[str]) -> str:
    """`; did you mean A, B or C?`, or nothing if there is no name."""
    if not names:
        return ""
    *others, last = (f"`{name}`" for name in names)
    return f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?"


def one_of(what: str, name: str, known: Collection[str]) -> str:
    """The known name that this is, in capitals or not. Raises TdrError for any other."""
    if name in known:
        return name
    found = next((one for one in known if one.casefold() == name.casefold()), None)
    if found is None:
        raise unknown(what, name, known)
    return found


def unknown(what: str, name: str, known: Collection[str], likely: Sequence[str] = ()) -> TdrError:
    """The error about an unknown name: the `likely` names or the nearest one, and all there are."""
    from tdr.model.text import visible  # only for mistakes

    every = ", ".join(known)
    hint = did_you_mean(likely or near(name.casefold(), known, alike=0.6))
    among = f"{hint} (one of {every})" if hint else f"; one of {every}"
    return usage_error(f"unknown {what} `{visible(name[:80])}`{among}")
