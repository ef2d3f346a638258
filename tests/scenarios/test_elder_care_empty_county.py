"""The whole loop over the API in a county that is no demo and in which there is nobody yet."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from bihuan.base.time import MovableClock, datetime_of, rfc3339
from bihuan.console import home
from bihuan.console.models import Account
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal import county as journal_county
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case
from bihuan.register.acts import Registrar
from bihuan.register.models import Device
from bihuan.scenarios import load

pytestmark = pytest.mark.django_db(databases="__all__")
BASE = "/api/v1/register"
BAND = "9911223344"


class County:
    """Made as the command makes one: a name, an area, and one registrar with a sign-in."""

    def __init__(self, clock: MovableClock) -> None:
        load()
        journal_county.create("青禾县", clock, lanes=4)
        self.clock, self.keys = clock, home.keys()
        add = Registrar(clock, self.keys)
        add.county("青禾县", "Qinghe", "drill")
        self.area = add.area("990100", ("青禾县", "Qinghe"), "county", None)
        self.clerk = add.person("何晓梅", "He Xiaomei", None)
        add.post(self.clerk, "registrar", self.area)
        add.post(self.clerk, "county_command", self.area)
        self.engine, self._n = Engine(clock), itertools.count()

    def client(self, person: int) -> Client:
        user, _new = get_user_model().objects.get_or_create(username=f"p{person}")
        Account.objects.get_or_create(user=user, defaults={"person_id": person})
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    def send(self, who: int, path: str, act: str, /, **values: Any) -> Any:
        headers = {"Idempotency-Key": f"k{next(self._n)}"}
        body = {"act": act, "values": values}
        return self.client(who).post(f"{BASE}/{path}", body, "application/json", headers=headers)

    def made(self, who: int, path: str, act: str, /, **values: Any) -> int:
        answer = self.send(who, path, act, **values)
        assert answer.status_code == 200, answer.content.decode()
        return int(answer.json()["id"])

    def act(self, person: int, case: int, name: str, **more: str) -> Any:
        headers = {"Idempotency-Key": f"k{next(self._n)}"}
        path, body = f"/api/v1/cases/{case}/acts", {"act": name, **more}
        return self.client(person).post(path, body, "application/json", headers=headers)

    def settle(self) -> None:
        for _turn in range(200):
            if not self.engine.run_once():
                return
        raise AssertionError("still busy")

    def press(self) -> None:
        now_us = self.clock.now_us()
        frame = alarm_frame(BAND, "0001", (30.1, 119.2), (SOS_BIT,), now_us)
        decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(frame, datetime_of(now_us))
        Intake(self.clock, self.keys).store([Arrival("watch", frame, decoded, now_us)])
        self.settle()


@pytest.fixture
def county(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    home.clock.cache_clear()
    home.keys.cache_clear()
    yield County(clock)
    home.clock.cache_clear()
    home.keys.cache_clear()


def test_elder_is_registered_gets_a_band_presses_and_is_seen_to_over_the_api(
    county: County,
) -> None:
    clerk, now = county.clerk, rfc3339(county.clock.now_us())

    def area(code: str, name: str, level: str, parent: int) -> int:
        said = {"code": code, "name": name, "latin": level, "level": level, "parent": parent}
        return county.made(clerk, "areas", "register", **said, since=now, schematic=True)

    town = area("990100001", "青石镇", "town", county.area)
    village = area("990100001201", "石桥村", "village", town)
    people = {
        name: county.made(clerk, "parties", "person", name=name, latin=latin, area=village)
        for name, latin in (
            ("王桂兰", "Wang Guilan"), ("王晓燕", "Wang Xiaoyan"),
            ("沈文启", "Shen Wenqi"), ("刘芳", "Liu Fang"), ("任世平", "Ren Shiping"),
        )
    }  # fmt: skip
    secretary, stranger = people["沈文启"], people["任世平"]
    for name, role, where in (("沈文启", "village_duty", village), ("刘芳", "town_duty", town)):
        post = {"person": people[name], "role": role, "area": where, "since": now}
        county.made(clerk, "organisations", "post", **post, single=False, head=False)
    ledger = "ledgers/elder_care"
    whose = {"_who": people["王桂兰"], "_area": village}
    refused = county.send(stranger, f"{ledger}/elder", "new", **whose)
    assert refused.status_code == 404
    elder = county.made(secretary, f"{ledger}/elder", "new", **whose, living="alone", risk="high")
    kin = {"person": people["王晓燕"], "relation": "女儿", "rank": 0}
    named = county.made(secretary, f"rows/{elder}/acts", "contact", **kin)
    # named again, it is the same contact
    assert county.made(secretary, f"rows/{elder}/acts", "contact", **kin) == named
    asked = county.made(secretary, f"{ledger}/application", "new", _subject=elder, asked_by="self")
    found = {"_subject": elder, "on": "2026-03-02", "level": "mild"}
    judged = county.made(secretary, f"{ledger}/assessment", "new", **found)
    county.made(people["刘芳"], f"rows/{judged}/acts", "confirm")
    county.made(people["刘芳"], f"rows/{asked}/acts", "grant", assessment=judged)
    issue, device = lent(county, elder, secretary)
    assert Device.objects.get(id=device).subject_id == elder
    county.press()
    see_to(county, elder, secretary, people["王晓燕"], stranger)
    county.made(secretary, f"rows/{issue}/acts", "take_back", cause="returned")
    assert Device.objects.get(id=device).subject_id is None


def lent(county: County, elder: int, secretary: int) -> tuple[int, int]:
    """A band that nobody knows is refused; one that is known is bound by being given out."""
    said = {"_subject": elder, "device": BAND, "handed": rfc3339(county.clock.now_us())}
    path = "ledgers/elder_care/issue"
    unknown = county.send(secretary, path, "new", **said)
    assert unknown.status_code == 422
    assert "device" in unknown.content.decode()
    device = county.made(county.clerk, "devices", "adopt", protocol="watch", number=BAND)
    return county.made(secretary, path, "new", **said), device


def see_to(county: County, elder: int, secretary: int, daughter: int, stranger: int) -> None:
    """The press is answered, reported and confirmed; a stranger has no part in it."""
    case = Case.objects.get()
    assert (case.kind, case.subject_id) == ("sos", elder)
    assert county.act(stranger, case.id, "take").status_code in (403, 404)
    assert county.act(secretary, case.id, "take").status_code == 200
    said = {"text": "老人滑倒，已扶起，无外伤", "answer": "已到家，没有受伤"}
    assert county.act(secretary, case.id, "report", **said).status_code == 200
    county.settle()
    county.clock.advance(minutes=5)
    assert county.act(daughter, case.id, "solved").status_code == 200
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "confirmed")
