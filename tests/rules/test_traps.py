"""What bit earlier: gaps of exactly the limit, full rings, backfills, many readings at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bihuan.rules.engine import run_of
from bihuan.rules.findings import END as OPEN
from bihuan.rules.kernels.records import CLEARED, OPENED, REVISED, RING, WITHDRAWN, Records
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness, Run
from tests.rules.streams import S, batch_of

M = 60 * S


def fed_run(kind: str, given: Mapping[str, object], n: int = 1) -> tuple[Run, FedBefore]:
    history = FedBefore()
    return run_of(kind, checked(KINDS[kind], given), n, Lateness(), history), history


def told(run: Run, history: FedBefore, *rows: tuple[int, int, float]) -> list[tuple[int, ...]]:
    """Feed (event, arrival, value) of series 0; what was said as (label, what, opened, cleared)."""
    batch = batch_of([(0, at, arrival, value) for at, arrival, value in rows])
    said = run.feed(batch)
    history.append(batch)
    return short(said)


def short(said: Records) -> list[tuple[int, ...]]:
    names = ("label_us", "what", "opened_us", "cleared_us")
    return [tuple(int(row[name]) for name in names) for row in said]


def test_silence_of_exactly_the_limit_is_none() -> None:
    run, history = fed_run("silence", {"for": "10m"})
    assert told(run, history, (0, 0, 1.0), (10 * M, 10 * M, 1.0)) == []
    assert short(run.pass_time(20 * M)) == []
    assert short(run.pass_time(20 * M + 1)) == [(20 * M + 1, OPENED, 20 * M, OPEN)]


def test_silence_found_early_is_withdrawn_by_a_reading_at_exactly_the_limit() -> None:
    """The reading of 00:10 arrives at 00:11: at 00:10 and a bit the silence looked real."""
    run, history = fed_run("silence", {"for": "10m"})
    told(run, history, (0, 0, 1.0))
    assert short(run.pass_time(11 * M)) == [(10 * M + 1, OPENED, 10 * M, OPEN)]
    assert told(run, history, (10 * M, 11 * M, 1.0)) == [(11 * M, WITHDRAWN, 10 * M, OPEN)]


def test_silence_is_cleared_at_the_next_reading() -> None:
    run, history = fed_run("silence", {"for": "10m"})
    told(run, history, (0, 0, 1.0))
    run.pass_time(15 * M)
    assert told(run, history, (16 * M, 16 * M, 1.0)) == [(16 * M, CLEARED, 10 * M, 16 * M)]


def test_silence_shortened_by_a_late_reading_is_revised_not_opened_again() -> None:
    run, history = fed_run("silence", {"for": "10m"})
    told(run, history, (0, 0, 1.0), (60 * M, 60 * M, 1.0))
    told(run, history, (5 * M, 61 * M, 1.0))
    said = short(run.pass_time(62 * M))
    assert said == [(61 * M + S, REVISED, 15 * M, 60 * M)]


def test_beyond_goes_deeper_than_its_full_ring_and_finds_the_past_in_the_history() -> None:
    """One more reading than the ring holds; a late one before them all is still judged."""
    run, history = fed_run("beyond", {"limit": 10, "side": "above", "for": "0"})
    told(run, history, *((k * M, k * M, 1.0) for k in range(1, RING + 2)))
    assert told(run, history, (30 * S, 9 * M, 20.0)) == []
    assert short(run.pass_time(10 * M)) == [
        (9 * M + S, OPENED, 30 * S, OPEN),
        (9 * M + S, CLEARED, 30 * S, M),
    ]
    assert run.tally()["from_history"] == 1


def test_backfill_of_36000_rows_is_told_once_per_series() -> None:
    """20 series, 1,800 s of buffered excursion each, after live readings had gone on."""
    n, length = 20, 1_800
    run, history = fed_run("beyond", {"limit": 10, "side": "above", "for": "0"}, n)
    slots = np.arange(n, dtype=np.int32)
    for at in (0, 3_600 * S):
        live = Batch(slots, np.full(n, at), np.full(n, at), np.ones(n))
        assert len(run.feed(live)) == 0
        history.append(live)
    back = Batch(
        np.repeat(slots, length),
        np.tile((60 + np.arange(length)) * S, n),
        np.full(n * length, 3_601 * S),
        np.full(n * length, 20.0),
    )
    for start in range(0, len(back), 500):
        part = back.where(slice(start, start + 500))
        assert len(run.feed(part)) == 0
        history.append(part)
    said = run.pass_time(3_602 * S)
    assert len(said) == 2 * n  # opened and cleared, once each
    assert set(short(said)) == {
        (3_602 * S, OPENED, 60 * S, OPEN),
        (3_602 * S, CLEARED, 60 * S, 3_600 * S),
    }


def test_reading_beyond_the_lateness_bound_is_counted_and_not_judged() -> None:
    run, history = fed_run("beyond", {"limit": 10, "side": "above", "for": "0"})
    day = 24 * 60 * M
    told(run, history, (2 * day, 2 * day, 1.0), (day - 1, 2 * day, 20.0))
    assert short(run.pass_time(2 * day + S)) == []
    assert run.tally()["beyond_lateness"] == 1


def test_wrong_clock_ages_out_neither_its_own_series_nor_another() -> None:
    run, _ = fed_run("beyond", {"limit": 10, "side": "above", "for": "0"}, 2)
    year = 365 * 24 * 60 * M
    batch = batch_of([(0, year, 0, 20.0), (0, M, M, 20.0), (1, M, M, 20.0)])
    assert short(run.feed(batch)) == [(M, OPENED, M, OPEN)] * 2
    assert run.tally()["ahead_of_time"] == 1


def test_beyond_held_for_a_time_opens_at_the_reading_that_shows_it() -> None:
    """Beyond since 1 min; at 11 min it has been so for 10; the value on the limit is not beyond."""
    run, history = fed_run("beyond", {"limit": 10, "side": "above", "for": "10m", "clear": 8})
    rows = [(k * M, k * M, v) for k, v in ((0, 10.0), (1, 11.0), (6, 11.0), (11, 11.0), (12, 9.0))]
    assert told(run, history, *rows) == [(11 * M, OPENED, 11 * M, OPEN)]
    assert told(run, history, (13 * M, 13 * M, 8.0)) == [(13 * M, CLEARED, 11 * M, 13 * M)]


def test_more_readings_at_one_instant_than_a_ring_holds_are_told_apart() -> None:
    """Ten readings at one instant, then the first of them again: a repeat, nothing new."""
    run, history = fed_run("beyond", {"limit": 10, "side": "above", "for": "0"})
    told(run, history, *((M, M, float(k)) for k in range(1, 11)))
    assert told(run, history, (M, 2 * M, 1.0)) == []
    assert short(run.pass_time(3 * M)) == []


def test_checkpoint_overtaken_by_a_late_reading_is_not_used() -> None:
    """The reading of 15 s opens a finding that lasts; a checkpoint of 20 s did not know of it.

    A ring spans a minute here and the bound is 100 s, so the reading of 40 s that comes at 140 s
    is judged from a checkpoint: the finding stands as before.
    """
    history = FedBefore()
    given = checked(KINDS["beyond"], {"limit": 10, "side": "above", "for": "0", "clear": 0.5})
    run = run_of("beyond", given, 1, Lateness(bound_us=100 * S), history)
    for at in range(0, 80, 10):
        assert told(run, history, (at * S, at * S, 1.0)) == []
    told(run, history, (15 * S, 75 * S, 20.0))
    assert told(run, history, (80 * S, 80 * S, 1.0)) == [(76 * S, OPENED, 15 * S, OPEN)]
    for at in range(90, 150, 10):
        assert told(run, history, (at * S, at * S, 1.0)) == []
    told(run, history, (40 * S, 140 * S, 1.0))
    assert short(run.pass_time(150 * S)) == []
    assert run.tally()["from_history"] == 2


KITCHEN = {"hot": 60, "middle": 21, "cold": 8, "first": "2h", "second": "2h"}


def test_cooling_on_time_to_the_minute_opens_nothing() -> None:
    """60 at 0:00, 21 at 2:00, 8.5 at 4:00: nothing is late yet; at 4:05 8.5 is."""
    run, history = fed_run("cooling", KITCHEN)
    for minute, c in ((0, 60.0), (60, 35.0), (120, 21.0), (240, 8.5)):
        assert told(run, history, (minute * M, minute * M, c)) == []
    assert told(run, history, (245 * M, 245 * M, 8.5)) == [(245 * M, OPENED, 245 * M, OPEN)]
    assert told(run, history, (250 * M, 250 * M, 8.0)) == [(250 * M, CLEARED, 245 * M, 250 * M)]


def test_cooling_found_too_slow_is_over_when_heated_again_and_then_begins_anew() -> None:
    """Hot until 0:30, still 22 at 2:40; 75 at 3:00 begins another cooling, found at 5:10."""
    run, history = fed_run("cooling", KITCHEN)
    rows = ((0, 90.0), (30, 60.0), (60, 59.9), (150, 22.0))
    assert told(run, history, *((m * M, m * M, c) for m, c in rows)) == []
    assert told(run, history, (160 * M, 160 * M, 22.0)) == [(160 * M, OPENED, 160 * M, OPEN)]
    again = [(180 * M, 180 * M, 75.0), (240 * M, 240 * M, 40.0), (310 * M, 310 * M, 20.0)]
    assert told(run, history, *again) == [
        (180 * M, CLEARED, 160 * M, 180 * M),
        (310 * M, OPENED, 310 * M, OPEN),
    ]


def test_count_forgets_what_its_window_has_left() -> None:
    """Three above 10 within 10 minutes, both ends counted; a value on the limit is none."""
    run, history = fed_run("count", {"limit": 10, "side": "above", "times": 3, "within": "10m"})
    rows = ((0, 11.0), (4, 10.0), (5, 11.0))
    assert told(run, history, *((m * M, m * M, v) for m, v in rows)) == []
    assert told(run, history, (10 * M, 10 * M, 12.0)) == [(10 * M, OPENED, 10 * M, OPEN)]
    assert told(run, history, (11 * M, 11 * M, 1.0)) == [(11 * M, CLEARED, 10 * M, 11 * M)]
