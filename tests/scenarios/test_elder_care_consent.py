"""Personal limits, consents, their withdrawal and retention: over the API, in an empty county."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from bihuan.base.time import MovableClock, datetime_of, rfc3339
from bihuan.console import home
from bihuan.console.entries import OverrideViewed
from bihuan.console.register import reach
from bihuan.console.register.plots import plots
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.read import entries
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.journal.verify import verify
from bihuan.loop.models import Case
from bihuan.register.consents.effect import stopped_of
from bihuan.register.consents.models import Consent
from bihuan.register.models import Subject
from bihuan.register.records.models import Record
from bihuan.register.retention.acts import erase_due
from bihuan.register.retention.readings import expire_due
from tests.gateway.stored import stored
from tests.rebuilt import differences
from tests.scenarios.test_elder_care_empty_county import BAND, BASE, County

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
RULE = "/api/v1/rules/elder_care/heart_rate_high/persons"
LEDGER, PHONE = "ledgers/elder_care", "0990 1234 5678"


@dataclass
class Village:
    """An empty county with a village, an elder who has a band, and who has to do with her."""

    county: County
    people: dict[str, int]
    elder: int
    area: int

    @property
    def clock(self) -> MovableClock:
        return self.county.clock

    def row(self, who: str, act: str, /, **values: Any) -> Any:
        return self.county.send(self.people[who], f"rows/{self.elder}/acts", act, **values)

    def post(self, who: str, path: str, body: dict[str, Any], key: str) -> Any:
        client = self.county.client(self.people[who])
        return client.post(path, body, "application/json", headers={"Idempotency-Key": key})

    def get(self, who: str, path: str) -> Any:
        return self.county.client(self.people[who]).get(path)

    def frame(self, index: str, bits: tuple[int, ...] = (), pulse: int | None = None) -> None:
        """What the band sends: its place and battery, an SOS, or a pulse."""
        now_us = self.clock.now_us()
        if pulse is None:
            raw = alarm_frame(BAND, index, (30.1, 119.2), bits, now_us)
        else:
            content = f"bphrt,120,80,{pulse},0,0,0,0".encode()
            raw = b"[3G*%s*%s*%04X*%s]" % (BAND.encode(), index.encode(), len(content), content)
        decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(raw, datetime_of(now_us))
        Intake(self.clock, self.county.keys).store([Arrival("watch", raw, decoded, now_us)])
        self.county.settle()

    def acts_of(self, who: str) -> list[str]:
        answer = self.get(who, f"{BASE}/rows/{self.elder}")
        return [] if answer.status_code != 200 else [one["act"] for one in answer.json()["acts"]]


@pytest.fixture
def village(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Village]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    forgotten = (home.clock.cache_clear, home.keys.cache_clear, cache.clear)
    for forget in forgotten:
        forget()
    yield settled(County(clock))
    assert differences() == []
    for forget in forgotten:
        forget()


def settled(county: County) -> Village:
    assert reach.REGISTER, "the register's grants are made when its pages are imported"
    clerk, now = county.clerk, rfc3339(county.clock.now_us())

    def area(code: str, name: str, level: str, parent: int) -> int:
        said = {"code": code, "name": name, "latin": level, "level": level, "parent": parent}
        return county.made(clerk, "areas", "register", **said, since=now, schematic=True)

    town = area("990100001", "青石镇", "town", county.area)
    where = area("990100001201", "石桥村", "village", town)
    names = {"elder": "王桂兰", "daughter": "王晓燕", "son": "王志刚", "secretary": "沈文启",
             "doctor": "钱敏", "officer": "刘芳", "stranger": "任世平"}  # fmt: skip
    people = {
        who: county.made(clerk, "parties", "person", name=name, latin=who, area=where, phone=PHONE)
        for who, name in names.items()
    }
    posts = (("secretary", "village_duty", where), ("doctor", "doctor", where),
             ("officer", "town_duty", town))  # fmt: skip
    for who, role, place in posts:
        post = {"person": people[who], "role": role, "area": place, "since": now}
        county.made(clerk, "organisations", "post", **post, single=False, head=False)
    secretary, whose = people["secretary"], {"_who": people["elder"], "_area": where}
    elder = county.made(secretary, f"{LEDGER}/elder", "new", **whose, living="alone", risk="high")
    for rank, who in enumerate(("daughter", "son")):
        kin = {"person": people[who], "relation": who, "rank": rank}
        county.made(secretary, f"rows/{elder}/acts", "contact", **kin)
    county.made(clerk, "devices", "adopt", protocol="watch", number=BAND)
    said = {"_subject": elder, "device": BAND, "handed": now}
    county.made(secretary, f"{LEDGER}/issue", "new", **said)
    return Village(county, people, elder, where)


OWN = {"parameters": {"limit": 110}, "unit": "bpm", "reason": "心内科医嘱：静息心率不超过110"}


def test_personal_limit_has_who_why_and_until_and_ends(village: Village) -> None:
    body = {"subject_id": village.elder, "until": "2026-04-30", **OWN}
    for who in ("stranger", "secretary", "daughter"):
        assert village.post(who, RULE, body, f"k-{who}").status_code == 404, who
    bare = village.post("doctor", RULE, {**body, "reason": " ", "until": "2030-01-01"}, "bare")
    assert bare.status_code == 422
    assert {one["field"] for one in bare.json()["faults"]} == {"reason", "until"}
    made = village.post("doctor", RULE, body, "own")
    assert made.status_code == 200, made.content
    assert village.post("doctor", RULE, body, "own").json() == made.json(), "the same click once"
    (listed,) = village.get("secretary", RULE).json()
    assert (listed["by"], listed["parameters"], listed["is_standing"]) == (
        "钱敏", {"limit": 110}, True,
    )  # fmt: skip
    assert (listed["who"], listed["until"][:10]) == ("王**", "2026-04-30")
    assert "医嘱" not in str(listed), "why is opened, not listed"
    opened = f"{RULE}/{listed['id']}"
    assert village.get("secretary", opened).status_code == 404
    assert village.get("stranger", RULE).status_code == 404
    assert village.get("doctor", opened).json()["reason"] == OWN["reason"]
    views = [one.payload for one in entries(VIEWS_LANE, 0, 500)]
    assert [v.by for v in views if isinstance(v, OverrideViewed)] == [village.people["doctor"]]
    end = {"reason": "复查正常"}
    assert village.post("stranger", f"{opened}/end", end, "e1").status_code == 404
    assert village.post("doctor", f"{opened}/end", end, "e2").status_code == 200
    assert village.post("doctor", f"{opened}/end", end, "e3").status_code == 409
    assert village.get("doctor", RULE).json()[0]["is_standing"] is False


def test_guardian_agrees_with_a_paper_or_not_at_all(village: Village) -> None:
    """Dementia: who acts for her shows the paper; only she, he, or the office takes it back."""
    said = {"purpose": "position", "notice": "2026-1", "given_by": "guardian"}
    bare = village.row("secretary", "consent_give", **said)
    assert bare.status_code == 422
    assert {one["field"] for one in bare.json()["faults"]} == {"guardian_id", "document"}
    paper = {"guardian_id": village.people["son"], "document": "ab" * 32}
    assert village.row("stranger", "consent_give", **said, **paper).status_code == 404
    assert village.row("secretary", "consent_give", **said, **paper).status_code == 200
    consent = Consent.objects.get()
    assert (consent.given_by, consent.guardian_id, consent.document) == (
        "guardian", village.people["son"], "ab" * 32,
    )  # fmt: skip
    assert (consent.taken_by, consent.notice) == (village.people["secretary"], "2026-1")
    shown = village.row("secretary", "consent_withdraw", consent=str(consent.id))
    assert shown.status_code == 200
    consent.refresh_from_db()
    assert consent.withdrawn_by == village.people["secretary"]


def agreed(village: Village, purpose: str, **more: Any) -> int:
    said = {"purpose": purpose, "notice": "2026-1", "given_by": "self", **more}
    answer = village.row("secretary", "consent_give", **said)
    assert answer.status_code == 200, answer.content
    return int(answer.json()["id"])


def plotted(village: Village) -> list[str]:
    """The newest values of what the subject's page draws."""
    subject = Subject.objects.get(id=village.elder)
    now_us = village.clock.now_us()
    without = stopped_of(Rows(MAIN), subject.person_id, now_us)
    return [one.newest for one in plots(subject.id, now_us, without=without)]


def test_withdrawal_stops_at_once_and_never_the_call_for_help(village: Village) -> None:
    vitals, position = agreed(village, "vitals"), agreed(village, "position")
    village.frame("0001", pulse=72)
    village.frame("0002")
    assert (len(stored("heart_rate")), len(stored("lat"))) == (1, 1)
    assert "72" in plotted(village)
    for one in (vitals, position):
        assert village.row("secretary", "consent_withdraw", consent=str(one)).status_code == 200
    again = village.row("secretary", "consent_withdraw", consent=str(vitals))
    assert again.status_code in (404, 409, 422)
    assert "72" not in plotted(village), "what was kept is not shown any more either"
    village.clock.advance(minutes=1)
    village.frame("0003", pulse=75)
    village.frame("0004", bits=(SOS_BIT,))
    assert (len(stored("heart_rate")), len(stored("lat"))) == (1, 1), "let go, not kept"
    case = Case.objects.get()
    assert (case.kind, case.state) == ("sos", "awaiting_answer"), "help is called as ever"
    panel = village.get("secretary", f"/api/v1/cases/{case.id}/panels").json()["panels"][0]
    assert (panel["facts"]["stopped"], panel["facts"]["signs"]) == (["position", "vitals"], [])
    assert panel["facts"]["fix"]["place"] == "30.10000, 119.20000", "the last of before, to rescue"


def test_who_wants_the_key_alone_is_not_followed_and_help_comes_all_the_same(
    village: Village,
) -> None:
    """No position and no signs from the day on which she says so; it is no withdrawal."""
    said = {"purpose": "position", "notice": "2026-1"}
    assert village.row("stranger", "consent_decline", **said).status_code == 404
    assert village.row("secretary", "consent_decline", **said).status_code == 200
    signs = {**said, "purpose": "vitals"}
    assert village.row("secretary", "consent_decline", **signs).status_code == 200
    village.frame("0001", pulse=72)
    village.frame("0002", bits=(SOS_BIT,))
    assert (stored("heart_rate"), stored("lat")) == ([], [])
    assert Case.objects.get().kind == "sos"
    agreed(village, "position")
    refused = village.row("secretary", "consent_decline", **said)
    assert refused.status_code == 422, "one that stands is withdrawn, not declined"
    village.clock.advance(minutes=1)
    village.frame("0003")
    assert len(stored("lat")) == 1


def test_relative_sees_by_consent_alone_and_no_more_once_it_is_taken_back(
    village: Village,
) -> None:
    hers = agreed(village, "family_view", family=str(village.people["daughter"]))
    row = f"{BASE}/rows/{village.elder}"
    assert village.get("daughter", row).status_code == 200
    assert village.get("son", row).status_code == 404, "the consent names the daughter alone"
    assert "consent_give" not in village.acts_of("daughter")
    assert village.row("secretary", "consent_withdraw", consent=str(hers)).status_code == 200
    assert village.get("daughter", row).status_code == 404
    assert village.get("stranger", row).status_code == 404


def test_elder_takes_back_her_own_consent_and_gives_none_for_others(village: Village) -> None:
    one = agreed(village, "vitals")
    assert village.acts_of("elder").count("consent_withdraw") == 1
    assert "consent_give" not in village.acts_of("elder")
    assert village.row("elder", "consent_withdraw", consent=str(one)).status_code == 200
    assert Consent.objects.get().withdrawn_by == village.people["elder"]


def test_health_and_place_are_gone_by_schedule_and_the_chain_stands(village: Village) -> None:
    """Readings after 400 days, a pressure after three years; what is on hold stays."""
    village.frame("0001", pulse=72)
    village.frame("0002")
    taken = {"_subject": village.elder, "taken": rfc3339(village.clock.now_us())}
    cuff = {"identified": "staff", "systolic": 132, "diastolic": 82}
    village.county.made(village.people["doctor"], f"{LEDGER}/measurement", "new", **taken, **cuff)
    village.clock.advance(days=400)
    assert expire_due(village.clock) == []
    village.clock.advance(days=1)
    village.frame("0003", pulse=80)
    kept = village.row("secretary", "hold", cause="投诉 7")
    assert kept.status_code == 200, kept.content
    assert expire_due(village.clock) == [], "a hold keeps them"
    hold = next(name for name in village.acts_of("secretary") if name.startswith("free-"))
    assert village.row("secretary", hold).status_code == 200
    (gone,) = expire_due(village.clock)
    assert (gone.kind, gone.keep_days) == ("elder_care.elder.readings", 400)
    assert ([one.value for one in stored("heart_rate")], stored("lat")) == ([80.0], [])
    assert [one.broken for one in verify() if one.broken] == []
    village.clock.advance(days=693)
    assert erase_due(village.clock, village.county.keys) is None
    village.clock.advance(days=1)
    ran = erase_due(village.clock, village.county.keys)
    assert ran is not None
    assert ran.erased == {"elder_care.measurement": 1}
    assert Record.objects.get(kind="measurement").values == "{}"
