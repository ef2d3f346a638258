"""Call-outs that a row's act orders: the table of a response level calls by itself.

Whoever may do the act may order what it orders, inside the row's own area. One order runs for each
row: a later one supersedes it, and the same one again calls nobody twice. Where nobody can be
called a signal says so, so that the silence is somebody's case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bihuan.base.errors import BadInputError
from bihuan.journal.append import Appender
from bihuan.journal.models import Parked
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.callout import acts, entries
from bihuan.loop.callout.models import RUNNING, CallOut
from bihuan.loop.callout.who import Whom, everybody
from bihuan.loop.cases.models import Decided
from bihuan.loop.due import Stream, is_decided_by
from bihuan.loop.warned.standing import newest
from bihuan.register.models import Area, County
from bihuan.register.records.doing import signal
from bihuan.register.records.entries import RowCalledOut
from bihuan.register.records.rows import row_of

OFFSET: Final = "row_call_outs"
COUNTY_ROW: Final = 1
NOBODY: Final = "nobody is on duty or in post there"


def event_of(row_id: int) -> str:
    """What the orders of a row are about."""
    return f"row:{row_id}"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An order as the act has it, with the row's place and what was left out of it."""

    said: RowCalledOut
    area: Area
    areas: dict[str, list[int]]
    left_out: list[int]


def decide(lane: Appender, entry: Recorded[RowCalledOut]) -> None:
    """Order it, supersede what ran for the row, or lift that; the decision is said once."""
    said = entry.payload
    row = row_of(lane.rows, said.row_id)
    area = lane.rows.get(Area, row.area_id) if row is not None else None
    if row is None or area is None:
        _told(lane, entry, None, "the row is no more")
        return
    held = _running(lane.rows, said.row_id)
    if not said.whom:
        for one in held:
            lane.append(_lift(said, one, area))
        _told(lane, entry, held[0].id if held else None, "")
        return
    wanted = _inside(lane.rows, said, area)
    call_out_id, reason = _order(lane, wanted, held)
    if call_out_id is None or wanted.left_out:
        signal(lane, row, said.uncalled, f"{said.act} {_short(reason)}")
    _told(lane, entry, call_out_id, reason)


def _running(rows: Rows, row_id: int) -> list[CallOut]:
    return [one for one in rows.where(CallOut, event=event_of(row_id)) if one.state in RUNNING]


def _lift(said: RowCalledOut, held: CallOut, area: Area) -> entries.CallOutLifted:
    return entries.CallOutLifted(
        call_out_id=held.id, issuer=area.name, zh=said.zh, en=said.en, by=said.by
    )


def _inside(rows: Rows, said: RowCalledOut, area: Area) -> _Wanted:
    """Areas by role, as far as they lie in the row's own."""
    found: dict[str, list[int]] = {}
    left_out = []
    for role, area_id in said.whom:
        there = rows.get(Area, area_id)
        if there is None or there.until_us is not None or not there.path.startswith(area.path):
            left_out.append(area_id)
        else:
            found.setdefault(role, []).append(area_id)
    return _Wanted(said, area, found, left_out)


def _order(lane: Appender, wanted: _Wanted, held: list[CallOut]) -> tuple[int | None, str]:
    """(order, why it is not as wanted): a new one, or the one that runs and says the same."""
    said, reason = wanted.said, ""
    if wanted.left_out:
        reason = f"areas {wanted.left_out}: outside {wanted.area.name}"
    order, unquoted = _quoting(lane.rows, said)
    reason = reason or unquoted
    plan = acts.plan_for(wanted.area)
    people, aides = _everybody(wanted, plan.command, lane.now_us)
    faults = acts.faults_of(order, len(people))
    if not people or faults:
        return None, "; ".join(str(one) for one in faults) if people else reason or NOBODY
    new = entries.CallOutOrdered(
        event=event_of(said.row_id),
        supersedes=held[0].id if held else None,
        mode=_mode(lane.rows),
        wakes=True,
        severity="critical",
        level=order.level,
        issuer=order.issuer,
        zh=order.zh,
        en=order.en,
        area_id=wanted.area.id,
        areas=sorted({one for areas in wanted.areas.values() for one in areas}),
        roles=sorted(wanted.areas),
        about=None,
        warning_id=order.warning_id,
        plan=plan,
        people=[people[n : n + acts.PER_LIST] for n in range(0, len(people), acts.PER_LIST)],
        aides=aides,
        by=said.by,
    )
    if held and _is_same(held[0], new):
        return held[0].id, reason
    return lane.append(new).id(), reason


def _everybody(
    wanted: _Wanted, command: list[str], now_us: int
) -> tuple[list[entries.Listed], list[tuple[int, list[str]]]]:
    """Everybody of every role at its areas, each person once, all in parallel."""
    people: dict[int, entries.Listed] = {}
    aides: dict[int, list[str]] = {}
    for role, areas in sorted(wanted.areas.items()):
        whom = Whom(areas=tuple(areas), roles=(role,))
        found, above = everybody(whom, command, now_us)
        people = {one.person_id: one for one in found} | people
        aides |= dict(above)
    ordered = sorted(people.values(), key=lambda one: (-one.risk, one.area_id, one.person_id))
    return ordered, sorted(aides.items())


def _quoting(rows: Rows, said: RowCalledOut) -> tuple[acts.Order, str]:
    """The order in the station's words, as far as a warning stands; else without them, and why."""
    plain = acts.Order(whom=Whom(areas=()), zh=said.zh.strip(), en=said.en.strip())
    if said.warning_id is None:
        return plain, ""
    warning = newest(rows, said.warning_id)
    if warning is None or warning.state != "current":
        return plain, f"warning {said.warning_id}: got {_state(warning)}, want one that stands"
    try:
        return acts.quoting(replace(plain, warning_id=warning.id)), ""
    except BadInputError as error:
        return plain, str(error)


def _state(warning: object) -> str:
    return "no such warning" if warning is None else str(getattr(warning, "state", ""))


def _is_same(held: CallOut, new: entries.CallOutOrdered) -> bool:
    """Whether the order that runs says the same: it is not given again."""
    said = (held.zh, held.en, held.roles, held.warning_id, held.total)
    people = sum(len(part) for part in new.people)
    return said == (new.zh, new.en, ",".join(new.roles), new.warning_id, people)


def _mode(rows: Rows) -> entries.Mode:
    county = rows.get(County, COUNTY_ROW)
    return "drill" if county is not None and county.mode == "drill" else "live"


def _short(reason: str) -> str:
    return reason[:60]


def _told(lane: Appender, entry: Recorded[RowCalledOut], call_out_id: int | None, why: str) -> None:
    lane.append(
        entries.RowCallDecided(asked=entry.position, call_out_id=call_out_id, reason=why[:500])
    )


@projects(entries.RowCallDecided)
def row_call_decided(rows: Rows, entry: Recorded[entries.RowCallDecided]) -> None:
    said = entry.payload
    rows.put(Decided, id=OFFSET, position=said.asked)
    if said.is_broken:
        rows.new(
            Parked, id=entry.id(), stream=entry.id(), type="RowCalledOut", reason=said.reason,
            recorded_us=entry.recorded_us,
        )  # fmt: skip


is_decided_by(
    Stream(
        "row.called_out.v1",
        OFFSET,
        decide,
        lambda at, why: entries.RowCallDecided(
            asked=at, call_out_id=None, reason=why[:500], is_broken=True
        ),
        is_urgent=True,
        per_turn=5,
    )
)
