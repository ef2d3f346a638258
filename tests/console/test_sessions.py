"""Sessions: short on shared handsets, listed, ended; one-time passwords; nothing to enumerate."""

from __future__ import annotations

import re

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from bihuan.base.errors import BadInputError
from bihuan.console import accounts
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.signin.models import OpenSession
from bihuan.journal.models import Entry
from bihuan.register.accounts.models import KnownAccount
from tests.console.place import PASSWORD, Place

pytestmark = pytest.mark.django_db(databases="__all__")
NEW = "yuhe-changqing-77"


def enter(client: Client, username: str = "village", **said: str) -> HttpResponse:
    fields = {"username": username, "password": PASSWORD, **said}
    return client.post("/sign-in/", fields)  # type: ignore[return-value]  # a response with extras


@pytest.fixture
def client(place: Place) -> Client:
    """A browser signed in as the village, on its own computer."""
    place.user("village")
    browser = Client()
    enter(browser)
    return browser


@pytest.fixture
def shared(place: Place) -> Client:
    """A handset that goes from hand to hand."""
    place.user("village")
    browser = Client()
    enter(browser, shared="1")
    return browser


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_shared_handset_signs_out_after_ten_minutes_of_nothing(
    place: Place, shared: Client
) -> None:
    place.wall.advance(minutes=10)
    assert is_in(shared)
    place.wall.advance(minutes=10, seconds=1)
    answer = shared.get("/cases/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/cases/")
    assert not is_in(shared)


def test_shared_handset_is_not_kept_in_by_what_a_page_does_by_itself(
    place: Place, shared: Client
) -> None:
    for _minute in range(10):
        place.wall.advance(minutes=1)
        shared.get("/board/live")
        shared.post("/listening", {"token": "t", "audible": "1"})
    place.wall.advance(seconds=1)
    assert shared.get("/api/v1/cases").status_code == 401
    assert not is_in(shared)


def test_shared_handset_forgets_with_the_browser_and_asks_the_same_next_time(
    place: Place, shared: Client
) -> None:
    assert shared.cookies["sessionid"]["max-age"] == ""
    assert shared.cookies["shared_handset"]["httponly"] is True
    shared.post("/sign-out/")
    assert "checked" in shared.get("/sign-in/").content.decode()
    enter(shared)
    shared.post("/sign-out/")
    assert "checked" not in shared.get("/sign-in/").content.decode()


def test_shared_handset_changes_no_way_of_signing_in(place: Place, shared: Client) -> None:
    for path in ("/me/change/app", "/me/passkeys/options"):
        assert shared.post(path, {"old": PASSWORD}).status_code == 403
    page = shared.get("/me/").content.decode()
    assert "这是共用手机" in page
    assert "设置验证器" not in page


def test_own_computer_stays_signed_in_for_a_shift(place: Place, client: Client) -> None:
    place.wall.advance(hours=11)
    assert is_in(client)
    assert client.cookies["sessionid"]["max-age"] == 12 * 3600


def test_sessions_are_listed_and_one_is_ended(place: Place, client: Client) -> None:
    other = Client(headers={"User-Agent": "handset 7"})
    enter(other, shared="1")
    page = client.get("/me/").content.decode()
    assert "handset 7" in page
    assert other.cookies["sessionid"].value not in page  # a ticket in
    (name,) = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert client.post("/me/sessions/end", {"session": name}).status_code == 302
    assert (is_in(client), is_in(other)) == (True, False)
    assert client.post("/me/sessions/end", {"session": name}).status_code == 404


def test_sessions_of_another_person_are_not_ended(place: Place, client: Client) -> None:
    place.user("town")
    town = Client()
    enter(town, "town")
    key = OpenSession.objects.get(account__user__username="town").key
    said = {"session": accounts.public_name(key)}
    assert client.post("/me/sessions/end", said).status_code == 404
    assert is_in(town)


def test_sign_out_everywhere_ends_every_session_and_is_recorded(
    place: Place, client: Client
) -> None:
    other = Client()
    enter(other)
    client.post("/me/sessions/end", {"session": "every"})
    assert (is_in(client), is_in(other)) == (False, False)
    assert Entry.objects.filter(type="account.secured.v1").count() == 1


def test_password_change_ends_the_others_and_keeps_this_one(place: Place, client: Client) -> None:
    other = Client()
    enter(other)
    said = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert client.post("/me/password/", said).status_code == 302
    assert (is_in(client), is_in(other)) == (True, False)
    assert "就是这一台" in client.get("/me/").content.decode()
    assert enter(Client()).status_code == 200
    assert enter(Client(), password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, "现在的密码不对"),
        ({"old": PASSWORD, "new": NEW, "again": "other"}, "两次输入的新密码不一样"),
        ({"old": PASSWORD, "new": "short1", "again": "short1"}, "10"),
        ({"old": PASSWORD, "new": "password123", "again": "password123"}, ""),
        ({"old": PASSWORD, "new": "village-26", "again": "village-26"}, ""),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, ""),
    ],
)
def test_password_that_will_not_do_is_told_beside_its_field(
    place: Place, client: Client, said: dict[str, str], field: str
) -> None:
    answer = client.post("/me/password/", said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert field in page
    assert said["new"] not in page
    assert enter(Client()).status_code == 302  # the old one stays


def test_old_password_guessed_on_the_page_locks_as_on_the_sign_in(
    place: Place, client: Client
) -> None:
    for _time in range(5):
        last = client.post("/me/password/", {"old": "x", "new": NEW, "again": NEW})
    assert last.status_code == 429
    assert enter(Client()).status_code == 429


def test_one_time_password_opens_the_change_and_nothing_else(place: Place) -> None:
    person = place.person("village")
    password = accounts.create_with_one_time_password("village", person, Desk.here())
    client = Client()
    assert enter(client, password=password)["Location"] == "/me/password/"
    for path in ("/", "/cases/", "/me/"):
        assert client.get(path)["Location"] == "/me/password/"
    assert client.get("/api/v1/cases").status_code == 401
    said = {"new": NEW, "again": NEW}
    assert client.post("/me/password/", {"new": password, "again": password}).status_code == 422
    assert client.post("/me/password/", said)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert enter(Client(), password=password).status_code == 200


def test_one_time_password_ends_after_three_days(place: Place) -> None:
    person = place.person("village")
    password = accounts.create_with_one_time_password("village", person, Desk.here())
    place.wall.advance(hours=72)
    answer = enter(Client(), password=password)
    assert answer.status_code == 200
    assert "临时密码已过期" in answer.content.decode()
    assert "临时密码已过期" not in enter(Client(), password="wrong").content.decode()


def test_disabled_account_is_out_at_once_and_told_no_more_than_a_stranger(
    place: Place, client: Client
) -> None:
    accounts.disable("village", Desk.here())
    accounts.disable("village", Desk.here())
    assert not is_in(client)
    answer = enter(Client())
    assert (answer.status_code, "用户名或密码不对" in answer.content.decode()) == (200, True)
    assert Entry.objects.filter(type="account.disabled.v1").count() == 1
    assert KnownAccount.objects.get(id=place.person("village")).is_disabled


def test_unknown_name_gets_the_same_words_and_the_same_work(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timing tells nothing where as many passwords are hashed for a name that nobody has."""
    place.user("village")
    hashed: list[str] = []
    real = hashers.MD5PasswordHasher.encode

    def counting(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counting)
    work, pages = [], []
    for name in ("village", "nobody"):
        hashed.clear()
        answer = enter(Client(), name, password="wrong")
        work.append(len(hashed))
        pages.append(re.sub(r'value="[^"]*"', "", answer.content.decode()))
    assert work == [1, 1]
    assert pages[0] == pages[1]


def test_wrong_password_is_kept_nowhere(place: Place) -> None:
    place.user("village")
    client = Client()
    enter(client)
    client.post("/me/password/", {"old": "geheim-1", "new": "geheim-2", "again": "geheim-3"})
    attempt = AccessAttempt.objects.get()
    kept = f"{attempt.post_data} {attempt.get_data}"
    assert not any(f"geheim-{n}" in kept for n in (1, 2, 3))


def test_lock_says_how_many_minutes_are_left(place: Place) -> None:
    place.user("village")
    client = Client()
    for _time in range(5):
        last = enter(client, password="wrong")
    assert 840 < int(last["Retry-After"]) <= 900
    assert "15 分钟后可以再试" in last.content.decode()


def test_account_of_one_person_is_opened_once_and_rebuilt(place: Place) -> None:
    place.user("village")
    known = KnownAccount.objects.get()
    assert place.keys.open(known.username) == "village"
    assert b"village" not in bytes(known.username)
    with pytest.raises(BadInputError):
        accounts.create("another", NEW, place.person("village"))
    assert User.objects.count() == Account.objects.count() == 1
