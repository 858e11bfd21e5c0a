"""What is asked key by key: every value that is offered has as many claims as it says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tdr.ask.browse import Question, answer, choices
from tdr.ask.evidence import Evidence
from tdr.model.errors import TdrError
from tdr.model.filters import FILTERS
from tests.fuzz import examples

OFFERED = [name for name, entry in FILTERS.items() if entry.short or name in ("standing", "source")]
KEYS = st.lists(st.tuples(st.sampled_from(OFFERED), st.integers(0, 500)), max_size=4)


@settings(max_examples=examples(0.4))
@given(keys=KEYS, words=st.text(max_size=20) | st.sampled_from(["gefitinib", "CAF not TGF-β"]))
def test_a_value_is_offered_with_the_number_of_claims_that_it_leads_to(
    evidence: Evidence, keys: list[tuple[str, int]], words: str
) -> None:
    question = Question()
    for name, number in keys:
        offered = choices(evidence, question, name)
        if offered:
            choice = offered[number % len(offered)]
            chosen = question.without(name).toggled(name, choice.value)
            assert answer(evidence, chosen, limit=0).matched == choice.claims, (question, choice)
            question = question.toggled(name, choice.value)
    all_of_it = {claim.id for claim in answer(evidence, question).claims}
    try:
        found = answer(evidence, Question(words, question.criteria))
    except TdrError:
        assert not any(map(str.isalnum, words)) or "\0" in words, words
    else:
        assert {claim.id for claim in found.claims} <= all_of_it
        assert len(found.claims) == found.matched
