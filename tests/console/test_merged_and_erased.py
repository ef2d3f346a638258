"""Sign-ins of people who were merged or erased: one person, one way in; of the erased nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from axes.models import AccessLog
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from typer.testing import CliRunner

from bihuan.console import accounts
from bihuan.console.models import Account, Listener
from bihuan.console.signin import whose
from bihuan.console.signin.models import OpenSession, Passkey, RecoveryCode
from bihuan.journal.keys import KeyRing
from bihuan.register.accounts.offices import OPERATOR, appoint
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.search.index import Hasher, Index
from bihuan.register.search.models import SearchRow, SearchToken
from bihuan.wiring.commands import build
from tests.console.place import PASSWORD, Place

pytestmark = pytest.mark.django_db(databases="__all__")


def again(place: Place, name: str = "沈文启") -> int:
    """The village's secretary, registered a second time by mistake."""
    return place.registrar.person(name, "Shen Wenqi", "0990 3000 0001", ["screen"])


def test_account_of_a_merged_person_acts_as_the_one_that_stands(place: Place) -> None:
    """The sign-in was made for the second registration; calls go to the first."""
    second = again(place)
    accounts.create("second", PASSWORD, second)
    client = Client()
    assert client.post("/sign-in/", {"username": "second", "password": PASSWORD}).status_code == 302
    case_id = place.hold_key()
    assert client.get(f"/cases/{case_id}/").status_code == 404
    DuplicateActs(place.clock).merge(second, place.people.secretary)
    assert client.get(f"/cases/{case_id}/").status_code == 200
    assert f"/cases/{case_id}/" in client.get("/tasks/").content.decode(), "his calls are here"
    said = {"act": "take", "key": "k"}
    assert client.post(f"/cases/{case_id}/act", said).status_code == 302
    place.settle()
    assert place.case.owner_id == place.people.secretary
    DuplicateActs(place.clock).unmerge(second)
    assert client.get(f"/cases/{case_id}/").status_code == 404


def test_second_account_of_one_person_is_closed_until_the_merging_is_undone(place: Place) -> None:
    second = again(place)
    accounts.create("second", PASSWORD, second)
    client, own = Client(), place.client("village")
    said = {"username": "second", "password": PASSWORD}
    client.post("/sign-in/", said)
    assert client.get("/").status_code == 200
    DuplicateActs(place.clock).merge(second, place.people.secretary)
    answer = client.get("/")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/")
    client.post("/sign-in/", said)
    assert client.get("/").status_code == 302
    assert client.get("/api/v1/cases").json().get("cases", []) == []
    assert own.get("/").status_code == 200, "the one that stands keeps its own"
    DuplicateActs(place.clock).unmerge(second)
    client.post("/sign-in/", said)
    assert client.get("/").status_code == 200


def test_merging_joins_no_office_with_a_post(place: Place) -> None:
    """三员分立: whoever was an administrator under one of two ids sees no business data."""
    second = again(place)
    appoint(second, "system", OPERATOR, place.clock)
    case_id = place.hold_key()
    client = place.client("village")
    assert client.get(f"/cases/{case_id}/").status_code == 200
    DuplicateActs(place.clock).merge(second, place.people.secretary)
    assert client.get(f"/cases/{case_id}/").status_code == 404


@pytest.mark.django_db(transaction=True, databases="__all__")  # its log is cleared on the way
def test_erasing_a_person_leaves_no_sign_in_passkey_session_or_hash(
    place: Place, data: Path
) -> None:
    second = again(place)
    place.client("village")
    person, other = place.people.secretary, place.person("town")
    DuplicateActs(place.clock).merge(second, person)
    for role, who in (("village", person), ("town", other)):
        account = Account.objects.get(user=place.user(role))
        Passkey.objects.create(
            account=account, credential=role.encode(), public_key=b"k", signs=0, name="x", made_us=1
        )
        RecoveryCode.objects.create(account=account, hash="x")
        Listener.objects.create(token=role, person_id=who, seen_us=1, is_audible=True)
        client = Client()
        client.post("/sign-in/", {"username": role, "password": PASSWORD})
        place.client(role)
    index = Index(place.keys, Hasher(data / "search.key"))
    while index.run_once():
        pass
    assert SearchRow.objects.filter(noun="person", row=person).exists()
    found = CliRunner().invoke(build(["erase"]), ["erase", str(person), "--yes"])
    assert found.exit_code == 0, found.output
    assert set(KeyRing(data / "keys.db").erased()) >= {person, second}, "under every id"
    assert not User.objects.filter(username="village").exists()
    left = {row.account.person_id for row in Passkey.objects.all()}
    left |= {row.account.person_id for row in RecoveryCode.objects.all()}
    left |= {row.account.person_id for row in OpenSession.objects.all()}
    left |= set(Listener.objects.values_list("person_id", flat=True))
    assert left == {other}
    users = {one.get_decoded().get("_auth_user_id") for one in Session.objects.all()}
    assert users - {None} == {str(place.user("town").pk)}
    assert not AccessLog.objects.filter(username="village").exists()
    assert not SearchRow.objects.filter(noun="person", row__in=(person, second)).exists()
    kept = set(SearchRow.objects.values_list("id", flat=True))
    assert set(SearchToken.objects.values_list("found_id", flat=True)) <= kept
    assert whose.forget(person) == 0, "again nothing happens"
    assert Account.objects.filter(person_id=other).exists()
