"""Running trials one after the other, beside everything that somebody waits for."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog
from django.db import close_old_connections
from django.db.models import F

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, SECOND_US, Clock, rfc3339
from bihuan.console.tuning.judged import judged_cases
from bihuan.console.tuning.known import newest, subjects_of
from bihuan.console.tuning.models import Trial
from bihuan.journal.away import FAILED
from bihuan.journal.keys import KeyRing
from bihuan.rules.backtest import changed
from bihuan.rules.compare import Judged, days_of
from bihuan.rules.trial import CHINA_US, Compared, Within, compared

KEPT_US = 30 * DAY_US
TOLD_EVERY_US = SECOND_US // 2
MOST_SHOWN = 100
log = structlog.get_logger(__name__)


def recover() -> None:
    """Begin anew what was under way when the process ended."""
    Trial.objects.filter(state="running").update(state="queued", done=0)


def run_next(clock: Clock, keys: KeyRing) -> bool:
    """Run the oldest trial that waits; False where none does. It publishes nothing."""
    Trial.objects.filter(ended_us__lt=clock.now_us() - KEPT_US).delete()
    trial = Trial.objects.filter(state="queued").order_by("id").first()
    if trial is None or not Trial.objects.filter(id=trial.id, state="queued").update(
        state="running"
    ):
        return False
    try:
        result = _shown(_run(trial, clock, keys))
        over = {"state": "done", "result": json.dumps(result, ensure_ascii=False)}
    except BadInputError as error:
        over = {"state": "failed", "fault": str(error)}
    except FAILED:
        Trial.objects.filter(id=trial.id).update(state="queued")
        raise
    except Exception as error:  # noqa: BLE001 - the edge of a thread: one trial fails, loudly; the next is run
        log.error("trial failed", trial=trial.id, error=repr(error))
        over = {"state": "failed", "fault": type(error).__name__}
    done = {"done": F("total"), "ended_us": clock.now_us()}
    Trial.objects.filter(id=trial.id).update(**over, **done)
    return True


class Runner(threading.Thread):
    """Runs trials beside the keeper's other work until asked to stop."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        super().__init__(name="trials", daemon=True)
        self._clock, self._keys = clock, keys
        self._stopped = threading.Event()

    def run(self) -> None:
        is_first = True
        while not self._stopped.is_set():
            try:
                if is_first:
                    recover()
                    is_first = False
                if run_next(self._clock, self._keys):
                    continue
            except FAILED as error:
                log.error("waits for its database", part="trials", error=type(error).__name__)
                close_old_connections()
            self._stopped.wait(1.0)

    def stop(self) -> None:
        """Begin no other trial; what is under way is begun anew at the next start."""
        self._stopped.set()


def _run(trial: Trial, clock: Clock, keys: KeyRing) -> Compared:
    present = newest(trial.scenario, trial.rule)
    tried = changed(present, json.loads(trial.settings))
    seen = frozenset(subjects_of(trial.person_id, trial.scenario, "tune", clock.now_us()))
    judged = [
        case
        for case in judged_cases(trial.scenario, trial.rule)
        if int(case.series.split(":")[0]) in seen
    ]
    within = Within(trial.scenario, (trial.from_us, trial.to_us), keys, seen)
    return compared(within, (present, tried), judged, _teller(trial, clock))


def _teller(trial: Trial, clock: Clock) -> Callable[[int, int], None]:
    told_us = 0

    def tell(done: int, total: int) -> None:
        nonlocal told_us
        if clock.monotonic_us() - told_us >= TOLD_EVERY_US:
            told_us = clock.monotonic_us()
            Trial.objects.filter(id=trial.id).update(done=done, total=total)

    return tell


def _shown(both: Compared) -> dict[str, Any]:
    told = both.difference
    before = Counter(days_of(both.present, CHINA_US))
    after = Counter(days_of(both.changed, CHINA_US))
    people: dict[int, list[int]] = {}
    for series, counts in told.by_series.items():
        of_one = people.setdefault(int(series.split(":")[0]), [0, 0])
        of_one[0] += counts[0]
        of_one[1] += counts[1]
    ranked = sorted(people.items(), key=lambda one: (-abs(one[1][1] - one[1][0]), one[0]))
    return {
        "present": told.present,
        "changed": told.changed,
        "more": told.more,
        "days": [[day, before[day], after[day]] for day in sorted({*before, *after})],
        "people": [[subject, *counts] for subject, counts in ranked[:MOST_SHOWN]],
        "n_people": len(ranked),
        "missed": [_case(case) for case in told.missed_confirmed[:MOST_SHOWN]],
        "n_missed": len(told.missed_confirmed),
        "spared": [_case(case) for case in told.spared_false_alarms[:MOST_SHOWN]],
        "n_spared": len(told.spared_false_alarms),
    }


def _case(case: Judged) -> list[Any]:
    return [int(case.series.split(":")[0]), case.opened_us, rfc3339(case.opened_us)]
