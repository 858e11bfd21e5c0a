"""Evidence with steps, opened once."""

from __future__ import annotations

import pytest

import tdr
from tdr.ask.query import Evidence
from tests.stepped import stepped_evidence


@pytest.fixture(scope="session")
def stepped(private_cache: object, tmp_path_factory: pytest.TempPathFactory) -> Evidence:  # noqa: ARG001 - its side effect
    """Three claims, seven steps."""
    return tdr.load(stepped_evidence(tmp_path_factory.mktemp("stepped")))
