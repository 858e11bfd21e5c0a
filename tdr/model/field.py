"""Fields of records, and conversion of values to JSON values and back, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from tdr.model.plain import Plain

MAX_REF = 999_999
"""The highest number of a reference."""

Type = Literal[
    "id",  # of a claim
    "therapy",
    "text",
    "name",  # a text without stray spaces
    "numeral",  # a text that looks like a number, as issue `3`
    "curie",
    "choice",
    "flag",  # true or false
    "date",  # a text such as 2024-05-31
    "number",
    "ref",  # the number of a reference
    "texts",
    "names",
    "terms",  # preferred labels
    "choices",
    "refs",
    "record",  # a mapping with fields of its own
    "records",  # a list of these
    "facts",  # a mapping of texts, numbers and lists of texts
    "places",  # label -> the paragraphs that name it, such as `introduction/1`
    "reasons",  # code of a rule -> reason
]

LISTS = frozenset(("texts", "names", "terms", "choices", "refs", "records"))


class FieldOption(Plain):
    """How `tdr new` asks for the value of a field."""

    names: tuple[str, ...]
    help: str
    metavar: str


class Field(Plain):
    """One field of a record.

    A `required` field stands in every file (a list may be empty there); `default` is its
    value where it is absent. It may hold `choices`, numbers from `least` to `most`,
    labels of `kind`, or a mapping with `fields`, from which `make` makes the value and which
    messages show as `form`. `prose` is written as folded text and kept free of others'
    wording. `facet` is where the index keeps the items of a list, a word, a place, or `yes`
    for any text and for true. Cards show it after `label`, items `in_lines` or in a row.
    `option` and `skeleton` (the text behind the colon) are for `tdr new`, which leaves out
    empty fields without a skeleton. Fields that are not `in_file` follow from where a claim stands;
    those not `in_record` are no part of its JSON. `since` is the version of the schema that added
    the field: keys of JSON stand behind those of older versions.
    """

    name: str
    type: Type
    meaning: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = MAX_REF
    kind: str = ""
    fields: tuple[Field, ...] = ()
    make: Callable[[Mapping[str, Any]], Any] | None = None
    form: str = ""
    prose: bool = False
    facet: str = ""
    label: str = ""
    in_lines: bool = False
    option: FieldOption | None = None
    skeleton: str | None = None
    in_file: bool = True
    in_record: bool = True
    since: int = 1

    @property
    def empty(self) -> Any:
        """The value of the field where it is absent."""
        if self.default is not None:
            return self.default
        if self.type in LISTS:
            return ()
        if self.type == "flag":
            return False
        if self.type == "record" and self.required:
            raw = {inner.name: inner.empty for inner in self.fields}
            return self.make(raw) if self.make else raw
        return None if not self.required else 0 if self.type in ("number", "ref") else ""

    @property
    def by_presence(self) -> bool:
        """Whether the index keeps only that there is a value, not which."""
        kept = self.facet and self.in_file and self.make is None
        return bool(kept) and self.type in ("text", "flag", "record")

    @property
    def from_json(self) -> Callable[[Any], Any] | None:
        """The function from a JSON value to a value of the field; None if they are equal."""
        make = self.make
        if self.type == "records" and make:
            return lambda items: tuple(map(make, items))
        if self.type == "record" and make:
            return lambda raw: make(raw) if raw else self.empty
        return tuple if self.type in LISTS else make

    @property
    def to_json(self) -> Callable[[Any], Any] | None:
        """The function from a value of the field to a JSON value; None if they are equal."""
        if self.type == "records":
            return lambda items: [_mapping(item) for item in items]
        if self.type in LISTS:
            return list
        return _mapping if self.type == "record" else None


def _mapping(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    return value.to_dict() if value else None


def names(fields: Iterable[Field]) -> tuple[str, ...]:
    """The names of these fields."""
    return tuple(field.name for field in fields)


def keys(fields: Iterable[Field]) -> tuple[Field, ...]:
    """These fields in the order of the keys of JSON: newer ones at the end."""
    return tuple(sorted(fields, key=lambda field: field.since))


class Codec:
    """Conversion of the values of some fields to JSON values and back."""

    def __init__(self, fields: Iterable[Field]) -> None:
        listed = tuple(fields)
        self._to_json = [(field.name, field.to_json) for field in listed]
        self._from_json = [(field.name, field.from_json) for field in listed]

    def to_dict(self, value: object) -> dict[str, Any]:
        """The attributes of a value as JSON values."""
        record = {}
        for name, to_json in self._to_json:
            inner = getattr(value, name)
            record[name] = to_json(inner) if to_json else inner
        return record

    def attributes(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes of the value whose `to_dict` is `record`; absent ones are left out."""
        values = {}
        for name, from_json in self._from_json:
            if name in record:
                inner = record[name]
                values[name] = from_json(inner) if from_json else inner
        return values
