"""Errors as values."""

from __future__ import annotations

import pickle

from tdr.model.errors import NEGATIVE, Location, Problem, TdrError


def test_an_error_says_the_same_in_another_process() -> None:
    place = Location("chemo.yaml", 3, 5)
    error = TdrError(Problem("no id", "id", place), "and more", exit_code=NEGATIVE)
    other = pickle.loads(pickle.dumps(error))
    assert str(other) == "chemo.yaml:3:5: error: no id [id]\ntdr: error: and more"
    assert (other.problems, other.exit_code) == (error.problems, NEGATIVE)
