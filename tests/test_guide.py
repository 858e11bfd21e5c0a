"""What the guide tells people to type works, as far as the tools are there."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REVIEW, ROOT
from tests.program import commands, shell

PAGES = ("ci", "cluster", "excel", "own", "pandas", "r", "scale", "snakemake", "tools", "tutorial")

PROGRAMS = Path(sys.executable).parent


def blocks_of(page: str) -> list[tuple[str, str]]:
    """The blocks of a page with their languages, in order; what installs a package is left out."""
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    found = re.findall(r"```(sh|python|r|yaml)\n(.*?)```", text, re.S)
    return [(kind, block) for kind, block in found if not block.startswith("pip ")]


def in_python(script: str, directory: Path) -> str | None:
    """Run a script: whatever it makes that could be empty is not. None, or the missing module."""
    for module in re.findall(r"^import (\w+)", script, re.M):
        if importlib.util.find_spec(module) is None:
            return str(module)
    made: dict[str, Any] = {}
    with chdir(directory):
        exec(compile(script, "the guide", "exec"), made)
    sized = {name: one for name, one in made.items() if name[0] != "_" and hasattr(one, "__len__")}
    assert sized
    assert all(len(one) for one in sized.values()), sized
    if "database" in made:
        made["database"].close()
    return None


def in_r(script: str, directory: Path) -> str | None:
    (directory / "script.R").write_text(script, encoding="utf-8")
    return started(directory, "Rscript", "script.R")


def in_snakemake(script: str, directory: Path) -> str | None:
    (directory / "Snakefile").write_text(script, encoding="utf-8")
    return started(directory, "snakemake", "--cores", "1", "--quiet")


def started(directory: Path, program: str, *arguments: str) -> str | None:
    """Run a program that finds `tdr` on the PATH. None, or the name of what is not here."""
    paths = os.pathsep.join(map(str, (commands(), PROGRAMS, os.environ["PATH"])))
    if shutil.which(program, path=paths) is None:
        return program
    done = subprocess.run(
        [program, *arguments], cwd=directory, env=os.environ | {"PATH": paths},
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return None


SCRIPTS: dict[str, Callable[[str, Path], str | None]] = {"python": in_python, "r": in_r}


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run_one_after_the_other(page: str, tmp_path: Path) -> None:
    blocks, missing = blocks_of(page), []
    typed = "\n".join(text for kind, text in blocks if kind == "sh")
    for kind, text in blocks:
        for line in re.findall(r"- (?:run: )?(tdr .*)", text) if kind == "yaml" else ():
            typed += "" if line in typed else line + "\n"
    if typed:
        done = shell(f"set -e; cd '{tmp_path}'\n{typed}")
        assert done.returncode == 0, done.stderr.decode()
    for named in re.findall(r"tdr export \S+ (\S+)|(?:> |-o |--svg |--png )(\w\S*\.\w+)", typed):
        there = tmp_path / "".join(named)
        assert any(there.iterdir()) if there.is_dir() else there.stat().st_size, named
    for kind, text in blocks:
        run = in_snakemake if text.startswith("# Snakefile") else SCRIPTS.get(kind)
        if run and (absent := run(text, tmp_path)):
            missing.append(absent)
    if missing:
        pytest.skip(f"all ran but what needs {', '.join(dict.fromkeys(missing))}")


def test_another_review_is_curated_beside_the_one_that_ships(tmp_path: Path) -> None:
    here = Path(os.environ.get("TDR_JATS", ROOT.parent / "shared/jats"))
    article = here / "hindawi-PMC4736972-notch-breast-review.xml"
    if not article.is_file():
        pytest.skip("no local copy of the article")
    shutil.copy(article, tmp_path / "review.nxml")
    out = err = ""
    for number, (_, block) in enumerate(blocks_of("reviews")):
        used = "my-evidence" if number else ""
        env = {"TDR_EVIDENCE": used, "TDR_TESTS_SHIPPED": str(REVIEW)}
        done = shell(f"set -e; cd '{tmp_path}'\n{block}", **env)
        out, err = out + done.stdout.decode(), err + done.stderr.decode()
        assert done.returncode == 0, err
    said = re.findall(r"total: 88 citations, .* (\d+) open", err)
    assert [int(number) for number in said] == [88, 88, 40]
    written = re.findall(r"^acar2016-[a-z]+-\d+$", out, re.M)
    assert written == ["acar2016-che-001", "acar2016-end-001", "acar2016-end-002"]
    assert (tmp_path / "acar.sqlite").stat().st_size
    assert (tmp_path / "acar.bib").read_text("utf-8").count("@article") >= 50
