"""Daily notices: at their local time, once a day and person, across kills; and to whom not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bihuan.base.time import CHINA, MovableClock, datetime_of
from bihuan.journal import county as journal_county
from bihuan.journal import rebuild
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import scenario as scenarios
from bihuan.loop.channels import InAppChannel
from bihuan.loop.daily import acts, plan
from bihuan.loop.daily.models import DailyNotice, DailyNoticeRun
from bihuan.loop.delivery.letters import said_by
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Delivery
from bihuan.loop.scenario import Scenario
from bihuan.loop.shows import Book, Notice
from bihuan.register.acts import Registrar
from bihuan.register.consents.acts import Consents, NewConsent
from bihuan.register.models import Subject
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field, Scheme, SubjectType, Words
from bihuan.register.subjects.acts import NewSubject, Subjects
from tests.county import Killed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
NAME, TITLE = "test_wearers", ("标题", "Title")


def worn(book: Book, subject_id: int) -> Words | None:
    """What the band says; a wearer numbered 0 has nothing to say, one numbered 13 breaks it."""
    row = book.row(subject_id)
    assert row is not None, "asked only where it may be seen"
    assert row["bed"] is None, "what is sealed stays sealed"
    n = int(str(row["n"]))
    if n == 13:
        raise KeyError("a field that was renamed")
    return (f"{row['name']}{n}号今天戴了", f"{row['name']}, no {n}, wore it") if n else None


WEARER = SubjectType(
    name="wearer",
    title=("佩戴人", "Wearer"),
    party="person",
    fields=(
        Field(name="n", title=("号", "No"), kind="integer", is_required=True),
        Field(name="bed", title=("床位", "Bed"), kind="text", is_sealed=True),
    ),
    purposes=("band",),
)
NIGHTLY = Notice(
    name="worn",
    title=("佩戴提醒", "Worn today"),
    subject="wearer",
    to="family",
    at="20:00",
    text=worn,
)
SCENARIO = Scenario(
    name=NAME,
    title=TITLE,
    subjects={"wearer": TITLE},
    signals={},
    roles={"family": TITLE, "keeper": TITLE},
    scheme=Scheme(scenario=NAME, subjects=(WEARER,), editors={"wearer": ("keeper",)}),
    grants={"family": ("see",)},
    notices=(NIGHTLY,),
)


@dataclass
class Town:
    """A village, its keeper, and wearers each with a daughter who has an account."""

    clock: MovableClock
    keys: KeyRing

    def __post_init__(self) -> None:
        journal_county.create("青禾县", self.clock, lanes=2)
        self.add = Registrar(self.clock, self.keys)
        self.add.county("青禾县", "Qinghe", "demo")
        county = self.add.area("990100", ("青禾县", "Qinghe"), "county", None)
        self.village = self.add.area("990100001", ("石桥村", "Shiqiao"), "town", county)
        self.keeper = self.add.person("沈文启", "Shen Wenqi", None)
        self.add.post(self.keeper, "keeper", self.village)
        self.engine = Engine(self.clock)
        self.dispatcher = Dispatcher(self.clock, {"in_app": InAppChannel()}, "one")

    def wearer(self, n: int, channels: tuple[str, ...] = ("screen", "in_app")) -> tuple[int, int]:
        elder = self.add.person("王桂兰", "Wang Guilan", None)
        daughter = self.add.person("王晓燕", "Wang Xiaoyan", "0990 5000 0001", list(channels))
        new = NewSubject(NAME, "wearer", self.village, person_id=elder,
                         values={"n": n, "bed": "3"})  # fmt: skip
        subject = Subjects(self.clock, self.keys).register(
            new, By(self.keeper, "page", f"w{elder}")
        )
        self.add.contact(subject, daughter, "daughter", 0)
        return subject, daughter

    def until(self, hour: int, day: int = 2) -> None:
        """Move to an hour of a day in March 2026 and let the engine do what is due."""
        at = datetime_of(self.clock.now_us()).astimezone(CHINA)
        wanted = at.replace(day=day, hour=hour, minute=0, second=0, microsecond=0)
        self.clock.advance(seconds=(wanted - at).total_seconds())
        self.run()

    def run(self) -> None:
        for _turn in range(300):
            if not self.engine.run_once():
                return
        raise AssertionError("still busy")

    def told(self) -> list[tuple[str, int, int]]:
        rows = DailyNotice.objects.order_by("id")
        return [(one.day, one.subject_id, one.person_id) for one in rows]


@pytest.fixture
def town(data: Path, clock: MovableClock, tmp_path: Path) -> Iterator[Town]:
    scenarios.install(SCENARIO)
    yield Town(clock, KeyRing(tmp_path / "keys.db"))
    scenarios.forget(NAME)
    assert not Parked.objects.exists()


def test_notice_goes_out_at_its_local_time_once_a_day(town: Town) -> None:
    subject, daughter = town.wearer(7)
    town.until(19)
    assert town.told() == []
    assert town.engine.next_due_us() == plan.at_us(plan.day_of(town.clock.now_us()), "20:00")
    town.until(20)
    town.until(23)
    assert town.told() == [("2026-03-02", subject, daughter)]
    town.until(20, day=3)
    assert [day for day, *_who in town.told()] == ["2026-03-02", "2026-03-03"]
    sent = Delivery.objects.get(case_id=DailyNotice.objects.order_by("id")[0].id)
    assert (sent.channel, sent.purpose, sent.person_id) == ("in_app", "daily_notice", daughter)
    assert str(rebuild.check()) == "equal"


def test_notice_says_its_words_to_the_relative_with_the_full_name(town: Town) -> None:
    town.wearer(7)
    town.until(20)
    sent = Delivery.objects.get()
    zh = said_by(Rows(MAIN), sent, town.keys, is_english=False)
    en = said_by(Rows(MAIN), sent, town.keys, is_english=True)
    assert (zh.title, zh.text) == ("【演示】佩戴提醒", "【演示】青禾县：王桂兰7号今天戴了")
    assert (en.title, en.text) == ("[DEMO] Worn today", "[DEMO] Qinghe: Wang Guilan, no 7, wore it")
    town.dispatcher.run_once()
    assert Delivery.objects.get().state == "accepted"


def test_notice_with_nothing_to_say_is_not_sent(town: Town) -> None:
    town.wearer(0)
    town.until(20)
    assert town.told() == []
    assert DailyNoticeRun.objects.get().is_done


def test_notice_that_breaks_for_one_subject_tells_the_others(town: Town) -> None:
    broken, _ = town.wearer(13)
    fine, daughter = town.wearer(4)
    town.until(20)
    assert town.told() == [("2026-03-02", fine, daughter)]
    assert DailyNoticeRun.objects.get().broken == 1
    assert broken != fine


def test_notice_never_rings_and_counts_whom_it_cannot_reach(town: Town) -> None:
    town.wearer(4, channels=("voice", "screen"))
    town.until(20)
    assert Delivery.objects.count() == 0
    assert DailyNoticeRun.objects.get().unreachable == 1


def test_notice_after_an_outage_is_todays_alone(town: Town) -> None:
    """Down from the second to the fifth: at 21:00 of the fifth one message, the fifth's."""
    town.wearer(7)
    town.until(20)
    town.clock.advance(days=3, hours=1)
    Town.run(town)
    assert [day for day, *_who in town.told()] == ["2026-03-02", "2026-03-05"]


def test_notice_that_was_missed_yesterday_waits_for_this_evening(town: Town) -> None:
    town.wearer(7)
    town.until(19)
    town.clock.advance(hours=13)  # 08:00 of the third
    town.run()
    assert town.told() == []
    town.until(20, day=3)
    assert [day for day, *_who in town.told()] == ["2026-03-03"]


def test_notice_of_a_wearer_registered_after_its_time_begins_tomorrow(town: Town) -> None:
    town.until(21)
    town.wearer(7)
    town.run()
    town.until(23)
    assert town.told() == []
    town.until(20, day=3)
    assert [day for day, *_who in town.told()] == ["2026-03-03"]


def decided_and_killed(clock: MovableClock) -> None:
    with Appender(0, clock) as lane:
        acts.decide(lane, 0)
        raise Killed


def test_notice_killed_in_the_middle_tells_everybody_once(town: Town) -> None:
    """25 wearers go in parts of ten; each part is killed before its commit, then comes again."""
    made = [town.wearer(n) for n in range(20, 45)]
    town.clock.advance(hours=12)
    for _kill in range(9):
        with pytest.raises(Killed):
            decided_and_killed(town.clock)
        town.engine = Engine(town.clock)
        if not town.engine.run_once():
            break
    assert sorted(town.told()) == sorted(("2026-03-02", s, d) for s, d in made)
    assert DailyNoticeRun.objects.get().told == 25
    assert str(rebuild.check()) == "equal"


def test_notice_stops_with_the_consent(town: Town) -> None:
    """Taken back before its time nothing is queued, after it nothing leaves."""
    subject, daughter = town.wearer(7)
    person = Subject.objects.get(id=subject).person_id
    assert person is not None
    consents = Consents(town.clock, town.keys)
    by = By(town.keeper, "page", "c1")
    given = consents.give(NewConsent(person, "family_view", "v1", scope=(str(daughter),)), by)
    town.until(20)
    assert len(town.told()) == 1
    consents.withdraw(given, By(town.keeper, "page", "c2"))
    town.dispatcher.run_once()
    assert Delivery.objects.get().state == "withdrawn"
    town.until(20, day=3)
    assert len(town.told()) == 1


def test_notice_that_could_not_leave_that_day_is_not_sent_the_next(town: Town) -> None:
    town.wearer(7)
    town.until(20)
    town.until(8, day=3)
    town.add.person("任世平", "Ren Shiping", None)  # time passes in the journal
    town.dispatcher.run_once()
    assert Delivery.objects.get().state == "withdrawn"


def test_notice_is_no_business_of_a_keeper_or_stranger(town: Town) -> None:
    town.wearer(7)
    town.until(20)
    people = {person for _day, _subject, person in town.told()}
    assert town.keeper not in people
    assert len(people) == 1
