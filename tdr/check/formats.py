"""A report as text, JSON, GitHub annotations, SARIF or JUnit: functions of one value."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tdr.check import RULES
from tdr.check.finding import WARNING
from tdr.check.report import Report
from tdr.model.errors import Location, Problem
from tdr.model.text import visible
from tdr.render import formats_of
from tdr.render.data import indented
from tdr.render.picture.svg import escaped


def render(
    report: Report, format_name: str, *, strict: bool = False, show_ignored: bool = False
) -> Iterable[str]:
    """The report in a format; `strict` says that warnings fail, `show_ignored` lists more."""
    made: Iterable[str] = formats_of("report")[format_name].load()(report, strict, show_ignored)
    return made


def _line(problem: Problem) -> str:
    # CI systems obey lines that begin with `::` or `##`: no file name gets there.
    text = visible(str(problem))
    return f"./{text}" if text.startswith((":", "#", "-")) else text


def text(report: Report, strict: bool, show_ignored: bool) -> Iterator[str]:  # noqa: ARG001 - one signature
    for finding in report.findings:
        yield _line(finding) + "\n"
    for one in report.ignored if show_ignored else ():
        yield f"{_line(one.problem)} ignored: {visible(one.reason)}\n"


def json_(report: Report, strict: bool, show_ignored: bool) -> Iterator[str]:  # noqa: ARG001
    yield indented({"schema_version": 1, **report.to_dict()}) + "\n"


# --- GitHub annotations -----------------------------------------------------------------------


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_command(kind: str, problem: Problem, extra: str = "") -> str:
    at = problem.location
    properties = []
    if at is not None:
        properties.append(("file", _relative(at.file)))
        properties += [("line", str(at.line))] if at.line else []
        properties += [("col", str(at.column))] if at.column else []
    properties.append(("title", problem.rule))
    values = ((k, _github_data(v).replace(":", "%3A").replace(",", "%2C")) for k, v in properties)
    shown = ",".join(f"{name}={visible(value)}" for name, value in values)
    see = f" (see {problem.related})" if problem.related else ""
    text = visible(_github_data(f"{problem.text}{see} [{problem.rule}]{extra}"))
    return f"::{kind} {shown}::{text}\n"


def github(report: Report, strict: bool, show_ignored: bool) -> Iterator[str]:
    for finding in report.findings:
        failing = strict or finding.severity != WARNING
        yield _github_command("error" if failing else "warning", finding)
    for one in report.ignored if show_ignored else ():
        yield _github_command("notice", one.problem, f" ignored: {one.reason}")


# --- SARIF ------------------------------------------------------------------------------------

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def _relative(file: str) -> str:
    """A path as seen from the root of the repository that the current directory lies in.

    Without a repository as seen from the current directory; a path outside stays as it is.
    """
    try:
        here = Path.cwd()
    except OSError:
        return os.path.normpath(file)
    root = next((up for up in (here, *here.parents) if (up / ".git").exists()), here)
    relative = os.path.relpath(os.path.join(here, file), root)
    if relative.startswith(".."):
        return Path(os.path.normpath(file)).as_posix()
    return Path(relative).as_posix()


def _path_bytes(path: str) -> bytes:
    """A path as the system has it; half a pair of surrogates can stand in none, but in a value."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


def _artifact(file: str) -> dict[str, str]:
    path = _relative(file)
    if os.path.isabs(path):
        return {"uri": "file://" + quote(_path_bytes(path))}
    # A first segment with a colon would be taken for a scheme; quote() escapes it.
    return {"uri": quote(_path_bytes(path), safe="/"), "uriBaseId": "%SRCROOT%"}


def _sarif_location(at: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(at.file)}
    if at.line is not None:
        physical["region"] = {"startLine": at.line}
        if at.column is not None:
            physical["region"]["startColumn"] = at.column
    return {"physicalLocation": physical}


def _sarif_result(problem: Problem, order: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": order[problem.rule],
        "level": problem.severity,
        "message": {"text": visible(problem.text)},
        "locations": [_sarif_location(problem.location)] if problem.location else [],
    }
    if problem.related:
        see = _sarif_location(problem.related) | {"id": 1, "message": {"text": "see here"}}
        result["relatedLocations"] = [see]
    if problem.subject:
        what = "referenceNumber/v1" if problem.subject.isdigit() else "claimId/v1"
        result["partialFingerprints"] = {what: visible(problem.subject)}
    return result


def sarif(report: Report, strict: bool, show_ignored: bool) -> Iterator[str]:  # noqa: ARG001
    from tdr import __version__

    order = {rule.code: position for position, rule in enumerate(RULES)}
    rules = [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.reason},
            "help": {"text": rule.manual, "markdown": rule.manual},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in RULES
    ]
    results = [_sarif_result(finding, order) for finding in report.findings]
    for one in report.ignored:
        reason = {"kind": "inSource", "justification": visible(one.reason)}
        results.append(_sarif_result(one.problem, order) | {"suppressions": [reason]})
    notifications = [
        {
            "level": "error",
            "message": {"text": visible(failure.text)},
            "locations": [_sarif_location(failure.location)] if failure.location else [],
        }
        for failure in report.failures
    ]
    run = {
        "tool": {"driver": {"name": "tdr", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    yield indented(log) + "\n"


# --- JUnit ------------------------------------------------------------------------------------


def _case(name: str, file: str, inside: str = "") -> str:
    start = f'    <testcase classname="{escaped(file)}" name="{escaped(name)}"'
    return f"{start}>{inside}</testcase>\n" if inside else f"{start}/>\n"


def junit(report: Report, strict: bool, show_ignored: bool) -> Iterator[str]:
    """One test for each finding, and a passed one for each file without any.

    JUnit knows no warnings: one that does not fail the check is a skipped test.
    """
    cases: list[str] = []
    failed = skipped = errors = 0
    for finding in report.findings:
        passes = finding.severity == WARNING and not strict
        failed, skipped = failed + (not passes), skipped + passes
        cases.append(_finding_case(finding, "skipped" if passes else "failure"))
    for one in report.ignored if show_ignored else ():
        skipped += 1
        cases.append(_finding_case(one.problem, "skipped", f"ignored: {one.reason}"))
    for failure in report.failures:
        errors += 1
        cases.append(_finding_case(failure, "error"))
    touched = {p.location.file for p in (*report.findings, *report.failures) if p.location}
    cases += [_case(file, file) for file in report.shown or report.files if file not in touched]
    counts = f'tests="{len(cases)}" failures="{failed}" errors="{errors}" skipped="{skipped}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="tdr check" {counts}>\n  <testsuite name="tdr check" {counts}>\n'
    yield from cases
    yield "  </testsuite>\n</testsuites>\n"


def _finding_case(problem: Problem, outcome: str, extra: str = "") -> str:
    file = problem.location.file if problem.location else "tdr"
    code = problem.rule or "unreadable"
    name = f"{problem.location or file} [{code}]"
    kind = "" if outcome == "skipped" else f' type="{escaped(code)}"'
    message = escaped(extra or f"{problem.severity}: {problem.text}")
    body = escaped(str(problem))
    return _case(name, file, f'<{outcome}{kind} message="{message}">{body}</{outcome}>')
