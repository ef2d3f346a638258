"""The rules, running: readings of the journal become findings of the journal, each once.

    live = LiveRules(clock, {"elder_care": RULES})
    while live.run_once(): ...

A turn reads a bounded part of every lane, judges it and appends what is said to lane 0. What a
lane says follows from its entries alone, so after a kill the same statements are made again and
those already in the journal are known by finding and `n`. Snapshots only save reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import structlog
from django.db import InterfaceError, OperationalError

from bihuan.base.time import CHINA, MINUTE_US, Clock, datetime_of
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head
from bihuan.journal.read import entries_upto
from bihuan.journal.storage import MAIN, alias_of
from bihuan.register.entries import FindingSaid
from bihuan.register.models import Subject
from bihuan.rules.entries import LaneTicked
from bihuan.rules.force import put_in_force
from bihuan.rules.lane import LiveLane, Version
from bihuan.rules.models import Finding, Snapshot
from bihuan.rules.rule import Rule, check_versions

ENTRIES_PER_TURN = 50  # of one lane: a turn stays short, and so does what a kill repeats
FINDINGS_AT_ONCE = 100  # lane 0 is held for no more: an SOS may be waiting
SNAPSHOT_US = 5 * MINUTE_US
log = structlog.get_logger(__name__)


class LiveRules:
    """Every rule over every reading lane. One is enough; a second finds all said."""

    def __init__(
        self,
        clock: Clock,
        rules: Mapping[str, Sequence[Rule]],
        snapshot_us: int = SNAPSHOT_US,
    ) -> None:
        """rules: by scenario, every version that ever held or is to hold."""
        for declared in rules.values():
            check_versions(declared)
        self._clock = clock
        self._rules = rules
        self._snapshot_us = snapshot_us
        self._versions: list[Version] = []
        self._looked_at_day = ""
        self._lanes: dict[int, LiveLane] = {}
        self._broken: set[int] = set()
        self._scenarios: dict[int, str] = {}
        self._kept_us: dict[int, int] = {}

    def run_once(self) -> int:
        """Take at most one turn's worth of every lane; how many entries were taken or appended."""
        self._look_at_versions()
        return sum(self._turn(lane, head) for lane, head in self._heads() if self._is_whole(lane))

    def keep(self) -> None:
        """Store a snapshot of every lane now."""
        for lane, live in self._lanes.items():
            self._keep(lane, live)

    def _is_whole(self, lane: int) -> bool:
        return lane not in self._broken

    def _look_at_versions(self) -> None:
        day = datetime_of(self._clock.now_us()).astimezone(CHINA).date()
        if day.isoformat() != self._looked_at_day:
            self._versions += put_in_force(self._clock, self._rules, day, len(self._versions))
            self._looked_at_day = day.isoformat()

    def _heads(self) -> list[tuple[int, int]]:
        heads = Head.objects.using(alias_of(1)).filter(lane__gt=FACTS_LANE, lane__lt=VIEWS_LANE)
        return list(heads.order_by("lane").values_list("lane", "position"))

    def _turn(self, lane: int, head: int) -> int:
        try:
            live = self._lanes.get(lane) or self._opened(lane, head)
            if live.position < head:
                return self._catch_up(live, head)
            return self._tick(live)
        except (OperationalError, InterfaceError):
            self._lanes.pop(lane, None)  # its state is ahead of what was said
            raise
        except Exception as error:  # noqa: BLE001 - the process edge: a lane stops at its offset, loudly; the others go on
            log.error("rules stopped in a lane", lane=lane, error=repr(error))
            self._lanes.pop(lane, None)
            self._broken.add(lane)
            return 0

    def _catch_up(self, live: LiveLane, head: int) -> int:
        upto = min(head, live.position + ENTRIES_PER_TURN)
        said: list[FindingSaid] = []
        taken = 0
        for entry in entries_upto(live.lane, live.position, upto):
            said += live.take(entry)
            taken += 1
        self._append(said)
        if self._clock.monotonic_us() - self._kept_us[live.lane] >= self._snapshot_us:
            self._keep(live.lane, live)
        return taken

    def _append(self, said: Sequence[FindingSaid]) -> None:
        """Say what is not yet said; an emission that the journal has is known by finding and n."""
        fresh = list(self._unsaid(said))
        for start in range(0, len(fresh), FINDINGS_AT_ONCE):
            with Appender(FACTS_LANE, self._clock) as facts:
                for finding in fresh[start : start + FINDINGS_AT_ONCE]:
                    present = facts.rows.get(Finding, finding.key)  # again, under the lock
                    if present is None or present.n < finding.n:
                        facts.append(finding)

    def _unsaid(self, said: Sequence[FindingSaid]) -> Iterator[FindingSaid]:
        for start in range(0, len(said), FINDINGS_AT_ONCE):
            part = said[start : start + FINDINGS_AT_ONCE]
            found = Finding.objects.using(MAIN).filter(id__in={finding.key for finding in part})
            known = dict(found.values_list("id", "n"))
            yield from (finding for finding in part if known.get(finding.key, 0) < finding.n)

    def _tick(self, live: LiveLane) -> int:
        """Let the lane's time pass where a rule waits for it and nothing else was recorded."""
        due_us = live.due_us()
        if due_us is None or due_us > self._clock.now_us() or live.recorded_us >= due_us:
            return 0
        with Appender(live.lane, self._clock) as lane:
            lane.append(LaneTicked(due_us=due_us))
        return 1

    def _opened(self, lane: int, head: int) -> LiveLane:
        live = LiveLane(lane, self._versions, self._scenario_of)
        kept = Snapshot.objects.using(MAIN).filter(lane=lane, position__lte=head).first()
        if kept is not None and not live.restore(
            kept.position, self._recorded_us(lane, kept.position), bytes(kept.body)
        ):
            log.warning("rules read a lane from its beginning", lane=lane)
        self._lanes[lane] = live
        self._kept_us[lane] = self._clock.monotonic_us()
        return live

    def _recorded_us(self, lane: int, position: int) -> int:
        found = Entry.objects.using(alias_of(lane)).filter(lane=lane, position=position)
        return found.values_list("recorded_us", flat=True).first() or 0

    def _keep(self, lane: int, live: LiveLane) -> None:
        self._kept_us[lane] = self._clock.monotonic_us()
        Snapshot.objects.using(MAIN).update_or_create(
            lane=lane, defaults={"position": live.position, "body": live.snapshot()}
        )

    def _scenario_of(self, subject: int) -> str | None:
        if subject not in self._scenarios:
            found = Subject.objects.using(MAIN).filter(id=subject)
            scenario = found.values_list("scenario", flat=True).first()
            if scenario is None:
                return None
            self._scenarios[subject] = scenario
        return self._scenarios[subject]
