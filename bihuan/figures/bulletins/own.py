"""The county's own figures as a source of bulletins: as the figures engine gives or published them.

An open period, and a closed one that nobody published (locked) yet, is provisional: late records
may still change it. What was published is quoted as published, whatever came since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from bihuan.base.errors import BadInputError
from bihuan.figures import periods
from bihuan.figures.bulletins.entries import Point, Told, ToldGrowth, ToldRank, Words
from bihuan.figures.groups import date_of
from bihuan.figures.installed import Installed, installed
from bihuan.figures.periods import Period, parse
from bihuan.figures.values import Book, Growth, Value, public, ranked
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.read import first_recorded_us
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area

SERIES: Final = 13
OURS: Final = ("闭环业务记录", "Bihuan's own records")


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """Answers for `SCENARIO.NAME`. now: µs; a figure counts what is known until then."""

    now: Callable[[], int]

    def ask(self, figure: str, area: str, period: str) -> Told | None:
        found, first = _found(figure, area, period), first_recorded_us(FACTS_LANE)
        if found is None or first is None or found[2].window.end_us <= first:
            return None  # before the journal began a zero would be invented
        one, place, when = found
        book = Book(self.now())
        value = _public(one, place, book.value(one, when, place.path))
        unit, told = one.figure.unit, value.told
        return Told(
            figure=figure,
            area=area,
            period=period,
            when=_when(one, when),
            title=one.figure.title,
            scope=(place.name, place.latin or place.name),
            unit=unit,
            definition=one.figure.definition,
            source=_source(one, value, first if when.window.start_us < first else None),
            value=_text(one, told.amount),
            numerator=_whole(told.top),
            denominator=_whole(told.bottom),
            growth=_growth(book, one, when, place.path) if told.amount is not None else None,
            rank=_rank(book, one, when, place) if told.amount is not None else None,
            is_provisional=value.is_open or value.lock == 0,
            href=f"/figures/{one.id}/?period={when.text}&area={place.id}",
        )

    def series(self, figure: str, area: str, period: str) -> list[Point]:
        """Periods of this length since the journal began, of this definition; gaps are left out."""
        found = _found(figure, area, period)
        first = first_recorded_us(FACTS_LANE)
        if found is None or first is None:
            return []
        one, place, when = found
        book, points = Book(self.now()), list[Point]()
        while len(points) < SERIES and when.window.start_us >= first and _is_defined(one, when):
            value = _public(one, place, book.value(one, when, place.path))
            text = _text(one, value.told.amount)
            if text is not None:
                is_soft = value.is_open or value.lock == 0
                points.append(
                    Point(period=when.text, value=text, is_exact=True, is_provisional=is_soft)
                )
            when = when.before()
        return points[::-1]

    def offered(self, area: str, period: str) -> list[tuple[str, Words]]:
        """Every figure, where the area is known and the period has records."""
        when, first = _period(period), first_recorded_us(FACTS_LANE)
        if _area(area) is None or when is None or first is None or when.window.end_us <= first:
            return []
        return [(one.id, one.figure.title) for one in installed().values()]


def _found(figure: str, area: str, period: str) -> tuple[Installed, Area, Period] | None:
    one, place, when = installed().get(figure), _area(area), _period(period)
    if one is None or place is None or when is None:
        return None
    return one, place, when


def _area(code: str) -> Area | None:
    return Area.objects.using(MAIN).filter(code=code, until_us=None).first()


def _period(text: str) -> Period | None:
    try:
        return parse(text)
    except BadInputError:
        return None


def _is_defined(one: Installed, when: Period) -> bool:
    """A changed definition begins a new series: values of two versions are never compared."""
    return one.figure.version == 1 or when.start.isoformat() >= one.figure.effective_from


def _public(one: Installed, place: Area, value: Value) -> Value:
    """Below the county, counts too few to be published stay hidden: a bulletin leaves the house."""
    if place.parent_id is None:
        return value
    return public(one, [(place.id, value)])[0][1]


def _text(one: Installed, amount: float | None) -> str | None:
    """As the figure's page shows it: its decimals, no zeros that say nothing."""
    if amount is None:
        return None
    step = Decimal(1).scaleb(-one.figure.decimals)
    shown = f"{Decimal(repr(float(amount))).quantize(step, ROUND_HALF_UP):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _whole(part: float | None) -> str | None:
    return None if part is None else f"{Decimal(repr(float(part))).normalize():f}"


def _when(one: Installed, when: Period) -> Words:
    zh, en = periods.words(when, one.figure.period)
    return (f"{zh}末", f"the end of {en}") if one.figure.period == "point" else (zh, en)


def _source(one: Installed, value: Value, since_us: int | None) -> Words:
    """Who says it, and since when there are records where the period began before them."""
    zh, en = f"{OURS[0]}，{one.id}", f"{OURS[1]}, {one.id}"
    if since_us is not None:
        zh, en = f"{zh}，{date_of(since_us)} 起有记录", f"{en}, records since {date_of(since_us)}"
    if value.lock:
        return f"{zh}，已发布第 {value.lock} 版", f"{en}, published as version {value.lock}"
    return f"{zh}，未发布", f"{en}, not published yet"


def _growth(book: Book, one: Installed, when: Period, path: str) -> ToldGrowth | None:
    """Like for like: on the year where there is one, else on the period before."""
    found = book.growth(one, when, path, "year")
    if found.amount is not None:
        return _told_growth(found, "yoy")
    found = book.growth(one, when, path, "before")
    return None if found.amount is None else _told_growth(found, "period_on_period")


def _told_growth(found: Growth, basis: str) -> ToldGrowth:
    amount = Decimal(repr(found.amount)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    unit = "percentage_point" if found.unit == "points" else "%"
    return ToldGrowth(value=f"{amount:f}", unit=unit, basis=basis)


def _rank(book: Book, one: Installed, when: Period, place: Area) -> ToldRank | None:
    """Among the areas beside it, where the figure ranks that level. Never of villages."""
    if one.figure.rank_level != place.level or place.parent_id is None:
        return None
    above = Area.objects.using(MAIN).filter(id=place.parent_id).first()
    if above is None:
        return None
    found = ranked(
        one, book.children(one, when, above.path), _places_before(book, one, when, above)
    )
    own = next((rank for rank in found if rank.area_id == place.id), None)
    if own is None or own.place is None:
        return None
    group = (f"{above.name}各镇（街道）", f"the towns of {above.latin or above.name}")
    return ToldRank(place=own.place, group=group, ties=own.is_tied, change=own.moved)


def _places_before(book: Book, one: Installed, when: Period, above: Area) -> dict[int, Value]:
    """What the period before gave each; nothing before the records or under another definition."""
    before, first = when.before(), first_recorded_us(FACTS_LANE)
    if first is None or before.window.start_us < first or not _is_defined(one, before):
        return {}
    return book.children(one, before, above.path)
