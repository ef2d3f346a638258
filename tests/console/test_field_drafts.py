"""A phone without a network, in Chromium: what is written waits, is sent once, and is then gone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.console.browsing import Demo, launched, running_demo, sign_in, width_of
from tests.console.test_journey import PHOTO

pytestmark = pytest.mark.browser

SAID = "到门口了，敲门有人应"
# what lies in the browser's store: of each draft everything that can be read without its key
KEPT = """() => new Promise((resolve) => {
  const asked = indexedDB.open("bihuan-drafts");
  asked.onsuccess = () => {
    const base = asked.result, trade = base.transaction(["drafts", "keys"]);
    const [drafts, keys] = ["drafts", "keys"].map((name) => trade.objectStore(name).getAll());
    trade.oncomplete = async () => {
      base.close();
      const read = (bytes) => new TextDecoder("utf-8").decode(bytes);
      const said = drafts.result.map((one) => ({ ...one, sealed: read(one.sealed) }));
      const out = await Promise.all(keys.result.map(({ key }) => crypto.subtle
        .exportKey("raw", key).then(() => "exported", (fault) => fault.name)));
      resolve({ drafts: said.map((one) => JSON.stringify(one)), keys: out });
    };
  };
})"""
NOTHING = {"drafts": [], "keys": ["InvalidAccessError"]}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("field")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def phone(demo: Demo, chromium: Browser) -> Iterator[BrowserContext]:
    size: Any = {"width": 390, "height": 844}
    context = chromium.new_context(viewport=size, locale="zh-CN")
    yield context
    context.close()


@pytest.fixture(scope="module")
def case(demo: Demo, phone: BrowserContext) -> str:
    """The address of a case that the village has in hand."""
    page = sign_in(phone, demo.address, "village", demo.password)
    band = demo.cast["scenarios"]["elder_care"]["bands"][0]["number"]
    page.goto(f"{demo.address}/demo/")
    page.eval_on_selector(f"form:has(input[value='{band}']) .sos", "one => one.click()")
    page.goto(f"{demo.address}/")
    row = page.locator("#queue > li").first
    expect(row).to_be_visible()
    address = f"{demo.address}/cases/{(row.get_attribute('id') or '').removeprefix('case-')}/"
    page.goto(address)
    page.click("#act-take button")
    expect(page.locator("#act-report form")).to_be_visible()
    page.close()
    return address


def write(page: Page, picture: bytes = b"") -> None:
    """A report with a photo is filled in, and its button pressed."""
    page.fill("#text-report", SAID)
    page.fill("#answer-report", "已到家查看")
    picture = picture or base64.b64decode(page.evaluate(PHOTO))
    upload: Any = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture}
    page.set_input_files("#photo-report", upload)
    page.click("#act-report form button:not([name])")


def test_refused_draft_says_why_and_keeps_its_words(
    demo: Demo, phone: BrowserContext, case: str
) -> None:
    """The camera wrote a format that is not taken; it is seen when the network is back."""
    page = phone.new_page()
    page.goto(case)
    phone.set_offline(True)
    write(page, b"\x00\x00\x00\x18ftypheic0000")
    expect(page.locator("#draft-bar")).to_contain_text("待发送 1")
    (kept,) = page.evaluate(KEPT)["drafts"]
    for private in (SAID, "已到家查看", "photo.jpg", "提交办理结果", case.split("/")[-2]):
        assert private not in kept, "a draft lies open on the phone"
    phone.set_offline(False)
    page.goto(f"{demo.address}/field/")
    row = page.locator("#drafts li")
    for _time in range(2):  # the second time it only stands there: it is not sent again by itself
        expect(row).to_contain_text("没有被接受：")
        expect(row).to_contain_text(SAID)
        expect(row).to_contain_text("1 张照片")
        refused = row.locator(".refused").inner_text()
        assert "JPEG" in refused, refused
        wanted, there = width_of(page)
        assert wanted <= there
        page.reload()
    page.goto(case)
    assert SAID not in page.locator("#main").inner_text()
    page.goto(f"{demo.address}/field/")
    page.on("dialog", lambda asked: asked.accept())
    row.get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)
    assert page.evaluate(KEPT) == NOTHING
    page.close()


def test_draft_waits_offline_is_sent_once_and_is_gone(
    demo: Demo, phone: BrowserContext, case: str
) -> None:
    """The first answer is lost after the server has done it; the second sending changes nothing."""
    page, sendings = phone.new_page(), 0

    def lose_the_first(route: Route) -> None:
        nonlocal sendings
        sendings += 1
        answer = route.fetch()
        assert answer.status == 200
        if sendings == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.goto(case)
    page.route("**/act", lose_the_first)
    phone.set_offline(True)
    write(page)
    expect(page.locator("#draft-bar")).to_contain_text("待发送 1")
    wanted, there = width_of(page)
    assert (sendings, len(page.evaluate(KEPT)["drafts"]), wanted <= there) == (0, 1, True)
    with page.expect_event("requestfailed", lambda one: one.url.endswith("/act")):
        phone.set_offline(False)
    page.goto(f"{demo.address}/field/")  # a page that opens sends what waits
    expect(page.locator("#drafts [data-drafts-n]")).to_have_text("0")
    assert page.evaluate(KEPT) == NOTHING
    assert sendings >= 2  # a page tries by itself each 30 s too: on a slow machine there are more
    page.goto(case)
    expect(page.locator("#proofs img")).to_have_count(1)
    assert page.locator("#main").inner_text().count(SAID) == 1
    page.close()


def test_signing_out_takes_drafts_and_their_key_along(
    demo: Demo, phone: BrowserContext, case: str
) -> None:
    page = phone.new_page()
    page.goto(case)
    assert page.evaluate(KEPT)["keys"] == ["InvalidAccessError"], "no key, or one to be exported"
    page.click("details.me summary")
    page.click("form[data-sign-out] button")
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate(KEPT) == {"drafts": [], "keys": []}
    page.close()
