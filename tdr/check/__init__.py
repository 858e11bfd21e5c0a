"""The check of evidence: every rule is applied to a dataset, and what they find is reported.

`RULES` is the one list of rules; nothing registers itself. `run` reads a directory,
applies them and returns a `Report`; it never prints and never exits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from tdr.check import (
    content,
    letters,
    place,
    primary,
    reading,
    references,
    steps,
    structure,
    vocabulary,
    wording,
)
from tdr.check.context import Context
from tdr.check.finding import ERROR, WARNING, Rule, finding
from tdr.check.report import Ignored, Report
from tdr.model.errors import Problem, did_you_mean, near, usage_error
from tdr.model.text import visible
from tdr.read.dataset import read_dataset
from tdr.read.files import Directory
from tdr.read.yaml import Document

__all__ = ["RULES", "Report", "Rule", "rule", "run", "select_rules"]


def unused_ignore(context: Context) -> Iterator[Problem]:
    """Entry of `ignore` that silences nothing.

    The finding is gone, or its rule cannot be ignored, because it finds what makes a
    claim unusable for other commands. Remove the entry.

    Wrong:
        mechanism: CCL2 draws in monocytes.
        ignore: {mechanism: a headline}
    Right:
        mechanism: CCL2 draws in monocytes
        ignore: {mechanism: a headline}
    """
    judged = {record.identifier for record, _ in context.claims}
    for record in context.dataset.records:
        for code in context.ignores(record):
            if (record.identifier, code) in context.silenced:
                continue
            text = f"there is no finding here that ignoring `{code}` would silence"
            if code not in _BY_CODE:
                hint = did_you_mean(near(code, _BY_CODE))
                text = f"there is no rule `{code}` to ignore{hint}"
            elif code not in context.applied:
                continue
            elif any(p.subject == record.identifier for p in context.found(code)):
                text = f"`{code}` cannot be ignored: other commands need it settled"
            elif record.identifier not in judged:
                continue
            yield finding(text, record.where(("ignore", code), key=True), record.identifier)


_FOR_CITATIONS = ("claims", "references", "source")

PARTS: Mapping[str, tuple[Rule, ...]] = {
    "Files": (  # most of them found while reading
        Rule("encoding", ERROR, reading.ENCODING),
        Rule("bom", ERROR, reading.BOM),
        Rule("line-break", ERROR, reading.LINE_BREAK),
        Rule("control-char", ERROR, reading.CONTROL_CHAR),
        Rule("bidi", ERROR, reading.BIDI),
        Rule("conflict-marker", ERROR, reading.CONFLICT_MARKER),
        Rule("syntax", ERROR, reading.SYNTAX),
        Rule("duplicate-key", ERROR, reading.DUPLICATE_KEY),
        Rule("duplicate-anchor", ERROR, reading.DUPLICATE_ANCHOR),
        Rule("key", ERROR, reading.KEY),
        Rule("merge", ERROR, reading.MERGE),
        Rule("tag", ERROR, reading.TAG),
        Rule("directive", ERROR, reading.DIRECTIVE),
        Rule("depth", ERROR, reading.DEPTH),
        Rule("alias-limit", ERROR, reading.ALIAS_LIMIT),
        Rule("alias-cycle", ERROR, reading.ALIAS_CYCLE),
        Rule("size", ERROR, reading.SIZE),
        Rule("root", ERROR, reading.ROOT),
        Rule("ambiguous", WARNING, reading.ambiguous),
        Rule("empty", WARNING, reading.empty, by_source=True),
    ),
    "Structure": (
        Rule("no-evidence", ERROR, structure.no_evidence),
        Rule("missing-file", ERROR, structure.MISSING_FILE),
        Rule("stray-file", ERROR, structure.stray_file),
        Rule("special-file", WARNING, structure.special_file),
        Rule("unknown-field", ERROR, structure.unknown_field, by_source=True),
        Rule("missing-field", ERROR, structure.missing_field, by_source=True),
        Rule("type", ERROR, structure.WRONG_TYPE),
        Rule("choice", ERROR, structure.CHOICE),
        Rule("id", ERROR, structure.identifier, by_source=True),
        Rule("id-prefix", ERROR, structure.id_prefix, by_source=True),
        Rule("duplicate-id", ERROR, structure.DUPLICATE_ID),
        Rule("therapy-file", ERROR, structure.THERAPY_FILE),
        Rule("therapy", ERROR, structure.THERAPY),
        Rule("source-key", ERROR, structure.SOURCE_KEY),
    ),
    "References": (
        Rule("ref", ERROR, references.REF, by_source=True),
        Rule("ref-unknown", ERROR, references.ref_unknown, ("references",), by_source=True),
        Rule("ref-repeated", WARNING, references.ref_repeated, by_source=True),
        Rule("ref-gap", ERROR, references.ref_gap, ("references",), by_source=True),
        Rule("doi", ERROR, references.doi, by_source=True),
        Rule("pmid", ERROR, references.pmid, by_source=True),
        Rule("identifier-repeated", WARNING, references.identifier_repeated, by_source=True),
        Rule("work-repeated", WARNING, references.work_repeated, by_source=True),
        Rule("same-as", WARNING, references.same_as, ("references",)),
        Rule("authors", WARNING, references.authors, by_source=True),
        Rule("year", ERROR, references.year, by_source=True),
        Rule("cited-as", ERROR, references.cited_as, _FOR_CITATIONS, by_source=True),
        Rule("verified", ERROR, references.verified, by_source=True),
        Rule("retracted", WARNING, references.retracted, by_source=True),
    ),
    "Place": (
        Rule("place", ERROR, place.place, ("source",), by_source=True),
        Rule("ref-place", ERROR, place.ref_place, ("references", "source"), by_source=True),
        Rule("open-citation", ERROR, place.open_citation, _FOR_CITATIONS, by_source=True),
        Rule("background", ERROR, place.background, ("source",), by_source=True),
        Rule("named", ERROR, place.named, ("source", "vocabulary"), by_source=True),
    ),
    "Vocabulary": (
        Rule("unknown-term", ERROR, vocabulary.unknown_term),
        Rule("preferred-label", ERROR, vocabulary.preferred_label),
        Rule("term-parent", ERROR, vocabulary.term_parent),
        Rule("term-cycle", ERROR, vocabulary.term_cycle),
        Rule("term-form", ERROR, vocabulary.term_form),
        Rule("wider-term", WARNING, vocabulary.wider_term),
        Rule("label-shared", ERROR, vocabulary.label_shared),
        Rule("curie", ERROR, vocabulary.curie),
        Rule("xref-label", ERROR, vocabulary.xref_label),
        Rule("unused-term", WARNING, vocabulary.unused_term, ("claims", "vocabulary")),
    ),
    "Letters and spaces": (
        Rule("homoglyph", ERROR, letters.homoglyph),
        Rule("garbled", ERROR, letters.garbled),
        Rule("invisible", WARNING, letters.invisible),
        Rule("spaces", ERROR, letters.spaces),
        Rule("cut-text", WARNING, letters.cut_text),
    ),
    "Content": (
        Rule("truth-table", ERROR, content.truth_table),
        Rule("both-sides", ERROR, content.both_sides),
        Rule("mechanism", ERROR, content.mechanism),
        Rule("mechanism-length", ERROR, content.mechanism_length),
        Rule("countered-by", ERROR, content.countered_by),
        Rule("repeated-item", ERROR, content.repeated_item),
        Rule("near-duplicate", ERROR, content.near_duplicate, by_source=True),
        Rule("contradiction", WARNING, content.contradiction, by_source=True),
        Rule("lone-sign", WARNING, content.lone_sign, ("claims",)),
    ),
    "Steps": (
        Rule("step-end", ERROR, steps.STEP_END),
        Rule("tumor-cell", ERROR, steps.TUMOR_CELL),
        Rule("step-kind", ERROR, steps.step_kind, ("vocabulary",)),
        Rule("step-repeated", ERROR, steps.step_repeated),
        Rule("step-dangles", ERROR, steps.step_dangles),
        Rule("step-sign", ERROR, steps.step_sign),
        Rule("step-unused", WARNING, steps.step_unused, ("vocabulary",)),
        Rule("step-unlisted", WARNING, steps.step_unlisted, ("vocabulary",)),
    ),
    "Flags and cited papers": (
        Rule("flags", ERROR, primary.flags),
        Rule("primary", ERROR, primary.primary),
    ),
    "Molecules": (
        Rule("molecule-unlisted", WARNING, content.molecule_unlisted, ("vocabulary",)),
        Rule("molecule-unnamed", WARNING, content.molecule_unnamed, ("vocabulary",)),
    ),
    "Wording": (Rule("shared-wording", ERROR, wording.shared_wording, ("against",)),),
    "The check itself": (  # last, when it is known what was ignored
        Rule("unused-ignore", ERROR, unused_ignore),
    ),
}
"""Every rule, in the parts of the manual and in the order in which they are applied."""

RULES: tuple[Rule, ...] = tuple(chain.from_iterable(PARTS.values()))

_BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}

_ALWAYS_APPLIED = frozenset(("no-evidence", "missing-file"))


def rule(code: str) -> Rule:
    """The rule with this code. Raises TdrError, naming the nearest, if there is none."""
    found = _BY_CODE.get(code)
    if found is None:
        hint = did_you_mean(near(code.casefold(), _BY_CODE, 3))
        shown = visible(code[:80])
        raise usage_error(f"there is no rule `{shown}`{hint} (see --list-rules)")
    return found


def select_rules(select: Collection[str] = (), ignore: Collection[str] = ()) -> tuple[Rule, ...]:
    """The rules to apply: those selected, by default all, without those ignored.

    What makes a file unreadable is reported whatever is selected: the other rules would
    be silent about that file. Raises TdrError for a code that does not exist, and for none.
    """
    wanted = {rule(code).code for code in select} or set(_BY_CODE)
    wanted -= {rule(code).code for code in ignore}
    if not wanted:
        raise usage_error("no rule is left: every one that is selected is ignored")
    return tuple(found for found in RULES if found.code in wanted)


def run(
    path: Path,
    name: str | None = None,
    *,
    rules: Collection[Rule] = RULES,
    against: Mapping[str, str] | None = None,
    overrides: Mapping[Path, Document] | None = None,
    others: Sequence[Directory] = (),
) -> Report:
    """Check an evidence directory, united with the `others`.

    `name` is the directory as its user spelled it; `against` are source texts, by
    name, whose wording must not reappear; `overrides` are documents to read in place of
    some of its files. Raises TdrError if there is nothing to read.
    """
    context = Context(read_dataset(path, name, overrides, others), against)
    rules = [found for found in rules if against or "against" not in found.needs]
    skipped = {found.code for found in rules if context.incomplete.intersection(found.needs)}
    context.applied = frozenset(found.code for found in rules) - skipped
    findings: list[Problem] = []
    ignored: list[Ignored] = []
    for found in RULES:
        if found.code not in context.applied and found.code not in _ALWAYS_APPLIED:
            findings += [p for p in context.fatal if p.rule == found.code]
            continue
        parts = context.sources if found.by_source else (context,)
        for problem in chain.from_iterable(map(found.problems, parts)):
            severity = problem.severity or found.severity
            done = problem._replace(rule=found.code, severity=severity)
            # A problem found while reading makes the claim unusable for other commands.
            reason = None if problem.rule else context.ignore_reason(done)
            if reason is None:
                findings.append(done)
            else:
                ignored.append(Ignored(done, reason))
    # A problem with a code that is not in the list is reported all the same.
    findings += [p for code, ps in context.problems.items() if code not in _BY_CODE for p in ps]
    return Report.of(context, findings, ignored, len(context.applied), len(skipped))
