"""Rules about the letters and spaces that names and texts consist of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tdr.check.context import Context, Text
from tdr.check.finding import finding
from tdr.model.errors import Location, Problem
from tdr.model.letters import garbled_parts, look_alikes
from tdr.model.text import excerpt
from tdr.read.characters import code_of

_WIDE_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_STRAY_SPACE = re.compile(rf"^\s|\s$|[ {_WIDE_SPACES}]{{2}}|[{_WIDE_SPACES}\t]")

_PROSE = "|".join(("mechanism", "note", "says", "title", "definition"))
_CUT_TEXT = re.compile(rf"""[ -]*(?:{_PROSE}): +[^\s'"|>&*!#{{\[].*? (?P<rest>#[^\s#].*)""")


def look_alike(text: str) -> str:
    """A message about the first letter that looks like another; empty if there is none."""
    for char, intended, word in look_alikes(text):
        name = unicodedata.name(char, "").lower()
        return f"`{char}` in `{word}` is U+{ord(char):04X}, {name}: write `{intended}`"
    return ""


def odd_separator(text: str) -> str:
    """A message about the first hyphen or space of another kind; empty if there is none."""
    inner = range(len(text) - len(text.lstrip()), len(text.rstrip()))
    for position, char in enumerate(text):
        intended = {"Pd": "-", "Zs": " "}.get(unicodedata.category(char), char)
        if char != intended:
            todo = f"write `{intended}`" if position in inner else "leave it out"
            return f"it has {code_of(char)}: {todo}"
    return ""


def homoglyph(context: Context) -> Iterator[Problem]:
    """Letter that looks like another one, or is typed in its place.

    A Cyrillic `с` in `сell` cannot be seen, and other programs do not find the name.
    The same goes for Greek capitals in Latin words, ligatures copied out of a PDF, and
    `ß`, `ɑ` or `∆` for the Greek letters. Greek letters that look Greek (TGF-β, IFNγ) are our
    subject's notation; words of another script are no fault.

    Wrong:
        label: NF-κΒ           # Greek capital beta
    Right:
        label: NF-κB
    """
    for text in context.texts(look_alike):
        if text.location not in context.unknown_labels:
            yield finding(look_alike(text.value), text.location, text.subject)


def garbled(context: Context) -> Iterator[Problem]:
    """Text that a wrong encoding has garbled.

    A program took UTF-8 for another encoding (TGF-Î²), could not read a letter
    (U+FFFD), or left the codes of a font (private-use characters) or of a web page
    (`&beta;`). The letters that were meant are lost to every filter.

    Wrong:
        mechanism: TGF-Î² from fibroblasts keeps T cells out.
    Right:
        mechanism: TGF-β from fibroblasts keeps T cells out.
    """
    for text in context.texts(_garbled):
        if text.field != "doi" and text.location not in context.unknown_labels:  # reported by [doi]
            yield finding(f"{_garbled(text.value)} in `{text.field}`", text.location, text.subject)


def _garbled(text: str) -> str:
    """A message about the first garbled part; empty if there is none."""
    for found, meant in garbled_parts(text):
        if meant:
            return f"`{found}` stands for `{meant}`: write that"
        return f"U+{ord(found):04X}, which is not a letter: write what was meant"
    return ""


def invisible(context: Context) -> Iterator[Problem]:
    """Character that cannot be seen.

    A zero-width space or a soft hyphen makes two names that look the same and are
    not. In running text it is a warning, in the vocabulary an error.

    Wrong:
        label: IL<U+200B>6
    Right:
        label: IL6
    """
    names = {context.layout.label(path) for path in context.layout.terms}
    for problem in context.found("invisible"):
        place = problem.location
        if place in context.unknown_labels:
            continue
        yield problem._replace(severity="error") if place and place.file in names else problem


def spaces(context: Context) -> Iterator[Problem]:
    """Stray space: at the start or end of a text or a line, doubled, or of another width.

    Names that differ by a space are two names; `tdr check --fix` removes them. A line break at
    the end counts, too: `>` and `|` keep it, `>-` and `|-` leave it out.

    Wrong:
        synonyms: ['TGF-β ', 'TGF  beta']
    Right:
        synonyms: [TGF-β, TGF beta]
    """
    for document in context.support.documents.values():
        if document.errors:
            continue
        for number, line in enumerate(context.lines(document.name), 1):
            if line[-1:] in " \t" and line:
                place = Location(document.name, number, len(line.rstrip(" \t")) + 1)
                yield finding("space at the end of the line", place, context.claim_at(place))
    for text in context.texts(_STRAY_SPACE.search):
        stray = _STRAY_SPACE.search(text.value)
        if stray is None or text.location in context.unknown_labels:
            continue
        if stray.group() != "  " or _is_in_file(context, text):
            yield finding(
                f"{_space_fault(stray, text.value)} in `{text.field}`", text.location, text.subject
            )


def cut_text(context: Context) -> Iterator[Problem]:
    """Unquoted text that a `#` cuts short.

    After a space, `#` begins a comment: what follows it is no part of the text, and nobody reads
    it. Quotes keep it; a real comment has a space behind its `#`.

    Wrong:
        note: Fibroblasts, see #3 and the remark there.
    Right:
        note: 'Fibroblasts, see #3 and the remark there.'
    """
    for document in context.support.documents.values():
        for number, line in enumerate(context.lines(document.name), 1):
            if found := _CUT_TEXT.match(line):
                place = Location(document.name, number, found.start("rest") + 1)
                text = f"`{excerpt(found['rest'])}` is a comment here, not text: quote the whole"
                yield finding(text, place, context.claim_at(place))


def _space_fault(stray: re.Match[str], value: str) -> str:
    if not value.strip():
        return "nothing but space"
    if value != value.strip("\n"):
        return "line break at the start or end (of a block text, `>-` leaves it out)"
    if value != value.strip():
        odd = odd_separator(stray.group())
        return "space at the start or end" + (f" ({odd})" if odd else "")
    char = stray.group()[:1]
    return "double space" if stray.group() == "  " else f"space of another kind, {code_of(char)}"


def _is_in_file(context: Context, text: Text) -> bool:
    """Whether a double space stands in the file.

    Otherwise it comes from a space at the end of a line, which is reported there.
    """
    place = text.location
    lines = context.lines(place.file)
    if not lines:
        return True  # JSON, where a text is on one line
    first = (place.line or 1) - 1
    doubled = re.findall(r"\S+ {2,}\S+", text.value)
    last = first + len(text.value) // 10 + 2
    return any(part in line for line in lines[first:last] for part in doubled)
