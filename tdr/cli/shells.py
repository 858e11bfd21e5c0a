"""Completion for each shell: the scripts, and the words that these hand over.

Loaded only for completion and its scripts; the values to offer come from `tdr.cli.complete`.
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

_WORD_BREAKS = frozenset("=:")
"""Characters at which bash splits a word."""


def _split(line: str) -> tuple[list[str], str]:
    """The words of a line after the program, and the incomplete last one, without their quotes.

    The last one may be empty, or in a quote that is still open.
    """
    *words, last = split_arg_string(f"{line}.")
    return words[1:], last[:-1]


class _WholeWord(ShellComplete):
    """Completes the whole word `--cell=CA`, not only the value after the `=`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        items = super().get_completions(args, incomplete)
        name, equals, _ = incomplete.partition("=")
        if equals and name.startswith("--"):
            for item in items:
                item.value = f"{name}={item.value}"
        return items


class _Bash(_WholeWord, BashComplete):
    """Bash splits words at `=` and `:`, and replaces only what follows the last of them."""

    _kept_length = 0
    _is_quoted = False

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words as they were written: bash hands over `--cell=CA` as three, a line each."""
        parts = os.environ["COMP_WORDS"].split("\n")[: int(os.environ["COMP_CWORD"]) + 1]
        words, continues = [""], True
        for word in parts:
            is_break = bool(word) and _WORD_BREAKS.issuperset(word)
            if word and (is_break or continues):
                words[-1] += word
            else:
                words.append(word)
            continues = is_break
        args, incomplete = _split("\n".join(words))
        last = "" if continues else parts[-1]
        self._is_quoted = last.startswith(("'", '"'))
        self._kept_length = len(incomplete) - len(_split(last)[1])
        return args, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """What replaces the word after its last break; outside of quotes, spaces are escaped."""
        rest = super().format_completion(item)[self._kept_length :]
        return rest if self._is_quoted else rest.replace(" ", "\\ ")


class _CommandLine(_WholeWord):
    """For shells that hand over the line, replace whole words, and quote what they insert."""

    def get_completion_args(self) -> tuple[list[str], str]:
        return _split(os.getenv("_TYPER_COMPLETE_ARGS", ""))


class _Zsh(_CommandLine, ZshComplete):
    pass


class _Fish(_CommandLine, FishComplete):
    pass


class _PowerShell(_WholeWord, PowerShellComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        return args, incomplete.strip("'\"")

    def format_completion(self, item: CompletionItem) -> str:
        if " " in item.value:
            item.value = f"'{item.value}'"
        return super().format_completion(item)


_SHELLS: dict[str, type[BashComplete | ZshComplete | FishComplete | PowerShellComplete]] = {
    "bash": _Bash, "zsh": _Zsh, "fish": _Fish, "powershell": _PowerShell, "pwsh": _PowerShell,
}  # fmt: skip


def register() -> None:
    """Register these classes with the framework."""
    for name, kind in _SHELLS.items():
        add_completion_class(kind, name)


def _supported_shell(name: str) -> str:
    """The name of the shell, by default of the one that runs; raises BadParameter for others."""
    name = name or _get_shell_name() or "an unknown shell"
    if name not in _SHELLS:
        raise typer.BadParameter(f"no completion for {name}; one of {', '.join(_SHELLS)}")
    return name


def show(name: str) -> None:
    """Print the completion script of a shell."""
    script = _SHELLS[_supported_shell(name)].source_template % {
        "complete_func": "_tdr_completion",
        "prog_name": "tdr",
        "autocomplete_var": "_TDR_COMPLETE",
    }
    print(script.strip())


def install_for(name: str) -> None:
    """Install completion for a shell and print where."""
    done, path = install(_supported_shell(name), "tdr", "_TDR_COMPLETE")
    if done == "zsh":
        _source_in_zshrc(path)
    print(f"{done} completion installed in {path}\nIt takes effect in new terminals.")


def _source_in_zshrc(script: Path) -> None:
    """Let .zshrc load the script: zsh's own completions use the name `tdr` for devtodo."""
    settings, line = Path.home() / ".zshrc", f"source {quote(script.as_posix())}"
    if line not in settings.read_text(errors="surrogateescape").splitlines():
        with settings.open("a") as file:
            file.write(f"{line}\n")
