"""The rules' manual: one page each, a list, and docs/rules.md, all from their docstrings."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.check import RULES
from tdr.check.finding import Rule

_GROUPS = {
    "reading": "Files",
    "structure": "Structure",
    "references": "References",
    "place": "Place",
    "vocabulary": "Vocabulary",
    "letters": "Letters and spaces",
    "content": "Content",
    "steps": "Steps",
    "primary": "Flags and cited papers",
    "molecules": "Molecules",
    "wording": "Wording",
    "check": "The check itself",
}


def page(rule: Rule) -> str:
    """The manual page of a rule, as `--explain` prints it."""
    return f"{rule.code} ({rule.severity})\n\n{rule.manual}\n"


def listing() -> str:
    """Every rule on a line: code, severity, title."""
    widest = max(len(rule.code) for rule in RULES)
    return "".join(f"{rule.code:{widest}}  {rule.severity:7}  {rule.title}\n" for rule in RULES)


def document() -> str:
    """docs/rules.md."""
    return "".join(_document())


def _document() -> Iterator[str]:
    yield (
        "# Rules of `tdr check`\n\n"
        "Generated from the rules' docstrings; do not edit. "
        "`tdr check --explain CODE` prints one of these pages.\n\n"
        "An error makes `tdr check` exit 1, a warning only with `--strict`. "
        "On a claim, `ignore: {CODE: reason}` silences what can be judged otherwise; "
        "what makes a file or a claim unusable for other commands cannot be ignored.\n\n"
        "| rule | severity | what is wrong |\n|---|---|---|\n"
    )
    for rule in RULES:
        yield f"| [`{rule.code}`](#{rule.code}) | {rule.severity} | {rule.title} |\n"
    group = ""
    for rule in RULES:
        if rule.group != group:
            group = rule.group
            yield f"\n## {_GROUPS[group]}\n"
        yield f"\n### {rule.code}\n\n*{rule.severity}*: {rule.manual}\n"
