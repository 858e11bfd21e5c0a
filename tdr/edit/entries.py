"""New entries of the other files: a term of a vocabulary, a work in a list of references."""

from __future__ import annotations

from collections.abc import Mapping

from tdr.edit import style
from tdr.edit.add import Added, Spot, refuse_hidden
from tdr.edit.document import Edit, Sheet
from tdr.model.errors import Location, Problem, TdrError, file_error

NO_TERMS = b"terms:\n"
"""A file of terms without a term."""


def add_term(sheet: Sheet, term: Mapping[str, object]) -> Added:
    """The file with the term at the end of its list.

    Raises TdrError if that would change anything else, or the term would not read the same, and
    where a text holds a line break or what cannot be seen.
    """
    _require_clean(term)
    spot = Spot.find(sheet, "terms")
    added = spot.insert(style.format_item(style.TERM, term, spot.dash), between="\n")
    _require(added, "terms", [*_listed(sheet, "terms"), dict(term)])
    return added


def _listed(sheet: Sheet, name: str) -> list[object]:
    root = sheet.value if isinstance(sheet.value, Mapping) else {}
    return list(root.get(name) or ())


def add_reference(sheet: Sheet, number: int, fields: Mapping[str, object]) -> Added:
    """The file with one more entry, behind the last. Raises TdrError as `add_term` does."""
    _require_clean(fields)
    root = sheet.value if isinstance(sheet.value, Mapping) else {}
    entry = sheet.root.entry("references", sheet.value) if sheet.root is not None else None
    if entry is None:
        raise file_error(sheet.name, "there is no mapping `references` to add to")
    key, node = entry
    edits = []
    if not node.entries and node.style == "{":
        edits.append(Edit(key.end, node.end, ":"))
        end = node.end
    else:
        end = sheet.line_end(max(key.end, node.end))
    edits.append(Edit(end, end, "\n" + style.format_reference(number, fields)))
    at = Location(sheet.name, sheet.text.count("\n", 0, end) + 2, 3)
    added = Added(sheet, sheet.edited(edits), at)
    _require(added, "references", {**(root.get("references") or {}), number: dict(fields)})
    return added


def _require_clean(fields: Mapping[str, object]) -> None:
    problems: list[Problem] = []
    refuse_hidden(fields, problems)
    if problems:
        raise TdrError(*problems)


def _require(added: Added, name: str, wanted: object) -> None:
    """Raise TdrError unless a file has this under its one key, and all else is as it was."""
    before, after = added.before.value, added.after.value
    rest = {**before, name: wanted} if isinstance(before, Mapping) else {name: wanted}
    if after != rest or added.after.remarks() != added.before.remarks():
        text = "the entry would not read as it was given; nothing was written"
        raise file_error(added.before.name, text)
