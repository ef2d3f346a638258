"""First run, readiness, settings and audit: who may, what is refused, what never comes out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bihuan.console.setup import readiness
from bihuan.console.setup.readiness import Item
from bihuan.loop.delivery.models import ChannelAccount
from bihuan.loop.pathtest.models import PathPlan, PathRun
from bihuan.register.models import County
from bihuan.register.rosters.models import Roster
from bihuan.wiring import urls
from tests.console.place import Made, Place
from tests.console.test_offices import client_of
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
READY = [Item("disk", "ok", ""), Item("fonts", "warn", "")]
UNREADY = [*READY, Item("waking channels", "fail", "1 waking channel")]


def found(monkeypatch: pytest.MonkeyPatch, items: list[Item]) -> None:
    assert urls.urlpatterns  # imported: its examiner is known before it is replaced
    monkeypatch.setattr(readiness, "_examine", lambda: items)


def go(client: Client, mode: str, key: str = "k") -> Any:
    headers = {"Idempotency-Key": key}
    body = {"mode": mode}
    return client.post("/api/v1/setup/mode", body, "application/json", headers=headers)


def test_county_goes_live_only_where_everything_required_is_ready(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made("drill")
    client = place.client("command")
    found(monkeypatch, UNREADY)
    assert client.post("/first-run/mode", {"mode": "live"}).status_code == 422
    refused = go(client, "live")
    assert (refused.status_code, refused.json()["faults"][0]["got"]) == (422, "waking channels")
    assert County.objects.get().mode == "drill"
    found(monkeypatch, READY)  # what is only advised refuses nothing
    assert client.post("/first-run/mode", {"mode": "live"}).status_code == 302
    assert County.objects.get().mode == "live"
    assert go(client, "drill", "k2").json() == {"is_changed": True}
    assert differences() == []


def test_demo_never_goes_live(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, READY)
    assert go(place.client("command"), "live").status_code == 422


@pytest.mark.parametrize("role", ["town", "village", "family", "stranger", "neighbour"])
def test_who_does_not_lead_the_county_prepares_nothing(place: Place, role: str) -> None:
    client = place.client(role)
    for path in ("/first-run/", "/readiness/", "/settings/", "/audit/", "/api/v1/setup"):
        assert client.get(path).status_code == 404, path
    assert go(client, "live").status_code == 404


def test_real_readiness_names_what_is_missing(place: Place) -> None:
    """The doctor's own items: a test county has no channel that wakes anybody."""
    items = {
        i["check"]: i["state"] for i in place.client("command").get("/api/v1/readiness").json()
    }
    assert (items["waking channels"], items["county"], items["path test"]) == ("fail", "ok", "warn")


def test_first_roster_is_made_whole_or_not_at_all(place: Place) -> None:
    client = place.client("command")
    said = {
        "title": "县夜班",
        "role": "county_command",
        "area": str(place.people.county),
        "shift": "夜班",
        "from": "20:00",
        "until": "08:00",
        "people": str(place.people.commander),
    }
    # a night needs a number that rang: nobody's has
    assert client.post("/first-run/roster", {**said, "waking": "1"}).status_code == 422
    assert not Roster.objects.exists()
    assert client.post("/first-run/roster", said).status_code == 302
    step = {one["name"]: one for one in client.get("/api/v1/setup").json()}["rostered"]
    assert (step["is_done"], step["numbers"]) == (True, {"rosters": 1, "gaps": 0})
    assert differences() == []


def test_secret_of_an_account_goes_in_and_never_comes_out(place: Place) -> None:
    client = client_of(place, "system")
    said = {
        "provider": "webhook",
        "account": "duty-hook",
        "f-url": "https://hook.example.gov.cn/in",
        "f-secret": "whsec_topsecret0123456789",
    }
    assert client.post("/settings/set-up", said).status_code == 302
    assert ChannelAccount.objects.get().is_active
    pages = client.get("/settings/").content.decode()
    pages += client.get("/settings/?provider=webhook").content.decode()
    pages += client.get("/api/v1/settings/accounts").content.decode()
    assert "duty-hook" in pages
    assert "topsecret" not in pages
    bad = client.post("/settings/set-up", {**said, "account": "Ä", "f-url": "ftp://x"})
    assert bad.status_code == 422
    assert "topsecret" not in bad.content.decode()
    down = {"account": "duty-hook", "reason": "换服务商"}
    assert client.post("/settings/take-down", down).status_code == 302
    assert not ChannelAccount.objects.get().is_active


def test_monthly_test_is_planned_and_pressed_from_the_page(place: Place) -> None:
    client = client_of(place, "system")
    plan = {"working_day": "2", "at": "09:30", "on": "1"}
    assert client.post("/settings/plan", plan).status_code == 302
    kept = PathPlan.objects.get()
    assert (kept.working_day, kept.minute, kept.is_on) == (2, 570, True)
    assert client.post("/settings/plan", {**plan, "at": "9:99"}).status_code == 422
    assert client.post("/settings/test").status_code == 302
    assert PathRun.objects.get().state == "begun"
    assert client.post("/settings/test").status_code == 422  # one runs


@pytest.mark.parametrize("office", ["system", "security"])
def test_other_offices_read_no_audit(place: Place, office: str) -> None:
    client = client_of(place, office)
    assert client.get("/audit/").status_code == 404
    assert client.get("/api/v1/audit/journal").status_code == 404


def test_audit_shows_who_looked_and_nothing_of_what(place: Place, data: Path) -> None:
    case_id = place.hold_key()
    place.client("town").get(f"/cases/{case_id}/")
    client = client_of(place, "audit")
    views = client.get("/audit/views/").content.decode()
    assert "刘芳" in views
    assert f"case {case_id}" in views
    assert "王桂兰" not in views + client.get("/audit/").content.decode()
    assert client.post("/audit/verify").status_code == 302
    chain = client.get("/audit/chain/").content.decode()
    assert "都与写入时一致" in chain
    assert client.get("/audit/nothing/").status_code == 404


def test_office_without_a_second_step_is_told_how_to_go_on(place: Place) -> None:
    client = client_of(place, "audit", is_proven=False)
    assert client.get("/audit/").status_code == 403
    assert client.get("/api/v1/audit/journal").status_code == 404


@pytest.mark.parametrize(
    ("language", "told", "untold"), [("zh-hans", "还有 81.4 GB", "free"), ("en", "free", "还有")]
)
def test_readiness_says_what_was_seen_in_the_readers_language(
    place: Place, monkeypatch: pytest.MonkeyPatch, language: str, told: str, untold: str
) -> None:
    found(
        monkeypatch, [Item("disk", "ok", "81.4 GB free", "还有 81.4 GB"), Item("rules", "ok", "")]
    )
    client = place.client("command")
    client.cookies["django_language"] = language
    page = client.get("/readiness/").content.decode()
    seen = re.findall(r'<small class="mono">([^<]*)</small>', page)
    assert told in seen[0]
    assert untold not in seen[0]
    assert ("规则判断" in page) is (language == "zh-hans")
