"""Work orders over the API: only by a key that was made for that very platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from bihuan.base.time import MovableClock
from bihuan.console import home
from bihuan.console.access import keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.journal.keys import KeyRing
from bihuan.loop.exchange.acts import Exchange
from bihuan.loop.models import Case
from bihuan.loop.scenario import install
from tests.console.test_api_keys import System
from tests.county import World
from tests.loop.test_exchange import MAPPING, OPERATOR, order
from tests.matters import MATTERS

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def world(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    home.clock.cache_clear()
    home.keys.cache_clear()
    install(MATTERS)
    made = World(clock, KeyRing(data / "keys.db"))
    Exchange(clock, made.keys).set_up("p12345", "12345", MAPPING, OPERATOR)
    yield made
    home.clock.cache_clear()
    home.keys.cache_clear()


def system(world: World, name: str = "p12345", verbs: tuple[str, ...] = ("exchange",)) -> System:
    wanted = Wanted(name, world.people.commander, 30, verbs=verbs, area_id=world.people.town)
    return System(keys.make(wanted, Desk.here()))


def test_platform_hands_over_asks_and_is_told(world: World) -> None:
    platform = system(world)
    answer = platform.post("/exchange/p12345/orders", {"orders": [order(), order("A2", 事项="x")]})
    assert answer.status_code == 200
    taken = json.loads(answer.content)["orders"]
    assert [(one["row"], one["what"]) for one in taken] == [(1, "new"), (2, "refused")]
    assert taken[1]["faults"][0]["field"] == "事项"
    page = json.loads(platform.get("/exchange/p12345/replies").content)
    assert [reply["state"] for reply in page["replies"]] == ["待签收"]
    rest = platform.get("/exchange/p12345/replies", cursor=page["next"])
    assert json.loads(rest.content) == {"replies": [], "next": page["next"]}


def test_same_idempotency_key_hands_over_once(world: World) -> None:
    platform = system(world)
    for _ in range(2):
        platform.post("/exchange/p12345/orders", {"orders": [order()]}, key="once")
    assert Case.objects.count() == 1


def test_key_of_another_platform_or_verb_and_the_stranger_are_refused(world: World) -> None:
    for other in (system(world, "p141"), system(world, verbs=("read",)), system(world, verbs=())):
        assert other.get("/exchange/p12345/replies").status_code == 403
        assert other.get("/exchange/p12345/sent").status_code == 403
        refused = other.post("/exchange/p12345/orders", {"orders": [order()]})
        assert refused.status_code == 403
        said = {"number": "BH1", "state": "x"}
        assert other.post("/exchange/p12345/answers", said).status_code == 403
    assert Client().get("/api/v1/exchange/p12345/replies").status_code == 401
    assert Case.objects.count() == 0
