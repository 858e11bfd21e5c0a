"""XML from anywhere: what is hostile or broken ends in one located message."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdr.gather.jats import read_article
from tdr.gather.xml import attribute, iter_elements, parse, text_of
from tdr.model.errors import TdrError
from tests.fuzz import examples
from tests.gather.make import article, cite

BOMB = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&#38;x;&#38;x;">]><a/>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BOMB.encode(), "declares the entity `x`"),
        (BOMB.encode("utf-16"), "declares the entity `x`"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a/>', "declares the entity `x`"),
        (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://x/">%x;]><a/>', "declares the entity `x`"),
        (b"<a>" * 99_999 + b"</a>" * 99_999, "elements are nested deeper than 250 levels"),
        (b"<a>\0</a>", "is not well-formed XML: not well-formed"),
        (b"<html><p>x<br></html>", "is not well-formed XML: mismatched tag"),
        (b"<a/><a/>", "is not well-formed XML: junk after document element"),
        (b"", "is not well-formed XML: no element found"),
        (b"<a>\xe9</a>", "is not well-formed XML: not well-formed"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "is in an encoding that cannot be read"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "is in an encoding that cannot be read"),
        (b"<a>&nosuch;</a>", "`&nosuch;` is not a character"),
        (b'<a b="&nosuch;"/>', "`&nosuch;` is not a character"),
    ],
)
def test_hostile_and_broken_files_are_refused_with_a_place(data: bytes, said: str) -> None:
    """Hazard 68."""
    with pytest.raises(TdrError) as refused:
        parse(data, "f.xml")
    assert str(refused.value).startswith("f.xml:1")
    assert said in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_text_is_read_in_the_encoding_that_the_file_declares(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    data = f'<?xml version="1.0" encoding="{name}"?><a>café</a>'.encode(encoding)
    assert parse(data, "f.xml").root.text == "café"


def test_elements_know_their_line_and_have_no_prefix() -> None:
    read = parse(b'<x:a xmlns:x="u">\n<x:b y:c="1" xmlns:y="v"/></x:a>', "f.xml")
    (inner,) = read.root
    assert (read.root.tag, inner.tag, str(read.at(inner))) == ("a", "b", "f.xml:2")
    assert (attribute(inner, "c"), attribute(inner, "d")) == ("1", "")


def test_elements_can_be_read_one_at_a_time() -> None:
    data = b"<set>" + b"".join(b"<r><n>%d</n></r>" % n for n in range(9999)) + b"</set>"
    read = [int(text_of(node)) for node, _ in iter_elements(BytesIO(data), "f", "r")]
    assert read == list(range(9999))


def test_what_cannot_be_seen_does_not_come_in() -> None:
    """Hazard 69."""
    body = f"<sec><title>A\u202eB\u200b \u0085C</title><p>{cite(1)}</p></sec>"
    found = read_article(article(body), "a.xml")
    assert found.paragraphs[0].place.section == "AB C"


@settings(max_examples=examples(2))
@given(st.data())
def test_a_damaged_article_is_read_or_refused(data: st.DataObject) -> None:
    """Hazard 68."""
    whole = article(f"<sec><title>T</title><p>{cite(1)}–{cite(4)}</p></sec>", 4)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 30)))
    damaged = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]
    with suppress(TdrError):  # nothing else
        read_article(damaged, "a.xml")
