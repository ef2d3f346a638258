"""The map nearer and further in Chromium: buttons, keys, drag, two fingers, and without scripts.

The page is the one that a test county gives; the browser gets it and its files from memory.
"""

from __future__ import annotations

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.console.browsing import launched, width_of
from tests.console.place import Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
BOX = "() => document.querySelector('.amap').getAttribute('viewBox').split(' ').map(Number)"
TEXT_PX = """() => document.querySelector('.amap text').getBoundingClientRect().height"""
PINCH = """() => {
  const svg = document.querySelector(".amap"), at = svg.getBoundingClientRect();
  const say = (kind, pointerId, x) => svg.dispatchEvent(new PointerEvent(kind, { pointerId,
    pointerType: "touch", bubbles: true, clientX: at.left + x, clientY: at.top + 60 }));
  svg.setPointerCapture = undefined; // fingers of a script cannot be captured
  say("pointerdown", 1, 100); say("pointerdown", 2, 140);
  say("pointermove", 2, 180); say("pointerup", 1, 100); say("pointerup", 2, 180);
}"""


def opened(context: BrowserContext, html: str) -> Page:
    """The page and its files, from memory; anything else is not there."""

    def give(route: Route) -> None:
        path = route.request.url.removeprefix("https://map.test/")
        if path == "map/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
            return
        file = finders.find(path.removeprefix("static/"))
        if not path.startswith("static/") or not isinstance(file, str):
            route.fulfill(status=404, body="")
            return
        kind = KINDS.get(path.rsplit(".", 1)[-1], "application/octet-stream")
        route.fulfill(path=file, content_type=kind)

    context.route("**/*", give)
    page = context.new_page()
    page.goto("https://map.test/map/")
    return page


def test_map_is_brought_nearer_and_back(place: Place) -> None:
    place.hold_key()
    html = place.client("command").get("/map/").content.decode()
    with launched() as chromium:  # after the county: Django works in no loop of a browser
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        near_and_back(opened(context, html))


def near_and_back(page: Page) -> None:
    whole = page.evaluate(BOX)
    letters = page.evaluate(TEXT_PX)
    expect(page.locator(".zoom output")).to_have_text("×1")
    page.get_by_role("button", name="放大").click()
    near = page.evaluate(BOX)
    assert near[2] == pytest.approx(whole[2] / 1.5, abs=0.02)
    # the middle stays where it was, and the letters as large as they were
    assert near[0] + near[2] / 2 == pytest.approx(whole[0] + whole[2] / 2, abs=0.02)
    assert page.evaluate(TEXT_PX) == pytest.approx(letters, rel=0.05)
    page.locator(".amap-box").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(BOX)[0] == pytest.approx(near[0] + 0.2 * near[2], abs=0.05)
    for _time in range(9):
        page.keyboard.press("ArrowRight")
    assert sum(page.evaluate(BOX)[0::2]) == pytest.approx(whole[0] + whole[2], abs=0.05)
    for _time in range(9):
        page.keyboard.press("+")
    assert page.evaluate(BOX)[2] == pytest.approx(whole[2] / 8, abs=0.02)
    page.keyboard.press("0")
    assert page.evaluate(BOX) == whole
    page.evaluate(PINCH)  # twice as far apart
    assert page.evaluate(BOX)[2] == pytest.approx(whole[2] / 2, rel=0.02)
    before = page.evaluate(BOX)
    seen = page.locator(".amap").bounding_box()
    assert seen is not None
    page.mouse.move(seen["x"] + 120, seen["y"] + 120)
    page.mouse.down()
    page.mouse.move(seen["x"] + 90, seen["y"] + 120)
    page.mouse.up()
    assert page.evaluate(BOX)[0] > before[0]
    wanted, there = width_of(page)
    assert wanted <= there


def test_map_without_scripts_is_whole(place: Place) -> None:
    html = place.client("command").get("/map/").content.decode()
    with launched() as chromium:
        page = opened(chromium.new_context(java_script_enabled=False), html)
        expect(page.locator(".amap")).to_be_visible()
        expect(page.locator(".zoom")).to_be_hidden()
