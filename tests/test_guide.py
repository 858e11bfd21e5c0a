"""What the guide tells people to type works, as far as the tools are there."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.program import shell

BLOCKS = [
    block
    for page in ("tools", "tutorial", "scale")
    for block in re.findall(
        r"```(sh|python)\n(.*?)```", (ROOT / f"docs/{page}.md").read_text(encoding="utf-8"), re.S
    )
]
COMMANDS = [block for kind, block in BLOCKS if kind == "sh" and not block.startswith("pip ")]
SCRIPTS = [block for kind, block in BLOCKS if kind == "python"]
REVIEWS = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/reviews.md").read_text("utf-8"), re.S)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which every command of the pages was run."""
    directory = tmp_path_factory.mktemp("tools")
    done = shell(f"set -e; cd '{directory}'\n{''.join(COMMANDS)}")
    assert done.returncode == 0, done.stderr
    return directory


def test_every_command_writes_what_it_names(files: Path) -> None:
    named = set(re.findall(r"tdr export \S+ (\S+)|(?:>|-o|--svg) (\S+\.\w+)", "".join(COMMANDS)))
    for name in (name for pair in named for name in pair if name):
        there = files / name
        assert any(there.iterdir()) if there.is_dir() else there.stat().st_size, name


def run_script(script: str, directory: Path) -> dict[str, Any]:
    """Run a script in a directory; what its names stand for afterwards."""
    for module in re.findall(r"^import (\w+)", script, re.M):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    made: dict[str, Any] = {}
    with chdir(directory):
        exec(compile(script, "docs/tools.md", "exec"), made)
    return made


@pytest.mark.parametrize(
    "script", SCRIPTS, ids=lambda script: re.findall(r"^import (\w+)", script, re.M)[0]
)
def test_every_script_finds_something(files: Path, script: str) -> None:
    made = run_script(script, files)
    found = {name: made[name] for name in ("cancers", "rows", "same", "lowering") if name in made}
    assert found
    for name, value in found.items():
        assert len(value), name
    if "database" in made:
        made["database"].close()


def test_sql_selects_in_duckdb_what_list_lists(files: Path) -> None:
    script = next(script for script in SCRIPTS if "evidence.duckdb" in script)
    made = run_script(script, files)
    listed = shell("tdr list -c TAM -k PDAC -o ids").stdout.decode().split()
    assert [row[0] for row in made["rows"]] == listed
    made["database"].close()


def test_another_review_is_curated_beside_the_one_that_ships(tmp_path: Path) -> None:
    here = Path(os.environ.get("TDR_JATS", ROOT.parent / "shared/jats"))
    article = here / "hindawi-PMC4736972-notch-breast-review.xml"
    if not article.is_file():
        pytest.skip("no local copy of the article")
    shutil.copy(article, tmp_path / "review.nxml")
    out = err = ""
    for number, block in enumerate(REVIEWS):
        used = "my-evidence" if number else ""
        done = shell(f"set -e; cd '{tmp_path}'\n{block}", TDR_EVIDENCE=used)
        out, err = out + done.stdout.decode(), err + done.stderr.decode()
        assert done.returncode == 0, err
    said = re.findall(r"total: 88 citations, .* (\d+) open", err)
    assert [int(number) for number in said] == [88, 88, 40]
    written = re.findall(r"^(?:acar2016|own)-[a-z]+-\d+$", out, re.M)
    assert written == ["acar2016-che-001", "acar2016-end-001", "acar2016-end-002", "own-end-001"]
    assert (tmp_path / "acar.sqlite").stat().st_size
    assert (tmp_path / "acar.bib").read_text("utf-8").count("@article") >= 50
