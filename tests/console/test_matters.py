"""Matters on pages and over the API: reported, handed on, answered, looked up without calling."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.base.time import datetime_of
from bihuan.loop import playbook, scenario
from bihuan.loop.cases.models import CaseLink, Document
from bihuan.loop.models import Case
from tests.console.place import JPEG, Place
from tests.matters import reported
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
TEXT = "村口路坏了"
KIND = "town_matters.road"


@pytest.fixture(autouse=True)
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's playbook is known in these tests alone."""
    monkeypatch.setattr(scenario, "_scenarios", dict(scenario._scenarios))
    for name in ("_playbooks", "_by_signal", "_newest"):
        monkeypatch.setattr(playbook, name, dict(getattr(playbook, name)))


@pytest.fixture
def case_id(place: Place) -> int:
    """The stranger reported a broken road; nobody has looked at it yet."""
    return reported(place)


def page(place: Place, role: str, case_id: int, language: str = "zh-hans") -> str:
    answer = place.client(role, language).get(f"/cases/{case_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def send(place: Place, role: str, case_id: int, act: str, **fields: Any) -> int:
    said = {"act": act, "key": f"{act}-{place.position}", **fields}
    return place.client(role).post(f"/cases/{case_id}/act", said).status_code


def in_hand(place: Place, case_id: int) -> None:
    """Accepted by the town, assigned to the village, signed for and begun: all by forms."""
    assert send(place, "town", case_id, "accept") == 302
    target = f"role:village_duty@{place.people.village}"
    assert f'value="{target}"' in page(place, "town", case_id)
    assert send(place, "town", case_id, "assign", **{"f-target": target}) == 302
    assert send(place, "village", case_id, "receive") == 302
    assert send(place, "village", case_id, "begin") == 302


def ahead(place: Place, days: int) -> str:
    """As a browser's local date field says it, in China's time."""
    return f"{datetime_of(place.clock.now_us()) + timedelta(days=days, hours=8):%Y-%m-%dT%H:%M}"


# ---- the case page ---------------------------------------------------------------------------


def test_case_page_carries_a_matter_from_report_to_the_origins_word(
    place: Place, case_id: int
) -> None:
    in_hand(place, case_id)
    answer = {"text": "已补好路面", "answer": "路已经补好了"}
    assert send(place, "village", case_id, "submit", **answer) == 302
    assert send(place, "town", case_id, "pass") == 302
    place.settle()
    assert send(place, "stranger", case_id, "solved") == 302
    case = Case.objects.get(id=case_id)
    assert (case.state, case.outcome) == ("closed", "confirmed")
    assert differences() == []


@pytest.mark.parametrize(
    ("language", "says"), [("zh-hans", "反映的内容"), ("en", "What was reported")]
)
def test_case_page_shows_what_was_reported(
    place: Place, case_id: int, language: str, says: str
) -> None:
    text = page(place, "town", case_id, language)
    assert says in text
    assert TEXT in text


def test_case_page_asks_for_more_time_and_another_decides(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    more = {"f-clock": "act", "f-days": "5", "text": "等材料"}
    assert send(place, "village", case_id, "ask_extension", **more) == 302
    assert "等材料" in page(place, "command", case_id)
    assert send(place, "village", case_id, "grant_extension") == 403
    assert send(place, "command", case_id, "grant_extension") == 302
    assert (
        send(
            place,
            "village",
            case_id,
            "ask_suspension",
            **{"f-until": ahead(place, 10), "text": "等天晴"},
        )
        == 302
    )
    assert send(place, "command", case_id, "grant_suspension") == 302
    assert "暂停计时" in page(place, "village", case_id)


def test_case_page_keeps_what_was_typed_beside_every_bad_field(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    said = {"act": "ask_extension", "key": "k", "f-clock": "act", "f-days": "400", "text": "等材料"}
    answer = place.client("village").post(f"/cases/{case_id}/act", said)
    form = answer.content.decode().split('id="fold-ask_extension"')[1].split("</form>")[0]
    assert answer.status_code == 422
    assert 'id="fault-ask_extension-days"' in form
    assert 'value="400"' in form
    assert "等材料" in form


def test_case_page_summons_units_and_each_reports_in(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    units = [f"person:{place.people.town_officer}", f"person:{place.people.commander}"]
    assert (
        send(place, "village", case_id, "summon", **{"f-units": units, "text": "请到现场"}) == 302
    )
    assert send(place, "command", case_id, "report_in") == 302
    text = page(place, "village", case_id)
    assert text.count("吹哨 · ") == 2
    assert "何晓梅" in text


def test_case_page_shows_levels_of_supervision(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    assert (
        send(place, "command", case_id, "supervise", **{"f-level": "3", "text": "拖得太久"}) == 302
    )
    head = page(place, "village", case_id).split('id="head"')[1].split("</section>")[0]
    assert "挂牌督办" in head


def test_documents_are_listed_with_their_own_hash_and_downloads_are_logged(
    place: Place, case_id: int
) -> None:
    in_hand(place, case_id)
    contents = [b"one", b"two", b"three"]
    files = [SimpleUploadedFile(f"纪要{n}.txt", c, "text/plain") for n, c in enumerate(contents)]
    assert send(place, "village", case_id, "attach", files=files) == 302
    text = page(place, "town", case_id)
    for content in contents:
        assert hashlib.sha256(content).hexdigest() in text
    before = len(place.views())
    for n, document in enumerate(Document.objects.order_by("id")):
        got = place.client("town").get(f"/cases/{case_id}/documents/{document.id}")
        assert got.content == contents[n]
        assert got["Content-Type"] == "application/octet-stream"
        address = f"/cases/{case_id}/documents/{document.id}"
        assert place.client("stranger").get(address).status_code == 404, "the origin is outside"
        assert place.client("neighbour").get(address).status_code == 404
    assert len(place.views()) == before + 3


def test_photo_says_what_is_proved_and_leaves_its_metadata_inside(
    place: Place, case_id: int
) -> None:
    in_hand(place, case_id)
    exif = b"\xff\xe1\x00\x10Exif\x00\x00GPS-HERE"
    shot = JPEG[:2] + exif + JPEG[2:]
    taken = str(place.clock.now_us() // 1000 - 60_000)
    proof = {"text": "已补好", "answer": "补好了", "taken": taken}
    photo = SimpleUploadedFile("a.jpg", shot, "image/jpeg")
    assert send(place, "village", case_id, "submit", photo=photo, **proof) == 302
    text = page(place, "town", case_id)
    assert "未能证明地点" in text
    assert "3月2日 07:59 拍摄" in text
    found = re.search(rf"/cases/{case_id}/proof/[0-9a-f]+", text)
    assert found is not None
    assert place.client("town").get(found[0]).content == shot, "evidence stays as it was given"
    assert place.client("stranger").get(found[0]).content == JPEG


def test_chain_shows_who_held_it_and_is_not_for_the_origin(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    place.wait(days=60)
    text = place.client("command").get(f"/cases/{case_id}/chain").content.decode()
    assert "沈文启" in text
    assert 'class="late"' in text
    for role in ("stranger", "neighbour", "family"):
        assert place.client(role).get(f"/cases/{case_id}/chain").status_code == 404


def test_statements_are_for_the_reviewer_and_for_who_was_asked(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    person = f"person:{place.people.secretary}"
    assert (
        send(place, "command", case_id, "ask_statement", **{"f-person": person, "text": "为何逾期"})
        == 302
    )
    assert send(place, "village", case_id, "file_statement", text="等材料耽误了") == 302
    assert (
        send(place, "command", case_id, "open_inquiry", **{"f-person": person, "text": "核实"})
        == 302
    )
    for role, sees in (("command", True), ("village", True), ("town", False)):
        chain = place.client(role).get(f"/cases/{case_id}/chain").content.decode()
        assert ("等材料耽误了" in chain) is sees
        assert "等材料耽误了" not in page(place, role, case_id)


def test_notes_between_officials_are_not_the_origins(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    assert send(place, "village", case_id, "note", text="他家去年也闹过") == 302
    assert "他家去年也闹过" in page(place, "town", case_id)
    assert "他家去年也闹过" not in page(place, "stranger", case_id)


def test_duplicate_is_proposed_and_merged_by_its_number(place: Place, case_id: int) -> None:
    other = reported(place, "2", origin_id=None)
    assert CaseLink.objects.filter(case_id=other, other_id=case_id, link="duplicate").exists()
    text = page(place, "town", other)
    assert f'<option value="{case_id}">' in text
    assert send(place, "town", other, "merge", **{"f-case": str(case_id), "text": "同一处"}) == 302
    assert Case.objects.get(id=other).outcome == "merged"
    assert "已并入" in page(place, "town", other)


def test_case_page_of_a_long_matter_asks_no_more_questions(place: Place, case_id: int) -> None:
    in_hand(place, case_id)
    client = place.client("village")
    client.get("/")
    counts = []
    for n in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/cases/{case_id}/").status_code == 200
        counts.append(len(queries))
        for k in range(10):
            file = SimpleUploadedFile(f"{n}{k}.txt", b"x", "text/plain")
            assert send(place, "village", case_id, "attach", files=[file]) == 302
            assert send(place, "village", case_id, "note", text="记一笔") == 302
    assert counts[0] == counts[1]
    assert counts[0] <= 170


def test_batch_does_each_alone_and_says_what_became_of_it(place: Place, case_id: int) -> None:
    other = reported(place, "2", origin_id=None)
    assert send(place, "town", other, "accept") == 302
    emergency = place.hold_key()
    said = {"act": "accept", "key": "b", "case": [str(case_id), str(other), str(emergency), "99"]}
    for _twice in range(2):
        text = place.client("town").post("/cases/batch", said).content.decode()
        assert Case.objects.get(id=case_id).state == "accepted"
    assert text.count("没有办：") == 2
    assert "事件 99" not in text
    for role in ("neighbour", "stranger"):
        foreign = place.client(role).post("/cases/batch", {**said, "case": [str(emergency)]})
        assert str(emergency) not in foreign.content.decode()
    assert place.client("town").post("/cases/batch", {**said, "act": "void"}).status_code == 422
