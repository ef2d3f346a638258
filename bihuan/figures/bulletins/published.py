"""Published series as a source of bulletins: what others said, as they said it, with who and when.

`published.ID` is the series with that id. The newest statement that stands speaks for a period.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.errors import BadInputError
from bihuan.figures.bulletins.entries import Point, Told, ToldGrowth, ToldRank, Words
from bihuan.figures.bulletins.periods import days_of, period_words
from bihuan.figures.bulletins.source import answer_for
from bihuan.figures.published.models import PublishedValue, Series
from bihuan.journal.storage import MAIN

PREFIX: Final = "published."
MEANING: Final = (
    "他方已发布的数据，照原文录入，增幅和位次不重新计算",
    "What others published, as they published it; growth and rank are not recomputed",
)


class PublishedSource:
    """Answers for `published.ID`, whatever area is named: a series has its own scope."""

    def ask(self, figure: str, area: str, period: str) -> Told | None:
        series = _series(figure)
        row = _standing(series, period) if series is not None else None
        if series is None or row is None:
            return None
        source = (
            f"《{row.paper}》{row.issued}"
            if row.source_kind == "press"
            else f"{row.paper} {row.issued}"
        )
        return Told(
            figure=figure,
            area=area,
            period=period,
            title=(series.indicator, series.indicator),
            scope=(series.scope, series.scope),
            unit=_unit(row.unit),
            definition=MEANING,
            source=(source, f"{row.paper}, {row.issued}"),
            value=row.value,
            qualifier=row.qualifier,
            growth=_growth(row),
            rank=_rank(row),
            is_provisional=row.is_provisional or row.status != "actual",
            is_published=True,
            href=f"/published/{series.id}/",
            when=_when(series, row),
        )

    def series(self, figure: str, area: str, period: str) -> list[Point]:
        """Periods of equal kind with a value, oldest first, up to and with the one asked for."""
        held = _series(figure)
        if held is None:
            return []
        end = days_of(period)[1].isoformat()
        newest: dict[str, Point] = {}
        for row in _rows(held):
            if row.value is not None and row.end is not None and row.end <= end:
                name = _period(row.start, row.end)
                newest[name] = Point(
                    period=name,
                    value=row.value,
                    is_exact=not row.qualifier,
                    is_provisional=row.is_provisional or row.status != "actual",
                )
        return list(newest.values())

    def offered(self, area: str, period: str) -> list[tuple[str, Words]]:
        found = list[tuple[str, Words]]()
        for one in Series.objects.using(MAIN).order_by("indicator", "id")[:500]:
            if _standing(one, period) is not None:
                title = f"{one.indicator}（{one.scope}）"
                found.append((f"{PREFIX}{one.id}", (title, title)))
        return found


def _series(figure: str) -> Series | None:
    text = figure.removeprefix(PREFIX)
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return Series.objects.using(MAIN).filter(id=int(text)).first()


def _rows(series: Series) -> list[PublishedValue]:
    standing = PublishedValue.objects.using(MAIN).filter(
        series_id=series.id, superseded_by=None, withdrawn_us=None
    )
    return list(standing.order_by("end", "start", "id"))


def _standing(series: Series, period: str) -> PublishedValue | None:
    """The newest that stands for exactly these days; of a point in time the last day counts."""
    try:
        start, end = (day.isoformat() for day in days_of(period))
    except BadInputError:
        return None
    fitting = [
        row
        for row in _rows(series)
        if row.end == end and (row.start == start or series.period_kind == "point")
    ]
    return fitting[-1] if fitting else None


def _period(start: str | None, end: str) -> str:
    """`2026-07` for a whole month, else days."""
    if start is None or start == end:
        return end
    whole = f"{start[:7]}..{end[:7]}" if start[:7] != end[:7] else start[:7]
    edges = tuple(day.isoformat() for day in days_of(whole))
    return whole if edges == (start, end) else f"{start}..{end}"


def _when(series: Series, row: PublishedValue) -> Words:
    """Of a point in time the day; of others the period reads well enough."""
    if series.period_kind != "point" or row.end is None:
        return ("", "")
    zh, en = period_words(row.end)
    return f"截至{zh}", f"as of {en}"


def _unit(unit: str | None) -> Words:
    """English takes the unit apart where it says the number: 亿 belongs to the number there."""
    return (unit or "", unit or "")


def _growth(row: PublishedValue) -> ToldGrowth | None:
    if row.growth_value is None:
        return None
    return ToldGrowth(value=row.growth_value, unit=row.growth_unit or "", basis=row.growth_basis)


def _rank(row: PublishedValue) -> ToldRank | None:
    if row.rank_place is None:
        return None
    group = row.rank_group or ""
    return ToldRank(
        place=row.rank_place, group=(group, group), ties=bool(row.rank_ties), change=row.rank_change
    )


answer_for(PREFIX, PublishedSource())
