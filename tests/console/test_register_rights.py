"""The rights of every role in every place over pages and API of the register, and the stranger.

The matrix is made of the words of the rule, apart from the code: who acts sees; villages and town
edit elders, town and command take them out; only a registrar edits the register itself.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.register.imports.models import Import, Staged
from bihuan.register.imports.publish import Publisher
from bihuan.register.models import Post
from bihuan.register.search.index import Hasher, Index
from tests.console.place import DAUGHTER_PHONE, ELDER, ELDER_PHONE, ROLES, Place
from tests.register.imports.sheets import as_csv

pytestmark = pytest.mark.django_db(databases="__all__")

# role → verbs over elders, over the register
ELDERS = {
    "command": {"export"},
    "town": {"edit", "export"},
    "village": {"edit"},
    "family": set[str](),
    "neighbour": {"edit"},
    "stranger": set[str](),
    "": set[str](),
}
REGISTER: dict[str, set[str]] = {role: set() for role in ELDERS}
REGISTER["registrar"] = {"edit", "export"}
REGISTER["command"] = {"edit", "export"}  # the county's command keeps the register too
SEES = {"command": 1, "town": 1, "village": 1, "family": 1, "neighbour": 0, "stranger": 0}
FILE = as_csv([["姓名", "电话", "区划代码"], ["赵新", "13900001111", "990100008202"]])


ONCE = {"Idempotency-Key": "one"}


def upload() -> dict[str, object]:
    return {"file": SimpleUploadedFile("a.csv", FILE)}


def client_of(place: Place, role: str) -> Client:
    if role == "registrar" and place.people.stranger:
        neighbour = place.person("neighbour")
        if not Post.objects.filter(person_id=neighbour, role=role).exists():
            place.registrar.post(neighbour, role, place.people.county)
        return place.client("neighbour")
    return place.client(role)


@pytest.mark.parametrize(("kind", "held"), [("elder_care.elder", ELDERS), ("persons", REGISTER)])
def test_sheets_by_page_and_api_give_each_role_what_its_verbs_say(
    place: Place, kind: str, held: dict[str, set[str]]
) -> None:
    for role, way in product(held, ("page", "api")):
        client, verbs = client_of(place, role), held[role]
        missing = (302 if way == "page" else 401) if not role else 404
        path = f"/sheets/{kind}/in" if way == "page" else f"/api/v1/imports/{kind}"
        got = client.post(path, upload(), headers=ONCE).status_code
        done = 302 if way == "page" else 200
        unread = 422 if way == "page" else 200  # of other headings: told, nothing staged to do
        wanted = (done, unread) if "edit" in verbs else (missing,)
        assert got in wanted, (role, way, kind)
        path = f"/sheets/{kind}/out?form=csv" if way == "page" else f"/api/v1/exports/{kind}"
        got = client.get(path).status_code
        assert got == (200 if "export" in verbs else missing), (role, way, kind)


def test_file_is_published_only_by_who_handed_it_in(place: Place) -> None:
    registrar = client_of(place, "registrar")
    said = registrar.post("/api/v1/imports/persons", upload(), headers=ONCE).json()
    assert (said["counts"]["new"], said["state"], said["faults"]) == (1, "looked", [])
    path = f"/api/v1/imports/staged/{said['id']}"
    body = json.dumps({"which": "all"})
    for role in ("command", "stranger"):
        other = place.client(role)
        assert other.get(path).status_code == 404
        assert (
            other.post(f"{path}/publish", body, "application/json", headers=ONCE).status_code == 404
        )
        assert other.get(f"/sheets/staged/{said['id']}/").status_code == 404
    assert not Import.objects.exists()
    done = registrar.post(f"{path}/publish", body, "application/json", headers=ONCE).json()
    assert done["state"] == "publishing"
    again = registrar.post(f"{path}/publish", body, "application/json", headers=ONCE).json()
    assert again["import_id"] == done["import_id"]
    Publisher(place.clock, place.keys, rest=lambda _s: None).run()
    assert registrar.get(path).json()["state"] == "done"
    assert (
        registrar.post("/api/v1/imports/persons", upload(), headers=ONCE).json()["counts"]["same"]
        == 1
    )
    assert b"13900001111" not in bytes(Staged.objects.order_by("id")[0].faults)


def test_search_finds_for_each_role_what_it_may_see_and_masks_it(place: Place, data: Path) -> None:
    case_id = place.hold_key()
    index = Index(place.keys, Hasher(data / "search.key"))
    while index.run_once():
        pass
    for role in ROLES:
        client = place.client(role)
        for query in ("王桂兰", "wgl", "0001"):
            found = client.get("/api/v1/search", {"q": query, "noun": "subject"}).json()["found"]
            assert len(found) == SEES[role], (role, query)
        cases = client.get("/api/v1/search", {"q": ELDER, "noun": "case"}).json()["found"]
        assert [one["link"] for one in cases] == [f"/cases/{case_id}/"] * SEES[role]
        page = client.get("/search", {"q": ELDER}).content.decode()
        assert ("王**" in page) == bool(SEES[role]), role
        for text in (ELDER_PHONE, DAUGHTER_PHONE):
            assert text not in page
    assert Client().get("/api/v1/search", {"q": ELDER}).status_code == 401
    said = place.client("command").get("/api/v1/search", {"q": "王", "noun": "ghost"})
    assert said.status_code == 422


def test_export_of_the_town_is_its_own_and_opened_by_right(place: Place) -> None:
    text = place.client("town").get("/sheets/elder_care.elder/out?form=csv").content.decode()
    assert ELDER in text
    assert "演示" in text
    wrong = place.client("town").get("/sheets/elder_care.elder/out?form=csv&mood=x")
    assert wrong.status_code == 404
