"""How far each stage is behind: what waits in front of it, and since when."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Min
from django.db.models.query import QuerySet

from bihuan.base.time import HOUR_US, SECOND_US
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head, Parked
from bihuan.journal.storage import MAIN, alias_of
from bihuan.loop import due
from bihuan.loop.cases.models import Decided
from bihuan.loop.models import Delivery
from bihuan.register.models import RefusedFrame
from bihuan.rules.models import Reached

MOST = 10_000
RULES_LATE_S = 60.0  # they judge at once; what they reached is told every two seconds


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. waiting: how many wait (at most 10,000 are counted); oldest_s: since when.

    late_s  how long something may wait here before a person is told
    """

    name: str
    waiting: int
    oldest_s: float
    late_s: float

    @property
    def is_stalled(self) -> bool:
        return self.waiting > 0 and self.oldest_s > self.late_s


def stages(now_us: int) -> list[Stage]:
    """Every stage of the loop, in the order in which a signal passes through them."""
    found = [_stream(stream, now_us) for stream in due.streams()]
    fallen = due.first_due(MOST, now_us)
    oldest_us = min((one.at_us for one in fallen), default=now_us)
    found.append(Stage("due", len(fallen), (now_us - oldest_us) / SECOND_US, 30.0))
    queued = Delivery.objects.using(MAIN).filter(state="queued")
    urgent = queued.filter(priority=0)
    found.append(_queue("outbox_urgent", urgent, now_us, 30.0))
    found.append(_queue("outbox", queued, now_us, 600.0))
    found += rule_lanes(now_us)
    return found


def rule_lanes(now_us: int) -> list[Stage]:
    """How far the rules are behind in every reading lane; a lane they never read counts whole."""
    heads = Head.objects.using(alias_of(1)).filter(lane__gt=FACTS_LANE, lane__lt=VIEWS_LANE)
    reached = dict(Reached.objects.using(MAIN).values_list("lane", "position"))
    found = []
    for lane, head in heads.order_by("lane").values_list("lane", "position"):
        position = reached.get(lane, 1)  # the first entry opens the lane and says nothing
        waiting = max(head - position, 0)
        oldest_s = _age_s(lane, position + 1, now_us) if waiting else 0.0
        found.append(Stage(f"rules_lane_{lane}", min(waiting, MOST), oldest_s, RULES_LATE_S))
    return found


def _age_s(lane: int, position: int, now_us: int) -> float:
    """Since when the first entry of a lane waits; one that was pruned waits since it is gone."""
    first = Entry.objects.using(alias_of(lane)).filter(lane=lane, position__gte=position)
    at_us = first.order_by("position").values_list("recorded_us", flat=True).first()
    return 0.0 if at_us is None else (now_us - at_us) / SECOND_US


def _stream(stream: due.Stream, now_us: int) -> Stage:
    offset = Decided.objects.using(MAIN).filter(id=stream.offset).first()
    waiting = Entry.objects.using(MAIN).filter(
        lane=FACTS_LANE, type=stream.entry_type, position__gt=offset.position if offset else 0
    )
    times = list(waiting.order_by("position").values_list("recorded_us", flat=True)[:MOST])
    oldest_s = (now_us - times[0]) / SECOND_US if times else 0.0
    return Stage(stream.offset, len(times), oldest_s, 30.0 if stream.is_urgent else 300.0)


def _queue(name: str, queued: QuerySet[Delivery], now_us: int, late_s: float) -> Stage:
    oldest_us = queued.aggregate(at=Min("queued_us"))["at"]
    oldest_s = (now_us - oldest_us) / SECOND_US if oldest_us is not None else 0.0
    return Stage(name, queued[:MOST].count(), oldest_s, late_s)


def counts(now_us: int) -> dict[str, int]:
    """What else an operator watches: parked entries, and of the last hour refused frames and
    attempts whose outcome is not known.
    """
    since_us = now_us - HOUR_US
    unknown = Delivery.objects.using(MAIN).filter(state="unknown", attempted_us__gte=since_us)
    refused = RefusedFrame.objects.using(MAIN).filter(recorded_us__gte=since_us)
    return {
        "parked": Parked.objects.using(MAIN).count(),
        "refused_frames_last_hour": refused.count(),
        "unknown_deliveries_last_hour": unknown.count(),
    }
