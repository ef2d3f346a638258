"""Field mode on the server: who gets the page, a draft's answer, printed codes, numbers typed."""

from __future__ import annotations

import json

import pytest

from bihuan.loop.models import Case, Happening
from tests.console.place import BAND, ELDER, Place

pytestmark = pytest.mark.django_db(databases="__all__")
DRAFT = {"X-Bihuan-Draft": "1"}


def test_field_page_has_ones_own_tasks_and_asks_for_a_sign_in(place: Place) -> None:
    case_id = place.hold_key()
    shown = place.client("village").get("/field/").content.decode()
    assert f"/cases/{case_id}/" in shown
    assert ELDER not in shown
    assert f"/cases/{case_id}/" not in place.client("stranger").get("/field/").content.decode()
    assert place.client().get("/field/").status_code == 302
    assert place.client().get("/field/who").status_code == 302


def test_who_names_the_account_that_would_send(place: Place) -> None:
    said = place.client("village").get("/field/who").json()
    assert said["who"] == str(place.user("village").pk)
    assert said["token"]


def test_shell_and_worker_are_open_and_say_nothing_of_anybody(place: Place) -> None:
    place.hold_key()
    alone = place.client().get("/field/offline").content
    assert "待发送" in alone.decode()
    assert b"data-account" not in alone
    assert b"csrf_token" not in alone
    worker = place.client().get("/field/sw.js")
    assert worker["Service-Worker-Allowed"] == "/"
    assert worker["Content-Type"].startswith("text/javascript")


def test_draft_sent_twice_is_one_act_and_answered_the_same(place: Place) -> None:
    """The answer to the first was lost on the way: the phone sends it again."""
    case_id, client = place.hold_key(), place.client("village")
    place.do("take", place.people.secretary)
    said = {"act": "progress", "key": "draft-1", "text": "到门口了"}
    for _time in range(2):
        answer = client.post(f"/cases/{case_id}/act", said, headers=DRAFT)
        assert (answer.status_code, answer.json()) == (200, {"faults": []})
    assert Happening.objects.filter(case_id=case_id, kind="progressed").count() == 1


def test_draft_refused_says_why_and_changes_nothing(place: Place) -> None:
    case_id, client = place.hold_key(), place.client("village")
    path = f"/cases/{case_id}/act"
    place.do("take", place.people.secretary)
    bare = client.post(path, {"act": "report", "key": "r", "text": ""}, headers=DRAFT)
    assert bare.status_code == 422
    assert all(bare.json()["faults"])
    keyless = client.post(path, {"act": "progress", "text": "x"}, headers=DRAFT)
    assert keyless.status_code == 422
    place.do("report", place.people.secretary, text="到家中，人没事")
    again = {"act": "report", "key": "late", "text": "到家中"}
    late = client.post(path, again, headers=DRAFT)
    assert late.status_code == 409
    assert late.json()["faults"]
    assert place.client("stranger").post(path, again, headers=DRAFT).status_code == 404
    assert Case.objects.get().state == "awaiting_confirmation"


def test_code_opens_its_page_after_sign_in_and_bears_no_name(place: Place) -> None:
    people = place.people
    things = {"device": people.device, "row": people.subject, "area": people.village}
    for kind, thing in things.items():
        path = f"/field/code/{kind}/{thing}/"
        answer = place.client("village").get(path)
        shown = answer.content.decode()
        address = {"device": "devices", "row": "rows", "area": "areas"}[kind]
        assert f"http://testserver/{address}/{thing}/" in shown
        assert "data:image/svg+xml" in shown
        assert ELDER not in shown
        assert place.client("stranger").get(path).status_code == 404
        asked = place.client().get(f"/{address}/{thing}/")
        assert asked.status_code == 302
        assert f"next=/{address}/{thing}/" in asked["Location"]
    assert place.client("village").get("/field/code/party/1/").status_code == 404
    assert place.client("village").get("/field/code/row/999999/").status_code == 404


def test_number_leads_to_what_one_may_see_only(place: Place) -> None:
    people, village = place.people, place.client("village")
    found = village.get("/field/find", {"number": f" {BAND} "})
    assert found["Location"] == f"/devices/{people.device}/"
    assert village.get("/field/find", {"number": people.subject})["Location"] == (
        f"/rows/{people.subject}/"
    )
    for client, number in (
        (place.client("neighbour"), BAND),
        (place.client("stranger"), people.subject),
        (village, ""),
        (village, "9" * 60),
        (village, "<b>"),
    ):
        answer = client.get("/field/find", {"number": number})
        assert answer["Location"] == "/field/?none=1", json.dumps(number)
    assert "没有找到" in village.get("/field/?none=1").content.decode()
