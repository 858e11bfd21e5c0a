"""The result of a check, from which every format is written."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from tdr.check.context import Context
from tdr.model.errors import Problem
from tdr.model.text import counted


@dataclass(frozen=True, slots=True)
class Ignored:
    """A problem that its claim ignores, and the reason for that."""

    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a check, in the order of files and lines, and what was looked at.

    `failures` are errors because of which files could not be checked (unreadable, not a file).
    `skipped` counts the rules whose data were not read whole.
    `shown` are the files whose findings these are, if not all were asked for.
    """

    files: tuple[str, ...]
    claims: int
    references: int
    rules: int
    skipped: int
    findings: tuple[Problem, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    failures: tuple[Problem, ...] = ()
    shown: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        context: Context,
        findings: Iterable[Problem],
        ignored: Iterable[Ignored],
        rules: int,
        skipped: int,
    ) -> Report:
        """The report on a context, its findings put in order."""
        layout = context.layout
        present = (p for p in layout.files if p in layout.overrides or os.path.lexists(p))
        files = tuple(map(layout.label, present))
        file_order = {layout.label(p): position for position, p in enumerate(layout.files)}

        def sort_key(problem: Problem) -> tuple[int, str, int, int, str, str]:
            at = problem.location
            file = at.file if at else ""
            line, column = (at.line or 0, at.column or 0) if at else (0, 0)
            return (file_order.get(file, -1), file, line, column, problem.rule, problem.text)

        found = sorted(dict.fromkeys(findings), key=sort_key)
        return cls(
            files=files,
            claims=sum(1 for record in context.dataset.records if record.raw),
            references=sum(len(one.references) for one in context.support.sources),
            rules=rules,
            skipped=skipped,
            findings=tuple(p for p in found if p.rule),
            ignored=tuple(sorted(ignored, key=lambda one: sort_key(one.problem))),
            failures=tuple(p for p in found if not p.rule),
        )

    def __add__(self, other: Report) -> Report:
        """The report on two directories that were checked by the same rules."""
        together = ("files", "claims", "references", "findings", "ignored", "failures")
        return Report(
            **{name: getattr(self, name) + getattr(other, name) for name in together},
            rules=max(self.rules, other.rules),
            skipped=min(self.skipped, other.skipped),
            shown=self.shown + other.shown if self.shown and other.shown else (),
        )

    def only(self, files: Collection[str]) -> Report:
        """The same, with the findings of these files only.

        What is wrong with a file as a whole stays: because of it, rules were skipped.
        """

        def shown(problem: Problem) -> bool:
            at = problem.location
            return at is None or at.line is None or at.file in files

        return replace(
            self,
            shown=tuple(name for name in self.files if name in files),
            findings=tuple(filter(shown, self.findings)),
            ignored=tuple(one for one in self.ignored if shown(one.problem)),
        )

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def failed(self, *, strict: bool = False) -> bool:
        """Whether the answer is no: an error, or with `strict` a warning."""
        return bool(self.findings) if strict else self.count("error") > 0

    def summary(self) -> str:
        """What was checked and what was found; it never says that the evidence is right."""
        unread = {failure.location.file for failure in self.failures if failure.location}
        looked = (
            counted(sum(name not in unread for name in self.files), "file"),
            counted(self.claims, "claim"),
            counted(self.references, "reference"),
            counted(self.rules, "rule") + (f" ({self.skipped} skipped)" if self.skipped else ""),
        )
        counts = {
            "error": self.count("error"),
            "warning": self.count("warning"),
            "failure": len(self.failures),
        }
        found = [counted(number, what) for what, number in counts.items() if number]
        where = ""
        if self.shown:
            few = len(self.shown) <= 2
            where = f" in {' and '.join(self.shown) if few else f'{len(self.shown)} of the files'}"
        ignored = f" ({len(self.ignored)} ignored)" if self.ignored else ""
        return f"{', '.join(looked)}: {', '.join(found) or 'no findings'}{where}{ignored}"

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "files": list(self.files),
            "claims": self.claims,
            "references": self.references,
            "rules": self.rules,
            "rules_skipped": self.skipped,
            "errors": self.count("error"),
            "warnings": self.count("warning"),
            "findings": [_record(finding) for finding in self.findings],
            "ignored": [_record(one.problem) | {"reason": one.reason} for one in self.ignored],
            "failures": [_record(failure) for failure in self.failures],
        }


def _record(problem: Problem) -> dict[str, Any]:
    at, see = problem.location, problem.related
    return {
        "file": at.file if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "severity": problem.severity,
        "code": problem.rule or None,
        "text": problem.text,
        "subject": problem.subject or None,
        "related": {"file": see.file, "line": see.line, "column": see.column} if see else None,
    }
