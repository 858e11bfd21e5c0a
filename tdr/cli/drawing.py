"""The options of commands that draw pictures: where these go, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tdr.cli.declare import flag, option
from tdr.cli.options import Group, refuse_beside
from tdr.model.errors import usage_error

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
class DrawingOptions:
    """The files of pictures, if any are wanted, and their look."""

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

        Raises TdrError for a picture together with options of other formats, and for options of
        pictures without a picture.
        """
        if not (self.files or output.format in PICTURES):
            settings = {
                "--title": self.title is not None,
                "--names": self.names != "review",
                "--layout": self.layout != "own",
                "--slide": self.slide,
                "--force": self.force,
            }
            for name, chosen in settings.items():
                if chosen:
                    raise usage_error(f"{name} is about a picture; add --svg FILE to make one")
            return False
        if self.files and output.given_options:
            other = output.spelled(output.given_options[0])
            raise usage_error(
                f"--{next(iter(self.files))} draws a picture, without {other}: run it once for each"
            )
        refuse_beside("stdout", {"--force": self.force and {*self.files.values()} <= {"-"}})
        return True

    def picture(
        self,
        session: Session,
        output: Output,
        evidence: Evidence,
        criteria: Criteria,
        listing: Listing,
    ) -> None:
        """Write a listing as pictures, with the question and the origin of the evidence in them.

        They go to the files, each whole or not at all, or to stdout (`-`, or `-o svg`). All are
        drawn before one is written. Raises TdrError as `write_output_file` does.
        """
        from tdr.cli.output_files import refuse_bad_place, refuse_other_ending, write_output_file
        from tdr.render import PictureSettings, render_file

        question = " · ".join(criteria.phrases())
        origin = f"{evidence.origin}, by tdr; data {listing.data_version}"
        molecules = evidence.vocabulary.terms("molecules") if self.names == "review" else {}
        names = {label: term.abbreviation or label for label, term in molecules.items()}
        picture = PictureSettings(self.title, question, origin, self.slide, names, self.layout)
        listing = listing._replace(picture=picture)
        files = self.files or {str(output.format): "-"}
        wanted = list(files.values())
        for name in wanted:
            if wanted.count(name) > 1:
                raise usage_error(f"`{name}` takes one picture; name another file for the other")
            if name != "-":
                refuse_bad_place(session, name, force=self.force)
        for kind, name in files.items():
            if name != "-":
                refuse_other_ending(name, (kind,), f"--{kind}")
        data = {kind: render_file(listing, kind) for kind in files}
        # Stdout first: a terminal takes no PNG, and then there are no files either.
        for kind, name in sorted(files.items(), key=lambda item: item[1] != "-"):
            if name == "-" and kind != "svg":
                session.streams.write_binary(data[kind], kind)
            else:
                write_output_file(session, name, data[kind], force=self.force)
            if name != "-":
                session.streams.say(f"wrote {name}")


DRAWING_OPTIONS = Group.of("drawing", DrawingOptions)
