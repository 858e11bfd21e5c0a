"""Several evidence directories as one: what is taken gets a prefix, the second never wins."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr import TdrError
from tdr.check import run as check
from tdr.index.digest import content_digest
from tdr.read.files import Directory, find_layout
from tests.conftest import Run
from tests.small import small_evidence, two_sources

Tdr = Callable[..., Run]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two directories with the same key and the same ids."""
    return small_evidence(tmp_path / "ours"), small_evidence(tmp_path / "Lab B")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_where_key_and_ids_are_taken_the_directory_names_the_second(
    pair: tuple[Path, Path],
) -> None:
    """Hazard 72."""
    evidence = tdr.load(pair)
    assert [(claim.id, claim.source) for claim in evidence.claims] == [
        ("che-001", "main"),
        ("che-002", "main"),
        ("lab-b-che-001", "lab-b"),
        ("lab-b-che-002", "lab-b"),
    ]
    assert [claim.id for claim in evidence.filter(ref="lab-b:1")] == ["lab-b-che-001"]
    assert [claim.id for claim in tdr.load(pair[::-1]).claims][2:] == [
        "ours-che-001",
        "ours-che-002",
    ]


def test_ids_that_are_taken_get_the_key_and_those_that_are_not_stay(
    pair: tuple[Path, Path],
) -> None:
    source = pair[1] / "source.yaml"
    source.write_text("key: roe2026\n" + source.read_text())
    assert [claim.id for claim in tdr.load(pair).claims][2:] == [
        "roe2026-che-001",
        "roe2026-che-002",
    ]
    claims = pair[1] / "chemo.yaml"
    claims.write_text(claims.read_text().replace("che-00", "che-01"))
    assert [claim.id for claim in tdr.load(pair).claims][2:] == ["che-011", "che-012"]


def test_bulk_files_get_the_prefix_too(run: Tdr, pair: tuple[Path, Path]) -> None:
    listed = run("list", "-o", "jsonl", "--evidence", str(pair[1])).out
    (pair[1] / "chemo.yaml").unlink()
    (pair[1] / "chemo.jsonl").write_text(listed)
    assert [claim.id for claim in tdr.load(pair).claims][2:] == ["lab-b-che-001", "lab-b-che-002"]


def test_a_source_in_a_folder_is_called_by_directory_and_key(tmp_path: Path) -> None:
    one, other = two_sources(tmp_path / "one"), two_sources(tmp_path / "other")
    references = other / "references.yaml"
    replace(references, "    status: ok\n", "    status: ok\n    same_as: acar2016:1\n")
    evidence = tdr.load([one, other])
    assert list(evidence.sources) == ["main", "acar2016", "other", "other-acar2016"]
    assert [claim.id for claim in evidence.claims][-1] == "other-acar2016-che-001"
    assert evidence.references_of("other")[1].same_as == "other-acar2016:1"


def test_what_cannot_be_told_apart_is_refused_with_its_place(tmp_path: Path) -> None:
    """Hazard 72."""
    one, other = small_evidence(tmp_path / "x" / "2024"), small_evidence(tmp_path / "2024")
    with pytest.raises(TdrError) as refused:
        tdr.load([one, other])
    (problem, *_) = refused.value.problems
    assert "the key `main` is taken by another source" in problem.text
    assert problem.location is not None
    assert problem.location.file == str(other / "source.yaml")


def test_a_directory_that_is_named_twice_is_there_once(pair: tuple[Path, Path]) -> None:
    assert len(tdr.load([pair[0], f"{pair[0]}/../ours"])) == 2


def test_terms_are_shared_and_those_that_differ_are_told_with_their_place(
    pair: tuple[Path, Path],
) -> None:
    cells = pair[1] / "vocabulary" / "cells.yaml"
    with cells.open("a") as terms:
        terms.write("  - label: mast cell\n")
    replace(cells, "[tumour macrophage]", "[M2 cell]")
    evidence = tdr.load(pair)
    assert evidence.vocabulary.resolve("cells", "mast cell")
    assert [c.id for c in evidence.filter(cell="M2 cell")] == ["che-001", "lab-b-che-001"]
    assert not [p for p in check(pair[0], others=[Directory(pair[1], "b")]).findings
                if p.rule == "term-form"]  # fmt: skip
    replace(cells, "abbreviation: TAM", "abbreviation: TAMs")
    with pytest.raises(TdrError) as refused:
        tdr.load(pair)
    (problem,) = refused.value.problems
    assert problem.text.startswith("`abbreviation` of `tumor-associated macrophage` is `TAMs`")
    assert problem.location is not None
    assert problem.location.file == str(cells)
    assert problem.related is not None


_XREF = "    xref: CL:{}\n    xref_label: {}\n    xref_match: {}\n"


@pytest.mark.parametrize(
    ("file", "ours", "theirs"),
    [
        ("cells", "    abbreviation: MC\n", "    abbreviation: M\n"),
        ("cells", "    lineage: myeloid\n", "    lineage: lymphoid\n"),
        ("cells", "    definition: It lies.\n", "    definition: It stands.\n"),
        ("cells", _XREF.format("0000097", "mast cell", "exact"), _XREF.format("1", "m", "broad")),
        ("therapies", "", "  - label: radio\n    prefix: che\n    synonyms: [chemo]\n"),
        ("therapies", "", "  - label: chemo\n    prefix: chem\n"),
        ("therapies", "", "  - label: chemo\n    prefix: c\n"),
        ("source", "key: A\n", "key: B\n"),
        ("source", "", "kind: book\n"),
    ],
)
def test_the_check_finds_whatever_loading_refuses(
    pair: tuple[Path, Path], file: str, ours: str, theirs: str
) -> None:
    """Each is added to a file of one directory and to that of the other."""
    for path, text in zip(pair, (ours, theirs), strict=True):
        if file == "therapies":
            of_therapies = "therapies:\n" + (text or "  - label: chemo\n    prefix: che\n")
            (path / "vocabulary" / "therapies.yaml").write_text(of_therapies)
        elif file == "source":
            with (path / "source.yaml").open("a") as about:
                about.write(text)
        else:
            with (path / "vocabulary" / "cells.yaml").open("a") as terms:
                terms.write(f"  - label: mast cell\n{text}")
    with pytest.raises(TdrError) as refused:
        tdr.load(pair)
    found = check(pair[0], others=[Directory(pair[1], str(pair[1]))]).findings
    said = {(one.rule, one.location) for one in refused.value.problems}
    assert said <= {(one.rule, one.location) for one in found}


def test_of_a_label_twice_in_one_file_the_first_counts_and_it_is_said(
    pair: tuple[Path, Path],
) -> None:
    entry = "  - label: tumor-associated macrophage\n    "
    with (pair[1] / "vocabulary" / "cells.yaml").open("a") as terms:
        terms.write(f"{entry}parents: [CD8+ T cell]\n")
    (found,) = (p for p in check(pair[0], others=[Directory(pair[1], "b")]).findings
                if p.rule == "term-form")  # fmt: skip
    assert str(found).startswith("b/vocabulary/cells.yaml:13:12: error: there is a term")
    assert len(tdr.load(pair).filter(cell="CD8+ T cell")) == 2


def test_a_lineage_other_than_the_one_that_a_cell_inherits_is_found(
    pair: tuple[Path, Path],
) -> None:
    def found(lineage: str) -> list[str]:
        with (pair[1] / "vocabulary" / "cells.yaml").open("a") as terms:
            terms.write(f"  - label: mast cell\n    lineage: {lineage}\n")
        report = check(pair[0], others=[Directory(pair[1], "b")])
        return [p.text for p in report.findings if "lineage" in p.text]

    with (pair[0] / "vocabulary" / "cells.yaml").open("a") as terms:
        terms.write(
            "  - label: mast cell\n    parents: [myeloid cell]\n"
            "  - label: myeloid cell\n    lineage: myeloid\n"
        )
    assert found("myeloid") == []
    replace(
        pair[1] / "vocabulary" / "cells.yaml", "  - label: mast cell\n    lineage: myeloid\n", ""
    )
    (said,) = found("lymphoid")
    assert said.startswith("`lineage` of `mast cell` is `lymphoid` here and `myeloid` by its wider")


def test_a_wider_term_that_is_new_in_another_directory_is_said(pair: tuple[Path, Path]) -> None:
    cells = pair[1] / "vocabulary" / "cells.yaml"

    def found() -> list[str]:
        report = check(pair[0], others=[Directory(pair[1], "b")])
        return [str(p) for p in report.findings if p.rule == "wider-term"]

    assert found() == []
    replace(
        cells,
        "    parents: [immune cell]\n    xref",
        "    parents: [immune cell, TAM cell]\n    xref",
    )
    (warning,) = found()
    assert warning.startswith("b/vocabulary/cells.yaml:9:28: warning: `TAM cell` becomes a wider")


def test_of_what_the_third_says_otherwise_the_second_is_named(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    third = small_evidence(tmp_path / "third")
    for path, short in ((pair[1], "MC"), (third, "M")):
        with (path / "vocabulary" / "cells.yaml").open("a") as terms:
            terms.write(f"  - label: mast cell\n    abbreviation: {short}\n")
    with (pair[0] / "vocabulary" / "cells.yaml").open("a") as terms:
        terms.write("  - label: mast cell\n")
    with pytest.raises(TdrError, match=r"is `M` here and `MC` in .*/Lab B/vocabulary/cells.yaml"):
        tdr.load([*pair, third])


def test_the_check_names_files_as_they_were_spelled(run: Tdr, pair: tuple[Path, Path]) -> None:
    replace(pair[1] / "chemo.yaml", "refs: [1]", "refs: [9]")
    done = run("check", "--evidence", "ours", "--evidence", "Lab B", cwd=pair[0].parent)
    assert done.exit == 1
    assert "Lab B/chemo.yaml:17:12: error: reference 9 is not in references.yaml" in done.out


def test_an_edit_in_any_of_them_is_seen(pair: tuple[Path, Path]) -> None:
    def digest(*paths: Path) -> str:
        first, *others = (Directory(path, str(path)) for path in paths)
        return content_digest(find_layout(first.path, others=others))

    claims = pair[1] / "chemo.yaml"
    before = digest(*pair)
    assert len(tdr.load(pair)) == 4
    assert before != digest(pair[0])
    claims.write_text("therapy: chemo\nclaims: []\n")
    assert digest(*pair) != before
    assert len(tdr.load(pair)) == 2


# --- extends: shipped ---------------------------------------------------------------------------


def test_a_collection_has_what_comes_with_tdr_and_its_own(tmp_path: Path, three_come: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "collection.yaml").write_text("extends: shipped\n")
    shipped = tdr.load(three_come)
    shutil.copytree(two_sources(tmp_path / "two") / "sources", own / "sources")
    evidence = tdr.load(own)
    assert len(evidence) == len(shipped) + 1
    assert evidence.source.key == shipped.source.key
    assert [claim.source for claim in evidence.claims][-1] == "acar2016"
    named_too = find_layout(three_come, others=[Directory(own, "own")])
    assert len(named_too.sources) == len(find_layout(own).sources)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: elsewhere\n", ":1:10: error: `elsewhere` cannot be extended"),
        ("extend: shipped\n", ":1:1: error: unknown field `extend`; did you mean `extends`?"),
        ("shipped\n", ":1:1: error: expected `extends: shipped`"),
        ("extends: [\n", ":2:1: "),
    ],
)
def test_a_collection_that_says_anything_else_is_refused(small: Path, text: str, said: str) -> None:
    (small / "collection.yaml").write_text(text)
    with pytest.raises(TdrError) as refused:
        tdr.load(small)
    assert said in str(refused.value)


def test_of_terms_that_are_missing_it_is_said_where_a_collection_has_them(small: Path) -> None:
    shutil.rmtree(small / "vocabulary")
    with pytest.raises(TdrError, match=r"or a collection\.yaml that says `extends: shipped`"):
        tdr.load(small)
