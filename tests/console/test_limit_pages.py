"""时限和工作日: who sets them, what is in force when; nothing is taken without a source."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bihuan.console.limits import given
from bihuan.loop.clocks.models import CountyLimit, WorkingDays
from bihuan.loop.playbook import newest
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")
SOS = "/limits/elder_care.sos/"
DAYS = "/limits/days/"
NO_ONE_ELSE = ("town", "village", "neighbour", "family", "stranger")
NOTICE = "\n".join(
    [f"2027-02-{n:02} 休 春节" for n in range(6, 13)]
    + ["2027-01-01 休 元旦", "2027-04-05 休 清明节", "2027-05-01 休 劳动节"]
    + ["2027-05-02 休 劳动节", "2027-06-09 休 端午节", "2027-09-15 休 中秋节"]
    + ["2027-10-01 休 国庆节", "2027-02-14 班 春节"]
)


def limit(place: Place, **changes: str) -> dict[str, str]:
    """The answer limit in force from the day after the county's first; 2026-03-02 is today."""
    return {
        "clock": "answer",
        "amount": "2",
        "unit": "minutes",
        "source": "青禾县演示文件 1 号",
        "effective_from": "2026-03-03",
        "region": str(place.people.county),
    } | changes


def clock_of_sos() -> str:
    return newest("elder_care", "sos").clock_kinds()[0]


@pytest.mark.parametrize("role", NO_ONE_ELSE)
def test_limit_is_set_by_nobody_but_who_tunes_for_the_whole_county(place: Place, role: str) -> None:
    client = place.client(role)
    assert {client.get(path).status_code for path in ("/limits/", SOS, DAYS)} == {404}
    assert client.post(SOS, limit(place)).status_code == 404
    assert client.post(DAYS, {"days": NOTICE, "source": "x"}).status_code == 404
    assert not CountyLimit.objects.exists()
    assert not WorkingDays.objects.exists()
    assert 'href="/limits/"' not in client.get("/more/").content.decode()
    assert 'href="/limits/"' in place.client("command").get("/more/").content.decode()


def test_limit_holds_from_its_day_and_the_ones_before_stay_in_the_history(place: Place) -> None:
    client, clock = place.client("command"), clock_of_sos()
    assert client.post(SOS, limit(place, clock=clock)).status_code == 302
    later = limit(place, clock=clock, amount="3", source="2 号", effective_from="2026-03-10")
    assert client.post(SOS, later).status_code == 302
    assert set(CountyLimit.objects.values_list("amount", "unit", "region")) == {
        (120, "seconds", "青禾县"),
        (180, "seconds", "青禾县"),
    }
    assert states(place) == ["尚未生效", "尚未生效"]
    place.wall.advance(days=2)
    page = client.get(SOS).content.decode()
    assert [w for w in ("本县定的", "02:00", "青禾县演示文件 1 号") if w not in page] == []
    assert states(place) == ["尚未生效", "现行"]
    place.wall.advance(days=8)
    assert states(place) == ["现行"]  # and the first one without a mark


def states(place: Place) -> list[str]:
    page = place.client("command").get(SOS).content.decode().split('id="h-own"')[1]
    marks = {at: word for word in ("尚未生效", "现行") for at in _places(page, word)}
    return [marks[at] for at in sorted(marks)]


def _places(page: str, word: str) -> list[int]:
    return [at for at in range(len(page)) if page.startswith(word, at)]


@pytest.mark.parametrize(
    "changes",
    [
        {"source": " "},
        {"source": "x" * 256},
        {"region": ""},
        {"region": "999"},
        {"effective_from": ""},
        {"effective_from": "2026-03-02"},  # today: what was opened keeps its limit
        {"effective_from": "soon"},
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "2.5"},
        {"amount": "9999999999"},
        {"unit": "working"},  # hours never become days by a setting
        {"unit": "years"},
        {"clock": "none"},
    ],
)
def test_limit_that_is_wrong_is_refused_and_what_was_typed_is_kept(
    place: Place, changes: dict[str, str]
) -> None:
    said = limit(place, clock=clock_of_sos(), source="演示文件 7 号") | changes
    answer = place.client("command").post(SOS, said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert "want" not in page.split('role="alert"')[1].split("</div>")[0]
    if "source" not in changes:
        assert "演示文件 7 号" in page
    assert not CountyLimit.objects.exists()


def test_notice_makes_a_provisional_year_an_announced_one(place: Place) -> None:
    client = place.client("command")
    before = client.get(DAYS).content.decode()
    assert "暂按周末和法定假日推算" in before.split("2027")[1][:200]
    said = {"days": NOTICE, "year": "2027", "source": "演示通知"}
    assert client.post(DAYS, said).status_code == 302
    page = client.get(DAYS).content.decode()
    assert "已公布" in page.split("2027")[1][:200]
    assert [w for w in ("演示通知", "2027-02-14", "调休上班") if w not in page] == []
    english = place.client("command", "en").get(DAYS).content.decode()
    assert "Spring Festival" in english


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ""},
        {"days": ""},
        {"days": "2027-02-30 休 春节"},
        {"days": "2027-02-06 maybe"},
        {"days": "6 Feb 休"},
        {"year": "1999"},
        {"year": "next"},
        {"days": "2027-02-06 休 春节", "year": "2027"},  # the statutory days are not all there
    ],
)
def test_notice_that_is_wrong_changes_nothing(place: Place, changes: dict[str, str]) -> None:
    said = {"days": NOTICE, "year": "2027", "source": "演示通知"} | changes
    assert place.client("command").post(DAYS, said).status_code == 422
    assert not WorkingDays.objects.exists()


def test_notice_names_every_bad_line() -> None:
    with pytest.raises(ValueError, match=r"line 1: x.*line 3: 2027-13-01 休"):
        given.days_of("x\n2027-02-06 休\n2027-13-01 休")


def post(place: Place, path: str, body: dict[str, Any], key: str = "k") -> Any:
    return place.client("command").post(
        f"/api/v1{path}",
        json.dumps(body),
        "application/json",
        headers={"Idempotency-Key": key},
    )


def test_api_sets_and_tells_the_same(place: Place) -> None:
    said = {**limit(place, clock=clock_of_sos()), "amount": 2, "region": place.people.county}
    first = post(place, "/limits/elder_care.sos", said)
    assert first.status_code == 200
    assert post(place, "/limits/elder_care.sos", said).json() == first.json()
    assert CountyLimit.objects.count() == 1
    client = place.client("command")
    rows = client.get("/api/v1/limits/elder_care.sos").json()
    (mine,) = [one for one in rows if one["own"]]
    assert mine["now"] == mine["declared"]
    assert [(one["amount"], one["effective_from"]) for one in mine["own"]] == [(120, "2026-03-03")]
    body = {"source": "演示通知", "days": [{"date": "2027-02-14", "is_working": True}]}
    assert post(place, "/working-days", body, "k2").status_code == 200
    years = {one["year"]: one for one in client.get("/api/v1/working-days").json()}
    assert years[2027]["is_provisional"] is True
    assert [one["date"] for one in years[2027]["days"]] == ["2027-02-14"]
