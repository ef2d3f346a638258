"""Open boards are pushed their part: drawn once for who sees the same, to nobody who may not."""

from __future__ import annotations

import http.client
import json
import os
import re
import zlib
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlparse
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import User
from django.middleware.csrf import CsrfViewMiddleware
from django.test import Client, RequestFactory
from django.utils.translation import override

from bihuan.base.time import MINUTE_US
from bihuan.console import board
from bihuan.console.models import Account
from bihuan.console.pushed import Boards, Seat, block, end_over
from bihuan.console.signin import sessions
from bihuan.loop.models import Case
from tests.console.place import ADDRESS, ELDER, MAY_SEE, PASSWORD, Place
from tests.console.test_live import TOKEN, fragment, web_server

MANY_DB = pytest.mark.django_db(databases="__all__")


def seat_of(client: Client, language: str = "zh-hans", *, packs: bool = False) -> Seat:
    """What an open board of this browser is to the server."""
    request = RequestFactory().get(
        "/board/feed/live", headers={"Accept-Encoding": "gzip" if packs else ""}
    )
    request.COOKIES = {name: kept.value for name, kept in client.cookies.items()}
    request.session = client.session
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    CsrfViewMiddleware(lambda _request: None).process_request(request)  # type: ignore[arg-type]
    with override(language):
        return Seat(request)


def boards_of(*seats: Seat) -> Boards:
    """Boards whose thread does not run: the test makes the rounds."""
    boards = Boards()
    boards._seats = set(seats)
    return boards


def shown(seat: Seat) -> str | None:
    """What the seat's browser makes of what it was pushed since; None = nothing was."""
    said = seat.take()
    if said is None:
        return None
    text = (
        zlib.decompressobj(-zlib.MAX_WBITS).decompress(said) if seat.is_packed else said
    ).decode()
    (data,) = (line for line in text.splitlines() if line.startswith("data: "))
    html: str = json.loads(data.removeprefix("data: "))
    for mark, own in seat.own.items():
        html = html.replace(mark, own)
    return html


@MANY_DB
@pytest.mark.parametrize("role", [*MAY_SEE, "neighbour", "stranger"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("packs", [False, True])
def test_pushed_part_is_what_the_page_shows(
    place: Place, role: str, language: str, packs: bool
) -> None:
    case_id = place.hold_key()
    client = place.client(role, language)
    seat = seat_of(client, language, packs=packs)
    boards_of(seat).round(is_beat=False)
    html = shown(seat) or ""
    assert fragment(html) == fragment(client.get("/board/live").content.decode())
    assert (f'id="case-{case_id}"' in html) == (role in MAY_SEE)
    assert ELDER not in html
    assert ADDRESS not in html


@MANY_DB
def test_buttons_of_a_pushed_part_work(place: Place) -> None:
    """The token and the key of a press are the reader's own."""
    case_id = place.hold_key()
    client = place.client("command")
    client.get("/")  # a browser that shows a board has the cookie of its forms
    seat = seat_of(client)
    boards_of(seat).round(is_beat=False)
    html = shown(seat) or ""
    fields = dict(re.findall(r'name="(key|csrfmiddlewaretoken)" value="([^"]+)"', html))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    said = {**fields, "act": "take", "next": "board"}
    assert (
        strict.post(f"/cases/{case_id}/act", {**said, "csrfmiddlewaretoken": "x" * 64}).status_code
        == 403
    )
    assert strict.post(f"/cases/{case_id}/act", said).status_code == 302
    assert Case.objects.get(id=case_id).owner_id == place.people.commander


@MANY_DB
def test_part_is_drawn_once_for_who_sees_the_same_and_compressed_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    real = board._shown

    def counted(scope: board.Scope, now_us: int) -> dict[str, Any]:
        drawn.append(now_us)
        return real(scope, now_us)

    monkeypatch.setattr(board, "_shown", counted)
    place.hold_key()
    roles = ("command", "command", "second", "village", "stranger")
    seats = [seat_of(place.client(role), packs=True) for role in roles]
    english = seat_of(place.client("command", "en"), "en")
    boards_of(*seats, english).round(is_beat=False)
    # the county command in two languages, the village, who sees nothing
    assert len(drawn) == 4
    first, again, second, village, stranger = (seat.take() for seat in seats)
    assert first == again
    assert (
        zlib.decompressobj(-15).decompress(first or b"").splitlines()[-3:]
        == zlib.decompressobj(-15).decompress(second or b"").splitlines()[-3:]
    )
    assert len({first, village, stranger}) == 3
    for seat in seats:  # what is a person's own travels alone, before
        assert re.search(TOKEN, (first or b"").hex()) is None
        assert seat.own.keys() == english.own.keys()
    assert len({tuple(seat.own.values()) for seat in (*seats, english)}) == 6


@MANY_DB
def test_what_is_said_while_a_part_is_drawn_is_not_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is taken after the cases were read and before they are drawn."""
    case_id = place.hold_key()
    seat, late = seat_of(place.client("command")), seat_of(place.client("command"))
    boards, real = boards_of(seat), board._shown

    def taken_meanwhile(scope: board.Scope, now_us: int) -> dict[str, Any]:
        monkeypatch.setattr(board, "_shown", real)
        place.client("village").post(f"/cases/{case_id}/act", {"act": "take", "key": "a"})
        return real(scope, now_us)

    monkeypatch.setattr(board, "_shown", taken_meanwhile)
    boards.round(is_beat=False)
    assert f'data-waiting="{case_id}"' in (shown(seat) or "")
    boards._seats.add(late)
    boards.round(is_beat=False)
    for one in (seat, late):
        assert 'data-waiting=""' in (shown(one) or "")


@MANY_DB
def test_board_that_shows_none_of_what_changed_is_left_alone(place: Place) -> None:
    case_id = place.hold_key()
    seats = {role: seat_of(place.client(role)) for role in (*MAY_SEE, "neighbour", "stranger")}
    boards = boards_of(*seats.values())
    boards.round(is_beat=False)
    assert all(shown(seat) for seat in seats.values())
    boards.round(is_beat=False)
    assert not any(shown(seat) for seat in seats.values())  # nothing was said since
    place.client("village").post(f"/cases/{case_id}/act", {"act": "take", "key": "a"})
    boards.round(is_beat=False)
    assert {role for role, seat in seats.items() if shown(seat)} == set(MAY_SEE)
    place.registrar.person("某人", "Somebody", None)  # no case's: every board is looked after
    boards.round(is_beat=False)
    assert all(shown(seat) for seat in seats.values())


@MANY_DB
def test_case_that_somebody_may_see_from_now_on_comes_to_the_board(place: Place) -> None:
    seat = seat_of(place.client("neighbour"))
    boards = boards_of(seat)
    boards.round(is_beat=False)
    assert "case-" not in (shown(seat) or "")
    case_id = place.hold_key()
    boards.round(is_beat=False)
    assert f'id="case-{case_id}"' not in (shown(seat) or "")
    place.registrar.post(place.neighbour, "town_duty", place.people.town)
    boards.round(is_beat=False)
    assert f'id="case-{case_id}"' in (shown(seat) or "")


@MANY_DB
def test_board_that_rings_is_drawn_with_every_beat_and_no_other(place: Place) -> None:
    """Ladders fill and boards fall silent by time alone."""
    place.hold_key()
    village, stranger = (seat_of(place.client(role)) for role in ("village", "stranger"))
    boards = boards_of(village, stranger)
    boards.round(is_beat=False)
    assert village.rings
    assert not stranger.rings
    assert shown(village)
    assert shown(stranger)
    boards.round(is_beat=True)
    assert shown(village)
    assert not shown(stranger)


@MANY_DB
@pytest.mark.parametrize("end", ["signed out", "password", "disabled", "must change", "idle"])
def test_seat_ends_with_its_sign_in(place: Place, end: str) -> None:
    client, other = place.client("village"), place.client("command")
    session = client.session
    session[sessions.SHARED], session[sessions.SEEN] = True, place.clock.now_us()
    session.save()
    seat, kept = seat_of(client), seat_of(other)
    end_over([seat, kept])
    assert [one.is_over for one in (seat, kept)] == [False, False]
    user = User.objects.get(username="village")
    if end == "signed out":
        session.flush()
    elif end == "password":
        user.set_password("another-long-one-2026")
        user.save()
    elif end == "disabled":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif end == "must change":
        Account.objects.filter(user=user).update(must_change=True)
    else:
        place.wall.advance(seconds=(sessions.SHARED_IDLE_US + MINUTE_US) // 1_000_000)
    boards = boards_of(seat, kept)
    boards.round(is_beat=True)
    assert [one.is_over for one in (seat, kept)] == [True, False]
    assert seat.take() is None
    assert kept.take() is not None


def test_blocks_of_many_makers_are_one_stream() -> None:
    """What a browser does with them: one decompressor, a block at a time."""
    reader = zlib.decompressobj(31)
    assert reader.decompress(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff") == b""
    for said in ("一", "二" * 40_000, "", "三"):
        assert reader.decompress(block(said)).decode() == said


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize("packs", [False, True])
def test_real_server_pushes_a_press_to_who_may_see_it_alone(
    place: Place, process_environment: dict[str, str], tmp_path: Path, packs: bool
) -> None:
    for role in ("village", "neighbour"):
        user = place.user(role)
        user.password = Argon2PasswordHasher().encode(PASSWORD, "salt-of-a-test")
        user.save()  # the real server knows nothing of the tests' quick hasher
    with web_server({**os.environ, **process_environment}, tmp_path / "log") as address:
        where, streams = urlparse(address), {}
        for role in ("village", "neighbour", ""):
            at = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
            cookie = signed_in(address, role) if role else ""
            asked = {"Cookie": cookie, "Accept-Encoding": "gzip" if packs else "identity"}
            at.request("GET", "/board/feed/live", headers=asked)
            streams[role] = at.getresponse()
        assert streams.pop("").status == 302
        heard = {role: Heard(stream, packs) for role, stream in streams.items()}
        for one in heard.values():
            assert "case-" not in one.until("part")
        case_id = place.hold_key()
        assert f'id=\\"case-{case_id}\\"' in heard["village"].until("part")
        place.registrar.person("某人", "Somebody", None)
        assert "case-" not in heard["neighbour"].until("part")


def signed_in(address: str, role: str) -> str:
    """The cookies of a browser that signed in at this server."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    with browser.open(f"{address}/sign-in/") as page:
        found = re.search(TOKEN, page.read().decode())
    assert found is not None
    said = {"csrfmiddlewaretoken": found[1], "username": role, "password": PASSWORD}
    browser.open(f"{address}/sign-in/", urlencode(said).encode()).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


class Heard:
    """A stream of events, read as it comes."""

    def __init__(self, answer: http.client.HTTPResponse, packs: bool) -> None:
        assert answer.status == 200, answer.headers["Location"]
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        assert (answer.headers["Content-Encoding"] == "gzip") == packs
        self._answer, self._text = answer, ""
        self._reader = zlib.decompressobj(31) if packs else None

    def until(self, kind: str) -> str:
        """The next event of a kind."""
        while True:
            event, end, rest = self._text.partition("\n\n")
            if not end:
                got = self._answer.read1(1 << 16)
                assert got, "the stream ended"
                self._text += (self._reader.decompress(got) if self._reader else got).decode()
                continue
            self._text = rest
            if f"event: {kind}" in event:
                return event
