"""Publishing a period, correcting it, and setting targets: who may, and what is refused.

A period is locked by somebody who may act for the whole county in the scenario, when it is over.
What comes later revises the records, never what was published; a correction is a further version
with its reason, and every version stays.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.figures import entries
from bihuan.figures.groups import date_of
from bihuan.figures.installed import Installed, figure, installed
from bihuan.figures.models import LockedValue
from bihuan.figures.periods import Period, parse
from bihuan.figures.projectors import FOLLOWER
from bihuan.figures.values import Book
from bihuan.journal.append import Appender
from bihuan.journal.follow import facts_position
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.read import first_recorded_us
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import Rights

LEVELS: Final = ("city", "county", "town", "village")
MOST_VALUES: Final = 16_000  # rows of one entry
MOST_REASON: Final = 255


def root_path() -> str:
    """The path of the county: the area in which all others lie."""
    return (
        Area.objects.using(MAIN)
        .filter(parent_id=None, until_us=None)
        .order_by("id")
        .values_list("path", flat=True)
        .first()
        or ""
    )


def may_publish(mine: Rights, scenario: str) -> bool:
    """Whether somebody acts for the whole county in a scenario."""
    path = root_path()
    return bool(path) and mine.may(scenario, "act", path)


def lock(clock: Clock, by: Actor, mine: Rights, said: tuple[str, str, str]) -> int:
    """Publish the figures of a scenario for a period; the version.

    said  scenario, period, reason ("" for the first version)
    Raises ForbiddenError, and BadInputError for an open period, one that was over before the
    journal began and in which nothing is counted, a second version without a reason, and one that
    would say the same again.
    """
    scenario, text, reason = said
    if not may_publish(mine, scenario):
        raise ForbiddenError
    period, now_us = parse(text), clock.now_us()
    if period.is_open(now_us):
        raise bad("period", text, "a period that is over")
    if len(reason) > MOST_REASON:
        raise bad("reason", reason, f"at most {MOST_REASON} characters")
    with Appender(FACTS_LANE, clock) as lane:
        book = Book(now_us)
        held = book.lock_of(scenario, period)
        values = _values(book, scenario, period)
        _refuse_invented(period, values)
        if held is not None and not reason.strip():
            raise bad("reason", "nothing", f"why version {held.n} is corrected")
        if held is not None and _same(held.id, values):
            raise bad("period", text, f"figures that differ from version {held.n}")
        lane.append(
            entries.PeriodLocked(
                by=by,
                scenario=scenario,
                period=period.text,
                n=1 if held is None else held.n + 1,
                reason=reason.strip(),
                position=facts_position(FOLLOWER),
                values=values,
            )
        )
    return 1 if held is None else held.n + 1


def _refuse_invented(period: Period, values: list[entries.Published]) -> None:
    """Before the journal began nothing was recorded: zeros of that time would be made up."""
    began_us = first_recorded_us(FACTS_LANE)
    if began_us is None or period.window.end_us > began_us:
        return
    if not any(one.amount or one.top or one.bottom for one in values):
        raise bad("period", period.text, f"a period with records: they begin {date_of(began_us)}")


def _values(book: Book, scenario: str, period: Period) -> list[entries.Published]:
    mine = [one for one in installed().values() if one.scenario == scenario]
    if not mine:
        raise bad("scenario", scenario, "a scenario with figures")
    areas = Area.objects.using(MAIN).filter(level__in=LEVELS).order_by("path")
    places = list(areas.values_list("id", "path"))
    if len(mine) * len(places) > MOST_VALUES:
        places = [place for place in places if place[1].count(".") <= 2]
    return [_published(book, one, period, place) for one in mine for place in places]


def _published(
    book: Book, one: Installed, period: Period, place: tuple[int, str]
) -> entries.Published:
    told = book.live(one, period, place[1])
    return entries.Published(
        figure=one.id, version=one.figure.version, area_id=place[0], **told._asdict()
    )


def _same(lock_id: int, values: list[entries.Published]) -> bool:
    rows = LockedValue.objects.using(MAIN).filter(lock_id=lock_id)
    held = {(r.figure, r.area_id): (r.version, r.amount, r.top, r.bottom) for r in rows}
    now = {(v.figure, v.area_id): (v.version, v.amount, v.top, v.bottom) for v in values}
    return held == now


def set_target(clock: Clock, mine: Rights, said: entries.TargetSet) -> None:
    """Set the county's own target of a figure from a day on, or take it back (amount None).

    Raises ForbiddenError, and BadInputError with every fault.
    """
    one = figure(said.figure)
    if not may_publish(mine, one.scenario):
        raise ForbiddenError
    faults = []
    if said.amount is not None and one.figure.direction == "none":
        faults.append(Fault("amount", str(said.amount), "a figure with a better side"))
    if said.amount is not None and not abs(said.amount) < 1e15:
        faults.append(Fault("amount", str(said.amount), "a finite number"))
    for name, text in (("source", said.source), ("region", said.region)):
        if not text.strip():
            faults.append(Fault(name, "nothing", "who says so, and for whom it holds"))
    if faults:
        raise BadInputError(*faults)
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(said)
