"""The call-out desk: who may, what it shows, what it logs, what a click does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.loop.callout.models import CallOut, CallOutPerson, CallOutSheet
from tests.console.place import JPEG, Place
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
ZH = "立即转移低洼处住户"
PAGE_QUERIES = 35


def form(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "zh": ZH, "en": "Move now", "areas": [str(place.people.town)], "roles": ["village_duty"],
        "severity": "critical", "mode": "live", "wakes": "1", "key": "k", **more,
    }  # fmt: skip


def started(place: Place, **more: Any) -> int:
    answer = place.client("command").post("/callouts/order", form(place, **more))
    assert answer.status_code == 302, answer.content.decode()
    place.settle()
    return CallOut.objects.order_by("-id")[0].id


def row_of(place: Place, role: str) -> CallOutPerson:
    return CallOutPerson.objects.filter(person_id=place.person(role)).order_by("-id")[0]


def test_order_from_the_page_rings_and_is_confirmed_on_the_phone(place: Place) -> None:
    identity = started(place)
    phone = place.client().get(place.phone("village")).content.decode()
    assert "叫应" in phone
    delivery = place.call_of("village", "order").id
    for do in ("answer", "go"):
        place.client().post(f"{place.phone('village')}act", {"do": do, "delivery": delivery})
    row = row_of(place, "village")
    assert (row.state, row.how) == ("confirmed", "page")
    page = place.client("command").get(f"/callouts/{identity}/").content.decode()
    assert "沈文启" in page
    assert "【演示】" not in page
    assert "演示" in page
    assert differences() == []


def test_stranger_family_and_neighbour_find_nothing(place: Place) -> None:
    identity = started(place)
    row = row_of(place, "village").id
    for role in ("stranger", "family"):
        client = place.client(role)
        for path in (
            "",
            f"{identity}/",
            f"{identity}/live",
            f"{identity}/sheet",
            f"{identity}/paper",
        ):
            assert client.get(f"/callouts/{path}").status_code == 404, (role, path)
        assert client.get(f"/api/v1/call-outs/{identity}").status_code == 404
        assert client.get("/api/v1/call-outs").json()["call_outs"] == []
        assert client.post("/callouts/order", form(place)).status_code == 403
        said = {"act": "confirm_for", "why": "x"}
        assert client.post(f"/callouts/{identity}/people/{row}", said).status_code == 404
        assert client.post(f"/callouts/{identity}/over", {"act": "end"}).status_code == 404
    assert place.client("village").post("/callouts/order", form(place)).status_code == 403
    assert Client().get(f"/callouts/{identity}/").status_code == 302
    assert CallOut.objects.count() == 1


def test_views_of_names_and_numbers_are_logged(place: Place) -> None:
    identity = started(place)
    client = place.client("command")
    for path in ("", "live", "paper", "sheet"):
        assert client.get(f"/callouts/{identity}/{path}").status_code == 200
    found = Entry.objects.filter(lane=VIEWS_LANE, type="call_out.viewed.v1")
    assert found.count() == 3, "the live part belongs to the opening that is logged"


def test_form_says_every_fault_and_keeps_what_was_typed(place: Place) -> None:
    answer = place.client("command").post(
        "/callouts/order", form(place, zh="看 http://x.cn", level="红色")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "看 http://x.cn" in page
    assert page.count("<li>zh") + page.count("<li>issuer") == 2


def test_acts_for_a_person_on_the_page(place: Place) -> None:
    identity = started(place)
    client, village, beside = (
        place.client("town"),
        row_of(place, "village"),
        row_of(place, "neighbour"),
    )
    photo = SimpleUploadedFile("a.jpg", JPEG, "image/jpeg")
    said = {"act": "knocked", "is_found": "yes", "photo": photo, "place": "30.1,119.2"}
    assert client.post(f"/callouts/{identity}/people/{village.id}", said).status_code == 302
    assert client.post(f"/callouts/{identity}/people/{village.id}", {
        "act": "confirm_for", "why": "x"}).status_code == 409  # fmt: skip
    said = {"act": "confirm_for", "why": "当面说过"}
    assert client.post(f"/callouts/{identity}/people/{beside.id}", said).status_code == 302
    said = {"act": "read_back", "is_right": "no"}
    assert client.post(f"/callouts/{identity}/people/{village.id}", said).status_code == 302
    assert client.post(f"/callouts/{identity}/people/{beside.id}", {"act": "x"}).status_code == 404
    first, second = row_of(place, "village"), row_of(place, "neighbour")
    assert (first.how, first.read_back, second.state) == ("door", False, "on_behalf")


def test_supersede_lift_and_signed_sheet(place: Place) -> None:
    old = started(place, event="rain", issuer="气象台", level="橙色")
    client = place.client("command")
    assert "取代" in client.get(f"/callouts/?supersedes={old}").content.decode()
    new = started(place, event="rain", supersedes=str(old), key="k2", issuer="气象台", level="红色")
    assert CallOut.objects.get(id=old).superseded_by == new
    said = {"act": "lift", "zh": "解除", "issuer": ""}
    assert client.post(f"/callouts/{new}/over", said).status_code == 422
    assert client.post(f"/callouts/{new}/over", {**said, "issuer": "气象台"}).status_code == 302
    assert client.post(f"/callouts/{new}/over", {**said, "issuer": "气象台"}).status_code == 409
    place.settle()
    for _twice in range(2):
        said = {"act": "sign", "digest": "", "remark": "属实"}
        assert client.post(f"/callouts/{new}/over", said).status_code == 302
    assert CallOutSheet.objects.get().n == 1
    assert "SHA-256" in client.get(f"/callouts/{new}/sheet/1").content.decode()
    stale = {"act": "sign", "digest": "ab" * 32}
    assert client.post(f"/callouts/{new}/over", stale).status_code == 422
    assert differences() == []


def test_drill_is_marked_on_every_page_text_and_print(place: Place) -> None:
    identity = started(place, mode="drill")
    for path in (f"{identity}/", f"{identity}/paper", f"{identity}/sheet", ""):
        page = place.client("command").get(f"/callouts/{path}").content.decode()
        assert "演练" in page, path
    phone = place.client().get(place.phone("village")).content.decode()
    assert "【演示】【演练】" in phone


def test_page_asks_as_much_for_many_people_as_for_few(place: Place) -> None:
    def asked(path: str) -> int:
        client = place.client("command")
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    few = asked(f"/callouts/{started(place)}/")
    for n in range(25):
        place.registrar.post(
            place.registrar.person(f"员{n}", f"P {n}", "0990 4000 0009", ["screen"]),
            "village_duty", place.people.village,
        )  # fmt: skip
    many = asked(f"/callouts/{started(place, key='k2')}/")
    assert few == many == PAGE_QUERIES


def test_api_does_what_the_page_does(place: Place) -> None:
    client = place.client("command")
    body = {"areas": [place.people.town], "roles": ["village_duty"], "zh": ZH}
    headers = {"Idempotency-Key": "a"}
    got = [
        client.post("/api/v1/call-outs", body, "application/json", headers=headers)
        for _twice in range(2)
    ]
    assert [one.status_code for one in got] == [200, 200]
    assert got[0].json() == got[1].json()
    place.settle()
    identity = got[0].json()["id"]
    shown = client.get(f"/api/v1/call-outs/{identity}").json()
    assert (shown["total"], shown["unanswered"], len(shown["silent"])) == (2, 2, 2)
    row = shown["silent"][0]["id"]
    said = {"act": "confirm_for", "why": "当面说过"}
    path = f"/api/v1/call-outs/{identity}/people/{row}/acts"

    def sent(where: str, what: dict[str, Any], key: str) -> int:
        headers = {"Idempotency-Key": key}
        answer = client.post(where, what, "application/json", headers=headers)
        return int(answer.status_code)

    assert [sent(path, said, key) for key in ("b", "b", "c")] == [200, 200, 409]
    assert sent("/api/v1/call-outs", {**body, "zh": "", "mode": "x"}, "d") == 422
    path = f"/api/v1/call-outs/{identity}/acts"
    assert sent(path, {"act": "lift"}, "e") == 422
    assert sent(path, {"act": "end", "reason": "误发"}, "f") == 200
