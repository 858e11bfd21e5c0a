"""The rules' manual: one page each, a list, and docs/rules.md, all from their docstrings."""

from __future__ import annotations

from tdr.check import RULES
from tdr.check.finding import Rule

_HEADINGS = {
    "encoding": "Files",
    "no-evidence": "Structure",
    "ref": "References",
    "place": "Place",
    "unknown-term": "Vocabulary",
    "homoglyph": "Letters and spaces",
    "truth-table": "Content",
    "step-end": "Steps",
    "flags": "Flags and cited papers",
    "molecule-unlisted": "Molecules",
    "shared-wording": "Wording",
    "unused-ignore": "The check itself",
}
"""Code of a rule -> what stands above it and those that follow."""


def page(rule: Rule) -> str:
    """The manual page of a rule, as `--explain` prints it."""
    return f"{rule.code} ({rule.severity})\n\n{rule.manual}\n"


def listing() -> str:
    """Every rule on a line: code, severity, title."""
    widest = max(len(rule.code) for rule in RULES)
    return "".join(f"{rule.code:{widest}}  {rule.severity:7}  {rule.title}\n" for rule in RULES)


def document() -> str:
    """docs/rules.md."""
    text = (
        "# Rules of `tdr check`\n\n"
        "Generated from the rules' docstrings; do not edit. "
        "`tdr check --explain CODE` prints one of these pages.\n\n"
        "An error makes `tdr check` exit 1, a warning only with `--strict`. "
        "On a claim, `ignore: {CODE: reason}` silences what can be judged otherwise; "
        "what makes a file or a claim unusable for other commands cannot be ignored.\n\n"
        "| rule | severity | what is wrong |\n|---|---|---|\n"
    )
    for rule in RULES:
        text += f"| [`{rule.code}`](#{rule.code}) | {rule.severity} | {rule.title} |\n"
    for rule in RULES:
        if rule.code in _HEADINGS:
            text += f"\n## {_HEADINGS[rule.code]}\n"
        text += f"\n### {rule.code}\n\n*{rule.severity}*: {rule.manual}\n"
    return text
