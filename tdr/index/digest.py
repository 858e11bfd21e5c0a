"""Hashes of evidence files: are they the ones that an index was made from?"""

from __future__ import annotations

import errno
import json
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tdr.model.errors import Location, Problem, TdrError
from tdr.read.files import Layout

try:  # hashlib loads OpenSSL, which takes longer than to hash all that is read here
    from _blake2 import blake2b
except ImportError:  # an interpreter that has it elsewhere
    from hashlib import blake2b

_DIGEST_SIZE = 32
"""Bytes of a hash."""

_SMALL = 4 * 1024 * 1024
"""Files up to this size are read in every run (a few ms); larger ones when their stat changed."""

_HUGE = 64 * 1024 * 1024
"""Above this size a file is hashed only if it is within the limits: it could take hours."""

_BLOCK = 1 << 16
"""Bytes read at once: a larger buffer costs more, as memory, than it saves in calls."""

RACY_NS = 2_000_000_000
"""A file that changes so soon after it was read may keep its stat."""

CHANGED = "st_ctime_ns"
_STAT = ("st_size", "st_mtime_ns", CHANGED, "st_ino", "st_dev")


Hashes = Mapping[str, Mapping[str, Any]]
"""Name of each file, as `Layout.portable_name` gives it -> its stat and its hash."""


class UnhashedError(TdrError):
    """A file of the evidence that cannot be hashed: it cannot be read, or is too large."""


def content_digest(layout: Layout) -> str:
    """The hash of the content of an evidence directory, in hexadecimal digits."""
    return digest_of(file_hashes(layout))


def digest_of(hashes: Hashes) -> str:
    """The hash of an evidence directory, from the hashes of its files."""
    return hash_of(
        json.dumps([(name, hashes[name]["blake2b"]) for name in sorted(hashes)]).encode()
    )


def hash_of(data: bytes) -> str:
    """The hash of some bytes, in hexadecimal digits."""
    return blake2b(data, digest_size=_DIGEST_SIZE).hexdigest()


def signature_of(info: os.stat_result) -> dict[str, int]:
    """The values of a stat that stay the same as long as a file is unchanged."""
    return {name: getattr(info, name) for name in _STAT}


def _hash_file(path: Path) -> str:
    digest = blake2b(digest_size=_DIGEST_SIZE)
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def checksum(path: Path) -> int:
    """The CRC-32 of a file, which finds damage in a quarter of the time of a hash."""
    crc = 0
    for block in _blocks(path):
        crc = zlib.crc32(block, crc)
    return crc


def _blocks(path: Path) -> Iterator[memoryview]:
    """The content of a file in blocks; each is valid until the next is asked for."""
    buffer = memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as stream:
        while size := stream.readinto(buffer):
            yield buffer[:size]


def unchanged(known: Mapping[str, Any], signature: Mapping[str, int]) -> bool:
    """Whether a file still has the stat that a manifest has for it."""
    return all(known.get(field) == value for field, value in signature.items())


def _may_be_read(path: Path, info: os.stat_result, *, bulk: bool) -> bool:
    """Whether a huge file is within the limits: all of it, or the first line of a bulk file."""
    from tdr.read.limits import CURRENT_LIMITS  # for huge files only

    most = CURRENT_LIMITS.get().file_bytes
    if not bulk:
        return info.st_size <= most
    with path.open("rb") as stream:
        return len(stream.readline(most + 2)) <= most + 1


def is_large(facts: Mapping[str, Any]) -> bool:
    """Whether a file is read only if its stat changed."""
    return bool(facts["st_size"] > _SMALL)


def file_hashes(
    layout: Layout, manifest: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, dict[str, Any]]:
    """Name -> stat and hash of every file; a manifest spares hashing where the stat is unchanged.

    A small file is read nevertheless, for its checksum must be unchanged, too. Size and time of
    modification can be set back, the time of change and the inode cannot; a file that was
    changed within two seconds of the manifest is hashed anyway.
    Raises UnhashedError for a file that cannot be read or is too large to be.
    """
    settled = manifest.get("written", 0) - RACY_NS
    bulk = {file.path for one in layout.sources for file in one.claims if file.bulk}
    result = {}
    for path in layout.files:
        name = layout.portable_name(path)
        try:
            info = path.stat()
            if not stat.S_ISREG(info.st_mode):
                raise OSError(0, "not a regular file")
            facts: dict[str, Any] = signature_of(info)
            if info.st_size > _HUGE and not _may_be_read(path, info, bulk=path in bulk):
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            known = manifest.get("files", {}).get(name, {})
            small = not is_large(facts)
            is_same = unchanged(known, facts) and info.st_ctime_ns < settled
            if small:
                facts["crc32"] = checksum(path)
            if is_same and (not small or facts["crc32"] == known.get("crc32")):
                facts["blake2b"] = known["blake2b"]
            else:
                facts["blake2b"] = _hash_file(path)
        except OSError as error:
            raise UnhashedError(
                Problem(
                    f"cannot read: {error.strerror or error}", location=Location(layout.label(path))
                )
            ) from None
        result[name] = facts
    return result
