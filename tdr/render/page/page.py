"""Claims as one self-contained HTML page: table, cards, heat map, references.

The page needs nothing but itself: no network, no file beside it. Everything that is to
be read stands in the HTML, so it can be read without JavaScript; the script only sorts,
filters, searches and folds. Evidence is text to this module: each piece of it is made
`visible` and escaped, and a link goes to an address that `Reference.url` built or to a
place on the page. The content security policy names the one style sheet and the one script
by their hashes, so nothing else could run even if it got in.

Same claims, same bytes: there is no date in the page and nothing of the machine.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files

from tdr.ask.query import Evidence, Selection
from tdr.ask.views.axes import AXES
from tdr.ask.views.matrix import matrix
from tdr.model.fields import FIELDS, TERM_FIELDS
from tdr.model.publication import Publication
from tdr.model.steps import RESISTANCE, Step
from tdr.model.text import visible
from tdr.model.therapies import full_name
from tdr.model.values import Claim, Reference
from tdr.render.citations import vancouver
from tdr.render.page.heat import heat_table
from tdr.render.page.html import SIDES, claim_link, json_of, link_out, text_of
from tdr.render.terminal.card import shown, standing_line

TITLE = "Which cells drive resistance to cancer therapy?"

# Key -> heading of a column of the table; a key is what the script sorts by.
_COLUMNS = {
    "id": "Claim",
    "therapy": "Therapy",
    "cells": "Cells",
    "agents": "Treatment",
    "cancers": "Cancer",
    "mechanism": "Finding",
    "refs": "Refs",
}


def report_page(
    evidence: Evidence,
    selection: Selection,
    *,
    title: str = TITLE,
    question: Sequence[str] = (),
) -> Iterator[str]:
    """The selected claims as the text of an HTML document, in chunks.

    `question` are phrases that say how the claims were selected (none: all of them).
    """
    style, script = _asset("report.css"), _asset("report.js")
    claims = tuple(evidence.selected(selection))
    cited = _cited(claims)
    yield _head(title, style, script)
    yield _top(title, evidence, claims, len(cited), question)
    found = matrix(evidence, selection, AXES["cell"], AXES["therapy"])
    origin = f"{evidence.source.cited}, by tdr; data {evidence.index.data_version}"
    yield heat_table(found, origin)
    yield _controls()
    yield _table_head()
    for number, claim in enumerate(claims):
        yield _claim(number, claim, evidence)
    yield _TABLE_END
    yield _references(cited, evidence)
    yield _about(evidence)
    terms = json_of(_terms(claims, evidence))
    yield f'<script type="application/json" id="terms">{terms}</script>\n'
    yield "</body>\n</html>\n"


def _asset(name: str) -> str:
    text = files("tdr.render.page").joinpath(name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")  # what a browser hashes


def _hash(text: str) -> str:
    return "'sha256-" + b64encode(sha256(text.encode()).digest()).decode() + "'"


# --- head ----------------------------------------------------------------------------------


def _head(title: str, style: str, script: str) -> str:
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{text_of(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<link rel="icon" href="data:,">\n'  # or a browser would ask the server for one
        f"<title>{text_of(title)}</title>\n"
        f"<style>{style}</style>\n<script>{script}</script>\n</head>\n<body>\n"
    )


def _top(
    title: str, evidence: Evidence, claims: Sequence[Claim], cited: int, question: Sequence[str]
) -> str:
    record = evidence.source.record
    source = text_of(_short_citation(record))
    chosen = ""
    if question:
        phrases = " · ".join(text_of(phrase) for phrase in question)
        chosen = f'<p class="chosen">Selected: {phrases}</p>\n'
    tiles = "".join(
        f"<li><b>{number}</b><span>{text_of(text)}</span></li>"
        for number, text in _numbers(evidence, claims, cited)
    )
    return (
        '<header class="top">\n<div class="bar"><nav aria-label="Page"><b>tdr</b> '
        '<a href="#map">Map</a> · <a href="#claims">Claims</a> · '
        '<a href="#references">References</a> · <a href="#about">About</a></nav>'
        '<button type="button" id="theme" class="needs-js">Dark</button>'
        f"</div>\n<h1>{text_of(title)}</h1>\n"
        f'<p class="soft">What a review says, claim by claim, each with its references: {source}. '
        f"Evidence {text_of(evidence.index.data_version)}.</p>\n"
        f'{chosen}<ul class="numbers">{tiles}</ul>\n</header>\n<main>\n'
    )


def _short_citation(record: Mapping[str, object]) -> str:
    authors = record.get("authors")
    names = [str(author) for author in authors] if isinstance(authors, list | tuple) else []
    first = f"{names[0]} et al. " if len(names) > 1 else "".join(f"{name}. " for name in names)
    year = f" ({record['year']})" if record.get("year") else ""
    return f"{first}{record.get('title') or 'source without title'}{year}"


def _numbers(evidence: Evidence, claims: Sequence[Claim], cited: int) -> Iterator[tuple[int, str]]:
    """The numbers at the top of the page; each but the first counts within the claims shown."""
    promoting = {cell for claim in claims for cell in claim.promotes}
    opposing = {cell for claim in claims for cell in claim.opposes}
    countered = sum(bool(claim.countered_by) for claim in claims)
    noted = sum(claim.note is not None for claim in claims)
    verified = sum(claim.verified is not None for claim in claims)
    total = len(evidence)
    of_all = f"of {total} " if len(claims) != total else ""
    yield len(claims), f"{of_all}claims"
    yield cited, "references behind them"
    yield (
        len(promoting | opposing),
        f"cell types: {len(promoting)} promote resistance, {len(opposing)} oppose it",
    )
    yield countered, "claims say what restores response"
    yield noted, "claims carry a curator’s note"
    yield verified, "claims checked against the primary paper"


# --- claims --------------------------------------------------------------------------------


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    items = "".join(f'<option value="{value}">{text}</option>' for value, text in options)
    return f'<label>{label}<select id="f-{name}" autocomplete="off">{items}</select></label>'


def _tick(name: str, label: str, checked: str = "") -> str:
    box = f'<input type="checkbox" id="f-{name}" autocomplete="off"{checked}>'
    return f"<label>{box}{label}</label>"


def _controls() -> str:
    anything = [("", "any")]
    sides = [*anything, *((side, words) for side, (_, words) in SIDES.items())]
    return (
        '<section id="claims" tabindex="-1" aria-labelledby="claims-title">\n'
        '<h2 id="claims-title">Claims</h2>\n'
        '<div class="find needs-js" role="search" aria-label="Claims">'
        '<label class="words">Search: any notation, typing errors are forgiven'
        '<input type="search" id="f-words" autocomplete="off" spellcheck="false" maxlength="256" '
        'placeholder="gefitinib exosome, TGF-beta, Velcade …"></label>'
        + _select("therapy", "Therapy", anything)
        + _select("cell", "Cell", anything)
        + _select("side", "Its side", sides)
        + _select("cancer", "Cancer", anything)
        + _select("agent", "Treatment", anything)
        + _select("pathway", "Pathway", anything)
        + f'<div class="narrow-only">{_select("sort", "Order", [("", "as in the review")])}</div>'
        '<div class="ticks">'
        + _tick("countered", "says what restores response")
        + _tick("noted", "with a curator’s note")
        + _tick("narrower", "include narrower terms", " checked")
        + '<button type="button" class="clear">Clear</button></div></div>\n'
        '<p id="said" class="needs-js" role="status"></p>\n'
    )


def _table_head() -> str:
    heads = "".join(
        f'<th scope="col" class="c-{key if key != "mechanism" else "finding"}'
        f'{" id" if key == "id" else ""}" aria-sort="none">'
        f'<button type="button" data-sort="{key}">{name}</button></th>'
        for key, name in _COLUMNS.items()
    )
    return (
        '<table class="claims" id="claims-table"><caption class="hush">Claims; headings sort, '
        f"the first column opens a card</caption>\n<thead><tr>{heads}</tr></thead>\n"
    )


_TABLE_END = (
    '</table>\n<p id="nothing" hidden>No claim fits. '
    '<button type="button" class="clear">Clear search and filters</button></p>\n'
    '<p class="more needs-js" id="more" hidden><span id="more-said"></span> '
    '<button type="button" id="more-rows">Show more</button></p>\n'
    '<p class="under needs-js"><button type="button" id="open-all">Open or close all cards</button>'
    "</p>\n</section>\n"
)


def _list(field: str, items: Sequence[str], style: str = "plain", label: str = "") -> str:
    """A list that the script reads by its field; nothing for no items."""
    if not items:
        return ""
    name = f' aria-label="{label}"' if label else ""
    data = f' data-f="{field}"' if field else ""
    inside = "".join(f"<li>{text_of(item)}</li>" for item in items)
    return f'<ul class="{style}"{data}{name}>{inside}</ul>'


def _cells(claim: Claim, *, read: bool) -> str:
    return "".join(
        _list(side if read else "", getattr(claim, side), style, words)
        for side, (style, words) in SIDES.items()
    )


def _claim(number: int, claim: Claim, evidence: Evidence) -> str:
    """One claim: its row, and below it its card. A body of its own keeps the two together."""
    noted = ' <span class="tag note">note</span>' if claim.note is not None else ""
    standing = ""
    if claim.standing != "unchecked":
        standing = f' <span class="tag {claim.standing}">{claim.standing}</span>'
    effect = "resistance" if claim.effect == "resistance" else "response"
    names = [evidence.name_of(claim.source, number) for number in claim.refs]
    refs = "".join(f'<li><a href="#ref-{_anchor(name)}">{name}</a></li>' for name in names)
    return (
        f'<tbody id="claim-{text_of(claim.id)}">\n<tr class="row">'
        f'<th scope="row" class="id"><button type="button" class="open" aria-expanded="false" '
        f'aria-controls="card-{number}" data-f="id">{text_of(claim.id)}</button>{standing}'
        f"{noted}</th>"
        f'<td class="c-therapy"><span data-f="therapy">{text_of(claim.therapy)}</span><br>'
        f'<span class="tag {text_of(claim.effect)}">{effect}</span></td>'
        f'<td class="c-cells" data-label="Cells">{_cells(claim, read=True)}</td>'
        f'<td class="c-agents" data-label="Treatment">{_list("agents", claim.agents)}</td>'
        f'<td class="c-cancers" data-label="Cancer">{_list("cancers", claim.cancers)}</td>'
        f'<td class="c-finding" data-f="mechanism">{text_of(claim.mechanism)}</td>'
        f'<td class="c-refs" data-label="References"><ul data-f="refs">{refs}</ul></td></tr>\n'
        f'<tr class="card" id="card-{number}"><td colspan="{len(_COLUMNS)}">'
        f"{_card(claim, evidence)}</td></tr>\n</tbody>\n"
    )


def _card(claim: Claim, evidence: Evidence) -> str:
    """What the row has no room for: the steps, where and on what ground, the references."""
    facts = "".join(
        f"<dt>{name}</dt><dd{attributes}>{text}</dd>"
        for name, attributes, text in _facts(claim, evidence)
    )
    return f'{_chain(claim)}<dl class="facts">{facts}</dl>'


def _chain(claim: Claim) -> str:
    """The steps that the source states, then what it names and what restores response."""
    steps = "".join(_step(step, claim) for step in claim.steps)
    chain = f'<ol class="chain" aria-label="Steps">{steps}</ol>' if steps else ""
    named = [
        ("Treatment", _list("", claim.agents)),
        ("Molecules", _list("molecules", claim.molecules)),
        ("Pathways", _list("pathways", claim.pathways)),
        ("Processes", _list("processes", claim.processes)),
        ("Response restored by", _list("countered_by", claim.countered_by)),
    ]
    facts = "".join(f"<div><b>{name}</b>{items}</div>" for name, items in named if items)
    return f'{chain}<div class="named">{facts}</div>'


def _step(step: Step, claim: Claim) -> str:
    """One link: an arrow raises, a bar lowers, a dot is contact, a broken line an association."""
    target = step.target
    if target == RESISTANCE:
        target = f"{RESISTANCE} to {', '.join(claim.agents) or full_name(claim.therapy)}"
    inside = f' <span class="soft">in {text_of(step.place)}</span>' if step.place else ""
    style = {1: "raises", -1: "lowers"}.get(step.sign, "touches")
    loose = " loose" if step.does.startswith("goes") else ""
    return (
        f'<li>{text_of(step.source)} <span class="{style}{loose}">{step.does}</span> '
        f"{text_of(target)}{inside}</li>"
    )


def _facts(claim: Claim, evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """(name, attributes, HTML) of every fact that a card lists."""
    standing = standing_line(claim)
    if standing:
        yield "Standing", ' class="remark"', text_of(standing)
    if claim.note is not None:
        yield "Curator’s note", ' class="remark" data-f="note"', text_of(claim.note)
    if claim.basis:
        yield "Basis", "", text_of(", ".join(claim.basis))
    cites = "".join(f"<li>{_written_out(number, claim, evidence)}</li>" for number in claim.refs)
    yield "References", "", f'<ul class="cites">{cites}</ul>'
    if claim.at:
        yield "In the review", "", text_of(f"{claim.at.section}, paragraph {claim.at.paragraph}")
    for field in FIELDS:
        if field.label and field.name not in _SHOWN_ELSEWHERE:
            value = shown(field, claim)
            if value:
                yield field.label.capitalize(), "", _lines(value)


_SHOWN_ELSEWHERE = frozenset(
    (
        *TERM_FIELDS,
        "steps",
        "countered_by",
        "note",
        "basis",
        "refs",
        "at",
    )  # in the row, the steps, above
)


def _lines(value: object) -> str:
    """A text, or a list with an item for each text or pair of texts."""
    if not isinstance(value, list):
        return text_of(value)
    texts = (item if isinstance(item, str) else " · ".join(filter(None, item)) for item in value)
    return f'<ul class="plain">{"".join(f"<li>{text_of(text)}</li>" for text in texts)}</ul>'


# --- references ----------------------------------------------------------------------------


def _cited(claims: Iterable[Claim]) -> dict[tuple[str, int], list[str]]:
    """Source and number of a reference -> ids of the claims that rest on it, by number."""
    found: dict[tuple[str, int], list[str]] = {}
    sources = list(dict.fromkeys(claim.source for claim in claims))
    for claim in claims:
        for number in claim.refs:
            found.setdefault((claim.source, number), []).append(claim.id)
    return dict(sorted(found.items(), key=lambda item: (sources.index(item[0][0]), item[0][1])))


def _anchor(name: int | str) -> str:
    return str(name).replace(":", "-")


def _written_out(number: int, claim: Claim, evidence: Evidence) -> str:
    reference = evidence.references_of(claim.source).get(number)
    name = evidence.shown_name(claim.source, number)
    return f"[{name}]" if reference is None else f"[{name}] {_entry(reference)}"


def _entry(reference: Reference) -> str:
    """A reference in one line with its link, and a warning if it was corrected or retracted."""
    if reference.doi:
        name = f"doi:{reference.doi}"
    elif reference.pmid:
        name = f"PubMed {reference.pmid}"
    else:
        name = "find in PubMed"
    status = ""
    if reference.status != "ok":
        status = f' <span class="status">{text_of(reference.status)}</span>'
    return (
        f"{text_of(vancouver(Publication.of(reference)))} {link_out(reference.url, name)}{status}"
    )


def _references(cited: Mapping[tuple[str, int], Sequence[str]], evidence: Evidence) -> str:
    def item(source: str, number: int, ids: Sequence[str]) -> str:
        reference = evidence.references_of(source).get(number)
        name = evidence.name_of(source, number)
        return (
            f'<li id="ref-{_anchor(name)}"><span class="number">{name}</span>'
            f"{_entry(reference) if reference else 'not in the list'} "
            f'<span class="behind">Behind {", ".join(map(claim_link, ids))}.</span></li>\n'
        )

    items = "".join(item(source, number, ids) for (source, number), ids in cited.items())
    return (
        '<section id="references" aria-labelledby="references-title">\n'
        '<h2 id="references-title">References</h2>\n'
        f'<ul class="refs">\n{items}</ul>\n</section>\n'
    )


# --- about ---------------------------------------------------------------------------------


def _about(evidence: Evidence) -> str:
    from tdr import __version__  # the package itself, above this module

    record = evidence.source.record
    facts = [
        (
            "Limits",
            "Claims restate what a review says. They are not verified against the primary papers "
            "unless a claim says so, and no score of strength is given. An empty field means that "
            "the review does not say. Not medical advice.",
        ),
        ("Source", _short_citation(record)),
        ("Licence of the source", str(record.get("licence") or "not stated")),
        ("Licence of this evidence", evidence.source.data_licence or "not stated"),
        *(
            (name.replace("_", " ").capitalize(), v)
            for name, v in evidence.source.constants.items()
        ),
        ("Data version", evidence.index.data_version),
    ]
    inside = "".join(f"<dt>{text_of(name)}</dt><dd>{text_of(text)}</dd>" for name, text in facts)
    return (
        '<section id="about" aria-labelledby="about-title">\n<h2 id="about-title">About</h2>\n'
        f'<dl class="about">{inside}</dl>\n</section>\n</main>\n'
        f"<footer><p>Made by tdr {text_of(__version__)}. This page works offline and sends "
        "nothing anywhere.</p></footer>\n"
    )


# --- what the script looks up --------------------------------------------------------------


def _terms(
    claims: Iterable[Claim], evidence: Evidence
) -> list[tuple[str, str, list[str], list[str]]]:
    """(kind, label, other forms, wider terms) of every term in use and every term above one."""
    vocabulary = evidence.vocabulary
    used: dict[tuple[str, str], None] = {}
    for claim in claims:
        for field, kind in TERM_FIELDS.items():
            for label in getattr(claim, field):
                used[kind, label] = None
    for kind, label in list(used):
        used.update(dict.fromkeys((kind, above) for above in vocabulary.ancestors(kind, label)))
    found = []
    for kind, label in sorted(used):
        term = vocabulary.get(kind, label)
        forms = [visible(form) for form in term.forms[1:]] if term else []
        above = [visible(name) for name in vocabulary.ancestors(kind, label)]
        if forms or above:
            found.append((kind, visible(label), forms, above))
    return found
