"""What lane 0 says about keeping and erasing."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor


@entry_type("retention.set.v1")
class RetentionSet(Payload, frozen=True, kw_only=True):
    """From a day on rows of a kind (`SCENARIO.TYPE`) are kept so many days; None = for good.

    source, region  whose figure it is and where it holds; effective_from: a date
    """

    kind: str
    keep_days: int | None
    source: str
    effective_from: str
    region: str
    by: Actor


@entry_type("retention.ran.v1")
class RetentionRan(Payload, frozen=True, kw_only=True):
    """Rows whose time was over were erased. erased: kind → how many; held: rows that stay, why."""

    erased: dict[str, int]
    held: list[tuple[int, str]]
