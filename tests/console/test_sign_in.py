"""Signing in: guessing is stopped with a clear word, and nobody else is stopped with it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, override_settings

from bihuan.base.errors import BadInputError
from bihuan.console import accounts
from bihuan.wiring import settings as shipped
from tests.console.place import PASSWORD, Place

pytestmark = pytest.mark.django_db(databases="__all__")

LOCKED = {"zh-hans": "密码错得太多，暂时锁定", "en": "Too many wrong passwords"}
FAILURES = 5  # of the issue: wrong password many times


def sign_in(client: Client, username: str, password: str) -> HttpResponse:
    said = {"username": username, "password": password}
    return client.post("/sign-in/", said)  # type: ignore[return-value]  # a response with extras


def browser(language: str = "zh-hans") -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def test_sign_in_with_the_right_password_leads_to_the_board(place: Place) -> None:
    place.user("village")
    client = browser()
    answer = sign_in(client, "village", PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_sign_in_goes_on_to_the_page_that_was_asked_for_and_to_no_other_site(place: Place) -> None:
    place.user("village")
    said = {"username": "village", "password": PASSWORD}
    asked = browser().get("/cases/?day=today")
    assert asked["Location"] == "/sign-in/?next=/cases/%3Fday%3Dtoday"
    inside = browser().post("/sign-in/", {**said, "next": "/cases/?day=today"})
    outside = browser().post("/sign-in/", {**said, "next": "https://example.org/"})
    assert (inside["Location"], outside["Location"]) == ("/cases/?day=today", "/")


def test_sign_in_with_a_wrong_password_keeps_the_name_and_not_the_password(place: Place) -> None:
    place.user("village")
    answer = sign_in(browser(), "village", "wrong-and-typed")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "用户名或密码不对" in page
    assert 'value="village"' in page
    assert "wrong-and-typed" not in page


def test_sign_in_says_the_same_of_an_unknown_name_and_a_wrong_password(place: Place) -> None:
    place.user("village")
    known = sign_in(browser(), "village", "wrong").content.decode()
    unknown = sign_in(browser(), "nobody", "wrong").content.decode()
    assert "用户名或密码不对" in known
    assert "用户名或密码不对" in unknown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_sign_in_is_locked_after_five_wrong_passwords(place: Place, language: str) -> None:
    place.user("village")
    client = browser(language)
    for _time in range(FAILURES):
        last = sign_in(client, "village", "wrong")
    assert last.status_code == 429
    right = sign_in(client, "village", PASSWORD)
    assert right.status_code == 429
    assert LOCKED[language] in right.content.decode()
    assert client.get("/").status_code == 302


def test_sign_in_of_another_user_is_not_locked(place: Place) -> None:
    """Villages share handsets: the neighbour at the same address still gets in."""
    place.user("village")
    place.user("town")
    client = browser()
    for _time in range(FAILURES):
        sign_in(client, "village", "wrong")
    assert sign_in(client, "town", PASSWORD).status_code == 302


def test_sign_in_four_times_wrong_is_not_yet_locked(place: Place) -> None:
    place.user("village")
    for _time in range(FAILURES - 1):
        sign_in(browser(), "village", "wrong")
    assert sign_in(browser(), "village", PASSWORD).status_code == 302


def test_answering_a_call_needs_no_login_while_the_sign_in_is_locked(place: Place) -> None:
    place.user("village")
    for _time in range(FAILURES):
        sign_in(browser(), "village", "wrong")
    place.hold_key()
    said = {"delivery": place.call_of("village").id, "do": "go"}
    assert Client().post(f"{place.phone('village')}act", said).status_code == 302
    assert place.case.owner_id == place.people.secretary


def test_session_cookie_is_kept_from_scripts_and_other_sites(place: Place) -> None:
    place.user("village")
    client = browser()
    sign_in(client, "village", PASSWORD)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * 3600  # a shift
    assert cookie["domain"] == ""


@pytest.mark.parametrize(("https", "want"), [("1", "True True"), ("", "False False")])
def test_cookies_are_sent_by_https_only_where_the_site_has_it(
    process_environment: dict[str, str], https: str, want: str
) -> None:
    said = (
        "from bihuan.wiring import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    found = subprocess.run(
        [sys.executable, "-c", said],
        env={**process_environment, "BIHUAN_HTTPS": https},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == want


def test_sign_out_ends_the_session_and_is_no_link(place: Place) -> None:
    place.user("village")
    client = browser()
    sign_in(client, "village", PASSWORD)
    stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/sign-out/").status_code == 405
    answer = client.post("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    again = browser()
    again.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert again.get("/").status_code == 302


def test_passwords_are_kept_with_argon2() -> None:
    with override_settings(PASSWORD_HASHERS=shipped.PASSWORD_HASHERS):
        kept = make_password(PASSWORD)
        assert identify_hasher(kept).algorithm == "argon2"
    assert kept.startswith("argon2$argon2id$")
    assert PASSWORD not in kept


def test_account_with_a_fault_names_every_one_and_makes_nothing(place: Place) -> None:
    place.user("village")
    before = User.objects.count()
    with pytest.raises(BadInputError) as refused:
        accounts.create("village", "", place.people.secretary)
    assert {fault.field for fault in refused.value.faults} == {"username", "person_id", "password"}
    with pytest.raises(BadInputError, match="person_id"):
        accounts.create("ghost", PASSWORD, 1)
    assert User.objects.count() == before
