"""The lift that waits for a person once the issuer has cancelled the warning of an order.

An official cancellation lifts the warning, not the order: water may still stand and people are
still in shelters. So who may lift it is told, with the issuer's own words ready, and decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.journal.append import Appender
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import ladder
from bihuan.loop.callout import entries, models, rights
from bihuan.loop.due import DueKind, falls_due
from bihuan.loop.warned.standing import cancelled_by
from bihuan.loop.warned.words import issuer_of, quoted
from bihuan.register.areas.spans import path_now
from bihuan.register.rights import for_user
from bihuan.register.warnings.models import OfficialWarning

ENDED = ("superseded", "cancelled")


@dataclass(frozen=True, slots=True)
class Offered:
    """The words of the issuer's cancellation, for the lift that a person may send."""

    warning_id: int
    offered_us: int
    issuer: str
    zh: str
    en: str


def waiting(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    """(when its warning was lifted, order) of running orders, where the lift is not yet offered."""
    running = models.CallOut.objects.using(MAIN).filter(
        state__in=models.RUNNING, warning_id__isnull=False
    )
    offered = models.CallOutOffer.objects.using(MAIN).values("id")
    orders = dict(running.exclude(id__in=offered).values_list("id", "warning_id"))
    wanted = [one for one in orders.values() if one is not None]
    ended = OfficialWarning.objects.using(MAIN).filter(id__in=wanted, state__in=ENDED)
    over, rows = set(ended.values_list("id", flat=True)), Rows(MAIN)
    found = []
    for order_id, warning_id in sorted(orders.items()):
        by = cancelled_by(rows, warning_id) if warning_id in over else None
        if by is not None and (now_us is None or by.received_us <= now_us):
            found.append((by.received_us, order_id))
    return sorted(found)[:limit]


def decide(lane: Appender, call_out_id: int) -> None:
    """Offer it once, to who gave the order and to the nearest who may lift it."""
    call_out = lane.rows.get(models.CallOut, call_out_id)
    if call_out is None or call_out.state not in models.RUNNING or call_out.warning_id is None:
        return
    by = cancelled_by(lane.rows, call_out.warning_id)
    if by is None or lane.rows.get(models.CallOutOffer, call_out_id) is not None:
        return
    path = path_now(lane.rows, call_out.area_id)
    told = ladder.reachable(lane.rows, "ordered", _orderer(call_out, path, lane.now_us))
    told += ladder.nearest(
        lane.rows, rights.ORDERING, (None, path, lane.now_us), [one.person_id for one in told]
    )
    people = [(one.person_id, list(one.channels)) for one in told]
    lane.append(entries.LiftOffered(call_out_id=call_out_id, warning_id=by.id, people=people))


def offered(call_out: models.CallOut) -> Offered | None:
    """What the issuer said, where the lift of this order waits for a person."""
    if call_out.warning_id is None or call_out.state not in models.RUNNING:
        return None
    held = models.CallOutOffer.objects.using(MAIN).filter(id=call_out.id).first()
    if held is None:
        return None
    by = OfficialWarning.objects.using(MAIN).filter(id=held.warning_id).first()
    if by is None:
        return None
    zh = by.headline or by.description or quoted(by)
    return Offered(by.id, held.offered_us, issuer_of(by), zh[:500], "")


def _orderer(call_out: models.CallOut, path: str, now_us: int) -> list[int]:
    mine = for_user(call_out.ordered_by, now_us)
    return [call_out.ordered_by] if rights.may(mine, "act", path) else []


falls_due(DueKind("call_out_lift", waiting, decide, calls=True))
