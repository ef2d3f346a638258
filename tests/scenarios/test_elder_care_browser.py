"""An elder holds the key for five seconds, in a live county that is no demo: seen in Chromium.

Areas, people, the elder and the papers of the band come over the API, the press over TCP from a
simulated band. Family and village are rung at once on phones of 390 px; the village goes, says that
120 was called, and reports with a photo on a desk of 1440 px; the daughter says that it is solved.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bihuan.base.time import SystemClock, rfc3339
from bihuan.gateway.simulate import Band, Wearer
from tests.console.browsing import launched
from tests.console.place import JPEG
from tests.scenarios.live_county import SINCE, LiveCounty, live_county
from tests.scenarios.screen import Screen

pytestmark = pytest.mark.browser
BAND = "9911223344"
NARROW, WIDE = 390, 1440
# name in the test: shown name, role of a post, where
PEOPLE = {
    "elder": ("王桂兰", "", "village"),
    "daughter": ("王晓燕", "", "village"),
    "secretary": ("沈文启", "village_duty", "village"),
    "officer": ("刘芳", "town_duty", "town"),
    "stranger": ("任世平", "", "village"),
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCounty]:
    with live_county(tmp_path_factory.mktemp("county")) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@contextmanager
def worn(county: LiveCounty) -> Iterator[Band]:
    """The band on its line, over TCP, until the block ends."""
    band = Band(BAND, Wearer(30.105, 119.205, battery_percent=60), SystemClock())
    loop = asyncio.new_event_loop()
    line = loop.create_task(band.run("127.0.0.1", county.watch))

    def ends() -> None:
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(line)
        loop.close()

    thread = threading.Thread(target=ends)
    thread.start()
    try:
        yield band
    finally:
        loop.call_soon_threadsafe(line.cancel)
        thread.join()


def set_up(county: LiveCounty) -> tuple[dict[str, int], int]:
    """People, an elder with a daughter, and a band that was asked for, assessed and handed out.

    Their ids by name, and the elder's.
    """
    at = {"town": county.place("990100101", "示例镇", "town", county.area)}
    at["village"] = county.place("990100101201", "示例村", "village", at["town"])
    add = county.keeper.deed
    who: dict[str, int] = {}
    for name, (shown, role, where) in PEOPLE.items():
        who[name] = add("parties", "person", name=shown, latin=name, area=at["village"])
        if role:
            post = {"person": who[name], "role": role, "area": at[where], "since": SINCE}
            add("organisations", "post", **post, single=False, head=False)
    county.let_in({name: who[name] for name in PEOPLE if name not in ("elder", "daughter")})
    village, town = county.who["secretary"], county.who["officer"]
    ledger = "ledgers/elder_care"
    whose = {"_who": who["elder"], "_area": at["village"]}
    elder = village.deed(f"{ledger}/elder", "new", **whose, living="alone", risk="high")
    kin = {"person": who["daughter"], "relation": "女儿", "rank": 0}
    village.deed(f"rows/{elder}/acts", "contact", **kin)
    asked = village.deed(f"{ledger}/application", "new", _subject=elder, asked_by="self")
    found = {"_subject": elder, "on": "2026-03-02", "level": "mild"}
    judged = village.deed(f"{ledger}/assessment", "new", **found)
    town.deed(f"rows/{judged}/acts", "confirm")
    town.deed(f"rows/{asked}/acts", "grant", assessment=judged)
    add("devices", "adopt", protocol="watch", number=BAND)
    out = {"_subject": elder, "device": BAND, "handed": rfc3339(SystemClock().now_us())}
    village.deed(f"{ledger}/issue", "new", **out)  # and that binds it
    told: dict[str, Any] = {"version": "示例 1", "signed": "2026-03-02", "signed_by": "self"}
    village.deed(f"{ledger}/service_notice", "new", _subject=elder, **told, is_read_120=True)
    return who, elder


def test_a_press_of_the_key_is_answered_reported_with_proof_and_confirmed_by_the_family(
    county: LiveCounty, chromium: Browser, tmp_path: Path
) -> None:
    who, _elder = set_up(county)
    pages = county.phones({name: who[name] for name in ("daughter", "secretary")})
    daughter, village = (Screen(chromium, county, "", NARROW) for _ in pages)
    daughter.open(pages["daughter"])
    village.open(pages["secretary"])
    desk = Screen(chromium, county, "secretary", WIDE)
    with worn(county) as band:
        band.press()
        rung_and_taken(daughter, village, desk)
        case_id = str(county.who["secretary"].first_case()["id"])
        handed_to_120(desk, case_id)
        reported(desk, case_id, tmp_path)
    confirmed(daughter, desk, case_id)
    narrow = Screen(chromium, county, "secretary", NARROW)
    narrow.open(f"/cases/{case_id}/")
    case = county.who["officer"].get(f"cases/{case_id}")
    assert (case["state"], case["outcome"]) == ("closed", "confirmed")
    assert county.who["stranger"].ask(f"cases/{case_id}")[0] == 404
    assert daughter.wrong + village.wrong + desk.wrong + narrow.wrong == []


def rung_and_taken(daughter: Screen, village: Screen, desk: Screen) -> None:
    """Both phones ring before anybody answered, the board shows it; the village goes."""
    for phone in (daughter, village):
        expect(phone.page.locator(".ring.rings")).to_be_visible()
        expect(phone.page.locator(".ring.rings")).to_contain_text("王桂兰")
        phone.fits()
    row = desk.page.locator("#queue > li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("呼救")
    desk.fits()
    village.page.locator("button[value=answer]").click()
    expect(village.page.locator(".ring.speaks")).to_be_visible()
    village.page.locator("button[value=go]").click()
    expect(village.page.locator(".ring")).to_have_count(0)
    expect(daughter.page.locator(".ring")).to_have_count(0)
    expect(daughter.page.locator("#live")).to_contain_text("沈文启")  # who has it in hand


def handed_to_120(desk: Screen, case_id: str) -> None:
    """The case shows both calls of the first step, the fix, that a band does not replace 120."""
    page = desk.open(f"/cases/{case_id}/")
    first = page.locator("#ladder .step").first
    for name in ("王晓燕", "沈文启"):
        expect(first).to_contain_text(name)
    shown = page.locator(".show", has_text="手环最近情况")
    expect(shown).to_contain_text("手环不代替120、110。危急时请先打120。")
    expect(shown).to_contain_text("卫星定位 · 7 颗")
    expect(shown).to_contain_text("精度不明")
    page.locator("#fold-hand_to_120 > summary").click()
    page.locator("#f-hand_to_120-called_by").select_option("village")
    page.locator("#f-hand_to_120-way").select_option("direct")
    page.locator("#f-hand_to_120-order").fill("T-0042")
    desk.fits()
    page.locator("#fold-hand_to_120 form button:not([type=button])").click()
    line = page.locator("#timeline .k-hand_to_120")
    for said in ("已转120 · 村里拨打、直接打120", "沈文启", "T-0042"):
        expect(line).to_contain_text(said)


def reported(desk: Screen, case_id: str, folder: Path) -> None:
    """What was found, with a photo; the report waits for the family's word."""
    photo = folder / "photo.jpg"
    photo.write_bytes(JPEG)
    page = desk.open(f"/cases/{case_id}/")
    page.set_input_files("#photo-report", photo)
    page.locator("#text-report").fill("老人滑倒，120已到，已送县医院")
    page.locator("#answer-report").fill("妈妈已送到县医院，人清醒")
    page.locator("#fold-report form button.pri").click()
    expect(page.locator("#head .state")).to_have_class(re.compile(r"\bawaiting_confirmation\b"))
    expect(page.locator("#proofs img")).to_have_count(1)


def confirmed(daughter: Screen, desk: Screen, case_id: str) -> None:
    """She is asked on her phone, with the answer in plain words, and says that it is solved."""
    asked = daughter.page.locator("[id^=ask-]")
    expect(asked).to_contain_text("妈妈已送到县医院，人清醒")
    daughter.fits()
    asked.locator("button[value=solved]").click()
    expect(daughter.page.locator("[id^=ask-]")).to_have_count(0)
    page = desk.open(f"/cases/{case_id}/")
    expect(page.locator("#head .state")).to_have_class(re.compile(r"\bclosed\b"))
