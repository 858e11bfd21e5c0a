"""Every reference manager that can be installed here reads our citations back: `make readback`.

Python readers come from PyPI into a scratch environment, JavaScript ones from npm, the others
from the system (Debian: pandoc, biber, bibutils, jabref, texlive-base). Zotero reads where its
translation server runs on this machine (github.com/zotero/translation-server, `npm start`). What
a machine lacks is reported as such. The table goes to docs/readback.md.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tdr
from tdr.ask.bibliography import Bibliography
from tdr.model.authors import authors
from tdr.model.publication import Publication
from tdr.render.citations import bibtex, csl, ris

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/readback.md"
FIELDS = ("title", "families", "year", "volume", "first", "last", "doi")

Item = dict[str, Any]
"""A reference in the words of `FIELDS`, and its `id` where the reader keeps it."""


class MissingReaderError(Exception):
    """The reader is not here and cannot be installed."""


@dataclass(frozen=True)
class Reader:
    """A program and what it makes of one of our files."""

    name: str
    form: str
    read: Callable[[Path, Path], tuple[str, Sequence[Item] | int]]
    """From (our file, scratch directory) to its version, and the items or just their number."""


def run(*argv: str | Path, cwd: Path | None = None, stdin: str | None = None) -> str:
    if shutil.which(str(argv[0])) is None:
        raise MissingReaderError(str(argv[0]))
    command = list(map(str, argv))
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, check=True)
    return done.stdout


# --- what readers give -----------------------------------------------------------------------


def of_csl(items: Sequence[Item]) -> list[Item]:
    return [
        {
            "id": item.get("id"),
            "title": item.get("title"),
            "families": [
                " ".join(
                    name[part]
                    for part in ("non-dropping-particle", "dropping-particle", "family", "literal")
                    if name.get(part)
                )
                for name in item.get("author", ())
            ],
            "year": (item.get("issued", {}).get("date-parts") or [[None]])[0][0],
            "volume": item.get("volume"),
            **pages(item.get("page")),
            "doi": item.get("DOI"),
        }
        for item in items
    ]


def pages(text: str | None) -> Item:
    first, _, last = re.sub("[–-]+", "-", text or "").partition("-")
    return {"first": first, "last": last}


def of_ris(text: str) -> list[Item]:
    import rispy

    return [
        {
            "id": entry.get("id"),
            "title": entry.get("title") or entry.get("primary_title"),
            "families": [name.split(",")[0] for name in entry.get("authors", ())],
            "year": (entry.get("year") or "").split("/")[0],
            "volume": entry.get("volume"),
            "first": entry.get("start_page"),
            "last": entry.get("end_page"),
            "doi": entry.get("doi"),
        }
        for entry in rispy.loads(text)
    ]


def of_bibtex(text: str) -> list[Item]:
    import bibtexparser
    from bibtexparser import middlewares

    steps = [
        middlewares.SeparateCoAuthors(),
        middlewares.SplitNameParts(),
        middlewares.LatexDecodingMiddleware(),
    ]
    library = bibtexparser.parse_string(text, append_middleware=steps)
    return [
        {
            "id": entry.key,
            "title": entry.get("title").value,
            "families": [
                " ".join((*name.von, *name.last)) for name in value(entry, "author") or ()
            ],
            "year": value(entry, "year") or value(entry, "date"),
            "volume": value(entry, "volume"),
            **pages(value(entry, "pages")),
            "doi": value(entry, "doi"),
        }
        for entry in library.entries
    ]


def value(entry: Any, name: str) -> Any:
    field = entry.get(name)
    return field.value if field else None


# --- readers ---------------------------------------------------------------------------------


def version_of(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def bibtexparser_(file: Path, _: Path) -> tuple[str, Sequence[Item]]:
    return version_of("bibtexparser"), of_bibtex(file.read_text("utf-8"))


def rispy_(file: Path, _: Path) -> tuple[str, Sequence[Item]]:
    return version_of("rispy"), of_ris(file.read_text("utf-8"))


def in_python(scratch: Path, package: str, code: str, *argv: str | Path) -> tuple[str, Any]:
    home = scratch / f"py-{package}"
    if not home.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        install = [home / "bin/python", "-m", "pip", "install", "--quiet", package]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            raise MissingReaderError(package)
    which = f"from importlib.metadata import version; print(version({package!r}))"
    python = home / "bin/python"
    return run(python, "-c", which).strip(), json.loads(run(python, "-c", code, *argv))


PYBTEX = """
import json, sys
from pybtex.database import parse_file
from pybtex.richtext import Text
def plain(text): return str(Text.from_latex(text))
print(json.dumps([{"id": key, "title": plain(e.fields["title"]), "year": e.fields.get("year"),
  "families": [plain(" ".join(p.prelast_names + p.last_names))
    for p in e.persons.get("author", ())],
  "volume": e.fields.get("volume"), "pages": e.fields.get("pages"), "doi": e.fields.get("doi")}
  for key, e in parse_file(sys.argv[1]).entries.items()]))
"""

CITEPROC_PY = """
import json, sys, warnings
warnings.simplefilter("ignore")
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc import formatter
from citeproc.source.json import CiteProcJSON
items = json.load(open(sys.argv[1]))
style = CitationStylesStyle("harvard-cite-them-right", validate=False)
book = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
for item in items: book.register(Citation([CitationItem(item["id"])]))
print(json.dumps(sum(bool(str(entry)) for entry in book.bibliography())))
"""


def pybtex(file: Path, scratch: Path) -> tuple[str, Sequence[Item]]:
    version, items = in_python(scratch, "pybtex", PYBTEX, file)
    return version, [item | pages(item.get("pages")) for item in items]


def citeproc_py(file: Path, scratch: Path) -> tuple[str, int]:
    version, rendered = in_python(scratch, "citeproc-py", CITEPROC_PY, file)
    return version, rendered


def in_node(scratch: Path, packages: str, code: str, file: Path) -> tuple[str, Any]:
    home = scratch / "node"
    home.mkdir(exist_ok=True)
    names = packages.split()
    if shutil.which("npm") is None:
        raise MissingReaderError("npm")
    try:
        run("npm", "install", "--silent", "--no-audit", "--no-fund", *names, cwd=home)
    except subprocess.CalledProcessError:
        raise MissingReaderError(names[0]) from None
    script = home / "read.mjs"
    script.write_text(code, "utf-8")
    of = json.loads((home / "node_modules" / names[0] / "package.json").read_text("utf-8"))
    return of["version"], json.loads(run("node", script, file, cwd=home))


CITATION_JS = """
import {readFileSync} from 'fs'
import {Cite} from '@citation-js/core'
import '@citation-js/plugin-bibtex'
import '@citation-js/plugin-ris'
import '@citation-js/plugin-csl'
const text = readFileSync(process.argv[2], 'utf8')
console.log(JSON.stringify(WHAT))
"""
_PACKAGES = "@citation-js/core " + " ".join(
    f"@citation-js/plugin-{name}" for name in ("bibtex", "ris", "csl")
)


def citation_js(file: Path, scratch: Path) -> tuple[str, Sequence[Item]]:
    code = CITATION_JS.replace("WHAT", "new Cite(text).data")
    version, items = in_node(scratch, _PACKAGES, code, file)
    return version, of_csl(items)


def citeproc_js(file: Path, scratch: Path) -> tuple[str, int]:
    code = CITATION_JS.replace(
        "WHAT",
        "new Cite(text).format('bibliography', {template: 'vancouver', asEntryArray: true}).length",
    )
    _, rendered = in_node(scratch, _PACKAGES, code, file)
    engine = scratch / "node/node_modules/citeproc/package.json"
    return json.loads(engine.read_text("utf-8"))["version"], rendered


RETORQUERE = """
import {readFileSync} from 'fs'
import {parse} from '@retorquere/bibtex-parser'
const text = readFileSync(process.argv[2], 'utf8')
console.log(JSON.stringify(parse(text).entries.map(e => ({id: e.key, title: e.fields.title,
  families: (e.fields.author || [])
    .map(a => [a.prefix, a.lastName || a.name].filter(x => x).join(" ")),
  year: e.fields.year, volume: e.fields.volume, pages: e.fields.pages, doi: e.fields.doi}))))
"""


def retorquere(file: Path, scratch: Path) -> tuple[str, Sequence[Item]]:
    version, items = in_node(scratch, "@retorquere/bibtex-parser", RETORQUERE, file)
    return version, [item | pages(item.get("pages")) for item in items]


def pandoc(file: Path, _: Path) -> tuple[str, Sequence[Item]]:
    form = "bibtex" if file.suffix == ".bib" else "csljson"
    version = run("pandoc", "--version").split()[1]
    return version, of_csl(json.loads(run("pandoc", "-f", form, "-t", "csljson", file)))


def biber(file: Path, scratch: Path) -> tuple[str, Sequence[Item]]:
    made = scratch / "biber.bib"
    version = run("biber", "--version").split()[-1]
    run("biber", "--tool", "--quiet", f"--output-file={made}", file, cwd=scratch)
    text = re.sub(r"^  [A-Z]+ ", lambda name: name[0].lower(), made.read_text("utf-8"), flags=re.M)
    return version, of_bibtex(text)


def bibtex_(file: Path, scratch: Path) -> tuple[str, int]:
    place = scratch / "bibtex"
    place.mkdir(exist_ok=True)
    shutil.copy(file, place / "refs.bib")
    (place / "x.aux").write_text("\\citation{*}\n\\bibdata{refs}\n\\bibstyle{plain}\n")
    version = run("bibtex", "--version").split()[1]
    try:
        run("bibtex", "x", cwd=place)
    except subprocess.CalledProcessError as error:
        if "couldn't open style file" in error.stdout:
            raise MissingReaderError("plain.bst (texlive-base)") from None
        raise
    return version, (place / "x.bbl").read_text("utf-8", "replace").count("\\bibitem")


def bibutils(file: Path, _: Path) -> tuple[str, Sequence[Item]]:
    kind = file.suffix[1:]
    middle = run(f"{kind}2xml", file)
    if shutil.which("xml2ris") is None:
        raise MissingReaderError("xml2ris")
    shown = subprocess.run(["xml2ris", "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"[0-9]+\.[0-9]+", shown.stderr + shown.stdout)
    return found[0] if found else "", of_ris(run("xml2ris", stdin=middle).lstrip("\ufeff"))


def jabref(file: Path, scratch: Path) -> tuple[str, Sequence[Item]]:
    made = scratch / f"jabref-{file.suffix[1:]}.bib"
    version = run("jabref", "-n", "--version").split()[1]
    given = ("--import", f"{file},ris") if file.suffix == ".ris" else (file,)
    run("jabref", "--nogui", *given, "--output", made)
    # Of RIS it makes entries without keys, which others take for one entry many times.
    number = itertools.count(1)
    text = re.sub(
        r"(?m)^(@\w+\{),", lambda head: f"{head[1]}{next(number)},", made.read_text("utf-8")
    )
    return version, of_bibtex(text)


ZOTERO = "http://127.0.0.1:1969/import"


def zotero(file: Path, _: Path) -> tuple[str, Sequence[Item]]:
    asked = urllib.request.Request(ZOTERO, file.read_bytes(), {"Content-Type": "text/plain"})
    try:
        with urllib.request.urlopen(asked) as answer:
            items = json.load(answer)
    except urllib.error.URLError:
        raise MissingReaderError(f"translation server at {ZOTERO}") from None
    return "", [
        {
            "title": item.get("title"),
            "families": [name.get("lastName") or name["name"] for name in item["creators"]],
            "year": item.get("date"),
            "volume": item.get("volume"),
            **pages(item.get("pages")),
            "doi": item.get("DOI"),
        }
        for item in items
    ]


READERS = (
    Reader("bibtexparser", "bib", bibtexparser_),
    Reader("pybtex", "bib", pybtex),
    Reader("citation-js", "bib", citation_js),
    Reader("@retorquere/bibtex-parser (Better BibTeX)", "bib", retorquere),
    Reader("pandoc", "bib", pandoc),
    Reader("biber --tool", "bib", biber),
    Reader("bibtex, style plain", "bib", bibtex_),
    Reader("bibutils", "bib", bibutils),
    Reader("JabRef", "bib", jabref),
    Reader("Zotero's translators", "bib", zotero),
    Reader("rispy", "ris", rispy_),
    Reader("citation-js", "ris", citation_js),
    Reader("bibutils", "ris", bibutils),
    Reader("JabRef", "ris", jabref),
    Reader("Zotero's translators", "ris", zotero),
    Reader("citation-js", "json", citation_js),
    Reader("pandoc", "json", pandoc),
    Reader("Zotero's translators", "json", zotero),
    Reader("citeproc-js, style vancouver", "json", citeproc_js),
    Reader("citeproc-py, style harvard-cite-them-right", "json", citeproc_py),
)


# --- comparing -------------------------------------------------------------------------------


def wanted(publication: Publication) -> Item:
    first, last = publication.page_range
    return {
        "id": publication.key,
        "title": publication.title,
        "families": [author.family for author in authors(publication.names)[0]],
        "year": publication.year,
        "volume": publication.volume,
        "first": first,
        "last": last,
        "doi": publication.doi,
    }


def evened(item: Item, name: str) -> Any:
    """A value for comparing: dashes, apostrophes and marks of what keeps its case do not count."""
    if name == "families":
        # What a reader makes of `and others` is its affair.
        return [plain(text) for text in item[name] if text not in ("others", "et al.")]
    return plain(str(item.get(name) or ""))


def plain(text: str) -> str:
    text = unicodedata.normalize("NFC", re.sub(r"[{}]|</?span[^>]*>", "", text))
    return re.sub("[–—-]+", "-", text.replace("’", "'")).strip()


def verdict(expected: Sequence[Item], got: Sequence[Item] | int) -> str:
    if isinstance(got, int):
        return f"{got} of {len(expected)} rendered"
    if len(got) != len(expected):
        return f"{len(got)} of {len(expected)} records"
    apart = {
        name: [
            (want, have)
            for want, have in zip(expected, got, strict=True)
            if evened(want, name) != evened(have, name)
        ]
        for name in FIELDS
    }
    if not any(apart.values()):
        return f"all {len(got)}, equal"
    cases = sum(
        evened(want, "title").casefold() == evened(have, "title").casefold()
        for want, have in apart["title"]
    )
    different = [f"{len(pairs)} of {name}" for name, pairs in apart.items() if pairs]
    only_case = f" ({cases} titles only in case)" if cases else ""
    return f"all {len(got)}; different: {', '.join(different)}{only_case}"


HEAD = """# Read back by other programs

Made by `make readback`, which writes all {count} references as BibTeX (UTF-8), RIS and CSL-JSON
and lets other programs read them. Compared are title, family names in order, year, volume, first
and last page and DOI; dashes, apostrophes and marks of what keeps its case do not count, nor does
what becomes of `and others`. bibtexparser and rispy do the same in the test suite.

What differs lies with the readers: a BibTeX title has no case but in braces, so pandoc and Better
BibTeX put other words in lower case; bibutils drops the second of two equal authors, takes Jr
for a part of the family name, and writes the pages 1114-23 out as 1114-1123; JabRef 3.8 reads the
link of a RIS record, not its DOI.

| format | reader | version | result |
|---|---|---|---|
"""


def main() -> None:
    evidence = tdr.load(ROOT / "evidence")
    listed = (cited.reference for cited in evidence.refs())
    names = [f"{one.source}:{one.number}" for one in listed]
    references = list(Bibliography(evidence).cited(names))
    expected = [wanted(publication) for publication in references]
    page = HEAD.format(count=len(expected))
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        forms = {"bib": "BibTeX", "ris": "RIS", "json": "CSL-JSON"}
        for form, write in ("bib", bibtex), ("ris", ris), ("json", csl):
            (scratch / f"refs.{form}").write_text("".join(write(references)), "utf-8")
        for reader in READERS:
            try:
                version, got = reader.read(scratch / f"refs.{reader.form}", scratch)
                result = verdict(expected, got)
            except MissingReaderError as missing:
                version, result = "", f"not here: {missing}"
            except subprocess.CalledProcessError as error:
                lines = (error.stderr or error.stdout or "").strip().splitlines() or [""]
                version, result = "", f"fails: {lines[-1][:200]}"
            line = f"| {forms[reader.form]} | {reader.name} | {version} | {result} |\n"
            print(line, end="", flush=True)
            page += line
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
