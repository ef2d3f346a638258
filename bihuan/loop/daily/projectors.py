"""Entries of daily notices become rows and messages; and what such a message says when it goes."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.book.seen import seen_by
from bihuan.loop.daily.acts import book_for
from bihuan.loop.daily.acts import declared as notices
from bihuan.loop.daily.entries import DailyNoticeSwept
from bihuan.loop.daily.models import DailyNotice, DailyNoticeRun
from bihuan.loop.daily.plan import day_of
from bihuan.loop.delivery.texts import COUNTY_ROW, MARKS, Saying
from bihuan.loop.delivery.topics import Topic, are_about
from bihuan.loop.entries import DeliveryTold
from bihuan.loop.models import Delivery
from bihuan.loop.shows import Notice
from bihuan.register.models import County
from bihuan.register.rights import for_user
from bihuan.register.scheme import Words

PURPOSE, PRIORITY = "daily_notice", 15  # behind every call and every call-out that is no drill


@projects(DailyNoticeSwept)
def swept(rows: Rows, entry: Recorded[DailyNoticeSwept]) -> None:
    said = entry.payload
    key = f"{said.scenario}.{said.name}"
    known = rows.get(DailyNoticeRun, key)
    if known is None:
        fields = dict.fromkeys(("told", "unreachable", "broken"), 0)
        rows.new(DailyNoticeRun, id=key, day=said.day, upto=0, is_done=False, **fields)
    run = rows.change(DailyNoticeRun, key)
    if run.day != said.day or (known is not None and known.is_done):
        run.told = run.unreachable = run.broken = 0
    run.day, run.upto, run.is_done = said.day, said.upto, said.is_done
    run.told += len(said.to)
    run.unreachable += len(said.unreachable)
    run.broken += len(said.broken)
    for n, one in enumerate(said.to):
        stream = entry.id(2 * n)
        rows.new(
            DailyNotice,
            id=stream,
            scenario=said.scenario,
            name=said.name,
            day=said.day,
            due_us=said.due_us,
            subject_id=one.subject_id,
            person_id=one.person_id,
        )
        rows.new(
            Delivery,
            id=entry.id(2 * n + 1),
            case_id=stream,
            pursuit_id=None,
            purpose=PURPOSE,
            step=0,
            round=0,
            person_id=one.person_id,
            channel=one.channel,
            priority=PRIORITY,
            state="queued",
            queued_us=entry.recorded_us,
        )


def words_of(
    rows: Rows, delivery: Delivery, keys: KeyRing | None, *, is_english: bool
) -> tuple[Notice, Words] | None:
    """The notice and what it says to who is told; None where nothing is to be said any more.

    A consent that was taken back since then counts.
    """
    one = _notice(rows, delivery)
    found = [n for n in notices() if n.scenario == one.scenario and n.notice.name == one.name]
    if not found:
        return None
    seen = seen_by(for_user(one.person_id, max(_recorded_us(), one.due_us)), one.scenario)
    book = book_for(seen, one.due_us, "en" if is_english else "zh", keys)
    if book.row(one.subject_id) is None:
        return None
    words = found[0].notice.text(book, one.subject_id)
    return None if words is None else (found[0].notice, words)


def _notice(rows: Rows, delivery: Delivery) -> DailyNotice:
    one = rows.get(DailyNotice, delivery.case_id)
    if one is None:
        raise bad("daily_notice", delivery.case_id, "a notice that was queued")
    return one


def _recorded_us() -> int:
    """The newest recorded time of lane 0."""
    heads = Head.objects.using(MAIN).filter(lane=FACTS_LANE)
    return heads.values_list("recorded_us", flat=True).first() or 0


def _is_wanted(rows: Rows, delivery: Delivery) -> bool:
    """What has not left on its day does not leave."""
    if day_of(_recorded_us()).isoformat() > _notice(rows, delivery).day:
        return False
    return words_of(rows, delivery, None, is_english=False) is not None


def _says(rows: Rows, delivery: Delivery, keys: KeyRing, is_english: bool) -> Saying:
    found = words_of(rows, delivery, keys, is_english=is_english)
    if found is None:
        raise bad("daily_notice", delivery.case_id, "something to be said")
    notice, words = found
    county = rows.get(County, COUNTY_ROW)
    mark = MARKS[county.mode if county is not None else "live"][is_english]
    name = (county.latin if is_english else county.name) if county is not None else ""
    title, text = notice.title[is_english], words[is_english]
    params = {"what": text, "who": "", "place": "", "time": "", "county": name, "mark": mark}
    colon = ": " if is_english else "："
    return Saying(f"{mark}{title}", f"{mark}{name}{colon}{text}", params, f"{mark}{title}")


def _nothing(_rows: Rows, _delivery: Delivery, _at_us: int) -> None:
    """No step waits for it."""


def _told(_rows: Rows, _delivery: Delivery, _said: DeliveryTold, _at_us: int) -> None:
    """Nobody is asked to answer it."""


def _waiting(_deliveries: list[Delivery]) -> set[int]:
    return set()


are_about((PURPOSE,), Topic(_nothing, _told, _is_wanted, _waiting, _says))
