"""Deciding again compares and changes nothing."""

from __future__ import annotations

import dataclasses

import pytest

from bihuan.journal.models import Head
from bihuan.loop import playbook
from bihuan.loop.playbook import Limit
from bihuan.loop.recompute import recompute
from tests.county import World

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
    known = dict(playbook._playbooks)
    (key,) = [k for k in known if k.startswith("elder_care.sos")]
    slower = dataclasses.replace(known[key], answer=Limit(999, "test", "2026-01-01", "here"))
    monkeypatch.setitem(playbook._playbooks, key, slower)
    monkeypatch.setattr(playbook, "_by_signal", {("elder_care", "sos"): slower})
    others = list(recompute())
    assert [other.position for other in others] == sorted(other.position for other in others)
    assert len(others) == 2, "the first press and the second one set an answer clock"
    assert "clock=ClockSet(kind='answer'" in others[0].stands
