"""Records of one kind with what formats need to write them, and the settings of a picture."""

# No `from __future__ import annotations`: a named tuple would compile the texts at every start.

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tdr.model.errors import unknown
from tdr.model.plain import Plain
from tdr.model.rows import Columns, Row, columns_of

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName
    from tdr.model.publication import Publication
    from tdr.model.values import Claim

Highlight = Mapping[str, Mapping[str, Sequence[tuple[int, int]]]]
"""What a search found: id of the record as text -> column -> [(start, end), ...].

Offsets count code points of the text in the record; only columns of texts can be
marked. A table in colour underlines the marks, no other format shows them.
"""


class PictureSettings(Plain):
    """How a picture is drawn, and what is written in it besides the data.

    Without a `title` a picture has the default one, with `question` (the conditions, in words) in
    it; `origin` is where the claims are from. A `slide` has the ratio 16:9. `names` are short
    names for labels; `layout` says which program places the nodes, `own` or `graphviz`.
    """

    title: str | None = None
    question: str = ""
    origin: str = ""
    slide: bool = False
    names: Mapping[str, str] = MappingProxyType({})
    layout: str = "own"

    def name(self, label: str) -> str:
        """The name of a term in the picture."""
        return self.names.get(label, label)

    def title_or(self, default: str) -> str:
        """The title; without one, the default and the conditions."""
        return self.title or (f"{default} ({self.question})" if self.question else default)


DEFAULT_PICTURE = PictureSettings()


class Listing(NamedTuple):
    """Records of one kind, with everything that formats need to write them.

    `kind` is the key of the records in JSON ("claims", "references" ...),
    `columns` every field in order; each record has exactly these keys, and JSON
    values only (str, int, float, None, bool, list, dict). `records` may be a
    generator; it is consumed once. `matched` of `total` records fitted the question.
    `shown` is what people see unless they ask for other columns, most important
    first; `id_column` is what `ids` prints and what a table never wraps. `answer` is
    the value that the records were made from, for formats that need it as a whole, and `picture`
    says how it is drawn. `limit` is set where only the first records were wanted. `related` are
    records of other kinds that JSON has as well; `weak` are further records of this kind, which
    JSON and a table show separately (None: this kind has none). `computed` are columns that are
    filled only if they are asked for. `cite` gives the publications behind names of references,
    for formats that write them in full. `keys` are those of the sources, the first one's first;
    empty if that one answers alone: else text names the source with each number of a reference.
    `incomplete` says what stopped a search early, so that its numbers are too small.
    """

    kind: str
    columns: tuple[str, ...]
    records: Iterable[Mapping[str, object]]
    matched: int
    total: int
    shown: tuple[str, ...]
    data_version: str
    id_column: str = "id"
    highlight: Highlight | None = None
    answer: object = None
    limit: int | None = None
    picture: PictureSettings = DEFAULT_PICTURE
    related: Mapping[str, Sequence[Mapping[str, object]]] = MappingProxyType({})
    weak: Sequence[Mapping[str, object]] | None = None
    computed: Mapping[str, Callable[[Mapping[str, Any]], object]] = MappingProxyType({})
    keys: tuple[str, ...] = ()
    incomplete: str = ""
    cite: "Callable[[Iterable[ReferenceName]], Iterator[Publication]]" = lambda _: iter(())

    @classmethod
    def of(
        cls,
        evidence: "Evidence",
        columns: type[Row] | Columns,
        rows: "Iterable[Row | Claim | Mapping[str, object]]",
        *,
        matched: int | None = None,
        total: int | None = None,
        names: Mapping[str, str] | None = None,
        answer: object = None,
    ) -> "Listing":
        """The listing of the rows of an answer.

        `columns` is the class of the rows, or their columns where these depend on the
        question; `names` are other names for some of them. `matched` is by default the
        number of rows, which then need a length, and `total` is by default `matched`.
        """
        fields = columns if isinstance(columns, Columns) else columns_of(columns)
        records = (row if isinstance(row, Mapping) else row.to_dict() for row in rows)
        if names:
            fields = fields.renamed(**names)
            new_names = fields.names
            records = (dict(zip(new_names, record.values(), strict=True)) for record in records)

        def cite(names: "Iterable[ReferenceName]") -> "Iterator[Publication]":
            from tdr.ask.bibliography import Bibliography  # only for references in full

            return Bibliography(evidence).cited(names)

        shown = fields.shown or fields.names
        keys = () if evidence.first_alone else evidence.index.keys
        if matched is None:
            matched = len(rows)  # type: ignore[arg-type]  # as documented
        return cls(
            kind=fields.kind,
            columns=fields.names,
            records=records,
            matched=matched,
            total=matched if total is None else total,
            shown=shown,
            data_version=evidence.data_version,
            id_column=fields.id or fields.names[0],
            answer=answer,
            keys=keys,
            cite=cite,
        )

    @property
    def publications(self) -> "Iterator[Publication]":
        """The publications that the records are or cite, in order of appearance, each once."""
        fields = list(filter(self.cites, self.columns))

        def names() -> "Iterator[ReferenceName]":
            for record in self.records:
                source = record.get("source")
                for name in _names(record[field] for field in fields):
                    # A number in a record of a source is one of that source.
                    yield f"{source}:{name}" if source and type(name) is int else name

        return self.cite(names())

    def display_value(self, record: Mapping[str, object], field: str) -> object:
        """The value of a field for people: references with the key of their source, unless the
        first source answers alone; group authors without braces."""
        if field == "authors":
            from tdr.model.authors import printed  # few listings have authors

            return _map_items(record[field], lambda name: printed(str(name)))
        if not self.keys or not self.cites(field):
            return record[field]
        source = record.get("source")
        key = source if source in self.keys else self.keys[0]
        return _map_items(
            record[field], lambda name: f"{key}:{name}" if type(name) is int else name
        )

    def with_source_keys(self) -> "Listing":
        """The listing with the key of the source in each reference (see `display_value`)."""
        fields = tuple(filter(self.cites, self.columns))
        if not self.keys or not fields:
            return self
        records = (
            {**record, **{field: self.display_value(record, field) for field in fields}}
            for record in self.records
        )
        return self._replace(records=records)

    def cites(self, field: str) -> bool:
        """Whether the values of a column are references."""
        return field.endswith("refs") or (self.kind == "references" and field == self.id_column)

    def arranged(self, sort: str | None, limit: int | None) -> "Listing":
        """The listing for `--sort` and `--limit`: ordered by a field (`-FIELD`, and a score, from
        the largest), and its first records. Lists of claims are ordered by their lengths; records
        without a value always come last.

        Raises TdrError for a field that is not one of the columns.
        """
        records = self.records
        if sort is not None:
            field = sort.removeprefix("-").replace("-", "_")
            if field not in self.columns:
                raise unknown("field to sort by", sort, self.columns)
            largest_first = sort.startswith("-") or field == "score"

            def key_of(record: Mapping[str, object]) -> tuple[Any, ...]:
                value: Any = record[field]
                # Of a list of claims the length matters, not the id of the first.
                counted = field == "claims" and isinstance(value, list)
                return _sort_key(len(value) or None if counted else value)

            records = sorted(records, key=key_of, reverse=largest_first)
            if largest_first:
                records.sort(key=lambda record: key_of(record) == _NO_VALUE)
        if limit is None:
            return self._replace(records=records)
        return self._replace(records=islice(records, limit), limit=limit)

    def counted(self) -> str:
        """The numbers of records in words: `2 shown of 7 of 121 claims`."""
        counts = [str(self.matched), str(self.total)]
        if self.limit is not None and self.limit < self.matched:
            counts = [f"{self.limit} shown", *dict.fromkeys(counts)]
        return f"{' of '.join(counts)} {self.kind}"


def _names(values: Iterable[Any]) -> "Iterator[ReferenceName]":
    for value in values:
        items = value if isinstance(value, list) else (value,)
        yield from (item for item in items if type(item) in (int, str))


def _map_items(value: object, function: Callable[[object], object]) -> object:
    """The function applied to a value, or to every item of a list."""
    return list(map(function, value)) if isinstance(value, list) else function(value)


_DIGITS = r"([0-9]+)"
_NO_VALUE = (1,)


def _sort_key(value: Any) -> tuple[Any, ...]:
    """A sort key for a value of any field: numbers by size, text without case, no value last."""
    if value is None or value == []:
        return _NO_VALUE
    if isinstance(value, bool | int | float):
        return (0, (0, value, ""))
    if isinstance(value, list | Mapping):
        items = value.values() if isinstance(value, Mapping) else value
        return (0, *(part for item in items for part in _sort_key(item)[1:]))
    parts = re.split(_DIGITS, str(value).casefold())
    return (0, *(_part_key(part) for part in parts if part))


def _part_key(part: str) -> tuple[int, int, str]:
    """A sort key for a part of a text: digits are compared as a number of any length."""
    if part[0] not in "0123456789":
        return (1, 0, part)
    digits = part.lstrip("0")
    return (0, len(digits), digits)
