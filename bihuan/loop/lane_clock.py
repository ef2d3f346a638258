"""The county's time: the clock's, and never behind what lane 0 has already recorded.

A process that started after the wall clock jumped trusts it, and what it appends is recorded
then. Whoever kept an older clock would wait a day for a ladder's next step; from the newest
recorded time on, time goes on at the pace of the monotonic clock.
"""

from __future__ import annotations

from bihuan.base.time import Clock
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.journal.storage import MAIN


class LaneClock:
    """A clock over another one and lane 0's end; one instance for each thread."""

    def __init__(self, under: Clock) -> None:
        self._under = under
        self._recorded_us = self._at_us = 0

    def now_us(self) -> int:
        heads = Head.objects.using(MAIN).filter(lane=FACTS_LANE)
        recorded_us = heads.values_list("recorded_us", flat=True).first() or 0
        passed_us = self._under.monotonic_us() - self._at_us
        now_us = max(self._under.now_us(), self._recorded_us + passed_us)
        if recorded_us > now_us:
            self._recorded_us, self._at_us = recorded_us, self._under.monotonic_us()
            return recorded_us
        return now_us

    def monotonic_us(self) -> int:
        return self._under.monotonic_us()
