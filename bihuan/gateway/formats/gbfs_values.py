"""The field types of GBFS: ids, times, places, links, and the rules that join fields.

Source: https://github.com/MobilityData/gbfs, gbfs.md of v2.3 and v3.0, section "Field Types".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from bihuan.base.errors import Fault
from bihuan.gateway.formats.shapes import (
    Bool,
    Many,
    Num,
    Obj,
    OneOf,
    Text,
    below,
    is_within,
    obj,
    pattern,
)
from bihuan.gateway.formats.strict_json import Json, Number, kind
from bihuan.gateway.formats.timezones import TIMEZONES

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-](\d{2}):(\d{2}))"
)


_SHORT_MONTHS = {Decimal(month): 30 for month in (4, 6, 9, 11)} | {Decimal(2): 29}


def is_rfc3339(text: str) -> bool:
    """Whether a text is a date-time of RFC 3339: calendar, clock and zone, leap second allowed."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return False
    day, hour, minute, second, zone_hour, zone_minute = found.groups()
    if int(second) == 60:
        second = "59"
    if zone_hour and (int(zone_hour) > 23 or int(zone_minute) > 59):
        return False
    try:
        datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}")
    except ValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, YYYY-MM-DD."""
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


TEXT = Text(fits=lambda _: True)
ID = Text("a non-empty identifier")
BOOL = Bool()
COUNT = Num(integral=True, low=Decimal(0))
MEASURE = Num(low=Decimal(0))
NUMBER = Num()
LAT = Num(low=Decimal(-90), high=Decimal(90), of=" (latitude, WGS 84)")
LON = Num(low=Decimal(-180), high=Decimal(180), of=" (longitude, WGS 84)")
# the first is 2015-12-15, before which no feed existed; the last refuses milliseconds
POSIX = Num(True, Decimal(1450155600), Decimal(32503680000), " (POSIX seconds)")
RFC3339 = Text("an RFC 3339 date-time with zone, such as 2024-05-01T08:00:00+08:00", is_rfc3339)
DATE = Text("a day of the calendar, YYYY-MM-DD", is_date)
TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d", "a time HH:MM:SS")
URI = pattern(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", "an absolute URI")
EMAIL = pattern(r"[^@\s]+@[^@\s]+", "an e-mail address")
LANGUAGE = pattern(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-\d{3})?", "a BCP 47 language such as en or zh-CN"
)
COLOR = pattern(r"#[0-9A-Fa-f]{6}", "a colour such as #1A2B3C")
CURRENCY = pattern(r"[A-Z]{3}", "an ISO 4217 code such as CNY")
COUNTRY = pattern(r"[A-Z]{2}", "an ISO 3166-1 alpha-2 code such as CN")
PHONE = pattern(r"\+[1-9]\d{1,14}", "an E.164 number such as +8657385000000")
TIMEZONE = Text("a time zone of the tz database, such as Asia/Shanghai", TIMEZONES.__contains__)
FEED_VERSION = OneOf(("1.0", "1.1", "2.0", "2.1", "2.2", "2.3", "3.0"))

LOCALIZED = Many(obj({"text!": TEXT, "language!": LANGUAGE}))
LOCALIZED_URI = Many(obj({"text!": URI, "language!": LANGUAGE}))
RENTAL_URIS = obj({"android": URI, "ios": URI, "web": URI})
_APP = obj({"store_uri!": URI, "discovery_uri!": URI})
RENTAL_APPS = obj({"android": _APP, "ios": _APP})
PER_TYPE_NUMBERS = Obj(other=MEASURE)


def each_once(name: str) -> Callable[[list[Json], str], Iterator[Fault]]:
    """The rule that an identifier stands once in its array (gbfs.md, type ID)."""

    def rule(items: list[Json], path: str) -> Iterator[Fault]:
        seen: set[str] = set()
        for place, item in enumerate(items):
            identifier = item.get(name) if isinstance(item, Mapping) else None
            if not isinstance(identifier, str):
                continue
            if identifier in seen:
                yield Fault(f"{path}[{place}].{name}", f"{kind(identifier)} again", "each once")
            seen.add(identifier)

    return rule


def versions_ascend(items: list[Json], path: str) -> Iterator[Fault]:
    """The rule that an array of versions is sorted, oldest first."""
    named = [item.get("version") if isinstance(item, Mapping) else None for item in items]
    texts = [version for version in named if isinstance(version, str)]
    if texts != sorted(texts):
        yield Fault(path, ", ".join(texts), "versions in increasing order")


def has_place(vehicle: Mapping[str, Json], path: str) -> Iterator[Fault]:
    """A vehicle stands at lat and lon, or at a station; half a position is none."""
    given = [name for name in ("lat", "lon") if name in vehicle]
    if len(given) == 1:
        missing = "lon" if given == ["lat"] else "lat"
        yield Fault(below(path, missing), "nothing", f"both lat and lon, as {given[0]} is given")
    elif not given and "station_id" not in vehicle:
        yield Fault(below(path, "lat"), "nothing", "lat and lon, or station_id")


def motor_has_range(vehicle_type: Mapping[str, Json], path: str) -> Iterator[Fault]:
    """Whatever is not driven by people alone says how far it goes."""
    propulsion = vehicle_type.get("propulsion_type")
    is_driven = isinstance(propulsion, str) and propulsion != "human"
    if is_driven and "max_range_meters" not in vehicle_type:
        want = f"the range of a vehicle with propulsion_type {propulsion}"
        yield Fault(below(path, "max_range_meters"), "nothing", want)


def needs(name: str, other: str) -> Callable[[Mapping[str, Json], str], Iterator[Fault]]:
    """The rule that `other` is present wherever `name` is."""

    def rule(node: Mapping[str, Json], path: str) -> Iterator[Fault]:
        if name in node and other not in node:
            yield Fault(below(path, other), "nothing", f"{other}, as {name} is given")

    return rule


def one_license(system: Mapping[str, Json], path: str) -> Iterator[Fault]:
    """A licence is named by id or by link, not both."""
    if "license_id" in system and "license_url" in system:
        yield Fault(below(path, "license_url"), "beside license_id", "one of the two")


def day_exists(calendar: Mapping[str, Json], path: str) -> Iterator[Fault]:
    """Every year has the named day, or leap years have."""
    for which in ("start", "end"):
        month, day = calendar.get(f"{which}_month"), calendar.get(f"{which}_day")
        if isinstance(month, Number) and isinstance(day, Number):
            most = _SHORT_MONTHS.get(month.decimal, 31)
            if most < day.decimal <= 31:
                want = f"1 to {most} in month {month}"
                yield Fault(below(path, f"{which}_day"), day.text, want)


def _ring_closes(ring: list[Json], path: str) -> Iterator[Fault]:
    if len(ring) >= 4 and _numbers(ring[0]) != _numbers(ring[-1]):
        yield Fault(path, "a ring left open", "a ring whose last position is its first")


def _numbers(position: Json) -> list[Decimal]:
    items = position if isinstance(position, list) else []
    return [item.decimal for item in items if isinstance(item, Number)]


def _on_earth(position: list[Json], path: str) -> Iterator[Fault]:
    for place, limit in ((0, LON), (1, LAT)):
        number = position[place] if place < len(position) else None
        if isinstance(number, Number) and not is_within(limit, number):
            yield Fault(f"{path}[{place}]", number.text, limit.want)


_POSITION = Many(NUMBER, least=2, most=4, rule=_on_earth)
MULTIPOLYGON = obj(
    {
        "type!": OneOf(("MultiPolygon",)),
        "coordinates!": Many(Many(Many(_POSITION, least=4, rule=_ring_closes), least=1)),
    }
)


def not_empty(languages: Mapping[str, Json], path: str) -> Iterator[Fault]:
    """A discovery file of 2.x holds the feeds of one language or more."""
    if not languages:
        yield Fault(path, "no language", "the feeds of at least one language, such as en")


def system_is_described(feeds: list[Json], path: str) -> Iterator[Fault]:
    """Every system publishes system_information."""
    if "system_information" not in _feed_names(feeds):
        yield Fault(path, "no system_information", "the feed system_information")


def feeds_suffice(feeds: list[Json], path: str) -> Iterator[Fault]:
    """A 3.0 system describes itself and shows stations or vehicles; stations have a status."""
    yield from system_is_described(feeds, path)
    names = _feed_names(feeds)
    if not names & {"station_status", "vehicle_status"}:
        yield Fault(path, "neither station_status nor vehicle_status", "at least one of the two")
    elif "station_information" in names and "station_status" not in names:
        yield Fault(path, "station_information alone", "station_status beside station_information")


def _feed_names(feeds: list[Json]) -> set[str]:
    found = [feed.get("name") for feed in feeds if isinstance(feed, Mapping)]
    return {name for name in found if isinstance(name, str)}
