"""Clocks in days: counted by the law's rule, extended, suspended, watched; counted by hand here.

The county begins on Monday 2 March 2026, 08:00. Days counted exclude the first and end at 24:00.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import CHINA, DAY_US, us_of
from bihuan.loop import due
from bihuan.loop.act import ForbiddenError, may
from bihuan.loop.clocks.entries import DaySaid
from bihuan.loop.clocks.models import ClockChange
from bihuan.loop.clocks.settings import Figure, set_days, set_limit
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.supervision.models import Supervision
from bihuan.register.entries import Actor
from tests.county import World
from tests.loop.test_matters import bring
from tests.matters import reported
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
BY = Actor(person_id=None, role="administrator", via="page")


def close_of(year: int, month: int, day: int) -> int:
    """24:00 of a day in China, µs."""
    return us_of(datetime(year, month, day, tzinfo=CHINA) + timedelta(days=1))


def clock_of(case: int, kind: str) -> CaseClock:
    return CaseClock.objects.filter(case_id=case, kind=kind).order_by("-id")[0]


def test_accept_clock_runs_one_working_day_after_the_first(world: World) -> None:
    case = reported(world)
    assert clock_of(case, "accept").due_us == close_of(2026, 3, 3)


def test_act_clock_of_twenty_working_days_counts_the_make_up_days(world: World) -> None:
    """From 2 March: 3 to 6, four weeks of five make 24 days … the 20th is Monday 30 March."""
    case = bring(world, "accept")
    clock = clock_of(case, "act")
    assert (clock.due_us, clock.is_provisional) == (close_of(2026, 3, 30), False)


def test_clock_over_the_year_end_is_provisional_until_the_notice_comes(world: World) -> None:
    """From Thursday 17 December 2026, 20 working days with 1 January off: Friday 15 January 2027.

    The notice then gives 1 to 3 January off and makes Saturday 9 January work: one day sooner.
    """
    world.wall.advance(days=(date(2026, 12, 17) - date(2026, 3, 2)).days)
    case = bring(world, "accept")
    assert clock_of(case, "act").is_provisional
    assert clock_of(case, "act").due_us == close_of(2027, 1, 15)
    rows = [DaySaid(date=f"2027-01-{n:02}", is_working=False, name="元旦") for n in (1, 2, 3)]
    rows += [DaySaid(date="2027-01-09", is_working=True, name="元旦")]
    rows += [DaySaid(date=f"2027-02-{n:02}", is_working=False, name="春节") for n in range(5, 15)]
    set_days(rows, "a notice", 2027, BY, world.clock)
    world.settle()
    clock = clock_of(case, "act")
    assert (clock.due_us, clock.is_provisional) == (close_of(2027, 1, 14), False)
    assert differences() == []


def test_notice_without_the_statutory_days_is_refused(world: World) -> None:
    with pytest.raises(BadInputError, match="13 statutory days"):
        set_days([], "a notice", 2027, BY, world.clock)
    with pytest.raises(BadInputError, match="dates such as"):
        set_days(
            [DaySaid(date="soon", is_working=True, name="")], "a notice", None, BY, world.clock
        )


def ask_more(world: World, case: int, days: int) -> None:
    fields = {"clock": "act", "days": f"{days}"}
    world.do("ask_extension", world.people.secretary, case=case, fields=fields, text="等材料")


def test_extension_is_granted_by_another_person_and_moves_the_due_day(world: World) -> None:
    """Five working days more: from Monday 30 March over 4 to 6 April (清明) to Tuesday 7 April."""
    case, people = bring(world, "begin"), world.people
    ask_more(world, case, 5)
    for who in (people.secretary, people.town_officer, people.stranger):
        with pytest.raises(ForbiddenError):
            world.do("grant_extension", who, case=case)
    world.do("grant_extension", people.commander, case=case)
    assert clock_of(case, "act").due_us == close_of(2026, 4, 7)
    with pytest.raises(BadInputError, match="at most 10"):
        ask_more(world, case, 6)
    ask_more(world, case, 5)
    world.do("refuse_extension", people.commander, case=case, text="够了")
    assert clock_of(case, "act").due_us == close_of(2026, 4, 7)
    world.settle()
    world.phones.take()
    assert differences() == []


def test_nobody_grants_what_they_asked_for(world: World) -> None:
    case, people = bring(world, "accept"), world.people
    target = {"target": f"person:{people.commander}"}
    world.do("assign", people.town_officer, case=case, fields=target)
    world.do("receive", people.commander, case=case)
    fields = {"clock": "act", "days": "3"}
    world.do("ask_extension", people.commander, case=case, fields=fields)
    with pytest.raises(BadInputError, match="another person"):
        world.do("grant_extension", people.commander, case=case)
    found = Case.objects.get(id=case)
    assert not may(found, people.commander, "grant_extension", world.clock.now_us())
    world.settle()
    world.phones.take()


def test_suspension_stops_the_clock_and_costs_the_days_that_it_holds(world: World) -> None:
    """Suspended from 2 March 08:00 to 12 March 08:00: the closes of 2 to 11 March are not counted.

    Seven working days of them would have counted (3 to 6, 9 to 11): 30 March becomes 9 April, since
    4 to 6 April are off (清明).
    """
    case, people = bring(world, "begin"), world.people
    until = {"until": "2026-04-01T08:00:00+08:00"}
    world.do("ask_suspension", people.secretary, case=case, fields=until, text="等鉴定")
    world.do("grant_suspension", people.commander, case=case)
    assert Case.objects.get(id=case).is_suspended
    assert clock_of(case, "act").state == "suspended"
    world.wait(days=10)
    world.phones.take()
    assert clock_of(case, "act").state == "suspended", "it stands still and nothing is raised"
    world.do("resume", people.commander, case=case)
    clock = clock_of(case, "act")
    assert (clock.state, clock.due_us) == ("running", close_of(2026, 4, 9))
    assert not Case.objects.get(id=case).is_suspended
    assert differences() == []


def test_suspension_ends_by_itself_when_its_time_is_over(world: World) -> None:
    case, people = bring(world, "begin"), world.people
    until = {"until": "2026-03-12T08:00:00+08:00"}
    world.do("ask_suspension", people.secretary, case=case, fields=until, text="等鉴定")
    world.do("grant_suspension", people.commander, case=case)
    world.wait(days=9, hours=23)
    assert clock_of(case, "act").state == "suspended"
    world.wait(hours=1)
    assert clock_of(case, "act").due_us == close_of(2026, 4, 9)
    world.phones.take()


def test_suspension_beyond_a_year_or_into_the_past_is_refused(world: World) -> None:
    case = bring(world, "begin")
    for until in ("2026-03-01T00:00:00+08:00", "2027-03-10T00:00:00+08:00", "tomorrow"):
        with pytest.raises(BadInputError, match="until"):
            world.do("ask_suspension", world.people.secretary, case=case, fields={"until": until})
    world.phones.take()


def test_county_figure_holds_for_cases_opened_from_its_day_on(world: World) -> None:
    """Three working days to accept from 1 April on; a case of 31 March keeps its one day."""
    from_us = us_of(datetime(2026, 4, 1, tzinfo=CHINA))
    figure = Figure("town_matters", "road", "accept", 3, "working", "县政府文件", "青禾县", from_us)
    reported(world, "before any")
    set_limit(figure, BY, world.clock)
    world.wall.advance(days=29)
    early = reported(world, "a")
    world.wall.advance(days=1)
    late = reported(world, "b")
    assert clock_of(early, "accept").due_us == close_of(2026, 4, 1)
    # Wednesday 1 April: 2 and 3 count, 4 to 6 are off, Tuesday 7 is the third
    assert clock_of(late, "accept").due_us == close_of(2026, 4, 7)


def test_county_figure_never_turns_hours_into_days(world: World) -> None:
    figure = Figure("elder_care", "sos", "answer", 3, "working", "x", "y", world.clock.now_us())
    with pytest.raises(BadInputError, match="unit"):
        set_limit(figure, BY, world.clock)
    figure = Figure("elder_care", "sos", "answer", 60, "seconds", "x", "y", world.clock.now_us())
    set_limit(figure, BY, world.clock)
    world.press()
    world.settle()
    assert clock_of(world.case.id, "answer").due_us == world.case.opened_us + 60_000_000
    world.phones.take()


def levels(case: int) -> list[int]:
    raised = Supervision.objects.filter(case_id=case).order_by("id")
    return list(raised.values_list("level", flat=True))


def test_supervision_rises_by_itself_with_the_share_of_the_limit(world: World) -> None:
    """2 March 08:00 to 31 March 00:00 is 28 days 16 hours: 0.8 of it, all, half more, twice."""
    case, people = bring(world, "begin"), world.people
    world.phones.take()
    start_us, limit_us = clock_of(case, "act").set_us, 28 * DAY_US + 16 * DAY_US // 24
    for share, want in ((0.79, []), (0.81, [1]), (1.01, [1, 1]), (1.51, [1, 1, 2])):
        ahead_us = start_us + round(limit_us * share) - world.clock.now_us()
        world.wait(microseconds=ahead_us)
        assert levels(case) == want, share
    told = world.phones.take()
    assert told[people.commander, "supervise"] == told[people.secretary, "supervise"] == 3
    assert Case.objects.get(id=case).level == 2
    world.do("lift", people.commander, case=case, text="已到现场")
    assert Case.objects.get(id=case).level == 0
    world.wait(days=30)
    assert Case.objects.get(id=case).level == 3, "while it is overdue it comes again, every day"
    assert levels(case).count(3) > 10
    world.phones.take()


def test_outage_raises_the_highest_level_once(world: World) -> None:
    """Sixty days in which nothing ran: one message of the third level, not a storm of steps."""
    case = bring(world, "begin")
    world.phones.take()
    world.wall.advance(days=60)
    world.settle()
    assert levels(case) == [3]
    assert world.phones.take() == {
        (world.people.commander, "supervise"): 1,
        (world.people.secretary, "supervise"): 1,
    }


def test_supervision_by_hand_is_a_superiors_with_a_reason_and_only_rises(world: World) -> None:
    case, people = bring(world, "begin"), world.people
    for who in (people.secretary, people.town_officer, people.stranger):
        with pytest.raises(ForbiddenError):
            world.do("supervise", who, case=case, fields={"level": "2"})
    with pytest.raises(BadInputError, match="text"):
        world.do("supervise", people.commander, case=case, fields={"level": "2"}, text="")
    world.do("supervise", people.commander, case=case, fields={"level": "2"}, text="拖了")
    with pytest.raises(BadInputError, match="above 2"):
        world.do("supervise", people.commander, case=case, fields={"level": "1"}, text="拖了")
    world.settle()
    assert world.phones.take()[people.secretary, "supervise"] == 1


def test_emergency_offers_no_suspension(world: World) -> None:
    """The clocks of an SOS are hours: nothing of its playbook lets them stand still."""
    world.press()
    world.settle()
    assert not ClockChange.objects.exists()
    now_us = world.clock.now_us()
    for who in world.people.everybody:
        with pytest.raises(BadInputError, match="act"):
            may(world.case, who, "ask_suspension", now_us)
    world.phones.take()


def test_calls_that_are_due_come_before_clocks_that_are(world: World) -> None:
    """A clock is missed at its own time however late that is written down; a call is not."""
    world.press()
    world.settle()
    world.phones.take()
    world.wall.advance(hours=2)
    found = due.first_due(10, world.clock.now_us())
    kinds = [one.kind for one in found]
    assert set(kinds) >= {"pursuit", "clock"}
    assert kinds.index("pursuit") < kinds.index("clock")
    assert min(found).kind == "clock", "the clock fell due no later"
    world.settle()
    world.phones.take()
