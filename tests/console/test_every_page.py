"""Every page that a link leads to, walked as a reader would: axe, width, letters, faults, requests.

The walk begins at the board and follows links. Of addresses that differ only in their numbers one
is opened; a walk that is not `deep` opens one of each page, whatever the kind of its rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from tests.console.browsing import Demo, launched, running_demo, sign_in, width_of

pytestmark = pytest.mark.browser

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async tags => (await axe.run(document, {runOnly: {type: "tag", values: tags},
  resultTypes: ["violations"]})).violations.map(one => one.id + ": " +
  one.nodes.map(node => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join(" | "))"""
SMALL = """() => [...document.querySelectorAll("body *")].filter(one =>
  [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && one.checkVisibility())
  .map(one => [one, parseFloat(getComputedStyle(one).fontSize) * (one.getScreenCTM?.().a ?? 1)])
  .filter(([one, px]) => px < 11.9)
  .map(([one, px]) => `${one.tagName} ${px} px: ${one.textContent}`)"""
LINKS = "all => all.filter(one => !one.hasAttribute('download')).map(one => one.href)"
# what is no page: files, streams, and the way out
NO_PAGE = re.compile(
    r"\.(csv|xlsx|pdf|docx|ics|json|geojson)\b|/sign-out|form(at)?=|/proof/|/out\b"
)
MOST_PAGES = 400


@dataclass(frozen=True)
class Look:
    """Who walks, and how the pages are shown."""

    username: str
    language: str
    width: int
    theme: str
    is_deep: bool = False

    def __str__(self) -> str:
        return f"{self.username}-{self.language}-{self.width}-{self.theme}"


LOOKS = (
    Look("county", "zh-CN", 1440, "light", is_deep=True),
    Look("county", "en-GB", 390, "dark"),
    Look("village", "zh-CN", 390, "light"),
    Look("family", "en-GB", 1440, "dark"),
    Look("stranger", "zh-CN", 390, "dark"),
)


@dataclass
class Walked:
    """What a walk met: the names of the pages, and every fault with its page."""

    names: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("pages"), is_told=True) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def _context(chromium: Browser, look: Look) -> BrowserContext:
    height = 900 if look.width > 400 else 844
    context = chromium.new_context(
        viewport={"width": look.width, "height": height},
        locale=look.language,
        color_scheme="dark" if look.theme == "dark" else "light",
        reduced_motion="reduce",
        bypass_csp=True,  # for axe itself; that nothing else runs is held by test_pages
    )
    context.add_init_script(AXE)
    return context


def _name(address: str, look: Look) -> str | None:
    """The page's name in the table of addresses; None for what is no page of ours."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    if "token" in match.kwargs or not look.is_deep:
        return match.url_name or match.view_name
    kinds = [str(v) for _name, v in sorted(match.kwargs.items()) if not str(v).isdecimal()]
    return "/".join([match.url_name or match.view_name, *kinds])


def _judge(page: Page, walked: Walked, language: str) -> None:
    at = urlsplit(page.url).path
    wanted, there = width_of(page)
    if wanted > there:
        walked.faults.append(f"{at}: {wanted} px wide on {there} px")
    walked.faults += [f"{at}: letters below 12 px: {one}" for one in page.evaluate(SMALL)]
    walked.faults += [f"{at}: {one}" for one in page.evaluate(RUN, TAGS)]
    lang = page.evaluate("document.documentElement.lang")
    if not lang.startswith(language[:2]):
        walked.faults.append(f"{at}: lang is {lang}, want {language[:2]}")


def _open(page: Page, address: str) -> Response | None:
    """The answer of a page; None for a file."""
    try:
        answer = page.goto(address, wait_until="load")
    except Error as fault:
        if "Download is starting" in str(fault):
            return None
        raise
    assert answer is not None
    return answer if "text/html" in answer.headers.get("content-type", "") else None


def walk(context: BrowserContext, page: Page, demo: Demo, look: Look) -> Walked:
    """Follow every link from the page on, one address of each name."""
    walked = Walked()
    ahead = [page.url, *(f"{demo.address}{path}" for path in STARTS)]

    def asked(url: str) -> None:
        if not url.startswith((demo.address, "data:", "blob:")):
            walked.faults.append(f"{page.url}: request to {url}")

    context.on("request", lambda request: asked(request.url))
    page.on("pageerror", lambda error: walked.faults.append(f"{page.url}: {error}"))
    while ahead and len(walked.names) < MOST_PAGES:
        address = ahead.pop(0)
        name = _name(address, look)
        if name is None or name in walked.names or NO_PAGE.search(address):
            continue
        answer = _open(page, address)
        if answer is None:
            continue
        walked.names.add(name)
        if answer.status >= 400:
            walked.faults.append(f"{urlsplit(address).path}: {answer.status}")
        _judge(page, walked, look.language)
        found = page.locator("a[href]").evaluate_all(LINKS)
        ahead += [urljoin(address, one) for one in found if one.startswith(demo.address)]
    return walked


STARTS = ("/more/", "/open/report/", "/open/status/", "/demo/")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_can_be_read_by_everybody(demo: Demo, chromium: Browser, look: Look) -> None:
    context = _context(chromium, look)
    try:
        page = sign_in(context, demo.address, look.username, demo.password)
        walked = walk(context, page, demo, look)
    finally:
        context.close()
    print(f"\n{look}: {len(walked.names)} pages: {' '.join(sorted(walked.names))}")  # noqa: T201
    assert not walked.faults, "\n".join(sorted(set(walked.faults)))
