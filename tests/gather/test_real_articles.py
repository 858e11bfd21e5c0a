"""Real articles of many publishers, read whole. An independent extractor counted the same
references and citations; it joins six groups where a bracket is never closed in print.

They belong to their authors and lie beside the checkout, never inside; without them these
tests skip.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tdr.gather.jats import Article, read_article
from tdr.model.errors import TdrError
from tests.conftest import ROOT

HERE = Path(os.environ.get("TDR_JATS", ROOT.parent / "shared/jats"))

# name: references, titles, DOIs, PMIDs; links, added by ranges, ranges; groups;
# paragraphs that cite, all paragraphs; never cited.
COUNTS: dict[str, tuple[tuple[int, ...], tuple[int, ...], int, tuple[int, int], list[int]]] = {
    "bmc-PMC1289294-melanoma-articleset.nxml": ((41, 41, 28, 39), (53, 7, 4), 40, (13, 28), []),
    "bmc-PMC13159321-alternatives.xml": ((80, 71, 79, 74), (90, 9, 6), 71, (19, 31), []),
    "elife-02935-cancer-subarticle.xml": ((59, 59, 54, 0), (97, 0, 0), 65, (32, 60), []),
    "frontiers-PMC13047111-review-2026.xml": ((72, 72, 58, 52), (296, 24, 15), 143, (90, 121), []),
    "hindawi-PMC4736972-notch-breast-review.xml": ((60, 60, 56, 55), (84, 4, 3), 61, (12, 13), []),
    "mdpi-PMC13118505-review-2026.xml": ((104, 104, 84, 37), (150, 0, 0), 131, (64, 81), []),
    "mdpi-PMC13258885-review-2026-flat.xml": ((112, 112, 98, 54), (199, 0, 0), 177, (78, 89), []),
    "nature-PMC4395659-review-sup.xml": ((55, 55, 0, 46), (75, 0, 0), 48, (8, 10), []),
    "oup-ptag100-rid-list.xml": ((55, 7, 43, 0), (69, 0, 0), 33, (19, 70), []),
    "peerj-727-authoryear-labels.xml": ((24, 24, 22, 0), (29, 0, 0), 21, (7, 19), []),
    "plos-pcbi.1000204-review-boxes.xml": ((210, 210, 11, 0), (236, 29, 18), 178, (64, 101), [206]),
    "plos-pmed.0020124-range-in-xref.xml": ((37, 37, 0, 0), (36, 10, 5), 29, (15, 27), []),
    "plos-pone.0005723-page-locators.xml": (
        (89, 89, 0, 0),
        (142, 9, 4),
        109,
        (62, 145),
        [29, 66, 67, 87, 88, 89],
    ),
    "plos-pone.0067227-empty-xref.xml": ((48, 48, 40, 0), (64, 0, 0), 43, (13, 24), []),
    "scielo-abc.20210807-reply-own-numbers.xml": ((4, 4, 4, 0), (6, 0, 0), 6, (5, 6), []),
    "wiley-PMC4561566-review-authoryear.xml": ((160, 160, 0, 130), (305, 0, 0), 248, (49, 77), []),
}
REFUSED = {
    "bmc-16-1-1-art-dtd.xml": "is not JATS: its root is `art`",
    "copernicus-acp-15-1013-no-xref.xml": "90 references, none cited by mark-up",
}


def read(name: str) -> Article:
    path = HERE / name
    if not path.is_file():
        pytest.skip("no local copy of the article")
    return read_article(path.read_bytes(), name)


@pytest.mark.parametrize("name", COUNTS)
def test_references_citations_and_groups_are_counted_as_printed(name: str) -> None:
    found = read(name)
    report = found.report
    identified = (
        sum(name in dict(r.identifiers) for r in found.references) for name in ("doi", "pmid")
    )
    assert (
        (len(found.references), report.titles, *identified),
        (report.links, report.added, report.ranges),
        sum(len(paragraph.citations) for paragraph in found.paragraphs),
        (sum(bool(paragraph.citations) for paragraph in found.paragraphs), len(found.paragraphs)),
        list(report.never_cited),
    ) == COUNTS[name]
    assert [problem.text for problem in found.problems] == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_right_is_refused(name: str) -> None:
    with pytest.raises(TdrError) as refused:
        read(name)
    assert REFUSED[name] in str(refused.value)


def test_a_reply_whose_links_are_wrong_is_read_with_a_warning_for_each() -> None:
    name = "scielo-abc.20210807-reply-own-numbers.xml"
    read(name)
    found = read_article((HERE / name).read_bytes(), name, sub_article="s1")
    assert [reference.key for reference in found.references] == [f"B{n}" for n in range(5, 12)]
    assert sum(len(paragraph.citations) for paragraph in found.paragraphs) == 4
    assert [problem.text for problem in found.problems] == [
        *(f"`{n}` links to `B{n}`, which is not a reference" for n in (1, 2, 3, 4)),
        "prints 5, links to 1",
        "prints 6, links to 2",
        "prints 6, links to 2",
        "prints 7, links to 3",
    ]
