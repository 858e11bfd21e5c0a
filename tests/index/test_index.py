"""The index: bitmaps of claims, what follows from what, problems of bulk files, flat memory."""

from __future__ import annotations

import gc
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.index import WITHIN, WORD_FIELDS, Index
from tdr.index.bits import PART_SIZE, numbers
from tdr.index.build import build
from tdr.model.errors import TdrError
from tdr.model.fields import TERM_FIELDS
from tdr.model.tokens import vocabulary_of
from tdr.model.vocabulary import Vocabulary
from tdr.read.files import find_layout
from tests.bench import vary
from tests.conftest import REVIEW, Run
from tests.fuzz import PRINTABLE, examples
from tests.small import small_evidence

RunTdr = Callable[..., Run]


Record = dict[str, Any]
Make = Callable[[Iterable[Record]], Path]


@pytest.fixture
def bulk(small: Path) -> Make:
    """Make an evidence directory of the given claims, as one JSON Lines file."""

    def make(records: Iterable[Record]) -> Path:
        return as_bulk(small, records)

    return make


def as_bulk(directory: Path, records: Iterable[Record]) -> Path:
    (directory / "chemo.yaml").unlink(missing_ok=True)
    lines = [json.dumps({**record, "therapy": "chemo"}) + "\n" for record in records]
    (directory / "chemo.jsonl").write_text("".join(lines), encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def claim(three_claims: Path) -> Record:
    """A sound claim, of which others are made."""
    return tdr.load(three_claims).claims[0].to_dict()


def members(index: Index, bits: int) -> set[str]:
    return {claim.id for claim in index.claims(bits)}


# --- facets ---------------------------------------------------------------------------------


def test_each_value_of_a_field_leads_to_the_claims_that_have_it(evidence: Evidence) -> None:
    for name in (*TERM_FIELDS, "countered_by", "basis"):
        for value, count in evidence.index.values(name).items():
            expected = {claim.id for claim in evidence.claims if value in getattr(claim, name)}
            bits = evidence.index.claims_with(name, [value])
            assert members(evidence.index, bits) == expected
            assert count == len(expected) == bits.bit_count()


def test_a_term_takes_in_the_claims_of_narrower_terms(evidence: Evidence) -> None:
    for kind in ("cells", "cancers", "agents"):
        for label in evidence.vocabulary.terms(kind):
            labels = [label, *evidence.vocabulary.descendants(kind, label)]
            whole = evidence.index.claims_with(WITHIN, [f"{kind}/{label}"])
            assert whole == evidence.index.claims_naming(kind, labels), label


def test_words_lead_to_the_claims_that_say_them(evidence: Evidence) -> None:
    index = evidence.index
    for word in ("exosome", "stat3", "nfkb", "cd8+", "radiotherapy"):
        said = {c.id for c in evidence.claims if word in vocabulary_of(c.mechanism)}
        assert said
        assert members(index, index.claims_with("word", [word])) == said
        titled = {
            claim.id
            for claim in evidence.claims
            for number in claim.refs
            if word in vocabulary_of(evidence.references[number].title)
        }
        assert members(index, index.claims_with("title", [word])) == titled


def test_every_form_of_a_term_leads_to_its_claims(evidence: Evidence) -> None:
    index = evidence.index
    bortezomib = index.claims_with("agents", ["bortezomib"])
    assert bortezomib
    for word in ("velcade", "bortezomib"):
        assert index.claims_with("form", [word]) & bortezomib == bortezomib
    assert index.claims_with("wider", ["proteasome"]) & bortezomib == bortezomib


def test_every_word_of_a_claim_a_title_and_a_name_is_known(evidence: Evidence) -> None:
    facets = {word for name in WORD_FIELDS for word in evidence.index.values(name)}
    names = {w for t in evidence.vocabulary for form in t.forms for w in vocabulary_of(form)}
    assert evidence.index.known_words(facets | names) == facets | names
    assert evidence.index.words_starting_with("gefit", 9) == ["gefitinib"]
    assert evidence.index.known_words(["gefitinib", "gefitnib"]) == {"gefitinib"}


def test_words_have_a_spelling_of_their_own_and_joined_pieces_have_none(evidence: Evidence) -> None:
    words = evidence.index.spellings("word")
    assert list(words) == sorted(words)
    assert words["metastasis"] == "metastasis"
    assert words["pdl1"] == "PDL1"
    assert "crho" in evidence.index.words_starting_with("crho", 9)  # of VEGF-C/RhoA
    assert "crho" not in words
    assert evidence.index.spellings("name").keys() < words.keys()


def test_an_unknown_value_leads_nowhere(evidence: Evidence) -> None:
    assert evidence.index.claims_with("cells", ["dragon"]) == 0
    assert evidence.index.claims_with("no such field", ["x"]) == 0
    assert evidence.index.claims_with("word", []) == 0


def test_many_values_at_once_are_no_problem(evidence: Evidence) -> None:
    words = evidence.index.spellings("word")
    assert len(words) > 1000
    every = evidence.index.claims_with("word", words)
    assert every == evidence.index.everything


# --- more than one part ---------------------------------------------------------------------


PART = 256


def make_parts_small(patched: pytest.MonkeyPatch) -> None:
    assert PART_SIZE < 2**16 + 1, "an offset in a part has two bytes"
    for module in ("", ".facets", ".facet_reader", ".packing", ".batches"):
        patched.setattr(f"tdr.index{module}.PART_SIZE", PART)


@pytest.fixture(scope="module")
def in_parts(tmp_path_factory: pytest.TempPathFactory, claim: Record) -> Path:
    directory = small_evidence(tmp_path_factory.mktemp("parts"))
    said = (f"Word{number % 97} and single{number}." for number in range(10 * PART + 30))
    as_bulk(
        directory, ({**claim, "id": f"x-{n:06}", "mechanism": text} for n, text in enumerate(said))
    )
    target = directory / "index.sqlite"
    with pytest.MonkeyPatch.context() as patched:
        make_parts_small(patched)
        build(target, find_layout(directory), "digest")
    return target


@pytest.fixture
def several_parts(monkeypatch: pytest.MonkeyPatch, in_parts: Path) -> Index:
    """An index of more claims than one part of a bitmap holds (the parts being small ones)."""
    make_parts_small(monkeypatch)
    return Index.open(in_parts)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch, evidence: Evidence, tmp_path: Path) -> Index:
    """The index of the evidence in blocks of sixteen claims."""
    assert len(evidence) == 125
    monkeypatch.setattr("tdr.index.blocks.BLOCK", 16)
    target = tmp_path / "index.sqlite"
    build(target, find_layout(REVIEW), "digest")
    return Index.open(target)


def test_bitmaps_reach_over_several_parts(several_parts: Index) -> None:
    index = several_parts
    assert index.size == 10 * PART + 30
    assert index.claims_with("effect", [*index.values("effect")]) == index.everything
    assert list(numbers(index.claims_with("word", ["word5"]))) == list(range(5, index.size, 97))
    for number in (0, PART - 1, PART, 2 * PART + 1, index.size - 1):
        assert index.claims_with("word", [f"single{number}"]) == 1 << number
    assert index.claims_by_value("word")["word5"] == index.claims_with("word", ["word5"])
    assert index.values("word")["word5"] == len(range(5, index.size, 97))


@pytest.mark.parametrize("step", [1, 3, 200])
def test_what_some_claims_have_is_counted_and_first_met_part_by_part(
    several_parts: Index, step: int
) -> None:
    index = several_parts
    sets = [sum(1 << n for n in range(start, index.size, step)) for start in (0, 2 * PART + 1)]
    for field in ("word", "ref", "countered_by"):
        every = index.claims_by_value(field)
        common = [{value: bits & some for value, bits in every.items()} for some in sets]
        assert index.counts(field, *sets) == [
            {value: bits.bit_count() for value, bits in of.items() if bits} for of in common
        ]
        assert index.first_claims(field, *sets) == [
            {value: next(numbers(bits)) for value, bits in of.items() if bits} for of in common
        ]
    assert index.counts("word", 0) == index.first_claims("word", 0) == [{}]


def test_claims_come_back_by_number_and_by_id(several_parts: Index) -> None:
    index = several_parts
    wanted = index.claims_with("word", ["word5"])
    ids = [claim.id for claim in index.claims(wanted)]
    assert ids == [f"x-{number:06}" for number in range(5, index.size, 97)]
    assert [claim.id for _, claim in index.by_id(wanted)] == ids
    assert [claim.id for claim in index.claims(wanted, 3)] == ids[:3]


@settings(max_examples=examples(0.3), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.integers(0, 124)))
def test_ids_and_steps_of_any_claims_come_from_the_blocks_that_they_are_in(
    evidence: Evidence, small_blocks: Index, chosen: set[int]
) -> None:
    bits = sum(1 << number for number in chosen)
    claims = [evidence.claims[number] for number in sorted(chosen)]
    assert [*small_blocks.ids_of_each([bits])] == [tuple(claim.id for claim in claims)]
    found = list(small_blocks.steps_of(bits))
    assert [number for number, _ in found] == sorted(chosen)
    known = small_blocks.steps({step for _, stated in found for step in stated})
    assert [tuple(known[n] for n in stated) for _, stated in found] == [c.steps for c in claims]


@pytest.mark.parametrize("order", ["rising", "falling", "shuffled"])
def test_the_order_by_id_does_not_depend_on_the_order_in_the_file(
    bulk: Make, claim: Record, order: str
) -> None:
    rising = [f"x-{number:03}" for number in range(200)]
    places = {
        "rising": rising,
        "falling": rising[::-1],
        "shuffled": [rising[number * 77 % 200] for number in range(200)],
    }[order]
    index = tdr.load(bulk([{**claim, "id": place} for place in places])).index
    for bits in (index.everything, index.everything ^ 0b1010, 0b111):
        found = [claim.id for _, claim in index.by_id(bits)]
        assert found == sorted(members(index, bits))
        assert [c.id for c in index.claims(bits)] == [places[n] for n in numbers(bits)]


# --- what comes out is what went in ---------------------------------------------------------


def test_claims_references_terms_and_source_survive(evidence: Evidence) -> None:
    from tdr.read.dataset import read_dataset

    dataset = read_dataset(REVIEW)
    assert list(evidence.claims) == dataset.claims
    assert evidence.references == dataset.support.references
    assert list(evidence.vocabulary) == list(dataset.support.vocabulary)
    assert evidence.source == dataset.support.source
    for kind in ("cells", "pathways"):
        assert evidence.vocabulary.forms(kind) == dataset.support.vocabulary.forms(kind)
        assert evidence.vocabulary.narrower(kind) == dataset.support.vocabulary.narrower(kind)


def test_a_value_means_the_same_where_only_its_own_term_is_read(evidence: Evidence) -> None:
    whole, stored = Vocabulary(tuple(evidence.vocabulary)), Vocabulary.from_store(evidence.index)
    for kind, text in (
        ("cells", "TAMs"),
        ("cells", "CL:0000235"),
        ("cells", "tumor-associated macrophage"),
        ("pathways", "STAT3"),
        ("cancers", "no cancer"),
    ):
        assert stored.resolve(kind, text) == whole.resolve(kind, text)
        assert stored.expand(kind, text) == whole.expand(kind, text)


def test_a_sparse_line_means_the_same_as_a_complete_one(bulk: Make, claim: Record) -> None:
    full = {k: v for k, v in claim.items() if k != "therapy"}
    few = {k: v for k, v in full.items() if v not in ([], None)}
    odd = dict(reversed(full.items()))
    found = tdr.load(bulk([{**full, "id": "a"}, {**few, "id": "b"}, {**odd, "id": "c"}])).claims
    assert len({json.dumps({**one.to_dict(), "id": ""}) for one in found}) == 1


@settings(
    max_examples=examples(0.1),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(PRINTABLE, min_size=20, max_size=60))
def test_any_text_in_a_claim_comes_back_unchanged(
    texts: list[str], claim: Record, bulk: Make
) -> None:
    records = [
        {**claim, "id": f"x-{number}", "mechanism": text, "note": text}
        for number, text in enumerate(texts)
    ]
    found = tdr.load(bulk(records), cache=False).claims
    assert [one.mechanism for one in found] == texts
    assert [one.note for one in found] == texts


# --- problems -------------------------------------------------------------------------------


def problems(directory: Path) -> list[str]:
    with pytest.raises(TdrError) as caught:
        tdr.load(directory, cache=False)
    return [str(problem).replace(str(directory), "DIR") for problem in caught.value.problems]


@pytest.mark.parametrize("distance", [1, 15, 16, 40])
def test_a_repeated_id_is_found_however_far_apart(
    bulk: Make, claim: Record, distance: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdr.index.batches.BATCH_SIZE", 16)
    ids = [f"a-{number}" for number in range(50)]
    ids[7 + distance] = ids[7]
    (line,) = problems(bulk([{**claim, "id": identifier} for identifier in ids]))
    assert line.startswith(f"DIR/chemo.jsonl:{8 + distance}:")
    assert "chemo.jsonl:8" in line
    assert "duplicate-id" in line


def test_every_problem_is_told_whatever_came_before(bulk: Make, claim: Record) -> None:
    records = [{**claim, "id": f"a-{number}"} for number in range(20)]
    records[3]["refs"] = []
    records[7]["id"] = "a-3"  # the id of a claim that is itself wrong
    records[9]["cancers"] = ["dragon"]
    records[15]["id"] = "a-14"
    lines = [line.split(":")[1] for line in problems(bulk(records))]
    assert sorted(lines, key=int) == ["4", "8", "10", "16"]


def test_endless_problems_are_not_collected_for_ever(bulk: Make, claim: Record) -> None:
    wrong = {**claim, "refs": []}
    found = problems(bulk([{**wrong, "id": f"a-{number}"} for number in range(1700)]))
    assert 1000 <= len(found) <= 1600
    assert "too many problems" in found[-1]


# --- cost -----------------------------------------------------------------------------------

NOT_AT_A_WARM_START = {
    "rich", "rapidfuzz", "ruamel", "ssl", "http", "asyncio", "csv", "logging", "decimal",
    "pydantic",  # with which Typer would read values
    "tdr.read.yaml", "tdr.read.dataset", "tdr.read.access", "tdr.model.tokens",
    "tdr.ask.search", "tdr.index.build", "tdr.ask.views.coverage", "tdr.check",
    "tdr.render.terminal.table", "tdr.model.letters", "tdr.model.source", "unicodedata", "shlex",
}  # fmt: skip


def modules(*argv: str) -> set[str]:
    code = "import sys; from tdr.cli.boundary import main; main(sys.argv[1:]); "
    code += "print(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *argv],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def test_a_warm_start_loads_only_what_it_needs(evidence: Evidence) -> None:
    assert evidence.index.size, "the index is there"
    for argv in (("list", "-c", "TAM", "-o", "json"), ("list", "-t", "radio", "-o", "tsv")):
        loaded = modules("--evidence", str(REVIEW), *argv)
        assert "tdr.index" in loaded
        assert not loaded & NOT_AT_A_WARM_START


def test_a_search_without_typing_errors_needs_no_edit_distance(evidence: Evidence) -> None:
    assert evidence.index.size
    assert "rapidfuzz" not in modules("--evidence", str(REVIEW), "search", "gefitinib exosome")
    assert "rapidfuzz" in modules("--evidence", str(REVIEW), "search", "gefitnib exosome")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_memory_stays_flat_while_claims_stream(bulk: Make, three_claims: Path) -> None:
    directory = bulk(vary(tdr.load(three_claims), 12_000))
    code = (
        "import sys, tdr; evidence = tdr.load(sys.argv[1], cache=False); print(len(evidence));"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(directory)], capture_output=True, text=True, check=True
    )
    size, _, peak, _ = done.stdout.split()
    assert int(size) == 12_000
    assert int(peak) < 58 * 1024  # in kB; 47 MB, and 64 where all claims are held at once


def test_evidence_that_nobody_holds_any_more_is_closed(small: Path) -> None:
    for cache in (True, False):
        evidence = tdr.load(small, cache=cache)
        connection = evidence.index._connection
        reading = evidence.index.claims(evidence.index.everything)
        next(reading)
        del evidence
        assert next(reading).id == "che-002"
        del reading
        gc.collect()
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
