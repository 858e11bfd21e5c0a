"""YAML -> values with the place of each, guarded: bytes in, a `Document` out.

Evidence is untrusted input. This module turns it into plain values (the table in
`tdr.read.positions` says which), or into problems that say where and what; nothing else comes out
of it. Characters and size are looked at first; the rest is for the `Builder`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from tdr.model.errors import Location, Problem
from tdr.read.builder import Builder
from tdr.read.characters import check_text, decode
from tdr.read.content import too_large
from tdr.read.limits import CURRENT_LIMITS, Limits
from tdr.read.positions import Mark, ValuePath, locate

if TYPE_CHECKING:
    from tdr.read.nodes import Node, NodeTree


class Document(NamedTuple):
    """One YAML file as read.

    `problems` are what makes it unreadable (then `value` is None) and warnings.
    `findings` are characters that do no harm while they are escaped on display,
    but do not belong into evidence: for `check` to report. `root` is where the keys and values
    stand, if that was asked for. `indexed` is what the file says as checked values, where an index
    has it and the file need not be read (claims as lines of a bulk file); there are no places then.
    """

    name: str
    value: object = None
    mark: Mark = (1, 1)
    problems: tuple[Problem, ...] = ()
    text: str = ""
    findings: tuple[Problem, ...] = ()
    root: Node | None = None
    indexed: Any = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those of `problems` that make the file unreadable."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def where(self, path: ValuePath = (), key: bool = False) -> Location:
        """Where a value in it (or, with `key`, its name) stands."""
        return locate(self.name, self.value, path, key)


def parse_yaml(
    data: bytes, name: str, limits: Limits | None = None, *, nodes: bool = False
) -> Document:
    """Read one YAML document. Never raises: whatever is wrong is in the result.

    With `nodes`, the result says where everything stands.
    """
    limits = limits or CURRENT_LIMITS.get()
    if len(data) > limits.file_bytes:
        return Document(name, problems=(too_large(name, limits, len(data)),))
    text = decode(data, name)
    if isinstance(text, Problem):
        return Document(name, problems=(text,))
    problems = check_text(text, name)
    if any(problem.severity == "error" for problem in problems):
        return Document(name, problems=tuple(problems), text=text)
    builder = _build(text, name, limits, nodes)
    for problem in problems:
        builder.report.add(problem)
    found, findings = builder.report.in_order()
    broken = any(problem.severity == "error" for problem in found)
    value = None if broken else builder.value
    root = builder.tree.root if builder.tree and not broken else None
    return Document(name, value, builder.mark, found, text, findings, root)


def _build(text: str, name: str, limits: Limits, nodes: bool) -> Builder:
    """The builder after the events: libyaml's, or ruamel's where libyaml cannot read the text."""
    from tdr.read.events import fast_events, reference_events  # brings ruamel.yaml: 17 ms

    def builder() -> Builder:
        tree: NodeTree | None = None
        if nodes:
            from tdr.read.nodes import NodeTree  # needed by edits only

            tree = NodeTree(text)
        return Builder(text.replace("\r\n", "\n"), name, limits, tree)

    fast = builder()
    events = fast_events(fast.text)
    if events is not None:
        with contextlib.suppress(Exception):  # ruamel's parser says what is wrong, if anything is
            fast.run(events)
            return fast
    exact = builder()
    try:
        exact.run(reference_events(exact.text))
    except Exception as error:
        exact.explain(error)
    return exact
