"""指标: who sees which figure, what a number opens to, what files carry, what a click publishes."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import msgspec
import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from bihuan.console.figures.shown import singular
from bihuan.figures.cube import Figures
from bihuan.figures.groups import date_of
from bihuan.figures.models import PeriodLock
from bihuan.figures.published.models import PressPage, Series
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.loop.entries import ClockMissed
from bihuan.register import rights
from bihuan.register.imports.entries import ExportMade
from tests.console.place import Place
from tests.figures.newspaper import ISSUED, PAGE, PAPER

pytestmark = pytest.mark.django_db(databases="__all__")
SOS_ID = "elder_care.sos_answered_in_time"
SOS = f"/figures/{SOS_ID}/"
MARCH = "?period=2026-03"
NOT_OFFICIAL = "业务数据，非统计数据"
PAGES = ("/figures/", SOS, f"{SOS}counted")


@pytest.fixture
def happened(place: Place) -> Place:
    """An SOS in 石桥村 that the village takes in time; figures have followed."""
    place.press()
    place.settle()
    place.do("take", place.people.secretary)
    place.settle()
    follow()
    return place


def follow() -> None:
    keeper = Figures()
    while keeper.run_once():
        pass


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def test_every_page_says_that_this_is_no_official_statistic(happened: Place) -> None:
    """Dashboards for each view, a figure, the list behind it: in Chinese and in English."""
    client = happened.client("command")
    urls = [*PAGES, "/figures/?view=duty", "/figures/?view=statistics"]
    for url in urls:
        assert NOT_OFFICIAL in shown(client, url), url
    client.cookies["django_language"] = "en"
    for url in urls:
        assert "Business data, not official statistics" in shown(client, url), url


def test_figures_with_nothing_to_count_stand_folded_below_the_others(happened: Place) -> None:
    page = shown(happened.client("command"), "/figures/?view=statistics")
    told, _fold, quiet = page.partition('<details class="fold fg-quiet">')
    answered, wandered = "elder_care.sos_answered_in_time", "elder_care.wandering_handled"
    assert f"/figures/{answered}/" in told
    assert f"/figures/{wandered}/" not in told
    assert quiet.index("</details>") > quiet.index(f"/figures/{wandered}/")
    number = int(re.findall(r"(\d+) 项指标这个时期没有数据", quiet)[0])
    assert quiet.split("</details>")[0].count('<th scope="row">') == number


def test_a_stranger_and_a_neighbour_see_no_figure_of_others(happened: Place) -> None:
    """404 for who holds nothing; the neighbouring village sees its own area only."""
    for url in PAGES:
        assert happened.client("stranger").get(url).status_code == 404, url
        assert happened.client("stranger").get(f"/api/v1{SOS.rstrip('/')}").status_code == 404
    county = f"{SOS}?area={happened.people.county}"
    assert happened.client("neighbour").get(county).status_code == 404
    assert "无数据" in shown(happened.client("neighbour"), SOS)
    assert Client().get("/figures/").status_code == 302


def test_a_number_opens_to_its_cases_by_the_same_address(happened: Place) -> None:
    """100.0% of 1 / 1; its list holds that case and no other; an empty month says so."""
    client = happened.client("command")
    page = shown(client, SOS + MARCH)
    assert "100.0%" in page
    assert "1 / 1" in page
    assert "counted?period=2026-03&amp;area=" in page
    rows = shown(client, f"{SOS}counted{MARCH}")
    assert rows.count("/cases/") - rows.count('href="/cases/"') == 1
    assert f"/cases/{happened.case.id}/" in rows
    empty = shown(client, f"{SOS}?period=2026-01")
    assert "无数据" in empty
    assert "0.0%" not in empty.split("fg-big")[1][:200]
    for wrong in ("?period=2026-13", "?area=99", "?area=x", "?view=none&period=0"):
        assert client.get(f"/figures/{wrong}").status_code == 404, wrong
    assert client.get("/figures/elder_care.nothing/").status_code == 404


def test_files_carry_definitions(happened: Place) -> None:
    """CSV and Excel: the note on top, each line with unit, definition, version and source."""
    client = happened.client("command")
    answer = client.get("/figures/export?scenario=elder_care&period=2026-03&form=csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert any(NOT_OFFICIAL in line[0] for line in lines[:4])
    head = next(n for n, line in enumerate(lines) if line[0] == "指标")
    names = lines[head]
    found = [dict(zip(names, x, strict=True)) for x in lines[head + 1 :]]
    row = next(x for x in found if x["编号 id"] == "elder_care.sos_answered_in_time")
    assert (row["值 value"], row["单位 unit"], row["分母 denominator"]) == ("100.0", "%", "1.0")
    assert row["口径（中文）"].startswith("期内呼救事件中")
    assert "[K]" in row["来源 source"]
    assert row["口径版本 version"] == "1"
    book = client.get("/figures/export?scenario=elder_care&period=2026-03&form=xlsx").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert any(NOT_OFFICIAL in str(line[0]) for line in sheet[:4])
    assert client.get("/figures/export?scenario=elder_care&form=pdf").status_code == 404
    outside = happened.client("village").get("/figures/export?scenario=elder_care&form=csv")
    assert outside.status_code == 404


def test_publishing_locks_what_was_shown(happened: Place) -> None:
    """Only for the county, only a period that is over; a second time only with a reason."""
    url = f"{SOS}publish{MARCH}"
    command, village = happened.client("command"), happened.client("village")
    assert command.post(url).status_code == 422
    happened.wall.advance(days=40)
    follow()
    assert village.post(url).status_code == 404
    assert command.post(url).status_code == 302
    assert "已发布第 1 版" in shown(happened.client("command"), SOS + MARCH)
    assert command.post(url).status_code == 422
    assert list(PeriodLock.objects.values_list("scenario", "period", "n")) == [
        ("elder_care", "2026-03", 1)
    ]


def test_a_month_before_the_journal_began_is_not_published(happened: Place) -> None:
    """Its zeros were never counted. The page says so, in both languages, and locks nothing."""
    began = date_of(happened.wall.now_us()).isoformat()
    url = f"{SOS}publish?period=2026-02"
    refused = happened.client("command").post(url)
    assert refused.status_code == 422
    assert (
        f"期间：填的是 2026-02，需要有记录的期间；记录自 {began} 起才有" in refused.content.decode()
    )
    english = happened.client("command", "en").post(url).content.decode()
    assert f"Period: got 2026-02, want a period with records: they begin {began}" in english
    said = {"scenario": "elder_care", "period": "2026-02"}
    told = happened.client("command").post(
        "/api/v1/figure-locks", said, "application/json", headers={"Idempotency-Key": "k"}
    )
    assert told.json()["faults"] == [
        {
            "field": "period", "got": "2026-02",
            "want": f"a period with records: they begin {began}",
        }
    ]  # fmt: skip
    assert not PeriodLock.objects.exists()


def test_the_api_gives_values_ids_and_definitions(happened: Place) -> None:
    """What a page shows, as JSON, by the same rights; every fault of a target at once."""
    client = happened.client("command")
    found = client.get(f"/api/v1/figures/elder_care.sos_answered_in_time{MARCH}").json()
    assert (found["amount"], found["top"], found["bottom"]) == (100.0, 1.0, 1.0)
    assert found["figure"]["note"][0] == NOT_OFFICIAL
    assert found["before"]["unit"] == "points"
    ids = client.get(f"/api/v1/figures/elder_care.sos_answered_in_time/counted{MARCH}").json()
    assert (ids["total"], ids["ids"]) == (1, [happened.case.id])
    names = {one["id"] for one in client.get("/api/v1/figures").json()}
    assert "elder_care.sos_answered_in_time" in names
    target = {
        "figure": "elder_care.sos_answered_in_time", "amount": 95.0, "source": " ",
        "region": " ", "from_us": 0,
    }  # fmt: skip
    said = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": "t1"}
    answer = client.post("/api/v1/figure-targets", target, **said)  # type: ignore[arg-type]  # headers
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == 2
    target |= {"source": "县政府会议", "region": "青禾县"}
    said["HTTP_IDEMPOTENCY_KEY"] = "t2"
    assert client.post("/api/v1/figure-targets", target, **said).status_code == 200  # type: ignore[arg-type]  # headers
    again = client.get(f"/api/v1/figures/elder_care.sos_answered_in_time{MARCH}").json()
    assert (again["target"], again["is_met"]) == (95.0, True)


def test_file_leaves_small_numbers_out_unless_somebody_answers_for_the_scenario(
    happened: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One case: a town that may only see and take out gets none; both files are entries."""
    monkeypatch.setitem(rights._grants, ("elder_care", "town_duty"), frozenset({"see", "export"}))
    url = "/figures/export?scenario=elder_care&period=2026-03&form=csv"
    before = Entry.objects.filter(type="export.made.v1").count()
    files = [
        happened.client(role).get(url).content.decode("utf-8-sig") for role in ("town", "command")
    ]
    rows = [
        next(line for line in csv.reader(io.StringIO(text)) if line[2:3] == [SOS_ID])
        for text in files
    ]
    assert (rows[0][5], rows[0][7], rows[0][8], rows[0][9]) == (
        "",
        "",
        "",
        "不公布 hidden（未结束 open）",
    )
    assert rows[1][5] == "100.0"
    assert "小数已隐去" in files[0]
    assert "小数已隐去" not in files[1]
    logged = [
        msgspec.json.decode(bytes(entry.body or b""), type=ExportMade)
        for entry in Entry.objects.filter(type="export.made.v1").order_by("position")[before:]
    ]
    said = [(one.kind, one.is_open, one.filters["period"], one.by.via) for one in logged]
    assert said == [
        ("figures.elder_care", False, "2026-03", "page"),
        ("figures.elder_care", True, "2026-03", "page"),
    ]
    assert logged[1].digest == hashlib.sha256(files[1].encode("utf-8-sig")).hexdigest()


def test_refused_file_is_no_entry(happened: Place) -> None:
    """A stranger, and a form that there is not: 404, and nothing in the journal."""
    before = Entry.objects.filter(type="export.made.v1").count()
    url = "/figures/export?scenario=elder_care&period=2026-03&form="
    assert happened.client("stranger").get(f"{url}csv").status_code == 404
    assert happened.client("command").get(f"{url}pdf").status_code == 404
    assert Entry.objects.filter(type="export.made.v1").count() == before


def test_published_series_stands_beside_the_figure_as_published(happened: Place) -> None:
    """A linked series is shown with its words and its paper, and goes when the link does."""
    client = happened.client("command")
    assert "他方已发布的" not in shown(client, SOS)
    client.post("/press/", {"paper": PAPER, "issued": ISSUED, "text": PAGE})
    page = PressPage.objects.get().id
    client.post(f"/press/{page}/1/decide", {"verdict": "confirm"})
    series = Series.objects.get().id
    client.post(f"/published/{series}/link", {"figure": SOS_ID})
    html = shown(client, SOS)
    beside = html[html.index('id="h-others"') :]
    assert "3.38亿元" in beside
    assert PAPER in beside
    assert f"/published/{series}/" in beside
    assert "6.1%" in beside
    client.post(f"/published/{series}/link", {"figure": ""})
    assert "h-others" not in shown(client, SOS)


def test_series_outside_the_reader_stays_hidden_beside_a_figure(happened: Place) -> None:
    """The village may see the figure and no published series: it sees none beside."""
    client = happened.client("command")
    client.post("/press/", {"paper": PAPER, "issued": ISSUED, "text": PAGE})
    client.post(f"/press/{PressPage.objects.get().id}/1/decide", {"verdict": "confirm"})
    client.post(f"/published/{Series.objects.get().id}/link", {"figure": SOS_ID})
    assert "h-others" in shown(client, SOS)
    assert "h-others" not in shown(happened.client("village"), SOS)


def test_parked_cases_are_told_where_their_figures_are_shown(happened: Place) -> None:
    """One case whose later entries wait: every page of its area says so, in zh and en."""
    client = happened.client("command")
    assert "停在" not in shown(client, SOS)
    missed = ClockMissed(case_id=happened.case.id, clock_id=1)  # no such clock: it parks
    with Appender(FACTS_LANE, happened.clock) as lane:
        lane.append(missed)
    for url in PAGES:
        assert "有 1 件的记录停在出错的一步" in shown(client, url), url
    client.cookies["django_language"] = "en"
    assert "Cases stopped at an entry at fault: 1" in shown(client, SOS)
    neighbour = shown(happened.client("neighbour"), SOS)
    assert "停在出错" not in neighbour


@pytest.mark.parametrize(
    ("unit", "one"),
    [("cases", "case"), ("passes", "pass"), ("moves of people", "move of people"), ("min", "min")],
)
def test_one_of_a_unit_is_singular(unit: str, one: str) -> None:
    assert singular(unit) == one
