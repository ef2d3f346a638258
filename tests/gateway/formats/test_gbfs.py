"""GBFS 2.x and 3.0: whole files accepted, each rule broken once named by its JSON path."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from bihuan.gateway.formats import gbfs
from tests.outside import SHARED, needs

Doc = dict[str, Any]
URL = "https://bikes.example/x"
RING = [[121.0, 30.6], [121.1, 30.6], [121.1, 30.7], [121.0, 30.6]]
AREA = {"type": "MultiPolygon", "coordinates": [[RING]]}
MOMENT = {"2": 1_782_864_000, "3": "2026-07-01T08:00:00+08:00"}
WORDS = {"2": "车站", "3": [{"text": "车站", "language": "zh-CN"}]}


def header(version: str, data: Doc) -> Doc:
    return {"last_updated": MOMENT[version[0]], "ttl": 60, "version": version, "data": data}


def station(major: str) -> Doc:
    return {"station_id": "s1", "name": WORDS[major], "lat": 30.6, "lon": 121.0, "capacity": 20,
            "station_area": AREA, "rental_methods": ["phone"],
            "rental_uris": {"web": URL}}  # fmt: skip


def status(major: str) -> Doc:
    kind = "bikes" if major == "2" else "vehicles"
    return {"station_id": "s1", f"num_{kind}_available": 3, "is_installed": True,
            "is_renting": True, "is_returning": True, "last_reported": MOMENT[major],
            "num_docks_available": 17,
            "vehicle_types_available": [{"vehicle_type_id": "bike", "count": 3}],
            "vehicle_docks_available": [{"vehicle_type_ids": ["bike"], "count": 17}]}  # fmt: skip


def vehicle(major: str) -> Doc:
    return {"bike_id" if major == "2" else "vehicle_id": "b1", "lat": 30.6, "lon": 121.0,
            "is_reserved": False, "is_disabled": False, "vehicle_type_id": "bike",
            "last_reported": MOMENT[major], "current_range_meters": 100.5}  # fmt: skip


def zones(major: str) -> Doc:
    rule = {"ride_through_allowed": True} | (
        {"ride_allowed": False}
        if major == "2"
        else {"ride_start_allowed": True, "ride_end_allowed": False}
    )
    about = {"name": WORDS[major], "start": MOMENT[major], "rules": [rule]}
    feature = {"type": "Feature", "properties": about, "geometry": AREA}
    made: Doc = {"geofencing_zones": {"type": "FeatureCollection", "features": [feature]}}
    return made | ({} if major == "2" else {"global_rules": [dict(rule)]})


def common(major: str) -> dict[str, Doc]:
    words = WORDS[major]
    plan = {"plan_id": "p", "name": words, "currency": "CNY", "price": 1.5, "is_taxable": False,
            "description": words,
            "per_min_pricing": [{"start": 0, "rate": 0.5, "interval": 30}]}  # fmt: skip
    vehicle_type = {"vehicle_type_id": "ebike", "form_factor": "bicycle", "name": words,
                    "propulsion_type": "electric", "max_range_meters": 40000}  # fmt: skip
    alert = {"alert_id": "a", "type": "station_closure", "summary": words,
             "times": [{"start": MOMENT[major]}], "station_ids": ["s1"]}  # fmt: skip
    return {
        "station_information": {"stations": [station(major)]},
        "station_status": {"stations": [status(major)]},
        "vehicle_types": {"vehicle_types": [vehicle_type]},
        "system_regions": {"regions": [{"region_id": "r", "name": words}]},
        "system_pricing_plans": {"plans": [plan]},
        "system_alerts": {"alerts": [alert]},
        "geofencing_zones": zones(major),
        "gbfs_versions": {
            "versions": [{"version": "2.3", "url": URL}, {"version": "3.0", "url": URL}]
        },
    }


FEEDS = [{"name": name, "url": URL} for name in ("system_information", "station_status")]
HOURS = {
    "user_types": ["member"],
    "days": ["mon"],
    "start_time": "05:00:00",
    "end_time": "23:59:59",
}
CALENDAR = {"start_month": 1, "start_day": 1, "end_month": 2, "end_day": 29}
SYSTEM = {"system_id": "qinghe", "timezone": "Asia/Shanghai", "url": URL}
FILES = {
    "2.3": {
        **common("2"),
        "gbfs": {"zh": {"feeds": FEEDS}},
        "system_information": SYSTEM | {"language": "zh-CN", "name": "青禾单车"},
        "free_bike_status": {"bikes": [vehicle("2"), {**vehicle("2"), "bike_id": "b2"}]},
        "system_hours": {"rental_hours": [HOURS]},
        "system_calendar": {"calendars": [CALENDAR]},
    },
    "3.0": {
        **common("3"),
        "gbfs": {"feeds": FEEDS},
        "manifest": {
            "datasets": [{"system_id": "q", "versions": [{"version": "3.0", "url": URL}]}]
        },
        "system_information": SYSTEM
        | {"languages": ["zh-CN"], "name": WORDS["3"], "opening_hours": "24/7",
           "feed_contact_email": "a@bikes.example", "phone_number": "+8657385000000"},
        "vehicle_status": {"vehicles": [vehicle("3")]},
    },
}  # fmt: skip
EVERY = [(version, kind) for version, files in FILES.items() for kind in files]


def found(document: Any, name: str = "") -> list[str]:
    return [fault.field for fault in gbfs.check(json.dumps(document).encode(), name)]


def changed(version: str, kind: str, path: str, value: Any) -> Doc:
    """A good file with the value at `path` (`stations.0.lat`) set, or dropped if it is ...."""
    document = copy.deepcopy(header(version, FILES[version][kind]))
    node: Any = document if path.split(".", maxsplit=1)[0] in document else document["data"]
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parents:
        node = node[part]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return document


@pytest.mark.outside
@needs("data", "gbfs-2.3")
def test_check_accepts_the_published_fixtures() -> None:
    folder = SHARED / "data" / "gbfs-2.3"
    for path in sorted(folder.glob("*.json")):
        assert gbfs.check(path.read_bytes(), path.name) == []
        assert gbfs.check(path.read_bytes()) == [], "told by its content alone"


@pytest.mark.parametrize(("version", "kind"), EVERY)
def test_check_accepts_every_file_by_name_and_by_content(version: str, kind: str) -> None:
    document = header(version, FILES[version][kind])
    assert found(document, f"feeds/{kind}.json") == []
    assert found(document) == []
    assert gbfs.kind_of(document, "case-17.json") == kind


@pytest.mark.parametrize(("version", "kind"), EVERY)
@pytest.mark.parametrize("name", ["last_updated", "ttl", "version"])
def test_check_names_a_missing_part_of_the_header(version: str, kind: str, name: str) -> None:
    assert found(changed(version, kind, name, ...), f"{kind}.json") == [name]


@pytest.mark.parametrize(("version", "kind"), EVERY)
def test_check_names_the_time_of_another_version(version: str, kind: str) -> None:
    other = MOMENT["3" if version[0] == "2" else "2"]
    assert found(changed(version, kind, "last_updated", other), f"{kind}.json") == ["last_updated"]


REQUIRED = {
    "station_information": ["stations.0.station_id", "stations.0.name", "stations.0.lat"],
    "station_status": ["stations.0.station_id", "stations.0.is_installed", "stations.0.is_renting",
                       "stations.0.is_returning", "stations.0.last_reported",
                       "stations.0.vehicle_types_available.0.count"],
    "vehicle_types": ["vehicle_types.0.form_factor", "vehicle_types.0.propulsion_type",
                      "vehicle_types.0.max_range_meters"],
    "system_regions": ["regions.0.region_id", "regions.0.name"],
    "system_pricing_plans": ["plans.0.plan_id", "plans.0.currency", "plans.0.price",
                             "plans.0.is_taxable", "plans.0.description",
                             "plans.0.per_min_pricing.0.rate"],
    "system_alerts": ["alerts.0.alert_id", "alerts.0.type", "alerts.0.summary",
                      "alerts.0.times.0.start"],
    "gbfs_versions": ["versions.0.version", "versions.0.url"],
    "geofencing_zones": ["geofencing_zones.features.0.geometry"],
    "system_information": ["system_id", "name", "timezone"],
}  # fmt: skip


@pytest.mark.parametrize("version", ["2.3", "3.0"])
@pytest.mark.parametrize("path", [(kind, one) for kind, many in REQUIRED.items() for one in many])
def test_check_names_each_required_field_that_is_missing(
    version: str, path: tuple[str, str]
) -> None:
    kind, at = path
    named = (
        "data."
        + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in at.split("."))[1:]
    )
    assert found(changed(version, kind, at, ...), f"{kind}.json") == [named]


WRONG = [
    ("2.3", "station_status", "stations.0.num_bikes_available", -1),
    ("2.3", "station_status", "stations.0.num_bikes_available", 1.5),
    ("2.3", "station_status", "stations.0.num_bikes_available", "3"),
    ("2.3", "station_status", "stations.0.is_renting", 1),
    ("2.3", "station_status", "stations.0.last_reported", 1_782_864_000_000),
    ("2.3", "station_information", "stations.0.lat", 91),
    ("2.3", "station_information", "stations.0.lon", -181),
    ("2.3", "station_information", "stations.0.lat", None),
    ("2.3", "station_information", "stations.0.rental_methods.0", "cash"),
    ("2.3", "station_information", "stations.0.rental_uris.web", "bikes.example"),
    ("2.3", "free_bike_status", "bikes.1.bike_id", "b1"),
    ("2.3", "free_bike_status", "bikes.0.lon", ...),
    ("2.3", "system_hours", "rental_hours.0.start_time", "24:00:00"),
    ("2.3", "system_hours", "rental_hours.0.days.0", "monday"),
    ("2.3", "system_calendar", "calendars.0.end_day", 30),
    ("2.3", "system_calendar", "calendars.0.start_month", 13),
    ("2.3", "system_information", "timezone", "Asia/Pinghu"),
    ("2.3", "system_information", "language", "chinese"),
    ("2.3", "gbfs", "zh.feeds.1.name", "bikes"),
    ("2.3", "gbfs", "zh.feeds.0.url", "not a link"),
    ("2.3", "vehicle_types", "vehicle_types.0.form_factor", "rocket"),
    ("2.3", "system_pricing_plans", "plans.0.currency", "yuan"),
    ("2.3", "system_pricing_plans", "plans.0.price", "1.50"),
    ("3.0", "station_status", "stations.0.num_vehicles_available", ...),
    ("3.0", "station_status", "stations.0.last_reported", "2026-07-01 08:00"),
    ("3.0", "station_information", "stations.0.name", "车站"),
    ("3.0", "station_information", "stations.0.name.0.language", ...),
    ("3.0", "vehicle_types", "vehicle_types.0.form_factor", "scooter"),
    ("3.0", "vehicle_status", "vehicles.0.lat", ...),
    ("3.0", "vehicle_status", "vehicles.0.current_fuel_percent", 50),
    ("3.0", "system_information", "phone_number", "0573-85000000"),
    ("3.0", "system_information", "opening_hours", ...),
    ("3.0", "system_information", "feed_contact_email", "nobody"),
    ("3.0", "geofencing_zones", "global_rules", ...),
    ("3.0", "geofencing_zones", "global_rules.0.ride_end_allowed", ...),
    ("3.0", "manifest", "datasets.0.versions.0.version", "9.9"),
]


@pytest.mark.parametrize(("version", "kind", "path", "value"), WRONG)
def test_check_names_the_field_that_is_wrong(
    version: str, kind: str, path: str, value: Any
) -> None:
    document = changed(version, kind, path, value)
    last = next(part for part in reversed(path.split(".")) if not part.isdigit())
    for name in (f"{kind}.json", ""):
        assert [field.split(".")[-1].split("[")[0] for field in found(document, name)] == [last]


def test_check_wants_closed_rings_on_earth() -> None:
    path = "stations.0.station_area.coordinates.0.0"
    open_ring = [*RING[:3], [121.0, 30.61]]
    document = changed("2.3", "station_information", path, open_ring)
    assert found(document) == ["data.stations[0].station_area.coordinates[0][0]"]
    swapped = [[30.6, 121.0], [30.6, 121.1], [30.7, 121.1], [30.6, 121.0]]
    document = changed("2.3", "station_information", path, swapped)
    assert len(found(document)) == 4, "each latitude of 121"


def test_check_wants_the_feeds_that_every_system_has() -> None:
    assert found(header("3.0", {"feeds": FEEDS[:1]})) == ["data.feeds"]
    assert found(header("2.3", {"zh": {"feeds": FEEDS[1:]}})) == ["data.zh.feeds"]
    alone = [
        *FEEDS[:1],
        {"name": "station_information", "url": URL},
        {"name": "vehicle_status", "url": URL},
    ]
    assert found(header("3.0", {"feeds": alone})) == ["data.feeds"]


def test_check_wants_a_date_beside_terms_and_one_licence() -> None:
    terms = changed("2.3", "system_information", "terms_url", URL)
    assert found(terms) == ["data.terms_last_updated"]
    document = changed("2.3", "system_information", "license_id", "MIT")
    document["data"]["license_url"] = URL
    assert found(document) == ["data.license_url"]


def test_check_judges_older_versions_by_their_own_rules() -> None:
    for version in ("2.0", "2.1", "2.2"):
        document = header(version, FILES["2.3"]["station_status"])
        assert found(document) == []
    capitals = header("2.0", {"stations": [station("2") | {"rental_methods": ["PHONE"]}]})
    assert found(capitals) == []
    assert found(header("2.1", {"vehicle_types": [
        {"vehicle_type_id": "x", "form_factor": "cargo_bicycle", "propulsion_type": "human"}
    ]})) == ["data.vehicle_types[0].form_factor"]  # fmt: skip
    nowhere = {
        "bikes": [{"bike_id": "x", "is_reserved": False, "is_disabled": False, "station_id": "s"}]
    }
    assert found(header("2.0", nowhere)) == ["data.bikes[0].lat", "data.bikes[0].lon"]
    assert found(header("2.1", nowhere)) == []


@pytest.mark.parametrize("version", ["1.0", "1.1", "4.0", "", "2", "3.0-RC2"])
def test_check_refuses_other_versions_with_one_fault(version: str) -> None:
    assert found(changed("2.3", "station_status", "version", version)) == ["version"]


def test_check_refuses_a_file_that_its_version_does_not_have() -> None:
    assert found(header("3.0", FILES["2.3"]["free_bike_status"])) == ["version"]
    assert found(header("2.3", FILES["3.0"]["vehicle_status"])) == ["version"]


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b"<gbfs/>", b'{"data": ', b"\xff\xfe{\x00}\x00"]
)
def test_check_refuses_what_is_no_object_with_one_fault(raw: bytes) -> None:
    assert [fault.field for fault in gbfs.check(raw)] == ["document"]


@pytest.mark.parametrize("data", [{}, {"rows": []}, {"stations": []}, [], None])
def test_check_refuses_an_unknown_kind_with_one_fault(data: Any) -> None:
    assert found(header("2.3", data)) == ["data"]


def test_check_judges_by_the_name_where_name_and_content_disagree() -> None:
    document = header("2.3", FILES["2.3"]["station_information"])
    assert "data.stations[0].num_bikes_available" in found(document, "station_status.json")
    assert found(header("2.3", {"stations": []}), "station_status.json") == []
