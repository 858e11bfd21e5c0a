"""References for reference managers: golden files, known pitfalls, read back by real readers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from bibtexparser import middlewares
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tdr.ask.evidence import Evidence
from tdr.model.publication import Publication
from tdr.model.text import visible
from tdr.model.values import NO_TITLE, Reference
from tdr.render.citations import bibtex, csl, ris, vancouver
from tdr.render.latex import one_line
from tests.fuzz import examples

GOLDEN = Path(__file__).resolve().parent.parent / "golden/citations"
PLAIN = Reference(1, ("Doe J", "Roe R"), "Plain title", "J Exp", 2021, "7", "2", "10-19")


def reference(**fields: Any) -> Reference:
    return Reference(**(PLAIN.to_dict() | {"number": 138} | fields))


def in_bibtex(*, ascii: bool = False, **fields: Any) -> str:
    return "".join(bibtex([Publication.of(reference(**fields))], ascii=ascii))


def in_ris(**fields: Any) -> str:
    return "".join(ris([Publication.of(reference(**fields))]))


def in_csl(**fields: Any) -> Any:
    (item,) = json.loads("".join(csl([Publication.of(reference(**fields))])))
    return item


# --- golden files --------------------------------------------------------------------------

TELLING = (1, 5, 13, 72, 80, 116, 130, 138, 147, 150)
"""References with a suffix, an identifier, Greek letters, no year, a mangled list of authors,
particles, an issue, an article number."""


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("refs.bib", bibtex),
        ("refs-ascii.bib", lambda them: bibtex(them, ascii=True)),
        ("refs.ris", ris),
        ("refs.json", csl),
    ],
)
def test_references_as_they_stand_in_a_file(evidence: Evidence, name: str, write: Any) -> None:
    chosen = [Publication.of(evidence.references[number]) for number in TELLING]
    assert "".join(write(chosen)) == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("write", "text"), [(ris, ""), (csl, "[]\n"), (lambda none: list(bibtex(none))[1:], "")]
)
def test_no_reference_is_an_empty_file(write: Any, text: str) -> None:
    assert "".join(write([])) == text


def test_what_stands_for_a_missing_title_is_told_to_people_only() -> None:
    assert "title" not in in_bibtex(title=NO_TITLE)
    assert "TI  - " not in in_ris(title=NO_TITLE)
    assert "title" not in in_csl(title=NO_TITLE)
    assert " (no title). " in vancouver(Publication.of(reference(title=NO_TITLE)))


# --- twelve pitfalls -----------------------------------------------------------------------


def test_pitfall_1_characters_with_a_meaning_in_latex_are_escaped() -> None:
    shown = in_bibtex(title=r"A & B, 5 % of $ # _ {x} ~ ^ \ end")
    assert (
        r"{A \& {B}, 5 \% of \$ \# \_ \textbraceleft{}x\textbraceright{} \textasciitilde{}"
        r" \textasciicircum{} \textbackslash{} end}"
    ) in shown
    assert r"journal = {Cell \& Bone}" in in_bibtex(journal="Cell & Bone")


def test_pitfall_2_a_doi_and_its_address_are_verbatim() -> None:
    shown = in_bibtex(doi="10.1000/a_b(1)#2")
    assert "doi = {10.1000/a_b(1)#2}" in shown
    assert "url = {https://doi.org/10.1000/a_b(1)%232}" in shown


def test_pitfall_3_et_al_is_no_person() -> None:
    names = ["Doe J", "et al."]
    assert "author = {Doe, J. and others}" in in_bibtex(authors=names)
    assert re.findall("AU  - (.*)", in_ris(authors=names)) == ["Doe, J."]
    assert in_csl(authors=names)["author"] == [{"family": "Doe", "given": "J."}]


def test_pitfall_4_authors_are_joined_as_each_format_wants() -> None:
    assert "author = {Doe, J. and Roe, R.}" in in_bibtex()
    assert "AU  - Doe, J.\nAU  - Roe, R.\n" in in_ris()


def test_pitfall_5_the_key_is_the_number_that_users_know() -> None:
    assert "@article{ref138,\n" in in_bibtex()
    assert "ID  - ref138\n" in in_ris()
    assert Publication.of(reference(), prefix="lab-ref").key == "lab-ref138"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("CCL2-mediated monocytes in PDAC", "{CCL2-mediated} monocytes in {PDAC}"),
        ("Tumor T cells and miR-423-5p", "Tumor {T} cells and {miR-423-5p}"),
        ("A Link protein in NF-κB signaling", "A Link protein in {NF-κB} signaling"),
        ("Type II and 2021", "Type {II} and 2021"),
        ("The PI3K/Akt/mTOR axis of Myc-CaP", "The {PI3K/Akt/mTOR} axis of {Myc-CaP}"),
        ("Miller-Payne grade (O’Brien)", "{Miller-Payne} grade ({O’Brien})"),
        ("BRAF(V600E), X-ray and St.Gallen", "{BRAF(V600E}), {X-ray} and {St.Gallen}"),
        ("Small-cell cancer, 5-fluorouracil", "Small-cell cancer, 5-fluorouracil"),
    ],
)
def test_pitfall_6_words_with_capitals_inside_digits_or_greek_are_braced_whole(
    title: str, written: str
) -> None:
    assert f"title = {{{written}}}" in in_bibtex(title=title)


def test_pitfall_7_a_group_stays_whole() -> None:
    names = ["NSABP and Group", "Doe J"]
    assert "author = {{NSABP and Group} and Doe, J.}" in in_bibtex(authors=names)
    assert "AU  - NSABP and Group\n" in in_ris(authors=names)
    assert in_csl(authors=names)["author"][0] == {"literal": "NSABP and Group"}


def test_pitfall_7_a_group_in_braces_is_no_person_and_loses_them() -> None:
    names = ["{COMBI AD}", "Doe J"]
    assert "author = {{COMBI AD} and Doe, J.}" in in_bibtex(authors=names)
    assert "AU  - COMBI AD\nAU  - Doe, J.\n" in in_ris(authors=names)
    assert in_csl(authors=names)["author"][0] == {"literal": "COMBI AD"}
    assert vancouver(Publication.of(reference(authors=names))).startswith("COMBI AD, Doe J. ")


def test_pitfall_8_greek_is_utf_8_that_the_file_says_so_or_a_command() -> None:
    title = "NF-κB, TGF‑β and Núñez’s ‘naïve’ cells – γδ"
    plain, commands = in_bibtex(title=title), in_bibtex(title=title, ascii=True)
    assert plain.startswith("% Encoding: UTF-8\n")
    assert "{NF-κB}" in plain
    assert commands.startswith("% Encoding: US-ASCII\n")
    assert commands.isascii()
    assert (
        r"{NF-$\kappa$B}, {TGF-$\beta$} and N{\'{u}}{\~{n}}ez's `na{\"{i}}ve' cells --"
        r" {$\gamma$$\delta$}"
    ) in commands
    assert r"\textbackslash{}u4e2d" in in_bibtex(title="中", ascii=True)


def test_pitfall_9_accents_are_composed() -> None:
    name = unicodedata.normalize("NFD", "Méar L")
    for text in (in_bibtex(authors=[name]), in_ris(authors=[name])):
        assert "Méar, L." in text
    assert in_csl(authors=[name])["author"][0]["family"] == "Méar"


def test_pitfall_10_a_ris_record_is_whole_and_ends_as_it_should() -> None:
    text = in_ris()
    assert text.startswith("TY  - JOUR\n")
    assert text.endswith("\nER  - \n\n")
    assert "\n\n" not in text[:-1]


def test_pitfall_11_the_journal_stands_in_both_tags() -> None:
    assert "T2  - J Exp\nJO  - J Exp\n" in in_ris()


def test_pitfall_12_pages_are_split_dates_nested_ids_texts() -> None:
    assert "SP  - 10\nEP  - 19\n" in in_ris()
    assert "pages = {10--19}" in in_bibtex()
    assert "pages = {1207--1222.e10}" in in_bibtex(pages="1207–1222.e10")
    assert "SP  - e2106031\n" in in_ris(pages="e2106031")
    assert "EP" not in in_ris(pages="e2106031")
    item = in_csl()
    assert (item["id"], item["page"]) == ("ref138", "10-19")
    assert item["issued"] == {"date-parts": [[2021]]}
    assert "issued" not in in_csl(year=None)


def test_a_retracted_paper_says_so() -> None:
    assert "note = {Retracted}" in in_bibtex(status="retracted")
    assert "N1  - Retracted\n" in in_ris(status="retracted")
    assert in_csl(status="retracted")["note"] == "Retracted"
    assert "note" not in in_csl(status="correction")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "Doe J, Roe R. Plain title. J Exp 2021;7(2):10-19."),
        ({"authors": ["Doe J", "et al."], "title": "Why?", "year": None, "volume": None},
         "Doe J, et al. Why? J Exp:10-19."),
    ],
)  # fmt: skip
def test_one_line_is_in_the_order_of_medical_journals(fields: dict[str, Any], line: str) -> None:
    assert vancouver(Publication.of(reference(**fields))) == line


# --- read back -----------------------------------------------------------------------------


def read_bibtex(text: str) -> list[dict[str, Any]]:
    library = bibtexparser.parse_string(
        text,
        append_middleware=[
            middlewares.SeparateCoAuthors(),
            middlewares.SplitNameParts(),
            middlewares.LatexDecodingMiddleware(),
        ],
    )
    assert not library.failed_blocks
    return [
        {"key": entry.key} | {field.key: field.value for field in entry.fields}
        for entry in library.entries
    ]


def family(parts: Any) -> str:
    return re.sub(r"^{(.*)}$", r"\1", " ".join((*parts.von, *parts.last)))


def read_ris(text: str) -> list[dict[str, Any]]:
    return list(rispy.loads(text))


def families(names: Sequence[str]) -> list[str]:
    return [re.sub(r" [A-Z]\S*( Jr)?$", "", name) for name in names if name != "et al."]


def test_bibtexparser_reads_every_reference_back(evidence: Evidence) -> None:
    them = list(evidence.references.values())
    entries = read_bibtex("".join(bibtex(map(Publication.of, them))))
    assert [entry["key"] for entry in entries] == [f"ref{one.number}" for one in them]
    for one, entry in zip(them, entries, strict=True):
        names = [family(parts) for parts in entry["author"]]
        assert names == families(one.authors) + ["others"] * ("et al." in one.authors)
        assert entry["title"].replace("{", "").replace("}", "") == one.title
        assert entry["journal"] == one.journal
        for name in ("volume", "doi", "pmid", "pmcid"):
            assert entry.get(name) == getattr(one, name)
        assert entry.get("number") == one.issue
        assert entry.get("year") == (str(one.year) if one.year else None)
        assert entry.get("pages", "").replace("–", "-").replace("--", "-") == (one.pages or "")


def test_rispy_reads_every_reference_back(evidence: Evidence) -> None:
    them = list(evidence.references.values())
    entries = read_ris("".join(ris(map(Publication.of, them))))
    assert [entry["id"] for entry in entries] == [f"ref{one.number}" for one in them]
    for one, entry in zip(them, entries, strict=True):
        assert [name.split(",")[0] for name in entry["authors"]] == families(one.authors)
        assert entry["title"] == one.title
        assert entry["secondary_title"] == entry["journal_name"] == one.journal
        for tag, name in ("volume", "volume"), ("number", "issue"), ("doi", "doi"):
            assert entry.get(tag) == getattr(one, name)
        assert entry.get("year") == (str(one.year) if one.year else None)
        pages = [entry[part] for part in ("start_page", "end_page") if part in entry]
        assert "-".join(pages) == (one.pages or "")


HOSTILE = (
    "}", "{", "}}, @article{evil, title={x}", "\n@article{evil,\n", "@", "x\nER  - \nTY  - JOUR",
    "\r\nER  - ", "a\x0bER  - ", "\u2028TY  - JOUR", "\\", "\\input{/etc/passwd}", "$", "%", '"',
    "\u202egnp.exe", "\udcff", "\x00", "\x1b[2J", "a and b", "others", ", , ,", "]]>", "=cmd()",
    "</script>",
)  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)).map(lambda text: f"x{text}x")


@given(texts, texts, texts)
@example("x}", "{x", 'x"')
@settings(max_examples=examples(2))
def test_any_text_stays_in_its_field_of_its_record(title: str, name: str, journal: str) -> None:
    """Hazard 74."""
    them = [reference(title=title, authors=[name, "Doe J"], journal=journal), PLAIN]
    published = [Publication.of(one) for one in them]

    first, second = read_bibtex("".join(bibtex(published)))
    assert (first["key"], second["key"]) == ("ref138", "ref1")
    assert len(first["author"]) == len(second["author"]) == 2
    assert set(first) == set(second) == {"key", "author", "title", "journal", "year", "volume",
                                         "number", "pages"}  # fmt: skip

    first, second = read_ris("".join(ris(published)))
    assert (first["title"], first["journal_name"]) == (one_line(title), one_line(journal))
    assert len(first["authors"]) == 2
    assert set(first) == set(second)

    first, second = json.loads("".join(csl(published)))
    assert first["title"] == unicodedata.normalize("NFC", title)
    assert second["id"] == "ref1"


@given(texts)
@settings(max_examples=examples(2))
def test_what_is_written_is_one_printable_line_a_field(text: str) -> None:
    one = [Publication.of(reference(title=text, doi=text, pages=text, pmid=text))]
    assert len("".join(ris(one)).splitlines()) == len("".join(ris(one)).split("\n")) - 1
    for written in ("".join(bibtex(one)), "".join(bibtex(one, ascii=True)), "".join(ris(one))):
        written.encode("utf-8")
        assert all(visible(line) == line for line in written.split("\n"))
    for written in ("".join(bibtex(one)), "".join(bibtex(one, ascii=True))):
        assert written.count("{") == written.count("}")
    assert "".join(bibtex(one, ascii=True)).isascii()


SAID_OTHERWISE = "^~{}-'`?!<>,\""
"""What LaTeX has signs for that the reader makes other characters of (`--` is a dash)."""


@given(
    st.text(
        st.characters(
            exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn"], exclude_characters=SAID_OTHERWISE
        ),
        max_size=40,
    )
)
@settings(max_examples=examples(2))
def test_a_title_comes_back_from_bibtex_as_it_was(text: str) -> None:
    (entry,) = read_bibtex(in_bibtex(title=f"x {text} x"))
    assert re.sub("[{}]", "", entry["title"]) == one_line(f"x {text} x")
