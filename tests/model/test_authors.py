"""Names of authors: what of them is the family name, the initials, the suffix, a group."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdr.model.authors import (
    Author,
    as_person,
    author,
    authors,
    group,
    is_unclear,
    printed,
    several,
    unlettered,
    unmarked,
)
from tdr.model.text import hyphened
from tests.fuzz import examples


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Gao YY", ("Gao", "Y. Y.", "")),
        ("Ashby CR Jr", ("Ashby", "C. R.", "Jr")),
        ("Ashby CR Jr.", ("Ashby", "C. R.", "Jr")),
        ("King ML 3rd", ("King", "M. L.", "3rd")),
        ("Li II", ("Li", "I. I.", "")),
        ("de Bem Prunes B", ("de Bem Prunes", "B.", "")),
        ("van Mil LWHG", ("van Mil", "L. W. H. G.", "")),
        ("Wang H-f", ("Wang", "H.-f.", "")),
        ("Chou JT-T", ("Chou", "J. T.-T.", "")),
        ("Casas-Tintó S", ("Casas-Tintó", "S.", "")),
        ("D'Apolito M", ("D'Apolito", "M.", "")),
        ("Müller Ö", ("Müller", "Ö.", "")),
        ("Doe J.R.", ("Doe", "J. R.", "")),
        ("Kim J‐P", ("Kim", "J.-P.", "")),
        ("Levy, J.-P.", ("Levy", "J.-P.", "")),
        ("van der Berg J, Jr.", ("van der Berg", "J.", "Jr")),
        ("Weaver, Katherine L, Jr", ("Weaver", "Katherine L.", "Jr")),
        ("DE VITA VT", ("DE VITA", "V. T.", "")),
        ("Doe J R", ("Doe", "J. R.", "")),
        ("Huang Hf", ("Huang", "Hf", "")),
    ],
)
def test_a_person_has_a_family_name_and_initials(name: str, parts: tuple[str, str, str]) -> None:
    assert author(name) == Author(*parts)


@pytest.mark.parametrize(
    "name",
    ["Wh", "NSABP and Group", "TRACERx Consortium", "Cancer Genome Atlas Research Network",
     "Study Group B", "Collaborators GCRF", "The tdr developers", "张伟"],
)  # fmt: skip
def test_what_has_no_initials_or_is_a_group_stays_whole(name: str) -> None:
    assert author(name) == Author(name)


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("John Public", "Public, John"),
        ("John Q. Public", "Public, John Q."),
        ("J.-P. Dupont", "Dupont, J.-P."),
        ("Anne-Marie O'Neil", "O'Neil, Anne-Marie"),
        ("Mary Jane Roe", "Roe, Mary Jane"),
    ],
)
def test_a_name_with_forenames_first_may_be_a_person(name: str, person: str) -> None:
    assert author(name) == Author(name)
    assert as_person(name) == person


@pytest.mark.parametrize(
    "name",
    ["Public J", "Public, John", "Huang Hf", "Garris", "de Vries", "et al.", "", "张 伟",
     "OECD Paris", "Tumor Study Group", "Stand up to Cancer", "Four Words Of Title Here"],
)  # fmt: skip
def test_other_names_are_clear(name: str) -> None:
    assert as_person(name) == ""


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("Keller M, Osei K, Brandt L", "Keller M|Osei K|Brandt L"),
        ("Keller M., Osei K.", "Keller M.|Osei K."),
        ("Doe J; Roe R", "Doe J|Roe R"),
        ("Doe, Jane; Roe, Richard", "Doe, Jane|Roe, Richard"),
        ("Doe J, Roe R, and Poe E", "Doe J|Roe R|Poe E"),
        ("Doe J, Jr, van der Roe J-P", "Doe J Jr|van der Roe J-P"),
        ("Smith, A. B., Jones, C.", "Smith, A. B.|Jones, C."),
        ("Keller M, et al.", "Keller M|et al."),
        ("Keller M et al", "Keller M|et al"),
        ("Keller M1, Osei K2", "Keller M|Osei K"),
        ("Keller M*, Osei K", "Keller M|Osei K"),
        ("Keller M.1,2,*, Osei K2,†, and Roe J-P ‡", "Keller M.|Osei K|Roe J-P"),
        ("Keller M (1), Osei K (2)", "Keller M|Osei K"),
        ("Keller M¹; Osei K²³ et al.", "Keller M|Osei K|et al."),
    ],
)
def test_an_item_with_several_names_is_parted_where_that_is_certain(item: str, names: str) -> None:
    assert several(item) == tuple(names.split("|"))
    assert not is_unclear(item)


@pytest.mark.parametrize(
    "item",
    ["Smith J, MD", "KELLER M, OSEI K", "John Doe and Jane Roe", "J. Doe, R. Roe",
     "Smith, John, Jones, Bob", "Doe J; TRACERx Consortium", "Doe J, Roe R for the TRACERx group",
     "Keller M et al., Roe R", "Keller M et al. RR", "The Group et al."],
)  # fmt: skip
def test_what_may_be_several_names_is_unclear(item: str) -> None:
    assert is_unclear(item)
    assert several(item) == ()


@pytest.mark.parametrize(
    "item",
    ["Doe J", "Doe, J.", "Doe J, Jr", "Doe, Jr, Jane", "Weaver, Katherine L, Jr",
     "de la Cruz, Maria Jose", "{Roe R, Poe E}", "{Roe R et al.}", "E, Weinan",
     "Ministry of Health, Labour, and Welfare", "张伟, 李娜", "et al.", "", "Johnson & Johnson"],
)  # fmt: skip
def test_commas_of_one_name_part_nothing(item: str) -> None:
    assert several(item) == ()
    assert not is_unclear(item)


@pytest.mark.parametrize("name", ["Doe J1", "Doe J1,2", "Doe J*", "Doe J §", "Doe J (1)", "Doe J³"])
def test_marks_of_affiliation_are_no_part_of_a_persons_name(name: str) -> None:
    assert unmarked(name) == "Doe J"


def test_a_letter_behind_every_name_is_a_mark_of_affiliation() -> None:
    assert unlettered(["Keller Ma", "Osei Kb", "et al."]) == {
        "Keller Ma": "Keller M", "Osei Kb": "Osei K",
    }  # fmt: skip
    for names in (["Huang Hf"], ["Keller Ma", "Osei K"], ["Huang Hf", "Wang Xc"], []):
        assert unlettered(names) == {}


@pytest.mark.parametrize(
    "name", ["Doe J", "King ML 3rd", "SWOG S1", "Study Group B 2", "Cohort 1", "TRACERx 421"]
)
def test_digits_of_other_names_stay(name: str) -> None:
    assert unmarked(name) == name


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("COMBI AD", "{COMBI AD}"),
        ("{COMBI AD}", "{COMBI AD}"),
        ("A, B", "{A, B}"),
        ("Trial Group et al", "{Trial Group et al}"),
        ("The Study and Trial Group", "The Study and Trial Group"),
    ],
)
def test_a_group_is_held_in_braces_where_it_could_be_read_as_a_person(name: str, held: str) -> None:
    assert group(name) == held
    assert author(held) == Author(printed(held))
    assert printed(held) == printed(name)


@pytest.mark.parametrize("end", ["et al.", "et al", "Et al.", "and others", "others", " et al. "])
def test_et_al_is_nobody_but_says_that_there_are_others(end: str) -> None:
    assert authors(["Gao YY", end]) == ((Author("Gao", "Y. Y."),), True)
    assert authors(["Gao YY", ""]) == ((Author("Gao", "Y. Y."),), False)


@given(st.text())
@settings(max_examples=examples(3))
def test_no_letter_of_any_name_is_lost(name: str) -> None:
    found = author(name)
    parts = "".join((found.family, found.given, found.suffix))

    def kept(text: str) -> list[str]:
        return sorted(char for char in hyphened(text) if char not in ".,-" and not char.isspace())

    assert kept(parts) == kept(name)
