"""Where indexes are kept, and whether one may be used.

A cache changes the time a command takes and never its result: an index is used
only if it was made from exactly these files by this version, sits in a directory
that nobody else can write to, and is byte for byte what was written. Anything
else is passed over in silence and the index is built again, in memory if need be.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tdr.errors import Location, Problem, TdrError
from tdr.files import Layout, shipped_path
from tdr.index import INDEX_VERSION, Index, Progress

_SMALL = 16 * 1024 * 1024
"""Files up to this size are hashed on every run (a few ms); larger ones when their stat changed."""

_RACY_NS = 2_000_000_000
_STALE_SECONDS = 3600
_STAT = ("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino", "st_dev")


def open_index(layout: Layout, *, cache: bool = True, progress: Progress | None = None) -> Index:
    """The index of an evidence directory: shipped, cached, or built now.

    Raises TdrError if the evidence cannot be read or is not sound.
    """
    if not cache:
        return Index.in_memory(layout, _digest(_file_hashes(layout, {})), progress)
    if layout.path == shipped_path():
        shipped = _shipped(layout)
        if shipped:
            return shipped
    directory = _cache_directory(layout)
    if directory is None:
        return Index.in_memory(layout, _digest(_file_hashes(layout, {})), progress)
    key = hashlib.sha256(os.fsencode(layout.path.resolve())).hexdigest()[:24]
    manifest = _read_manifest(directory / f"{key}.json")
    hashes = _file_hashes(layout, manifest.get("files", {}), manifest.get("written", 0))
    found = _usable(directory, manifest, _digest(hashes))
    return found or _build_cached(directory, key, layout, hashes, progress)


def content_digest(layout: Layout) -> str:
    """What the files of an evidence directory contain, as one hexadecimal number."""
    return _digest(_file_hashes(layout, {}))


def _digest(hashes: Mapping[str, Mapping[str, Any]]) -> str:
    text = json.dumps([INDEX_VERSION, [(name, hashes[name]["sha256"]) for name in sorted(hashes)]])
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(info: os.stat_result) -> dict[str, int]:
    return {name: getattr(info, name) for name in _STAT}


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _file_hashes(
    layout: Layout, known: Mapping[str, Any], written: int = 0
) -> dict[str, dict[str, Any]]:
    """Hash every file of the evidence; `known` spares large ones whose stat is unchanged.

    Size and time of modification can be set back, the time of change and the inode
    cannot; a file changed within two seconds of the manifest is hashed anyway.
    """
    result = {}
    for path in layout.files:
        name = os.path.relpath(path, layout.path)
        try:
            info = path.stat()
            if not stat.S_ISREG(info.st_mode):
                raise OSError(0, "not a regular file")
            signature: dict[str, Any] = _signature(info)
            old = known.get(name, {})
            if (
                info.st_size > _SMALL
                and all(old.get(field) == value for field, value in signature.items())
                and info.st_ctime_ns < written - _RACY_NS
            ):
                signature["sha256"] = old["sha256"]
            else:
                signature["sha256"] = _hash_file(path)
        except OSError as error:
            raise TdrError(
                Problem(
                    f"cannot read: {error.strerror or error}", location=Location(layout.label(path))
                )
            ) from None
        result[name] = signature
    return result


def _shipped(layout: Layout) -> Index | None:
    """The index that was built with the package, if the files beside it are still the same."""
    package = layout.path.parent
    manifest = _read_manifest(package / "index.json", trusted=True)
    if not manifest:
        return None
    return _usable(package, manifest, _digest(_file_hashes(layout, {})))


def write_shipped(layout: Layout, package: Path) -> None:
    """Build index and manifest into the package's directory (when the package is built)."""
    from tdr.index.build import build

    hashes = _file_hashes(layout, {})
    path = package / "index.sqlite"
    path.unlink(missing_ok=True)
    build(path, layout, _digest(hashes))
    manifest = _manifest(path, hashes)
    # Stat values belong to the building machine; hashes alone travel.
    manifest["index"] = {key: manifest["index"][key] for key in ("name", "sha256", "st_size")}
    manifest["files"] = {name: {"sha256": value["sha256"]} for name, value in hashes.items()}
    manifest["written"] = 0
    (package / "index.json").write_text(json.dumps(manifest, sort_keys=True), encoding="utf-8")


def _cache_directory(layout: Layout) -> Path | None:
    """The directory for this user's indexes, made if need be; None if there is no safe one."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
        directory = root / "tdr"
        if layout.path.resolve() in (directory.resolve(), *directory.resolve().parents):
            return None
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700, parents=True)
        info = directory.lstat()
    except (OSError, RuntimeError, ValueError):
        return None
    safe = stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not info.st_mode & 0o077
    return directory if safe else None


def _read_manifest(path: Path, *, trusted: bool = False) -> dict[str, Any]:
    """What is said about an index, or {} if nothing usable is said."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode) or (not trusted and info.st_uid != os.geteuid()):
                return {}
            manifest: dict[str, Any] = json.loads(stream.read(1_000_000))
        if manifest["magic"] != "tdr-index" or manifest["index_version"] != INDEX_VERSION:
            return {}
        if not all(isinstance(manifest[key], dict) for key in ("files", "index")):
            return {}
        manifest["written"] = int(manifest["written"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return manifest


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
        unchanged = info.st_size > _SMALL and all(
            facts.get(field) == value for field, value in _signature(info).items()
        )
        if not unchanged and _hash_file(path) != facts["sha256"]:
            return None
        index = Index.open(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return index if index.digest == digest else None


def _manifest(path: Path, hashes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "magic": "tdr-index",
        "index_version": INDEX_VERSION,
        "digest": _digest(hashes),
        "files": hashes,
        "index": {"name": path.name, "sha256": _hash_file(path), **_signature(path.stat())},
        "written": time.time_ns(),
    }


def _build_cached(
    directory: Path,
    key: str,
    layout: Layout,
    hashes: Mapping[str, Mapping[str, Any]],
    progress: Progress | None,
) -> Index:
    """Build beside and move into place; if the disk does not play along, build in memory."""
    from tdr.index.build import build  # with all that reads evidence

    digest = _digest(hashes)
    temporary = directory / f".tdr-{key}-{os.getpid()}-{time.time_ns()}.tmp"
    final = directory / f"{key}-{digest[:16]}.sqlite"
    try:
        _sweep(directory)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        build(temporary, layout, digest, progress)
        os.replace(temporary, final)
        note = temporary.with_suffix(".json.tmp")
        descriptor = os.open(note, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(_manifest(final, hashes), stream)
        os.replace(note, directory / f"{key}.json")
        for old in directory.glob(f"{key}-*.sqlite"):
            if old != final:
                old.unlink(missing_ok=True)
        return Index.open(final)
    except (OSError, sqlite3.Error, ValueError):
        return Index.in_memory(layout, digest, progress)
    finally:
        for leftover in (temporary, temporary.with_suffix(".json.tmp")):
            with contextlib.suppress(OSError):
                leftover.unlink(missing_ok=True)


def _sweep(directory: Path) -> None:
    """Remove what killed builds left behind, once it is an hour old."""
    for leftover in directory.glob(".tdr-*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.lstat().st_mtime > _STALE_SECONDS:
                leftover.unlink()
