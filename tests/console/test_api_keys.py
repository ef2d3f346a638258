"""Other systems: keys with scope and area, lists that go on, answers that are given once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.console import home
from bihuan.console.access import keys
from bihuan.console.access.keys import Wanted
from bihuan.console.access.models import ApiSecret, KeptAnswer
from bihuan.console.access.once import KeyUsedError, once
from bihuan.console.accounts import Desk
from bihuan.console.api import api
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.register import entries as register
from tests.console.place import BACKEND
from tests.county import World
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
Caller = Callable[..., "System"]


class System:
    """Another system with its key."""

    def __init__(self, text: str) -> None:
        self.text, self._client = text, Client(enforce_csrf_checks=True)

    def get(self, path: str, **query: str) -> HttpResponse:
        return self._client.get(f"/api/v1{path}", query, headers=self._headers())  # type: ignore[return-value]  # a response with extras

    def post(self, path: str, body: Any, key: str = "k-1") -> HttpResponse:
        headers = {**self._headers(), "Idempotency-Key": key}
        said = body if isinstance(body, str) else json.dumps(body)
        return self._client.post(f"/api/v1{path}", said, "application/json", headers=headers)  # type: ignore[return-value]  # the same

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}


@pytest.fixture
def world(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    home.clock.cache_clear()
    home.keys.cache_clear()
    world = World(clock, KeyRing(data / "keys.db"))
    world.add(register.CountyNamed(name="青禾县", latin="Qinghe", mode="demo"))
    world.press()
    world.settle()
    yield world
    home.clock.cache_clear()
    home.keys.cache_clear()


@pytest.fixture
def caller(world: World) -> Caller:
    """Makes a key of a person; unless told otherwise the county commander's whole reach."""

    def make(person: int | None = None, **limits: Any) -> System:
        who = world.people.commander if person is None else person
        wanted = Wanted("12345 平台", who, limits.pop("days", 30), **limits)
        return System(keys.make(wanted, Desk.here()))

    return make


def ids(answer: HttpResponse) -> list[int]:
    return [case["id"] for case in json.loads(answer.content)["cases"]]


def test_key_reads_and_acts_as_its_person_without_cookie_or_csrf(
    world: World, caller: Caller
) -> None:
    system = caller(world.people.secretary)
    assert ids(system.get("/cases")) == [world.case.id]
    answer = system.post(f"/cases/{world.case.id}/acts", {"act": "take"})
    assert answer.status_code == 200
    taken = Entry.objects.filter(lane=FACTS_LANE, type="case.taken.v1").get()
    by = json.loads(bytes(taken.body or b""))["by"]
    assert (by["person_id"], by["via"]) == (world.people.secretary, "api")


def test_key_of_a_stranger_sees_nothing(world: World, caller: Caller) -> None:
    system = caller(world.people.stranger)
    assert ids(system.get("/cases")) == []
    assert system.get(f"/cases/{world.case.id}").status_code == 404
    assert system.post(f"/cases/{world.case.id}/acts", {"act": "take"}).status_code == 404
    assert system.get("/subscriptions").json()["subscriptions"] == []  # type: ignore[attr-defined]  # of the test client


@pytest.mark.parametrize(
    ("limits", "sees", "acts"),
    [
        ({}, 200, 200),
        ({"scenarios": ("elder_care",)}, 200, 200),
        ({"verbs": ("read",)}, 200, 403),
        ({"verbs": ("take",)}, 403, 200),
        ({"area": "village"}, 200, 200),
        ({"area": "elsewhere"}, 404, 404),
    ],
    ids=str,
)
def test_key_is_narrowed_to_scenario_verb_and_area(
    world: World, caller: Caller, limits: dict[str, Any], sees: int, acts: int
) -> None:
    if place := limits.pop("area", None):
        elsewhere = world.area("330499", "town", world.people.county)
        limits["area_id"] = {"village": world.people.village, "elsewhere": elsewhere}[place]
    system, case = caller(world.people.secretary, **limits), world.case.id
    assert system.get(f"/cases/{case}").status_code == sees
    assert system.post(f"/cases/{case}/acts", {"act": "take"}).status_code == acts


def test_key_that_is_wrong_revoked_or_over_is_refused(world: World, caller: Caller) -> None:
    system = caller(days=1)
    for text in ("", "x", system.text[:-1] + "_", system.text.upper(), f"{system.text}x"):
        assert System(text).get("/cases").status_code == 401
    other = caller()
    keys.revoke(ApiSecret.objects.order_by("-key_id")[0].key_id, Desk.here())
    assert other.get("/cases").status_code == 401
    world.wall.advance(days=1)
    assert system.get("/cases").status_code == 401
    got = System("x").get("/cases")
    assert json.loads(got.content) == {"error": "sign in, or send a key that is good"}


def test_wrong_key_is_not_helped_by_a_session(world: World) -> None:
    client = Client()
    client.force_login(User.objects.create(username="x"), BACKEND)
    assert client.get("/api/v1/cases").status_code == 200
    headers = {"Authorization": "Bearer bh_no"}
    assert client.get("/api/v1/cases", headers=headers).status_code == 401


def test_key_is_kept_as_a_hash_and_recorded_without_its_secret(
    world: World, caller: Caller
) -> None:
    system = caller(verbs=("read",), area_id=world.people.town)
    secret = system.text.split("_", 2)[2]
    assert len(secret) == 43  # 256 bits
    bodies = [bytes(body or b"") for body in Entry.objects.values_list("body", flat=True)]
    assert not any(secret.encode() in body for body in bodies)
    assert secret not in str(ApiSecret.objects.values_list())
    said = json.loads(bytes(Entry.objects.get(type="api_key.made.v1").body or b""))
    made = {name: said[name] for name in ("name", "verbs", "area_id", "by")}
    assert made == {
        "name": "12345 平台",
        "verbs": ["read"],
        "area_id": world.people.town,
        "by": {"person_id": None, "role": "operator", "via": "command"},
    }


def test_key_with_faults_names_every_one(world: World) -> None:
    wanted = Wanted(" ", 1, 0, ("nothing",), ("fly",), 1)
    with pytest.raises(BadInputError) as refused:
        keys.make(wanted, Desk.here())
    found = [fault.field for fault in refused.value.faults]
    assert found == ["name", "days", "person_id", "area_id", "scenarios", "verbs"]


def test_list_goes_on_by_its_cursor_whatever_comes_in_between(world: World, caller: Caller) -> None:
    for _n in range(4):
        world.signal(world.subject())
    world.settle()
    system = caller()
    whole = ids(system.get("/cases"))
    first = system.get("/cases", limit="2")
    onward = json.loads(first.content)["next"]
    world.signal(world.subject())
    world.settle()
    rest = system.get("/cases", limit="9", cursor=onward)
    assert ids(first) + ids(rest) == whole == sorted(whole, reverse=True)
    assert json.loads(rest.content)["next"] is None
    assert len(ids(system.get("/cases"))) == len(whole) + 1


@pytest.mark.parametrize("cursor", ["", "5", "x" * 200, "MQ:abc:def"])
def test_cursor_that_we_did_not_make_is_a_bad_field(
    world: World, caller: Caller, cursor: str
) -> None:
    answer = caller().get("/cases", cursor=cursor)
    assert answer.status_code == 422
    assert [fault["field"] for fault in json.loads(answer.content)["faults"]] == ["cursor"]


def test_same_key_and_body_get_the_same_answer_another_body_409(
    world: World, caller: Caller
) -> None:
    system, path = caller(world.people.secretary), f"/cases/{world.case.id}/acts"
    first = system.post(path, {"act": "take"})
    world.do("report", world.people.secretary)  # meanwhile the case goes on
    again = system.post(path, {"act": "take"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    other = system.post(path, {"act": "take", "text": "又一次"})
    assert other.status_code == 409
    assert [f["field"] for f in json.loads(other.content)["faults"]] == ["Idempotency-Key"]
    assert world.happened().count("taken") == 1


def test_key_of_one_caller_says_nothing_to_another(world: World, caller: Caller) -> None:
    path = f"/cases/{world.case.id}/acts"
    assert caller(world.people.secretary).post(path, {"act": "take"}).status_code == 200
    assert caller(world.people.daughter).post(path, {"act": "take"}).status_code == 409


def test_refused_request_may_be_tried_again_with_its_key(world: World, caller: Caller) -> None:
    system, path = caller(world.people.secretary), f"/cases/{world.case.id}/acts"
    assert system.post(path, {"act": "report", "text": "没事"}).status_code == 409  # not taken yet
    world.do("take", world.people.secretary)
    assert system.post(path, {"act": "report", "text": "没事"}).status_code == 200


def test_request_being_worked_on_makes_its_twin_wait_and_is_taken_over_later(
    world: World, clock: MovableClock
) -> None:
    request: Any = RequestFactory().post("/x", b"{}", "application/json")
    request.user = None
    digest = hashlib.sha256(b"POST /x\n{}").hexdigest()

    def killed() -> dict[str, Any]:
        KeptAnswer.objects.filter(key="k").update(at_us=clock.now_us())
        with pytest.raises(KeyUsedError):
            once(request, "k", lambda: {"n": 2})
        raise SystemExit

    with pytest.raises(SystemExit):
        once(request, "k", killed)
    KeptAnswer.objects.create(who="person:0", key="k2", digest=digest, at_us=clock.now_us())
    with pytest.raises(KeyUsedError):
        once(request, "k2", lambda: {"n": 3})
    clock.advance(minutes=1)
    assert once(request, "k2", lambda: {"n": 4}) == {"n": 4}
    clock.advance(hours=25)
    once(request, "k3", lambda: {"n": 5})
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["k3"]


def test_body_that_is_no_json_is_a_bad_field(world: World, caller: Caller) -> None:
    answer = caller().post(f"/cases/{world.case.id}/acts", "{")
    assert answer.status_code == 422
    assert json.loads(answer.content)["faults"][0]["field"] == "body"


@pytest.mark.parametrize("mode", ["demo", "drill", "live"])
def test_every_answer_says_the_mode(world: World, caller: Caller, mode: register.Mode) -> None:
    system = caller()
    by = register.Actor(person_id=None, role="operator", via="command")
    world.add(register.ModeSet(mode=mode, by=by))
    world.wall.advance(seconds=10)
    answers = [system.get("/cases"), system.get("/cases/1"), System("x").get("/cases")]
    assert [answer["Bihuan-Mode"] for answer in answers] == [mode] * 3


def test_keys_are_rebuilt_from_the_journal(world: World, caller: Caller) -> None:
    caller()
    keys.revoke(ApiSecret.objects.get().key_id, Desk.here())
    keys_again = caller(area_id=world.people.village)
    assert keys_again.get("/cases").status_code == 200
    assert differences() == []


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, said in methods.items():
            yield path, method, said


# short by their nature (a county's own handful), or bounded and paged by `before`
WHOLE = {
    f"/api/v1/{name}"
    for name in (
        "shift/areas",
        "playbooks",
        "me/push",
        "setup",
        "readiness",
        "settings/path-test",
        "audit/journal",
        "audit/views",
        "search",
        "register/ledgers",
        "register/rosters/{roster_id}/shifts",
        "matters/kinds",
        "cases/{case_id}/panels",
        "cases/{case_id}/orders",  # one case at the few platforms of a county
        "rows/{row_id}/panels",
        "overviews",
        "working-days",
        "figures",
        "figures/{figure_id}/counted",
        "fhir/Observation",  # a bundle of at most 31 days, as FHIR says it
    )
}


def test_description_is_openapi_3_1_and_complete() -> None:
    whole = api.get_openapi_schema()
    assert whole["openapi"].startswith("3.1.")
    schemes = whole["components"]["securitySchemes"]
    assert {(one["type"], one.get("scheme"), one.get("in")) for one in schemes.values()} == {
        ("http", "bearer", None),
        ("apiKey", None, "cookie"),
    }
    for path, method, said in operations():
        place = f"{method} {path}"
        assert said["summary"], place
        assert said.get("description"), place
        assert {"200", "401", "403", "422"} <= {str(code) for code in said["responses"]}, place
        assert len(said["security"]) == 2, place
        names = {(one["in"], one["name"]) for one in said.get("parameters", [])}
        if method == "post":
            assert ("header", "Idempotency-Key") in names, place
            assert "409" in {str(code) for code in said["responses"]}, place
        if method == "get" and not path.endswith("}") and path not in WHOLE:
            assert {("query", "cursor"), ("query", "limit")} <= names, place


@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path, method, _said in operations()]
)
def test_every_address_refuses_who_is_nobody(world: World, path: str, method: str) -> None:
    url = path.replace("{case_id}", "1").replace("{subscription_id}", "1")
    answer = getattr(Client(), method)(url)
    assert answer.status_code == 401


@pytest.mark.long
def test_api_holds_what_its_description_says(world: World, caller: Caller) -> None:
    """schemathesis sends what the description allows, and what it does not."""
    headers = {"Authorization": f"Bearer {caller().text}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    checked = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a description that is wrong fails here
        checked += _sent(operation, headers)
    assert checked > 100


def _sent(operation: Any, headers: dict[str, str]) -> int:
    """How many requests of one operation were answered as described."""
    count = 0

    @seed(20260302)
    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        nonlocal count
        # a cursor, an act or an address may be well formed and yet not ours: 422 says so
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
        count += 1

    check()
    return count
