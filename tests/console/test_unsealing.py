"""Unsealing: two persons, a reason, a log; the name nowhere else, and never for who handles it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US
from bihuan.console.access import keys as system_keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.loop import playbook, scenario
from bihuan.loop.cases.report import Report, report
from bihuan.loop.models import Happening
from bihuan.loop.unsealing.acts import Unsealings
from bihuan.loop.unsealing.models import Unsealing
from bihuan.register import rights
from bihuan.register.entries import Actor
from tests.console.place import Place
from tests.console.test_api_keys import System
from tests.console.test_matters import in_hand
from tests.console.test_paged_lists import walked
from tests.matters import MATTERS
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
REASON = "举报属实需当面核实"
NAMES = ("任世平", "任**", "Ren Shiping", "0990 6000 0001", "09906000")
ME = ("town", "command")


@pytest.fixture(autouse=True)
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The town's matters, whose `town_duty` and `county_command` may unseal."""
    monkeypatch.setattr(scenario, "_scenarios", dict(scenario._scenarios))
    monkeypatch.setattr(rights, "_grants", dict(rights._grants))
    for name in ("_playbooks", "_by_signal", "_newest"):
        monkeypatch.setattr(playbook, name, dict(getattr(playbook, name)))
    grants = {"town_duty": ("unseal",), "county_command": ("unseal",)}
    scenario.install(replace(MATTERS, grants=grants))  # type: ignore[arg-type]  # literals


@pytest.fixture
def case_id(place: Place) -> int:
    """任世平 reports about the village, and asks that nobody learns who it was."""
    said = Report(
        scenario="town_matters",
        kind="road",
        text="村里的账有问题",
        area_id=place.people.village,
        origin_id=place.people.stranger,
        via="web",
        key="sealed",
        contact="晚上打 0990 6000 0001",
        is_sealed=True,
    )
    return report(said, place.clock, place.keys)


def call(place: Place, role: str, path: str, body: Any = None, key: str = "k") -> HttpResponse:
    client, address = place.client(role), f"/api/v1/cases/{path}"
    if body is None:
        return client.get(address)  # type: ignore[return-value]  # a response with extras
    headers = {"Idempotency-Key": key}
    return client.post(address, json.dumps(body), "application/json", headers=headers)  # type: ignore[return-value]  # the same


def asked(place: Place, case_id: int, role: str = "town") -> int:
    answer = call(place, role, f"{case_id}/unsealings", {"reason": REASON})
    assert answer.status_code == 200, answer.content
    return int(json.loads(answer.content)["id"])


def granted(place: Place, case_id: int) -> int:
    made = asked(place, case_id)
    path = f"{case_id}/unsealings/{made}/decision"
    assert call(place, "command", path, {"is_agreed": True}).status_code == 200
    return made


def test_unsealings_of_a_case_go_on_by_their_cursor(place: Place, case_id: int) -> None:
    for n in range(3):
        body = {"reason": f"{REASON}{n}"}
        said = json.loads(call(place, "town", f"{case_id}/unsealings", body, f"u{n}").content)
        path = f"{case_id}/unsealings/{said['id']}/decision"
        assert call(place, "command", path, {"is_agreed": False}).status_code == 200
    path = f"cases/{case_id}/unsealings"
    found = walked(place.client("town"), path, "unsealings", least=3)
    assert [one["reason"][-1] for one in found] == ["2", "1", "0"], "newest first"
    assert place.client("stranger").get(f"/api/v1/{path}?limit=1").status_code == 403


def views() -> list[Any]:
    found = Entry.objects.filter(lane=VIEWS_LANE, type="origin.unsealed.v1").order_by("position")
    return [decode(one.type, bytes(one.body or b"")) for one in found]


def test_two_persons_read_who_it_was_and_each_reading_is_logged_with_its_reason(
    place: Place, case_id: int
) -> None:
    made = granted(place, case_id)
    for n, role in enumerate(ME):
        answer = call(place, role, f"{case_id}/unsealings/{made}/readings", {}, f"r{n}")
        said = json.loads(answer.content)
        assert (said["name"], said["phone"]) == ("任世平", "0990 6000 0001")
        assert said["contact"] == "晚上打 0990 6000 0001"
    town, command = (place.person(role) for role in ME)
    assert [(v.case_id, v.by, v.second) for v in views()] == [
        (case_id, town, command),
        (case_id, command, town),
    ]
    assert {place.keys.open(v.reason) for v in views()} == {REASON}
    assert differences() == []


def test_pages_do_the_same_and_show_the_name_only_on_the_answer_to_a_reading(
    place: Place, case_id: int
) -> None:
    do, town, command = f"/cases/{case_id}/unseal/do", place.client("town"), place.client("command")
    assert "启封身份" in town.get(f"/cases/{case_id}/").content.decode()
    assert town.post(do, {"what": "ask", "reason": " ", "key": "a"}).status_code == 422
    for _twice in range(2):
        assert town.post(do, {"what": "ask", "reason": REASON, "key": "b"}).status_code == 302
    made = Unsealing.objects.get().id
    assert town.post(do, {"what": "read", "unsealing": made}).status_code == 403, "not agreed yet"
    assert town.post(do, {"what": "agree", "unsealing": made}).status_code == 403, "with himself"
    assert REASON in command.get(f"/cases/{case_id}/unseal").content.decode()
    for _twice in range(2):
        assert command.post(do, {"what": "agree", "unsealing": made}).status_code == 302
    assert command.post(do, {"what": "refuse", "unsealing": made}).status_code == 409
    page = town.post(do, {"what": "read", "unsealing": made})
    assert "任世平" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "任世平" not in town.get(f"/cases/{case_id}/unseal").content.decode()
    english = place.client("town", "en").get(f"/cases/{case_id}/unseal").content.decode()
    assert "Unseal the identity" in english


def test_wrong_person_is_refused_and_a_stranger_finds_nothing(place: Place, case_id: int) -> None:
    made = granted(place, case_id)
    in_hand(place, case_id)
    paths = (f"{case_id}/unsealings", f"{case_id}/unsealings/{made}/readings")
    # the village sees the case and has no verb; its origin sees it as the origin
    for role, code in (("village", 403), ("stranger", 403), ("neighbour", 404), ("family", 404)):
        assert call(place, role, paths[0]).status_code == code, role
        assert call(place, role, paths[0], {"reason": REASON}).status_code == code, role
        assert call(place, role, paths[1], {}).status_code == code, role
        client = place.client(role)
        assert client.get(f"/cases/{case_id}/unseal").status_code == code, role
        assert client.post(f"/cases/{case_id}/unseal/do", {"what": "ask"}).status_code == code
    assert place.client().get(f"/api/v1/cases/{paths[0]}").status_code == 401
    assert place.client().get(f"/cases/{case_id}/unseal").status_code == 302
    assert views() == []
    foreign = place.hold_key()
    assert call(place, "town", f"{foreign}/unsealings").status_code == 403, "nothing is sealed"
    path = f"{foreign}/unsealings/{made}/readings"
    assert call(place, "command", path, {}).status_code == 403


def test_a_third_holder_of_the_verb_does_not_read_what_two_agreed(
    place: Place, case_id: int
) -> None:
    made = granted(place, case_id)
    place.registrar.post(place.person("neighbour"), "town_duty", place.people.town)
    assert call(place, "neighbour", f"{case_id}/unsealings").status_code == 200
    path = f"{case_id}/unsealings/{made}/readings"
    assert call(place, "neighbour", path, {}).status_code == 403
    assert views() == []


def test_who_has_the_case_in_hand_may_neither_ask_nor_agree(place: Place, case_id: int) -> None:
    place.registrar.post(place.person("village"), "town_duty", place.people.town)
    assert call(place, "village", f"{case_id}/unsealings").status_code == 200
    in_hand(place, case_id)
    made = asked(place, case_id, "command")
    assert call(place, "village", f"{case_id}/unsealings", {"reason": REASON}).status_code == 403
    path = f"{case_id}/unsealings/{made}/decision"
    assert call(place, "village", path, {"is_agreed": True}).status_code == 403
    assert Unsealing.objects.get().state == "asked"


def test_refused_and_overdue_ones_are_not_read(place: Place, case_id: int) -> None:
    made = asked(place, case_id)
    again = call(place, "command", f"{case_id}/unsealings", {"reason": "又"}, "other")
    assert again.status_code == 409, "one waits already"
    no = call(place, "command", f"{case_id}/unsealings/{made}/decision", {"is_agreed": False})
    assert json.loads(no.content) == {"state": "refused"}
    assert call(place, "town", f"{case_id}/unsealings/{made}/readings", {}).status_code == 403
    made = int(
        json.loads(
            call(place, "command", f"{case_id}/unsealings", {"reason": "再核"}, "z").content
        )["id"]
    )
    place.wall.advance(hours=72)
    late = call(place, "town", f"{case_id}/unsealings/{made}/decision", {"is_agreed": True})
    assert late.status_code == 422, "what nobody decided for 72 h is over"
    acts, town, command = (
        Unsealings(place.clock, place.keys),
        *(Actor(person_id=place.person(role), role="unseal", via="page") for role in ME),
    )
    made = acts.ask(case_id, REASON, town)
    acts.decide(made, command, is_agreed=True)
    assert Unsealing.objects.get(id=made).until_us == place.clock.now_us() + 24 * HOUR_US
    place.wall.advance(hours=24)
    with pytest.raises(BadInputError, match="unsealing"):
        acts.read(made, town, "page")
    assert views() == []


def test_name_stays_out_of_lists_search_exports_and_the_live_feed(
    place: Place, case_id: int
) -> None:
    made = granted(place, case_id)
    call(place, "town", f"{case_id}/unsealings/{made}/readings", {}, "r")
    addresses = (
        "/", "/cases/", f"/cases/{case_id}/", f"/cases/{case_id}/live", f"/cases/{case_id}/unseal",
        f"/cases/{case_id}/chain", "/board/live", "/tasks/", "/search?q=任世平&noun=case", "/more/",
        "/api/v1/cases", f"/api/v1/cases/{case_id}", f"/api/v1/cases/{case_id}/unsealings",
        "/api/v1/search?q=任世平&noun=case", "/shift/",
    )  # fmt: skip
    for role in ("town", "command"):
        for address in addresses:
            text = place.client(role).get(address).content.decode()
            if address.startswith("/search"):
                assert f"/cases/{case_id}/" not in text
                text = text.replace("任世平", "")  # the query itself
            assert not any(name in text for name in NAMES), (role, address)
    assert not Happening.objects.filter(case_id=case_id, kind__contains="unseal").exists()
    bodies = b"".join(bytes(e.body or b"") for e in Entry.objects.filter(type__contains="unseal"))
    assert "任世平".encode() not in bodies
    assert REASON.encode() not in bodies


def test_key_of_another_system_unseals_only_where_it_says_so(place: Place, case_id: int) -> None:
    def caller(*verbs: str) -> System:
        wanted = Wanted("核查平台", place.person("town"), 30, verbs=verbs)
        return System(system_keys.make(wanted, Desk.here()))

    path = f"/cases/{case_id}/unsealings"
    for verbs in ((), ("read",)):
        assert caller(*verbs).get(path).status_code == 403, "never implied"
    assert caller("unseal").post(path, {"reason": REASON}).status_code == 200
    by = json.loads(bytes(Entry.objects.get(type="unsealing.asked.v1").body or b""))["by"]
    assert (by["person_id"], by["via"]) == (place.person("town"), "api")
