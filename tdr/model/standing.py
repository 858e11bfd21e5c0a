"""How sure a claim is: what its flags and the cited papers say about it."""

# Annotations are not put off: named tuples of texts would compile each one at every start.

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from tdr.model.plain import Plain

AGREES = ("yes", "partly", "no", "unclear")
DIFFERS = (
    "direction", "cause", "cell", "cancer", "agent", "molecule", "pathway", "basis", "scope",
    "therapy", "topic",
)  # fmt: skip
READ = ("abstract", "excerpt", "full text")

STANDINGS = ("contested", "qualified", "supported", "unchecked")
"""The standings of a claim; `standing` says when it has which."""


class Flag(Plain):
    """A kind of doubt that a note raises, and whether it is a conflict."""

    conflict: Literal["yes", "mild", "no"]
    meaning: str


FLAGS: Mapping[str, Flag] = {
    "direction": Flag("yes", "the sign is reversed against the cited title or the source itself"),
    "cause": Flag("yes", "cause and effect are swapped"),
    "topic": Flag("yes", "the cited title is about something else"),
    "title": Flag("yes", "cell, agent, cancer or molecule differs from the cited title"),
    "inconsistent": Flag("yes", "the source contradicts itself"),
    "broader": Flag("mild", "the claim is wider than the cited title"),
    "author": Flag("mild", "the author named in the text is not the first author"),
    "inferred": Flag("no", "a field had to be read from context"),
    "bibliographic": Flag("no", "something about the entry of the reference"),
}


class PaperComparison(NamedTuple):
    """What a cited paper reports, compared with the claim that cites it."""

    ref: int
    agrees: str
    differs: tuple[str, ...] = ()
    says: str | None = None
    read: str | None = None
    date: str | None = None
    by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return self._asdict() | {"differs": list(self.differs)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "PaperComparison":
        return cls(**{**raw, "differs": tuple(raw.get("differs", ()))})


def standing(
    flags: Collection[str], verdicts: Iterable[tuple[int, str]], refs: Iterable[int]
) -> str:
    """One of STANDINGS, from a claim's flags, (reference, `agrees`) pairs and references.

    Contested: a flag that is a conflict, or a paper that says otherwise. Qualified: a mild
    flag, or a paper that agrees in part. Supported: every paper was compared and agrees.
    """
    verdict = dict(verdicts)
    found = set(verdict.values())
    conflicts = {FLAGS[flag].conflict for flag in flags}
    if "yes" in conflicts or "no" in found:
        return "contested"
    if "mild" in conflicts or "partly" in found:
        return "qualified"
    return "supported" if all(verdict.get(ref) == "yes" for ref in refs) else "unchecked"


def reasons(flags: Iterable[str], primary: Iterable[PaperComparison]) -> Iterable[str]:
    """The reasons for which a claim is contested or qualified, a few words each."""
    for flag in flags:
        if FLAGS[flag].conflict != "no":
            yield FLAGS[flag].meaning
    for one in primary:
        if one.agrees in ("no", "partly"):
            what = f" ({', '.join(one.differs)})" if one.differs else ""
            agrees = "disagrees" if one.agrees == "no" else "agrees in part"
            if one.agrees == "no" and "direction" in one.differs:
                agrees, what = "reports the opposite", f": {one.says}" if one.says else ""
            yield f"[{one.ref}] {agrees}{what}"
