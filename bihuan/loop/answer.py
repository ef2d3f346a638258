"""Answering a call: no login stands between a person and an answer.

A call leads to a page (or a key press) that knows only the delivery. Answering is one fact,
confirming another; who confirms takes the case, unless somebody was faster.
"""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop import entries
from bihuan.loop.act import Command, act
from bihuan.loop.models import Case, Delivery

CALLEE_FACTS = ("answered", "declined")


def tell(delivery_id: int, person_id: int, fact: entries.Fact, clock: Clock) -> None:
    """The called person answered or declined; a second time changes nothing."""
    if fact not in CALLEE_FACTS:
        raise bad("fact", fact, " or ".join(CALLEE_FACTS))
    _append(delivery_id, person_id, fact, clock)


def confirm(delivery_id: int, person_id: int, clock: Clock, keys: KeyRing) -> int:
    """The called person says "I go": the call is confirmed and the case is theirs.

    Raises TakenError where somebody was faster; the confirmation stands all the same. Said again
    after everybody was called anew, it takes the case anew.
    """
    delivery, round_ = _append(delivery_id, person_id, "confirmed", clock)
    command = Command(
        act="take",
        case_id=delivery.case_id,
        person_id=person_id,
        via="phone",
        key=f"delivery-{delivery_id}-{round_}",
    )
    return act(command, clock, keys)


def _append(
    delivery_id: int, person_id: int, fact: entries.Fact, clock: Clock
) -> tuple[Delivery, int]:
    """The call, and the round of calling in which its case is now."""
    idem = f"callee:{delivery_id}:{fact}".encode()
    with Appender(FACTS_LANE, clock) as lane:
        delivery = lane.rows.get(Delivery, delivery_id)
        if delivery is None or delivery.person_id != person_id:
            raise bad("delivery", delivery_id, "a call to this person")
        if lane.last_with(idem) is None:
            said = entries.DeliveryTold(
                case_id=delivery.case_id,
                delivery_id=delivery_id,
                fact=fact,
                evidence="the person called, on the page of the call",
            )
            lane.append(said, idem=idem)
        case = lane.rows.get(Case, delivery.case_id)
        return delivery, case.round if case is not None else 0
