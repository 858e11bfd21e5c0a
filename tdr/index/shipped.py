"""Files that are identical to shipped ones: their content is taken from the shipped index.

Most evidence has the shipped vocabulary, and a directory that extends the shipped evidence has
all its files; to parse them again takes longer than all the rest of a first run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tdr.index import Index
from tdr.index.digest import Hashes
from tdr.read.dataset import IndexedTerms
from tdr.read.files import Layout
from tdr.read.jsonl import JsonLine
from tdr.read.yaml import Document


def identical_files(layout: Layout, hashes: Hashes, shipped: Hashes) -> dict[Path, str]:
    """The files of a layout that are shipped, each with its name there; folders may differ."""
    names = {facts["blake2b"]: name for name, facts in shipped.items()}
    shipped_names = {
        path: names.get(hashes[layout.portable_name(path)]["blake2b"], "") for path in layout.files
    }
    return {
        path: name for path, name in shipped_names.items() if os.path.basename(name) == path.name
    }


def indexed_documents(
    layout: Layout, same: Mapping[Path, str], index: Index
) -> dict[Path, Document]:
    """The documents of these files, with their content from the shipped index."""
    folders = {one.source: one.key for one in layout.sources}
    contents: dict[Path, Any] = {}
    for path, name in same.items():
        kind, key = layout.kind(path), os.path.basename(os.path.dirname(name)) or index.keys[0]
        if kind == "terms":
            contents[path] = IndexedTerms(index.terms(path.stem), index.forms(path.stem))
        elif kind == "references":
            contents[path] = index.references(key)
        elif kind == "source" and folders[path] in ("", key):
            contents[path] = index.source(key)
        elif kind == "claims" and path.suffix == ".yaml":
            contents[path] = [
                JsonLine(n, json.loads(text), text.encode()) for n, text in index.lines(name)
            ]
    return {path: Document(layout.label(path), indexed=what) for path, what in contents.items()}
