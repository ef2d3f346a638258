"""The dispatcher: queued messages leave once, and what became of each is recorded.

    take      the delivery is marked as attempted, committed, before anything is sent
    send      in this thread where it is a matter of our own tables, else on one of a few workers
    told      what came of it becomes entries

A kill between take and told leaves an attempt without an outcome: it becomes `unknown`, stays
visible and is never silently sent again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

import structlog

from bihuan.base.time import SECOND_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.away import AWAY
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.wake import wake
from bihuan.loop import entries
from bihuan.loop.act import ParkedError
from bihuan.loop.answer import CALLS, YES, by_digit
from bihuan.loop.channels import Channel, Message, Told
from bihuan.loop.delivery.accounts import Account, Accounts
from bihuan.loop.delivery.entries import DeliverySuperseded
from bihuan.loop.delivery.facts import append_told
from bihuan.loop.delivery.follow import Follower
from bihuan.loop.delivery.letters import Letter, letter_for
from bihuan.loop.delivery.outbox import Outbox, Planned, going_on, newer_than
from bihuan.loop.delivery.outcomes import Tried, drop, fail, hold, tell
from bihuan.loop.delivery.pauses import Pauses
from bihuan.loop.delivery.topics import is_wanted
from bihuan.loop.lane_clock import LaneClock
from bihuan.loop.models import Delivery, DispatchLease
from bihuan.loop.providers.carried import carried
from bihuan.loop.providers.provider import Followed, Outcome, Taken

PER_TURN = 100
LEASE_US = 60 * SECOND_US
WORKERS, KEPT_WORKERS = 24, 8  # the last few are for calls for help alone
Sent = tuple[Tried, Letter]
log = structlog.get_logger(__name__)


class Dispatcher:
    """Sends what is queued. Several may run: leases keep them apart.

    channels  ways that need no account: they are asked in this thread
    accounts  the county's channel accounts, with the keys to addresses; None: there are none
    """

    def __init__(
        self,
        clock: Clock,
        channels: Mapping[str, Channel],
        holder: str,
        accounts: tuple[Accounts, KeyRing] | None = None,
        workers: int = WORKERS,
    ) -> None:
        self._clock, self._channels, self._holder = LaneClock(clock), channels, holder
        self._accounts = accounts
        self._pauses = Pauses()
        self._outbox = Outbox(self._pauses)
        self._follower = None if accounts is None else Follower(self._clock, *accounts)
        self._workers, self._pool = workers, ThreadPoolExecutor(workers, "send")
        self._in_flight: dict[Future[Outcome], Sent] = {}
        # attempted, by ways that need no account: not handed over yet, not told yet
        self._unsent: deque[Delivery] = deque()
        self._untold: list[tuple[Delivery, list[Told]]] = []

    def run_once(self) -> int:
        """One turn, most urgent first; how much was done. Does not wait for slow providers."""
        done = self._reap()
        self._go_on()
        planned = self._plan()
        if planned:
            done += self._carry_out(planned)
        if self._follower is not None:
            done += self._follower.run_once(self._pool)
        self._ring_out()
        return done

    def settle(self, timeout_s: float) -> int:
        """Wait for messages that are on their way, and tell what came of them; how many."""
        futures = [*self._in_flight, *(self._follower.waiting() if self._follower else ())]
        wait(futures, timeout_s)
        return self._reap()

    def close(self, timeout_s: float = 15.0) -> None:
        """Send nothing more; what is on its way is waited for, a while."""
        self.settle(timeout_s)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._accounts is not None:
            self._accounts[0].close()

    def recover(self) -> int:
        """Attempts of dispatchers that are gone become `unknown`; how many."""
        mine = {tried.delivery.id for tried, _ in self._in_flight.values()}
        mine |= {one.id for one in (*self._unsent, *(told for told, _ in self._untold))}
        leases = DispatchLease.objects.filter(until_us__gt=self._clock.now_us())
        others = leases.exclude(holder=self._holder)
        held = mine | set(others.values_list("delivery_id", flat=True))
        attempted = going_on().filter(state="attempted")
        return sum(self._give_up(delivery) for delivery in attempted if delivery.id not in held)

    def _give_up(self, delivery: Delivery) -> bool:
        """Under the lane's lock: nobody else has taken or told it meanwhile."""
        with Appender(FACTS_LANE, self._clock) as lane:
            leases = DispatchLease.objects.filter(delivery_id=delivery.id)
            others = leases.exclude(holder=self._holder).filter(until_us__gt=self._clock.now_us())
            present = lane.rows.get(Delivery, delivery.id)
            if present is None or present.state != "attempted" or others.exists():
                return False
            append_told(lane, delivery, [Told("unknown", "the attempt's outcome was lost")])
            leases.delete()
            return True

    def _plan(self) -> list[Planned]:
        accounts: Mapping[str, list[Account]] = {}
        if self._accounts is not None:
            self._accounts[0].refresh()
            accounts = self._accounts[0].by_channel()
        free = max(self._workers - len(self._in_flight), 0)
        kept = min(KEPT_WORKERS, self._workers - 1)
        room = (free, max(free - kept, 0))
        return self._outbox.plan(set(self._channels), accounts, room, self._clock.now_us())

    def _carry_out(self, planned: list[Planned]) -> int:
        """Take under the lane's lock, then send; how many were attempted, held or refused."""
        plain: list[Delivery] = []
        sent: list[Sent] = []
        with Appender(FACTS_LANE, self._clock) as lane:
            done = sum(self._take(lane, one, plain, sent) for one in planned)
        # providers first: what is already marked as attempted leaves even where the database goes
        for tried, letter in sent:
            carrier = tried.account.carrier
            assert carrier is not None
            future = self._pool.submit(carried, carrier, letter.errand)
            self._in_flight[future] = (tried, letter)
            future.add_done_callback(lambda _future: wake())
        self._unsent.extend(plain)
        self._send_plain()
        return done

    def _take(self, lane: Appender, one: Planned, plain: list[Delivery], sent: list[Sent]) -> bool:
        """Mark a message as attempted, or say why it does not leave; whether it still waited."""
        delivery = lane.rows.get(Delivery, one.delivery.id)
        if delivery is None or delivery.state != "queued":  # another dispatcher was faster
            return False
        if not is_wanted(lane.rows, delivery):
            drop(lane, delivery, "withdrawn meanwhile")
            return True
        newer = newer_than(delivery) if one.account is not None else None
        if newer is not None:
            lane.append(
                DeliverySuperseded(
                    case_id=delivery.case_id, delivery_id=delivery.id, by_delivery_id=newer
                )
            )
        elif one.held_until_us is not None:
            hold(lane, delivery, one.why, one.held_until_us)
        elif one.why:
            fail(lane, delivery, one.why)
        elif one.account is None:
            self._attempt(lane, delivery, "", None)
            plain.append(delivery)
        else:
            self._take_by(lane, delivery, one.account, sent)
        return True

    def _take_by(
        self, lane: Appender, delivery: Delivery, account: Account, sent: list[Sent]
    ) -> None:
        assert self._accounts is not None
        accounts, keys = self._accounts
        letter = letter_for(lane.rows, delivery, account.setup, keys, lane.now_us)
        if isinstance(letter, str):
            self._attempt(lane, delivery, account.name, None)
            fail(lane, delivery, letter)
            DispatchLease.objects.filter(delivery_id=delivery.id).delete()
            return
        self._attempt(lane, delivery, account.name, letter.reach_id, account.setup.hold_s)
        others = accounts.by_channel().get(delivery.channel, [])
        names = tuple(other.name for other in others if other.name != account.name)
        sent.append((Tried(delivery, account, names), letter))

    def _attempt(
        self,
        lane: Appender,
        delivery: Delivery,
        account: str,
        reach_id: int | None,
        hold_s: int = 0,
    ) -> None:
        until_us = lane.now_us + LEASE_US + hold_s * SECOND_US
        DispatchLease.objects.update_or_create(
            delivery_id=delivery.id, defaults={"holder": self._holder, "until_us": until_us}
        )
        lane.append(
            entries.DeliveryAttempted(
                case_id=delivery.case_id,
                delivery_id=delivery.id,
                account=account,
                reach_id=reach_id,
            )
        )

    def _go_on(self) -> None:
        """Send what an outage of the database kept back, unless another gave it up meanwhile."""
        if self._unsent:
            ids = [one.id for one in self._unsent]
            mine = going_on().filter(id__in=ids, state="attempted")
            left = set(mine.values_list("id", flat=True))
            self._unsent = deque(one for one in self._unsent if one.id in left)
        self._send_plain()

    def _send_plain(self) -> None:
        """Send what needs no account, and tell what came of it; each once, whatever fails."""
        while self._unsent or self._untold:
            if not self._untold:
                delivery = self._unsent.popleft()
                self._untold.append((delivery, self._sent_plain(delivery)))
            delivery, told = self._untold[0]
            with Appender(FACTS_LANE, self._clock) as lane:
                append_told(lane, delivery, told)
                DispatchLease.objects.filter(delivery_id=delivery.id).delete()
            self._untold.pop()  # only now: a database that fails is asked again

    def _sent_plain(self, delivery: Delivery) -> list[Told]:
        channel = self._channels.get(delivery.channel)
        if channel is None:
            return [Told("failed", f"channel {delivery.channel} is not set up here")]
        message = Message(delivery.id, delivery.case_id, delivery.person_id, delivery.purpose)
        try:
            return channel.send(message, self._clock.now_us())
        except AWAY:  # the database, not the message: nothing has left
            self._unsent.appendleft(delivery)
            raise
        except Exception as error:  # noqa: BLE001 - the process edge: a channel's failure is a fact about the message
            log.warning("channel failed", channel=delivery.channel, delivery=delivery.id)
            return [Told("unknown", type(error).__name__)]

    def _reap(self) -> int:
        """Tell what came of messages that workers have sent; how many."""
        over = [future for future in self._in_flight if future.done()]
        for future in over:
            tried, _letter = self._in_flight[future]
            outcome = future.result()
            with Appender(FACTS_LANE, self._clock) as lane:
                tell(lane, tried, outcome, self._pauses)
                if self._follower is not None and isinstance(outcome, Taken):
                    self._follower.expect(tried.delivery.id, tried.account, lane.now_us)
                DispatchLease.objects.filter(delivery_id=tried.delivery.id).delete()
            self._heed_keys(tried.delivery, outcome)
            del self._in_flight[future]  # only now: a database that fails is asked again
            fate = type(outcome).__name__.lower()
            log.info("sent", account=tried.account.name, delivery=tried.delivery.id, fate=fate)
        return len(over)

    def _heed_keys(self, delivery: Delivery, outcome: Outcome) -> None:
        """A call that was watched to its end may have been confirmed in it: then the case is taken.

        Where the case is parked its confirmation waits among the parked entries.
        """
        if self._accounts is None or not isinstance(outcome, Followed):
            return
        if any(told.fact == "confirmed" for told in outcome.told):
            with suppress(ParkedError):
                by_digit(delivery, YES, "voice", self._clock, self._accounts[1])

    def _ring_out(self) -> None:
        """What rang long enough without an answer is `no_answer`."""
        now_us = self._clock.now_us()
        for channel in self._channels.values():
            if not channel.ring_s:
                continue
            rang = going_on().filter(
                channel=channel.name,
                purpose__in=CALLS,
                state="delivered",
                ended_us=None,
                attempted_us__lte=now_us - channel.ring_s * SECOND_US,
            )
            for delivery in rang[:PER_TURN]:
                with Appender(FACTS_LANE, self._clock) as lane:
                    present = lane.rows.get(Delivery, delivery.id)
                    if present is not None and present.ended_us is None:  # not answered meanwhile
                        told = [Told("no_answer", f"rang for {channel.ring_s} s")]
                        append_told(lane, delivery, told)
