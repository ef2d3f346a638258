"""Readings of the journal become findings of the journal, each once, whatever stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US
from bihuan.journal.models import Head
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.journal.storage import alias_of
from bihuan.register.entries import FindingSaid
from bihuan.rules import live as live_module
from bihuan.rules.live import LiveRules
from bihuan.rules.models import Finding, Snapshot
from bihuan.rules.rule import Rule
from bihuan.scenarios.elder_care.rules import HEART_RATE_HIGH, RULES
from tests.county import World
from tests.rebuilt import differences
from tests.rules.bands import LIVE, Band, fresh, run, said, told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def test_readings_beyond_a_limit_become_a_finding_with_its_why(
    world: World, band: Band, live: LiveRules
) -> None:
    band.says(131, 131)
    run(live)
    (finding,) = said()
    assert (finding.rule, finding.version, finding.kind) == ("heart_rate_high", 1, "beyond")
    assert finding.subject_id == world.people.subject
    assert (finding.measure, finding.limit, finding.unit) == (131.0, 130.0, "bpm")
    assert finding.opened_us == world.clock.now_us()
    assert finding.since_us == world.clock.now_us() - MINUTE_US
    assert finding.cleared_us is None
    assert (finding.severity, finding.source) == ("danger", HEART_RATE_HIGH.source)
    assert differences() == []


@pytest.mark.parametrize(
    ("channel", "values", "rules"),
    [
        ("heart_rate", (130, 130), []),
        ("heart_rate", (131,), []),
        ("heart_rate", (131, 90, 131, 90), []),
        ("heart_rate", (40, 40), ["heart_rate_low"]),
        ("heart_rate", (41, 41), []),
        ("systolic", (180, 180), ["systolic_high"]),
        ("systolic", (179, 179), []),
        ("diastolic", (110, 110), ["diastolic_high"]),
        ("diastolic", (109, 109), []),
    ],
)
def test_elder_care_rules_open_at_their_limits_and_not_before(
    band: Band, live: LiveRules, channel: str, values: tuple[float, ...], rules: list[str]
) -> None:
    band.says(*values, channel=channel)
    run(live)
    assert [finding.rule for finding in said()] == rules


def test_finding_of_a_series_is_cleared_and_the_next_has_the_next_number(
    world: World, band: Band, live: LiveRules
) -> None:
    band.says(140, 140)
    run(live)
    world.wall.advance(minutes=1)
    band.says(90)
    run(live)
    world.wall.advance(minutes=3)
    band.says(150, 150)
    run(live)
    name = "heart_rate_high"
    assert told() == [
        (name, 0, 1, "opened"),
        (name, 0, 2, "cleared"),
        (name, 1, 1, "opened"),
    ]
    assert [row.n for row in Finding.objects.order_by("number")] == [2, 1]


def test_late_reading_withdraws_what_it_disproves(
    world: World, band: Band, live: LiveRules
) -> None:
    band.says(140, 140, step_us=10 * MINUTE_US)
    run(live)
    world.wall.advance(seconds=20)
    band.says(80, ago_us=5 * MINUTE_US)  # between the two: they were not in a row
    world.wall.advance(seconds=2)
    run(live)
    assert told() == [("heart_rate_high", 0, 1, "opened"), ("heart_rate_high", 0, 2, "withdrawn")]


def test_readings_that_come_too_late_are_kept_and_counted_for_operators(
    world: World, band: Band, live: LiveRules
) -> None:
    """Of two days ago and behind today's: no rule judges it, and the log says so."""
    band.says(80)
    band.says(140, ago_us=2 * DAY_US)
    run(live)
    with capture_logs() as logs:
        live.keep()
    assert told() == []
    assert (
        sum(log.get("beyond_lateness", 0) for log in logs if log["event"] == "rules kept a lane")
        >= 1
    )


def test_band_is_silent_after_two_hours_of_recorded_time_and_heard_again(
    world: World, band: Band, live: LiveRules
) -> None:
    band.says(80)
    heard_us = world.clock.now_us()
    run(live)
    world.wall.advance(hours=2)
    run(live)
    assert said() == []
    world.wall.advance(seconds=2)
    run(live)
    (opened,) = said()
    assert (opened.rule, opened.opened_us) == ("link_silent", heard_us + 2 * HOUR_US)
    assert (opened.limit, opened.unit, opened.measure) == (7200.0, "s", None)
    world.wall.advance(hours=1)
    band.says(1, channel="link")  # any frame ends it
    run(live)
    assert told()[1:] == [("link_silent", 0, 2, "cleared")]


def test_waiting_rules_append_one_tick_and_then_nothing(
    world: World, band: Band, live: LiveRules
) -> None:
    band.says(80)
    run(live)
    before = lanes()
    for _hour in range(48):
        world.wall.advance(hours=1)
        run(live)
    assert lanes() - before == 1


def lanes() -> int:
    """Entries of the four reading lanes."""
    heads = Head.objects.using(alias_of(1)).filter(lane__in=range(1, 5))
    return sum(head.position for head in heads)


@pytest.mark.parametrize("is_kept", [True, False])
def test_restart_says_nothing_twice_and_loses_nothing(
    world: World, band: Band, live: LiveRules, is_kept: bool
) -> None:
    band.says(140, 140)
    run(live)
    if is_kept:
        live.keep()
    assert Snapshot.objects.exists() == is_kept
    world.wall.advance(minutes=5)
    band.says(90, 150, 150)
    run(live)
    before = told()
    again = fresh(world)
    run(again)
    assert told() == before
    world.wall.advance(minutes=1)
    band.says(80)
    run(again)
    assert told() == [*before, ("heart_rate_high", 1, 2, "cleared")]
    assert differences() == []


class Killed(BaseException):
    """The process ends here, as by SIGKILL."""


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    def ends(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(LiveRules, name, ends)
        with pytest.raises(Killed):
            yield


@pytest.mark.parametrize("name", ["_append", "_keep"])
def test_kill_around_the_append_says_each_finding_once(
    world: World, band: Band, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Before it nothing was said; after it the snapshot is older than what was said."""
    live = LiveRules(world.clock, LIVE, snapshot_us=0)
    run(live)
    band.says(100, 100)
    run(live)
    world.wall.advance(minutes=5)
    band.says(140, 140)
    with killed_at(monkeypatch, name):
        run(live)
    assert len(told()) == (0 if name == "_append" else 1)
    run(fresh(world))
    assert told() == [("heart_rate_high", 0, 1, "opened")]


def test_kill_between_two_parts_of_an_append_loses_and_doubles_nothing(
    world: World, band: Band, live: LiveRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "FINDINGS_AT_ONCE", 2)
    band.says(*[140, 140, 90] * 4)  # four findings, each opened and cleared
    whole = LiveRules._unsaid

    def two_only(self: LiveRules, findings: list[FindingSaid]) -> Iterator[FindingSaid]:
        for count, finding in enumerate(whole(self, findings)):
            if count == 3:
                return
            yield finding

    with monkeypatch.context() as patch:
        patch.setattr(LiveRules, "_unsaid", two_only)
        run(live)
    assert len(told()) == 3
    run(fresh(world))
    assert told() == [
        ("heart_rate_high", number, n, what)
        for number in range(4)
        for n, what in ((1, "opened"), (2, "cleared"))
    ]


def test_rule_judges_no_reading_from_before_it_was_in_force(world: World, band: Band) -> None:
    band.says(140, 140)
    live = fresh(world)
    run(live)
    assert said() == []
    world.wall.advance(minutes=5)
    band.says(140, 140)
    run(live)
    assert told() == [("heart_rate_high", 0, 1, "opened")]


def test_rule_changed_without_a_new_version_is_refused(world: World, live: LiveRules) -> None:
    changed = [*RULES[1:], _with_limit(120, version=1)]
    with pytest.raises(BadInputError, match="heart_rate_high@1"):
        run(LiveRules(world.clock, {"elder_care": changed}))


def _with_limit(limit: int, version: int) -> Rule:
    parameters = {**HEART_RATE_HIGH.parameters, "limit": limit}
    return replace(HEART_RATE_HIGH, parameters=parameters, version=version)


def test_series_of_nobody_and_values_in_another_unit_say_nothing(
    world: World, live: LiveRules
) -> None:
    now_us = world.clock.now_us()
    device = world.people.device
    rows = [
        NewReading(
            subject, device, None, "heart_rate", unit, now_us + n * MINUTE_US, 140.0, 0, now_us
        )
        for n in range(2)
        for subject, unit in ((None, "bpm"), (world.people.subject, "Hz"))
    ]
    append_readings(rows, seen0=seen0_now(), clock=world.clock)
    run(live)
    assert said() == []


def test_more_series_than_there_was_room_for_are_judged(world: World, live: LiveRules) -> None:
    """100 bands of one elder stand in one lane, which has room for 64 at first."""
    bands = [Band(world, world.people.subject, 1_000 + n) for n in range(100)]
    for band in bands[:50]:
        band.says(140)
    run(live)
    world.wall.advance(minutes=1)
    for band in reversed(bands):  # the new ones first: there must be room before the old are judged
        band.says(140)
    run(live)
    assert sorted(finding.slot for finding in said()) == list(range(50))
