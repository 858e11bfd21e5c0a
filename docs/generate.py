"""Make the pages that can be made: `make docs`. A test compares them, so they cannot drift.

* CITATION.cff: what `tdr cite -o cff` prints.
* docs/api.md: the Python interface.
* docs/cli.md: the help of every command.
* docs/conclusions.md: the review's conclusions as queries.
* docs/exit-codes.md: how a run can end.
* docs/formats.md: every format and the commands that offer it.
* docs/rules.md: the manual of every rule of `tdr check`.
* docs/schema/*.json: the JSON Schema of every kind of file.
* docs/pictures: what `tdr matrix` and `tdr graph --figure` draw.
* README.md and other hand-written pages: the output below every `$ tdr ...` line of a
  ```console block is what a terminal of 80 columns shows; a table between
  `<!-- fields: claim -->` and `<!-- end -->` has the fields of the model.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache, partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdr.model.field import Field

ROOT = Path(__file__).resolve().parent.parent
GENERATED = {
    "api.md",
    "cli.md",
    "conclusions.md",
    "exit-codes.md",
    "formats.md",
    "rules.md",
    "readback.md",
}
WRITTEN_BY_HAND = (
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")) if p.name not in GENERATED),
)

_BLOCK = re.compile(r"```console\n(.*?)```", re.S)
_TABLE = re.compile(r"<!-- (fields|words|tables): (\w+) -->\n.*?<!-- end -->", re.S)

PROGRAMS = Path(sys.executable).parent
"""Where `tdr` is; a test puts another way to start it here."""

_PERSONAL = ("COLUMNS", "TDR_EVIDENCE", "NO_COLOR", "FORCE_COLOR")
"""What a reader's environment may not change about a page."""


@cache
def _compile_evidence() -> None:
    """So that no page shows how it is done."""
    subprocess.run([PROGRAMS / "tdr", "search", "macrophage", "--count"], capture_output=True,
                   check=True, env=_environment())  # fmt: skip


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in _PERSONAL}


@cache  # pages show some commands more than once
def on_a_terminal(command: str, columns: int = 80) -> str:
    """What a terminal shows for a shell command line, both streams as they come."""
    _compile_evidence()
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = _environment() | {
        "NO_COLOR": "1",
        "TERM": "xterm",
        "TDR_PAGER": "cat",
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
    }
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=secondary,
        stderr=secondary,
    )
    os.close(secondary)
    shown = bytearray()
    while True:
        try:
            data = os.read(primary, 65536)
        except OSError:  # the terminal is gone once the last writer has closed it
            break
        if not data:
            break
        shown += data
    os.close(primary)
    process.wait()
    lines = shown.decode("utf-8").replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def refreshed_page(name: str) -> str:
    """A page that was written by hand, with the output in it made anew."""
    page = (ROOT / name).read_text(encoding="utf-8")
    tables = {"fields": field_table, "words": words_table, "tables": tables_table}
    return refreshed(_TABLE.sub(lambda found: tables[found[1]](found[2]), page))


def field_table(kind: str) -> str:
    """The fields of a claim, a reference, a term or a source, with what each means."""
    from tdr.model import fields

    table = {
        "claim": fields.FIELDS,
        "reference": fields.FIELDS_OF_REFERENCE,
        "term": fields.FIELDS_OF_TERM,
        "therapy": fields.FIELDS_OF_THERAPY,
        "source": fields.FIELDS_OF_SOURCE,
        **{field.name: field.fields for field in fields.FIELDS if field.fields},
    }[kind]
    rows = "".join(
        f"| `{field.name}` | {field.meaning} | {_holds(field)} |\n"
        for field in table
        if field.in_file
    )
    head = "| field | meaning | holds |\n|---|---|---|\n"
    return f"<!-- fields: {kind} -->\n{head}{rows}<!-- end -->"


def words_table(kind: str) -> str:
    """The relations of steps, or the flags, with what each means."""
    from tdr.model.standing import FLAGS
    from tdr.model.steps import RELATIONS

    if kind == "relations":
        head = "| does | sign | meaning |"
        rows = [[n, {1: "+", -1: "-", 0: "0"}[r.sign], r.meaning] for n, r in RELATIONS.items()]
    else:
        head = "| flag | conflict? | meaning |"
        rows = [[name, flag.conflict, flag.meaning] for name, flag in FLAGS.items()]
    lines = "".join(f"| {' | '.join((f'`{row[0]}`', *row[1:]))} |\n" for row in rows)
    return f"<!-- words: {kind} -->\n{head}\n|---|---|---|\n{lines}<!-- end -->"


def tables_table(kind: str) -> str:
    """The tables and views of data sets, with their columns."""
    from tdr.export.tables import TABLES, VIEWS

    rows = [
        (table.name, table.meaning, ", ".join(f"`{column.name}`" for column in table.columns))
        for table in TABLES
    ]
    rows += [(name, f"A view. {meaning}", "") for name, (meaning, _) in VIEWS.items()]
    lines = "".join(f"| `{name}` | {meaning} | {columns} |\n" for name, meaning, columns in rows)
    head = "| table | what it has | columns |\n|---|---|---|\n"
    return f"<!-- tables: {kind} -->\n{head}{lines}<!-- end -->"


def _holds(field: Field) -> str:
    """What a field may hold, in a few words."""
    if field.choices:
        words = ", ".join(f"`{word}`" for word in field.choices)
        return f"any of {words}" if field.type == "choices" else words
    if field.fields:
        inner = "`{" + ", ".join(inner.name for inner in field.fields) + "}`"
        return f"list of {inner}" if field.type == "records" else inner
    if field.kind:
        return f"labels of {field.kind}"
    return {
        "texts": "list of texts",
        "names": "list of texts",
        "refs": "list of numbers",
        **dict.fromkeys(("number", "ref"), "number"),
        "flag": "true or false",
        "date": "date, such as 2024-05-31",
        "places": "`{LABEL: [introduction/1]}`",
        "reasons": "`{CODE: reason}`",
    }.get(field.type, "text")


def refreshed(page: str) -> str:
    """A page with the output in its console blocks made anew."""

    def block(match: re.Match[str]) -> str:
        commands = [line[2:] for line in match[1].splitlines() if line.startswith("$ ")]
        shown = [f"$ {command}\n{on_a_terminal(command)}" for command in commands]
        return "```console\n" + "\n".join(shown) + "```"

    return _BLOCK.sub(block, page)


def help_of(*argv: str) -> str:
    """The help of a command, 90 columns wide."""
    from tdr.cli import build
    from tdr.cli.boundary import Streams

    os.environ["COLUMNS"] = "90"
    with redirect_stdout(StringIO()) as printed:
        words = [*argv, "--help"]
        build().main(args=words, prog_name="tdr", standalone_mode=False, obj=Streams())
    del os.environ["COLUMNS"]
    return printed.getvalue()


def command_page() -> str:
    """docs/cli.md: the help of every command, in the order of `tdr --help`."""
    from tdr.cli import COMMANDS

    commands = [(), *((name,) for panel in COMMANDS.values() for name in panel)]
    parts = ["# Commands\n\nMade by `make docs` from the program's own help.\n"]
    for argv in commands:
        title = " ".join(("tdr", *argv))
        parts.append(f"## {title}\n\n```text\n{help_of(*argv).rstrip()}\n```\n")
    return "\n".join(parts)


def formats_page() -> str:
    """docs/formats.md: every format, with the commands that offer it."""
    from tdr.cli.usage import commands_with
    from tdr.export import EXPORTS
    from tdr.render import FORMATS

    parts = [
        "# Formats\n\nMade by `make docs` from the registry. `-o FORMAT` chooses one; the default\n"
        "is a table on a terminal and `tsv` anywhere else. `tdr schema output` is the schema of\n"
        "`list -o json`, that is of claims; other records have the columns of their kind.\n\n"
        "Where several sources answer, a reference is called `KEY:33` and can so be given back to\n"
        "`refs` and `-r`; where the first one answers alone, `33`. In JSON, JSON Lines and YAML\n"
        "a record with a `source` (a claim, a reference) has the numbers of that source's list.\n\n"
        "TSV has no quoting: a tab or the end of a line in a value is spelled out, a quotation\n"
        "mark stands for itself. Readers that take one for quoting lose records: `quoting=3` in\n"
        "pandas, `quote_char=None` in polars, `quote = ''` in DuckDB and the same in R's\n"
        "`read.delim` read it right. CSV is quoted as RFC 4180 says.\n\n"
        "| format | for | as |\n|---|---|---|\n"
    ]
    for name in dict.fromkeys(format.name for format in FORMATS):
        same = [format for format in FORMATS if format.name == name]
        everywhere = any(not format.kinds for format in same)
        whom = "every listing" if everywhere else ""
        own = ", ".join(commands_with(name))
        binary = "bytes for a file" if any(format.binary for format in same) else "text"
        parts.append(f"| `{name}` | {'; '.join(filter(None, (whom, own)))} | {binary} |\n")
    parts.append("\n## Data sets\n\n`tdr export FORMAT DEST` writes them.\n\n")
    parts.append("| format | what it is |\n|---|---|\n")
    parts += [f"| `{name}` | {export.help} |\n" for name, export in EXPORTS.items()]
    return "".join(parts)


def rules_page() -> str:
    """docs/rules.md: every rule of `tdr check`, from its docstring."""
    from tdr.check.manual import document

    return document()


def schema_page(kind: str) -> str:
    """docs/schema/KIND.json."""
    from tdr.model.schema import schema_text

    return schema_text(kind)


def drawing(*argv: str) -> str:
    """docs/pictures/NAME.svg: what a command draws."""
    words = [Path(sys.executable).parent / "tdr", "--quiet", *argv, "--output", "svg"]
    done = subprocess.run(words, capture_output=True, check=True, env=_environment())
    return done.stdout.decode("utf-8")


def exit_codes_page() -> str:
    """docs/exit-codes.md: how a run can end."""
    from tdr.model.errors import EXIT_CODES

    rows = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    return f"""# Exit codes

Made by `make docs` from the program.

| exit code | means |
|---|---|
{rows}
Standard output has data only; errors, warnings and all talk go to standard error. An error is one
line: `FILE:LINE:COLUMN: error: what is wrong [rule]`, or `tdr: error: ...` where no file is meant.
A code above 128 is a signal, as of any tool: 141 where the reader of a pipe has left.
"""


def api_page() -> str:
    """docs/api.md: the Python interface."""
    from api import page  # beside this file

    return page()


def conclusions_page() -> str:
    """docs/conclusions.md: what the review concludes, asked of its claims."""
    from conclusions import page  # beside this file

    return refreshed(page())


PAGES: dict[str, Callable[[], str]] = {
    "docs/api.md": api_page,
    "docs/cli.md": command_page,
    "docs/conclusions.md": conclusions_page,
    "docs/exit-codes.md": exit_codes_page,
    "docs/pictures/map.svg": partial(drawing, "matrix", "--slide"),
    "docs/pictures/figure.svg": partial(drawing, "graph", "-t", "radio", "--figure", "--slide"),
    "CITATION.cff": lambda: on_a_terminal("tdr cite -o cff", 1000),
    **{name: partial(refreshed_page, name) for name in WRITTEN_BY_HAND},
    "docs/formats.md": formats_page,
    "docs/rules.md": rules_page,
    **{
        f"docs/schema/{kind}.json": partial(schema_page, kind)
        for kind in ("claims", "references", "source", "vocabulary", "therapies", "output")
    },
}
"""Page -> the function that makes it whole."""


def main() -> None:
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print("wrote", shlex.quote(name))


if __name__ == "__main__":
    main()
