"""Every list of the API goes on by its cursor: no row twice, none left out, no foreign cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client, RequestFactory

from bihuan.base.time import DAY_US, HOUR_US
from bihuan.console.access.cursor import page_by, page_shown
from bihuan.journal.storage import MAIN
from bihuan.loop.channels import Channel, InAppChannel, ScreenChannel
from bihuan.loop.delivery.acts import Wanted, set_up
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Delivery
from bihuan.loop.shift.acts import Shifts
from bihuan.register.accounts.offices import OPERATOR
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.records.acts import By
from bihuan.register.rosters.acts import NewRoster, Rosters
from bihuan.register.rosters.pattern import Pattern, Shift
from tests.console.place import Place
from tests.console.test_matters import case_id, in_hand, send
from tests.console.test_offices import client_of
from tests.console.test_register_rows import Kitchen, kitchen

__all__ = ["case_id", "kitchen"]  # fixtures
pytestmark = pytest.mark.django_db(databases="__all__")
NEXT = re.compile(r'<([^>]+)>; rel="next"')


def arrays(client: Client, path: str, limit: int) -> Iterator[list[Any]]:
    """The pages of a bare array, by the addresses that the answers name."""
    at: str | None = f"/api/v1/{path}?limit={limit}"
    while at is not None:
        answer = client.get(at)
        assert answer.status_code == 200, answer.content
        yield answer.json()
        found = NEXT.fullmatch(answer.headers.get("Link", ""))
        at = found.group(1) if found else None


def pages(client: Client, path: str, name: str, limit: int) -> Iterator[list[Any]]:
    """The pages of a list whose answer says `next`."""
    cursor: str | None = ""
    while cursor is not None:
        said = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = client.get(f"/api/v1/{path}", said)
        assert answer.status_code == 200, answer.content
        yield answer.json()[name]
        cursor = answer.json()["next"]


def walked(client: Client, path: str, name: str = "", *, least: int) -> list[Any]:
    """All rows by pages of one and of two; the same as the list that is asked for whole."""
    said = client.get(f"/api/v1/{path}").json()
    whole: list[Any] = said[name] if name else said
    assert len(whole) >= least
    for limit in (1, 2):
        of = pages(client, path, name, limit) if name else arrays(client, path, limit)
        some = list(of)
        assert [row for one in some for row in one] == whole, f"{path} by {limit}"
        assert [len(one) for one in some[:-1]] == [limit] * (len(some) - 1)
    return whole


def test_tasks_go_on_by_urgency(place: Place) -> None:
    """Swaps of three nights and two handovers wait for the neighbour and the county."""
    people, now_us = place.people, place.clock.now_us()
    rosters = Rosters(place.clock, lambda _rows, _person: place.clock.now_us())
    night = Pattern(
        shifts=(Shift(name="夜班", from_="20:00", until="08:00"),),
        crews=((people.secretary,),),
        anchor=date(2026, 3, 2),
    )
    new = NewRoster("村夜班", "village_duty", people.village, False, night, now_us - DAY_US)
    made = rosters.make_following(new)
    for n in range(3):
        rosters.ask_swap(
            made, now_us + 13 * HOUR_US + n * DAY_US, people.secretary, people.commander
        )
    by = Actor(person_id=people.town_officer, role="town_duty", via="page")
    for area in (people.town, people.village):
        Shifts(place.clock, place.keys).offer(
            area, (now_us - HOUR_US, now_us + HOUR_US), "平安", by
        )
    found = walked(place.client("command"), "tasks", least=5)
    assert [one["kind"] for one in found] == ["handover"] * 2 + ["swap"] * 3


def test_inbox_goes_on_and_an_old_message_can_still_be_shown(place: Place) -> None:
    person = place.registrar.person("郑平", "Zheng Ping", "0990 7000 0001", ["in_app"])
    place.registrar.post(person, "village_duty", place.people.village)
    channels: dict[str, Channel] = {"screen": ScreenChannel(), "in_app": InAppChannel()}
    place.dispatcher = Dispatcher(place.clock, channels, "dispatcher-1")
    for _n in range(3):
        place.hold_key()
        place.wall.advance(hours=1)
        place.settle()
    from bihuan.console import accounts  # noqa: PLC0415 - one sign-in of this test alone

    client = Client()
    accounts.create("zheng", "qinghe-2026-long", person)
    client.post("/sign-in/", {"username": "zheng", "password": "qinghe-2026-long"})
    found = walked(client, "inbox", least=2)
    oldest = found[-1]["id"]
    shown = client.post(f"/api/v1/inbox/{oldest}/shown", headers={"Idempotency-Key": "k"})
    assert shown.status_code == 200
    assert Delivery.objects.get(id=oldest).state == "delivered"
    foreign = place.client("village").post(
        f"/api/v1/inbox/{oldest}/shown", headers={"Idempotency-Key": "k"}
    )
    assert foreign.status_code == 404


def test_rosters_go_on_by_area(place: Place) -> None:
    rosters = Rosters(place.clock, lambda _rows, _person: place.clock.now_us())
    people = place.people
    for n, area in enumerate((people.village, people.county, people.town)):
        rosters.make(f"第{n}组", "village_duty", area, is_waking=False)
    found = walked(place.client("command"), "register/rosters", "rows", least=3)
    assert [one["area_id"] for one in found] == [people.county, people.town, people.village]
    assert place.client("stranger").get("/api/v1/register/rosters").status_code == 404


def test_history_of_a_row_goes_on_oldest_first(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    for n in range(3):
        by = By(kitchen.manager, "page", f"c{n}")
        kitchen.ledger.correct(batch, {"dish": f"菜{n}"}, by, reason="写错了")
    client = kitchen.client(kitchen.inspector)
    found = walked(client, f"register/rows/{batch}/history", "rows", least=4)
    assert [one["at_us"] for one in found] == sorted(one["at_us"] for one in found)
    other = kitchen.batch("青菜")
    theirs = client.get(f"/api/v1/register/rows/{batch}/history?limit=1").json()["next"]
    wrong = client.get(f"/api/v1/register/rows/{other}/history", {"cursor": theirs})
    assert wrong.status_code == 422, "a cursor opens its own list only"


def test_documents_go_on_in_the_order_given(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    files = [SimpleUploadedFile(f"{n}.txt", bytes([65 + n])) for n in range(3)]
    assert send(place, "village", case_id, "attach", files=files) == 302
    path = f"cases/{case_id}/documents"
    found = walked(place.client("town"), path, "documents", least=3)
    assert [one["name"] for one in found] == ["0.txt", "1.txt", "2.txt"]
    for role in ("stranger", "neighbour"):
        assert place.client(role).get(f"/api/v1/{path}?limit=1").status_code == 404


def test_accounts_and_erasures_go_on_for_their_offices_alone(place: Place) -> None:
    for name in ("c", "a", "b"):
        fields = {"sign_name": "青禾县", "template_code": "SMS_1"}
        secrets = {"key_id": "a", "key_secret": "b"}
        set_up(Wanted(name, "aliyun_sms", fields, secrets), OPERATOR, place.clock)
    found = walked(client_of(place, "system"), "settings/accounts", least=3)
    assert [one["name"] for one in found] == sorted(one["name"] for one in found)
    gone = [place.registrar.person(f"去{n}", f"Qu {n}", None) for n in range(3)]
    for n, person in enumerate(gone):
        place.keys.erase(person, place.clock.now_us() + n // 2)  # two of one moment
    client = client_of(place, "audit")
    assert {one["person_id"] for one in walked(client, "audit/erasures", least=3)} == {*gone}
    for path in ("settings/accounts", "audit/erasures"):
        assert place.client("command").get(f"/api/v1/{path}?limit=1").status_code == 404


@pytest.mark.parametrize("path", ["tasks", "inbox", "register/rosters"])
@pytest.mark.parametrize("cursor", ["x", "WzFd:1abc:zzz", "%F0%9F%98%80"])
def test_a_cursor_that_is_not_ours_is_told(place: Place, path: str, cursor: str) -> None:
    answer = place.client("command").get(f"/api/v1/{path}?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "cursor"


def test_a_row_that_went_meanwhile_neither_repeats_nor_hides_another() -> None:
    """The place is held, not a number of rows: the one that it names may be gone."""
    rows = [5, 1, 4, 2, 3]
    first, onward = page_by(rows, lambda one: (one,), "of-a-test", None, 2)
    rows.remove(2)
    second, onward = page_by(rows, lambda one: (one,), "of-a-test", onward, 2)
    third, end = page_by(rows, lambda one: (one,), "of-a-test", onward, 2)
    assert (first, second, third, end) == ([1, 2], [3, 4], [5], None)


def test_the_address_of_the_next_page_asks_the_same(place: Place) -> None:
    asked = RequestFactory().get("/areas", {"cursor": ""})
    kept = {"q": "A&B #1 平", "in": "7"}
    rows = Area.objects.using(MAIN).all()
    some, more = page_shown(asked, rows, "areas", 1, kept)
    said = dict(parse_qsl(more.removeprefix("?")))
    assert len(some) == 1
    assert {name: said[name] for name in kept} == kept
    following = RequestFactory().get("/areas" + more)
    after, _more = page_shown(following, rows, "areas", 1, kept)
    assert after[0].pk < some[0].pk


def test_a_made_up_cursor_of_a_page_is_not_found(place: Place) -> None:
    asked = RequestFactory().get("/areas", {"cursor": "made-up"})
    with pytest.raises(Http404):
        page_shown(asked, Area.objects.using(MAIN).all(), "areas", 1, {})
