"""The form of the page: a control for every filter of the command line, and the search field."""

from __future__ import annotations

from collections.abc import Mapping

from tdr.model.filters import FILTERS, Filter
from tdr.render.page.html import text_of

_FIRST = ("therapy", "cell", "cancer", "agent", "molecule", "pathway", "process", "standing")
"""The filters that are there at once; the others are folded away."""

_CHOSEN = ("therapy", "word", "section", "source")
"""Filters of these meanings have few values, which a list shows."""


_PAIRS = "".join(
    f'<label class="pair" title="{told}; several with | between them">{label}'
    f'<input id="f-{name}" data-filter="{name}" autocomplete="off" spellcheck="false" '
    f'placeholder="{example}"></label>'
    for name, label, told, example in (
        ("with", "And this besides", "As --with does", "cell=CAF"),
        ("not", "But not", "As --not does", "agent=gefitinib"),
    )
)
"""What must match besides, and what must not: each takes any filter."""


def controls(*, several: bool) -> str:
    """The form; the script fills in the values that occur. `several`: there are several sources,
    and which one is asked for is no detail."""
    first = (*_FIRST, "source") if several else _FIRST
    ordered = sorted(FILTERS.values(), key=lambda entry: entry.name not in first)
    shown = "".join(_control(entry) for entry in ordered if entry.name in first)
    folded = "".join(_control(entry) for entry in ordered if entry.name not in first)
    kinds = dict.fromkeys(entry.kind for entry in FILTERS.values() if entry.kind)
    lists = "".join(f'<datalist id="names-{kind}"></datalist>' for kind in kinds)
    return (
        '<label class="words">Search: any notation, typing errors are forgiven'
        '<input type="search" id="q" autocomplete="off" spellcheck="false" maxlength="256" '
        'placeholder="gefitinib exosome, TGF-beta, Velcade …"></label>\n'
        f'{shown}<label class="narrow-only">Order<select id="f-sort" autocomplete="off">'
        '<option value="">as they come</option></select></label>\n'
        f"<details><summary>More filters</summary><div>{folded}{_PAIRS}</div></details>{lists}\n"
    )


def _control(entry: Filter) -> str:
    name = f'id="f-{entry.name}" data-filter="{entry.name}" autocomplete="off"'
    label = entry.name.replace("_", " ").capitalize()
    told = text_of(entry.help)
    if entry.meaning == "flag":
        return f'<label class="tick" title="{told}"><input type="checkbox" {name}>{label}</label>'
    if entry.meaning in _CHOSEN:
        inside = f'<select {name}><option value="">any</option></select>'
    else:
        names = f' list="names-{entry.kind}"' if entry.kind else ""
        inside = f'<input {name}{names} spellcheck="false" placeholder="any">'
    return f'<label title="{told}">{label}{inside}</label>'


def headings(columns: Mapping[str, str]) -> str:
    """Headings of the table that sort it: key of the column, and what it is called."""
    return "".join(
        f'<th scope="col" aria-sort="none" data-name="{name}">'
        f'<button type="button" data-sort="{key}">{name}</button></th>'
        for key, name in columns.items()
    )
