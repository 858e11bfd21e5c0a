"""What `tdr check --fix` does with its findings: apply the safe fixes, or show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tdr.cli.session import Session
from tdr.cli.writing import show_change
from tdr.model.errors import Problem

if TYPE_CHECKING:
    from tdr.edit.fix import FixedFile
    from tdr.read.files import Directory


def apply_fixes(
    session: Session,
    directories: Sequence[Directory],
    findings: Iterable[Problem],
    *,
    dry_run: bool = False,
    force: bool = False,
) -> tuple[FixedFile, ...]:
    """Fix what can safely be fixed in evidence directories; the files that are fixed.

    Every fix is told on stderr. `dry_run` writes nothing and prints a unified diff.
    Each file is written whole or not at all. Raises TdrError for the first that cannot be.
    """
    from tdr.edit.atomic import write_file
    from tdr.edit.fix import fix
    from tdr.read.dataset import read_dataset

    first, *beside = directories
    files = fix(read_dataset(first.path, first.name, beside=beside), findings)
    for file in files:
        if dry_run:
            show_change(session, file.name, file.before, file.after)
        else:
            write_file(file.path, file.after, expected=file.before, name=file.name, force=force)
        for done in file.fixes:
            problem = done.problem
            said = "to be fixed" if dry_run else "fixed"
            session.streams.say(f"{problem.location}: {said}: {done.text} [{problem.rule}]")
    return files
