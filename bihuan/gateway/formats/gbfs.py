"""Is this a good GBFS file? Versions 2.0 to 2.3 and 3.0, each file by its own rules.

Only one file is seen at a time, so what joins files (does this vehicle_type_id exist, is a field
due because another file is published) is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from bihuan.base.errors import BadInputError, Fault
from bihuan.gateway.formats import strict_json
from bihuan.gateway.formats.gbfs_tables import KINDS, VERSIONS, file_shape
from bihuan.gateway.formats.shapes import faults
from bihuan.gateway.formats.strict_json import Json, kind

# the one field of `data` that tells the file
_TELLING = {
    "bikes": "free_bike_status",
    "vehicles": "vehicle_status",
    "vehicle_types": "vehicle_types",
    "regions": "system_regions",
    "plans": "system_pricing_plans",
    "alerts": "system_alerts",
    "calendars": "system_calendar",
    "rental_hours": "system_hours",
    "versions": "gbfs_versions",
    "datasets": "manifest",
    "geofencing_zones": "geofencing_zones",
    "feeds": "gbfs",
    "system_id": "system_information",
    "timezone": "system_information",
}
_STATUS_FIELDS = frozenset(
    ("is_installed", "is_renting", "is_returning", "last_reported", "num_docks_available")
)
_STATION_FIELDS = frozenset(("name", "lat", "lon", "capacity", "address", "region_id"))


def check(raw: bytes, name: str = "") -> list[Fault]:
    """Every fault of one GBFS file; empty means accepted.

    name   the file's name, which tells its kind where it is one of the standard's own
    """
    try:
        document = strict_json.read(raw)
    except BadInputError as error:
        return list(error.faults)
    if not isinstance(document, Mapping):
        return [
            Fault("document", kind(document), "an object with last_updated, ttl, version, data")
        ]
    return list(_document_faults(document, name))


def kind_of(document: Mapping[str, Json], name: str = "") -> str | None:
    """Which of the standard's files this is: by its exact name, its content, a part of its name."""
    stem = PurePath(name).name.lower().split(".")[0]
    if stem in KINDS:
        return stem
    data = document.get("data")
    return (_kind_by_content(data) if isinstance(data, Mapping) else None) or _kind_in_name(stem)


def _document_faults(document: Mapping[str, Json], name: str) -> Iterator[Fault]:
    file_kind = kind_of(document, name)
    if file_kind is None:
        known = ", ".join(sorted(KINDS))
        yield Fault("data", _seen(document), f"the data of a GBFS file: {known}")
        return
    version = document.get("version")
    if isinstance(version, str) and version not in VERSIONS:
        yield Fault("version", kind(version), "one of " + ", ".join(VERSIONS))
        return
    if not isinstance(version, str):
        version = _version_by_header(document)
    shape = file_shape(file_kind, version)
    if shape is None:
        having = [other for other in VERSIONS if file_shape(file_kind, other)]
        want = f"{' or '.join(having)}, the versions with {file_kind}"
        yield Fault("version", kind(version), want)
        return
    yield from faults(shape, document, "")


def _version_by_header(document: Mapping[str, Json]) -> str:
    return "3.0" if isinstance(document.get("last_updated"), str) else "2.3"


def _kind_by_content(data: Mapping[str, Json]) -> str | None:
    if "stations" in data:
        return _stations_kind(data["stations"])
    for telling, file_kind in _TELLING.items():
        if telling in data:
            return file_kind
    is_discovery = any(isinstance(below, Mapping) and "feeds" in below for below in data.values())
    return "gbfs" if is_discovery else None


def _stations_kind(stations: Json) -> str | None:
    """Status or information: both hold `stations`, so their fields vote."""
    items = stations if isinstance(stations, list) else []
    fields = [name for item in items[:20] if isinstance(item, Mapping) for name in item]
    status = sum(name in _STATUS_FIELDS or name.startswith("num_") for name in fields)
    information = sum(name in _STATION_FIELDS for name in fields)
    if status == information:
        return None
    return "station_status" if status > information else "station_information"


def _kind_in_name(stem: str) -> str | None:
    # "gbfs" is in every second file name and tells nothing
    named = [file_kind for file_kind in KINDS if file_kind in stem and file_kind != "gbfs"]
    return max(named, key=len) if named else None


def _seen(document: Mapping[str, Json]) -> str:
    data = document.get("data")
    if isinstance(data, Mapping):
        return f"an object with {', '.join(list(data)[:8]) or 'no field'}"
    return "nothing" if "data" not in document else kind(data)
