"""Notices in a browser: turned on by oneself, sealed, delivered without a name, turned off."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image
from playwright.sync_api import CDPSession, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from bihuan.console.signin import sessions
from bihuan.journal.models import Entry
from bihuan.loop.delivery.accounts import Accounts
from bihuan.loop.delivery.acts import Wanted, set_up, take_down
from bihuan.loop.delivery.registry import Carriers
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Delivery, DeliveryFact
from bihuan.loop.providers.web_push import base64url, private_key
from bihuan.register.entries import Actor
from bihuan.register.models import Reach
from conftest import CHROMIUM
from tests.console.place import ELDER, PASSWORD, Place
from tests.loop.providers.loopback import Loopback, Played
from tests.loop.providers.test_web_push import OWN, Browser
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
PUBLIC = base64url(
    private_key(OWN).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)
BY = Actor(person_id=None, role="operator", via="test")


@pytest.fixture
def county(place: Place) -> Place:
    """The county writes to browsers, by a push service on loopback."""
    wanted = Wanted(
        "push",
        "web_push",
        {"contact": "mailto:duty@example.org", "hosts": "127.0.0.1"},
        {"private_key": OWN},
    )
    set_up(wanted, BY, place.clock)
    return place


def turn_on(client: Client, browser: Browser, key: str = "k1") -> Any:
    """As the API takes it."""
    return client.post(
        "/api/v1/me/push",
        browser.address,
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def endpoint(browser: Browser) -> str:
    return str(json.loads(browser.address)["endpoint"])


def where(browser: Browser) -> str:
    return hashlib.sha256(endpoint(browser).encode()).hexdigest()


def test_notices_reach_the_browser_that_was_turned_on_without_a_name(
    county: Place, far: Loopback
) -> None:
    """From the page to the push service, and read back as the browser would."""
    browser, client = Browser(far.url), county.client("village")
    assert client.get("/api/v1/me/push").json() == {"public_key": PUBLIC, "browsers": []}
    assert turn_on(client, browser).json() == {"public_key": PUBLIC, "browsers": [where(browser)]}
    far.plays(Played("POST", "/wpush/v2/abc", "", 201, {}))
    accounts = (Accounts(Carriers(2.0)), county.keys)
    county.dispatcher = Dispatcher(county.clock, {}, "d", accounts)
    county.hold_key()
    county.dispatcher.settle(5)
    county.settle()
    county.dispatcher.close(3)
    read = browser.read(far.got[0].body)
    assert read["text"] == "请打开查看。"
    assert read["title"].startswith("【演示】")
    assert ELDER not in "".join(read.values())
    sent = Delivery.objects.get(channel="push")
    assert sent.person_id == county.people.secretary
    facts = DeliveryFact.objects.filter(delivery_id=sent.id).values_list("fact", flat=True)
    assert list(facts) == ["accepted"]


def test_the_browser_s_address_is_sealed_for_its_person(county: Place) -> None:
    browser = Browser("http://127.0.0.1:9")
    turn_on(county.client("village"), browser)
    held = Reach.objects.get(channel="push")
    assert json.loads(county.keys.open(held.address) or "") == [json.loads(browser.address)]
    stored = [bytes(one or b"") for one in Entry.objects.values_list("body", flat=True)]
    assert not any(b"wpush" in one for one in stored)
    assert browser.address not in county.client("village").get("/me/").content.decode()
    county.keys.erase(held.person_id, county.clock.now_us())
    assert county.keys.open(held.address) is None
    assert differences() == []


def test_second_browser_gets_them_too_and_other_ways_stay_as_they_were(county: Place) -> None:
    client, first = county.client("village"), Browser("http://127.0.0.1:9")
    other = Browser("http://127.0.0.1:8")
    held = Reach.objects.get(person_id=county.people.secretary)
    for browser in (first, first, other):
        assert turn_on(client, browser, endpoint(browser)).status_code == 200
    rows = Reach.objects.filter(person_id=county.people.secretary).order_by("rank")
    assert [row.channel for row in rows] == ["screen", "push"]
    assert rows[0].id == held.id, "a number that rang stays one that rang"
    both = [where(first), where(other)]
    assert client.get("/api/v1/me/push").json()["browsers"] == both
    client.post("/me/push/off", {"browser": where(first)})
    assert client.get("/api/v1/me/push").json()["browsers"] == [where(other)]
    Client().post("/me/push/off", {"browser": where(other)})
    assert client.get("/api/v1/me/push").json()["browsers"] == [where(other)]
    assert differences() == []


def test_new_address_takes_the_place_of_the_one_before_and_five_are_the_most(
    county: Place,
) -> None:
    """As the worker says it when the browser's maker gave it another address."""
    client = county.client("village")
    browsers = [Browser(f"http://127.0.0.1:{port}") for port in range(10, 17)]
    turn_on(client, browsers[0])
    said = {"subscription": browsers[1].address, "instead_of": where(browsers[0])}
    assert client.post("/me/push/on", said).status_code == 200
    assert client.get("/api/v1/me/push").json()["browsers"] == [where(browsers[1])]
    for n, browser in enumerate(browsers[2:]):
        turn_on(client, browser, f"more-{n}")
    want = [where(one) for one in browsers[2:]]
    assert client.get("/api/v1/me/push").json()["browsers"] == want
    assert differences() == []


def test_every_browser_gets_the_notice_and_one_that_is_gone_is_no_failure(
    county: Place, far: Loopback
) -> None:
    client, gone, here = county.client("village"), Browser(far.url), Browser(far.url)
    said = json.loads(here.address)
    said["endpoint"] = f"{far.url}/wpush/v2/other"
    turn_on(client, gone)
    there = client.post("/me/push/on", {"subscription": json.dumps(said)})
    assert there.status_code == 200
    far.plays(Played("POST", "/wpush/v2/abc", "", 410, {}))
    far.plays(Played("POST", "/wpush/v2/other", "", 201, {}))
    county.dispatcher = Dispatcher(county.clock, {}, "d", (Accounts(Carriers(2.0)), county.keys))
    county.hold_key()
    county.dispatcher.settle(5)
    county.settle()
    county.dispatcher.close(3)
    assert [one.path for one in far.got] == ["/wpush/v2/abc", "/wpush/v2/other"]
    assert here.read(far.got[1].body)["text"] == "请打开查看。"
    sent = Delivery.objects.get(channel="push")
    facts = DeliveryFact.objects.filter(delivery_id=sent.id).values_list("fact", flat=True)
    assert list(facts) == ["accepted"]


def test_site_can_be_put_on_a_home_screen(county: Place) -> None:
    """What iOS asks for: a name, standalone, a start of its own, square icons that are there."""
    answer = Client().get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["name"], said["display"], said["scope"]) == ("闭环值守", "standalone", "/")
    assert county.client("village").get(said["start_url"]).status_code == 200
    for icon in [*said["icons"], {"src": "/static/console/icon-180.png", "sizes": "180x180"}]:
        path = finders.find(f"console/{Path(icon['src']).name}")
        assert path is not None
        width, height = Image.open(path).size
        assert f"{width}x{height}" == icon["sizes"]
    page = Client().get("/sign-in/").content.decode()
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    assert 'rel="apple-touch-icon"' in page


def test_turned_off_nothing_is_sent_and_off_again_changes_nothing(county: Place) -> None:
    client = county.client("village")
    turn_on(client, Browser("http://127.0.0.1:9"))
    assert "关闭通知" in client.get("/me/").content.decode()
    before = Entry.objects.count()
    for _time in range(2):
        assert client.post("/me/push/off")["Location"] == "/me/"  # a plain form: no script
    assert Entry.objects.count() == before + 1
    assert not Reach.objects.filter(channel="push").exists()
    assert "关闭通知" not in client.get("/me/").content.decode()
    assert differences() == []


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{}",
        "[1]",
        Browser("https://inside.example.org").address,
        Browser("http://127.0.0.1:9").address.replace('"p256dh": "B', '"p256dh": "C'),
        "x" * 5_000,
    ],
)
def test_what_is_no_browser_s_address_is_refused_and_not_shown(county: Place, said: str) -> None:
    answer = county.client("village").post("/me/push/on", {"subscription": said})
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["field"] == "subscription"
    assert not said[4:] or said[4:] not in answer.content.decode()
    assert not Reach.objects.filter(channel="push").exists()


def test_shared_handset_and_another_system_turn_nothing_on(county: Place) -> None:
    client, browser = county.client("village"), Browser("http://127.0.0.1:9")
    session = client.session
    session[sessions.SHARED] = True
    session.save()
    assert turn_on(client, browser).status_code == 403
    assert client.post("/me/push/on", {"subscription": browser.address}).status_code == 403
    assert "data-push" not in client.get("/me/").content.decode()
    assert turn_on(Client(), browser).status_code == 401
    assert not Reach.objects.filter(channel="push").exists()


def test_county_without_an_account_says_so(county: Place) -> None:
    client = county.client("village")
    assert PUBLIC in client.get("/me/").content.decode()
    take_down("push", "合同到期", BY, county.clock)
    assert "本县还没有开通浏览器通知" in client.get("/me/").content.decode()
    assert turn_on(client, Browser("http://127.0.0.1:9")).status_code == 422


def enter(page: Page, site: str) -> None:
    """Sign in by name and password."""
    page.goto(f"{site}/sign-in/")
    page.get_by_label("用户名").fill("village")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


# the push service of the browser's maker
PLAYED = """const made = ADDRESS, held = { endpoint: made.endpoint, toJSON: () => made,
  unsubscribe: async () => true };
PushManager.prototype.subscribe = async (asked) => {
  sessionStorage.asked = asked.applicationServerKey.length; return held; };
PushManager.prototype.getSubscription = async () => (sessionStorage.asked ? held : null);"""
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  const all = await worker.getNotifications();
  return all.length ? all.map((one) => [one.title, one.body]) : null; }"""


def pushed(page: Page, devtools: CDPSession, site: str) -> Any:
    """A push reaches the page's worker: (title, body) of every notice that it shows."""
    workers: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: workers.extend(one["registrationId"] for one in said["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_function(
        "navigator.serviceWorker.ready.then((one) => one.active.state == 'activated')"
    )
    said = json.dumps({"title": "呼救", "text": "请打开查看。"}, ensure_ascii=False)
    push = {"origin": site, "registrationId": workers[0], "data": said}
    devtools.send("ServiceWorker.deliverPushMessage", push)
    return page.wait_for_function(SHOWN).json_value()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_notices_in_chromium(county: Place, live_server: LiveServer, far: Loopback) -> None:
    """The page's own script and worker; only the push service of the browser's maker is played.

    Refused is said in words; a push is shown without more than it said, and the page without
    script says why there is no button.
    """
    county.user("village")
    site = live_server.url.replace("127.0.0.1", "localhost")
    address = Browser(far.url).address
    program = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = chromium.new_context(locale="zh-CN")
        context.set_default_timeout(30_000)
        # the test's server has no loop for the live feed: its threads would never end
        context.add_init_script("window.EventSource = class extends EventTarget { close() {} };")
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        enter(page, site)
        whole = chromium.new_browser_cdp_session()
        devtools = context.new_cdp_session(page)
        here = devtools.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
        asked = {"permission": {"name": "notifications"}, "origin": site}
        permission = {**asked, "browserContextId": here, "setting": "denied"}
        whole.send("Browser.setPermission", permission)
        page.goto(f"{site}/me/")
        expect(page.get_by_text("您在这个浏览器里拒绝了通知")).to_be_visible()
        expect(page.get_by_role("button", name="在这个浏览器打开通知")).to_be_hidden()
        whole.send("Browser.setPermission", {**permission, "setting": "granted"})
        page.add_init_script(PLAYED.replace("ADDRESS", str(address)))
        page.reload()
        page.get_by_role("button", name="在这个浏览器打开通知").click()
        expect(page.get_by_text("这个浏览器已打开通知。")).to_be_visible()
        assert page.evaluate("sessionStorage.asked") == "65"
        shown = pushed(page, devtools, site)
        assert shown == [["呼救", "请打开查看。"]]
        assert wrong == []
        chromium.close()
    assert Reach.objects.filter(channel="push", person_id=county.people.secretary).exists()
