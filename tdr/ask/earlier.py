"""Evidence as it was, put into a directory of its own for a while: of a git revision, a wheel or an
sdist.

git is asked for the bare content of files: no filter, hook or program that the repository
configures takes part.
"""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from tdr.model.errors import TdrError, usage_error
from tdr.read.content import open_regular, read_stream
from tdr.read.files import SOURCES

_SECONDS = 60
_NOT_INHERITED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
}
_EVIDENCE_FILE = re.compile(
    rf"(?:vocabulary/|{SOURCES}/[a-z][a-z0-9-]*/)?[\w-]+\.(?:yaml|jsonl)", re.ASCII
)
"""Path of a file of evidence, below the directory."""
_DATA_VERSION = re.compile(rb"^data_version: *[\"']?([0-9.]+)", re.M)
_REGULAR = (b"100644", b"100755")


@contextmanager
def checked_out(revision: str, directory: Path) -> Iterator[Path]:
    """The files of an evidence directory, as a revision of its repository has them.

    A revision may also be a version of the data (`1.1.0`): its last state in the history.
    Raises TdrError when there is no git, no repository, no such revision, or nothing of
    the directory in it.
    """
    from tdr.edit.temporary import temporary_directory

    commit = _commit(revision, directory)
    blobs = _blobs(commit, directory)
    if not blobs:
        raise TdrError(f"revision `{revision[:80]}` has no evidence in {directory}")
    with temporary_directory() as copy:
        for file, blob in blobs.items():
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            (copy / file).write_bytes(_git(directory, "cat-file", "blob", blob))
        yield copy


def _commit(revision: str, directory: Path) -> str:
    """The full name of the commit. What git could take for an option never reaches it."""
    shown = revision[:80]
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise usage_error(f"`{shown}` is neither a directory nor a git revision")
    if _run(directory, "rev-parse", "--git-dir").returncode:
        text = (
            f"`{shown}` is no directory, and {directory} is in no git repository: "
            "name another directory, the wheel or sdist of a release, or a clone with --evidence"
        )
        raise usage_error(text)
    commit = _verified(directory, revision)
    if commit is not None:
        return commit
    versions = _versions(directory)
    if revision in versions:
        return versions[revision]
    known = f"; data versions there: {', '.join(versions)}" if versions else ""
    raise usage_error(f"`{shown}` is neither a directory nor a revision of {directory}{known}")


def _verified(directory: Path, revision: str) -> str | None:
    """The full name of a commit; None if there is none."""
    asked = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = _run(directory, "rev-parse", *asked)
    return None if found.returncode else found.stdout.decode("ascii").strip()


def _versions(directory: Path) -> dict[str, str]:
    """Version of the data -> the last commit that has it, newest first."""
    last: dict[str, str] = {}
    before = "HEAD"  # the last commit before the version that follows
    listed = _git(directory, "rev-list", "HEAD", "--", "source.yaml").decode("ascii")
    for commit in listed.split():
        found = _DATA_VERSION.search(_git(directory, "cat-file", "blob", f"{commit}:./source.yaml"))
        commit_of = _verified(directory, before)
        if found and commit_of:
            last.setdefault(found[1].decode("ascii"), commit_of)
        before = f"{commit}^"
    return last


def _blobs(commit: str, directory: Path) -> dict[str, str]:
    """Evidence file -> the name of its content."""
    blobs = {}
    listed = _git(directory, "ls-tree", "-r", "-z", commit, "--", ".")
    for line in filter(None, listed.split(b"\0")):
        about, _, path = line.partition(b"\t")
        mode, _, blob = about.split(b" ")
        name = path.decode("utf-8", "surrogateescape")
        if not _EVIDENCE_FILE.fullmatch(name):
            continue
        if mode not in _REGULAR:
            raise TdrError(f"{name} is not a regular file in revision {commit[:12]}")
        blobs[name] = blob.decode("ascii")
    return blobs


def _git(directory: Path, *arguments: str) -> bytes:
    done = _run(directory, *arguments)
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise TdrError(f"git: {message.removeprefix('fatal: ')[:200]}")
    return done.stdout


def _run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED} | _SETTINGS
    command = ["git", "--no-pager", "-c", "core.fsmonitor=false", "-C", os.fspath(directory)]
    try:
        return subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=environment,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise TdrError("git is needed to compare revisions, and is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TdrError(f"git: {type(error).__name__}") from None


@contextmanager
def unpacked(package: Path) -> Iterator[Path]:
    """The evidence files of a package (.whl, .zip, .tar.gz): beside the outermost `source.yaml`.

    Nothing else is unpacked. Raises TdrError for what is no package, or has no evidence.
    """
    from tdr.edit.temporary import temporary_directory

    name = str(package)
    with open_regular(package, name) as file, temporary_directory() as copy:
        found = False
        try:
            for path, content in _evidence(file):
                target = copy / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(read_stream(content, f"{name}:{path}"))
                found = True
        except (BadZipFile, tarfile.TarError, EOFError, OSError, RuntimeError) as error:
            text = f"`{name}` is no wheel or sdist that can be read ({type(error).__name__})"
            raise usage_error(text) from None
        if not found:
            raise usage_error(f"`{name}` holds no evidence")
        yield copy


def _evidence(file: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    """Evidence files by their paths below the directory of evidence."""
    is_zip = file.read(2) == b"PK"
    file.seek(0)
    opened: Callable[[Any], IO[bytes] | None]
    with ZipFile(file) if is_zip else tarfile.open(fileobj=file) as package:
        if isinstance(package, ZipFile):
            members: dict[PurePosixPath, Any] = {
                PurePosixPath(one.filename): one for one in package.infolist()
            }
            opened = package.open
        else:
            members = {PurePosixPath(one.name): one for one in package if one.isreg()}
            opened = package.extractfile
        sources = [path for path in members if path.name == "source.yaml"]
        home = min(sources, key=lambda path: len(path.parts)).parent if sources else None
        for path, member in members.items():
            below = str(path.relative_to(home)) if home and path.is_relative_to(home) else ""
            if _EVIDENCE_FILE.fullmatch(below) and (content := opened(member)):
                with content:
                    yield below, content
