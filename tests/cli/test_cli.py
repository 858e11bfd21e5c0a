"""The command line from outside: (exit code, stdout, stderr) of real runs."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.ask.evidence import Evidence
from tdr.cli import COMMANDS, usage
from tdr.model.fields import RECORD_FIELDS
from tdr.render import formats_of
from tests.conftest import Run
from tests.small import FILES

Tdr = Callable[..., Run]


# -- list -----------------------------------------------------------------


def test_list_as_json_is_one_object_with_every_claim_and_every_field(
    run: Tdr, evidence: Evidence
) -> None:
    done = run("list", "-o", "json")
    assert (done.exit, done.err) == (0, f"{len(evidence)} of {len(evidence)} claims\n")
    answer = json.loads(done.out)
    assert list(answer) == ["schema_version", "data_version", "matched", "total", "claims"]
    assert answer["matched"] == answer["total"] == len(answer["claims"]) == len(evidence)
    assert all(tuple(claim) == RECORD_FIELDS for claim in answer["claims"])
    assert done.out.isascii()


def test_what_a_value_stands_for_is_said_once_on_stderr(run: Tdr) -> None:
    done = run("list", "-c", "CAF", "--promotes", "CAF", "-o", "ids")
    assert done.exit == 0
    assert done.err.count("CAF: cancer-associated fibroblast + ") == 1
    assert re.fullmatch(r"(?:[a-z]{3}-\d{3}\n)+", done.out)


def test_synonyms_give_the_same_bytes(run: Tdr) -> None:
    assert run("list", "-c", "CAF", "-o", "json").out == run("list", "-c", "TAF", "-o", "json").out


def test_away_from_a_terminal_a_record_is_a_line_and_nothing_is_cut(
    run: Tdr, evidence: Evidence
) -> None:
    done = run("list", COLUMNS="40")
    lines = done.out.splitlines()
    assert lines[0].split("\t") == list(RECORD_FIELDS)
    assert len(lines) == len(evidence) + 1
    assert all(claim.mechanism in done.out for claim in evidence.claims)
    assert "\x1b" not in done.out


def test_columns_are_chosen_and_ordered(run: Tdr) -> None:
    done = run("list", "-r", "13", "--columns", "refs,id", "-o", "csv")
    rows = list(csv.reader(io.StringIO(done.out)))
    assert rows[0] == ["refs", "id"]
    assert all("13" in row[0].split("|") for row in rows[1:])


def test_a_minus_sorts_from_the_largest_and_what_is_empty_comes_last(run: Tdr) -> None:
    by_refs = run("list", "--sort", "refs", "--columns", "refs", "-o", "tsv", "--no-header").out
    from_largest = run("list", "--sort", "-refs", "--columns", "refs", "-o", "tsv", "--no-header")
    assert [line.split("|") for line in from_largest.out.splitlines()] == sorted(
        (line.split("|") for line in by_refs.splitlines()),
        key=lambda refs: [int(ref) for ref in refs],
        reverse=True,
    )
    best_first = run("search", "TAM", "--sort", "-score", "--columns", "score", "-o", "csv")
    assert run("search", "TAM", "--sort", "score", "--columns", "score", "-o", "csv") == best_first
    scores = [float(line) for line in best_first.out.split()[1:]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]
    noted = run("list", "--sort", "-note", "--columns", "note", "-o", "json").out
    empty = [claim["note"] is None for claim in json.loads(noted)["claims"]]
    assert empty == sorted(empty)
    assert len(set(empty)) == 2


def test_lists_of_claims_are_sorted_by_how_many_they_have(run: Tdr) -> None:
    done = run("counter", "--sort", "-claims", "--columns", "claims", "-o", "tsv", "--no-header")
    sizes = [len(line.split("|")) for line in done.out.splitlines()]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_sorting_limiting_and_counting(run: Tdr, evidence: Evidence) -> None:
    for how in ([], ["-o", "json"]):  # a number is JSON
        assert run("list", "--count", *how).out == f"{len(evidence)}\n"
    by_refs = run("list", "--sort", "refs", "--columns", "refs", "-o", "tsv", "--no-header").out
    firsts = [int(line.split("|")[0]) for line in by_refs.splitlines()]
    assert firsts == sorted(firsts)
    limited = run("list", "-n", "3", "-o", "ids")
    assert limited.out.split() == ["imm-001", "imm-002", "imm-003"]
    assert limited.err == f"3 shown of {len(evidence)} claims\n"
    some = run("list", "-n", "2", "-t", "radio", "-o", "ids")
    matched = len(evidence.filter(therapy="radio"))
    assert some.err == f"2 shown of {matched} of {len(evidence)} claims\n"
    assert run("matrix", "-n", "3").err.startswith("3 shown of ")
    assert run("list", "-n", "999", "-t", "radio").err == f"{matched} of {len(evidence)} claims\n"


def test_nothing_matched_is_no_failure_unless_asked(run: Tdr) -> None:
    nothing = ("list", "-t", "antiandrogen", "-c", "TAM", "-o", "ids")
    assert run(*nothing).exit == 0
    assert run(*nothing, "-e").exit == 1
    assert run(*nothing).out == ""


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["list", "-c", "macrofage"], "unknown cell `macrofage`; did you mean `macrophage`"),
        (["list", "--columns", "id,mechanisms"], "mechanism"),
        (["list", "--sort", "size"], "unknown field to sort by `size`"),
        (["list", "-o", "xml"], "xml"),
        (["list", "-n", "-1"], "`-1` is out of range: 0 or more"),
        (["list", "-n", "9999999999"], "`9999999999` is out of range: 0 to 999999999"),
        (
            ["list", "--csv-bom", "-o", "json"],
            "`--csv-bom` does nothing with -o json; it is for -o csv",
        ),
        (["list", "--csv-raw"], "`--csv-raw` does nothing without -o; it is for -o csv, tsv"),
        (["list", "--ascii", "-o", "ris"], "it is for -o bibtex"),
        (
            ["refs", "--columns", "title", "-o", "csl"],
            "`--columns` does nothing with -o csl; it is",
        ),
        (["graph", "--dot", "-n", "3"], "`--limit` does nothing with -o dot"),
        (["list", "--count", "-n", "3"], "`--limit` does nothing with --count: leave it out"),
        (["info", "--cache", "-o", "json"], "`-o json` does nothing with --cache: leave it out"),
        (["check", "--list-rules", "-o", "json"], "`-o json` does nothing with --list-rules"),
        (["check", "--explain", "ref", "--select", "ref"], "`--select` does nothing with --expl"),
        (["list", "--count", "-o", "csv"], "`-o csv` does nothing with --count: leave it out"),
        (["matrix", "--gaps", "--top", "2"], "`--top` does nothing with --gaps: leave it out"),
        (["graph", "--figure", "--top", "2"], "`--top` does nothing with --figure: leave it out"),
        (["graph", "--force"], "--force is about a picture; add --svg FILE to make one"),
        *(
            ([*argv, "--force"], "`--force` does nothing with stdout: leave it out")
            for argv in (
                ["graph", "-o", "svg"],
                ["matrix", "--png", "-"],
                ["report"],
                ["report", "-o", "-"],
                ["export", "sif", "-"],
                ["fmt", "-"],
            )
        ),
        (["sql", "--where", "--count"], "`--count` does nothing with --where: leave it out"),
        (["sql", "--count", "-n", "3"], "`--limit` does nothing with --count: leave it out"),
        (["list", "--not", "agent"], "write --not FIELD=VALUE"),
        (["list", "--not", "agnt=x"], "unknown filter `agnt`; did you mean `agent`?"),
        (["list", "-r", "x"], "`x` is not a reference"),
        (["list", "--source", "li2O24"], "unknown source `li2O24`; did you mean `li2024`? (one"),
        (["list", "--section", "chemo/imune"], "did you mean `chemo/immune`? (one of"),
        (["steps", "--does", "secrets"], "did you mean `secretes`? (one of"),
        (["compare", "TAM", "chmo"], "agent, source; did you mean `chemo`?"),
        (["lst"], "no such command `lst`; did you mean `list`"),
        (["list", "--frobnicate"], "--frobnicate"),
        (["--evidence", "", "list"], "empty"),
        (["show", " "], "the id of a claim is empty"),
        (["open", ""], "the name of a reference is empty"),
        (["check", "--select", ""], "'--select': the value is empty: give one"),
        (["check", "--select", ","], "the value of --select is empty"),
        (["list", "--columns", " "], "'--columns': the value is empty: give one"),
        (["--color", "pink", "list"], "auto, always or never"),
        (["terms", "genes"], "unknown kind `genes`"),
    ],
)
def test_bad_usage_exits_2_says_why_and_prints_nothing(
    run: Tdr, argv: list[str], message: str
) -> None:
    done = run(*argv)
    assert (done.exit, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert all(line.startswith("tdr: error: ") for line in done.err.splitlines())


def test_noted_claims_are_shown_with_their_notes(run: Tdr, evidence: Evidence) -> None:
    done = run("list", "--noted", "-r", "31", "-o", "table", COLUMNS="100")
    (claim,) = evidence.filter(ref=31)
    assert claim.note is not None
    assert " ".join(claim.note.split()) in " ".join(done.out.split())


@pytest.mark.parametrize("argv", [("list",), ("graph",), ("matrix",), ("check",)])
def test_a_command_offers_the_formats_of_its_records(run: Tdr, argv: tuple[str, ...]) -> None:
    kinds = {"list": "claims", "graph": "edges", "matrix": "combinations", "check": "report"}
    known = formats_of(kinds[argv[0]])
    shown = " ".join(run(*argv, "--help", COLUMNS="200").out.split())
    assert f"{', '.join(known)}. Default:" in shown
    refused = run(*argv, "-o", "nonsense")
    assert (refused.exit, refused.out) == (2, "")
    assert f"`nonsense` is not one of {', '.join(known)} (see" in refused.err


def test_a_network_is_a_format_of_its_edges(run: Tdr) -> None:
    assert run("graph", "-o", "dot").out == run("graph", "--dot").out
    assert run("graph", "-o", "svg").out == run("graph", "--svg", "-").out
    assert run("matrix", "-o", "svg").out == run("matrix", "--svg", "-").out
    assert run("matrix", "--gaps", "-o", "svg").exit == 2


def test_what_only_looks_like_a_number_is_sorted_as_text(run: Tdr, small: Path) -> None:
    labels = ["IL-2²", "IL-10", "IL-2", "IL-2½", "IL-٣", "7" * 5000]
    terms = "".join(f"  - label: {label!r}\n" for label in labels)
    with (small / "vocabulary/molecules.yaml").open("a", encoding="utf-8") as file:
        file.write(terms)
    argv = ("terms", "molecules", "--sort", "label", "--columns", "label", "-o", "tsv")
    done = run("--evidence", str(small), *argv, "--no-header")
    assert done.exit == 0
    found = done.out.splitlines()
    assert found[0] == "7" * 5000
    assert [label for label in found if label in ("IL-2", "IL-10")] == ["IL-2", "IL-10"]
    assert set(labels) < set(found)


@pytest.mark.parametrize("wanted", ["Chemo", "chemo/immune", "CHEMO/IMMUNE", "Chemo/Immune/"])
def test_a_section_is_found_however_it_is_written(run: Tdr, small: Path, wanted: str) -> None:
    for name in ("chemo.yaml", "source.yaml"):
        text = (small / name).read_text(encoding="utf-8").replace("chemo/immune", "Chemo/Immune")
        (small / name).write_text(text, encoding="utf-8")
    assert run("--evidence", str(small), "list", "--section", wanted, "--count").out == "2\n"


@pytest.mark.parametrize(
    ("argv", "exit"),
    [
        (("stats", "--by", "therapies"), 0),
        (("stats", "--by", "therapys"), 2),
        (("stats", "--by", "processes"), 0),
        (("stats", "--by", "bases"), 0),
        (("terms", "Cells"), 0),
    ],
)
def test_fields_and_kinds_are_named_in_singular_or_plural(
    run: Tdr, argv: tuple[str, ...], exit: int
) -> None:
    assert run(*argv).exit == exit


@pytest.mark.parametrize(
    ("argv", "like"),
    [
        (("-m", "IL−6"), ("-m", "IL6")),
        (("-a", "5−FU"), ("-a", "5-FU")),
        (("-r", "51−54"), ("-r", "51-54")),
        (("-p", "JAK2−STAT3"), ("-p", "JAK2/STAT3")),
        (("-m", "TGF-ß1"), ("-m", "TGF-β1")),
        (("-a", "Cisplatin®"), ("-a", "cisplatin")),
    ],
)
def test_values_are_understood_as_they_are_copied_out_of_a_pdf(
    run: Tdr, argv: tuple[str, ...], like: tuple[str, ...]
) -> None:
    copied, typed = run("list", *argv, "-o", "ids"), run("list", *like, "-o", "ids")
    assert (copied.exit, copied.out) == (0, typed.out)
    assert typed.out


# -- show, refs, terms, counter, coverage, info ---------------------------


def test_ids_travel_through_pipes(run: Tdr) -> None:
    ids = run("list", "-c", "Treg", "-o", "ids").raw
    shown = run("show", "-", "-o", "json", stdin=ids)
    assert shown.exit == 0
    assert [claim["id"] for claim in json.loads(shown.out)["claims"]] == ids.decode().split()


def test_ids_may_stand_with_commas(run: Tdr) -> None:
    apart = run("show", "imm-004", "imm-005", "-o", "json")
    assert run("show", "imm-004,imm-005", "-o", "json") == apart
    assert run("show", "imm-004, imm-005", "-o", "json") == apart


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_ids_are_understood_as_powershell_writes_them(run: Tdr, encoding: str) -> None:
    done = run("show", "-", "-o", "ids", stdin="imm‑003\r\ntgt−010\r\n".encode(encoding))
    assert (done.exit, done.out) == (0, "imm-003\ntgt-010\n")


def test_another_encoding_of_ids_is_named(run: Tdr) -> None:
    assert run("show", "-", "-o", "ids", stdin=b"# mine\nimm-003\n").out == "imm-003\n"
    done = run("show", "-", stdin="imm-003".encode("utf-16-le"))
    assert (done.exit, done.out) == (2, "")
    assert done.err == ("tdr: error: stdin is neither UTF-8 nor UTF-16 with a byte order mark\n")


def test_a_card_writes_everything_out(run: Tdr, evidence: Evidence) -> None:
    claim = evidence.claims[3]
    done = run("show", claim.id, "-o", "table", COLUMNS="200")
    assert done.exit == 0
    flat = " ".join(done.out.split())
    for text in (
        claim.id,
        claim.mechanism,
        *claim.promotes,
        *claim.opposes,
        *claim.countered_by,
        evidence.references[claim.refs[0]].title,
    ):
        assert text in flat
    assert evidence.references[claim.refs[0]].url in "".join(done.out.split())


def test_an_unknown_id_is_a_negative_answer_with_the_known_ones_still_shown(run: Tdr) -> None:
    done = run("show", "imm-001", "imm-9999", "-o", "ids")
    assert (done.exit, done.out) == (1, "imm-001\n")
    assert "no claim has the id `imm-9999`" in done.err


def test_refs_shows_the_entry_and_the_claims_that_rest_on_it(run: Tdr, evidence: Evidence) -> None:
    done = run("refs", "142", "-o", "json")
    (entry,) = json.loads(done.out)["references"]
    assert "TMEM160" in entry["title"]
    assert entry["url"] == "https://doi.org/10.1186/s12964-024-01541-w"
    assert entry["claims"] == [claim.id for claim in evidence.filter(ref=142)]
    card = run("refs", "142", "-o", "table", COLUMNS="300")
    assert entry["claims"][0] in card.out


def test_refs_unused_are_those_without_a_claim(run: Tdr, evidence: Evidence) -> None:
    done = run("refs", "--unused", "--columns", "number", "-o", "tsv", "--no-header")
    used = {n for claim in evidence.claims for n in claim.refs}
    assert [int(line) for line in done.out.split()] == [n for n in range(1, 167) if n not in used]


def test_a_reference_that_does_not_exist_is_a_negative_answer(run: Tdr) -> None:
    done = run("refs", "167")
    assert (done.exit, done.out) == (1, "")
    assert "no reference 167" in done.err


def test_counter_answers_what_restores_response(run: Tdr) -> None:
    assert "tdr counter --agent lapatinib" in run("counter", "--help").out
    done = run("counter", "--agent", "lapatinib", "-o", "json")
    rows = json.loads(done.out)["countermeasures"]
    assert any("IL-8" in row["intervention"] and 74 in row["refs"] for row in rows)


def test_coverage_has_nothing_open(run: Tdr, evidence: Evidence) -> None:
    done = run("coverage", "-o", "json")
    rows = json.loads(done.out)["paragraphs"]
    cited = sum(len(g) for p in evidence.source.paragraphs for g in p.citations)
    assert done.exit == 0
    assert sum(row["citations"] for row in rows) == cited
    assert all(row["open"] == 0 for row in rows)
    assert f"total: {cited} citations" in done.err


def test_an_open_citation_is_a_negative_answer(run: Tdr, small: Path) -> None:
    (small / "chemo.yaml").write_text(
        FILES["chemo.yaml"].partition("\n\n")[0].replace("[1]", "[2]")
    )
    done = run("--evidence", str(small), "coverage", "-o", "json")
    assert done.exit == 1
    missing = [row["missing"] for row in json.loads(done.out)["paragraphs"] if row["open"]]
    assert missing == [[1], [2, 3]]


def test_info_says_what_the_data_is(run: Tdr, evidence: Evidence) -> None:
    (facts,) = json.loads(run("info", "-o", "json").out)["info"]
    assert facts["claims"] == len(evidence)
    assert facts["licence"] == "CC BY-NC-ND 4.0"
    assert facts["data_licence"] == "CC BY 4.0"
    assert facts["verified"] == 0
    assert "not verified" in facts["limits"]


# -- global options and help ----------------------------------------------


def test_no_command_at_all_is_a_wish_for_help(run: Tdr) -> None:
    assert run() == run("--help") == run("help")
    assert (run().exit, run().err) == (0, "")


def test_help_is_a_command_too(run: Tdr) -> None:
    assert run("help", "matrix") == run("matrix", "--help")
    assert run("help", "matrx").exit == 2


@pytest.mark.parametrize(
    "argv", ["-q", "--evidence nowhere", "--color never", "--", "help help", "-q help"]
)
def test_help_is_shown_whatever_global_options_stand_before_it(run: Tdr, argv: str) -> None:
    assert run(*argv.split()) == run("--help")
    assert run("--color", "pink").exit == 2
    assert run("-q", "help", "matrix") == run("matrix", "--help")


def test_global_options_mean_the_same_behind_the_command(run: Tdr, small: Path) -> None:
    before = run("--evidence", str(small), "--color", "always", "--no-cache", "list", "-o", "table")
    behind = run("list", "--evidence", str(small), "-o", "table", "--color", "always", "--no-cache")
    assert behind == before
    assert "\x1b[" in behind.out
    assert run("list", "--evidence", "").err.startswith("tdr: error: ")
    assert run("list", "--color", "pink").exit == 2
    assert "size" in run("list", "--allow", "size=x").err
    assert run("list", "--version").out.startswith("tdr ")


def test_what_stands_behind_the_command_wins_over_the_environment(run: Tdr, small: Path) -> None:
    assert run("list", "--count", "--evidence", str(small), TDR_EVIDENCE="/nowhere").out == "2\n"


def test_evidence_directories_are_united_wherever_they_are_named(
    run: Tdr, small: Path, three_claims: Path
) -> None:
    both = run("--evidence", str(three_claims), "list", "--evidence", str(small), "--count")
    assert both.out == "5\n"
    assert "ids of the later one begin with `" in both.err
    assert run("-q", "--evidence", str(three_claims), "list", "--evidence", str(small)).err == ""
    named = f"{three_claims}{os.pathsep}{small}"
    assert run("list", "--count", TDR_EVIDENCE=named).out == "5\n"
    assert run("list", "--count", "--evidence", str(small), TDR_EVIDENCE=named).out == "2\n"
    refused = run("new", "-t", "chemo", TDR_EVIDENCE=named)
    assert (refused.exit, refused.out) == (2, "")
    assert "name the one to write to" in refused.err


@pytest.mark.usefixtures("three_come")
def test_the_evidence_of_tdr_has_a_name_by_which_others_stand_beside_it(
    run: Tdr, small: Path
) -> None:
    assert run("list", "--count", TDR_EVIDENCE="shipped").out == "3\n"
    both = run("list", "--evidence", "shipped", "--evidence", str(small), "--count")
    assert both.out == "5\n"
    named = run("list", "--count", TDR_EVIDENCE=f"shipped{os.pathsep}{small}")
    assert named.out == both.out


def test_quiet_leaves_out_the_talk_and_never_an_error(run: Tdr) -> None:
    for argv in (("list", "-q", "-c", "TAM"), ("-q", "matrix"), ("stats", "--quiet")):
        done = run(*argv)
        assert (done.exit, done.err) == (0, "")
        assert done.out
    assert "unknown cell" in run("list", "-q", "-c", "macrofage").err


@pytest.mark.parametrize(
    ("argv", "answer"),
    [
        (["matrix", "--svg"], "--svg FILE (see `tdr matrix --help`)"),
        (["list", "--group-by", "cell"], "`tdr stats --by FIELD`"),
        (["list", "--explode"], "`--long cell`"),
        (["list", "-o", "claims.csv"], "write `-o csv > claims.csv`"),
        (["list", "-o", "dot"], "`dot` is a format of `graph`; here: table, json,"),
        (
            ["cite", "-o", "json"],
            "`json` is a format of every listing, `check`, `diff`; here: text",
        ),
        (["refs", "-o", "zotero"], "did you mean `ris`?"),
        (
            ["export", "endnote", "x"],
            "`endnote` is not a data set; what it reads is written by `tdr list -o ris > x`",
        ),
        (["grep"], "`tdr search WORDS`"),
        (["list", "--xyz"], "No such option: --xyz (see `tdr list --help`)"),
        (["-c", "TAM"], "No such option: -c before a command; behind it: `tdr list -c ...`"),
        (["report", "x.html"], "a file to write is named by an option, or by `> x.html`"),
        (["matrix", "cell", "cancer"], "as in --rows cell --cols cancer"),
        (["matrix", "--rows", "drugs"], "did you mean `agent`?"),
        (["terms", "genes"], "did you mean `molecules`?"),
        (["hlep"], "did you mean `help`?"),
        (["list", "--not", "TAM"], "write --not FIELD=VALUE, as in --not about=TAM"),
        (["list", "--with", "cell"], "write --with FIELD=VALUE, as in --with cell=VALUE"),
        (["list", "--with", "foo=bar"], "unknown filter `foo`; one of therapy, cell, promotes"),
        (["list", "--with", "drug=bar"], "unknown filter `drug`; did you mean `agent`?"),
        (["list", "--year", "20"], "`20` is not a year of four digits; write 2022,"),
        (["list", "--year", "2020-2018"], "not a range of years; write 2018-2020"),
        (["list", "-r", "pmid:"], "`pmid:` is not a PMID; write pmid:12345678"),
        (["steps", "TAM"], "ends are options, as in --from TAM or --to TAM"),
        (["list", "cell=T cell"], "filters are options, as in --cell 'T cell'"),
        (["list", "-r", "Smith"], "`tdr refs Smith` looks for authors"),
        (["-V"], "`--version`"),
        (["table", "5"], "3 chemotherapy, 4 radio- and antiandrogen therapy (see"),
        (["steps", "--from", "!TAM"], "to leave out what matches: --not about=TAM"),
        (["path", "TAM", "~resistance"], "to leave out what matches: --not about=resistance"),
        (
            ["compare", "gefitinib", "TAM"],
            "`gefitinib` (agent) and `TAM` (cell): compare two of one kind",
        ),
        (["list", "--under", "TAM"], "`tdr matrix --under TERM`"),
        (["list", "-c", "TAM,CAF"], "either: --cell TAM --cell CAF; both: --with cell=CAF"),
        (["list", "-r", "999"], "the source has no reference 999"),
        (["list", "--colour"], "did you mean `--color`?"),
        (["list", "lung", "cancer"], "as in --about 'lung cancer'; or `tdr search"),
        (["gefitinib"], "`tdr search gefitinib` searches the claims"),
        (["terms"], "Missing argument 'KIND': One of: cells,"),
        (["list", "-o", "graphml"], "`tdr export graphml DEST`"),
        (["list", "-o", "md"], "did you mean `markdown`?"),
        (["list", "-o", "excel"], "did you mean `xlsx`?"),
        (["refs", "-o", "csl-json"], "did you mean `csl`?"),
        (["matrix", "--unit", "claim"], "did you mean `claims`?"),
        (["conflicts", "--kind", "contradictions"], "did you mean `contradiction`?"),
        (["sql", "--dialect", "postgresql"], "did you mean `postgres`?"),
        (["matrix", "--sql", "duck"], "did you mean `duckdb`?"),
        (["path", "TAM", "resistence"], "did you mean `resistance`,"),
        (["list", "-o", "jsn"], "did you mean `json`?"),
        (["export", "ris", "x y"], "`tdr list -o ris > 'x y'`"),
        (["export", "dot", "-"], "`tdr graph -o dot`"),
        (["export", "kgz", "x"], "did you mean `kgx`? (one of graphml, cytoscape,"),
        (["export", "cyjs", "x"], "did you mean `cytoscape`?"),
        (["list", "--drug", "gefitinib"], "No such option: --drug; `--agent`"),
        (["list", "-o", "refs.bib"], "write `-o bibtex > refs.bib`"),
        (["list", "-m", "STAT3", "-m", "GAPDH"], "--skip-unknown passes over it"),
    ],
)
def test_what_other_tools_call_otherwise_is_answered_with_its_name_here(
    run: Tdr, argv: list[str], answer: str
) -> None:
    done = run(*argv)
    assert (done.exit, done.out) == (2, "")
    assert answer in done.err


@pytest.mark.parametrize(
    "argv",
    [
        ["list", "-n", "0", "-o", "JSON"],
        ["sql", "--dialect", "DuckDB"],
        ["export", "SIF", "-", "-r", "40"],
        ["conflicts", "--kind", "Context", "--count"],
        ["matrix", "--unit", "Works", "--count"],
        ["steps", "--as", "Cell", "--count"],
        ["schema", "Therapies"],
        ["--color", "Never", "list", "-n", "0"],
    ],
)
def test_names_of_formats_dialects_and_kinds_do_not_mind_capitals(
    run: Tdr, argv: list[str]
) -> None:
    done = run(*argv)
    small = run(*map(str.lower, argv))
    assert (done.exit, done.out, done.err) == (0, small.out, small.err)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("macrophage", "; `tdr search macrophage` searches the claims"),
        ("imm12", "; did you mean `imm-012`?"),
        ("imm-900", " (they are `imm-001` to `imm-045`)"),
    ],
)
def test_what_is_no_id_leads_on(run: Tdr, given: str, answer: str) -> None:
    done = run("show", given)
    assert (done.exit, done.err) == (1, f"tdr: error: no claim has the id `{given}`{answer}\n")


def test_terms_that_are_not_found_and_ends_of_paths_lead_on(run: Tdr) -> None:
    assert "did you mean `macrophage`" in run("terms", "cell", "macrphage").err
    assert "tdr path CAF -a gemcitabine" in run("path", "CAF", "gemcitabine").err


def test_no_command_is_explained_as_one_that_there_is_none_of() -> None:
    assert not {name for panel in COMMANDS.values() for name in panel} & usage.OTHER_COMMANDS.keys()


# -- evidence that is not sound -------------------------------------------


def test_the_directory_can_come_from_the_environment(run: Tdr, small: Path) -> None:
    there = run("list", "--count", TDR_EVIDENCE=str(small))
    assert (there.exit, there.out) == (0, "2\n")
    elsewhere = run("list", "--count", TDR_EVIDENCE=str(small / "nowhere"))
    assert (elsewhere.exit, elsewhere.out) == (2, "")
    assert "nowhere" in elsewhere.err


# -- help -----------------------------------------------------------------


@pytest.mark.parametrize("name", [name for panel in COMMANDS.values() for name in panel])
def test_help_opens_with_one_sentence_and_ends_with_two_examples(run: Tdr, name: str) -> None:
    done = run(name, "--help")
    assert (done.exit, done.err) == (0, "")
    sentence = next(panel[name][1] for panel in COMMANDS.values() if name in panel)
    assert sentence in " ".join(done.out.split())
    tail = done.out.split("Examples:\n")[1].strip().splitlines()
    assert len(tail) == 2
    assert all(line.strip().startswith(("tdr ", "git ", "cat ")) for line in tail)


def test_the_overview_lists_every_command_in_groups(run: Tdr) -> None:
    done = run("--help")
    assert done.exit == 0
    for panel, commands in COMMANDS.items():
        assert f"\n{panel}:\n" in done.out
        for name in commands:
            assert re.search(rf"^  {name} ", done.out, re.M)


# -- check --fix ----------------------------------------------------------


def spoil(directory: Path) -> Path:
    """Write a synonym where the preferred label belongs."""
    file = directory / "chemo.yaml"
    before = "promotes: [tumor-associated macrophage]"
    file.write_text(file.read_text().replace(before, "promotes: [TAM]", 1))
    return file


def test_fix_repairs_what_is_safe_and_reports_what_is_left(run: Tdr, small: Path) -> None:
    file = spoil(small)
    assert run("check", str(small)).exit == 1
    done = run("check", str(small), "--fix")
    assert (done.exit, done.out) == (0, "")
    assert "`TAM` became `tumor-associated macrophage`" in done.err
    assert file.read_text() == FILES["chemo.yaml"]


def test_a_dry_run_shows_the_fixes_and_writes_nothing(run: Tdr, small: Path) -> None:
    file = spoil(small)
    before = file.read_bytes()
    done = run("check", str(small), "--fix", "--dry-run")
    assert done.exit == 0, "nothing would be left to find"
    assert "-    promotes: [TAM]" in done.out
    assert "+    promotes: [tumor-associated macrophage]" in done.out
    assert file.read_bytes() == before
    assert run("check", "--dry-run").exit == 2
