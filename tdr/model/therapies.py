"""The therapies by every name that people give them."""

from __future__ import annotations

from collections.abc import Mapping

from tdr.model.errors import Problem, TdrError
from tdr.model.text import fold
from tdr.model.values import THERAPIES

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "immunotherapy": ("imm", "immunotherapies"),
    "targeted": ("tgt", "targeted therapy"),
    "chemo": ("che", "chemotherapy"),
    "radio": ("rad", "radiotherapy", "RT", "radiation", "radiation therapy"),
    "antiandrogen": ("and", "antiandrogen therapy", "anti-androgen"),
}
"""Therapy -> other ways to name it."""


def find_therapy(text: str) -> str | None:
    """The therapy that is named, in any notation; None if there is none."""
    wanted = fold(text)
    for therapy, others in OTHER_NAMES.items():
        if wanted in (fold(therapy), *map(fold, others)):
            return therapy
    return None


def therapy_named(text: str) -> str:
    """As `find_therapy`; raises TdrError, naming the therapies there are, if there is none."""
    found = find_therapy(text)
    if found is None:
        known = ", ".join(THERAPIES)
        raise TdrError(Problem(f"unknown therapy `{text[:80]}`; one of {known}", "usage"))
    return found


def full_name(therapy: str) -> str:
    """The therapy as one says it in a sentence: `chemotherapy`, `targeted therapy`."""
    names = (therapy, *OTHER_NAMES.get(therapy, ()))
    return next((name for name in names if name.endswith("therapy")), therapy)
