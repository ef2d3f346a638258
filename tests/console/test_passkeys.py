"""Passkeys: a signed challenge of this site, once; in software here, in Chromium below."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from bihuan.console import accounts
from bihuan.console.accounts import Desk
from bihuan.console.signin.models import Passkey
from conftest import CHROMIUM
from tests.console.authenticator import PRESENT, Authenticator
from tests.console.place import PASSWORD, Place

pytestmark = pytest.mark.django_db(databases="__all__")


def options(client: Client, path: str, **said: str) -> Any:
    return client.post(path, said).json()


def add(client: Client, phone: Authenticator, old: str = PASSWORD) -> Any:
    asked = options(client, "/me/passkeys/options", old=old)
    made = {"credential": phone.make(asked), "name": "我的手机"}
    return client.post("/me/passkeys/add", made)


def enter(client: Client, phone: Authenticator, **said: str) -> Any:
    asked = options(client, "/sign-in/passkey/options")
    signed = {"credential": phone.sign(asked), **said}
    return client.post("/sign-in/passkey/", signed)


@pytest.fixture
def phone(place: Place) -> Authenticator:
    """A phone whose passkey opens the village's account."""
    made = Authenticator()
    assert add(place.client("village"), made).status_code == 200
    return made


def test_passkey_signs_in_without_name_and_password(place: Place, phone: Authenticator) -> None:
    client = Client()
    answer = enter(client, phone)
    assert (answer.status_code, answer.json()) == (200, {"onward": "/"})
    assert client.get("/me/").status_code == 200
    assert "village" in client.get("/me/").content.decode()


def test_passkey_goes_on_inside_the_site_only(place: Place, phone: Authenticator) -> None:
    assert enter(Client(), phone, next="/cases/").json() == {"onward": "/cases/"}
    assert enter(Client(), phone, next="https://example.org/").json() == {"onward": "/"}


def test_account_with_a_passkey_is_not_opened_by_its_password(
    place: Place, phone: Authenticator
) -> None:
    client = Client()
    said = {"username": "village", "password": PASSWORD}
    assert client.post("/sign-in/", said)["Location"] == "/sign-in/second/"
    assert enter(client, phone).json() == {"onward": "/"}


def test_five_wrong_passkeys_lock_the_second_step_whatever_its_kind(
    place: Place, phone: Authenticator
) -> None:
    thief = Authenticator(credential=phone.credential, signs=9)
    for n in range(5):
        answer = enter(Client(REMOTE_ADDR=f"10.0.0.{n}"), thief)
        assert answer.status_code == (429 if n == 4 else 422)
    assert answer["Retry-After"] == "900"
    assert enter(Client(), phone).status_code == 429, "the right one waits as well"
    client = Client()
    client.post("/sign-in/", {"username": "village", "password": PASSWORD})
    assert client.post("/sign-in/second/", {"code": "000000"}).status_code == 429
    place.wall.advance(minutes=15)
    assert enter(Client(), phone).status_code == 200


def test_passkey_that_was_taken_ends_the_count(place: Place, phone: Authenticator) -> None:
    thief = Authenticator(credential=phone.credential, signs=9)
    assert [enter(Client(), thief).status_code for _n in range(4)] == [422] * 4
    assert enter(Client(), phone).status_code == 200
    assert [enter(Client(), thief).status_code for _n in range(4)] == [422] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://example.org"},
        {"host": "example.org"},
        {"flags": PRESENT},  # nobody was verified by the device
        {"credential": b"another phone's"},
    ],
)
def test_passkey_for_another_site_or_unverified_is_refused(
    place: Place, phone: Authenticator, wrong: dict[str, Any]
) -> None:
    for name, different in wrong.items():
        setattr(phone, name, different)
    client = Client()
    answer = enter(client, phone)
    assert answer.status_code == 422
    assert client.get("/").status_code == 302
    got = answer.json()["faults"]
    assert got[0]["got"] == "not accepted"  # the same words whether the key is known or not


def test_passkey_challenge_is_good_once_and_of_this_browser(
    place: Place, phone: Authenticator
) -> None:
    client = Client()
    asked = options(client, "/sign-in/passkey/options")
    signed = {"credential": phone.sign(asked)}
    assert Client().post("/sign-in/passkey/", signed).status_code == 422
    assert client.post("/sign-in/passkey/", signed).status_code == 200
    assert client.post("/sign-in/passkey/", signed).status_code == 422


def test_passkey_that_was_copied_is_refused(place: Place, phone: Authenticator) -> None:
    """A counter that does not go up says that two devices sign with one key."""
    enter(Client(), phone)
    phone.signs = 0
    assert enter(Client(), phone).status_code == 422


def test_passkey_with_another_key_is_refused(place: Place, phone: Authenticator) -> None:
    thief = Authenticator(credential=phone.credential, signs=9)
    assert enter(Client(), thief).status_code == 422


def test_passkey_of_a_disabled_account_opens_nothing(place: Place, phone: Authenticator) -> None:
    accounts.disable("village", Desk.here())
    assert enter(Client(), phone).status_code == 422
    accounts.enable("village", Desk.here())
    assert enter(Client(), phone).status_code == 200


def test_passkey_is_added_with_the_password_only_and_once(place: Place) -> None:
    client, made = place.client("village"), Authenticator()
    assert client.post("/me/passkeys/options", {"old": "wrong"}).status_code == 422
    assert add(client, made).status_code == 200
    asked = options(client, "/me/passkeys/options", old=PASSWORD)
    assert [one["id"] for one in asked["excludeCredentials"]]
    again = {"credential": made.make(asked), "name": "x"}
    assert client.post("/me/passkeys/add", again).status_code == 422
    other = place.client("town")
    taken = options(other, "/me/passkeys/options", old=PASSWORD)
    stolen = {"credential": made.make(taken), "name": "x"}
    assert other.post("/me/passkeys/add", stolen).status_code == 422
    assert Passkey.objects.count() == 1


def test_passkey_is_taken_away_by_its_owner_only(place: Place, phone: Authenticator) -> None:
    said = {"passkey": str(Passkey.objects.get().id), "old": PASSWORD}
    place.client("stranger").post("/me/change/passkey-off", said)
    assert Passkey.objects.count() == 1
    place.client("village").post("/me/change/passkey-off", said)
    assert Passkey.objects.count() == 0


@pytest.mark.parametrize("said", ["", "{}", "[]", "null", '{"rawId": 7}', '{"rawId": "!!"}'])
def test_passkey_answer_that_is_none_is_a_fault(place: Place, said: str) -> None:
    client = Client()
    options(client, "/sign-in/passkey/options")
    assert client.post("/sign-in/passkey/", {"credential": said}).status_code == 422


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_passkey_in_chromium_is_made_and_used(place: Place, live_server: LiveServer) -> None:
    """Chromium's virtual authenticator over CDP: the page's own script, a real browser."""
    place.user("village")
    site = live_server.url.replace("127.0.0.1", "localhost")
    program = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(locale="zh-CN")
        # the test's server has no loop for the live feed: its threads would never end
        page.add_init_script("window.EventSource = class extends EventTarget { close() {} };")
        page.set_default_timeout(10_000)
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        about = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": about})
        page.goto(f"{site}/sign-in/")
        page.get_by_label("用户名").fill("village")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.goto(f"{site}/me/")
        page.get_by_label("起个名字").fill("我的手机")
        page.locator("#old-passkey").fill(PASSWORD)
        page.get_by_role("button", name="添加通行密钥").click()
        expect(page.get_by_text("我的手机", exact=True)).to_be_visible()
        page.context.clear_cookies()
        page.goto(f"{site}/sign-in/?next=/cases/")
        page.get_by_role("button", name="用通行密钥登录").click()
        expect(page).to_have_url(f"{site}/cases/")
        browser.close()
    assert Passkey.objects.get().used_us is not None
