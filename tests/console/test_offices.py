"""三员分立: each office does its own, nobody two, nobody for himself, and strangers nothing."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.test import Client

from bihuan.base.errors import BadInputError
from bihuan.console import accounts
from bihuan.console.access import keys as api_keys
from bihuan.console.access.models import ApiSecret
from bihuan.console.accounts import Desk
from bihuan.console.administration.pages import ACTS
from bihuan.console.models import Account
from bihuan.console.signin import sessions
from bihuan.journal.models import Entry
from bihuan.loop.rights import is_official, visible_cases
from bihuan.register.accounts import offices
from bihuan.register.accounts.models import Administrator, Grant
from bihuan.register.accounts.offices import OPERATOR, NotAllowedError
from bihuan.register.entries import Actor
from bihuan.register.models import Post
from bihuan.register.organisations.acts import OrganisationActs
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.rights import for_user
from tests.console.api_matrix import MATRIX
from tests.console.place import PASSWORD, Place
from tests.console.test_api_matrix import said_by
from tests.console.test_pages import PAGES, PRIVATE
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
OFFICES = ("system", "security", "audit")


def seat(place: Place, office: str) -> int:
    """A new person with a sign-in who holds this office."""
    person = place.registrar.person(f"管{office}", f"Guan {office}", None)
    accounts.create(f"adm{office}", PASSWORD, person, Desk.here())
    offices.appoint(person, office, OPERATOR, place.clock)
    return person


def client_of(place: Place, office: str, *, is_proven: bool = True) -> Client:
    seat(place, office)
    client = Client()
    client.post("/sign-in/", {"username": f"adm{office}", "password": PASSWORD})
    session = client.session
    session[sessions.SECOND] = is_proven
    session.save()
    return client


def by(person: int, office: str) -> Actor:
    return Actor(person_id=person, role=f"{office}_administrator", via="page")


APART = ("live", "phone", "phone_live", "demo")
SAID = {
    "open": {"username": "newcomer"},
    "reset": {"username": "village"},
    "switch": {"username": "village", "on": "0"},
    "appoint": {"username": "stranger", "office": "audit"},
    "release": {"username": "stranger"},
    "grant": {"username": "stranger", "role": "village_duty"},
    "unlock": {"username": "village"},
    "revoke": {},
    "verify": {},
}


@pytest.mark.parametrize(("office", "what"), list(product(OFFICES, SAID)))
def test_each_office_does_its_own_acts_and_no_other(place: Place, office: str, what: str) -> None:
    """Every act × every office; the table of who may is written here, not read from the code."""
    own = {
        "system": {"open", "reset", "switch"},
        "security": {"appoint", "release", "grant", "unlock", "revoke"},
        "audit": {"verify"},
    }
    client = client_of(place, office)
    for role in ("village", "stranger"):
        place.user(role)
    newcomer = place.registrar.person("新人", "Xin Ren", None)
    wanted = api_keys.Wanted("平台", place.people.commander, 3)
    api_keys.make(wanted, Desk.here())
    key = str(ApiSecret.objects.get().key_id)
    said = {**SAID[what], "person": str(newcomer), "area": str(place.people.village), "key": key}
    answer = client.post(f"/office/{what}", said)
    assert answer.status_code in ((200, 302) if what in own[office] else (404,))


def test_matrix_above_names_every_act() -> None:
    assert {what for _office, what in ACTS} == set(SAID)


@pytest.mark.parametrize("role", ["stranger", "village", "command", "family"])
def test_who_holds_no_office_finds_no_such_page(place: Place, role: str) -> None:
    client = place.client(role)
    assert client.get("/office/").status_code == 404
    assert client.post("/office/open", {"username": "x"}).status_code == 404
    assert Client().get("/office/").status_code == 302


@pytest.mark.parametrize("office", OFFICES)
def test_office_needs_a_second_step_and_its_own_handset(place: Place, office: str) -> None:
    client = client_of(place, office, is_proven=False)
    assert client.get("/office/").status_code == 403
    assert client.post(f"/office/{'verify'}", {}).status_code == 403
    session = client.session
    session[sessions.SECOND], session[sessions.SHARED] = True, True
    session.save()
    assert client.get("/office/").status_code == 403
    session[sessions.SHARED] = False
    session.save()
    assert client.get("/office/").status_code == 200


@pytest.mark.parametrize("office", OFFICES)
def test_administrator_sees_no_business_data(place: Place, office: str) -> None:
    case_id = place.hold_key()
    person = seat(place, office)
    # even a post that came to be past the rules opens nothing
    place.registrar.post(person, "county_command", place.people.county)
    now_us = place.clock.now_us()
    assert not visible_cases(person, now_us).exists()
    assert not is_official(for_user(person, now_us))
    client = Client()
    client.post("/sign-in/", {"username": f"adm{office}", "password": PASSWORD})
    assert client.get(f"/cases/{case_id}/").status_code == 404
    assert client.get("/api/v1/cases").json()["cases"] == []


def test_person_holds_one_office_only(place: Place) -> None:
    person = seat(place, "system")
    with pytest.raises(BadInputError, match="at most one office"):
        offices.appoint(person, "audit", OPERATOR, place.clock)
    offices.appoint(person, "system", OPERATOR, place.clock)  # again: nothing happens
    assert Entry.objects.filter(type="administrator.appointed.v1").count() == 1
    offices.release(person, OPERATOR, place.clock)
    offices.release(person, OPERATOR, place.clock)
    assert Entry.objects.filter(type="administrator.released.v1").count() == 1
    offices.appoint(person, "audit", OPERATOR, place.clock)
    assert Administrator.objects.get().office == "audit"
    assert differences() == []


def test_person_with_a_post_holds_no_office_and_the_other_way_round(place: Place) -> None:
    with pytest.raises(BadInputError, match="without a post"):
        offices.appoint(place.people.secretary, "audit", OPERATOR, place.clock)
    person = seat(place, "audit")
    with pytest.raises(BadInputError, match="without an office"):
        offices.grant_post(person, "village_duty", place.people.village, OPERATOR, place.clock)


def test_security_grants_others_and_never_himself(place: Place) -> None:
    security = seat(place, "security")
    me = by(security, "security")
    place_id, clock = place.people.village, place.clock
    with pytest.raises(NotAllowedError):
        offices.grant_post(security, "village_duty", place_id, me, clock)
    with pytest.raises(NotAllowedError):
        offices.appoint(security, "system", me, clock)
    before = Post.objects.count()
    post = offices.grant_post(place.people.stranger, "village_duty", place_id, me, clock)
    assert Post.objects.count() == before + 1
    given = Grant.objects.get()
    assert (given.post_id, given.by_person_id) == (post, security)
    assert differences() == []


@pytest.mark.parametrize("office", ["system", "audit"])
def test_other_offices_give_no_rights(place: Place, office: str) -> None:
    me = by(seat(place, office), office)
    stranger, village = place.people.stranger, place.people.village
    with pytest.raises(NotAllowedError):
        offices.grant_post(stranger, "village_duty", village, me, place.clock)
    with pytest.raises(NotAllowedError):
        offices.appoint(stranger, "audit", me, place.clock)
    wanted = api_keys.Wanted("平台", stranger, 3)
    with pytest.raises(NotAllowedError):
        api_keys.make(wanted, Desk(place.clock, place.keys, me))


def test_system_administrator_cannot_take_over_the_sign_in_of_another_office(
    place: Place,
) -> None:
    """Who could reset the security administrator's password would hold that office."""
    client = client_of(place, "system")
    for office in ("security", "audit"):
        seat(place, office)
        before = User.objects.get(username=f"adm{office}").password
        for what in ("reset", "switch"):
            said = {"username": f"adm{office}", "on": "0"}
            assert client.post(f"/office/{what}", said).status_code == 403, what
        assert User.objects.get(username=f"adm{office}").password == before
        assert User.objects.get(username=f"adm{office}").is_active
    own = client.post("/office/reset", {"username": "admsystem"})
    assert own.status_code == 403, "nor his own, whose second step would be gone"
    assert accounts.reset("admsecurity", Desk.here()), "at the machine"


def test_sign_in_under_a_merged_number_of_an_administrator_is_not_opened(place: Place) -> None:
    client, holder = client_of(place, "system"), seat(place, "security")
    alias = place.registrar.person("管又名", "Guan Youming", None)
    DuplicateActs(place.clock).merge(alias, holder)
    said = {"username": "newcomer", "person": str(alias)}
    assert client.post("/office/open", said).status_code == 403
    with pytest.raises(NotAllowedError):
        offices.grant_post(
            alias, "village_duty", place.people.village, by(holder, "security"), place.clock
        )
    with pytest.raises(NotAllowedError):
        offices.appoint(alias, "audit", by(holder, "security"), place.clock)


@pytest.mark.parametrize("office", OFFICES)
def test_administrator_finds_nothing_of_the_work_done_before(place: Place, office: str) -> None:
    """He was the village's secretary, took a case and left the post; every address is opened."""
    case_id = place.hold_key()
    place.do("take", place.people.secretary)
    place.settle()
    post = Post.objects.get(person_id=place.people.secretary)
    place.wall.advance(hours=1)
    OrganisationActs(place.clock).leave_post(post.id, place.clock.now_us())
    client = place.client("village")
    offices.appoint(place.people.secretary, office, OPERATOR, place.clock)
    session = client.session
    session[sessions.SECOND] = True
    session.save()
    places = dict.fromkeys(re.findall(r"{(\w+)}", str(PAGES) + str(list(MATRIX))), "1")
    named = {
        "case": case_id, "case_id": case_id, "subject": place.people.subject,
        "row_id": place.people.subject, "device": place.people.device,
        "device_id": place.people.device, "village": place.people.village,
        "elder": place.people.elder, "party_id": place.people.elder, "scenario": "elder_care",
        "kind": "elder", "thing_id": place.people.subject,
    }  # fmt: skip
    filled = places | {name: str(value) for name, value in named.items()}
    # what the demo's own page and a telephone of the screen show is theirs, whoever looks
    pages = [p.path for name, p in PAGES.items() if p.method == "GET" and name not in APART]
    found = {}
    for path in (*pages, *(f"/api/v1{n[4:]}" for n in MATRIX if n.startswith("GET"))):
        text = said_by(client.get(path.format(**filled)))  # type: ignore[arg-type]  # a response with extras
        found[path] = [one for one in ("王**", "Wang **", *PRIVATE) if one in text]
    assert {path: one for path, one in found.items() if one} == {}


def test_who_says_to_hold_an_office_and_does_not_is_refused(place: Place) -> None:
    liar = by(place.people.stranger, "security")
    with pytest.raises(NotAllowedError):
        offices.appoint(place.people.daughter, "audit", liar, place.clock)
    with pytest.raises(NotAllowedError):
        accounts.reset("village", Desk(place.clock, place.keys, liar))


def test_system_administrator_opens_an_account_whose_password_shows_once(place: Place) -> None:
    client = client_of(place, "system")
    said = {"username": "newcomer", "person": str(place.people.stranger)}
    page = client.post("/office/open", said).content.decode()
    assert "只显示这一次" in page
    assert "newcomer" in client.get("/office/").content.decode()
    assert Account.objects.get(user__username="newcomer").must_change
    bad = client.post("/office/open", {"username": "a b", "person": "x"})
    assert bad.status_code == 422


def test_audit_reads_who_looked_at_whom_and_the_chain(place: Place) -> None:
    case_id = place.hold_key()
    place.client("village").get(f"/cases/{case_id}/")
    client = client_of(place, "audit")
    page = client.get("/office/").content.decode()
    assert "沈文启" in page
    assert str(case_id) in page
    assert "case.opened.v2" in page
    before = Entry.objects.count()
    assert "条都与写入时一致" in client.post("/office/verify").content.decode()
    assert Entry.objects.count() == before  # audit changes nothing


@pytest.mark.parametrize("office", OFFICES)
def test_office_speaks_english_too(place: Place, office: str) -> None:
    client = client_of(place, office)
    client.cookies["django_language"] = "en"
    page = client.get("/office/").content.decode()
    assert f"{office.capitalize()} administrator" in page
