"""CAP as stations send it on a bad day: run out, of two parts, of places nobody here knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bihuan.base.time import datetime_of
from bihuan.gateway.formats import cap
from bihuan.loop.models import Case
from bihuan.loop.warned.models import CaseWarning
from bihuan.register.acts import Registrar
from bihuan.register.entries import SignalReceived
from bihuan.register.warnings.models import OfficialWarning
from tests.county import World
from tests.gateway.http.post import AT_US, Gate, said
from tests.gateway.http.test_warnings import about, alert, post
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
CODE = "GB/T 2260"


def test_warning_that_ran_out_on_the_way_is_kept_and_wakes_nobody(world: World, gate: Gate) -> None:
    made = alert(1)
    early = datetime_of(AT_US) - timedelta(hours=2)
    info = replace(made.infos[0], expires=early + timedelta(hours=1))
    (got,) = post(world, gate, replace(made, sent=early, infos=(info,)))
    assert (got.status, got.json["signal"]) == (201, None)
    row = OfficialWarning.objects.get()
    assert row.state_at(row.received_us) == "expired"
    assert said(SignalReceived) == []
    assert differences() == []


def test_same_two_parts_again_are_no_upgrade(world: World, gate: Gate) -> None:
    """The graver part stands second: it is weighed on both sides."""
    first = alert(1, "Minor")
    wind = replace(first.infos[0], event="大风红色预警信号", severity="Extreme")
    first = replace(first, infos=(first.infos[0], wind))
    again = replace(about(2, first), infos=first.infos)
    _one, got = post(world, gate, first, again)
    assert got.json["change"] == "repeated"
    assert len(said(SignalReceived)) == 1


def test_outline_that_grows_under_the_same_words_is_news(world: World, gate: Gate) -> None:
    def ring(side: str) -> cap.Area:
        d = Decimal(side)
        points = ((Decimal(30), Decimal(121)), (30 + d, Decimal(121)), (30 + d, 121 + d),
                  (Decimal(30), Decimal(121)))  # fmt: skip
        return cap.Area("沿江低洼处", polygons=(points,))

    first = alert(1, areas=(ring("0.1"),))
    _one, same, wider = post(
        world, gate, first, about(2, first, areas=(ring("0.1"),)),
        about(3, about(2, first), areas=(ring("0.2"),)),
    )  # fmt: skip
    assert (same.json["change"], wider.json["change"]) == ("repeated", "upgraded")


@pytest.mark.parametrize(
    ("area", "where"),
    [
        (cap.Area("青石镇", geocodes=(cap.NamedValue(CODE, "990100008"),)), "town"),
        # its code is one of another scheme, and it is known by the county's
        (
            cap.Area("青石镇", geocodes=(cap.NamedValue("EMMA_ID", "CN42"),
                                      cap.NamedValue(CODE, "990100008"))), "town",
        ),
        # one of two is not known here: who is left out cannot decide
        (
            cap.Area("青石镇", geocodes=(cap.NamedValue(CODE, "990100008"),
                                      cap.NamedValue(CODE, "990100099"))), "county",
        ),
        (cap.Area("青石镇、新设街道"), "county"),
        (cap.Area("青石镇"), "town"),
        (cap.Area("新民村"), "county"),
    ],
)  # fmt: skip
def test_place_that_is_not_known_beside_one_that_is(
    world: World, gate: Gate, area: cap.Area, where: str
) -> None:
    add = Registrar(world.clock, world.keys)
    top = world.people.county
    town = add.area("990100008", ("青石镇", "Qingshi"), "town", top)
    other = add.area("990100007", ("白鹭镇", "Bailu"), "town", top)
    for above, code in ((town, "990100008201"), (other, "990100007201")):
        add.area(code, ("新民村", "Xinmin"), "village", above)
    post(world, gate, alert(1, areas=(area,)))
    (signal,) = said(SignalReceived)
    assert signal.area_id == {"town": town, "county": top}[where]


def test_update_that_spreads_calls_those_who_answer_for_the_wider_place(
    world: World, gate: Gate
) -> None:
    """Who has the first town goes on; the place that is new has a case of its own."""
    add = Registrar(world.clock, world.keys)
    top = world.people.county
    town = add.area("990100008", ("青石镇", "Qingshi"), "town", top)
    add.area("990100007", ("白鹭镇", "Bailu"), "town", top)
    first = alert(1, areas=(cap.Area("青石镇"),))
    wider = about(2, first, areas=(cap.Area("青石镇、白鹭镇"),))
    again = about(3, wider, "Severe", areas=(cap.Area("青石镇、白鹭镇"),))
    over = about(4, again, msg_type="Cancel", areas=(cap.Area("青石镇、白鹭镇"),))

    def cases() -> list[int]:
        world.settle()
        return list(
            Case.objects.filter(kind="warning").order_by("id").values_list("area_id", flat=True)
        )

    post(world, gate, first)
    assert cases() == [town]
    post(world, gate, wider)
    assert cases() == [town, top], "the county is called for the town that is new"
    post(world, gate, again)
    assert cases() == [town, top], "and is held by what is open now"
    post(world, gate, over)
    assert cases() == [town, top]
    told = Counter(CaseWarning.objects.values_list("case_id", flat=True))
    assert sorted(told.values()) == [3, 4], "the lift reaches both"
    assert differences() == []
