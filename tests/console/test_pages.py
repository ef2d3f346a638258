"""Every page for every role: who may open what, what lists may not say, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from bihuan.loop.models import Proof
from tests.console.place import (
    ADDRESS,
    BACKEND,
    BAND,
    DAUGHTER_PHONE,
    ELDER,
    ELDER_LATIN,
    ELDER_PHONE,
    JPEG,
    MAY_SEE,
    ROLES,
    Place,
)
from tests.console.test_acts import photo

pytestmark = pytest.mark.django_db(databases="__all__")

ANYBODY = (*ROLES, "")
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef][^<>\"]{0,30}")
PRIVATE = (ELDER, ELDER_LATIN, ADDRESS, ELDER_PHONE, DAUGHTER_PHONE)


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(ANYBODY, status)


def who_is_signed_in(status: int) -> dict[str, int]:
    return {**dict.fromkeys(ROLES, status), "": 302}


def who_may_see(status: int) -> dict[str, int]:
    return {**dict.fromkeys(ROLES, 404), **dict.fromkeys(MAY_SEE, status), "": 302}


@dataclass(frozen=True)
class Page:
    """An address and what each role gets there. Places in braces are filled from the county."""

    path: str
    gets: dict[str, int]
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)


PAGES = {
    "board": Page("/", who_is_signed_in(200)),
    "board_live": Page("/board/live", who_is_signed_in(200)),
    "cases": Page("/cases/", who_is_signed_in(200)),
    "case": Page("/cases/{case}/", who_may_see(200)),
    "case_live": Page("/cases/{case}/live", who_may_see(200)),
    "proof": Page("/cases/{case}/proof/{digest}", who_may_see(200)),
    # 409: somebody was faster; the point is that a stranger is not even told that
    "case_act": Page("/cases/{case}/act", who_may_see(409), "POST", {"act": "take", "key": "k"}),
    "live": Page("/live", everybody(200)),  # positions only, no rights needed: see test_live
    "listening": Page("/listening", who_is_signed_in(204), "POST", {"token": "t", "audible": "1"}),
    "health": Page("/health", everybody(200)),
    # answering a call needs no login; the token is the right
    "phone": Page("{phone}", everybody(200)),
    "phone_live": Page("{phone}live", everybody(200)),
    "phone_act": Page("{phone}act", everybody(302), "POST", {"do": "answer", "delivery": "{call}"}),
    "demo": Page("/demo/", who_is_signed_in(200)),
    "demo_press": Page("/demo/press", who_is_signed_in(302), "POST", {"number": BAND}),
    "sign_in": Page("/sign-in/", {**dict.fromkeys(ROLES, 302), "": 200}),
    "sign_out": Page("/sign-out/", everybody(302), "POST"),
    "set_language": Page("/i18n/setlang/", everybody(302), "POST", {"language": "en"}),
}


def named(patterns: list[Any]) -> Iterator[str]:
    """The name of every address of the site; one without a name shows as its route."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern).startswith("api/"):
            continue  # `test_api.py` has its addresses, each with the stranger
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def test_every_address_of_the_site_is_in_the_matrix() -> None:
    found = list(named(get_resolver().url_patterns))
    assert sorted(found) == sorted(PAGES)
    assert all(set(page.gets) == set(ANYBODY) for page in PAGES.values())


@pytest.fixture
def filled(place: Place) -> dict[str, str]:
    """One case with a photo, reported and being asked about; what the matrix is filled with."""
    case_id = place.hold_key()
    client = place.client("village")
    client.post(f"/cases/{case_id}/act", {"act": "take", "key": "a"})
    said = {"act": "report", "key": "b", "text": "人没事", "photo": photo()}
    client.post(f"/cases/{case_id}/act", said)
    return {
        "case": str(case_id),
        "digest": str(Proof.objects.get().digest),
        "phone": place.phone("village"),
        "call": str(place.call_of("village").id),
    }


def ask(client: Client, page: Page, filled: dict[str, str]) -> Any:
    said = {key: text.format(**filled) for key, text in page.fields.items()}
    path = page.path.format(**filled)
    return client.post(path, said) if page.method == "POST" else client.get(path)


@pytest.mark.parametrize("role", ANYBODY)
def test_every_page_gives_each_role_what_it_may_have(
    place: Place, filled: dict[str, str], role: str
) -> None:
    got, ways_in = {}, set()
    for name, page in PAGES.items():
        answer = ask(place.client(role), page, filled)
        got[name] = answer.status_code
        if not role and answer.status_code == 302 and page.gets["command"] != 302:
            ways_in.add(answer["Location"].split("?")[0])
    assert got == {name: page.gets[role] for name, page in PAGES.items()}
    assert ways_in <= {"/sign-in/"}


@pytest.mark.parametrize("role", ["neighbour", "stranger"])
def test_stranger_sees_no_trace_of_a_case_anywhere(
    place: Place, filled: dict[str, str], role: str
) -> None:
    secrets = ("王**", f"/cases/{filled['case']}/", *PRIVATE)
    for name, page in PAGES.items():
        # the phone of another is a secret link of its own; the demo page names invented bands
        if page.method == "GET" and name not in ("live", "phone", "phone_live", "demo"):
            shown = ask(place.client(role), page, filled).content.decode("utf-8", "replace")
            assert [text for text in secrets if text in shown] == [], name
    board = place.client(role).get("/").content.decode()
    assert "没有人在等应答" in board
    assert "还没有记录" in board


def test_sign_in_that_is_joined_to_nobody_sees_no_case(
    place: Place, filled: dict[str, str]
) -> None:
    client = Client()
    user = place.user("stranger")
    user.account.delete()
    client.force_login(type(user).objects.get(id=user.id), BACKEND)
    assert client.get("/").status_code == 200
    assert client.get(f"/cases/{filled['case']}/").status_code == 404


def test_secretary_of_another_village_is_refused_until_he_has_a_post_there(place: Place) -> None:
    case_id = place.hold_key()
    client = place.client("neighbour")
    assert client.get(f"/cases/{case_id}/").status_code == 404
    assert "王**" not in client.get("/").content.decode()
    place.registrar.post(place.neighbour, "village_duty", place.people.village)
    assert client.get(f"/cases/{case_id}/").status_code == 200
    assert "王**" in client.get("/").content.decode()


@pytest.mark.parametrize(("language", "mask"), [("zh-hans", "王**"), ("en", "Wang **")])
@pytest.mark.parametrize("role", MAY_SEE)
def test_lists_mask_whom_a_case_is_about(place: Place, role: str, language: str, mask: str) -> None:
    place.hold_key()
    client = place.client(role, language)
    for path in ("/", "/board/live", "/cases/", "/cases/?state=awaiting_answer"):
        shown = client.get(path).content.decode()
        assert mask in shown, path
        assert [text for text in PRIVATE if text in shown] == [], path
    page = client.get(f"/cases/{place.case.id}/").content.decode()
    name = ELDER if language == "zh-hans" else ELDER_LATIN
    assert [text for text in (name, ADDRESS, ELDER_PHONE, DAUGHTER_PHONE) if text not in page] == []


@pytest.mark.parametrize("role", MAY_SEE)
def test_opening_a_case_is_recorded_once_each_time(place: Place, role: str) -> None:
    case_id = place.hold_key()
    client, person = place.client(role), place.person(role)
    for path in ("/", "/board/live", "/cases/"):
        client.get(path)
    assert place.views() == []
    client.get(f"/cases/{case_id}/")
    client.get(f"/cases/{case_id}/live")  # what the open page fetches
    assert place.views() == [(case_id, person)]
    client.get(f"/cases/{case_id}/")
    assert place.views() == [(case_id, person)] * 2


def test_case_refused_to_a_stranger_is_not_recorded_as_seen(place: Place) -> None:
    case_id = place.hold_key()
    for role in ("neighbour", "stranger", ""):
        place.client(role).get(f"/cases/{case_id}/")
    assert place.views() == []


@pytest.mark.parametrize("name", ["case_live", "proof", "refused form"])
def test_case_seen_without_opening_its_page_is_recorded_too(
    place: Place, filled: dict[str, str], name: str
) -> None:
    """The fragment, the photo and a refused form show the same person as the page."""
    client, case_id = place.client("town"), int(filled["case"])
    for _time in range(2):
        if name == "refused form":
            said = {"act": "sign_no_reply", "key": "k", "text": ""}
            assert client.post(f"/cases/{case_id}/act", said).status_code == 422
        else:
            assert ask(client, PAGES[name], filled).status_code == 200
    assert place.views() == [(case_id, place.people.town_officer)]


def test_photo_is_not_kept_by_the_browser_after_sign_out(
    place: Place, filled: dict[str, str]
) -> None:
    for name in ("case", "case_live", "proof", "board", "cases", "phone"):
        answer = ask(place.client("village"), PAGES[name], filled)
        assert "no-store" in answer.headers.get("Cache-Control", ""), name
    assert ask(place.client("village"), PAGES["proof"], filled).content == JPEG
