"""Small articles in JATS, made of the parts that a test is about."""

from __future__ import annotations

from tdr.gather.jats import Article, read_article


def cite(target: int | str, text: str | None = None) -> str:
    """A link to reference r1, r2 ...; its text is the number unless another is given."""
    rid = f"r{target}" if isinstance(target, int) else target
    return f'<xref ref-type="bibr" rid="{rid}">{target if text is None else text}</xref>'


def numbered(count: int, label: str = "{}") -> str:
    """A list of `count` references with these labels."""
    return "".join(
        f'<ref id="r{n}"><label>{label.format(n)}</label><mixed-citation>'
        f"<article-title>Work {n}</article-title></mixed-citation></ref>"
        for n in range(1, count + 1)
    )


def article(
    body: str, refs: str | int = 20, *, front: str = "", back: str = "", after: str = ""
) -> bytes:
    """An article; `body` without an element of its own is the text of one paragraph."""
    if not body.lstrip().startswith(("<p", "<sec", "<fig", "<table", "<list", "<boxed")):
        body = f"<p>{body}</p>"
    listed = numbered(refs) if isinstance(refs, int) else refs
    return (
        '<article xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<front><article-meta><title-group><article-title>T</article-title></title-group>{front}"
        f"</article-meta></front><body>{body}</body>"
        f"<back>{back}<ref-list><title>References</title>{listed}</ref-list></back>{after}</article>"
    ).encode()


def read(body: str, refs: str | int = 20, **parts: str) -> Article:
    """The article of these parts, read."""
    return read_article(article(body, refs, **parts), "a.xml")


def groups(body: str, refs: str | int = 20) -> list[list[int]]:
    """The citation groups of an article, paragraph after paragraph."""
    return [
        list(numbers)
        for paragraph in read(body, refs).paragraphs
        for numbers in paragraph.citations
    ]


def places(found: Article) -> dict[str, list[list[list[int]]]]:
    """Section -> the groups of each of its paragraphs."""
    sections: dict[str, list[list[list[int]]]] = {}
    for paragraph in found.paragraphs:
        listed = [list(numbers) for numbers in paragraph.citations]
        sections.setdefault(paragraph.place.section, []).append(listed)
    return sections
