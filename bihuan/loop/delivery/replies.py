"""A text that came back: a digit from somebody who was written to does what the text offered."""

from __future__ import annotations

import unicodedata

from bihuan.base.time import DAY_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.storage import MAIN
from bihuan.loop import answer
from bihuan.loop.delivery import numbers
from bihuan.loop.delivery.entries import CallbackRefused
from bihuan.loop.delivery.models import Sending
from bihuan.loop.delivery.topics import waiting
from bihuan.loop.entries import DeliveryTold, Fact
from bihuan.loop.models import Case, Delivery
from bihuan.loop.providers.provider import Replied, evidence, masked

WAITS_FOR = {"call": ("awaiting_answer", "in_progress"), "ask": ("awaiting_confirmation",)}
LOOKED_THROUGH = 500  # messages to one number in one day


def digit_of(text: str) -> str:
    """The digit that a reply consists of, also in full width or with a full stop; "" for words."""
    said = unicodedata.normalize("NFKC", text).strip(" \t\r\n.。,，!！")
    return said if said in (answer.YES, answer.NO) else ""


def take_reply(account: str, reply: Replied, clock: Clock, keys: KeyRing) -> bool:
    """Take a reply in; whether its sender was written to. The same reply again changes nothing.

    It answers the newest message to that number that still waits for an answer. A provider that
    lost our answer sends it again: by then another message may wait, which it does not answer.
    """
    idem = f"reply:{account}:{reply.reference}"[:255].encode()
    delivery = _answered(account, reply.sender, clock.now_us(), keys)
    digit = digit_of(reply.text)
    with Appender(FACTS_LANE, clock) as lane:
        earlier = lane.last_with(idem)
        if earlier is not None:
            delivery = _before(lane, earlier)
        elif delivery is None:
            lane.append(_refused(account, reply), idem=idem)
        else:
            lane.append(_told(delivery, reply, digit), idem=idem)
    if delivery is None:
        return False
    # again even where it was told: a kill may have come between the two
    answer.by_digit(delivery, digit, "sms", clock, keys)
    return True


def _told(delivery: Delivery, reply: Replied, digit: str) -> DeliveryTold:
    return DeliveryTold(
        case_id=delivery.case_id,
        delivery_id=delivery.id,
        fact=_fact(delivery, digit),
        evidence=evidence("sms", reply=reply.reference, digit=digit),
    )


def _before(lane: Appender, earlier: Entry) -> Delivery | None:
    """The message that this reply answered when it came first; None where it was refused."""
    said = decode(earlier.type, bytes(earlier.body or b""))
    return lane.rows.get(Delivery, said.delivery_id) if isinstance(said, DeliveryTold) else None


def _fact(delivery: Delivery, digit: str) -> Fact:
    if delivery.purpose in answer.CALLS and digit == answer.NO:
        return "declined"
    return "confirmed" if digit else "answered"


def _refused(account: str, reply: Replied) -> CallbackRefused:
    return CallbackRefused(
        account=account,
        reference=reply.reference[:200],
        reason=f"a text from {masked(reply.sender)}, to whom nothing was sent that waits",
        facts=[],
    )


def _answered(account: str, sender: str, now_us: int, keys: KeyRing) -> Delivery | None:
    """The newest message to this number that waits for an answer."""
    since_us = now_us - DAY_US
    reaches = numbers.reaches_of(sender, account, since_us, keys)
    sent = Sending.objects.using(MAIN).filter(
        account=account, attempted_us__gt=since_us, reach_id__in=reaches
    )
    ids = list(sent.order_by("-attempted_us", "-id").values_list("id", flat=True)[:LOOKED_THROUGH])
    waiting = _waiting(ids)
    return waiting[0] if waiting else None


def _waiting(ids: list[int]) -> list[Delivery]:
    """Those of these messages whose case waits for the answer, newest first."""
    sent = Delivery.objects.using(MAIN).filter(id__in=ids).order_by("-attempted_us", "-id")
    states = dict(
        Case.objects.using(MAIN)
        .filter(id__in={one.case_id for one in sent})
        .values_list("id", "state")
    )
    found = list(sent)
    ours = waiting(found)
    return [
        one
        for one in found
        if one.id in ours or states.get(one.case_id) in WAITS_FOR.get(one.purpose, ())
    ]
