"""The API gives each person what the pages would, and each error its one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.base.time import MovableClock, datetime_of
from bihuan.console import home
from bihuan.console.models import Account
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.loop import rights, scenario
from bihuan.register import entries as register
from tests.county import World

LIST_QUERIES = 27  # sign-in 3, rights 8, cases 7, and one for each of 8 kinds of row
pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
SignIn = Callable[[int], Client]


@pytest.fixture
def world(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    home.clock.cache_clear()
    home.keys.cache_clear()
    world = World(clock, KeyRing(data / "keys.db"))
    world.press()
    world.settle()
    yield world
    home.clock.cache_clear()
    home.keys.cache_clear()


@pytest.fixture
def sign_in(world: World) -> SignIn:
    def sign(person: int) -> Client:
        user = get_user_model().objects.create_user(f"person-{person}")
        Account.objects.create(user=user, person_id=person)
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return sign


def do(client: Client, case: int, key: str | None, **body: Any) -> tuple[int, Any]:
    """One act; (status, body)."""
    headers = {"Idempotency-Key": key} if key is not None else {}
    got = client.post(f"/api/v1/cases/{case}/acts", body, "application/json", headers=headers)
    return got.status_code, got.json()


def viewed() -> int:
    return Entry.objects.filter(lane=VIEWS_LANE, type="case.viewed.v2").count()


def test_api_refuses_who_is_not_signed_in(world: World) -> None:
    for address in ("/api/v1/cases", f"/api/v1/cases/{world.case.id}"):
        assert Client().get(address).status_code == 401
    assert do(Client(), world.case.id, "k", act="take")[0] == 401


def test_api_post_without_the_csrf_token_is_refused(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people.secretary)
    client.handler.enforce_csrf_checks = True
    got = client.post(
        f"/api/v1/cases/{world.case.id}/acts",
        {"act": "take"},
        "application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert got.status_code == 403
    assert world.case.state == "awaiting_answer"


def test_api_list_masks_the_name_and_logs_no_view(world: World, sign_in: SignIn) -> None:
    got = sign_in(world.people.secretary).get("/api/v1/cases")
    (case,) = got.json()["cases"]
    assert case["subject"] == "王**"
    assert "桂兰" not in got.content.decode()
    assert case["state"] == "awaiting_answer"
    due = datetime_of(world.case.opened_us) + timedelta(seconds=180)  # the playbook's answer limit
    assert case["due"] == due.isoformat().replace("+00:00", "Z")
    assert {call["name"] for call in case["calls"]} == {"陈**", "李建国"}
    assert viewed() == 0


def test_api_opening_shows_the_name_and_logs_the_view(world: World, sign_in: SignIn) -> None:
    got = sign_in(world.people.secretary).get(f"/api/v1/cases/{world.case.id}").json()
    assert got["subject"] == "王桂兰"
    assert got["acts"] == ["take", "false_alarm"]
    assert viewed() == 1


def test_api_gives_a_stranger_nothing_and_logs_no_view(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people.stranger)
    assert client.get("/api/v1/cases").json() == {"cases": [], "next": None}
    assert client.get(f"/api/v1/cases/{world.case.id}").status_code == 404
    assert do(client, world.case.id, "k", act="take")[0] == 404
    assert viewed() == 0


def test_api_shows_a_family_its_own_elder_only(world: World, sign_in: SignIn) -> None:
    own = world.case.id
    world.signal(world.subject(world.people.town))  # an elder in the town, not hers
    world.settle()
    got = sign_in(world.people.daughter).get("/api/v1/cases").json()["cases"]
    assert [case["id"] for case in got] == [own]


def test_api_act_sent_twice_is_done_once(world: World, sign_in: SignIn) -> None:
    client, case = sign_in(world.people.secretary), world.case.id
    first = do(client, case, "one", act="take")
    assert first[0] == 200
    assert first[1]["state"] == "in_progress"
    assert do(client, case, "one", act="take") == first
    assert world.happened().count("taken") == 1


def test_api_loser_of_two_acts_learns_who_and_when(world: World, sign_in: SignIn) -> None:
    do(sign_in(world.people.secretary), world.case.id, "a", act="take")
    taken_us = world.case.last_act_us
    assert taken_us is not None
    got = do(sign_in(world.people.daughter), world.case.id, "b", act="take")
    at = datetime_of(taken_us).isoformat().replace("+00:00", "Z")
    assert got == (409, {"by": "李建国", "at": at, "state": "in_progress"})


def test_api_422_lists_every_bad_field(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people.secretary)
    status, body = do(client, world.case.id, None, text=7, colour="red")
    assert status == 422
    named = {fault["field"].split(".")[-1] for fault in body["faults"]}
    assert named == {"act", "text", "colour", "Idempotency-Key"}
    assert all(set(fault) == {"field", "got", "want"} for fault in body["faults"])
    got = client.get("/api/v1/cases?state=lost&limit=0&cursor=x")
    assert got.status_code == 422
    assert {f["field"] for f in got.json()["faults"]} == {"state", "limit"}


def test_api_422_says_what_a_report_lacks(world: World, sign_in: SignIn) -> None:
    client, case = sign_in(world.people.secretary), world.case.id
    do(client, case, "a", act="take")
    status, body = do(client, case, "b", act="report")
    assert (status, [fault["field"] for fault in body["faults"]]) == (422, ["proof", "text"])
    assert do(client, case, "b", act="report", text="到家中，人没事")[0] == 200


def test_api_unknown_act_is_a_bad_field(world: World, sign_in: SignIn) -> None:
    status, body = do(sign_in(world.people.secretary), world.case.id, "k", act="erase")
    assert (status, body["faults"][0]["got"]) == (422, "erase")


def test_api_pages_go_on_where_the_last_ended(world: World, sign_in: SignIn) -> None:
    for _n in range(2):
        world.signal(world.subject())
    world.settle()
    client = sign_in(world.people.commander)
    first = client.get("/api/v1/cases?limit=2").json()
    rest = client.get(f"/api/v1/cases?limit=2&cursor={first['next']}").json()
    ids = [case["id"] for case in first["cases"] + rest["cases"]]
    assert len(ids) == 3
    assert ids == sorted(ids, reverse=True)
    assert rest["next"] is None


def test_api_list_queries_do_not_grow_with_the_cases(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people.commander)
    counts = []
    for _n in range(2):
        client.get("/api/v1/cases")
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/cases")
        counts.append(len(queries))
        for _m in range(3):
            world.signal(world.subject())
        world.settle()
    assert counts == [LIST_QUERIES, LIST_QUERIES]


def test_rights_cost_the_same_however_many_scenarios_are_installed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = scenario.installed()
    others = {f"other_{n}": replace(declared["elder_care"], name=f"other_{n}") for n in range(16)}
    counts = []
    for present in (declared, declared | others):
        monkeypatch.setattr(rights, "installed", lambda present=present: present)
        with CaptureQueriesContext(connection) as queries:
            assert rights.visible_cases(world.people.commander, world.clock.now_us()).count() == 1
        counts.append(len(queries))
    # known ids, posts, duties, rosters 3, areas, contacts, cases
    assert counts == [10, 10]


def test_rights_end_with_the_duty(world: World) -> None:
    now_us = world.clock.now_us()
    world.add(
        register.DutyAssigned(
            person_id=world.people.stranger,
            role="town_duty",
            area_id=world.people.town,
            from_us=now_us,
            until_us=now_us + 1,
        )
    )
    seen = [
        rights.visible_cases(world.people.stranger, at_us).count()
        for at_us in (now_us - 1, now_us, now_us + 1)
    ]
    assert seen == [0, 1, 0]
