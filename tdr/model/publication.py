"""Publications as they are cited: papers, programs, data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tdr.model.values import NO_TITLE, Reference

_RANGE = re.compile(r"([^\s–-]+)\s*[–-]+\s*([^\s–-]+)")

_REMARKS = {"retracted": "Retracted", "concern": "Expression of concern"}


_SHARED = ("title", "journal", "year", "volume", "issue", "pages", "doi", "pmid", "pmcid")
"""Attributes that references and publications share."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A citable work. `kind` is a type of CSL: `article-journal`, `software` or `dataset`.

    `names` are as the source prints them, `et al.` among them; `title` is empty where none is
    known; `remark` is a warning to readers, such as that a paper was retracted;
    `aliases` are the keys of other references to the same work.
    """

    key: str
    kind: str
    names: tuple[str, ...]
    title: str
    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    version: str | None = None
    licence: str | None = None
    remark: str | None = None
    aliases: tuple[str, ...] = ()

    @classmethod
    def of(cls, reference: Reference, prefix: str = "ref") -> Publication:
        """The publication of a reference; its key is the prefix and the number."""
        shared = {name: getattr(reference, name) for name in _SHARED}
        if reference.title == NO_TITLE:
            shared["title"] = ""
        return cls(
            f"{prefix}{reference.number}",
            "article-journal",
            reference.authors,
            **shared,
            url=reference.url if reference.doi or reference.pmid or reference.pmcid else None,
            remark=_REMARKS.get(reference.status),
        )

    @classmethod
    def named(cls, name: int | str, reference: Reference) -> Publication:
        """The entry of this name in one of several lists: `papers:20` has the key papers-ref20."""
        source, _, _ = str(name).rpartition(":")
        return cls.of(reference, f"{source}-ref" if source else "ref")

    @property
    def page_range(self) -> tuple[str, str | None]:
        """First and last page; an article number has no last."""
        match = _RANGE.fullmatch(self.pages or "")
        return (match[1], match[2]) if match else (self.pages or "", None)
