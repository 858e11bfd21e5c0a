"""The command that reads other people's files: import."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from dataclasses import field as attribute
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from tdr.cli.declare import argument, flag, option
from tdr.cli.import_summary import (
    article_summary,
    bibliography_summary,
    fill_summary,
    update_summary,
)
from tdr.cli.options import Group, examples, refuse_beside, takes
from tdr.cli.session import Session
from tdr.cli.writing import own_evidence, shipped_keys, show_change, source_in
from tdr.model.errors import NEGATIVE, Location, Problem, TdrError, file_error, unknown, usage_error
from tdr.model.text import quote

if TYPE_CHECKING:
    from tdr.model.place import Place
    from tdr.model.source import Paragraph
    from tdr.model.values import Reference
    from tdr.read.record import Support

_BEFORE_XML = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"  # byte order marks and white space


@dataclass(frozen=True, slots=True)
class ArticlePart:
    """Which part of an article is read."""

    article: Annotated[str | None, option("N|ID", "Which article of several in the file.")] = None
    sub_article: Annotated[
        str | None, option("ID", "Read this part, such as a reply, instead.")
    ] = None
    no_tables: Annotated[bool, flag("--no-tables", "Leave out what tables cite.")] = False

    def given_options(self) -> dict[str, object]:
        """Option -> whether it was given."""
        return {f"--{one.name.replace('_', '-')}": getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class ImportMode:
    """Whether a source is written, completed or compared with what was read."""

    fill: Annotated[
        bool, flag("--fill", "Add identifiers to references of KEY that have none.")
    ] = False
    update: Annotated[
        bool, flag("--update", "Compare a new version with KEY; needs --dry-run.")
    ] = False
    dry_run: Annotated[bool, flag("--dry-run", "Write nothing; report what would be written.")] = (
        False
    )


@takes(Group.of("part", ArticlePart), Group.of("mode", ImportMode))
@examples(
    "tdr import review.nxml --into my-evidence --key acar2016",
    "tdr import refs.nbib --into my-evidence --key acar2016 --fill",
)
def import_command(
    session: Session,
    file: Annotated[
        str,
        argument(
            "FILE",
            "An article in JATS, or a bibliography: RIS, nbib, PubMed XML, CSL-JSON, BibTeX.",
        ),
    ],
    part: ArticlePart,
    mode: ImportMode,
    into: Annotated[
        str | None, option("DIR", "Evidence directory; made if it is not there.")
    ] = None,
    key: Annotated[
        str | None, option("KEY", "Name of the source; default of an article: author and year.")
    ] = None,
) -> None:
    from tdr.edit.source import check_key

    if key is not None:
        check_key(key)
    if (mode.fill or mode.update) and key is None:
        raise usage_error("name the source that is there already with --key")
    if mode.update and not mode.dry_run:
        raise usage_error(
            "--update shows what a new version would move and which claims that concerns, for a "
            "person to carry over; it writes nothing: add --dry-run"
        )
    directory = Path(into) if into is not None else own_evidence(session).path
    job = _Import(session, file, directory, key, mode.dry_run)
    if mode.fill:
        refuse_beside("--fill", {"--update": mode.update} | part.given_options())
        job.fill()
        return
    content = job.read(part)
    if mode.update:
        job.update(content)
    else:
        job.write(content)


def open_input(session: Session, file: str) -> BinaryIO:
    """An open file to import; `-` is stdin."""
    from io import BytesIO

    from tdr.read.content import open_regular, read_stream

    if file == "-":
        return BytesIO(read_stream(session.streams.stdin(), "<stdin>"))
    return open_regular(Path(file), file)


def input_name(file: str) -> str:
    """The name in messages of a file to import."""
    return "<stdin>" if file == "-" else file


@dataclass(frozen=True, slots=True)
class _Import:
    """The import of one file into an evidence directory."""

    session: Session
    file: str
    into: Path
    key: str | None
    dry_run: bool

    # --- reading ---------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return input_name(self.file)

    def read(self, part: ArticlePart) -> _Content:
        """The content of the article or bibliography; problems in it are written to stderr."""
        from hashlib import sha256

        from tdr.gather.bibliographies import SNIFFED, format_of, wrong_encoding
        from tdr.read.content import read_stream

        with open_input(self.session, self.file) as stream:
            start = stream.read(SNIFFED)
            stream.seek(0)
            kind = format_of(start)
            if kind is None and start.lstrip(_BEFORE_XML)[:1] != b"<":
                text = "is neither an article in JATS nor a bibliography (RIS, nbib, BibTeX ...)"
                raise file_error(self.name, wrong_encoding(start) or text, "bibliography")
            if kind is not None:
                refuse_beside("a bibliography", part.given_options())
                references = tuple(self.records(stream))
                self.session.streams.report(_repeated(references, self.name))
                stream.seek(0)
                digest = sha256()
                while chunk := stream.read(1 << 20):
                    digest.update(chunk)
                made: dict[str, object] = {"sha256": digest.hexdigest()}
                record = {"title": f"Papers of {os.path.basename(self.name)}"}
                summary = bibliography_summary(references)
                return _Content("papers", record, references, summary, made)
            data = read_stream(stream, self.name)
        from tdr.gather.jats import read_article

        article = read_article(
            data,
            self.name,
            article=part.article,
            sub_article=part.sub_article,
            tables=not part.no_tables,
        )
        self.session.streams.report(article.problems)
        made = {
            "left_out": "tables" if part.no_tables else None,
            "article": part.article,
            "sub_article": part.sub_article,
        }
        given = {name: value for name, value in made.items() if value is not None}
        return _Content(
            kind="review",
            record=article.record,
            references=article.references,
            summary=article_summary(article),
            made={"sha256": sha256(data).hexdigest(), **given},
            paragraphs=article.paragraphs,
            anchors=article.anchors,
        )

    def records(self, stream: BinaryIO) -> Iterable[Reference]:
        """The references of a bibliography, numbered in its order."""
        from tdr.gather.bibliographies import read_bibliography

        number = 0
        for item in read_bibliography(stream, self.name):
            self.session.streams.report(item.problems)
            if item.reference is not None:
                number += 1
                yield item.reference._replace(number=number)
        if not number:
            raise file_error(self.name, "has no record", "bibliography")

    # --- writing ---------------------------------------------------------------------------

    def write(self, content: _Content) -> None:
        from datetime import UTC, datetime

        from tdr import __version__
        from tdr.edit.folders import create_folders
        from tdr.edit.source import source_files, vocabulary_files
        from tdr.model.works import KnownWorks
        from tdr.read.files import COLLECTION, SOURCES
        from tdr.read.therapies import read_therapies

        extended = self.extended_keys()
        key = self.key or self.free_key(content, extended)
        if key in extended:
            raise usage_error(
                f"`{key}` is the key of a source that {self.into} extends; choose another"
            )
        folder = os.path.join(SOURCES, key)
        others = self.other_sources()
        for other in _keys_of_same(content, others):
            text = (
                f"is the source `{other}` already; --key {other} --update --dry-run compares them"
            )
            self.session.streams.report([Problem(text, "", Location(self.name), "warning")])
            del others[other]
        known = KnownWorks({other: support.references for other, support in others.items()})
        repeated = (
            f"reference {one.number} {same}\n"
            for one in content.references
            for same in known.like(one)
        )
        origin = {"from": os.path.basename(self.name), "sha256": content.made["sha256"]}
        by = {"tool": f"tdr {__version__}", "date": datetime.now(UTC).date().isoformat()}
        made = origin | by | content.made
        files = source_files(
            {"key": key, "kind": content.kind, "state": "draft", "made": made},
            content.record,
            content.references,
            content.paragraphs,
            content.anchors,
            read_therapies(self.into),
        )
        is_new = not os.path.lexists(self.into)
        if not self.dry_run:
            own = not os.path.lexists(self.into / COLLECTION)  # else it extends a vocabulary
            terms = {"vocabulary": vocabulary_files()} if own else {}
            create_folders(self.into, {**terms, folder: files})
        self.session.streams.write(chain([content.summary], repeated))
        done = "would be written" if self.dry_run else "written"
        self.session.streams.say(f"{self.into / folder}: {done}, {len(files)} files")
        if is_new and not self.dry_run:
            self.session.streams.say(
                f"{self.into} stands alone: --evidence shipped --evidence {quote(str(self.into))} "
                "shows both, and what `tdr init` makes contains what comes with tdr"
            )

    def extended_keys(self) -> frozenset[str]:
        """Keys of the sources that the directory extends."""
        from tdr.read.files import COLLECTION

        return shipped_keys() if os.path.lexists(self.into / COLLECTION) else frozenset()

    def free_key(self, content: _Content, taken: Collection[str]) -> str:
        """A key of first author and year, with a letter if that is taken."""
        import unicodedata

        from tdr.model.values import SOURCE_KEY
        from tdr.read.files import SOURCES

        record = content.record if content.kind == "review" else {}
        authors = record.get("authors")
        first = str(authors[0]) if isinstance(authors, list) and authors else ""
        plain = unicodedata.normalize("NFKD", first.partition(" ")[0].casefold())
        name = "".join(char for char in plain if "a" <= char <= "z")[:16]
        stem = f"{name}{record.get('year') or ''}"
        if not name or not re.fullmatch(SOURCE_KEY, stem):
            raise usage_error("nothing here names the source; give it a --key, such as acar2016")
        folder = self.into / SOURCES
        keys = (f"{stem}{letter}" for letter in ("", *"bcdefghijklmnopqrstuvwxyz", "-next"))
        return next(key for key in keys if key not in taken and not os.path.lexists(folder / key))

    # --- what is there already -------------------------------------------------------------

    def other_sources(self) -> dict[str, Support]:
        """The sources of the directory, and of what it extends, by their keys."""
        from tdr.read.dataset import read_support
        from tdr.read.files import find_layout

        try:
            layout = find_layout(self.into, complete=False)
        except TdrError:  # nothing that is evidence yet
            return {}
        return {support.source.key: support for support in read_support(layout).sources}

    def fill(self) -> None:
        from tdr.edit.atomic import editing
        from tdr.edit.document import YamlFile
        from tdr.edit.source import set_fields
        from tdr.gather.fill import fill
        from tdr.read.dataset import read_references
        from tdr.read.files import SOURCES, Directory

        _, folder = source_in(Directory(self.into, str(self.into)), self.key)
        path = self.into.joinpath(*((SOURCES, folder) if folder else ()), "references.yaml")
        streams = self.session.streams
        with open_input(self.session, self.file) as stream, editing(path) as file:
            before = YamlFile(file.data, str(path))
            references = read_references(before.document)
            filled = fill(references, self.records(stream))
            after = set_fields(before, filled.added)
            if self.dry_run:
                show_change(self.session, str(path), before.data, after.data)
            else:
                file.replace(after.data)
        streams.report(
            Problem(
                f"reference {number} has {name} `{ours}`, {self.name} has `{theirs}`: kept",
                location=Location(str(path)),
                severity="warning",
            )
            for number, name, ours, theirs in filled.different
        )
        streams.write([fill_summary(filled, len(references))])

    def update(self, content: _Content) -> None:
        from tdr.gather.update import compare_versions
        from tdr.read.dataset import read_dataset

        sources = {one.support.source.key: one for one in read_dataset(self.into).sources}
        old = sources.get(self.key or "")
        if old is None:
            raise unknown("source", self.key or "", sources)
        difference = compare_versions(
            old.support.references,
            old.support.source.paragraphs,
            old.claims,
            content.references,
            content.paragraphs,
        )
        self.session.streams.write([update_summary(difference)])
        if not difference.is_empty:
            raise typer.Exit(NEGATIVE)


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of a file: what becomes a source, a summary of it, and its entry `made`."""

    kind: str
    record: Mapping[str, Any]
    references: tuple[Reference, ...]
    summary: str
    made: dict[str, object]
    paragraphs: Sequence[Paragraph] = ()
    anchors: Mapping[Place, str] = attribute(default_factory=dict)


def _keys_of_same(content: _Content, others: Mapping[str, Support]) -> list[str]:
    """The keys of sources that are the same article, or were imported from the same file."""
    from tdr.model.values import IDENTIFIERS

    def identifiers(record: Mapping[str, Any], made: Mapping[str, Any]) -> set[tuple[str, str]]:
        of_work = ((name, record.get(name)) for name in IDENTIFIERS)
        pairs = (*of_work, ("sha256", made.get("sha256")))
        return {(name, str(value).casefold()) for name, value in pairs if value}

    own = identifiers(content.record, content.made)
    sources = (support.source for support in others.values())
    return [one.key for one in sources if own & identifiers(one.record, one.made or {})]


def _repeated(references: Iterable[Reference], name: str) -> Iterator[Problem]:
    """Records of a bibliography with an identifier that one before them has."""
    first: dict[tuple[str, str], int] = {}
    for reference in references:
        for identifier in reference.identifiers:
            earlier = first.setdefault(identifier, reference.number)
            if earlier != reference.number:
                field = identifier[0]
                same = f"{field.upper()} `{getattr(reference, field)}`"
                text = f"references {earlier} and {reference.number} have one {same}; both are kept"
                yield Problem(text, "bibliography", Location(name), severity="warning")
