"""Filters on the command line: what the options add to the criteria of the core."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

Tdr = Callable[..., Run]


@pytest.mark.parametrize(
    "data",
    [b"IL6\nSTAT3\n", b"\xef\xbb\xbfIL6\r\n\r\n  STAT3", "IL6\r\nSTAT3\r\n".encode("utf-16")],
    ids=["unix", "windows", "utf-16"],
)
def test_values_are_read_from_a_file_or_stdin_one_a_line(
    run: Tdr, tmp_path: Path, data: bytes
) -> None:
    wanted = run("list", "-m", "IL6", "-m", "STAT3", "-o", "ids").out
    (tmp_path / "genes.txt").write_bytes(data)
    assert run("list", "-m", f"@{tmp_path / 'genes.txt'}", "-o", "ids").out == wanted
    for value in ("@-", "-"):
        assert run("list", "-m", value, "-o", "ids", stdin=data).out == wanted


def test_lines_of_a_list_that_begin_with_a_hash_are_remarks(run: Tdr) -> None:
    wanted = run("list", "-m", "IL6", "-o", "ids").out
    listed = b"# my genes\nIL6\n  #STAT3\n"
    assert run("list", "-m", "@-", "-o", "ids", stdin=listed).out == wanted
    empty = run("list", "-m", "-", stdin=b"# none\n")
    assert (empty.exit, empty.err) == (2, "tdr: error: stdin has no line with a value\n")


def test_a_list_without_measure_is_refused_and_a_value_counts_once(
    run: Tdr, tmp_path: Path
) -> None:
    """Hazard 49."""
    (tmp_path / "long").write_text("".join(f"GENE{number}\n" for number in range(25_001)))
    done = run("list", "-m", "@long", "--skip-unknown", cwd=tmp_path)
    assert (done.exit, done.err) == (2, "tdr: error: `@long` has 25,001 values; at most 25,000\n")
    (tmp_path / "long").write_text("TAM\n" * 100_000)
    assert run("list", "-c", "@long", "--count", cwd=tmp_path).exit == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_that_nobody_writes_to_is_not_waited_for(run: Tdr, tmp_path: Path) -> None:
    """Hazard 25."""
    os.mkfifo(tmp_path / "list")
    done = run("list", "-c", f"@{tmp_path / 'list'}")
    assert (done.exit, "has no line with a value" in done.err) == (2, True)


def test_behind_a_field_stands_a_list_too(run: Tdr) -> None:
    wanted = run("list", "--not", "cell=TAM", "--not", "cell=CAF", "-o", "ids").out
    assert run("list", "--not", "cell=@-", "-o", "ids", stdin=b"TAM\nCAF\n").out == wanted
    both = run("list", "--with", "cell=TAM", "--with", "cell=CAF", "-o", "ids").out
    assert run("list", "--with", "cell=-", "-o", "ids", stdin=b"TAM\nCAF\n").out == both


def test_stdin_is_read_for_one_option_only(run: Tdr) -> None:
    done = run("list", "-c", "@-", "-a", "@-", "--count", stdin=b"TAM\n")
    told = "tdr: error: stdin can be read once: `-` or `@-` in one place, not in two\n"
    assert (done.exit, done.out, done.err) == (2, "", told)


def test_a_list_that_cannot_be_read_is_named(run: Tdr, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\0IL6")
    (tmp_path / "latin-1").write_bytes(b"IL6\xff\n")
    for name, said in (
        ("missing", "No such file"),
        ("empty", "has no line with a value"),
        ("binary", "is neither UTF-8 nor UTF-16"),
        ("latin-1", "is neither UTF-8 nor UTF-16"),
    ):
        done = run("list", "-m", f"@{tmp_path / name}")
        assert (done.exit, done.out) == (2, "")
        assert said in done.err


def test_unknown_values_stop_or_are_listed(run: Tdr) -> None:
    stopped = run("list", "-m", "@-", "-o", "ids", stdin=b"IL6\nGAPDH\nACTB\n")
    assert (stopped.exit, stopped.out) == (2, "")
    assert "unknown molecule `GAPDH`" in stopped.err
    assert "unknown molecule `ACTB`" in stopped.err
    done = run("list", "-m", "@-", "-o", "ids", "--skip-unknown", stdin=b"IL6\nGAPDH\nACTB\n")
    assert done.exit == 0
    assert done.out == run("list", "-m", "IL6", "-o", "ids").out
    assert "skipped, not known: GAPDH, ACTB" in done.err


def test_with_and_not_take_every_filter_and_flags_alone(run: Tdr) -> None:
    both = run("list", "-c", "TAM", "--with", "cell=CAF", "-o", "ids")
    assert both.out == run("list", "-c", "CAF", "--with", "cell=TAM", "-o", "ids").out
    assert both.out
    noted = run("list", "--noted", "-o", "ids").out
    assert run("list", "--with", "noted", "-o", "ids").out == noted
    assert not set(noted.split()) & set(run("list", "--not", "noted", "-o", "ids").out.split())
    done = run("list", "--with", "CAF")
    assert (done.exit, "write --with FIELD=VALUE" in done.err) == (2, True)


@pytest.mark.parametrize("sign", ["!", "~", "-", "−", "¬", "^", "! "])
def test_a_value_that_reads_like_a_negation_points_to_not(run: Tdr, sign: str) -> None:
    done = run("list", "-c", f"{sign}TAM")
    told = f"`{sign}TAM` begins with `{sign[0]}`; to leave out what matches: --not cell=TAM\n"
    assert (done.exit, done.out, done.err) == (2, "", f"tdr: error: {told}")


def test_a_sign_that_belongs_to_a_name_stays(run: Tdr, small: Path) -> None:
    terms = small / "vocabulary" / "agents.yaml"
    terms.write_text(terms.read_text().replace("[chemo]", "['-chemo']"))
    assert run("--evidence", str(small), "list", "-a", "-chemo", "--count").out == "2\n"
    assert run("list", "--year", "-2015").exit == 0
    assert run("list", "-c", "CD8+", "--count").exit == 0


def test_a_name_of_several_fields_says_how_many_more_there_are(run: Tdr) -> None:
    done = run("list", "-p", "STAT3", "--count")
    (said,) = (line for line in done.err.splitlines() if "elsewhere" in line)
    more = int(said.split()[1])
    assert said == f"STAT3: {more} more claims name it elsewhere (--about STAT3)"
    assert int(run("list", "--about", "STAT3", "--count").out) == int(done.out) + more


def test_counter_says_what_is_said_of_a_wider_agent_as_such(run: Tdr) -> None:
    assert " more for immunotherapy as such\n" in run("counter", "-a", "ICB", "--count").err


def test_rows_of_a_matrix_can_be_part_of_a_field_and_in_several_columns(run: Tdr) -> None:
    argv = ("matrix", "--rows", "molecule", "--within", "cytokine", "--wide", "-o", "csv")
    every = run(*argv).out.splitlines()
    several = run(*argv, "--min-cols", "2").out.splitlines()
    names = {line.split(",")[0] for line in several[1:]}
    assert {"TGF-β", "IL6", "CXCL8", "CCL2"} <= names
    assert not {"PTEN", "AKT", "STAT3"} & {line.split(",")[0] for line in every}
    assert several[0] == every[0]
    assert len(several) < len(every)
    done = run("matrix", "--within", "xyzzy")
    assert (done.exit, "`xyzzy` is no term of" in done.err) == (2, True)
