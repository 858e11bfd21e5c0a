"""Unites evidence directories: what happens to keys, ids and terms that two of them have.

Nothing is overwritten silently: where a key or an id is taken, the source of the later directory
gets a prefix; a term that two files describe alike is one term; where they differ, it is a
problem.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from tdr.model.errors import Problem
from tdr.model.source import Source
from tdr.model.values import SOURCE_KEY, Term
from tdr.read.files import ClaimFile, Directory, Layout
from tdr.read.record import PlacedTerm


class UnitedSource(NamedTuple):
    """A source among those of several directories.

    `prefix` comes before the ids of its claims; `key_in_files` is its key in its own files;
    `renamed` are the keys of its directory that changed, old -> new.
    """

    source: Source
    key_in_files: str
    prefix: str = ""
    renamed: Mapping[str, str] = MappingProxyType({})


def unite(layout: Layout, sources: Sequence[Source]) -> list[UnitedSource]:
    """The sources of a layout, each under a key that no other has, where that is possible."""
    if len(layout.roots) == 1:
        return [UnitedSource(source, source.key) for source in sources]
    united: list[UnitedSource] = []
    owners: dict[str, Directory] = {}
    renamed: dict[str, dict[str, str]] = {}
    for position, (one, source) in enumerate(zip(layout.sources, sources, strict=True)):
        names = renamed.setdefault(one.root.name, {})
        key, prefix = source.key, ""
        if owners.setdefault(key, one.root) != one.root:
            stem = _stem(one.root.path)
            key = f"{stem}-{source.key}" if one.key else stem
            if re.fullmatch(SOURCE_KEY, key) and key not in owners:
                owners[key], names[source.key], prefix = one.root, key, f"{stem}-"
            else:  # both keep the key, which is reported as a problem
                key = source.key
        elif not one.key and one.root != layout.roots[0]:
            earlier = (file for other in layout.sources[:position] for file in other.claims)
            if not _ids(one.claims).isdisjoint(_ids(earlier)):
                prefix = f"{key}-"
        united.append(UnitedSource(source._replace(key=key), source.key, prefix, names))
    return united


def _stem(path: os.PathLike[str]) -> str:
    """A key made from the name of a directory; empty if that has no letter."""
    name = os.path.basename(os.path.realpath(path)).casefold()
    return re.sub("[^a-z0-9]+", "-", name).lstrip("-0123456789").rstrip("-")


_ID = re.compile(rb"""\bid["']?\s*:\s*["']?([A-Za-z0-9][\w.-]*)""")


def _ids(files: Iterable[ClaimFile]) -> set[bytes]:
    """The ids in files of claims, found as text; none in a file that cannot be read."""
    return {
        identifier for file in files for line in _lines(file) for identifier in _ID.findall(line)
    }


def _lines(file: ClaimFile) -> Iterator[bytes]:
    try:
        with file.path.open("rb") as lines:
            yield from lines
    except OSError:  # reading reports what is wrong
        return


_LISTS = ("synonyms", "parents")


def merge_terms(placed: Sequence[PlacedTerm], problems: list[Problem]) -> list[Term]:
    """The terms of all files; those with the same label are merged into one.

    It has the synonyms and parents of all; any other field that two files give different values is
    a problem. Where a label stands twice in one file, the first counts.
    """
    entries: dict[tuple[str, str], list[PlacedTerm]] = {}
    joined: dict[tuple[str, str], Term] = {}
    for one in placed:
        name = (one.term.kind, one.term.label)
        earlier = entries.setdefault(name, [])
        if any(other.document is one.document for other in earlier):
            continue
        earlier.append(one)
        term = joined.setdefault(name, one.term)
        if term is one.term:
            continue
        changes: dict[str, Any] = {}
        for attribute in Term._fields:
            ours, theirs = (getattr(t, attribute) for t in (term, one.term))
            if attribute in _LISTS:
                changes[attribute] = tuple(dict.fromkeys((*ours, *theirs)))
            elif ours is None:
                changes[attribute] = theirs
            elif theirs not in (None, ours):
                before = next(e for e in earlier if getattr(e.term, attribute) is not None)
                text = (
                    f"`{attribute}` of `{term.label}` is `{theirs}` here and `{ours}` in "
                    f"{before.document.name}: leave it out here, or give the term another label"
                )
                place, related = one.where(attribute), before.where(attribute)
                problems.append(Problem(text, "term-form", place, related=related))
        joined[name] = term._replace(**changes)
    return list(joined.values())
