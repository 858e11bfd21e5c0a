"""Typed access to a mapping from a file, collecting what is wrong with it.

Every accessor returns a usable value even when the field is wrong, so that one
pass over a record reports all of its problems, each once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from tdr.model.dates import is_date
from tdr.model.errors import Location, Problem, did_you_mean, near
from tdr.model.field import MAX_REF, Field, names
from tdr.model.fields import FIELDS_OF_SOURCE
from tdr.read.positions import Ambiguous, ValuePath

ROOT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "claims": ("therapy", "claims"),
    "references": ("references",),
    "terms": ("terms",),
    "therapies": ("therapies",),
    "source": (*names(FIELDS_OF_SOURCE), "sections"),
    "collection": ("extends",),
}
"""Kind of file -> the fields of the mapping at its root."""

_TEXT = frozenset((str,))
_QUOTE_NULL = "if the word is meant, quote it: 'Null'"


def describe(value: object) -> str:
    """What kind of value this is, in the words of someone who edits YAML or JSON."""
    if value is None:
        return "nothing"
    names = (words for kind, words in _KINDS.items() if isinstance(value, kind))
    return next(names, f"the unquoted value {value}")


_KINDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    Mapping: "a mapping",
    list: "a list",
}


class Fields:
    """The fields of one record, and a list for what is wrong with them; none if it is no mapping.

    `where` turns a path inside the record (`("refs", 0)`; a True second argument
    means the key itself) into a Location; it is called for problems only.
    """

    def __init__(
        self,
        raw: object,
        where: Callable[[ValuePath, bool], Location],
        problems: list[Problem],
        subject: str = "",
    ) -> None:
        self.raw: Mapping[Any, Any] = raw if isinstance(raw, Mapping) else {}
        self.where = where
        self.problems = problems
        self.subject = subject

    def complain(
        self, path: ValuePath, text: str, rule: str, *, key: bool = False, about: str = ""
    ) -> None:
        """Add a problem of the value at a path, or with `key` of its name."""
        place = self.where(path, key)
        self.problems.append(Problem(text, rule, place, subject=self.subject, about=about))

    def missing(self, name: str, hint: str = "") -> None:
        """Add the problem of a field that is absent or has no value."""
        wrong = "missing"
        if not hint and name in self.raw:
            wrong, hint = ("empty", "") if self._is_blank(name) else (wrong, f"; {_QUOTE_NULL}")
        self.complain((), f"field `{name}` is {wrong}{hint}", "missing-field", about=name)

    def _is_blank(self, name: str) -> bool:
        """Whether nothing is written after the name of a field, not even `null`."""
        key, value = self.where((name,), True), self.where((name,), False)
        return (key.line, (key.column or 0) + len(name) + 1) == (value.line, value.column)

    def known(self, allowed: Collection[str]) -> None:
        """Add a problem for each field that is not one of `allowed`, with the nearest name."""
        for name in self.raw:
            if name not in allowed:
                from tdr.read.characters import not_ascii  # needed for problems only

                meant = near(str(name), allowed, alike=0.6)
                text = f"unknown field `{name}`{not_ascii(str(name))}{did_you_mean(meant)}"
                self.complain((name,), text, "unknown-field", key=True, about="".join(meant))

    def _wrong_type(self, name: str, value: object, expected: str) -> None:
        shown = describe(value)
        plain = expected == "text" and shown.startswith("the unquoted")
        quote = f"; quote it: '{value}'" if plain else ""
        self.complain((name,), f"`{name}` must be {expected}, not {shown}{quote}", "type")

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A text, or None where the field is absent or null."""
        value = self.raw.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            if required:
                self.missing(name)
        elif isinstance(value, int):
            self.complain((name,), f"`{name}` must be text; quote it: '{value}'", "type")
        else:
            self._wrong_type(name, value, "text")
        return None

    def choice(self, field: Field) -> str | None:
        """One of a fixed set of words, or None where the field is absent or null."""
        name, value = field.name, self.text(field.name, required=field.required)
        if value is not None and value not in field.choices:
            text = f"`{name}` is `{value}`; must be one of {', '.join(field.choices)}"
            self.complain((name,), text, "choice")
        return value

    def integer(self, field: Field) -> int | None:
        """A whole number between the limits, or None."""
        name, value = field.name, self.raw.get(field.name)
        if value is None:
            if field.required:
                self.missing(name)
            return None
        if type(value) is not int or not field.least <= value <= field.most:
            got = f"`{value}`" if isinstance(value, int) else describe(value)
            limits = f"from {field.least} to {field.most}"
            text = f"`{name}` must be a whole number {limits}, not {got}"
            self.complain((name,), text, "type")
            return None
        return value

    def refs(self, field: Field) -> tuple[int, ...]:
        """A list of numbers of references, at least one."""
        name, value = field.name, self.raw.get(field.name)
        why = "every claim needs a reference number"
        if value is None and name not in self.raw:
            self.missing(name, f"; {why}")
            return ()
        if not isinstance(value, list):
            numbers = ", ".join(re.findall(r"\d+", str(value)))
            hint = f": [{numbers}]" if isinstance(value, int | str) and numbers else ""
            self.complain((name,), f"`{name}` must be a list of reference numbers{hint}", "ref")
            return ()
        if not value:
            self.complain((name,), f"`{name}` is empty; {why}", "ref")
        return self.numbers((name,), value)

    def numbers(self, path: ValuePath, values: Iterable[object]) -> tuple[int, ...]:
        """Those of the values at a path that are numbers of references."""
        good: list[int] = []
        for position, number in enumerate(values):
            if type(number) is int and 1 <= number <= MAX_REF:
                good.append(number)
                continue
            shown = "a nested value" if isinstance(number, list | Mapping) else f"`{number}`"
            text = f"{'an empty item' if number is None else shown} is not a reference number; "
            text += "write a plain whole number from 1, without quotes and leading zeros"
            self.complain((*path, position), text, "ref")
        return tuple(good)

    def texts(self, name: str, choices: Collection[str] = ()) -> tuple[str, ...]:
        """A list of texts, of these `choices` if there are any; empty where the field is absent."""
        value = self.raw.get(name)
        if not isinstance(value, list):
            if name in self.raw:
                hint = f": [{value}]" if isinstance(value, str) else ""
                text = f"`{name}` must be a list{hint}, not {describe(value)}"
                self.complain((name,), text, "type")
            return ()
        # The common case, without a loop: this runs for every claim of a build.
        if not choices and _TEXT.issuperset(map(type, value)):
            return tuple(value)
        good: list[str] = []
        for position, item in enumerate(value):
            if not isinstance(item, str):
                quote = "" if isinstance(item, list | Mapping) else f"; quote it: '{item}'"
                if item is None:
                    quote = f"; {_QUOTE_NULL}"
                text = f"items of `{name}` must be text, not {describe(item)}{quote}"
                self.complain((name, position), text, "type")
            elif choices and item not in choices:
                text = f"`{item}` cannot be among `{name}`; must be one of {', '.join(choices)}"
                self.complain((name, position), text, "choice")
            else:
                good.append(item)
        return tuple(good)

    def mapping(self, name: str) -> Fields:
        """A mapping; without fields where it is absent, null or something else."""
        value = self.raw.get(name)
        if not isinstance(value, Mapping | None):
            self._wrong_type(name, value, "a mapping")
        return self._inner(value, name)

    def mapping_at(self, *path: str | int) -> Fields:
        """The mapping at a path."""
        raw: Any = self.raw
        for step in path:
            raw = raw[step]
        return self._inner(raw, *path)

    def _inner(self, raw: object, *path: str | int) -> Fields:
        return Fields(
            raw, lambda way, key: self.where((*path, *way), key), self.problems, self.subject
        )

    def flag(self, field: Field) -> bool:
        """True or false; false where the field is absent or null."""
        name, value = field.name, self.raw.get(field.name)
        if isinstance(value, Ambiguous) and value.text in ("true", "false"):
            return value.text == "true"
        if isinstance(value, bool):
            return value
        if value is not None:
            self.complain((name,), f"`{name}` must be true or false, not {describe(value)}", "type")
        return False

    def date(self, field: Field) -> str | None:
        """A day as text, such as 2024-05-31, quoted or not; None where it is absent or null."""
        name, value = field.name, self.raw.get(field.name)
        text = value.text if isinstance(value, Ambiguous) else value
        if text is None and field.required:
            self.missing(name)
        if text is None or is_date(text):
            return text
        shown = f"`{text}`" if isinstance(text, str) else describe(value)
        self.complain((name,), f"`{name}` must be a date such as 2024-05-31, not {shown}", "type")
        return None

    def facts(self, field: Field) -> dict[str, Any]:
        """A mapping of texts, numbers and lists of texts; empty where the field is absent."""
        inner = self.mapping(field.name)
        values: dict[str, Any] = {}
        for key, value in inner.raw.items():
            if isinstance(value, list):
                values[key] = list(inner.texts(key))
            elif type(value) is int or value is None:
                values[key] = value
            else:
                values[key] = inner.text(key)
        return values

    def records(self, field: Field) -> tuple[Any, ...]:
        """A list of mappings with the fields that the table of fields gives them."""
        value = self.raw.get(field.name)
        if not isinstance(value, list):
            if value is not None:
                text = f"`{field.name}` must be a list of {field.form}, not {describe(value)}"
                self.complain((field.name,), text, "type")
            return ()
        values = []
        for position, item in enumerate(value):
            if isinstance(item, Mapping):
                values.append(self.mapping_at(field.name, position).fields(field))
            else:
                text = f"items of `{field.name}` must be {field.form}, not {describe(item)}"
                self.complain((field.name, position), text, "type")
        return tuple(values)

    def record(self, field: Field) -> Any:
        """A mapping with the fields that the table of fields gives it, or None."""
        name, value = field.name, self.raw.get(field.name)
        if isinstance(value, Mapping):
            return self.mapping_at(name).fields(field)
        if field.required and name not in self.raw:
            self.missing(name, f"; write {field.form}")
        elif field.required:
            self.complain((name,), f"`{name}` must be {field.form}", "type")
        elif value is not None:
            self._wrong_type(name, value, "a mapping")
        return None

    def fields(self, field: Field) -> Any:
        """This record as the value of a field that has fields itself."""
        values = self.values(field.fields)
        return field.make(values) if field.make else values

    def places(self, field: Field) -> dict[str, list[str]]:
        """A mapping from labels to lists of places; empty where the field is absent."""
        inner = self.mapping(field.name)
        return {label: list(inner.texts(label)) for label in inner.raw}

    def reasons(self, field: Field) -> None:
        """Check a mapping from codes of rules to reasons: no reason may be missing."""
        inner = self.mapping(field.name)
        for code in inner.raw:
            if not inner.text(code):
                inner.complain((code,), f"give the reason why `{code}` is ignored", "type")

    def value(self, field: Field) -> Any:
        """The value of a field by its type; `field.empty` where it is absent, wrong or `''`."""
        found = _READ[field.type](self, field)
        return field.empty if found is None or found == "" else found

    def values(self, fields: Collection[Field]) -> dict[str, Any]:
        """The values of these fields; any other field is a problem."""
        self.known(names(fields))
        return {field.name: self.value(field) for field in fields}


def _text(fields: Fields, field: Field) -> str | None:
    value = fields.text(field.name, required=field.required)
    if value == "" and field.required and not field.prose:  # empty prose is reported by a rule
        fields.complain((field.name,), f"`{field.name}` is empty", "missing-field")
    return value


_READ: Mapping[str, Callable[[Fields, Field], Any]] = {
    **dict.fromkeys(("id", "therapy", "text", "name", "numeral", "curie"), _text),
    **dict.fromkeys(("number", "ref"), Fields.integer),
    **dict.fromkeys(
        ("texts", "names", "terms", "choices"),
        lambda fields, field: fields.texts(field.name, field.choices),
    ),
    "choice": Fields.choice,
    "refs": Fields.refs,
    "flag": Fields.flag,
    "date": Fields.date,
    "facts": Fields.facts,
    "record": Fields.record,
    "records": Fields.records,
    "places": Fields.places,
    "reasons": Fields.reasons,
}
"""Type of a field -> how it is read."""
