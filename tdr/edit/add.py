"""Adds a claim, a skeleton of one, a term or a reference to a file.

The entry is built here and spliced into the text; `tdr.check` says whether it is sound before
anything is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tdr.edit import style
from tdr.edit.document import Edit, YamlFile
from tdr.model.errors import (
    Location,
    Problem,
    did_you_mean,
    file_error,
    near,
    raise_errors,
    usage_error,
)
from tdr.model.field import LISTS, Field
from tdr.model.fields import FIELDS, TERM_FIELDS
from tdr.model.place import Place
from tdr.model.steps import RELATIONS, RESISTANCE, TUMOR_CELL
from tdr.read.nodes import YamlNode
from tdr.read.record import KINDS_OF_ENDS, Support


@dataclass(frozen=True, slots=True)
class NewClaim:
    """The values of a new claim, by field; terms in any of their forms.

    A value that is not known is absent, empty or None. `section` and `paragraph` are its place.
    """

    values: Mapping[str, Any]
    section: str | None = None
    paragraph: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it has no value: then a skeleton is wanted."""
        nothing: tuple[object, ...] = (None, ())
        return all(
            value in nothing for value in (*self.values.values(), self.section, self.paragraph)
        )


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


_LAST_NUMBER = 999_999_999


def next_id(prefix: str, texts: Iterable[bytes]) -> str:
    """The id after the highest one with this prefix that is mentioned anywhere in these texts.

    Comments and notes count, and so does the comment with the last id (see `add_claim`), for an
    id is never used twice.
    """
    pattern = re.compile(rf"\b{prefix}-([0-9]{{1,9}})\b".encode())
    highest = max((int(n) for text in texts for n in pattern.findall(text)), default=0)
    if highest >= _LAST_NUMBER:
        text = f"{prefix}-{highest} is the last id that there can be; name another source"
        raise usage_error(text)
    return f"{prefix}-{highest + 1:03}"


# --- fields --------------------------------------------------------------------------------


def complete_claim(
    support: Support, therapy: str, identifier: str, new: NewClaim
) -> dict[str, object]:
    """The fields of a new claim, in canonical order, terms as preferred labels.

    Raises TdrError with everything that is missing, unknown or cannot stand in a file.
    """
    values: dict[str, Any] = {**new.values, "id": identifier}
    problems = [
        Problem(f"a new claim needs {_option(field)}", "usage")
        for field in FIELDS
        if field.required and field.option and field.type not in LISTS - {"refs"}
        if not values.get(field.name)
    ]
    for name in TERM_FIELDS:
        values[name] = _labels(support, name, new.values.get(name) or (), problems)
    values["steps"] = _steps(support, new, problems)
    if values.get("refs") and support.source.kind != "papers":
        place = _place(support, therapy, new, problems)
        if place is not None:
            values["at"] = place.to_dict()
    elif support.source.kind == "papers" and (new.section, new.paragraph) != (None, None):
        text = "a source of papers has no paragraphs; leave out --section and --paragraph"
        problems.append(Problem(text, "usage"))
    refuse_hidden(values, problems)
    refuse_hidden({name: new.values.get(name) for name in TERM_FIELDS}, problems)
    raise_errors(problems)
    claim: dict[str, object] = {}
    for field in FIELDS:
        value = values.get(field.name)
        if field.name == "at" and not value:
            continue
        if field.name == "id" or field.skeleton is not None or value:
            claim[field.name] = list(value or ()) if field.type in LISTS else value or None
    return claim


def _option(field: Field) -> str:
    """The option for a field, with its choices or metavariable."""
    assert field.option is not None
    name = field.option.names[0]
    values = field.choices or (field.option.metavar,)
    return " or ".join(f"{name} {value}" for value in values)


def _labels(
    support: Support, name: str, forms: Sequence[str], problems: list[Problem]
) -> list[str]:
    kind, vocabulary = TERM_FIELDS[name], support.vocabulary
    labels: dict[str, None] = {}
    for form in forms:
        term = vocabulary.resolve(kind, form)
        if term is not None:
            labels[term.label] = None
            continue
        problems.append(Problem(vocabulary.unknown(kind, form), "unknown-term"))
    return list(labels)


_RELATION = re.compile(rf" ({'|'.join(RELATIONS)}) ")
_IN_CELL = re.compile(r"(?P<step>.*) \(?in (?P<cell>.+?)\)?")


def _steps(support: Support, new: NewClaim, problems: list[Problem]) -> list[dict[str, str]]:
    """Mappings, as a file has them, of steps such as `TAM secretes IL-6` or `... (in TAM)`."""
    interventions = new.values.get("countered_by") or ()

    def label(form: str) -> str | None:
        if form in (RESISTANCE, TUMOR_CELL, *interventions):
            return form
        terms = (support.vocabulary.resolve(kind, form) for kind in KINDS_OF_ENDS)
        return next((term.label for term in terms if term is not None), None)

    def without_cell(text: str) -> dict[str, str] | None:
        for match in _RELATION.finditer(text):
            source, target = (
                label(text[: match.start()].strip()),
                label(text[match.end() :].strip()),
            )
            if source and target:
                return {"from": source, "does": match[1], "to": target}
        return None

    def parse(text: str) -> dict[str, str] | None:
        step, in_cell = without_cell(text), _IN_CELL.fullmatch(text)
        if step is None and in_cell and (cell := label(in_cell["cell"].strip())):
            step = without_cell(in_cell["step"])
            return step and {**step, "in": cell}
        return step

    steps = []
    for text in new.values.get("steps") or ():
        step = parse(text)
        if step is not None:
            steps.append(step)
            continue
        corrected = next((other for other in _with_relations(text) if parse(other)), "")
        hint = (
            did_you_mean([corrected] if corrected else [])
            or _unknown_end(text, label)
            or (
                f"; write two terms and between them one of {', '.join(RELATIONS)}: "
                "'TAM secretes IL-6', 'IL-6 increases resistance'"
            )
        )
        problems.append(Problem(f"`{text[:80]}` is not a step{hint}", "step-end"))
    return steps


def _with_relations(text: str) -> Iterator[str]:
    """The text with a word replaced by a relation that is like it: `NETs increase resistance`."""
    words = text.split()
    for place, word in enumerate(words):
        for relation in near(word, RELATIONS, alike=0.7):
            yield " ".join((*words[:place], relation, *words[place + 1 :]))


def _unknown_end(text: str, label: Callable[[str], str | None]) -> str:
    """A message on the ends of a step that name no term; empty if both do, or there are none."""
    match = _RELATION.search(text)
    ends = (text[: match.start()].strip(), text[match.end() :].strip()) if match else ()
    unknown = [f"`{form[:80]}`" for form in ends if not label(form)]
    return f"; no term is called {' or '.join(unknown)}" if unknown else ""


def _place(support: Support, therapy: str, new: NewClaim, problems: list[Problem]) -> Place | None:
    """The place of a claim: as entered, or the one paragraph that cites its references."""
    if new.section is not None and new.paragraph is not None:
        return Place(new.section, new.paragraph)
    refs = new.values["refs"]
    fitting = [
        paragraph.place
        for paragraph in support.source.paragraphs
        if set(refs) <= set(paragraph.cited)
        and new.section in (None, paragraph.place.section)
        and new.paragraph in (None, paragraph.place.paragraph)
    ]
    # Of several, the one in the section of this therapy is meant.
    own = [place for place in fitting if place.section.split("/")[0] == therapy]
    if len(own or fitting) == 1:
        return (own or fitting)[0]
    numbers = ", ".join(map(str, refs))
    options = " or ".join(f"--section {p.section} --paragraph {p.paragraph}" for p in fitting)
    text = (
        f"reference {numbers} is cited in several places; give {options}"
        if fitting
        else f"no such paragraph of the source cites {numbers}; give --section and --paragraph"
    )
    problems.append(Problem(text, "place"))
    return None


def refuse_hidden(values: Mapping[str, object], problems: list[Problem]) -> None:
    """Add a problem for each text with a line break or a hidden character."""
    for name, value in values.items():
        texts = value if isinstance(value, list | tuple) else [value]
        for text in texts:
            if isinstance(text, str) and not style.is_clean(text):
                message = f"`{name}` holds a line break or hidden character: {text[:80]}"
                problems.append(Problem(message, "control-char"))


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
