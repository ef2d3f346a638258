"""A band whose readings go to the journal, and the rules turned over it."""

from __future__ import annotations

from bihuan.base.time import MINUTE_US
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.register.entries import FindingSaid
from bihuan.rules.live import LiveRules
from bihuan.scenarios.elder_care.rules import RULES
from tests.county import World

LIVE = {"elder_care": RULES}


class Band:
    """A band of one subject, heard whenever a test says so."""

    def __init__(self, world: World, subject: int, device: int) -> None:
        self._world, self.subject, self._device = world, subject, device

    def says(
        self, *values: float, ago_us: int = 0, step_us: int = MINUTE_US, channel: str = "heart_rate"
    ) -> None:
        """Values one step apart, the last of them now or `ago_us` before it arrives."""
        now_us = self._world.clock.now_us()
        unit = {"heart_rate": "bpm", "systolic": "mmHg", "diastolic": "mmHg", "link": "1"}[channel]
        first_us = now_us - ago_us - (len(values) - 1) * step_us
        rows = [
            NewReading(
                subject=self.subject,
                device=self._device,
                binding=self._device + 1,
                channel=channel,
                unit=unit,
                event_us=first_us + n * step_us,
                value=value,
                quality=0,
                arrival_us=now_us,
            )
            for n, value in enumerate(values)
        ]
        append_readings(rows, seen0=seen0_now(), clock=self._world.clock)


def run(live: LiveRules) -> None:
    for _turn in range(200):
        if not live.run_once():
            return
    raise AssertionError("rules are still busy after 200 turns")


def fresh(world: World) -> LiveRules:
    return LiveRules(world.clock, LIVE)


def said() -> list[FindingSaid]:
    found = Entry.objects.filter(lane=FACTS_LANE, type="finding.said.v1").order_by("position")
    payloads = [decode(entry.type, bytes(entry.body or b"")) for entry in found]
    return [payload for payload in payloads if isinstance(payload, FindingSaid)]


def told() -> list[tuple[str, int, int, str]]:
    return [(f.rule, f.number, f.n, f.what) for f in said()]
