"""The second step: a code is good once, guessing ends, paper codes help, secrets stay here."""

from __future__ import annotations

from contextlib import suppress

import pyotp
import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.base.errors import BadInputError
from bihuan.console import accounts
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.signin import second
from bihuan.console.signin.models import OneTimeCode, RecoveryCode
from bihuan.journal.models import Entry
from tests.console.place import PASSWORD, Place

pytestmark = pytest.mark.django_db(databases="__all__")


def account(place: Place, role: str = "village") -> Account:
    return Account.objects.get(user=place.user(role))


def code(place: Place, secret: str, later_s: int = 0) -> str:
    """What an app shows: RFC 6238, by another path than the code under test takes."""
    return pyotp.TOTP(secret).at(place.clock.now_us() // 1_000_000 + later_s)


@pytest.fixture
def secret(place: Place) -> str:
    """The village's sign-in with a second step."""
    text, _address = second.begin(account(place), "青禾县", Desk.here())
    second.confirm(account(place), code(place, text), Desk.here())
    place.wall.advance(seconds=30)
    return text


def give_password(client: Client) -> HttpResponse:
    said = {"username": "village", "password": PASSWORD}
    return client.post("/sign-in/", said)  # type: ignore[return-value]  # a response with extras


def give_code(client: Client, typed: str) -> HttpResponse:
    return client.post("/sign-in/second/", {"code": typed})  # type: ignore[return-value]  # the same


@pytest.mark.parametrize(
    ("at_s", "want"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(at_s: int, want: str) -> None:
    """Appendix B, SHA-1, the last six of eight digits; the secret is 12345678901234567890."""
    app = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert app.generate_otp(at_s // second.STEP_S) == want


def test_password_alone_opens_nothing_where_a_second_step_is_set(place: Place, secret: str) -> None:
    client = Client()
    assert give_password(client)["Location"] == "/sign-in/second/"
    assert client.get("/").status_code == 302
    assert client.get("/api/v1/cases").status_code == 401
    assert give_code(client, code(place, secret))["Location"] == "/"
    assert client.get("/").status_code == 200


def test_code_is_good_once(place: Place, secret: str) -> None:
    shown = code(place, secret)
    first, again = Client(), Client()
    give_password(first)
    give_password(again)
    assert give_code(first, shown).status_code == 302
    assert give_code(again, shown).status_code == 200
    assert again.get("/").status_code == 302


@pytest.mark.parametrize(("later_s", "status"), [(-30, 200), (30, 302), (60, 200), (-60, 200)])
def test_code_of_a_neighbouring_half_minute_is_taken(
    place: Place, secret: str, later_s: int, status: int
) -> None:
    """-30 s was used when the app was set up, so it is not taken a second time."""
    client = Client()
    give_password(client)
    assert give_code(client, code(place, secret, later_s)).status_code == status


def test_five_wrong_codes_lock_the_second_step_and_say_for_how_long(
    place: Place, secret: str
) -> None:
    client = Client()
    give_password(client)
    for _time in range(4):
        assert give_code(client, "000000").status_code == 200
    locked = give_code(client, "000000")
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert "15 分钟后可以再试" in locked.content.decode()
    other = Client()
    give_password(other)
    assert give_code(other, code(place, secret)).status_code == 429
    place.wall.advance(minutes=15)
    give_password(other)
    assert give_code(other, code(place, secret)).status_code == 302


def test_wrong_codes_sent_at_the_same_moment_all_count(
    place: Place, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is compared another four come in: five in all, whichever ends first."""
    mine = account(place)
    others: list[int] = []

    def compared(*_args: object, **_more: object) -> bool:
        if len(others) < 4:
            others.append(1)
            with suppress(second.LockedError):
                second.check(mine, "111111", Desk.here())
        return False

    monkeypatch.setattr(second, "_takes_code", compared)
    with pytest.raises(second.LockedError):
        second.check(mine, "000000", Desk.here())
    monkeypatch.undo()
    with pytest.raises(second.LockedError):
        second.check(mine, code(place, secret), Desk.here())


def test_wrong_codes_of_several_browsers_are_counted_together(place: Place, secret: str) -> None:
    for n in range(5):
        client = Client(REMOTE_ADDR=f"10.0.0.{n}")
        give_password(client)
        assert give_code(client, "000000").status_code == (429 if n == 4 else 200)


def test_second_step_must_follow_the_password_within_ten_minutes(place: Place, secret: str) -> None:
    client = Client()
    assert give_code(client, code(place, secret))["Location"] == "/sign-in/"
    give_password(client)
    place.wall.advance(minutes=10)
    assert give_code(client, code(place, secret))["Location"] == "/sign-in/"


def test_recovery_code_is_good_once(place: Place, secret: str) -> None:
    codes = second.renew_codes(account(place), Desk.here())
    assert len(codes) == len(set(codes)) == 10
    for typed, status in ((codes[0].upper(), 302), (codes[0], 200), (codes[1], 302)):
        client = Client()
        give_password(client)
        assert give_code(client, typed).status_code == status
    assert RecoveryCode.objects.count() == 8
    second.renew_codes(account(place), Desk.here())
    client = Client()
    give_password(client)
    assert give_code(client, codes[2]).status_code == 200


def test_reset_takes_the_second_step_away_and_the_password_with_it(
    place: Place, secret: str
) -> None:
    password = accounts.reset("village", Desk.here())
    assert OneTimeCode.objects.count() == RecoveryCode.objects.count() == 0
    assert give_password(Client()).status_code == 200
    client = Client()
    said = {"username": "village", "password": password}
    assert client.post("/sign-in/", said)["Location"] == "/me/password/"


def test_secrets_are_sealed_and_never_in_the_journal(place: Place, secret: str) -> None:
    kept = OneTimeCode.objects.get()
    assert secret.encode() not in bytes(kept.secret)
    bodies = [bytes(body or b"") for body in Entry.objects.values_list("body", flat=True)]
    assert not any(secret.encode() in body or b"argon2" in body for body in bodies)
    types = list(Entry.objects.values_list("type", flat=True))
    assert types.count("account.opened.v1") == 1
    assert types.count("account.secured.v1") == 1


def test_setting_up_on_the_page_asks_for_password_and_first_code(place: Place) -> None:
    place.user("village")
    client = Client()
    give_password(client)
    assert client.post("/me/change/app", {"old": "wrong"}).status_code == 422
    assert OneTimeCode.objects.count() == 0
    assert client.post("/me/change/app", {"old": PASSWORD}).status_code == 302
    kept = OneTimeCode.objects.get()
    text = place.keys.open(kept.secret) or ""
    page = client.get("/me/").content.decode()
    assert text in page
    assert "data:image/svg+xml" in page
    assert client.post("/me/app/confirm", {"code": "000000"}).status_code == 422
    done = client.post("/me/app/confirm", {"code": code(place, text)})
    assert done.status_code == 200
    assert "只显示这一次" in done.content.decode()
    assert text not in client.get("/me/").content.decode()
    assert client.post("/me/change/app", {"old": PASSWORD}).status_code == 422  # one is set up


def test_begin_twice_keeps_the_newest_secret_and_a_set_up_one_stays(place: Place) -> None:
    one, _ = second.begin(account(place), "青禾县", Desk.here())
    two, _ = second.begin(account(place), "青禾县", Desk.here())
    with pytest.raises(BadInputError):
        second.confirm(account(place), code(place, one), Desk.here())
    second.confirm(account(place), code(place, two), Desk.here())
    with pytest.raises(BadInputError):
        second.begin(account(place), "青禾县", Desk.here())


@pytest.mark.parametrize("path", ["/me/", "/me/password/", "/office/"])
def test_own_pages_ask_a_stranger_to_sign_in(place: Place, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize(
    "path", ["/me/change/app", "/me/app/confirm", "/me/passkeys/options", "/me/sessions/end"]
)
def test_changes_of_ones_own_account_need_the_csrf_token(place: Place, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(place.user("village"), "django.contrib.auth.backends.ModelBackend")
    assert client.post(path, {"old": PASSWORD}).status_code == 403
