"""Build hook: the evidence travels inside the wheel, already compiled into an index.

So the first run after an installation parses no YAML.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EvidenceHook(BuildHookInterface[Any]):
    """Adds `tdr/evidence/` and the index made from it to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        from tdr.index.cache import write_shipped  # importable only from the source tree
        from tdr.read.files import find_layout

        self._folder = Path(tempfile.mkdtemp(prefix="tdr-build-"))
        package = self._folder / "tdr"
        evidence = package / "evidence"
        shutil.copytree(root / "evidence", evidence)
        write_shipped(find_layout(evidence), package)
        build_data["force_include"][str(package)] = "tdr"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if hasattr(self, "_folder"):
            shutil.rmtree(self._folder, ignore_errors=True)
