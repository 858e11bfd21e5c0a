"""Messages for a mistyped command line: what is wrong, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from tdr.export import EXPORTS
from tdr.model.errors import TdrError, did_you_mean, near, unknown, usage_error
from tdr.model.filters import FILTER_ALIASES, FILTERS
from tdr.model.text import quote
from tdr.render import FORMATS, formats_of

# --- what people type because another tool has it, and what it is called here -----------------

OTHER_OPTIONS: Mapping[str, str] = {
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
"""Option that tdr does not have -> what to write instead."""

OTHER_FORMATS: Mapping[str, str] = {
    "md": "markdown",
    "excel": "xlsx",
    "xls": "xlsx",
    "yml": "yaml",
    "bib": "bibtex",
    "ndjson": "jsonl",
    "zotero": "ris",
    "endnote": "ris",
    "mendeley": "ris",
    "latex": "bibtex",
    "pandoc": "csl",
    "csl-json": "csl",
}
"""Other name of a format, or a program -> the format's name here, or the one the program reads."""

COMMANDS_OF: Mapping[str, str] = {
    "references": "refs",
    "claims": "list, show, search",
    "countermeasures": "counter",
    "findings": "table",
    "combinations": "matrix",
    "edges": "graph",
    "chains": "graph --figure",
    "publications": "cite",
    "report": "check",
    "difference": "diff",
}
"""Kind of records -> the commands that list it, if they have another name."""

OTHER_COMMANDS: Mapping[str, str] = {
    "find": "`tdr search WORDS`",
    "grep": "`tdr search WORDS`",
    "ls": "`tdr list`",
    "cat": "`tdr show ID`",
    "validate": "`tdr check`",
    "version": "`tdr --version`",
}
"""Command that tdr does not have -> what to write instead."""

# --- messages ------------------------------------------------------------------------------

_FILE = re.compile(r"[\w-]\.(?:html?|csv|tsv|json|jsonl|ya?ml|xlsx|svg|png|pdf|md|txt)$")
_QUOTE_HINT = " (a name of several words stands in quotes)"
_MIN_SIMILARITY = 0.75
"""From this similarity on, one option is suggested for the other."""


def usage_message(error: Exception) -> str:
    """The framework's message in one sentence, with a hint of what would be right."""
    format_message = getattr(error, "format_message", None)
    text = str(format_message() if format_message else error).rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "tdr"
    return f"{_with_hint(error, text, context)} (see `{command} --help`)"


def _with_hint(error: Any, text: str, context: Any) -> str:
    option = getattr(error, "option_name", "")
    params = context.command.params if context is not None else ()
    if text.startswith("No such option"):
        is_first = context is not None and context.parent is None
        return (
            f"No such option: {option}{_alternative(option, error.possibilities or (), is_first)}"
        )
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
            return f"{text}; what it takes is {' '.join(taken)}{_QUOTE_HINT}"
        return text + _hint_for_extra(extra, {option for param in params for option in param.opts})
    return text


def _alternative(option: str, known: Any, is_first: bool) -> str:
    """What to write instead of an unknown option; `is_first` if it stands before a command."""
    if option in OTHER_OPTIONS:
        return f"; {OTHER_OPTIONS[option]}"
    if alias := FILTER_ALIASES.get(option.removeprefix("--")):
        return f"; `{FILTERS[alias].option}`"
    if is_first and any(option in (one.short, one.option) for one in FILTERS.values()):
        return f" before a command; behind it: `tdr list {option} ...`"
    alike = (one for one in known if SequenceMatcher(None, option, one).ratio() >= _MIN_SIMILARITY)
    return did_you_mean(sorted(alike))


def _hint_for_extra(extra: str, options: Collection[str]) -> str:
    """What to write instead of an unexpected argument in a command with these options."""
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
        hint = _QUOTE_HINT if words == extra else ""
        return f"; filters are options, as in --about {words}{hint}; or `tdr search {words}`"
    return ""


def unknown_command(name: str, known: Sequence[str]) -> str:
    """The message about an unknown command."""
    hint = f"; `tdr search {quote(name)}` searches the claims"
    if name in OTHER_COMMANDS:
        hint = f"; {OTHER_COMMANDS[name]}"
    elif alike := near(name, known, 3, 0.6):
        hint = did_you_mean(alike)
    return f"no such command `{name}`{hint}"


def unknown_word(given: str, words: Sequence[str], meant: Sequence[str] = ()) -> str:
    """The message about a word that is not one of a few; it suggests `meant`, or what is near."""
    hint = did_you_mean(meant or near(given.lower(), words, alike=0.7))
    return f"`{given}` is not one of {', '.join(words)}{hint}"


def unknown_format(given: str, names: Sequence[str]) -> str:
    """The message about an unknown format of records."""
    if given in EXPORTS:
        return f"`{given}` is a data set: `tdr export {given} DEST`."
    ending = given.rpartition(".")[2]
    meant = [format.name for format in FORMATS if format.ending == ending and format.name in names]
    if ending != given and meant:
        return f"`{given}` is not a format; write `-o {meant[0]} > {given}`."
    same = [format for format in FORMATS if format.name == given]
    if same:
        every = "every listing" if any(not format.kinds for format in same) else ""
        whose = ", ".join(filter(None, (every, *commands_with(given))))
        return f"`{given}` is a format of {whose}; here: {', '.join(names)}."
    called = OTHER_FORMATS.get(given.lower(), "")
    return unknown_word(given, names, [called] if called in names else ())


def commands_with(name: str) -> tuple[str, ...]:
    """The commands, in backticks, whose listings have a format that not all have."""
    kinds = [kind for format in FORMATS if format.name == name for kind in format.kinds]
    commands = ", ".join(COMMANDS_OF.get(kind, kind) for kind in kinds).split(", ")
    return tuple(f"`{command}`" for command in commands if command)


def unknown_data_set(given: str, dest: str) -> TdrError:
    """The error about an unknown format of data sets."""
    file = "" if dest == "-" else f" > {quote(dest)}"
    called = OTHER_FORMATS.get(given.lower(), given.lower())
    for command, kind in (("list", "claims"), ("graph", "edges")):
        if called in formats_of(kind):
            is_one = ", but a format:" if called == given else "; what it reads is written by"
            return usage_error(
                f"`{given}` is not a data set{is_one} `tdr {command} -o {called}{file}`"
            )
    with_ending = [name for name, entry in EXPORTS.items() if given.lower() in entry.endings]
    return unknown("format", given, EXPORTS, with_ending)
