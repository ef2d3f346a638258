"""Who is on duty by roster at this moment, for the rights of everybody who asks.

Worked out once for each change of a roster and each shift that begins or ends; in between it is
remembered.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Max

from bihuan.base.time import DAY_US
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.rosters.models import Roster, RosterOverride, RosterPattern
from bihuan.register.rosters.on_duty import shifts


class OnDuty(NamedTuple):
    """One person in one role for one area, because a roster says so."""

    person_id: int
    role: str
    area_id: int


class _Known(NamedTuple):
    state: tuple[object, ...]
    from_us: int
    until_us: int
    duties: tuple[OnDuty, ...]


_known: _Known | None = None


def duties_now(now_us: int) -> tuple[OnDuty, ...]:
    """Everybody on duty by a roster at this moment."""
    global _known  # noqa: PLW0603 - one answer a process, checked against the tables each time
    state, known = _state(), _known
    if known is None or known.state != state or not known.from_us <= now_us < known.until_us:
        _known = known = _worked_out(state, now_us)
    return known.duties


def _state() -> tuple[object, ...]:
    rosters = Roster.objects.using(MAIN).aggregate(made=Max("id"), closed=Max("closed_us"))
    pattern = RosterPattern.objects.using(MAIN).aggregate(last=Max("id"))["last"]
    override = RosterOverride.objects.using(MAIN).aggregate(last=Max("id"))["last"]
    return (rosters["made"], rosters["closed"], pattern, override)


def _worked_out(state: tuple[object, ...], now_us: int) -> _Known:
    rows, duties = Rows(MAIN), []
    until_us = now_us + DAY_US
    for roster in Roster.objects.using(MAIN).order_by("id"):
        for slot in shifts(rows, roster, (now_us, until_us)):
            if slot.from_us > now_us:
                until_us = min(until_us, slot.from_us)
                continue
            until_us = min(until_us, slot.until_us)
            duties += [OnDuty(person, roster.role, roster.area_id) for person in slot.people]
        if roster.closed_us is not None and roster.closed_us > now_us:
            until_us = min(until_us, roster.closed_us)
    return _Known(state, now_us, until_us, tuple(dict.fromkeys(duties)))
