"""Commands that answer questions: list, show, search, counter, terms, info."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import typer

from tdr.ask.evidence import Evidence
from tdr.ask.filter_values import named_in_sources
from tdr.cli import complete, listings
from tdr.cli.boundary import lines_of
from tdr.cli.declare import argument, flag, option
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Output, examples, output, takes
from tdr.cli.session import Session
from tdr.model.errors import NEGATIVE, Problem, TdrError, did_you_mean, usage_error
from tdr.model.filters import Criteria
from tdr.model.text import hyphened, quote, visible
from tdr.model.values import KINDS, Claim
from tdr.render import Listing
from tdr.render.claims import long_format, with_full_references

_ID = r"([a-z][a-z-]*?)-?([0-9]{1,9})"
_DECIMAL = r"[0-9]{1,3}(\.[0-9]{1,9})?"
_MAX_STDIN = 8 * 1024 * 1024

_FIRST_HITS = 20
"""How many hits a table on a terminal shows unless more are asked for."""


@takes(CRITERIA, output("claims"))
@examples(
    "tdr list --cell TAM --cancer 'lung cancer'",
    "tdr list -t radio --promotes CAF -o json | jq '.claims[].mechanism'",
)
def list_command(session: Session, criteria: Criteria, output: Output) -> None:
    evidence, selection = session.selected(criteria)
    limit = None if output.count_only or output.sort is not None else output.limit
    found = evidence.selected(selection, limit)
    listing = listings.claims(evidence, found, len(selection))
    if criteria.values("noted"):
        listing = listing._replace(shown=(*listing.shown, "note"))
    _emit(evidence, output, listing)
    if not selection.bits:
        from tdr.ask.hints import wider_claims

        session.streams.say(*wider_claims(evidence, criteria, selection))


def _emit(evidence: Evidence, output: Output, listing: Listing) -> None:
    """Write claims, one record for each or, with `--long`, for each of its items."""
    if output.long:
        listing = long_format(evidence, listing, output.long)
    output.emit(listing)


@takes(output("claims"))
@examples("tdr show imm-004", "tdr list -c Treg -o ids | tdr show -")
def show_command(
    session: Session,
    output: Output,
    ids: Annotated[
        list[str],
        argument("ID...", "Ids of claims; - reads them from stdin.", complete=complete.ids),
    ],
) -> None:
    evidence = session.evidence()
    wanted = list(dict.fromkeys(_ids(session, ids)))
    found: list[Claim] = []
    missing: list[Problem] = []
    for identifier in wanted:
        spelling = hyphened(identifier)
        claim = evidence.index.find(spelling) if spelling.isascii() else None
        if claim is not None:
            found.append(claim)
        else:
            missing.append(_no_such_id(evidence, identifier))
    if output.default_layout and not output.sorted_or_limited:
        from tdr.render.terminal.card import claim_card  # drawn for people only

        terminal = session.streams.terminal()
        cards = [claim_card(claim, evidence, terminal) for claim in found]
        session.streams.write(["\n".join(cards)], drawn=True)
    elif found or not missing:
        listing = with_full_references(evidence, listings.claims(evidence, found, len(found)))
        _emit(evidence, output, listing)
    if missing:
        raise TdrError(*missing, exit_code=NEGATIVE)


def _ids(session: Session, given: list[str]) -> Iterator[str]:
    for text in given:
        if not text.strip():
            raise usage_error("the id of a claim is empty")
        if text != "-":
            yield from text.replace(",", " ").split() or [text]
            continue
        data = session.streams.stdin().read(_MAX_STDIN + 1)
        if len(data) > _MAX_STDIN:
            raise TdrError(f"stdin is longer than {_MAX_STDIN} bytes")
        for line in lines_of(data, "stdin"):
            yield from line.split()


def _no_such_id(evidence: Evidence, identifier: str) -> Problem:
    """The problem of an unknown id, with the ids of its prefix, or the one of its number."""
    text = f"no claim has the id `{identifier}`"
    key, _, digits = identifier.rpartition(":")
    if digits.isdigit() and key in ("", *evidence.sources):
        return Problem(f"{text}; a reference: `tdr refs {identifier}`", "usage")
    similar: list[str] = []
    number = 0
    if not any(map(str.isdigit, identifier)):
        return Problem(f"{text}; `tdr search {quote(identifier)}` searches the claims", "usage")
    if match := re.fullmatch(_ID, hyphened(identifier).lower()):
        number = int(match[2])
        similar = evidence.index.ids(f"{match[1]}-", 10_000)
    meant = [one for one in similar if int(one.rpartition("-")[2]) == number]
    if similar and not meant:
        text += f" (they are `{similar[0]}` to `{similar[-1]}`)"
    return Problem(text + did_you_mean(meant[:3]), "usage")


def _score(text: str) -> float:
    """Plain decimals only; `float` alone would take `nan`, `1e1` and digits of every script."""
    if not re.fullmatch(_DECIMAL, text) or float(text) > 100:
        raise typer.BadParameter(f"`{text}` is not a number from 0 to 100")
    return float(text)


@takes(CRITERIA, output("claims"))
@examples("tdr search gefitnib exosome", "tdr search 'what overcomes lapatinib resistance' -c CAF")
def search_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    words: Annotated[list[str], argument("WORDS...", "Words in any notation, or a question.")],
    min_score: Annotated[
        float | None,
        option(
            "N",
            "Leave out what scores less, of 100; below 30 hits are weak.",
            "--min-score",
            parser=_score,
        ),
    ] = None,
) -> None:
    from tdr.ask.search import check_query, search

    text = " ".join(words)
    check_query(text)  # before any evidence is read
    evidence = session.evidence(criteria, words=True)
    limit = output.limit
    if limit is None and output.drawn:
        limit = _FIRST_HITS
    result = search(
        evidence,
        text,
        session.select(evidence, criteria),
        # Sorting needs every hit before the first can be shown; counting rows needs all of them.
        limit=None if output.sort is not None or (output.long and output.count_only) else limit,
        min_score=min_score,
    )
    session.streams.say(*result.messages())
    # In other formats weak hits would look like good ones: they are left out unless asked for.
    apart = not output.long and output.effective_format in ("table", "json")
    if not apart and min_score is None and result.weak:
        count = len(result.weak)
        hits = f"{count} weak hit{'s' * (count != 1)}"
        session.streams.say(f"{hits} left out (--min-score 1 shows them)")
        result = result._replace(weak=())
    _emit(evidence, output, listings.hits(evidence, result, apart=apart))


@takes(CRITERIA, output("countermeasures"))
@examples("tdr counter --agent lapatinib", "tdr counter -c TAM -o csv > countermeasures.csv")
def counter_command(session: Session, criteria: Criteria, output: Output) -> None:
    from tdr.ask.hints import wider_countermeasures
    from tdr.ask.views.lists import Countermeasure, countermeasures, interventions

    evidence, selection = session.selected(criteria)
    rows = countermeasures(evidence, selection)
    matched = len(interventions(evidence, selection))
    total = len(evidence.labels("countered_by"))
    output.emit(Listing.of(evidence, Countermeasure, rows, matched=matched, total=total))
    session.streams.say(*wider_countermeasures(evidence, criteria, selection))


@takes(CRITERIA, output("terms"))
@examples("tdr terms cells macrophage", "tdr terms agents -t radio --columns label,claims,xref")
def terms_command(
    session: Session,
    criteria: Criteria,
    output: Output,
    kind: Annotated[
        str, argument("KIND", f"One of: {', '.join(KINDS)}.", complete=complete.words(*KINDS))
    ],
    words: Annotated[
        list[str] | None,
        argument("[WORDS]", "Only terms with words that are, begin or end like these: platin."),
    ] = None,
) -> None:
    from tdr.ask.views.lists import kind_named, term_counts

    evidence, selection = session.selected(criteria)
    rows = term_counts(evidence, kind, " ".join(words or ()), selection, exact=criteria.exact)
    if criteria.pairs:
        rows = tuple(row for row in rows if row.claims)
    indent = output.drawn and output.sort is None
    every = len(term_counts(evidence, kind))
    output.emit(listings.terms(evidence, rows, every, indent=indent))
    if not rows and words:
        from tdr.model.text import excerpt  # the query may be of any length

        found = evidence.vocabulary.suggest(kind_named(kind), " ".join(words))
        query = excerpt(" ".join(words))
        session.streams.say(f"{query}: found nowhere{did_you_mean(found)}")
    if len(rows) == 1:
        term = rows[0].term
        labels = evidence.vocabulary.expand(term.kind, term.label)
        for source, mention in named_in_sources(evidence, term.kind, labels):
            session.streams.say(f"{term.label}: in no claim of {source}, which {mention}")


def _show_cache(session: Session, *, clear: bool) -> None:
    from tdr.index.cache import cache_use, clear_cache

    if clear:
        session.streams.say(f"{clear_cache()} indexes removed")
    use = cache_use()
    if use is None:
        raise TdrError("there is no directory for indexes that only you can write to")
    directory, indexes, size = use
    session.streams.write([visible(f"{directory}: {indexes} indexes, {size:,} bytes") + "\n"])


@takes(output("info"))
@examples("tdr info", "tdr info -o json | jq .info[0].data_version")
def info_command(
    session: Session,
    output: Output,
    cache: Annotated[
        bool, flag("--cache", "Tell where indexes are kept, and what they take.")
    ] = False,
    clear_cache: Annotated[
        bool, flag("--clear-cache", "Remove all indexes; they are made again.")
    ] = False,
) -> None:
    if cache or clear_cache:
        output.refuse_all("--clear-cache" if clear_cache else "--cache")
        _show_cache(session, clear=clear_cache)
        return
    evidence = session.evidence()
    output.emit(listings.info(evidence, session.paths), counted=False)
