"""What makes two statements the same series, and whether they agree. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date
from decimal import Decimal

from bihuan.base.errors import BadInputError, Fault
from bihuan.figures.published.entries import Growth, Rank, Said
from bihuan.figures.published.models import PublishedValue

MOST_WORDS = 120
_DECIMAL = re.compile(r"-?\d{1,24}(?:\.\d{1,10})?")


def plain(text: str | None) -> str:
    """Words without what two printers print differently: width and blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text or ""))


def key_of(said: Said, area_id: int) -> str:
    """The series of a statement: indicator, scope and kind of period; 64 hexadecimal digits.

    A month and a cumulation are two series. Raises BadInputError where one of them is missing.
    """
    faults = name_faults(said)
    if faults or said.period is None:
        raise BadInputError(*faults)
    parts = (str(area_id), plain(said.indicator), plain(said.scope), said.period.kind)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def name_faults(said: Said) -> list[Fault]:
    """What a series needs: whose number it is, of what, over which kind of period."""
    faults = []
    for name, text in (("indicator", said.indicator), ("scope", said.scope)):
        if not plain(text):
            faults.append(Fault(name, "nothing", "the words of the source, or what they mean"))
        elif len(text or "") > MOST_WORDS:
            faults.append(Fault(name, f"{len(text or '')} characters", f"at most {MOST_WORDS}"))
    if said.period is None:
        faults.append(Fault("period", "nothing", "cumulative | single | point | since, with days"))
    return faults


def faults_of(said: Said) -> list[Fault]:
    """Every fault of a statement that is to stand in a series."""
    faults = name_faults(said)
    if said.period is not None:
        faults += _period_faults(said.period.start, said.period.end)
    for name, text in numbers_of(said):
        if not _DECIMAL.fullmatch(text):
            faults.append(Fault(name, text[:40], "decimal digits, such as 10386000000 or 6.1"))
    if said.value is None and said.growth is None and said.rank is None:
        faults.append(Fault("value", "nothing", "a value, a growth or a rank"))
    if said.rank is not None and not 1 <= said.rank.place <= 100_000:
        faults.append(Fault("rank", str(said.rank.place), "1 or more"))
    return faults


def numbers_of(said: Said) -> list[tuple[str, str]]:
    """(field, decimal text) of every number that a statement gives."""
    found = [("value", said.value), ("growth", said.growth.value if said.growth else None)]
    return [(name, text) for name, text in found if text is not None]


def _period_faults(start: str | None, end: str | None) -> list[Fault]:
    if end is None:
        return [Fault("end", "nothing", "the last day of the period, YYYY-MM-DD")]
    days = []
    for name, text in (("start", start), ("end", end)):
        try:
            days.append(date.fromisoformat(text) if text is not None else date.min)
        except ValueError:
            return [Fault(name, str(text)[:40], "a day YYYY-MM-DD")]
    if days[0] > days[1]:
        return [Fault("start", str(start), f"a day not after {end}")]
    return []


def disagrees(row: PublishedValue, said: Said) -> bool:
    """Whether two statements for one period cannot both be right, read as printed.

    A value and a growth for the same period stand beside each other; 超3700万 and 3700万 do not.
    """
    if (row.status, row.is_provisional) != (said.status, said.is_provisional):
        return True
    if row.value is not None and said.value is not None:
        same = Decimal(row.value) == Decimal(said.value)
        if not same or (row.qualifier, row.unit) != (said.qualifier, said.unit):
            return True
    return _grew_else(row, said.growth) or _stands_else(row, said.rank)


def _grew_else(row: PublishedValue, growth: Growth | None) -> bool:
    if row.growth_value is None or growth is None:
        return False
    was = (Decimal(row.growth_value), row.growth_unit, row.growth_basis)
    return was != (Decimal(growth.value), growth.unit, growth.basis)


def _stands_else(row: PublishedValue, rank: Rank | None) -> bool:
    if row.rank_place is None or rank is None or row.rank_group != rank.group:
        return False
    return (row.rank_place, row.rank_ties) != (rank.place, rank.ties)


def is_same(row: PublishedValue, said: Said) -> bool:
    """Whether a row says exactly this."""
    growth, rank = said.growth, said.rank
    return (
        not disagrees(row, said)
        and (row.value is None) == (said.value is None)
        and (row.growth_value is None) == (growth is None)
        and (row.rank_place is None) == (rank is None)
        and (rank is None or (row.rank_group, row.rank_change) == (rank.group, rank.change))
    )
