"""What a rule says opens a case, joins it or is a line on it; nothing it says closes one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bihuan.base.time import MINUTE_US
from bihuan.console.case_page import signal_detail
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE, Entry, Parked
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.loop import decide_finding, due, engine, entries
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Happening
from bihuan.loop.playbook import playbook_for
from bihuan.register.entries import FindingSaid, Said, SignalReceived
from bihuan.register.scheme import Facts
from bihuan.rules.live import LiveRules
from bihuan.rules.models import Finding
from bihuan.scenarios.elder_care.rules import RULES
from tests.county import World, calls
from tests.loop.test_faults import broken
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def say(
    world: World,
    what: Said = "opened",
    number: int = 0,
    n: int = 1,
    rule: str = "heart_rate_high",
    ago_us: int = 0,
) -> int:
    """A statement about the elder's band; its position."""
    now_us = world.clock.now_us()
    said = FindingSaid(
        scenario="elder_care",
        rule=rule,
        version=1,
        kind="beyond",
        subject_id=world.people.subject,
        lane=1,
        slot=0,
        position=3,
        number=number,
        n=n,
        what=what,
        opened_us=now_us - ago_us,
        cleared_us=now_us if what == "cleared" else None,
        since_us=now_us - ago_us - MINUTE_US,
        measure=150.0,
        limit=130.0,
        unit="bpm",
        source="a test",
        severity="danger",
        known_us=now_us,
    )
    with Appender(FACTS_LANE, world.clock) as lane:
        return lane.append(said).position


def family_and_village(world: World) -> None:
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def lines(case: int) -> list[tuple[str, str | None]]:
    found = Happening.objects.filter(case_id=case, kind__startswith="finding_").order_by("id")
    return list(found.values_list("kind", "detail"))


def test_readings_beyond_a_limit_call_the_family_and_the_village(world: World) -> None:
    """From the journal's readings to ringing phones, with the reason on the case."""
    rules = LiveRules(world.clock, {"elder_care": RULES})
    rules.run_once()
    now_us = world.clock.now_us()
    subject, device = world.people.subject, world.people.device
    rows = [
        NewReading(subject, device, 1, "heart_rate", "bpm", at_us, 150.0, 0, now_us)
        for at_us in (now_us - MINUTE_US, now_us)
    ]
    append_readings(rows, seen0=seen0_now(), clock=world.clock)
    while rules.run_once():
        pass
    world.settle()
    family_and_village(world)
    case = world.case
    assert (case.kind, case.subject_id, case.state) == ("vitals", subject, "awaiting_answer")
    assert lines(case.id) == [("finding_opened", "heart_rate_high 150 > 130 bpm")]
    assert Finding.objects.get().what == "opened"
    assert signal_detail(case, world.keys) is None
    assert differences() == []


def test_finding_again_joins_its_case_and_calls_nobody_twice(world: World) -> None:
    say(world)
    world.settle()
    family_and_village(world)
    say(world, "cleared", n=2)
    say(world, number=1)
    say(world, rule="systolic_high")
    world.settle()
    assert Case.objects.count() == 1
    assert world.case.signals == 3
    assert [kind for kind, _ in lines(world.case.id)] == [
        "finding_opened",
        "finding_cleared",
        "finding_opened",
        "finding_opened",
    ]


def test_finding_while_the_family_is_asked_calls_again(world: World) -> None:
    say(world)
    world.settle()
    family_and_village(world)
    world.do("take", world.people.secretary)
    world.do("report", world.people.secretary)
    world.settle()
    world.phones.take()
    say(world, number=1)
    world.settle()
    assert world.case.state == "awaiting_answer"
    family_and_village(world)


@pytest.mark.parametrize("what", ["cleared", "revised", "withdrawn"])
def test_later_statement_stands_on_the_case_and_closes_nothing(world: World, what: Said) -> None:
    say(world)
    world.settle()
    family_and_village(world)
    say(world, what, n=2)
    world.settle()
    assert world.case.state == "awaiting_answer"
    assert lines(world.case.id)[-1][0] == f"finding_{what}"
    assert world.clocks()["answer"] == "running"
    assert differences() == []


def test_finding_that_no_playbook_names_is_set_aside(world: World) -> None:
    say(world, rule="link_silent")
    say(world, "cleared", n=2, rule="link_silent")
    world.settle()
    assert Case.objects.count() == 0
    assert world.types("finding.set_aside.v1") == ["finding.set_aside.v1"] * 2
    before = world.position
    world.engine = Engine(world.clock)  # a restart decides nothing again
    world.settle()
    assert world.position == before


def test_finding_from_long_ago_calls_and_is_marked_late(world: World) -> None:
    say(world, ago_us=16 * MINUTE_US)
    world.settle()
    family_and_village(world)
    assert world.case.is_late


def test_sos_and_finding_are_two_cases(world: World) -> None:
    world.press()
    say(world)
    world.settle()
    world.phones.take()
    assert sorted(Case.objects.values_list("kind", flat=True)) == ["sos", "vitals"]


def test_sos_is_decided_before_a_hundred_findings(world: World) -> None:
    for number in range(100):
        say(world, "revised", number=number)
    world.press()
    assert world.engine.run_once() == 1
    assert world.case.kind == "sos"
    world.settle()
    family_and_village(world)
    assert len(world.types("finding.set_aside.v1")) == 100


def test_finding_whose_decision_breaks_is_a_fault_and_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = say(world)
    say(world, rule="systolic_high")
    good = decide_finding.decide_finding

    def breaks(lane: Appender, finding: object) -> None:
        if getattr(finding, "position", None) == first:
            raise ZeroDivisionError("a fault of ours")
        good(lane, finding)  # type: ignore[arg-type]

    stream = engine.FINDING_STREAM._replace(decide=breaks)
    monkeypatch.setitem(due._streams, stream.entry_type, stream)
    world.settle()
    family_and_village(world)
    assert [parked.type for parked in Parked.objects.all()] == ["FindingSaid"]
    assert [kind for kind, _ in lines(world.case.id)] == ["finding_opened"]
    assert differences() == []


def test_finding_of_a_parked_case_makes_no_endless_entries(world: World) -> None:
    with broken(entries.CaseOpened):
        say(world)
        world.settle()
    say(world, "cleared", n=2)
    world.settle()
    before = world.position
    world.settle()
    assert world.position == before
    assert Parked.objects.count() == 1


def test_a_finding_that_concerns_nothing_now_is_set_aside_and_opens_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`at_stake` is asked with the subject's facts and the rule's name; where it says no, nobody
    is called, and the same finding's later words open nothing either.
    """
    asked = list[tuple[object, str]]()

    def is_high(facts: Facts, rule: str) -> bool:
        asked.append((facts.values["id"], rule))
        return rule == "systolic_high"

    vitals = playbook_for("elder_care", "heart_rate_high")
    assert vitals is not None
    choosy = replace(vitals, at_stake=is_high)
    monkeypatch.setattr(decide_finding, "playbook_for", lambda _scenario, _rule: choosy)
    say(world)
    world.settle()
    say(world, "cleared", n=2)
    world.settle()
    assert not Case.objects.exists()
    assert not world.phones.take()
    assert asked == [(world.people.subject, "heart_rate_high")]
    said = Entry.objects.filter(type__startswith="finding.set_aside").order_by("position")
    reasons = [json.loads(bytes(entry.body or b""))["reason"] for entry in said]
    assert reasons == ["nothing was at stake", "no case came of this finding"]
    say(world, number=1, rule="systolic_high")
    world.settle()
    family_and_village(world)
    assert (world.case.kind, world.case.signals) == ("vitals", 1)


def test_what_another_system_posted_stands_on_the_case_that_it_opened(world: World) -> None:
    """It has no frame: its words are shown as they came."""
    posted = world.keys.seal(world.people.elder, json.dumps({"detail": "51 ℃"}))
    subject = world.people.subject
    signal = SignalReceived(
        kind="sos", subject_id=subject, device_id=None, at_us=None, detail=posted
    )
    with Appender(FACTS_LANE, world.clock) as lane:
        lane.append(signal)
    world.settle()
    family_and_village(world)
    shown = signal_detail(world.case, world.keys)
    assert shown is not None
    assert "51 ℃" in shown["text"]
    assert (shown["raw"], shown["decoded"], shown["fix"]) == ("", "", None)
