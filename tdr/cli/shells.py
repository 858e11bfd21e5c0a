"""Completion as each shell wants it: the scripts, and the words that they hand over.

Loaded only while somebody completes or asks for a script; which values there are to
offer is said in `tdr.cli.complete`.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import typer
from typer._click.shell_completion import CompletionItem, ShellComplete, add_completion_class
from typer._completion_classes import BashComplete, FishComplete, PowerShellComplete, ZshComplete
from typer._completion_shared import _get_shell_name, install


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """Bash splits words at `=`: `--cell=CA` arrives as three."""
        args, incomplete = super().get_completion_args()
        before = ["", *args]
        pairs = zip(before, args, strict=False)
        return [a for last, a in pairs if a != "=" or not last.startswith("--")], incomplete


class _Whole(ShellComplete):
    """For shells that replace the whole word `--cell=CA`, not only what stands behind the `=`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        items = super().get_completions(args, incomplete)
        name, equals, _ = incomplete.partition("=")
        if equals and name.startswith("--"):
            for item in items:
                item.value = f"{name}={item.value}"
        return items


class _Zsh(_Whole, ZshComplete):
    pass


class _Fish(_Whole, FishComplete):
    pass


class _PowerShell(_Whole, PowerShellComplete):
    pass


_KINDS: dict[str, type[BashComplete | ZshComplete | FishComplete | PowerShellComplete]] = {
    "bash": _Bash, "zsh": _Zsh, "fish": _Fish, "powershell": _PowerShell, "pwsh": _PowerShell,
}  # fmt: skip


def register() -> None:
    """Have the framework complete with these."""
    for name, kind in _KINDS.items():
        add_completion_class(kind, name)


def _known(name: str) -> str:
    """The shell that was asked for, by default the one that this runs in."""
    name = name or _get_shell_name() or "an unknown shell"
    if name not in _KINDS:
        raise typer.BadParameter(f"no completion for {name}; one of {', '.join(_KINDS)}")
    return name


def show(name: str) -> None:
    """Print the completion script of a shell."""
    script = _KINDS[_known(name)].source_template % {
        "complete_func": "_tdr_completion",
        "prog_name": "tdr",
        "autocomplete_var": "_TDR_COMPLETE",
    }
    print(script.strip())


def install_for(name: str) -> None:
    """Install completion for a shell and print where."""
    done, path = install(_known(name), "tdr", "_TDR_COMPLETE")
    if done == "zsh":
        _prefer(path)
    print(f"{done} completion installed in {path}\nIt takes effect in new terminals.")


def _prefer(script: Path) -> None:
    """Have zsh load the script itself: its own functions claim the name `tdr` for devtodo."""
    settings, line = Path.home() / ".zshrc", f"source {quote(script.as_posix())}"
    if line not in settings.read_text(errors="surrogateescape").splitlines():
        with settings.open("a") as file:
            file.write(f"{line}\n")
