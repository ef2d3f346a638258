"""A key cut to other scenarios or another area reads and does nothing here, at any address.

The county has a case, an elder, a device, a shift and a staged sheet of 石桥村; the commander may
see them all. A key of the commander's for the village beside, or for another system's scenario,
may not; the addresses are those of the API's own table, so that a new one is walked as well.
"""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.console.access import keys as system_keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.register.accounts.offices import OPERATOR, appoint
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Contact
from bihuan.register.parties.acts import PartyActs
from bihuan.register.rights import REGISTER, Rights, for_user
from tests.console.api_matrix import MATRIX
from tests.console.place import DAUGHTER_PHONE, ELDER, ELDER_LATIN, ELDER_PHONE, Place
from tests.console.test_api_keys import System
from tests.console.test_api_matrix import ask, filled, said_by

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["filled"]

# of the elder, of hers, and of the village: none of it is a matter of the keys below
PRIVATE = (
    ELDER,
    "王**",
    ELDER_LATIN,
    ELDER_PHONE,
    DAUGHTER_PHONE,
    "9900000001",
    "石桥村",
    "Shiqiao",
)


class Caller:
    """A browser of the test client that sends a key."""

    def __init__(self, place: Place, person: str, **limits: Any) -> None:
        limits.setdefault("days", 30)
        made = Wanted("别的平台", place.person(person), **limits)
        self._system = System(system_keys.make(made, Desk.here()))

    def get(self, address: str) -> Any:
        return self._system._client.get(address, headers=self._system._headers())

    def generic(
        self, method: str, address: str, body: str, kind: str, headers: dict[str, str]
    ) -> Any:
        headers = {**headers, **self._system._headers()}
        return self._system._client.generic(method, address, body, kind, headers=headers)


def entries() -> set[tuple[str, int]]:
    """What stands in the journal, but for views and answers about oneself."""
    found = Entry.objects.filter(lane=FACTS_LANE).exclude(type__startswith="export.")
    return set(found.values_list("type", "position"))


def cut(place: Place, how: str) -> dict[str, Any]:
    beside = place._beside
    found: dict[str, dict[str, Any]] = {
        "beside": {"area_id": beside},
        "beside+register": {"area_id": beside, "scenarios": ("elder_care", REGISTER)},
        "kitchen": {"scenarios": ("kitchen",)},
        "kitchen+beside": {"scenarios": ("kitchen",), "area_id": beside},
    }
    return found[how]


@pytest.mark.parametrize("how", ["beside", "beside+register", "kitchen", "kitchen+beside"])
def test_key_for_another_area_or_scenario_learns_and_changes_nothing(
    place: Place, filled: dict[str, str], how: str
) -> None:
    caller = Caller(place, "command", **cut(place, how))
    before = entries()
    told, done = [], []
    for n, name in enumerate(MATRIX):
        answer = ask(caller, name, filled, f"k{n}")  # type: ignore[arg-type]  # calls as a client does
        said = said_by(answer).replace('"q": "王桂兰"', "")
        if words := [one for one in PRIVATE if one in said]:
            told.append((name, answer.status_code, words))
        after = entries()
        if after != before:
            done.append((name, answer.status_code, sorted(after - before)))
            before = after
    assert told == []
    assert done == []


def test_key_without_limits_reads_what_its_person_may(place: Place, filled: dict[str, str]) -> None:
    """The other way round: the walk above would see it."""
    caller = Caller(place, "command")
    seen = {
        name
        for name in MATRIX
        if name.startswith("GET")
        and any(
            one in said_by(ask(caller, name, filled))  # type: ignore[arg-type]  # the same
            for one in PRIVATE
        )
    }
    assert {
        "GET /cases", "GET /cases/{case_id}", "GET /exports/{kind}", "GET /register/areas",
        "GET /register/devices", "GET /register/ledgers/{scenario}/{kind}",
        "GET /register/parties", "GET /register/rows/{row_id}",
    } <= seen  # fmt: skip


# what each of these needs instead of `read`
OTHER = {
    "GET /exchange/{partner}/replies", "GET /exchange/{partner}/sent",
    "GET /cases/{case_id}/unsealings",
}  # fmt: skip
# a list of words that are the same for everybody
SAME = {"GET /matters/kinds"}


def test_key_that_may_not_read_reads_nowhere(place: Place, filled: dict[str, str]) -> None:
    caller = Caller(place, "command", verbs=("report",))
    got = {
        name: ask(caller, name, filled).status_code  # type: ignore[arg-type]  # the same
        for name in MATRIX
        if name.startswith("GET") and name not in SAME
    }
    assert {name: code for name, code in got.items() if code not in (403, 404)} == {}


def test_key_that_may_only_read_changes_nothing(place: Place, filled: dict[str, str]) -> None:
    caller = Caller(place, "command", verbs=("read",))
    before, got = entries(), {}
    for n, name in enumerate(MATRIX):
        if not name.startswith("GET"):
            got[name] = ask(caller, name, filled, f"k{n}").status_code  # type: ignore[arg-type]  # the same
    assert entries() == before
    assert {name: code for name, code in got.items() if code == 200} == {}


# ---- the one place where rights are cut ------------------------------------------------------


def rights_of(place: Place, role: str) -> Rights:
    return for_user(place.person(role), place.clock.now_us())


def test_rights_are_cut_and_never_widened(place: Place) -> None:
    paths = {area.id: area.path for area in Area.objects.all()}
    people = place.people
    village, beside, town = paths[people.village], paths[place._beside], paths[people.town]
    whole = rights_of(place, "command")
    assert whole.within() is whole
    inside = whole.within((), village)
    assert inside.may("elder_care", "see", village)
    assert not inside.may("elder_care", "see", beside)
    assert not inside.may("elder_care", "see", town), "the area's own parent neither"
    own = rights_of(place, "village").within((), town)
    assert own.may("elder_care", "see", village)
    assert not own.may("elder_care", "see", beside), "a wider key gives nothing more"
    assert not own.may("elder_care", "see", town)
    none = inside.within((), beside)
    assert none.paths("elder_care", "see") == []
    only = whole.within(("kitchen",))
    assert only.paths("elder_care", "see") == []
    assert only.paths(REGISTER, "see") == []
    assert only.within(("elder_care",)).paths("kitchen", "see") == [], "both, and nothing is both"
    assert whole.within(("elder_care",), village).paths("elder_care", "see") == [village]


def test_relative_of_a_key_is_cut_as_well(place: Place) -> None:
    beside = Area.objects.get(id=place._beside).path
    daughter = rights_of(place, "family")
    assert Contact.objects.filter(person_id=place.person("family")).exists()
    assert daughter.family == {place.people.subject}
    assert daughter.within((), beside).family == frozenset()
    assert daughter.within(("kitchen",)).family == frozenset()
    assert daughter.within(("elder_care",)).family == daughter.family


def test_key_of_who_died_or_took_an_office_is_over(place: Place) -> None:
    dead, clerk = Caller(place, "town"), Caller(place, "stranger")
    assert [one.get("/api/v1/cases").status_code for one in (dead, clerk)] == [200, 200]
    by, now_us = Actor(person_id=None, role="operator", via="command"), place.clock.now_us()
    PartyActs(place.clock, place.keys, by).died(place.person("town"), now_us)
    appoint(place.person("stranger"), "system", OPERATOR, place.clock)
    assert [one.get("/api/v1/cases").status_code for one in (dead, clerk)] == [401, 401]
