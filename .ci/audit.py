"""Known vulnerabilities among the pinned versions, from a file of advisories.

    python .ci/audit.py ADVISORIES.zip [CONSTRAINTS]

The file is the export for PyPI of osv.dev (`PyPI/all.zip`), one JSON record an advisory; for
machines that cannot ask a service. Exits 1 if one concerns a pinned version.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def pinned(constraints: str) -> dict[str, Version]:
    """name -> version of every `name==version` line."""
    found = re.findall(r"^([\w.-]+)==(\S+)", constraints, re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def concerns(affected: dict[str, Any], version: Version) -> bool:
    """Whether `version` is listed, or lies in a range from `introduced` to before `fixed`."""
    if str(version) in affected.get("versions", ()):
        return True
    return any(
        _in_range(one["events"], version)
        for one in affected.get("ranges", ())
        if one["type"] == "ECOSYSTEM"
    )


def _in_range(events: list[dict[str, str]], version: Version) -> bool:
    inside = False
    for event in events:  # in order, as the OSV schema asks
        for kind, text in event.items():
            try:
                edge = Version(text)
            except InvalidVersion:
                return True  # a person has to look
            if kind == "introduced" and version >= edge:
                inside = True
            elif (kind == "fixed" and version >= edge) or (
                kind == "last_affected" and version > edge
            ):
                inside = False
    return inside


def advisories(archive: Path, pins: dict[str, Version]) -> Iterator[str]:
    """One line for each advisory that concerns a pinned version."""
    with zipfile.ZipFile(archive) as records:
        for name in records.namelist():
            record = json.loads(records.read(name))
            if "withdrawn" in record:
                continue
            for affected in record.get("affected", ()):
                package = canonicalize_name(affected["package"]["name"])
                if package in pins and concerns(affected, pins[package]):
                    summary = record.get("summary") or record.get("details", "")[:80]
                    yield f"{package} {pins[package]}: {record['id']}: {summary}"


def main(archive: str, constraints: str = "constraints.txt") -> int:
    pins = pinned(Path(constraints).read_text(encoding="utf-8"))
    found = sorted(set(advisories(Path(archive), pins)))
    print("\n".join(found) or f"{len(pins)} pinned versions: no advisory in {archive}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
