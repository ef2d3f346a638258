"""The shift's pages and API: written once, corrected openly, signed by two, drafted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.loop.shift.models import FlashReport, Handover, LogLine
from tests.console.place import ELDER, Place
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")


def write(client: Client, text: str, **more: str) -> Any:
    return client.post("/shift/write", {"text": text, **more})


def test_line_is_written_once_however_often_the_form_is_sent(place: Place) -> None:
    client = place.client("village")
    for _ in range(2):
        assert write(client, "停电", key="k1").status_code == 302
    page = client.get("/shift/").content.decode()
    assert page.count("停电") == 2  # the line, and the text in its own form of correction
    assert LogLine.objects.count() == 1


def test_corrected_line_stays_struck_out_beside_its_correction(place: Place) -> None:
    client = place.client("village")
    write(client, "石桥停电", key="a")
    first = LogLine.objects.get()
    write(client, "上坝停电", key="b", corrects=str(first.id))
    page = client.get("/shift/").content.decode()
    assert 'class="struck"' in page
    assert "石桥停电" in page
    assert "上坝停电" in page
    assert write(client, "又一次", key="c", corrects=str(first.id)).status_code == 422


@pytest.mark.parametrize(
    "said", [{"at": "tomorrow"}, {"at": "2099-01-01T00:00"}, {"about": "x"}, {"text": ""}]
)
def test_line_with_a_bad_field_is_refused_and_what_was_typed_is_kept(
    place: Place, said: dict[str, str]
) -> None:
    answer = place.client("village").post("/shift/write", {"text": "好好的一行", **said})
    assert answer.status_code == 422
    assert "text" in said or "好好的一行" in answer.content.decode()
    assert not LogLine.objects.exists()


def test_line_about_a_case_that_its_writer_may_not_see_is_refused(place: Place) -> None:
    case_id = place.hold_key()
    answer = write(place.client("neighbour"), "看看", about=str(case_id))
    assert answer.status_code == 404
    assert not LogLine.objects.exists()


def test_log_of_another_area_is_not_found(place: Place) -> None:
    for area in (place.people.county, place.people.town):
        assert place.client("village").get("/shift/", {"area": area}).status_code == 404
    assert place.client("command").get("/shift/", {"area": place.people.village}).status_code == 200


def offered(place: Place) -> int:
    answer = place.client("town").post("/shift/handovers/offer", {"text": "留意石桥村"})
    assert answer.status_code == 302
    return Handover.objects.get().id


def test_handover_carries_every_open_case_and_is_signed_by_two(place: Place) -> None:
    case_id = place.hold_key()
    made = offered(place)
    town, command = place.client("town"), place.client("command")
    assert town.post(f"/shift/handovers/{made}/accept").status_code == 422
    page = command.get(f"/shift/handovers/{made}/").content.decode()
    assert str(case_id) in page
    assert "留意石桥村" in page
    assert Handover.objects.get().digest in page
    assert ELDER not in page  # a sheet that lies about shows 王**
    assert command.post(f"/shift/handovers/{made}/accept").status_code == 302
    assert command.post(f"/shift/handovers/{made}/accept").status_code == 409
    assert Handover.objects.get().accepted_by == place.people.commander
    assert differences() == []


def test_draft_is_made_of_the_records_and_signed_as_it_was_edited(place: Place) -> None:
    case_id = place.reported()
    client = place.client("town")
    page = client.get(f"/cases/{case_id}/report/").content.decode()
    assert "演示信息快报（首报，第1期）" in page
    assert ELDER in page
    assert "到家中，人没事" in page
    assert "____" in page  # what nobody recorded is left open
    english = client.get(f"/cases/{case_id}/report/?language=en").content.decode()
    assert "Flash report (first report, no. 1)" in english
    said = {"stage": "first", "text": "改过的正文\r\n第二行"}
    answer = client.post(f"/cases/{case_id}/report/sign", said)
    report = FlashReport.objects.get()
    assert answer["Location"] == f"/shift/reports/{report.id}/"
    assert place.keys.open(report.text) == "改过的正文\n第二行"
    again = client.post(f"/cases/{case_id}/report/sign", said)
    assert again.status_code == 422  # the second one of a case is no first report
    assert "改过的正文" in client.get(answer["Location"]).content.decode()


def test_draft_is_a_view_and_is_logged(place: Place) -> None:
    case_id = place.hold_key()
    place.client("town").get(f"/cases/{case_id}/report/")
    assert (case_id, place.people.town_officer) in place.views()


def test_shift_pages_ask_a_fixed_number_of_questions(place: Place) -> None:
    client = place.client("town")
    client.get("/shift/")

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    place.hold_key()
    write(client, "一", key="1")
    few = {path: asked(path) for path in ("/shift/", "/shift/handovers/", "/shift/reports/")}
    for n in range(12):
        write(client, f"第{n}行", key=f"k{n}")
        place.signal(place.subject())
    place.settle()
    assert {path: asked(path) for path in few} == few


def test_api_does_what_the_pages_do_once(place: Place) -> None:
    case_id = place.hold_key()
    town, command = place.client("town"), place.client("command")
    area = place.people.town
    line = {"area_id": area, "at": "2026-03-02T00:00:00Z", "text": "停电", "about": case_id}
    for _ in range(2):
        made = post(town, "log", "k1", **line)
        assert made.status_code == 200
    assert LogLine.objects.count() == 1
    got = town.get("/api/v1/shift/log", {"area_id": area}).json()["lines"]
    assert [(one["text"], one["about"]) for one in got] == [("停电", case_id)]
    times = {"begins": "2026-03-01T12:00:00Z", "ends": "2026-03-02T00:00:00Z"}
    offer = post(town, "handovers", "k2", area_id=area, text="平安", **times).json()["id"]
    assert post(town, f"handovers/{offer}/accept", "k3").status_code == 422
    assert post(command, f"handovers/{offer}/accept", "k4").status_code == 200
    again = post(command, f"handovers/{offer}/accept", "k5")
    assert (again.status_code, again.json()["state"]) == (409, "accepted")
    one = town.get(f"/api/v1/shift/handovers/{offer}").json()
    assert (one["open_cases"], one["giver"], one["taker"]) == ([case_id], "刘芳", "何晓梅")
    draft = town.get(f"/api/v1/shift/drafts/{case_id}").json()
    assert (draft["number"], draft["stage"]) == (1, "first")
    report = {"case_id": case_id, "stage": "first", "text": draft["text"]}
    assert post(town, "reports", "k6", **report).status_code == 200
    assert FlashReport.objects.count() == 1


@pytest.mark.parametrize("role", ["family", "stranger", "neighbour"])
def test_api_refuses_who_has_no_post_there(place: Place, role: str) -> None:
    case_id, client, area = place.hold_key(), place.client(role), place.people.village
    made = offered(place)
    paths = (f"log?area_id={area}", f"handovers/{made}", f"drafts/{case_id}")
    got = [client.get(f"/api/v1/shift/{path}").status_code for path in paths]
    line = {"area_id": area, "at": "2026-03-02T00:00:00Z", "text": "x"}
    got.append(post(client, "log", "k", **line).status_code)
    assert got == [404, 404, 404, 404]
    assert Client().get(f"/api/v1/shift/log?area_id={area}").status_code == 401


def post(client: Client, path: str, key: str, **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    return client.post(f"/api/v1/shift/{path}", body, "application/json", headers=headers)
