"""The rules' manual: one page each, a list, and docs/rules.md, all from their docstrings."""

from __future__ import annotations

from tdr.check import PARTS, RULES
from tdr.check.finding import Rule


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
    for part, rules in PARTS.items():
        text += f"\n## {part}\n"
        for rule in rules:
            text += f"\n### {rule.code}\n\n*{rule.severity}*: {rule.manual}\n"
    return text
