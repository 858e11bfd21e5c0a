"""How citations are marked in real articles, each kind in its smallest form."""

from __future__ import annotations

import pytest

from tdr.gather.jats import read_article
from tdr.model.errors import TdrError
from tests.gather.make import article, cite, groups, numbered, places, read

# --- groups and ranges ---------------------------------------------------------------------


@pytest.mark.parametrize("dash", ["–", "-", " - ", "– ", "—", "‐", "−"])
def test_a_range_of_two_marks_is_written_out(dash: str) -> None:
    assert groups(f"[{cite(11)}{dash}{cite(14)}]") == [[11, 12, 13, 14]]


def test_an_empty_mark_counts_and_no_number_comes_twice() -> None:
    assert groups(f"{cite(3)}{cite(4, '')}–{cite(5)}") == [[3, 4, 5]]


def test_a_range_inside_a_marker_that_links_to_its_first_number_is_written_out() -> None:
    found = read(f"[{cite(1, '1–3')}]")
    assert [p.citations for p in found.paragraphs] == [((1, 2, 3),)]
    assert (found.report.links, found.report.added, found.report.ranges) == (1, 2, 1)


def test_a_marker_that_links_to_every_number_of_its_range_is_not_written_out() -> None:
    found = read(f"[{cite('r4 r5 r6 r7', '4–7')}]")
    assert [p.citations for p in found.paragraphs] == [((4, 5, 6, 7),)]
    assert found.report.added == 0


def test_a_marker_that_prints_another_number_is_reported_and_not_unresolved() -> None:
    found = read(cite(1, "3"))
    assert [problem.text for problem in found.problems] == ["prints 3, links to 1"]
    assert found.report.unresolved == 0


@pytest.mark.parametrize("text", ["[1: 290–293]", "1, p. 3–5", "1:2–3"])
def test_pages_in_a_marker_are_no_range(text: str) -> None:
    assert groups(cite(1, text)) == [[1]]


def test_years_are_no_range() -> None:
    assert groups(f"({cite(2, '2001')}–{cite(5, '2003')})") == [[2, 5]]


@pytest.mark.parametrize(
    ("body", "right"),
    [
        (f"{cite(2)},{cite(3)}", [[2, 3]]),
        (f"[{cite(2)}] and [{cite(3)}]", [[2, 3]]),
        (f"{cite(2)} {cite(3)}", [[2, 3]]),
        (f"(Roe et al. {cite(2, '2010')}; Lee {cite(3, '2011')})", [[2, 3]]),
        (f"Roe ({cite(2, '2010')}) and Lee ({cite(3, '2011')})", [[2], [3]]),
        (f"(see (a) {cite(2)} and {cite(3)}) but {cite(4)}", [[2, 3], [4]]),
        (f"(never closed {cite(2)} and so {cite(3)}", [[2], [3]]),
        (f"never opened {cite(2)}) and so {cite(3)}", [[2], [3]]),
        (f"[{cite(2)}]. Next [{cite(3)}]", [[2], [3]]),
    ],
)
def test_a_group_is_what_only_marks_of_joining_or_one_bracket_hold_together(
    body: str, right: list[list[int]]
) -> None:
    assert groups(body) == right


@pytest.mark.parametrize(
    "body",
    [
        f"<sup>{cite(1)},{cite(2)}–{cite(4)}</sup>",
        f"{cite(1, '<sup>1</sup>')},{cite(2, '<sup>2</sup>')}–{cite(4, '<sup>4</sup>')}",
        f"{cite(1, '(1)')}, {cite(2, '(2)')}-{cite(4, '(4)')}",
        f"{cite(1, '[1]')},{cite(2, '[2]')}–{cite(4, '[4]')}",
    ],
)
def test_superscript_and_brackets_inside_a_marker_do_not_matter(body: str) -> None:
    assert groups(body) == [[1, 2, 3, 4]]


def test_a_range_backwards_or_with_a_hole_is_reported() -> None:
    refs = numbered(3) + numbered(9).split("</ref>")[8] + "</ref>"
    found = read(f"[{cite(3)}–{cite(1)}] x [{cite(1)}–{cite(9)}]", refs)
    assert [p.citations for p in found.paragraphs] == [((3, 1), (1, 2, 3, 9))]
    assert [problem.text for problem in found.problems] == [
        "3–1 is not a range of the list",
        "1–9 is not a range of the list",
    ]


# --- links ---------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ['rid="r7"', 'rid="r7" ref-type="ref"'])
def test_a_link_is_a_citation_because_of_its_target(link: str) -> None:
    assert groups(f"<xref {link}>7</xref>") == [[7]]


def test_a_link_to_one_form_of_an_entry_is_a_link_to_the_entry() -> None:
    refs = '<ref id="r1"><element-citation id="e1"/></ref>'
    assert groups(f"{cite('e1', '1')}", refs) == [[1]]


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('ref-type="bibr"', "`8` links to nothing"),
        ('ref-type="bibr" rid="gone"', "`8` links to `gone`, which is not a reference"),
    ],
)
def test_a_link_to_nothing_is_reported_with_its_line_and_never_guessed(
    link: str, text: str
) -> None:
    found = read(f"<p>{cite(1)}\n<xref {link}>8</xref></p>")
    assert [p.citations for p in found.paragraphs] == [((1,),)]
    (problem,) = found.problems
    assert (problem.text, problem.location and problem.location.line) == (text, 2)
    assert found.report.unresolved == 1


def test_an_article_whose_citations_are_not_marked_is_refused() -> None:
    with pytest.raises(TdrError, match=r"a\.xml:1: error: 20 references, none cited by mark-up"):
        read("It is known (Roe et al., 2012).")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<art><bdy/></art>", "is not JATS: its root is `art`, BioMed Central's own"),
        (b"<html><p>x</p></html>", "is not JATS: its root is `html`, a web page"),
        (b"<article/>", "is an `article` without `front` and `body`"),
        (
            b"<OAI-PMH><error code='idDoesNotExist'>No such item</error></OAI-PMH>",
            "holds no article; the archive said: No such item",
        ),
        (b"<article><front/><body/></article>", "has no reference list"),
        (b"<article><front/><back><ref-list><ref/></ref-list></back></article>", "has no body"),
    ],
)
def test_what_is_no_article_is_refused_with_its_name(data: bytes, said: str) -> None:
    with pytest.raises(TdrError) as refused:
        read_article(data, "a.xml")
    assert str(refused.value).startswith(f"a.xml:1: error: {said}")


# --- places --------------------------------------------------------------------------------


def test_rows_and_legends_are_places_of_their_own() -> None:
    found = read(
        f"<sec><title>Results</title><p>{cite(1)}</p>"
        f"<table-wrap><label>Table 2.</label><caption><p>T {cite(2)}</p></caption><table>"
        f"<tr><th>h</th></tr><tr><td>{cite(5)}</td><td>{cite(6)}</td></tr></table>"
        f"<table-wrap-foot><fn><p>{cite(7)}</p></fn></table-wrap-foot></table-wrap>"
        f"<fig><label>Figure 1</label><caption><title>x</title><p>L {cite(8)}</p></caption></fig>"
        "</sec>"
    )
    assert places(found) == {
        "Results": [[[1]]],
        "Results/table 2": [[], [[5], [6]], [[2]], [[7]]],
        "Results/figure 1": [[[8]]],
    }


def test_without_tables_their_citations_are_counted_and_left_out() -> None:
    data = article(
        f"<p>{cite(1)}</p><table-wrap><table><tr><td>{cite(5)}</td></tr></table></table-wrap>", 5
    )
    found = read_article(data, "a.xml", tables=False)
    assert places(found) == {"body": [[[1]]]}
    assert (found.report.left_out, found.report.never_cited) == (1, (2, 3, 4, 5))
    assert found.report.elsewhere == (5,)


def test_a_list_in_a_paragraph_belongs_to_it_but_not_to_the_groups_around_it() -> None:
    body = f"<p>A {cite(1)} <list><list-item><p>{cite(2)}</p></list-item></list> {cite(3)}.</p>"
    assert places(read(body)) == {"body": [[[1], [2], [3]]]}


def test_a_table_at_the_end_stands_where_it_is_called_first() -> None:
    wrap = '<table-wrap id="t{}"><label>Table {}</label><table><tr><td>{}</td></tr></table>'
    found = read(
        f"<sec><title>One</title><p>{cite(1)}</p></sec>"
        '<sec><title>Two</title><p>See <xref ref-type="table" rid="t1">Table 1</xref>.</p></sec>',
        after="<floats-group>"
        + "".join(wrap.format(n, n, cite(n + 1)) + "</table-wrap>" for n in (1, 2))
        + "</floats-group>",
    )
    assert places(found) == {
        "One": [[[1]]],
        "Two": [[]],
        "Two/table 1": [[[2]]],
        "floats/table 2": [[[3]]],
    }


def test_a_box_is_a_place_with_its_own_sections() -> None:
    body = (
        f"<sec><title>One</title><p>{cite(1)}<boxed-text><label>Box 1</label>"
        f"<p>{cite(2)}</p></boxed-text></p></sec>"
    )
    assert places(read(body)) == {"One": [[[1]]], "One/box 1": [[[2]]]}


def test_headings_become_paths_in_which_no_two_are_alike() -> None:
    long = "A heading that goes on and on until nobody can type it any more"
    titles = ("In vitro/in vivo", "In vitro/in vivo", "", long)
    body = "".join(f"<sec><title>{title}</title><p>{cite(1)}</p></sec>" for title in titles)
    assert list(places(read(f"<sec><title>R</title>{body}</sec>"))) == [
        "R/In vitro-in vivo",
        "R/In vitro-in vivo (2)",
        "R/section 3",
        "R/A heading that goes on and on until nobody can type it any",
    ]


def test_paragraphs_have_their_words_and_anchors() -> None:
    found = read(f'<p id="p7">Two words {cite(1)}</p>')
    (paragraph,) = found.paragraphs
    assert (paragraph.words, found.anchors) == (2, {paragraph.place: "p7"})


# --- parts ---------------------------------------------------------------------------------

REPLY = (
    '<sub-article id="S1" article-type="reply"><front-stub><title-group><article-title>Reply'
    f"</article-title></title-group></front-stub><body><p>{cite('q1', '1')}</p></body><back>"
    '<ref-list><ref id="q1"><label>1</label><mixed-citation>Own</mixed-citation></ref>'
    "</ref-list></back></sub-article>"
)


def test_a_reply_is_left_out_and_offered() -> None:
    found = read(cite(1), 1, after=REPLY)
    assert found.report.sub_articles == ("S1 reply",)
    assert len(found.references) == 1


def test_a_reply_that_is_asked_for_has_its_own_list() -> None:
    data = article(cite(1), 1, after=REPLY)
    found = read_article(data, "a.xml", sub_article="S1")
    assert found.record["title"] == "Reply"
    assert [(r.number, r.title, r.key) for r in found.references] == [(1, "Own", "q1")]
    with pytest.raises(TdrError, match="no sub-article `S9`; there are: S1"):
        read_article(data, "a.xml", sub_article="S9")


def test_back_matter_in_the_body_is_left_out_by_type_or_id() -> None:
    found = read(
        f"<sec><title>One</title><p>{cite(1)}</p></sec>"
        f'<sec id="notes1"><title>Author Contributions</title><p>{cite(2)}</p></sec>'
        f'<sec sec-type="ref-list"><sec><ref-list>{numbered(3)}</ref-list></sec></sec>',
        "",
    )
    assert found.report.back_matter == ("Author Contributions", "ref-list")
    assert (found.report.never_cited, found.report.elsewhere) == ((2, 3), (2,))


@pytest.mark.parametrize(
    "around",
    [
        "<pmc-articleset>{}</pmc-articleset>",
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><metadata>{}'
        "</metadata></record></GetRecord></OAI-PMH>",
    ],
)
def test_an_envelope_is_opened(around: str) -> None:
    data = around.format(article(cite(1)).decode()).encode()
    assert read_article(data, "a.xml").paragraphs[0].citations == ((1,),)


def test_one_of_several_articles_has_to_be_chosen() -> None:
    both = "".join(
        article(cite(n), front=f'<article-id pub-id-type="doi">10.1234/{n}</article-id>').decode()
        for n in (1, 2)
    )
    data = f"<pmc-articleset>{both}</pmc-articleset>".encode()
    with pytest.raises(TdrError, match=r"holds 2 articles; choose with --article: 1 \(10.1234/1\)"):
        read_article(data, "a.xml")
    for wanted in ("2", "10.1234/2"):
        found = read_article(data, "a.xml", article=wanted)
        assert found.paragraphs[0].citations == ((2,),)


def test_a_prefix_of_the_elements_does_not_matter() -> None:
    data = article(cite(1)).replace(b"<", b"<j:").replace(b"<j:/", b"</j:")
    assert read_article(data, "a.xml").paragraphs[0].citations == ((1,),)


def test_names_of_characters_are_resolved_with_or_without_a_dtd() -> None:
    body = f"<sec><title>TGF-&beta;&nbsp;1</title><p>{cite(1)}</p></sec>"
    for start in (b"", b'<!DOCTYPE article SYSTEM "x.dtd">'):
        assert list(places(read_article(start + article(body), "a.xml"))) == ["TGF-β 1"]
    with pytest.raises(TdrError, match=r"a\.xml:2: error: `&nosuch;` is not a character"):
        read_article(article("<p>\n&nosuch;</p>"), "a.xml")


def test_the_record_says_what_the_article_says_of_itself() -> None:
    found = read(
        cite(1),
        front='<article-id pub-id-type="doi">10.1234/A.1</article-id>'
        '<article-id pub-id-type="pmc">123</article-id>'
        '<contrib-group><contrib contrib-type="author"><name><surname>Roe</surname>'
        "<given-names>R. J.</given-names></name></contrib></contrib-group>"
        '<pub-date pub-type="ppub"><year>2025</year></pub-date>'
        '<pub-date pub-type="epub"><day>5</day><month>3</month><year>2024</year></pub-date>'
        '<permissions><license xlink:href="http://creativecommons.org/licenses/by-nc-nd/4.0/">'
        "<license-p>x</license-p></license></permissions>",
    )
    assert found.record == {
        "title": "T",
        "authors": ["Roe RJ"],
        "year": 2024,
        "published": "2024-03-05",
        "doi": "10.1234/A.1",
        "pmcid": "PMC123",
        "licence": "CC BY-NC-ND 4.0",
        "licence_url": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    }
