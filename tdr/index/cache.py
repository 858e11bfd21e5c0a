"""Where indexes are kept, and whether one may be used.

A cache changes the time a command takes and never its result: an index is used
only if it was made from exactly these files by this version, lies in a directory
that nobody else can write to, and has not changed since. Any other index is passed over
in silence, and a new one is built: in memory where it cannot be saved.

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
    Hashes,
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
from tdr.read.system import flags, is_own, is_private, is_world_writable

if TYPE_CHECKING:
    from tdr.read.yaml import Document

_DAY = 24 * 3600
_UNUSED_SECONDS = 90 * _DAY

_TICK_NS = 20_000_000
"""Within a tick of the system's clock, 10 ms at most, changes of a file have one time."""


def open_index(
    layout: Layout,
    *,
    cache: bool = True,
    progress: Progress | None = None,
    words: bool = False,
) -> Index:
    """The index of an evidence directory: shipped, cached, or built now.

    The words that claims are searched by are half the work of a build. Unless `words` are asked
    for, small evidence, which may be changed again soon, gets them with the first search
    (`Index.with_words`). Raises TdrError if the evidence cannot be read or is not sound.
    """
    words = words or any(file.bulk for one in layout.sources for file in one.claims)
    try:
        index = _open(layout, cache, progress, words)
    except UnhashedError:
        # A build finds everything that is wrong with the evidence, not only this.
        Index.temporary(layout, "", progress)
        raise
    if not index.has_words:
        index.build_complete = partial(
            open_index, layout, cache=cache, progress=progress, words=True
        )
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
    path = directory / f"{key}.json"
    manifest = _read_manifest(path)
    begun = time.time_ns()
    hashes = file_hashes(layout, manifest)
    found = _usable(directory, manifest, digest_of(hashes))
    if found is None or (words and not found.has_words):
        if _just_changed(hashes, begun):
            time.sleep(_TICK_NS / 1e9)
            begun = time.time_ns()
            hashes = file_hashes(layout, manifest)
        snapshot = {"files": hashes, "written": begun}
        return _build_cached(directory, key, layout, snapshot, progress, words)
    _refresh(path, manifest, hashes)
    _note_use(path)
    return found


def _just_changed(hashes: Hashes, begun: int) -> bool:
    """Whether a file was changed so soon before that its stat cannot tell another change."""
    return any(abs(facts[CHANGED] - begun) < _TICK_NS for facts in hashes.values())


def _refresh(path: Path, manifest: dict[str, Any], hashes: Hashes) -> None:
    """Write a manifest again if the stat of unchanged files is no longer what it says.

    Files that were touched or copied, or changed just before the manifest was written, are read
    in full to see that they are unchanged; with their new stat that is not done in every run.
    """
    index = path.parent / manifest["index"]["name"]
    with contextlib.suppress(OSError):
        signature = signature_of(index.stat())
        settled = manifest["written"] - RACY_NS
        touched = manifest["index"] != {**manifest["index"], **signature}
        hashed = any(
            is_large(facts) and (facts != manifest["files"].get(name) or facts[CHANGED] >= settled)
            for name, facts in hashes.items()
        )
        if touched or hashed:
            entry = {**manifest["index"], **signature}
            new = {"index": entry, "files": hashes, "written": time.time_ns()}
            _write_manifest(path, manifest | new)


def _shipped(layout: Layout) -> Index | None:
    """The index that is shipped, if the evidence beside it is unchanged."""
    package = layout.root.path.parent
    manifest = _read_manifest(package / "index.json", trusted=True)
    if not manifest:
        return None
    return _usable(package, manifest, digest_of(file_hashes(layout)))


def _shipped_documents(layout: Layout, hashes: Hashes) -> dict[Path, Document]:
    """The documents that need not be read because identical files are shipped."""
    from tdr.index.shipped import identical_files, indexed_documents  # needed by builds only

    package = shipped_path().parent
    manifest = _read_manifest(package / "index.json", trusted=True)
    same = identical_files(layout, hashes, manifest.get("files", {}))
    shipped = _usable(package, manifest, manifest["digest"]) if same else None
    return indexed_documents(layout, same, shipped) if shipped else {}


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
    """The directory for this user's indexes, made if needed; None if there is no safe one.

    It is never inside the evidence that is read.
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
    return directory if is_private(info) and not is_world_writable(above) else None


def _read_manifest(path: Path, *, trusted: bool = False) -> dict[str, Any]:
    """The manifest of an index; {} if there is none that can be used."""
    try:
        descriptor = os.open(path, os.O_RDONLY | flags("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"))
        with os.fdopen(descriptor, "rb") as stream:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode) or not (trusted or is_own(info)):
                return {}
            manifest: dict[str, Any] = json.loads(stream.read(1_000_000))
        valid = (
            all(manifest[name] == value for name, value in _producer().items())
            and all(isinstance(one["blake2b"], str) for one in manifest["files"].values())
            and type(manifest["written"]) is int
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return manifest if valid else {}


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


def _producer() -> dict[str, Any]:
    """The program that makes an index now; another version may read the same files differently."""
    from tdr import __version__  # the package itself, above this module

    return {"magic": "tdr-index", "index_version": INDEX_VERSION, "program": __version__}


def _manifest(path: Path, hashes: Hashes, directory: Path | str = "") -> dict[str, Any]:
    return {
        **_producer(),
        "directory": str(directory),
        "digest": digest_of(hashes),
        "files": hashes,
        "index": {"name": path.name, "crc32": checksum(path), **signature_of(path.stat())},
        "written": time.time_ns(),
    }


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest to a temporary file, then move it into place."""
    from tdr.edit.temporary import Signals, create, temporary_path  # needed by builds only

    with Signals() as signals, temporary_path(path, signals) as temporary:
        with os.fdopen(create(temporary), "wb") as stream:
            stream.write(json.dumps(manifest, sort_keys=True).encode())
        os.replace(temporary, path)


def _build_unsaved(layout: Layout, progress: Progress | None, words: bool) -> Index:
    return Index.temporary(layout, digest_of(file_hashes(layout)), progress, words=words)


def _build_cached(
    directory: Path,
    key: str,
    layout: Layout,
    snapshot: Mapping[str, Any],
    progress: Progress | None,
    words: bool,
) -> Index:
    """Build in a temporary file, then move it into place; unsaved where it cannot be written.

    `snapshot` has the hashes of the files, and when they were taken, as a manifest has them.
    """
    from tdr.edit.temporary import Signals, create, sync, temporary_path
    from tdr.index.build import build  # with all that reads evidence

    hashes = snapshot["files"]
    documents = _shipped_documents(layout, hashes)
    digest = digest_of(hashes)
    final = directory / f"{key}-{digest[:16]}.sqlite"
    try:
        with Signals() as signals, temporary_path(final, signals) as temporary:
            _sweep(directory)
            os.close(create(temporary))
            try:
                build(
                    temporary, layout._replace(overrides=documents), digest, progress, words=words
                )
            except TdrError:
                if not documents:
                    raise
                os.truncate(temporary, 0)
                build(
                    temporary, layout, digest, progress, words=words
                )  # so that messages have places
            sync(temporary)
            # Changed while it was read; the stat also tells of a change that was undone.
            if file_hashes(layout, snapshot) != hashes or _just_changed(
                hashes, snapshot["written"]
            ):
                return _build_unsaved(layout, progress, words)
            os.replace(temporary, final)
            _write_manifest(
                directory / f"{key}.json",
                _manifest(final, hashes, layout.roots[-1].path.resolve()),
            )
            for old in directory.glob(f"{key}-*.sqlite"):
                if old != final:
                    with contextlib.suppress(OSError):  # Windows deletes no open file
                        old.unlink(missing_ok=True)
            return Index.open(final)
    except (OSError, sqlite3.Error, ValueError):
        return _build_unsaved(layout, progress, words)


def _sweep(directory: Path) -> None:
    """Remove what killed builds left, and indexes unused for 90 days or without their evidence."""
    from tdr.edit.temporary import remove_left_behind

    remove_left_behind(directory)
    now = time.time()
    for manifest in directory.glob("*.json"):
        with contextlib.suppress(OSError):
            evidence = _read_manifest(manifest).get("directory")
            gone = isinstance(evidence, str) and evidence and not os.path.isdir(evidence)
            if gone or now - manifest.lstat().st_mtime > _UNUSED_SECONDS:
                _remove(directory, manifest.stem)


def _remove(directory: Path, key: str) -> None:
    """Remove the index and the manifest of a key."""
    for path in (directory / f"{key}.json", *directory.glob(f"{key}-*.sqlite")):
        with contextlib.suppress(OSError):
            path.unlink()


def _note_use(manifest: Path) -> None:
    """Set the time of modification of a manifest, once a day: its index is in use."""
    with contextlib.suppress(OSError):
        if time.time() - manifest.lstat().st_mtime > _DAY:
            os.utime(manifest)


def cache_use() -> tuple[str, int, int] | None:
    """Where indexes are kept, how many there are, and how many bytes they take; None where there
    is no directory that is safe to use."""
    directory = _cache_directory(None)
    if directory is None:
        return None
    indexes = [path.lstat().st_size for path in directory.glob("*.sqlite")]
    return str(directory), len(indexes), sum(indexes)


def clear_cache() -> int:
    """Remove every index of the cache; the number of them."""
    directory = _cache_directory(None)
    if directory is None:
        return 0
    count = len(list(directory.glob("*.sqlite")))
    for path in (*directory.glob("*.json"), *directory.glob("*.sqlite")):
        _remove(directory, path.stem.partition("-")[0])
    return count
