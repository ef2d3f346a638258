"""The wants of elder care one after another, in an empty county that is no demo, by API and band.

Everything is made over the API; bands speak the watch protocol through its decoder; rules judge
what was stored. A stranger is refused at each step.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from bihuan.base.time import MovableClock, datetime_of, rfc3339
from bihuan.console import home
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame, location
from bihuan.loop.daily.models import DailyNotice
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Delivery
from bihuan.rules.live import LiveRules
from bihuan.scenarios.elder_care.scenario import RULES
from tests.console.test_figure_pages import follow
from tests.county import PhoneNetwork
from tests.rebuilt import differences
from tests.rules.bands import run
from tests.scenarios.test_elder_care_consent import LEDGER, Village, agreed, settled
from tests.scenarios.test_elder_care_empty_county import BAND, BASE, County

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HOME = "POLYGON ((119.2 30.1, 119.21 30.1, 119.21 30.11, 119.2 30.11, 119.2 30.1))"
HOUSE, ROAD = (30.105, 119.205), (30.125, 119.205)


class Care:
    """The village of the consents, with rules that judge what the band sends."""

    def __init__(self, village: Village) -> None:
        self.village, self.county, self.people = village, village.county, village.people
        self.clock, self._index = village.clock, itertools.count(0x100)
        self.live = LiveRules(self.clock, {"elder_care": RULES}, keys=self.county.keys)

        self.phones = {name: PhoneNetwork(name) for name in ("voice", "sms")}
        self.dispatcher = Dispatcher(self.clock, self.phones, "dispatcher-1")

    def settle(self) -> None:
        for _turn in range(3):
            run(self.live)
            self.county.settle()
            self.dispatcher.run_once()

    def wait(self, **time: float) -> None:
        self.clock.advance(**time)
        self.settle()

    def sends(self, content: str) -> None:
        """One frame of the band."""
        self._store(encode("3G", BAND, f"{next(self._index):04X}", content))

    def fix(self, place: tuple[float, float], battery: int = 76) -> None:
        self.sends(f"UD,{location(place, battery, 0, self.clock.now_us())}")

    def measures(self, pulse: int, systolic: int = 120, diastolic: int = 80) -> None:
        self.sends(f"bphrt,{systolic},{diastolic},{pulse},0,0,0,0")

    def press(self) -> None:
        index = f"{next(self._index):04X}"
        self._store(alarm_frame(BAND, index, HOUSE, (SOS_BIT,), self.clock.now_us()))

    def _store(self, frame: bytes) -> None:
        now_us = self.clock.now_us()
        decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(frame, datetime_of(now_us))
        Intake(self.clock, self.county.keys).store([Arrival("watch", frame, decoded, now_us)])
        self.settle()

    def new(self, who: str, kind: str, /, **values: Any) -> int:
        return self.county.made(self.people[who], f"{LEDGER}/{kind}", "new", **values)

    def of_elder(self, who: str, kind: str, /, **values: Any) -> int:
        return self.new(who, kind, _subject=self.village.elder, **values)

    def now(self) -> str:
        return rfc3339(self.clock.now_us())

    def get(self, who: str, path: str) -> Any:
        answer = self.village.get(who, path)
        assert answer.status_code == 200, (who, path, answer.content)
        return answer.json()

    def open_cases(self, who: str = "secretary") -> list[dict[str, Any]]:
        found = self.get(who, "/api/v1/cases")["cases"]
        return [one for one in found if one["state"] != "closed"]

    def the_case(self, kind: str) -> dict[str, Any]:
        (one,) = [case for case in self.open_cases() if case["kind"] == kind]
        return one

    def act(self, who: str, case: int, name: str, **more: str) -> int:
        answer = self.county.act(self.people[who], case, name, **more)
        self.settle()
        return int(answer.status_code)

    def called(self, case: int) -> set[str]:
        """Who is rung about a case, on any channel."""
        sent = Delivery.objects.filter(case_id=case, purpose="call")
        return self._names(one.person_id for one in sent)

    def told(self, notice: str) -> set[str]:
        """Who was ever sent a notice of the day."""
        sent = DailyNotice.objects.filter(scenario="elder_care", name=notice)
        return self._names(one.person_id for one in sent)

    def _names(self, people: Iterable[int]) -> set[str]:
        by_id = {person: who for who, person in self.people.items()}
        return {by_id[one] for one in people}

    def duties(self, who: str) -> set[str]:
        """What is owed by now, by the tasks of one person."""
        found = self.get(who, "/api/v1/tasks")
        now = self.now()
        return {one["title"] for one in found if one["kind"] == "duty" and one["due"] <= now}

    def figure(self, name: str, period: str) -> Any:
        asked = f"/api/v1/figures/elder_care.{name}?period={period}"
        return self.get("officer", asked)


@pytest.fixture
def care(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    forgotten = (home.clock.cache_clear, home.keys.cache_clear, cache.clear)
    for forget in forgotten:
        forget()
    yield Care(settled(County(clock)))
    for forget in forgotten:
        forget()


def test_a_press_calls_family_and_village_at_once_and_ends_in_two_taps_with_a_reason(
    care: Care,
) -> None:
    care.press()
    case = care.the_case("sos")
    assert care.called(case["id"]) == {"daughter", "son", "secretary"}
    assert case["subject"] == "王**", "a list names nobody in full"
    path = f"/api/v1/cases/{case['id']}"
    assert care.village.get("stranger", path).status_code == 404
    assert care.act("stranger", case["id"], "take") in (403, 404)
    assert care.act("secretary", case["id"], "false_alarm") == 422, "a reason is given"
    assert care.act("secretary", case["id"], "false_alarm", text="误按") == 200
    assert care.open_cases() == []
    care.wait(minutes=1)
    care.press()
    again = care.the_case("sos")
    assert again["id"] != case["id"], "a new press is a new call for help"
    assert care.called(again["id"]) == {"daughter", "son", "secretary"}


def test_family_sees_only_its_own_elder(care: Care) -> None:
    county, clerk = care.county, care.county.clerk
    other, niece = (
        county.made(clerk, "parties", "person", name=name, latin="Sample", area=care.village.area)
        for name in ("赵阿婆", "赵小红")
    )
    whose = {"_who": other, "_area": care.village.area}
    elder = care.new("secretary", "elder", **whose, living="couple", risk="other")
    kin = {"person": niece, "relation": "侄女", "rank": 0}
    county.made(care.people["secretary"], f"rows/{elder}/acts", "contact", **kin)
    care.press()
    case = care.the_case("sos")["id"]
    her_niece = county.client(niece)
    assert her_niece.get(f"/api/v1/cases/{case}").status_code == 404
    assert her_niece.get("/api/v1/cases").json()["cases"] == []
    assert care.get("daughter", f"/api/v1/cases/{case}")["subject"] == "王桂兰"
    assert care.village.get("daughter", f"{BASE}/rows/{elder}").status_code == 404


def test_one_reading_opens_nothing_and_an_own_limit_holds(care: Care) -> None:
    care.measures(150)
    care.wait(minutes=1)
    care.measures(0)  # no contact is no reading
    care.measures(80)
    assert care.open_cases() == []
    own = {
        "subject_id": care.village.elder, "until": "2026-04-30", "parameters": {"limit": 110},
        "unit": "bpm", "reason": "心内科医嘱",
    }  # fmt: skip
    rule = "/api/v1/rules/elder_care/heart_rate_high/persons"
    assert care.village.post("secretary", rule, own, "a").status_code == 404
    assert care.village.post("doctor", rule, own, "b").status_code == 200
    care.settle()
    for _reading in range(2):
        care.wait(minutes=1)
        care.measures(118)
    case = care.the_case("vitals")
    assert care.called(case["id"]) == {"daughter", "son", "secretary"}
    care.wait(minutes=10)
    assert care.called(case["id"]) >= {"doctor", "officer"}
    assert care.act("doctor", case["id"], "take") == 200
    assert care.act("doctor", case["id"], "refer", text="县医院，14天后复查") == 200


def test_cuff_at_a_station_is_somebodys_and_the_lower_of_two_counts(care: Care) -> None:
    path, people = f"{LEDGER}/measurement", care.people
    high = {"_subject": care.village.elder, "taken": care.now(), "systolic": 186, "diastolic": 96}
    nobodys = care.county.send(people["secretary"], path, "new", **high)
    assert nobodys.status_code == 422
    assert {one["field"] for one in nobodys.json()["faults"]} == {"identified"}
    again = {"identified": "social_card", "systolic_again": 152, "diastolic_again": 90}
    care.county.made(people["secretary"], path, "new", **high, **again)
    care.settle()
    assert care.open_cases() == []
    care.county.made(people["secretary"], path, "new", **high, identified="id_card")
    care.settle()
    assert care.the_case("vitals")["subject"] == "王**"
    sent = {"sent": care.now(), "to": "县人民医院"}
    referral = care.of_elder("doctor", "referral", **sent)
    care.wait(days=14, minutes=1)
    assert "应复查" in care.duties("doctor")
    done = {"result": "138/82"}
    care.county.made(people["doctor"], f"rows/{referral}/acts", "follow_up", **done)
    care.settle()
    assert "应复查" not in care.duties("doctor")


def test_who_has_a_home_drawn_is_looked_for_at_night_and_nobody_else(care: Care) -> None:
    care.wait(hours=15)  # 23:00
    for _fix in range(4):
        care.fix(ROAD)
        care.wait(minutes=5)
    assert care.open_cases() == [], "no home is drawn: nobody is followed"
    for rule in ("left_home", "still_away"):
        drawn = {
            "subject_id": care.village.elder, "until": "2026-04-30", "unit": "deg",
            "parameters": {"polygon": HOME}, "reason": "走失过，监护人同意",
        }  # fmt: skip
        path = f"/api/v1/rules/elder_care/{rule}/persons"
        assert care.village.post("stranger", path, drawn, f"s{rule}").status_code == 404
        assert care.village.post("doctor", path, drawn, rule).status_code == 200
    care.settle()
    for place in (HOUSE, HOUSE, ROAD, ROAD, ROAD):
        care.fix(place)
        care.wait(minutes=6)
    case = care.the_case("wandering")
    assert care.called(case["id"]) == {"daughter", "son", "secretary", "officer"}
    shown = care.get("secretary", f"/api/v1/cases/{case['id']}/panels")["panels"][0]["facts"]
    assert shown["fix"]["place"] == "30.12500, 119.20500"
    assert shown["fix"]["age"], "how old the fix is"


def test_silence_an_empty_band_and_a_bare_wrist_are_told_as_risks(care: Care) -> None:
    care.measures(72)
    care.fix(HOUSE, battery=60)
    care.wait(hours=1)
    care.fix(HOUSE, battery=15)
    care.wait(minutes=11)
    care.fix(HOUSE, battery=15)
    low = care.the_case("band")
    assert care.called(low["id"]) == set(), "it stands on the list; no phone rings"
    care.wait(hours=3)  # 12:11; the line of the evening is told of the day as it was
    care.wait(hours=7, minutes=30)  # 19:41
    assert care.told("daily_line") == {"daughter", "son"}
    care.wait(hours=2)  # 21:41: twelve hours and a half, at night
    lost = care.the_case("band_lost")
    assert care.called(lost["id"]) == {"secretary", "officer"}, "no family is woken"
    sheet = f"/api/v1/sheets/elder_care/month/{care.village.elder}"
    asked = "?period=2026-03&reason=月度核对"
    assert care.village.get("secretary", sheet).status_code == 422, "a reason is given"
    assert care.village.get("stranger", sheet + asked).status_code == 404
    facts = care.get("secretary", sheet + asked)["facts"]
    assert (facts["days"], facts["heard"], facts["worn"]) == (1, 1, 1), "since she has it"
    assert {one["kind"][0] for one in facts["cases"]} == {"手环提醒", "手环失联"}
    assert differences() == []


def test_papers_of_a_band_fall_due_and_end_with_it(care: Care) -> None:
    care.of_elder("secretary", "sim", iccid="8986" + "0" * 15, until="2027-01-01T00:00:00+08:00")
    care.of_elder("secretary", "application", asked_by="family")
    change = {"since": care.now(), "kind": "discharged"}
    path = f"{LEDGER}/change"
    family = care.county.send(
        care.people["daughter"], path, "new", _subject=care.village.elder, **change
    )
    assert family.status_code == 404, "a relative sees and writes by consent"
    agreed(care.village, "family_view", family=str(care.people["daughter"]))
    care.of_elder("daughter", "change", **change)
    care.wait(days=1)
    assert "应探访" in care.duties("secretary"), "a day after a major change"
    care.wait(days=6)
    assert "应签服务告知书" in care.duties("secretary")
    signed = {"version": "1", "signed": "2026-03-09", "signed_by": "self", "is_read_120": True}
    care.of_elder("secretary", "service_notice", **signed)
    seen = {"seen": care.now(), "way": "door", "met": True, "came": "village"}
    stranger = care.county.send(
        care.people["stranger"], f"{LEDGER}/visit", "new", _subject=care.village.elder, **seen
    )
    assert stranger.status_code == 404
    care.of_elder("secretary", "visit", **seen)
    care.settle()
    assert care.duties("secretary") & {"应探访", "应签服务告知书"} == set()
    care.wait(days=23)
    assert {"应评估", "应探访"} <= care.duties("secretary"), "within a month; once a week"
    (issue,) = care.get("secretary", f"{BASE}/{LEDGER}/issue")["rows"]
    back = {"cause": "death"}
    care.county.made(care.people["secretary"], f"rows/{issue['id']}/acts", "take_back", **back)
    told = DailyNotice.objects.filter(name="daily_line").count()
    care.wait(days=8)
    assert "应停卡" in care.duties("secretary")
    assert DailyNotice.objects.filter(name="daily_line").count() == told, "nobody is told of it"
    assert differences() == []


def test_places_cover_villages_and_heat_asks_for_who_is_alone(care: Care) -> None:
    sort = {"_who": "石桥照料中心", "sort": "care_centre", "_area": care.village.area}
    refused = care.county.send(care.people["secretary"], f"{LEDGER}/place", "new", **sort)
    assert refused.status_code in (403, 404), "the town keeps places"
    place = care.new("officer", "place", **sort)
    care.new("officer", "coverage", _subject=place, covers=care.village.area)
    came = {"on": "2026-03-02", "persons": 12, "times": 20}
    care.new("secretary", "attendance", _subject=place, **came)
    facts = care.get("officer", "/api/v1/overviews/elder_care/coverage")["facts"]
    assert facts["villages"] == [{"name": "石桥村", "elders": 1, "places": [1, 0, 0], "times": 20}]
    heat = {"station": "青禾县气象台", "level": "orange", "words": "预计最高气温37℃以上"}
    care.new("officer", "heat_day", issued=care.now(), _area=care.village.area, **heat)
    care.wait(hours=1, minutes=5)
    assert care.told("heat") == {"secretary"}
    shown = care.get("officer", "/api/v1/overviews/elder_care/heat")["facts"]
    assert shown["villages"] == [{"name": "石桥村", "frail": 1, "met": 0, "left": 1}]


def test_ten_bands_and_more_are_a_figure_that_opens_to_their_papers(care: Care) -> None:
    county, secretary = care.county, care.people["secretary"]
    for n in range(11):
        name = f"示例老人{n}"
        where = care.village.area
        who = county.made(county.clerk, "parties", "person", name=name, latin="S", area=where)
        elder = county.made(secretary, f"{LEDGER}/elder", "new", _who=who, _area=where)
        number = f"99112300{n:02}"
        county.made(county.clerk, "devices", "adopt", protocol="watch", number=number)
        out = {"_subject": elder, "device": number, "handed": care.now()}
        county.made(secretary, f"{LEDGER}/issue", "new", **out)
    follow()
    shown = care.figure("bands_issued", "2026-03")
    assert shown["amount"] == 12
    path = "/api/v1/figures/elder_care.bands_issued/counted?period=2026-03"
    assert care.get("officer", path)["total"] == 12
