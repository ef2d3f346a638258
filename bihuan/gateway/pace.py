"""How fast one device, and one line, may speak: whoever is faster waits, and nobody else does.

A frame is never refused for speed. Its device waits for its answer, and meanwhile its line is not
read, so that the sender's own buffers fill. Alarms have a measure of their own: a flood of
positions does not slow an SOS.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, NamedTuple

from bihuan.base.time import MINUTE_US, SECOND_US

MOST_KNOWN: Final = 50_000
LONGEST_US: Final = MINUTE_US
LONGEST_ALARM_US: Final = 5 * SECOND_US


@dataclass(frozen=True, slots=True)
class Rate:
    """So many frames a second on average; `at_once` may come together."""

    per_s: float
    at_once: int


# a band that hands over a day that it stored sends some hundred frames at once
DEVICE: Final = Rate(5, 200)
ALARMS: Final = Rate(1, 20)
LINE: Final = Rate(50, 500)  # a line may carry several devices


class Pace:
    """Buckets by name, the oldest forgotten: who was silent so long has a full one."""

    def __init__(self, rate: Rate, most_known: int = MOST_KNOWN) -> None:
        self._rate, self._most = rate, most_known
        self._free_us: OrderedDict[object, float] = OrderedDict()

    def wait_us(self, who: object, now_us: int) -> int:
        """Take one frame's place; how long to wait until it is due (0: now).

        A bucket is the time at which its next place is free, never earlier than a whole burst ago
        and never later than a minute ahead.
        """
        place_us = SECOND_US / self._rate.per_s
        oldest_us = now_us - place_us * (self._rate.at_once - 1)
        due_us = max(self._free_us.pop(who, oldest_us), oldest_us)
        self._free_us[who] = min(due_us + place_us, now_us + LONGEST_US)
        while len(self._free_us) > self._most:
            self._free_us.popitem(last=False)
        return max(0, round(due_us - now_us))

    def has_room(self, who: object, now_us: int) -> bool:
        """Whether a frame would be due at once; takes no place."""
        return self._free_us.get(who, now_us) <= now_us


class Speaker(NamedTuple):
    """Whose frame, when (monotonic µs), and whether it is an alarm. device None: unknown."""

    line: object
    device: object | None
    now_us: int
    is_urgent: bool


class Paces:
    """The measures of one gateway process: of devices, of their alarms, of lines."""

    def __init__(self, device: Rate = DEVICE, alarms: Rate = ALARMS, line: Rate = LINE) -> None:
        self._devices, self._alarms, self._lines = Pace(device), Pace(alarms), Pace(line)

    def wait_us(self, line: object, device: object | None, now_us: int, is_urgent: bool) -> int:
        """Take a frame's place; how long it waits before it is stored and answered (µs).

        An alarm waits 5 s at most, whatever else speaks in its device's name.
        """
        waits = [pace.wait_us(who, now_us) for pace, who in self._of(line, device, is_urgent)]
        return min(max(waits), LONGEST_ALARM_US) if is_urgent else max(waits)

    def is_due(self, line: object, device: object | None, now_us: int, is_urgent: bool) -> bool:
        """Whether a frame may be stored at once; only then it takes its place."""
        if not all(p.has_room(who, now_us) for p, who in self._of(line, device, is_urgent)):
            return False
        self.wait_us(line, device, now_us, is_urgent)
        return True

    def _of(
        self, line: object, device: object | None, is_urgent: bool
    ) -> list[tuple[Pace, object]]:
        if is_urgent:
            return [(self._alarms, line if device is None else device)]
        return [(self._lines, line), *([] if device is None else [(self._devices, device)])]
