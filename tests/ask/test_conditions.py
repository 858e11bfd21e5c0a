"""What criteria mean, before any claim is looked at; and that one table makes a filter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tdr.ask.conditions import Condition
from tdr.ask.query import Evidence
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


_TOY = """
import sys
from tdr.model.filters import FILTERS, Filter
toy = Filter("part", "word", ("section",), "A toy.", "X", words=("radio",), counted=True)
FILTERS["part"] = toy
from tdr.cli.boundary import main
for line in sys.stdin:
    main(line.split())
"""


def test_a_filter_is_one_entry_of_the_table(evidence: Evidence) -> None:
    """A toy: its option with help, `--not` and the fields that views count by follow from it."""
    lines = ("list --help", "list --part radio --count", "list --not part=radio --count",
             "stats --by part --no-header")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _TOY], input="\n".join(lines), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    helped, _, counted = done.stdout.partition("Examples:")
    inside = len(evidence.filter(section="radio"))
    assert "--part X" in helped
    assert f"\n{inside}\n{len(evidence) - inside}\n" in counted
    assert f"\nradio\t{inside}\t" in counted
