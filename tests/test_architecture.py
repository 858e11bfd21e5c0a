"""The house rules of CONTRIBUTING.md, enforced by reading the imports."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "tdr"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Third-party (or dangerous) module -> the only places that may import it.
OWNERS = {
    "typer": ("cli/",),
    "textual": ("render/terminal/browse/",),
    "rich": ("render/terminal/", "cli/"),
    "ruamel": ("read/events.py", "read/syntax.py"),
    "_ruamel_yaml": ("read/events.py",),
    "sqlite3": ("index/", "export/sqlite.py"),
    "duckdb": ("export/duck.py",),
    "xlsxwriter": ("render/excel.py",),
    "pygraphviz": ("render/picture/graphviz.py",),
    "typst": ("render/picture/typeset.py",),
    "rapidfuzz": ("ask/search/words.py", "model/vocabulary.py"),
    "bibtexparser": ("gather/bibtex.py",),
    "pylatexenc": ("gather/bibtex.py",),  # comes with bibtexparser
}

# The parts from the ground up, as in CONTRIBUTING.md; a module imports its own part and those on
# floors below it.
FLOORS = (
    ("model",),
    ("read",),
    ("edit",),
    ("index", "gather"),
    ("ask",),
    ("render", "export"),
    ("check",),
    ("cli",),
)

HEAVY = OWNERS.keys() - {"typer", "sqlite3"}

FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> list[tuple[str, int, bool]]:
    """(module, line, whether at the top of the file) of every import that runs."""
    tree = parsed(path)
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, node in tree.body) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, node.lineno, node in tree.body))
            found += [
                (f"{node.module}.{a.name}", node.lineno, node in tree.body)
                for a in node.names
                if node.module == "tdr"
            ]
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_library_is_imported_only_where_it_belongs(path: Path) -> None:
    for module, line, _ in imports(path):
        library = module.split(".")[0]
        if library in OWNERS or library not in {"tdr", *sys.stdlib_module_names}:
            owners = OWNERS.get(library, ())
            assert name_of(path).startswith(owners), f"{module} at line {line}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_libraries_are_imported_inside_the_functions_that_need_them(path: Path) -> None:
    for module, line, at_top in imports(path):
        if name_of(path).startswith(("read/events.py", "render/terminal/browse/")):
            continue  # subclass the library; are themselves imported only where they are used
        if module.split(".")[0] in HEAVY:
            assert not at_top, f"{module} at line {line}"


FLOOR_OF = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_imports_upwards_or_sideways(path: Path) -> None:
    part = name_of(path).removesuffix(".py").split("/")[0]
    if part in ("__init__", "__main__"):
        return  # the public door and the program's entry see the whole house
    assert part in FLOOR_OF, f"{part} has no floor in FLOORS: say where it belongs"
    for module, line, _ in imports(path):
        other = module.removeprefix("tdr.").split(".")[0]
        if module.startswith("tdr.") and other in FLOOR_OF and other != part:
            assert FLOOR_OF[other] < FLOOR_OF[part], f"{module} at line {line}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_in_the_package_can_run_data_as_code(path: Path) -> None:
    """Hazard 56."""
    tree = parsed(path)
    for module, line, _ in imports(path):
        assert module.split(".")[0] not in FORBIDDEN_MODULES, f"{module} at line {line}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name not in FORBIDDEN_CALLS, f"{name}() at line {node.lineno}"
            assert name not in ("yaml.load", "os.system"), f"{name}() at line {node.lineno}"
            for keyword in node.keywords:
                where = f"line {node.lineno}"
                assert not (keyword.arg == "shell" and ast.unparse(keyword.value) != "False"), where
                assert not (keyword.arg == "typ" and "unsafe" in ast.unparse(keyword.value)), where


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if name_of(path).startswith(("cli/", "__main__")):
        return
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "exit", "quit", "sys.exit", "os._exit"), node.lineno


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_stays_a_few_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450
