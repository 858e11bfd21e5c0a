"""A new claim: its id, its fields in canonical order, terms as preferred labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tdr.edit import style
from tdr.model.errors import Problem, did_you_mean, near, raise_errors, usage_error
from tdr.model.field import LISTS, Field
from tdr.model.fields import FIELDS, TERM_FIELDS
from tdr.model.place import Place
from tdr.model.steps import RELATIONS, RESISTANCE, TUMOR_CELL
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


_LAST_NUMBER = 999_999_999


def next_id(prefix: str, texts: Iterable[bytes]) -> str:
    """The id after the highest one with this prefix that is mentioned anywhere in these texts.

    Comments and notes count, and so does the comment with the last id (see `tdr.edit.add`), for an
    id is never used twice.
    """
    pattern = re.compile(rf"\b{prefix}-([0-9]{{1,9}})\b".encode())
    highest = max((int(n) for text in texts for n in pattern.findall(text)), default=0)
    if highest >= _LAST_NUMBER:
        text = f"{prefix}-{highest} is the last id that there can be; name another source"
        raise usage_error(text)
    return f"{prefix}-{highest + 1:03}"


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
