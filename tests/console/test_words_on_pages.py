"""Every page that can be shown: in one language throughout, never taken for the real thing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from bihuan.console import board as board_page
from bihuan.loop import entries
from bihuan.register.entries import Mode
from tests.console.happened import happenings
from tests.console.place import (
    ADDRESS,
    BAND,
    PASSWORD,
    Made,
    Place,
)
from tests.loop.test_faults import broken

pytestmark = pytest.mark.django_db(databases="__all__")

HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef][^<>\"]{0,30}")


def pages_of(place: Place, language: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Each page and each notice, from a county in which every kind of thing has happened."""
    found: dict[str, str] = {}
    cases = happenings(place)
    command = place.client("command", language)

    def keep(name: str, answer: Any, status: int) -> None:
        assert answer.status_code == status, name
        found[name] = answer.content.decode()

    keep("board", command.get("/"), 200)
    keep("cases", command.get("/cases/"), 200)
    keep("cases, none", command.get("/cases/?state=decided&day=today"), 200)
    for name, case_id in cases.items():
        for role in ("command", "village", "family"):
            answer = place.client(role, language).get(f"/cases/{case_id}/")
            keep(f"case {name} for {role}", answer, 200)
    for name, role, act, status in (
        ("taken", "town", "take", 409),
        ("forbidden", "village", "solved", 403),
        ("refused", "town", "sign_no_reply", 422),
    ):
        said = {"act": act, "key": "x"}
        answer = place.client(role, language).post(f"/cases/{cases['asked']}/act", said)
        keep(name, answer, status)
    keep("not found", command.get("/cases/1/"), 404)
    for role in ("family", "village", "stranger"):
        keep(f"phone of {role}", place.client("", language).get(place.phone(role)), 200)
    keep("sign-in", place.client("", language).get("/sign-in/"), 200)
    for n in range(5):
        said = {"username": "ghost", "password": "wrong"}
        answer = place.client("", language).post("/sign-in/", said)
        keep("sign-in, wrong", answer, 200) if n == 0 else None
    keep("locked", answer, 429)
    faults(place, language, monkeypatch, keep)
    return found


def faults(
    place: Place,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    keep: Callable[[str, Any, int], None],
) -> None:
    """The pages of what goes wrong: a form without its token, a parked case, a fault of ours."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(place.client("", language).cookies)
    keep("form without token", strict.post("/sign-in/", {}), 403)
    command = place.client("command", language)
    case_id = place.hold_key()
    with broken(entries.DeliveryTold, case_id):
        place.wait(seconds=60)
    keep("parked", command.post(f"/cases/{case_id}/act", {"act": "take", "key": "y"}), 503)
    keep("board with a parked case", command.get("/"), 200)

    def breaks(_request: HttpRequest) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(board_page, "board_context", breaks)
    command.raise_request_exception = False
    keep("fault of ours", command.get("/"), 500)


LANGUAGES = ("zh-hans", "en")


def test_english_pages_are_english_throughout(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = {}
    for name, page in pages_of(place, "en", monkeypatch).items():
        assert '<html lang="en">' in page, name
        ours = re.sub(r'<button[^>]* lang="zh-CN">.*?</button>', "", page, flags=re.DOTALL)
        for text in (ADDRESS,):  # as it was typed into the register
            ours = ours.replace(text, "")
        if found := HAN.findall(ours):
            left[name] = found[:5]
    assert left == {}


def test_english_demo_page_is_english_throughout(place: Place) -> None:
    page = place.client("command", "en").get("/demo/").content.decode()
    ours = re.sub(r'<button[^>]* lang="zh-CN">.*?</button>', "", page, flags=re.DOTALL)
    assert HAN.findall(ours) == []


def test_the_demo_opens_the_phones_that_a_band_rings(place: Place, data: Any) -> None:
    """A scenario without bands, before or after in the alphabet, has its phones further down."""
    file = data / "demo-cast.json"
    cast = json.loads(file.read_text())
    silent = {"person_id": place.people.stranger, "name": "别人", "latin": "Someone else"}
    others = {"bands": [], "phones": [{**silent, "role": ["专窗", "Desk"]}] * 3}
    cast["scenarios"] = {"aaa": others, **cast["scenarios"]}
    file.write_text(json.dumps(cast))
    page = place.client("command").get("/demo/").content.decode()
    first = page.split("<figcaption>", 1)[1].split("</figcaption>", 1)[0]
    assert "别人" not in first
    assert "别人" in page


@pytest.mark.parametrize(
    ("mode", "language", "word"),
    [("demo", "zh-hans", "演示"), ("demo", "en", "Demo"), ("drill", "zh-hans", "演练")],
)
def test_every_page_says_that_it_is_not_the_real_thing(
    made: Made, monkeypatch: pytest.MonkeyPatch, mode: Mode, language: str, word: str
) -> None:
    pages = pages_of(made(mode), language, monkeypatch)
    assert [name for name, page in pages.items() if word not in ribbon(page)] == []


def test_no_page_of_a_live_county_says_that_it_is_a_demo(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pages_of(made("live"), "zh-hans", monkeypatch)
    words = ("演示", "演练", 'class="ribbon')
    assert [n for n, page in pages.items() if any(word in page for word in words)] == []


def test_demo_page_of_a_live_county_is_not_found(made: Made, data: Any) -> None:
    live = made("live")
    live.bring_cast(data)
    client = live.client("command")
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/press", {"number": BAND}).status_code == 404


def ribbon(page: str) -> str:
    """What the mark over a page says."""
    found = re.search(r'<aside class="ribbon[^>]*>(.*?)</aside>', page, flags=re.DOTALL)
    return found.group(1) if found else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_have_one_heading_and_ids_that_are_unique(
    place: Place, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    for name, page in pages_of(place, language, monkeypatch).items():
        tags = Tags()
        tags.feed(page)
        assert sorted(set(tags.ids)) == sorted(tags.ids), name
        assert "h1" in tags.found or name == "phone of stranger", name
        assert tags.unlabelled == [], name


class Tags(HTMLParser):
    """Tags, ids, and fields without a label of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self._labels: set[str | None] = set()
        self._fields: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.found.append(tag)
        if said.get("id"):
            self.ids.append(str(said["id"]))
        if tag == "label":
            self._labels.add(said.get("for"))
        if tag in ("input", "textarea", "select") and said.get("type") != "hidden":
            self._fields.append(str(said.get("id")))

    @property
    def unlabelled(self) -> list[str]:
        return [name for name in self._fields if name not in self._labels]


def test_language_is_chosen_with_a_click_and_kept(place: Place) -> None:
    client = Client()
    assert "登录" in client.get("/sign-in/").content.decode()
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/sign-in/"})
    assert answer["Location"] == "/sign-in/"
    assert "Sign in" in client.get("/sign-in/").content.decode()


def test_passwords_are_on_no_page(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, page in pages_of(place, "zh-hans", monkeypatch).items():
        assert PASSWORD not in page, name
