"""What call-outs ask of one person now: an order to answer, people to see to, a lift to decide."""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

from bihuan.journal.storage import MAIN
from bihuan.loop.callout.models import AIDES, CallOutAide, CallOutPerson
from bihuan.loop.delivery.topics import waiting
from bihuan.loop.models import Delivery, DeliveryFact

ASKED = ("order", *AIDES)
PAGE = "in_app"  # the channel whose words fit a page with buttons
NOT_SAID = ("queued", "withdrawn")
CANNOT = "cannot"
WITH_AIDES = ("superior", "knock")
NEWEST, MOST = 200, 20


class Asked(NamedTuple):
    """One message that waits for an answer, worded for a page; what answers it is its id.

    due_us  when the call-out goes on without the answer; None where nothing is due
    """

    message: Delivery
    is_task: bool
    due_us: int | None


def asked_of(person_id: int) -> list[Asked]:
    """What waits for a person, the newest first; none once answered, lifted, ended or superseded.

    Who said that the order cannot be carried out has answered, until they are called anew.
    """
    sent = Delivery.objects.using(MAIN).filter(person_id=person_id, purpose__in=ASKED)
    said = sent.exclude(state__in=NOT_SAID).order_by("-id")
    latest: dict[int, Delivery] = {}
    for one in said[:NEWEST]:
        latest.setdefault(one.case_id, one)
    wait = waiting(list(latest.values()))
    found = [one for one in latest.values() if one.id in wait][:MOST]
    if not found:
        return []
    callees = CallOutPerson.objects.using(MAIN).in_bulk([one.case_id for one in found])
    aides = CallOutAide.objects.using(MAIN).in_bulk([one.case_id for one in found])
    due, refused = _due(list(aides.values())), _refused(found)
    asked = []
    for one in found:
        callee, aide = callees.get(one.case_id), aides.get(one.case_id)
        if callee is not None and callee.reason != CANNOT:
            asked.append(Asked(_worded(one), is_task=False, due_us=callee.next_due_us))
        elif aide is not None and one.id not in refused:
            asked.append(Asked(_worded(one), is_task=True, due_us=due.get(aide.id)))
    return asked


def _refused(messages: list[Delivery]) -> set[int]:
    """Messages that were heard and then answered with no; a telephone that rang off is neither."""
    told = DeliveryFact.objects.using(MAIN).filter(delivery_id__in=[one.id for one in messages])
    said: dict[int, set[str]] = {}
    for delivery_id, fact in told.values_list("delivery_id", "fact"):
        said.setdefault(delivery_id, set()).add(fact)
    return {one for one, facts in said.items() if {"answered", "declined"} <= facts}


def _due(aides: list[CallOutAide]) -> dict[int, int]:
    """When the first of those who fell to an aide is seen to by somebody else, or is overdue."""
    people = CallOutPerson.objects.using(MAIN).filter(
        call_out_id__in={one.call_out_id for one in aides},
        state__in=WITH_AIDES,
        next_due_us__isnull=False,
    )
    rows = list(people) if aides else []
    found: dict[int, int] = {}
    for aide in aides:
        theirs = [
            row.next_due_us
            for row in rows
            if row.call_out_id == aide.call_out_id
            and row.next_due_us is not None
            and aide.person_id == (row.superior_id if row.state == "superior" else row.knocker_id)
        ]
        if theirs:
            found[aide.id] = min(theirs)
    return found


def _worded(message: Delivery) -> Delivery:
    """The same message as a page says it: what to press on a telephone is not for here."""
    shown = copy(message)
    shown.channel = PAGE
    return shown
