"""The page that comes with a set of files: what it holds, whose words, on which terms."""

from __future__ import annotations

from pathlib import Path

from tdr.ask.query import Evidence, Selection
from tdr.model.text import cleaned


def about(evidence: Evidence, selection: Selection) -> dict[str, str]:
    """What there is to know about the data: key -> a line of text."""
    from tdr import __version__

    source = evidence.source
    record = source.record
    year = f" ({record['year']})" if record.get("year") else ""
    lines = {
        "program": f"tdr {__version__}",
        "data_version": evidence.index.data_version,
        "claims": f"{len(selection)} of {len(evidence)}",
        "source": f"{record.get('title', '')}{year}",
        "source_licence": record.get("licence"),
        "data_licence": source.data_licence,
        **source.constants,
    }
    return {name: cleaned(str(value)) for name, value in lines.items() if value}


def readme(evidence: Evidence, selection: Selection, directory: Path, text: str) -> None:
    """Write README.md."""
    lines = [f"- {name}: {value}" for name, value in about(evidence, selection).items()]
    limits = (
        "The claims restate a review; they were not verified against the primary papers unless\n"
        "a claim says so. Not medical advice.\n"
    )
    page = "# Exported by tdr\n\n" + "\n".join(lines) + f"\n\n{text}\n{limits}"
    (directory / "README.md").write_text(page, encoding="utf-8", newline="\n")
