"""`bihuan user` and `bihuan key`: one object a line, exit 2 with every fault, each act recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from bihuan.base.errors import BadInputError
from bihuan.console.models import Account
from bihuan.journal.models import Entry
from bihuan.wiring.commands import build
from tests.console.place import PASSWORD, Place

pytestmark = pytest.mark.django_db(databases="__all__")


def run(*words: str) -> list[dict[str, Any]]:
    """The rows that a command prints; its own error where it fails."""
    found = CliRunner().invoke(build(list(words)), [*words])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def types(begins: str) -> list[str]:
    found = Entry.objects.filter(type__startswith=begins).order_by("position")
    return list(found.values_list("type", flat=True))


def test_user_is_added_listed_reset_disabled_and_enabled(place: Place) -> None:
    person = str(place.people.stranger)
    (made,) = run("user", "add", "newcomer", "--person", person, "--json")
    said = {"username": "newcomer", "password": made["one_time_password"]}
    assert Client().post("/sign-in/", said)["Location"] == "/me/password/"
    (again,) = run("user", "reset", "newcomer", "--json")
    assert again["one_time_password"] != made["one_time_password"]
    assert Client().post("/sign-in/", said).status_code == 200
    run("user", "disable", "newcomer")
    (row,) = run("user", "list", "--json")
    assert row == {
        "username": "newcomer",
        "person": place.people.stranger,
        "state": "disabled",
        "office": None,
        "posts": [],
    }
    run("user", "enable", "newcomer")
    assert run("user", "list", "--json")[0]["state"] == "must_change"
    assert types("account.") == [
        "account.opened.v1",
        "account.secured.v1",
        "account.disabled.v1",
        "account.enabled.v1",
    ]


def test_user_is_granted_a_post_or_an_office_and_not_both(place: Place) -> None:
    place.user("stranger")
    area = str(place.people.village)
    with pytest.raises(BadInputError):
        run("user", "grant", "stranger")
    with pytest.raises(BadInputError):
        run("user", "grant", "stranger", "--office", "audit", "--role", "village_duty")
    run("user", "grant", "stranger", "--office", "audit")
    assert run("user", "list", "--json")[0]["office"] == "audit"
    run("user", "release", "stranger")
    run("user", "grant", "stranger", "--role", "village_duty", "--area", area)
    assert run("user", "list", "--json")[0]["posts"] == [f"village_duty:{area}"]
    with pytest.raises(BadInputError):
        run("user", "grant", "stranger", "--office", "audit")


def test_locked_user_is_unlocked(place: Place) -> None:
    place.user("village")
    client = Client()
    for _time in range(5):
        client.post("/sign-in/", {"username": "village", "password": "wrong"})
    said = {"username": "village", "password": PASSWORD}
    assert Client().post("/sign-in/", said).status_code == 429
    run("user", "unlock", "village")
    assert Client().post("/sign-in/", said).status_code == 302


@pytest.mark.parametrize("word", ["reset", "disable", "unlock", "release"])
def test_user_that_nobody_has_is_a_fault(place: Place, word: str) -> None:
    with pytest.raises(BadInputError, match="username"):
        run("user", word, "nobody")
    assert not Account.objects.exists()


def test_key_is_made_listed_and_revoked(place: Place) -> None:
    person = str(place.people.secretary)
    words = ("--person", person, "--verb", "read", "--scenario", "elder_care", "--json")
    (made,) = run("key", "make", "平台", *words)
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert Client().get("/api/v1/cases", headers=headers).status_code == 200
    (row,) = run("key", "list", "--json")
    assert (row["name"], row["verbs"], row["state"]) == ("平台", ["read"], "made")
    run("key", "revoke", str(row["id"]))
    run("key", "revoke", str(row["id"]))
    assert Client().get("/api/v1/cases", headers=headers).status_code == 401
    assert types("api_key.") == ["api_key.made.v1", "api_key.revoked.v1"]
