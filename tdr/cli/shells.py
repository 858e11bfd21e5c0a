"""Completion as each shell wants it: the scripts, and the words that they hand over.

Loaded only while somebody completes or asks for a script; which values there are to
offer is said in `tdr.cli.complete`.
"""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

import typer
from typer._click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    split_arg_string,
)
from typer._completion_classes import BashComplete, FishComplete, PowerShellComplete, ZshComplete
from typer._completion_shared import _get_shell_name, install

_BREAKS = frozenset("=:")
"""Where bash ends a word that goes on."""


def _split(line: str) -> tuple[list[str], str]:
    """The words of a line, and the one that is being written, without their quotes.

    What is being written may be nothing yet, or stand in a quote that is still open.
    """
    *words, last = split_arg_string(f"{line}.")
    return words[1:], last[:-1]


class _Whole(ShellComplete):
    """Completes the whole word `--cell=CA`, not only what stands behind the `=`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        items = super().get_completions(args, incomplete)
        name, equals, _ = incomplete.partition("=")
        if equals and name.startswith("--"):
            for item in items:
                item.value = f"{name}={item.value}"
        return items


class _Bash(_Whole, BashComplete):
    """Bash ends words at `=` and `:`, and replaces only what stands behind the last of them."""

    _kept = 0
    _quoted = False

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words as they were written: bash hands over `--cell=CA` as three, a line each."""
        given = os.environ["COMP_WORDS"].split("\n")[: int(os.environ["COMP_CWORD"]) + 1]
        words, goes_on = [""], True
        for word in given:
            ends = bool(word) and _BREAKS.issuperset(word)
            if word and (ends or goes_on):
                words[-1] += word
            else:
                words.append(word)
            goes_on = ends
        args, incomplete = _split("\n".join(words))
        last = "" if goes_on else given[-1]
        self._quoted = last.startswith(("'", '"'))
        self._kept = len(incomplete) - len(_split(last)[1])
        return args, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """What stands behind the last end of a word; in an open quote a space is one."""
        rest = super().format_completion(item)[self._kept :]
        return rest if self._quoted else rest.replace(" ", "\\ ")


class _Line(_Whole):
    """For shells that hand over the line, replace whole words, and quote what they insert."""

    def get_completion_args(self) -> tuple[list[str], str]:
        return _split(os.getenv("_TYPER_COMPLETE_ARGS", ""))


class _Zsh(_Line, ZshComplete):
    pass


class _Fish(_Line, FishComplete):
    pass


class _PowerShell(_Whole, PowerShellComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        return args, incomplete.strip("'\"")

    def format_completion(self, item: CompletionItem) -> str:
        if " " in item.value:
            item.value = f"'{item.value}'"
        return super().format_completion(item)


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
