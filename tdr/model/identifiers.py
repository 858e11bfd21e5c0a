"""What DOIs, PubMed ids and PubMed Central ids look like.

Nothing is looked up: a well-formed identifier may still lead nowhere.
"""

from __future__ import annotations

import re

DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"{}|\\^`]*[^\s\"{}|\\^`.,;:]")
PMID = re.compile(r"[1-9][0-9]{0,8}")
PMCID = re.compile(r"PMC[1-9][0-9]{0,8}")
