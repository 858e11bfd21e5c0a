"""Bibliographies as programs write them: every record is a reference or says why not."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdr.gather.bibliographies import read_bibliography
from tdr.gather.items import Item
from tdr.model.errors import TdrError
from tests.fuzz import examples


def items(data: bytes | str) -> list[Item]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_bibliography(BytesIO(raw), "f"))


def only(data: bytes | str) -> dict[str, object]:
    """The known fields of the only record, which is sound."""
    (item,) = items(data)
    assert item.reference is not None
    assert item.problems == ()
    known = {k: v for k, v in item.reference.to_dict().items() if v not in (None, [], "")}
    for name in ("number", "cited_as", "status"):
        known.pop(name)
    return known


def said(data: bytes | str) -> list[tuple[int | None, str]]:
    return [
        (problem.location and problem.location.line, problem.text)
        for item in items(data)
        for problem in item.problems
    ]


WHOLE = {
    "authors": ["Roe RJ Jr", "The Group"],
    "title": "On T cells",
    "journal": "J Exp",
    "year": 2013,
    "volume": "8",
    "issue": "2",
    "pages": "3-9",
    "doi": "10.1234/A",
    "pmid": "12",
    "pmcid": "PMC34",
}

RIS = """TY  - JOUR
AU  - Roe, R. J., Jr.
A1  - The Group
TI  - On T
 cells

T2  - J Exp
Y1  - 2013/05/28
DA  - 2014/04/01
VL  - 8
IS  - 2
SP  - 3
EP  - 9
DO  - https://doi.org/10.1234/A
UR  - https://pubmed.ncbi.nlm.nih.gov/12/
C2  - PMC34
ER  -
"""
NBIB = """PMID- 12
TI  - On T
      cells.
FAU - Roe, Robert J Jr
AU  - Roe RJ Jr
CN  - The Group
TA  - J Exp
DP  - 2013 May 28
VI  - 8
IP  - 2
PG  - 3-9
LID - 10.1234/A [doi]
PMC - PMC34
"""
PUBMED = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>12</PMID><Article><Journal>
<JournalIssue><Volume>8</Volume><Issue>2</Issue><PubDate><MedlineDate>2013 May-Jun</MedlineDate>
</PubDate></JournalIssue><ISOAbbreviation>J Exp</ISOAbbreviation></Journal>
<ArticleTitle>On <i>T</i> cells.</ArticleTitle><Pagination><MedlinePgn>3-9</MedlinePgn></Pagination>
<AuthorList><Author><LastName>Roe</LastName><Initials>RJ</Initials><Suffix>Jr</Suffix></Author>
<Author><CollectiveName>The Group</CollectiveName></Author></AuthorList></Article></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1234/A</ArticleId>
<ArticleId IdType="pmc">PMC34</ArticleId></ArticleIdList><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="doi">10.9999/cited</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle></PubmedArticleSet>"""
CSL = """[{"author": [{"family": "Roe", "given": "R. J.", "suffix": "Jr."},
{"literal": "The Group"}], "title": "On <i>T</i> cells", "container-title": "J Exp",
"issued": {"date-parts": [["2013", 5]]}, "volume": 8, "issue": "2", "page": "3-9",
"DOI": "10.1234/A", "PMID": "12", "PMCID": "34"}]"""
BIBTEX = r"""@string{jx = "J"}
@article{roe, author = {Roe, Jr., R. J. and {The Group}}, title = "On {T} cells",
 journal = jx # { Exp}, year = 2013, volume = {8}, number = 2, pages = {3--9},
 doi = {https://doi.org/10.1234/A}, pmid = {12}, pmcid = {PMC34}}"""


@pytest.mark.parametrize("data", [RIS, NBIB, PUBMED, CSL], ids=["ris", "nbib", "pubmed", "csl"])
def test_all_fields_are_read(data: str) -> None:
    assert only(data) == WHOLE


def test_all_fields_of_bibtex_are_read() -> None:
    pytest.importorskip("bibtexparser")
    assert only(BIBTEX) == WHOLE | {"key": "roe"}


@pytest.mark.parametrize("data", [RIS, NBIB], ids=["ris", "nbib"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends_lose_nothing(data: str, end: str) -> None:
    """Hazard 70."""
    assert only(b"\xef\xbb\xbf" + data.replace("\n", end).encode()) == WHOLE


def test_an_end_mark_inside_an_abstract_ends_nothing() -> None:
    """Hazard 70."""
    data = "TY  - JOUR\nTI  - T\nAB  - Of the\nER  - stress response\nAU  - Roe, R\nER  - \n"
    assert only(data) == {"title": "T", "authors": ["Roe R"]}


def test_a_record_without_end_and_lines_between_records_are_accounted_for() -> None:
    """Hazard 70."""
    data = "Provider: X\nAU  - lost\nTY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\nER  -\nLink to it\n"
    assert [item.reference and item.reference.title for item in items(data)] == [None, "A", "B"]
    assert said(data) == [
        (2, "field `AU` outside of a record, which begins with `TY  - `"),
        (3, "record without its end mark `ER  - `"),
    ]


@pytest.mark.parametrize("start", [b"TY  - JOUR\nTI  - ", b"PMID- 1\nTI  - "])
def test_latin_1_is_read_and_said(start: bytes) -> None:
    """Hazard 70."""
    (item,) = items(start + b"caf\xe9\n")
    assert item.reference
    assert item.reference.title == "café"
    assert "is not UTF-8; read as Windows-1252" in [problem.text for problem in item.problems]


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        (["AU  - Roe R", "AU  - Lee A"], ["Roe R", "Lee A"]),
        (["FAU - Roe, Ruth", "FAU - Lee, A"], ["Roe R", "Lee A"]),
        (["FAU - Roe, Robert J Jr"], ["Roe RJ Jr"]),
        (["FAU - Roe, Ruth", "AU  - Roe R", "CN  - G", "AU  - Lee A"], ["Roe R", "G", "Lee A"]),
    ],
)
def test_authors_of_nbib_are_read_with_or_without_their_full_names(
    lines: list[str], authors: list[str]
) -> None:
    """Hazard 70."""
    assert only("\n".join(("PMID- 1", "TI  - T", *lines)))["authors"] == authors


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Vonderheide, Robert H.", "Vonderheide RH"),
        ("Kim, Ji-Ho", "Kim JH"),
        ("van Mil, LWHG", "van Mil LWHG"),
        ("Wang, H-f", "Wang H-f"),
        ("Weaver, Katherine L., Jr", "Weaver KL Jr"),
        ("Doe J, Jr.", "Doe J Jr"),
        ("Li, Bo", "Li Bo"),
        ("张, 伟明", "张 伟明"),
    ],
)
def test_given_names_become_initials_as_lists_print_them(name: str, printed: str) -> None:
    assert only(f"TY  - JOUR\nTI  - T\nAU  - {name}\nER  - \n")["authors"] == [printed]


def test_a_record_without_title_or_with_a_wrong_doi_is_kept_and_reported() -> None:
    data = "TY  - JOUR\nDO  - see 10.1\nER  - \n"
    assert said(data) == [
        (1, "the record has no title; it is kept as `(no title)`"),
        (1, "`see 10.1` is not a DOI; the field is left out"),
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("TY  - JOUR\nTI  - T\nPY  - twenty\nER  - \n",
         ["`twenty` is not a year; the field is left out"]),
        ("PMID- abc\nTI  - T\nPMC - x\n",
         ["`abc` is not a PMID; the field is left out",
          "`x` is not a PMCID; the field is left out"]),
        ('{"title": "T", "PMID": "abc"}', ["`abc` is not a PMID; the field is left out"]),
        ('{"title": "T", "issued": {"date-parts": [[null]]}}', []),
    ],
)  # fmt: skip
def test_what_is_no_year_or_identifier_is_left_out_and_said(data: str, told: list[str]) -> None:
    assert [text for _, text in said(data)] == told


def test_a_person_who_is_written_like_a_group_is_said() -> None:
    names = ("Doe, Jane", "John Public", "Roe R", "J. Poe", "The X Consortium")
    data = "TY  - JOUR\nTI  - T\n" + "".join(f"AU  - {name}\n" for name in names) + "ER  - \n"
    assert said(data) == [
        (1, "`John Public`, `J. Poe` are taken for a group; a person is written `Public, John`")
    ]


def test_several_names_in_one_field_are_parted_and_said() -> None:
    data = "TY  - JOUR\nTI  - T\nAU  - Keller M., Osei K\nAU  - Smith J, MD\nER  - \n"
    (item,) = items(data)
    assert item.reference is not None
    assert item.reference.authors == ("Keller M", "Osei K", "Smith J, MD")
    assert said(data) == [
        (1, "author `Keller M., Osei K` holds several names; read as 2"),
        (1, "author `Smith J, MD` may hold several names; kept as it stands"),
    ]


def test_bibtex_repairs_names_and_follows_crossref() -> None:
    """Hazard 70."""
    pytest.importorskip("bibtexparser")
    entry, book = items(
        r"@article{a, author={van der Roe, R. and Ann Lee and {The {TCGA} Network} and others},"
        r"title={Caf{\'e} \& more}, crossref={b}} @book{b, title={Book}, year=2011}"
    )
    assert entry.reference is not None
    assert entry.reference.authors == ("van der Roe R", "Lee A", "The TCGA Network", "et al.")
    assert entry.reference.title == "Café & more"
    assert (entry.reference.journal, entry.reference.year) == ("Book", 2011)
    assert book.reference
    assert book.reference.title == "Book"


@pytest.mark.parametrize(
    "record",
    [
        "@article{a, author = {{COMBI AD} and Doe, J.}, title = {T}}",
        '[{"author": [{"literal": "COMBI AD"}, {"family": "Doe", "given": "J"}], "title": "T"}]',
        "PMID- 1\nCN  - COMBI AD\nAU  - Doe J\nTI  - T\n",
        "TY  - JOUR\nAU  - {COMBI AD}\nAU  - Doe, J.\nTI  - T\nER  - \n",
    ],
)
def test_a_group_whose_name_looks_like_a_persons_stays_one(record: str) -> None:
    pytest.importorskip("bibtexparser")
    (item,) = items(record)
    assert item.reference
    assert item.reference.authors == ("{COMBI AD}", "Doe J")


def test_titles_have_no_markup_and_formulas_stand_on_the_line() -> None:
    (ris,) = items("TY  - JOUR\nTI  - <i>TP53</i> and Ca<sup>2+</sup>, p < 0.05\nER  - \n")
    assert ris.reference
    assert ris.reference.title == "TP53 and Ca2+, p < 0.05"
    pytest.importorskip("bibtexparser")
    (formula,) = items(r"@article{a, title={H$_2$O$_{2}$ for \$5}, doi={10.1000/a\_b}}")
    assert formula.reference
    assert (formula.reference.title, formula.reference.doi) == ("H2O2 for $5", "10.1000/a_b")


def test_a_chapter_has_no_identifier_of_its_book() -> None:
    pytest.importorskip("bibtexparser")
    chapter, _ = items(
        "@incollection{a, title={A}, crossref={b}}\n"
        "@book{b, title={B}, editor={Doe, J}, doi={10.1000/1}, pmid={12345}, year=2011}"
    )
    assert chapter.reference
    assert (chapter.reference.year, chapter.reference.identifiers) == (2011, ())


@pytest.mark.parametrize(
    "data",
    [
        "TY  - BOOK\nTI  - T\nA2  - Doe, J\nER  - \n",
        '{"title": "T", "editor": [{"family": "Doe"}]}',
    ],
)
def test_editors_that_are_left_out_are_said(data: str) -> None:
    assert said(data) == [(1, "the record has editors and no authors; editors are left out")]


def test_authors_of_csl_may_be_texts() -> None:
    (item,) = items('{"title": "T", "author": "Doe J, Roe R"}')
    assert item.reference
    assert item.reference.authors == ("Doe J", "Roe R")


def test_bibtex_entries_that_are_repeated_nameless_or_broken_are_reported() -> None:
    """Hazard 70."""
    pytest.importorskip("bibtexparser")
    data = "@book{a, title={A}}\n@book{a, title={B}}\n@book{, title={C}}\n@book{d, title={D\n"
    assert [item.reference and item.reference.title for item in items(data)] == [
        "A",
        "B",
        "C",
        None,
    ]
    problems = said(data)
    assert problems[:2] == [(2, "key `a` is repeated"), (3, "entry without a key")]
    assert problems[2][0] == 4
    assert problems[2][1].startswith("cannot be read: ")


def test_csl_items_that_are_none_are_reported_with_their_line() -> None:
    data = '{"items": [{"title": "A"},\n 3,\n {"title": "B"}]}'
    assert [item.reference and item.reference.title for item in items(data)] == ["A", None, "B"]
    assert said(data) == [(2, "an item must be an object")]
    with pytest.raises(TdrError, match="f:2: error: is not JSON"):
        items('[{"title": "A"},\n {"title"')
    with pytest.raises(TdrError, match="is not JSON: nested too deeply"):
        items("[" * 100_000)


def test_what_is_no_bibliography_is_refused() -> None:
    with pytest.raises(TdrError, match="f: error: is not a bibliography that tdr reads: RIS"):
        items("hello\n")


@settings(max_examples=examples(2))
@given(st.data())
def test_no_record_is_lost_without_a_word(data: st.DataObject) -> None:
    """Hazard 70."""
    text = st.text("abc é\n\r-ER ", max_size=30)
    titles = data.draw(st.lists(st.integers(0, 99), min_size=1, max_size=6))
    body = "".join(
        f"TY  - JOUR\nTI  - T{n}\nAB  - {data.draw(text)} x\n"
        + data.draw(st.sampled_from(["ER  - \n", "ER  -\n\n", ""]))
        for n in titles
    )
    found = [item.reference.title for item in items(body) if item.reference]
    assert found == [f"T{n}" for n in titles]
