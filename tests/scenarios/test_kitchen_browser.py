"""A hot box fails on a school day, in a live county that is no demo: seen in Chromium.

Areas, people, posts, kitchen and batch come over the API, the failure over the HTTP intake. The
manager answers on a phone of 390 px, holds the batch in one tap and recalls it with the director's
second word; the school is told, and the director verifies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bihuan.base.time import SystemClock, rfc3339
from tests.console.browsing import launched
from tests.scenarios.live_county import LiveCounty, live_county
from tests.scenarios.screen import Screen

pytestmark = pytest.mark.browser
PEOPLE = (
    ("worker", "line_worker", "kitchen"),
    ("officer", "food_safety_officer", "kitchen"),
    ("director", "food_safety_director", "kitchen"),
    ("manager", "kitchen_manager", "kitchen"),
    ("driver", "driver", "school"),
    ("receiver", "school_receiver", "school"),
    ("regulator", "market_regulator", "county"),
    ("stranger", "", "county"),
)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCounty]:
    with live_county(tmp_path_factory.mktemp("county")) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def now() -> str:
    return rfc3339(SystemClock().now_us())


def set_up(county: LiveCounty) -> dict[str, int]:
    """Areas, people, a kitchen with line, probe and hot box, a school; all by the API."""
    at = {"county": county.area}
    at["town"] = county.place("990100101", "示例镇", "town", county.area)
    at["village"] = county.place("990100101201", "示例村", "village", at["town"])
    for n, name in enumerate(("kitchen", "school")):
        at[name] = county.place(f"99010010120100{n}", f"示例{name}", "building", at["village"])
    county.let_in({name: county.person(name, role, at[where]) for name, role, where in PEOPLE})
    firm = county.keeper.deed(
        "parties",
        "other",
        kind="legal_entity",
        name="青禾示例供餐公司",
        latin="Sample Meals",
        code="91990100MA2QHDJ01J",
        area=at["kitchen"],
    )
    who, ledger = county.who, "ledgers/kitchen"
    whole = {"is_central": True, "is_rebuilt": True, "licensed_on": "2024-03-01"}
    whole |= {"licence": "JY99901000000001", "_who": firm, "_area": at["kitchen"]}
    supplier = who["regulator"].deed(f"{ledger}/supplier", "new", **whole)
    about: dict[str, Any] = {"_area": at["kitchen"], "supplier": supplier}
    made = {"supplier": supplier}
    add = who["officer"].deed
    made["line"] = add(f"{ledger}/line", "new", _who="一号线", **about)
    about |= {"calibrated_on": "2026-01-10", "calibrated_until": "2099-12-31", "error": 0.2}
    for kind, name in (("core_probe", "手持探针"), ("hot_box", "一号热藏箱")):
        made[kind] = add(f"{ledger}/{kind}", "new", _who=name, instrument=f"D-{kind}", **about)
    school = {"_who": "示例小学", "_area": at["school"], "pupils": 240}
    made["school"] = who["regulator"].deed(f"{ledger}/school", "new", **school)
    return made


def on_the_way(county: LiveCounty, things: dict[str, int]) -> tuple[int, int]:
    """A batch from cook to release, and its delivery to the school."""
    who, about = county.who, {"_subject": things["supplier"]}
    said: dict[str, Any] = {"dish": "红烧鸡块", "meal": "lunch", "line": things["line"]}
    said |= {"core": 82, "probe": things["core_probe"], "keeping": "hot", "cooked": now()}
    said |= {"portions": 240, "for_schools": True}
    batch = who["worker"].deed("ledgers/kitchen/batch", "new", **about, **said)
    sample = {"batch": batch, "grams": 150, "taken": now(), "place": "留样柜"}
    who["worker"].deed("ledgers/kitchen/sample", "new", **about, **sample, is_sealed_up=True)
    who["worker"].deed(f"rows/{batch}/acts", "pack")
    who["officer"].deed(f"rows/{batch}/acts", "release")
    left = {"batch": batch, "portions": 240, "left": now(), "vehicle": "演A0001"}
    delivery = who["driver"].deed(
        "ledgers/kitchen/delivery", "new", _subject=things["school"], **left, is_enclosed=True
    )
    return batch, delivery


def test_a_hot_box_that_fails_is_answered_held_recalled_and_verified(
    county: LiveCounty, chromium: Browser
) -> None:
    things = set_up(county)
    batch, delivery = on_the_way(county, things)
    manager = Screen(chromium, county, "manager", 390)
    failed = {"kind": "hot_low", "subject": things["hot_box"], "at": now(), "detail": "51 ℃"}
    county.send(county.sender(), "signals", failed)
    case_id = answered(manager)
    stopped(manager, batch)
    director = Screen(chromium, county, "director", 390)
    recalled(manager, director, batch)
    acknowledged(county, delivery)
    put_right(manager, director, case_id)
    kinds = {one["kind"]: one["state"] for one in county.who["regulator"].get("cases")["cases"]}
    assert kinds == {
        "deviation": "closed",
        "recall": "awaiting_answer",
        "school_notice": "awaiting_check",
    }
    stranger = county.who["stranger"]
    for path in (f"cases/{case_id}", f"register/rows/{batch}"):
        assert stranger.ask(path)[0] == 404
    assert manager.wrong + director.wrong == []


def answered(manager: Screen) -> str:
    """The failure stands on the manager's board without a reload; 我来处置. The case's id."""
    page = manager.page
    row = page.locator("#queue > li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("一号热藏箱")
    manager.fits()
    row.locator("button.pri").click()
    page.wait_for_url(re.compile(r"/cases/\d+/"))
    expect(page.locator("#act-correct")).to_be_visible()
    manager.fits()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def stopped(manager: Screen, batch: int) -> None:
    """On hold in one tap: one click on the batch's page, and nothing is asked."""
    page = manager.open(f"/rows/{batch}/")
    page.locator("#act-stop-1 button").click()
    expect(page.locator("h1 .tone")).to_have_text("暂停使用")
    manager.fits()


def recalled(manager: Screen, director: Screen, batch: int) -> None:
    """Asked for with reason and substitute meal; in force once the director confirms."""
    page = manager.open(f"/rows/{batch}/")
    deed = page.locator("details", has=page.locator("input[name=act][value=recall]"))
    deed.locator("summary").click()
    deed.locator("[name='v.reason']").fill("热藏箱断电，51℃")
    deed.locator("[name='v.substitute']").fill("备用热餐 240 份")
    manager.fits()
    deed.locator("button").click()
    expect(page.locator("h1 .tone")).to_have_text("暂停使用")
    page = director.open(f"/rows/{batch}/")
    deed = page.locator("details", has=page.locator("input[value^='confirm-']"))
    deed.locator("summary").click()
    expect(deed).to_contain_text("备用热餐 240 份")
    deed.locator("button").click()
    expect(page.locator("h1 .tone")).to_have_text("已召回")
    director.fits()


def acknowledged(county: LiveCounty, delivery: int) -> None:
    """The school hears of it and says that nothing was eaten."""
    receiver = county.who["receiver"]
    notice = receiver.first_case()
    receiver.case(notice["id"], "take")
    left = {"portions_left": 240, "portions_eaten": 0}
    receiver.deed(f"rows/{delivery}/acts", "acknowledge", **left)
    receiver.case(notice["id"], "correct", fields={"told": "none_eaten"}, text="未开餐")


def put_right(manager: Screen, director: Screen, case_id: str) -> None:
    """The manager says what became of the food; the director, another person, verifies."""
    page = manager.open(f"/cases/{case_id}/")
    page.locator("#fold-correct > summary").click()
    page.locator("#f-correct-disposition").select_option("discarded")
    page.locator("#text-correct").fill("已换热藏箱，本批全部废弃")
    manager.fits()
    page.locator("#fold-correct form button:not([type=button])").click()
    expect(page.locator("#head .state")).to_have_class(re.compile(r"\bawaiting_check\b"))
    expect(page.locator("#act-verify")).to_have_count(0)
    page = director.open(f"/cases/{case_id}/")
    page.locator("#fold-verify > summary").click()
    page.locator("#text-verify").fill("已看销毁照片，属实")
    page.locator("#fold-verify form button:not([type=button])").click()
    expect(page.locator("#head .state")).to_have_class(re.compile(r"\bclosed\b"))
    director.fits()
