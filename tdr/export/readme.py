"""The page that comes with a set of files: what it holds, whose words, on which terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.model.text import cleaned


def about(evidence: Evidence, selection: Selection) -> dict[str, str]:
    """What there is to know about the data: key -> a line of text."""
    from tdr import __version__

    lines: dict[str, Any] = {
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
        lines |= {prefix + name: value for name, value in of_source.items()}
    return {name: cleaned(str(value)) for name, value in lines.items() if value}


def readme(evidence: Evidence, selection: Selection, directory: Path, text: str) -> None:
    """Write README.md."""
    lines = [f"- {name}: {value}" for name, value in about(evidence, selection).items()]
    page = "# Exported by tdr\n\n" + "\n".join(lines) + f"\n\n{text}\nNot medical advice.\n"
    (directory / "README.md").write_text(page, encoding="utf-8", newline="\n")
