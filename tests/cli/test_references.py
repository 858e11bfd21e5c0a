"""`refs`, `open`, and citations out of every command whose records name references."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.cli.references import can_open, open_links
from tests.cli.test_screen import on_a_terminal
from tests.conftest import Run
from tests.small import two_sources

Tdr = Callable[..., Run]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_sources(tmp_path_factory.mktemp("two"))


def keys(ris: str) -> list[int]:
    return [int(number) for number in re.findall(r"^ID  - ref(\d+)$", ris, re.M)]


# -- which references -----------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "numbers"),
    [
        (["Vonderheide"], "33"),
        (["de Bem Prunes", "33"], "33 138"),
        (["20-22,24"], "20 21 22 24"),
        (["--author", "prunes"], "138"),
        (["--title", "Tumour acidification"], "138"),
        (["--doi", "https://doi.org/10.1016/J.LFS.2021.120163"], "138"),
        (["10.1016/j.lfs.2021.120163"], "138"),
        (["--pmid", "36084651"], "12"),
        (["PMID:36084651"], "12"),
        (["PMC7149500"], "33"),
        (["138", "--author", "Vonderheide"], ""),
        (["33", "--cited-as", "background"], ""),
        (["1-9", "--has-doi"], "5 6 9"),
        (["1-9", "--year", "-2022"], "6 7 8"),
        (["6-12", "--year", "2021", "-c", "TAM"], ""),
    ],
)
def test_refs_finds_by_number_author_title_and_identifier(
    run: Tdr, argv: list[str], numbers: str
) -> None:
    done = run("refs", *argv, "-o", "ids")
    assert (done.exit, done.out.split()) == (0, numbers.split())


@pytest.mark.parametrize(
    ("given", "filters", "ids"),
    [
        ("--source acar2016", {"source": "acar2016"}, "acar2016:1 acar2016:2"),
        ("--with source=acar2016", {"also": {"source": "acar2016"}}, "acar2016:1 acar2016:2"),
        ("--not source=acar2016", {"exclude": {"source": "acar2016"}}, "main:1 main:2 main:3"),
        ("--year 2016-2020", {"year": "2016-2020"}, "main:1 acar2016:2"),
        ("--with year=-2016 --with year=2016-", {"also": {"year": ["-2016", "2016-"]}},
         "acar2016:2"),
        ("--not year=2016-", {"exclude": {"year": "2016-"}}, "acar2016:1"),
        ("--not year=2021- -c TAM", {"exclude": {"year": "2021-"}, "cell": "TAM"},
         "main:1 acar2016:1"),
    ],
)  # fmt: skip
def test_years_and_sources_are_those_of_the_references_themselves(
    run: Tdr, two: Path, given: str, filters: dict[str, Any], ids: str
) -> None:
    done = run("--evidence", str(two), "refs", *given.split(), "-o", "ids")
    assert (done.exit, done.out.split()) == (0, ids.split())
    rows = tdr.load(two).refs(**filters)
    assert [f"{row.reference.source}:{row.reference.number}" for row in rows] == ids.split()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["Vonderheid"], "no reference has the author `Vonderheid`; did you mean `Vonderheide RH`?"
         " (long lists end in et al.)"),
        (["999"], "the source has no reference 999"),
        (["10.1000/nothing"], "no reference has the DOI `10.1000/nothing`"),
        (["--doi", "10.1000/nothing"], "no reference has the DOI `10.1000/nothing`"),
        (["998-1000"], "the source has no references 998, 999, 1000"),
    ],
)  # fmt: skip
def test_what_the_reference_list_does_not_have_is_said(
    run: Tdr, argv: list[str], message: str
) -> None:
    done = run("refs", *argv)
    assert (done.exit, done.out, done.err) == (1, "", f"tdr: error: {message}\n")


def test_what_is_no_identifier_is_a_usage_error(run: Tdr) -> None:
    done = run("refs", "--doi", "138")
    assert (done.exit, done.out) == (2, "")
    assert done.err == (
        "tdr: error: Invalid value for --doi: `138` is not a DOI; write doi:10.1000/182 "
        "(see `tdr refs --help`)\n"
    )


@pytest.mark.parametrize(
    ("text", "ids", "said"),
    [
        ("tgt-003", "tgt-003", "tgt-003: a claim"),
        ("TGT-003", "tgt-003", "TGT-003: a claim"),
        ("10.1016/j.lfs.2021.120163", "rad-001", "10.1016/j.lfs.2021.120163: reference 138"),
        ("pmid:36084651", "che-001", "pmid:36084651: reference 12"),
        ("10.1000/nothing", "", "10.1000/nothing: in no reference"),
    ],
)
def test_search_finds_the_thing_itself_by_its_identifier(
    run: Tdr, text: str, ids: str, said: str
) -> None:
    done = run("search", text, "-o", "ids")
    assert (done.exit, done.out.split()) == (0, ids.split())
    assert done.err.splitlines()[0] == said


def test_an_identifier_within_a_selection_that_lacks_it_finds_nothing(run: Tdr) -> None:
    done = run("search", "tgt-003", "-t", "radio", "-o", "ids")
    assert (done.exit, done.out) == (0, "")
    assert "tgt-003: a claim, but not one of these\n" in done.err


# -- citations out of any command -----------------------------------------


@pytest.mark.parametrize(
    "argv",
    [["list", "-a", "lapatinib"], ["search", "lapatinib"], ["counter", "-a", "lapatinib"],
     ["show", "tgt-001", "tgt-017"], ["table", "2", "-a", "lapatinib"], ["conflicts", "-c", "TAM"],
     ["refs", "-a", "lapatinib"]],
    ids=" ".join,
)  # fmt: skip
def test_records_that_name_references_come_as_citations_each_once(
    run: Tdr, argv: list[str]
) -> None:
    records = json.loads(run(*argv, "-o", "json").out)
    kind = list(records)[-1]
    named = [
        number
        for record in records[kind]
        for field, value in record.items()
        if field == "number" or field.endswith("refs")
        for number in (value if isinstance(value, list) else [value])
    ]
    wanted = list(dict.fromkeys(named))
    assert wanted
    assert keys(run(*argv, "-o", "ris").out) == wanted
    csl = json.loads(run(*argv, "-o", "csl").out)
    assert [item["id"] for item in csl] == [f"ref{number}" for number in wanted]
    bibtex = run(*argv, "-o", "bibtex").out
    assert [int(n) for n in re.findall(r"^@article{ref(\d+),$", bibtex, re.M)] == wanted


def test_bibtex_is_ascii_on_request(run: Tdr) -> None:
    assert not run("refs", "13", "-o", "bibtex").out.isascii()
    assert r"$\alpha$" in run("refs", "13", "-o", "bibtex", "--ascii").out


def test_records_without_references_are_no_citations(run: Tdr) -> None:
    done = run("terms", "cells", "-o", "ris")
    assert (done.exit, done.out) == (2, "")
    assert "`ris` is a format of `refs`, `list`, `show`, `search`, `counter`, `table`," in done.err


# -- open -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "links"),
    [
        (["138"], ["https://doi.org/10.1016/j.lfs.2021.120163"]),
        (["rad-001", "138"], ["https://doi.org/10.1016/j.lfs.2021.120163"]),
        (["Vonderheide"], ["https://doi.org/10.1073/pnas.1918971117"]),
    ],
)
def test_open_prints_each_link_once(run: Tdr, argv: list[str], links: list[str]) -> None:
    assert run("open", *argv) == Run(
        0, "\n".join(links) + "\n", "", ("\n".join(links) + "\n").encode()
    )


def test_open_says_what_it_does_not_know(run: Tdr) -> None:
    done = run("open", "138", "zzz-999", "999")
    assert (done.exit, done.out) == (1, "")
    assert done.err == (
        "tdr: error: no claim has the id `zzz-999`\ntdr: error: the source has no reference 999\n"
    )


def test_open_starts_the_browser_on_a_terminal(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {seen}\n')
    browser.chmod(0o755)
    shown = on_a_terminal("open", "138", BROWSER=f"{browser} %s")
    link = "https://doi.org/10.1016/j.lfs.2021.120163"
    assert shown.split("\r\n") == [link, "opened in the browser", ""]
    assert seen.read_text() == f"{link}\n"


@pytest.mark.parametrize("env", [{}, {"DISPLAY": ":0", "SSH_CONNECTION": "a"}])
def test_where_no_browser_can_be_opened_the_link_is_printed(env: dict[str, str]) -> None:
    """Hazard 76."""
    shown = on_a_terminal(
        "open", "138", **{"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": "", **env}
    )
    assert shown.split("\r\n") == [
        "https://doi.org/10.1016/j.lfs.2021.120163",
        "no browser can be opened from here",
        "",
    ]


def test_a_display_is_a_place_for_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert can_open()


HOSTILE = ('x" onclick="', "javascript:alert(1)", "file:///etc/passwd", "10.1/x; rm -rf /", "a b",
           "10.1000/a b", "--version", "\udcff", "http://10.1000/x@evil.example/")  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_link_is_made_only_of_checked_identifiers(evidence: Evidence, text: str) -> None:
    for field in ("doi", "pmid"):
        bad = evidence.references[1]._replace(**{field: text})
        assert bad.url == bad._replace(**{field: None}).url
        assert re.fullmatch(r"https://pubmed\.ncbi\.nlm\.nih\.gov/\?term=[A-Za-z0-9%._-]+", bad.url)
    titled = evidence.references[1]._replace(title=text)
    assert re.fullmatch(r"https://pubmed\.ncbi\.nlm\.nih\.gov/\?term=[A-Za-z0-9%._-]+", titled.url)


@pytest.mark.parametrize("link", ["file:///etc/passwd", "javascript:alert(1)", "http://x", "-x"])
def test_nothing_but_https_is_opened(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 76."""
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert not open_links([link])
    assert opened == []


def test_a_title_without_a_word_is_an_error(run: Tdr) -> None:
    done = run("refs", "--title=--")
    said = "tdr: error: the title has no letter or digit to look for\n"
    assert (done.exit, done.out, done.err) == (2, "", said)


def test_references_without_an_identifier_or_a_year_can_be_listed(run: Tdr) -> None:
    def count(*options: str) -> int:
        return int(run("refs", *options, "--count").out)

    assert count("--missing", "doi") + count("--has-doi") == count()
    assert 0 < count("--missing", "doi", "--missing", "pmid") < count("--missing", "doi")
    done = run("refs", "--year", "2020-", "--count")
    undated = count("--missing", "year")
    assert f"; {undated} without a year\n" in done.err
    assert int(done.out) + count("--year", "-2019") + undated == count()
    done = run("refs", "--missing", "abstract")
    assert (done.exit, "is not one of authors, journal, year, doi" in done.err) == (2, True)


def test_references_come_from_a_list_as_values_of_filters_do(run: Tdr, tmp_path: Path) -> None:
    found = run("refs", "-c", "pericyte", "-o", "ids")
    listed = tmp_path / "listed"
    listed.write_text(f"# of pericytes\n{found.out}")
    for argv, stdin in ((("refs", f"@{listed}"), b""), (("refs", "-"), found.raw)):
        assert run(*argv, "-o", "ids", stdin=stdin).out == found.out
