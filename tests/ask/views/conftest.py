"""What the tests of views recount: the YAML files, and a small evidence made for them."""

from __future__ import annotations

from pathlib import Path

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.model.filters import Criteria
from tests import yaml_facts
from tests.conftest import REVIEW, TESTS
from tests.yaml_facts import Facts


@pytest.fixture(scope="package")
def facts() -> Facts:
    return yaml_facts.read(REVIEW)


@pytest.fixture(scope="package")
def for_views(private_cache: Path) -> Evidence:  # noqa: ARG001 - only its side effect is needed
    return tdr.load(TESTS / "golden" / "views" / "evidence", cache=False)


@pytest.fixture(scope="package")
def everything(evidence: Evidence) -> Selection:
    return evidence.select(Criteria())
