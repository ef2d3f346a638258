"""How facts of a call-out's messages count for its people: attempted, answered, confirmed, lost."""

from __future__ import annotations

from bihuan.base.time import SECOND_US
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import answer
from bihuan.loop.callout import models, texts
from bihuan.loop.callout.plan import QUIET
from bihuan.loop.callout.projectors_people import ANSWERED, order_of, plan_of, settle
from bihuan.loop.delivery.texts import Saying
from bihuan.loop.delivery.topics import Topic, are_about
from bihuan.loop.entries import DeliveryTold
from bihuan.loop.models import Delivery

ORDER, LIFT, TASKS = "order", "lift", models.AIDES
RINGING = ("queued", "attempted", "accepted", "delivered")
WITH_AIDES = ("superior", "knock")  # who did not answer, and fell to somebody else
BEING_CALLED = ("waiting", "calling", "reached", "no_answer")


def _attempted(rows: Rows, delivery: Delivery, at_us: int) -> None:
    """The wait for the next call counts from the first attempt of this one."""
    if delivery.purpose != ORDER:
        return
    callee = rows.change(models.CallOutPerson, delivery.case_id)
    is_sent = delivery.state == "attempted"
    if is_sent and callee.called_us is None:
        callee.called_us = at_us
    if callee.state not in BEING_CALLED:
        return
    if is_sent and callee.state in ("waiting", "no_answer"):
        callee.state = "calling"
    if not is_sent and not callee.reason:
        callee.reason = "held"
    if callee.next_due_us is None and delivery.step == callee.tries:
        waits_s = plan_of(order_of(rows, callee.call_out_id)).waits_s
        callee.next_due_us = at_us + waits_s[min(callee.tries, len(waits_s)) - 1] * SECOND_US


def _told(rows: Rows, delivery: Delivery, said: DeliveryTold, at_us: int) -> None:
    if delivery.purpose in TASKS and said.fact == "confirmed":
        aide = rows.change(models.CallOutAide, delivery.case_id)
        aide.confirmed_us = aide.confirmed_us if _has_said(aide) else at_us
    if delivery.purpose != ORDER:
        return
    callee = rows.change(models.CallOutPerson, delivery.case_id)
    if callee.state in (*ANSWERED, "stopped"):
        return
    if said.fact == "confirmed":
        settle(rows, callee, at_us, _how(delivery, said))
        callee.reached_us = callee.reached_us or at_us
    elif said.fact in ("answered", "heard"):
        callee.reached_us = callee.reached_us or at_us
        if callee.state in BEING_CALLED:
            callee.state, callee.reason = "reached", ""
    elif said.fact not in ("accepted", "delivered"):
        _missed(rows, callee, said)


def _how(delivery: Delivery, said: DeliveryTold) -> str:
    if said.evidence == answer.PAGE:
        return "page"
    return "sms" if delivery.channel == "sms" else "key"


def _missed(rows: Rows, callee: models.CallOutPerson, said: DeliveryTold) -> None:
    """No answer by this message; while another one still rings there may be one."""
    if said.fact == "declined" and callee.reached_us is not None:
        callee.reason = "cannot"
    else:
        callee.reason = said.fact
    others = [
        one
        for one in rows.where(Delivery, case_id=callee.id)
        if one.id != said.delivery_id and one.channel not in QUIET
    ]
    if callee.state == "calling" and not any(one.state in RINGING for one in others):
        callee.state = "no_answer"


def _is_wanted(rows: Rows, delivery: Delivery) -> bool:
    if delivery.purpose == LIFT:
        return True
    if delivery.purpose in TASKS:
        aide = rows.get(models.CallOutAide, delivery.case_id)
        found = rows.get(models.CallOut, aide.call_out_id) if aide is not None else None
        return found is not None and found.state in models.RUNNING
    callee = rows.get(models.CallOutPerson, delivery.case_id)
    if callee is None or callee.state in (*ANSWERED, "stopped"):
        return False
    return order_of(rows, callee.call_out_id).state in models.RUNNING


def _waiting(deliveries: list[Delivery]) -> set[int]:
    """Of orders that run: who has not answered, and who still has somebody to see to."""
    asked = {one.id: one.case_id for one in deliveries if one.purpose == ORDER}
    tasks = {one.id: one.case_id for one in deliveries if one.purpose in TASKS}
    running = models.CallOut.objects.using(MAIN).filter(state__in=models.RUNNING)
    open_ = models.CallOutPerson.objects.using(MAIN).filter(
        id__in=set(asked.values()), state__in=models.OPEN, call_out_id__in=running.values("id")
    )
    streams = set(open_.values_list("id", flat=True))
    if tasks:
        aides = models.CallOutAide.objects.using(MAIN).filter(
            id__in=set(tasks.values()), call_out_id__in=running.values("id")
        )
        streams |= _still_asked(list(aides))
    return {one for one, stream in {**asked, **tasks}.items() if stream in streams}


def _still_asked(aides: list[models.CallOutAide]) -> set[int]:
    """Aides who have not said that they will, since they were last told; by id."""
    found = models.CallOutPerson.objects.using(MAIN).filter(
        call_out_id__in={one.call_out_id for one in aides}, state__in=WITH_AIDES
    )
    theirs: set[tuple[int, int | None, str]] = set()
    for row in found:
        theirs.add((row.call_out_id, row.superior_id, "superior"))
        if row.state == "knock":
            theirs.add((row.call_out_id, row.knocker_id, "knock"))
    return {
        one.id
        for one in aides
        if not _has_said(one)
        and (one.task == models.LIFT_OFFER or (one.call_out_id, one.person_id, one.task) in theirs)
    }


def _has_said(aide: models.CallOutAide) -> bool:
    """Whether the last word is theirs: who is told of one more is asked anew."""
    return aide.confirmed_us is not None and aide.confirmed_us >= (aide.called_us or 0)


def _says(rows: Rows, delivery: Delivery, keys: KeyRing, is_english: bool) -> Saying:
    return texts.saying(rows, delivery, keys, is_english=is_english)


are_about((ORDER, LIFT, *TASKS), Topic(_attempted, _told, _is_wanted, _waiting, _says))
