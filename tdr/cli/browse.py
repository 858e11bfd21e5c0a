"""The command that shows claims interactively: browse."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from tdr.cli import listings
from tdr.cli.declare import argument
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import examples, takes
from tdr.cli.session import Session
from tdr.model.errors import TdrError, library_error, usage_error
from tdr.model.filters import Criteria
from tdr.model.values import Claim
from tdr.render import formats_of, render_file


@takes(CRITERIA)
@examples("tdr browse", "tdr browse exosome --cancer 'breast cancer'")
def browse_command(
    session: Session,
    criteria: Criteria,
    words: Annotated[list[str] | None, argument("[WORDS]", "Words to search for first.")] = None,
) -> None:
    terminal = session.streams.terminal()
    if not all(map(session.streams.is_terminal, (0, 1, 2))):
        raise usage_error("browse needs a terminal; `tdr list` writes to a pipe")
    if os.environ.get("TERM") == "dumb":
        raise usage_error("browse needs a terminal that can move its cursor; TERM says `dumb`")
    try:
        from tdr.render.terminal.browse.app import ExternalActions, browse
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("textual"):
            raise
        raise library_error("browse needs", "browse", error) from None
    from tdr.cli.output_files import EVIDENCE_SUFFIXES, write_output_file
    from tdr.cli.references import can_open, open_links

    evidence = session.evidence(words=True)
    session.select(evidence, criteria)  # an unknown value is reported before the screen opens
    formats = {
        format.ending: format
        for format in formats_of("claims").values()
        if format.name != "table" and f".{format.ending}" not in EVIDENCE_SUFFIXES
    }

    def save(claims: Sequence[Claim], name: str) -> None:
        format = formats.get(Path(name).suffix.lstrip(".").lower())
        if format is None:
            raise usage_error(f"`{name}` has none of the endings {', '.join(formats)}")
        name = os.path.expanduser(name)  # no shell has read it
        if os.path.lexists(name):
            raise TdrError(f"{name} exists; choose another name")
        listing = listings.claims(evidence, claims, len(claims))
        write_output_file(session, name, render_file(listing, format.name), force=False)

    def open_all(links: Sequence[str]) -> bool:
        return can_open() and open_links(links)

    os.environ.pop("NO_COLOR", None)  # the library follows it, not --color
    if not terminal.color:
        os.environ["NO_COLOR"] = "1"
    actions = ExternalActions(open_all, save, tuple(formats))
    ended_by = browse(evidence, " ".join(words or ()), criteria, actions, terminal)
    if ended_by is not None:
        signal.signal(ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), ended_by)
