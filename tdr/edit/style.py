"""The canonical layout: how a value is written in an evidence file. Values in, text out.

- fields in the order of the model, two spaces of indentation per level;
- lists in brackets on one line of at most 96 columns, else filled inside the brackets;
- a list of mappings with a line for each, or a line for each of its fields where it has prose;
- `mechanism`, `note` and `says` as folded text (`>-`) in lines of at most 92 columns;
- everything else on one line, quoted only where some YAML parser, 1.1 or 1.2, would take
  it for something else than text. Volume, issue, pages and PMID look like numbers and are
  always quoted.

Layout never changes a value: reading what is written here gives what was put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tdr.model.field import names
from tdr.model.fields import (
    FIELDS,
    FIELDS_OF_REFERENCE,
    FIELDS_OF_THERAPY,
    PROSE,
    REFERENCE_FIELDS,
    TERM_FIELD_NAMES,
)
from tdr.model.text import escaped, visible
from tdr.read.positions import Ambiguous

LIST_WIDTH = 96
TEXT_WIDTH = 92

_QUOTED = frozenset(field.name for field in FIELDS_OF_REFERENCE if field.type == "numeral")


@dataclass(frozen=True, slots=True)
class RecordFormat:
    """What the records of one kind of file look like: order of fields, lines between records."""

    fields: tuple[str, ...]
    blank_lines: int | None = None  # None: as they are


CLAIM = RecordFormat(names(FIELDS), blank_lines=1)
REFERENCE = RecordFormat(REFERENCE_FIELDS)
TERM = RecordFormat(TERM_FIELD_NAMES)
THERAPY = RecordFormat(names(FIELDS_OF_THERAPY))


def ordered(record_format: RecordFormat, names: Iterable[object]) -> list[object]:
    """The names of a record's fields in canonical order; unknown ones last, as they came."""
    place = {name: position for position, name in enumerate(record_format.fields)}
    return sorted(names, key=lambda name: place.get(str(name), len(place)))


# --- scalars -------------------------------------------------------------------------------

# Starts, ends or holds something that is syntax inside brackets.
_SYNTAX = re.compile(r"^[-?:](?:\s|$)|^[,\[\]{}#&*!|>'\"%@`]|[,\[\]{}]|:(?:\s|$)|\s#|^\s|\s$|^$")
# Anything but text to a parser of YAML 1.1 or 1.2: null, booleans, merge, numbers in any base
# (base 60 too), dates and times.
_NOT_TEXT = re.compile(
    r"""~|null|true|false|yes|no|on|off|y|n|=|<<
    | [-+]?(?: [0-9_]+ | 0b[01_]+ | 0o[0-7_]+ | 0x[0-9a-f_]+
        | [0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?
        | \.[0-9_]+(?:e[-+]?[0-9]+)?
        | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
        | \.(?:inf|nan) )
    | [0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:(?:t|\s+)[0-9].*)?
    | ---.* | \.\.\..*""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_SPACES = "\xa0\u2002\u2003\u2009\u202f\u3000"


def is_clean(text: str) -> bool:
    """Whether the text can stand in a file as it is: nothing in it hides, moves or breaks."""
    if text.isprintable():
        return True
    return all(char.isprintable() or char in _SPACES for char in text) and visible(text) == text


def _quoted(text: str) -> str:
    r"""In double quotes, every character that is not clean written as an escape (`\u202e`)."""
    written = (_ESCAPES.get(char) or (char if is_clean(char) else escaped(char)) for char in text)
    return '"' + "".join(written) + '"'


def scalar(value: object, *, inside: bool = False) -> str:
    """One value on one line. `inside`: between brackets, where `:` and `?` need quotes.

    An `Ambiguous` value is written as it was, unquoted: layout does not decide what it means.
    """
    if value is None:
        return "null"
    if isinstance(value, Ambiguous):
        return value.text
    if not isinstance(value, str):
        return _number(value)
    plain = (
        is_clean(value)
        and not _SYNTAX.search(value)
        and not _NOT_TEXT.fullmatch(value)
        and not (inside and (":" in value or "?" in value))  # libyaml takes no `?` there
    )
    if plain:
        return value
    if ('"' in value or "\\" in value) and "'" not in value and is_clean(value):
        return f"'{value}'"
    return _quoted(value)


def _number(value: object) -> str:
    """A number, also one that YAML 1.1 takes for text without a point, or a boolean."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, float) and "." not in text:
        return re.sub("(?=inf|nan)", ".", text.replace("e", ".0e"))
    return text


def inline(value: object) -> str:
    """Any value on one line: `[a, b]`, `{section: radio, paragraph: 2}`, a scalar."""
    if isinstance(value, Mapping):
        pairs = (f"{inline(k)}: {inline(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(value, inside=True)


# --- fields --------------------------------------------------------------------------------


def fill_lines(pieces: Iterable[str], width: int) -> list[str]:
    """Lines of at most `width` characters with as many pieces as fit, none of them broken."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += " " + piece
        else:
            lines.append(piece)
    return lines


def folded(text: str, indent: int) -> list[str] | None:
    """The text as a folded block scalar, `>-` first; None if it cannot be written so.

    Lines are broken at single spaces only. One line break at the end makes it `>`.
    """
    body, header = (text[:-1], ">") if text.endswith("\n") else (text, ">-")
    paragraphs = re.split("(\n+)", body)
    if not all(
        part and part[0] not in " \t" and part[-1] not in " \t" and is_clean(part)
        for part in paragraphs[::2]
    ):
        return None
    margin = " " * indent
    lines = [header]
    for number, part in enumerate(paragraphs):
        if number % 2:
            lines += [""] * len(part)
        else:
            words = re.split("(?<! ) (?! )", part)
            lines += [margin + line for line in fill_lines(words, TEXT_WIDTH - indent)]
    return lines


def field(name: object, value: object, indent: int) -> list[str]:
    """The lines of one field."""
    key = " " * indent + scalar(name)
    if isinstance(value, str):
        lines = folded(value, indent + 2) if name in PROSE and value else None
        if lines is not None:
            return [f"{key}: {lines[0]}", *lines[1:]]
        return [f"{key}: {_quoted(value) if name in _QUOTED else scalar(value)}"]
    one = f"{key}: {inline(value)}"
    if value and (len(one) > LIST_WIDTH or _holds_mappings(value)):
        if isinstance(value, list | tuple):
            if _holds_mappings(value):
                return _block_list(key, value, indent)
            return _filled_list(key, value, indent)
        if isinstance(value, Mapping):
            return _block_mapping(key, value, indent)
    return [one]


def _holds_mappings(value: object) -> bool:
    return isinstance(value, list | tuple) and isinstance(value[0], Mapping)


def _block_list(key: str, value: Sequence[object], indent: int) -> list[str]:
    """One item after the other, in braces on one line if it has room and holds no prose."""
    lines = [f"{key}:"]
    margin = " " * (indent + 2)
    for item in value:
        one = inline(item)
        fields = item if isinstance(item, Mapping) else {}
        if not fields or (
            indent + 4 + len(one) <= LIST_WIDTH and not any(fields.get(name) for name in PROSE)
        ):
            lines.append(f"{margin}- {one}")
            continue
        inner = [line for name, part in fields.items() for line in field(name, part, indent + 4)]
        lines += [f"{margin}- {inner[0].lstrip(' ')}", *inner[1:]]
    return lines


def _filled_list(key: str, value: Sequence[object], indent: int) -> list[str]:
    pieces = [inline(item) + "," for item in value]
    pieces[-1] = pieces[-1][:-1]
    margin = " " * (indent + 2)
    lines = [margin + line for line in fill_lines(pieces, LIST_WIDTH - indent - 2)]
    return [f"{key}: [", *lines, " " * indent + "]"]


def _block_mapping(key: str, value: Mapping[object, object], indent: int) -> list[str]:
    """One line for each entry; a text that is too long for one is folded."""
    lines = [f"{key}:"]
    for name, inner in value.items():
        written = field(name, inner, indent + 2)
        if isinstance(inner, str) and len(written[0]) > LIST_WIDTH:
            text = folded(inner, indent + 4)
            if text is not None:
                written = [f"{' ' * (indent + 2)}{scalar(name)}: {text[0]}", *text[1:]]
        lines += written
    return lines


def format_claim(claim: Mapping[str, object], dash: int = 2) -> str:
    """A claim as an item of the list `claims`; it is what a file or `Claim.to_dict` gives."""
    return format_item(CLAIM, claim, dash)


def format_item(record_format: RecordFormat, record: Mapping[str, object], dash: int) -> str:
    """A record as an item of a list, its `-` in column `dash` (0-based); no final break.

    A field that is absent stays absent.
    """
    lines = _fields(record_format, record, dash + 2)
    lines[0] = " " * dash + "- " + lines[0].lstrip(" ")
    return "\n".join(lines)


def format_reference(number: int, fields: Mapping[str, object]) -> str:
    """An entry of the mapping `references`; no final break."""
    return "\n".join([f"  {number}:", *_fields(REFERENCE, fields, 4)])


def _fields(record_format: RecordFormat, record: Mapping[str, object], indent: int) -> list[str]:
    names = ordered(record_format, record)
    return [line for name in names for line in field(name, record[str(name)], indent)]
