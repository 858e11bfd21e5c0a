"""Identifiers of papers, as people paste them."""

from __future__ import annotations

import pytest

from tdr.model.identifiers import Identifier, clean_doi, first_doi, identifier


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("10.1016/j.ccell.2022.08.012", "doi", "10.1016/j.ccell.2022.08.012"),
        ("doi: 10.1016/j.ccell.2022.08.012", "doi", "10.1016/j.ccell.2022.08.012"),
        ("https://doi.org/10.1016/j.ccell.2022.08.012", "doi", "10.1016/j.ccell.2022.08.012"),
        ("https://www.science.org/doi/10.1126/sciadv.abh2169", "doi", "10.1126/sciadv.abh2169"),
        ("36084651", "pmid", "36084651"),
        ("PMID: 99", "pmid", "99"),
        ("pubmed:99", "pmid", "99"),
        ("https://pubmed.ncbi.nlm.nih.gov/36084651/", "pmid", "36084651"),
        ("pmc7149500", "pmcid", "PMC7149500"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC7149500/", "pmcid", "PMC7149500"),
    ],
)
def test_an_identifier_is_known_with_and_without_what_stands_around_it(
    text: str, field: str, value: str
) -> None:
    assert identifier(f" {text} ") == Identifier(field, value)


@pytest.mark.parametrize(
    "text", ["", "138", "10.", "TAM 10.1016/j.x", "10.1016/a b", "CD8+", "2022-", "javascript:1"]
)
def test_other_texts_are_no_identifiers(text: str) -> None:
    assert identifier(text) is None


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("see <i>10.1000/a&amp;b</i>.", "10.1000/a&b"),
        ("(doi: 10.1016/S0140-6736(05)66988-4).", "10.1016/S0140-6736(05)66988-4"),
        ("10.1000%2F182/full?x=1", "10.1000/182"),
        ("10.1002/(SICI)79:1<1::AID-CNCR1>3.0.CO;2", "10.1002/(SICI)79:1<1::AID-CNCR1>3.0.CO;2"),
        ("10.1002/(SICI)1<1::A>3.0.CO;2-#", "10.1002/(SICI)1<1::A>3.0.CO;2-#"),
        (
            "https://doi.org/10.1002/(SICI)1%3C1::A%3E3.0.CO;2-%23",
            "10.1002/(SICI)1<1::A>3.0.CO;2-#",
        ),
        ("10.1000/182#section-2", "10.1000/182"),
        ("10.1/x", ""),
    ],
)
def test_what_clings_to_a_doi_is_taken_off(text: str, doi: str) -> None:
    assert clean_doi(text) == doi


@pytest.mark.parametrize(
    "text",
    ["10.1000/182 and 10.1000/183", "10.1000/182,10.1000/183", "10.1000/182;doi:10.1000/183",
     "10.1000/182](https://doi.org/10.1000/182)", "10.1000/182 def", '10.1000/182"junk'],
)  # fmt: skip
def test_what_is_followed_by_more_may_have_been_cut_and_is_no_doi(text: str) -> None:
    assert clean_doi(text) == ""
    assert identifier(text) is None
    assert first_doi(text) == "10.1000/182"


def test_digits_before_a_doi_are_part_of_no_doi() -> None:
    assert first_doi("910.1000/182") == ""
