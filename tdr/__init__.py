"""tdr: referenced evidence on how tumour-infiltrating cells drive resistance to cancer therapy.

    import tdr

    evidence = tdr.load()
    for claim in evidence.filter(cell="TAM", cancer="lung cancer"):
        print(claim.id, claim.mechanism, claim.refs)

The command line is built on exactly this.
"""

from __future__ import annotations

import os

__version__ = "0.2.0"

TYPE_CHECKING = False  # not from typing, which takes long while Ctrl-C still shows a traceback
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tdr.ask.evidence import Evidence
    from tdr.index import Progress
    from tdr.model.errors import TdrError
    from tdr.model.source import Source
    from tdr.model.values import Claim, Reference, Term

__all__ = ["Claim", "Evidence", "Reference", "Source", "TdrError", "Term", "__version__", "load"]

_HOMES = {
    "Claim": "model.values",
    "Reference": "model.values",
    "Source": "model.source",
    "Term": "model.values",
    "Evidence": "ask.evidence",
    "TdrError": "model.errors",
}


def load(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    *,
    cache: bool = True,
    progress: Progress | None = None,
    words: bool = False,
) -> Evidence:
    """Open an evidence directory, by default the evidence that comes with tdr, `shipped`.

    Several are united: a source of a later one whose key or ids are taken gets a prefix.
    `cache=False` neither reads nor writes an index file. `progress` is called with
    the number of claims compiled so far when an index has to be built. With `words` the index
    gets at once what claims are searched by; otherwise the first search adds it.
    Raises TdrError with every problem found if the evidence is not sound, and for no path at all
    or an empty one.
    """
    from tdr.ask.evidence import Evidence
    from tdr.index.cache import open_index
    from tdr.read.files import Directory, empty_file_warnings, find_layout, named_path, shipped_path

    named = shipped_path() if path is None else path
    paths = [named] if isinstance(named, str | os.PathLike) else named
    if not paths:
        from tdr.model.errors import usage_error

        raise usage_error("no evidence directory is named; None is the one that comes with tdr")
    first, *others = (Directory(named_path(one), os.fspath(one)) for one in paths)
    layout = find_layout(first.path, first.name, others=others)
    warnings = (*layout.skipped, *empty_file_warnings(layout))
    index = open_index(layout, cache=cache, progress=progress, words=words)
    return Evidence(index, warnings)


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> object:
    """The public classes, imported when first used."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"tdr.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tdr' has no attribute '{name}'")
