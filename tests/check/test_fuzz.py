"""Whatever stands in the files, `run` gives a report: it never raises anything but TdrError."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdr.check import RULES, run
from tdr.check.formats import render
from tdr.render import formats_of
from tests.check.test_check import MINIMAL
from tests.fuzz import examples

FILES = sorted(path.relative_to(MINIMAL).as_posix() for path in MINIMAL.rglob("*.yaml"))

VALUES = st.sampled_from(
    ["", "null", "[]", "{}", "[[]]", "{a: 1}", "[1, x, null, [2], {b: c}]", "0", "-1", "99999999",
     "true", "1e3", "2024-01-02", "x", "''", "' '", '"\\ud800"', '"\\x1b"', '"\\u200b"', "[1]",
     "[x, x]", "['']", "[macrophage, macrophage]", "*x", "&x [y]", "!t x", "\u202e", "а", "- x",
     "{section: chemo, paragraph: 1, x: y}", "{section: [], paragraph: {}}", "{id: x}",
     "{molecule-unlisted: x}", "{5: 6}", "{doi: [1]}", "|", ">-", "? x", "%", "@", "`", "{", "["]
)  # fmt: skip
VALUE_OF_LINE = st.tuples(st.sampled_from(FILES), st.integers(0, 40), VALUES)
RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = ["id", "promotes", "opposes", "effect", "mechanism", "molecules", "countered_by", "basis",
          "refs", "at", "note", "ignore", "verified", "therapy", "x"]  # fmt: skip


def reported(path: Path) -> None:
    """Check and render in every format."""
    report = run(path, "ev")
    codes = {rule.code for rule in RULES}
    for finding in report.findings:
        assert finding.rule in codes
        assert finding.severity in ("error", "warning")
        assert finding.text
    for fmt in formats_of("report"):
        "".join(render(report, fmt, show_ignored=True)).encode("utf-8")


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(0.8))
@given(st.lists(VALUE_OF_LINE, min_size=1, max_size=3))
def test_any_value_in_any_line(changes: list[tuple[str, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "ev"
        shutil.copytree(MINIMAL, path)
        for file, position, value in changes:
            lines = (path / file).read_text(encoding="utf-8").splitlines()
            line = position % len(lines)
            key, colon, _ = lines[line].partition(":")
            lines[line] = f"{key}{colon} {value}"
            (path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        reported(path)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(0.8))
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), RAW, max_size=12), max_size=3))
def test_any_json_in_a_bulk_file(records: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "ev"
        shutil.copytree(MINIMAL, path)
        lines = [json.dumps(record) for record in records]
        (path / "radio.jsonl").write_text("\n".join(lines), encoding="utf-8")
        reported(path)
