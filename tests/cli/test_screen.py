"""Hazards 42-48 of docs/hazards.md: terminals, locales, completion, arguments.

Each test carries the number of its row.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import pty
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.render.terminal.lines import cell_count, packed, paint
from tests.conftest import REVIEW, Run
from tests.program import (
    FORMATS,
    HARMFUL,
    LISTINGS,
    OPENING,
    all_started,
    call,
    shell,
    start,
    started,
    text_of,
)

Tdr = Callable[..., Run]


@pytest.fixture(autouse=True)
def in_use(three_claims: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims are enough for most of this, two of them in conflict."""
    monkeypatch.setenv("TDR_EVIDENCE", str(three_claims))


# -- D. terminals and locales ---------------------------------------------


@pytest.mark.parametrize("columns", ["1", "20", "40", "79", "300", "0", "-5", "abc", "", "100000"])
def test_no_width_loses_an_id(columns: str) -> None:
    """Hazard 42."""
    radio = ("--evidence", REVIEW, "list", "-t", "radio", "-o")
    wanted = call(*radio, "ids").out.split()
    shown = "".join(call(*radio, "table", COLUMNS=columns).out.split())
    assert all(identifier in shown for identifier in wanted)
    assert call("--help", COLUMNS=columns).out.count("list") >= 1


@pytest.mark.parametrize(
    "argv", [("list",), ("refs", "-c", "TAM"), ("table", "1"), ("list", "--noted", "-c", "TAM")]
)
def test_eighty_columns_are_enough_for_a_table(argv: tuple[str, ...]) -> None:
    first, *rest = call(*argv, "-o", "table", COLUMNS="80").out.splitlines()
    assert len(first.split()) > 4
    assert all(cell_count(line) <= 80 for line in rest)


def test_references_that_are_more_than_a_line_are_broken_between_two_of_them() -> None:
    claims = ["che-001 [li2024:1],", "imm-030 [li2024:51,li2024:52,li2024:53],", "tgt-001 [2]"]
    lines = packed([[(text, "")] for text in claims], 32, " ")
    assert [paint(line, False) for line in lines] == [
        "che-001 [li2024:1],",
        "imm-030 [li2024:51,li2024:52,",
        "  li2024:53], tgt-001 [2]",
    ]


@pytest.mark.parametrize("columns", ["1", "2", "7", "39", "9999", "10001", "0x10", "\u0663"])
def test_no_width_breaks_a_command(columns: str) -> None:
    """Hazard 42."""
    for argv in LISTINGS:
        done = call(*argv, "-o", "table", COLUMNS=columns)
        assert done.exit == 0, (argv, done.err)
        assert done.out


@pytest.mark.parametrize("columns", ["1", "20", "39", "80"])
def test_no_width_loses_a_count_of_the_matrix(columns: str) -> None:
    """Hazard 42."""
    argv = ("--evidence", REVIEW, "matrix", "--limit", "4")
    shown = "".join(call(*argv, "-o", "table", COLUMNS=columns).out.split())
    for record in json.loads(call(*argv, "--wide", "-o", "json").out)["rows"]:
        for name, count in record.items():
            sign = {"promotes": "▲", "opposes": "▼"}.get(name.rpartition(" ")[2])
            assert not (sign and count) or f"{count}{sign}" in shown, name


def on_a_terminal(*argv: str, **env: str) -> str:
    primary, secondary = pty.openpty()
    child = start(*argv, stdout=secondary, stderr=secondary, env={"TERM": "xterm"} | env)
    os.close(secondary)
    shown = b""
    while True:
        try:
            data = os.read(primary, 65536)
        except OSError:
            break
        shown += data
    os.close(primary)
    child.wait()
    return text_of(shown)


def test_a_page_is_not_poured_over_a_terminal() -> None:
    assert "write it to a file: `-o report.html`" in on_a_terminal("report", "-c", "NK")


def test_colour_follows_the_agreed_order() -> None:
    """Hazard 43."""
    shown = ("list", "-t", "chemo")
    assert "\x1b[" in on_a_terminal(*shown)
    for env in ({"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"},
                {"NO_COLOR": "1", "FORCE_COLOR": "1"},
                {"TERM": "dumb", "FORCE_COLOR": "1"}):  # fmt: skip
        assert "\x1b" not in on_a_terminal(*shown, **env), env
    assert "\x1b" not in on_a_terminal("--color", "never", *shown)
    assert "\x1b[" in on_a_terminal(*shown, NO_COLOR="")
    assert "\x1b" not in call(*shown, "-o", "table").out
    assert "\x1b[" in call(*shown, "-o", "table", FORCE_COLOR="1").out
    assert "\x1b[" in call("--color", "always", *shown, "-o", "table", NO_COLOR="1").out
    for form in FORMATS[1:]:
        assert "\x1b" not in call("--color", "always", "list", "-o", form, FORCE_COLOR="1").out


@pytest.mark.parametrize("argv", OPENING, ids=" ".join)
def test_a_terminal_gets_nothing_but_styles_and_our_links(argv: tuple[str, ...]) -> None:
    """Hazard 43."""
    shown = on_a_terminal(*argv)
    plain = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^;\x1b]*;[^\x1b]*\x1b\\", "", shown)
    assert not HARMFUL.search(plain.replace("\r\n", "\n"))


def test_errors_are_plain_even_in_ci() -> None:
    """Hazard 43."""
    shown = on_a_terminal("list", "-c", "xyz", GITHUB_ACTIONS="true", PY_COLORS="1", NO_COLOR="1")
    assert "\x1b" not in shown


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """A result that is longer than a terminal."""
    monkeypatch.setenv("TDR_EVIDENCE", str(REVIEW))
    monkeypatch.setenv("COLUMNS", "100")
    return ("list", "-t", "radio")


def test_a_long_result_goes_through_the_pager(long: tuple[str, ...]) -> None:
    plain = on_a_terminal(*long)
    paged = on_a_terminal(*long, TDR_PAGER="sed 's/^/> /'")
    *drawn, said = plain.splitlines()
    assert paged.splitlines() == [*(f"> {line}" for line in drawn), said]
    assert on_a_terminal(*long, PAGER="sed 's/^/> /'", TDR_PAGER="cat") == plain


def test_what_is_short_or_unwanted_is_not_paged(long: tuple[str, ...]) -> None:
    pager = {"TDR_PAGER": "sed 's/^/> /'"}
    assert "> " not in on_a_terminal("list", "-n", "1", **pager)
    for argv in ((*long, "--no-pager"), ("--no-pager", *long), (*long, "-o", "csv")):
        assert not any(line.startswith("> ") for line in on_a_terminal(*argv, **pager).splitlines())
    assert on_a_terminal(*long, TERM="dumb", NO_COLOR="1", **pager) == on_a_terminal(
        *long, NO_COLOR="1"
    )


@pytest.mark.parametrize(
    "pager", ["no-such-pager", "false", "cat; touch X", "$(touch X)", "'unclosed", ""]
)
def test_no_pager_is_run_by_a_shell_and_none_loses_the_result(
    long: tuple[str, ...], pager: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 78."""
    monkeypatch.chdir(tmp_path)
    assert on_a_terminal(*long, TDR_PAGER=pager) == on_a_terminal(*long)
    assert list(tmp_path.iterdir()) == []


def test_leaving_the_pager_early_is_a_quiet_end(long: tuple[str, ...]) -> None:
    """Hazard 78."""
    shown = on_a_terminal(*long, TDR_PAGER="head -n 1", NO_COLOR="1").splitlines()
    assert shown[0].startswith("id ")
    assert shown[1:] == [on_a_terminal(*long).splitlines()[-1]]


def test_a_killed_program_ends_after_its_pager(long: tuple[str, ...]) -> None:
    pager = (
        "import os, sys; program = os.getppid(); os.kill(program, 15); sys.stdin.read(); "
        "print(os.getppid() == program)"
    )
    shown = on_a_terminal(*long, TDR_PAGER=shlex.join([sys.executable, "-Ic", pager]))
    assert shown.split()[-1] == "True"


def test_messages_on_a_terminal_are_wrapped_between_words() -> None:
    shown = on_a_terminal("list", "-c", "macrofage", COLUMNS="40", TDR_EVIDENCE=str(REVIEW))
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == call(
        "list", "-c", "macrofage", TDR_EVIDENCE=str(REVIEW)
    ).err.removesuffix("\n")


SURROUNDINGS = {
    "COLUMNS": "20", "TERM": "dumb", "LC_ALL": "C", "PYTHONHASHSEED": "7", "NO_COLOR": "1",
    "PYTHONIOENCODING": "latin-1", "TZ": "Asia/Tokyo",
}  # fmt: skip


def test_what_is_written_does_not_depend_on_the_surroundings() -> None:
    """Hazard 44."""
    wanted = [[*argv, "-o", form] for argv in LISTINGS for form in ("json", "yaml")]
    wanted += [["list", "-o", form] for form in FORMATS[1:]]
    wanted += [
        ["report"],
        ["graph", "--dot"],
        ["graph", "--mermaid"],
        ["matrix", "--svg", "-"],
        ["check", "-o", "json"],
    ]
    plain = all_started(wanted, PYTHONHASHSEED="1")
    assert len(plain) > 80_000
    assert all_started([["--no-cache", *argv] for argv in wanted], **SURROUNDINGS) == plain


@pytest.mark.parametrize("encoding", ["ascii", "big5", "utf-16"])
def test_no_encoding_breaks_a_command(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """Hazard 45."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding, "strict"))
    for argv in (*LISTINGS, ("check", "--list-rules"), ("--help",)):
        table = ("-o", "table") if argv in LISTINGS else ()
        done = call(*argv, *table)
        assert done.exit == 0, (argv, done.err)
        assert codecs.decode(done.raw, encoding).strip()


def test_data_is_utf_8_whatever_the_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 45."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii", "strict"))
    assert "(β)" in call("list", "-o", "csv").out
    drawn = call("list", "-o", "table").out
    assert drawn.isascii()
    assert "(\\u03b2)" in drawn


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_no_byte_order_mark_comes_with_data(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """Hazard 45."""
    plain = {form: call("list", "-o", form).raw for form in ("json", "csv", "ids")}
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    assert {form: call("list", "-o", form).raw for form in plain} == plain


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "utf-8:strict"},
    ],
    ids=str,
)
def test_no_locale_breaks_the_program(run: Tdr, env: dict[str, str]) -> None:
    """Hazard 45."""
    done = run("--evidence", str(REVIEW), "list", "-t", "radio", "-o", "table", **env)
    assert (done.exit, done.err) == (0, "22 of 125 claims\n")
    assert ("β-catenin" in done.out) == ("utf-8" in str(env))
    assert "\\u03b2-catenin" in done.out or "utf-8" in str(env)


def test_what_is_said_is_in_the_encoding_of_the_screen() -> None:
    """Hazard 45."""
    done = started(b"", "list", "-c", "Sjögrän-β", env={"PYTHONIOENCODING": "latin-1"})
    assert (done.exit, done.out) == (2, "")
    assert b"unknown cell `Sj\xf6gr\xe4n-\\u03b2`" in done.err.encode("utf-8", "surrogateescape")


def completed(shell_name: str, words: str, **env: str) -> Run:
    given_as = {
        "zsh": {"_TYPER_COMPLETE_ARGS": words},
        "bash": {"COMP_WORDS": words.replace(" ", "\n"), "COMP_CWORD": str(words.count(" "))},
        "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args",
                 "_TYPER_COMPLETE_WORD_TO_COMPLETE": words.rpartition(" ")[2]},
    }[shell_name]  # fmt: skip
    return call(_TDR_COMPLETE=f"complete_{shell_name}", **given_as, **env)


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_offers_nothing_that_a_shell_could_run(small: Path, shell_name: str) -> None:
    """Hazard 46."""
    cells = small / "vocabulary" / "cells.yaml"
    cells.write_text(
        cells.read_text() + '  - label: "Mast\\\\$(touch X) `touch X` cell"\n  - label: Mastix\n'
    )
    done = completed(shell_name, "tdr list --cell Mast", TDR_EVIDENCE=str(small))
    assert done.exit == 0
    assert "Mastix" in done.out
    assert "touch" not in done.out


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    "words",
    ["tdr show imm", "tdr list --cell $(touch X)", "tdr show `x", "tdr list -c 'a", "tdr nope x",
     "tdr \x1b[31m", "tdr --evidence /dev/zero show i", "tdr --color pink list --cell T", "tdr "],
)  # fmt: skip
def test_completion_never_fails(shell_name: str, words: str) -> None:
    """Hazard 46."""
    done = completed(shell_name, words, TDR_EVIDENCE="/nowhere")
    assert (done.exit if done.exit != 1 else 0, done.err) == (0, "")  # 1: nothing to offer
    assert not HARMFUL.search(done.out)


@pytest.mark.parametrize("option", ["--version", "--show-completion zsh", "--help"])
def test_what_an_option_does_at_once_is_not_done_while_somebody_completes(option: str) -> None:
    done = completed("fish", f"tdr {option} sour")
    assert (done.exit, done.out.split()[:1], len(done.out.splitlines())) == (0, ["sources"], 1)


@pytest.mark.parametrize("asked", ["complete_zzz", "source_zzz", "zzz"])
def test_completion_for_no_shell_that_there_is_finds_nothing_wrong_with_the_evidence(
    asked: str,
) -> None:
    """Hazard 46."""
    done = call(_TDR_COMPLETE=asked)
    assert done.exit == (1 if asked == "complete_zzz" else 2)
    assert done.out == ""


@pytest.mark.parametrize("shell_name", ["zsh", "fish"])
def test_values_are_offered_after_an_equals_sign(shell_name: str) -> None:
    """Hazard 46."""
    assert "--cell=TAM" in completed(shell_name, "tdr list --cell=TA").out
    assert "--source=main" in completed(shell_name, "tdr coverage --source=ma").out
    assert "--output=table" in completed(shell_name, "tdr list -t radio --output=ta").out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tdr list --cell = TA", "TAM\n"),
        ("tdr list --therapy = ra", "radio\n"),
        ("tdr list --therapy = radio --cell TA", "TAM\n"),
        ("tdr list --therapy =", "antiandrogen\nchemo\nimmunotherapy\nradio\ntargeted\n"),
        ("tdr list --not cell = TA", "TAM\n"),
        ("tdr list --columns id,mech", "id,mechanism\n"),
    ],
)
def test_bash_splits_words_at_the_equals_sign(words: str, offered: str) -> None:
    """Hazard 46."""
    assert completed("bash", words).out == offered


def test_bash_gets_a_space_as_the_quotes_at_the_cursor_need_it() -> None:
    """Hazard 46."""
    script = "source <(tdr --show-completion bash)\n"
    for typed in (["inter"], ['"inter'], [r"interacts\ w"], ["=", "inter"], ["=", "'inter"]):
        words = ["tdr", "steps", "--does", *typed]
        script += f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}\n"
        script += '_tdr_completion tdr; echo "${COMPREPLY[@]}"\n'
    plain, escaped = "interacts with", r"interacts\ with"
    done = shell(script)
    assert done.stdout.decode().splitlines() == [escaped, plain, escaped, escaped, plain]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tdr list --cell CA", "CAF\n"),  # and none of the names with a space that begin so
        ("tdr steps --from 'regulatory T", "regulatory T cell\n"),
        (r"tdr path regulatory\ T", "regulatory T cell\n"),
        ("tdr matrix --cols ca", "cancer\n"),
        ("tdr stats --by proc", "process\n"),
        (r"tdr compare regulatory\ T", "regulatory T cell\n"),
        ("tdr conflicts --kind cont", "contradiction\ncontext\n"),
        ("tdr check --explain ref-g", "ref-gap\n"),
        ("tdr list --not therapy=ra", "therapy=radio\n"),
        ("tdr list --with eff", "effect=resistance\neffect=sensitivity\n"),
        ("tdr list --not c", "cell=\ncancer=\ncountered_by=\n"),
    ],
)
def test_what_a_table_knows_is_offered(words: str, offered: str) -> None:
    """Hazard 46."""
    assert completed("fish", words, TDR_EVIDENCE=str(REVIEW)).out == offered


def test_the_evidence_may_stand_below_a_tilde_or_a_variable(small: Path) -> None:
    """Hazard 46."""
    for path in ("~/small", "$HOME/small"):
        done = completed("fish", f"tdr --evidence {path} show che", HOME=str(small.parent))
        assert done.out.split() == ["che-001", "che-002"]


@pytest.mark.parametrize("argv", [("--show-completion", "fish"), ("--show-completion=fish",)])
def test_the_script_of_another_shell_can_be_had(run: Tdr, argv: tuple[str, ...]) -> None:
    """Hazard 46."""
    done = run(*argv)
    assert (done.exit, done.err) == (0, "")
    assert done.out.startswith("complete --command tdr ")


def test_a_shell_without_completion_is_named(run: Tdr) -> None:
    """Hazard 46."""
    done = run("--show-completion", "tcsh")
    assert (done.exit, done.out) == (2, "")
    assert "no completion for tcsh; one of bash, zsh, fish, powershell, pwsh (" in done.err


def test_installing_goes_where_the_named_shell_looks(run: Tdr, tmp_path: Path) -> None:
    """Hazard 46."""
    done = run("--install-completion", "fish", HOME=str(tmp_path))
    script = tmp_path / ".config/fish/completions/tdr.fish"
    assert (done.exit, done.out.splitlines()[0]) == (0, f"fish completion installed in {script}")
    assert script.read_text() == run("--show-completion", "fish").out


def test_zsh_prefers_ours_to_its_own_completion_of_another_tdr(run: Tdr, tmp_path: Path) -> None:
    """Hazard 46. zsh comes with a completion of devtodo, which has a command of this name."""
    for _ in range(2):
        run("--install-completion", "zsh", HOME=str(tmp_path))
    lines = (tmp_path / ".zshrc").read_text().splitlines()
    ours = f"source {tmp_path}/.zfunc/_tdr"
    assert lines.count(ours) == 1
    assert lines.index(ours) > lines.index("fpath+=~/.zfunc; autoload -Uz compinit; compinit")


def test_completion_survives_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 46."""

    def boom(*_: object) -> None:
        raise RuntimeError("bad")

    monkeypatch.setattr("tdr.cli.load_command", boom)
    done = completed("bash", "tdr show imm")
    assert (done.exit, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    "argument", ["\x1b[31m", "[/x]", "\u202e", "x" * 5000, "a\nb", "\udcff\udcfe", "%s"]
)
def test_hostile_arguments_are_shown_harmlessly(argument: str) -> None:
    """Hazard 48."""
    for argv in (
        ["show", argument],
        ["list", "-c", argument],
        ["list", "--sort", argument],
        ["list", "-r", argument],
        ["list", "-o", argument],
        ["list", "-n", argument],
        ["terms", argument],
        ["refs", argument],
        ["list", "--columns", argument],
        ["list", "--not", f"{argument}=x"],
        ["list", "--section", argument],
        ["matrix", "--rows", argument],
        ["matrix", "--under", argument],
        ["matrix", "--level", argument],
        ["stats", "--by", argument],
        ["compare", argument, "TAM"],
        ["table", argument],
        ["check", argument],
        ["check", "--select", argument],
        ["check", "--explain", argument],
        ["check", "--against", argument],
        ["fmt", argument],
        ["diff", argument, argument],
        ["new", "-t", argument],
        ["schema", argument],
        ["--color", argument, "list"],
        ["--evidence", argument, "list"],
        [argument],
    ):
        done = call(*argv)
        assert done.exit in (1, 2), (argv, done.err)
        assert not HARMFUL.search(done.err), argv
        assert "Traceback" not in done.err
        assert len(done.err) < 1500 or argv[0] in ("check", "fmt", "diff", "--evidence"), (
            argv,
            len(done.err),
        )
        assert done.err.count("\n") <= 2, argv


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    """Hazard 48."""
    done = shell(r"tdr show $'\xff\xfe'")
    assert done.returncode == 1
    assert b"\\udcff" in done.stderr
