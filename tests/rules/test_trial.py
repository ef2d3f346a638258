"""A changed rule beside the present one, over what was archived and over long-form files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US
from bihuan.console.tuning.judged import Verdicts, judged_cases, verdicts
from bihuan.journal import archive
from bihuan.register import rights
from bihuan.register.records.doing import By
from bihuan.rules.backtest import BacktestRequest, changed, run_backtest, settings_of
from bihuan.rules.compare import CONFIRMED, FALSE_ALARM
from bihuan.rules.live import LiveRules
from bihuan.rules.models import Finding
from bihuan.rules.overrides.acts import Limits, NewLimit, NewOverride
from bihuan.rules.plot import Day, per_day_svg
from bihuan.rules.trial import Within, compared, over_archive
from bihuan.scenarios.elder_care.rules import HEART_RATE_HIGH
from bihuan.wiring.commands.backtest import add_to
from tests.county import World
from tests.rules.bands import LIVE, Band, run

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
NAME = "elder_care.heart_rate_high"
app = typer.Typer()
add_to(app)


@pytest.fixture(autouse=True)
def grants() -> Iterator[None]:
    before = dict(rights._grants)
    rights.grant("elder_care", "county_command", ["tune"])
    yield
    rights._grants.clear()
    rights._grants.update(before)


def story(world: World, band: Band, live: LiveRules) -> None:
    """An hour apart: 140 as declared; then the county's 120; then the person's own 150."""
    limits = Limits(world.clock, world.keys, LIVE)

    def beats(*values: float) -> None:
        world.wall.advance(hours=1)
        band.says(*values, 90)
        run(live)

    def by(key: str) -> By:
        return By(world.people.commander, "page", key)

    beats(140, 140)
    beats(125, 125)
    new = {"scenario": "elder_care", "rule": "heart_rate_high", "unit": "bpm"}
    limits.set_limit(
        NewLimit(
            **new,
            area_id=world.people.county,
            parameters={"limit": 120},
            source="县卫健局",
            effective_from="2026-03-02",
        ),
        by("1"),
    )
    beats(125, 125)
    limits.override(
        NewOverride(
            **new,
            subject_id=world.people.subject,
            parameters={"limit": 150},
            reason="医生",
            until_us=world.clock.now_us() + 3 * HOUR_US,
        ),
        by("2"),
    )
    beats(140, 140)
    beats(155, 155)
    world.wall.advance(hours=2)
    beats(125, 125)
    world.wall.advance(days=2)
    archive.close_days(world.clock)


def test_backtest_over_the_archive_judges_as_live_did_by_what_was_then_set(
    world: World, band: Band, live: LiveRules
) -> None:
    story(world, band, live)
    lived = Finding.objects.filter(rule="heart_rate_high").order_by("opened_us")
    assert [row.measure for row in lived] == [140.0, 125.0, 155.0, 125.0]
    assert [row.setting_id is None for row in lived] == [True, False, False, False]
    found = list(over_archive(Within("elder_care", keys=world.keys), HEART_RATE_HIGH))
    got = [(row.opened_us, row.cleared_us) for row in found]
    assert got == [(row.opened_us, row.cleared_us) for row in lived]
    assert [row.why["limit"] for row in found] == ["130", "120", "150", "120"]


def test_changed_rule_beside_the_present_one_tells_who_is_missed(
    world: World, band: Band, live: LiveRules
) -> None:
    """Limit 145 misses 140 and twice 125, and 155 stays found by the person's own 150."""
    story(world, band, live)
    tried = changed(HEART_RATE_HIGH, ["limit=145"])
    told: list[tuple[int, int]] = []
    both = compared(
        Within("elder_care", keys=world.keys),
        (HEART_RATE_HIGH, tried),
        progress=lambda done, total: told.append((done, total)),
    )
    difference = both.difference
    assert (difference.present, difference.changed, difference.more) == (4, 1, -3)
    assert list(difference.by_series.values()) == [(4, 1)]
    assert difference.by_day == {"2026-03-02": (4, 1)}
    assert [row.why["limit"] for row in both.changed] == ["150"]
    assert told[-1][0] == told[-1][1]


def test_verdicts_are_those_of_the_cases_on_which_a_finding_stands(
    world: World, band: Band, live: LiveRules
) -> None:
    band.says(140, 140, 90)
    run(live)
    world.settle()
    assert verdicts("elder_care", "heart_rate_high") == Verdicts(1, 1, 0, 0)
    assert verdicts("elder_care", "heart_rate_high").false_percent is None
    world.do("false_alarm", world.people.secretary)
    (judged,) = judged_cases("elder_care", "heart_rate_high")
    finding = Finding.objects.get(rule="heart_rate_high")
    assert (judged.verdict, judged.opened_us) == (FALSE_ALARM, finding.opened_us)
    assert judged.series.startswith(f"{world.people.subject}:")
    assert verdicts("elder_care", "heart_rate_high").false_percent == 100
    world.wall.advance(hours=1)
    band.says(140, 140)
    run(live)
    world.settle()
    again = world.do("take", world.people.secretary)
    world.do("report", world.people.secretary, text="量过，正常")
    world.settle()
    world.do("solved", world.people.daughter)
    assert again
    assert [one.verdict for one in judged_cases("elder_care", "heart_rate_high")] == [
        FALSE_ALARM,
        CONFIRMED,
    ]
    assert verdicts("elder_care", "heart_rate_high").false_percent == 50


LONG = """at,who,what,reading
2026-03-01 00:00:00,a,heart_rate,140
2026-03-01 00:00:00,a,steps,9
2026-03-01 00:01:00,a,heart_rate,141
2026-03-01 00:02:00,b,heart_rate,125
2026-03-01 00:03:00,b,heart_rate,125
2026-03-01 00:04:00,a,steps,500
"""
COLUMNS = ("time=at", "value=reading", "series=who", "channel=what")


def test_long_form_file_gives_each_rule_its_channel(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text(LONG)
    columns = dict(pair.split("=") for pair in COLUMNS)
    parameters = settings_of("beyond", ["limit=130", "side=above", "for=30s"])
    request = BacktestRequest("beyond", parameters, (file,), columns, channel="heart_rate")
    assert [row.series for row in run_backtest(request)] == ["a"]
    paired = settings_of("rate", ["other=steps", "limit=1", "side=above", "within=1h"])
    request = BacktestRequest("rate", paired, (file,), columns, channel="heart_rate")
    assert list(run_backtest(request)) == []
    with pytest.raises(BadInputError, match="--channel"):
        BacktestRequest("beyond", parameters, (file,), columns)
    with pytest.raises(BadInputError, match="no such row"):
        list(run_backtest(BacktestRequest("beyond", parameters, (file,), columns, channel="rain")))


def test_compare_command_prints_lines_and_draws_days(world: World, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text(LONG)
    options = [part for pair in COLUMNS for part in ("--column", pair)]
    command = [NAME, str(file), *options, "--json", "--compare"]
    picture = tmp_path / "days.svg"
    done = CliRunner().invoke(app, [*command, "--set", "limit=120", "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["series"], line["in"]) for line in lines[:-1]] == [
        ("a", "both"),
        ("b", "changed"),
    ]
    assert lines[-1]["summary"]["more"] == 1
    assert lines[-1]["summary"]["by_series"] == {"b": [0, 1]}
    assert "2026-03-01: 2" in picture.read_text()
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code != 0


def test_plot_shows_days_without_a_finding(tmp_path: Path) -> None:
    drawn = per_day_svg(
        [Day("2026-03-01", 2, 0), Day("2026-03-04", 1, 3)], "a < b", ("now", "then")
    )
    assert drawn.count("<title>2026-") == 8
    assert "a &lt; b" in drawn
