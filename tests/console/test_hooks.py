"""Webhooks out: told once it happened, signed, in order, tried again, and visibly given up."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.console import home
from bihuan.console.access import keys
from bihuan.console.access.keys import Key, Wanted
from bihuan.console.accounts import Desk
from bihuan.console.hooks import outbox
from bihuan.console.hooks.models import Hook, HookCall
from bihuan.console.hooks.subscribe import MOST, cancel, subscribe
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.loop.providers.provider import Reply, Request
from bihuan.loop.providers.sender import Sender
from bihuan.register.accounts.models import Subscription
from tests.console.place import BACKEND
from tests.county import World
from tests.loop.providers.loopback import Loopback, Played
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
GOOD = Played("POST", "/hook", "{}")
BAD = Played("POST", "/hook", "no", status=500)
PAUSES_S = (10, 60, 300, 1800, 7200, 21600, 43200)  # docs/api.md


@pytest.fixture
def world(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    home.clock.cache_clear()
    home.keys.cache_clear()
    world = World(clock, KeyRing(data / "keys.db"))
    yield world
    home.clock.cache_clear()
    home.keys.cache_clear()


def text_of_key(person: int, **limits: Any) -> str:
    return keys.make(Wanted("12345 平台", person, 30, **limits), Desk.here())


def key_of(world: World, person: int | None = None, **limits: Any) -> Key:
    text = text_of_key(world.people.commander if person is None else person, **limits)
    key = keys.key_of(text, world.clock.now_us())
    assert key is not None
    return key


def listen(world: World, far: Loopback, *events: str, **more: Any) -> tuple[int, str]:
    area = more.pop("area", None)
    wanted = events or ("case.opened",)
    return subscribe(key_of(world, **more), f"{far.url}/hook", wanted, area, world.clock)


def happen(world: World, times: int = 1) -> None:
    """So many cases open."""
    for _n in range(times):
        world.signal(world.subject())
    world.settle()


def turn(world: World) -> int:
    return outbox.run_once(world.clock, Sender(2))


def test_call_is_signed_over_time_id_and_body(world: World, far: Loopback) -> None:
    """The rule of docs/api.md, computed here by hand."""
    hook, secret = listen(world, far)
    happen(world)
    far.plays(GOOD)
    turn(world)
    (got,) = far.got
    at_s, name = world.clock.now_us() // 1_000_000, got.headers["bihuan-id"]
    signed = hmac.new(secret.encode(), f"{at_s}.{name}.".encode() + got.body, hashlib.sha256)
    assert got.headers["bihuan-signature"] == f"t={at_s},v1={signed.hexdigest()}"
    said = json.loads(got.body)
    assert (said["id"], got.headers["bihuan-event"]) == (name, "case.opened")
    assert name.startswith(f"{hook}-")
    assert said["case"]["id"] == world.case.id


def test_call_names_no_person(world: World, far: Loopback) -> None:
    listen(world, far)
    happen(world)
    far.plays(GOOD)
    turn(world)
    text = far.got[0].body.decode()
    assert not any(word in text for word in ("王", "桂兰", "Wang", "subject", "address"))


def test_events_come_once_in_their_order_from_the_subscription_on(
    world: World, far: Loopback
) -> None:
    happen(world)  # before: nobody is told
    listen(world, far, "case.opened", "case.taken")
    happen(world, 2)
    world.do("take", world.people.secretary)
    far.plays(GOOD, GOOD, GOOD)
    for _turn in range(6):
        turn(world)
    told = [json.loads(got.body)["event"] for got in far.got]
    assert told == ["case.opened", "case.opened", "case.taken"]
    assert set(HookCall.objects.values_list("state", "tries")) == {("sent", 1)}


@pytest.mark.parametrize(("who", "calls"), [("commander", 1), ("secretary", 1), ("stranger", 0)])
def test_only_what_the_key_may_see_is_told(
    world: World, far: Loopback, who: str, calls: int
) -> None:
    listen(world, far, person=getattr(world.people, who))
    happen(world)
    far.plays(*[GOOD] * calls)
    turn(world)
    assert len(far.got) == calls


def test_only_the_area_that_was_asked_for_is_told(world: World, far: Loopback) -> None:
    elsewhere = world.area("330499", "town", world.people.county)
    listen(world, far, area=elsewhere)
    happen(world)
    turn(world)
    assert far.got == []


def test_call_that_fails_is_tried_again_later_and_later_then_given_up_visibly(
    world: World, far: Loopback
) -> None:
    hook, _secret = listen(world, far)
    happen(world)
    far.plays(*[BAD] * 8)
    turn(world)
    for n, pause_s in enumerate(PAUSES_S):
        assert len(far.got) == n + 1
        world.wall.advance(seconds=pause_s - 1)
        assert turn(world) == 0
        world.wall.advance(seconds=1)
        turn(world)
    assert len(far.got) == 8
    call = HookCall.objects.get()
    assert (call.state, call.tries, call.told) == ("given_up", 8, "HTTP 500")
    assert Subscription.objects.get(id=hook).ended == "failed"
    said = json.loads(bytes(Entry.objects.get(type="subscription.ended.v1").body or b""))
    assert said["reason"] == "failed"
    happen(world)
    world.wall.advance(days=2)
    assert turn(world) == 0


def test_one_failure_holds_later_calls_back_and_nobody_elses(world: World, far: Loopback) -> None:
    other = Loopback()
    listen(world, far)
    subscribe(key_of(world), f"{other.url}/hook", ["case.opened"], None, world.clock)
    happen(world, 2)
    far.plays(BAD)
    other.plays(GOOD, GOOD)
    turn(world)
    turn(world)
    assert (len(far.got), len(other.got)) == (1, 2)
    far.plays(GOOD, GOOD)
    world.wall.advance(seconds=10)
    turn(world)
    turn(world)
    positions = [int(got.headers["bihuan-id"].split("-")[1]) for got in far.got]
    assert positions == sorted(positions)
    assert Hook.objects.get(id=min(Hook.objects.values_list("id", flat=True))).failed == 0
    other.close()
    assert other.unexpected == []


@pytest.mark.parametrize("played", [Played("POST", "/hook", "x" * 9, how="cut"), BAD])
def test_answer_that_is_no_success_is_a_failure(
    world: World, far: Loopback, played: Played
) -> None:
    listen(world, far)
    happen(world)
    far.plays(played)
    turn(world)
    assert HookCall.objects.get().state == "waiting"
    assert Hook.objects.get().failed == 1


def test_redirect_is_not_followed(world: World, far: Loopback) -> None:
    listen(world, far)
    happen(world)
    far.plays(Played("POST", "/hook", "", status=302, headers={"Location": f"{far.url}/other"}))
    turn(world)
    assert HookCall.objects.get().told == "HTTP 302"


def test_sender_that_was_killed_leaves_a_lease_and_the_call_goes_again(
    world: World, far: Loopback
) -> None:
    """At least once, with the same id: the receiver can tell."""
    listen(world, far)
    happen(world)

    class Killed:
        def send(self, request: Request) -> Reply:
            raise SystemExit

    with pytest.raises(SystemExit):
        outbox.run_once(world.clock, Killed())
    assert turn(world) == 0  # leased: nobody else sends it
    world.wall.advance(minutes=1)
    far.plays(GOOD)
    turn(world)
    assert HookCall.objects.get().state == "sent"


def test_two_gatherers_queue_an_event_once(world: World, far: Loopback) -> None:
    listen(world, far)
    happen(world)
    one, two = Hook.objects.get(), Hook.objects.get()
    assert (outbox.gather(one, world.clock), outbox.gather(two, world.clock)) == (1, 0)
    assert HookCall.objects.count() == 1


def test_revoked_key_is_told_nothing_more(world: World, far: Loopback) -> None:
    hook, _secret = listen(world, far)
    keys.revoke(Subscription.objects.get(id=hook).key_id, Desk.here())
    happen(world)
    turn(world)
    assert far.got == []
    assert Subscription.objects.get(id=hook).ended == "cancelled"


def test_cancelled_subscription_ends_once_and_for_its_key_only(world: World, far: Loopback) -> None:
    key = key_of(world)
    hook, _secret = subscribe(key, f"{far.url}/hook", ["case.opened"], None, world.clock)
    happen(world)
    assert cancel(key_of(world), hook, world.clock) is False
    outbox.gather(Hook.objects.get(), world.clock)
    assert cancel(key, hook, world.clock)
    assert cancel(key, hook, world.clock)
    assert Entry.objects.filter(type="subscription.ended.v1").count() == 1
    assert HookCall.objects.get().state == "given_up"
    assert turn(world) == 0
    assert differences() == []


def test_subscription_with_faults_names_every_one(world: World) -> None:
    key = key_of(world, area_id=world.people.village)
    for url in ("http://example.org/", "ftp://x", "https://u:p@example.org/", "x" * 501, ""):
        with pytest.raises(BadInputError) as refused:
            subscribe(key, url, ["case.eaten"], world.people.county, world.clock)
        found = [fault.field for fault in refused.value.faults]
        assert found == ["url", "events", "area_id"]
    for _n in range(MOST):
        subscribe(key, "https://example.org/", ["case.opened"], None, world.clock)
    with pytest.raises(BadInputError, match="at most 20"):
        subscribe(key, "https://example.org/", ["case.opened"], None, world.clock)


def test_api_subscribes_lists_and_cancels(world: World, far: Loopback) -> None:
    headers = {"Authorization": f"Bearer {text_of_key(world.people.commander)}"}
    client = Client(headers=headers)
    body = {"url": f"{far.url}/hook", "events": ["case.opened"]}

    def make(key: str) -> Any:
        got = client.post(
            "/api/v1/subscriptions", body, "application/json", headers={"Idempotency-Key": key}
        )
        assert got.status_code == 200
        return got.json()

    first = make("a")
    assert make("a") == first
    make("b")
    listed = client.get("/api/v1/subscriptions?limit=1").json()
    rest = client.get(f"/api/v1/subscriptions?cursor={listed['next']}").json()
    found = listed["subscriptions"] + rest["subscriptions"]
    assert [one["ended"] for one in found] == ["", ""]
    assert "secret" not in str(found)
    happen(world)
    far.plays(GOOD, GOOD)
    turn(world)
    path = f"/api/v1/subscriptions/{first['id']}"
    assert client.get(f"{path}/calls").json()["calls"][0]["state"] == "sent"
    for _time in range(2):
        assert client.delete(path).json()["ended"] == "cancelled"
    stranger = Client(headers={"Authorization": f"Bearer {text_of_key(world.people.stranger)}"})
    assert stranger.get(f"{path}/calls").status_code == 404
    assert stranger.delete(path).status_code == 404


def test_person_with_a_session_does_not_subscribe(world: World) -> None:
    client = Client()
    client.force_login(User.objects.create(username="x"), BACKEND)
    assert client.get("/api/v1/subscriptions").status_code == 403
