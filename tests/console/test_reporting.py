"""Reporting on pages, without an account and over the API; looked up without calling."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.console.reporting.limits import LOOKUPS, REPORTS, WRONG
from bihuan.console.reporting.numbers import code_of, is_code
from bihuan.loop import scenario
from bihuan.loop.cases.models import Matter
from bihuan.loop.models import Case
from tests.console.place import JPEG, Place
from tests.console.test_matters import case_id, in_hand, only_here, page, send
from tests.matters import MATTERS

__all__ = ["case_id", "only_here"]  # fixtures
pytestmark = pytest.mark.django_db(databases="__all__")
TEXT = "村口路坏了"
KIND = "town_matters.road"


# ---- reporting -------------------------------------------------------------------------------


def form(place: Place, **more: str) -> dict[str, str]:
    return {"kind": KIND, "area": str(place.people.village), "text": TEXT, "key": "k1", **more}


def test_official_writes_down_what_was_said_and_reads_it_back(place: Place) -> None:
    scenario.install(MATTERS)
    client = place.client("town")
    said = form(place, way="phone", contact="老张 0990 1234")
    assert client.post("/report/", said).status_code == 422, "read back: yes or no"
    for _twice in range(2):
        assert client.post("/report/", {**said, "read_back": "yes"}).status_code == 302
    (matter,) = Matter.objects.all()
    assert (matter.via, matter.taken_down_by, matter.is_read_back) == (
        "phone",
        place.people.town_officer,
        True,
    )
    text = page(place, "town", place.case.id)
    assert "老张 0990 1234" in text
    assert "刘芳 代录" in text
    stranger = place.client("stranger")
    assert stranger.post("/report/", {**said, "key": "k2", "read_back": "yes"}).status_code == 403


def test_report_names_every_bad_field(place: Place) -> None:
    scenario.install(MATTERS)
    answer = place.client("town").post("/report/", {"key": "k", "contact": "老张"})
    text = answer.content.decode()
    assert answer.status_code == 422
    for words in ("请选一类事情", "请选地点", "请写明是什么事", "请选怎么收到的"):
        assert words in text
    assert 'value="老张"' in text, "what was typed stays"


def test_sealed_origin_is_shown_to_nobody_and_still_has_its_say(place: Place) -> None:
    scenario.install(MATTERS)
    client = place.client("stranger")
    assert client.post("/report/", form(place, way="self", sealed="1")).status_code == 302
    case_id = place.case.id
    in_hand(place, case_id)
    assert send(place, "village", case_id, "submit", text="好了", answer="办好了") == 302
    assert send(place, "town", case_id, "pass") == 302
    place.settle()
    assert send(place, "stranger", case_id, "solved") == 302
    for role in ("town", "village", "command"):
        for address in (f"/cases/{case_id}/", "/cases/", f"/api/v1/cases/{case_id}", "/"):
            text = place.client(role).get(address).content.decode()
            assert "任世平" not in text, f"{role} {address}"
            assert "任**" not in text, f"{role} {address}"
    assert "身份保密" in page(place, "town", case_id)


def test_anybody_reports_and_looks_the_state_up_without_an_account(place: Place) -> None:
    scenario.install(MATTERS)
    said = form(place, kind="suggestions.suggestion", contact="0990 7777")
    client = Client()
    answer = client.post("/open/report/", said)
    case_id = place.case.id
    assert (answer.status_code, Case.objects.get(id=case_id).cause) == (200, "matter")
    assert code_of(case_id) in answer.content.decode()
    typed = {"number": str(case_id), "code": code_of(case_id).lower().replace("-", " ")}
    text = client.post("/open/status/", typed).content.decode()
    assert "待受理" in text
    assert "0990 7777" not in text
    assert TEXT not in text, "what was said is not shown back: the code may be overheard"
    client.post("/open/report/", said)
    assert Matter.objects.count() == 1, "sent twice, taken once"


def test_open_form_takes_only_what_is_open(place: Place) -> None:
    scenario.install(MATTERS)
    for kind in (KIND, "suggestions.instruction", "elder_care.sos", "", "x"):
        assert Client().post("/open/report/", form(place, kind=kind)).status_code == 422
    assert not Matter.objects.exists()


def test_status_says_the_same_of_a_wrong_number_and_a_wrong_code(
    place: Place, case_id: int
) -> None:
    emergency = place.hold_key()
    pages = set()
    for number, code in (
        (case_id, "AAAA-AAAA-AAAA"),
        (case_id + 8, code_of(case_id)),
        (emergency, code_of(emergency)),
    ):
        answer = Client().post("/open/status/", {"number": str(number), "code": code})
        assert answer.status_code == 404
        text = answer.content.decode().replace(str(number), "N")
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"|data-now-s="\d+"', "", text))
    assert len(pages) == 1


def test_codes_are_guessed_ten_times_an_hour_at_most(place: Place, case_id: int) -> None:
    client, wrong = Client(), {"number": str(case_id), "code": "AAAA-AAAA-AAAA"}
    said = [client.post("/open/status/", wrong).status_code for _n in range(WRONG.most + 1)]
    assert said == [404] * WRONG.most + [429]
    good = {"number": str(case_id), "code": code_of(case_id)}
    assert client.post("/open/status/", good).status_code == 429
    place.wall.advance(hours=1)
    assert client.post("/open/status/", good).status_code == 200
    assert LOOKUPS.most > WRONG.most


def test_reports_of_one_address_are_bounded(place: Place) -> None:
    client = Client()
    said = form(place, kind="suggestions.suggestion")
    for n in range(REPORTS.most):
        assert client.post("/open/report/", {**said, "key": f"k{n}"}).status_code == 200
    assert client.post("/open/report/", {**said, "key": "more"}).status_code == 429
    assert Matter.objects.count() == REPORTS.most


def test_code_reads_however_it_is_typed() -> None:
    code = code_of(12345)
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}", code)
    assert is_code(12345, code.lower().replace("-", ""))
    assert not is_code(12346, code)
    assert not is_code(12345, "")


# ---- the API ---------------------------------------------------------------------------------


def api(place: Place, role: str, address: str, key: str, body: Any) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key}
    client = place.client(role)
    got = client.post(f"/api/v1/{address}", body, "application/json", headers=headers)
    return got.status_code, got.json()


def test_api_carries_a_matter_as_the_pages_do(place: Place) -> None:
    scenario.install(MATTERS)
    people = place.people
    matter = {"kind": KIND, "area_id": people.village, "text": TEXT, "way": "web"}
    assert api(place, "stranger", "matters", "r", {**matter, "way": "api"})[0] == 403
    status, told = api(place, "stranger", "matters", "r", matter)
    assert (status, told["code"]) == (200, code_of(told["case_id"]))
    assert api(place, "stranger", "matters", "r", matter) == (200, told)
    case_id = told["case_id"]
    opened = place.client("town").get(f"/api/v1/cases/{case_id}").json()
    assert opened["matter"] == TEXT
    assign = {"act": "assign", "fields": {"target": f"person:{people.secretary}"}}
    batch = {"acts": [{"case_id": case_id, "act": "accept"}, {"case_id": case_id, **assign}]}
    batch["acts"] += [{"case_id": 99, "act": "accept"}, {"case_id": case_id, "act": "note"}]
    done = api(place, "town", "acts", "b", batch)[1]["done"]
    assert [one["error"] for one in done] == [None, None, "missing", "faults"]
    offers = place.client("village").get(f"/api/v1/cases/{case_id}").json()["offers"]
    assert [one["act"] for one in offers if one["act"] in ("receive", "return")]
    assert api(place, "village", f"cases/{case_id}/acts", "1", {"act": "receive"})[0] == 200
    assert api(place, "village", f"cases/{case_id}/acts", "2", {"act": "begin"})[0] == 200
    bad = {"act": "ask_extension", "text": "", "fields": {"days": "0", "x": "1"}}
    status, faults = api(place, "village", f"cases/{case_id}/acts", "3", bad)
    assert (status, {one["field"] for one in faults["faults"]}) == (
        422,
        {"text", "clock", "days", "x"},
    )


def test_api_takes_photos_and_documents(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    client = place.client("village")
    said = {
        "act": "submit",
        "text": "好了",
        "answer": "补好了",
        "fields": "{}",
        "place": "30.1,119.2",
    }
    for _twice in range(2):
        files = {
            "photo": SimpleUploadedFile("a.jpg", JPEG, "image/jpeg"),
            "document": SimpleUploadedFile("b.txt", b"paper", "text/plain"),
        }
        headers = {"Idempotency-Key": "f"}
        got = client.post(f"/api/v1/cases/{case_id}/acts/files", {**said, **files}, headers=headers)
        assert (got.status_code, got.json()["state"]) == (200, "awaiting_check")
    attach = {"act": "attach", "document": SimpleUploadedFile("c.txt", b"paper 2", "text/plain")}
    headers = {"Idempotency-Key": "g"}
    assert (
        client.post(f"/api/v1/cases/{case_id}/acts/files", attach, headers=headers).status_code
        == 200
    )
    listed = place.client("town").get(f"/api/v1/cases/{case_id}/documents").json()["documents"]
    assert [one["sha256"] for one in listed] == [hashlib.sha256(b"paper 2").hexdigest()]
    got = place.client("town").get(f"/api/v1/cases/{case_id}/documents/{listed[0]['id']}")
    assert got.content == b"paper 2"
    for role in ("stranger", "neighbour"):
        address = f"/api/v1/cases/{case_id}/documents"
        assert place.client(role).get(address).status_code == 404
