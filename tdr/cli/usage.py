"""A command line that cannot be understood, in words: what is wrong, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher
from shlex import quote
from typing import Any

from tdr.cli.guesses import OPTIONS
from tdr.model.errors import did_you_mean
from tdr.model.filters import ELSEWHERE, FILTERS

_FILE = re.compile(r"[\w-]\.(?:html?|csv|tsv|json|jsonl|ya?ml|xlsx|svg|png|pdf|md|txt)$")
_QUOTED = " (a name of several words stands in quotes)"
_ALIKE = 0.75
"""How alike two options are of which one may be a slip of the other."""


def usage_message(error: Exception) -> str:
    """The framework's words without its layout, and a way on."""
    format_message = getattr(error, "format_message", None)
    text = str(format_message() if format_message else error).rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "tdr"
    return f"{_led_on(error, text, context)} (see `{command} --help`)"


def _led_on(error: Any, text: str, context: Any) -> str:
    option = getattr(error, "option_name", "")
    params = context.command.params if context is not None else ()
    if text.startswith("No such option"):
        is_first = context is not None and context.parent is None
        return f"No such option: {option}{_instead(option, error.possibilities or (), is_first)}"
    if text.endswith("requires an argument"):
        wanted = [p.metavar for p in params if option in p.opts and p.metavar]
        return f"{text}: {option} {wanted[0]}" if wanted else text
    if text.startswith("Missing"):
        help = getattr(error.param, "help", None)
        return f"{text}: {help.rstrip('.')}" if help else text
    if text.startswith("Got unexpected extra argument"):
        extra = text.rpartition("(")[2].removesuffix(")")
        taken = [str(one.metavar) for one in params if one.param_type_name == "argument"]
        if taken:
            return f"{text}; what it takes is {' '.join(taken)}{_QUOTED}"
        return text + _placed(extra, {option for param in params for option in param.opts})
    return text


def _instead(option: str, known: Any, is_first: bool) -> str:
    """What to write in place of an option that there is none of; `is_first`: before a command."""
    if option in OPTIONS:
        return f"; {OPTIONS[option]}"
    if meant := ELSEWHERE.get(option.removeprefix("--")):
        return f"; `{FILTERS[meant].option}`"
    if is_first and any(option in (one.short, one.option) for one in FILTERS.values()):
        return f" before a command; behind it: `tdr list {option} ...`"
    alike = (one for one in known if SequenceMatcher(None, option, one).ratio() >= _ALIKE)
    return did_you_mean(sorted(alike))


def _placed(extra: str, options: Collection[str]) -> str:
    """Where what stands alone belongs in a command with these options."""
    if _FILE.search(extra):
        return f"; a file to write is named by an option, or by `> {quote(extra)}`"
    if "--rows" in options:
        return "; fields are options, as in --rows cell --cols cancer"
    if "--from" in options:
        return f"; ends are options, as in --from {quote(extra)} or --to {quote(extra)}"
    name, separator, value = extra.partition("=")
    if separator and name in FILTERS:
        return f"; filters are options, as in {FILTERS[name].option} {quote(value)}"
    if "--about" in options:
        words = quote(extra)
        hint = _QUOTED if words == extra else ""
        return f"; filters are options, as in --about {words}{hint}; or `tdr search {words}`"
    return ""
