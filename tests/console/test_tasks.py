"""My tasks: what waits for one person, most urgent first, done with one thumb; and the inbox."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.base.time import DAY_US, HOUR_US
from bihuan.console.tasks import typed
from bihuan.loop.channels import Channel, InAppChannel, ScreenChannel
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Case, Delivery
from bihuan.loop.shift.acts import Shifts
from bihuan.register.entries import Actor
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.rosters.acts import NewRoster, Rosters
from bihuan.register.rosters.models import Swap
from bihuan.register.rosters.pattern import Pattern, Shift
from tests.console.place import ELDER, Place

pytestmark = pytest.mark.django_db(databases="__all__")


def tasks(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/tasks").json()
    return found


def do(client: Client, name: str, number: int) -> int:
    return int(client.post("/tasks/do", {"do": name, "id": number, "key": f"{number}"}).status_code)


def test_call_waits_for_who_is_called_and_one_thumb_takes_the_case(place: Place) -> None:
    place.hold_key()
    village, command = place.client("village"), place.client("command")
    [call] = tasks(village)
    assert (call["kind"], call["acts"]) == ("call", ["go", "decline"])
    assert ELDER not in village.get("/tasks/").content.decode()
    assert tasks(command) == []  # the county is called in six minutes, not yet
    assert do(command, "go", call["id"]) == 404  # somebody else's call
    assert do(village, "go", call["id"]) == 302
    assert Case.objects.get().owner_id == place.people.secretary
    [mine] = tasks(village)
    assert (mine["kind"], mine["acts"]) == ("case", ["progress"])
    assert do(village, "progress", mine["id"]) == 302


def test_what_waits_in_other_villages_hides_nothing_of_mine(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one reading takes, all due before mine, and none of them mine."""
    monkeypatch.setattr(typed, "MOST", 2)
    people, register, ledger = place.people, place.registrar, Ledger(place.wall, place.keys)
    far = register.area("330499", ("远山村", "Yuanshan"), "village", people.town)
    said = {"asked_by": "family", "reason": "独居，腿脚不便"}

    def asked(elder: int) -> None:
        new = Opening("elder_care", "application", said, subject_id=elder)
        ledger.open(new, By(people.town_officer, "page", f"{elder}"))

    for _n in range(4):
        asked(register.subject("elder_care", "elder", people.elder, far))
        place.wall.advance(seconds=60)
    asked(people.subject)
    place.wall.advance(days=25)
    [mine] = tasks(place.client("village"))
    assert mine["kind"] == "duty"
    assert "远山村" not in mine["detail"]
    assert len(tasks(place.client("town"))) == 2, "the town answers for both villages"
    assert tasks(place.client("family")) == []
    assert tasks(place.client("stranger")) == []


def test_who_was_too_late_is_told_and_sees_how_it_stands(place: Place) -> None:
    place.hold_key()
    [call] = tasks(place.client("village"))
    place.do("take", place.people.daughter)
    assert do(place.client("village"), "go", call["id"]) == 409


def test_family_is_asked_and_answers_with_one_thumb(place: Place) -> None:
    place.reported()
    family = place.client("family")
    [asked] = tasks(family)
    assert (asked["kind"], asked["acts"]) == ("ask", ["solved", "not_solved"])
    assert do(family, "solved", asked["id"]) == 302
    assert (Case.objects.get().state, tasks(family)) == ("closed", [])


def test_tasks_are_ordered_by_time_left(place: Place) -> None:
    """A handover due in an hour, a call due in three minutes: the call comes first."""
    now_us = place.clock.now_us()
    by = Actor(person_id=place.people.commander, role="county_command", via="page")
    times = (now_us - HOUR_US, now_us + HOUR_US)
    Shifts(place.clock, place.keys).offer(place.people.village, times, "平安", by)
    place.hold_key()
    kinds = [one["kind"] for one in tasks(place.client("village"))]
    assert kinds == ["call", "handover"]


def test_swap_is_answered_by_who_was_asked_only(place: Place) -> None:
    rosters = Rosters(place.clock, lambda _rows, _person: place.clock.now_us())
    now_us, people = place.clock.now_us(), place.people
    night = Pattern(
        shifts=(Shift(name="夜班", from_="20:00", until="08:00"),),
        crews=((people.secretary,),),
        anchor=date(2026, 3, 2),
    )
    new = NewRoster("村夜班", "village_duty", people.village, False, night, now_us - DAY_US)
    made = rosters.make_following(new)
    swap = rosters.ask_swap(made, now_us + 13 * HOUR_US, people.secretary, place.neighbour)
    neighbour, village = place.client("neighbour"), place.client("village")
    assert [one["kind"] for one in tasks(neighbour)] == ["swap"]
    assert do(village, "swap_yes", swap) == 404
    assert "村夜班" in village.get("/tasks/").content.decode()  # his own shift tonight
    assert do(neighbour, "swap_yes", swap) == 302
    assert Swap.objects.get().state == "accepted"
    assert "村夜班" in neighbour.get("/tasks/").content.decode()
    assert do(neighbour, "swap_no", swap) == 409


@pytest.mark.parametrize("said", [{"do": "rob"}, {"do": "go", "id": "x"}, {}])
def test_strange_acts_are_not_found(place: Place, said: dict[str, str]) -> None:
    assert place.client("village").post("/tasks/do", {"id": "1", **said}).status_code == 404


def test_stranger_has_no_tasks_and_no_messages(place: Place) -> None:
    place.hold_key()
    client = place.client("stranger")
    assert tasks(client) == []
    assert client.get("/api/v1/inbox").json() == []
    assert Client().get("/api/v1/tasks").status_code == 401


def test_message_is_delivered_when_its_page_shows_it_and_not_before(place: Place) -> None:
    person = place.registrar.person("郑平", "Zheng Ping", "0990 7000 0001", ["in_app"])
    place.registrar.post(person, "village_duty", place.people.village)
    channels: dict[str, Channel] = {"screen": ScreenChannel(), "in_app": InAppChannel()}
    place.dispatcher = Dispatcher(place.clock, channels, "dispatcher-1")
    place.hold_key()
    sent = Delivery.objects.get(channel="in_app")
    assert sent.state == "accepted"
    from bihuan.console import accounts  # noqa: PLC0415 - one sign-in of this test alone

    accounts.create("zheng", "qinghe-2026-long", person)
    client = Client()
    client.post("/sign-in/", {"username": "zheng", "password": "qinghe-2026-long"})
    assert [one["is_shown"] for one in client.get("/api/v1/inbox").json()] == [False]
    assert Delivery.objects.get(channel="in_app").state == "accepted"
    assert "王**" in client.get("/inbox/").content.decode()
    assert Delivery.objects.get(channel="in_app").state == "delivered"
    assert do(client, "go", sent.id) == 302


def test_tasks_ask_a_fixed_number_of_questions(place: Place) -> None:
    client = place.client("village")
    place.hold_key()

    def asked() -> int:
        client.get("/tasks/live")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/tasks/live").status_code == 200
        return len(queries)

    few = asked()
    for _ in range(10):
        place.signal(place.subject())
    place.settle()
    assert len(tasks(client)) == 11
    assert asked() == few
