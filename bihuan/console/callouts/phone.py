"""Call-outs on an on-screen phone: an order rings, is read out, and is confirmed by one button."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bihuan.console.home import keys
from bihuan.console.shown import is_english
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.callout.models import AIDES
from bihuan.loop.delivery.letters import said_by
from bihuan.loop.delivery.topics import topic_of, waiting
from bihuan.loop.models import Delivery
from bihuan.loop.told.projectors import PURPOSE as ROW_MESSAGE

NOT_REACHED = ("no_answer", "off", "failed", "unknown")


def orders(deliveries: Iterable[Delivery]) -> list[dict[str, Any]]:
    """What a phone shows of call-outs: the newest message of each kind first."""
    ours = [one for one in deliveries if topic_of(one.purpose) is not None]
    wait = waiting(ours)
    return [_screen(one, one.id in wait) for one in ours]


def _screen(delivery: Delivery, is_waiting: bool) -> dict[str, Any]:
    said = said_by(Rows(MAIN), delivery, keys(), is_english=is_english())
    return {
        "delivery": delivery.id,
        "title": said.title,
        "text": said.text,
        "at_us": delivery.queued_us,
        "mode": _mode(delivery, is_waiting),
        "is_task": delivery.purpose in AIDES,
    }


def _mode(delivery: Delivery, is_waiting: bool) -> str:
    if delivery.purpose == "lift":
        return "lift"
    if delivery.purpose == ROW_MESSAGE:
        return "over" if delivery.state in ("queued", "withdrawn") else "told"
    if not is_waiting or delivery.state in ("queued", "withdrawn"):
        return "over"
    if delivery.state == "delivered" and delivery.ended_us is None:
        return "rings"
    return "speaks" if delivery.state == "answered" else "missed"
