"""A hazard and a storm night in a live county that is no demo, set up over the API: in Chromium.

A resident's hazard is listed, rectified, reviewed and cleared, and the resident hears so on a phone
without a login. The station's CAP messages open, supersede and cancel; the response's table calls
the villages, who answer on their phones; homes are moved, refused, moved, and returned at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bihuan.base.time import CHINA, SystemClock, datetime_of
from bihuan.gateway.formats import cap
from tests.console.browsing import launched, width_of
from tests.scenarios.live_county import LiveCounty, live_county
from tests.scenarios.screen import Screen

pytestmark = pytest.mark.browser
STATION = "青禾县气象台"
ORANGE, RED = "暴雨橙色预警信号", "暴雨红色预警信号"
SIGNED_IN = (
    ("town", "town_duty", "town"),
    ("safety", "safety_office", "county"),
    ("command", "county_command", "county"),
    ("keeper", "site_keeper", "near"),
    ("stranger", "", "county"),
)
PHONES = (("near", "village_duty", "near"), ("far", "village_duty", "far"), ("finder", "", "near"))
FORM_WAIT_MS = 40_000  # a phone's page looks every 5 s, and the machine is shared


@dataclass
class Made:
    """The county with its areas, people, phones and things by name."""

    county: LiveCounty
    at: dict[str, int]
    people: dict[str, int] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    things: dict[str, int] = field(default_factory=dict)

    def new(self, who: str, kind: str, **values: Any) -> int:
        return self.county.who[who].deed(f"ledgers/hazard/{kind}", "new", **values)

    def rows(self, who: str, kind: str) -> list[dict[str, Any]]:
        found = self.county.who[who].get(f"register/ledgers/hazard/{kind}")["rows"]
        return sorted(found, key=lambda row: int(row["id"]))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with live_county(tmp_path_factory.mktemp("county")) as county:
        at = {"county": county.area}
        at["town"] = county.place("990100101", "示例镇", "town", county.area)
        at["near"] = county.place("990100101201", "近村", "village", at["town"])
        at["far"] = county.place("990100101202", "远村", "village", at["town"])
        found = Made(county, at)
        for name, role, where in SIGNED_IN:
            found.people[name] = county.person(name, role, at[where])
        for name, role, where in PHONES:
            found.people[name], found.phones[name] = county.phone(name, role, at[where])
        county.let_in({name: one for name, one in found.people.items() if name != "finder"})
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def phone(chromium: Browser, made: Made, name: str) -> Page:
    """A person's phone, which is a page without a sign-in; it rings while it is open."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.set_default_timeout(FORM_WAIT_MS)
    page = context.new_page()
    page.goto(f"{made.county.address}{made.phones[name]}")
    wanted, there = width_of(page)
    assert wanted <= there
    return page


def deed(screen: Screen, row: int, act: str, state: str, **values: str) -> Page:
    """Do an act on a row's page: unfold, fill, press; `state` is what its heading says after."""
    page = screen.open(f"/rows/{row}/")
    form = form_of(page, act)
    for name, text in values.items():
        control = form.locator(f"[name='v.{name}']")
        if control.first.get_attribute("type") == "radio":
            form.locator(f"[name='v.{name}'][value='{text}']").check()
        elif control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(text)
        else:
            control.fill(text)
    screen.fits()
    form.locator("button:not([type=button])").last.click()
    if state:
        expect(page.locator("h1 .tone")).to_have_text(state)
    screen.fits()
    return page


def form_of(page: Page, act: str) -> Locator:
    """The unfolded form of an act."""
    fold = page.locator("details", has=page.locator(f"input[name=act][value={act}]"))
    fold.locator("summary").click()
    return fold


def test_a_residents_hazard_is_listed_rectified_reviewed_cleared_and_told(
    made: Made, chromium: Browser
) -> None:
    finder = phone(chromium, made, "finder")
    where = made.at["near"]
    site = made.new("safety", "site", _who="示例小微园", _area=where, kind_of="micro_park")
    found = {"what": "疏散通道被锁", "grade": "major", "source": "report"}
    row = made.new("town", "hazard", _subject=site, finder=made.people["finder"], **found)
    until = (
        (datetime_of(SystemClock().now_us()).astimezone(CHINA) + timedelta(days=20))
        .date()
        .isoformat()
    )
    five = {"measures": "拆锁", "funds": "园区自筹", "deadline": until, "plan": "专人看守"}
    owner = {"owner": made.people["keeper"], "supervisor": "county"}
    made.county.who["safety"].deed(f"rows/{row}/acts", "plan", **five, **owner)

    command = Screen(chromium, made.county, "command", 1440)
    page = deed(command, row, "list", "整改中", why="重大隐患，县里挂牌")
    expect(page.locator("main")).to_contain_text("挂牌督办")
    keeper = Screen(chromium, made.county, "keeper", 390)
    row_on_board = keeper.open("/").locator("#queue > li", has_text="示例小微园")
    expect(row_on_board).to_have_count(1)
    deed(keeper, row, "apply_review", "待复查", done="锁已拆，换了推闩门")
    expect(keeper.page.locator("input[name=act][value=pass_review]")).to_have_count(0)
    safety = Screen(chromium, made.county, "safety", 390)
    deed(safety, row, "pass_review", "复查通过", seen="现场推开正常")
    expect(finder.locator(".msg")).to_have_count(0)
    deed(command, row, "clear_major", "已销号", told="message", told_what="锁已拆")
    expect(finder.locator(".msg")).to_contain_text("疏散通道被锁", timeout=FORM_WAIT_MS)
    expect(finder.locator(".msg")).to_contain_text("已整改销号")
    expect(finder.locator(".msg form")).to_have_count(0)
    assert made.county.who["stranger"].ask(f"register/rows/{row}")[0] == 404
    assert command.wrong + keeper.wrong + safety.wrong == []


def today() -> datetime:
    """Now, in the county."""
    return datetime_of(SystemClock().now_us()).astimezone(CHINA)


def message(number: int, event: str, severity: str, **changes: Any) -> cap.Alert:
    """What the station's system sends: number says which and orders them."""
    sent = datetime_of(SystemClock().now_us()).replace(microsecond=0) - timedelta(
        seconds=60 - number
    )
    info = cap.Info(
        categories=("Met",),
        event=event,
        urgency="Immediate",
        severity=severity,
        certainty="Likely",
        language="zh-CN",
        sender_name=STATION,
        headline=f"{STATION}发布{event}",
        description="3小时内降雨量将达100毫米以上。",
        areas=(cap.Area("青禾县", geocodes=(cap.NamedValue("GB/T 2260", "990100"),)),),
    )
    made = cap.Alert(
        f"S{number}", "station@qinghe.example", sent, "Actual", "Alert", "Public", infos=(info,)
    )
    return replace(made, **changes)


def defended(made: Made) -> int:
    """A unit of defence: its table of level × area → who does what, and two homes in danger."""
    unit = made.new("town", "unit", _who="示例镇防汛", _area=made.at["town"])
    table = (("3", "巡查山塘", "near", True), ("2", "转移危险区农户", "far", True))
    common = {"event": "flood", "role": "village_duty", "minutes": 60, "source": "示例预案"}
    for level, what, where, calls in table:
        said = {"from_level": level, "what": what, "where": made.at[where], "calls": calls}
        made.new("town", "measure", _subject=unit, **common, **said)
    for door, where in (("1组1号", "near"), ("2组2号", "far")):
        said = {"door": door, "people": 3, "from_level": "3", "where": made.at[where]}
        made.new("town", "home", _subject=unit, **said)
    return unit


def test_a_storm_night_from_the_stations_warning_to_the_after_action_sheet(
    made: Made, chromium: Browser
) -> None:
    unit, token = defended(made), made.county.sender("warnings")
    near, far = (phone(chromium, made, name) for name in ("near", "far"))
    town = Screen(chromium, made.county, "town", 1440)
    first = message(1, ORANGE, "Severe")
    orange = made.county.warn(token, cap.write(first))
    at = first.sent.astimezone(CHINA)
    quote = f"{STATION}{at:%Y年%m月%d日%H时%M分}发布{ORANGE}"
    expect(town.open("/warnings/").locator(f"#w-{orange['warning']} h3")).to_contain_text(quote)
    warned = {"warning": str(orange["warning"]), "basis": "会商决定"}
    deed(town, unit, "start", "响应中", level="3", event="flood", **warned)
    answered(near, "巡查山塘")
    expect(far.locator(".ring")).to_have_count(0)

    second = message(2, RED, "Extreme", msg_type="Update", references=(first.reference,))
    red = made.county.warn(token, cap.write(second))
    assert (red["change"], red["ended"]) == ("upgraded", [orange["warning"]])
    page = town.open("/warnings/")
    expect(page.locator("section[aria-labelledby=w-now] article")).to_have_count(1)
    expect(page.locator("section[aria-labelledby=w-now] article")).to_contain_text(RED)
    warned = {"warning": str(red["warning"]), "basis": "雨势加大"}
    deed(town, unit, "change", "响应中", level="2", **warned)
    answered(near, "转移危险区农户")
    answered(far, "转移危险区农户")
    order = running(town)
    expect(town.page.locator("#co-head")).to_contain_text(RED)
    expect(town.page.locator("#co-figs")).to_contain_text("2 / 2")

    moved_and_kept_away(made, chromium)
    third = message(3, RED, "Extreme", msg_type="Cancel", references=(second.reference,))
    assert made.county.warn(token, cap.write(third))["change"] == "cancelled"
    page = town.open(order)
    expect(page.locator("#co-offer")).to_contain_text(f"{STATION}已解除预警")
    deed(town, unit, "end", "常态", basis="雨停水退")
    expect(near.locator("#live")).to_contain_text("应急响应已结束", timeout=FORM_WAIT_MS)
    expect(far.locator("#live")).to_contain_text("应急响应已结束", timeout=FORM_WAIT_MS)
    expect(town.open(order).locator("#co-head")).to_contain_text("示例镇解除")
    after(made, chromium, town, unit)
    assert town.wrong == []


def answered(page: Page, instruction: str) -> None:
    """The phone rings without a reload; answered, it reads the order out; 收到，照办."""
    ring = page.locator(".ring")
    ring.get_by_role("button", name="接听").click()
    expect(page.locator(".ring .speech")).to_contain_text(instruction)
    page.get_by_role("button", name="收到，照办").click()
    expect(page.locator(".ring")).to_have_count(0)


def running(town: Screen) -> str:
    """The path of the one order that runs, opened from the desk."""
    page = town.open("/callouts/")
    expect(page.locator("section[aria-labelledby=h-run] article")).to_have_count(1)
    path = page.locator("section[aria-labelledby=h-run] article a.hit").get_attribute("href") or ""
    expect(town.open(path).locator("#co-head")).to_be_visible()
    return path


def moves(made: Made) -> dict[str, int]:
    names = {area: name for name, area in made.at.items()}
    return {names[row["area_id"]]: int(row["id"]) for row in made.rows("town", "move")}


def moved_and_kept_away(made: Made, chromium: Browser) -> None:
    """One home moves; the other refuses and then moves; nobody returns while it goes on."""
    at = moves(made)
    village = Screen(chromium, made.county, "near", 390)
    deed(village, at["near"], "moved", "已转", people="3", stays="kin")
    page = village.open(f"/rows/{at['near']}/")
    form_of(page, "returned").locator("button:not([type=button])").last.click()
    expect(page.locator("form [role=alert]")).to_be_visible()
    village.fits()
    expect(village.open(f"/rows/{at['near']}/").locator("h1 .tone")).to_have_text("已转")
    other = Screen(chromium, made.county, "far", 390)
    deed(other, at["far"], "refuse", "拒转", why="说看看再走")
    deed(other, at["far"], "moved", "已转", people="3", stays="kin")
    assert village.wrong + other.wrong == []


def after(made: Made, chromium: Browser, town: Screen, unit: int) -> None:
    """People return, and the sheet says what was done when, by area and without a ranking."""
    at = moves(made)
    for name in ("near", "far"):
        village = Screen(chromium, made.county, name, 390)
        deed(village, at[name], "returned", "已返回")
    page = town.open(f"/sheets/hazard/after_action/{unit}/")
    sheet = page.locator("main")
    for word in ("示例镇防汛", "巡查山塘", "转移危险区农户", "近村", "远村", "不作村与村的排名"):
        expect(sheet).to_contain_text(word)
    assert len(re.findall(r"\t已返回\t", sheet.inner_text())) == 2, "each household"
    assert made.county.who["stranger"].ask(f"sheets/hazard/after_action/{unit}")[0] == 404
