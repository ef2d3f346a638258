"""转对方平台: sent once, in the words of who reported it, by page, API or file; answered there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from typer.testing import CliRunner

from bihuan.console.models import Account
from bihuan.loop.exchange.models import Order
from bihuan.loop.models import Case, Happening
from bihuan.wiring.commands.exchange import exchange_group as app
from tests.console.place import BACKEND
from tests.console.test_api_keys import System
from tests.console.test_exchange_api import system, world
from tests.county import World
from tests.loop.test_exchange import order
from tests.matters import reported
from tests.rebuilt import differences

__all__ = ["world"]  # a fixture
pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def browser(person: int) -> Client:
    user = get_user_model().objects.create_user(f"person-{person}")
    Account.objects.create(user=user, person_id=person)
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    client.force_login(user, BACKEND)
    return client


def asked(platform: System) -> list[dict[str, str]]:
    said = json.loads(platform.get("/exchange/p12345/sent").content)
    orders: list[dict[str, str]] = said["orders"]
    return orders


def test_case_is_sent_from_its_page_once_in_the_words_of_who_reported_it(world: World) -> None:
    case = reported(world)
    page = browser(world.people.town_officer)
    assert "村口路坏了" in page.get(f"/cases/{case}/platforms").content.decode()
    for _again in range(2):
        sent = page.post(f"/cases/{case}/platforms/send", {"partner": "p12345"})
        assert sent.status_code == 302
    orders = asked(system(world))
    assert [(o["text"], o["kind"], o["area"], o["place"]) for o in orders] == [
        ("村口路坏了", "道路", "柳溪", "柳溪村")
    ]
    line = Happening.objects.get(case_id=case, kind="sent_out")
    assert (line.person_id, line.role) == (world.people.town_officer, "town_duty")
    answer = {"number": orders[0]["number"], "state": "已派单", "text": "周三去修"}
    assert system(world).post("/exchange/p12345/answers", answer).status_code == 200
    shown = page.get(f"/cases/{case}/platforms").content.decode()
    assert "已派单" in shown
    assert asked(system(world)) == []
    assert differences() == []


def test_order_that_came_in_is_shown_with_the_platforms_own_limit(world: World) -> None:
    system(world).post("/exchange/p12345/orders", {"orders": [order()]})
    case = Case.objects.get().id
    shown = browser(world.people.town_officer).get(f"/cases/{case}/platforms").content.decode()
    assert "A1" in shown
    assert "18:00" in shown
    assert '<form class="stack"' not in shown, "it does not go back to where it came from"


def test_page_names_each_fault_and_keeps_what_was_typed(world: World) -> None:
    case = reported(world)
    page = browser(world.people.town_officer)
    none = page.post(f"/cases/{case}/platforms/send", {"partner": "none", "text": "自己写的"})
    assert none.status_code == 422
    assert "请选一个平台" in none.content.decode()
    assert "自己写的" in none.content.decode()
    assert not Order.objects.exists()


def test_family_origin_and_stranger_send_nothing(world: World) -> None:
    case = reported(world)
    for person in (world.people.daughter, world.people.stranger):
        page = browser(person)  # the stranger reported it, and sees the case
        assert page.get(f"/cases/{case}/platforms").status_code == 404
        sent = page.post(f"/cases/{case}/platforms/send", {"partner": "p12345"})
        assert sent.status_code == 404
    assert not Order.objects.exists()


def test_api_sends_and_lists_as_the_page_does(world: World) -> None:
    case = reported(world)
    town = system(world, "town", ("read", "send_out"))
    reads = system(world, "reads", ("read",))
    said = {"partner": "p12345"}
    assert reads.post(f"/cases/{case}/orders", said).status_code == 403
    numbers = [town.post(f"/cases/{case}/orders", said, key=key).content for key in ("a", "b")]
    assert numbers[0] == numbers[1]
    listed = json.loads(town.get(f"/cases/{case}/orders").content)["orders"]
    assert [(o["direction"], o["text"], o["state"]) for o in listed] == [
        ("out", "村口路坏了", None)
    ]


def test_files_go_both_ways_and_a_rerun_changes_nothing(world: World, tmp_path: Path) -> None:
    case = reported(world)
    browser(world.people.town_officer).post(f"/cases/{case}/platforms/send", {"partner": "p12345"})
    run = CliRunner()
    went = run.invoke(app, ["sent", "p12345"])
    (line,) = went.stdout.splitlines()
    said = json.loads(line)
    assert (said["诉求内容"], said["事项"], said["所属"]) == ("村口路坏了", "道路", "柳溪")
    back = tmp_path / "back.csv"
    back.write_text(f"工单编号,办理状态,答复\n{said['工单编号']},办结,已修好\nX9,办结,\n")
    words = [
        "answers",
        "p12345",
        str(back),
        "--state=办理状态",
        "--text=答复",
        "--json",
    ]
    told = [run.invoke(app, words) for _again in range(2)]
    assert [one.exit_code for one in told] == [1, 1], told[0].output
    for one, what in zip(told, ("changed", "same"), strict=True):
        rows = [json.loads(row) for row in one.stdout.splitlines()]
        assert [row["what"] for row in rows] == [what, "refused"]
        assert rows[1]["faults"][0]["field"] == "number"
    assert Happening.objects.filter(case_id=case, kind="partner_said").count() == 1
