"""Every rule has a manual page, a place in the list, and cases that it passes and fails."""

from __future__ import annotations

import ast
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tdr.check import RULES, run
from tdr.model.errors import Location
from tests.conftest import PACKAGE, ROOT

CASES = ROOT / "tests" / "cases"
MINIMAL = ROOT / "tests" / "data" / "minimal"

WITHOUT_CASES = {
    "size": "a file over 8 MiB is made by its own test",
    "special-file": "a FIFO cannot be kept as a case: tests/read/test_files.py",
    "wider-term": "needs two directories: tests/read/test_unite.py",
    "shared-wording": "needs a source beside the evidence: tests/check/test_wording.py",
}


@dataclass
class Case:
    """Files laid over the minimal evidence, and what is found in them."""

    files: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    also: set[str] = field(default_factory=set)


def read_case(path: Path) -> Case:
    case = Case()
    if path.is_dir():
        for line in (path / "case.txt").read_text(encoding="utf-8").splitlines():
            word, _, rest = line.partition(" ")
            {"finds": case.places.append, "also": case.also.add, "without": case.removed.append}[
                word
            ](rest)
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.name != "case.txt":
                case.files[file.relative_to(path).as_posix()] = file.read_bytes()
        return case
    content = path.read_bytes()
    header = content.split(b"\n", 1)[0].decode("ascii").removeprefix("# ").split()
    name, *rest = header
    case.files[name] = content
    case.also = {word[1:] for word in rest if word.startswith("+")}
    for word in rest:
        if not word.startswith("+"):
            case.places.append(f"{name}:{word}" if word[0].isdigit() else word)
    return case


def lay(case: Case, directory: Path) -> Path:
    path = directory / "evidence"
    shutil.copytree(MINIMAL, path)
    for name in case.removed:
        (path / name).unlink()
    for name, content in case.files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def relative(location: Location | None, root: Path) -> str:
    assert location is not None
    return str(location).removeprefix(f"{root}").removeprefix("/") or "."


ALL = sorted(path for path in CASES.glob("*/*") if path.name.startswith(("good-", "bad-")))


def case_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", [p for p in ALL if p.name.startswith("good-")], ids=case_name)
def test_a_good_case_gives_no_finding(path: Path, tmp_path: Path) -> None:
    report = run(lay(read_case(path), tmp_path))
    assert [str(finding) for finding in report.findings] == []


@pytest.mark.parametrize("path", [p for p in ALL if p.name.startswith("bad-")], ids=case_name)
def test_a_bad_case_is_found_where_it_is_bad(path: Path, tmp_path: Path) -> None:
    case, code = read_case(path), path.parent.name
    directory = lay(case, tmp_path)
    report = run(directory)
    found = [relative(f.location, directory) for f in report.findings if f.rule == code]
    assert sorted(found) == sorted(case.places)
    assert found, "a bad case is found"
    assert {f.rule for f in report.findings} - {code} == case.also


def test_a_day_that_has_begun_anywhere_is_not_in_the_future(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = read_case(CASES / "verified" / "good-all-three.yaml")
    today = (datetime.now(UTC) + timedelta(hours=14)).date().isoformat().encode()
    ((name, content),) = case.files.items()
    assert b"2024-05-31" in content
    case.files[name] = content.replace(b"2024-05-31", today)
    monkeypatch.setenv("TZ", "Etc/GMT+12")  # where it is latest in coming
    time.tzset()
    try:
        assert run(lay(case, tmp_path)).findings == ()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_minimal_evidence_is_sound() -> None:
    report = run(MINIMAL)
    assert report.findings == ()
    assert (report.claims, report.references, report.skipped) == (3, 4, 0)


def test_every_rule_has_a_good_and_a_bad_case() -> None:
    wanted = {rule.code for rule in RULES if rule.code not in WITHOUT_CASES}
    for kind in ("good-", "bad-"):
        shown = {path.parent.name for path in ALL if path.name.startswith(kind)}
        assert wanted <= shown <= {rule.code for rule in RULES}


def test_codes_are_unique_and_plain() -> None:
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_a_manual_page_says_what_why_wrong_and_right() -> None:
    for rule in RULES:
        title, why, *_ = rule.manual.split("\n\n")
        assert "\n" not in title, rule.code
        assert title.endswith("."), rule.code
        assert len(rule.title) <= 90, rule.code
        assert not why.startswith(("Wrong:", "Right:")), f"{rule.code}: it says why it matters"
        wrong, right = map(str.strip, rule.examples)
        assert wrong, rule.code
        assert right, rule.code
        assert wrong != right, rule.code
        assert rule.severity in ("error", "warning"), rule.code


def test_every_code_that_reading_gives_is_a_rule() -> None:
    """A problem whose code is not in the list could be neither explained nor selected."""
    known = {rule.code for rule in RULES} | {"usage", ""}
    found: dict[str, str] = {}
    for path in sorted((PACKAGE / "read").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for code in codes_of(node):
                    found[code] = f"{path.name}:{node.lineno}"
    assert {"ref", "unknown-term", "duplicate-key", "syntax"} <= set(found)
    assert {code: where for code, where in found.items() if code not in known} == {}


def codes_of(call: ast.Call) -> list[str]:
    """The codes that a call reports under: of a Problem, or through a helper that makes one."""
    name = ast.unparse(call.func).rsplit(".", 1)[-1]
    texts = [a.value if isinstance(a, ast.Constant) else None for a in call.args]
    position = {"Problem": 1, "complain": 2, "problem": 0, "stop": 0, "first": 0,
                "RefusedError": 0, "_JsonError": 1}.get(name)  # fmt: skip
    if position is None or position >= len(texts):
        return []
    code = texts[position]
    return [code] if isinstance(code, str) else []


def test_a_file_over_the_limit_is_found(tmp_path: Path) -> None:
    directory = lay(Case(), tmp_path)
    with (directory / "radio.yaml").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    report = run(directory)
    assert [f.rule for f in report.findings] == ["size"]
