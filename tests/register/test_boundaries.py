"""Boundaries: a declared datum, valid rings, and the area in which a point lies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import shapely

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.register.areas.boundaries import BoundaryFile, area_of, areas_of, import_boundaries
from bihuan.register.areas.datum import gcj02_of, to_wgs84
from bihuan.register.areas.models import AreaBoundary
from bihuan.register.history.read import history_of
from bihuan.register.models import Area
from tests.rebuilt import differences
from tests.register.territory import CLERK, Territory, day

db = pytest.mark.django_db(databases="__all__", transaction=True)
CODES = {"county": "990101000000", "west": "990101101000", "east": "990101102000"}


def box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(code: str, rings: object, kind: str = "Polygon") -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": kind, "coordinates": rings},
    }


def file(*features: dict[str, object], datum: str = "WGS-84") -> BoundaryFile:
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return BoundaryFile(text=text, datum=datum, source="县自然资源局", at_us=day("2020-01-01"))


COUNTY = feature(CODES["county"], box(120.0, 30.0, 120.4, 30.2))
WEST = feature(CODES["west"], box(120.0, 30.0, 120.2, 30.2))
EAST = feature(CODES["east"], box(120.2, 30.0, 120.4, 30.2))


# points in WGS-84 and in GCJ-02 that the test suite of a public converter holds against the maps
@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_gcj02_is_taken_back_to_wgs84(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert gcj02_of(*wgs) == pytest.approx(gcj, abs=2e-6)  # 0.2 m: two ellipsoids are in use
    assert to_wgs84(*gcj02_of(*wgs), "GCJ-02") == pytest.approx(wgs, abs=1e-9)
    assert to_wgs84(*wgs, "CGCS2000") == wgs


def test_gcj02_leaves_a_point_outside_china_where_it_is() -> None:
    assert gcj02_of(48.85, 2.35) == (48.85, 2.35)


@pytest.mark.parametrize("datum", ["", "BD-09", "wgs84", "Beijing 1954"])
def test_an_undeclared_or_unknown_datum_is_refused(datum: str, clock: MovableClock) -> None:
    with pytest.raises(BadInputError, match="datum"):
        import_boundaries(file(COUNTY, datum=datum), clock)


@db
def test_a_point_lies_in_the_smallest_area_that_holds_it(territory: Territory) -> None:
    ids = territory.ids
    done = import_boundaries(file(COUNTY, WEST, EAST), territory.clock, CLERK)
    assert done == [ids["青禾县"], ids["石桥镇"], ids["河口镇"]]
    assert areas_of(30.1, 120.1) == [ids["石桥镇"], ids["青禾县"]]
    assert area_of(30.1, 120.3) == ids["河口镇"]
    assert area_of(30.1, 120.2) == ids["石桥镇"]  # on the line: of both, the one registered first
    assert area_of(30.3, 120.1) is None
    assert area_of(30.1, 120.1, day("2019-12-31")) is None
    with pytest.raises(BadInputError):
        area_of(120.1, 30.1)
    assert history_of(Area, ids["石桥镇"])[-1].field == "boundary"
    assert differences() == []


@db
def test_importing_the_same_file_again_changes_nothing(territory: Territory) -> None:
    import_boundaries(file(COUNTY, WEST), territory.clock)
    assert import_boundaries(file(COUNTY, WEST), territory.clock) == []
    assert AreaBoundary.objects.count() == 2


@db
def test_a_file_in_gcj02_is_kept_in_wgs84_with_the_datum_received(territory: Territory) -> None:
    import_boundaries(file(WEST, datum="GCJ-02"), territory.clock)
    held = AreaBoundary.objects.get()
    assert held.datum == "GCJ-02"
    lat, lon = to_wgs84(30.0, 120.0, "GCJ-02")
    corners = shapely.get_coordinates(shapely.from_wkb(bytes(held.wkb))).tolist()
    assert [pytest.approx((lon, lat), abs=1e-7)] == corners[:1]
    assert abs(held.west - 120.0) > 0.002  # some hundred metres beside the corner as it came


@db
def test_every_fault_of_every_feature_is_told_and_nothing_is_kept(territory: Territory) -> None:
    bow = [[[120.0, 30.0], [120.2, 30.2], [120.2, 30.0], [120.0, 30.2], [120.0, 30.0]]]
    features = (
        COUNTY,
        feature(CODES["west"], bow),
        feature("990101199000", box(120.0, 30.0, 120.2, 30.2)),
        feature(CODES["east"], [[120.0, 30.0]], "Point"),
        feature(CODES["east"], box(120.0, 30.0, 190.0, 30.2)),
        COUNTY,
    )
    with pytest.raises(BadInputError) as error:
        import_boundaries(file(*features), territory.clock)
    told = {fault.field: fault.got for fault in error.value.faults}
    assert set(told) == {
        "features[1].geometry",
        "features[2].code",
        "features[3].geometry",
        "features[4].geometry",
        "features[5].code",
    }
    assert told["features[1].geometry"].startswith("Self-intersection")
    assert not AreaBoundary.objects.exists()


@db
@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 200_000, '{"type": "FeatureCollection", "features": [], "crs": {}}'],
    ids=["nothing", "list", "object", "deep", "no-features"],
)
def test_what_is_no_collection_of_features_is_refused(territory: Territory, text: str) -> None:
    with pytest.raises(BadInputError):
        import_boundaries(replace(file(COUNTY), text=text), territory.clock)


@db
@pytest.mark.parametrize(
    "rings",
    [None, [], [[]], [[[]]], [[[1]]], [[["a", "b"]]], 7, {}, [[[120.0, 30.0], [120.2, 30.2]]]],
)
def test_coordinates_of_no_shape_are_refused(territory: Territory, rings: object) -> None:
    for kind in ("Polygon", "MultiPolygon", "Circle"):
        with pytest.raises(BadInputError) as error:
            import_boundaries(file(feature(CODES["west"], rings, kind)), territory.clock)
        assert {fault.field for fault in error.value.faults} == {"features[0].geometry"}


@db
@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_a_ring_that_is_not_closed_is_refused_by_feature(territory: Territory, kind: str) -> None:
    ring = [one[:-1] for one in box(120.0, 30.0, 120.2, 30.2)]
    rings = ring if kind == "Polygon" else [ring]
    with pytest.raises(BadInputError, match=r"features\[1\]\.geometry: got a ring that is not"):
        import_boundaries(file(COUNTY, feature(CODES["west"], rings, kind)), territory.clock)


@db
def test_a_feature_that_is_no_object_is_refused(territory: Territory) -> None:
    text = json.dumps({"type": "FeatureCollection", "features": [None, 3]})
    with pytest.raises(BadInputError) as error:
        import_boundaries(replace(file(COUNTY), text=text), territory.clock)
    assert len(error.value.faults) == 4  # code and geometry of each


@db
def test_a_point_in_a_merged_town_is_in_its_successor_now(territory: Territory) -> None:
    ids = territory.ids
    import_boundaries(file(COUNTY, WEST, EAST), territory.clock)
    territory.acts.merge([ids["石桥镇"]], ids["河口镇"], day("2022-01-01"))
    assert area_of(30.1, 120.1) == ids["河口镇"]
    assert area_of(30.1, 120.1, day("2021-12-31")) == ids["石桥镇"]
    assert area_of(30.1, 120.1, day("2022-01-01")) == ids["青禾县"]  # its line was not drawn anew


@db
def test_a_new_boundary_leaves_the_old_one_to_its_time(territory: Territory) -> None:
    import_boundaries(file(WEST), territory.clock)
    wider = feature(CODES["west"], box(120.0, 30.0, 120.3, 30.2))
    import_boundaries(replace(file(wider), at_us=day("2023-01-01")), territory.clock)
    assert area_of(30.1, 120.25) == territory.ids["石桥镇"]
    assert area_of(30.1, 120.25, day("2022-12-31")) is None
    assert differences() == []
