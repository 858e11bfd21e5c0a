"""The HTML page as a person uses it, in a real Chromium that is driven by keys and clicks.

`make browser` installs the browser where it is missing; without one these tests are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tdr
from tdr.ask.query import Evidence
from tdr.model.filters import Criteria
from tdr.render.page.page import report_page
from tests.browser import ENTER, SPACE, TAB, Browser, missing
from tests.render.page.test_report import PAYLOADS
from tests.render.page.test_report import poisoned as write_poisoned

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

SHOWN = "return Array.from(document.querySelectorAll('#claims-table tbody'), b => b.id.slice(6))"
SAID = "return document.getElementById('said').textContent"


@pytest.fixture(scope="module")
def page(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All claims."""
    target = tmp_path_factory.mktemp("report") / "report.html"
    text = "".join(report_page(evidence, evidence.select(Criteria())))
    target.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def short_page(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The claims on one therapy: enough for looks, and opened in half the time."""
    target = tmp_path_factory.mktemp("report") / "radio.html"
    text = "".join(report_page(evidence, evidence.select(Criteria.of(therapy=("radio",)))))
    target.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    browser.blank()
    yield browser
    browser.close()


IS_AS_OPENED = """
if (!window.asOpened || location.href !== arguments[0]) return false;
document.querySelector('.ticks .clear').click();
document.activeElement.blur();
scrollTo(0, 0);
return document.documentElement.outerHTML === window.asOpened;
"""


@pytest.fixture
def browser(chromium: Browser, page: Path) -> Iterator[Browser]:
    """The page as it opens on a desk; afterwards nothing has been complained of or fetched."""
    yield from opened(chromium, page)


@pytest.fixture
def short(chromium: Browser, short_page: Path) -> Iterator[Browser]:
    """As `browser`, with the short page."""
    yield from opened(chromium, short_page)


def opened(chromium: Browser, page: Path) -> Iterator[Browser]:
    """Open a page, unless it is open and clearing its form leaves nothing of the last test."""
    chromium.resize(1280, 900)
    chromium.prefer("light")
    chromium.complaints()
    chromium.requests()
    if not chromium.run(IS_AS_OPENED, page.as_uri()):
        chromium.open(page)
        chromium.run("window.asOpened = document.documentElement.outerHTML")
    yield chromium
    assert chromium.complaints() == []
    asked = {address.partition("#")[0] for address in chromium.requests()}
    assert asked <= {page.as_uri(), "data:,", "about:blank"}


QUIET = "await new Promise(done => setTimeout(done, 100));"  # it waits for 50 ms without a key


def search(browser: Browser, words: str) -> list[str]:
    """Put words into the search field, as from the clipboard; the ids that are shown then."""
    found: list[str] = browser.run(
        "const field = document.getElementById('f-words'); field.focus(); field.select();"
        "document.execCommand('insertText', false, arguments[0]);"
        f"return (async () => {{ {QUIET} {SHOWN} }})()",
        words,
    )
    return found


def choose(browser: Browser, control: str, value: str) -> None:
    browser.run(
        "const [id, value] = arguments; const select = document.getElementById(id);"
        "select.value = value; select.dispatchEvent(new Event('change'))",
        control,
        value,
    )


def test_the_page_opens_with_all_claims_and_closed_cards(
    browser: Browser, evidence: Evidence
) -> None:
    assert browser.run(SHOWN) == [claim.id for claim in evidence.claims]
    assert browser.run(SAID) == f"{len(evidence)} of {len(evidence)} claims"
    assert browser.run(
        "return Array.from(document.querySelectorAll('tr.card')).every(r => !r.offsetHeight)"
    )


def test_what_the_policy_forbids_would_be_noticed(chromium: Browser, page: Path) -> None:
    """The other tests rely on complaints and requests being seen."""
    foreign = page.with_name("foreign.html")
    added = "<script>document.title = 'ran'</script><img src='missing.png'>"
    foreign.write_text(page.read_text("utf-8").replace("</body>", f"{added}</body>"), "utf-8")
    chromium.blank()
    chromium.complaints()
    chromium.open(foreign)
    assert chromium.run("return document.title") != "ran"
    said = " ".join(chromium.complaints())
    assert "script-src" in said
    assert "img-src" in said


# --- search --------------------------------------------------------------------------------


def test_a_misspelt_word_finds_what_was_meant_and_says_so(
    browser: Browser, evidence: Evidence
) -> None:
    wanted = [claim.id for claim in evidence.claims if "gefitinib" in claim.agents]
    assert wanted
    assert set(wanted) <= set(search(browser, "gefitnib"))
    assert "taken as gefitinib" in browser.run(SAID)
    assert browser.run("return CSS.highlights.get('found').size") >= len(wanted)


def test_one_name_in_several_notations_finds_the_same(browser: Browser) -> None:
    for typed, *others in (
        ("TGF-β", "tgf beta", "TGFb"),
        ("NF-κB", "nf kappa b"),
        ("IL-6", "il6"),
        ("MFAP5", "mfpa5"),
        ("macrophages", "macrofages"),
    ):
        found = search(browser, typed)
        assert 0 < len(found) < 60, typed
        assert all(search(browser, other) == found for other in others), typed


def test_a_brand_name_finds_the_drug(browser: Browser, evidence: Evidence) -> None:
    wanted = [claim.id for claim in evidence.claims if "bortezomib" in claim.agents]
    assert search(browser, "velcade") == wanted != []


def test_names_that_differ_in_a_letter_stay_apart(browser: Browser) -> None:
    assert set(search(browser, "PD-1")) != set(search(browser, "PD-L1"))
    assert search(browser, "pdx1") == []  # no typing error of pd1


def test_all_words_count_and_nonsense_finds_nothing(browser: Browser) -> None:
    assert set(search(browser, "gefitinib exosome")) < set(search(browser, "gefitinib"))
    assert search(browser, "xyzzyqwv cell") == []
    assert "nothing like “xyzzyqwv”" in browser.run(SAID)
    browser.click("#nothing button")
    assert browser.run("return document.getElementById('nothing').hidden")


def test_a_slash_leads_to_the_search_field_where_every_key_counts(browser: Browser) -> None:
    wanted = search(browser, "gefitinib exosome")
    browser.run("document.getElementById('f-words').value = ''; document.activeElement.blur()")
    browser.press("/")
    assert browser.run("return document.activeElement.id") == "f-words"
    browser.press(*"gefitinib exosome")
    assert browser.run(f"return (async () => {{ {QUIET} {SHOWN} }})()") == wanted != []


# --- filters, order ------------------------------------------------------------------------


def test_filters_find_what_the_program_finds(browser: Browser, evidence: Evidence) -> None:
    choose(browser, "f-cell", "cancer-associated fibroblast")
    choose(browser, "f-therapy", "radio")
    wanted = evidence.filter(cell="CAF", therapy="radio")
    assert browser.run(SHOWN) == [claim.id for claim in wanted]
    choose(browser, "f-side", "opposes")
    opposing = evidence.filter(opposes="CAF", therapy="radio")
    assert browser.run(SHOWN) == [claim.id for claim in opposing]
    browser.click(".ticks .clear")
    assert len(browser.run(SHOWN)) == len(evidence)


def test_without_narrower_terms_a_term_stands_for_itself(
    browser: Browser, evidence: Evidence
) -> None:
    choose(browser, "f-cell", "tumor-associated macrophage")
    wide = browser.run(SHOWN)
    browser.click("#f-narrower")
    assert wide == [claim.id for claim in evidence.filter(cell="TAM")]
    assert browser.run(SHOWN) == [claim.id for claim in evidence.filter(cell="TAM", exact=True)]


def test_ticks_keep_noted_and_countered_claims(browser: Browser, evidence: Evidence) -> None:
    browser.click("#f-countered")
    assert browser.run(SHOWN) == [claim.id for claim in evidence.claims if claim.countered_by]
    browser.click("#f-noted")
    assert browser.run(SHOWN) == [c.id for c in evidence.claims if c.countered_by and c.note]


def test_a_number_of_the_heat_map_shows_exactly_its_claims(
    browser: Browser, evidence: Evidence
) -> None:
    where = "#heat tr[data-cell='tumor-associated macrophage'] button[data-therapy=targeted]"
    number = browser.run(f'return document.querySelector("{where}").textContent')
    browser.click(where)
    wanted = evidence.filter(promotes="TAM", therapy="targeted", exact=True)
    assert browser.run(SHOWN) == [claim.id for claim in wanted]
    assert int(number) == len(wanted) > 0


def test_a_heading_sorts_up_then_down_then_as_it_was(browser: Browser, evidence: Evidence) -> None:
    as_it_was = browser.run(SHOWN)
    sorts = "th:has(button[data-sort=mechanism])"
    findings = (
        "return Array.from(document.querySelectorAll('tr.row .c-finding'), c => c.textContent)"
    )
    browser.click(f"{sorts} button")
    state = f"return document.querySelector('{sorts}').getAttribute('aria-sort')"
    assert browser.run(state) == "ascending"
    up = browser.run(findings)
    assert sorted(up) == sorted(claim.mechanism for claim in evidence.claims)
    assert [text[0].lower() for text in up] == sorted(text[0].lower() for text in up)
    browser.press(ENTER)  # the heading keeps the focus
    assert browser.run(state) == "descending"
    assert browser.run(findings) == up[::-1]
    browser.press(SPACE)
    assert browser.run(state) == "none"
    assert browser.run(SHOWN) == as_it_was


def test_ids_and_references_sort_as_numbers(browser: Browser) -> None:
    browser.click("button[data-sort=refs]")
    first = [
        int(text)
        for text in browser.run(
            "return Array.from(document.querySelectorAll('tr.row'), "
            "r => r.querySelector('[data-f=refs] li').textContent)"
        )
    ]
    assert first == sorted(first)


# --- cards ---------------------------------------------------------------------------------


def test_a_card_opens_and_closes_by_keyboard(browser: Browser, evidence: Evidence) -> None:
    claim = next(claim for claim in evidence.claims if claim.countered_by)
    search(browser, claim.id)
    browser.run("document.querySelector('[data-sort=refs]').focus()")
    browser.press(TAB)
    assert browser.run("return document.activeElement.textContent") == claim.id
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press(ENTER)
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "true"
    card = browser.run(
        "return document.getElementById(document.activeElement.getAttribute('aria-controls'))"
        ".innerText"
    )
    for text in (*claim.countered_by, evidence.references[claim.refs[0]].title):
        assert text in card
    browser.press(SPACE)
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "false"


def test_a_click_on_a_row_opens_its_card_but_a_link_leads_away(short: Browser) -> None:
    short.click("#claim-rad-004 .c-finding")
    assert short.run("return document.querySelector('#claim-rad-004 .card').offsetHeight") > 50
    short.click("#claim-rad-004 .c-refs a")
    assert short.run("return location.hash").startswith("#ref-")
    assert short.run("return document.querySelector('#claim-rad-004 .card').offsetHeight") > 50


def test_a_link_to_a_claim_opens_it_even_if_it_was_filtered_away(
    browser: Browser, page: Path
) -> None:
    choose(browser, "f-therapy", "chemo")
    browser.run("location.hash = '#claim-rad-001'")
    browser.wait_for("return document.querySelector('#claim-rad-001.opened')")
    assert browser.run("return document.activeElement.textContent") == "rad-001"
    browser.open(page, "#claim-che-001")
    assert browser.run("return !!document.querySelector('#claim-che-001.opened')")


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
    short.open(short_page)
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
  if (!e.offsetHeight || e.localName === 'option' || e.closest('.hush')) continue;
  if (!Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim())) continue;
  const [one, other] = [lum(rgb(getComputedStyle(e).color).slice(0, 3)), lum(ground(e))];
  const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
  if (ratio < 4.5) bad.push(`${e.localName}.${e.className} ${e.textContent.slice(0, 20)} ${ratio}`);
}
return [...new Set(bad)];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_that_wcag_asks_for(browser: Browser, scheme: str) -> None:
    browser.prefer(scheme)
    browser.click("#heat-all")
    browser.click("#open-all")
    assert browser.run(CONTRAST) == []


def test_on_a_phone_rows_are_cards_and_nothing_is_wider_than_the_screen(
    short: Browser, evidence: Evidence
) -> None:
    short.resize(390, 844)
    assert short.run("return document.documentElement.scrollWidth") <= 390
    assert short.run("return getComputedStyle(document.querySelector('tr.row')).display") == "flex"
    short.click("#claim-rad-001 .open")
    assert short.run("return document.querySelector('#claim-rad-001 .card').offsetHeight") > 50
    assert short.run("return document.documentElement.scrollWidth") <= 390
    choose(short, "f-sort", "id-")  # headings are gone, so there is a list to sort by
    assert short.run(SHOWN)[0] == max(claim.id for claim in evidence.filter(therapy="radio"))
    small = short.run(
        "return Array.from(document.querySelectorAll('.find select, .open, #theme'))"
        ".filter(e => e.offsetHeight && e.offsetHeight < 40).length"
    )
    assert small == 0  # room for a thumb


def test_paper_shows_the_claims_and_no_controls(short: Browser, tmp_path: Path) -> None:
    short.cdp("Emulation.setEmulatedMedia", media="print")
    hidden = (
        "return Array.from(document.querySelectorAll(arguments[0])).every(e => !e.offsetHeight)"
    )
    assert short.run(hidden, ".find, #theme, #open-all, #heat-all")
    assert short.run("return document.querySelector('#claim-rad-001').offsetHeight") > 0
    assert short.run("return document.getElementById('said').offsetHeight") > 0
    short.cdp("Emulation.setEmulatedMedia", media="")
    short.paper(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_without_javascript_everything_can_be_read(short: Browser, short_page: Path) -> None:
    short.without_scripts()
    try:
        short.open(short_page)
        assert short.run(
            "return Array.from(document.querySelectorAll('tr.row, tr.card'))"
            ".every(row => row.offsetHeight > 0)"
        )
        assert short.run("return document.querySelector('.find').offsetHeight") == 0
    finally:
        short.without_scripts(False)


# --- what evidence may try ---------------------------------------------------------------------


def test_markup_in_every_field_is_shown_and_runs_nothing(
    browser: Browser, page: Path, tmp_path: Path
) -> None:
    """Hazard 53."""
    poison = " ".join(PAYLOADS)
    poisoned = tdr.load(write_poisoned(tmp_path / "evidence", poison), cache=False)
    target = tmp_path / "poisoned.html"
    text = "".join(report_page(poisoned, poisoned.select(Criteria()), title=poison))
    target.write_text(text, encoding="utf-8")
    browser.open(target)
    browser.click("#open-all")
    assert poison in browser.run("return document.querySelector('tr.row .c-finding').textContent")
    choose(browser, "f-cell", f"cells {poison}")
    assert browser.run(SHOWN) == ["che-001"]
    assert search(browser, "onmouseover") == ["che-001"]
    scripts = "return document.querySelectorAll('script, img, iframe, object, embed').length"
    assert browser.run(scripts) == 2  # ours
    assert browser.complaints() == []
    assert set(browser.requests()) <= {page.as_uri(), target.as_uri(), "data:,"}


# --- size ----------------------------------------------------------------------------------


def test_four_times_as_many_claims_are_shown_in_part_and_all_within_reach(
    browser: Browser, evidence: Evidence, tmp_path: Path
) -> None:
    text = "".join(report_page(evidence, evidence.select(Criteria())))
    begin, end = text.index("<tbody id="), text.index('</table>\n<p id="nothing"')
    bodies = "".join(
        text[begin:end].replace('id="claim-', f'id="claim-{n}-').replace('"card-', f'"card-{n}-')
        for n in range(4)
    )
    (tmp_path / "large.html").write_text(text[:begin] + bodies + text[end:], "utf-8")
    browser.open(tmp_path / "large.html")
    assert len(browser.run(SHOWN)) == 200
    assert browser.run(SAID).startswith(f"{4 * len(evidence)} of")
    browser.click("#more-rows")
    assert len(browser.run(SHOWN)) == 400
    browser.run("location.hash = '#claim-3-rad-001'")
    browser.wait_for("return document.querySelector('#claim-3-rad-001.opened')")
    browser.requests()  # it came from another file
