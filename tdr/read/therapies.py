"""Reads which therapies there are from `vocabulary/therapies.yaml`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from tdr.model.errors import Location, Problem, raise_errors
from tdr.model.fields import FIELDS_OF_THERAPY
from tdr.model.text import fold
from tdr.model.therapies import BUILT_IN, NAME, PREFIX, Therapies, Therapy
from tdr.read.documents import read_document, records_of
from tdr.read.files import Directory, directories, is_missing, therapies_paths
from tdr.read.yaml import Document

_PATTERNS = (
    ("label", NAME, "a small letter, then small letters, digits and hyphens, for it names a file"),
    ("prefix", PREFIX, "2 to 8 small letters"),
)


def read_therapies(path: Path, *others: Path) -> Therapies:
    """The therapies of evidence directories; raises TdrError if their files are wrong."""
    roots = directories(path, others=[Directory(other, os.fspath(other)) for other in others])
    files = (file for file in therapies_paths(roots) if not is_missing(file))
    documents = {file: read_document(file, os.fspath(file)) for file in files}
    problems: list[Problem] = []
    therapies = therapies_of(roots, documents, problems)
    raise_errors(problems)
    return therapies


def therapies_of(
    roots: Iterable[Directory], documents: Mapping[Path, Document], problems: list[Problem]
) -> Therapies:
    """The therapies of all directories; the built-in ones where a directory lists none."""
    known: dict[str, Therapy] = {}
    for file in therapies_paths(roots):
        listed: Iterable[Therapy] = ()
        if file in documents:
            listed = _listed(documents[file], known, problems)
        for therapy in listed or BUILT_IN.values():
            known.setdefault(therapy.label, therapy)
    return Therapies(known.values())


def _listed(
    document: Document, known: Mapping[str, Therapy], problems: list[Problem]
) -> list[Therapy]:
    """The therapies that a file lists; `known` are those of other directories, by label.

    Two directories may list the same therapy, with the same prefix; names may differ.
    """
    by_label: dict[str, Therapy] = {}
    owners = {fold(form): one.label for one in known.values() for form in one.forms}
    wrong = "a therapy must be a mapping with `label` and `prefix`"
    for _, fields in records_of(document, "therapies", wrong, problems):
        therapy = Therapy(**fields.values(FIELDS_OF_THERAPY))
        if not (therapy.label and therapy.prefix):
            continue
        for name, pattern, form in _PATTERNS:
            value = getattr(therapy, name)
            if not re.fullmatch(pattern, value):
                fields.complain((name,), f"`{value}` can be no {name}: {form}", "therapy")
        for form in therapy.forms:
            owner = owners.setdefault(fold(form), therapy.label)
            if owner != therapy.label or therapy.label in by_label:
                text = f"`{form}` names two therapies, `{owner}` and `{therapy.label}`"
                fields.complain((), text, "therapy")
                break
        same = known.get(therapy.label)
        if same and same.prefix != therapy.prefix:
            text = f"the prefix of `{same.label}` is `{same.prefix}` in what this directory extends"
            fields.complain(("prefix",), text, "therapy")
        by_label.setdefault(therapy.label, therapy)
    if not by_label and document.value is not None and not document.errors:
        problems.append(
            Problem(
                "no therapy is listed; list at least one", "therapy", Location(document.name, 1)
            )
        )
    return list(by_label.values())
