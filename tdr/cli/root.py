"""The global options: accepted before the command and behind it, with the same meaning."""

# No `from __future__ import annotations`: every start evaluates them, and would compile strings.

from copy import copy
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tdr.cli.declare import flag, option
from tdr.cli.framework import get_current_context
from tdr.cli.session import Session, directory_names

if TYPE_CHECKING:
    from tdr.cli.framework import Context, Parameter, TyperCommand


_BEFORE_COMMAND_ONLY = ("install_completion", "show_completion")


def _help(wanted: bool) -> None:
    if wanted:
        print(get_current_context().get_help())
        raise typer.Exit


def _version(wanted: bool) -> None:
    if wanted:
        from tdr import __version__

        print(f"tdr {__version__}")
        raise typer.Exit


def _show_completion(shell: str | None) -> None:
    if shell is not None:
        from tdr.cli import shells

        shells.show(shell)
        raise typer.Exit


def _install_completion(shell: str | None) -> None:
    if shell is not None:
        from tdr.cli import shells

        shells.install_for(shell)
        raise typer.Exit


HELP = flag("-h", "Show this message and exit.", "--help", act=_help)("help", bool, False)
"""An option of every command. Typer's own, of which a value is read in its way, would be slow."""


def root(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    evidence: Annotated[
        list[str] | None,
        option(
            "DIR",
            "Evidence directory, by default the evidence that comes with tdr, `shipped`; "
            "repeated: together. [env var: TDR_EVIDENCE]",
        ),
    ] = None,
    color: Annotated[
        str | None, option("auto|always|never", "Colour; also NO_COLOR and FORCE_COLOR.")
    ] = None,
    no_cache: Annotated[bool, flag("--no-cache", "Neither read nor write an index file.")] = False,
    allow: Annotated[
        list[str] | None,
        option("LIMIT=N", "Read files beyond a limit: size=32M, depth, aliases or alias-nodes."),
    ] = None,
    quiet: Annotated[
        bool, flag("--quiet", "Say nothing on stderr but errors and warnings.", "-q")
    ] = False,
    no_pager: Annotated[
        bool, flag("--no-pager", "Show long results at once; also TDR_PAGER=cat.")
    ] = False,
    debug: Annotated[  # noqa: ARG001 - looked for when an error is caught
        bool, flag("--debug", "Show the traceback of an internal error.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - acts at once
        bool, flag("--version", "Show the version.", act=_version)
    ] = False,
    install_completion: Annotated[  # noqa: ARG001
        str | None,
        option(
            "[SHELL]",
            "Install completion for this shell, or for the one named.",
            act=_install_completion,
        ),
    ] = None,
    show_completion: Annotated[  # noqa: ARG001
        str | None,
        option(
            "[SHELL]",
            "Print the completion script of this shell, or of the one named.",
            act=_show_completion,
        ),
    ] = None,
) -> None:
    """Explore referenced evidence on how tumour-infiltrating cells drive resistance to therapy."""
    ctx.obj = Session(ctx.obj, (), cache=True)
    given = {"evidence": directory_names(evidence), "color": color, "no_cache": no_cache,
             "allow": allow, "quiet": quiet, "no_pager": no_pager}  # fmt: skip
    for name, value in given.items():
        _apply(ctx, name, value)
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


def _apply(ctx: "Context", name: str, value: Any) -> None:
    """Apply a global option to the session, if it was given."""
    if value in (None, False, ()) or ctx.resilient_parsing:
        return
    session: Session = ctx.obj
    if name == "evidence":
        if not all(value):
            raise typer.BadParameter("the path is empty", param_hint="--evidence")
        source = ctx.find_root().get_parameter_source("evidence")
        before = session.paths if source is not None and source.name == "COMMANDLINE" else ()
        session.paths = (*before, *directory_names(value))
    elif name == "color":
        when = value.lower()
        if when not in ("auto", "always", "never"):
            raise typer.BadParameter("must be auto, always or never", param_hint="--color")
        session.streams.color = when
    elif name == "no_cache":
        session.cache = False
    elif name == "allow":
        from tdr.read import limits

        token = limits.allow(tuple(value))
        ctx.call_on_close(lambda: limits.CURRENT_LIMITS.reset(token))
        session.cache = False  # an index of files beyond the limits must not answer a later run
    elif name == "quiet":
        session.streams.quiet = True
    elif name == "no_pager":
        session.streams.pages = False


def accept_global_options(command: "TyperCommand", options: "list[Parameter]") -> None:
    """Let a command take the global options, too; its help does not list them again."""

    def apply(ctx: "Context", param: "Parameter", value: Any) -> Any:
        _apply(ctx, str(param.name), value)
        return value

    known = signature(root).parameters
    for parameter in options:
        if parameter.name not in known or parameter.name in _BEFORE_COMMAND_ONLY:
            continue  # the framework's own: help
        behind = copy(parameter)
        behind.hidden = True  # type: ignore[attr-defined]  # every one of them is an option
        behind.expose_value = False
        behind.envvar = None
        if behind.name != "version":  # which acts at once, wherever it stands
            behind.callback = apply
        command.params.append(behind)
