"""The HTML page as a person uses it, in a real Chromium that is driven by keys and clicks.

`make browser` installs the browser where it is missing; without one these tests are skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.search import search as evidence_search
from tdr.model.filters import FILTERS, Criteria, Filter
from tdr.model.standing import FLAGS
from tdr.model.values import Claim
from tdr.render.page.page import report_page
from tests.browser import ENTER, SPACE, TAB, Browser, missing
from tests.conftest import REVIEW, ROOT, TESTS, Run
from tests.render.page.test_report import PAYLOADS
from tests.render.page.test_report import poisoned as write_poisoned
from tests.small import small_evidence, two_sources

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

READY = "return document.documentElement.classList.contains('ready')"
SHOWN = "return Array.from(document.querySelectorAll('#claims-table tbody'), b => b.id)"
SAID = "return document.getElementById('message').textContent"


def written(evidence: Evidence, target: Path, criteria: Criteria = Criteria()) -> Path:  # noqa: B008 - frozen
    text = "".join(report_page(evidence, evidence.select(criteria)))
    target.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def page(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All claims."""
    return written(evidence, tmp_path_factory.mktemp("report") / "report.html")


RADIO = Criteria.of(therapy=("radio",))


@pytest.fixture(scope="module")
def radio(evidence: Evidence) -> list[Claim]:
    """The claims of the short page."""
    return list(evidence.filter(therapy="radio"))


@pytest.fixture(scope="module")
def short_page(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The claims on one therapy: enough where it is not said what is found."""
    return written(evidence, tmp_path_factory.mktemp("report") / "radio.html", RADIO)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    browser.blank()
    yield browser
    browser.close()


def at(browser: Browser, page: Path, fragment: str = "") -> None:
    """Open a page and wait until it answers."""
    browser.open(page, fragment)
    browser.wait_for(READY)


@pytest.fixture
def browser(chromium: Browser, page: Path) -> Iterator[Browser]:
    """The page as it opens on a desk; afterwards nothing has been complained of or fetched."""
    yield from opened(chromium, page)


@pytest.fixture
def short(chromium: Browser, short_page: Path) -> Iterator[Browser]:
    """As `browser`, with the short page."""
    yield from opened(chromium, short_page)


@pytest.fixture
def other(chromium: Browser) -> Iterator[Browser]:
    """For a page of the test's own, of which it is asked afterwards what it is of the others."""
    desk(chromium)
    chromium.blank()
    yield chromium
    assert chromium.complaints() == []
    assert len(fetched(chromium)) <= 1


def desk(chromium: Browser) -> None:
    """Give pages the size that is usual on a desk, and forget what was told of the last one."""
    chromium.resize(1280, 900)
    chromium.prefer("light")
    chromium.complaints()
    chromium.requests()


def fetched(chromium: Browser) -> set[str]:
    """Which files were asked for since the last time, and all else that a page does not hold."""
    asked = {address.partition("#")[0] for address in chromium.requests()}
    return {one for one in asked - {"data:,", "about:blank"} if not one.startswith("blob:")}


IS_AS_OPENED = """
if (!window.asOpened || location.href.split('#')[0] !== arguments[0]) return false;
document.querySelectorAll('details').forEach(details => { details.open = false; });
history.replaceState(null, '', location.pathname);
dispatchEvent(new HashChangeEvent('hashchange'));
document.activeElement.blur();
scrollTo(0, 0);
return document.documentElement.outerHTML === window.asOpened;
"""


def opened(chromium: Browser, page: Path) -> Iterator[Browser]:
    """Open a page, unless it is open and its plain address leaves nothing of the last test."""
    desk(chromium)
    if not chromium.run(IS_AS_OPENED, page.as_uri()):
        at(chromium, page)
        chromium.run("window.asOpened = document.documentElement.outerHTML")
    yield chromium
    assert chromium.complaints() == []
    assert fetched(chromium) <= {page.as_uri()}


QUIET = "await new Promise(done => setTimeout(done, 100));"  # it waits for 50 ms without a key


def search(browser: Browser, words: str) -> list[str]:
    """Put words into the search field, as from the clipboard; the ids that are shown then."""
    found: list[str] = browser.run(
        "const field = document.getElementById('q'); field.focus(); field.select();"
        "document.execCommand('insertText', false, arguments[0]);"
        f"return (async () => {{ {QUIET} {SHOWN} }})()",
        words,
    )
    return found


def choose(browser: Browser, control: str, value: str) -> list[str]:
    """Give a control of the form a value; the ids that are shown then."""
    found: list[str] = browser.run(
        "const [id, value] = arguments; const control = document.getElementById(id);"
        f"control.value = value; control.dispatchEvent(new Event('change')); {SHOWN}",
        control,
        value,
    )
    return found


def follow(browser: Browser, *addresses: str, say: bool = False) -> list[Any]:
    """Go to places of the page, as by links; the ids that are shown at each, and what is said."""
    found: list[Any] = browser.run(
        f"const shown = () => {{ {SHOWN} }}, said = () => {{ {SAID} }};"
        "return arguments[0].map((address) => { history.pushState(null, '', '#' + address);"
        "  dispatchEvent(new HashChangeEvent('hashchange'));"
        "  return arguments[1] ? [shown(), said()] : shown(); })",
        addresses,
        say,
    )
    return found


def ids(claims: Any) -> list[str]:
    return [claim.id for claim in claims]


def test_the_page_opens_with_all_claims_and_closed_cards(
    short: Browser, radio: list[Claim]
) -> None:
    assert short.run(SHOWN) == ids(radio)
    assert short.run(SAID) == f"{len(radio)} of {len(radio)} claims"
    assert short.run("return document.querySelectorAll('tr.card').length") == 0


def test_what_the_policy_forbids_would_be_noticed(other: Browser, short_page: Path) -> None:
    """The other tests rely on complaints and requests being seen."""
    foreign = short_page.with_name("foreign.html")
    added = "<script>document.title = 'ran'</script><img src='missing.png'>"
    foreign.write_text(short_page.read_text("utf-8").replace("</body>", f"{added}</body>"), "utf-8")
    other.open(foreign)
    assert other.run("return document.title") != "ran"
    said = " ".join(other.complaints())
    assert "script-src" in said
    assert "img-src" in said
    assert fetched(other) == {foreign.as_uri(), foreign.with_name("missing.png").as_uri()}


# --- search --------------------------------------------------------------------------------


ASK = """
const put = history.replaceState; // two hundred changes of the address in a row are throttled
history.replaceState = () => {};
const [words, exact] = [document.getElementById('q'), document.getElementById('f-exact')];
const shown = () => { SHOWN };
const answers = arguments[0].map((text) => {
  words.value = text;
  exact.dispatchEvent(new Event('change'));
  const said = document.querySelector('#message span')?.textContent.slice(3).split(' · ') ?? [];
  return [shown(), document.querySelectorAll('#claims-table tbody.weak').length, said];
});
history.replaceState = put;
return answers;
""".replace("SHOWN", SHOWN)


def test_a_search_finds_what_the_program_finds_in_the_same_order(
    browser: Browser, evidence: Evidence
) -> None:
    lines = (TESTS / "queries.jsonl").read_text("utf-8").splitlines()
    queries = [json.loads(line)["query"] for line in lines[:: len(lines) // 100]]
    queries += ["Vonderheide", "Zhang 2022", "wei CAF", "2022", "brown butter", "Wei 2019"]
    queries += ["cold fusion", "beast", "larvae", "expression of insulin receptors in muscle"]
    assert len(queries) >= 100
    answers = [one for start in range(0, len(queries), 25)
               for one in browser.run(ASK, queries[start : start + 25])]  # fmt: skip
    for query, (found, weak, said) in zip(queries, answers, strict=True):
        result = evidence_search(evidence, query)
        hits = [hit.claim.id for hit in (*result.hits, *result.weak)]
        result = result._replace(references=None)  # the page has no list of what no claim cites
        wanted = [text.replace("`", "“", 1).replace("`", "”") for text in result.messages()]
        wanted += [f"the last {weak} answer little of it"] if weak else []
        assert (found, weak, said) == (hits, len(result.weak), wanted), query


def test_a_search_says_how_it_took_the_words_and_marks_them(browser: Browser) -> None:
    assert search(browser, "macrohpage not NK cells")
    assert "macrohpage: macrophage" in browser.run(SAID)
    assert "left out: " in browser.run(SAID)
    assert browser.run("return CSS.highlights.get('found').size") > 0
    assert search(browser, "xyzzyqwv") == []
    assert "xyzzyqwv: found nowhere" in browser.run(SAID)
    browser.click("#nothing button")
    assert browser.run("return document.getElementById('nothing').hidden")
    assert search(browser, "RAD-012") == ["rad-012"]


def test_a_slash_leads_to_the_search_field_where_every_key_counts(browser: Browser) -> None:
    wanted = search(browser, "collagen")
    browser.run("document.getElementById('q').value = ''; document.activeElement.blur()")
    browser.press("/")
    assert browser.run("return document.activeElement.id") == "q"
    browser.press(*"collagen")
    assert browser.run(f"return (async () => {{ {QUIET} {SHOWN} }})()") == wanted != []


# --- filters -------------------------------------------------------------------------------

ASKED: tuple[dict[str, Any], ...] = (
    {"therapy": "chemotherapy"}, {"cell": "TAM"}, {"cell": "CL:0000235"}, {"promotes": "CAF"},
    {"opposes": "CD8+ T cells"}, {"cancer": "lung"}, {"pathway": "STAT3"}, {"molecule": "TGF-beta"},
    {"agent": "EGFR TKI"}, {"agent": "Velcade"}, {"process": "EMT"}, {"countered_by": "depletion"},
    {"countered_by": "IL-6"}, {"countered_by": "STAT3 inhib"}, {"countered_by": "IL6 blockade"},
    {"about": "STAT3"}, {"about": "exosomes"}, {"ref": "51-54, 13"}, {"year": "2022-"},
    {"effect": "sensitivity"}, {"basis": "in vivo"}, {"section": "targeted"}, {"source": "li2024"},
    {"standing": ["contested", "qualified"]}, {"flag": "direction"}, {"primary": "no"},
    {"differs": "cell"}, {"hedged": "yes"}, {"noted": "yes"}, {"cell": ["TAM", "Treg"]},
    {"cell": "TAM", "exact": "yes"}, {"pathway": "STAT3", "exact": "yes"},
    {"about": "STAT3", "exact": "yes"}, {"cell": "CAF", "therapy": "radio"},
    {"cell": "TAM", "with": "cell=CAF"}, {"cell": "TAM", "with": ["cell=CAF", "noted"]},
    {"not": ["therapy=chemo", "therapy=radio", "hedged"]}, {"cell": "CAF", "not": "cancer=lung"},
)  # fmt: skip


def criteria_of(asked: dict[str, Any]) -> Criteria:
    """What an address asks for, as the command line does."""

    def pairs(option: str) -> tuple[tuple[str, str], ...]:
        given = asked.get(option, ())
        texts = (given,) if isinstance(given, str) else given
        return tuple((name, value or "yes") for name, _, value in (t.partition("=") for t in texts))

    filters = {name: value for name, value in asked.items() if name in FILTERS}
    wanted = Criteria.of(**filters).wanted
    return Criteria(wanted, pairs("with"), pairs("not"), exact="exact" in asked)


def test_every_filter_finds_and_says_what_the_program_does(
    browser: Browser, evidence: Evidence
) -> None:
    assert {name for asked in ASKED for name in asked} >= FILTERS.keys()
    answers = follow(browser, *(urlencode(asked, doseq=True) for asked in ASKED), say=True)
    for asked, (shown, said) in zip(ASKED, answers, strict=True):
        chosen = evidence.select(criteria_of(asked))
        assert shown == ids(evidence.selected(chosen)) != [], asked
        told = [text for text in chosen.expansions if "year" not in asked]
        assert said == " · ".join([f"{len(shown)} of {len(evidence)} claims", *told]), asked


def test_of_a_name_in_no_claim_it_says_what_the_program_says(
    browser: Browser, evidence: Evidence
) -> None:
    asked_for = ({"cell": "mast cell"}, {"not": "cell=mast cell"}, {"cancer": "glioma"})
    answers = follow(browser, *map(urlencode, asked_for), say=True)
    for asked, (_, said) in zip(asked_for, answers, strict=True):
        assert said.partition(" · ")[2] == evidence.select(criteria_of(asked)).expansions[0]


def test_controls_take_any_name_and_several_of_them(browser: Browser, evidence: Evidence) -> None:
    caf = choose(browser, "f-cell", "CAF")
    assert caf == ids(evidence.filter(cell="CAF"))
    assert choose(browser, "f-therapy", "radio") == ids(
        evidence.filter(cell="CAF", therapy="radio")
    )
    command = browser.run("return document.getElementById('command').textContent")
    assert command == "tdr list -t radio -c CAF"
    assert choose(browser, "f-therapy", "") == caf
    assert choose(browser, "f-cell", "CAF | Treg") == ids(evidence.filter(cell=["CAF", "Treg"]))
    assert choose(browser, "f-cell", "macrofage") == []
    assert "unknown cell “macrofage”" in browser.run(SAID)
    assert browser.run("return document.querySelectorAll('[aria-invalid]').length") == 1
    browser.click(".ticks .clear")
    choose(browser, "f-cell", "CAF")
    assert choose(browser, "f-not", "therapy=radio | hedged") == ids(
        evidence.filter(cell="CAF", exclude={"therapy": "radio", "hedged": True})
    )
    command = browser.run("return document.getElementById('command').textContent")
    assert command == "tdr list -c CAF --not therapy=radio --not hedged"
    assert choose(browser, "f-not", "cell") == []
    assert "“cell”: write FIELD=VALUE" in browser.run(SAID)
    browser.click(".ticks .clear")
    assert len(browser.run(SHOWN)) == len(evidence)


def test_what_can_be_chosen_occurs_and_says_how_often(browser: Browser, evidence: Evidence) -> None:
    browser.run("document.getElementById('f-cell').dispatchEvent(new Event('focus'))")
    for values, texts in (
        ("#f-therapy option:not([value=''])", "textContent"),
        ("#names-cells option", "label"),
    ):
        offered = browser.run(
            f'return Array.from(document.querySelectorAll("{values}"), o => [o.value, o.{texts}])'
        )
        assert len(offered) > 4
        for value, text in offered:
            name = "cell" if "cells" in values else "therapy"
            number = len(evidence.filter(**{name: value}))
            assert re.search(rf"\b{number}\b", text), text


def test_references_and_map_follow_what_is_shown(browser: Browser, evidence: Evidence) -> None:
    wanted = evidence.filter(cell="CAF", therapy="radio", exact=True)
    follow(browser, "cell=CAF&therapy=radio&exact=yes")
    listed = browser.run(
        "return Array.from(document.querySelectorAll('.refs > li'), i => i.hidden ? null :"
        "  [i.id, Array.from(i.querySelectorAll('.behind a:not([hidden])'), a => a.textContent)])"
        ".filter(Boolean)"
    )
    numbers = sorted({number for claim in wanted for number in claim.refs})
    assert listed == [
        [f"ref-{number}", [claim.id for claim in wanted if number in claim.refs]]
        for number in numbers
    ]
    total = "return document.querySelector(`[data-cell='${arguments[0]}'] .total`).textContent"
    assert browser.run(total, "cancer-associated fibroblast") == str(len(wanted))
    assert browser.run("return document.querySelectorAll('#heat tbody tr').length") == len(
        {cell for claim in wanted for cell in (*claim.promotes, *claim.opposes)}
    )
    # Drawn anew, the whole map is what it was.
    drawn = "return document.querySelector('#heat tbody').innerHTML"
    follow(browser, "")
    again = browser.run(drawn)
    follow(browser, "cell=CAF", "")
    assert browser.run(drawn) == again
    contested = "document.querySelectorAll('#heat button.contested')"
    hatched = browser.run(f"return Array.from({contested}, button => button.ariaLabel)")
    assert hatched
    assert all(" contested: " in words for words in hatched)


def test_a_number_of_the_map_shows_exactly_its_claims(browser: Browser, evidence: Evidence) -> None:
    where = "#heat tr[data-cell='tumor-associated macrophage'] td:nth-child(4) button"
    number = browser.run(f'return document.querySelector("{where}").textContent')
    browser.click(where)
    wanted = evidence.filter(promotes="TAM", therapy="targeted", exact=True)
    assert browser.run(SHOWN) == ids(wanted)
    assert int(number) == len(wanted) > 0


KEPT = """
const make = URL.createObjectURL;
return new Promise((done) => {
  URL.createObjectURL = (blob) => { blob.text().then(done); return make(blob); };
  document.getElementById('save-map').click();
}).finally(() => { URL.createObjectURL = make; });
"""


def test_the_map_is_saved_as_it_is_shown(browser: Browser, evidence: Evidence) -> None:
    follow(browser, "cell=TAM&not=therapy=chemo")
    svg = ElementTree.fromstring(browser.run(KEPT))
    shown = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    counted = evidence.matrix("cell", "therapy", cell="TAM", exclude={"therapy": "chemo"})
    asked = f"tdr list -c TAM --not therapy=chemo: {counted.selected} of {len(evidence)} claims"
    assert f"{asked}; {len(counted.rows) - 16} more row not shown" in shown
    assert evidence.index.data_version in shown[-1]
    told = {"".join(title.itertext()) for title in svg.iter("{http://www.w3.org/2000/svg}title")}
    for row, counts in zip(counted.rows, counted.counts, strict=True):
        if row.label not in shown:
            continue
        for column, count in zip(counted.columns, counts, strict=True):
            sides = f"{count.promotes} promote resistance, {count.opposes} oppose it"
            doubt = f", {count.contested.total} contested" if count.contested else ""
            assert f"{row.label}, {column.label}: {sides}{doubt}" in told


# --- downloads -----------------------------------------------------------------------------

SAVED = """
const make = URL.createObjectURL, [format] = arguments;
return new Promise((done) => {
  URL.createObjectURL = (blob) => { blob.text().then(done); return make(blob); };
  document.querySelector(`[data-format=${format}]`).click();
}).finally(() => { URL.createObjectURL = make; });
"""


@pytest.mark.parametrize(
    ("address", "argv"),
    [
        ("", []),
        ("cell=TAM&standing=contested", ["-c", "TAM", "--standing", "contested"]),
        ("molecule=nothing", None),
    ],
)
def test_downloads_are_the_bytes_that_the_program_writes(
    browser: Browser, run: Callable[..., Run], address: str, argv: list[str] | None
) -> None:
    follow(browser, address)
    for format in ("csv", "json", "ris", "bibtex"):
        saved = browser.run(SAVED, format)
        if argv is None:
            assert "imm-" not in saved
        else:
            program = run("--evidence", str(REVIEW), "list", *argv, "-o", format)
            assert saved.encode() == program.raw


def test_of_several_sources_the_page_says_which_and_filters_by_it(
    other: Browser, run: Callable[..., Run], tmp_path: Path
) -> None:
    two = two_sources(tmp_path / "two")
    references = two / "references.yaml"  # the first one is the same work in both lists
    text = references.read_text(encoding="utf-8")
    text = text.replace("    year: 2020\n", "    year: 2020\n    doi: 10.1000/other\n")
    references.write_text(text, encoding="utf-8")
    both = tdr.load(two, cache=False)
    at(other, written(both, tmp_path / "two.html"))
    tags = other.run(
        "return Array.from(document.querySelectorAll('.tag.source'), t => t.innerText)"
    )
    assert tags == [claim.source for claim in both.claims]
    assert choose(other, "f-source", "acar2016") == ["acar2016-che-001"]
    other.click(".refs a")
    listed = other.run(
        "return Array.from(document.querySelectorAll('.refs > li:not([hidden])'), i => i.id)"
    )
    assert listed == ["ref-acar2016-1"]
    assert follow(other, "ref=acar2016:1") == [["acar2016-che-001"]]
    follow(other, "")
    for format in ("csv", "json", "ris", "bibtex"):
        program = run("--evidence", str(two), "list", "-o", format)
        assert other.run(SAVED, format).encode() == program.raw


# --- address -------------------------------------------------------------------------------


def test_the_address_shares_what_is_shown(
    short: Browser, short_page: Path, radio: list[Claim]
) -> None:
    short.run("history.pushState(null, '', location.pathname)")
    choose(short, "f-cell", "CD8+ T cell")
    choose(short, "f-standing", "contested")
    search(short, "tumor")
    short.click("button[data-sort=refs]")
    shown, shared = short.run(SHOWN), short.run("return location.hash")
    for part in ("q=tumor", "cell=CD8%2B+T+cell", "standing=contested", "sort=refs"):
        assert part in shared
    assert shown
    short.run("history.back()")
    short.wait_for("return !location.hash.includes('sort')")
    short.run("history.back()")
    short.wait_for("return !location.hash.includes('standing')")
    assert short.run(SHOWN) == ids(c for c in radio if "CD8+ T cell" in (*c.promotes, *c.opposes))
    assert short.run("return document.getElementById('f-standing').value") == ""
    short.run("history.forward()")
    short.wait_for("return location.hash.includes('standing')")
    assert short.run("return document.getElementById('f-standing').value") == "contested"
    at(short, short_page, shared)
    assert short.run(SHOWN) == shown
    assert short.run("return document.getElementById('q').value") == "tumor"
    assert short.run("return document.getElementById('f-cell').value") == "CD8+ T cell"


def test_a_link_to_a_claim_opens_it_whatever_is_filtered(
    short: Browser, short_page: Path, radio: list[Claim]
) -> None:
    for fragment in ("#rad-012", "#claim-rad-012"):
        at(short, short_page, fragment)
        assert short.run("return !!document.querySelector('#rad-012.opened')")
        assert short.run("return document.activeElement.textContent") == "rad-012"
    choose(short, "f-cell", "CAF")
    short.run("location.hash = '#rad-001'")
    short.wait_for("return document.querySelector('#rad-001.opened')")
    assert short.run("return document.activeElement.textContent") == "rad-001"
    at(short, short_page, "#effect=sensitivity&at=rad-003")
    assert short.run("return !!document.querySelector('#rad-003.opened')")
    assert short.run(SHOWN) == ids(claim for claim in radio if claim.effect == "sensitivity")


# --- order ---------------------------------------------------------------------------------


def test_a_heading_sorts_up_then_down_then_as_it_was(short: Browser, radio: list[Claim]) -> None:
    as_it_was = short.run(SHOWN)
    sorts = "th:has(button[data-sort=mechanism])"
    findings = (
        "return Array.from(document.querySelectorAll('tr.row .mechanism'), c => c.textContent)"
    )
    short.click(f"{sorts} button")
    state = f"return document.querySelector('{sorts}').getAttribute('aria-sort')"
    assert short.run(state) == "ascending"
    up = short.run(findings)
    assert sorted(up) == sorted(claim.mechanism for claim in radio)
    assert [text[0].lower() for text in up] == sorted(text[0].lower() for text in up)
    short.press(ENTER)  # the heading keeps the focus
    assert short.run(state) == "descending"
    assert short.run(findings) == up[::-1]
    short.press(SPACE)
    assert short.run(state) == "none"
    assert short.run(SHOWN) == as_it_was
    short.click("button[data-sort=refs]")
    links = "document.querySelectorAll('tr.row .refs a:first-child')"
    first = short.run(f"return Array.from({links}, link => link.textContent)")
    numbers = [int(name.rpartition(":")[2]) for name in first if ":" not in name]
    assert numbers == sorted(numbers)


# --- cards ---------------------------------------------------------------------------------


def test_a_card_tells_what_the_program_tells_and_the_papers_beside(
    short: Browser, evidence: Evidence, radio: list[Claim]
) -> None:
    short.click("#open-all")
    cards = short.run(
        "return Array.from(document.querySelectorAll('tr.card'),"
        "  (card) => card.textContent.replace(/\\s+/g, ' '))"
    )
    for claim, card in zip(radio, cards, strict=True):
        wanted = [*claim.molecules, *claim.pathways, *claim.processes, *claim.countered_by]
        wanted += [claim.note or "", *(FLAGS[flag].meaning for flag in claim.flags)]
        wanted += [one.says or "" for one in claim.primary]
        wanted += [
            f"disagrees on {', '.join(p.differs)}" for p in claim.primary if p.agrees == "no"
        ]
        wanted += [evidence.references_of(claim.source)[number].title for number in claim.refs]
        wanted += [f"{claim.at.section}, paragraph {claim.at.paragraph}"] if claim.at else []
        for text in wanted:
            assert " ".join(text.split()) in card, (claim.id, text)
        for step in claim.steps:
            end = "resistance to" if step.target == "resistance" else step.target
            inside = f" (in {step.place})" if step.place else ""
            assert step.source in card
            assert f" {step.does} {end}" in card
            assert inside in card


def test_a_card_opens_and_closes_by_keyboard(short: Browser) -> None:
    short.run("document.querySelector('[data-sort=refs]').focus()")
    short.press(TAB)
    assert short.run("return document.activeElement.textContent") == "rad-001"
    assert short.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    short.press(ENTER)
    assert short.run("return document.activeElement.getAttribute('aria-expanded')") == "true"
    assert short.run("return document.querySelector('#rad-001 .card').offsetHeight") > 50
    short.press(SPACE)
    assert short.run("return document.activeElement.getAttribute('aria-expanded')") == "false"
    assert short.run("return document.querySelector('#rad-001 .card').offsetHeight") == 0


def test_a_click_on_a_row_opens_its_card_but_a_link_leads_away(short: Browser) -> None:
    short.click("#rad-004 .mechanism")
    assert short.run("return document.querySelector('#rad-004 .card').offsetHeight") > 50
    choose(short, "f-cell", "CAF")
    short.click("tbody .refs a")
    assert "at=ref-" in short.run("return location.hash")  # and the filter stays
    assert "cell=CAF" in short.run("return location.hash")


# --- looks ---------------------------------------------------------------------------------


def lightness(browser: Browser) -> float:
    shade = browser.run(
        "const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true});"
        "c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0, 0, 1, 1);"
        "return Array.from(c.getImageData(0, 0, 1, 1).data)"
    )
    return float(sum(shade[:3]) / 765)


def test_dark_and_light_follow_the_system_until_one_is_chosen(
    short: Browser, short_page: Path
) -> None:
    assert lightness(short) > 0.9
    short.prefer("dark")
    assert lightness(short) < 0.2
    short.click("#theme")
    assert lightness(short) > 0.9
    assert short.run("return document.getElementById('theme').textContent") == "Dark"
    at(short, short_page)
    assert lightness(short) > 0.9  # remembered
    short.click("#theme")
    assert lightness(short) < 0.2
    short.run("localStorage.clear()")


CONTRAST = """
const lum = (c) => { const [r, g, b] = c.map(v => { v /= 255;
  return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
  return .2126 * r + .7152 * g + .0722 * b; };
const ctx = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const painted = new Map();
const paint = (css) => { ctx.clearRect(0, 0, 1, 1); ctx.fillStyle = css; ctx.fillRect(0, 0, 1, 1);
  return Array.from(ctx.getImageData(0, 0, 1, 1).data); };
const rgb = (css) => painted.get(css) || painted.set(css, paint(css)).get(css);
const ground = (e) => { for (; e; e = e.parentElement) {
  const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c.slice(0, 3); }
  return [255, 255, 255]; };
const bad = [];
for (const e of document.querySelectorAll('body *')) {
  if (!e.offsetHeight || e.localName === 'option' || e.closest('.visually-hidden')) continue;
  if (!Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim())) continue;
  const [one, other] = [lum(rgb(getComputedStyle(e).color).slice(0, 3)), lum(ground(e))];
  const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
  if (ratio < 4.5) bad.push(`${e.localName}.${e.className} ${e.textContent.slice(0, 20)} ${ratio}`);
}
return [...new Set(bad)];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_that_wcag_asks_for(short: Browser, scheme: str) -> None:
    short.prefer(scheme)
    short.click("#open-all")
    assert short.run(CONTRAST) == []


AXE = ROOT / "node_modules/axe-core/axe.min.js"
VIOLATIONS = """
return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
  (rule) => [rule.id, ...rule.nodes.slice(0, 3).map((node) => node.html)]));
"""


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core here; `make axe` gets it from npm")
def test_axe_finds_nothing_that_keeps_anybody_out(short: Browser) -> None:
    short.run(AXE.read_text("utf-8"))
    short.click("summary")
    short.click("#rad-001 button")
    assert short.run(VIOLATIONS) == []
    short.prefer("dark")
    short.resize(390, 844)
    assert short.run(VIOLATIONS) == []


def test_on_a_phone_rows_are_cards_and_nothing_is_wider_than_the_screen(
    short: Browser, evidence: Evidence
) -> None:
    short.resize(390, 844)
    assert short.run("return document.documentElement.scrollWidth") <= 390
    assert short.run("return getComputedStyle(document.querySelector('tr.row')).display") == "flex"
    short.click("#rad-001 button")
    assert short.run("return document.querySelector('#rad-001 .card').offsetHeight") > 50
    assert short.run("return document.documentElement.scrollWidth") <= 390
    choose(short, "f-sort", "-id")  # headings are gone, so there is a list to sort by
    assert short.run(SHOWN)[0] == max(claim.id for claim in evidence.filter(therapy="radio"))
    small = short.run(
        "return Array.from(document.querySelectorAll('.find select, tbody th button, #theme'))"
        ".filter(e => e.offsetHeight && e.offsetHeight < 40).length"
    )
    assert small == 0  # room for a thumb


def test_paper_shows_the_claims_and_no_controls(short: Browser, tmp_path: Path) -> None:
    short.cdp("Emulation.setEmulatedMedia", media="print")
    hidden = (
        "return Array.from(document.querySelectorAll(arguments[0])).every(e => !e.offsetHeight)"
    )
    assert short.run(hidden, ".find, #theme, #open-all, #map-all")
    assert short.run("return document.querySelector('#rad-001').offsetHeight") > 0
    assert short.run("return document.getElementById('message').offsetHeight") > 0
    short.cdp("Emulation.setEmulatedMedia", media="")
    short.paper(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_without_javascript_everything_can_be_read(short: Browser, short_page: Path) -> None:
    short.without_scripts()
    try:
        short.open(short_page)
        assert short.run(
            "return Array.from(document.querySelectorAll('tr.row, #heat tr'))"
            ".every(row => row.offsetHeight > 0)"
        )
        assert short.run("return document.querySelector('.find').offsetHeight") == 0
    finally:
        short.without_scripts(False)


# --- what evidence may try ---------------------------------------------------------------------


def test_markup_in_every_field_is_shown_and_runs_nothing(other: Browser, tmp_path: Path) -> None:
    """Hazard 53."""
    poison = " ".join(PAYLOADS)
    poisoned = tdr.load(write_poisoned(tmp_path / "evidence", poison), cache=False)
    target = tmp_path / "poisoned.html"
    text = "".join(report_page(poisoned, poisoned.select(Criteria()), title=poison))
    target.write_text(text, encoding="utf-8")
    at(other, target)
    other.click("#open-all")
    card = other.run("return document.querySelector('tr.card').textContent")
    for part in ("note", "counter", "section", "by", "molecules", "sub pathways"):
        assert f"{part} {poison}".lower() in card.lower()
    assert poison in other.run("return document.querySelector('tr.row .mechanism').textContent")
    assert choose(other, "f-cell", f"cells {poison}") == ["che-001"]
    assert search(other, "onmouseover") == ["che-001"]
    scripts = "return document.querySelectorAll('script, img, iframe, object, embed').length"
    assert other.run(scripts) == 2  # ours


# --- size ----------------------------------------------------------------------------------


def test_of_many_claims_some_are_laid_out_and_all_are_within_reach(
    other: Browser, tmp_path: Path
) -> None:
    small_evidence(tmp_path / "many")
    lines = (tmp_path / "many/chemo.yaml").read_text("utf-8")
    head, _, claim = lines.partition("  - id: che-001")
    claim = claim.partition("  - id:")[0]
    many = (f"  - id: che-{number:03}{claim}" for number in range(1, 451))
    (tmp_path / "many/chemo.yaml").write_text(head + "".join(many), "utf-8")
    at(other, written(tdr.load(tmp_path / "many", cache=False), tmp_path / "many.html"))
    assert len(other.run(SHOWN)) == 200
    assert other.run(SAID).startswith("450 of 450")
    other.click("#more-rows")
    assert len(other.run(SHOWN)) == 400
    other.run("location.hash = '#che-450'")
    other.wait_for("return document.querySelector('#che-450.opened')")


def test_a_filter_that_the_script_has_no_meaning_for_is_not_offered(
    other: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values of a filter are understood by the script itself: a new kind of them it cannot."""
    toy = Filter("journal", "journal", ("ref",), "A toy.", "WORDS")
    monkeypatch.setitem(FILTERS, "journal", toy)
    page = written(tdr.load(small_evidence(tmp_path / "e")), tmp_path / "p.html")
    assert 'data-filter="journal"' in page.read_text(encoding="utf-8")
    at(other, page, "#journal=Nature&cell=TAM")
    assert not other.run("return document.querySelector('[data-filter=journal]')")
    assert other.run(SHOWN) == ["che-001"]
