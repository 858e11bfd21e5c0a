"""docs/hazards.md names what can go wrong, and the tests that show what happens then."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.conftest import ROOT, TESTS

ROW = re.compile(r"^\| (\d+) \| .+? \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
SAID = re.compile(r"Hazard (\d+)\.")


def hazards_of_tests() -> dict[str, set[int]]:
    """The names of all tests, and of which row each says that it is."""
    found: dict[str, set[int]] = {}
    for path in sorted(Path(TESTS).rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                said = SAID.match(ast.get_docstring(node) or "")
                found.setdefault(node.name, set()).update([int(said[1])] if said else [])
    return found


def test_every_hazard_that_is_met_names_tests_which_say_so() -> None:
    rows = ROW.findall((ROOT / "docs" / "hazards.md").read_text(encoding="utf-8"))
    assert [int(number) for number, _, _ in rows] == list(range(1, 80))
    tests = hazards_of_tests()
    for number, happens, names in rows:
        shown_by = re.findall(r"`(\w+)`", names)
        assert bool(shown_by) != happens.startswith("not built"), number
        assert [name for name in shown_by if int(number) not in tests.get(name, ())] == []
    assert set().union(*tests.values()) <= {int(number) for number, _, _ in rows}
