"""One person's browser in a live county; what goes wrong in it is kept."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.console.browsing import WAIT_MS, sign_in, width_of
from tests.scenarios.live_county import PASSWORD, LiveCounty


class Screen:
    """One person's browser; what goes wrong in it is kept. name: empty = nobody signs in."""

    def __init__(self, browser: Browser, county: LiveCounty, name: str, width: int) -> None:
        context = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN")
        context.set_default_timeout(WAIT_MS)
        self.wrong: list[str] = []
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self.address = county.address
        self.page: Page = (
            sign_in(context, county.address, name, PASSWORD) if name else context.new_page()
        )

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        self.fits()
        return self.page

    def fits(self) -> None:
        wanted, there = width_of(self.page)
        assert wanted <= there, f"{self.page.url}: {wanted} px wide on {there} px"
