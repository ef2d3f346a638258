"""Readings: interned series, one entry per lane, nothing added twice, nothing lost."""

from __future__ import annotations

import math

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.models import Entry, Head, Series
from bihuan.journal.read import read_batches
from bihuan.journal.readings import NewReading, append_readings, forget_slots, seen0_now
from bihuan.journal.series import SeriesKey, lane_of, series_of_subject
from bihuan.journal.storage import alias_of, reading_lanes

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def reading(
    subject: int | None = 1, *, device: int = 7, binding: int | None = 3, **more: float
) -> NewReading:
    """A heart rate of 72 bpm, measured when the tests begin."""
    at_us = int(more.get("at_us", 1_772_409_600_000_000))
    return NewReading(
        subject=subject,
        device=device,
        binding=binding if subject is not None else None,
        channel="heart_rate",
        unit="bpm",
        event_us=at_us,
        value=more.get("value", 72.0),
        quality=int(more.get("quality", 0)),
        arrival_us=at_us + 1_000_000,
    )


def stored() -> list[tuple[int | None, int, float]]:
    """(subject, event µs, value) of everything in the journal."""
    found = []
    for lane in reading_lanes():
        for place in read_batches(lane):
            rows = place.batch
            for slot, event_us, value in zip(
                rows.series.tolist(), rows.event_us.tolist(), rows.value.tolist(), strict=True
            ):
                found.append((place.slots.series(slot).subject, event_us, value))
    return found


def count_entries() -> int:
    return Entry.objects.using(alias_of(1)).filter(lane__gt=0, lane__lt=255).count()


def test_readings_of_one_call_are_one_batch_in_each_lane(county: str, clock: MovableClock) -> None:
    done = append_readings([reading(s) for s in range(1, 41)], seen0=seen0_now(), clock=clock)
    assert sorted(done.positions) == [1, 2, 3, 4]  # forty subjects reach all four lanes
    assert sorted(stored()) == [(s, 1_772_409_600_000_000, 72.0) for s in range(1, 41)]
    # opened, one channel and ten or so series in each lane, then the batch
    for lane, position in done.positions.items():
        here = Series.objects.using(alias_of(1)).filter(lane=lane).count()
        assert position == 1 + 1 + here + 1
        head = Head.objects.using(alias_of(1)).get(lane=lane)
        assert head.position == position


def test_a_series_stays_in_its_lane_whatever_the_device(county: str, clock: MovableClock) -> None:
    for device in (7, 8, 9):
        append_readings([reading(5, device=device)], seen0=1, clock=clock)
    places = series_of_subject(5)
    assert len({at.lane for at in places}) == 1
    assert [at.key for at in places] == [SeriesKey(5, device, 3) for device in (7, 8, 9)]


def test_an_unbound_device_and_its_binding_are_two_series(county: str, clock: MovableClock) -> None:
    append_readings([reading(None)], seen0=1, clock=clock)
    append_readings([reading(5)], seen0=1, clock=clock)
    append_readings([reading(5, binding=4)], seen0=1, clock=clock)
    keys = {
        SeriesKey(s.subject, s.device, s.binding) for s in Series.objects.using(alias_of(1)).all()
    }
    assert keys == {SeriesKey(None, 7, None), SeriesKey(5, 7, 3), SeriesKey(5, 7, 4)}


def test_a_lane_is_the_published_mix_of_splitmix64() -> None:
    # splitmix64's finaliser maps 1 to 0x5692161d100b05e5 (reference outputs of its author's C)
    assert lane_of(SeriesKey(1, 9, None), 1 << 20) == 1 + (0x5692161D100B05E5 & 0xFFFFF)
    assert lane_of(SeriesKey(None, 1, None), 16) == 1 + (0x5692161D100B05E5 & 0xF)


def test_two_equal_readings_are_two(county: str, clock: MovableClock) -> None:
    append_readings([reading()], seen0=1, clock=clock)
    append_readings([reading()], seen0=1, clock=clock)
    assert stored() == [(1, 1_772_409_600_000_000, 72.0)] * 2


def test_a_resent_frame_adds_nothing(county: str, clock: MovableClock) -> None:
    first = append_readings([reading()], seen0=1, clock=clock, idem=b"dev7:00ab")
    before = count_entries()
    clock.advance(minutes=9)
    again = append_readings([reading()], seen0=1, clock=clock, idem=b"dev7:00ab")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.positions == first.positions
    assert count_entries() == before


def test_a_resent_frame_is_known_after_a_new_binding(county: str, clock: MovableClock) -> None:
    append_readings([reading(None)], seen0=1, clock=clock, idem=b"dev7:00ab")
    for subject in range(1, 9):  # wherever the subject's lane is
        again = append_readings([reading(subject)], seen0=1, clock=clock, idem=b"dev7:00ab")
        assert not again.is_new
    assert len(stored()) == 1


def test_a_serial_that_wrapped_is_a_new_frame(county: str, clock: MovableClock) -> None:
    append_readings([reading()], seen0=1, clock=clock, idem=b"dev7:00ab")
    clock.advance(minutes=11)
    assert append_readings([reading()], seen0=1, clock=clock, idem=b"dev7:00ab").is_new


def test_no_number_survives_as_it_came(county: str, clock: MovableClock) -> None:
    values = [math.nan, math.inf, -math.inf, -0.0, 5e-324]
    append_readings([reading(value=v, quality=1) for v in values], seen0=1, clock=clock)
    (_, _, _, _, batch, _) = next(read_batches(series_of_subject(1)[0].lane))
    assert [v.hex() for v in batch.value.tolist()] == [v.hex() for v in values]
    assert batch.quality.tolist() == [1] * 5


def test_slots_are_found_again_by_another_process(county: str, clock: MovableClock) -> None:
    append_readings([reading(s) for s in range(1, 9)], seen0=1, clock=clock)
    before = count_entries()
    forget_slots()
    append_readings([reading(s) for s in range(1, 9)], seen0=1, clock=clock)
    assert Series.objects.using(alias_of(1)).count() == 8
    assert count_entries() == before + len(
        {at.lane for s in range(1, 9) for at in series_of_subject(s)}
    )


def test_no_readings_are_refused(county: str, clock: MovableClock) -> None:
    with pytest.raises(BadInputError, match="readings: got 0, want 1 to 20000 rows"):
        append_readings([], seen0=1, clock=clock)


def test_seen0_below_zero_is_refused_and_leaves_nothing(county: str, clock: MovableClock) -> None:
    before = count_entries()
    with pytest.raises(BadInputError, match="seen0"):
        append_readings([reading()], seen0=-1, clock=clock)
    assert count_entries() == before
    assert append_readings([reading()], seen0=0, clock=clock).is_new
