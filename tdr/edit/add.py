"""Adds a claim, a skeleton of one, a term or a reference to a file.

The entry is spliced into the text; `tdr.check` says whether it is sound before anything is
written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tdr.edit import style
from tdr.edit.claim import refuse_hidden
from tdr.edit.document import Edit, YamlFile
from tdr.model.errors import Location, Problem, file_error, raise_errors
from tdr.model.fields import FIELDS
from tdr.read.nodes import YamlNode


@dataclass(frozen=True, slots=True)
class FileAddition:
    """A file before and after an addition; the location, and id if any, of what was added."""

    before: YamlFile
    after: YamlFile
    location: Location
    identifier: str = ""


NO_TERMS = b"terms:\n"
"""A file of terms without a term."""


def empty_file(therapy: str) -> bytes:
    """A file of claims without a claim."""
    return f"therapy: {therapy}\nclaims:\n".encode()


# --- claims --------------------------------------------------------------------------------


def add_claim(file: YamlFile, claim: Mapping[str, object]) -> FileAddition:
    """The file with the claim at the end of its list, before comments that follow the list.

    A comment after `therapy` keeps its id as the last one, so that the id is not used again if
    the claim is deleted.
    Raises TdrError if that would change anything else, or the claim would not read the same.
    """
    point = InsertionPoint.find(file)
    text = style.format_claim(claim, point.dash)
    added = point.insert(text, str(claim["id"]), after_skeletons=False)
    claims = _claims(added.after)
    last = claims[-1] if claims else None
    # Compared as text: `true` has no value before the file is read as claims.
    reads_same = isinstance(last, Mapping) and style.format_claim(last, point.dash) == text
    if not reads_same or claims[:-1] != _claims(file):
        text = "the claim would not read as it was given; nothing was written"
        raise file_error(file.name, text)
    if _rest(added.after) != _rest(file) or _other_comments(added.after) != _other_comments(file):
        raise file_error(file.name, "something else would change; nothing was written")
    return added


def add_skeleton(file: YamlFile, identifier: str, *, has_place: bool = True) -> FileAddition:
    """The file with a claim to fill in, commented out so that the file stays sound.

    Claims of papers have no place (`at`).
    """
    point = InsertionPoint.find(file)
    margin = " " * point.dash + "# "
    fields = (f for f in FIELDS if f.skeleton is not None and (has_place or f.name != "at"))
    lines = [f"{margin}- id: {identifier}"]
    lines += [f"{margin}  {field.name}:{field.skeleton}" for field in fields]
    added = point.insert("\n".join(lines), identifier, after_skeletons=True)
    if _rest(added.after) != _rest(file) or _claims(added.after) != _claims(file):
        text = "the skeleton would become part of a text; nothing was written"
        raise file_error(file.name, text)
    return added


def _claims(file: YamlFile) -> list[object]:
    claims = file.mapping.get("claims")
    return list(claims) if isinstance(claims, list) else []


_LAST_ID = re.compile(r"\s*# last id: \S+")


def _other_comments(file: YamlFile) -> Counter[str]:
    """The texts of all comments without that of the last id."""
    texts: Counter[str] = Counter()
    for text, count in file.comment_texts().items():
        texts[_LAST_ID.sub("", text)] += count
    del texts[""]
    return texts


def _note_id(file: YamlFile, identifier: str) -> list[Edit]:
    """The edit that writes this id into the comment of the last id."""
    for start, end in file.comments():
        if match := _LAST_ID.search(file.text, start, end):
            at = match.end() - len(match[0].split()[-1])
            return [Edit(at, match.end(), identifier)]
    entry = file.entry("therapy")
    if entry is None:
        return []
    end = file.line_end(entry[1].end)
    return [Edit(end, end, f"  # last id: {identifier}")]


def _rest(file: YamlFile) -> Mapping[object, object]:
    return {**file.mapping, "claims": None}


@dataclass(frozen=True, slots=True)
class InsertionPoint:
    """The place of the next item of a list: after the last one, or in the empty list."""

    file: YamlFile
    dash: int  # column of the dashes
    end: int  # of the text before the item
    first: bool
    empty: YamlNode | None = None  # the `[]` that it replaces

    @classmethod
    def find(cls, file: YamlFile, name: str = "claims") -> InsertionPoint:
        """The end of the list under the name; TdrError where there is none to add to."""
        entry = file.entry(name)
        if entry is None:
            raise file_error(file.name, f"there is no list `{name}` to add to")
        key, node = entry
        if node.kind == "scalar" and file.mapping[name] is None:
            return cls(file, 2, file.line_end(max(key.end, node.end)), True)
        if node.kind != "list" or node.anchored or (node.style and node.items):
            raise file_error(file.name, f"`{name}` is not a plain list with one `-` for each item")
        if not node.items:
            return cls(file, 2, file.line_end(node.end), True, node)
        dash = file.column(node.start)
        return cls(file, dash, _end_of_claim(file, node.items[-1], dash), False)

    def insert(
        self,
        text: str,
        identifier: str = "",
        *,
        after_skeletons: bool = False,
        between: str = "\n\n",
    ) -> FileAddition:
        """The file with these lines; `after_skeletons` puts them after skeletons that are there.

        `between` comes before an item that is not the first. An identifier is noted as the last
        one.
        """
        file, end = self.file, self.end
        if after_skeletons:
            skeletons = _skeletons(self.dash).match(file.text, end)
            end = file.line_end(skeletons.end()) if skeletons else end
        gap = "\n" if self.first and end == self.end else between
        edits = [Edit(end, end, gap + text), *(_note_id(file, identifier) if identifier else ())]
        if self.empty is not None:
            start = len(file.text[: self.empty.start].rstrip(" "))
            edits.append(Edit(start, self.empty.end, ""))
        line = file.text.count("\n", 0, end) + len(gap) + 1
        location = Location(file.name, line, self.dash + 1)
        return FileAddition(file, file.edited(edits), location, identifier)


def _skeletons(dash: int) -> re.Pattern[str]:
    """A pattern for skeletons (`add_skeleton`), filled in or not."""
    margin = f"\\n {{{dash}}}#"
    return re.compile(rf"(?:\s*{margin} - id: [^\n]*(?:{margin}(?:   [^\n]*|\r?(?=\n|$)))*)+")


def _end_of_claim(file: YamlFile, node: YamlNode, dash: int) -> int:
    """The end of a claim: of its values and the comments indented below them."""
    end = file.line_end(node.end)
    comment = re.compile(rf"(?:\s*\n {{{dash + 1},}}#[^\n]*)+")
    match = comment.match(file.text, end)
    return file.line_end(match.end()) if match else end


# --- entries of the other files ------------------------------------------------------------


def add_term(file: YamlFile, term: Mapping[str, object]) -> FileAddition:
    """The file with the term at the end of its list.

    Raises TdrError if that would change anything else, or the term would not read the same, and
    where a text holds a line break or what cannot be seen.
    """
    _require_clean(term)
    point = InsertionPoint.find(file, "terms")
    added = point.insert(style.format_item(style.TERM, term, point.dash), between="\n")
    _require(added, "terms", [*(file.mapping.get("terms") or ()), dict(term)])
    return added


def add_reference(file: YamlFile, number: int, fields: Mapping[str, object]) -> FileAddition:
    """The file with one more entry, after the last. Raises TdrError as `add_term` does."""
    _require_clean(fields)
    entry = file.entry("references")
    if entry is None:
        raise file_error(file.name, "there is no mapping `references` to add to")
    key, node = entry
    edits = []
    if not node.entries and node.style == "{":
        edits.append(Edit(key.end, node.end, ":"))
        end = node.end
    else:
        end = file.line_end(max(key.end, node.end))
    edits.append(Edit(end, end, "\n" + style.format_reference(number, fields)))
    at = Location(file.name, file.text.count("\n", 0, end) + 2, 3)
    added = FileAddition(file, file.edited(edits), at)
    known = file.mapping.get("references") or {}
    _require(added, "references", {**known, number: dict(fields)})
    return added


def _require_clean(fields: Mapping[str, object]) -> None:
    problems: list[Problem] = []
    refuse_hidden(fields, problems)
    raise_errors(problems)


def _require(added: FileAddition, name: str, wanted: object) -> None:
    """Raise TdrError unless the file now has this under its one key, and nothing else changed."""
    before, after = added.before, added.after
    if (
        after.value != {**before.mapping, name: wanted}
        or after.comment_texts() != before.comment_texts()
    ):
        text = "the entry would not read as it was given; nothing was written"
        raise file_error(before.name, text)
