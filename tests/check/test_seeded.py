"""Single defects, seeded one at a time into a copy of the shipped evidence: each is caught.

A defect is a function that damages the copy; the table says which rule has to report
it and in which file. What the undamaged copy gives is no finding.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tdr.check import chosen, run
from tdr.model.errors import Problem
from tests.conftest import SHIPPED

IMMUNO, CHEMO, RADIO = "immunotherapy.yaml", "chemo.yaml", "radio.yaml"
REFS, SOURCE = "references.yaml", "source.yaml"
CELLS, MOLECULES = "vocabulary/cells.yaml", "vocabulary/molecules.yaml"
BLOCK = re.compile(r"(?ms)^  - id: .*?(?=^  - id: |\Z)")


@dataclass
class Copy:
    """A copy of the evidence that a defect is put into."""

    path: Path

    def text(self, file: str) -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        (self.path / file).write_text(text, encoding="utf-8")

    def sub(self, file: str, pattern: str, new: str) -> None:
        """Replace the first match; a defect that changes nothing is a broken test."""
        old = self.text(file)
        changed = re.sub(pattern, new, old, count=1, flags=re.MULTILINE | re.DOTALL)
        assert changed != old, pattern
        self.write(file, changed)

    def claims(self, file: str, *wanted: str) -> list[str]:
        """The text of the claims of a file that match all of these patterns."""
        found = [
            block
            for block in BLOCK.findall(self.text(file))
            if all(re.search(pattern, block, re.MULTILINE) for pattern in wanted)
        ]
        assert found, wanted
        return found

    def change(self, file: str, block: str, pattern: str, new: str) -> None:
        """Replace the first match within one claim."""
        changed = re.sub(pattern, new, block, count=1, flags=re.MULTILINE | re.DOTALL)
        assert changed != block, pattern
        self.write(file, self.text(file).replace(block, changed, 1))


Damage = Callable[[Copy], None]


def sub(file: str, pattern: str, new: str) -> Damage:
    return lambda copy: copy.sub(file, pattern, new)


def in_claim(file: str, pattern: str, new: str, *wanted: str) -> Damage:
    """Replace within the first claim that matches the wanted patterns and holds this one."""
    return lambda copy: copy.change(file, copy.claims(file, pattern, *wanted)[0], pattern, new)


def delete_claim(copy: Copy) -> None:
    """Remove a claim that is the only one to rest on its reference."""
    text = copy.text(CHEMO)
    for block in copy.claims(CHEMO, r"refs: \[\d+\]"):
        refs = re.search(r"refs: \[\d+\]", block)
        if refs and text.count(refs.group()) == 1:
            copy.write(CHEMO, text.replace(block, "", 1))
            return
    raise AssertionError("no such claim")


def copy_claim(file: str, target: str, identifier: str) -> Damage:
    def damage(copy: Copy) -> None:
        block = copy.claims(file)[0].rstrip() + "\n"
        again = re.sub(r"(?m)^  - id: \S+", f"  - id: {identifier}", block)
        copy.write(target, copy.text(target).rstrip() + "\n\n" + again)

    return damage


def reuse_id(copy: Copy) -> None:
    first, second = copy.claims(CHEMO)[:2]
    same = re.search(r"id: (\S+)", first)
    assert same
    copy.change(CHEMO, second, r"id: \S+", same.group())


def reuse_id_elsewhere(copy: Copy) -> None:
    same = re.search(r"id: (\S+)", copy.claims(CHEMO)[0])
    assert same
    copy.change(RADIO, copy.claims(RADIO)[0], r"id: \S+", same.group())


def flip_to_sensitivity(copy: Copy) -> None:
    block = copy.claims(
        CHEMO, r"effect: resistance", r"opposes: \[\]", r"countered_by: \[\]", r"promotes: \[\w"
    )[0]
    copy.change(CHEMO, block, "effect: resistance", "effect: sensitivity")


def flip_to_resistance(copy: Copy) -> None:
    block = copy.claims(IMMUNO, "effect: sensitivity", r"promotes: \[\]", "note: null|note: >-")[0]
    plain = re.sub(r"(?ms)^    note: .*?(?=^\S|^    \w|\Z)", "    note: null\n\n", block)
    damaged = plain.replace("effect: sensitivity", "effect: resistance")
    damaged = re.sub(r"opposes: \[.*?\]", "opposes: []", damaged, flags=re.DOTALL)
    copy.write(IMMUNO, copy.text(IMMUNO).replace(block, damaged, 1))


def both_sides(copy: Copy) -> None:
    block = copy.claims(IMMUNO, r"promotes: \[[\w+ -]+\]", r"opposes: \[\]")[0]
    cell = re.search(r"promotes: (\[.*?\])", block)
    assert cell
    copy.change(IMMUNO, block, r"opposes: \[\]", f"opposes: {cell.group(1)}")


def long_mechanism(copy: Copy) -> None:
    filler = "and then something else happens to the tumor as well " * 7
    in_claim(CHEMO, r"mechanism: >-\n      ", f"mechanism: >-\n      {filler.strip()}\n      ")(
        copy
    )


def reworded_copy(copy: Copy) -> None:
    block = copy.claims(CHEMO)[1].rstrip() + "\n"
    again = re.sub(r"(?m)^  - id: \S+", "  - id: che-901", block)
    again = re.sub(r"(mechanism: >-\s+)(\S+)", r"\1Notably, \2", again)
    copy.write(CHEMO, copy.text(CHEMO).rstrip() + "\n\n" + again)


def opposite_sign(copy: Copy) -> None:
    block = copy.claims(
        CHEMO, r"promotes: \[\w[^\]]*\]\n    opposes: \[\]", r"cancers: \[\w", "note: null"
    )[0]
    again = re.sub(r"(?m)^  - id: \S+", "  - id: che-902", block.rstrip() + "\n")
    again = re.sub(
        r"promotes: (\[.*?\])\n    opposes: \[\]", r"promotes: []\n    opposes: \1", again
    )
    again = re.sub(
        r"(?s)mechanism: >-.*?(?=    steps)",
        "mechanism: >-\n      These very cells take part in the killing by the drug.\n", again
    )  # fmt: skip
    again = re.sub(r"(molecules|pathways|processes|countered_by): \[.*?\]", r"\1: []", again,
                   flags=re.DOTALL)  # fmt: skip
    copy.write(CHEMO, copy.text(CHEMO).rstrip() + "\n\n" + again)


def drop_molecule(copy: Copy) -> None:
    """Take a molecule off a list though the mechanism names it by its label."""
    for block in copy.claims(CHEMO, r"molecules: \[\w+, "):
        listed = re.search(r"molecules: \[(\w+), ", block)
        assert listed
        if re.search(rf"\b{listed.group(1)}\b[ ,]", block.split("molecules:")[0]):
            copy.change(CHEMO, block, rf"molecules: \[{listed.group(1)}, ", "molecules: [")
            return
    raise AssertionError("no such claim")


def add_molecule(copy: Copy) -> None:
    label = re.findall(r"(?m)- label: (\w+)$", copy.text(MOLECULES))[-1]
    in_claim(CHEMO, r"molecules: \[\]", f"molecules: [{label}]")(copy)


def background_to_claim(copy: Copy) -> None:
    copy.sub(REFS, r"^    cited_as: background", "    cited_as: claim")


def claim_to_background(copy: Copy) -> None:
    copy.sub(REFS, r"^    cited_as: claim", "    cited_as: background")


def wrong_place(copy: Copy) -> None:
    """Let a claim of the first section rest on a reference of the last."""
    last = re.findall(r"citations: \[\[(\d+)\]\]", copy.text(SOURCE))[-1]
    in_claim(CHEMO, r"refs: \[\d+\]", f"refs: [{last}]")(copy)


def repeat_doi(copy: Copy) -> None:
    first = re.search(r"    doi: (\S+)\n", copy.text(REFS))
    assert first
    head, tail = copy.text(REFS)[: first.end()], copy.text(REFS)[first.end() :]
    tail = re.sub(r"    doi: \S+\n", f"    doi: {first.group(1).upper()}\n", tail, count=1)
    copy.write(REFS, head + tail)


def remove_entry(copy: Copy) -> None:
    """Lose an entry of the reference list that nothing rests on, and its citations."""
    text = copy.text(REFS)
    copy.write(REFS, re.sub(r"(?ms)^  50:\n.*?(?=^  51:)", "", text))


def unused_term(copy: Copy) -> None:
    copy.write(CELLS, copy.text(CELLS).rstrip() + "\n  - label: unheard-of cell\n")


def shared_form(copy: Copy) -> None:
    first = re.search(r"    abbreviation: (\S+)\n", copy.text(CELLS))
    assert first
    copy.write(
        CELLS,
        copy.text(CELLS).rstrip()
        + f"\n  - label: another cell\n    synonyms: [{first.group(1)}s]\n",
    )


def missing_parent(copy: Copy) -> None:
    copy.sub(CELLS, r"parents: \[immune cell\]", "parents: [imune cell]")


def cycle(copy: Copy) -> None:
    copy.sub(CELLS, r"  - label: lymphocyte\n(.*?)parents: \[immune cell\]",
             r"  - label: lymphocyte\n\1parents: [T cell]")  # fmt: skip


def bom_inside(copy: Copy) -> None:
    copy.sub(CHEMO, r"^(  - id: che-002)", "\ufeff\\1")


def as_utf16(copy: Copy) -> None:
    (copy.path / CHEMO).write_bytes(copy.text(CHEMO).encode("utf-16"))


def as_latin1(copy: Copy) -> None:
    (copy.path / CHEMO).write_bytes(copy.text(CHEMO).encode("latin-1", "replace") + b"# \xe9\n")


def remove(file: str) -> Damage:
    return lambda copy: (copy.path / file).unlink()


def rename(file: str, new: str) -> Damage:
    return lambda copy: (copy.path / file).rename(copy.path / new) and None


def emptied(file: str) -> Damage:
    return lambda copy: copy.write(file, "")


def line_appended(file: str, line: str) -> Damage:
    return lambda copy: copy.write(file, copy.text(file) + line)


# name -> (damage, the rule that has to report it, the file that it has to name)
DEFECTS: dict[str, tuple[Damage, str, str]] = {
    # fields
    "misspelt field": (in_claim(CHEMO, "cancers:", "cancer:"), "unknown-field", CHEMO),
    "misspelt field of a reference": (sub(REFS, "journal:", "jurnal:"), "unknown-field", REFS),
    "misspelt field of a term": (sub(CELLS, "synonyms:", "synonym:"), "unknown-field", CELLS),
    "misspelt key of at": (in_claim(CHEMO, "paragraph:", "para:"), "unknown-field", CHEMO),
    "misspelt field of the source": (
        sub(SOURCE, "data_version:", "dataversion:"), "unknown-field", SOURCE),
    "deleted list": (in_claim(CHEMO, r"    processes: \[\]\n", ""), "missing-field", CHEMO),
    "deleted refs": (in_claim(CHEMO, r"    refs: \[\d+\]\n", ""), "missing-field", CHEMO),
    "deleted mechanism": (
        in_claim(CHEMO, r"    mechanism: >-\n(      .*?\n)+(?=    steps)", ""),
        "missing-field", CHEMO),
    "deleted place": (in_claim(CHEMO, r"    at: \{.*?\}\n", ""), "missing-field", CHEMO),
    "text instead of a list": (
        in_claim(CHEMO, r"promotes: \[([\w -]+)\]", r"promotes: \1"), "type", CHEMO),
    "effect that is none": (
        in_claim(CHEMO, "effect: resistance", "effect: resistant"), "choice", CHEMO),
    "basis that is none": (
        in_claim(CHEMO, r"basis: \[.*?\]", "basis: [in silico]"), "choice", CHEMO),
    "status that is none": (sub(REFS, "status: ok", "status: okay"), "choice", REFS),
    # ids
    "duplicate id in a file": (reuse_id, "duplicate-id", CHEMO),
    "duplicate id across files": (reuse_id_elsewhere, "duplicate-id", RADIO),
    "wrong prefix": (in_claim(CHEMO, "id: che-001", "id: rad-801"), "id-prefix", CHEMO),
    "id with two digits": (in_claim(CHEMO, "id: che-001", "id: che-01"), "id", CHEMO),
    "id with a letter too many": (in_claim(CHEMO, "id: che-001", "id: chem-001"), "id", CHEMO),
    "wrong therapy": (sub(CHEMO, "therapy: chemo", "therapy: radio"), "therapy-file", CHEMO),
    # references of claims
    "no reference": (in_claim(CHEMO, r"refs: \[.*?\]", "refs: []"), "ref", CHEMO),
    "reference 0": (in_claim(CHEMO, r"refs: \[\d+\]", "refs: [0]"), "ref", CHEMO),
    "negative reference": (in_claim(CHEMO, r"refs: \[(\d+)\]", r"refs: [-\1]"), "ref", CHEMO),
    "quoted reference": (in_claim(CHEMO, r"refs: \[(\d+)\]", r"refs: ['\1']"), "ref", CHEMO),
    "true as a reference": (in_claim(CHEMO, r"refs: \[\d+\]", "refs: [true]"), "ref", CHEMO),
    "reference that is no list": (in_claim(CHEMO, r"refs: \[(\d+)\]", r"refs: \1"), "ref", CHEMO),
    "reference 999": (in_claim(CHEMO, r"refs: \[\d+\]", "refs: [999]"), "ref-unknown", CHEMO),
    "reference twice": (
        in_claim(CHEMO, r"refs: \[(\d+)\]", r"refs: [\1, \1]"), "ref-repeated", CHEMO),
    # the reference list
    "entry gone": (remove_entry, "ref-gap", REFS),
    "malformed DOI": (sub(REFS, r"doi: 10\.", "doi: 10:"), "doi", REFS),
    "DOI as a link": (sub(REFS, r"doi: 10\.", "doi: https://doi.org/10."), "doi", REFS),
    "repeated DOI": (repeat_doi, "identifier-repeated", REFS),
    "malformed PMID": (sub(REFS, r'pmid: "?\'?\d+"?\'?', "pmid: PMC123"), "pmid", REFS),
    "year 2204": (sub(REFS, r"year: \d+", "year: 2204"), "year", REFS),
    "cited as background": (claim_to_background, "cited-as", REFS),
    "cited as claim": (background_to_claim, "open-citation", SOURCE),
    "retracted": (
        sub(REFS, "cited_as: claim(.*?)status: ok", r"cited_as: claim\1status: retracted"),
        "retracted", ""),
    # place
    "section misspelt": (in_claim(CHEMO, "chemo/immune", "chemo/imune"), "place", CHEMO),
    "paragraph 9": (in_claim(CHEMO, "paragraph: 1", "paragraph: 9"), "place", CHEMO),
    "reference of another paragraph": (wrong_place, "ref-place", CHEMO),
    "claim deleted": (delete_claim, "open-citation", SOURCE),
    # vocabulary
    "unknown label": (
        in_claim(CHEMO, r"promotes: \[[\w -]+\]", "promotes: [wandering cell]"),
        "unknown-term", CHEMO),
    "synonym as a label": (
        in_claim(CHEMO, r"promotes: \[tumor-associated macrophage\]", "promotes: [TAM]"),
        "preferred-label", CHEMO),
    "label in capitals": (
        in_claim(CHEMO, r"promotes: \[tumor-associated", "promotes: [Tumor-Associated"),
        "preferred-label", CHEMO),
    "Cyrillic letter in a claim": (
        in_claim(CHEMO, r"(mechanism: >-\n +\S+ .*?)a", "\\1\u0430"), "homoglyph", CHEMO),
    "Cyrillic letter in a label of a claim": (
        in_claim(CHEMO, r"promotes: \[tumor-associated", "promotes: [tumor-\u0430ssociated"),
        "preferred-label", CHEMO),
    "Cyrillic letter in the vocabulary": (
        sub(CELLS, r"synonyms: \[lymphoid", "synonyms: [lymph\u043eid"), "homoglyph", CELLS),
    "zero-width space in a mechanism": (
        in_claim(CHEMO, r"(mechanism: >-\n +\w)", "\\1\u200b"), "invisible", CHEMO),
    "zero-width space in the vocabulary": (
        sub(CELLS, r"synonyms: \[lymphoid", "synonyms: [lymph\u200boid"), "invisible", CELLS),
    "bidi override": (in_claim(CHEMO, r"(mechanism: >-\n +\w)", "\\1\u202e"), "bidi", CHEMO),
    "space at the end of a label": (
        sub(CELLS, r"synonyms: \[lymphoid cell", "synonyms: ['lymphoid cell '"), "spaces", CELLS),
    "space at the end of a line": (in_claim(CHEMO, "effect: resistance", "effect: resistance "),
                                   "spaces", CHEMO),
    "two spaces in a mechanism": (
        in_claim(CHEMO, r"(mechanism: >-\n +\S+) ", r"\1  "), "spaces", CHEMO),
    "no-break space": (in_claim(CHEMO, r"(mechanism: >-\n +\S+) ", "\\1\u00a0"), "spaces", CHEMO),
    "parent missing": (missing_parent, "term-parent", CELLS),
    "cycle of parents": (cycle, "term-cycle", CELLS),
    "form of two terms": (shared_form, "term-form", CELLS),
    "malformed CURIE": (sub(CELLS, r"xref: CL:", "xref: CL_"), "curie", CELLS),
    "digit lost in a CURIE": (sub(CELLS, r"xref: CL:0", "xref: CL:"), "curie", CELLS),
    "ontology id without label": (sub(CELLS, r"    xref_label: .*?\n", ""), "xref-label", CELLS),
    "unused term": (unused_term, "unused-term", CELLS),
    # content
    "effect flipped to sensitivity": (flip_to_sensitivity, "truth-table", CHEMO),
    "effect flipped to resistance": (flip_to_resistance, "truth-table", IMMUNO),
    "cell on both sides": (both_sides, "both-sides", IMMUNO),
    "70 words too many": (long_mechanism, "mechanism-length", CHEMO),
    "empty mechanism": (
        in_claim(CHEMO, r"mechanism: >-\n(      .*?\n)+(?=    steps)", "mechanism: ''\n"),
        "mechanism", CHEMO),
    "mechanism without an end": (
        in_claim(CHEMO, r"\.\n    steps", "\n    steps"), "mechanism", CHEMO),
    "claim copied under a new id": (copy_claim(CHEMO, CHEMO, "che-901"), "near-duplicate", CHEMO),
    "claim copied and reworded": (reworded_copy, "near-duplicate", CHEMO),
    "opposite sign": (opposite_sign, "contradiction", CHEMO),
    "sign flipped": (
        in_claim(IMMUNO, r"promotes: (\[regulatory T cell\])\n    opposes: \[\]",
                 r"promotes: []\n    opposes: \1", "note: null"), "lone-sign", IMMUNO),
    "molecule off the list": (drop_molecule, "molecule-unlisted", CHEMO),
    "molecule that nobody names": (add_molecule, "molecule-unnamed", CHEMO),
    "countered by a verb": (
        in_claim(IMMUNO, r"countered_by: \[[^\]]+\]", "countered_by: [blocking CCL2]"),
        "countered-by", IMMUNO),
    "countered by with a stop": (
        in_claim(IMMUNO, r"countered_by: \[[^\]]+\]", "countered_by: [CCL2 inhibition.]"),
        "countered-by", IMMUNO),
    "item twice": (in_claim(CHEMO, r"molecules: \[(\w+)\]", r"molecules: [\1, \1]"),
                   "repeated-item", CHEMO),
    "unused ignore": (
        in_claim(CHEMO, "    effect:", "    ignore: {homoglyph: because}\n    effect:",
            r"(?s)\A(?!.*ignore:)"),
        "unused-ignore", CHEMO),
    # syntax
    "duplicate key": (in_claim(CHEMO, r"(    refs: .*?\n)", r"\1\1"), "duplicate-key", CHEMO),
    "bad indentation": (in_claim(CHEMO, "    effect:", "   effect:"), "syntax", CHEMO),
    "tab": (in_claim(CHEMO, "    effect:", "\teffect:"), "syntax", CHEMO),
    "bracket not closed": (in_claim(CHEMO, r"refs: \[(\d+)\]", r"refs: [\1"), "syntax", CHEMO),
    "colon in a text": (sub(REFS, "title: [A-Z]", "title: Note: A"), "syntax", REFS),
    "conflict marker": (sub(CHEMO, "^  - id: che-002", "<<<<<<< HEAD\n  - id: che-002"),
                        "conflict-marker", CHEMO),
    "tag": (in_claim(CHEMO, r"refs: \[", "refs: !!set ["), "tag", CHEMO),
    "second document": (line_appended(CHEMO, "---\nclaims: []\n"), "root", CHEMO),
    "list instead of a mapping": (sub(CHEMO, r"\A.*?claims:\n", ""), "root", CHEMO),
    "byte order mark inside": (bom_inside, "bom", CHEMO),
    "UTF-16": (as_utf16, "encoding", CHEMO),
    "Latin-1": (as_latin1, "encoding", CHEMO),
    "carriage return": (line_appended(CHEMO, "# a comment\r    note: x\n"), "line-break", CHEMO),
    "ambiguous scalar": (
        in_claim(CHEMO, "note: null", "note: no"), "ambiguous", CHEMO),
    # files
    "references gone": (remove(REFS), "missing-file", REFS),
    "vocabulary gone": (remove(CELLS), "missing-file", CELLS),
    "empty file": (emptied("antiandrogen.yaml"), "empty", "antiandrogen.yaml"),
    "file misnamed": (rename(CHEMO, "chemotherapy.yaml"), "stray-file", "chemotherapy.yaml"),
    "extension of another habit": (rename(CHEMO, "chemo.yml"), "stray-file", "chemo.yml"),
}  # fmt: skip

WHOLE_FILE = {"missing-file", "stray-file"}
"""Rules that have no line to name."""


def found(path: Path, *codes: str) -> list[Problem]:
    """What rules find; by default all of them."""
    return list(run(path, "evidence", rules=chosen(codes)).findings)


def test_the_shipped_evidence_gives_no_finding() -> None:
    report = run(SHIPPED, "evidence")
    assert [str(finding) for finding in report.findings] == []
    assert report.skipped == 0
    assert report.claims > 100


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_caught_where_it_stands(name: str, tmp_path: Path) -> None:
    damage, code, file = DEFECTS[name]
    copy = Copy(tmp_path / "evidence")
    shutil.copytree(SHIPPED, copy.path)
    damage(copy)

    # One rule is not used by itself: that an ignore is unused is known when its rule was applied.
    caught = [f for f in found(copy.path, code, "homoglyph") if f.rule == code]

    assert caught, f"not caught: {[str(f) for f in found(copy.path)]}"
    place = caught[0].location
    assert place is not None
    assert place.file.endswith(file)
    if code not in WHOLE_FILE:
        assert place.line is not None
        assert place.column is not None
