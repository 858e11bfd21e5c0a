"""Reports for machines, read by the readers that machines use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import junitparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tdr.check import RULES, run
from tdr.check.formats import render
from tdr.check.report import Ignored, Report
from tdr.model.errors import Location, Problem
from tdr.render import formats_of
from tests.check.test_check import MINIMAL, Runner, copy, edit
from tests.conftest import ROOT
from tests.fuzz import examples

__all__ = ["copy"]  # a fixture of the other file

SCHEMA = Draft7Validator(
    json.loads((ROOT / "tests/data/sarif/sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
)
CODES = [rule.code for rule in RULES]

TEXT = st.text(st.characters(), max_size=30)  # with controls and surrogates
PLACES = st.builds(
    Location,
    TEXT.filter(lambda name: "\0" not in name and name != ""),
    st.none() | st.integers(1, 10**6),
    st.integers(1, 999),
)
PROBLEMS = st.builds(
    Problem,
    text=TEXT,
    rule=st.sampled_from(CODES),
    location=PLACES,
    severity=st.sampled_from(["error", "warning"]),
    related=st.none() | PLACES,
    subject=TEXT,
)
REPORTS = st.builds(
    Report,
    files=st.just(("ev/chemo.yaml",)),
    claims=st.just(1),
    references=st.just(1),
    rules=st.just(1),
    skipped=st.just(0),
    findings=st.lists(PROBLEMS, max_size=3).map(tuple),
    ignored=st.lists(st.builds(Ignored, PROBLEMS, TEXT), max_size=2).map(tuple),
)


def sarif(report: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads("".join(render(report, "sarif")))
    SCHEMA.validate(log)
    return log


def found(**settings: Any) -> Report:
    problem = Problem("text", "ref", Location("ev/chemo.yaml", 17, 12), subject="che-001")
    return Report(("ev/chemo.yaml",), 1, 1, 66, 0, findings=(problem,), **settings)


class TestSarif:
    @settings(max_examples=examples(0.4))  # each goes through the schema with all rules in it
    @given(REPORTS)
    def test_it_is_valid_whatever_the_evidence_says(self, report: Report) -> None:
        log = sarif(report)
        assert len(log["runs"][0]["results"]) == len(report.findings) + len(report.ignored)

    def test_the_claim_id_is_a_partial_fingerprint(self) -> None:
        (result,) = sarif(found())["runs"][0]["results"]
        assert result["partialFingerprints"] == {"claimId/v1": "che-001"}

    def test_a_rule_is_found_by_its_index_and_has_help(self) -> None:
        (run_,) = sarif(found())["runs"]
        (result,) = run_["results"]
        rule = run_["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == "ref"
        assert "Wrong:" in rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] == "error"

    def test_lines_and_columns_begin_at_1_and_count_code_points(self, copy: Path) -> None:
        edit(copy / "chemo.yaml", "processes: [survival]", 'processes: ["👩‍🔬", nothing]')
        log = sarif(run(copy, "ev"))
        assert log["runs"][0]["columnKind"] == "unicodeCodePoints"
        first, second = (
            r["locations"][0]["physicalLocation"]["region"] for r in log["runs"][0]["results"]
        )
        assert first == {"startLine": 12, "startColumn": 17}
        # The emoji is three code points, in quotes.
        assert second == {"startLine": 12, "startColumn": 17 + 5 + 2}

    def test_a_whole_file_has_no_region(self, copy: Path) -> None:
        (copy / "references.yaml").unlink()
        (result,) = sarif(run(copy, "ev"))["runs"][0]["results"]
        (location,) = result["locations"]
        assert list(location["physicalLocation"]) == ["artifactLocation"]

    @pytest.mark.parametrize(
        ("name", "uri"),
        [
            ("ev/chemo.yaml", "ev/chemo.yaml"),
            ("./ev/chemo.yaml", "ev/chemo.yaml"),
            ("a b/é#?%.yaml", "a%20b/%C3%A9%23%3F%25.yaml"),
            ("c:d/e.yaml", "c%3Ad/e.yaml"),
            ("\udcff/e.yaml", "%FF/e.yaml"),
            ("\udaf7/e.yaml", "%ED%AB%B7/e.yaml"),
        ],
    )
    def test_a_path_is_a_relative_percent_encoded_uri(self, name: str, uri: str) -> None:
        report = Report((), 0, 0, 0, 0, (Problem("t", "ref", Location(name, 1, 1)),))
        (result,) = sarif(report)["runs"][0]["results"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}

    def test_a_path_below_the_current_directory_becomes_relative(
        self, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(copy.parent)
        edit(copy / "chemo.yaml", "refs: [1]", "refs: [99]")
        (result,) = sarif(run(copy))["runs"][0]["results"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact["uri"] == "ev/chemo.yaml"
        monkeypatch.chdir(MINIMAL)
        (result,) = sarif(run(copy))["runs"][0]["results"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact["uri"] == (copy / "chemo.yaml").as_uri()

    def test_it_is_written_when_there_is_nothing_to_say(self, copy: Path) -> None:
        assert sarif(run(copy))["runs"][0]["results"] == []

    def test_what_a_claim_ignores_is_suppressed_with_its_reason(self) -> None:
        (problem,) = found().findings
        report = Report((), 1, 1, 1, 0, ignored=(Ignored(problem, "because"),))
        (result,) = sarif(report)["runs"][0]["results"]
        assert result["suppressions"] == [{"kind": "inSource", "justification": "because"}]

    def test_a_file_that_could_not_be_read_is_a_notification(self) -> None:
        failure = Problem("cannot be read", "", Location("ev/radio.yaml"))
        (invocation,) = sarif(found(failures=(failure,)))["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is False
        (note,) = invocation["toolExecutionNotifications"]
        assert note["message"]["text"] == "cannot be read"


def junit(report: Report, tmp_path: Path, **settings: bool) -> list[junitparser.TestCase]:
    path = tmp_path / "junit.xml"
    path.write_text("".join(render(report, "junit", **settings)), encoding="utf-8")
    return [case for suite in junitparser.JUnitXml.fromfile(str(path)) for case in suite]


class TestJUnit:
    def test_an_error_is_a_failed_test(self, tmp_path: Path) -> None:
        (case,) = junit(found(), tmp_path)
        assert (case.classname, case.name) == ("ev/chemo.yaml", "ev/chemo.yaml:17:12 [ref]")
        (failure,) = case.result
        assert isinstance(failure, junitparser.Failure)
        assert (failure.type, failure.message) == ("ref", "error: text")
        assert failure.text == "ev/chemo.yaml:17:12: error: text [ref]"

    def test_a_warning_is_skipped_unless_strict(self, tmp_path: Path) -> None:
        warning = Problem("text", "ref", Location("f.yaml", 1, 1), "warning")
        report = Report(("f.yaml",), 1, 1, 1, 0, (warning,))
        (case,) = junit(report, tmp_path)
        assert [type(r) for r in case.result] == [junitparser.Skipped]
        (case,) = junit(report, tmp_path, strict=True)
        assert [type(r) for r in case.result] == [junitparser.Failure]

    def test_a_file_without_findings_is_a_passed_test(self, copy: Path, tmp_path: Path) -> None:
        cases = junit(run(copy, "ev"), tmp_path)
        assert len(cases) == 10
        assert all(case.is_passed for case in cases)

    def test_the_counts_agree_with_the_cases(self, tmp_path: Path) -> None:
        failure = Problem("cannot be read", "", Location("ev/radio.yaml"))
        report = found(failures=(failure,))
        junit(report, tmp_path)
        parsed = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
        assert (parsed.tests, parsed.failures, parsed.errors, parsed.skipped) == (2, 1, 1, 0)

    @given(REPORTS)
    def test_it_can_be_read_whatever_the_evidence_says(self, report: Report) -> None:
        xml = "".join(render(report, "junit", strict=True, show_ignored=True))
        parsed = junitparser.JUnitXml.fromstring(xml.encode("utf-8"))
        assert parsed.failures == len(report.findings)


class TestGitHub:
    @given(REPORTS)
    def test_a_finding_is_one_command_on_one_line(self, report: Report) -> None:
        text = "".join(render(report, "github"))
        lines = text.split("\n")
        assert lines.pop() == ""
        assert len(lines) == len(report.findings)
        assert len(text.splitlines()) == len(lines), "no other line break reaches the log"
        for line in lines:
            assert line.startswith(("::error file=", "::warning file="))
            properties = line[2:].split("::", 1)[0].split(" ", 1)[1]
            names = [part.split("=", 1)[0] for part in properties.split(",")]
            assert names in (["file", "line", "col", "title"], ["file", "col", "title"])

    def test_data_and_properties_are_percent_escaped(self) -> None:
        place = Location("a,line=1::x%.yaml", 2, 3)
        report = Report((), 1, 1, 1, 0, (Problem("50 % of\r\n::error::x", "ref", place),))
        assert "".join(render(report, "github")) == (
            "::error file=a%2Cline=1%3A%3Ax%25.yaml,line=2,col=3,title=ref::"
            "50 %25 of%0D%0A::error::x [ref]\n"
        )

    def test_a_warning_is_an_error_when_strict(self) -> None:
        warning = Problem("text", "ref", Location("f.yaml", 1, 1), "warning")
        report = Report((), 1, 1, 1, 0, (warning,))
        assert "".join(render(report, "github")).startswith("::warning ")
        assert "".join(render(report, "github", strict=True)).startswith("::error ")


class TestEveryFormat:
    @pytest.mark.parametrize("fmt", formats_of("report"))
    @given(report=REPORTS)
    def test_nothing_that_a_terminal_obeys_gets_out(self, fmt: str, report: Report) -> None:
        text = "".join(render(report, fmt, show_ignored=True))
        assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in text)
        text.encode("utf-8")  # no surrogate is left

    @given(REPORTS)
    def test_a_line_of_text_never_begins_a_command(self, report: Report) -> None:
        for line in "".join(render(report, "text", show_ignored=True)).split("\n"):
            assert not line.startswith(("::", "##"))

    @pytest.mark.parametrize("fmt", formats_of("report"))
    def test_the_program_writes_what_the_renderer_says(
        self, fmt: str, runner: Runner, copy: Path
    ) -> None:
        edit(copy / "chemo.yaml", "refs: [1]", "refs: [99]")
        done = runner("check", "ev", "--format", fmt, cwd=copy.parent)
        assert done.out == "".join(render(run(copy, "ev"), fmt))


@pytest.fixture(name="runner")
def _runner(request: pytest.FixtureRequest) -> Runner:
    runner: Runner = request.getfixturevalue("run")
    return runner


@pytest.mark.parametrize("marker", ["directory", "file"])  # a file: a worktree or a submodule
def test_paths_are_those_of_the_repository_wherever_in_it_the_check_runs(
    run: Runner, small: Path, marker: str
) -> None:
    root = small.parent
    if marker == "file":
        (root / ".git").write_text("gitdir: elsewhere")
    else:
        (root / ".git").mkdir()
    claims = small / "chemo.yaml"
    claims.write_text(claims.read_text().replace("effect: resistance", "effect: resistence"))
    (root / "deep").mkdir()
    for cwd, argument in ((root, "small"), (small, "."), (root / "deep", "../small")):
        github = run("check", argument, "-o", "github", cwd=cwd)
        assert "file=small/chemo.yaml,line=" in github.out
        sarif = json.loads(run("check", argument, "-o", "sarif", cwd=cwd).out)
        place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "small/chemo.yaml", "uriBaseId": "%SRCROOT%"}
