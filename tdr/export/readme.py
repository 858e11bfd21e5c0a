"""README.md of a set of files: its contents, sources and licences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.model.text import cleaned


def about(evidence: Evidence, selection: Selection) -> dict[str, str]:
    """Facts about the exported data by name, each a line of text: versions, sources, licences."""
    from tdr import __version__

    facts: dict[str, Any] = {
        "program": f"tdr {__version__}",
        "data_version": evidence.data_version,
        "claims": f"{len(selection)} of {len(evidence)}",
    }
    several = len(evidence.sources) > 1
    for source in evidence.sources.values():
        record = source.record
        year = f" ({record['year']})" if record.get("year") else ""
        of_source = {
            "source": f"{record.get('title', '')}{year}",
            "source_licence": record.get("licence"),
            "data_licence": source.data_licence,
            "limits": source.limits,
            **source.constants,
        }
        prefix = f"{source.key}: " if several else ""
        facts |= {prefix + name: value for name, value in of_source.items()}
    return {name: cleaned(str(value)) for name, value in facts.items() if value}


def readme(evidence: Evidence, selection: Selection, directory: Path, text: str) -> None:
    """Write README.md into the directory: the facts of `about`, then the text."""
    lines = [f"- {name}: {value}" for name, value in about(evidence, selection).items()]
    page = "# Exported by tdr\n\n" + "\n".join(lines) + f"\n\n{text}\nNot medical advice.\n"
    (directory / "README.md").write_text(page, encoding="utf-8", newline="\n")
