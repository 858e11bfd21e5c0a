"""Every row of the reliability contract is named by a test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROWS = range(1, 70)
NAMED = re.compile(r"test_[a-g]?(\d\d)_")


def test_every_hazard_from_1_to_69_is_named_by_a_test() -> None:
    tests: dict[int, list[str]] = {row: [] for row in ROWS}
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := NAMED.match(node.name)):
                row = int(match[1])
                assert row in tests, f"{path.name}: {node.name} is no row"
                tests[row].append(node.name)
    assert [row for row, names in tests.items() if not names] == []
