"""What people type because another tool has it, and what it is called here."""

from __future__ import annotations

from collections.abc import Mapping

OPTIONS: Mapping[str, str] = {
    "--explode": "`--long cell` gives a record for each claim and cell",
    "--group-by": "`tdr stats --by FIELD` counts by a field; `--long cell` gives a record for "
    "each, `-o xlsx --split cell` a sheet",
    "--and-cell": "`--with cell=NAME` asks for claims that name this one, too",
    "--by": "`tdr stats --by FIELD` counts by a field",
    "--where": "filters choose claims (`--cell TAM`); `tdr sql` prints them as SQL",
    "--fields": "`--columns A,B,C`",
    "--select": "`--columns A,B,C`",
    "--output-file": "`-o FORMAT > FILE`",
    "--outfile": "`-o FORMAT > FILE`",
    "--since": "`tdr diff REVISION` shows what changed",
    "--doi": "`tdr refs --doi DOI` finds one, `--columns dois` shows them",
    "--pmid": "`tdr refs --pmid N` finds one",
    "--has-doi": "`tdr refs --has-doi`",
    "--under": "a term takes in the narrower ones (`--exact` does not); `tdr matrix --under TERM`",
    "--open": "`tdr open ID`",
    "--cite": "`tdr cite`",
    "--author": "`tdr refs NAME`",
    "--json": "`-o json`",
    "--csv": "`-o csv`",
    "-v": "`--version`",
    "-V": "`--version`",
    "--verbose": "`-o json` has every field; `tdr show ID` writes everything out",
    "--all": "every claim is listed unless a filter or `-n` says otherwise",
}
"""Option that there is none of -> the way to do it here."""

FORMAT_NAMES: Mapping[str, str] = {
    "md": "markdown",
    "excel": "xlsx",
    "xls": "xlsx",
    "yml": "yaml",
    "bib": "bibtex",
    "ndjson": "jsonl",
}
"""Format that there is none of -> what it is called here."""

COMMANDS: Mapping[str, str] = {
    "find": "`tdr search WORDS`",
    "grep": "`tdr search WORDS`",
    "ls": "`tdr list`",
    "cat": "`tdr show ID`",
    "validate": "`tdr check`",
    "version": "`tdr --version`",
}
"""Command that there is none of -> the way to do it here."""
