"""Names of authors as medical journals print them: family name, initials, suffix.

`Ashby CR Jr`, `de Bem Prunes B`, `Wang H-f`, `van Mil LWHG`. What has no initials is the name of
a group, or no name at all, and stays whole. A group that could be read as a person stands in
braces: `{COMBI AD}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tdr.model.text import hyphened

_INITIALS = re.compile(r"[^\W\d_a-z]{1,4}(?:-[^\W\d_]{1,2})*")
_SHORT_NAME = re.compile(r"[^\W\d_a-z][a-z]")
"""Two letters after a family name, as in `Huang Hf`: initials or a short name, kept as printed."""

SUFFIXES = frozenset(("Jr", "Sr", "II", "III", "IV", "2nd", "3rd", "4th"))
_GROUP = re.compile(
    r"\b(?:and|for|of|the|group|consortium|network|team|investigators?|collaborat\w+|committee"
    r"|society|initiative|project|association|study|trial|developers|organi[sz]ation)\b",
    re.I,
)
_FORENAMES_FIRST = re.compile(r"(.*\b\w\.)[\s-]*([^\W\d_].{2,})")
_NAME_IN_FULL = re.compile(r"[^\W\d_a-z](?=.*[a-z])[^\W\d_]*(?:[-'’][^\W\d_]+)*")
_OTHERS = re.compile(r"(?:and )?(?:et al|others)\.?", re.I)
_OTHERS_WITHIN = re.compile(r"\bet al(?![\w-])", re.I)
_MARK = r"(?:\([0-9]{1,2}\)|[0-9]{1,2}|[*∗⁎†‡§¶‖#⁰¹²³⁴-⁹])"
_MARKS = re.compile(rf"(?<=[^\W\d_]|\.) ?{_MARK}(?:,? ?{_MARK})*(?= ?(?:[,;&]|and\b|et al\b|$))")
"""Marks of affiliation behind initials: `M1`, `M1,2`, `M*`, `M (1)`."""
_LETTERED = re.compile(r"(.+ [^\W\d_a-z]{1,4})([a-h])")
_BETWEEN = re.compile(r" ?; ?|,? (?:and|&) |,? (?=et al\.?$)")


@dataclass(frozen=True, slots=True)
class Author:
    """A person, or a group where nothing but `family` is given: then this is its whole name.

    `given` are initials with full stops (`C. R.`, `J. T.-T.`).
    """

    family: str
    given: str = ""
    suffix: str = ""


def author(name: str) -> Author:
    """The author of this name; a particle (`de`, `van der`) is part of the family name."""
    if _in_braces(name):
        return Author(printed(name))
    family, comma, given = name.partition(",")
    if given.strip().rstrip(".") in SUFFIXES:  # `Doe J, Jr`: the comma is not behind a family name
        comma = ""
    words = (given if comma else name).replace(",", " ").split()
    whole = Author(" ".join(name.split()))
    if _GROUP.search(name):
        return whole
    suffix = words.pop().rstrip(".") if _has_suffix(words) else ""
    if comma:
        return Author(" ".join(family.split()), " ".join(map(_dotted, words)), suffix)
    first = len(words) - 1
    if len(words) == 2 and _SHORT_NAME.fullmatch(words[1]):
        return Author(words[0], words[1], suffix)
    if first < 1 or not _are_initials(words[first]):
        return whole
    while first > 1 and len(words[first - 1].rstrip(".")) == 1:
        first -= 1
    return Author(" ".join(words[:first]), " ".join(map(_dotted, words[first:])), suffix)


def _in_braces(name: str) -> bool:
    name = name.strip()
    return len(name) > 2 and name.startswith("{") and name.endswith("}")


def printed(name: str) -> str:
    """The name as it is printed: that of a group without its braces."""
    return " ".join(name.strip()[1:-1].split()) if _in_braces(name) else name


def group(name: str) -> str:
    """The name of a group as lists hold it: in braces where it could be read as something else."""
    name = printed(name)
    unclear = author(name).given or several(name) or holds_others(name)
    return f"{{{name}}}" if unclear else name


def as_person(name: str) -> str:
    """`Public, John` for `John Public` or `John Q. Public`, which no list prints so.

    Empty where a name is clear: with a comma, with initials, with a word that groups have.
    """
    if "," in name or ";" in name or _in_braces(name) or _GROUP.search(name) or author(name).given:
        return ""
    if found := _FORENAMES_FIRST.fullmatch(name.strip()):
        return f"{found[2]}, {found[1]}"
    *forenames, last = name.split() or [""]
    in_full = all(map(_NAME_IN_FULL.fullmatch, (*forenames[:1], last)))
    is_one = 0 < len(forenames) < 4 and in_full and all(word[0].isupper() for word in forenames)
    return f"{last}, {' '.join(forenames)}" if is_one else ""


def several(item: str) -> tuple[str, ...]:
    """The names in an item that certainly holds several, `et al.` among them; else nothing.

    `Doe J, Roe R`, `Doe J; Roe R`, `Doe J and Roe R`, `Doe, J., Roe, R.` and `Doe J, et al.` do;
    in `Doe, J.`, `Doe J, Jr` and the name of a group every comma and `and` is part of the name.
    Marks of affiliation (`Doe J1, Roe R2`) are no part of a name.
    """
    *names, last = [name for piece in _pieces(item) for name in _at_commas(piece)] or [""]
    sure = names and all(map(_is_listed, names)) and (is_others(last) or _is_listed(last))
    return (*names, last) if sure and "{" not in item else ()


def unmarked(name: str) -> str:
    """One person's name without marks of affiliation: `Doe J` for `Doe J1`, `Doe J*`, `Doe J (1)`.

    Any other name stays as it is.
    """
    clean = _MARKS.sub("", name.strip())
    return clean if clean != name.strip() and _is_listed(clean) else name


def unlettered(names: Sequence[str]) -> Mapping[str, str]:
    """Name -> name without its letter of affiliation, where every name has one, from a on:
    `Keller Ma, Osei Kb`. One `Huang Hf` alone is a name."""
    found = [_LETTERED.fullmatch(name.strip()) for name in names if not is_others(name)]
    letters = {match[2] for match in found if match}
    if len(found) < 2 or not all(found) or letters != set("abcdefgh"[: len(letters)]):
        return {}
    return {match[0]: match[1] for match in found if match}


def is_unclear(item: str) -> bool:
    """Whether an item may hold several names and cannot be split with certainty."""
    if holds_others(item) and "{" not in item:
        return not several(item)
    parts = [part for piece in _pieces(item) for part in _parts(piece)]
    if len(parts) < 2 or "{" in item:
        return False
    first, last = _pieces(item)[0].partition(",")[0], parts[-1]
    may_be = (
        ";" in item
        or bool(author(first).given)
        or _FORENAMES_FIRST.fullmatch(first) is not None
        or (as_person(first) and as_person(last))
        or (len(parts) > 2 and not _GROUP.search(item))
    )
    return bool(may_be) and not several(item)


def _pieces(item: str) -> list[str]:
    return _BETWEEN.split(_MARKS.sub("", " ".join(item.split())))


def _at_commas(piece: str) -> list[str]:
    """The names between commas: each with its initials, or they are every second part."""
    parts = _parts(piece)
    if len(parts) > 1 and all(map(_is_listed, parts)):
        return parts
    families, initials = parts[::2], parts[1::2]
    short = (_are_initials(one.replace(" ", "")) for one in initials)
    if len(initials) > 1 and len(families) == len(initials) and all(short):
        return [f"{family}, {one}" for family, one in zip(families, initials, strict=True)]
    return [piece]


def _parts(piece: str) -> list[str]:
    """The parts between commas; `Jr` and the like belong to the one before."""
    parts: list[str] = []
    for part in filter(None, map(str.strip, piece.split(","))):
        if parts and part.rstrip(".") in SUFFIXES:
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts


def _is_listed(name: str) -> bool:
    """Whether this is surely one person's name as lists print it; all capitals may be a group."""
    parsed = author(name)
    is_one = name.count(",") < 2 and not author(parsed.family).given
    has_initials = bool(parsed.given) and parsed.given not in SUFFIXES
    return has_initials and is_one and any(map(str.islower, parsed.family))


def is_others(name: str) -> bool:
    """Whether this is no name but `et al.`, for authors that are not listed."""
    return _OTHERS.fullmatch(name.strip()) is not None


def holds_others(name: str) -> bool:
    """Whether an item has `et al.` next to a name; a group in braces has not."""
    return not _in_braces(name) and _OTHERS_WITHIN.search(name) is not None and not is_others(name)


def _are_initials(word: str) -> bool:
    return _INITIALS.fullmatch(hyphened(word).replace(".", "")) is not None


def _has_suffix(words: list[str]) -> bool:
    """Whether a name ends in Jr and the like: not without initials before it (`Li II`)."""
    return len(words) > 1 and words[-1].rstrip(".") in SUFFIXES and _are_initials(words[-2])


def _dotted(given: str) -> str:
    """`CR` -> `C. R.`, `JT-T` -> `J. T.-T.`, `H-f` -> `H.-f.`; a name in full stays as it is."""
    if not _are_initials(given):
        return given
    first, *joined = hyphened(given).replace(".", "").split("-")
    return ". ".join(first) + "." + "".join(f"-{part}." for part in joined)


def authors(names: Iterable[str]) -> tuple[tuple[Author, ...], bool]:
    """The authors of these names, and whether there are others (`et al.`)."""
    people = []
    others = False
    for name in names:
        if is_others(name):
            others = True
        elif name.strip():
            people.append(author(name))
    return tuple(people), others


def in_text(names: Sequence[str], year: object = None) -> str:
    """The short citation of a work, `Holthof et al. 2021`; what is not known is left out."""
    parts = [f"{author(names[0]).family}{' et al.' if len(names) > 1 else ''}"] if names else []
    return " ".join([*parts, *([str(year)] if year else [])])
