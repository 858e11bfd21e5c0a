"""A command line that cannot be understood, in words: what is wrong, and what would be right."""

from __future__ import annotations

from difflib import SequenceMatcher
from shlex import quote
from typing import Any

from tdr.cli.guesses import OPTIONS
from tdr.model.near import did_you_mean

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
    if text.startswith("No such option"):
        if option in OPTIONS:
            return f"No such option: {option}; {OPTIONS[option]}"
        return f"No such option: {option}{_slip(option, error.possibilities or ())}"
    params = context.command.params if context is not None else ()
    if text.endswith("requires an argument"):
        wanted = [p.metavar for p in params if option in p.opts and p.metavar]
        return f"{text}: {option} {wanted[0]}" if wanted else text
    if text.startswith("Missing"):
        help = getattr(error.param, "help", None)
        return f"{text}: {help.rstrip('.')}" if help else text
    if text.startswith("Got unexpected extra argument"):
        words = quote(text.rpartition("(")[2].removesuffix(")"))
        if any("--about" in param.opts for param in params):
            return f"{text}; filters are options, as in --about {words}; or `tdr search {words}`"
    return text


def _slip(option: str, known: Any) -> str:
    alike = (one for one in known if SequenceMatcher(None, option, one).ratio() >= _ALIKE)
    return did_you_mean(sorted(alike))
