"""What a scenario shows: panels, sheets, overviews; on pages and over the API; and to whom not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.console.home import keys
from bihuan.console.shows import drawn, pdf
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.loop import scenario as scenarios
from bihuan.loop.channels import InAppChannel
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Delivery
from tests.console.place import Place
from tests.console.showing.kitchen import NAME, SHOWING
from tests.console.test_register_rows import Kitchen

pytestmark = pytest.mark.django_db(databases="__all__")
HERE = Path(__file__).parent / "showing"


@pytest.fixture
def kitchen(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    monkeypatch.setattr(drawn, "ROOT", HERE)
    scenarios.install(SHOWING)
    yield Kitchen(place)
    scenarios.forget(NAME)


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def sheet(kitchen: Kitchen, name: str) -> str:
    return f"/sheets/{NAME}/{name}/{kitchen.unit}/"


def sheets_seen() -> list[Any]:
    found = Entry.objects.filter(lane=VIEWS_LANE, type="sheet.viewed.v1").order_by("position")
    return [decode(one.type, bytes(one.body or b"")) for one in found]


def test_panel_stands_on_the_subject_page_with_what_the_page_opened(kitchen: Kitchen) -> None:
    """The unit is opened by its page, its batches are not: their eaters stay sealed."""
    kitchen.batch("<b>红烧肉</b>")
    page = text(kitchen.client(kitchen.manager), f"/rows/{kitchen.unit}/")
    assert "今天的批次" in page
    assert "石桥中央厨房: 0990 1234" in page
    assert re.search(r"PC-2026-00001 &lt;b&gt;红烧肉&lt;/b&gt; sealed 3月2日 12:00", page)
    assert "李小花" not in page


def test_panel_of_a_record_opens_the_record_alone(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    page = text(kitchen.client(kitchen.manager, "en"), f"/rows/{batch}/")
    panel = page[page.index("Who eats") :]
    assert "<dd>李小花</dd>" in panel
    assert "<dd>石桥中央厨房 sealed</dd>" in panel


def test_panel_that_breaks_leaves_the_page_standing(kitchen: Kitchen) -> None:
    page = text(kitchen.client(kitchen.manager), f"/rows/{kitchen.batch()}/")
    assert "坏的" in page
    assert "这一栏现在显示不出来" in page
    assert "a field that was renamed" not in page


def test_panel_of_an_area_counts_what_lies_in_reach(kitchen: Kitchen) -> None:
    kitchen.batch()
    village = kitchen.place.people.village
    assert "石桥村: 1" in text(kitchen.client(kitchen.inspector), f"/areas/{village}/")
    assert "本村供餐" not in text(kitchen.place.client("town"), f"/areas/{village}/")


def test_sheet_is_of_the_period_that_the_address_names(kitchen: Kitchen) -> None:
    kitchen.batch("三月的菜")
    client, path = kitchen.client(kitchen.manager), sheet(kitchen, "month")
    assert path in text(client, f"/rows/{kitchen.unit}/")
    now, before = text(client, path), text(client, f"{path}?period=2026-02")
    assert "三月的菜" in now
    assert "2026年3月" in now
    assert "sheet-mark" in now, "a demo is marked on every sheet"
    assert "三月的菜" not in before
    assert "2026年2月" in before
    last = sheets_seen()[-1]
    assert (last.sheet, last.row_id, last.by, last.purpose) == (
        "month", kitchen.unit, kitchen.manager, "page",
    )  # fmt: skip


@pytest.mark.parametrize("period", ["2026-13", "2026-3", "1999-12", "2026-03-01", "x' or 1=1", "²"])
def test_sheet_says_which_period_it_wants(kitchen: Kitchen, period: str) -> None:
    path = sheet(kitchen, "month")
    answer = kitchen.client(kitchen.manager).get(path, {"period": period})
    assert answer.status_code == 422
    assert "a month, YYYY-MM" in answer.content.decode()
    assert sheets_seen() == []


def test_sheet_that_opens_what_is_sealed_asks_why_and_keeps_the_answer(kitchen: Kitchen) -> None:
    kitchen.batch()
    client, path = kitchen.client(kitchen.inspector), sheet(kitchen, "eaters")
    asked = text(client, path)
    assert "为什么查看" in asked
    assert "李小花" not in asked
    assert client.post(path, {"reason": " "}).status_code == 422
    assert sheets_seen() == []
    shown = client.post(path, {"reason": "家长投诉后核对"})
    assert "李小花" in shown.content.decode()
    said = sheets_seen()[0]
    assert said.by == kitchen.inspector
    assert said.about == kitchen.unit
    assert keys().open(said.reason) == "家长投诉后核对"
    assert "投诉" not in bytes(Entry.objects.get(type="sheet.viewed.v1").body or b"").decode(
        "latin"
    )


def test_sheet_is_for_its_roles_alone(kitchen: Kitchen) -> None:
    manager = kitchen.client(kitchen.manager)
    assert sheet(kitchen, "eaters") not in text(manager, f"/rows/{kitchen.unit}/")
    for method in (manager.get, manager.post):
        assert method(sheet(kitchen, "eaters"), {"reason": "看看"}).status_code == 404


def test_sheet_is_of_its_own_kind_of_thing(kitchen: Kitchen) -> None:
    client, batch = kitchen.client(kitchen.manager), kitchen.batch()
    text(client, f"/sheets/{NAME}/month/{batch}/", 404)
    text(client, f"/sheets/{NAME}/none/{kitchen.unit}/", 404)
    text(client, f"/sheets/none/month/{kitchen.unit}/", 404)


def test_sheet_without_the_pdf_library_says_so_and_shows_the_page(kitchen: Kitchen) -> None:
    answer = kitchen.client(kitchen.manager).get(sheet(kitchen, "month"), {"form": "pdf"})
    if pdf.library() is None:
        assert "没有装 PDF 组件" in answer.content.decode()
    else:
        assert answer.content.startswith(b"%PDF")
    assert sheets_seen()[-1].purpose == "pdf"


def test_overview_counts_in_the_areas_of_its_role(kitchen: Kitchen) -> None:
    kitchen.batch()
    client, path = kitchen.client(kitchen.inspector), f"/overview/{NAME}/supply/"
    assert path in text(client, "/more/")
    page = text(client, path)
    assert "青禾县" in page
    assert '<p class="big">1</p>' in page
    assert path not in text(kitchen.client(kitchen.manager), "/more/")
    text(kitchen.client(kitchen.manager), path, 404)


@pytest.mark.parametrize("role", ["stranger", "neighbour", "town"])
def test_stranger_finds_none_of_it(kitchen: Kitchen, role: str) -> None:
    client = kitchen.place.client(role)
    for path in (sheet(kitchen, "month"), sheet(kitchen, "eaters"), f"/overview/{NAME}/supply/"):
        text(client, path, 404)
        text(client, f"/api/v1{path.replace('/overview/', '/overviews/').rstrip('/')}", 404)
    text(client, f"/api/v1/rows/{kitchen.unit}/panels", 404)
    shown = client.get("/api/v1/overviews").json()["overviews"]
    assert [one for one in shown if one["scenario"] == NAME] == []
    assert sheets_seen() == []


def test_nobody_signed_in_is_asked_to_sign_in(kitchen: Kitchen) -> None:
    assert kitchen.place.client().get(sheet(kitchen, "month")).status_code == 302
    assert kitchen.place.client().get(f"/overview/{NAME}/supply/").status_code == 302


def test_api_gives_the_same_facts_as_json(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    client = kitchen.client(kitchen.inspector)
    panels = client.get(f"/api/v1/rows/{kitchen.unit}/panels").json()["panels"]
    assert [one["title"] for one in panels] == ["今天的批次"]
    assert panels[0]["facts"]["batches"][0]["id"] == batch
    assert panels[0]["facts"]["batches"][0]["eater"] is None
    broken = client.get(f"/api/v1/rows/{batch}/panels").json()["panels"][1]
    assert broken == {"title": "坏的", "facts": None}
    found = client.get(f"/api/v1/sheets/{NAME}/month/{kitchen.unit}?period=2026-03").json()
    assert found["period"] == ["2026-03-01", "2026-04-01"]
    assert found["facts"]["batches"][0]["dish"] == "红烧肉"
    refused = client.get(f"/api/v1/sheets/{NAME}/eaters/{kitchen.unit}")
    assert refused.status_code == 422
    opened = client.get(f"/api/v1/sheets/{NAME}/eaters/{kitchen.unit}?reason=check")
    assert opened.json()["facts"]["batches"][0]["eater"] == "李小花"
    assert sheets_seen()[-1].purpose == "api"
    names = client.get("/api/v1/overviews").json()["overviews"]
    assert names == [{"scenario": NAME, "name": "supply", "title": "供餐总览"}]
    facts = client.get(f"/api/v1/overviews/{NAME}/supply").json()["facts"]
    assert len(facts["batches"]) == 1


@pytest.mark.sqlite_only(reason="the same code asks on both; pinned once")
def test_pages_ask_as_much_for_thirty_batches_as_for_three(kitchen: Kitchen) -> None:
    client = kitchen.client(kitchen.inspector)
    paths = (sheet(kitchen, "month"), f"/overview/{NAME}/supply/")

    def asked() -> list[int]:
        found = []
        for path in paths:
            text(client, path)
            with CaptureQueriesContext(connection) as queries:
                text(client, path)
            found.append(len(queries))
        return found

    for _n in range(3):
        kitchen.batch()
    few = asked()
    for _n in range(27):
        kitchen.batch()
    assert asked() == few == [30, 20]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ unit|safe }}", "does not escape"),
        ("{% autoescape off %}{{ unit }}{% endautoescape %}", "does not escape"),
        ("<script>1</script>", "a script"),
        ('<p style="color:red">', "a script or a style"),
        ('<a onclick="x()">', "a handler"),
        ('<img src="//x.example/a.png">', "an address outside"),
        ("{% if %}", "can be read"),
        ("{% load i18n %}", "can be read"),
    ],
)
def test_templates_that_are_unsafe_or_broken_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, said: str
) -> None:
    (tmp_path / NAME).mkdir()
    for path in (HERE / NAME).glob("*.html"):
        (tmp_path / NAME / path.name).write_text(path.read_text())
    monkeypatch.setattr(drawn, "ROOT", tmp_path)
    assert list(drawn.faults_of(SHOWING)) == []
    (tmp_path / NAME / "month.html").write_text(template)
    faults = [str(fault) for fault in drawn.faults_of(SHOWING)]
    assert len(faults) == 1
    assert faults[0].startswith(f"{NAME}/month.html")
    assert said in faults[0]
    (tmp_path / NAME / "month.html").unlink()
    assert "no such file" in str(next(drawn.faults_of(SHOWING)))


def test_template_cannot_reach_outside_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / NAME / "panel.html").write_text('{% include "../secret.html" %}')
    monkeypatch.setattr(drawn, "ROOT", tmp_path)
    with pytest.raises(Exception, match=r"secret\.html"):
        drawn.draw(NAME, "panel.html", {})


def test_notice_stands_on_the_page_of_who_is_told(kitchen: Kitchen) -> None:
    """The manager's own page shows it in both languages; a stranger's shows nothing."""
    place = kitchen.place
    kitchen.batch()
    manager = place.registrar.person("周三", "Zhou San", "0990 7000 0001", ["in_app"])
    place.registrar.post(manager, "manager", place.people.village)
    place.dispatcher = Dispatcher(place.clock, {"in_app": InAppChannel()}, "one")
    place.wait(hours=10, minutes=5)
    client = kitchen.client(manager)
    assert "今天有1批没有放行" in text(client, "/inbox/")
    assert "1 batches are not released today" in text(kitchen.client(manager, "en"), "/inbox/")
    [said] = client.get("/api/v1/inbox").json()
    assert (said["case_id"], said["purpose"]) == (None, "daily_notice")
    assert "没有放行" not in text(place.client("stranger"), "/inbox/")
    assert Delivery.objects.get(purpose="daily_notice", person_id=manager).state == "delivered"
