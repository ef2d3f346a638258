"""Areas keep their ids while names, codes and parents change; every date has its own truth."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.register.acts import Registrar
from bihuan.register.areas.acts import NewArea, NewShape
from bihuan.register.areas.spans import area_at, children_at, current, path_at, path_now, zones_at
from bihuan.register.history.read import as_it_was, changed_by, history_of
from bihuan.register.models import Area
from tests.rebuilt import differences
from tests.register.territory import CLERK, Territory, day, rows

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def faults(error: pytest.ExceptionInfo[BadInputError]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def test_a_renamed_area_has_its_old_name_on_old_dates(territory: Territory) -> None:
    village = territory.ids["柳溪村"]
    territory.acts.change(village, day("2020-07-01"), NewShape(name=("柳溪社区", "Liuxi")))
    before, after = (area_at(rows(), village, day(d)) for d in ("2020-06-30", "2020-07-01"))
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("柳溪村", "柳溪社区")
    assert territory.row("柳溪村").name == "柳溪社区"
    assert differences() == []


def test_an_area_that_moves_takes_along_what_lies_in_it(territory: Territory) -> None:
    hamlet = territory.add("下沙", "99010110120101", "natural_village", "柳溪村")
    territory.acts.change(
        territory.ids["柳溪村"], day("2021-01-01"), NewShape(parent_id=territory.ids["河口镇"])
    )
    old = territory.path("青禾县", "石桥镇", "柳溪村", "下沙")
    new = territory.path("青禾县", "河口镇", "柳溪村", "下沙")
    assert path_at(rows(), hamlet, day("2020-12-31")) == old
    assert path_at(rows(), hamlet, day("2021-01-01")) == new
    assert path_now(rows(), hamlet) == new
    assert differences() == []


def test_a_merged_town_leads_to_its_successor_and_history_keeps_then(territory: Territory) -> None:
    old, new = territory.ids["石桥镇"], territory.ids["河口镇"]
    territory.acts.merge([old], new, day("2022-01-01"), why="撤并")
    assert current(rows(), old) == new
    then = area_at(rows(), old, day("2021-12-31"))
    assert then is not None
    assert (then.name, then.is_led) == ("石桥镇", False)
    led = area_at(rows(), old, day("2022-01-01"))
    assert led is not None
    assert led.is_led
    village = territory.ids["柳溪村"]
    assert path_at(rows(), village, day("2021-12-31")) == territory.path(
        "青禾县", "石桥镇", "柳溪村"
    )
    assert path_now(rows(), village) == territory.path("青禾县", "河口镇", "柳溪村")
    # who answers in the new town answers for what is still said of the old one
    assert territory.row("石桥镇").path == territory.path("青禾县", "河口镇", "石桥镇")
    assert children_at(rows(), new, day("2022-01-01")) == [
        territory.ids[name] for name in ("柳溪村", "上岭村", "渡头村")
    ]
    assert differences() == []


def test_a_merger_of_a_merger_leads_to_the_last(territory: Territory) -> None:
    a, b = territory.ids["石桥镇"], territory.ids["河口镇"]
    c = territory.add("新河镇", "990101103000", "town", "青禾县", day("2023-01-01"))
    territory.acts.merge([a], b, day("2022-01-01"))
    territory.acts.merge([b], c, day("2023-01-01"))
    assert current(rows(), a) == current(rows(), b) == c
    assert territory.row("石桥镇").path == territory.path("青禾县", "新河镇", "河口镇", "石桥镇")
    assert path_at(rows(), territory.ids["柳溪村"], day("2022-06-01")) == territory.path(
        "青禾县", "河口镇", "柳溪村"
    )
    assert differences() == []


def test_a_split_gives_each_part_its_heir_and_the_rest_to_the_first(territory: Territory) -> None:
    at = day("2024-01-01")
    north = territory.add("石桥北镇", "990101104000", "town", "青禾县", at)
    south = territory.add("石桥南镇", "990101105000", "town", "青禾县", at)
    old = territory.ids["石桥镇"]
    territory.acts.split(old, [north, south], at, {territory.ids["上岭村"]: south})
    assert path_now(rows(), territory.ids["柳溪村"]) == territory.path(
        "青禾县", "石桥北镇", "柳溪村"
    )
    assert path_now(rows(), territory.ids["上岭村"]) == territory.path(
        "青禾县", "石桥南镇", "上岭村"
    )
    assert current(rows(), old) == north
    assert differences() == []


def test_an_area_cannot_lie_in_itself_today_or_on_an_earlier_date(territory: Territory) -> None:
    a = territory.add("甲片", "99010110120101", "natural_village", "柳溪村")
    b = territory.add("乙片", "99010110120102", "natural_village", "柳溪村")
    territory.acts.change(b, day("2020-01-01"), NewShape(parent_id=a))
    with pytest.raises(BadInputError) as error:
        territory.acts.change(a, day("2021-01-01"), NewShape(parent_id=b))
    assert faults(error) == {"parent_id"}
    territory.acts.change(b, day("2022-01-01"), NewShape(parent_id=territory.ids["柳溪村"]))
    with pytest.raises(BadInputError, match="does not lie in"):
        # b has left a since, but on that date it was in it
        territory.acts.change(a, day("2021-06-01"), NewShape(parent_id=b))
    territory.acts.change(a, day("2022-01-01"), NewShape(parent_id=b))
    assert path_now(rows(), a) == territory.path("青禾县", "石桥镇", "柳溪村", "乙片", "甲片")
    assert not Parked.objects.exists()


def test_a_change_with_three_faults_tells_all_three(territory: Territory) -> None:
    new = NewShape(name=("", ""), parent_id=4, code="990101102201")
    with pytest.raises(BadInputError) as error:
        territory.acts.change(territory.ids["柳溪村"], day("2020-01-01"), new)
    assert {"name", "parent_id", "code"} <= faults(error)
    assert territory.row("柳溪村").name == "柳溪村"


def test_a_change_in_the_future_or_before_the_last_one_is_refused(territory: Territory) -> None:
    village = territory.ids["柳溪村"]
    territory.acts.change(village, day("2020-07-01"), NewShape(name=("柳溪社区", "")))
    for at in ("2020-06-30", "2026-03-03"):  # the tests' clock stands at 2026-03-02
        with pytest.raises(BadInputError) as error:
            territory.acts.change(village, day(at), NewShape(name=("别名", "")))
        assert faults(error) == {"at_us"}


def test_nothing_is_done_to_an_area_that_is_merged(territory: Territory) -> None:
    old, new = territory.ids["上岭村"], territory.ids["柳溪村"]
    territory.acts.merge([old], new, day("2022-01-01"))
    with pytest.raises(BadInputError, match="not merged"):
        territory.acts.change(old, day("2023-01-01"), NewShape(name=("别名", "")))
    with pytest.raises(BadInputError, match="an area that stands"):
        territory.add("下沙", "99010110120201", "natural_village", "上岭村")
    with pytest.raises(BadInputError):
        territory.acts.merge([new], old, day("2023-01-01"))


def test_a_merger_before_a_part_last_changed_is_refused(territory: Territory) -> None:
    territory.acts.change(
        territory.ids["柳溪村"], day("2022-01-01"), NewShape(name=("柳溪社区", ""))
    )
    with pytest.raises(BadInputError, match="2021-12-31T16:00:00Z or later"):
        territory.acts.merge([territory.ids["石桥镇"]], territory.ids["河口镇"], day("2021-01-01"))


def test_a_code_is_free_again_once_its_area_is_merged(territory: Territory) -> None:
    at = day("2022-01-01")
    with pytest.raises(BadInputError, match="not taken"):
        territory.add("又一村", "990101101202", "village", "石桥镇", at)
    territory.acts.merge([territory.ids["上岭村"]], territory.ids["柳溪村"], at)
    territory.add("又一村", "990101101202", "village", "石桥镇", at)
    assert Area.objects.filter(code="990101101202").count() == 2
    assert differences() == []


@pytest.mark.parametrize(
    ("code", "level", "parent", "wrong"),
    [
        ("99010110120", "village", "石桥镇", "code"),  # 11 digits
        ("9901011012A1", "village", "石桥镇", "code"),
        ("990101101203", "town", "青禾县", "level"),  # no zeros at its end: a village
        ("990101102203", "village", "石桥镇", "code"),  # in 河口镇
        ("990202103000", "town", "青禾县", "code"),  # in another county
        ("990101000201", "village", "石桥镇", "code"),  # of no town
        ("990000000000", "county", None, "code"),  # a province
        ("990101103000", "town", None, "parent_id"),
        ("990101101", "natural_village", "柳溪村", "code"),
        ("99010110220101", "natural_village", "柳溪村", "code"),
        ("990101106000", "town", "柳溪村", "parent_id"),  # a town in a village
    ],
)
def test_a_national_code_must_fit_its_level_and_parent(
    territory: Territory, code: str, level: str, parent: str | None, wrong: str
) -> None:
    with pytest.raises(BadInputError) as error:
        territory.add("某处", code, level, parent)
    assert wrong in faults(error)


def test_every_level_down_to_a_stairwell_has_its_code(territory: Territory) -> None:
    territory.add("锦绣苑", "99010110120101", "estate", "柳溪村")
    territory.add("3幢", "9901011012010103", "building", "锦绣苑")
    territory.add("2单元", "990101101201010302", "stairwell", "3幢")
    names = ("青禾县", "石桥镇", "柳溪村", "锦绣苑", "3幢", "2单元")
    assert territory.row("2单元").path == territory.path(*names)


def test_a_schematic_code_is_taken_where_it_is_flagged(territory: Territory) -> None:
    new = NewArea(code="77", name=("示意", ""), level="town", parent_id=None, schematic=True)
    identity = territory.acts.register(new)
    assert Area.objects.get(pk=identity).schematic
    with pytest.raises(BadInputError, match="12 digits"):
        territory.acts.change(identity, day("2020-01-01"), NewShape(schematic=False))


def test_the_registrar_of_the_demo_registers_schematic_areas(
    territory: Territory, clock: MovableClock, keys: KeyRing
) -> None:
    identity = Registrar(clock, keys).area("330401", ("示意镇", "Shiyi"), "town", None)
    assert Area.objects.get(pk=identity).schematic


def test_zones_overlap_the_tree_and_each_other(territory: Territory) -> None:
    acts = territory.acts
    forest, park = acts.zone("forest", ("北山林区", "")), acts.zone("park", ("科技园", ""))
    town, village = territory.ids["石桥镇"], territory.ids["柳溪村"]
    held = acts.join_zone(forest, town, day("2020-01-01"))
    acts.join_zone(park, village, day("2021-01-01"))
    assert zones_at(rows(), village, day("2020-06-01")) == [forest]
    assert zones_at(rows(), village, day("2021-06-01")) == [forest, park]
    assert zones_at(rows(), town, day("2021-06-01")) == [forest]
    with pytest.raises(BadInputError, match="not in the zone"):
        acts.join_zone(forest, town, day("2022-01-01"))
    acts.leave_zone(held, day("2022-01-01"))
    assert zones_at(rows(), village, day("2022-01-01")) == [park]
    acts.rename_zone(park, ("数字园", ""), day("2023-01-01"))
    acts.end_zone(park, day("2024-01-01"))
    assert zones_at(rows(), village, day("2024-01-01")) == []
    assert zones_at(rows(), village, day("2023-12-31")) == [park]
    with pytest.raises(BadInputError, match="goes on"):
        acts.join_zone(park, town, day("2024-06-01"))
    assert differences() == []


def test_the_history_of_an_area_says_what_was_and_who_said_it(
    territory: Territory, clock: MovableClock
) -> None:
    village = territory.ids["柳溪村"]
    clock.advance(days=1)
    territory.acts.change(village, day("2020-07-01"), NewShape(name=("柳溪社区", "Liuxi")))
    registered, name, latin = history_of(Area, village)
    assert registered.field == ""
    assert (name.field, name.before, name.after) == ("name", "柳溪村", "柳溪社区")
    assert (latin.before, latin.after) == ("", "Liuxi")
    assert name.by == CLERK
    assert name.effective_us == day("2020-07-01")
    assert name.recorded_us == clock.now_us()
    then = as_it_was(Area, village, day("2020-06-30"))
    assert then is not None
    assert (then["name"], then["latin"], then["code"]) == ("柳溪村", "", "990101101201")
    assert "path" not in then
    assert as_it_was(Area, 5, day("2020-06-30")) is None
    assert changed_by(77, 0, clock.now_us() + 1) == []
