"""Take the pictures of docs/ anew: `python -m tools.screenshots`.

Runs the demo on a data folder of its own, presses two bands, lets the village answer one call,
and photographs board, case, demo page and phone in both languages, at 1440 and 390 px, light and
dark; then the other pages after the demo's stories. Needs Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).resolve().parent.parent
IMAGES = HERE / "docs" / "images"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
STARTS_WITHIN_S = 60
# pages besides board and case, taken after the demo's stories
OTHERS = ("figures", "map", "wall", "ledgers", "tasks", "field")
PRESS = """async (number) => {
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
  await fetch('/demo/press', {method: 'POST', headers: {'X-CSRFToken': token,
    'Content-Type': 'application/x-www-form-urlencoded'}, body: `number=${number}&kind=sos`});
}"""


def main() -> None:
    program = shutil.which("chromium")
    if program is None:
        sys.exit("chromium: got none, want Debian's package chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=QUIET)
        _with_demo(lambda address, password: _photograph(browser, address, password))
        _with_demo(lambda address, password: _others(browser, address, password), is_told=True)


def _with_demo(take: Callable[[str, str], None], *, is_told: bool = False) -> None:
    """Run the demo in a folder of its own while its pictures are taken. is_told: stories first."""
    with tempfile.TemporaryDirectory(prefix="bihuan-shots-") as folder:
        environment = {**os.environ, "BIHUAN_DATA": folder}
        command = [sys.executable, "-m", "bihuan", "demo"]
        if is_told:
            subprocess.run([*command, "--once"], cwd=HERE, env=environment, check=True)  # noqa: S603
        with subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=HERE, env=environment, stderr=subprocess.PIPE
        ) as demo:
            try:
                take(*_started(demo))
            finally:
                demo.send_signal(signal.SIGTERM)


def _started(demo: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Address and password, once the site answers."""
    assert demo.stderr is not None
    said = ""
    while "stranger" not in said:
        said += demo.stderr.readline().decode()
    drain = threading.Thread(target=demo.stderr.read, daemon=True)
    drain.start()
    found, password = re.search(r"(http://\S+)/ ", said), re.search(r"sign-in: (\w+)", said)
    assert found is not None
    assert password is not None
    address = found[1]
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=1):  # noqa: S310 - loopback
                return address, password[1]
        except OSError:
            threading.Event().wait(0.3)
    raise TimeoutError(f"{address} did not answer within {STARTS_WITHIN_S} s")


def _photograph(browser: Browser, address: str, password: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    demo = _signed_in(context, address, password)
    demo.goto(f"{address}/demo/")
    demo.wait_for_timeout(1500)
    for number in ("9900000001", "9900000004"):
        demo.evaluate(PRESS, number)
    demo.wait_for_timeout(2500)
    demo.screenshot(path=IMAGES / "demo-zh-1440.png")
    board = context.new_page()
    board.goto(address)
    case = board.locator("a[href^='/cases/']", has_text="王").first.get_attribute("href")
    for language in ("zh-CN", "en"):
        for width in (1440, 390):
            for scheme in ("light", "dark"):
                _pages(browser, context, (language, width, scheme), (address, case))


def _pages(
    browser: Browser,
    signed: BrowserContext,
    how: tuple[str, int, str],
    where: tuple[str, str | None],
) -> None:
    (language, width, scheme), (address, case) = how, where
    height = 900 if width > 1000 else 844
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if scheme == "dark" else "light",
        storage_state=signed.storage_state(),
    )
    page = context.new_page()
    tail = f"{language[:2]}-{width}{'-dark' if scheme == 'dark' else ''}.png"
    page.goto(address)
    page.wait_for_timeout(700)
    page.screenshot(path=IMAGES / f"board-{tail}")
    if case is not None and scheme == "light":
        page.goto(f"{address}{case}")
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"case-{tail}")
    context.close()


def _others(browser: Browser, address: str, password: str) -> None:
    """The other pages: in Chinese on a desk, in English on a phone."""
    for language, width, height in (("zh-CN", 1440, 900), ("en", 390, 844)):
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, color_scheme="light"
        )
        page = _signed_in(context, address, password)
        for name in OTHERS:
            page.goto(f"{address}/{name}/")
            page.wait_for_timeout(700)
            page.screenshot(path=IMAGES / f"{name}-{language[:2]}-{width}.png")
        context.close()


def _signed_in(context: BrowserContext, address: str, password: str) -> Page:
    page = context.new_page()
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=username]", "county")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_timeout(500)
    return page


if __name__ == "__main__":
    main()
