"""Rain added up from a gauge's amounts or its running total: late, twice, begun anew, by hand."""

from __future__ import annotations

import pytest

from bihuan.base.time import HOUR_US, MINUTE_US
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.loop.shows import Measured
from bihuan.rules.live import LiveRules
from bihuan.rules.rule import Rule
from bihuan.rules.why import why
from bihuan.scenarios.hazard.playbook import GAUGE
from bihuan.scenarios.hazard.rain import sums
from bihuan.scenarios.hazard.rules import OWN, RULES, STEPS, TOTALS
from tests.county import World
from tests.rules.bands import run, said

pytestmark = pytest.mark.django_db(databases="__all__")
# by hand: mm and hours of the published signals [V], and of general practice [K]
WANTED = {(50, 12), (50, 6), (50, 3), (100, 3), (20, 1), (50, 24)}
BY_ID = {rule.id: rule for rule in RULES}


class Gauge:
    """A gauge under some rules; `says` at minutes since the test began."""

    def __init__(self, world: World, *rules: Rule) -> None:
        self.world = world
        # the subject of the loop's tests is an elder's; the rules judge any series
        self.live = LiveRules(world.clock, {"elder_care": rules})
        run(self.live)
        self.began_us = world.clock.now_us()

    def says(self, channel: str, value: float, minute: int) -> None:
        world, at_us = self.world, self.began_us + minute * MINUTE_US
        now_us = world.clock.now_us()
        if at_us > now_us:
            world.wall.advance(seconds=(at_us - now_us) // 1_000_000)
        now_us = world.clock.now_us()
        key = (world.people.subject, world.people.device, world.people.device + 1)
        row = NewReading(*key, channel, "mm", at_us, value, 0, now_us)
        append_readings([row], seen0=seen0_now(), clock=world.clock)
        run(self.live)

    def told(self) -> list[tuple[str, str, int]]:
        """(rule, what, minute at which it opened) of everything that was said.

        What changed the past is told at the end of its tick, so a little time passes first.
        """
        self.world.wall.advance(seconds=20)
        run(self.live)
        return [(o.rule, o.what, (o.opened_us - self.began_us) // MINUTE_US) for o in said()]


def test_every_amount_stands_for_own_sums_amounts_and_totals_alike() -> None:
    for rules in (OWN, STEPS, TOTALS):
        found = {tuple(int(p.rstrip("h")) for p in r.id.split("_")[1:3]) for r in rules}
        assert found == WANTED
    for rule in (*STEPS, *TOTALS):
        amount, hours = (int(part.rstrip("h")) for part in rule.id.split("_")[1:3])
        assert rule.typed["limit"] == amount
        assert rule.typed["within"] == hours * HOUR_US
        assert rule.source == BY_ID[f"rain_{amount}_{hours}h"].source
        assert (rule.id in GAUGE.signals) == (rule.severity != "notice")


def test_amounts_are_added_up_and_an_old_one_leaves_the_sum(world: World) -> None:
    """20 + 20 + 9.9 mm in 3 h are not 50; 0.1 more are; at 3 h the first 20 have left."""
    gauge = Gauge(world, BY_ID["rain_50_3h_steps"])
    for minute, mm in ((0, 20.0), (60, 20.0), (120, 9.9)):
        gauge.says("rain_step", mm, minute)
    assert gauge.told() == []
    gauge.says("rain_step", 0.1, 179)
    assert gauge.told() == [("rain_50_3h_steps", "opened", 179)]
    gauge.says("rain_step", 0.0, 180)
    assert gauge.told()[1:] == [("rain_50_3h_steps", "cleared", 179)]


def test_tips_of_a_bucket_reach_the_amount_without_a_hair_missing(world: World) -> None:
    """100 tips of 0.2 mm are 20 mm, though floats add them up to 20.0000…0 or 19.99…9."""
    gauge = Gauge(world, BY_ID["rain_20_1h_steps"])
    for n in range(99):
        gauge.says("rain_step", 0.2, n // 2)
    assert gauge.told() == []


def test_an_amount_that_comes_twice_counts_once_and_a_late_one_where_it_fell(world: World) -> None:
    gauge = Gauge(world, BY_ID["rain_50_3h_steps"])
    gauge.says("rain_step", 30.0, 10)
    gauge.says("rain_step", 30.0, 10)
    assert gauge.told() == [], "sent twice, fallen once"
    gauge.says("rain_step", 5.0, 150)
    assert gauge.told() == []
    gauge.says("rain_step", 20.0, 100)  # 50 minutes late: 30 + 20 by minute 100
    assert gauge.told() == [("rain_50_3h_steps", "opened", 100)]


def test_a_late_amount_may_take_nothing_back_and_an_old_one_opens_nothing(world: World) -> None:
    gauge = Gauge(world, BY_ID["rain_50_3h_steps"])
    gauge.says("rain_step", 30.0, 0)
    gauge.says("rain_step", 30.0, 181)
    gauge.says("rain_step", 1.0, 90)
    assert gauge.told() == [], "31 and 31 mm: no three hours hold 50"


def test_a_running_total_gives_its_increase_and_may_begin_anew(world: World) -> None:
    """900 → 940 → (battery changed) 4 → 10: 40 + 4 + 6 = 50 mm; the 900 itself is no rain."""
    gauge = Gauge(world, BY_ID["rain_50_3h_total"])
    for minute, mm in ((0, 900.0), (60, 940.0), (65, 4.0), (70, 9.9)):
        gauge.says("rain_total", mm, minute)
    assert gauge.told() == []
    gauge.says("rain_total", 9.9, 75)
    assert gauge.told() == [], "no rain, no increase"
    gauge.says("rain_total", 10.0, 80)
    assert gauge.told() == [("rain_50_3h_total", "opened", 80)]


def test_a_total_that_comes_late_moves_the_rain_to_when_it_fell(world: World) -> None:
    """0 → 60 mm first seems to fall at 200 min; a reading of minute 10 shows that 55 fell before.

    So 55 mm by minute 10 open, and by minute 200 only 5 mm are left of three hours.
    """
    gauge = Gauge(world, BY_ID["rain_50_3h_total"])
    gauge.says("rain_total", 0.0, 0)
    gauge.says("rain_total", 60.0, 200)
    assert gauge.told() == [("rain_50_3h_total", "opened", 200)]
    gauge.says("rain_total", 55.0, 10)
    assert len(gauge.told()) > 1
    standing = {}
    for one in said():
        standing[one.number] = (one.what, (one.opened_us - gauge.began_us) // MINUTE_US)
    assert ("opened", 200) not in standing.values()
    assert any(minute == 10 for _what, minute in standing.values())


@pytest.mark.parametrize(("channel", "name"), [("rain_step", "steps"), ("rain_total", "total")])
def test_rain_of_an_outage_is_not_rain_of_the_moment_it_is_told(
    world: World, channel: str, name: str
) -> None:
    """60 mm told after 5 h: 36 of 3 h are no 50 in 3 h, and 12 of 1 h no 20; 60 in 6 h they are."""
    rules = [BY_ID[f"{one}_{name}"] for one in ("rain_50_3h", "rain_20_1h", "rain_50_6h")]
    gauge = Gauge(world, *rules)
    gauge.says(channel, 0.0, 0)
    gauge.says(channel, 60.0, 300)
    assert gauge.told() == [(f"rain_50_6h_{name}", "opened", 300)]
    sentence = why("total", rules[2].typed, "mm", gauge.began_us, 60.0)
    assert "中断超过 1h" in str(sentence["zh"])
    assert "1h without a reading" in str(sentence["en"])


def test_readings_kept_by_the_gauge_and_sent_after_an_outage_count_where_they_fell(
    world: World,
) -> None:
    """The total of minute 300 comes first, then what the gauge had kept: 55 mm by minute 70.

    So 50 mm in 3 h and 20 in 1 h were reached at minute 70, and both were over long before 300.
    """
    names = [f"{one}_total" for one in ("rain_50_3h", "rain_20_1h")]
    gauge = Gauge(world, *(BY_ID[one] for one in names))
    gauge.says("rain_total", 0.0, 0)
    gauge.says("rain_total", 60.0, 300)
    assert gauge.told() == [], "36 and 12 mm, as far as anybody can know"
    for minute, mm in ((240, 58.0), (60, 5.0), (70, 55.0), (120, 55.0), (180, 56.0)):
        gauge.says("rain_total", mm, minute)
    assert {(rule, minute) for rule, what, minute in gauge.told() if what == "opened"} == {
        (one, 70) for one in names
    }
    assert standing(gauge) == {(one, "cleared", 70) for one in names}


def standing(gauge: Gauge) -> set[tuple[str, str, int]]:
    """What is last said of each finding: its rule, what, the minute at which it opened."""
    last = {
        (one.rule, one.number): (one.rule, one.what, (one.opened_us - gauge.began_us) // MINUTE_US)
        for one in said()
    }
    return {one for one in last.values() if one[1] != "withdrawn"}


def test_page_shows_the_hours_as_the_rules_count_them_and_never_0_for_unknown() -> None:
    """By hand: 5 mm 30 min ago, 7 at exactly 1 h ago, 2 bad, 20 at 5 h.

    1 h: 5. 3 h: 5 and half of the 7, of which nothing is known but that they fell in 4 h. 6 h: 32.
    Of a total that grew by 30 mm in 3 h and was told 2 h ago, 10 mm lie in the last 3 h.
    """
    now = 100 * HOUR_US
    ago = ((0.5, 5.0, True), (1, 7.0, True), (2, 2.0, False), (5, 20.0, True), (5, 20.0, True))
    amounts = [Measured(int(now - h * HOUR_US), mm, good) for h, mm, good in ago]
    assert sums(amounts, [], now) == {1: 5.0, 3: 8.5, 6: 32.0, 12: 32.0, 24: 32.0}
    totals = [Measured(now - h * HOUR_US, mm, True) for h, mm in ((5, 900.0), (2, 930.0), (1, 4.0))]
    assert sums([], totals[:2], now)[1] is None
    assert sums([], totals, now) == {1: None, 3: 14.0, 6: 34.0, 12: 34.0, 24: 34.0}
    assert set(sums([], [], now).values()) == {None}
