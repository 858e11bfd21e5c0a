"""Rules about files, fields and ids: the shape of the evidence."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tdr.check.context import Context
from tdr.check.finding import WARNING, claim_finding, finding
from tdr.model.errors import Location, Problem, did_you_mean, near
from tdr.model.therapies import NAME
from tdr.model.values import KINDS, NO_TITLE, SAFE_ID
from tdr.read import files
from tdr.read.access import ROOT_FIELDS, Fields


def no_evidence(context: Context) -> Iterator[Problem]:
    """Nothing to check: no file of claims, or no claim in any of them.

    A directory without evidence is never clean: most likely it is the wrong one.

    Wrong:
        tdr check docs/
    Right:
        tdr check evidence/
    """
    if not context.dataset.records:
        place = Location(context.layout.name)
        found = finding("there is not one claim in this directory", place)
        yield found._replace(severity=WARNING) if context.is_draft else found


MISSING_FILE = """File that every evidence directory needs is not there.

Claims point to references, vocabulary and source; without these nothing can be
said about them.

Wrong:
    evidence/chemo.yaml
Right:
    evidence/chemo.yaml
    evidence/references.yaml
    evidence/source.yaml
    evidence/vocabulary/agents.yaml     (and cells, cancers, molecules, pathways, processes)
"""


def stray_file(context: Context) -> Iterator[Problem]:
    """File that looks like evidence but has no name under which it is read.

    Files of claims are named after their therapy. A file named otherwise is passed
    over by every command, whatever it holds; so is a folder of terms that is not called
    `vocabulary`, and a folder of sources that is not called `sources`.

    Wrong:
        evidence/chemotherapy.yaml
    Right:
        evidence/chemo.yaml
    """
    layout = context.layout
    if "therapies" in context.support.unread:
        return  # a file may be that of a therapy that could not be read
    therapies = context.support.therapies
    wanted = dict.fromkeys(layout.files)
    for one in layout.sources:
        wanted.update((one.source.with_name(f"{therapy}.yaml"), None) for therapy in therapies)
    absent = [path for path in wanted if not os.path.lexists(path)]
    for path in (path for path, kind in context.unread_files if not kind):
        beside = [other.name for other in absent if other.parent == path.parent]
        hint = did_you_mean(near(path.name, beside))
        if path.parent.name != "vocabulary" and re.fullmatch(NAME, path.stem):
            listed = os.path.join("vocabulary", files.THERAPIES)
            hint = f" unless {listed} has the therapy `{path.stem}`{hint}"
        location = Location(layout.label(path))
        yield finding(f"no command reads a file of this name{hint}", location)
    for root in layout.roots:
        for folder in filter(os.path.isdir, map(root.path.joinpath, sorted(os.listdir(root.path)))):
            right = _folder_name(folder)
            if right and not folder.name.startswith(".") and folder.name != right:
                message = f"no command reads a folder of this name{did_you_mean([right])}"
                yield finding(message, Location(layout.label(folder)))


def _folder_name(folder: Path) -> str:
    """The name under which a folder with such files is read; empty if there is none."""
    if any((folder / f"{kind}.yaml").exists() for kind in KINDS):
        return "vocabulary"
    return files.SOURCES if any(folder.glob("*/source.yaml")) else ""


def special_file(context: Context) -> Iterator[Problem]:
    """FIFO, socket, device or directory with the name of a file of evidence.

    Reading a FIFO can take for ever, and none of them can be kept under version control,
    so every command passes them over. Remove it, or put a file in its place.

    Wrong:
        evidence/radio.yaml   (made by mkfifo)
    Right:
        evidence/radio.yaml   (a regular file, or a link to one)
    """
    for path, kind in context.unread_files:
        if kind:
            yield files.special_file_warning(context.layout.label(path), kind)


def unknown_field(context: Context) -> Iterator[Problem]:
    """Field that does not exist, most often one that is misspelt.

    No command reads what stands in it. The message names the nearest field.

    Wrong:
        cancer: [prostate cancer]
    Right:
        cancers: [prostate cancer]
    """
    # The problem `root` of a file without its root key names the misspelt one already.
    without_root = {problem.location.file for problem in context.found("root") if problem.location}
    for problem in context.found("unknown-field"):
        if problem.subject or not problem.location or problem.location.file not in without_root:
            yield problem
    layout = context.layout
    for path in layout.files:
        if layout.kind(path) == "claims":
            continue
        document = context.document(path)
        if isinstance(document.value, Mapping) and document.name not in without_root:
            fields = Fields(document.value, document.where, [])
            fields.known(ROOT_FIELDS[layout.kind(path)])
            yield from fields.problems


def missing_field(context: Context) -> Iterator[Problem]:
    """Field that has to be written is not there.

    An empty list says that the source does not name anything; a list that was left
    out says nothing, and looks the same in every answer. So claims write every field
    except `basis`, `note`, `verified` and `ignore`. A title that was unknown when a
    source was imported is a warning.

    Wrong:
        - id: and-001
          promotes: [cancer-associated fibroblast]
          cancers: [prostate cancer]
    Right:
        - id: and-001
          promotes: [cancer-associated fibroblast]
          opposes: []
          cancers: [prostate cancer]
    """
    misspelt = {
        (problem.subject, problem.about)
        for problem in context.found("unknown-field")
        if problem.about
    }
    reported: set[tuple[str, str]] = set()
    for problem in context.found("missing-field"):
        # A misspelt field is reported once, by [unknown-field].
        field = (problem.subject, problem.about)
        reported.add(field)
        if field not in misspelt:
            yield problem
    for record in context.dataset.records:
        for name in context.required:
            if record.raw and name not in record.raw:
                field = (record.identifier, name)
                if field not in reported and field not in misspelt:
                    text = f"field `{name}` is missing; write `{name}: []` for none"
                    yield finding(text, record.where(), record.identifier)
    for number, reference in context.references.items():
        if reference.title == NO_TITLE:
            text = f"reference {number} has no title; an import wrote `{NO_TITLE}` for it"
            found = finding(text, context.reference(number, "title"), str(number))
            yield found._replace(severity=WARNING)


WRONG_TYPE = """Value of the wrong type.

A text where a list belongs, an unquoted number where text belongs, and so on.

Wrong:
    promotes: monocyte
    volume: 67
Right:
    promotes: [monocyte]
    volume: '67'
"""

CHOICE = """Value that is not one of the words that the field allows.

`effect` is resistance or sensitivity; `basis` in vitro, in vivo, patient or
association; `cited_as` claim or background; `status` ok, correction, concern or
retracted; `xref_match` exact, broad or narrow.

Wrong:
    effect: resistant
Right:
    effect: resistance
"""


def identifier(context: Context) -> Iterator[Problem]:
    """Id that does not have the form prefix, hyphen, three to nine digits.

    Ids are cited, typed, sorted and completed in shells: one form, for ever.

    Wrong:
        id: imm-4
    Right:
        id: imm-004
    """
    yield from context.found("id")
    therapies = context.support.therapies
    prefixes = "|".join(therapies.prefixes)
    valid = re.compile(rf"{re.escape(context.prefix)}({prefixes})-\d{{3,9}}")
    for record in context.dataset.records:
        text = record.identifier
        if text and re.fullmatch(SAFE_ID, text) and not valid.fullmatch(text):
            example = f"{context.prefix}{therapies[record.file.therapy].prefix}-001"
            form = "be a prefix, a hyphen and 3 to 9 digits"
            if not text.startswith(context.prefix):
                form = f"begin with `{context.prefix}`, the key of its source"
            message = f"id `{text}` must {form}, such as {example}"
            yield claim_finding(record, message, "id")


def id_prefix(context: Context) -> Iterator[Problem]:
    """Id with the prefix of another therapy.

    The prefix tells which file a claim stands in: imm, tgt, che, rad and and, unless
    vocabulary/therapies.yaml says otherwise.

    Wrong:
        therapy: chemo
        claims:
          - id: imm-004
    Right:
        therapy: chemo
        claims:
          - id: che-004
    """
    therapies = context.support.therapies
    for record in context.dataset.records:
        text = record.identifier
        own = text.removeprefix(context.prefix)
        prefix, right = own.partition("-")[0], therapies[record.file.therapy].prefix
        if prefix != right and prefix in therapies.prefixes:
            message = f"id `{text}` has the prefix of another therapy; "
            message += f"ids of {record.file.therapy} begin with `{context.prefix}{right}-`"
            yield claim_finding(record, message, "id")


DUPLICATE_ID = """Id that two claims have, in one file or in two.

An id stands for one claim for ever and is not used again when a claim is removed.

Wrong:
    - id: rad-007
    - id: rad-007
Right:
    - id: rad-007
    - id: rad-008
"""

THERAPY_FILE = """Therapy that is not the one the file is named after.

The name of the file decides under which therapy its claims are found; a file that
says otherwise inside was copied or renamed by mistake.

Wrong:
    # radio.yaml
    therapy: radiotherapy
Right:
    # radio.yaml
    therapy: radio
"""

THERAPY = """Therapy with an invalid label or prefix, or with a form that another one has.

`vocabulary/therapies.yaml` says which therapies there are: the label names the files of
claims, the prefix begins their ids, and every other form is what people may type. So no
form may name two of them.

Wrong:
    - label: Hormone therapy
      prefix: h
Right:
    - label: hormone
      prefix: hor
      synonyms: [hormone therapy, endocrine therapy]
"""

SOURCE_KEY = """Key of a source that is invalid, taken, or not the name of its folder.

A source is asked for by its key, ids begin with it, and its folder is called so: a
small letter, then small letters, digits and hyphens, 24 characters at most.

Wrong:
    # sources/acar2016/source.yaml
    key: acar
Right:
    key: acar2016
"""
