"""Planning, beginning and judging the test of the path: each step one transaction.

plan    the system administrator says when
begin   the probe is registered where there is none, and whom a real press would call is planned
look    where the press came through as far as the loopback, the case is closed and the times
        are kept; where it did not within a minute, it failed, and the board says so
"""

from __future__ import annotations

from typing import Final

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import DAY_US, MINUTE_US, SECOND_US, Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop import entries as loop
from bihuan.loop import ladder
from bihuan.loop.pathtest import entries
from bihuan.loop.pathtest.evidence import reached
from bihuan.loop.pathtest.models import PathPlan, PathProbe, PathRun
from bihuan.loop.pathtest.playbook import ROLE
from bihuan.loop.pathtest.probe import prepare
from bihuan.loop.pathtest.schedule import MINUTES, MOST_DAY, this_month_us
from bihuan.loop.playbook import Playbook
from bihuan.loop.scenario import installed
from bihuan.loop.watch.notice import Trouble
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Subject

WITHIN_US: Final = MINUTE_US
AGAIN_US: Final = DAY_US  # after a failure
CLOSED: Final = "通路自检：没有人被呼叫"
NOTICE: Final = "monthly"


def plan(is_on: bool, working_day: int, minute: int, by: Actor, clock: Clock) -> int:
    """Say when to test; its position. Raises BadInputError with every bad field."""
    faults = []
    if not 1 <= working_day <= MOST_DAY:
        faults.append(Fault("working_day", str(working_day), f"1 to {MOST_DAY}"))
    if not 0 <= minute < MINUTES:
        faults.append(Fault("minute", str(minute), f"0 to {MINUTES - 1}"))
    if faults:
        raise BadInputError(*faults)
    said = entries.PathPlanned(is_on=is_on, working_day=working_day, minute=minute, by=by)
    with Appender(FACTS_LANE, clock) as lane:
        return lane.append(said).position


def is_due(now_us: int) -> bool:
    """Whether this month's test is due: not begun yet, or failed a day ago and not tried since."""
    known = PathPlan.objects.using(MAIN).first()
    if known is None or not known.is_on:
        return False
    at_us = this_month_us(now_us, known.working_day, known.minute)
    if now_us < at_us or known.planned_us > at_us:  # a plan made later begins with its next month
        return False
    since = PathRun.objects.using(MAIN).filter(begun_us__gte=at_us).order_by("-id").first()
    if since is None:
        return True
    return bool(since.state == "failed" and now_us - since.begun_us >= AGAIN_US)


def begin(cause: entries.Cause, by: Actor | None, clock: Clock, keys: KeyRing) -> int:
    """Begin a run; its id. Raises BadInputError while one runs, and in a county without areas."""
    with Appender(FACTS_LANE, clock) as lane:
        if lane.rows.where(PathRun, state="begun"):
            raise bad("run", "one that runs", "none at the same time")
        if lane.rows.get(PathProbe, 1) is None:
            prepare(lane, keys)
        like, playbook, steps = _planned(lane)
        said = entries.PathBegun(
            cause=cause, like_subject=like, playbook=playbook, steps=steps, by=by
        )
        return lane.append(said).id()


def look(run_id: int, clock: Clock, keys: KeyRing) -> str:
    """How a run stands: begun, proved or failed. What is new is appended in one transaction."""
    with Appender(FACTS_LANE, clock) as lane:
        run = lane.rows.get(PathRun, run_id)
        if run is None:
            raise bad("run", run_id, "a run")
        if run.state != "begun":
            return str(run.state)
        stage, proved = reached(run)
        if proved is not None:
            _close(lane, proved.case_id, keys)
            lane.append(proved)
            return "proved"
        if lane.now_us - run.begun_us < WITHIN_US:
            return "begun"
        detail = f"not within {WITHIN_US // SECOND_US} s"
        lane.append(entries.PathFailed(run_id=run.id, stage=stage, detail=detail))
        return "failed"


def troubles(now_us: int) -> list[Trouble]:
    """What is wrong with the path: the last run failed, or a month's test was not made at all."""
    ended = PathRun.objects.using(MAIN).exclude(state="begun").order_by("-id").first()
    if ended is not None and ended.state == "failed":
        said = f"{ended.stage}: {ended.detail} ({rfc3339(ended.begun_us)})"
        return [Trouble("path", NOTICE, said)]
    if is_due(now_us - DAY_US) and is_due(now_us):
        return [Trouble("path", NOTICE, "planned and not made since a day")]
    return []


def _close(lane: Appender, case_id: int, keys: KeyRing) -> None:
    """The case ends with its proof; nobody is asked whether it is solved."""
    probe = lane.rows.get(PathProbe, 1)
    assert probe is not None, "a run has a probe"
    lane.append(
        loop.CaseClosed(
            case_id=case_id,
            by=Actor(person_id=probe.person_id, role=ROLE, via="system"),
            outcome="false_alarm",
            reason=keys.seal(probe.person_id, CLOSED),
        )
    )


def _planned(lane: Appender) -> tuple[int | None, str | None, list[loop.PlannedStep]]:
    """Whom a real press would call now: another subject at each run, so that all have a turn."""
    urgent: dict[str, Playbook] = {
        name: playbook
        for name, scenario in installed().items()
        for playbook in scenario.playbooks
        if "sos" in playbook.signals
    }
    found = Subject.objects.using(MAIN).filter(scenario__in=urgent).order_by("id")
    count = found.count()
    if not count:
        return None, None, []
    like = found[PathRun.objects.using(MAIN).count() % count]
    area = lane.rows.get(Area, like.area_id)
    playbook = urgent[like.scenario]
    path, times = area.path if area else "", (lane.now_us, lane.now_us)
    steps = ladder.plan(lane.rows, playbook, like, path, times)
    return like.id, playbook.key, steps
