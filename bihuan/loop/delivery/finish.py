"""When a call-out will honestly be through: by the lines and rates of its accounts. Pure."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US
from bihuan.loop.delivery.entries import ChannelSetUp

UNHELD_S = 1  # how long a line is busy with a message that rings nowhere


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one account can do.

    lines  messages (calls) under way at once
    hold_s how long one holds its line, seconds
    rates  (at most so many messages, in so many seconds)
    """

    lines: int
    hold_s: int
    rates: tuple[tuple[int, int], ...] = field(default=())


def capacity_of(setup: ChannelSetUp) -> Capacity:
    """An account's capacity for a call-out: one line of two or more stays free for SOS."""
    lines = setup.lines - (1 if setup.lines >= 2 else 0)
    rates = tuple((rate.messages, rate.seconds) for rate in setup.rates)
    return Capacity(lines, setup.hold_s or UNHELD_S, rates)


def expected_finish(messages: int, accounts: Sequence[Capacity], from_us: int) -> int | None:
    """When the last of `messages` has ended, µs; None where there is nothing to send them by.

    Each goes by the account that is free first. Redials are messages of their own. Nobody hangs
    up early in this account: every call holds its line for hold_s.
    """
    ends = expected_ends(messages, accounts, from_us)
    return max(ends, default=from_us) if messages == 0 or ends else None


def expected_ends(messages: int, accounts: Sequence[Capacity], from_us: int) -> list[int]:
    """When each message has ended, µs, in the order of the queue. Raises BadInputError."""
    if messages < 0:
        raise bad("messages", messages, "0 or more")
    running = [_Running(account, from_us) for account in accounts if account.lines > 0]
    if not running:
        return []
    ready = [(one.next_us(), n) for n, one in enumerate(running)]
    heapq.heapify(ready)
    ends = []
    for _message in range(messages):
        at_us, n = heapq.heappop(ready)
        ends.append(running[n].start(at_us))
        heapq.heappush(ready, (running[n].next_us(), n))
    return ends


class _Running:
    """An account in use: when each line is free, and when the latest messages left."""

    def __init__(self, account: Capacity, from_us: int) -> None:
        self._account, self._from_us = account, from_us
        self._free = [from_us] * account.lines
        self._left = [deque[int](maxlen=most) for most, _ in account.rates]

    def next_us(self) -> int:
        """When the next message can leave."""
        at_us = self._free[0]
        for left, (most, seconds) in zip(self._left, self._account.rates, strict=True):
            if len(left) == most:
                at_us = max(at_us, left[0] + seconds * SECOND_US)
        return at_us

    def start(self, at_us: int) -> int:
        """A message leaves; when it has ended."""
        end_us = at_us + self._account.hold_s * SECOND_US
        heapq.heapreplace(self._free, end_us)
        for left in self._left:
            left.append(at_us)
        return end_us
