"""Files that commands make for their users: pages and pictures, never evidence."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tdr.cli.declare import flag, option
from tdr.cli.options import Group
from tdr.model.errors import file_error, usage_error

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.cli.options import Output
    from tdr.cli.session import Session
    from tdr.model.filters import Criteria
    from tdr.render import Listing


PICTURES = ("svg", "png", "pdf")
"""The formats that are pictures, each with an option that names a file."""


def _file(kind: str) -> Any:
    """The option that names the file for a kind of picture."""
    return option("FILE", f"Write it as a picture, {kind.upper()}; - is stdout.")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where pictures go, if any are wanted, and what they look like."""

    svg: Annotated[str | None, _file("svg")] = None
    png: Annotated[str | None, _file("png")] = None
    pdf: Annotated[str | None, _file("pdf")] = None
    title: Annotated[str | None, option("TEXT", "Title of the picture.")] = None
    names: Annotated[
        Literal["review", "symbol"],
        option("WHICH", "What molecules are called: review (PD-L1) or symbol (CD274)."),
    ] = "review"
    layout: Annotated[
        Literal["own", "graphviz"],
        option("WHICH", "Who places the nodes of a network: own, graphviz."),
    ] = "own"
    slide: Annotated[bool, flag("--slide", "Give it the shape of a slide, 16:9.")] = False
    force: Annotated[bool, flag("--force", "Overwrite a file that exists.")] = False

    @property
    def files(self) -> dict[str, str]:
        """Format -> the file to write, of those that were named."""
        given = {kind: getattr(self, kind) for kind in PICTURES}
        return {kind: name for kind, name in given.items() if name is not None}

    def wanted(self, output: Output) -> bool:
        """Whether a picture was asked for, by a file or as the format of stdout.

        Raises TdrError if something else was asked for as well, and if it was said what a picture
        looks like where there is none.
        """
        if not (self.files or output.format in PICTURES):
            looks = {
                "--title": self.title is not None,
                "--names": self.names != "review",
                "--layout": self.layout != "own",
                "--slide": self.slide,
                "--force": self.force,
            }
            for name, chosen in looks.items():
                if chosen:
                    raise usage_error(f"{name} is about a picture; add --svg FILE to make one")
            return False
        if self.files and output.given:
            besides = output.typed(output.given[0])
            raise usage_error(
                f"--{next(iter(self.files))} draws a picture, without {besides}: "
                "run it once for each"
            )
        return True

    def picture(
        self,
        session: Session,
        output: Output,
        evidence: Evidence,
        criteria: Criteria,
        listing: Listing,
    ) -> None:
        """Write what a listing was made from as a picture that says what it shows and whence.

        To the files, each whole or not at all; to stdout where `-` is the file, or `-o svg` was
        given. All are made before any is written. Raises TdrError as `write_made` does.
        """
        from tdr.render import Sheet, render_file

        asked = " · ".join(criteria.phrases())
        origin = f"{evidence.origin}, by tdr; data {listing.data_version}"
        molecules = evidence.vocabulary.terms("molecules") if self.names == "review" else {}
        names = {label: term.abbreviation or label for label, term in molecules.items()}
        sheet = Sheet(self.title, asked, origin, self.slide, names, self.layout)
        listing = listing._replace(sheet=sheet)
        files = self.files or {str(output.format): "-"}
        wanted = list(files.values())
        for name in wanted:
            if wanted.count(name) > 1:
                raise usage_error(f"`{name}` takes one picture; name another file for the other")
            if name != "-":
                refuse_bad_place(session, name, force=self.force)
        for kind, name in files.items():
            refuse_other_ending(name, (kind,), f"--{kind}")
        made = {kind: render_file(listing, kind) for kind in files}
        # Stdout first: a terminal takes no PNG, and then there are no files either.
        for kind, name in sorted(files.items(), key=lambda item: item[1] != "-"):
            if name == "-" and kind != "svg":
                session.streams.write_file(made[kind], kind)
            else:
                write_made(session, name, made[kind], force=self.force)
            if name != "-":
                session.streams.say(f"wrote {name}")


DRAWING = Group.of("drawing", Drawing)

EVIDENCE_SUFFIXES = (".yaml", ".yml", ".jsonl")


def refuse_other_ending(name: str, endings: Sequence[str], writer: str) -> None:
    """Raise TdrError for a name with the ending of another format than the `writer` has.

    `endings` are those that fit, the usual one first; none: a directory is written.
    """
    from tdr.export import EXPORTS
    from tdr.render import FORMATS  # with what draws

    path = Path(name)
    ending = path.suffix.removeprefix(".").lower()
    known = {format.ending for format in FORMATS}.union(*(e.endings for e in EXPORTS.values()))
    if ending not in known.difference(endings):
        return
    kind, right = "a directory", path.with_suffix("")
    if endings:
        kind, right = endings[0].upper(), path.with_suffix(f".{endings[0]}")
    raise usage_error(
        f"`{name}` is a name for {ending.upper()}; {writer} writes {kind}, as to `{right}`"
    )


def refuse_bad_place(session: Session, name: str, *, force: bool) -> None:
    """Raise TdrError for a name that a made file must not have; best before any work is done.

    Evidence is never overwritten, whatever is forced: neither what any evidence directory
    would read, by its ending, nor a file of the evidence in use, under whatever name.
    """
    from tdr.export.place import refuse_taken  # most commands make no file

    path = Path(name)
    if not name:
        raise usage_error("the name of the file is empty")
    if name.endswith(os.sep):  # pathlib drops it, and with it what was meant
        raise file_error(name, "is a directory's name; name a file")
    if path.suffix.lower() in EVIDENCE_SUFFIXES or _is_evidence(session, path):
        raise file_error(name, "is, or would be taken for, an evidence file; choose another name")
    if not path.is_dir():
        refuse_taken(path, name, force=force)
    if not path.parent.is_dir():
        raise file_error(name, f"cannot be written: {os.strerror(errno.ENOENT)}")


def _is_evidence(session: Session, path: Path) -> bool:
    """Whether this is a file of the evidence in use, under whatever name: a link or a hard link."""
    from tdr.read.files import find_layout

    first, *beside = session.directories
    files = find_layout(first.path, first.name, beside=beside).files
    try:
        there = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False  # nothing that writing could overwrite
    except (OSError, ValueError) as error:  # too long a name, a loop of links, a NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise file_error(os.fspath(path), f"cannot be written: {reason}") from None
    return any(file.exists() and os.path.samestat(there, file.stat()) for file in files)


def refuse_evidence_directory(session: Session, name: str) -> None:
    """Raise TdrError for a directory without a name, and for one of evidence, in use or not."""
    from tdr.read.files import COLLECTION, SOURCES

    if not name:
        raise usage_error("the name of the directory is empty")
    used = (directory.path for directory in session.directories)
    if os.path.isdir(name) and any(os.path.samefile(name, path) for path in used):
        raise file_error(name, "is the evidence in use; choose another name")
    parts = (os.path.join(name, part) for part in (COLLECTION, SOURCES, "source.yaml"))
    if any(map(os.path.lexists, parts)):
        raise file_error(name, "is a directory of evidence; choose another name")


def write_made(session: Session, name: str, data: bytes, *, force: bool) -> None:
    """Write a made file, whole or not at all; an existing plain file only with `force`.

    `-` is stdout, for text.
    Raises TdrError as `refuse_bad_place` does, and if the system refuses.
    """
    from tdr.export.place import new_file

    if name == "-":
        session.streams.write([data.decode()])
        return
    refuse_bad_place(session, name, force=force)
    with new_file(name, force=force) as path:
        path.write_bytes(data)
