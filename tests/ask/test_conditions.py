"""What criteria mean, before any claim is looked at; and that one table makes a filter."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tdr.ask.conditions import Condition
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.hints import named_elsewhere, wider_claims, wider_countermeasures
from tdr.ask.matching import phrases_with
from tdr.ask.views.lists import interventions
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria


def test_a_value_becomes_the_labels_that_it_stands_for_in_the_fields_that_hold_them(
    evidence: Evidence,
) -> None:
    (condition,) = evidence.conditions(Criteria.of(cell="pericyte")).all_of
    assert condition == Condition((("promotes", ("pericyte",)), ("opposes", ("pericyte",))))
    (condition,) = evidence.conditions(Criteria.of(agent=["iressa", "erlotinib"])).all_of
    assert condition == Condition((("agents", ("gefitinib", "erlotinib")),))
    (condition,) = evidence.conditions(Criteria.of(ref="13, 51-52")).all_of
    assert condition == Condition((("ref", ("13", "51", "52")),))


def test_filters_add_up_and_what_is_left_out_is_negated(evidence: Evidence) -> None:
    meant = evidence.conditions(
        Criteria.of(therapy="RT", noted=True, exclude={"effect": "sensitivity", "noted": True})
    )
    assert meant.all_of == (
        Condition((("therapy", ("radio",)),)),
        Condition((("noted", ("yes",)),)),
        Condition((("effect", ("sensitivity",)),), negated=True),
        Condition((("noted", ("yes",)),), negated=True),
    )


def test_no_filter_means_every_claim(evidence: Evidence) -> None:
    assert evidence.conditions(Criteria()).all_of == ()
    assert len(evidence.filter(cell=None, noted=False)) == len(evidence)


def test_flags_can_be_left_out_too(evidence: Evidence) -> None:
    noted, rest = evidence.filter(noted=True), evidence.filter(exclude={"noted": True})
    assert all(claim.note for claim in noted)
    assert not any(claim.note for claim in rest)
    assert len(noted) + len(rest) == len(evidence)
    with pytest.raises(TdrError, match="takes no value"):
        evidence.filter(noted="no")


def test_an_unknown_filter_names_the_nearest(evidence: Evidence) -> None:
    with pytest.raises(TdrError, match="unknown filter `cel`; did you mean `cell`"):
        evidence.filter(cel="TAM")


def test_about_looks_in_every_field_that_can_hold_the_name(evidence: Evidence) -> None:
    found = {claim.id for claim in evidence.filter(about="STAT3")}
    assert found >= {claim.id for claim in evidence.filter(pathway="STAT3")}
    assert found >= {claim.id for claim in evidence.filter(molecule="STAT3")}
    assert found >= {claim.id for claim in evidence.filter(countered_by="STAT3")}
    assert evidence.filter(about="RT") == evidence.filter(therapy="radio")
    assert evidence.filter(about="gefitinib") == evidence.filter(agent="gefitinib")
    with pytest.raises(TdrError, match="name of nothing here; did you mean `STAT3`"):
        evidence.filter(about="stat33")


def test_about_takes_whole_words_of_what_restores_response(evidence: Evidence) -> None:
    meant = evidence.conditions(Criteria.of(about="MEK")).all_of[0].any_of
    phrases = dict(meant).get("countered_by", ())
    assert phrases
    assert all("MEK" in phrase for phrase in phrases), "and not what only contains the letters"


def test_with_is_a_further_condition_on_the_same_field(evidence: Evidence) -> None:
    both = evidence.filter(cell="TAM", also={"cell": ["CAF"]})
    assert both
    assert set(both) == set(evidence.filter(cell="TAM")) & set(evidence.filter(cell="CAF"))


def test_a_part_of_a_name_is_taken_where_it_leaves_no_choice(evidence: Evidence) -> None:
    assert evidence.filter(cancer="lung") == evidence.filter(cancer="lung cancer")
    (said,) = evidence.select(Criteria.of(cancer="lung")).expansions
    assert said.startswith("lung: lung cancer + ")
    with pytest.raises(TdrError, match=r"`cell carcinoma`; did you mean .* or "):
        evidence.filter(cancer="cell carcinoma")
    with pytest.raises(TdrError, match="unknown molecule `IL`"):
        evidence.filter(molecule="IL")


def test_a_value_of_another_filter_leads_on_to_it(evidence: Evidence) -> None:
    with pytest.raises(TdrError, match="unknown agent `chemo`; as therapy: -t chemo"):
        evidence.filter(agent="chemo")
    with pytest.raises(TdrError, match="unknown agent `T cell`; as cell: -c 'T cell'"):
        evidence.filter(agent="T cell")


def test_terms_and_references_are_found_by_identifier(evidence: Evidence) -> None:
    assert evidence.filter(molecule="hgnc:6018") == evidence.filter(molecule="IL6")
    nk = evidence.vocabulary.resolve("cells", "NK cell")
    assert nk is not None
    assert evidence.filter(cell=nk.xref) == evidence.filter(cell="NK cell")
    with pytest.raises(TdrError, match="unknown cell `CL:9999999`"):
        evidence.filter(cell="CL:9999999")
    number, doi = next((n, r.doi) for n, r in evidence.references.items() if r.doi)
    for form in (doi, f"doi:{doi}", f"https://doi.org/{doi}", f"DOI: {str(doi).upper()}"):
        assert evidence.filter(ref=form) == evidence.filter(ref=number)
    for form in ("pmid:1", "https://pubmed.ncbi.nlm.nih.gov/1/"):
        with pytest.raises(TdrError, match="no reference has the PMID `1`"):
            evidence.filter(ref=form)
    with pytest.raises(TdrError, match="the source has no reference 36084"):
        evidence.filter(ref="36084")  # a number alone is that of a reference


def test_years_are_those_of_references(evidence: Evidence) -> None:
    recent = evidence.filter(year="2022-")
    assert recent
    for claim in evidence.claims:
        years = [evidence.references[number].year or 0 for number in claim.refs]
        assert (claim in recent) == any(year >= 2022 for year in years)
    assert set(recent) >= set(evidence.filter(year="2022")) | set(evidence.filter(year="2023-2024"))
    assert len(evidence.filter(year=["-2021", "2022-"])) == len(evidence)
    assert evidence.filter(year=1900) == ()


@pytest.mark.parametrize("value", ["22", "-", "20222", "2022-2020", "soon", "٢٠٢٢"])
def test_what_is_no_year_is_refused(evidence: Evidence, value: str) -> None:
    with pytest.raises(TdrError, match="is not a "):
        evidence.filter(year=value)


def test_unknown_values_can_be_passed_over(evidence: Evidence) -> None:
    genes = Criteria.of(molecule=["IL6", "GAPDH", "ACTB"], skip_unknown=True)
    selection = evidence.select(genes)
    assert selection.skipped == ("GAPDH", "ACTB")
    assert len(selection) == len(evidence.filter(molecule="IL6"))
    assert len(evidence.filter(molecule="GAPDH", skip_unknown=True)) == 0, "nothing is no filter"
    with pytest.raises(TdrError, match="unknown filter"):
        evidence.filter(gene="GAPDH", skip_unknown=True)


def test_names_in_other_fields_are_hinted_at(evidence: Evidence) -> None:
    criteria = Criteria.of(pathway="STAT3", effect="resistance")
    selection = evidence.select(criteria)
    more = len(evidence.filter(about="STAT3", effect="resistance")) - len(selection)
    assert more > 1
    (said,) = named_elsewhere(evidence, criteria, selection)
    assert said == f"STAT3: {more} more claims name it elsewhere (--about STAT3)"


def test_what_restores_response_to_a_wider_agent_as_such_is_hinted_at(evidence: Evidence) -> None:
    criteria = Criteria.of(agent="ICB")
    selection = evidence.select(criteria)
    as_such = Selection(evidence.index.claims_with("agents", ["immunotherapy"]))
    more = len(interventions(evidence, as_such).keys() - interventions(evidence, selection))
    assert more > 0
    assert list(wider_countermeasures(evidence, criteria, selection)) == [
        f"{more} more for immunotherapy as such"
    ]


def test_where_there_is_no_claim_it_is_told_what_there_is_beside(evidence: Evidence) -> None:
    criteria = Criteria.of(agent="nivolumab", cancer="lung cancer")
    lung = evidence.filter(cancer="lung cancer")
    said = f"{sum('anti-PD-1 therapy' in one.agents for one in lung)} claims on anti-PD-1 therapy"
    assert list(wider_claims(evidence, criteria, evidence.select(criteria))) == [f"{said} as such"]
    tumor = Criteria.of(cell="tumor cell")
    (elsewhere,) = named_elsewhere(evidence, tumor, evidence.select(tumor))
    assert re.fullmatch(
        r"tumor cell: \d+ claims name it elsewhere \(--about 'tumor cell'\)", elsewhere
    )


_TOY = """
import sys
from tdr.model.filters import FILTERS, Filter
toy = Filter("part", "word", ("section",), "A toy.", "X", words=("radio",), counted=True)
FILTERS["part"] = toy
FILTERS["opened"] = Filter("opened", "flag", ("verified",), "Another.")
FILTERS["spot"] = Filter("spot", "word", ("place",), "A third.", "X", words=("chemo#1",))
from tdr.cli.boundary import main
for line in sys.stdin:
    main(line.split())
"""


def test_a_filter_is_one_entry_of_the_table(evidence: Evidence) -> None:
    """A toy: its option with help, `--not`, SQL and the fields that views count by follow from it.

    Of what the table of claims has no column for there is no SQL.
    """
    lines = ("list --help", "list --part radio --count", "list --not part=radio --count",
             "stats --by part --no-header", "sql --opened --where", "sql --spot chemo#1",
             )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _TOY], input="\n".join(lines), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    helped, _, counted = done.stdout.partition("Examples:")
    inside = len(evidence.filter(section="radio"))
    assert "--part X" in helped
    assert f"\n{inside}\n{len(evidence) - inside}\n" in counted
    assert f"\nradio\t{inside}\t" in counted
    assert counted.endswith("\ncoalesce(verified_by, '') <> ''\n")
    assert done.stderr.endswith("has no column for `place`; `tdr list` needs none\n")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("IL-1", ["IL-1 blockade"]),
        ("IL1", ["IL-1 blockade"]),
        ("IL-17 blockade", ["IL-17 blockade"]),
        ("γ", ["γ-secretase inhibitors"]),
        ("inhib", ["γ-secretase inhibitors", "tamoxifen, an inhibitor"]),
        ("secretase inhib", ["γ-secretase inhibitors"]),
        ("inhib secretase", []),
        ("hibitor", []),
        ("in", []),
        ("%", []),
        ("'", []),
        ("", []),
        ("beta", ["TGF-β blockade"]),
        ("TGFB", ["TGF-β blockade"]),
        ("TGF beta", ["TGF-β blockade"]),
        ("beta cell", []),
        ("B", ["B cell depletion"]),
        ("CD8", ["CD8+ T cells"]),
        ("rat", []),
    ],
)
def test_words_of_an_intervention_are_whole_and_the_last_may_be_begun(
    value: str, found: list[str]
) -> None:
    phrases = ["IL-1 blockade", "IL-17 blockade", "γ-secretase inhibitors"]
    phrases += ["tamoxifen, an inhibitor", "TGF-β blockade", "B cell depletion", "CD8+ T cells"]
    phrases += ["strategies"]
    assert phrases_with(phrases, value) == found


def test_a_name_is_not_the_beginning_of_another_word() -> None:
    assert phrases_with(["tamoxifen", "TAM depletion"], "TAM", ["macrophage"]) == ["TAM depletion"]


def test_an_intervention_of_signs_alone_is_asked_for_as_it_is_written() -> None:
    assert phrases_with(["~", "...", "TAM depletion"], "... ") == ["..."]


@pytest.mark.parametrize("value", ["%", "'"])
def test_what_has_no_letter_names_no_intervention(evidence: Evidence, value: str) -> None:
    with pytest.raises(TdrError, match="no intervention matches"):
        evidence.filter(countered_by=value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("effect", "response", "`response`; did you mean `sensitivity`? (one of resistance, s"),
        ("about", "Vonderheide", "works of this author or title: `tdr refs Vonderheide`"),
        ("about", "nothing whatever", "is the name of nothing here"),
        ("agent", "PD-1", "as molecule: -m PD-1; did you mean `anti-PD-1 therapy`?"),
        ("agent", "gefitnib", "did you mean `gefitinib`? (`tdr terms"),
        ("cancer", "TREM", "unknown cancer `TREM` (`tdr terms"),
        ("molecule", "TREM2", "unknown molecule `TREM2`; as cell: -c TREM2"),
    ],
)
def test_what_is_offered_has_something_of_what_was_typed(
    evidence: Evidence, name: str, value: str, said: str
) -> None:
    with pytest.raises(TdrError, match=re.escape(said)):
        evidence.select(Criteria.of(**{name: value}))
