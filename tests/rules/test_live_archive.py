"""What the rules said live is what a backtest finds over the same journal, and its archive."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US, MINUTE_US
from bihuan.journal import archive
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.rules.archived import archived_readings
from bihuan.rules.backtest import BacktestRequest, backtest_table, changed
from bihuan.rules.live import LiveRules
from bihuan.rules.models import Finding
from bihuan.rules.tables import Table
from bihuan.rules.trial import Within, over_archive
from bihuan.scenarios.elder_care.rules import HEART_RATE_HIGH
from bihuan.wiring.commands.backtest import declared
from tests.county import World
from tests.rebuilt import differences
from tests.rules.bands import Band, run, said

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def digest(rows: list[tuple[str, int, int | None]]) -> str:
    assert rows, "a proof over no findings proves nothing"
    return hashlib.sha256(repr(sorted(rows, key=repr)).encode()).hexdigest()


Event = tuple[int, int, int, float]  # arrival µs, event µs, subject, value


def wandering(subjects: list[int], start_us: int) -> list[Event]:
    """800 minutes of heart rates of each, one in twenty late by up to an hour, as they arrive."""
    rng = np.random.default_rng(7)
    events: list[Event] = []
    for subject in subjects:
        values = np.round(110 + np.cumsum(rng.normal(0, 3, 800)) % 60)
        for n, value in enumerate(values.tolist()):
            at_us = start_us + n * MINUTE_US + subject % 977
            late_us = int(rng.integers(0, HOUR_US)) if rng.random() < 0.05 else 0
            events.append((at_us + late_us, at_us, subject, value))
    return sorted(events)


def found_by_backtest(events: list[Event], subjects: list[int]) -> str:
    table = Table(
        tuple(map(str, subjects)),
        np.array([subjects.index(event[2]) for event in events], np.int32),
        np.array([event[1] for event in events], np.int64),
        np.array([event[3] for event in events]),
        None,
        (),
    )
    found = backtest_table(BacktestRequest("beyond", HEART_RATE_HIGH.typed), table)
    return digest([(row.series, row.opened_us, row.cleared_us) for row in found])


def found_in_the_archive(world: World) -> str:
    """The same once the day is closed; the archive names subject, device and binding."""
    world.wall.advance(days=2)
    archive.close_days(world.clock)
    table = archived_readings("elder_care", HEART_RATE_HIGH)
    found = backtest_table(BacktestRequest("beyond", HEART_RATE_HIGH.typed), table)
    return digest([(row.series.split(":")[0], row.opened_us, row.cleared_us) for row in found])


def test_backtest_over_the_archive_takes_rules_by_name_and_other_limits(
    world: World, band: Band
) -> None:
    band.says(120, 120, 90)
    world.wall.advance(days=2)
    with pytest.raises(BadInputError, match="a closed day"):
        archived_readings("elder_care", HEART_RATE_HIGH)
    archive.close_days(world.clock)
    scenario, rule = declared("elder_care.heart_rate_high")
    assert list(over_archive(Within(scenario), rule)) == []
    lower = changed(rule, ["limit=110"])
    (row,) = over_archive(Within(scenario), lower)
    assert row.series.startswith(f"{world.people.subject}:")
    assert row.why["limit"] == "110"
    with pytest.raises(BadInputError, match=r"elder_care\.link_silent"):
        declared("elder_care.nothing")


def test_live_equals_backtest_over_the_same_journal_by_digest(
    world: World, live: LiveRules
) -> None:
    subjects = [world.people.subject, *(world.subject() for _ in range(5))]
    events = wandering(subjects, world.clock.now_us())
    step_us, before_us = 10 * MINUTE_US, 0
    while before_us < events[-1][0]:
        now_us = world.clock.now_us()
        rows = [
            NewReading(subject, subject, 1, "heart_rate", "bpm", at_us, value, 0, arrived_us)
            for arrived_us, at_us, subject, value in events
            if before_us < arrived_us <= now_us
        ]
        if rows:
            append_readings(rows, seen0=seen0_now(), clock=world.clock)
            run(live)
        before_us = now_us
        world.wall.advance(microseconds=step_us)
    run(live)
    standing = Finding.objects.filter(rule="heart_rate_high").exclude(what="withdrawn")
    got = [(str(row.subject_id), row.opened_us, row.cleared_us) for row in standing]
    assert digest(got) == found_by_backtest(events, subjects)
    assert digest(got) == found_in_the_archive(world)
    assert "revised" in {finding.what for finding in said()}, "no late reading changed anything"
    assert differences() == []
