"""Zones, boundaries and consents said on pages and over the API: who may, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.base.time import CHINA, datetime_of
from bihuan.console.register.wording import PURPOSES
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.boundaries import area_of
from bihuan.register.areas.models import AreaBoundary, Zone, ZoneArea
from bihuan.register.areas.spans import zones_at
from bihuan.register.consents.acts import may_process
from bihuan.register.consents.models import Consent
from tests.console.place import JPEG, Place
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
SQUARE = [[119.2, 30.1], [119.3, 30.1], [119.3, 30.2], [119.2, 30.2], [119.2, 30.1]]
BOW = [[119.2, 30.1], [119.3, 30.2], [119.3, 30.1], [119.2, 30.2], [119.2, 30.1]]
NO_ONE_ELSE = ("village", "neighbour", "family", "stranger")


def send(place: Place, who: str, path: str, act: str, key: str, /, **said: Any) -> int:
    fields = {f"v.{name}": value for name, value in said.items()}
    return place.client(who).post(path, {"act": act, "key": key, **fields}).status_code


def now(place: Place) -> str:
    return f"{datetime_of(place.clock.now_us()).astimezone(CHINA):%Y-%m-%dT%H:%M}"


def zone(place: Place, name: str, key: str) -> Zone:
    said = {"name": name, "latin": "", "kind": "开发区", "since": now(place)}
    assert send(place, "command", "/areas/", "zone", key, **said) == 302
    return Zone.objects.get(name=name)


def test_zones_overlap_the_tree_and_each_other_by_page(place: Place) -> None:
    """A village in two zones, its town in one of them; out of one again from a time on."""
    place.wait(minutes=5)
    park, forest = zone(place, "经济开发区", "z1"), zone(place, "东山林区", "z2")
    village, town = (f"/areas/{one}/" for one in (place.people.village, place.people.town))
    place.wait(minutes=5)
    for n, (path, one) in enumerate(((village, park), (village, forest), (town, forest))):
        said = {"zone": one.id, "since": now(place)}
        assert send(place, "command", path, "zone_join", f"j{n}", **said) == 302
    assert ZoneArea.objects.count() == 3
    shown = place.client("command").get(village).content.decode()
    assert "经济开发区" in shown
    assert "东山林区" in shown
    place.wait(minutes=5)
    held = ZoneArea.objects.get(area_id=place.people.village, zone_id=park.id)
    act = f"zone_leave-{held.id}"
    assert send(place, "command", village, act, "l", until=now(place)) == 302
    assert set(zones_at(Rows(MAIN), place.people.village, place.clock.now_us())) == {forest.id}
    assert differences() == []


@pytest.mark.parametrize("who", NO_ONE_ELSE)
def test_nobody_else_draws_zones_or_boundaries(place: Place, who: str) -> None:
    said = {"name": "x", "latin": "", "kind": "x", "since": now(place)}
    assert send(place, who, "/areas/", "zone", "k", **said) in (403, 404)
    assert bounded(place, SQUARE, who) in (403, 404)
    assert not Zone.objects.exists()
    assert not AreaBoundary.objects.filter(source="测绘院").exists()


def bounded(place: Place, ring: list[list[float]], who: str = "command", **more: Any) -> int:
    feature = {
        "type": "Feature",
        "properties": {"code": "990100008202"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    file = SimpleUploadedFile("b.geojson", text.encode(), "application/geo+json")
    said = {"datum": "WGS-84", "source": "测绘院", "property": "code", "since": now(place)} | more
    return send(place, who, "/areas/", "boundaries", f"b{len(text)}", file=file, **said)


def test_boundaries_come_with_a_declared_datum(place: Place) -> None:
    place.wait(minutes=5)
    assert bounded(place, SQUARE, datum="") == 422, "the datum is declared, never guessed"
    assert bounded(place, SQUARE, datum="BD-09") == 422
    assert bounded(place, BOW) == 422
    assert not AreaBoundary.objects.filter(source="测绘院").exists()
    assert bounded(place, SQUARE, datum="GCJ-02") == 302
    kept = AreaBoundary.objects.get(source="测绘院")
    assert (kept.area_id, kept.datum) == (place.people.village, "GCJ-02")
    assert 119.19 < kept.west < 119.1999, "kept in WGS-84, some hundred metres west"
    assert area_of(30.15, 119.25) == place.people.village
    assert bounded(place, SQUARE, datum="GCJ-02") == 302
    assert AreaBoundary.objects.filter(source="测绘院").count() == 1, "a rerun changes nothing"


def test_boundaries_over_the_api_as_on_the_page(place: Place) -> None:
    place.wait(minutes=5)
    path, since = "/api/v1/register/areas", f"{now(place)}:00+08:00"
    feature = {
        "type": "Feature",
        "properties": {"code": "990100008202"},
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    said = {"datum": "GCJ-02", "source": "测绘院", "property": "code", "since": since}

    def post(who: str, key: str, **values: object) -> Any:
        body = {"act": "boundaries", "values": said | values}
        headers = {"Idempotency-Key": key}
        return place.client(who).post(path, body, "application/json", headers=headers)

    assert post("stranger", "a", file=text).status_code in (403, 404)
    wrongs: list[dict[str, object]] = [{}, {"file": ""}, {"file": 7}, {"file": [text]}]
    for n, wrong in enumerate(wrongs):
        answer = post("command", f"w{n}", **wrong)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["faults"]] == ["file"]
    assert not AreaBoundary.objects.filter(source="测绘院").exists()
    for _twice in range(2):
        answer = post("command", "b", file=text)
        assert answer.status_code == 200, answer.content
    assert AreaBoundary.objects.get(source="测绘院").area_id == place.people.village
    assert differences() == []


def test_consent_is_noted_by_a_guardian_with_proof_and_taken_back(place: Place) -> None:
    elder, path = place.people.elder, f"/parties/{place.people.elder}/"
    said = {"purpose": "vitals", "notice": "2026-1", "guardian_id": place.people.daughter}
    assert send(place, "command", path, "consent", "c1", **said) == 422, "a guardian shows a paper"
    photo = SimpleUploadedFile("a.jpg", JPEG, "image/jpeg")
    assert send(place, "command", path, "consent", "c2", document=photo, **said) == 302
    kept = Consent.objects.get()
    assert (kept.given_by, kept.guardian_id) == ("guardian", place.people.daughter)
    assert kept.document is not None
    assert may_process(Rows(MAIN), elder, "vitals", place.clock.now_us())
    shown = place.client("command").get(path).content.decode()
    assert PURPOSES["vitals"][0] in shown
    assert "有效" in shown
    place.wall.advance(minutes=1)
    act = f"withdraw-{kept.id}"
    for who in ("neighbour", "family", "stranger"):
        assert send(place, who, path, act, "w") in (403, 404)
    assert send(place, "command", path, act, "w") == 302
    assert not may_process(Rows(MAIN), elder, "vitals", place.clock.now_us())
    assert "已撤回" in place.client("command").get(path).content.decode()
    assert differences() == []


def test_consent_of_the_person_by_the_api_once_for_its_key(place: Place) -> None:
    client, path = place.client("command"), f"/api/v1/register/parties/{place.people.elder}"
    acts = {one["act"] for one in client.get(path).json()["acts"]}
    assert "consent" in acts
    body = {"act": "consent", "values": {"purpose": "position", "notice": "2026-1"}}
    for _twice in range(2):
        answer = client.post(
            f"{path}/acts", body, "application/json", headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 200, answer.content
    assert Consent.objects.count() == 1
    wrong = {"act": "consent", "values": {"purpose": "everything", "notice": ""}}
    answer = client.post(
        f"{path}/acts", wrong, "application/json", headers={"Idempotency-Key": "m"}
    )
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["faults"]} == {"purpose", "notice"}
