"""Options that commands share.

A shared group of options is declared once and reaches a command as one value:

    @takes(CRITERIA, output("claims"))
    def list_command(session: Session, criteria: Criteria, output: Output) -> None: ...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

import typer

from tdr.cli import complete
from tdr.cli.declare import Declaration, flag, option
from tdr.model.errors import NEGATIVE, usage_error
from tdr.model.plain import Plain
from tdr.render import FORMATS, formats_of

if TYPE_CHECKING:
    from tdr.cli.boundary import Streams
    from tdr.cli.framework import Argument, Completer, Option
    from tdr.cli.session import Session
    from tdr.render import Listing, Terminal

Function = TypeVar("Function", bound=Callable[..., Any])

_OUTPUT = "Output"


def refuse_beside(what: str, options: Mapping[str, object]) -> None:
    """Raise TdrError for the first of these `options` (option -> whether it was given): beside
    `what`, they have no effect."""
    for name, given in options.items():
        if given:
            raise usage_error(f"`{name}` does nothing with {what}: leave it out")


class Output(Plain):
    """The output options of a command, and the streams that its result goes to."""

    streams: Streams
    format: str | None
    columns: tuple[str, ...] | None
    sort: str | None
    limit: int | None
    count_only: bool
    header: bool
    csv_raw: bool
    csv_bom: bool
    exit_status: bool
    long: tuple[str, ...] = ()
    ascii: bool = False
    split: str | None = None

    @property
    def effective_format(self) -> str:
        """The format that was asked for, else a table on a terminal and TSV anywhere else."""
        return self.format or ("table" if self.streams.is_terminal(1) else "tsv")

    @property
    def drawn(self) -> bool:
        """Whether the result is drawn for a person rather than written as data."""
        return self.effective_format == "table"

    @property
    def for_people(self) -> bool:
        """Whether the format is one that people read."""
        return any(f.for_people for f in FORMATS if f.name == self.effective_format)

    @property
    def default_layout(self) -> bool:
        """Whether a command may draw a layout of its own for a person: neither columns, `--long`,
        `--count` nor `--no-header` was asked for."""
        return self.drawn and self.header and not (self.columns or self.count_only or self.long)

    @property
    def given_options(self) -> tuple[str, ...]:
        """The names of the options that were given."""
        values = {
            "output": self.format,
            "columns": self.columns,
            "sort": self.sort is not None,
            "limit": self.limit is not None,
            "count": self.count_only,
            "no_header": not self.header,
            "csv_raw": self.csv_raw,
            "csv_bom": self.csv_bom,
            "exit_status": self.exit_status,
            "split": self.split,
            "long": self.long,
            "ascii": self.ascii,
        }
        return tuple(name for name, value in values.items() if value)

    def spelled(self, name: str) -> str:
        """An option as it is typed."""
        return f"-o {self.format}" if name == "output" else f"--{name.replace('_', '-')}"

    def refuse_all(self, what: str) -> None:
        """Raise TdrError if any was given: `what` writes no records."""
        refuse_beside(what, {self.spelled(name): True for name in self.given_options})

    def refuse_ineffective(self, kind: str) -> None:
        """Raise TdrError for an option without effect on what is written: records of this kind in
        their format, or with `--count` a number."""
        if self.count_only:
            effective = {"count", "long", "exit_status"}
            if self.format in ("json", "jsonl"):  # a number is valid JSON, too
                effective.add("output")
            idle = (name for name in self.given_options if name not in effective)
            refuse_beside("--count", {self.spelled(name): True for name in idle})
            return
        formats = formats_of(kind)
        written = [formats[self.format]] if self.format else [formats["table"], formats["tsv"]]
        for name in self.given_options:
            if name != "output" and not all(name in one.options for one in written):
                where = f"with -o {self.format}" if self.format else "without -o"
                able = ", ".join(one.name for one in formats.values() if name in one.options)
                raise usage_error(
                    f"`{self.spelled(name)}` does nothing {where}; it is for -o {able}"
                )

    @property
    def sorted_or_limited(self) -> bool:
        """Whether an order or a number of records was asked for."""
        return self.sort is not None or self.limit is not None

    def write(self, listing: Listing) -> None:
        """Write a listing to stdout."""
        from tdr.render import Terminal, render, render_file

        format, streams = self.effective_format, self.streams
        if any(f.binary for f in FORMATS if f.name == format):
            data = render_file(
                listing, format, columns=self.columns, header=self.header,
                split=self.split, notify=streams.say,
            )  # fmt: skip
            streams.write_binary(data, format)
            return
        chunks = render(
            listing,
            format,
            columns=self.columns,
            header=self.header,
            csv_raw=self.csv_raw,
            csv_bom=self.csv_bom,
            terminal=streams.terminal() if self.drawn else Terminal(ascii=self.ascii),
        )
        streams.write(chunks, drawn=self.drawn)

    def emit(
        self,
        listing: Listing,
        draw: Callable[[Terminal], str | Iterator[str]] | None = None,
        *,
        counted: bool = True,
    ) -> None:
        """Write a listing to stdout, and to stderr how many records it has.

        `draw` draws what a person gets in the default layout; a listing that always has one record
        is not `counted`.
        Raises typer.Exit(NEGATIVE) when nothing matched and `--exit-status` was given.
        """
        streams, written = self.streams, count()
        every, listing = listing, listing.arranged(self.sort, self.limit)
        if self.count_only:
            number = sum(1 for _ in every.records) if self.long else every.matched
            streams.write([f"{number}\n"])
        else:
            if self.long:  # the rows are counted while they are written
                rows = (record for record, _ in zip(listing.records, written, strict=False))
                listing = listing._replace(records=rows)
            if draw is not None and self.default_layout:
                drawing = draw(streams.terminal())
                streams.write([drawing] if isinstance(drawing, str) else drawing, drawn=True)
            else:
                self.write(listing)
            if self.long:
                streams.say(self._row_count(next(written), every))
            elif counted:
                streams.say(listing.counted())
        if self.exit_status and not listing.matched:
            raise typer.Exit(NEGATIVE)

    def _row_count(self, number: int, every: Listing) -> str:
        """How many rows `--long` has made of claims: `444 rows from 323 of 323 claims`."""
        if self.limit is None or number < self.limit:
            return f"{number} rows from {every.counted()}"
        return f"{number} rows shown; {every._replace(limit=None).counted()}"


class Group(Plain):
    """Options that reach a command together, as the value of one parameter.

    `make` builds that value from the values of the options; if `in_session`, it takes the session
    as its first argument.
    """

    parameter: str
    options: Mapping[str, tuple[Any, Declaration, Any]]  # name -> (type, declaration, default)
    make: Callable[..., Any]
    in_session: bool = False

    @classmethod
    def of(cls, parameter: str, options_class: type) -> Group:
        """The options that the fields of a class declare; the command gets an instance of it."""
        kinds = get_type_hints(options_class, include_extras=True)
        fields = inspect.signature(options_class).parameters.values()
        options = {f.name: (*get_args(kinds[f.name]), f.default) for f in fields}
        return cls(parameter, options, options_class)

    def parameters(self) -> Iterator[Option | Argument]:
        """What the framework parses for these options."""
        return (
            declaration(name, kind, default)
            for name, (kind, declaration, default) in self.options.items()
        )


def takes(*groups: Group) -> Callable[[Function], Function]:
    """Give a command the options of these groups in place of the parameters named after them."""

    def decorate(function: Function) -> Function:
        function.groups = groups  # type: ignore[attr-defined]  # read by load_command
        return function

    return decorate


def examples(*lines: str) -> Callable[[Function], Function]:
    """Attach the runnable examples that end a command's help."""

    def decorate(function: Function) -> Function:
        function.examples = "\n".join(lines)  # type: ignore[attr-defined]  # read by load_command
        return function

    return decorate


def _make_output(
    kind: str,
    session: Session,
    columns: str | None,
    no_header: bool,
    output_format: str | None,
    long: str | None = None,
    split: str | None = None,
    count: bool = False,
    **rest: Any,
) -> Output:
    wanted = Output(
        session.streams,
        format=output_format,
        columns=None if columns is None else field_names(columns),
        header=not no_header,
        long=() if long is None else field_names(long),
        split=split,
        count_only=count,
        **rest,
    )
    wanted.refuse_ineffective(kind)
    if split is None:
        return wanted
    from tdr.ask.views.axes import axis  # only where it is asked for

    field = axis(split)
    each = (field.name,) if field.kind else ()
    return wanted.replace(split=field.name, long=(*each, *wanted.long))


def field_names(text: str) -> tuple[str, ...]:
    """The names in a list such as `id,promotes`; hyphens stand for underscores."""
    return tuple(name.strip().replace("-", "_") for name in text.split(","))


def number(least: int, most: int = 10**9 - 1) -> Callable[[str], int]:
    """A parser of whole numbers: plain digits only, where `int` takes `1_000` and every script."""

    def parse(text: str) -> int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise typer.BadParameter(f"`{text}` is not a whole number")
        if len(digits) > 9 or not least <= int(text) <= most:
            unbounded = most >= 10**9 - 1 and len(digits) <= 9
            limits = f"{least} or more" if unbounded else f"{least} to {most}"
            raise typer.BadParameter(f"`{text}` is out of range: {limits}")
        return int(text)

    return parse


def format_option(
    kind: str, *names: str, default: str = "", panel: str | None = None
) -> Declaration:
    """The option that chooses among the formats of a kind of records."""
    known = tuple(formats_of(kind))

    def parse(value: str) -> str:
        name = value.lower()
        if name not in known:
            from tdr.cli.usage import unknown_format  # only for mistakes

            raise typer.BadParameter(unknown_format(value, known))
        return name

    help = f"{', '.join(known)}." + (f" Default: {default}." if default else "")
    offered = complete.words(*known)
    return option("FORMAT", help, *names, complete=offered, parser=parse, panel=panel)


@cache
def output(kind: str) -> Group:
    """The options of a command whose records are of this kind."""
    default = "table on a terminal, else tsv"
    chosen = format_option(kind, "--output", "--format", "-o", default=default, panel=_OUTPUT)
    options = {"output_format": (str | None, chosen, None), **_OUTPUT_OPTIONS}
    if kind == "claims":
        options |= _OPTIONS_OF_CLAIMS
    if "bibtex" in formats_of(kind):
        options["ascii"] = _ASCII
    return Group("output", options, partial(_make_output, kind), in_session=True)


def _text(metavar: str, help: str, complete: Completer | None = None) -> tuple[Any, Any, None]:
    return str | None, option(metavar, help, complete=complete, panel=_OUTPUT), None


def _switch(name: str, help: str, *names: str) -> tuple[Any, Any, bool]:
    return bool, flag(name, help, *names, panel=_OUTPUT), False


_COLUMNS = "Which fields, in this order."
_AT_MOST = option("N", "At most N records.", "--limit", "-n", parser=number(0), panel=_OUTPUT)
_OUTPUT_OPTIONS: Mapping[str, tuple[Any, Any, Any]] = {
    "columns": _text("A,B,C", _COLUMNS),
    "sort": _text("FIELD", "Order by a field, a score from the best; -FIELD: from the largest."),
    "limit": (int | None, _AT_MOST, None),
    "count": _switch("--count", "Print only how many."),
    "no_header": _switch("--no-header", "Leave out the header line."),
    "csv_raw": _switch(
        "--csv-raw", "Do not guard cells of csv and tsv against spreadsheet formulas."
    ),
    "csv_bom": _switch("--csv-bom", "Begin csv with the mark by which Excel knows UTF-8."),
    "exit_status": _switch("--exit-status", "Exit 1 when nothing matched.", "-e"),
}
_OPTIONS_OF_CLAIMS: Mapping[str, tuple[Any, Any, Any]] = {
    "columns": _text("A,B,C", _COLUMNS, complete.columns),
    "long": _text(
        "FIELD,...", "One record for each claim and item: cell (with its side), molecule, agent ..."
    ),
    "split": _text("FIELD", "With -o xlsx, a sheet for each cell, therapy, cancer ..."),
}
_ASCII = _switch("--ascii", "Write BibTeX in ASCII, for pdfLaTeX: Greek letters as commands.")
