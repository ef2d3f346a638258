"""The whole loop over the API in an empty county that is live: no demo, no other people."""

from __future__ import annotations

import itertools
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from bihuan.base.time import MovableClock
from bihuan.console import accounts, home
from bihuan.journal import county as journal_county
from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.loop.channels import ScreenChannel
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.register.acts import Registrar
from bihuan.scenarios import load
from bihuan.scenarios.kitchen.tests.place import PEOPLE
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PASSWORD = "qinghe-2026-long"
BACKEND = "django.contrib.auth.backends.ModelBackend"
SINCE = "2026-01-01T00:00:00+08:00"


class Caller:
    """One signed-in caller; each POST is a new click."""

    _clicks = itertools.count()

    def __init__(self, person_id: int) -> None:
        self.person_id, self._client = person_id, Client()
        accounts.create(f"u{person_id}", PASSWORD, person_id)
        self._client.force_login(User.objects.get(username=f"u{person_id}"), backend=BACKEND)

    def get(self, path: str, status: int = 200) -> Any:
        found = self._client.get(f"/api/v1/{path}")
        assert found.status_code == status, (path, found.status_code, found.content[:300])
        return found.json() if status == 200 else None

    def page(self, path: str, status: int = 200) -> str:
        found = self._client.get(path)
        assert found.status_code == status, (path, found.status_code)
        return str(found.content.decode())

    def pdf(self, path: str, language: str) -> bytes:
        found = self._client.get(path, headers={"Accept-Language": language})
        assert (found.status_code, found["Content-Type"]) == (200, "application/pdf")
        return bytes(found.content)

    def post(self, path: str, body: dict[str, Any], status: int = 200) -> Any:
        headers = {"Idempotency-Key": f"k{next(self._clicks)}"}
        found = self._client.post(
            f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers
        )
        assert found.status_code == status, (path, body, found.status_code, found.content[:400])
        return found.json()

    def deed(self, path: str, act: str, status: int = 200, **values: Any) -> Any:
        said = self.post(f"register/{path}", {"act": act, "values": values}, status)
        return said["id"] if status == 200 else said

    def file(self, kind: str, status: int = 200, **values: Any) -> Any:
        return self.deed(f"ledgers/kitchen/{kind}", "new", status, **values)

    def row(self, row_id: int, act: str, status: int = 200, **values: Any) -> Any:
        return self.deed(f"rows/{row_id}/acts", act, status, **values)

    def confirm(self, row_id: int) -> None:
        """As the second person, what waits at a row."""
        acts = [one["act"] for one in self.get(f"register/rows/{row_id}")["acts"]]
        (waiting,) = [act for act in acts if act.startswith("confirm-")]
        self.row(row_id, waiting)

    def case(self, case_id: int, act: str, status: int = 200, **said: Any) -> Any:
        own: dict[str, Any] = {n: said.pop(n) for n in ("text", "answer") if n in said}
        return self.post(f"cases/{case_id}/acts", {"act": act, **own, "fields": said}, status)


class Empty:
    """A live county with one registrar; everything else comes by the API."""

    def __init__(self, wall: MovableClock) -> None:
        load()
        self.wall = wall
        journal_county.create("青禾县", wall, lanes=4)
        registrar = Registrar(home.clock(), home.keys())
        registrar.county("青禾县", "Qinghe", "live")
        self.county = registrar.area("990100", ("青禾县", "Qinghe"), "county", None)
        keeper = registrar.person("登记员", "Keeper", None)
        registrar.post(keeper, "registrar", self.county)
        self.keeper = Caller(keeper)
        self.engine = Engine(home.clock())
        self.dispatcher = Dispatcher(home.clock(), {"screen": ScreenChannel()}, "dispatcher-1")
        self.areas = self._areas()
        self.who = {name: self._official(name, role, where) for name, role, where in PEOPLE}
        self.who["stranger"] = Caller(self._person("陌生人"))

    def _areas(self) -> dict[str, int]:
        found = {"county": self.county}
        said: dict[str, Any]
        for name, level, parent, code in (
            ("town", "town", "county", "990100101"),
            ("village", "village", "town", "990100101201"),
            ("kitchen", "building", "village", "990100101201001"),
            ("school", "building", "village", "990100101201002"),
            ("rival", "building", "village", "990100101201003"),
        ):
            said = {"name": name, "latin": name, "code": code, "level": level, "schematic": True}
            found[name] = self.keeper.deed(
                "areas", "register", **said, parent=found[parent], since=SINCE
            )
        return found

    def _person(self, name: str) -> int:
        said: dict[str, Any] = {
            "name": name,
            "latin": name,
            "area": self.county,
            "phone": "0990 1234 5678",
        }
        return int(self.keeper.deed("parties", "person", **said))

    def _official(self, name: str, role: str, where: str) -> Caller:
        person = self._person(name)
        said: dict[str, Any] = {
            "person": person,
            "role": role,
            "area": self.areas[where],
            "since": SINCE,
        }
        self.keeper.deed("organisations", "post", **said, single=False, head=False)
        return Caller(person)

    def settle(self) -> None:
        while self.engine.run_once() + self.dispatcher.run_once():
            pass

    def wait(self, minutes: int) -> None:
        for _minute in range(minutes):
            self.wall.advance(minutes=1)
            self.settle()

    @property
    def now(self) -> int:
        return self.wall.now_us()


@pytest.fixture
def empty(
    data: Path, clock: MovableClock, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Empty]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    forgotten = (home.clock.cache_clear, home.keys.cache_clear, cache.clear)
    for forget in forgotten:
        forget()
    yield Empty(clock)
    for forget in forgotten:
        forget()
    assert differences() == []


def set_up(empty: Empty) -> dict[str, int]:
    """A kitchen, its line and probe, a school: all by the API."""
    who, areas = empty.who, empty.areas
    firm = empty.keeper.deed(
        "parties",
        "other",
        kind="legal_entity",
        name="青禾示例供餐公司",
        latin="Sample Meals",
        code="91990100MA2QHDJ01J",
        area=areas["kitchen"],
    )
    supplier = who["regulator"].file(
        "supplier",
        _who=firm,
        _area=areas["kitchen"],
        licence="JY99901000000001",
        licensed_on="2024-03-01",
        is_central=True,
        is_rebuilt=True,
    )
    said = {"_area": areas["kitchen"], "supplier": supplier}
    line = who["officer"].file("line", _who="一号线", **said)
    probe = who["officer"].file("core_probe", _who="手持探针", instrument="TP-01", **said)
    who["officer"].row(
        probe,
        "calibrate",
        calibrated_on="2026-01-10",
        calibrated_until="2026-12-31",
        error=0.2,
        certificate="演示-1",
    )
    school = who["regulator"].file("school", _who="示例小学", _area=areas["school"], pupils=240)
    return {"supplier": supplier, "line": line, "probe": probe, "school": school}


def released(empty: Empty, things: dict[str, int]) -> int:
    """A batch from cook to release."""
    who = empty.who
    about = {"_subject": things["supplier"]}
    batch = who["worker"].file(
        "batch",
        **about,
        dish="红烧鸡块",
        meal="lunch",
        line=things["line"],
        cooked=empty.now,
        core={"amount": 82, "unit": "Cel"},
        probe=things["probe"],
        keeping="hot",
        portions=240,
        for_schools=True,
    )
    who["worker"].row(batch, "pack")
    refused = who["officer"].row(batch, "release", 422)
    assert {fault["field"] for fault in refused["faults"]} == {"sample"}
    sample = {"batch": batch, "grams": 150, "taken": empty.now, "place": "留样柜"}
    who["worker"].file("sample", **about, **sample, is_sealed_up=True)
    who["officer"].row(batch, "release")
    return int(batch)


def test_a_recall_goes_from_cook_to_verified_over_the_api_alone(empty: Empty) -> None:
    who, things = empty.who, set_up(empty)
    batch = released(empty, things)
    about: dict[str, Any] = {
        "_subject": things["school"],
        "batch": batch,
        "portions": 240,
        "left": empty.now,
    }
    delivery = who["driver"].file("delivery", **about, vehicle="演A0001", is_enclosed=True)
    empty.wait(20)
    check: dict[str, Any] = {"batch": batch, "step": "dispatch", "at": empty.now, "core": 51}
    who["worker"].file("check", _subject=things["supplier"], **check, probe=things["probe"])
    empty.wait(1)
    (case,) = who["officer"].get("cases")["cases"]
    assert (case["kind"], case["state"]) == ("deviation", "awaiting_answer")
    who["officer"].case(case["id"], "take")
    who["officer"].row(batch, "stop")
    said: dict[str, Any] = {"reason": "保温箱断电，51℃", "substitute": "备用热餐 240 份"}
    who["officer"].row(batch, "recall", **said)
    who["director"].confirm(batch)
    empty.wait(1)
    seen = who["receiver"].get("cases")["cases"]
    assert [one["kind"] for one in seen] == ["school_notice"]
    notice = seen[0]["id"]
    who["receiver"].case(notice, "take")
    who["receiver"].row(delivery, "serve", 422)
    who["receiver"].row(delivery, "acknowledge", portions_left=240, portions_eaten=0)
    who["receiver"].case(notice, "correct", told="none_eaten", text="未开餐")
    who["driver"].case(notice, "verify", text="已点清")
    who["officer"].row(batch, "discard", discarded_portions=240, way="销毁")
    who["officer"].case(case["id"], "correct", disposition="discarded", text="已换保温箱")
    who["officer"].case(case["id"], "verify", 403, text="自己验证自己")
    who["director"].case(case["id"], "verify", text="属实")
    states = {one["kind"]: one["state"] for one in who["regulator"].get("cases")["cases"]}
    assert states["deviation"] == states["school_notice"] == "closed"
    opened = who["officer"].get(f"register/rows/{batch}")["thing"]
    assert opened["state"] == "discarded"
    _refused(empty, batch, delivery)
    _shown(empty, batch)


def _refused(empty: Empty, batch: int, delivery: int) -> None:
    who = empty.who
    for one in ("stranger", "rival", "receiver"):
        for path in (f"register/rows/{batch}", f"register/rows/{batch}/history"):
            who[one].get(path, 404)
        who[one].row(batch, "finish", 404)
    for one in ("stranger", "rival", "worker"):
        who[one].get(f"register/rows/{delivery}", 404)
    who["worker"].row(batch, "correct", 404, core=80)


def _shown(empty: Empty, batch: int) -> None:
    """The sheet, the panel and the overviews, and the stranger who is refused."""
    who = empty.who
    sheet = who["officer"].page(f"/sheets/kitchen/haccp/{batch}/")
    assert all(word in sheet for word in ("手工录入", "TP-01", "2026-12-31", "GB 31654-2021"))
    assert "红烧鸡块" in who["officer"].page(f"/sheets/kitchen/label/{batch}/")
    assert "1 / 1" in who["officer"].page(f"/rows/{batch}/")
    assert who["officer"].page("/overview/kitchen/countdown/")
    assert "青禾示例供餐公司" in who["regulator"].page("/overview/kitchen/grades/")
    _named(empty, batch)
    _printed(empty, f"/sheets/kitchen/haccp/{batch}/")
    for one in ("stranger", "rival"):
        who[one].page(f"/sheets/kitchen/haccp/{batch}/", 404)
        who[one].page(f"/sheets/kitchen/haccp/{batch}/?form=pdf", 404)
    who["stranger"].page("/overview/kitchen/grades/", 404)
    assert "红烧鸡块" not in who["rival"].page("/overview/kitchen/countdown/")


def _named(empty: Empty, batch: int) -> None:
    """Who measured, who put it right, what became of the food, and who verified it."""
    for reader in ("officer", "station"):
        facts = empty.who[reader].get(f"sheets/kitchen/haccp/{batch}")["facts"]
        assert facts["entered"] == "worker"
        assert [one["who"] for one in facts["checks"]] == ["worker"]
        assert [one["who"] for one in facts["samples"]] == ["worker"]
        done = {title[1]: who for title, _at_us, who in facts["done"]}
        assert done["Release"] == "officer"
        deviation = next(one for one in facts["cases"] if one["kind"][1] == "Deviation")
        assert deviation["corrected_by"] == "officer"
        assert deviation["food"] == ["废弃", "Discarded"]
        assert (deviation["is_verified"], deviation["verified_by"]) == (True, "director")
    sheet = empty.who["officer"].page(f"/sheets/kitchen/haccp/{batch}/")
    rows = re.findall(r"<tr>.*?</tr>", sheet, re.DOTALL)
    assert any("偏离" in row and "废弃" in row and "director" in row for row in rows)
    seen = Entry.objects.filter(lane=VIEWS_LANE, type="sheet.viewed.v1").count()
    empty.who["officer"].page(f"/sheets/kitchen/haccp/{batch}/")
    assert Entry.objects.filter(lane=VIEWS_LANE, type="sheet.viewed.v1").count() == seen + 1


def _printed(empty: Empty, path: str) -> None:
    """The HACCP record as PDF, in both languages, with the letters that stand on the page."""
    pytest.importorskip("weasyprint", exc_type=ImportError)
    for language, words in (
        ("zh-hans", "手工录入红烧鸡块偏离纠偏验证"),
        ("en", "HACCP recordBy hand"),
    ):
        got = empty.who["officer"].pdf(f"{path}?form=pdf", language)
        pages, letters = printed(got)
        assert pages in (1, 2)
        assert set(words) - {" "} <= letters, (language, set(words) - letters)


def printed(pdf: bytes) -> tuple[int, set[str]]:
    """How many pages a PDF has, and which letters its fonts were embedded for."""
    assert pdf.startswith(b"%PDF-")
    whole = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            whole.append(zlib.decompress(found[1]))
    text = b"\n".join(whole)
    letters: set[str] = set()
    for block in re.finditer(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code in re.finditer(rb"<[0-9A-Fa-f]+>\s*<([0-9A-Fa-f]+)>", block[1]):
            letters |= set(bytes.fromhex(code[1].decode()).decode("utf-16-be"))
    return len(re.findall(rb"/Type\s*/Page\b", text)), letters
