"""A difference between two versions of the evidence as text, JSON or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tdr.ask.diff import ADDED, CHANGED, REMOVED, Change, Difference, FieldChange
from tdr.model.text import visible
from tdr.model.values import SCHEMA_VERSION
from tdr.render.data import indented, plain_markdown, prose_text

_SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}
_TITLES = {"claim": "mechanism", "reference": "title", "term": "label"}


def text(difference: Difference) -> Iterator[str]:
    """A line for each record, followed by a line for each changed field."""
    for change in difference.changes:
        line = f"{_SIGNS[change.status]} {change.kind} {visible(change.key)}"
        if change.status != CHANGED:
            title = _title(change)
            yield f"{line}: {title}\n" if title else f"{line}\n"
            continue
        yield f"{line}\n"
        for field in change.fields:
            yield f"    {visible(field.field)}: {_change_text(field)}\n"


def _title(change: Change) -> str:
    """The mechanism, title or label of a record; empty if it has none."""
    name = _TITLES.get(change.kind)
    title = next((field for field in change.fields if field.field == name), None)
    return visible(str(title.old or title.new)) if title else ""


def _change_text(field: FieldChange) -> str:
    """The change of a field: items removed and added; of other values, the old and the new one."""
    old, new = field.old, field.new
    if _is_list(old) and _is_list(new):
        old, new = old or [], new or []
        removed = [f"-{visible(prose_text(item))}" for item in old if item not in new]
        added = [f"+{visible(prose_text(item))}" for item in new if item not in old]
        if removed or added:
            return ", ".join((*removed, *added))
    return " -> ".join(visible(prose_text(value)) or "(none)" for value in (old, new))


def _is_list(value: object) -> bool:
    return value is None or isinstance(value, list)


def json_(difference: Difference) -> Iterator[str]:
    """One object with the counts and every change."""
    value: Mapping[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "old": difference.old,
        "new": difference.new,
        **{status: difference.count(status) for status in (ADDED, REMOVED, CHANGED)},
        "changes": [change.to_dict() for change in difference.changes],
    }
    yield indented(value) + "\n"


def markdown(difference: Difference) -> Iterator[str]:
    """A heading for each kind of record and a table row for each field, for a pull request."""
    old, new = map(plain_markdown, (difference.old, difference.new))
    yield f"**{old} → {new}**: {difference.summary()}\n"
    kind = ""
    for change in difference.changes:
        if change.kind != kind:
            kind = change.kind
            yield f"\n### {kind.capitalize()}{'' if kind == 'source' else 's'}\n\n"
            yield "| record | | field | before | after |\n|---|---|---|---|---|\n"
        record = f"{plain_markdown(change.key)} | {change.status}"
        if change.status == CHANGED:
            for field in change.fields:
                texts = (field.field, prose_text(field.old), prose_text(field.new))
                cells = map(plain_markdown, texts)
                yield f"| {record} | {' | '.join(cells)} |\n"
        else:
            title = plain_markdown(_title(change))
            before, after = (title, "") if change.status == REMOVED else ("", title)
            yield f"| {record} | {_TITLES.get(kind, '')} | {before} | {after} |\n"
