"""The house rules of CONTRIBUTING.md, enforced by reading the imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

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
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "yaml.load", "os.system"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def module_of(file: str) -> str:
    return f"tdr/{file}".removesuffix(".py").removesuffix("/__init__").replace("/", ".")


OURS = {module_of(name_of(path)) for path in MODULES}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    """What a name stands for, as `os.path`; where it hangs on no name, as `.join`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def imports() -> list[tuple[str, str, int, bool]]:
    """(file, module, line, whether at the top of the file) of every import that runs."""
    return [found for path in MODULES for found in imports_of(path)]


def imports_of(path: Path) -> Iterator[tuple[str, str, int, bool]]:
    tree = parsed(path)
    for node in statements(tree.body):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name if name in OURS else node.module for name in inner]
        for module in modules:
            yield name_of(path), module, node.lineno, node in tree.body


def statements(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement, of inner blocks too, but what only type checkers read."""
    for node in block:
        if isinstance(node, ast.If) and dotted(node.test) == "TYPE_CHECKING":
            yield from statements(node.orelse)
            continue
        yield node
        for name in ("body", "orelse", "finalbody"):
            yield from statements(getattr(node, name, []))
        for name in ("handlers", "cases"):
            for inner in getattr(node, name, []):
                yield from statements(inner.body)


@cache
def calls() -> list[tuple[str, str, ast.Call]]:
    """(file, what is called, the call) of every call."""
    return [
        (name_of(path), dotted(node.func), node)
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
    ]


def test_a_library_is_imported_only_where_it_belongs() -> None:
    ours = {"tdr", *sys.stdlib_module_names} - OWNERS.keys()
    assert [
        f"{file}:{line}: {module}"
        for file, module, line, _ in imports()
        if (library := module.split(".")[0]) not in ours
        and not file.startswith(OWNERS.get(library, ()))
    ] == []


def test_what_typer_does_not_document_is_used_in_two_modules() -> None:
    used = {file for file, module, *_ in imports() if module.startswith(("typer._", "typer.core"))}
    assert used == {"cli/framework.py", "cli/shells.py"}


def test_heavy_libraries_are_imported_inside_the_functions_that_need_them() -> None:
    # These are built on the library; they are themselves imported only where they are used.
    built_on_it = ("read/events.py", "render/terminal/browse/", "export/duck.py")
    assert [
        f"{file}:{line}: {module}"
        for file, module, line, at_top in imports()
        if at_top and module.split(".")[0] in HEAVY and not file.startswith(built_on_it)
    ] == []


def test_little_is_imported_before_signals_are_in_order() -> None:
    """Hazard 31."""
    first = {module for file, module, _, at_top in imports()
             if at_top and file in ("__init__.py", "__main__.py")}  # fmt: skip
    assert first == {"__future__", "atexit", "gc", "os", "signal", "sys"}


FLOOR_OF = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}


def test_every_part_has_a_floor() -> None:
    parts = {name_of(path).removesuffix(".py").split("/")[0] for path in MODULES}
    # The public door and the program's entry see the whole house.
    assert parts - {"__init__", "__main__"} == FLOOR_OF.keys()


def test_no_module_imports_upwards_or_sideways() -> None:
    wrong = []
    for file, module, line, _ in imports():
        own, other = file.split("/")[0], module.removeprefix("tdr.").split(".")[0]
        both_have_floors = own in FLOOR_OF and other in FLOOR_OF and module.startswith("tdr.")
        if both_have_floors and own != other and FLOOR_OF[other] >= FLOOR_OF[own]:
            wrong.append(f"{file}:{line}: {module}")
    assert wrong == []


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    # An index that is not there is built where it is asked for, by what is loaded only then.
    built_late = {("index/__init__.py", "tdr.index.build")}
    needed: dict[str, set[str]] = {}
    for file, module, _, _ in imports():
        sees_all = module in ("tdr", module_of(file)) or (file, module) in built_late
        if module in OURS and not sees_all:
            needed.setdefault(module_of(file), set()).add(module)
    TopologicalSorter(needed).prepare()  # raises where there is a circle, and names it


def test_nothing_in_the_package_can_run_data_as_code() -> None:
    """Hazard 56."""
    assert [
        f"{file}:{line}: {module}"
        for file, module, line, _ in imports()
        if module.split(".")[0] in FORBIDDEN_MODULES
    ] == []
    assert [
        f"{file}:{call.lineno}: {called}" for file, called, call in calls()
        if called in FORBIDDEN_CALLS
        or any(
            (keyword.arg == "shell" and ast.unparse(keyword.value) != "False")
            or (keyword.arg == "typ" and "unsafe" in ast.unparse(keyword.value))
            for keyword in call.keywords
        )
    ] == []  # fmt: skip


def test_only_the_command_line_prints_or_exits() -> None:
    assert [
        f"{file}:{call.lineno}: {called}"
        for file, called, call in calls()
        if called in ("print", "exit", "quit", "sys.exit", "os._exit")
        and not file.startswith(("cli/", "__main__"))
    ] == []


def test_a_module_stays_a_few_hundred_lines() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {file: length for file, length in lengths.items() if length > 450} == {}


def defined(path: Path) -> Iterator[str]:
    """The names of what a module defines."""
    for node in parsed(path).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from map(ast.unparse, targets)


ONE_MEANING = ("FORMATS", "Group", "KINDS", "Layout", "Path", "Record", "Report")


def test_names_that_many_modules_could_use_mean_one_thing() -> None:
    places = {name: [name_of(p) for p in MODULES if name in defined(p)] for name in ONE_MEANING}
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
