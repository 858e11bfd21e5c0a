"""docs/api.md: the Python interface, from signatures, annotations and docstrings.

The answers of `Evidence` and what they are made of are found by the names in annotations, so a new
question or field is on the page as soon as it is in the program.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from importlib import import_module
from types import FunctionType
from typing import Any

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import EvidenceData
from tdr.model.errors import Problem, TdrError
from tdr.model.filters import FILTERS
from tdr.model.rows import Row, Rows, columns_of

_CLASS = re.compile(r"(?<![.\w'])[A-Z][A-Za-z]+")
_LONG = 72
"""Signatures that are longer than this stand one parameter a line."""


def page() -> str:
    """The whole page."""
    questions = {name: one for name, one in vars(Evidence).items() if _is_question(name, one)}
    values = {name: one for name, one in vars(EvidenceData).items() if _is_value(name, one)}
    answers = _classes_of(*questions.values(), *map(_getter, values.values()))
    return "\n".join(
        (
            "# Python interface\n",
            "Made by `make docs` from the program. [From Python](python.md) shows how to use it.\n",
            *_function("tdr.load", tdr.load),
            "## tdr.Evidence\n",
            f"{_told(Evidence)}\n",
            "### What it holds\n",
            "| attribute | type | |\n|---|---|---|",
            *(
                f"| `{name}` | `{_getter(one).__annotations__['return']}` | {_line(_getter(one))} |"
                for name, one in values.items()
            ),
            "\n`len(evidence)` is its number of claims.\n",
            "### What it is asked\n",
            f"{_told(inspect.getmodule(Evidence))}\n",
            *(line for name, one in questions.items() for line in _function(name, one, "####")),
            "### Filters\n",
            "[The same options](cli.md#tdr-list) of the command line say what a value may be.\n",
            "| keyword | selects |\n|---|---|",
            *(f"| `{name}` | {entry.help} |" for name, entry in FILTERS.items()),
            "\n## Answers\n",
            "What the fields of a claim, a reference, a term and a source mean and may hold is in "
            "[the evidence model](evidence.md).\n",
            *(line for one in (Rows, *answers) for line in _class(one)),
            "## Errors\n",
            *_class(TdrError),
            *_class(Problem),
        )
    )


def _is_question(name: str, member: object) -> bool:
    """Whether it is a question as one asks it in Python: with filters as keywords, if any."""
    public = isinstance(member, FunctionType) and not name.startswith("_")
    return public and "criteria" not in inspect.signature(member).parameters


def _is_value(name: str, member: object) -> bool:
    return isinstance(member, property | cached_property) and not name.startswith("_")


def _getter(member: Any) -> FunctionType:
    """The function behind an attribute that is computed."""
    getter = member.func if isinstance(member, cached_property) else member.fget
    assert isinstance(getter, FunctionType)
    return getter


# --- what is found ---------------------------------------------------------------------------


def _classes_of(*functions: FunctionType) -> list[type]:
    """The classes of this package that functions return, each followed by those of its fields."""
    found: dict[type, None] = {}

    def follow(annotation: object, module: str) -> None:
        for name in _CLASS.findall(str(annotation)):
            one = _names_of(module).get(name)
            if isinstance(one, type) and _fields(one) and one not in found:
                found[one] = None
                for of_field in _fields(one).values():
                    follow(of_field, one.__module__)

    for function in functions:
        follow(function.__annotations__["return"], function.__module__)
    return list(found)


@cache
def _fields(one: type) -> dict[str, str]:
    """The public fields of a dataclass or a named tuple, with their types as written."""
    named = [f.name for f in fields(one)] if is_dataclass(one) else getattr(one, "_fields", ())
    if not named:
        return {}
    if not is_dataclass(one):  # the fields may stand in a base that is nothing but a tuple
        one = next(base for base in reversed(one.__mro__) if hasattr(base, "_fields"))
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
    return {
        ast.unparse(line.target): ast.unparse(line.annotation)
        for line in ast.walk(written)
        if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) in named
        if not ast.unparse(line.target).startswith("_")
    }


@cache
def _names_of(module: str) -> dict[str, object]:
    """What the names of a module stand for, those too that only its annotations need."""
    home = import_module(module)
    names = dict(vars(home))
    for node in ast.walk(ast.parse(inspect.getsource(home))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tdr."):
            names |= {
                one.asname or one.name: getattr(import_module(node.module), one.name)
                for one in node.names
            }
    return names


# --- how it is written -----------------------------------------------------------------------


def _function(name: str, function: FunctionType, level: str = "##") -> Iterator[str]:
    signature = inspect.signature(function)
    shown: list[str] = []
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        if one.name != "self":
            stars = "**" if one.kind is one.VAR_KEYWORD else ""
            default = "" if one.default is one.empty else f" = {one.default!r}"
            shown.append(f"{stars}{one.name}: {one.annotation}{default}")
    call, answer = name.rpartition(".")[2], signature.return_annotation
    text = f"{call}({', '.join(shown)}) -> {answer}"
    if len(text) > _LONG:
        lines = "".join(f"    {one},\n" for one in shown)
        text = f"{call}(\n{lines}) -> {answer}"
    yield f"{level} {name}\n\n```python\n{text}\n```\n\n{_told(function)}\n"


def _class(one: type) -> Iterator[str]:
    """A class: what it is, its fields or columns, what it computes."""
    yield f"### {one.__module__}.{one.__qualname__}\n\n{_told(one)}\n"
    if stated := [f"{name}: {of}" for name, of in _fields(one).items()]:
        yield "```python\n" + "\n".join(stated) + "\n```\n"
    if issubclass(one, Row):
        names = columns_of(one).names
        if names != tuple(_fields(one)):
            yield f"Its record has {', '.join(f'`{name}`' for name in names)}.\n"
    methods = [
        f"* `.{name}{'()' if isinstance(member, FunctionType) else ''}`: {_line(member)}\n"
        for name, member in vars(one).items()
        if not name.startswith("_") and name not in ("to_dict", "from_dict")
        if isinstance(member, property | cached_property | FunctionType) and member.__doc__
    ]
    if methods:
        yield "".join(methods)


def _told(what: object) -> str:
    """A docstring, as Markdown."""
    return textwrap.dedent(inspect.getdoc(what) or "")


def _line(what: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(_told(what).partition("\n\n")[0].split())
