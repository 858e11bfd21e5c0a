"""Pictures as PNG and PDF: read back by other programs, the same bytes for the same claims."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Run
from tests.program import call

Tdr = Callable[..., Run]


def test_a_slide_has_the_pixels_of_a_screen(run: Tdr, tmp_path: Path) -> None:
    file = tmp_path / "map.png"
    done = run("-q", "matrix", "--slide", "--png", str(file))
    assert (done.exit, done.out, done.err) == (0, "", "")
    with Image.open(file) as picture:
        assert picture.size == (1920, 1080)
        colors = {color for _, color in picture.convert("RGB").getcolors(1 << 20) or ()}
    assert {(255, 255, 255), (26, 26, 26)} <= colors  # ground and ink


def test_text_in_a_pdf_is_text(run: Tdr, tmp_path: Path) -> None:
    from pypdf import PdfReader  # slow to load, and read here only

    file = tmp_path / "steps.pdf"
    assert run("graph", "-p", "NF-κB", "--pdf", str(file)).exit == 0
    (page,) = PdfReader(file).pages
    shown = page.extract_text()
    assert "NF-κB signaling" in " ".join(shown.split())
    assert page.mediabox.width >= 960  # points: 1280 pixels


def test_the_same_claims_give_the_same_file(run: Tdr, tmp_path: Path) -> None:
    both = [tmp_path / name for name in ("a.pdf", "b.pdf")]
    for file in both:
        assert run("matrix", "-t", "radio", "--pdf", str(file)).exit == 0
    assert both[0].read_bytes() == both[1].read_bytes()


def test_several_pictures_are_written_at_once(run: Tdr, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"map.{kind}" for kind in ("svg", "png", "pdf")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]
    done = run("matrix", "-t", "radio", *options)
    assert done.err.splitlines()[:3] == [f"wrote {file}" for file in files.values()]
    Image.open(BytesIO(files["png"].read_bytes())).verify()


@pytest.mark.skipif(sys.platform == "win32", reason="no current directory goes away there")
def test_a_picture_is_drawn_where_the_current_directory_is_gone(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 28."""
    gone, file = tmp_path / "gone", tmp_path / "map.png"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert call("--evidence", small, "matrix", "--png", file).exit == 0
    assert file.read_bytes().startswith(b"\x89PNG")


def test_without_the_library_it_says_how_to_get_it(
    run: Tdr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    done = run("matrix", "--png", str(tmp_path / "map.png"))
    said = "tdr: error: PNG and PDF need one more package: pip install 'tdr[pictures]'\n"
    assert (done.exit, done.out, done.err) == (2, "", said)
    assert not (tmp_path / "map.png").exists()
