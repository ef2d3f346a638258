"""Every page for every role: who may open what, what lists may not say, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.console.filled import fill
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
    PASSWORD,
    ROLES,
    Place,
)

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


def only(status: int, *roles: str) -> dict[str, int]:
    """These roles; everybody else who is signed in finds nothing there."""
    return {**dict.fromkeys(ROLES, 404), **dict.fromkeys(roles, status), "": 302}


def who_acts(status: int) -> dict[str, int]:
    """Whoever holds a post; 上坝村's secretary does, of his own village."""
    posts = dict.fromkeys(("command", "town", "village", "neighbour"), status)
    return {**dict.fromkeys(ROLES, 404), **posts, "": 302}


def on_duty(status: int) -> dict[str, int]:
    """Whoever holds a post, for an area of his own."""
    return {**dict.fromkeys(ROLES, status), "family": 404, "stranger": 404, "": 302}


def in_village(status: int) -> dict[str, int]:
    """Whoever holds a post for the village of the case, or above it; the family does not."""
    return {**on_duty(status), "neighbour": 404}


def in_county(status: int) -> dict[str, int]:
    """Whoever holds a post for the whole county."""
    return {**dict.fromkeys(ROLES, 404), "command": status, "": 302}


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
    "channel_push": Page("/push/none/none", everybody(404), "POST"),
    # who holds a post keeps the log; the family and a stranger find no such page
    "shift": Page("/shift/", on_duty(200)),
    "log_write": Page("/shift/write", on_duty(422), "POST", {"text": " "}),
    "handovers": Page("/shift/handovers/", on_duty(200)),
    "handover_offer": Page("/shift/handovers/offer", on_duty(422), "POST", {"text": " "}),
    "handover": Page("/shift/handovers/{handover}/", in_county(200)),
    "handover_accept": Page("/shift/handovers/{handover}/accept", in_county(422), "POST"),
    "reports": Page("/shift/reports/", on_duty(200)),
    "report": Page("/shift/reports/{report}/", in_village(200)),
    "report_draft": Page("/cases/{case}/report/", in_village(200)),
    "report_sign": Page("/cases/{case}/report/sign", in_village(404), "POST", {"stage": "x"}),
    # a figure for the whole county: tests/console/test_limit_pages.py sets some
    "limits": Page("/limits/", in_county(200)),
    "limits_of": Page("/limits/elder_care.sos/", in_county(422), "POST", {"amount": "x"}),
    "working_days": Page("/limits/days/", in_county(422), "POST", {"days": "soon"}),
    "map": Page("/map/", on_duty(200)),
    "warnings": Page("/warnings/", on_duty(200)),
    "wall": Page("/wall/", on_duty(200)),
    "wall_live": Page("/wall/live", on_duty(200)),
    "tasks": Page("/tasks/", who_is_signed_in(200)),
    "tasks_live": Page("/tasks/live", who_is_signed_in(200)),
    "tasks_do": Page("/tasks/do", who_is_signed_in(404), "POST", {"do": "go", "id": "1"}),
    "inbox": Page("/inbox/", who_is_signed_in(200)),
    "playbooks": Page("/playbooks/", who_is_signed_in(200)),
    "playbook": Page("/playbooks/elder_care.sos@1/", who_is_signed_in(200)),
    "first_run": Page("/first-run/", in_county(200)),
    "first_run_do": Page("/first-run/mode", in_county(422), "POST", {"mode": "live"}),
    "readiness": Page("/readiness/", in_county(200)),
    # administrators' own: see test_settings_pages
    "settings": Page("/settings/", who_is_signed_in(404)),
    "settings_do": Page("/settings/plan", who_is_signed_in(404), "POST"),
    "audit": Page("/audit/", who_is_signed_in(404)),
    "audit_verify": Page("/audit/verify", who_is_signed_in(404), "POST"),
    "more": Page("/more/", who_is_signed_in(200)),
    # who held it when is for who acts on it: the family is outside
    "chain": Page("/cases/{case}/chain", {**who_may_see(200), "family": 404}),
    "platforms": Page("/cases/{case}/platforms", {**who_may_see(200), "family": 404}),
    "platforms_send": Page(
        "/cases/{case}/platforms/send", {**who_may_see(422), "family": 404}, "POST"
    ),
    # who it was that reported: nothing is sealed here, and nobody has the verb (test_unsealing)
    "unseal": Page("/cases/{case}/unseal", who_may_see(403)),
    "unseal_do": Page("/cases/{case}/unseal/do", who_may_see(403), "POST", {"what": "ask"}),
    "document": Page("/cases/{case}/documents/1", who_may_see(404)),
    "report_matter": Page("/report/", who_is_signed_in(200)),
    "open_report": Page("/open/report/", everybody(200)),
    "open_status": Page("/open/status/", everybody(200)),
    "open_figures": Page("/open/figures/", everybody(200)),
    "batch": Page(
        "/cases/batch", who_is_signed_in(200), "POST", {"case": "{case}", "act": "note", "key": "k"}
    ),
    "live": Page("/live", everybody(200)),  # positions only, no rights needed: see test_live
    "listening": Page("/listening", who_is_signed_in(204), "POST", {"token": "t", "audible": "1"}),
    "health": Page("/health", everybody(200)),
    "metrics": Page("/metrics", everybody(404)),
    # answering a call needs no login; the token is the right
    "phone": Page("{phone}", everybody(200)),
    "phone_live": Page("{phone}live", everybody(200)),
    "phone_act": Page("{phone}act", everybody(302), "POST", {"do": "answer", "delivery": "{call}"}),
    "search": Page("/search", who_is_signed_in(200), "GET"),
    # editors of the type take in, town and command (Scenario.grants) take out
    "sheet_in": Page("/sheets/elder_care.visit/in", only(200, "town", "village", "neighbour")),
    "sheet_out": Page("/sheets/elder_care.elder/out", only(200, "command", "town")),
    "staged": Page("/sheets/staged/{staged}/", only(200, "village")),
    "staged_publish": Page(
        "/sheets/staged/{staged}/publish", only(422, "village"), "POST", {"which": "all"}
    ),
    "staged_map": Page(
        "/sheets/staged/{staged}/map", only(422, "village"), "POST", {"column-1": "x"}
    ),
    "demo": Page("/demo/", who_is_signed_in(200)),
    "demo_press": Page("/demo/press", who_is_signed_in(302), "POST", {"number": BAND}),
    "sign_in": Page("/sign-in/", {**dict.fromkeys(ROLES, 302), "": 200}),
    "second_step": Page("/sign-in/second/", everybody(302)),  # nobody has just given a password
    "passkey_options": Page("/sign-in/passkey/options", everybody(200), "POST"),
    "passkey_sign_in": Page("/sign-in/passkey/", everybody(422), "POST", {"credential": "{{}}"}),
    "outside": Page("/sign-in/with/nobody/", everybody(404)),
    "outside_back": Page("/sign-in/with/nobody/back", everybody(404)),
    # one's own account; administrators' pages have a matrix of their own in test_offices
    "me": Page("/me/", who_is_signed_in(200)),
    "password": Page("/me/password/", who_is_signed_in(200)),
    "change_me": Page("/me/change/codes", who_is_signed_in(200), "POST", {"old": PASSWORD}),
    "confirm_app": Page("/me/app/confirm", who_is_signed_in(422), "POST", {"code": "000000"}),
    "passkey_new": Page("/me/passkeys/options", who_is_signed_in(200), "POST", {"old": PASSWORD}),
    "passkey_add": Page("/me/passkeys/add", who_is_signed_in(422), "POST"),
    "push_on": Page("/me/push/on", who_is_signed_in(422), "POST", {"subscription": "{{}}"}),
    "push_off": Page("/me/push/off", who_is_signed_in(302), "POST"),
    "end_session": Page("/me/sessions/end", who_is_signed_in(404), "POST", {"session": "0" * 16}),
    "office": Page("/office/", who_is_signed_in(404)),
    "office_act": Page("/office/verify", who_is_signed_in(404), "POST"),
    # the register: acts have tests of their own in test_register_rows and test_register_pages
    "ledgers": Page("/ledgers/", who_acts(200)),
    "rows": Page("/ledgers/elder_care/elder/", who_acts(200)),
    "row": Page("/rows/{subject}/", {**who_acts(200), "family": 404, "neighbour": 404}),
    "devices": Page("/devices/", who_acts(200)),
    "device": Page("/devices/{device}/", {**who_acts(200), "neighbour": 404}),
    "rosters": Page("/rosters/", who_acts(200)),
    "roster": Page("/rosters/1/", who_is_signed_in(404)),
    "roster_calendar": Page("/rosters/1/calendar.ics", who_is_signed_in(404)),
    "areas": Page("/areas/", who_acts(200)),
    "area": Page("/areas/{village}/", {**who_acts(200), "neighbour": 404}),
    "parties": Page("/parties/", who_acts(200)),
    "duplicates": Page("/parties/duplicates/", {**who_is_signed_in(404), "command": 200}),
    "party": Page("/parties/{elder}/", {**who_acts(200), "neighbour": 404}),
    "organisations": Page("/organisations/", who_acts(200)),
    "organisation": Page("/organisations/1/", who_is_signed_in(404)),
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


# pages whose tests ask every role, and the stranger, in files of their own
ELSEWHERE = {
    "test_callouts.py": (
        *("call_outs", "call_out", "call_out_live", "call_out_order", "call_out_over"),
        *("call_out_paper", "call_out_person", "call_out_sheet", "call_out_signed"),
    ),
    "test_pushed.py": ("board_feed",),
    "test_rule_pages.py": (
        "rules",
        "rule",
        "rule_limit",
        "rule_override",
        "rule_override_end",
        "rule_reasons",
        "trial",
        "try_rule",
    ),
    "test_setup_pages.py": ("audit_tab",),
    "test_near.py": ("near", "near_say", "near_end"),
    "test_shows.py": ("show_sheet", "show_overview"),
    "test_figure_pages.py": ("figures", "figure", "figure_rows", "figure_publish", "figures_out"),
    "test_press_pages.py": (
        "press",
        "press_page",
        "press_add",
        "press_decide",
        "published",
        "published_series",
        "published_do",
        "bulletins",
        "bulletin",
        "bulletin_do",
        "bulletin_edit",
        "bulletin_file",
        "bulletin_version",
    ),
    "test_field.py": (
        "field",
        "field_code",
        "field_find",
        "field_offline",
        "field_who",
        "field_worker",
        "manifest",
    ),
}


def test_every_address_of_the_site_is_in_a_matrix() -> None:
    found = set(named(get_resolver().url_patterns))
    elsewhere = {name for names in ELSEWHERE.values() for name in names}
    assert found == set(PAGES) | elsewhere
    assert not set(PAGES) & elsewhere
    for file in ELSEWHERE:
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        assert "stranger" in text or "nobody" in text
    assert all(set(page.gets) == set(ANYBODY) for page in PAGES.values())


@pytest.fixture
def filled(place: Place) -> dict[str, str]:
    return fill(place)


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
