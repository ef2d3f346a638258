"""Whatever shows a person's sealed facts is a view: forms sent back, choices, pairs, exports."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.journal.models import VIEWS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.register.parties.acts import NewPerson, PartyActs
from tests.console.place import ADDRESS, ELDER, ELDER_PHONE, Place

pytestmark = pytest.mark.django_db(databases="__all__")


def views(name: str = "row.viewed.v1") -> list[Any]:
    found = Entry.objects.filter(lane=VIEWS_LANE, type=name).order_by("position")
    return [decode(one.type, bytes(one.body or b"")) for one in found]


def said() -> list[tuple[str, int, int, str]]:
    return [(one.noun, one.row_id, one.by, one.purpose) for one in views()]


def sent(place: Place, role: str, path: str, act: str, /, **fields: str) -> tuple[int, str]:
    body = {"act": act, "key": f"{act}{role}", **{f"v.{n}": v for n, v in fields.items()}}
    answer = place.client(role).post(path, body)
    return answer.status_code, answer.content.decode()


def test_form_sent_back_with_a_fault_opens_the_page_and_is_logged(place: Place) -> None:
    people, command, town = place.people, place.person("command"), place.person("town")
    status, text = sent(place, "command", f"/parties/{people.elder}/", "phone", phone="x")
    assert (status, ELDER in text) == (422, True)
    status, text = sent(place, "town", f"/rows/{people.subject}/", "move", area="", address="")
    assert status == 422
    assert sent(place, "town", f"/devices/{people.device}/", "release", reason="x")[0] == 422
    assert said() == [
        ("party", people.elder, command, "form"),
        ("row", people.subject, town, "form"),
        ("device", people.device, town, "form"),
    ]


def test_form_that_is_done_or_refused_to_a_stranger_shows_nothing_and_is_no_view(
    place: Place,
) -> None:
    path = f"/parties/{place.people.elder}/"
    for role in ("stranger", "neighbour", "family"):
        assert sent(place, role, path, "phone", phone="x")[0] == 404, role
    assert sent(place, "command", path, "phone", phone="0990 1234")[0] == 302
    assert said() == []


def test_names_to_choose_from_are_views_of_each(place: Place) -> None:
    acts = PartyActs(place.clock, place.keys)
    twins = [acts.person(NewPerson(name=(ELDER, "Wang Guilan"))) for _n in range(2)]
    path = f"/parties/{twins[0]}/"
    status, text = sent(place, "command", f"/parties/{place.people.elder}/", "merge", into=ELDER)
    assert (status, ELDER in text) == (422, True)
    chosen = {row for noun, row, _by, purpose in said() if purpose == "choosing"}
    assert chosen >= set(twins), path


def test_pairs_of_possible_duplicates_are_views_of_each_person(place: Place) -> None:
    acts = PartyActs(place.clock, place.keys)
    new = NewPerson(name=(ELDER, "Wang Guilan"), phone="13900000001", area_id=place.people.village)
    twins = [acts.person(new) for _n in range(2)]
    assert ELDER in place.client("command").get("/parties/duplicates/").content.decode()
    by = place.person("command")
    assert set(said()) >= {("party", one, by, "duplicates") for one in twins}
    assert place.client("stranger").get("/parties/duplicates/").status_code == 404


def test_unmasked_export_is_a_view_with_its_rows_and_the_masked_one_is_none(place: Place) -> None:
    for path, via in (
        ("/sheets/elder_care.elder/out?form=csv", "page"),
        ("/api/v1/exports/elder_care.elder?form=csv", "api"),
    ):
        text = place.client("town").get(path).content.decode()
        assert ADDRESS in text
        assert ELDER_PHONE in text
        (one,) = views("export.viewed.v1")[-1:]
        assert (one.kind, one.rows, one.by, one.purpose) == (
            "elder_care.elder",
            1,
            place.person("town"),
            via,
        )
    assert len(views("export.viewed.v1")) == 2
    assert place.client("stranger").get("/sheets/elder_care.elder/out").status_code == 404
    assert len(views("export.viewed.v1")) == 2
