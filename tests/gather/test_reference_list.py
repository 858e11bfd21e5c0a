"""Entries of reference lists as real articles print and mark them."""

from __future__ import annotations

import pytest

from tests.gather.make import cite, numbered, read

REF = '<ref id="r1">{}</ref>'
NAMES = (
    '<person-group person-group-type="author"><name><surname>Roe</surname>'
    "<given-names>R. J.</given-names><suffix>Jr.</suffix></name><collab>The Group</collab><etal/>"
    "</person-group>"
)
FULL = (
    f"{NAMES}<article-title>Of <italic>m</italic><sup>2</sup>.</article-title>"
    "<source>J Exp</source><year>2015a</year><volume>8</volume><issue>1</issue>"
    '<fpage>12</fpage><lpage>19</lpage><pub-id pub-id-type="doi">https://doi.org/10.1234/A</pub-id>'
    '<pub-id pub-id-type="pmid">123</pub-id><pub-id pub-id-type="pmc">77</pub-id>'
)


def entry(inside: str) -> dict[str, object]:
    """The fields, as far as they are known, of the only entry of a list."""
    (reference,) = read(cite(1), REF.format(inside)).references
    known = {k: v for k, v in reference.to_dict().items() if v not in (None, [], "")}
    for name in ("number", "key", "cited_as", "status"):
        known.pop(name)
    return known


WHOLE = {
    "authors": ["Roe RJ Jr", "The Group", "et al."],
    "title": "Of m²",
    "journal": "J Exp",
    "year": 2015,
    "volume": "8",
    "issue": "1",
    "pages": "12-19",
    "doi": "10.1234/A",
    "pmid": "123",
    "pmcid": "PMC77",
}


@pytest.mark.parametrize(
    "inside",
    [
        *(f"<{tag}>{FULL}</{tag}>" for tag in
          ("element-citation", "mixed-citation", "nlm-citation", "citation")),
        f"<citation-alternatives><mixed-citation>Roe 2015 10.9/x</mixed-citation>"
        f"<element-citation>{FULL}</element-citation></citation-alternatives>",
        f"<mixed-citation>1. Roe RJ</mixed-citation><element-citation>{FULL}</element-citation>",
        f'<citation citation-type="display-unstructured">Roe</citation><citation>{FULL}</citation>',
    ],
)  # fmt: skip
def test_one_work_in_any_forms_is_one_reference_with_all_fields(inside: str) -> None:
    assert entry(inside) == WHOLE


def test_a_link_to_google_scholar_has_the_fields_where_nothing_else_has() -> None:
    assert entry(
        '<mixed-citation><named-content content-type="citation-string">Roe R. Of A &amp; B.'
        '</named-content><ext-link ext-link-type="doi" xlink:href="10.1234/b"/>'
        '<ext-link ext-link-type="google-scholar" xlink:href="journal=J Exp&amp;title=Of A &amp; B'
        "&amp;author=R.J. Roe&amp;author=A. van Lee&amp;volume=3&amp;publication_year=2006"
        '&amp;pages=7-9&amp;pmid=55&amp;"/></mixed-citation>'
    ) == {
        "authors": ["Roe RJ", "van Lee A"],
        "title": "Of A & B",
        "journal": "J Exp",
        "year": 2006,
        "volume": "3",
        "pages": "7-9",
        "doi": "10.1234/b",
        "pmid": "55",
    }


@pytest.mark.parametrize(
    ("inside", "doi"),
    [
        ("doi: 10.1234/a(1)b.", "10.1234/a(1)b"),
        ("(https://doi.org/10.1234/a)", "10.1234/a"),
        ('<ext-link xlink:href="http://dx.doi.org/10.1234/a">x</ext-link>', "10.1234/a"),
        ("version 10.12/a", None),
    ],
)
def test_a_doi_is_taken_from_wherever_it_stands(inside: str, doi: str | None) -> None:
    title = "<article-title>T</article-title>"
    assert entry(f"<mixed-citation>{title} {inside}</mixed-citation>").get("doi") == doi


def test_a_page_with_a_letter_stays_text_and_a_year_that_is_none_is_absent() -> None:
    found = entry(
        "<element-citation><article-title>T</article-title><year>in press</year>"
        "<elocation-id>4002.e26</elocation-id></element-citation>"
    )
    assert found == {"title": "T", "pages": "4002.e26"}


def test_a_book_has_its_name_as_title() -> None:
    inside = '<element-citation publication-type="book"><source>A Book</source></element-citation>'
    assert entry(inside) == {"title": "A Book"}


def test_an_entry_without_marked_title_is_kept_as_printed_and_not_counted() -> None:
    found = read(
        cite(1), REF.format("<label>1.</label><mixed-citation>Roe R. 2001.</mixed-citation>")
    )
    assert found.references[0].title == "Roe R. 2001."
    assert (len(found.references), found.report.titles) == (1, 0)


def test_an_entry_of_two_works_has_the_second_in_its_note_and_is_reported() -> None:
    inside = "".join(
        f"<mixed-citation>({x})<article-title>Work {x}</article-title></mixed-citation>"
        for x in "ab"
    )
    found = read(cite(1), REF.format(f"<label>23</label>{inside}"))
    (reference,) = found.references
    assert (reference.number, reference.title) == (23, "Work a")
    assert reference.note == "The entry also lists: (b)Work b"
    assert [problem.text for problem in found.problems] == ["reference 23 lists 2 works"]


@pytest.mark.parametrize("label", ["{}.", "[{}]", "({})", "{}"])
def test_the_number_is_the_label_whatever_is_around_it(label: str) -> None:
    refs = "".join(reversed(numbered(3, label).replace("</ref>", "</ref>|").split("|")))
    found = read(cite(3), refs)
    assert [(r.number, r.title) for r in found.references] == [
        (1, "Work 1"),
        (2, "Work 2"),
        (3, "Work 3"),
    ]


@pytest.mark.parametrize("label", ["", "Roe ({})", "7"])
def test_without_different_numbers_the_order_counts_and_the_id_never(label: str) -> None:
    refs = "".join(
        f'<ref id="bib{n}0"><label>{label.format(n)}</label>'
        f"<mixed-citation>W{n}</mixed-citation></ref>"
        for n in (1, 2)
    )
    found = read(cite("bib20", "x"), refs)
    assert [(r.number, r.key) for r in found.references] == [(1, "bib10"), (2, "bib20")]
    assert found.paragraphs[0].citations == ((2,),)


def test_further_reading_follows_the_list_as_background() -> None:
    further = (
        '</ref-list><ref-list><title>Further reading</title><ref id="x"><label>1</label>'
        "<mixed-citation>More</mixed-citation></ref>"
    )
    found = read(cite(1), numbered(2) + further)
    assert [(r.number, r.cited_as, r.note) for r in found.references] == [
        (1, "claim", None),
        (2, "claim", None),
        (3, "background", "Listed under `Further reading`, not cited in the text."),
    ]
