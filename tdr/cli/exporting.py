"""Commands that write files to take away: export, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tdr.cli import complete
from tdr.cli.declare import argument, flag, option
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import examples, refuse_beside, takes
from tdr.cli.output_files import (
    refuse_bad_place,
    refuse_evidence_directory,
    refuse_other_ending,
    write_output_file,
)
from tdr.cli.session import Session
from tdr.export import EXPORTS
from tdr.model.errors import usage_error
from tdr.model.filters import Criteria


@takes(CRITERIA)
@examples("tdr export graphml tam.graphml -c TAM", "tdr export sif - -c TAM -k PDAC")
def export_command(
    session: Session,
    criteria: Criteria,
    format: Annotated[
        str,
        argument(
            "FORMAT",
            "; ".join(f"{name}: {entry.help}" for name, entry in EXPORTS.items()) + ".",
            complete=complete.words(*EXPORTS),
        ),
    ],
    dest: Annotated[str, argument("DEST", "File or directory to write; - is stdout.")],
    force: Annotated[bool, flag("--force", "Overwrite files that exist.")] = False,
) -> None:
    from tdr.export.destination import new_directory, new_file, refuse_existing_directory

    exporter = EXPORTS.get(format.lower())
    if exporter is None:
        from tdr.cli.usage import unknown_data_set  # only for mistakes

        raise unknown_data_set(format, dest)
    if dest == "-" and exporter.makes != "text":
        raise usage_error(f"{exporter.name} is a {exporter.makes}, no text; name one")
    refuse_beside("stdout", {"--force": force and dest == "-"})
    if exporter.makes == "directory":
        refuse_evidence_directory(session, dest)
        refuse_existing_directory(Path(dest), dest, force)
    elif dest != "-":
        refuse_bad_place(session, dest, force=force)
    if dest != "-":
        refuse_other_ending(dest, exporter.endings, f"export {exporter.name}")
    function = exporter.load()
    evidence, selection = session.selected(criteria)
    if exporter.makes == "directory":
        with new_directory(dest, exporter.manifest, force=force) as path:
            result = function(evidence, selection, path)
    elif exporter.makes == "file":
        with new_file(dest, force=force) as path:
            result = function(evidence, selection, path)
    else:
        result = function(evidence, selection)
        if dest == "-":
            session.streams.write(result.chunks)
        else:
            with (
                new_file(dest, force=force) as path,
                path.open("w", encoding="utf-8", newline="\n") as file,
            ):
                file.writelines(result.chunks)
    wrote = "" if dest == "-" else f"wrote {dest}: "
    session.streams.say(f"{wrote}{result.summary}; {len(selection)} of {len(evidence)} claims")


@takes(CRITERIA)
@examples("tdr report -o report.html", "tdr report -c CAF -t radio --title 'CAFs' > cafs.html")
def report_command(
    session: Session,
    criteria: Criteria,
    output: Annotated[
        str | None, option("FILE", "File to write; - is stdout.", "--output", "-o")
    ] = None,
    title: Annotated[str | None, option("TEXT", "Heading of the page.", "--title")] = None,
    force: Annotated[bool, flag("--force", "Overwrite the file if there is one.")] = False,
) -> None:
    from tdr.render.page.page import TITLE, report_page

    if output is None and session.streams.is_terminal(1):
        raise usage_error("a page is for a browser; write it to a file: `-o report.html`")
    if output is None or output == "-":
        refuse_beside("stdout", {"--force": force})
    else:
        refuse_bad_place(session, output, force=force)
        refuse_other_ending(output, ("html", "htm"), "report")
    evidence, selection = session.selected(criteria, words=True)
    chunks = report_page(
        evidence,
        selection,
        title=title or TITLE,
        question=(*criteria.phrases(), *(f"({said})" for said in selection.expansions)),
    )
    page = "".join(chunks).encode("utf-8", "backslashreplace")
    write_output_file(session, output or "-", page, force=force)
    session.streams.say(f"{len(selection)} of {len(evidence)} claims")
