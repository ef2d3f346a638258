"""Every address of the API for every role and the stranger; walked from the URL table itself.

The expected answers are written here from the words of the rule, an entry for each method and
address: a new address without one fails. The second test asks the same of roles that hold a post
at each level, for the pages and addresses behind each verb.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from bihuan.base.time import DAY_US, rfc3339
from bihuan.console import accounts
from bihuan.console.api import api
from bihuan.loop.scenario import installed
from bihuan.register.rights import VERBS, all_grants
from tests.console.api_matrix import MATRIX, NOTHING
from tests.console.filled import fill
from tests.console.place import BACKEND, PASSWORD, Place
from tests.console.test_pages import ANYBODY, PRIVATE

pytestmark = pytest.mark.django_db(databases="__all__")


def operations() -> Iterator[str]:
    """METHOD /address of everything that the API answers to, by its own routers."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for one in view.operations:
                yield from (f"{method} {prefix}{path}" for method in one.methods)


def routes(patterns: list[Any], above: str = "") -> Iterator[str]:
    """The addresses below /api/ that the site's URL table knows."""
    for pattern in patterns:
        route = f"{above}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/"):
            yield route.removeprefix("api/v1").replace("<", "{").replace(">", "}")


def test_every_address_of_the_api_has_its_entry() -> None:
    assert set(operations()) == set(MATRIX)
    described = {name.split(" ", 1)[1] for name in MATRIX} | {"/openapi.json", "/"}
    assert set(routes(get_resolver().url_patterns)) == described, "an address beside the routers"
    assert all(set(one.gets) == set(ANYBODY) for one in MATRIX.values())
    for name, one in MATRIX.items():
        assert one.gets[""] == 401, name


@pytest.fixture
def filled(place: Place) -> dict[str, str]:
    had = fill(place)
    same = dict.fromkeys(
        ("roster_id", "organisation_id", "delivery_id", "subscription_id", "call_out_id",
         "callee_id", "document_id", "unsealing_id", "observation_id", "nothing"),
        NOTHING,
    )  # fmt: skip
    return {
        **had,
        **same,
        "case_id": had["case"],
        "row_id": had["subject"],
        "device_id": had["device"],
        "area_id": had["village"],
        "party_id": had["elder"],
        "handover_id": had["handover"],
        "name": "none",
        "playbook": "elder_care.sos",
        "rule": "heart_rate_high",
        "limit_id": NOTHING,
        "thing_id": had["subject"],
        "staged_id": had["staged"],
        "scenario": "elder_care",
        "key": "elder_care.sos@1",
        "partner": "p12345",
        "figure_id": "elder_care.sos_answered_in_time",
        **dict.fromkeys(("bulletin_id", "page_id", "n", "series_id", "warning_id"), NOTHING),
        "now": rfc3339(place.clock.now_us()),
        "past": rfc3339(place.clock.now_us() - DAY_US),
    }


def of(said: Any, filled: dict[str, str]) -> Any:
    """A body with its places filled; a number where the place alone is the value."""
    if isinstance(said, dict):
        return {name: of(value, filled) for name, value in said.items()}
    if isinstance(said, list):
        return [of(value, filled) for value in said]
    if isinstance(said, str) and said.startswith("{"):
        text = said.format(**filled)
        return int(text) if text.isdecimal() else text
    return said


def ask(client: Client, name: str, filled: dict[str, str], key: str = "k") -> HttpResponse:
    method, path = name.split(" ", 1)
    one = MATRIX[name]
    kind = "elder" if path.startswith("/register") else "elder_care.elder"
    address = "/api/v1" + (path + one.query).format(**filled, kind=kind)
    if method == "GET":
        return client.get(address)  # type: ignore[return-value]  # a response with extras
    body, headers = json.dumps(of(one.body, filled)), {"Idempotency-Key": key}
    return client.generic(method, address, body, "application/json", headers=headers)  # type: ignore[return-value]  # the same


def said_by(answer: HttpResponse) -> str:
    """The words of an answer; JSON may write each Chinese character as an escape."""
    text = answer.content.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


@pytest.mark.parametrize("role", ANYBODY)
def test_every_address_of_the_api_gives_each_role_what_it_may_have(
    place: Place, filled: dict[str, str], role: str
) -> None:
    got = {
        name: ask(place.client(role), name, filled, f"k{n}").status_code
        for n, name in enumerate(MATRIX)
    }
    assert got == {name: one.gets[role] for name, one in MATRIX.items()}


@pytest.mark.parametrize("role", ["neighbour", "stranger"])
def test_api_says_nothing_of_a_case_or_an_elder_to_a_stranger(
    place: Place, filled: dict[str, str], role: str
) -> None:
    client = place.client(role)
    for n, name in enumerate(MATRIX):
        text = said_by(ask(client, name, filled, f"k{n}"))
        text = text.replace('"query": "王桂兰"', "").replace('"q": "王桂兰"', "")
        assert [one for one in ("王**", *PRIVATE) if one in text] == [], name


def test_batch_says_missing_to_a_stranger_and_taken_to_who_may_act(
    place: Place, filled: dict[str, str]
) -> None:
    said = {
        role: json.loads(ask(place.client(role), "POST /acts", filled, role).content)
        for role in ("village", "stranger", "neighbour")
    }
    found = {role: one["done"][0]["error"] for role, one in said.items()}
    assert found == {"village": "taken", "stranger": "missing", "neighbour": "missing"}


# ---- roles × areas × verbs × pages -----------------------------------------------------------

# the verbs of elder care's roles, from its playbooks, editors and grants as the docs say them
HELD = {
    "village_duty": {"see", "open", "act", "edit"},
    "town_duty": {"see", "open", "act", "edit", "export"},
    "county_command": {"see", "open", "act", "edit", "tune", "export", "review"},
    "doctor": {"see", "open", "act", "edit", "tune"},
}
AT = ("county", "town", "village", "beside")
COVERS = ("county", "town", "village")  # the elder lives in the village
# verb → (method, address, what who may gets); everybody else gets 404
BEHIND: dict[str, tuple[tuple[str, str, int], ...]] = {
    "open": (
        ("GET", "/cases/{case}/", 200),
        ("GET", "/cases/{case}/live", 200),
        ("GET", "/cases/{case}/chain", 200),
        ("GET", "/cases/{case}/proof/{digest}", 200),
        ("GET", "/api/v1/cases/{case}", 200),
    ),
    "act": (
        ("POST", "/cases/{case}/act", 422),
        ("POST", "/api/v1/cases/{case}/acts", 422),
    ),
    "export": (
        ("GET", "/sheets/elder_care.elder/out?form=csv", 200),
        ("GET", "/api/v1/exports/elder_care.elder", 200),
    ),
    "unseal": (
        ("GET", "/cases/{case}/unseal", 200),
        ("GET", "/api/v1/cases/{case}/unsealings", 200),
    ),
}  # fmt: skip


def test_grants_of_elder_care_are_those_of_the_words(place: Place) -> None:
    roles = set(installed()["elder_care"].roles) - {"family"}
    assert roles == set(HELD)
    for role in roles:
        assert set(all_grants()["elder_care", role]) == HELD[role], role
    assert all(verb in VERBS for verbs in HELD.values() for verb in verbs)


def test_each_verb_opens_its_pages_and_addresses_where_the_post_reaches(
    place: Place, filled: dict[str, str]
) -> None:
    """Every role of elder care, with its one post at each level, at every page of each verb."""
    people, asked = place.people, 0
    areas = (people.county, people.town, people.village, place._beside)
    for (role, held), (at, area) in product(HELD.items(), zip(AT, areas, strict=True)):
        client = holder(place, role, at, area)
        for verb, (method, path, status) in ((v, page) for v in BEHIND for page in BEHIND[v]):
            may = verb in held and (at in COVERS or verb == "export")
            want = status if may else 404
            if role == "doctor" and path.endswith("/chain"):
                want = 404  # an SOS gives the doctor no part: who held it is not for him
            if verb == "unseal" and at in COVERS:
                want = 403  # the case is seen; nobody of elder care unseals
            got = reached(client, method, path.format(**filled))
            assert got.status_code == want, (role, at, verb, path)
            if verb == "export" and may:
                text = got.content.decode("utf-8", "replace")
                assert ("王桂兰" in text) == (at in COVERS), "of the own areas only"
            asked += 1
    assert asked == len(HELD) * len(AT) * sum(map(len, BEHIND.values()))


def holder(place: Place, role: str, at: str, area: int) -> Client:
    """A browser of somebody whose one post is this."""
    person, name = place.registrar.person("试岗", "Trial", None), f"{role}{at}".replace("_", "")
    place.registrar.post(person, role, area)
    accounts.create(name, PASSWORD, person)
    client = Client()
    client.force_login(User.objects.get(username=name), backend=BACKEND)
    return client


def reached(client: Client, method: str, address: str) -> Any:
    if method == "GET":
        return client.get(address)
    said = {"act": "none", "fields": {}}
    if address.startswith("/api/"):
        headers = {"Idempotency-Key": "k"}
        return client.post(address, json.dumps(said), "application/json", headers=headers)
    return client.post(address, {"act": "none", "key": "k"})
