"""Daily notices, decided: at its local time each goes through its subjects, a few in a turn.

Each part is one entry, so a kill leaves it said or not said; the next start goes on behind it. A
day that is over is not made up for: yesterday's words would be wrong today.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

import structlog
from django.db import connections
from django.db.models import QuerySet

from bihuan.journal.append import Appender
from bihuan.journal.away import FAILED
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import ladder
from bihuan.loop.book.county import CountyBook
from bihuan.loop.book.seen import Seen, seen_by
from bihuan.loop.callout.plan import QUIET
from bihuan.loop.daily.entries import DailyNoticeSwept, ToTell
from bihuan.loop.daily.models import DailyNoticeRun
from bihuan.loop.daily.plan import day_of, first_us, next_us
from bihuan.loop.due import DueKind, falls_due
from bihuan.loop.scenario import installed
from bihuan.loop.shows import Notice
from bihuan.register.holders import SELF, today_id
from bihuan.register.models import Area, Subject
from bihuan.register.rights import for_user

# in one turn: the lane is held for some tens of milliseconds, ten for each person who is asked
AT_ONCE: Final = 10  # subjects
ASKED: Final = 5  # people; the subject that reaches it is gone through to its end
log = structlog.get_logger(__name__)


class Declared(NamedTuple):
    """A notice and the scenario that sends it."""

    scenario: str
    notice: Notice

    @property
    def key(self) -> str:
        return f"{self.scenario}.{self.notice.name}"


def declared() -> list[Declared]:
    """Every notice of the installed scenarios, in the order of their names."""
    found = [Declared(name, one) for name, s in installed().items() for one in s.notices]
    return sorted(found, key=lambda one: one.key)


def waiting(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    """The notice that falls due first, by its place in `declared`: one in a turn, however many."""
    every = declared()
    if not every:
        return []
    runs = DailyNoticeRun.objects.using(MAIN).in_bulk([one.key for one in every])
    firsts = _firsts({_of(one) for one in every if one.key not in runs})
    found = [
        (_due_us(one, runs.get(one.key), firsts.get(_of(one))), n) for n, one in enumerate(every)
    ]
    due = [(at, n) for at, n in found if at is not None and (now_us is None or at <= now_us)]
    return sorted(due)[: min(limit, 1)]


def decide(lane: Appender, row: int) -> None:
    """Tell a few; a day that is over is closed without a word."""
    one = declared()[row]
    run = lane.rows.get(DailyNoticeRun, one.key)
    due_us = _due_us(one, run, None if run else _firsts({_of(one)}).get(_of(one)))
    if due_us is None or due_us > lane.now_us:
        return
    day, today = day_of(due_us), day_of(lane.now_us)
    upto = run.upto if run is not None and not run.is_done else 0
    if day < today:
        # what waits now is today's; the days before it are over
        last = (today - timedelta(days=1)).isoformat()
        _append(lane, one, (last, due_us, upto, True), _Part())
        return
    subjects = list(_subjects(one).filter(id__gt=upto, opened_us__lte=due_us)[: AT_ONCE + 1])
    part, gone = _Part(), 0
    for subject in subjects[:AT_ONCE]:
        part.go_through(lane.rows, one, subject, (due_us, lane.now_us))
        gone += 1
        if part.asked >= ASKED:
            break
    upto = subjects[gone - 1].id if gone else upto
    _append(lane, one, (day.isoformat(), due_us, upto, gone == len(subjects)), part)


def book_for(
    mine: Seen, due_us: int, language: str = "zh", keys: KeyRing | None = None
) -> CountyBook:
    """What a notice reads: the county as who is told may see it, at the time it fell due."""
    return CountyBook(mine, due_us, language, keys)


class _Part:
    """What one turn has found."""

    def __init__(self) -> None:
        self.to: list[ToTell] = []
        self.unreachable: list[int] = []
        self.broken: list[int] = []
        self.asked = 0
        self._seen: dict[int, Seen] = {}

    def go_through(
        self, rows: Rows, one: Declared, subject: Subject, times: tuple[int, int]
    ) -> None:
        """Who is to be told about one subject. times: when it fell due, and now; µs."""
        due_us, now_us = times
        for person_id in _holders(rows, one.notice.to, subject, now_us):
            self.asked += 1
            if person_id not in self._seen:
                self._seen[person_id] = seen_by(for_user(person_id, now_us), one.scenario)
            book = book_for(self._seen[person_id], due_us)
            if book.row(subject.id) is None:  # the consent was taken back, or there is no right
                continue
            try:
                says = one.notice.text(book, subject.id)
            except FAILED:
                raise
            except Exception as error:  # noqa: BLE001 - the edge of a scenario's own code: the others are told
                log.error("notice", notice=one.key, subject=subject.id, error=repr(error))
                self.broken.append(subject.id)
                return
            if says is not None:
                self._tell(rows, subject.id, person_id)

    def _tell(self, rows: Rows, subject_id: int, person_id: int) -> None:
        quiet = [one for one in ladder.channels_of(rows, person_id) if one in QUIET]
        if not quiet:
            self.unreachable.append(person_id)
            return
        self.to.append(ToTell(subject_id=subject_id, person_id=person_id, channel=quiet[0]))


def _append(lane: Appender, one: Declared, state: tuple[str, int, int, bool], part: _Part) -> None:
    day, due_us, upto, is_done = state
    lane.append(
        DailyNoticeSwept(
            scenario=one.scenario,
            name=one.notice.name,
            day=day,
            due_us=due_us,
            upto=upto,
            is_done=is_done,
            to=part.to,
            unreachable=part.unreachable,
            broken=part.broken,
        )
    )


def _due_us(one: Declared, run: DailyNoticeRun | None, first: int | None) -> int | None:
    """first: when the first subject came into being; looked at only before the first run."""
    if run is not None:
        return next_us(run.day, one.notice.at, is_done=run.is_done)
    return None if first is None else first_us(first, one.notice.at)


def _of(one: Declared) -> tuple[str, str]:
    return one.scenario, one.notice.subject


def _firsts(kinds: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(scenario, kind of subject) → when the first that is still served came into being, µs.

    One statement for all, and one step into the index for each: it is asked in every turn.
    """
    if not kinds:
        return {}
    each = (
        "SELECT %s AS scenario, %s AS kind, MIN(opened_us) AS first FROM register_subject "
        "WHERE scenario = %s AND kind = %s AND ended_us IS NULL"
    )
    asked = sorted(kinds)
    with connections[MAIN].cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join([each] * len(asked)),
            [part for one in asked for part in (*one, *one)],
        )
        found = cursor.fetchall()
    return {(scenario, kind): first for scenario, kind, first in found if first is not None}


def _subjects(one: Declared) -> QuerySet[Subject]:
    found = Subject.objects.using(MAIN).filter(
        scenario=one.scenario, kind=one.notice.subject, ended_us=None
    )
    return found.order_by("id")


def _holders(rows: Rows, role: str, subject: Subject, now_us: int) -> list[int]:
    """Who holds the role for the subject, nearest first; the subject itself for `self`."""
    if role == SELF:
        return [] if subject.person_id is None else [today_id(rows, subject.person_id)]
    area = rows.get(Area, subject.area_id)
    return ladder.holders(rows, role, (subject.id, area.path if area else "", now_us))


falls_due(DueKind("daily_notice", waiting, decide))
