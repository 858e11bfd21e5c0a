"""Where indexes are kept, and whether one may be used.

A cache changes the time a command takes and never its result: an index is used
only if it was made from exactly these files by this version, sits in a directory
that nobody else can write to, and is what was written. Anything
else is passed over in silence and the index is built again, in memory if need be.

Beside each index lies a manifest (JSON): what it was made from, its stat and its checksum.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdr.index import INDEX_VERSION, Index, Progress
from tdr.index.digest import (
    CHANGED,
    RACY_NS,
    UnhashedError,
    checksum,
    digest_of,
    file_hashes,
    hash_of,
    is_large,
    signature_of,
    unchanged,
)
from tdr.model.errors import TdrError
from tdr.read.files import Layout, shipped_path
from tdr.read.system import flags, is_exchangeable, is_own, is_private

if TYPE_CHECKING:
    from tdr.read.yaml import Document

_DAY = 24 * 3600
_UNUSED_SECONDS = 90 * _DAY


def open_index(
    layout: Layout,
    *,
    cache: bool = True,
    progress: Progress | None = None,
    words: bool = False,
) -> Index:
    """The index of an evidence directory: shipped, cached, or built now.

    What claims are searched by is half the work of a build: unless `words` are asked for, it is
    left for the first search (`Index.with_words`) where there is little evidence, which is
    perhaps being written and soon changes. Raises TdrError if the evidence cannot be read or is
    not sound.
    """
    words = words or any(file.bulk for one in layout.sources for file in one.claims)
    try:
        index = _open(layout, cache, progress, words)
    except UnhashedError:
        # Reading finds everything that is wrong with the evidence, not only this.
        Index.temporary(layout, "", progress)
        raise
    if not index.has_words:
        index.complete = partial(open_index, layout, cache=cache, progress=progress, words=True)
    return index


def _open(layout: Layout, cache: bool, progress: Progress | None, words: bool) -> Index:
    if not cache:
        return _build_unsaved(layout, progress, words)
    if [root.path for root in layout.roots] == [shipped_path()]:
        shipped = _shipped(layout)
        if shipped:
            return shipped
    directory = _cache_directory(layout)
    if directory is None:
        return _build_unsaved(layout, progress, words)
    paths = (os.fsencode(root.path.resolve()) for root in layout.roots)
    key = hash_of(b"\0".join(paths))[:24]
    note = directory / f"{key}.json"
    manifest = _read_manifest(note)
    begun = time.time_ns()
    hashes = file_hashes(layout, manifest)
    found = _usable(directory, manifest, digest_of(hashes))
    if found is None or (words and not found.has_words):
        seen = {"files": hashes, "written": begun}
        return _build_cached(directory, key, layout, seen, progress, words)
    _settle(note, manifest, hashes)
    _note_use(note)
    return found


def _settle(note: Path, manifest: dict[str, Any], hashes: Mapping[str, Mapping[str, Any]]) -> None:
    """Note the stat of what is unchanged but was read in full: the index and large files that were
    touched, copied, or changed just before the manifest was written. Otherwise every run would
    read them again."""
    index = note.parent / manifest["index"]["name"]
    with contextlib.suppress(OSError):
        signature = signature_of(index.stat())
        settled = manifest["written"] - RACY_NS
        moved = manifest["index"] != {**manifest["index"], **signature}
        hashed = any(
            is_large(facts) and (facts != manifest["files"].get(name) or facts[CHANGED] >= settled)
            for name, facts in hashes.items()
        )
        if moved or hashed:
            entry = {**manifest["index"], **signature}
            new = {"index": entry, "files": hashes, "written": time.time_ns()}
            _write_manifest(note, manifest | new)


def _shipped(layout: Layout) -> Index | None:
    """The index that was built with the package, if the files beside it are still the same."""
    package = layout.root.path.parent
    manifest = _read_manifest(package / "index.json", trusted=True)
    if not manifest:
        return None
    return _usable(package, manifest, digest_of(file_hashes(layout)))


def _known(layout: Layout, hashes: Mapping[str, Mapping[str, Any]]) -> dict[Path, Document]:
    """What is known of files without reading them, because the same ones ship."""
    from tdr.index.known import known_documents, same_files  # needed by builds only

    package = shipped_path().parent
    manifest = _read_manifest(package / "index.json", trusted=True)
    same = same_files(layout, hashes, manifest.get("files", {}))
    shipped = _usable(package, manifest, manifest["digest"]) if same else None
    return known_documents(layout, same, shipped) if shipped else {}


def write_shipped(layout: Layout, package: Path) -> None:
    """Build index and manifest into the package's directory (when the package is built)."""
    from tdr.index.build import build

    hashes = file_hashes(layout)
    path = package / "index.sqlite"
    path.unlink(missing_ok=True)
    build(path, layout, digest_of(hashes))
    manifest = _manifest(path, hashes)
    # Stat values belong to the building machine; hashes alone travel.
    manifest["index"] = {key: manifest["index"][key] for key in ("name", "crc32", "st_size")}
    manifest["files"] = {name: {"blake2b": value["blake2b"]} for name, value in hashes.items()}
    manifest["written"] = 0
    (package / "index.json").write_text(json.dumps(manifest, sort_keys=True), encoding="utf-8")


def _cache_directory(layout: Layout | None) -> Path | None:
    """The directory for this user's indexes, made if need be; None if there is no safe one.

    It never lies inside of the evidence that is read.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
        directory = root / "tdr"
        real = directory.resolve()
        roots = layout.roots if layout is not None else ()
        inside = any(one.path.resolve() in (real, *real.parents) for one in roots)
        if not root.is_absolute() or inside:
            return None
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700, parents=True)
        info, above = directory.lstat(), root.stat()
    except (OSError, RuntimeError, ValueError):
        return None
    return directory if is_private(info) and not is_exchangeable(above) else None


def _read_manifest(path: Path, *, trusted: bool = False) -> dict[str, Any]:
    """What is said about an index, or {} if nothing usable is said."""
    try:
        descriptor = os.open(path, os.O_RDONLY | flags("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"))
        with os.fdopen(descriptor, "rb") as stream:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode) or not (trusted or is_own(info)):
                return {}
            manifest: dict[str, Any] = json.loads(stream.read(1_000_000))
        sound = (
            all(manifest[name] == value for name, value in _made_by().items())
            and all(isinstance(one["blake2b"], str) for one in manifest["files"].values())
            and type(manifest["written"]) is int
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return manifest if sound else {}


def _usable(directory: Path, manifest: Mapping[str, Any], digest: str) -> Index | None:
    """Open the index that a manifest describes if it is whole and belongs to this content."""
    try:
        if manifest["digest"] != digest:
            return None
        facts = manifest["index"]
        name = facts["name"]
        if not isinstance(name, str) or os.path.basename(name) != name:
            return None
        path = directory / name
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode) or info.st_size != facts["st_size"]:
            return None
        if not unchanged(facts, signature_of(info)) and checksum(path) != facts["crc32"]:
            return None
        index = Index.open(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return index if index.digest == digest else None


def _made_by() -> dict[str, Any]:
    """What made an index; another version may understand the same files differently."""
    from tdr import __version__  # the package itself, above this module

    return {"magic": "tdr-index", "index_version": INDEX_VERSION, "program": __version__}


def _manifest(
    path: Path, hashes: Mapping[str, Mapping[str, Any]], directory: Path | str = ""
) -> dict[str, Any]:
    return {
        **_made_by(),
        "directory": str(directory),
        "digest": digest_of(hashes),
        "files": hashes,
        "index": {"name": path.name, "crc32": checksum(path), **signature_of(path.stat())},
        "written": time.time_ns(),
    }


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write beside and move into place."""
    from tdr.edit.temporary import Signals, beside, create  # needed by builds only

    with Signals() as signals, beside(path, signals) as temporary:
        with os.fdopen(create(temporary), "wb") as stream:
            stream.write(json.dumps(manifest, sort_keys=True).encode())
        os.replace(temporary, path)


def _build_unsaved(layout: Layout, progress: Progress | None, words: bool) -> Index:
    return Index.temporary(layout, digest_of(file_hashes(layout)), progress, words=words)


def _build_cached(
    directory: Path,
    key: str,
    layout: Layout,
    seen: Mapping[str, Any],
    progress: Progress | None,
    words: bool,
) -> Index:
    """Build beside and move into place; where that cannot be written, build unsaved.

    `seen` are the hashes of the files, and since when they are known, as a manifest has them.
    """
    from tdr.edit.temporary import Signals, beside, create, sync
    from tdr.index.build import build  # with all that reads evidence

    hashes = seen["files"]
    known = _known(layout, hashes)
    digest = digest_of(hashes)
    final = directory / f"{key}-{digest[:16]}.sqlite"
    try:
        with Signals() as signals, beside(final, signals) as temporary:
            _sweep(directory)
            os.close(create(temporary))
            try:
                build(temporary, layout._replace(given=known), digest, progress, words=words)
            except TdrError:
                if not known:
                    raise
                os.truncate(temporary, 0)
                build(temporary, layout, digest, progress, words=words)  # every message has a place
            sync(temporary)
            if digest_of(file_hashes(layout, seen)) != digest:  # edited while it was read
                return _build_unsaved(layout, progress, words)
            os.replace(temporary, final)
            _write_manifest(
                directory / f"{key}.json",
                _manifest(final, hashes, layout.roots[-1].path.resolve()),
            )
            for old in directory.glob(f"{key}-*.sqlite"):
                if old != final:
                    with contextlib.suppress(OSError):  # Windows keeps what somebody reads
                        old.unlink(missing_ok=True)
            return Index.open(final)
    except (OSError, sqlite3.Error, ValueError):
        return _build_unsaved(layout, progress, words)


def _sweep(directory: Path) -> None:
    """Remove what killed builds left behind, and every index that nobody used for 90 days, or
    whose evidence is gone."""
    from tdr.edit.temporary import remove_left_behind

    remove_left_behind(directory)
    now = time.time()
    for note in directory.glob("*.json"):
        with contextlib.suppress(OSError):
            made_from = _read_manifest(note).get("directory")
            gone = isinstance(made_from, str) and made_from and not os.path.isdir(made_from)
            if gone or now - note.lstat().st_mtime > _UNUSED_SECONDS:
                _remove(directory, note.stem)


def _remove(directory: Path, key: str) -> None:
    for path in (directory / f"{key}.json", *directory.glob(f"{key}-*.sqlite")):
        with contextlib.suppress(OSError):
            path.unlink()


def _note_use(note: Path) -> None:
    """Once a day, that an index is in use: its manifest's time of modification."""
    with contextlib.suppress(OSError):
        if time.time() - note.lstat().st_mtime > _DAY:
            os.utime(note)


def cache_use() -> tuple[str, int, int] | None:
    """Where indexes are kept, how many there are, and how many bytes they take; None where there
    is no directory that is safe to use."""
    directory = _cache_directory(None)
    if directory is None:
        return None
    indexes = [path.lstat().st_size for path in directory.glob("*.sqlite")]
    return str(directory), len(indexes), sum(indexes)


def clear_cache() -> int:
    """Remove every index of the cache, and say how many there were."""
    directory = _cache_directory(None)
    if directory is None:
        return 0
    count = len(list(directory.glob("*.sqlite")))
    for note in (*directory.glob("*.json"), *directory.glob("*.sqlite")):
        _remove(directory, note.stem.partition("-")[0])
    return count
