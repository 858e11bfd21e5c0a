"""Search: what is found, in which order, how it is explained, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdr.ask.evidence import Evidence
from tdr.ask.search import ENOUGH, MAX_QUERY, MIN_SCORE, MIN_WEAK, SearchResult, search
from tdr.ask.search.english import ENGLISH
from tdr.ask.search.sums import BitSlicedSum
from tdr.index.bits import numbers
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.tokens import STOP_WORDS, key, stem, tokens, vocabulary_of
from tests.conftest import Run
from tests.fuzz import examples
from tests.score_search import NONSENSE, OWN, Answer, answer, by_class, parts, read_queries, score

RunTdr = Callable[..., Run]


def refs(result: SearchResult) -> set[int]:
    return {number for hit in result.hits for number in hit.claim.refs}


def first_refs(evidence: Evidence, query: str) -> tuple[int, ...]:
    hits = search(evidence, query, limit=1).hits
    return hits[0].claim.refs if hits else ()


# --- how good it is ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers(evidence: Evidence) -> list[Answer]:
    """To a fifth of the queries of this suite; `make search-score` asks all of them."""
    return answer(evidence, parts(read_queries(OWN))["first round"][1::5])


def test_the_queries_of_this_suite_are_answered_well(answers: list[Answer]) -> None:
    scores = by_class(answers)
    overall = scores.pop("overall")
    assert overall.queries >= 120
    assert overall.mrr >= 0.97, overall
    assert overall.first >= 0.96, overall
    assert overall.recall >= 0.98, overall
    assert all(result.mrr >= 0.92 for result in scores.values()), scores


REQUIRED = {
    "keyword": 0.97, "synonym": 0.95, "typo": 0.97, "notation": 0.97, "prefix": 0.97,
    "question": 0.95, "multi": 0.97, "negation": 0.9, "direction": 0.93, "paraphrase": 0.6,
    "overall": 0.93,
}  # fmt: skip


def test_what_was_not_looked_at_while_it_was_improved_is_answered_well(evidence: Evidence) -> None:
    scores = by_class(answer(evidence, parts(read_queries(OWN))["held out"]))
    assert [name for name, least in REQUIRED.items() if scores[name].mrr < least] == []
    assert scores["overall"].first >= 0.9
    assert scores["overall"].recall >= 0.96


def test_scoring_counts_ranks_as_it_says(evidence: Evidence) -> None:
    def one(query: str, wanted: list[int]) -> tuple[float, float, float]:
        result = score(answer(evidence, [{"query": query, "class": "x", "relevant_refs": wanted}]))
        return result.mrr, result.first, result.recall

    (first, second) = search(evidence, "gefitinib exosomes", limit=2).hits
    assert one("gefitinib exosomes", list(first.claim.refs)) == (1, 1, 1)
    assert one("gefitinib exosomes", list(second.claim.refs)) == (0.5, 0, 1)
    assert one("xyzzy", list(first.claim.refs)) == (0, 0, 0)


# --- what people type ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "reference"),
    [
        ("velcade iron", 75),  # a brand name
        ("TMZ CAVIN1", 132),  # an abbreviation
        ("gefitnib exosome", 76),  # a letter missing
        ("mfpa5 pancreatic", 59),  # two letters swapped in a short name
        ("macrohpage iron myelmoa", 75),  # two typing errors
        ("tgf beta cetuximab", 90),  # notations of one name ...
        ("TGF-β cetuximab", 90),
        ("tgfb cetuximab", 90),
        ("il6 nsclc anti pd1", 27),
        ("tumour acidification", 138),  # British spelling
        ("polariz macroph parp", 77),  # word starts, in any order
        ("parp macroph polariz", 77),
        ("what restores the response to trastuzumab?", 81),  # a whole question
        ("fibroblast gastric anlotinib", 88),  # cell + cancer + drug
        ("radio resistance collagen", 156),  # one word written as two
        ("helminth", 121),  # only the title of the reference says it so
    ],
)
def test_what_people_type_finds_what_they_mean(
    evidence: Evidence, query: str, reference: int
) -> None:
    assert reference in first_refs(evidence, query)


def test_a_wider_term_finds_the_claims_of_narrower_ones(evidence: Evidence) -> None:
    found = search(evidence, "EGFR inhibitor")
    assert {76, 78, 79, 87, 98} <= refs(found)  # gefitinib, osimertinib, erlotinib ...


def test_one_rare_name_outranks_several_common_words(evidence: Evidence) -> None:
    first, *others = search(evidence, "everolimus resistance to anti-PD-1 of cancer cells").hits
    assert first.claim.agents == ("everolimus",)
    assert others
    misspelt = search(evidence, "everolimis resistance to anti-PD-1 of cancer cells").hits
    assert misspelt[0].claim == first.claim


def test_common_words_change_little(evidence: Evidence) -> None:
    plain = [hit.claim.id for hit in search(evidence, "lapatinib").hits]
    assert {
        hit.claim.id
        for hit in search(evidence, "what is the lapatinib resistance").hits[: len(plain)]
    } == set(plain)


def test_plus_and_minus_are_part_of_a_name(evidence: Evidence) -> None:
    with_plus = search(evidence, "CD8+")
    assert with_plus.matched
    assert not search(evidence, "CD8-").hits
    with_nothing = {hit.claim.id for hit in search(evidence, "CD8").hits}
    assert {hit.claim.id for hit in with_plus.hits if hit.score > 90} <= with_nothing


def test_numbers_are_no_place_for_typing_errors(evidence: Evidence) -> None:
    assert not {answered for hit in search(evidence, "STAT7").hits for answered in hit.matched}
    il8 = {hit.claim.id for hit in search(evidence, "IL-8").hits}
    il6 = {hit.claim.id for hit in search(evidence, "IL-6").hits}
    assert il8 - il6
    assert il6 - il8


def test_nonsense_and_other_subjects_find_nothing_good(evidence: Evidence) -> None:
    texts = NONSENSE.read_text(encoding="utf-8").splitlines()[::3]  # `make search-score`: all
    assert len(texts) > 50
    assert [text for text in texts if search(evidence, text).hits] == []


def test_what_only_a_definition_says_is_a_weak_hit(evidence: Evidence) -> None:
    result = search(evidence, "an allergy pill undoes resistance")
    assert result.hits == ()
    assert result.weak[0].claim.id == "tgt-010"


def test_what_answers_little_is_a_weak_hit(evidence: Evidence) -> None:
    result = search(evidence, "xyzandi plough stroma")
    assert result.hits == ()
    assert result.matched == 0
    assert len(result.weak) == ENOUGH
    assert all(MIN_WEAK <= hit.score < MIN_SCORE for hit in result.weak)
    assert [hit.rank for hit in result.weak] == list(range(1, ENOUGH + 1))
    assert "xyzandi" in result.weak[0].unmet


def test_weak_hits_fill_up_what_good_ones_leave(evidence: Evidence) -> None:
    result = search(evidence, "gefitinib exosomes brain")
    assert 0 < len(result.hits) < ENOUGH
    assert len(result.hits) + len(result.weak) == ENOUGH
    assert [hit.rank for hit in (*result.hits, *result.weak)] == list(range(1, ENOUGH + 1))
    assert not search(evidence, "macrophage").weak, "enough is enough"


# --- what is left out, and on whose side ---------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said", "cell"),
    [
        ("lapatinib not macrophage", "macrophage", "tumor-associated macrophage"),
        ("lapatinib but not TAMs", "tumor-associated macrophage", "tumor-associated macrophage"),
        ("lapatinib -fibroblasts", "fibroblast", "cancer-associated fibroblast"),
        ("lapatinib other than from MSCs", "mesenchymal stem cell", "mesenchymal stem cell"),
        ("lapatinib without endothelial", "endothelial", "endothelial cell"),
    ],
)
def test_what_follows_a_negation_is_left_out(
    evidence: Evidence, query: str, said: str, cell: str
) -> None:
    result = search(evidence, query)
    assert result.left_out[0].startswith(f"{said} (")
    assert result.hits[0].claim.agents == ("lapatinib",)
    assert not any(
        cell in (*hit.claim.promotes, *hit.claim.opposes) for hit in (*result.hits, *result.weak)
    )


def test_several_things_may_be_left_out(evidence: Evidence) -> None:
    result = search(evidence, "NK cells without radiotherapy or immunotherapy")
    assert [text.split(" (")[0] for text in result.left_out] == ["radiotherapy", "immunotherapy"]
    assert {hit.claim.therapy for hit in result.hits} <= {"chemo", "targeted", "antiandrogen"}


@pytest.mark.parametrize(
    "query",
    [
        "tumors not responding to cetuximab",
        "cells that no longer respond to cisplatin",
        "does not only cetuximab fail",
        "tumors without PTEN",
        "CD8- T cells",
        "TGF -β",
        "IL -6",
    ],
)
def test_not_every_no_leaves_out(evidence: Evidence, query: str) -> None:
    assert search(evidence, query).left_out == ()


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("immune cells that help radiotherapy", "tdr list -t radio --opposes 'immune cell'"),
        ("what overcomes lapatinib resistance", "tdr counter -a lapatinib"),
        ("what causes lapatinib resistance", "tdr list -a lapatinib --effect resistance"),
        ("neutrophils drive resistance", "tdr list --promotes neutrophil"),
        ("macrophages that protect glioma", "tdr list -k glioma --promotes macrophage"),
        ("what induces response to nivolumab", "tdr counter -a nivolumab"),
        ("which cells oppose resistance to radiotherapy", "tdr counter -t radio"),
        ("cells that opposed chemotherapy", "tdr list -t chemo --effect resistance"),
        ("what impairs lapatinib resistance", "tdr counter -a lapatinib"),
        ("what impairs response to lapatinib", "tdr list -a lapatinib --effect resistance"),
        ("lapatinib macrophage", None),
        ("EGFR inhibitor resistance", None),
        ("immune suppression resistance", None),
    ],
)
def test_a_side_is_said_as_filters(evidence: Evidence, query: str, filters: str | None) -> None:
    assert search(evidence, query).filters == filters


def test_the_side_weighs_more_than_where_the_words_stand(evidence: Evidence) -> None:
    helping = search(evidence, "macrophages that help therapy").hits[:3]
    assert all(any("macrophage" in cell for cell in hit.claim.opposes) for hit in helping)
    harming = search(evidence, "macrophages that cause resistance").hits[:3]
    assert all(any("macrophage" in cell for cell in hit.claim.promotes) for hit in harming)


def test_a_cell_that_promotes_counts_for_a_cause_where_the_effect_is_a_response(
    evidence: Evidence,
) -> None:
    text = "do bone marrow cells protect leukemia from chemotherapy"
    found = {hit.claim.id: hit.claim for hit in search(evidence, text, limit=2).hits}
    assert found["che-029"].effect == "sensitivity"


# --- precision -----------------------------------------------------------------------------


def test_a_latin_letter_is_no_greek_one(evidence: Evidence) -> None:
    hits = search(evidence, "B cells").hits
    assert {hit.claim.id for hit in hits[:2]} == {"imm-016", "imm-017"}
    assert len(hits) < 10


@pytest.mark.parametrize(
    "word",
    ["mast", "clinical", "thymus", "market", "prison", "fusion", "infection", "mortality",
     "intervention", "transduction", "native", "president"],
)  # fmt: skip
def test_a_word_of_english_is_not_corrected(evidence: Evidence, word: str) -> None:
    assert search(evidence, word).corrections == ()


def test_of_words_of_english_only_those_are_listed_that_no_claim_or_term_has(
    evidence: Evidence,
) -> None:
    assert evidence.index.known_words(ENGLISH) == set()
    assert [word for word in ENGLISH if tokens(word) != [word]] == []


def test_a_word_of_english_may_have_been_meant_as_one_that_claims_say(evidence: Evidence) -> None:
    assert search(evidence, "beast").suggestion == "breast"
    assert search(evidence, "fusion").suggestion is None
    assert search(evidence, "larvae").suggestion is None  # two letters from `large`


def test_part_of_a_name_is_no_subject(evidence: Evidence) -> None:
    # `insulin` and `receptor` are words of growth factors; no claim is on insulin or on muscles
    assert search(evidence, "expression of insulin receptors in muscle").hits == ()
    assert search(evidence, "insulin-like growth factor receptor").hits


def test_one_known_word_among_unknown_ones_gives_weak_hits(evidence: Evidence) -> None:
    # Nobody can tell which one is the subject: `platelets on a moon`, `gefitinib and zebrafish`
    result = search(evidence, "gefitinib zebrafish larvae")
    assert result.hits == ()
    assert "gefitinib" in result.weak[0].claim.agents
    assert result.unknown == ("zebrafish", "larvae")


def test_what_a_name_begins_or_ends_with_comes_before_what_stands_inside(
    evidence: Evidence,
) -> None:
    assert search(evidence, "adenosine").hits[0].claim.pathways == (
        "A2A receptor signaling",
        "A2B receptor signaling",
    )


def test_a_name_within_a_longer_one_is_but_part_of_it(evidence: Evidence) -> None:
    inhibited = evidence.selected(evidence.select(Criteria.of(agent=("EGFR inhibitor",))))
    hits = search(evidence, "EGFR inhibitor lung cancer", limit=5).hits
    assert set(inhibited).issuperset(hit.claim for hit in hits)


def test_a_title_is_found_by_what_it_names_and_what_is_wider(evidence: Evidence) -> None:
    assert "urothelial carcinoma" in evidence.references[162].title
    claim = evidence.index.find("rad-020")
    assert claim is not None
    assert claim.cancers == ()
    hits = search(evidence, "mdsc bladder cancer irradiation", limit=2).hits
    assert claim in [hit.claim for hit in hits]


def test_a_word_may_be_answered_by_one_that_says_the_same(evidence: Evidence) -> None:
    assert search(evidence, "CAF depletion").hits[0].claim.id == "rad-017"


def test_a_hit_says_which_words_it_does_not_answer(evidence: Evidence) -> None:
    unmet = {hit.claim.id: hit.unmet for hit in search(evidence, "gefitinib exosomes").hits}
    assert unmet["tgt-003"] == ()
    assert unmet["tgt-005"] == ("exosomes",)


# --- order, limits, filters ----------------------------------------------------------------


def test_order_is_by_score_then_phrase_then_id(evidence: Evidence) -> None:
    first, second, *_ = search(evidence, "B cell").hits
    assert first.score == second.score
    hits = search(evidence, "radiotherapy macrophage").hits
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [(-h.score, h.claim.id) for h in hits] == sorted((-h.score, h.claim.id) for h in hits)
    assert len({hit.score for hit in hits}) < len(hits), "some scores tie, or this shows nothing"


def test_a_limit_gives_the_first_of_the_same_list(evidence: Evidence) -> None:
    everything = search(evidence, "macrophage resistance")
    assert everything.matched == len(everything.hits) > 5
    few = search(evidence, "macrophage resistance", limit=5)
    assert few.hits == everything.hits[:5]
    assert few.matched == everything.matched


def test_scores_reach_from_the_floor_to_100(evidence: Evidence) -> None:
    hits = search(evidence, "gefitinib exosomes apoptosis").hits
    assert hits[0].score == 100
    assert all(MIN_SCORE <= hit.score <= 100 for hit in hits)
    assert len(search(evidence, "gefitinib exosomes", min_score=90).hits) == 1
    assert search(evidence, "gefitinib exosomes", min_score=90).weak == ()
    every = search(evidence, "gefitinib exosomes", min_score=0)
    assert every.weak
    assert min(hit.score for hit in every.weak) < MIN_SCORE


def test_search_looks_only_at_the_selection(evidence: Evidence) -> None:
    selection = evidence.select(Criteria.of(therapy=("radio",)))
    hits = search(evidence, "macrophage", selection).hits
    assert hits
    assert {hit.claim.therapy for hit in hits} == {"radio"}
    everywhere = {hit.claim.id: hit.score for hit in search(evidence, "macrophage").hits}
    assert all(everywhere[hit.claim.id] == hit.score for hit in hits), "a filter changes no score"


def test_results_are_frozen(evidence: Evidence) -> None:
    result = search(evidence, "gefitinib")
    with pytest.raises(AttributeError):
        result.matched = 0  # type: ignore[misc]  # the point of the test


# --- explanations --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "identifier", "answered"),
    [
        ("velcade iron", "che-003", None),  # a definition speaks of iron
        ("BCL-2", "che-003", None),  # two short words that are a name only together
        ("epigenetic regulation", "imm-017", None),  # a word that tells little
        ("helper", "che-006", ("sensitivity",)),  # a side, and nothing else
        ("helper", "and-001", ("NRG1/HER3 axis inhibition",)),
        ("spread", "che-001", ("resistance",)),
    ],
)
def test_what_answers_by_a_definition_or_the_side_alone_is_said(
    evidence: Evidence, query: str, identifier: str, answered: tuple[str, ...] | None
) -> None:
    found = search(evidence, query)
    hits = {hit.claim.id: hit.matched for hit in (*found.hits, *found.weak)}
    assert all(hits.values())
    assert hits[identifier] == (answered or hits[identifier])


def test_marks_are_the_words_that_matched(evidence: Evidence) -> None:
    hit = search(evidence, "gefitnib exosome apoptosis", limit=1).hits[0]
    marked = [hit.claim.mechanism[start:end] for start, end in hit.marks]
    assert marked == ["exosomes", "apoptosis", "gefitinib"]
    assert hit.matched == ("exosomes", "apoptosis", "gefitinib")


def test_a_synonym_is_explained_by_what_the_claim_says(evidence: Evidence) -> None:
    hit = search(evidence, "velcade", limit=1).hits[0]
    assert "bortezomib" in hit.matched
    assert "velcade" not in hit.claim.mechanism.casefold()


def test_names_of_several_words_are_marked_as_one(evidence: Evidence) -> None:
    hits = search(evidence, "bone marrow stromal cell erlotinib").hits
    marked = {hits[0].claim.mechanism[a:b] for a, b in hits[0].marks}
    assert {"BMSCs", "erlotinib"} <= marked


def test_what_was_taken_for_a_typing_error_is_said(evidence: Evidence) -> None:
    assert search(evidence, "gefitnib").corrections == ("gefitnib: gefitinib",)
    assert search(evidence, "ewning").corrections == ("ewning: Ewing",), "as a name has it"
    assert search(evidence, "gefitinib").corrections == ()


def test_an_unknown_word_gets_a_suggestion_that_finds_something(evidence: Evidence) -> None:
    result = search(evidence, "osixxxtinib")
    assert not result.hits
    assert result.suggestion == "osimertinib"
    assert search(evidence, result.suggestion).hits


# --- authors, years, titles ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first", "works"),
    [
        ("Vonderheide", "imm-014", "tdr refs Vonderheide"),
        ("vonderheide RH et al. 2020", "imm-014", "tdr refs 'vonderheide RH' --year 2020"),
        ("Vonderheide 2019", "imm-014", "tdr refs Vonderheide"),
        ("Binnewies 2021", "imm-021", "tdr refs Binnewies --year 2021"),
        ("wei CAF", "tgt-012", "tdr refs wei"),
        ("chronobiology", None, "tdr refs --title chronobiology"),
    ],
)
def test_authors_and_years_find_what_rests_on_their_works(
    evidence: Evidence, query: str, first: str | None, works: str
) -> None:
    result = search(evidence, query, limit=1)
    assert [hit.claim.id for hit in result.hits] == ([first] if first else [])
    assert (result.references, result.corrections, result.unknown) == (works, (), ())


def test_first_authors_come_before_others_and_the_year_counts(evidence: Evidence) -> None:
    def leading(query: str) -> list[bool]:
        name, _, year = query.partition(" ")
        cited = [evidence.references[hit.claim.refs[0]] for hit in search(evidence, query).hits]
        return [one.authors[0].startswith(name) and year in str(one.year) for one in cited]

    for query in ("Wang", "Zhang", "Li 2022"):
        first = leading(query)
        assert any(first)
        assert first == sorted(first, reverse=True), query


def test_all_works_of_a_year_are_found(evidence: Evidence) -> None:
    found = search(evidence, "2022").hits
    by_year = evidence.select(Criteria.of(year=("2022",)))
    assert {hit.claim for hit in found} == set(evidence.selected(by_year))


def test_an_author_is_no_subject_of_other_words(evidence: Evidence) -> None:
    assert not search(evidence, "brown butter").hits
    assert search(evidence, "brown butter").references is None


# --- refusals and any text at all ----------------------------------------------------------


@pytest.mark.parametrize("query", ["", "   ", "!!!", "+-/", "\0", "\ud800", "‐‑–"])
def test_a_query_without_a_letter_or_digit_is_refused(evidence: Evidence, query: str) -> None:
    with pytest.raises(TdrError) as caught:
        search(evidence, query)
    assert caught.value.exit_code == 2


def test_a_query_that_is_too_long_is_refused(evidence: Evidence) -> None:
    assert search(evidence, ("nk " * 100)[:MAX_QUERY]).hits
    with pytest.raises(TdrError, match="256"):
        search(evidence, "a" * 1_000_000)


@settings(max_examples=examples(2))
@given(st.text(max_size=80))
def test_any_text_is_answered_or_refused(evidence: Evidence, text: str) -> None:
    if not tokens(text):
        with pytest.raises(TdrError):
            search(evidence, text)
        return
    result = search(evidence, text)
    for hit in result.hits:
        assert MIN_SCORE <= hit.score <= 100
        places = [place for mark in hit.marks for place in mark]
        assert places == sorted(places), "marks follow each other"
        assert all(0 <= place <= len(hit.claim.mechanism) for place in places)


@settings(max_examples=examples(0.8))
@given(st.permutations(["gefitnib", "exosomes", "TAM", "nsclc", "stat3"]))
def test_the_order_of_words_does_not_matter(evidence: Evidence, words: list[str]) -> None:
    hits = search(evidence, " ".join(words), limit=3).hits
    assert [hit.claim.id for hit in hits][:1] == ["tgt-003"]


# --- the parts -----------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sets(st.integers(0, 300)), st.integers(0, 200)), max_size=6))
def test_a_sum_by_bits_adds_up_like_a_list_of_sums(additions: list[tuple[set[int], int]]) -> None:
    added, sums = BitSlicedSum(), dict.fromkeys(range(301), 0)
    for members, amount in additions:
        added.add(sum(1 << n for n in members), amount)
        for member in members:
            sums[member] += amount
    everyone = (1 << 301) - 1
    split = {n: total for total, bits in added.classes(everyone) for n in numbers(bits)}
    assert split == sums
    totals = [total for total, _ in added.classes(everyone)]
    assert totals == sorted(totals, reverse=True)
    for least in (1, 7, 100, 400):
        assert set(numbers(added.at_least(least))) == {n for n in sums if sums[n] >= least}


def test_question_words_are_listed_as_the_search_sees_them() -> None:
    assert [word for word in STOP_WORDS if tokens(word) != [word]] == []


def test_compounds_are_found_whole_and_in_parts() -> None:
    assert vocabulary_of("NF-κB, (PD-L1) CD8+") == {
        "nf", "kb", "nfkb", "pd", "l1", "pdl1", "cd8+",
    }  # fmt: skip
    assert key("Regulatory T-cells") == key("regulatory T cell") == "regulatorytcell"


@pytest.mark.parametrize(
    "sisters",
    [
        ("senescence", "senescent"),
        ("resistance", "resistant", "resist"),
        ("exosome", "exosomal"),
        ("hypoxia", "hypoxic"),
        ("apoptosis", "apoptotic"),
        ("depletion", "depleted", "depleting"),
        ("metabolism", "metabolic"),
    ],
)
def test_sister_forms_share_a_stem(sisters: tuple[str, ...]) -> None:
    assert len(set(map(stem, sisters))) == 1


@pytest.mark.parametrize("name", ["stat3", "il6", "cd8+", "pd1"])
def test_names_are_their_own_stem(name: str) -> None:
    assert stem(name) == name


# --- the command ---------------------------------------------------------------------------


def test_json_holds_rank_score_matched_words_and_the_whole_claim(run: RunTdr) -> None:
    done = run("search", "gefitnib exosome", "-o", "json", "--limit", "2")
    assert done.exit == 0
    answer_ = json.loads(done.out)
    assert answer_["matched"] > len(answer_["claims"]) == 2
    first = answer_["claims"][0]
    assert (first["rank"], first["id"], first["therapy"]) == (1, "tgt-003", "targeted")
    assert first["matched"] == ["exosomes", "gefitinib"]
    assert 50 < first["score"] <= 100
    assert first["refs"] == [76]
    assert "gefitnib: gefitinib" in done.err


def test_json_and_tables_show_weak_hits_apart_and_other_formats_leave_them_out(
    run: RunTdr,
) -> None:
    answer_ = json.loads(run("search", "gefitinib brain", "-o", "json").out)
    assert answer_["claims"]
    assert answer_["weak"]
    assert [*answer_["weak"][0]] == [*answer_["claims"][0]]
    assert all(hit["unmet"] in (["brain"], ["gefitinib"]) for hit in answer_["weak"])
    drawn = run("search", "gefitinib brain", "-o", "table", COLUMNS="120").out
    above, below = drawn.split("weak:")
    assert answer_["claims"][0]["id"] in above
    assert answer_["weak"][0]["id"] in below
    ids = run("search", "gefitinib brain", "-o", "ids")
    assert ids.out.split() == [claim["id"] for claim in answer_["claims"]]
    assert f"{len(answer_['weak'])} weak hits left out" in ids.err
    everything = run("search", "gefitinib brain", "-o", "ids", "--min-score", "1").out.split()
    assert set(everything) > {claim["id"] for claim in answer_["weak"]}


def test_what_was_left_out_and_the_side_are_said(run: RunTdr) -> None:
    done = run("search", "what overcomes lapatinib resistance without macrophages", "-o", "ids")
    assert re.match(r"left out: macrophage \(\d+ claims\)\nas filters: tdr counter -a lapatinib\n",
                    done.err)  # fmt: skip


def test_words_may_be_one_argument_or_several(run: RunTdr) -> None:
    one = run("search", "velcade iron", "-o", "ids")
    assert one == run("search", "velcade", "iron", "-o", "ids")
    assert one.out.splitlines()[0] == "tgt-002"


def test_filters_and_formats_work_as_everywhere(run: RunTdr) -> None:
    done = run("search", "macrophage", "-t", "radio", "--not", "cancer=liver cancer", "-o", "tsv")
    header, *rows = done.out.splitlines()
    assert header.split("\t")[:4] == ["rank", "score", "matched", "id"]
    assert rows
    assert all(row.split("\t")[3].startswith("rad-") for row in rows)
    assert run("search", "macrophage", "--count").out.strip().isdigit()


def test_only_a_table_is_cut_to_twenty(run: RunTdr) -> None:
    every = run("search", "resistance", "-o", "ids", "--min-score", "1").out.split()
    assert len(every) > 20
    table = run("search", "resistance", "-o", "table", "--min-score", "1", COLUMNS="200").out
    assert sum(identifier in table for identifier in every) == 20


def test_matched_words_are_underlined_where_there_is_colour(run: RunTdr) -> None:
    done = run("--color", "always", "search", "gefitinib", "-o", "table", COLUMNS="120")
    styled = re.findall(r"\x1b\[([\d;]+)m(gefitinib)\x1b\[0m", done.out)
    assert styled, "each mark is a style of its own"
    assert all("4" in codes.split(";") for codes, _ in styled), "underlined"
    plain = run("search", "gefitinib", "-o", "table", COLUMNS="120")
    assert "\x1b" not in plain.out


@pytest.mark.parametrize("word", ["Crohn", "spleen", "thymus", "Hämophilie"])
def test_words_are_said_to_be_unknown_as_they_were_typed(run: RunTdr, word: str) -> None:
    done = run("search", word)
    assert (done.exit, done.err.splitlines()[:-1]) == (0, [f"{word}: found nowhere"])


def test_suggestions_are_words_of_names_as_they_are_written(evidence: Evidence) -> None:
    names = evidence.index.spellings("name").values()
    for typed in ("osimrtnb", "gefitb", "mcrphge", "lapatxxxb"):
        suggestion = search(evidence, typed).suggestion
        assert suggestion is None or suggestion in names


def test_no_hit_is_an_empty_answer_with_a_suggestion(run: RunTdr) -> None:
    done = run("search", "osixxxtinib", "-o", "json")
    assert done.exit == 0
    assert json.loads(done.out)["claims"] == []
    assert "did you mean `osimertinib`?" in done.err
    assert run("search", "osixxxtinib", "-e").exit == 1


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("search", "!!!"), "no letter or digit"),
        (("search", ""), "no letter or digit"),
        (("search", "x" * 257), "257 characters; at most 256"),
        (("search", "x" * 100_000), "at most 256"),
        (("search",), "WORDS"),
        (("search", "tam", "--min-score", "101"), "101"),
        (("search", "tam", "-c", "no-such-cell"), "no-such-cell"),
    ],
)
def test_what_cannot_be_searched_for_is_a_usage_error(
    run: RunTdr, argv: tuple[str, ...], says: str
) -> None:
    done = run(*argv)
    assert (done.exit, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("radiosensitivity", "radiosensitivity"),  # a word that tells little, alone
        ("lapatinib", "lapatinib"),
        ("glioblastoma", "glioma"),  # a claim on what is wider
        ("skin cancer", "melanoma"),  # a claim on what is narrower
    ],
)
def test_every_hit_says_what_answered(evidence: Evidence, query: str, shown: str) -> None:
    hits = search(evidence, query).hits
    assert all(hit.matched for hit in hits)
    assert shown in {text.casefold() for hit in hits for text in hit.matched}


def test_no_query_of_ours_finds_a_claim_without_saying_why(answers: list[Answer]) -> None:
    assert sum(len(one.found) for one in answers) > 600
    assert [one for one in answers if one.unexplained] == []


def test_a_word_that_nothing_answers_is_named_beside_the_hits(evidence: Evidence) -> None:
    result = search(evidence, "xyzandi stroma")
    assert result.weak
    assert result.unknown == ("xyzandi",)
    assert search(evidence, "gefitnib stroma").unknown == ()


def test_a_drug_that_no_claim_names_is_answered_by_its_class(evidence: Evidence) -> None:
    result = search(evidence, "lynparza ovarian")
    assert result.corrections == ("olaparib: in no claim; wider: PARP inhibitor",)
    assert result.unknown == ()
    hits = result.hits
    assert "PARP inhibitor" in hits[0].claim.agents
    assert "PARP inhibitor" in hits[0].matched
    assert "antiandrogen therapy" in search(evidence, "xtandi stroma").hits[0].claim.agents


@pytest.mark.parametrize("query", ["lynparsa", "lynpar", "olaparb", "olaparib"])
def test_a_drug_that_no_claim_names_may_be_begun_or_misspelt(
    evidence: Evidence, query: str
) -> None:
    result = search(evidence, query)
    assert result.unknown == ()
    assert all("PARP inhibitor" in hit.claim.agents for hit in result.hits)
    assert len(result.hits) == 2
