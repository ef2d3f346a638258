"""Outside an area, against shapely's own answer and by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.rules.areas import area_of
from bihuan.rules.engine import run_of
from bihuan.rules.kernels.outside import mark
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore, History
from bihuan.rules.run import Lateness, Run
from tests.rules import oracles
from tests.rules.streams import N_SERIES, S, Stream, accepted, fed, rows_of, standing, stream

SQUARE = "120,30;121,30;121,31;120,31"
RING = "POLYGON((0 0,8 0,8 8,0 8,0 0),(2 2,2 4,4 4,4 2,2 2))"
coordinates = st.integers(-1, 9).map(float) | st.floats(-1, 9, allow_nan=False, width=16)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lon=coordinates, lat=coordinates)
def test_mark_agrees_with_shapely_on_holes_edges_and_corners(lon: float, lat: float) -> None:
    edges = area_of(RING).edges()
    starts = np.array([0, len(edges)], np.int32)
    got = mark(np.array([lat]), np.array([lon]), np.zeros(1, np.int32), starts, edges)
    assert (got[0] == 0.0) == shapely.from_wkt(RING).covers(shapely.Point(lon, lat))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_outside_agrees_with_its_oracle_however_its_lane_is_cut(seed: int) -> None:
    """Latitudes 30.5 and 31 lie inside or on the edge, the others outside; NaN is no position."""
    rng = random.Random(seed)
    fixes, hold = rng.choice([1, 2, 3]), rng.choice([0, 5, 20])
    parameters = checked(
        KINDS["outside"], {"polygon": SQUARE, "fixes": str(fixes), "for": f"{hold}s"}
    )
    lateness = Lateness(bound_us=rng.choice([20, 2000]) * S, ahead_us=10 * S)

    def make(history: History) -> Run:
        return run_of("outside", parameters, N_SERIES, lateness, history)

    plain = stream(rng, (30.5, 30.5, 31.0, 31.5, 29.0, float("nan")), 40)
    b = plain.batch
    placed = Batch(b.slot, b.time_us, b.arrival_us, b.value, np.full(len(b), 120.5))
    unruly = Stream(placed, plain.end_us)
    said = fed(make, unruly, [])
    cuts = [rng.randrange(len(b) + 1) for _ in range(9)]
    assert rows_of(fed(make, unruly, cuts, stops=True)) == rows_of(said)
    for slot, readings in accepted(b, lateness).items():
        marks = [(at, 0.0 if 30.0 <= lat <= 31.0 else 1.0) for at, lat in readings]
        want = oracles.beyond(marks, 0.5, "above", hold * S, 0.5, fixes)
        assert standing(said)[slot] == sorted(want, key=lambda f: (f[0], f[1] or 2**62))


def test_outside_holds_each_series_to_its_own_area() -> None:
    parameters = checked(KINDS["outside"], {"polygon": SQUARE, "fixes": "1", "for": "0"})
    run = run_of("outside", parameters, 2, Lateness(), FedBefore())
    run.set_area(1, area_of("0,0;1,0;1,1;0,1"), 1, 0)  # type: ignore[attr-defined]
    both = Batch(
        np.array([0, 1], np.int32),
        np.array([0, 0]),
        np.array([0, 0]),
        np.array([30.5, 30.5]),
        np.array([120.5, 120.5]),
    )
    assert run.feed(both)["slot"].tolist() == [1]


def test_outside_restored_keeps_each_series_to_its_own_area() -> None:
    """The second series has an area of its own, with a hole; nobody sets it again."""
    parameters = checked(KINDS["outside"], {"polygon": SQUARE, "fixes": "1", "for": "0"})
    run = run_of("outside", parameters, 2, Lateness(), FedBefore())
    run.set_area(1, area_of(RING), 2, 0)  # type: ignore[attr-defined]
    kept = run.snapshot()
    again = run_of("outside", parameters, 2, Lateness(), FedBefore())
    again.restore(kept)
    slots = np.array([0, 1, 0, 1, 0, 1], np.int32)
    times = np.array([0, 0, S, S, 2 * S, 2 * S])
    latitude = np.array([30.5, 1.0, 3.0, 3.0, 3.0, 3.0])
    longitude = np.array([120.5, 1.0, 3.0, 3.0, 3.0, 3.0])
    said = again.feed(Batch(slots, times, times, latitude, longitude))
    assert said[["slot", "opened_us"]].tolist() == [(0, S), (1, 2 * S)]
    assert again.snapshot()["areas"].tolist() == kept["areas"].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "0,0;2,2;2,0;0,2",  # crosses itself
        "POLYGON((0 0,2 2,2 0,0 2,0 0))",
        "0,0;1,1",
        "0,0;1,1;2,2",
        "0,0;1,0;1,x",
        "0,0;200,0;0,50",
        "0,0;1,0;nan,1",
        "POINT(1 1)",
        '{"type":"Point","coordinates":[1,1]}',
        '{"type":"Polygon"}',
        "POLYGON EMPTY",
        "",
    ],
)
def test_area_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        area_of(text)
    assert caught.value.faults[0].field == "polygon"


def test_area_is_the_same_as_wkt_geojson_and_pairs() -> None:
    wkt = "POLYGON((120 30,121 30,121 31,120 31,120 30))"
    geojson = (
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon",'
        '"coordinates":[[[120,30],[121,30],[121,31],[120,31],[120,30]]]}}'
    )
    edges = area_of(SQUARE).edges().tolist()
    assert area_of(wkt).edges().tolist() == edges == area_of(geojson).edges().tolist()
