"""The SOS journey in the real thing: every process running, a band on TCP, people in browsers.

A band's key is held on the demo page; the call shows on an open board, phones ring, the village
answers and goes, reports with a photo, and the family says that it is solved.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.console.browsing import WAIT_MS, launched, running_demo, sign_in, width_of

pytestmark = pytest.mark.browser

SHOWN_WITHIN_MS = 2000
# when each row came, and how many tones were played: what a person would see and hear
WATCH = """
window.rowsCameAt = {};
window.tonesPlayed = 0;
new MutationObserver(() => {
  for (const row of document.querySelectorAll("#queue > li"))
    window.rowsCameAt[row.id] ??= Date.now();
}).observe(document, { childList: true, subtree: true });
addEventListener("submit", () => { window.sentAt = Date.now(); }, true);
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tonesPlayed += 1;
  return start.apply(this, when);
};
"""
PHOTO = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = 48; canvas.height = 32;
  const paint = canvas.getContext("2d");
  paint.fillStyle = "#0c6355"; paint.fillRect(8, 8, 32, 16);
  return canvas.toDataURL("image/jpeg", 0.8).split(",")[1];
}"""


@dataclass(frozen=True)
class Site:
    """A running demo: its address, the password of every sign-in, what the demo brought."""

    address: str
    password: str
    cast: dict[str, Any]
    accounts: dict[str, str]


@dataclass(frozen=True)
class Walk:
    """One way through: language and width of every screen, and the band whose key is held."""

    language: str
    width: int
    band: int
    village: str
    secretary: tuple[str, str]

    @property
    def is_english(self) -> bool:
        return self.language == "en-GB"

    def word(self, zh: str, en: str) -> str:
        return en if self.is_english else zh


# band: its number among the demo's bands; each has its own village and family
WALKS = (
    Walk("zh-CN", 1440, 0, "石桥村", ("沈文启", "Shen Wenqi")),
    Walk("zh-CN", 390, 1, "上坝村", ("许德厚", "Xu Dehou")),
    Walk("en-GB", 1440, 2, "柏树村", ("李建国", "Li Jianguo")),
    Walk("en-GB", 390, 4, "东街社区", ("毛丽华", "Mao Lihua")),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo as a stranger starts it, on a data folder of its own."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        accounts = {WALKS[0].village: "village"}
        for n, walk in enumerate(WALKS[1:]):
            accounts[walk.village] = name = f"village{n}"
            person = str(demo.cast["officials"][walk.village])
            demo.bihuan("user", "add", name, "--person", person, "--password", demo.password)
        yield Site(demo.address, demo.password, demo.cast, accounts)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


class Screens:
    """The browsers of one walk. What went wrong in any of them is kept until the end."""

    def __init__(self, browser: Browser, site: Site, walk: Walk) -> None:
        self._browser, self.site, self.walk = browser, site, walk
        self._contexts: list[BrowserContext] = []
        self.wrong: list[str] = []

    def browser(self, width: int | None = None) -> BrowserContext:
        """A browser of one person, with cookies of its own."""
        wide = self.walk.width if width is None else width
        size: Any = {"width": wide, "height": 900 if wide > 400 else 844}
        context = self._browser.new_context(viewport=size, locale=self.walk.language)
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(WATCH)
        context.on("request", self._went_to)
        context.on("page", self._listen)
        self._contexts.append(context)
        return context

    def _went_to(self, request: Any) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.wrong.append(f"request to {request.url}")

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._said(page, said))

    def _said(self, page: Page, said: Any) -> None:
        if said.type == "error":
            self.wrong.append(f"{page.url}: {said.text}")

    def sign_in(self, context: BrowserContext, username: str) -> Page:
        return sign_in(context, self.site.address, username, self.site.password)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def check_width(page: Page) -> None:
    """Nothing scrolls sideways."""
    wanted, there = width_of(page)
    assert wanted <= there, f"{page.url}: {wanted} px wide on {there} px"


def phones_of(screens: Screens, demo: Page) -> tuple[Page, Page]:
    """The phones of the elder's first relative and of the village, each opened as a page."""
    casts = screens.site.cast["scenarios"]
    # as the page has them: first the phones that a band rings
    in_order = sorted(casts, key=lambda name: (not casts[name]["bands"], name))
    phones = [phone for name in in_order for phone in casts[name]["phones"]]
    people = list(dict.fromkeys(phone["person_id"] for phone in phones))
    links = demo.locator(".more-phones a").evaluate_all("all => all.map(one => one.href)")
    assert len(links) == len(people)
    village = screens.site.cast["officials"][screens.walk.village]
    at = people.index(village)
    families = {0: 0, 1: 3, 2: 5, 4: 8}  # where each band's family begins among elder care's
    elders = casts["elder_care"]["phones"]
    family = people.index(elders[families[screens.walk.band]]["person_id"])
    context = screens.browser(width=390)
    pages = []
    for n in (family, at):
        page = context.new_page()
        page.goto(links[n])
        expect(page.locator(".idle")).to_be_visible()
        check_width(page)
        pages.append(page)
    return pages[0], pages[1]


def hold_key(demo: Page, band: str) -> float:
    """Hold the key as a person does; the moment when the page sends it, ms since 1970."""
    button = demo.locator(f"form:has(input[value='{band}']) .sos")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    demo.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    demo.mouse.down()
    demo.wait_for_function("() => window.sentAt")
    demo.mouse.up()
    return float(demo.evaluate("() => window.sentAt"))


def call(screens: Screens) -> tuple[Page, Page, Page, str]:
    """The key is held: the open board shows it and sounds, two phones ring."""
    walk = screens.walk
    office = screens.browser()
    board = screens.sign_in(office, "county")
    expect(board.locator("#queue-empty")).to_be_visible()
    check_width(board)
    demo = office.new_page()
    demo.goto(f"{screens.site.address}/demo/")
    check_width(demo)
    family, village = phones_of(screens, demo)
    band = screens.site.cast["scenarios"]["elder_care"]["bands"][walk.band]
    sent_ms = hold_key(demo, band["number"])
    row = board.locator("#queue > li")
    expect(row).to_have_count(1)
    row_id = str(row.get_attribute("id"))
    took_ms = board.evaluate("id => window.rowsCameAt[id]", row_id) - sent_ms
    sys.stdout.write(f"\n{walk.language} {walk.width}: key to row {took_ms:.0f} ms\n")
    assert took_ms <= SHOWN_WITHIN_MS
    expect(row).to_contain_text(f"{band['latin'].split()[0]} **" if walk.is_english else "**")
    expect(board).to_have_title(re.compile(r"^\(1\) "))
    expect(board.locator("#sound")).to_have_attribute("aria-pressed", "true")
    board.wait_for_function("() => window.tonesPlayed >= 3")
    for phone in (family, village):
        expect(phone.locator(".ring.rings")).to_be_visible()
        phone.wait_for_function("() => window.tonesPlayed >= 3")
        check_width(phone)
    check_width(board)
    return board, family, village, row_id


def answer(screens: Screens, board: Page, village: Page, row_id: str) -> None:
    """The village answers and goes: the board is still, and names who has it."""
    walk = screens.walk
    village.click("button[value=answer]")
    expect(village.locator(".ring.speaks")).to_be_visible()
    check_width(village)
    village.click("button[value=go]")
    expect(village.locator(".notes")).to_contain_text(walk.word("由你处置", "Yours"))
    row = board.locator(f"#in-hand > #{row_id}")
    expect(row).to_contain_text(walk.word(*walk.secretary))
    expect(board).not_to_have_title(re.compile(r"^\("))
    expect(board.locator("#queue-empty")).to_be_visible()
    played = board.evaluate("() => window.tonesPlayed")
    board.wait_for_timeout(2600)  # the alarm sounds every two seconds
    assert board.evaluate("() => window.tonesPlayed") == played
    check_width(board)


def report(screens: Screens, case_id: str) -> Page:
    """The secretary signs in on his own phone and reports with a photo."""
    site, walk = screens.site, screens.walk
    page = screens.sign_in(screens.browser(), site.accounts[walk.village])
    page.goto(f"{site.address}/cases/{case_id}/")
    check_width(page)
    page.fill("#text-report", walk.word("人没事，已扶起", "She is well, helped up"))
    page.fill("#answer-report", walk.word("已到家查看", "We were there"))
    picture = base64.b64decode(page.evaluate(PHOTO))
    upload: Any = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture}
    page.set_input_files("#photo-report", upload)
    page.click("#act-report form button:not([type=button])")
    photo = page.locator("#proofs img")
    expect(photo).to_be_visible()
    photo.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#proofs img').naturalWidth === 48")
    check_width(page)
    return page


@pytest.mark.parametrize("walk", WALKS, ids=lambda w: f"{w.language}-{w.width}")
def test_sos_goes_round_the_whole_loop(site: Site, chromium: Browser, walk: Walk) -> None:
    screens = Screens(chromium, site, walk)
    try:
        board, family, village, row_id = call(screens)
        answer(screens, board, village, row_id)
        page = report(screens, row_id.removeprefix("case-"))
        expect(board.locator(f"#asked > #{row_id}")).to_be_visible()
        family.click("button[value=solved]")
        expect(family.locator(".msg")).to_have_count(0)
        expect(page.locator("#head .state")).to_have_class(re.compile(r"\bclosed\b"))
        expect(board.locator(f"#{row_id}")).to_have_count(0)
        for shown in (board, family, village, page):
            check_width(shown)
        assert screens.wrong == []
    finally:
        screens.close()
