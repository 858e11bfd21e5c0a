"""No citation is lost and none invented, whatever an article is made of."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import examples
from tests.gather.make import cite, places, read

LIST = 40
Group = tuple[str, list[int]]


@st.composite
def a_group(draw: st.DrawFn) -> Group:
    """A citation group as printed, and the numbers that it cites."""
    if draw(st.booleans()):
        first = draw(st.integers(1, LIST - 3))
        last = draw(st.integers(first + 1, min(LIST, first + 9)))
        dash = draw(st.sampled_from(["–", "-", " – ", "—"]))
        right = list(range(first, last + 1))
        shape = draw(st.sampled_from(["ends", "inside", "every", "empty"]))
        if shape == "inside":
            printed = cite(first, f"{first}{dash}{last}")
        elif shape == "every":
            printed = cite(" ".join(f"r{n}" for n in right), f"{first}{dash}{last}")
        else:
            between = "".join(cite(n, "") for n in right[1:-1]) if shape == "empty" else ""
            printed = cite(first) + between + dash + cite(last)
    else:
        right = draw(st.lists(st.integers(1, LIST), min_size=1, max_size=4, unique=True))
        printed = draw(st.sampled_from([", ", ",", "; ", " and "])).join(map(cite, right))
    around = draw(st.sampled_from(["[{}]", "<sup>{}</sup>", "({})", "<italic>(see {})</italic>"]))
    return around.format(printed), right


@st.composite
def a_paragraph(draw: st.DrawFn) -> tuple[str, list[list[int]]]:
    """A paragraph, perhaps with a list in it, and its groups in the order of the text."""
    found = draw(st.lists(a_group(), max_size=5))
    body, right = [], []
    for printed, numbers in found:
        in_list = draw(st.integers(0, 4)) == 0
        shape = "<list><list-item><p>x {}</p></list-item></list>" if in_list else "{}"
        body.append(shape.format(printed))
        right.append(numbers)
    return f"<p>{' then '.join(['A', *body])}.</p>", right


@st.composite
def a_section(draw: st.DrawFn, levels: int = 3) -> tuple[str, list[list[list[int]]]]:
    """Nested sections and the groups of their paragraphs, in the order of the text."""
    own = draw(st.lists(a_paragraph(), max_size=2))
    inner = draw(st.lists(a_section(levels=levels - 1), max_size=2)) if levels else []
    body = "".join(text for text, _ in own) + "".join(text for text, _ in inner)
    right = [groups for _, groups in own] + [groups for _, listed in inner for groups in listed]
    title = draw(st.sampled_from(["<title>A</title>", "<title>B/C</title>", ""]))
    return f"<sec>{title}{body}</sec>", right


@settings(max_examples=examples(1))
@given(a_section())
def test_every_citation_is_found_once_in_its_group_and_paragraph(
    made: tuple[str, list[list[list[int]]]],
) -> None:
    body, right = made
    # One citation at the end, so that there is something to import.
    found = read(f"<sec><title>All</title>{body}<p>{cite(1)}</p></sec>", LIST)
    listed = [paragraph for section in places(found).values() for paragraph in section]
    assert listed == [*right, [[1]]]
    cited = [number for paragraph in listed for group in paragraph for number in group]
    report = found.report
    assert report.links + report.added >= len(cited)
    assert set(report.never_cited) == set(range(1, LIST + 1)) - set(cited)
    assert not found.problems
