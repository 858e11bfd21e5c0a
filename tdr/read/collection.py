"""Reads `collection.yaml`, in which a directory says whether it extends the shipped evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tdr.model.errors import Location, Problem, raise_errors
from tdr.read.access import ROOT_FIELDS, Fields
from tdr.read.content import read_file
from tdr.read.yaml import parse_yaml

SHIPPED = "shipped"


def extends_shipped(path: Path, name: str) -> bool:
    """Whether the file says `extends: shipped`. Raises TdrError if it says anything else."""
    document = parse_yaml(read_file(path, name=name), name)
    problems = list(document.errors)
    if not problems and not isinstance(document.value, Mapping | None):
        at = Location(name, *document.mark)
        problems.append(Problem(f"expected `extends: {SHIPPED}`", "root", at))
    fields = Fields(document.value, document.where, problems)
    fields.known(ROOT_FIELDS["collection"])
    extended = fields.text("extends")
    if extended not in (None, SHIPPED):
        text = f"`{extended[:80]}` cannot be extended: only `{SHIPPED}`, what comes with tdr"
        fields.complain(("extends",), text, "choice")
    raise_errors(problems)
    return extended == SHIPPED
