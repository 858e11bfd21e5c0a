"""Matrix, gaps and statistics: every number is recounted from the YAML files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.axes import (
    AXES,
    RollUp,
    axis,
    categories,
    counts,
    line_of_parents,
    pathway_members,
    resolve_under,
)
from tdr.ask.views.matrix import Count, gaps, matrix
from tdr.ask.views.stats import breakdown, references_per_claim, stats, stromal_claims
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.standing import standing
from tdr.model.vocabulary import Vocabulary
from tests.yaml_facts import Claim, Facts, values

ISSUE_FIELDS = ("cell", "therapy", "cancer", "agent", "pathway", "molecule", "process", "effect")


# -- matrix ---------------------------------------------------------------


def plus(count: Count, promotes: bool, opposes: bool) -> Count:
    return Count(count.total + 1, count.promotes + promotes, count.opposes + opposes)


def standing_of(claim: Claim) -> str:
    verdicts = ((one["ref"], one["agrees"]) for one in claim.get("primary", ()))
    return standing(claim.get("flags", ()), verdicts, claim["refs"])


def plain(count: Count) -> Count:
    return replace(count, contested=None)


def recount(facts: Facts, rows: str, columns: str) -> dict[tuple[str, str], Count]:
    """(row, column) -> counts, by going through all claims."""
    found: dict[tuple[str, str], Count] = {}
    for claim in facts.claims:
        for row in values(claim, rows):
            for column in values(claim, columns):
                cell = row if rows == "cell" else column if columns == "cell" else None
                sides = cell in claim["promotes"], cell in claim["opposes"]
                now = found.get((row, column), Count(0))
                doubt = now.contested
                if standing_of(claim) == "contested":
                    doubt = plus(doubt or Count(0), *sides)
                found[row, column] = replace(plus(now, *sides), contested=doubt)
    return found


@pytest.mark.parametrize(("rows", "columns"), list(permutations(ISSUE_FIELDS, 2)))
def test_any_two_fields_make_a_matrix_that_counts_claims(
    evidence: Evidence, everything: Selection, facts: Facts, rows: str, columns: str
) -> None:
    found = matrix(evidence, everything, axis(rows), axis(columns))
    counted = {
        (row.label, column.label): count
        for row, counts in zip(found.rows, found.counts, strict=True)
        for column, count in zip(found.columns, counts, strict=True)
        if count.total
    }
    assert counted == recount(facts, rows, columns)
    every = Counter(value for claim in facts.claims for value in values(claim, rows))
    assert {row.label: row.all.total for row in found.rows} == every
    both = sum(bool(values(c, rows) and values(c, columns)) for c in facts.claims)
    assert (found.both, found.selected) == (both, len(facts.claims))


def test_rows_come_with_most_claims_first_and_therapies_in_their_own_order(
    evidence: Evidence, everything: Selection
) -> None:
    found = matrix(evidence, everything, axis("cell"), axis("therapy"))
    totals = [row.all.total for row in found.rows]
    assert totals == sorted(totals, reverse=True)
    assert [column.label for column in found.columns] == [
        "immunotherapy",
        "targeted",
        "chemo",
        "radio",
        "antiandrogen",
    ]


def test_under_a_term_all_its_subtypes_are_one_row(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    tam = "tumor-associated macrophage"
    roll_up = RollUp(under=resolve_under(evidence, [axis("cell")], ["TAM"]))
    found = matrix(evidence, everything, axis("cell"), axis("therapy"), roll_up=roll_up)
    assert not [row for row in found.rows if row.label != tam and tam in row.label]
    (row,) = [n for n, row in enumerate(found.rows) if row.label == tam]
    for column, count in zip(found.columns, found.counts[row], strict=True):
        here = [c for c in facts.claims if c["therapy"] == column.label]

        def with_tam(side: str) -> list[str]:
            return [c["id"] for c in here if any(facts.is_a("cells", v, tam) for v in c[side])]  # noqa: B023 - called at once

        promotes, opposes = with_tam("promotes"), with_tam("opposes")
        assert plain(count) == Count(len({*promotes, *opposes}), len(promotes), len(opposes))


def test_a_claim_with_subtypes_on_both_sides_is_one_claim_of_each_side(for_views: Evidence) -> None:
    roll_up = RollUp(under=(("cells", "tumor-associated macrophage"),))
    found = matrix(
        for_views, for_views.select(Criteria()), axis("cell"), axis("therapy"), roll_up=roll_up
    )
    (row,) = [n for n, row in enumerate(found.rows) if row.label == "tumor-associated macrophage"]
    # imm-001 promotes, imm-002 M2 promotes and M1 opposes, imm-003 M1 opposes
    assert found.counts[row][0] == Count(3, 2, 2)


@pytest.mark.parametrize("level", [0, 1, 2, 3, 9])
def test_a_level_shows_no_term_below_that_depth_and_loses_no_claim(
    evidence: Evidence, everything: Selection, facts: Facts, level: int
) -> None:
    found = matrix(
        evidence, everything, axis("cell"), axis("effect"), roll_up=RollUp({"cell": level})
    )
    seen: dict[str, set[str]] = {}
    for claim in facts.claims:
        for cell in values(claim, "cell"):
            line = [cell]
            while facts.parents["cells"][line[0]]:
                line.insert(0, facts.parents["cells"][line[0]][0])
            seen.setdefault(line[min(level, len(line) - 1)], set()).add(claim["id"])
    assert {row.label: row.all.total for row in found.rows} == {k: len(v) for k, v in seen.items()}


def test_the_line_of_a_term_survives_a_cycle_of_parents(evidence: Evidence) -> None:
    vocabulary = Vocabulary(
        [
            tdr.Term("cells", "a", parents=("b",)),
            tdr.Term("cells", "b", parents=("a",)),
            tdr.Term("cells", "c", parents=("nowhere",)),
        ]
    )
    assert line_of_parents(vocabulary, "cells", "a") == ("b", "a")
    assert line_of_parents(vocabulary, "cells", "c") == ("c",)
    assert line_of_parents(evidence.vocabulary, "cells", "T cell") == (
        "immune cell",
        "lymphocyte",
        "T cell",
    )


def test_references_can_be_counted_instead_each_once(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    found = matrix(evidence, everything, axis("cell"), axis("therapy"), unit="references")
    for row, counted in zip(found.rows, found.counts, strict=True):
        for column, count in zip(found.columns, counted, strict=True):
            here = [c for c in facts.claims if c["therapy"] == column.label]

            def behind(*sides: str) -> int:
                return len({n for c in here for s in sides if row.label in c[s] for n in c["refs"]})  # noqa: B023 - called at once

            assert plain(count) == Count(
                behind("promotes", "opposes"), behind("promotes"), behind("opposes")
            )


def test_a_filter_restricts_what_is_counted(evidence: Evidence, facts: Facts) -> None:
    found = matrix(
        evidence, evidence.select(Criteria.of(effect="sensitivity")), axis("cell"), axis("therapy")
    )
    facts = replace(facts, claims=[c for c in facts.claims if c["effect"] == "sensitivity"])
    assert sum(c.total for row in found.counts for c in row) == sum(
        count.total for count in recount(facts, "cell", "therapy").values()
    )
    assert found.selected == len(facts.claims)


def test_top_keeps_what_counts_most_and_says_how_much_it_left_out(
    evidence: Evidence, everything: Selection
) -> None:
    whole = matrix(evidence, everything, axis("cell"), axis("cancer"))
    part = whole.top(4)
    assert (len(part.rows), len(part.columns)) == (4, 4)
    assert part.rows_left_out == len(whole.rows) - 4
    assert part.columns_left_out == len(whole.columns) - 4
    kept = {row.label for row in part.rows}
    sums = {
        row.label: sum(c.total for c in counts)
        for row, counts in zip(whole.rows, whole.counts, strict=True)
    }
    assert min(sums[label] for label in kept) >= max(
        total for label, total in sums.items() if label not in kept
    )


def test_one_field_is_no_matrix(evidence: Evidence, everything: Selection) -> None:
    with pytest.raises(TdrError, match="choose two"):
        matrix(evidence, everything, axis("cell"), axis("cells"))
    with pytest.raises(TdrError, match="unknown field `cancr`; did you mean `cancer`"):
        axis("cancr")


def test_counting_never_reads_a_claim(
    evidence: Evidence, everything: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> Iterator[tdr.Claim]:
        raise AssertionError("a claim was read")

    monkeypatch.setattr(type(evidence.index), "claims", forbidden)
    monkeypatch.setattr(type(evidence.index), "find", forbidden)
    matrix(evidence, everything, axis("molecule"), axis("cell"))
    matrix(evidence, everything, axis("cell"), axis("therapy"), unit="references")
    stats(evidence, everything)
    breakdown(evidence, everything, axis("member"))


# -- gaps -----------------------------------------------------------------


def test_gaps_are_the_combinations_with_no_claim_or_one(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    counted = recount(facts, "cell", "therapy")
    cells = {v for c in facts.claims for v in values(c, "cell")}
    therapies = {c["therapy"] for c in facts.claims}
    found = gaps(evidence, everything, axis("cell"), axis("therapy"))
    assert {(gap.row, gap.column): gap.claims for gap in found} == {
        (cell, therapy): counted.get((cell, therapy), Count(0)).total
        for cell in cells
        for therapy in therapies
        if counted.get((cell, therapy), Count(0)).total < 2
    }
    for gap in found:
        named = [
            c["id"]
            for c in facts.claims
            if gap.row in values(c, "cell") and c["therapy"] == gap.column
        ]
        assert named == ([gap.claim] if gap.claim else [])


def test_the_most_surprising_gap_comes_first(evidence: Evidence, everything: Selection) -> None:
    empty = [
        gap.expected
        for gap in gaps(evidence, everything, axis("cell"), axis("therapy"))
        if not gap.claims
    ]
    assert empty == sorted(empty, reverse=True)
    assert empty[0] > 1


def test_an_empty_selection_has_neither_counts_nor_gaps(evidence: Evidence) -> None:
    nothing = Selection(0)
    found = matrix(evidence, nothing, axis("cell"), axis("therapy"))
    assert (found.rows, found.columns, found.both, found.most) == ((), (), 0, 0)
    assert gaps(evidence, nothing, axis("cell"), axis("therapy")) == ()
    assert breakdown(evidence, nothing, axis("cell")) == ()
    assert {fact.count for fact in stats(evidence, nothing)} == {0}


# -- stats ----------------------------------------------------------------


def test_statistics_agree_with_a_recount(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    found = {(f.about, f.value): f for f in stats(evidence, everything, top=3)}
    claims = facts.claims
    total = len(claims)

    def count(about: str, value: str) -> tuple[float, int | None]:
        return found[about, value].count, found[about, value].of

    cited = {n for c in claims for n in c["refs"]}
    assert count("claims", "selected") == (total, total)
    assert count("references", "behind these claims") == (len(cited), len(facts.references))
    sizes = Counter(len(c["refs"]) for c in claims)
    for size, number in sizes.items():
        assert count("references per claim", str(size)) == (number, total)
    mean = sum(len(c["refs"]) for c in claims) / total
    assert found["references per claim", "mean"].count == round(mean, 2)
    for basis in ("in vitro", "in vivo", "patient", "association"):
        assert count("basis", basis) == (sum(basis in (c["basis"] or []) for c in claims), total)
    assert count("basis", "not stated") == (sum(not c["basis"] for c in claims), total)
    assert count("countermeasure", "named") == (sum(bool(c["countered_by"]) for c in claims), total)
    assert count("curator's note", "present") == (sum(bool(c.get("note")) for c in claims), total)
    for side in ("promotes", "opposes"):
        often = Counter(cell for c in claims for cell in c[side])
        shown = [f for (about, _), f in found.items() if about == side]
        assert [f.count for f in shown] == [n for _, n in often.most_common(3)]
        assert all(often[f.value] == f.count for f in shown)
    for field in ("cancer", "agent", "pathway", "molecule", "process"):
        often = Counter(value for c in claims for value in values(c, field))
        shown = [f for (about, _), f in found.items() if about == field]
        assert [f.count for f in shown] == [n for _, n in often.most_common(3)]
        assert all(often[f.value] == f.count for f in shown)


STROMAL_TYPES = {
    "non-immune stromal cell",
    "fibroblast",
    "cancer-associated fibroblast",
    "mesenchymal stem cell",
    "bone marrow stromal cell",
    "endothelial cell",
    "pericyte",
}


def test_the_share_of_stromal_claims_that_name_a_subtype(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    stromal = [
        [v for v in values(c, "cell") if facts.is_a("cells", v, "non-immune stromal cell")]
        for c in facts.claims
    ]
    named = sum(map(bool, stromal))
    subtyped = sum(any(v not in STROMAL_TYPES for v in cells) for cells in stromal)
    found = {f.value: f for f in stats(evidence, everything) if f.about == "stromal cells"}
    assert (found["named"].count, found["of a named subtype"].count) == (named, subtyped)
    assert found["of a named subtype"].of == named
    assert found["of a named subtype"].share == round(subtyped / named, 4)
    assert [bits.bit_count() for bits in stromal_claims(evidence)] == [named, subtyped]


@pytest.mark.parametrize("field", [*ISSUE_FIELDS, "basis"])
def test_a_breakdown_agrees_with_a_recount(
    evidence: Evidence, everything: Selection, facts: Facts, field: str
) -> None:
    rows = breakdown(evidence, everything, axis(field))
    assert {row.term for row in rows} == {v for c in facts.claims for v in values(c, field)}
    for row in rows:
        claims = [c for c in facts.claims if row.term in values(c, field)]
        assert row.claims == len(claims)
        assert row.share == round(len(claims) / len(facts.claims), 4)
        assert row.references == len({n for c in claims for n in c["refs"]})
        assert row.therapies == len({c["therapy"] for c in claims})
        assert row.cells == len({v for c in claims for v in values(c, "cell")})
        assert row.resistance == sum(c["effect"] == "resistance" for c in claims)
        assert row.sensitivity == sum(c["effect"] == "sensitivity" for c in claims)
        assert row.countered == sum(bool(c["countered_by"]) for c in claims)
        assert row.noted == sum(bool(c.get("note")) for c in claims)
        if field == "cell":
            assert row.promoting == sum(row.term in c["promotes"] for c in claims)
            assert row.opposing == sum(row.term in c["opposes"] for c in claims)
        else:
            assert row.promoting is row.opposing is None


@pytest.mark.parametrize(
    ("pathway", "parts"),
    [
        ("JAK2/STAT3 signaling", ("JAK2", "STAT3")),
        ("NF-κB signaling", ("NF-κB",)),
        ("PI3K/AKT/NF-κB signaling", ("PI3K", "AKT", "NF-κB")),
        ("STAT3-EMT pathway", ("STAT3", "EMT")),
        ("CXCL1-CXCR2 pathway", ("CXCL1", "CXCR2")),
        ("TGF-β signaling", ("TGF-β",)),
        ("WNT/β-catenin signaling", ("WNT", "CTNNB1")),
    ],
)
def test_a_pathway_counts_for_the_molecules_in_its_name(
    evidence: Evidence, pathway: str, parts: tuple[str, ...]
) -> None:
    assert pathway_members(evidence.vocabulary, pathway) == parts


def test_numbers_of_all_claims_are_those_of_their_sets(
    evidence: Evidence, everything: Selection
) -> None:
    for one in AXES.values():
        for bits in (everything.bits, everything.bits >> 3):
            found = [(row.label, row.bits.bit_count()) for row in categories(evidence, one, bits)]
            assert counts(evidence, one, bits) == found


def test_claims_are_counted_by_how_many_references_they_have(for_views: Evidence) -> None:
    everything = for_views.index.everything
    assert references_per_claim(for_views, everything) == {1: 5, 2: 2}
    assert references_per_claim(for_views, 0b11) == {1: 1, 2: 1}
    assert references_per_claim(for_views, 0) == {}
