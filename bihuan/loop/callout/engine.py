"""What falls due of call-outs: lists to queue, waits that are over, people to let go of.

One part of one call-out at a time, so that no transaction is long and an SOS passes in between.
"""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.append import Appender
from bihuan.journal.storage import MAIN
from bihuan.loop.callout import entries, models
from bihuan.loop.callout.projectors_people import plan_of
from bihuan.loop.due import DueKind, falls_due

STEPS_PER_ENTRY, WOUND_PER_ENTRY, AIDES_PER_ENTRY = 40, 40, 20
OURS = (
    entries.CallOutListed,
    entries.CallOutStepped,
    entries.AidesCalled,
    entries.CallOutWoundUp,
)


def waiting(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    """(since when, which call-out) of everything that is due, oldest first."""
    orders = models.CallOut.objects.using(MAIN)
    found: dict[int, int | None] = {
        **dict(orders.filter(state="listing").values_list("id", "ordered_us")),
        **dict(orders.filter(is_winding=True).values_list("id", "ended_us")),
    }
    running = list(orders.filter(state__in=models.RUNNING).values_list("id", flat=True))
    for model in (models.CallOutPerson, models.CallOutAide):
        for call_out_id in running:
            due_us = (
                model.objects.using(MAIN)
                .filter(call_out_id=call_out_id, next_due_us__isnull=False)
                .order_by("next_due_us")
                .values_list("next_due_us", flat=True)
                .first()
            )
            if due_us is not None:
                found[call_out_id] = min(due_us, found.get(call_out_id) or due_us)
    due = sorted((at_us, one) for one, at_us in found.items() if at_us is not None)
    return [(at_us, one) for at_us, one in due if now_us is None or at_us <= now_us][:limit]


def decide(lane: Appender, call_out_id: int) -> None:
    """Do the next part of what is due; a second part waits for the next turn."""
    if any(isinstance(one.payload, OURS) for one in lane.appended):
        return
    call_out = lane.rows.get(models.CallOut, call_out_id)
    if call_out is None:
        raise bad("call_out", call_out_id, "a call-out")
    if call_out.is_winding:
        _wind_up(lane, call_out)
    elif not _step(lane, call_out) and not _tell(lane, call_out) and call_out.state == "listing":
        _list(lane, call_out)


def _list(lane: Appender, call_out: models.CallOut) -> None:
    parts = models.CallOutList.objects.using(MAIN)
    part = parts.filter(call_out_id=call_out.id, is_done=False).order_by("id").first()
    if part is not None:
        lane.append(entries.CallOutListed(call_out_id=call_out.id, list_id=part.id))


def _step(lane: Appender, call_out: models.CallOut) -> bool:
    """Move those whose wait is over; the most urgent were called first and come first."""
    plan = plan_of(call_out)
    found = models.CallOutPerson.objects.using(MAIN).filter(
        call_out_id=call_out.id, next_due_us__lte=lane.now_us
    )
    due = list(found.order_by("next_due_us", "id")[:STEPS_PER_ENTRY])
    if not due:
        return False
    steps = [entries.Stepped(callee_id=one.id, to=_next(one, plan.tries)) for one in due]
    lane.append(entries.CallOutStepped(call_out_id=call_out.id, steps=steps))
    return True


def _next(callee: models.CallOutPerson, tries: int) -> entries.To:
    if callee.state == "knock":
        return "overdue"
    if callee.state == "superior":
        return "knock"
    if callee.channels and callee.tries < tries and callee.reason != "cannot":
        return "again"
    return "superior" if callee.superior_id is not None else "knock"


def _tell(lane: Appender, call_out: models.CallOut) -> bool:
    found = models.CallOutAide.objects.using(MAIN).filter(
        call_out_id=call_out.id, next_due_us__lte=lane.now_us
    )
    due = [one.id for one in found.order_by("next_due_us", "id")[:AIDES_PER_ENTRY]]
    if due:
        lane.append(entries.AidesCalled(call_out_id=call_out.id, aides=due))
    return bool(due)


def _wind_up(lane: Appender, call_out: models.CallOut) -> None:
    """Let go of the next ones, the most urgent first: in that order they were listed."""
    left = models.CallOutPerson.objects.using(MAIN).filter(
        call_out_id=call_out.id, is_wound_up=False
    )
    people = list(left.order_by("id").values_list("id", flat=True)[:WOUND_PER_ENTRY])
    last = len(people) < WOUND_PER_ENTRY
    aides = _aides(call_out.id) if last else []
    lane.append(
        entries.CallOutWoundUp(
            call_out_id=call_out.id,
            callees=people,
            aides=[aide.id for aide in aides],
            is_last=last,
            told=_told_once(call_out.id, aides),
        )
    )


def _aides(call_out_id: int) -> list[models.CallOutAide]:
    found = models.CallOutAide.objects.using(MAIN).filter(call_out_id=call_out_id)
    return list(found.order_by("id"))


def _told_once(call_out_id: int, aides: list[models.CallOutAide]) -> list[int]:
    """Of those who were called each person once, and nobody who hears it as one of the people."""
    first = {aide.person_id: aide.id for aide in reversed(aides) if aide.called_us is not None}
    people = models.CallOutPerson.objects.using(MAIN).filter(
        call_out_id=call_out_id, person_id__in=first, called_us__isnull=False
    )
    own = set(people.values_list("person_id", flat=True))
    return sorted(identity for person_id, identity in first.items() if person_id not in own)


falls_due(DueKind("call_out", waiting, decide))
