"""The elements of CAP 1.2: their order, how many, and what each may hold.

Source: OASIS Common Alerting Protocol 1.2 (2010-07-01), sections 3.2 and 3.3, and its schema. A
check takes the text of an element and returns what was wanted instead, or None if it fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import urlsplit

from bihuan.gateway.formats.cap_model import Circle, Pair, Reference

Check: TypeAlias = Callable[[str], str | None]

SPACE = " \t\r\n"
_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})([-+])([0-9]{2}):([0-9]{2})"
)
_DATETIME_WANT = "a time with zone such as 2026-05-01T08:00:00+08:00 (UTC as -00:00, never Z)"
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_INTEGER = re.compile(r"\+?[0-9]{1,18}|-0")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_ID = re.compile(r"[^\s,<&]+")
_SPACES = re.compile(f"[{SPACE}]+")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a sequence: how often, and what it holds (a text or further elements)."""

    name: str
    least: int
    most: int | None
    check: Check | None = None
    children: tuple[Element, ...] = ()


def moment(text: str) -> datetime | None:
    """The time of a CAP dateTime, None if it is none."""
    found = _DATETIME.fullmatch(text.strip(SPACE))
    if not found:
        return None
    clock, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > timedelta(hours=14) or int(minutes) > 59:
        return None
    try:
        naive = datetime.fromisoformat(clock)
    except ValueError:
        return None
    return naive.replace(tzinfo=timezone(-offset if sign == "-" else offset))


def words(text: str) -> list[str]:
    """The parts of a text between the white space of XML."""
    return [part for part in _SPACES.split(text) if part]


def decimal(text: str) -> Decimal | None:
    """The value of an xs:decimal, None if it is none."""
    stripped = text.strip(SPACE)
    return Decimal(stripped) if _DECIMAL.fullmatch(stripped) else None


def pair(text: str) -> Pair | None:
    """Latitude and longitude of `lat,lon`, None if it is none or not on earth."""
    parts = text.split(",")
    if len(parts) != 2 or not all(_DECIMAL.fullmatch(part) for part in parts):
        return None
    lat, lon = Decimal(parts[0]), Decimal(parts[1])
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def polygon(text: str) -> tuple[Pair, ...]:
    """The pairs of a polygon that was checked."""
    return tuple(found for part in words(text) if (found := pair(part)))


def circle(text: str) -> Circle | None:
    """The circle of `lat,lon radius`, None if it is none."""
    parts = words(text)
    if len(parts) != 2:
        return None
    centre, radius_km = pair(parts[0]), decimal(parts[1])
    if centre is None or radius_km is None or radius_km < 0:
        return None
    return Circle(centre, radius_km)


def reference(text: str) -> Reference | None:
    """The message meant by `sender,identifier,sent`, None if that is not its form."""
    parts = text.split(",")
    if len(parts) != 3 or not all(_ID.fullmatch(part) for part in parts[:2]):
        return None
    sent = moment(parts[2])
    return Reference(parts[0], parts[1], sent) if sent else None


def _any(_: str) -> None:
    return None


def _filled(text: str) -> str | None:
    return None if text.strip(SPACE) else "some text"


def _id(text: str) -> str | None:
    return None if _ID.fullmatch(text) else "text without spaces, commas, < and &"


def _time(text: str) -> str | None:
    return None if moment(text) else _DATETIME_WANT


def _one_of(*values: str) -> Check:
    want = "one of " + ", ".join(values)
    return lambda text: None if text in values else want


def _language(text: str) -> str | None:
    stripped = text.strip(SPACE)  # an empty one stands for the default, en-US
    return None if not stripped or _LANGUAGE.fullmatch(stripped) else "a language such as zh-CN"


def _uri(text: str) -> str | None:
    stripped = text.strip(SPACE)
    first = re.split("[/?#]", stripped, maxsplit=1)[0]
    scheme, colon, _ = first.partition(":")
    try:
        _ = urlsplit(stripped).port
    except ValueError:
        return "a URI"
    has_bad_scheme = bool(colon) and not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme)
    is_bad = has_bad_scheme or _BAD_PERCENT.search(stripped) or stripped.count("#") > 1
    return "a URI" if is_bad else None


def _size(text: str) -> str | None:
    return None if _INTEGER.fullmatch(text.strip(SPACE)) else "a whole number of bytes"


def _number(text: str) -> str | None:
    return None if decimal(text) is not None else "a decimal number"


def _polygon(text: str) -> str | None:
    parts = words(text)
    for place, part in enumerate(parts, start=1):
        if pair(part) is None:
            return f"lat,lon within -90 to 90 and -180 to 180 as pair {place}, which is {part[:40]}"
    if len(parts) < 4:
        return f"at least 4 pairs lat,lon, not {len(parts)}"
    return None if pair(parts[0]) == pair(parts[-1]) else "the first pair again as the last"


def _circle(text: str) -> str | None:
    return None if circle(text) else "lat,lon and a radius in km, such as 30.7,121.0 5"


def _references(text: str) -> str | None:
    parts = words(text)
    is_good = parts and all(reference(part) for part in parts)
    return None if is_good else "sender,identifier,sent of each message, separated by spaces"


def _named(name: str) -> Element:
    return Element(
        name, 0, None, children=(Element("valueName", 1, 1, _any), Element("value", 1, 1, _any))
    )


_RESOURCE = (
    Element("resourceDesc", 1, 1, _any),
    Element("mimeType", 1, 1, _any),
    Element("size", 0, 1, _size),
    Element("uri", 0, 1, _uri),
    Element("derefUri", 0, 1, _any),
    Element("digest", 0, 1, _any),
)
_AREA = (
    Element("areaDesc", 1, 1, _filled),
    Element("polygon", 0, None, _polygon),
    Element("circle", 0, None, _circle),
    _named("geocode"),
    Element("altitude", 0, 1, _number),
    Element("ceiling", 0, 1, _number),
)
_CATEGORY = _one_of(
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra",
    "CBRNE", "Other",
)  # fmt: skip
_RESPONSE = _one_of(
    "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"
)
_INFO = (
    Element("language", 0, 1, _language),
    Element("category", 1, None, _CATEGORY),
    Element("event", 1, 1, _filled),
    Element("responseType", 0, None, _RESPONSE),
    Element("urgency", 1, 1, _one_of("Immediate", "Expected", "Future", "Past", "Unknown")),
    Element("severity", 1, 1, _one_of("Extreme", "Severe", "Moderate", "Minor", "Unknown")),
    Element("certainty", 1, 1, _one_of("Observed", "Likely", "Possible", "Unlikely", "Unknown")),
    Element("audience", 0, 1, _any),
    _named("eventCode"),
    Element("effective", 0, 1, _time),
    Element("onset", 0, 1, _time),
    Element("expires", 0, 1, _time),
    Element("senderName", 0, 1, _any),
    Element("headline", 0, 1, _any),
    Element("description", 0, 1, _any),
    Element("instruction", 0, 1, _any),
    Element("web", 0, 1, _uri),
    Element("contact", 0, 1, _any),
    _named("parameter"),
    Element("resource", 0, None, children=_RESOURCE),
    Element("area", 0, None, children=_AREA),
)
_ALERT = (
    Element("identifier", 1, 1, _id),
    Element("sender", 1, 1, _id),
    Element("sent", 1, 1, _time),
    Element("status", 1, 1, _one_of("Actual", "Exercise", "System", "Test", "Draft")),
    Element("msgType", 1, 1, _one_of("Alert", "Update", "Cancel", "Ack", "Error")),
    Element("source", 0, 1, _any),
    Element("scope", 1, 1, _one_of("Public", "Restricted", "Private")),
    Element("restriction", 0, 1, _any),
    Element("addresses", 0, 1, _any),
    Element("code", 0, None, _any),
    Element("note", 0, 1, _any),
    Element("references", 0, 1, _references),
    Element("incidents", 0, 1, _any),
    Element("info", 0, None, children=_INFO),
)
ALERT = Element("alert", 1, 1, children=_ALERT)
