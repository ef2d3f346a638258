"""Answering a call: no login stands between a person and an answer.

A call leads to a page, a key press or a text that comes back; each knows only the delivery.
Answering is one fact, confirming another; who confirms takes the case, unless somebody was faster.
A call that rang out is answered late just as well, while its case waits.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop import entries
from bihuan.loop.act import Command, ForbiddenError, TakenError, act
from bihuan.loop.delivery.topics import topic_of
from bihuan.loop.models import Case, Delivery

CALLEE_FACTS = ("answered", "declined")
YES, NO = "1", "2"
CALLS = ("call", "order", "superior", "knock")  # 1 = I will, 2 = I cannot
PAGE = "the person called, on the page of the call"
# what a digit does to the case, by the purpose of the message that it answers
DIGITS = {("call", YES): "take", ("ask", YES): "solved", ("ask", NO): "not_solved"}
Via = Literal["phone", "sms", "voice"]


def tell(delivery_id: int, person_id: int, fact: entries.Fact, clock: Clock) -> None:
    """The called person answered or declined; a second time changes nothing."""
    if fact not in CALLEE_FACTS:
        raise bad("fact", fact, " or ".join(CALLEE_FACTS))
    _append(delivery_id, person_id, fact, clock)


def shown(delivery_id: int, person_id: int, clock: Clock) -> None:
    """The person's own page has shown the message; a second time changes nothing."""
    _append(delivery_id, person_id, "delivered", clock)


def confirm(delivery_id: int, person_id: int, clock: Clock, keys: KeyRing) -> int:
    """The called person says "I go": the call is confirmed and the case is theirs.

    Raises TakenError where somebody was faster; the confirmation stands all the same. Said again
    after everybody was called anew, it takes the case anew. 0 where the message is about no case.
    """
    delivery, round_ = _append(delivery_id, person_id, "confirmed", clock)
    if topic_of(delivery.purpose) is not None:
        return 0  # confirmed, and no case to take
    return act(_command(delivery, "take", round_, "phone"), clock, keys)


def by_digit(delivery: Delivery, digit: str, via: Via, clock: Clock, keys: KeyRing) -> bool:
    """What a pressed or texted digit does to the case; whether it did something now or before.

    That it was said is recorded by whoever heard it. Somebody faster, a right that is gone, a
    question that is settled: then it stands as said and changes nothing. Raises ParkedError.
    """
    name = DIGITS.get((delivery.purpose, digit))
    if name is None:
        return False
    case = Case.objects.filter(id=delivery.case_id).first()
    round_ = case.round if case is not None else 0
    with suppress(TakenError, ForbiddenError, BadInputError):
        act(_command(delivery, name, round_, via), clock, keys)
        return True
    return False


def _command(delivery: Delivery, name: str, round_: int, via: Via) -> Command:
    again = delivery.step if delivery.purpose == "ask" else round_
    return Command(
        act=name,
        case_id=delivery.case_id,
        person_id=delivery.person_id,
        via=via,
        key=f"delivery-{delivery.id}-{again}",
    )


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
                evidence=PAGE,
            )
            lane.append(said, idem=idem)
        case = lane.rows.get(Case, delivery.case_id)
        return delivery, case.round if case is not None else 0
