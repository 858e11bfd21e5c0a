"""What a release rests on: advisories read from a file, the same Pythons named everywhere."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


AUDIT = runpy.run_path(str(ROOT / ".ci/audit.py"))["main"]


def audit(folder: Path, pin: str, *affected: dict[str, object], **record: str) -> tuple[int, str]:
    """What .ci/audit.py says of one pin and one advisory."""
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        advisory = {"id": "PYSEC-1", "summary": "bad", "affected": affected, **record}
        archive.writestr("PYSEC-1.json", json.dumps(advisory))
    (folder / "constraints.txt").write_text(f"# pins\n{pin}\n")
    with redirect_stdout(StringIO()) as said:
        code = AUDIT(str(folder / "all.zip"), str(folder / "constraints.txt"))
    return code, said.getvalue()


def ranged(name: str, *events: dict[str, str]) -> dict[str, object]:
    return {"package": {"name": name}, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


@pytest.mark.parametrize(
    ("pin", "affected"),
    [
        ("ruamel.yaml==0.19.1", ranged("ruamel-yaml", {"introduced": "0"})),
        ("rich==15.0.0", ranged("rich", {"introduced": "14"}, {"fixed": "15.0.1"})),
        ("rich==15.0.0", ranged("rich", {"introduced": "0"}, {"last_affected": "15.0.0"})),
        ("typer==0.29.2", {"package": {"name": "typer"}, "versions": ["0.29.2"]}),
    ],
)
def test_an_advisory_about_a_pinned_version_fails_the_audit(tmp_path, pin, affected):
    name, version = pin.split("==")
    expected = f"{name.replace('.', '-')} {version}: PYSEC-1: bad\n"
    assert audit(tmp_path, pin, affected) == (1, expected)


@pytest.mark.parametrize(
    ("affected", "record"),
    [
        (ranged("rich", {"introduced": "0"}, {"fixed": "15.0.0"}), {}),
        (ranged("rich", {"introduced": "15.0.1"}), {}),
        (ranged("poor", {"introduced": "0"}), {}),
        (ranged("rich", {"introduced": "0"}), {"withdrawn": "2026-01-01T00:00:00Z"}),
    ],
)
def test_other_advisories_do_not(tmp_path, affected, record):
    code, said = audit(tmp_path, "rich==15.0.0", affected, **record)
    assert (code, said.split(":")[0]) == (0, "1 pinned versions")


def test_every_list_of_supported_pythons_is_the_same():
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    stated = re.findall(r":: (3\.\d+)\n", "\n".join(classifiers) + "\n")
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    local = re.search(r"for version in ([\d. ]+);", (ROOT / ".ci/pythons").read_text())
    assert local is not None
    assert local[1].split() == stated
    assert re.search(r"python: \[(.*)\]", workflow)[1].replace('"', "").split(", ") == stated
