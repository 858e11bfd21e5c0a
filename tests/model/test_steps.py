"""Signed steps: the ways through them and their signs."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from tdr.model.steps import (
    MOST_LINKS,
    RELATIONS,
    RESISTANCE,
    Effort,
    Step,
    arrows,
    chains,
    sign_of,
    signs,
    ways,
)


def steps(*lines: str) -> list[Step]:
    """`A -| B` inhibits, `A -> B` activates, `A -- B` binds."""
    does = {"->": "activates", "-|": "inhibits", "--": "binds"}
    cut = [line.split() for line in lines]
    return [Step(a, does[arrow], b.replace("R", RESISTANCE)) for a, arrow, b in cut]


def test_every_relation_has_a_sign_and_a_meaning() -> None:
    assert {relation.sign for relation in RELATIONS.values()} == {1, -1, 0}
    assert all(relation.meaning for relation in RELATIONS.values())


def test_the_sign_of_a_way_is_the_product_of_its_links() -> None:
    found = list(ways(steps("A -| B", "B -| C", "C -> R"), "A"))
    assert [sign_of(way) for way in found] == [1]
    assert signs(steps("A -| B", "B -> R"), "A") == {-1}
    assert signs(steps("A -> B", "B -- C", "C -> R"), "A") == {0}


def test_where_no_way_leads_there_is_no_sign() -> None:
    assert signs(steps("B -> R", "A -> C"), "A") == frozenset()
    assert list(ways(steps("B -> R"), "A")) == []


def test_several_ways_come_shortest_first() -> None:
    found = ways(steps("A -> B", "B -> C", "C -> R", "A -| C"), "A")
    assert [(len(way), sign_of(way)) for way in found] == [(2, -1), (3, 1)]


def test_a_way_between_two_nodes_may_end_anywhere() -> None:
    assert signs(steps("A -| B", "B -> R"), "A", "B") == {-1}


def test_a_loop_does_not_turn_a_sign() -> None:
    assert signs(steps("A -> B", "B -| A", "A -> R"), "A") == {1}


def test_ten_thousand_steps_in_a_line_or_in_circles_end() -> None:
    """Hazard 73."""
    line = [Step(f"n{n}", "inhibits", f"n{n + 1}") for n in range(9999)]
    line.append(Step("n9999", "increases", RESISTANCE))
    assert signs(line, "n0") == {-1}
    assert list(ways(line, "n0")) == []
    assert len(next(ways(line, f"n{10_000 - MOST_LINKS}"))) == MOST_LINKS
    mesh = [Step(f"n{n % 100}", "activates", f"n{n // 100}") for n in range(10_000)]
    mesh += [Step("n0", "kills", RESISTANCE)]
    assert signs(mesh, "n7") == {-1}
    assert len(next(ways(mesh, "n7"))) == 2


LINK = st.builds(
    Step, st.sampled_from("ABCD"), st.sampled_from(sorted(RELATIONS)), st.sampled_from("ABCDR")
)


@given(st.lists(LINK, max_size=8))
def test_signs_are_those_of_the_ways_one_by_one(links: list[Step]) -> None:
    def follow(here: str, passed: frozenset[str], sign: int) -> set[int]:
        if here == "R":
            return {sign}
        return {
            found
            for link in links
            if link.source == here and link.target not in passed
            for found in follow(link.target, passed | {link.target}, prod((sign, link.sign)))
        }

    assert signs(links, "A", "R") == follow("A", frozenset("A"), 1)


def test_a_way_may_begin_and_end_at_one_of_several_nodes() -> None:
    found = ways(steps("A -> C", "B -> C", "C -> D", "D -> E"), ["A", "B"], ["D", "E"])
    assert [arrows(way) for way in found] == ["A -> C -> D", "B -> C -> D"]


def test_a_search_that_was_cut_knows_it() -> None:
    mesh = [Step(f"n{n % 30}", "activates", f"n{n // 30}") for n in range(900)]
    effort = Effort(1000)
    assert all(len(way) <= 3 for way in ways(mesh, "n0", "n1", effort=effort))
    assert effort.spent
    effort = Effort(1000)
    assert len(list(ways(steps("A -> B", "B -> C"), "A", "C", effort=effort))) == 1
    assert not effort.spent


@given(st.lists(LINK, max_size=12))
def test_chains_have_every_step_once_and_hang_together(links: list[Step]) -> None:
    found = chains(links)
    assert Counter(step for way in found for step in way) == Counter(links)
    assert all(a.target == b.source for way in found for a, b in pairwise(way))


def test_a_way_is_written_with_arrows_bars_and_strokes() -> None:
    way = (*steps("A -> B", "B -| C", "C -- D"), Step("D", "goes with", "E"))
    assert arrows(way) == "A -> B -| C -- D ~> E"


@given(LINK, st.none() | st.just("T cell"))
def test_a_step_is_read_from_what_it_is_written_as(link: Step, place: str | None) -> None:
    step = Step(link.source, link.does, link.target, place)
    assert Step.from_dict(step.to_dict()) == step
    assert ("in" in step.to_dict()) is (place is not None)
