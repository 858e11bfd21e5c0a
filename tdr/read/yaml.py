"""Parses YAML within limits: bytes -> a `Document` with the place of each value.

Evidence is untrusted input. It is turned into plain values (see the table in
`tdr.read.positions`), or into problems with their place. Size and characters are checked first,
all else by the `Builder`.
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
    from tdr.read.nodes import NodeTree, YamlNode


class Document(NamedTuple):
    """One YAML file as read.

    `problems` are what makes it unreadable (then `value` is None) and warnings.
    `findings` are characters that are harmless when escaped on display but do not belong into
    evidence: `check` reports them. `root` has the places of keys and values, if asked for.
    `indexed` is what the file says as checked values, where an index has it and the file need not
    be read (claims as lines of a bulk file); there are no places then.
    """

    name: str
    value: object = None
    mark: Mark = (1, 1)
    problems: tuple[Problem, ...] = ()
    text: str = ""
    findings: tuple[Problem, ...] = ()
    root: YamlNode | None = None
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

    With `nodes`, the result has the place of each key and value (`Document.root`).
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
    """The builder after all events: of libyaml, or of ruamel where libyaml cannot read the text."""
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
        with contextlib.suppress(Exception):  # then ruamel's parser finds what is wrong
            fast.run(events)
            return fast
    exact = builder()
    try:
        exact.run(reference_events(exact.text))
    except Exception as error:
        exact.explain(error)
    return exact
