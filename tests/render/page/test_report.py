"""The HTML page: what it holds, what it lets in, where it may be written.

Read here as a parser reads it; test_browser.py looks at it as a person does.
"""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from base64 import b64encode, b85decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.model.filters import Criteria
from tdr.model.values import Claim
from tdr.render.page.claims import claim_body
from tdr.render.page.page import SCRIPTS, page_script, report_page
from tests.conftest import SHIPPED, Run
from tests.fuzz import examples
from tests.small import small_evidence

Tdr = Callable[..., Run]

VOID = {"meta", "link", "input", "br"}
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a'\"onmouseover=alert(1) x=",
    "[link=javascript:alert(1)]x[/link]",
    "javascript:alert(1)",
    "</script><script>alert(1)</script>",
    "</style></title></textarea><!--",
    "]]>&amp;&lt;x&gt;",
    "<a href='data:text/html,x'>y</a>",
    "{{7*7}} ${x} `x`",
)


class Page(HTMLParser):
    """A document as elements with their attributes, and the texts below each id."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(text)
        self.close()
        assert not self._open, f"not closed: {[name for name, *_ in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {tag} {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        element = self._open.pop()
        assert element[0] == tag, f"</{tag}> closes <{element[0]}>"
        self.contents.append(element)
        if self._open:
            self._open[-1][2].extend(element[2])

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)
        else:
            assert not data.strip()

    def named(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        """Attributes and text of every element of a name, in the order in which they end."""
        return [(attrs, "".join(texts)) for name, attrs, texts in self.contents if name == tag]

    def links(self) -> Iterator[str]:
        for _, attributes in self.elements:
            for name in ("href", "src", "action", "formaction", "srcset", "xlink:href"):
                if name in attributes:
                    yield attributes[name] or ""


def page_of(evidence: Evidence, criteria: Criteria = Criteria(), **more: Any) -> str:  # noqa: B008 - frozen
    return "".join(report_page(evidence, evidence.select(criteria), **more))


@pytest.fixture(scope="module")
def text(evidence: Evidence) -> str:
    return page_of(evidence)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def read_back(text: str) -> list[dict[str, Any]]:
    """The claims that stand in a page, as far as a row shows their fields."""
    found = []
    for identifier, body in re.findall(r'<tbody id="(.*?)">(.*?)</tbody>', text, re.S):
        claim: dict[str, Any] = {"id": unescape(identifier)}
        for field, inside in re.findall(r'<ul class="(\w+)"[^>]*>(.*?)</ul>', body):
            claim[field] = [shown for _, shown in Page(inside).named("li")]
        for _, attributes, texts in Page(body).contents:
            if attributes.get("class") in ("therapy", "mechanism", "refs"):
                claim[str(attributes["class"])] = "".join(texts)
        found.append(claim)
    return found


def data_of(page: Page) -> dict[str, Any]:
    """What the script looks up."""
    (packed,) = [text for attrs, text in page.named("script") if attrs.get("id") == "data"]
    data: dict[str, Any] = json.loads(zlib.decompress(b85decode(packed.replace(",", "<"))))
    return data


# --- what it holds -------------------------------------------------------------------------


def test_every_claim_reads_back_from_its_row(evidence: Evidence, text: str) -> None:
    wanted = []
    for claim in evidence.claims:
        shown = ("promotes", "opposes", "agents", "cancers")
        fields: dict[str, Any] = {name: list(getattr(claim, name)) for name in shown}
        fields |= {"id": claim.id, "therapy": claim.therapy, "mechanism": claim.mechanism}
        fields |= {"refs": " ".join(str(evidence.name_of(claim.source, n)) for n in claim.refs)}
        wanted.append({name: value for name, value in fields.items() if value})
    assert read_back(text) == wanted


def test_the_script_has_every_claim_as_the_program_writes_it(
    evidence: Evidence, page: Page
) -> None:
    claims = data_of(page)["claims"]
    assert [claim["record"] for claim in claims] == [claim.to_dict() for claim in evidence.claims]


def test_a_row_tells_how_sure_a_claim_is(evidence: Evidence, page: Page) -> None:
    rows = [shown for attrs, shown in page.named("tr") if attrs.get("class") == "row"]
    for claim, row in zip(evidence.claims, rows, strict=True):
        assert (claim.standing in row) is (claim.standing != "unchecked")


def test_only_the_selected_claims_and_their_references_are_there(evidence: Evidence) -> None:
    criteria = Criteria.of(cell=("CAF",), therapy=("radio",))
    wanted = evidence.filter(cell="CAF", therapy="radio")
    text = page_of(evidence, criteria)
    assert [claim["id"] for claim in read_back(text)] == [claim.id for claim in wanted]
    numbers = [attrs["id"] for attrs, _ in Page(text).named("li") if attrs.get("id")]
    assert numbers == [f"ref-{n}" for n in sorted({n for claim in wanted for n in claim.refs})]


def test_the_numbers_at_the_top_count_the_claims_of_the_page(
    evidence: Evidence, page: Page
) -> None:
    claims = evidence.claims
    promoting = {cell for claim in claims for cell in claim.promotes}
    opposing = {cell for claim in claims for cell in claim.opposes}
    expected = [
        len(claims),
        len({(claim.source, number) for claim in claims for number in claim.refs}),
        len(promoting | opposing),
        sum(1 for claim in claims if claim.countered_by),
        sum(1 for claim in claims if claim.primary),
        sum(1 for claim in claims if claim.standing == "contested"),
    ]
    shown = [int(text) for _, text in page.named("b") if text.isdigit()]
    assert shown == expected


def test_the_map_counts_claims_of_each_side_and_the_contested_ones(
    evidence: Evidence, text: str
) -> None:
    wanted: Counter[tuple[str, str, str]] = Counter()
    doubts: Counter[tuple[str, str, str]] = Counter()
    for claim in evidence.claims:
        for side in ("promotes", "opposes"):
            for cell in getattr(claim, side):
                wanted[cell, claim.therapy, side] += 1
                doubts[cell, claim.therapy, side] += claim.standing == "contested"
    therapies = re.findall(r'data-therapy="(.*?)"', text)
    shown, contested = {}, {}
    for row in re.findall(r"<tr[^>]*data-cell=.*?</tr>", text, re.S):
        cell = next(attrs["data-cell"] for _, attrs in Page(row).elements if "data-cell" in attrs)
        for place, inside in enumerate(re.findall(r"<td>(.*?)</td>", row)):
            for attrs, number in Page(inside).named("button"):
                side, _, *doubt = str(attrs["class"]).split()
                shown[str(cell), therapies[place // 2], side] = int(number)
                contested[str(cell), therapies[place // 2], side] = bool(doubt)
    assert shown == wanted
    assert contested == {key: number > 0 for key, number in doubts.items()}


def test_version_licence_and_limits_stand_there(evidence: Evidence, page: Page) -> None:
    shown = page.named("dl")[-1][1]
    assert evidence.index.data_version in shown
    assert "CC BY-NC-ND 4.0" in shown
    assert "CC BY 4.0" in shown.replace("CC BY-NC-ND 4.0", "")
    assert "not verified against the primary papers" in shown
    assert "Not medical advice" in shown


def test_nothing_selected_is_a_page_all_the_same(evidence: Evidence) -> None:
    text = page_of(evidence, Criteria.of(cell=("pericyte",), therapy=("radio",)))
    assert Page(text).named("h1")
    assert read_back(text) == []


def test_same_claims_same_bytes(three_claims: Path) -> None:
    first, second = (page_of(tdr.load(three_claims, cache=False)) for _ in range(2))
    assert first == second


def test_the_shipped_page_is_below_a_megabyte_and_says_which_source_a_claim_is_of() -> None:
    shipped = tdr.load(SHIPPED)
    text = page_of(shipped)
    assert len(text.encode()) < 1_000_000
    rows = re.findall('<tr class="row".*?</tr>', text, re.S)
    assert len(rows) == len(shipped)
    assert len(shipped.sources) > 1
    assert all(c.source in row for c, row in zip(shipped.claims, rows, strict=True))


# --- a page for everybody ------------------------------------------------------------------


def test_headings_sort_by_buttons_and_say_so(page: Page) -> None:
    heads = [attrs for name, attrs in page.elements if name == "th" and "aria-sort" in attrs]
    assert [attrs["aria-sort"] for attrs in heads] == ["none"] * 7
    assert all(attrs["scope"] == "col" for attrs in heads)


def test_every_control_has_a_label_and_every_button_a_name(text: str, page: Page) -> None:
    labelled = re.findall(r"<label[^>]*>.*?</label>", text, re.S)
    for control in ("input", "select"):
        inside = sum(label.count(f"<{control}") for label in labelled)
        assert inside == sum(name == control for name, _ in page.elements) > 0
    for attrs, shown in page.named("button"):
        assert attrs["type"] == "button"
        assert shown.strip() or attrs.get("aria-label")


def test_what_a_button_controls_exists_and_ids_are_unique(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    for _, attrs in page.elements:
        for name in ("aria-controls", "aria-labelledby"):
            assert attrs.get(name, ids[0]) in ids
    for link in page.links():
        assert not link.startswith("#") or link[1:] in ids, link


# --- what it lets in -----------------------------------------------------------------------


def assert_harmless(text: str) -> Page:
    """No script but ours, no handler, no style, no address but those that we build."""
    page = Page(text)
    styles, scripts = page.named("style"), page.named("script")
    assert len(styles) == 1
    assert [attrs.get("type") for attrs, _ in scripts] == [None, "text/plain"]
    assert "src" not in scripts[0][0]
    policy = next(
        str(attrs["content"])
        for name, attrs in page.elements
        if name == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    for directive, (_, content) in (("script-src", scripts[0]), ("style-src", styles[0])):
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "base-uri 'none'; form-action 'none'" in policy
    assert "unsafe" not in policy
    allowed = {"html", "head", "meta", "link", "title", "style", "script", "body", "header", "nav",
               "main", "section", "footer", "div", "span", "p", "b", "h1", "h2", "a", "ul", "ol",
               "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td",
               "button", "label", "input", "select", "option", "details", "summary", "datalist",
               "code"}  # fmt: skip
    for name, attributes in page.elements:
        assert name in allowed, name
        for attribute in attributes:
            assert not attribute.startswith("on"), (name, attribute)
            assert attribute not in ("style", "srcdoc", "action", "formaction", "src"), attribute
    for name, attributes in page.elements:
        if "href" not in attributes:
            continue
        link = str(attributes["href"])
        if name == "link":
            assert link == "data:,"
        elif not link.startswith("#"):
            host = urlsplit(link)
            assert host.scheme == "https"
            assert host.netloc in ("doi.org", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov")
    return page


def test_the_shipped_page_is_harmless_and_asks_for_nothing(text: str) -> None:
    assert_harmless(text)
    outside = re.sub(r'<a href="https://[^"]*"', "", text)
    outside = re.sub(r"<script.*?</script>", "", outside, flags=re.S)
    assert "http://" not in outside
    assert "https://" not in outside
    assert "@import" not in text
    assert "url(" not in outside


def test_the_script_never_parses_text_as_html_or_code() -> None:
    script = page_script()
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                 "new Function", "fetch(", "XMLHttpRequest", "import(", "DOMParser",
                 "setAttribute(\"on", ".onclick", ".style."):  # fmt: skip
        assert word not in script


def poisoned(directory: Path, poison: str) -> Path:
    """Evidence with this text in every field that holds a text."""
    small_evidence(directory)
    kinds = {kind: f"{kind} {poison}" for kind in
             ("cells", "cancers", "agents", "molecules", "pathways", "processes")}  # fmt: skip
    for kind, label in kinds.items():
        term = {
            "label": label,
            "abbreviation": f"{kind[:3]} {poison}",
            "synonyms": [f"s {kind} {poison}"],
        }
        below = {"label": f"sub {label}", "parents": [label]}
        write(directory / f"vocabulary/{kind}.yaml", {"terms": [term, below]})
    names = {kind: [label, f"sub {label}"] for kind, label in kinds.items()}
    claim = {
        "id": "che-001", "promotes": [names["cells"][0]], "opposes": [names["cells"][1]],
        "cancers": names["cancers"], "agents": names["agents"], "effect": "resistance",
        "mechanism": f"Mechanism {poison}.", "molecules": names["molecules"],
        "pathways": names["pathways"], "processes": names["processes"],
        "countered_by": [f"counter {poison}"], "basis": ["in vitro"], "refs": [1, 2, 3],
        "at": {"section": f"section {poison}", "paragraph": 1}, "note": f"Note {poison}",
        "verified": {"by": f"by {poison}", "date": "2026-01-01", "ref": 1},
    }  # fmt: skip
    write(directory / "chemo.yaml", {"therapy": "chemo", "claims": [claim]})
    entry = {"authors": [f"A {poison}"], "title": f"T {poison}", "journal": f"J {poison}",
             "year": 2020, "volume": f"v{poison}", "issue": f"i{poison}", "pages": f"p{poison}",
             "cited_as": "claim", "status": "retracted", "note": f"n{poison}"}  # fmt: skip
    write(directory / "references.yaml", {"references": {
        "1": entry | {"doi": f"10.1000/{poison}"}, "2": entry | {"pmid": f"1{poison}"}, "3": entry,
    }}, keys_as_numbers=True)  # fmt: skip
    write(directory / "source.yaml", {
        "data_version": "1.0.0",
        "data_licence": f"Licence {poison}",
        "record": {"title": f"R {poison}", "authors": [f"A {poison}", "B"], "year": 2024,
                   "licence": f"L {poison}"},
        "constants": {"knowledge_level": f"K {poison}"},
        "sections": [{"name": f"section {poison}",
                      "paragraphs": [{"words": 1, "citations": [[1, 2, 3]]}]}],
    })  # fmt: skip
    return directory


def write(path: Path, value: Mapping[str, Any], keys_as_numbers: bool = False) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    if keys_as_numbers:
        text = re.sub(r'^( +)"(\d+)": ', r"\1\2: ", text, flags=re.M)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("poison", PAYLOADS)
def test_text_stays_text_in_every_field(tmp_path: Path, poison: str) -> None:
    """Hazard 53."""
    evidence = tdr.load(poisoned(tmp_path, poison), cache=False)
    text = page_of(evidence, title=f"Title {poison}", question=[f"cell: {poison}"])
    page = assert_harmless(text)
    (claim,) = read_back(text)
    assert claim["mechanism"] == f"Mechanism {poison}."
    assert claim["promotes"] == [f"cells {poison}"]
    assert page.named("h1")[0][1] == page.named("title")[0][1] == f"Title {poison}"
    shown = "".join(text for _, text in page.named("body"))
    for part in (f"cell: {poison}", f"T {poison}", f"Licence {poison}", f"K {poison}",
                 f"R {poison}"):  # fmt: skip
        assert part in shown


FIELDS = ("mechanism", "therapy", "id", "promotes", "agents")


@given(st.text(st.characters(), min_size=1, max_size=40), st.sampled_from(FIELDS))
@settings(max_examples=examples(0.8))
def test_no_text_whatever_changes_the_structure_of_a_claim(
    evidence: Evidence, value: str, field: str
) -> None:
    record = evidence.claims[0].to_dict() | {"note": "x"}

    def drawn(text: str) -> str:
        item = [text] if isinstance(record[field], list) else text
        return claim_body(Claim.from_dict(record | {field: item}), evidence)

    def structure(body: str) -> list[tuple[str, list[str]]]:
        return [(name, list(attributes)) for name, attributes in Page(body).elements]

    assert structure(drawn(value)) == structure(drawn("x"))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", drawn(value)
    )


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def few(three_claims: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims are enough where it matters where the page goes."""
    monkeypatch.setenv("TDR_EVIDENCE", str(three_claims))


@pytest.mark.usefixtures("few")
def test_the_page_goes_to_a_file_whole_and_says_how_many(run: Tdr, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    done = run("report", "-o", str(target), "-t", "chemo")
    assert (done.exit, done.out) == (0, "")
    assert re.fullmatch(r"\d+ of \d+ claims\n", done.err)
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.usefixtures("few")
def test_without_a_file_the_page_is_stdout(run: Tdr, tmp_path: Path) -> None:
    argv, target = ("report", "-t", "chemo"), tmp_path / "a.html"
    done = run(*argv)
    assert done.exit == 0
    assert [claim["id"] for claim in read_back(done.out)] == ["che-001", "che-002", "che-003"]
    assert run(*argv, "-o", "-").raw == done.raw
    assert run(*argv, "--output", str(target)).out == ""
    assert target.read_bytes() == done.raw


def test_the_page_tells_how_its_claims_were_selected(run: Tdr) -> None:
    done = run("report", "-c", "TAF", "--not", "therapy=radio", "--noted")
    (chosen,) = [
        shown for attrs, shown in Page(done.out).named("p") if attrs.get("class") == "chosen"
    ]
    assert "cell: TAF" in chosen
    assert "not therapy: radio" in chosen
    assert "noted" in chosen
    assert "cancer-associated fibroblast" in chosen  # what TAF was taken for


@pytest.mark.usefixtures("few")
def test_an_existing_file_is_overwritten_only_by_force(run: Tdr, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_bytes(b"mine")
    done = run("report", "-t", "chemo", "-o", str(target))
    assert (done.exit, done.out) == (2, "")
    assert "exists; --force overwrites it" in done.err
    assert target.read_bytes() == b"mine"
    assert run("report", "-t", "chemo", "-o", str(target), "--force").exit == 0
    assert target.read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.usefixtures("few")
def test_a_large_page_can_be_written_again(run: Tdr, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_bytes(b"x" * (9 << 20))  # more than an evidence file may have
    assert run("report", "-t", "chemo", "-o", str(target), "--force").exit == 0


@pytest.mark.parametrize("name", ["chemo.yaml", "references.yaml", "vocabulary/cells.yaml"])
def test_evidence_is_never_overwritten(run: Tdr, tmp_path: Path, name: str) -> None:
    """Hazard 54."""
    small_evidence(tmp_path)
    before = (tmp_path / name).read_bytes()
    done = run("--evidence", str(tmp_path), "report", "--force", "-o", str(tmp_path / name))
    assert (done.exit, done.out) == (2, "")
    assert "would be taken for, an evidence file; choose another name" in done.err
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_evidence_is_not_overwritten_by_another_name(run: Tdr, tmp_path: Path, link: str) -> None:
    """Hazard 54."""
    small_evidence(tmp_path)
    before = (tmp_path / "chemo.yaml").read_bytes()
    other = tmp_path / "page.html"
    getattr(other, link)(tmp_path / "chemo.yaml")
    done = run("--evidence", str(tmp_path), "report", "--force", "-o", str(other))
    assert done.exit == 2
    assert "evidence file" in done.err
    assert (tmp_path / "chemo.yaml").read_bytes() == before


def test_no_new_file_becomes_evidence(run: Tdr, tmp_path: Path) -> None:
    """Hazard 54."""
    small_evidence(tmp_path)
    done = run("--evidence", str(tmp_path), "report", "-o", str(tmp_path / "radio.jsonl"))
    assert done.exit == 2
    assert not (tmp_path / "radio.jsonl").exists()


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("kind", ["directory", "symbolic link", "device", "nowhere", "empty name"])
def test_a_place_that_is_no_plain_file_is_refused(run: Tdr, tmp_path: Path, kind: str) -> None:
    """Hazard 54."""
    target = {"directory": str(tmp_path), "device": "/dev/null", "empty name": "",
              "nowhere": str(tmp_path / "no/such/report.html")}.get(kind)  # fmt: skip
    if target is None:
        (tmp_path / "other.html").write_bytes(b"other")
        (tmp_path / "link.html").symlink_to("other.html")
        target = str(tmp_path / "link.html")
    done = run("report", "-t", "chemo", "--force", "-o", target)
    assert (done.exit, done.out) == (2, "")
    assert "error:" in done.err
    assert "Traceback" not in done.err
    assert Path("/dev/null").is_char_device()
    assert (
        not (tmp_path / "other.html").exists() or (tmp_path / "other.html").read_bytes() == b"other"
    )


def test_an_unknown_filter_value_leaves_no_file(run: Tdr, tmp_path: Path) -> None:
    done = run("report", "-c", "macrofage", "-o", str(tmp_path / "report.html"))
    assert done.exit == 2
    assert "did you mean" in done.err
    assert not list(tmp_path.iterdir())


def test_the_assets_travel_in_the_wheel() -> None:
    """They stand under tdr/, all of which pyproject.toml names; nothing ignores them."""
    folder = Path(tdr.__file__).parent / "render/page"
    scripts = sorted((folder / "script").iterdir())
    assert [path.stem for path in scripts] == sorted(SCRIPTS)
    done = subprocess.run(
        ["git", "check-ignore", "-q", folder / "page.html", folder / "page.css", *scripts],
        cwd=folder, check=False, capture_output=True,
    )  # fmt: skip
    assert done.returncode != 0
