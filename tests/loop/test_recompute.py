"""Deciding again compares and changes nothing."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from bihuan.base.time import datetime_of
from bihuan.journal.models import Head
from bihuan.loop import playbook
from bihuan.loop.playbook import Limit
from bihuan.loop.recompute import recompute
from tests.county import World
from tests.matters import reported

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def a_case_that_climbs(world: World) -> None:
    people = world.people
    world.press()
    world.settle()
    world.wait(minutes=4)
    world.press()
    world.settle()
    world.do("take", people.secretary)
    world.do("report", people.secretary, text="已到家")
    world.settle()
    world.do("solved", people.daughter)
    world.settle()
    assert sum(world.phones.take().values()) > 3


def test_same_decider_says_the_same(world: World) -> None:
    a_case_that_climbs(world)
    before = Head.objects.get(lane=0).position
    assert list(recompute()) == []
    assert Head.objects.get(lane=0).position == before


def test_another_limit_is_another_decision_named_by_position(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_case_that_climbs(world)
    newest = playbook.newest("elder_care", "sos")
    slower = dataclasses.replace(newest, answer=Limit(999, "test", "2026-01-01", "here"))
    monkeypatch.setitem(playbook._playbooks, newest.key, slower)
    monkeypatch.setattr(playbook, "_by_signal", {("elder_care", "sos"): slower})
    others = list(recompute())
    assert [other.position for other in others] == sorted(other.position for other in others)
    assert len(others) == 2, "the first press and the second one set an answer clock"
    assert "ClockSet(kind='answer'" in others[0].stands


def a_matter_that_runs_over(world: World) -> None:
    """Reported, supervised by its clocks, paused until a day, and its clock counted anew."""
    people = world.people
    case = reported(world)
    world.wait(days=4)  # not accepted in time: supervised by the clock
    world.do("accept", people.town_officer)
    world.do("assign", people.town_officer, fields={"target": f"person:{people.secretary}"})
    world.do("receive", people.secretary)
    world.do("begin", people.secretary)
    until = (datetime_of(world.clock.now_us()) + timedelta(days=5)).isoformat()
    world.do("ask_suspension", people.secretary, case, {"until": until})
    world.do("grant_suspension", people.commander, case)
    world.wait(days=60)
    assert {"supervision.raised.v1", "clock.resumed.v1"} <= set(world.types())
    world.phones.take()


def test_same_decider_says_the_same_of_matters_watches_and_pauses(world: World) -> None:
    a_matter_that_runs_over(world)
    assert list(recompute()) == []


def test_another_watch_is_another_decision(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_matter_that_runs_over(world)
    known = dict(playbook._playbooks)
    (key,) = [k for k in known if k.startswith("town_matters.road")]
    sterner = [
        dataclasses.replace(
            rule, watches=tuple(dataclasses.replace(w, level=3) for w in rule.watches)
        )
        for rule in known[key].clocks
    ]
    monkeypatch.setitem(
        playbook._playbooks, key, dataclasses.replace(known[key], clocks=tuple(sterner))
    )
    others = list(recompute())
    assert others
    assert all("SupervisionRaised" in other.stands for other in others)
    assert all("level=3" in other.now for other in others)
