"""Which messages may leave now, and by which account: priorities, rates, lines, failover.

Turns are small: an account is given no more at once than it can send at once, so that an SOS
waits behind nothing that was queued or taken before it. Where an account has two lines or more,
one is kept for calls for help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from bihuan.base.time import DAY_US, SECOND_US
from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.accounts import Account
from bihuan.loop.delivery.models import Sending
from bihuan.loop.delivery.pauses import Pauses
from bihuan.loop.models import Delivery

URGENT = 0  # the priority of calls
PER_TURN = 100  # of messages that no account carries
HELD_PER_TURN = 50
GIVE_UP_US = DAY_US
ON_THE_LINE = ("attempted", "accepted", "delivered", "answered", "heard")


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done with a queued message.

    account  by which it leaves; None where its channel has none
    why      not "": it does not leave, and why. held_until_us: then it stays queued until there
    """

    delivery: Delivery
    account: Account | None = None
    why: str = ""
    held_until_us: int | None = None


@dataclass(slots=True)
class _Room:
    """What an account can still take in this turn. urgent counts for all."""

    account: Account
    urgent: int
    ordinary: int
    busy: int

    def take(self) -> None:
        self.urgent, self.ordinary = self.urgent - 1, self.ordinary - 1

    def has_for(self, delivery: Delivery) -> bool:
        return (self.urgent if delivery.priority <= URGENT else self.ordinary) > 0


def going_on() -> QuerySet[Delivery]:
    """Deliveries whose case is not parked: what is told of a parked one changes nothing."""
    parked = Parked.objects.using(MAIN).values("stream")
    return Delivery.objects.using(MAIN).exclude(case_id__in=parked)


def queued(now_us: int) -> QuerySet[Delivery]:
    """What waits and may leave now, most urgent first."""
    waiting = Sending.objects.using(MAIN).filter(not_before_us__gt=now_us).values("id")
    found = going_on().filter(state="queued").exclude(id__in=waiting)
    return found.order_by("priority", "id")


class Outbox:
    """Plans turns. Two dispatchers may plan the same: messages are taken under the lane's lock."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses

    def plan(
        self,
        inline: set[str],
        accounts: Mapping[str, list[Account]],
        free: tuple[int, int],
        now_us: int,
    ) -> list[Planned]:
        """What leaves in this turn.

        inline    channels that need no account
        accounts  by channel, first choice first
        free      workers that are free: for calls, and for anything
        """
        if not queued(now_us).exists():
            return []
        plain = queued(now_us).exclude(channel__in=set(accounts) - inline)[:PER_TURN]
        planned = [Planned(delivery) for delivery in plain]
        for channel, found in accounts.items():
            if channel not in inline:
                planned += self._plan_channel(channel, found, free, now_us)
        return planned

    def _plan_channel(
        self, channel: str, accounts: list[Account], free: tuple[int, int], now_us: int
    ) -> list[Planned]:
        up = [a for a in accounts if self._pauses.until_us(a.name, now_us) is None]
        rooms = [_room(a, free, now_us) for a in up]
        for room in rooms:
            if self._pauses.is_probing(room.account.name):
                most_now = 0 if room.busy else 1
                room.urgent = min(room.urgent, most_now)
                room.ordinary = min(room.ordinary, most_now)
        most = sum(max(room.urgent, 0) for room in rooms)
        waiting = queued(now_us).filter(channel=channel)
        if not up:
            return self._held(list(waiting[:HELD_PER_TURN]), accounts, now_us)
        planned = []
        for delivery in waiting[:most]:
            one = self._plan_one(delivery, accounts, rooms, now_us)
            if one is not None:
                planned.append(one)
        return planned

    def _plan_one(
        self, delivery: Delivery, accounts: list[Account], rooms: list[_Room], now_us: int
    ) -> Planned | None:
        if now_us - delivery.queued_us > GIVE_UP_US:
            return Planned(delivery, why="not sent within 24 h")
        sending = Sending.objects.using(MAIN).filter(id=delivery.id).first()
        tried = sending.tried if sending is not None else ","
        if all(f",{account.name}," in tried for account in accounts):
            return Planned(delivery, why=f"refused by every account of {delivery.channel}")
        for room in rooms:
            is_resting = self._pauses.is_resting(delivery.id, room.account.name, now_us)
            if f",{room.account.name}," not in tried and not is_resting and room.has_for(delivery):
                room.take()
                return Planned(delivery, room.account)
        return None

    def _held(self, waiting: list[Delivery], accounts: list[Account], now_us: int) -> list[Planned]:
        """No account can send: said once of each message, so that its step goes on waiting."""
        ids = [delivery.id for delivery in waiting]
        known = Sending.objects.using(MAIN).filter(id__in=ids).values_list("id", flat=True)
        ends = [self._pauses.until_us(a.name, now_us) or now_us for a in accounts]
        why = f"no account of {accounts[0].setup.channel} can send now"
        fresh = set(ids) - set(known)
        return [
            Planned(delivery, why=why, held_until_us=max(min(ends), now_us))
            for delivery in waiting
            if delivery.id in fresh
        ]


def _room(account: Account, free: tuple[int, int], now_us: int) -> _Room:
    """What an account can take now, by its rates, its lines and the workers."""
    setup, sent = account.setup, Sending.objects.using(MAIN).filter(account=account.name)
    most = free[0]
    for rate in setup.rates:
        since_us = now_us - rate.seconds * SECOND_US
        most = min(most, rate.messages - sent.filter(attempted_us__gt=since_us).count())
    states = ON_THE_LINE if setup.hold_s else ("attempted",)
    held_us = max(setup.hold_s, 60) * SECOND_US
    under_way = sent.filter(attempted_us__gt=now_us - held_us).values("id")
    busy = Delivery.objects.using(MAIN).filter(id__in=under_way, ended_us=None, state__in=states)
    taken = busy.count()
    lines, kept = setup.lines - taken, 1 if setup.lines >= 2 else 0
    return _Room(account, min(most, lines), min(most, lines - kept, free[1]), taken)


def newer_than(delivery: Delivery) -> int | None:
    """A queued message that says the same to the same person later: the older need not go."""
    found: Callable[..., QuerySet[Delivery]] = Delivery.objects.using(MAIN).filter
    same = found(
        state="queued",
        case_id=delivery.case_id,
        person_id=delivery.person_id,
        channel=delivery.channel,
        purpose=delivery.purpose,
        id__gt=delivery.id,
    )
    return same.order_by("-id").values_list("id", flat=True).first()
