"""The command line: parse arguments, call one core function, hand the value to output.

`COMMANDS` lists them all. A command's module is imported and its
options are built only when that command runs, which is what keeps start-up short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from typer.exceptions import TyperException

from tdr.cli.declare import parameters
from tdr.cli.framework import TyperCommand, TyperGroup, get_current_context
from tdr.cli.root import HELP, accept_global_options, root
from tdr.model.errors import EXIT_CODES
from tdr.read.system import docstring

if TYPE_CHECKING:
    from tdr.cli.framework import Context, HelpFormatter
    from tdr.cli.options import Group

# panel -> command -> (module, help in one sentence)
COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Explore": {
        "list": ("explore", "List the claims that match the filters."),
        "show": ("explore", "Show everything about these claims, references written out."),
        "search": (
            "explore",
            "Search the claims for words; ranked, and forgiving of typing errors.",
        ),
        "browse": (
            "browse",
            "Look through claims on a screen: a list, a card, a search as you type, keys for "
            "filters.",
        ),
        "steps": ("steps", "List the signed steps: what acts on what, how, and in which claim."),
        "path": ("steps", "Show the chains of steps that lead from A to B, and their net sign."),
        "counter": ("explore", "List the interventions that restore response."),
        "terms": ("explore", "List the terms of a kind, their hierarchy and number of claims."),
        "info": ("explore", "Tell what data this is, which version, and its limits."),
    },
    "Overview": {
        "matrix": ("overview", "Count claims for every combination of two fields."),
        "conflicts": (
            "conflicts",
            "Show cells that promote resistance in one claim and oppose it in another.",
        ),
        "compare": ("overview", "Show what two cells, therapies, cancers, drugs or sources share."),
        "stats": ("overview", "Count claims and most frequent terms."),
        "table": ("overview", "Rebuild one of the review's four tables of core references."),
        "graph": ("graph", "Draw the steps to resistance: what raises or lowers what."),
        "report": ("exporting", "Write one self-contained HTML page with the selected claims."),
    },
    "References": {
        "refs": ("references", "Show references and the claims that rest on them."),
        "open": ("references", "Open the papers behind a claim or a reference in the browser."),
        "cite": ("references", "Tell how to cite the program, the data and their source."),
        "sources": ("references", "Show the sources side by side, or what two of them share."),
        "coverage": ("coverage", "Check that every citation of a review is accounted for."),
    },
    "Take away": {
        "export": ("exporting", "Write a data set for another tool."),
        "sql": ("sql", "Print the same selection as a statement for DuckDB, Spark and others."),
    },
    "Curate": {
        "check": ("check", "Check evidence: every claim referenced, every value known and sound."),
        "fmt": ("curate", "Write evidence files in their canonical layout."),
        "new": ("new", "Add a claim with the next free id."),
        "import": (
            "importing",
            "Import an article's references and who cites what, or a bibliography, as a source.",
        ),
        "init": (
            "collection",
            "Start a collection of your own, which contains the evidence that comes with tdr.",
        ),
        "add": (
            "collection",
            "Add a paper and what it shows: a reference and a claim, at once and offline.",
        ),
        "background": (
            "coverage",
            "Mark what a review cites for a general statement only: no claim is to rest on it.",
        ),
        "define": ("collection", "Add a term to the vocabulary of your evidence."),
        "diff": ("curate", "Compare two states of the evidence, claim by claim, field by field."),
        "schema": ("curate", "Print the JSON Schema of an evidence file."),
    },
}

_ENTRIES = {name: entry for panel in COMMANDS.values() for name, entry in panel.items()}


class Command(TyperCommand):
    """A command whose help shows its options in named groups, in plain text."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            if getattr(error, "ctx", ctx) is None:  # the message is to name this command's help
                error.ctx = ctx  # type: ignore[attr-defined]  # a usage error
            raise

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                default = "Arguments" if param.param_type_name == "argument" else "Options"
                panel = getattr(param, "rich_help_panel", None) or default
                groups.setdefault(panel, []).append(record)
        for panel in sorted(groups, key=lambda name: name == "Options"):
            with formatter.section(panel):
                formatter.write_dl(groups[panel])

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - the framework's signature
        if self.epilog:
            formatter.write_paragraph()
            formatter.write("Examples:\n")
            for line in self.epilog.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


class Root(TyperGroup):
    """The `tdr` command itself: it knows the names of all commands, and loads only one."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        from tdr.cli.complete import with_default_shell

        return super().parse_args(ctx, with_default_shell(args))

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002
        return list(_ENTRIES)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        return load_command(cmd_name) if cmd_name in _ENTRIES else None

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args[0] == "help" and not ctx.resilient_parsing:
            args = [*(name for name in args[1:2] if name != "help"), "--help"]
        name = args[0]
        if name not in _ENTRIES and not name.startswith("-") and not ctx.resilient_parsing:
            from tdr.cli.usage import unknown_command  # only for mistakes

            ctx.fail(unknown_command(name, (*_ENTRIES, "help")))
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        for panel, commands in COMMANDS.items():
            with formatter.section(panel):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])
        options = [
            record
            for param in self.get_params(ctx)
            if (record := param.get_help_record(ctx)) is not None
        ]
        with formatter.section("Options, before the command or behind it"):
            formatter.write_dl(options)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        formatter.write_paragraph()
        formatter.write("`tdr help COMMAND` shows the options of a command.\n")


@cache
def load_command(name: str) -> Command:
    """Build one command from its function: `tdr.cli.<module>.<name>_command`."""
    module, sentence = _ENTRIES[name]
    function: Callable[..., Any] = getattr(import_module(f"tdr.cli.{module}"), f"{name}_command")
    groups: tuple[Group, ...] = getattr(function, "groups", ())
    not_parsed = ("session", *(group.parameter for group in groups))
    of_groups = (parameter for group in groups for parameter in group.parameters())
    command = Command(
        name,
        callback=_callback(function, attrgetter("obj"), groups),
        params=[*parameters(function, without=not_parsed), *of_groups, HELP],
        help=sentence,
        add_help_option=False,
        epilog=getattr(function, "examples", None),
        rich_markup_mode=None,
    )
    accept_global_options(command, build().params)
    return command


@cache
def build() -> Root:
    """The command line as one object, before any command is loaded; built once a process."""
    return Root(
        callback=_callback(root, lambda ctx: ctx),
        params=[*parameters(root, without=("ctx",)), HELP],
        help=docstring(root),
        add_help_option=False,
        rich_markup_mode=None,
        invoke_without_command=True,
    )


def _callback(
    function: Callable[..., Any], first: Callable[[Context], Any], groups: Iterable[Group] = ()
) -> Callable[..., Any]:
    """The framework's callback: it calls the function with what `first` takes from the context and
    the options, those of a group as one value. A repeatable option that was not given is None."""

    def call(**parsed: Any) -> Any:
        context = get_current_context()
        values = {n: list(v) or None if isinstance(v, tuple) else v for n, v in parsed.items()}
        for group in groups:
            parts = {name: values.pop(name) for name in group.options}
            within = (context.obj,) if group.in_session else ()
            values[group.parameter] = group.make(*within, **parts)
        return function(first(context), **values)

    return call
