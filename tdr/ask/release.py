"""The evidence in a released package, a wheel or an sdist, put into a directory for a while."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from tdr.ask.revision import EVIDENCE_FILE
from tdr.model.errors import usage_error
from tdr.read.content import open_regular, read_stream


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
            if EVIDENCE_FILE.fullmatch(below) and (content := opened(member)):
                with content:
                    yield below, content
