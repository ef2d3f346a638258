"""What opens a case, whom it calls by day and by night, and what it calls nobody for."""

from __future__ import annotations

from datetime import datetime

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import us_of
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.act import Command, ForbiddenError, act
from bihuan.loop.daily.models import DailyNotice
from bihuan.loop.models import Case, Happening, Step
from bihuan.register import entries as register
from bihuan.register.consents.acts import Consents, NewConsent
from bihuan.register.entries import FindingSaid
from bihuan.register.records import lists
from bihuan.register.records.doing import By
from bihuan.register.records.models import Record
from tests.county import World, asks, calls
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
NIGHT_H = 14  # the tests begin at 08:00


def found(world: World, rule: str, number: int = 0) -> None:
    """A rule says that something is so of the elder's band."""
    now_us = world.clock.now_us()
    said = FindingSaid(
        scenario="elder_care", rule=rule, version=1, kind="silence",
        subject_id=world.people.subject, lane=1, slot=0, position=3, number=number, n=1,
        what="opened", opened_us=now_us, cleared_us=None, since_us=None, measure=None,
        limit=None, unit="1", source="a test", severity="warning", known_us=now_us,
    )  # fmt: skip
    with Appender(FACTS_LANE, world.clock) as lane:
        lane.append(said)
    world.settle()


def skipped(world: World) -> list[str | None]:
    steps = Step.objects.filter(pursuit_id=world.pursuit.id).order_by("n")
    return list(steps.values_list("skipped", flat=True))


def test_lost_band_calls_family_and_village_by_day(world: World) -> None:
    """失联 is a risk: somebody is called, and after an hour of no answer the town."""
    people = world.people
    found(world, "link_lost")
    assert (world.case.kind, world.case.state) == ("band_lost", "awaiting_answer")
    assert world.phones.take() == calls(people.daughter, people.secretary)
    world.wait(hours=1)
    assert world.phones.take() == calls(people.town_officer)
    world.do("take", people.secretary)
    world.do("report", people.secretary)
    world.settle()
    assert world.phones.take() == asks(people.daughter)
    world.do("solved", people.daughter)
    assert world.case.outcome == "confirmed"
    assert differences() == []


def test_lost_band_at_night_calls_who_is_on_duty_and_wakes_no_family(world: World) -> None:
    people = world.people
    world.wait(hours=NIGHT_H)
    found(world, "link_lost")
    assert world.phones.take() == calls(people.secretary, people.town_officer)
    assert skipped(world)[0] == "not_now"
    world.wait(hours=9, minutes=59)
    assert people.daughter not in {person for person, _ in world.phones.take()}
    world.wait(minutes=1)
    assert world.phones.take() == calls(people.daughter)


def test_short_silence_opens_no_case(world: World) -> None:
    """Two hours are most often a charger."""
    found(world, "link_silent")
    assert not Case.objects.exists()


@pytest.mark.parametrize("rule", ["heart_rate_unusual", "systolic_unusual"])
def test_departure_from_the_own_usual_is_owed_a_look_and_no_phone_rings(
    world: World, rule: str
) -> None:
    """Two readings off one's own usual, within every limit: somebody looks in, by name."""
    people = world.people
    found(world, rule)
    assert (world.case.kind, world.case.state) == ("unusual", "new")
    assert world.clocks() == {"accept": "running"}
    with pytest.raises(ForbiddenError):
        world.do("accept", people.stranger)
    world.do("accept", people.secretary)
    assert (world.case.owner_id, world.clocks()["act"]) == (people.secretary, "running")
    with pytest.raises(BadInputError, match="text"):
        act(
            Command("close", world.case.id, people.secretary, "page", "bare"),
            world.clock,
            world.keys,
        )
    world.do("close", people.secretary, text="已看望，上臂袖带 132/80，人好")
    assert (world.case.state, world.case.outcome) == ("closed", "not_applicable")
    assert differences() == []


def test_both_signs_off_the_own_usual_are_one_case(world: World) -> None:
    found(world, "heart_rate_unusual")
    found(world, "systolic_unusual")
    assert (Case.objects.count(), world.case.signals) == (1, 2)


def test_departure_that_nobody_looks_at_is_told_to_doctor_and_village_then_the_town(
    world: World,
) -> None:
    people = world.people
    hold(world, people.stranger, "doctor")
    found(world, "heart_rate_unusual")
    told = told_until(world, hours=24)
    assert told >= {people.stranger, people.secretary}
    assert people.daughter not in told, "no relative is alarmed by a reading within every limit"
    assert world.case.level == 1
    assert people.town_officer in told_until(world, hours=24)
    assert world.case.level == 2


def test_doctor_and_village_are_told_by_name_next_morning_until_somebody_takes_it(
    world: World,
) -> None:
    """The tests begin at 08:00; the notice goes out at 08:30 and rings nobody's phone."""
    people = world.people
    hold(world, people.stranger, "doctor")
    for person in (people.stranger, people.secretary, people.daughter):
        world.add(
            register.PersonReachable(
                person_id=person, channel="in_app", address=world.keys.seal(person, "0"), rank=1
            )
        )
    found(world, "systolic_unusual")
    world.wait(hours=1)
    told = DailyNotice.objects.filter(name__startswith="unusual").values_list("name", "person_id")
    assert set(told) == {
        ("unusual", people.stranger),
        ("unusual_village", people.secretary),
    }
    world.do("accept", people.stranger)
    world.wait(hours=24)
    assert DailyNotice.objects.filter(name__startswith="unusual").count() == 2, "somebody has it"
    world.phones.take()


def hold(world: World, person: int, role: str) -> None:
    with Appender(FACTS_LANE, world.clock) as lane:
        post = register.PostHeld(
            person_id=person, role=role, area_id=world.people.town, from_us=0, until_us=None
        )
        lane.append(post)


def told_until(world: World, **later: float) -> set[int]:
    world.phones.take()
    world.wait(**later)
    return {person for person, _purpose in world.phones.take()}


@pytest.mark.parametrize("rule", ["not_worn", "battery_low"])
def test_reminder_stands_on_the_list_and_no_phone_rings(world: World, rule: str) -> None:
    people = world.people
    found(world, rule)
    found(world, rule, number=1)
    assert Case.objects.count() == 1
    assert (world.case.kind, world.case.state, world.case.signals) == ("band", "new", 2)
    with pytest.raises(ForbiddenError):
        world.do("close", people.stranger)
    world.do("accept", people.secretary)
    assert (world.case.state, world.case.owner_id) == ("in_progress", people.secretary)
    assert world.clocks()["act"] == "running"
    world.do("close", people.daughter, text="已充电")
    assert (world.case.state, world.case.outcome) == ("closed", "not_applicable")


@pytest.mark.parametrize(("withdrawn", "cases"), [("vitals", 0), ("position", 1)])
def test_who_asked_not_to_be_measured_is_not_sent_after_for_being_silent(
    world: World, withdrawn: str, cases: int
) -> None:
    """Let go, a pulse is missing for a day: that is no band that was taken off."""
    people = world.people
    by = By(people.secretary, "page", "1")
    consents = Consents(world.clock, world.keys)
    given = consents.give(NewConsent(people.elder, withdrawn, "2026-1"), by)
    consents.withdraw(given, By(people.elder, "page", "2"))
    found(world, "not_worn")
    assert Case.objects.count() == cases
    found(world, "link_lost")
    assert Case.objects.filter(kind="band_lost").count() == 1, "a band that is lost is told always"
    world.phones.take()
    assert differences() == []


@pytest.mark.parametrize("kind", ["off_wrist", "low_battery"])
def test_what_the_band_says_of_itself_is_told_as_a_risk(world: World, kind: str) -> None:
    """Many bands say `low battery` and never a percentage: no rule of readings would see it."""
    world.press(kind)
    world.settle()
    assert (world.case.kind, world.case.state) == ("band", "new")
    assert world.clocks() == {"accept": "running"}


def test_reminder_that_nobody_looks_at_is_told_to_the_village_after_a_day(world: World) -> None:
    world.press("off_wrist")
    world.settle()
    world.wait(hours=24)
    told = {person for person, _purpose in world.phones.take()}
    assert told == {world.people.secretary}
    assert world.case.level == 1


def test_low_battery_said_and_measured_is_one_reminder(world: World) -> None:
    world.press("low_battery")
    world.settle()
    found(world, "battery_low")
    assert Case.objects.count() == 1
    assert world.case.signals == 2


def test_wandering_calls_the_family_first_by_day(world: World) -> None:
    people = world.people
    found(world, "left_home")
    assert (world.case.kind, world.case.severity) == ("wandering", "critical")
    assert world.phones.take() == calls(people.daughter)
    world.wait(minutes=10)
    assert world.phones.take() == calls(people.secretary)


def test_wandering_by_night_calls_family_village_and_town_at_once(world: World) -> None:
    people = world.people
    world.wait(hours=NIGHT_H)
    found(world, "left_home")
    everybody = calls(people.daughter, people.secretary, people.town_officer)
    assert world.phones.take() == everybody
    world.wait(minutes=3)
    assert world.phones.take() == calls(people.commander)


def test_still_away_joins_the_case_and_does_not_open_a_second(world: World) -> None:
    found(world, "left_home")
    found(world, "still_away")
    assert Case.objects.count() == 1
    assert world.phones.take() == calls(world.people.daughter)


def test_vital_signs_go_on_to_the_doctor_and_the_town(world: World) -> None:
    people = world.people
    with Appender(FACTS_LANE, world.clock) as lane:
        post = register.PostHeld(
            person_id=people.stranger, role="doctor", area_id=people.town, from_us=0, until_us=None
        )
        lane.append(post)
    found(world, "spo2_points")
    assert world.case.playbook == "elder_care.vitals@4"
    assert world.phones.take() == calls(people.daughter, people.secretary)
    world.wait(minutes=10)
    assert world.phones.take() == calls(people.stranger, people.town_officer)
    world.do("take", people.stranger)
    world.do("refer", people.stranger, text="送县医院，3月16日前复查")
    world.do("hand_to_120", people.stranger, fields={"called_by": "doctor", "way": "direct"})
    assert (world.case.state, world.clocks()["progress"]) == ("in_progress", "running")


def test_120_is_an_act_of_an_sos_told_by_whom_when_by_which_call_and_its_order(
    world: World,
) -> None:
    """已转120 stands on the timeline, closes nothing, and the clock of progress begins anew."""
    people = world.people
    world.press()
    world.settle()
    world.phones.take()
    assert world.case.playbook == "elder_care.sos@3"
    world.do("take", people.secretary)
    with pytest.raises(BadInputError) as refused:
        world.do("hand_to_120", people.secretary, fields={"called_by": "somebody"})
    assert {fault.field for fault in refused.value.faults} == {"called_by", "way"}
    with pytest.raises(ForbiddenError):
        world.do("hand_to_120", people.stranger, fields={"called_by": "family", "way": "direct"})
    world.wait(minutes=20)
    said = {"called_by": "family", "way": "police", "called": "2026-03-02T08:19:00+08:00"}
    world.do(
        "hand_to_120", people.daughter, text="儿子在村口等车", fields={**said, "order": "T-0042"}
    )
    line = Happening.objects.get(case_id=world.case.id, kind="hand_to_120")
    assert (line.person_id, line.role, line.detail) == (people.daughter, "family", "family police")
    words = world.keys.open(line.text)
    assert words is not None
    assert words.splitlines() == [
        "儿子在村口等车",
        "几点打的：2026-03-02 08:19",
        "120任务号（120告诉了才填）：T-0042",
    ]
    assert world.case.state == "in_progress"
    kept_of_120(world)
    world.wait(minutes=29)
    assert world.case.state == "in_progress"
    world.wait(minutes=1)
    assert world.case.state == "awaiting_answer", "nobody said what became of it"
    world.phones.take()
    assert differences() == []


def kept_of_120(world: World) -> None:
    """The act filed the record, typed once; the stranger whom it refused filed none."""
    row = Record.objects.get(kind="handover")
    opened = lists.opened_row(row.id, world.keys, world.clock.now_us())
    assert opened is not None
    said = {name: opened[name] for name in ("called_by", "way", "order", "waits", "called")}
    assert said == {
        "called_by": "family", "way": "police", "order": "T-0042", "waits": "儿子在村口等车",
        "called": us_of(datetime.fromisoformat("2026-03-02T08:19:00+08:00")),
    }  # fmt: skip
    assert (row.state, row.subject_id) == ("called", world.people.subject)
    assert "村口" not in row.values


def test_120_that_was_clicked_twice_is_one_record_and_a_second_call_another(world: World) -> None:
    world.press()
    world.settle()
    world.phones.take()
    people, fields = world.people, {"called_by": "self", "way": "direct"}
    world.do("take", people.secretary)
    once = Command("hand_to_120", world.case.id, people.secretary, "page", "same", fields=fields)
    assert act(once, world.clock, world.keys) == act(once, world.clock, world.keys)
    row = Record.objects.get(kind="handover")
    assert f'"called":{world.clock.now_us()}' in row.values.replace(" ", ""), "when it was said"
    world.do("hand_to_120", people.secretary, fields=fields)
    assert Record.objects.filter(kind="handover").count() == 2
    assert differences() == []


def test_120_is_said_and_kept_of_readings_off_the_own_usual(world: World) -> None:
    found(world, "heart_rate_unusual")
    world.do("accept", world.people.secretary)
    world.do(
        "hand_to_120", world.people.secretary, fields={"called_by": "village", "way": "direct"}
    )
    assert (world.case.state, world.clocks()["act"]) == ("in_progress", "running")
    assert Record.objects.filter(kind="handover").count() == 1


def test_fall_calls_as_the_key_does(world: World) -> None:
    world.press("fall")
    world.settle()
    assert world.case.kind == "sos"
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_unanswered_family_ends_at_a_superior_who_is_called_and_called_again(world: World) -> None:
    """Never closed by itself: after the third question the town is called, each day anew."""
    people = world.people
    world.press()
    world.settle()
    world.do("take", people.secretary)
    world.do("report", people.secretary)
    world.phones.take()
    world.wait(days=3)
    told = world.phones.take()
    assert told[people.daughter, "ask"] == 3
    superiors = {person for person, purpose in told if purpose not in ("ask", "call")}
    assert people.town_officer in superiors
    assert world.case.state == "awaiting_confirmation"
    world.wait(days=1)
    again = world.phones.take()
    assert {person for person, _ in again} >= {people.town_officer}
    world.do("sign_no_reply", people.town_officer, text="三次未回复，村里已当面看过")
    assert world.case.outcome == "no_reply"
