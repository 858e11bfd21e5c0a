"""The pictures of the README: drawn by the program, whole in themselves.

That they are current is checked with all other generated pages in tests/test_docs.py.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.conftest import ROOT

PICTURES = sorted((ROOT / "docs/pictures").glob("*.svg"))


def test_there_is_one_of_list_show_and_matrix() -> None:
    assert [path.stem for path in PICTURES] == ["list", "matrix", "show"]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_refers_to_nothing_outside_itself(path: Path) -> None:
    text = path.read_text("utf-8")
    ET.fromstring(text)  # it is well-formed
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert "@font-face" not in text
    assert "<script" not in text


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_shows_a_terminal_in_colour_and_says_which_command(path: Path) -> None:
    picture = ET.fromstring(path.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    title = picture.findtext(f"{space}title")
    shown = "".join("".join(text.itertext()) for text in picture.iter(f"{space}text"))
    assert title is not None
    assert f"$ {title}" in shown.replace("\xa0", " ")
    assert "\x1b" not in shown
    assert "▲" in shown
    colours = set(re.findall(r"fill: (#[0-9a-f]{6})", path.read_text("utf-8")))
    assert {"#f07178", "#89ca78"} <= colours  # promotes red, opposes green
