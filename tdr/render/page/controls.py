"""The form of the page: the search field, and a control for each filter of the command line."""

from __future__ import annotations

from collections.abc import Mapping

from tdr.model.filters import FILTERS, Filter
from tdr.render.page.html import escaped

_SHOWN = ("therapy", "cell", "cancer", "agent", "molecule", "pathway", "process", "standing")
"""The filters that are shown; the others are in a folded element."""

_LISTED = ("therapy", "word", "section", "source")
"""Meanings of filters with few values: their control is a list of these."""


_PAIRS = "".join(
    f'<label class="pair" title="{hint}; several with | between them">{label}'
    f'<input id="f-{name}" data-filter="{name}" autocomplete="off" spellcheck="false" '
    f'placeholder="{example}"></label>'
    for name, label, hint, example in (
        ("with", "And this besides", "As --with does", "cell=CAF"),
        ("not", "But not", "As --not does", "agent=gefitinib"),
    )
)
"""Controls for --with and --not, in which any filter can be written."""


def controls(*, several: bool) -> str:
    """The form; the script fills in the values that occur. With `several` sources the filter by
    source is not folded."""
    names = (*_SHOWN, "source") if several else _SHOWN
    ordered = sorted(FILTERS.values(), key=lambda entry: entry.name not in names)
    shown = "".join(_control(entry) for entry in ordered if entry.name in names)
    folded = "".join(_control(entry) for entry in ordered if entry.name not in names)
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
    hint = escaped(entry.help)
    if entry.meaning == "flag":
        return f'<label class="tick" title="{hint}"><input type="checkbox" {name}>{label}</label>'
    if entry.meaning in _LISTED:
        inside = f'<select {name}><option value="">any</option></select>'
    else:
        names = f' list="names-{entry.kind}"' if entry.kind else ""
        inside = f'<input {name}{names} spellcheck="false" placeholder="any">'
    return f'<label title="{hint}">{label}{inside}</label>'


def headings(columns: Mapping[str, str]) -> str:
    """The headings of these columns (key -> name), with buttons that sort the table."""
    return "".join(
        f'<th scope="col" aria-sort="none" data-name="{name}">'
        f'<button type="button" data-sort="{key}">{name}</button></th>'
        for key, name in columns.items()
    )
