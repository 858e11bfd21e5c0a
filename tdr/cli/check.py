"""The command that curators and CI run: check."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tdr.cli import complete
from tdr.cli.declare import argument, flag, option
from tdr.cli.options import Group, examples, format_option, refuse_beside, takes
from tdr.cli.session import Session, directory_names
from tdr.cli.writing import show_change
from tdr.model.errors import NEGATIVE, Location, Problem, TdrError, file_error, usage_error
from tdr.model.text import counted
from tdr.read.files import evidence_directory_of, special_file_kind

if TYPE_CHECKING:
    from tdr.check import Report, Rule
    from tdr.read.files import Directory
    from tdr.read.yaml import Document


_PANEL = "Which rules"


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """Which rules are applied, listed or explained."""

    select: Annotated[
        list[str] | None,
        option("CODE", "Only these rules: A,B or repeated.", panel=_PANEL, complete=complete.rules),
    ] = None
    ignore: Annotated[
        list[str] | None,
        option("CODE", "Not these rules: A,B or repeated.", panel=_PANEL, complete=complete.rules),
    ] = None
    show_ignored: Annotated[
        bool, flag("--show-ignored", "List also what claims ignore, and why.", panel=_PANEL)
    ] = False
    explain: Annotated[
        str | None,
        option("CODE", "Print the manual page of a rule.", panel=_PANEL, complete=complete.rules),
    ] = None
    list_rules: Annotated[bool, flag("--list-rules", "List the rules.", panel=_PANEL)] = False


@dataclass(frozen=True, slots=True)
class FixOptions:
    """Whether findings are fixed before the report, and how."""

    fix: Annotated[
        bool, flag("--fix", "First fix what is safe: labels, spaces, misspelt fields.")
    ] = False
    dry_run: Annotated[
        bool, flag("--dry-run", "With --fix: show the fixes as a diff, write nothing.")
    ] = False
    force: Annotated[bool, flag("--force", "With --fix: even a protected or hard-linked file.")] = (
        False
    )

    def __post_init__(self) -> None:
        for is_given, name in ((self.dry_run, "--dry-run"), (self.force, "--force")):
            if is_given and not self.fix:
                raise usage_error(f"{name} goes with --fix")


RULE_OPTIONS = Group.of("rule_options", RuleOptions)
FIX_OPTIONS = Group.of("fix_options", FixOptions)


def _codes(option: str, given: Iterable[str] | None) -> tuple[str, ...]:
    codes: list[str] = []
    for text in given or ():
        named = [code for part in text.split(",") if (code := part.strip())]
        if not named:
            raise usage_error(f"the value of {option} is empty")
        codes += named
    return tuple(codes)


@takes(RULE_OPTIONS, FIX_OPTIONS)
@examples(
    "tdr check my-evidence --strict --format sarif > check.sarif",
    "git show :evidence/chemo.yaml | tdr check -   # what is about to be committed",
)
def check_command(
    session: Session,
    rule_options: RuleOptions,
    fix_options: FixOptions,
    paths: Annotated[
        list[str] | None,
        argument(
            "[PATH...]",
            "Evidence directories, or files or sources inside one: then only their findings "
            "are shown. "
            "Default: the evidence that other commands read. - reads a file of claims from stdin "
            "and checks it in the place of the file of that therapy; its ids tell the source.",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        format_option("report", "--format", "-o", default="text; github in GitHub Actions"),
    ] = None,
    strict: Annotated[bool, flag("--strict", "Fail on warnings, too.")] = False,
    against: Annotated[
        list[str] | None,
        option("FILE", "A local text whose wording must not reappear; repeatable."),
    ] = None,
) -> None:
    if rule_options.explain is not None or rule_options.list_rules:
        what = "--list-rules" if rule_options.explain is None else "--explain"
        refuse_beside(
            what,
            {
                "--list-rules": rule_options.list_rules and what != "--list-rules",
                "--select": rule_options.select,
                "--ignore": rule_options.ignore,
                "--show-ignored": rule_options.show_ignored,
                "--fix": fix_options.fix,
                f"-o {output_format}": output_format,
                "--strict": strict,
                "--against": against,
                "PATH": paths,
            },
        )
        from tdr.check import rule
        from tdr.check.manual import listing, page

        text = listing() if rule_options.explain is None else page(rule(rule_options.explain))
        session.streams.write([text], drawn=True)
        return
    from tdr.check import select_rules
    from tdr.check.formats import render

    rules = select_rules(
        _codes("--select", rule_options.select), _codes("--ignore", rule_options.ignore)
    )
    if output_format is None:
        output_format = "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"
    if fix_options.fix and "-" in (paths or []):
        raise usage_error("--fix writes to files; what is read from stdin is none")
    texts = _source_texts(against or [])
    check = partial(_check, session, paths or [], rules, texts)
    reports = check()
    if fix_options.fix:
        reports = _fix(session, fix_options, reports, check)
    report = sum((each.report for each in reports[1:]), reports[0].report)
    if fix_options.dry_run:  # stdout has the diff alone, to be used as a patch
        session.streams.report(report.findings)
    else:
        session.streams.write(
            render(report, output_format, strict=strict, show_ignored=rule_options.show_ignored),
            drawn=output_format == "text",
        )
    session.streams.say(report.summary())
    if report.failures:
        raise TdrError(*report.failures)
    if report.failed(strict=strict):
        raise typer.Exit(NEGATIVE)


def _source_texts(names: Iterable[str]) -> dict[str, str]:
    """File name -> its text, with which claims must share no wording."""
    from tdr.check.wording import SHARED_RUN, tokens
    from tdr.read.content import read_file
    from tdr.read.limits import Limits

    texts: dict[str, str] = {}
    for name in names:
        data = read_file(Path(name), name=name, limits=Limits(file_bytes=1 << 26))
        text = data.decode("utf-8", "replace")
        if "\0" in text or text.startswith("%PDF") or len(tokens(text)) < SHARED_RUN:
            raise file_error(name, "holds no text to compare with; save the source as plain text")
        texts[name] = text
    return texts


class _DirectoryReport(NamedTuple):
    """The report on an evidence directory and those that are united with it."""

    directory: Directory
    others: Sequence[Directory]
    report: Report


_MAX_PASSES = 5
"""Fixes of one pass can show findings for the next: a field's name, its value, its spaces."""


def _fix(
    session: Session,
    options: FixOptions,
    reports: list[_DirectoryReport],
    check: Callable[[Mapping[Path, Document]], list[_DirectoryReport]],
) -> list[_DirectoryReport]:
    """Apply the safe fixes of reports, or show them as a diff; returns the reports afterwards.

    Every fix is written to stderr. Each file is written whole or not at all. Raises TdrError for
    the first file that cannot be written, after its fixes were listed as still to be made.
    """
    from tdr.edit.atomic import write_file
    from tdr.edit.fix import FIXABLE, FixedFile, fix
    from tdr.read.dataset import read_dataset
    from tdr.read.yaml import parse_yaml

    files: dict[Path, FixedFile] = {}
    overrides: dict[Path, Document] = {}
    for _ in range(_MAX_PASSES):
        new: dict[Path, FixedFile] = {}
        for directory, others, report in reports:
            new |= fix(read_dataset(*directory, overrides, others), report.findings, files)
        if not new:
            break
        files |= new
        overrides |= {path: parse_yaml(file.after, file.name) for path, file in new.items()}
        reports = check(overrides)
    say, will_be = session.streams.say, "to be " if options.dry_run else ""

    def list_fixes(file: FixedFile, state: str) -> None:
        for done in file.fixes:
            say(f"{done.problem.location}: {state}: {done.text} [{done.problem.rule}]")

    for path, file in files.items():
        if options.dry_run:
            show_change(session, file.name, file.before, file.after)
        else:
            try:
                write_file(
                    path, file.after, expected=file.before, name=file.name, force=options.force
                )
            except TdrError:
                list_fixes(file, "to be fixed")
                raise
        list_fixes(file, f"{will_be}fixed")
    say(f"{sum(len(file.fixes) for file in files.values())} {will_be}fixed")
    left = sum(p.rule in FIXABLE for each in reports for p in each.report.findings)
    if left:
        why = "left to you: several things could be meant, or an item would stand twice"
        say(f"{counted(left, 'finding')} {why}")
    return reports


def _check(
    session: Session,
    paths: list[str],
    rules: tuple[Rule, ...],
    against: Mapping[str, str],
    overrides: Mapping[Path, Document] = MappingProxyType({}),
) -> list[_DirectoryReport]:
    """A report on each evidence directory that was named, or of which files were.

    `overrides` are documents to read in place of files.
    """
    from tdr.check import run
    from tdr.read.dataset import intended_path
    from tdr.read.documents import read_document_from
    from tdr.read.files import Directory

    def checked(
        directory: Directory,
        others: Sequence[Directory] = (),
        overrides: Mapping[Path, Document] = overrides,
    ) -> _DirectoryReport:
        report = run(*directory, rules=rules, against=against, overrides=overrides, others=others)
        return _DirectoryReport(directory, others, report)

    used, *others = session.directories
    if not paths:
        return [checked(used, others)]
    reports = []
    if "-" in paths:
        document = read_document_from(session.streams.stdin(), "<stdin>")
        found = checked(used, others, {intended_path(document, used): document})
        reports.append(found._replace(report=found.report.only({document.name})))
    for directory, files in _by_directory([path for path in paths if path != "-"]).items():
        try:
            found = checked(Directory(Path(directory), directory))
        except TdrError as error:
            if not files or all(problem.rule != "no-evidence" for problem in error.problems):
                raise
            raise _not_evidence(files, directory) from None
        if files:
            found = found._replace(report=_findings_in(found.report, directory, files))
        reports.append(found)
    return reports


def _by_directory(paths: list[str]) -> dict[str, list[str]]:
    """Evidence directory -> the files and sources in it that were named.

    For a directory that was named itself there are none: then all of its findings are shown.
    """
    spelled: dict[str, str] = {}
    wanted: dict[str, list[str]] = {}
    whole = set()
    for path in paths:
        (name,) = directory_names((path,))  # `shipped` is known here, too
        if not name:
            raise usage_error("a path is empty")
        if not os.path.lexists(name):
            raise file_error(name, "no such file or directory")
        kind = special_file_kind(Path(name))
        if kind not in ("", "directory"):
            raise file_error(name, f"is a {kind}, not a regular file")
        directory = _directory_to_check(name)
        real = os.path.realpath(directory)
        spelled.setdefault(real, directory.rstrip("/") or "/")
        wanted.setdefault(real, []).append(name)
        if directory == name:
            whole.add(real)
    return {spelled[real]: [] if real in whole else files for real, files in wanted.items()}


def _directory_to_check(name: str) -> str:
    """The evidence directory to check for a path: itself, or the one that it belongs to."""
    directory = name
    if not os.path.isdir(name):
        directory = os.path.dirname(name) or "."
        if os.path.basename(os.path.abspath(directory)) == "vocabulary":
            return os.path.dirname(directory) or (".." if directory == "." else ".")
    if evidence_directory_of(Path(directory)) is None:
        return directory
    return os.path.normpath(os.path.join(directory, os.pardir, os.pardir))


def _findings_in(report: Report, directory: str, files: list[str]) -> Report:
    """The report on these files and folders only, even if it spells their paths otherwise."""
    known = {Path(os.path.realpath(name)): name for name in report.files}
    named = {name: Path(os.path.realpath(name)) for name in files}
    inside = {name: [known[one] for one in known if one.is_relative_to(named[name])]
              for name in named}  # fmt: skip
    unknown = [name for name, found in inside.items() if not found]
    if unknown:
        raise _not_evidence(unknown, directory)
    return report.only(set().union(*inside.values()))


def _not_evidence(files: Iterable[str], directory: str) -> TdrError:
    text = f"is not one of the evidence files of {directory}"
    return TdrError(*(Problem(text, location=Location(name)) for name in files))
