"""Facts about messages go into the journal here, once, with what follows from them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bihuan.journal.append import Appender
from bihuan.loop import entries as loop
from bihuan.loop.channels import Told
from bihuan.loop.delivery import entries
from bihuan.loop.delivery.models import RefusedCallback, Sending
from bihuan.loop.delivery.projectors import key_of
from bihuan.loop.models import Delivery
from bihuan.register.numbers.entries import NumberRang

RINGING = ("voice",)
RANG = ("delivered", "answered", "heard", "confirmed", "no_answer", "declined")
ANSWERED = ("answered", "heard", "confirmed", "declined")


def append_told(lane: Appender, delivery: Delivery, told: Iterable[Told]) -> int:
    """Append facts about one message; how many were new.

    The same fact with the same evidence is the same fact, however often a provider tells it. A
    number that rang is recorded with it.
    """
    new: list[Told] = []
    for one in told:
        idem = f"told:{delivery.id}:{one.fact}:{one.evidence}"[:255].encode()
        if lane.last_with(idem) is None:
            said = loop.DeliveryTold(
                case_id=delivery.case_id,
                delivery_id=delivery.id,
                fact=one.fact,
                evidence=one.evidence,
            )
            lane.append(said, idem=idem)
            new.append(one)
    _note_ringing(lane, delivery, new)
    return len(new)


def refer(lane: Appender, delivery: Delivery, account: str, reference: str) -> None:
    """Record the provider's id of a message, and take up what came before it was known."""
    early = [
        msgspec.json.decode(row.facts, type=list[entries.ToldFact])
        for row in lane.rows.where(RefusedCallback, key=key_of(account, reference))
        if row.facts
    ]
    lane.append(
        entries.DeliveryReferred(
            case_id=delivery.case_id,
            delivery_id=delivery.id,
            account=account,
            reference=reference[:200],
        )
    )
    for facts in early:
        append_told(lane, delivery, [Told(one.fact, one.evidence) for one in facts])


def _note_ringing(lane: Appender, delivery: Delivery, told: list[Told]) -> None:
    rang = [one.fact for one in told if one.fact in RANG]
    sending = lane.rows.get(Sending, delivery.id)
    if not rang or delivery.channel not in RINGING or sending is None or sending.reach_id is None:
        return
    lane.append(
        NumberRang(
            person_id=delivery.person_id,
            reach_id=sending.reach_id,
            is_answered=any(fact in ANSWERED for fact in rang),
        )
    )
