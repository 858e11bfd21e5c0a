"""Claims as one self-contained HTML page: map, table with cards, references.

The page loads nothing: no network, no other file. All text is in the HTML, so it can be read
without JavaScript; the script sorts, filters, searches, folds and saves. All text of the
evidence is made `visible` and escaped, and links go to addresses of `Reference.url` or to the page
itself. The content security policy allows only the style sheet and the script with these hashes,
so nothing else would run even if it got in.

Same claims, same bytes: the page has no date and nothing that depends on the machine.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from string import Template

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.axes import AXES
from tdr.ask.views.matrix import matrix
from tdr.model.source import Source
from tdr.model.text import counted
from tdr.model.values import Claim
from tdr.render.page.claims import COLUMNS, cited, claim_body, reference_items
from tdr.render.page.controls import controls, headings
from tdr.render.page.data import compressed, page_data
from tdr.render.page.heat import heat_table
from tdr.render.page.html import escaped

TITLE = "Which cells drive resistance to cancer therapy?"

SCRIPTS = (
    "text", "data", "index", "filters", "query", "words", "search", "address", "form", "cards",
    "table", "picture", "map", "downloads", "page",
)  # fmt: skip
"""The files of the script in the order in which they are joined."""


def report_page(
    evidence: Evidence, selection: Selection, *, title: str = TITLE, question: Sequence[str] = ()
) -> Iterator[str]:
    """The selected claims as the text of an HTML document, in chunks.

    `question` are phrases that say how the claims were selected; none: these are all claims.
    """
    from tdr import __version__  # the package itself, above this module

    style, script = _asset("page.css"), page_script()
    claims = tuple(evidence.selected(selection))
    cells_by_therapy = matrix(evidence, selection, AXES["cell"], AXES["therapy"])
    phrases = " · ".join(map(escaped, question))
    sources = [one for key, one in evidence.sources.items() if any(c.source == key for c in claims)]
    yield Template(_asset("page.html")).substitute(
        policy=escaped(
            f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        title=escaped(title),
        style=style,
        script=script,
        sources=_source_clause(sources or [evidence.source]),
        version=escaped(evidence.data_version),
        chosen=f'<p class="chosen">Selected: {phrases}</p>\n' if phrases else "",
        numbers="".join(
            f"<li><b>{number}</b><span>{escaped(text)}</span></li>"
            for number, text in _statistics(evidence, claims)
        ),
        map=heat_table(cells_by_therapy) if cells_by_therapy.rows else "",
        controls=controls(several=len(sources) > 1),
        headings=headings(COLUMNS),
        claims="".join(claim_body(claim, evidence) for claim in claims),
        references=reference_items(evidence, claims),
        about="".join(
            f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>"
            for name, text in _about(evidence, sources or [evidence.source])
        ),
        program=escaped(__version__),
        data=compressed(page_data(evidence, selection, claims)),
    )


_COMMENT = re.compile(r"^ *//.*\n", re.M)


def page_script() -> str:
    """The script of the page: its files as one function, so that no name is global, without lines
    of comment."""
    parts = _COMMENT.sub("", "".join(_asset(f"script/{name}.js") for name in SCRIPTS))
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _asset(name: str) -> str:
    text = files("tdr.render.page").joinpath(name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")  # browsers hash the text with LF


def _hash(text: str) -> str:
    return "'sha256-" + b64encode(sha256(text.encode()).digest()).decode() + "'"


# --- head and section About ----------------------------------------------------------------


def _source_clause(sources: Sequence[Source]) -> str:
    """The sources as a clause: `a review says: ...`, `3 sources say (...)`."""
    cited_as = "; ".join(escaped(one.citation) for one in sources)
    if len(sources) == 1:
        return f"a review says: {cited_as}" if sources[0].kind == "review" else cited_as
    return f"{len(sources)} sources say ({cited_as})"


def _statistics(evidence: Evidence, claims: Sequence[Claim]) -> Iterator[tuple[int, str]]:
    """The numbers at the top of the page with their texts; all count in the selected claims."""
    promoting = {cell for claim in claims for cell in claim.promotes}
    opposing = {cell for claim in claims for cell in claim.opposes}
    total = len(evidence)
    of_all = f"of {total} " if len(claims) != total else ""
    yield len(claims), f"{of_all}claims"
    yield len(cited(claims)), "references behind them"
    yield (
        len(promoting | opposing),
        f"cell types: {len(promoting)} promote resistance, {len(opposing)} oppose it",
    )
    yield sum(bool(claim.countered_by) for claim in claims), "claims say what restores response"
    yield (
        sum(bool(claim.primary) for claim in claims),
        "claims compared with what a cited paper reports",
    )
    yield sum(claim.standing == "contested" for claim in claims), "of the claims are contested"


def _about(evidence: Evidence, sources: Sequence[Source]) -> Iterator[tuple[str, str]]:
    """Names and texts of the section About: limits, licences, versions."""
    yield (
        "Limits",
        "Claims restate what their source says. What a cited paper reports stands beside a claim "
        "where it was compared. No score of strength is given. An empty field means that the "
        "source does not say. Not medical advice.",
    )
    yield (
        "Steps",
        "An arrow raises, a bar lowers, a dot is contact, a dashed line an association. Cells are "
        "round, molecules have corners, pathways thick sides, processes no line.",
    )
    for one in sources:
        name = f"Source {one.key}" if len(sources) > 1 else "Source"
        claims = counted(evidence.index.claims_with("source", [one.key]).bit_count(), "claim")
        yield name, f"{one.citation} ({claims}). {one.limits}"
        yield "Its licence", str(one.record.get("licence") or "not stated")
    yield "Licence of this evidence", evidence.source.data_licence or "not stated"
    for name, text in evidence.source.constants.items():
        yield name.replace("_", " ").capitalize(), str(text)
    yield "Data version", evidence.data_version
