"""How many examples the property tests draw: few at every run, many for `make fuzz`.

Every run draws others, so that many short runs find what one long run would.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

# No deadlines: time is measured by `make bench`, on a machine that does nothing else.
settings.register_profile("suite", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)

PRINTABLE = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1)
"""Texts that evidence may hold."""


def examples(factor: float) -> int:
    """A share of the usual number: more for what is cheap, fewer for what starts programs."""
    return max(2, round(settings.default.max_examples * factor))
