"""Two towns become one while work is open: who answers there now finds all of it, others none.

The town's log, its handover, its signed report, its call-out and its case carry the path that they
had; where their area lies today decides who sees them, and a page of that day still says what was.
"""

from __future__ import annotations

import pytest

from bihuan.base.time import HOUR_US, rfc3339
from bihuan.console.access import keys as system_keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.loop.callout.acts import CallOuts, Order
from bihuan.loop.callout.who import Whom
from bihuan.loop.shift.acts import Line, Shifts
from bihuan.register.areas.acts import AreaActs, NewArea, NewShape
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from tests.console.place import Place
from tests.console.test_api_keys import System
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def successor(place: Place) -> int:
    """河口镇, beside 青石镇; its officer has a sign-in."""
    new = NewArea(
        code="990100009",
        name=("河口镇", "Hekou"),
        level="town",
        parent_id=place.people.county,
        schematic=True,
    )
    return AreaActs(place.clock).register(new)


@pytest.fixture
def work(place: Place) -> dict[str, int]:
    """Open work of 青石镇 before the merger."""
    case_id, town = place.hold_key(), place.people.town
    shifts, now_us = Shifts(place.clock, place.keys), place.clock.now_us()
    by = Actor(person_id=place.people.town_officer, role="town_duty", via="page")
    line = shifts.write(town, Line(now_us, "石桥村有人按呼救", case_id, None), by, "l")
    handover = shifts.offer(town, (now_us - HOUR_US, now_us), "平安", by)
    report = shifts.sign_report(case_id, "first", "快报一", by)
    whom = Whom((town,), roles=("village_duty",))
    order = Order(whom=whom, zh="请到岗", issuer="", mode="drill", wakes=False, event="drill")
    call_out = CallOuts(place.clock, place.keys).order(order, by)
    return {
        "case": case_id, "line": line, "handover": handover, "report": report,
        "call_out": call_out,
    }  # fmt: skip


def seen(place: Place, client: object, work: dict[str, int], town: int) -> dict[str, bool]:
    """Of which of this work the caller finds something."""

    def has(path: str, *numbers: int) -> bool:
        answer = client.get(f"/api/v1{path}")  # type: ignore[attr-defined]  # a browser, or a key
        text = answer.content.decode()
        return answer.status_code == 200 and all(str(number) in text for number in numbers)

    area = f"?area_id={town}"
    return {
        "case": has(f"/cases/{work['case']}", work["case"]),
        "log": has(f"/shift/log{area}", work["line"]),
        "handovers": has(f"/shift/handovers{area}", work["handover"]),
        "handover": has(f"/shift/handovers/{work['handover']}", work["handover"]),
        "reports": has(f"/shift/reports{area}", work["report"]),
        "call_outs": has("/call-outs", work["call_out"]),
        "call_out": has(f"/call-outs/{work['call_out']}", work["call_out"]),
        "subject": has(f"/register/rows/{place.people.subject}", place.people.subject),
        "ledger": has("/register/ledgers/elder_care/elder", place.people.subject),
    }


def test_officer_of_the_successor_finds_what_was_open_and_before_nothing(
    place: Place, successor: int, work: dict[str, int]
) -> None:
    place.registrar.post(place.person("stranger"), "town_duty", successor)
    client = place.client("stranger")
    before = seen(place, client, work, successor)
    assert set(before.values()) == {False}, before
    AreaActs(place.clock).merge([place.people.town], successor, place.clock.now_us())
    after = seen(place, client, work, successor)
    assert set(after.values()) == {True}, after
    assert client.get(f"/shift/handovers/{work['handover']}/").status_code == 200
    assert client.get(f"/shift/reports/{work['report']}/").status_code == 200
    assert client.get(f"/?area={successor}").status_code == 200
    assert differences() == []


def test_key_of_the_merged_town_is_not_widened_and_its_successors_reaches_it(
    place: Place, successor: int, work: dict[str, int]
) -> None:
    other = place._official("章远", "Zhang Yuan", "county_command", place.people.county)
    made = Wanted("平台", other, 30, area_id=place.people.town)
    system = System(system_keys.make(made, Desk.here()))
    neighbour = Wanted("平台二", other, 30, area_id=successor)
    beside = System(system_keys.make(neighbour, Desk.here()))
    assert system.get(f"/cases/{work['case']}").status_code == 200
    assert beside.get(f"/cases/{work['case']}").status_code == 404
    AreaActs(place.clock).merge([place.people.town], successor, place.clock.now_us())
    # nobody gave it the whole of the town that came of it: it wants a key of its own
    assert system.get(f"/cases/{work['case']}").status_code == 404
    assert beside.get(f"/cases/{work['case']}").status_code == 200, "it is in its area now"


def test_area_as_it_was_on_a_day_before_the_merger_and_the_new_name(
    place: Place, successor: int
) -> None:
    client, town, acts = place.client("command"), place.people.town, AreaActs(place.clock)
    begun = rfc3339(place.clock.now_us()).replace("+", "%2B")
    place.wall.advance(days=2)
    acts.change(town, place.clock.now_us(), NewShape(name=("青石街道", "Qingshi")))
    place.wall.advance(days=2)
    acts.merge([town], successor, place.clock.now_us())

    def name(at: str) -> str:
        return str(client.get(f"/api/v1/register/areas/{town}?at={at}").json()["thing"].get("name"))

    renamed = rfc3339(place.clock.now_us() - 24 * HOUR_US).replace("+", "%2B")
    assert (name(begun), name(renamed)) == ("青石镇", "青石街道")
    assert Area.objects.get(id=town).successor_id == successor
    assert differences() == []
