"""The dispatcher: queued messages leave once, and what became of each is recorded.

    lease     the delivery is marked as attempted, committed, before anything is sent
    send      the channel tells what it knows
    told      each fact becomes an entry

A kill between lease and told leaves an attempt without an outcome: it becomes `unknown`, stays
visible and is never silently sent again.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from django.db.models import QuerySet

from bihuan.base.time import SECOND_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE, Parked
from bihuan.journal.storage import MAIN
from bihuan.loop import entries
from bihuan.loop.channels import Channel, Message, Told
from bihuan.loop.lane_clock import LaneClock
from bihuan.loop.models import Delivery, DispatchLease

PER_TURN = 100
LEASE_US = 60 * SECOND_US
log = structlog.get_logger(__name__)


class Dispatcher:
    """Sends what is queued over the given channels. Several may run: leases keep them apart."""

    def __init__(self, clock: Clock, channels: Mapping[str, Channel], holder: str) -> None:
        self._clock, self._channels, self._holder = LaneClock(clock), channels, holder

    def run_once(self) -> int:
        """Send at most one turn's worth, most urgent first; how many were attempted."""
        taken = self._take()
        for delivery in taken:
            self._send(delivery)
        self._ring_out()
        return len(taken)

    def recover(self) -> int:
        """Attempts of dispatchers that are gone become `unknown`; how many.

        Call it at the start and now and then, never between this dispatcher's own take and tell.
        """
        leases = DispatchLease.objects.filter(until_us__gt=self._clock.now_us())
        others = leases.exclude(holder=self._holder)
        held = set(others.values_list("delivery_id", flat=True))
        lost = [
            delivery
            for delivery in _of_cases_that_go_on().filter(state="attempted")
            if delivery.id not in held
        ]
        return sum(self._give_up(delivery) for delivery in lost)

    def _give_up(self, delivery: Delivery) -> bool:
        """Under the lane's lock: nobody else has taken or told it meanwhile."""
        with Appender(FACTS_LANE, self._clock) as lane:
            leases = DispatchLease.objects.filter(delivery_id=delivery.id)
            others = leases.exclude(holder=self._holder).filter(until_us__gt=self._clock.now_us())
            present = lane.rows.get(Delivery, delivery.id)
            if present is None or present.state != "attempted" or others.exists():
                return False
            _append(lane, delivery, [Told("unknown", "the attempt's outcome was lost")])
            leases.delete()
            return True

    def _take(self) -> list[Delivery]:
        """Mark what is to be sent as attempted, under the lane's lock: nobody else takes it."""
        queue = _of_cases_that_go_on().filter(state="queued").order_by("priority", "id")
        if not queue.exists():
            return []
        with Appender(FACTS_LANE, self._clock) as lane:
            taken = list(queue[:PER_TURN])
            until_us = lane.now_us + LEASE_US
            leases = [
                DispatchLease(delivery_id=d.id, holder=self._holder, until_us=until_us)
                for d in taken
            ]
            DispatchLease.objects.bulk_create(leases)
            for delivery in taken:
                said = entries.DeliveryAttempted(case_id=delivery.case_id, delivery_id=delivery.id)
                lane.append(said)
        return taken

    def _send(self, delivery: Delivery) -> None:
        channel = self._channels.get(delivery.channel)
        message = Message(delivery.id, delivery.case_id, delivery.person_id, delivery.purpose)
        if channel is None:
            told = [Told("failed", f"channel {delivery.channel} is not set up here")]
        else:
            try:
                told = channel.send(message, self._clock.now_us())
            except Exception as error:  # noqa: BLE001 - the process edge: a channel's failure is a fact about the message
                log.warning("channel failed", channel=delivery.channel, delivery=delivery.id)
                told = [Told("unknown", type(error).__name__)]
        self._tell(delivery, told)

    def _tell(self, delivery: Delivery, told: list[Told]) -> None:
        with Appender(FACTS_LANE, self._clock) as lane:
            _append(lane, delivery, told)
            DispatchLease.objects.filter(delivery_id=delivery.id).delete()

    def _ring_out(self) -> None:
        """What rang long enough without an answer is `no_answer`."""
        now_us = self._clock.now_us()
        for channel in self._channels.values():
            if not channel.ring_s:
                continue
            rang = _of_cases_that_go_on().filter(
                channel=channel.name,
                purpose="call",
                state="delivered",
                ended_us=None,
                attempted_us__lte=now_us - channel.ring_s * SECOND_US,
            )
            for delivery in rang[:PER_TURN]:
                with Appender(FACTS_LANE, self._clock) as lane:
                    present = lane.rows.get(Delivery, delivery.id)
                    if present is not None and present.ended_us is None:  # not answered meanwhile
                        _append(lane, delivery, [Told("no_answer", f"rang for {channel.ring_s} s")])


def _of_cases_that_go_on() -> QuerySet[Delivery]:
    """Deliveries whose case is not parked: what is told of a parked one changes nothing."""
    parked = Parked.objects.using(MAIN).values("stream")
    return Delivery.objects.using(MAIN).exclude(case_id__in=parked)


def _append(lane: Appender, delivery: Delivery, told: list[Told]) -> None:
    for one in told:
        lane.append(
            entries.DeliveryTold(
                case_id=delivery.case_id,
                delivery_id=delivery.id,
                fact=one.fact,
                evidence=one.evidence,
            )
        )
