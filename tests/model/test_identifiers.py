"""Identifiers of papers, as people paste them."""

from __future__ import annotations

import pytest

from tdr.model.identifiers import Identifier, identifier


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
