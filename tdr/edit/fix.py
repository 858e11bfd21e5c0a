"""The safe fixes for what `tdr check` finds: each has one right answer and changes nothing else.

| rule                             | fix                                                          |
|----------------------------------|--------------------------------------------------------------|
| `preferred-label`, `term-parent` | the label of the term that the form stands for               |
| `spaces`                         | spaces at ends, doubled or of another width: removed, single |
| `unknown-field`                  | the field's name, where there is only one that it can be     |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tdr.edit import style
from tdr.edit.document import Edit, YamlFile
from tdr.model.errors import Problem, file_error, near
from tdr.model.field import names
from tdr.model.fields import (
    CLAIM_FIELDS,
    FIELDS,
    FIELDS_OF_THERAPY,
    IMPLIED_FIELDS,
    REFERENCE_FIELDS,
    TERM_FIELD_NAMES,
    TERM_FIELDS,
)
from tdr.read.access import ROOT_FIELDS
from tdr.read.content import read_file
from tdr.read.dataset import Dataset
from tdr.read.nodes import YamlNode
from tdr.read.positions import ValuePath
from tdr.read.record import KINDS_OF_ENDS

_SPACES = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BLOCK_HEADER = re.compile("[|>][0-9+]*")
_CERTAIN = 0.8  # likeness from which on a misspelt name is certain


@dataclass(frozen=True, slots=True)
class Fix:
    """A problem, and in words what was done about it."""

    problem: Problem
    text: str


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file before and after its fixes. Nothing is written yet: see `edit.atomic.write_file`."""

    name: str
    before: bytes
    after: bytes
    fixes: tuple[Fix, ...]

    def merged(self, earlier: FixedFile) -> FixedFile:
        """The file with these fixes after earlier ones, as one change."""
        return replace(self, before=earlier.before, fixes=earlier.fixes + self.fixes)


NO_FIXES: Mapping[Path, FixedFile] = MappingProxyType({})


def fix(
    dataset: Dataset, problems: Iterable[Problem], before: Mapping[Path, FixedFile] = NO_FIXES
) -> dict[Path, FixedFile]:
    """The files with these problems fixed, as far as they safely can be.

    `before` are earlier fixes, with which the dataset was read. Problems without a fix, and those
    in bulk files, are passed over. Only files with a new fix are in the result, in the order of the
    dataset. Raises TdrError if a file changed since the dataset was read, or if a fix would change
    anything else.
    """
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.rule in _FIXERS and problem.location is not None:
            by_file.setdefault(problem.location.file, []).append(problem)
    fixed = {}
    for path in dataset.layout.files:
        name = dataset.layout.label(path)
        document = dataset.support.documents.get(name)
        if name not in by_file or document is None or document.errors:
            continue
        earlier = before.get(path)
        file = YamlFile(earlier.after if earlier else read_file(path, name=name), name)
        if file.text != document.text:
            raise file_error(name, "was changed while it was checked; run again")
        done = _FileFixer(file, dataset, path).fix(by_file[name])
        if done.fixes:
            fixed[path] = done.merged(earlier) if earlier else done
    return fixed


@dataclass(frozen=True, slots=True)
class _ValueEdit:
    """An edit, in words, and which value it touches (None: a space outside of all values)."""

    edit: Edit
    text: str
    path: ValuePath | None


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A scalar of the file and the way to it. `flow`: it stands between brackets."""

    node: YamlNode
    path: ValuePath
    key: bool
    flow: bool
    siblings: object  # the mapping or list that it stands in, as read
    value: object  # the scalar, or the name of the key, as read


class _FileFixer:
    """Fixes the problems of one file."""

    def __init__(self, file: YamlFile, dataset: Dataset, path: Path) -> None:
        self.file, self.path = file, path
        self.kind = dataset.layout.kind(path)
        self.vocabulary = dataset.support.vocabulary
        self.scalars = (
            list(_scalars(file.root, file.value, (), flow=False)) if file.root is not None else []
        )
        # A value with an anchor is not fixed: its aliases would change, too.
        self.by_start = {
            scalar.node.start: scalar for scalar in self.scalars if not scalar.node.anchored
        }

    def fix(self, problems: list[Problem]) -> FixedFile:
        """The file with all fixes of these problems."""
        fixes: list[Fix] = []
        changes: dict[tuple[int, int], _ValueEdit] = {}
        for problem in problems:
            change = self.change(problem)
            if change is not None:
                fixes.append(Fix(problem, change.text))
                changes[change.edit.start, change.edit.end] = change
        # An edit inside a value that is written anew is part of that edit.
        outermost = [
            change
            for (start, end), change in changes.items()
            if not any(
                other != (start, end) and other[0] <= start and end <= other[1] for other in changes
            )
        ]
        after = self.file.edited(change.edit for change in outermost)
        self.require_only(after, {change.path for change in outermost})
        return FixedFile(self.file.name, self.file.data, after.data, tuple(fixes))

    def change(self, problem: Problem) -> _ValueEdit | None:
        """The edit that fixes a problem, if there is one."""
        location = problem.location
        assert location is not None
        if location.line is None or location.column is None:
            return None
        offset = self.file.offset((location.line, location.column))
        return _FIXERS[problem.rule](self, offset)

    def require_only(self, after: YamlFile, touched: set[ValuePath | None]) -> None:
        """Raise TdrError if anything but the values that were to be fixed has changed."""
        others = _differences(self.file.value, after.value, ()) - touched
        if others:
            shown = "/".join(map(str, min(others, key=str)))
            text = f"a fix would change `{shown}`, too; nothing was written"
            raise file_error(self.file.name, text)

    def label(self, offset: int) -> _ValueEdit | None:
        """Another form of a term -> its label, unless the term is in the list already."""
        scalar = self.by_start.get(offset)
        if scalar is None or scalar.key or not isinstance(scalar.value, str):
            return None
        labels = self.labels(scalar.path, scalar.value)
        others = scalar.siblings if isinstance(scalar.siblings, list) else ()
        if len(labels) != 1 or any(
            self.labels(scalar.path, other) == labels
            for other in others
            if other is not scalar.value and isinstance(other, str)
        ):
            return None
        (label,) = labels
        edit = Edit(scalar.node.start, scalar.node.end, style.scalar(label, inside=scalar.flow))
        return _ValueEdit(edit, f"`{scalar.value}` became `{label}`", scalar.path)

    def labels(self, path: ValuePath, form: str) -> set[str]:
        """The labels of the terms that a form can stand for in this place."""
        kinds: Iterable[str] = ()
        match path:
            case ("claims", int(), str(field), int()) if field in TERM_FIELDS:
                kinds = (TERM_FIELDS[field],)
            case ("claims", int(), "steps", int(), "from" | "to"):
                kinds = KINDS_OF_ENDS
            case ("claims", int(), "steps", int(), "in"):
                kinds = ("cells",)
            case ("terms", int(), "parents", int()):
                kinds = (self.path.stem,)
        terms = (self.vocabulary.resolve(kind, form) for kind in kinds)
        return {term.label for term in terms if term is not None}

    def spaces(self, offset: int) -> _ValueEdit | None:
        """Space at the end of a line, or anywhere in a text."""
        text, end = self.file.text, self.file.line_end(offset)
        if end > offset and not text[offset:end].strip(" \t"):
            around = next((s for s in self.scalars if s.node.start <= offset <= s.node.end), None)
            path = around.path if around else None
            return _ValueEdit(Edit(offset, end, ""), "space at the end of the line removed", path)
        scalar = self.by_start.get(offset)
        if scalar is None or scalar.key or not isinstance(scalar.value, str):
            return None
        return self.single_spaces(scalar, scalar.value)

    def single_spaces(self, scalar: _Scalar, value: str) -> _ValueEdit | None:
        """A text without the spaces and line breaks that it does not need."""
        clean = "\n".join(_SPACES.sub(" ", line).strip() for line in value.split("\n")).strip("\n")
        if clean == value or not clean:
            return None
        header = _BLOCK_HEADER.match(self.file.text, scalar.node.start)
        if header and clean == value.rstrip("\n"):
            edit = Edit(*header.span(), header[0].replace("+", "") + "-")
            return _ValueEdit(edit, "line break at the end left out", scalar.path)
        written = self.in_old_style(scalar, clean)
        if written is None:
            return None
        edit = Edit(scalar.node.start, scalar.node.end, written)
        return _ValueEdit(edit, "spaces made single", scalar.path)

    def in_old_style(self, scalar: _Scalar, value: str) -> str | None:
        """A new text in the style of the old one; None if it cannot be written so."""
        node = scalar.node
        if node.style not in ("|", ">"):
            return style.scalar(value, inside=scalar.flow)
        first, *rest = self.file.text[node.start : node.end].splitlines()
        margins = [len(line) - len(line.lstrip(" ")) for line in rest if line.strip()]
        lines = style.folded(value, min(margins)) if margins else None
        if lines is None:
            return None
        comment = first[first.index(" ") :] if "#" in first else ""
        return "\n".join([lines[0] + comment, *lines[1:]])

    def field(self, offset: int) -> _ValueEdit | None:
        """A misspelt name of a field, if only one can be meant and it is not there yet."""
        scalar = self.by_start.get(offset)
        if scalar is None or not scalar.key or not isinstance(scalar.siblings, Mapping):
            return None
        steps = ("#" if isinstance(step, int) else step for step in scalar.path[:-1])
        known = _FIELDS_OF.get((self.kind, *steps), ())
        names = {name: _right_name(str(name), known) for name in scalar.siblings}
        name = scalar.value
        right = names[name]
        if right is None or right in names or list(names.values()).count(right) > 1:
            return None
        edit = Edit(scalar.node.start, scalar.node.end, right)
        return _ValueEdit(edit, f"`{name}` became `{right}`", scalar.path[:-1])


_FIXERS: Mapping[str, Callable[[_FileFixer, int], _ValueEdit | None]] = {
    "preferred-label": _FileFixer.label,
    "term-parent": _FileFixer.label,
    "spaces": _FileFixer.spaces,
    "unknown-field": _FileFixer.field,
}

FIXABLE = frozenset(_FIXERS)
"""Codes of the rules whose findings may have a fix."""


def _letters(name: str) -> str:
    """A name without case, signs and plural."""
    return re.sub(r"[\W_]", "", name).lower().rstrip("s")


_FIELDS_OF: Mapping[tuple[str, ...], tuple[str, ...]] = {
    **{(kind,): fields for kind, fields in ROOT_FIELDS.items()},
    ("claims", "claims", "#"): (*CLAIM_FIELDS, *IMPLIED_FIELDS, "ignore"),
    **{("claims", "claims", "#", one.name): names(one.fields) for one in FIELDS if one.fields},
    ("references", "references", "#"): REFERENCE_FIELDS,
    ("terms", "terms", "#"): TERM_FIELD_NAMES,
    ("therapies", "therapies", "#"): names(FIELDS_OF_THERAPY),
    ("source", "sections", "#"): ("name", "paragraphs"),
}
"""Kind of file and path of a mapping in it, `#` for any number -> the fields that it may have."""


def _right_name(name: str, known: Collection[str]) -> str | None:
    """The one field that a misspelt name can mean; None if it is right, or could be several."""
    plain = {_letters(field): field for field in known}
    if name in known:
        return None
    alike = near(name, known, 2, _CERTAIN)
    return plain.get(_letters(name)) or (alike[0] if len(alike) == 1 else None)


def _scalars(node: YamlNode, value: object, path: ValuePath, *, flow: bool) -> Iterator[_Scalar]:
    """Every key and scalar below a node. What aliases and merge keys bring is left out."""
    inside = flow or node.style in ("[", "{")
    if node.kind == "list" and isinstance(value, list):
        for position, (item, inner) in enumerate(zip(node.items, value, strict=True)):
            if item.kind == "scalar":
                yield _Scalar(item, (*path, position), False, inside, value, inner)
            yield from _scalars(item, inner, (*path, position), flow=inside)
    elif node.kind == "mapping" and isinstance(value, Mapping):
        if len(node.entries) != len(value) or any(k.kind != "scalar" for k, _ in node.entries):
            return
        for (key, item), (name, inner) in zip(node.entries, value.items(), strict=True):
            yield _Scalar(key, (*path, name), True, inside, value, name)
            if item.kind == "scalar":
                yield _Scalar(item, (*path, name), False, inside, value, inner)
            yield from _scalars(item, inner, (*path, name), flow=inside)


def _differences(before: object, after: object, path: ValuePath) -> set[ValuePath]:
    """Paths to the values that are not the same; to the mapping where names differ."""
    pairs: Iterable[tuple[Any, tuple[object, object]]]
    if isinstance(before, Mapping) and isinstance(after, Mapping) and len(before) == len(after):
        renamed = {path} if list(before) != list(after) else set()
        pairs = zip(before, zip(before.values(), after.values(), strict=True), strict=True)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        renamed = set()
        pairs = enumerate(zip(before, after, strict=True))
    else:
        return set() if before == after else {path}
    return renamed.union(*(_differences(a, b, (*path, step)) for step, (a, b) in pairs))
