"""A sealed whistle-blower's name and number stand on no page, in no file and in no answer.

任世平 reports under seal, is called back, says that nothing is solved, hands in a photo and a
document named after him. Then everybody who may see the case, the auditor among them, opens every
address of the site and of the API; what comes back is unpacked and searched for him.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.console.audit import read as audit
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.rows import Rows
from bihuan.loop import playbook, scenario
from bihuan.loop.cases.models import Document
from bihuan.loop.cases.report import Report, report
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.delivery.texts import Occasion, saying
from bihuan.loop.models import Case, Delivery, Happening, Proof
from bihuan.register import rights
from tests.console.api_matrix import MATRIX
from tests.console.filled import fill
from tests.console.place import Place
from tests.console.test_acts import photo
from tests.console.test_api_matrix import ask, said_by
from tests.console.test_matters import in_hand, send
from tests.console.test_offices import client_of
from tests.console.test_pages import PAGES
from tests.matters import MATTERS

pytestmark = pytest.mark.django_db(databases="__all__")
CONTACT = "晚上打 0990 7777 0009"
TRACES = ("任世平", "任**", "Ren Shiping", "Ren **", "0990 6000 0001", "099060000001", "0990 7777")
# who is registered here is no secret: that list names everybody, by no case
REGISTERED = {"parties", "party", "duplicates", "GET /register/parties"}
READERS = ("town", "command", "village")


@pytest.fixture(autouse=True)
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "_scenarios", dict(scenario._scenarios))
    monkeypatch.setattr(rights, "_grants", dict(rights._grants))
    for name in ("_playbooks", "_by_signal", "_newest"):
        monkeypatch.setattr(playbook, name, dict(getattr(playbook, name)))
    grants = {
        "town_duty": ("unseal", "review", "export"),
        "county_command": ("unseal", "review", "export"),
    }
    scenario.install(replace(MATTERS, grants=grants))  # type: ignore[arg-type]  # literals


@pytest.fixture
def case_id(place: Place) -> int:
    """Reported under seal, handled, asked back, not solved, handled again and asked again."""
    said = Report(
        scenario="town_matters",
        kind="road",
        text="村里的账有问题",
        area_id=place.people.village,
        origin_id=place.people.stranger,
        via="web",
        key="sealed",
        contact=CONTACT,
        is_sealed=True,
    )
    found = report(said, place.clock, place.keys)
    in_hand(place, found)
    told = {"text": "账目已核对", "answer": "账已经公开"}
    assert send(place, "village", found, "submit", **told) == 302
    assert send(place, "town", found, "pass") == 302
    place.settle()
    paper = SimpleUploadedFile("任世平的材料.txt", b"x", "text/plain")
    no = {"text": "没有公开", "photo": photo(), "document": paper}
    assert send(place, "stranger", found, "not_solved", **no) == 302
    place.settle()
    return found


@pytest.fixture
def filled(place: Place, case_id: int) -> dict[str, str]:
    """Every address filled with the sealed case, and with what there is besides."""
    had = fill(place)
    document = Document.objects.filter(case_id=case_id).first()
    proof = Proof.objects.filter(case_id=case_id).exclude(digest=None).first()
    return {
        **had,
        "case": str(case_id),
        "case_id": str(case_id),
        "document_id": str(document.id if document else 1),
        "digest": str(proof.digest if proof else had["digest"]),
        "row_id": had["subject"],
        "device_id": had["device"],
        "area_id": had["village"],
        "party_id": had["elder"],
        "handover_id": had["handover"],
        "staged_id": had["staged"],
        "thing_id": had["subject"],
        "scenario": "town_matters",
        "partner": "p12345",
        "name": "none",
        "playbook": "town_matters.road",
        "rule": "heart_rate_high",
        "key": "town_matters.road@1",
        "figure_id": "elder_care.sos_answered_in_time",
        "now": "x",
        "past": "x",
        **dict.fromkeys(
            ("roster_id", "organisation_id", "delivery_id", "subscription_id", "call_out_id",
             "callee_id", "unsealing_id", "observation_id", "nothing", "limit_id", "bulletin_id",
             "page_id", "n", "series_id", "warning_id"),
            "1",
        ),
    }  # fmt: skip


def unpacked(answer: Any) -> Iterator[str]:
    """An answer's words, its name of a file, and the words of the files that it packs."""
    content = answer.content
    yield str(dict(answer.items()))
    yield said_by(answer)
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield packed.read(name).decode("utf-8", "replace")


def traces(answer: Any, asked: str = "") -> list[str]:
    text = "\n".join(unpacked(answer)).replace(asked, "") if asked else "\n".join(unpacked(answer))
    return [one for one in TRACES if one in text]


def more_pages(case_id: int) -> Iterator[str]:
    """Pages and files besides the two tables, most of them for the same rows in another form."""
    yield from (
        "/wall/live", "/board/live", "/tasks/live", f"/cases/{case_id}/live", "/figures/",
        "/inbox/", "/map/", "/more/", "/shift/", "/shift/reports/", "/shift/handovers/",
        f"/cases/{case_id}/report/", f"/cases/{case_id}/report/?language=en",
        f"/cases/{case_id}/chain", f"/cases/{case_id}/unseal", "/open/figures/",
        "/search?q=任世平&noun=case", "/search?q=rsp&noun=case", "/search?q=60000001&noun=case",
        "/api/v1/search?q=任世平&noun=case", "/api/v1/shift/reports?area_id=1",
    )  # fmt: skip
    for name in ("elder_care", "town_matters"):
        for form in ("csv", "xlsx"):
            yield f"/figures/out/{name}?form={form}"
            yield f"/api/v1/figure-exports/{name}?form={form}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", READERS)
def test_no_reader_finds_the_origin_anywhere(
    place: Place, filled: dict[str, str], role: str, language: str
) -> None:
    client, found = place.client(role, language), {}
    for name, page in PAGES.items():
        # the feed tells positions alone; a phone's address is a secret of its own
        if page.method == "GET" and name not in (*REGISTERED, "live", "phone", "phone_live"):
            found[name] = traces(client.get(page.path.format(**filled)))
    for address in more_pages(int(filled["case"])):
        found[address] = traces(client.get(address), "任世平" if "q=" in address else "")
    for n, name in enumerate(MATRIX):
        if name in REGISTERED or not name.startswith("GET"):
            continue
        if name == "GET /search":
            continue  # persons are found by name; cases above
        found[name] = traces(ask(client, name, filled, f"k{n}"))
    assert {name: one for name, one in found.items() if one} == {}
    opened = client.get(f"/cases/{filled['case']}/").content.decode()
    assert "账" in opened, "the page is that of the case"


def test_case_page_says_that_the_identity_is_sealed(place: Place, case_id: int) -> None:
    """The walk above would see a name: the same pages of the same case without its seal."""
    shown = place.client("town").get(f"/cases/{case_id}/").content.decode()
    assert "身份保密" in shown
    assert Delivery.objects.filter(case_id=case_id, person_id=place.people.stranger).exists()
    assert Happening.objects.filter(case_id=case_id, person_id=place.people.stranger).exists()


@pytest.mark.parametrize("office", ["audit", "security", "system"])
def test_administrators_do_not_find_the_origin(
    place: Place, filled: dict[str, str], office: str
) -> None:
    place.client("stranger").get(f"/cases/{filled['case']}/")  # the origin's own look is a view
    client = client_of(place, office)
    found = {}
    for address in (
        "/audit/", "/audit/journal/", "/audit/views/", "/audit/erasures/", "/office/", "/settings/",
        "/api/v1/audit/journal", "/api/v1/audit/views", "/api/v1/audit/erasures",
        f"/cases/{filled['case']}/", "/",
    ):  # fmt: skip
        answer = client.get(address)
        # accounts are the administrators' own; who has one reported nothing by that
        text = "\n".join(unpacked(answer))
        found[address] = [one for one in TRACES if one in text]
    accounts = {"/office/"} if office != "audit" else set()
    assert {name: one for name, one in found.items() if one and name not in accounts} == {}


def test_audit_names_neither_the_origin_nor_its_number_beside_the_case(
    place: Place, case_id: int
) -> None:
    place.client("stranger").get(f"/cases/{case_id}/")
    lines, _more = audit.tail(0, None)
    views, _more = audit.tail(VIEWS_LANE, None)
    about = [one for one in (*lines, *views) if f"case {case_id}" in one.what]
    assert about
    assert [one for one in about if f"person {place.people.stranger}" in one.what] == []
    assert [one for one in about if "任" in one.who] == []
    assert [one for one in about if one.who == "身份保密"], "the origin's own lines are there"
    assert any("刘芳" in one.who for one in about), "officials are named"


def test_message_to_an_official_does_not_say_who_reported(place: Place, case_id: int) -> None:
    case = Case.objects.get(id=case_id)
    for purpose in ("call", "ask", "stand_down", "task", "supervise", "sign", "tell", "state"):
        for is_english in (False, True):
            sent = Delivery(case_id=case_id, purpose=purpose, channel="sms")
            said = saying(Occasion(Rows("default"), sent, case, place.keys, is_english))
            whole = f"{said.title}{said.text}{said.glance}{dict(said.params)}"
            assert [one for one in TRACES if one in whole] == [], purpose


def test_refusal_does_not_name_the_origin_who_was_faster(place: Place, case_id: int) -> None:
    """The origin's "no" was the last act; the town's "pass" comes too late."""
    body = {"act": "pass", "text": "可以"}
    headers = {"Idempotency-Key": "late"}
    address = f"/api/v1/cases/{case_id}/acts"
    client = place.client("town")
    answer = client.post(address, json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 409
    assert json.loads(answer.content)["by"] is None
    page = client.post(f"/cases/{case_id}/act", {"act": "pass", "key": "late2"})
    assert (page.status_code, traces(page)) == (409, [])


def test_official_who_reported_stays_named_for_what_an_official_does(
    place: Place, case_id: int
) -> None:
    """Else the gap on the timeline would say who it was."""
    case = Case.objects.get(id=case_id)
    hidden = hidden_in(case)
    assert hidden == {place.people.stranger}
    assert is_hidden(hidden, place.people.stranger, "origin")
    assert is_hidden(hidden, place.people.stranger), "where no role is kept"
    assert not is_hidden(hidden, place.people.stranger, "village_duty")
    assert not is_hidden(hidden, place.people.secretary, "origin")
    case.is_sealed = False
    assert hidden_in(case) == frozenset()
