"""Hazards 13-28 of docs/hazards.md, through the whole program: what is read.

Each test carries the number of its row; tests/read/test_yaml.py has those of the reader alone.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import examples
from tests.program import (
    HARMFUL,
    WITHOUT_PRIVILEGE,
    assert_refused,
    call,
    forked,
    piped,
    started,
)
from tests.small import FILES, small_evidence, two_sources


@pytest.fixture(autouse=True)
def in_use(three_claims: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims are enough for most of this, two of them in conflict."""
    monkeypatch.setenv("TDR_EVIDENCE", str(three_claims))


# -- A. through the whole program -----------------------------------------

BAD_FILES: dict[str, str | bytes] = {
    "alias-limit": "a: &a [x]\nb: [" + "*a, " * 1001 + "]\n",
    "alias-cycle": "claims: &c\n  - {id: *c}\n",
    "depth": "claims: " + "{a: " * 100 + "1" + "}" * 100 + "\n",
    "duplicate-key": 'therapy: chemo\n"\\x74herapy": chemo\n',
    "duplicate-anchor": "therapy: &a chemo\nclaims: &a []\n",
    "syntax": "therapy: chemo\n\tclaims: []\n",
    "bom": "therapy: chemo\n\ufeffclaims: []\n",
    "line-break": "therapy: chemo # x\u2028claims: []\n",
    "encoding": b"therapy: chemo\nclaims: [] # \xff\n",
    "size": b"#" * (8 * 2**20 + 1),
    "tag": "!!python/object/apply:os.system therapy: chemo\n",
    "directive": "%YAML 1.1\n---\ntherapy: chemo\nclaims: []\n",
    "root": "- therapy\n",
    "conflict-marker": "therapy: chemo\n<<<<<<< HEAD\nclaims: []\n",
    "type": FILES["chemo.yaml"].replace("effect: resistance", "effect: 1e3"),
    "ref": FILES["chemo.yaml"].replace("refs: [1]", "refs: [010]"),
    "duplicate-id": FILES["chemo.yaml"].replace("che-002", "che-001"),
}  # fmt: skip


@pytest.mark.parametrize("rule", BAD_FILES)
def test_whatever_is_wrong_with_a_file_every_command_says_the_same(small: Path, rule: str) -> None:
    """Hazard 20."""
    data = BAD_FILES[rule]
    (small / "chemo.yaml").write_bytes(data if isinstance(data, bytes) else data.encode())
    checked = call("check", small)
    assert checked.exit == 1
    found = {line for line in checked.out.splitlines() if f"[{rule}]" in line}
    assert found
    assert all(line.startswith(f"{small}/chemo.yaml:") for line in found)
    others = [["show", "che-001"], ["search", "T cells"], ["info"], ["report"], ["matrix"]]
    for argv in (["list"], others[[*BAD_FILES].index(rule) % len(others)]):
        done = call("--no-cache", "--evidence", small, *argv)
        assert_refused(done)
        assert found <= set(done.err.splitlines()), (argv, done.err, found)


def test_every_bad_file_is_named_not_only_the_first(small: Path) -> None:
    """Hazard 20."""
    (small / "chemo.yaml").write_text("claims: [\n")
    (small / "references.yaml").write_bytes(b"\xff")
    (small / "vocabulary" / "cells.yaml").unlink()
    (small / "vocabulary" / "cells.yaml").symlink_to("cells.yaml")
    for cache in ([], ["--no-cache"]):
        done = call(*cache, "--evidence", small, "list")
        assert_refused(done, "chemo.yaml:2:1", "references.yaml:1:1", "cells.yaml: error: ")


def test_a_file_over_the_limit_is_refused_before_it_is_read(small: Path) -> None:
    """Hazard 13."""
    os.truncate(small / "chemo.yaml", 1 << 40)  # takes no room, but hours to read
    two_seconds = partial(resource.setrlimit, resource.RLIMIT_CPU, (2, 2))
    for argv in (["list"], ["--no-cache", "list"], ["check"], ["fmt"]):
        done = forked("--evidence", small, *argv, before=two_seconds)
        assert "8,388,608" in done.err + done.out
        assert done.exit == (1 if argv == ["check"] else 2)


def test_files_without_content_are_no_failure(small: Path) -> None:
    """Hazard 16."""
    (small / "radio.yaml").write_bytes(b"")
    (small / "radio.jsonl").write_bytes(b"")
    done = call("--evidence", small, "list", "--count")
    assert (done.exit, done.out) == (0, "2\n")
    assert "[empty]" in call("check", small).out


def test_check_query_and_edit_read_the_same_value(small: Path) -> None:
    """Hazard 19."""
    for written, read in (
        ("NO", "NO"), ("1:30", "1:30"), ("'1e3'", "1e3"), ('"\\x41\\u0301"', "A\u0301"), ("y", "y"),
        ("a b # c", "a b"), ("'it''s'", "it's"), ("&x v", "v"), ("|-\n      a\n      b", "a\nb"),
        (">-\n      a\n      b", "a b"), ("null", None), ("~", None),
    ):  # fmt: skip
        text = FILES["chemo.yaml"].replace("note: null", f"note: {written}")
        (small / "chemo.yaml").write_text(text)
        (claim,) = json.loads(call("--evidence", small, "show", "che-001", "-o", "json").out)[
            "claims"
        ]
        assert claim["note"] == read
        assert call("--evidence", small, "fmt").exit == 0
        (again,) = json.loads(call("--evidence", small, "show", "che-001", "-o", "json").out)[
            "claims"
        ]
        assert again == claim
        assert "[type]" not in call("check", small).out


PIECES = st.sampled_from(
    [b"- ", b": ", b"\n", b"  ", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!!", b"%", b"|", b">-",
     b"'", b'"', b"#", b"\t", b"\r", b"\x00", b"\xff", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"---\n",
     b"...", b"<<: ", b"? ", b"claims:", b"id:", b"1e400", b"\\ud800", b"null", b"9" * 5000, b","]
)  # fmt: skip
TARGETS = ("chemo.yaml", "references.yaml", "source.yaml", "vocabulary/cells.yaml")
COMMANDS_OVER_FILES = (["list"], ["check"], ["search", "T cell"], ["fmt", "--diff"])


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_evidence(tmp_path_factory.mktemp("workbench"))


def assert_survived(directory: Path) -> None:
    for argv in COMMANDS_OVER_FILES:
        done = call("--no-cache", "--evidence", directory, *argv)
        assert done.exit in (0, 1, 2), (argv, done.err)
        assert not HARMFUL.search(done.out + done.err), (argv, ascii(done.out + done.err))
        if argv == ["list"] and done.exit:
            assert_refused(done)


@given(
    st.sampled_from(TARGETS), st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join)
)
@settings(max_examples=examples(0.5), suppress_health_check=[HealthCheck.too_slow])
def test_arbitrary_bytes_never_crash_a_command(workbench: Path, name: str, data: bytes) -> None:
    """Hazard 20."""
    try:
        (workbench / name).write_bytes(data)
        assert_survived(workbench)
    finally:
        (workbench / name).write_text(FILES[name])


@given(st.data())
@settings(max_examples=examples(0.5), suppress_health_check=[HealthCheck.too_slow])
def test_damaged_files_never_crash_a_command(workbench: Path, data: st.DataObject) -> None:
    """Hazard 20."""
    name = data.draw(st.sampled_from(TARGETS))
    content = FILES[name].encode()
    for _ in range(data.draw(st.integers(1, 4))):
        start_, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 12))
        piece = data.draw(PIECES | st.binary(max_size=6))
        content = content[:start_] + piece + content[start_ + length :]
    try:
        (workbench / name).write_bytes(content)
        assert_survived(workbench)
    finally:
        (workbench / name).write_text(FILES[name])


@given(st.data())
@settings(max_examples=examples(0.5), suppress_health_check=[HealthCheck.too_slow])
def test_damaged_lines_of_json_never_crash_a_command(workbench: Path, data: st.DataObject) -> None:
    """Hazard 20."""
    line = json.dumps({"id": "che-900", "effect": "resistance", "refs": [1], "promotes": ["TAM"],
                       "mechanism": "x \x1b \u202e",
                       "at": {"section": "chemo/immune", "paragraph": 1}})  # fmt: skip
    at = data.draw(st.integers(0, len(line)))
    piece = data.draw(PIECES | st.binary(max_size=6))
    end = data.draw(st.integers(at, min(len(line), at + 10)))
    file = workbench / "chemo.jsonl"
    try:
        file.write_bytes(line[:at].encode() + piece + line[end:].encode() + b"\n")
        assert_survived(workbench)
    finally:
        file.unlink()


# -- B. files -------------------------------------------------------------


@pytest.mark.parametrize("name", [".", "chemo.yaml", "vocabulary", "vocabulary/cells.yaml"])
def test_what_may_not_be_read_is_named_with_the_reason(small: Path, name: str) -> None:
    """Hazard 22."""
    target = small / name
    target.chmod(0)
    try:
        for command in ("list", "check"):
            unprivileged = partial(exec, WITHOUT_PRIVILEGE, {})
            done = forked("--evidence", small, command, before=unprivileged)
            assert done.exit == 2 or (command == "check" and done.exit == 1)
            assert "Permission denied" in done.err + done.out
            assert (name if name != "." else str(small)) in done.err + done.out
            assert command == "check" or done.out == ""
    finally:
        target.chmod(0o755)


@pytest.mark.parametrize("command", ["list", "check", "fmt"])
@pytest.mark.parametrize("name", ["sources", "sources/acar2016"])
def test_a_source_that_cannot_be_read_is_not_passed_over(
    tmp_path: Path, name: str, command: str
) -> None:
    """Hazard 22."""
    folder = two_sources(tmp_path / "two") / name
    shutil.rmtree(folder)
    folder.symlink_to(folder)
    done = call("--evidence", tmp_path / "two", command)
    said = f"{folder}: error: cannot read evidence directory: Too many levels of symbolic links\n"
    assert (done.exit, done.out, done.err) == (2, "", said)


@pytest.mark.parametrize(
    "path", ["nowhere", "file.txt", "empty", "broken-link", "-", "a\nb", "\x1b[31m", "\udcff\udcfe",
             "x" * 5000],
)  # fmt: skip
def test_what_is_no_evidence_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Hazard 23."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken-link").symlink_to("gone")
    for argv in (["list"], ["info"], ["report"], ["fmt"]):
        assert_refused(call("--evidence", path, *argv))
        assert_refused(call(*argv, TDR_EVIDENCE=path))
    done = call("--evidence", path, "check")
    assert done.exit in (1, 2)
    assert "no findings" not in done.err
    assert not HARMFUL.search(done.err + done.out)
    assert_refused(call("check", path))


def test_an_empty_path_is_not_the_current_directory(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 23."""
    monkeypatch.chdir(small)
    for argv in (["--evidence", "", "list"], ["check", ""], ["fmt", ""], ["report", "-o", ""]):
        assert_refused(call(*argv), "empty")


def test_the_current_directory_can_be_the_evidence(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 23."""
    monkeypatch.chdir(small)
    before = sorted(small.rglob("*"))
    for argv in (["list"], ["check"], ["search", "T cell"], ["report"], ["fmt", "--check"]):
        assert call("--evidence", ".", *argv, XDG_CACHE_HOME=str(small)).exit == 0
    assert sorted(small.rglob("*")) == before


def test_a_loop_of_links_is_not_walked(small: Path) -> None:
    """Hazard 24."""
    (small / "loop").symlink_to("..")
    assert call("--evidence", small, "list", "--count").out == "2\n"
    (small / "radio.yaml").symlink_to("radio.yaml")
    assert_refused(call("--evidence", small, "list"), "radio.yaml: error: ", "symbolic links")


def test_a_file_may_be_a_link_to_somewhere_else(small: Path, tmp_path: Path) -> None:
    """Hazard 24."""
    (small / "chemo.yaml").rename(tmp_path / "elsewhere.yaml")
    (small / "chemo.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert call("--evidence", small, "list", "--count").out == "2\n"


SPECIAL = ["FIFO", "socket", "directory", "device"]


def put_special(kind: str, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that is no regular file, under this name."""
    target.unlink(missing_ok=True)
    if kind == "FIFO":
        os.mkfifo(target)
    elif kind == "socket":
        monkeypatch.chdir(target.parent)  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(target.name)
    elif kind == "directory":
        target.mkdir()
    else:
        target.symlink_to("/dev/zero")


@pytest.mark.parametrize("name", ["radio.yaml", "radio.jsonl"])
@pytest.mark.parametrize("kind", SPECIAL)
def test_a_thing_that_is_no_file_is_passed_over_with_a_warning(
    small: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    """Hazard 25."""
    plain = call("--evidence", small, "list", "-o", "json")
    put_special(kind, small / name, monkeypatch)
    warning = f"{small / name}: warning: is a {kind}, not a regular file: it is passed over "
    for argv in (["list", "-o", "json"], ["--no-cache", "list", "-o", "json"]):
        done = call("--evidence", small, *argv)
        assert (done.exit, done.out) == (0, plain.out)
        assert done.err.startswith(warning)
    checked = call("check", small)
    assert (checked.exit, checked.out) == (0, warning + "[special-file]\n")
    assert call("check", small, "--strict").exit == 1


def test_a_thing_that_is_no_file_is_only_warned_of_whatever_its_name(small: Path) -> None:
    """Hazard 25."""
    os.mkfifo(small / "pipe.yaml")
    assert call("--evidence", small, "list", "--count").out == "2\n"
    assert "pipe.yaml: warning: is a FIFO" in call("check", small).out


@pytest.mark.parametrize("name", ["chemo.yaml", "references.yaml", "vocabulary/cells.yaml"])
@pytest.mark.parametrize("kind", SPECIAL)
def test_a_thing_in_place_of_a_file_that_is_needed_is_refused_without_waiting(
    small: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    """Hazard 25."""
    put_special(kind, small / name, monkeypatch)
    for argv in (["list"], ["--no-cache", "list"]):
        # chemo.yaml is the only file of claims: without it there is no evidence.
        named = "no evidence files" if name == "chemo.yaml" else name
        assert_refused(call("--evidence", small, *argv), named)
    checked = call("--evidence", small, "check")
    assert checked.exit in (1, 2)
    assert name in checked.out + checked.err
    assert_refused(call("--evidence", small, "fmt", small / name), name)


@pytest.mark.parametrize("kind", ["FIFO", "socket", "device"])
def test_a_thing_that_is_no_file_is_refused_where_it_is_named(
    small: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Hazard 25."""
    put_special(kind, small / "radio.yaml", monkeypatch)
    named = small / "radio.yaml"
    assert_refused(call("check", named), f"{named}: error: is a {kind}, not a regular file")
    assert_refused(call("fmt", named), f"{named}: error: is not a regular file")
    assert_refused(call("--evidence", named, "list"), str(named))


def test_check_reads_a_file_of_claims_from_stdin(small: Path) -> None:
    """Hazard 25. It stands in for the file of the same therapy, and is named `<stdin>`."""
    good = (small / "chemo.yaml").read_bytes()
    done = piped(good, "--evidence", small, "check", "-")
    assert (done.exit, done.out) == (0, "")
    assert "no findings in <stdin>" in done.err
    bad = piped(good.replace(b"refs: [1]", b"refs: [7]"), "--evidence", small, "check", "-")
    assert (bad.exit, bad.out) == (
        1,
        "<stdin>:17:12: error: reference 7 is not in references.yaml [ref-unknown]\n",
    )
    radio = good.replace(b"chemo", b"radio").replace(b"che-", b"rad-")
    beside = piped(radio, "--evidence", small, "check", "-")
    assert " 4 claims," in beside.err
    assert call("check", "-", "--fix").exit == 2


def test_claims_from_stdin_are_those_of_the_source_that_their_ids_name(tmp_path: Path) -> None:
    of_two = two_sources(tmp_path / "two")
    further = of_two / "sources" / "acar2016"
    claims = (further / "chemo.yaml").read_bytes()
    for evidence in (of_two, further):
        done = piped(claims, "--evidence", evidence, "check", "-")
        assert (done.exit, "<stdin>" in done.out) == (0, False)
    bare = piped(claims.replace(b"acar2016-che", b"che"), "--evidence", further, "check", "-")
    said = (
        "id `che-001` must begin with `acar2016-`, the key of its source, such as acar2016-che-001"
    )
    assert said in bare.out
    alien = piped(claims.replace(b"-che-", b"-rad-"), "--evidence", of_two, "check", "-")
    assert "ids of chemo begin with `acar2016-che-`" in alien.out


def test_claims_from_stdin_that_no_id_assigns_to_a_source_are_refused(tmp_path: Path) -> None:
    (tmp_path / "collection.yaml").write_text("{}\n")
    for key in ("roe2025", "acar2016"):
        folder = tmp_path / "sources" / key
        folder.mkdir(parents=True)
        (folder / "source.yaml").write_text(f"key: {key}\n")
        (folder / "references.yaml").write_text("references: {}\n")
        (folder / "chemo.yaml").write_text("therapy: chemo\nclaims: []\n")
    empty = b"therapy: chemo\nclaims: []\n"
    place = f"--evidence {tmp_path / 'sources' / 'acar2016'}"
    done = piped(empty, "--evidence", tmp_path, "check", "-")
    assert_refused(done, "no id begins with `acar2016-` or `roe2025-`; name the source", place)


def test_claims_from_stdin_of_a_source_that_is_not_in_use_ask_for_its_directory(
    tmp_path: Path,
) -> None:
    of_two = two_sources(tmp_path / "two")
    claims = (of_two / "sources" / "acar2016" / "chemo.yaml").read_bytes()
    done = piped(claims.replace(b"acar2016-", b"own-"), "--evidence", of_two, "check", "-")
    assert_refused(done, f"no source of {of_two} is called `own`", "--evidence DIR")
    of_main = piped(claims.replace(b"acar2016-", b"main-"), "--evidence", of_two, "check", "-")
    assert "id `main-che-001` must be a prefix" in of_main.out


def test_the_evidence_that_comes_with_tdr_is_checked_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    comes = two_sources(tmp_path / "comes")
    monkeypatch.setattr("tdr.read.files.shipped_path", lambda: comes)
    assert call("check", "shipped").exit == 0


def test_fmt_formats_stdin_to_stdout(small: Path) -> None:
    """Hazard 25."""
    good = (small / "chemo.yaml").read_bytes()
    assert piped(good, "fmt", "-").raw == good
    untidy = good.replace(b"refs: [2, 3]", b"refs:  [ 2,3 ]")
    assert piped(untidy, "fmt", "-").raw == good
    checked = piped(untidy, "fmt", "--check", "-")
    assert (checked.exit, checked.out) == (1, "<stdin>\n")
    assert "+    refs: [2, 3]\n" in piped(untidy, "fmt", "--diff", "-").out
    assert_refused(piped(b"a: [", "fmt", "-"), "<stdin>:1:", "[syntax]")
    assert_refused(piped(b"some text", "fmt", "-"), "<stdin>:1:1:", "got text [root]")


def test_a_bulk_file_without_lines_is_refused_however_large(small: Path) -> None:
    """Hazard 13."""
    with (small / "radio.jsonl").open("wb") as file:
        file.truncate(1 << 42)  # a sparse file: reading or hashing it would take hours
    say = "radio.jsonl:1:1: error: the line exceeds the limit of 8,388,608 bytes"
    assert_refused(call("--evidence", small, "list"), say, "[size]")
    checked = call("check", small)
    assert (checked.exit, say in checked.out) == (1, True)


def test_a_file_of_claims_that_was_cut_off_is_warned_of_by_every_command(small: Path) -> None:
    """Hazard 16."""
    (small / "radio.yaml").write_bytes(b"")
    done = call("--evidence", small, "list", "--count")
    assert (done.exit, done.out) == (0, "2\n")
    assert "radio.yaml: warning: the file is empty: nothing is read from it [empty]" in done.err


@pytest.mark.parametrize("content", [b"", b"\n \n\r\n"])
def test_a_bulk_file_without_content_is_warned_of(small: Path, content: bytes) -> None:
    """Hazard 16."""
    (small / "radio.jsonl").write_bytes(content)
    assert call("--evidence", small, "list", "--count").out == "2\n"
    checked = call("check", small)
    assert (checked.exit, checked.out) == (
        0,
        f"{small}/radio.jsonl:1:1: warning: the file is empty: nothing is read from it [empty]\n",
    )


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            '"1.0.0"',
            "1.10",
            "1:15: error: `data_version` must be text, not the unquoted value 1.10",
        ),
        ('"1.0.0"', "true", "1:15: error: `data_version` must be text"),
        ('"1.0.0"', "[1]", "1:15: error: `data_version` must be text, not a list"),
        ("CC BY 4.0", "{a: 1}", "7:12: error: `licence` must be text, not a mapping"),
        ("CC BY 4.0", "1.0", "7:12: error: `licence` must be text"),
        ("[Doe J]", "[1e3]", "4:13: error: items of `authors` must be text"),
        ("[[1]]", "[[1, true]]", "13:37: error: `true` is not a reference number"),
        ("[[1]]", "[[1], [x]]", "13:39: error: `x` is not a reference number"),
    ],
)
def test_what_source_yaml_says_is_of_the_right_type(
    small: Path, old: str, new: str, found: str
) -> None:
    """Hazard 17."""
    source = small / "source.yaml"
    source.write_text(source.read_text().replace(old, new, 1))
    done = call("check", small)
    assert (done.exit, done.out.count("\n")) == (1, 1), done.out
    assert done.out.startswith(f"{source}:{found}")
    assert_refused(call("--evidence", small, "list"), f"{source}:{found}")


def test_a_check_that_could_not_read_a_file_does_not_say_that_nothing_was_found(
    small: Path,
) -> None:
    """Hazard 22."""
    (small / "radio.yaml").symlink_to("nowhere")
    done = call("check", small)
    assert done.exit == 2
    assert "no findings" not in done.err
    assert ": 1 failure\n" in done.err


OVER = {
    "size=9M": b"#" * (8 * 2**20 + 1),
    "depth=200": b"note: " + b"[" * 150 + b"]" * 150 + b"\n",
    "aliases=2000": b"note: [&a x" + b", *a" * 1500 + b"]\n",
    "alias-nodes=1M": b"note: [&a [" + b"x," * 999 + b"], " + b"*a, " * 150 + b"]\n",
}


@pytest.mark.parametrize("allowed", OVER)
def test_a_limit_names_the_option_that_raises_it(small: Path, allowed: str) -> None:
    """Hazard 13."""
    claims = small / "chemo.yaml"
    claims.write_bytes(claims.read_bytes() + OVER[allowed])
    refused = call("--evidence", small, "list")
    assert_refused(refused, f"(tdr --allow {allowed.partition('=')[0]}=N)")
    raised = call("--evidence", small, "--allow", allowed, "list", "--count")
    # What is beyond the limit is read now, and judged like anything else.
    assert "--allow" not in raised.err
    assert raised.exit == 0 or "unknown field `note`" in raised.err
    assert call("--evidence", small, "list").err == refused.err, "only this one run was allowed"


@pytest.mark.parametrize(
    "wish", ["size", "size=", "size=x", "size=1", "size=9T", "depth=1K", "x=9"]
)
def test_a_limit_is_raised_within_reason(wish: str) -> None:
    """Hazard 13."""
    assert_refused(call("--allow", wish, "list"), f"`--allow {wish}`: ")


def test_stdin_without_an_end_is_refused_at_the_limit(small: Path) -> None:
    """Hazard 13."""
    endless = b"- x\n" * (9 << 18)
    found = piped(endless, "--evidence", small, "check", "-")
    assert (found.exit, found.out) == (
        1,
        "<stdin>:1:1: error: exceeds the limit of 8,388,608 bytes for one file: split it, "
        "or raise the limit (tdr --allow size=N) [size]\n",
    )
    assert_refused(piped(endless, "fmt", "-"), "<stdin>:1:1: error: exceeds the limit", "[size]")


@pytest.mark.parametrize("moment", ["tdr.read.files.find_layout", "tdr.index.cache.file_hashes"])
def test_a_file_that_vanishes_meanwhile_is_named(
    small: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Hazard 26."""
    module, _, name = moment.rpartition(".")
    original = getattr(sys.modules[module], name)

    def vanish(*args: object, **options: object) -> object:
        result = original(*args, **options)
        (small / "chemo.yaml").unlink(missing_ok=True)
        return result

    for user in (module, "tdr"):  # `tdr.load` imports find_layout by name
        if hasattr(sys.modules[user], name):
            monkeypatch.setattr(f"{user}.{name}", vanish)
    assert_refused(call("--evidence", small, "list"), "chemo.yaml")


def test_a_hostile_name_reaches_no_terminal_raw(tmp_path: Path) -> None:
    """Hazard 27."""
    evidence = small_evidence(tmp_path / "evil\x1b[31m\n[bold]\u202e\udcff")
    (evidence / "chemo.yaml").write_text("therapy: chemo\nclaims: [1]\n")
    for argv in (["list"], ["check"], ["check", "-o", "github"], ["check", "-o", "json"],
                 ["check", "-o", "sarif"], ["check", "-o", "junit"], ["fmt"]):  # fmt: skip
        done = call("--evidence", evidence, *argv)
        text = done.err + done.out
        assert not HARMFUL.search(text)
        assert "[bold]" in text or "%5Bbold%5D" in text or argv == ["fmt"]
    json.loads(call("--evidence", evidence, "check", "-o", "sarif").out)
    (finding, *_) = json.loads(call("--evidence", evidence, "check", "-o", "json").out)["findings"]
    assert finding["file"].encode("utf-8", "surrogateescape").startswith(os.fsencode(evidence))


def test_backups_and_hidden_files_are_no_evidence(small: Path) -> None:
    """Hazard 27."""
    for name in ("radio.yaml~", ".#radio.yaml", "#radio.yaml#", ".radio.yaml", "radio.yaml.tmp"):
        (small / name).write_text("nonsense: [")
    assert call("--evidence", small, "list", "--count").out == "2\n"
    assert call("check", small).exit == 0


@pytest.mark.parametrize("claim", ['"x"', "null", "3", "[]"])
def test_what_is_no_claim_is_told_in_the_same_words_in_yaml_and_json_lines(
    small: Path, claim: str
) -> None:
    (small / "chemo.yaml").write_text(f"therapy: chemo\nclaims:\n  - {claim}\n")
    (small / "chemo.jsonl").write_text(f"{claim}\n")
    in_yaml, in_lines = sorted(call("--evidence", small, "list").err.splitlines(), reverse=True)
    text = "error: a claim must be a mapping with an `id`"
    assert in_yaml.endswith(f"chemo.yaml:3:5: {text} [type]")
    assert in_lines.partition(": ")[2].startswith(text)


def test_nothing_is_imported_from_the_current_directory(tmp_path: Path) -> None:
    """Hazard 28."""
    for module in (
        "json",
        "rapidfuzz",
        "rich",
        "ruamel",
        "sitecustomize",
        "sqlite3",
        "tdr",
        "typer",
    ):
        (tmp_path / f"{module}.py").write_text("open('touched', 'w')\n")
    done = started(b"", "search", "macrophage", "-o", "table", cwd=tmp_path)
    assert done.exit == 0, done.err
    assert "che-001" in done.out
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize(
    "argv",
    [["list"], ["check"], ["check", "."], ["fmt"], ["report", "-o", "x.html"],
     ["matrix", "--svg", "x.svg"], ["graph", "--svg", "x.svg"], ["new", "-t", "chemo"],
     ["diff", ".", "."]],
    ids=" ".join,
)  # fmt: skip
def test_a_deleted_current_directory_is_a_failure_not_a_crash(
    tmp_path: Path, argv: list[str]
) -> None:
    """Hazard 28."""
    gone = tmp_path / "gone"
    vanish = [partial(os.mkdir, gone), partial(os.chdir, gone), partial(os.rmdir, gone)]
    assert_refused(forked("--evidence", ".", *argv, before=vanish))
    if argv in (["list"], ["check"]):  # what comes with the program needs no current directory
        assert forked(*argv, before=vanish).exit == 0
