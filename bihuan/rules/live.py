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
from django.db import transaction

from bihuan.base.time import CHINA, MINUTE_US, SECOND_US, Clock, datetime_of
from bihuan.journal.append import Appender
from bihuan.journal.away import AWAY
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head
from bihuan.journal.read import entries_upto
from bihuan.journal.storage import MAIN, alias_of
from bihuan.register.entries import FindingSaid
from bihuan.register.models import Subject
from bihuan.rules.entries import LaneTicked
from bihuan.rules.force import in_force, put_in_force
from bihuan.rules.lane import LiveLane, Version
from bihuan.rules.leases import Leases
from bihuan.rules.models import Finding, Reached, Snapshot
from bihuan.rules.overrides.settings import Settings
from bihuan.rules.rule import Rule, check_versions

ENTRIES_PER_TURN = 50  # of one lane: a turn stays short, and so does what a kill repeats
FINDINGS_AT_ONCE = 100  # lane 0 is held for no more: an SOS may be waiting
SNAPSHOT_US = 5 * MINUTE_US
REACHED_US = 2 * SECOND_US
log = structlog.get_logger(__name__)


class LiveRules:
    """Every rule over every reading lane, or on PostgreSQL over this worker's share of them."""

    def __init__(
        self,
        clock: Clock,
        rules: Mapping[str, Sequence[Rule]],
        snapshot_us: int = SNAPSHOT_US,
        keys: KeyRing | None = None,
    ) -> None:
        """rules: by scenario, every version that ever held or is to hold.

        keys: open what is sealed of a person's own limits (where its home is)
        """
        for declared in rules.values():
            check_versions(declared)
        self._clock = clock
        self._rules = rules
        self._snapshot_us = snapshot_us
        self._versions: list[Version] = []
        self._settings, self._leases = Settings(keys), Leases()
        self._looked_at_day, self._facts = "", 0
        self._noted: dict[int, int] = {}
        self._note_us = 0
        self._lanes: dict[int, LiveLane] = {}
        self._broken: set[int] = set()
        self._kinds: dict[int, tuple[str, str]] = {}
        self._kept_us: dict[int, int] = {}

    def run_once(self) -> int:
        """Take at most one turn's worth of every lane; how many entries were taken or appended."""
        heads = dict(self._heads())  # first: what their batches have seen is looked at after it
        self._look_at_facts()
        mine = self._leases.share(list(heads), self._give_up)
        for lane in set(self._lanes) - set(mine):
            del self._lanes[lane]  # another worker's now
        done = sum(self._turn(lane, heads[lane]) for lane in mine if self._is_whole(lane))
        self._note_reached()
        return done

    def keep(self) -> None:
        """Store a snapshot of every lane now."""
        for lane, live in self._lanes.items():
            self._keep(lane, live)

    def _give_up(self, lane: int) -> None:
        live = self._lanes.pop(lane, None)
        if live is not None:
            self._keep(lane, live)

    def _is_whole(self, lane: int) -> bool:
        return lane not in self._broken

    def _look_at_facts(self) -> None:
        """Versions whose day has come, and whatever people have set until now."""
        day = datetime_of(self._clock.now_us()).astimezone(CHINA).date()
        if day.isoformat() != self._looked_at_day:
            put_in_force(self._clock, self._rules, day)
            self._looked_at_day = day.isoformat()
        facts = Head.objects.using(MAIN).values_list("position", flat=True).get(lane=FACTS_LANE)
        if facts > self._facts:
            self._versions += in_force(self._rules, self._facts)
            self._settings.load(facts)
            self._facts = facts

    def _note_reached(self) -> None:
        """Say how far every lane has come, for whoever watches; now and then, in one write."""
        now_us = self._clock.monotonic_us()
        moved = {
            lane: live
            for lane, live in self._lanes.items()
            if self._noted.get(lane) != live.position
        }
        if not moved or now_us < self._note_us:
            return
        self._note_us = now_us + REACHED_US
        with transaction.atomic(using=MAIN):
            self._leases.confirm(*moved)
            for lane, live in moved.items():
                at = {"position": live.position, "recorded_us": live.recorded_us}
                Reached.objects.using(MAIN).update_or_create(lane=lane, defaults=at)
        self._noted |= {lane: live.position for lane, live in moved.items()}

    def _heads(self) -> list[tuple[int, int]]:
        heads = Head.objects.using(alias_of(1)).filter(lane__gt=FACTS_LANE, lane__lt=VIEWS_LANE)
        return list(heads.order_by("lane").values_list("lane", "position"))

    def _turn(self, lane: int, head: int) -> int:
        try:
            live = self._lanes.get(lane) or self._opened(lane, head)
            if live.position < head:
                return self._catch_up(live, head)
            return self._tick(live)
        except AWAY:
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
        self._append(live.lane, said)
        if self._clock.monotonic_us() - self._kept_us[live.lane] >= self._snapshot_us:
            self._keep(live.lane, live)
        return taken

    def _append(self, at: int, said: Sequence[FindingSaid]) -> None:
        """Say what is not yet said; an emission that the journal has is known by finding and n."""
        fresh = list(self._unsaid(said))
        for start in range(0, len(fresh), FINDINGS_AT_ONCE):
            with Appender(FACTS_LANE, self._clock) as facts:
                self._leases.confirm(at)
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
            self._leases.confirm(live.lane)
            lane.append(LaneTicked(due_us=due_us))
        return 1

    def _opened(self, lane: int, head: int) -> LiveLane:
        live = LiveLane(lane, self._versions, self._kind_of, self._settings)
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
        with transaction.atomic(using=MAIN):
            self._leases.confirm(lane)
            Snapshot.objects.using(MAIN).update_or_create(
                lane=lane, defaults={"position": live.position, "body": live.snapshot()}
            )
        log.info("rules kept a lane", lane=lane, position=live.position, **live.tally())

    def _kind_of(self, subject: int) -> tuple[str, str] | None:
        if subject not in self._kinds:
            found = Subject.objects.using(MAIN).filter(id=subject)
            kind = found.values_list("scenario", "kind").first()
            if kind is None:
                return None
            self._kinds[subject] = kind
        return self._kinds[subject]
