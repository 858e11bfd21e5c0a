"""Days as text: 2024-05-31."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_date(text: object) -> bool:
    """Whether this is a day of the calendar in the one form that sorts: 2024-05-31."""
    return isinstance(text, str) and _is_date(text)


@lru_cache(256)  # a million claims have few different days
def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    from datetime import date  # only evidence with dates needs it

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def latest_today() -> date:
    """Today's date in the time zone furthest ahead, so that no check depends on the time zone."""
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) + timedelta(hours=14)).date()


def years_of_publication() -> range:
    """The years that a cited work can have: up to the next one."""
    return range(1800, latest_today().year + 2)


def is_future(day: str) -> bool:
    """Whether a day has begun nowhere on Earth."""
    return day > latest_today().isoformat()
