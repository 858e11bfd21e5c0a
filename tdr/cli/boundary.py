"""The boundary of the program: only here are streams written, errors caught, exit codes chosen.

Whatever is shown on a terminal or in a log goes through `visible`.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from itertools import chain
from typing import BinaryIO

import typer

from tdr.model.errors import BUG, DONE, FAILED, INTERRUPTED, Problem, TdrError, usage_error
from tdr.model.text import visible
from tdr.render import Terminal

_LONG_QUOTE = r"(?<!\w)([`'][^`']{80})[^`']*([`'])"
_BLOCK_SIZE = 1 << 16
_MAX_WIDTH = 10_000


class Streams:
    """The standard streams of one run; `closed` are descriptors that were closed at its start."""

    def __init__(self, closed: frozenset[int] = frozenset()) -> None:
        self.closed = closed
        self.color = "auto"
        self.quiet = False
        self.pages = True
        self._stdin_used = False
        # Read at the start: `_run` replaces stdout by a buffer, which has no encoding.
        self.encoding: str = getattr(sys.stdout, "encoding", None) or "utf-8"

    def is_terminal(self, descriptor: int) -> bool:
        return descriptor not in self.closed and os.isatty(descriptor)

    def colored(self) -> bool:
        """By `--color`, else NO_COLOR, TERM=dumb or FORCE_COLOR, else on a terminal."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return self.is_terminal(1)

    def width(self, descriptor: int = 1) -> int:
        """Columns to draw in: COLUMNS if it is a sensible number, else the terminal's, else 80."""
        wanted = os.environ.get("COLUMNS", "")
        if wanted.isascii() and wanted.isdigit() and 0 < int(wanted[:6]) <= _MAX_WIDTH:
            return int(wanted)
        return _size(descriptor).columns or 80

    def terminal(self) -> Terminal:
        return Terminal(width=self.width(), color=self.colored(), ascii=not self._is_unicode())

    def _is_unicode(self) -> bool:
        return self.encoding.lower().replace("-", "").startswith("utf8")

    def stdin(self) -> BinaryIO:
        """Standard input as bytes. Raises TdrError if it is closed or was asked for before."""
        if self._stdin_used:
            raise usage_error("stdin can be read once: `-` or `@-` in one place, not in two")
        self._stdin_used = True
        if not sys.stdin or 0 in self.closed:
            raise usage_error("stdin is closed: there is nothing to read")
        return sys.stdin.buffer

    def write_lines(self, chunks: Iterable[str], *, wrap: bool, hang: int = 4) -> None:
        """Write lines to stdout; on a terminal, with `wrap`, they are wrapped at words."""
        if wrap and self.is_terminal(1):
            from tdr.render.terminal.lines import wrapped  # drawn for people only

            self.write(wrapped(chunks, self.width(), hang), drawn=True)
        else:
            self.write(chunks)

    def write(self, chunks: Iterable[str], *, drawn: bool = False) -> None:
        """Write text to stdout, whole and checked, or raise TdrError.

        Data is always UTF-8; what is `drawn` for a person uses the terminal's encoding.
        """
        encoding = self.encoding if drawn and not self._is_unicode() else "utf-8"
        # Incremental: a byte order mark or a shift of the character set is written once.
        encode = codecs.getincrementalencoder(encoding)("backslashreplace").encode
        # Even an empty chunk may get a byte order mark.
        blocks = _blocks(encode(chunk) for chunk in chunks if chunk)
        if drawn and self.pages and self.is_terminal(1):
            self._page(blocks)
            return
        for block in blocks:
            self._send(block)

    def write_code(self, text: str) -> None:
        """Write code for another program; a terminal gets escape sequences as visible text."""
        if self.is_terminal(1):
            text = "\n".join(map(visible, text.split("\n")))
        self.write([text])

    def write_binary(self, data: bytes, kind: str) -> None:
        """Write data of a binary format to stdout, unless that is a terminal, or raise TdrError."""
        if self.is_terminal(1):
            raise usage_error(f"{kind} is not text; send it to a file with `> FILE`")
        self._send(data)

    def _page(self, blocks: Iterator[bytes]) -> None:
        """Write blocks of text, through a pager if they are longer than the terminal."""
        first = b""
        for block in blocks:
            first += block
            if first.count(b"\n") >= (_size(1).lines or 24):
                from tdr.cli.pager import page, pager_command  # only for long results

                command = pager_command()
                if command:
                    page(command, chain([first], blocks), self._send)
                    return
                break
        for block in chain([first] if first else [], blocks):
            self._send(block)

    def _send(self, data: bytes | bytearray) -> None:
        if 1 in self.closed:
            raise TdrError(f"write: {os.strerror(errno.EBADF)} (stdout is closed)")
        try:
            _write(1, data)
        except OSError as error:
            raise TdrError(f"write: {error.strerror}") from None

    def say(self, *texts: str) -> None:
        """Write each text as a line on stderr for a person, unless `--quiet`."""
        for text in () if self.quiet else texts:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Write one line on stderr, wrapped at words on a terminal; a closed stderr is no error."""
        if 2 in self.closed:
            return
        shown = visible(text)
        if self.is_terminal(2):
            from textwrap import fill  # a pipe needs none

            shown = fill(shown, self.width(2), break_long_words=False, break_on_hyphens=False)
        encoding = "utf-8" if self._is_unicode() else self.encoding
        with suppress(OSError):
            _write(2, (shown + "\n").encode(encoding, "backslashreplace"))

    def report(self, problems: Iterable[Problem]) -> None:
        """Write each problem as a line on stderr."""
        for problem in problems:
            text = str(problem)
            if problem.rule == "usage":
                # Users need no code for a mistyped command; long arguments are shortened.
                text = re.sub(_LONG_QUOTE, r"\1…\2", text.removesuffix(" [usage]"))
            self.warn(text)


def _size(descriptor: int) -> os.terminal_size:
    """Columns and lines of a terminal; 0 where they are not known."""
    try:
        return os.get_terminal_size(descriptor)
    except OSError:
        return os.terminal_size((0, 0))


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks joined to blocks that are worth a system call each."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        if len(waiting) >= _BLOCK_SIZE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def lines_of(data: bytes, name: str) -> list[str]:
    """The lines of a list, without empty ones and comments, which begin with `#`.

    It is UTF-8, or UTF-16 with a byte order mark, as PowerShell writes. Raises TdrError, with the
    list's `name`, if it is neither.
    """
    has_mark = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if has_mark else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise TdrError(f"{name} is neither UTF-8 nor UTF-16 with a byte order mark")
    lines = map(str.strip, text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _write(descriptor: int, data: bytes | bytearray) -> None:
    """Write everything; wait where a non-blocking pipe is full."""
    if sys.platform == "win32" and os.isatty(descriptor):
        # On Windows only Python's own stream writes Unicode to a console.
        stream = sys.__stdout__ if descriptor == 1 else sys.__stderr__
        if stream is not None:
            stream.buffer.write(data)
            stream.buffer.flush()
            return
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            from select import select  # rarely needed

            select([], [descriptor], [])


def main(argv: Sequence[str], *, closed: frozenset[int] = frozenset()) -> int:
    """Run one command line and return its exit code; nothing escapes from here."""
    streams = Streams(closed)
    try:
        return _run(argv, streams)
    except KeyboardInterrupt:
        streams.warn("Interrupted")
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("_TDR_COMPLETE", "").startswith("complete_"):
            return DONE  # a message would end up in the command line that is being completed
        return _report_error(error, streams, debug="--debug" in argv)


def _report_error(error: Exception, streams: Streams, *, debug: bool) -> int:
    """Write what went wrong to stderr; returns the exit code."""
    if isinstance(error, TdrError):
        streams.report(error.problems)
        return error.exit_code
    if isinstance(error, typer.Abort):
        streams.warn("Interrupted")
        return INTERRUPTED
    if isinstance(error, OSError | MemoryError):  # raised by the system, wherever that was
        file = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
        if isinstance(error, FileNotFoundError) and not file and _current_directory_is_gone():
            file = ": the current directory is gone"
        reason = getattr(error, "strerror", None) or "out of memory"
        streams.warn(f"tdr: error: {reason}{file}")
        return FAILED
    if debug:
        import traceback  # 3 ms that only bugs need

        for line in "".join(traceback.format_exception(error)).splitlines():
            streams.warn(line)
        return BUG
    text = str(error).encode("ascii", "backslashreplace").decode()
    streams.warn(f"tdr: internal error: {type(error).__name__}: {text[:200]} (rerun with --debug)")
    return BUG


def _current_directory_is_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _run(argv: Sequence[str], streams: Streams) -> int:
    from typer.exceptions import TyperException

    from tdr.cli import build  # here, so that errors in loading are caught

    if os.environ.get("_TDR_COMPLETE"):
        from tdr.cli import shells  # only while somebody completes

        shells.register()
    # What the framework prints, help and completion scripts, is written as everything else is.
    printed = StringIO()
    try:
        with redirect_stdout(printed):
            result = build().main(
                args=list(argv), prog_name="tdr", standalone_mode=False, obj=streams
            )
    except TyperException as error:
        from tdr.cli.usage import usage_message  # only for mistakes

        raise usage_error(usage_message(error)) from None
    except SystemExit as ended:  # by shell completion
        result = ended.code
        if result and not os.environ.get("_TDR_COMPLETE", "").startswith("complete_"):
            result = FAILED  # an unknown shell, which the framework has reported
    streams.write([printed.getvalue()], drawn=True)
    return result if isinstance(result, int) else DONE
