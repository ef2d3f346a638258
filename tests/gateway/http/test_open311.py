"""Open311 GeoReport v2: services, a request posted, its state asked for by who sent it."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.register.entries import SignalReceived
from bihuan.wiring.request_status import status_of
from tests.county import World
from tests.gateway.http.post import Gate, Posting, key_for, said

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
FORM = "application/x-www-form-urlencoded"
BASE = "/open311/v2"
HOLE = {
    "service_code": "hazard",
    "lat": "30.1032",
    "long": "119.2051",
    "description": "路面塌陷 & 无护栏",
    "first_name": "王桂兰",
    "phone": "0990 4000 0001",
}


def form(**changes: str) -> bytes:
    return urlencode({**HOLE, **changes}).encode()


def test_services_are_listed_for_anybody_in_both_forms(gate: Gate) -> None:
    def talk(line: Posting) -> None:
        listed = line.get(f"{BASE}/services.json")
        assert listed.status == 200
        assert {one["service_code"] for one in listed.json} >= {"hazard", "opinion", "appeal"}
        root = ElementTree.fromstring(line.get(f"{BASE}/services.xml").body)
        assert root.tag == "services"
        assert [one.findtext("service_code") for one in root] == [
            one["service_code"] for one in listed.json
        ]
        (one,) = line.get(f"{BASE}/services/hazard.json").json
        assert one["service_name"] == "隐患"
        assert line.get(f"{BASE}/services/none.json").status == 404
        assert line.get(f"{BASE}/services.csv").status == 404

    gate.talk("", talk)


def test_request_is_a_signal_and_only_its_sender_sees_it(
    gate: Gate, clock: MovableClock, keys: KeyRing
) -> None:
    ours, other = key_for(clock, "requests"), key_for(clock, "requests")

    def talk(line: Posting) -> None:
        got = line.post(f"{BASE}/requests.json", form(api_key=ours.token), media=FORM, token="")
        assert got.status == 201
        (told,) = got.json
        path = f"{BASE}/requests/{told['service_request_id']}"
        (shown,) = line.get(f"{path}.json").json
        assert (shown["status"], shown["service_code"]) == ("open", "hazard")
        assert (shown["description"], shown["lat"]) == (HOLE["description"], "30.1032")
        gate.status = "closed"
        node = ElementTree.fromstring(line.get(f"{path}.xml").body)[0]
        assert node.findtext("status") == "closed"
        assert node.findtext("description") == HOLE["description"]
        assert line.get(f"{path}.json", token=other.token).status == 404
        assert line.get(f"{BASE}/requests/17.json").status == 404

    gate.talk(ours.token, talk)
    (signal,) = said(SignalReceived)
    assert (signal.kind, signal.source) == ("hazard", f"open311 {ours.id}")
    detail = json.loads(keys.open(signal.detail) or "")["open311"]
    assert detail == HOLE  # the key is not kept


def test_request_lists_every_fault_as_the_standard_has_it(gate: Gate, clock: MovableClock) -> None:
    wrong = urlencode({"service_code": "x", "lat": "91", "media_url": "ftp://a", "b": "1"})

    def talk(line: Posting) -> None:
        got = line.post(f"{BASE}/requests.json", wrong.encode(), media=FORM)
        assert got.status == 400
        found = [one["description"].split(":")[0] for one in got.json]
        assert sorted(found) == ["b", "lat", "lat, long", "media_url", "service_code"]
        root = ElementTree.fromstring(
            line.post(f"{BASE}/requests.xml", wrong.encode(), media=FORM).body
        )
        assert (root.tag, root[0].findtext("code")) == ("errors", "400")

    gate.talk(key_for(clock, "requests").token, talk)
    assert said(SignalReceived) == []


def test_request_is_closed_once_its_case_is(world: World) -> None:
    position = world.press()
    assert status_of(position) == "open"
    world.settle()
    assert status_of(position) == "open"
    world.do("take", world.people.secretary)
    world.do("report", world.people.secretary)
    assert status_of(position) == "open"  # until the origin has had its say
    world.do("solved", world.people.daughter)
    assert (world.case.state, status_of(position)) == ("closed", "closed")
