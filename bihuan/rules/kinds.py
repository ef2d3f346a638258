"""The kinds of rule and their parameters, by the names that cli.md and scenarios use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.time import DAY_US, duration_us
from bihuan.rules.areas import EVERYWHERE, HOME, Area, area_of
from bihuan.rules.channels import POSITION, UNIT_OF
from bihuan.rules.kernels.records import MOST_FIXES

Plain = float | int | str | Area
Parameters = Mapping[str, Plain]

SIDES = ("above", "below")
SENDS = ("amounts", "running")
WAYS = ("either", "rise", "fall")
SIGNS = ("heart_rate", "systolic", "spo2", "temperature")
MOST_POINTS = 3
LONGEST_US = 3_660 * DAY_US
PAIRED = ("rate", "without")  # over two channels: the rule's and `other`
COUNTABLE = tuple(name for name in UNIT_OF if name != POSITION)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its sort, and what it is when it is not given.

    That is the value given for another parameter, or one that the kind's words name.
    """

    name: str
    sort: str
    as_given_for: str = ""
    else_: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule. `limits` name the parameters that carry the channel's unit."""

    name: str
    title_zh: str
    title_en: str
    parameters: tuple[Parameter, ...]
    limits: tuple[str, ...] = ()


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "beyond",
            "越限",
            "Beyond a limit",
            (
                Parameter("limit", "number"),
                Parameter("side", "side"),
                Parameter("for", "duration"),
                Parameter("clear", "number", as_given_for="limit"),
            ),
            ("limit", "clear"),
        ),
        Kind("silence", "失联", "Silence", (Parameter("for", "long_duration"),)),
        Kind(
            "change",
            "突变",
            "Change within a window",
            (
                Parameter("by", "positive"),
                Parameter("within", "long_duration"),
                Parameter("way", "way", else_="either"),
            ),
            ("by",),
        ),
        Kind(
            "outside",
            "出界",
            "Outside an area",
            (
                Parameter("polygon", "polygon"),
                Parameter("fixes", "count"),
                Parameter("for", "duration"),
            ),
        ),
        Kind(
            "baseline",
            "偏离常态",
            "Departure from one's own baseline",
            (
                Parameter("k", "positive"),
                Parameter("history", "long_duration"),
                Parameter("every", "duration", else_="0"),
                Parameter("fixes", "count", else_="1"),
            ),
        ),
        Kind(
            "exposure",
            "累计暴露",
            "Exposure within a window",
            (
                Parameter("low", "number"),
                Parameter("high", "number"),
                Parameter("for", "long_duration"),
                Parameter("within", "long_duration"),
            ),
            ("low", "high"),
        ),
        Kind(
            "count",
            "频次",
            "Times beyond a limit within a window",
            (
                Parameter("limit", "number"),
                Parameter("side", "side"),
                Parameter("times", "count"),
                Parameter("within", "long_duration"),
            ),
            ("limit",),
        ),
        Kind(
            "total",
            "时段累计",
            "Total within a window",
            (
                Parameter("limit", "positive"),
                Parameter("sends", "sends"),
                Parameter("within", "long_duration"),
                Parameter("outage", "duration", else_="0"),
            ),
            ("limit",),
        ),
        Kind(
            "cooling",
            "冷却过慢",
            "Cooling too slowly",
            (
                Parameter("hot", "number"),
                Parameter("middle", "number"),
                Parameter("cold", "number"),
                Parameter("first", "long_duration"),
                Parameter("second", "long_duration"),
            ),
            ("hot", "middle", "cold"),
        ),
        Kind(
            "rate",
            "比率",
            "Rate of two counters",
            (
                Parameter("other", "channel"),
                Parameter("limit", "number"),
                Parameter("side", "side"),
                Parameter("within", "long_duration"),
            ),
        ),
        Kind(
            "without",
            "有此无彼",
            "One event without another",
            (
                Parameter("limit", "number"),
                Parameter("side", "side"),
                Parameter("other", "channel"),
                Parameter("other_limit", "number"),
                Parameter("other_side", "side"),
                Parameter("within", "long_duration"),
            ),
            ("limit",),
        ),
        Kind(
            "points",
            "单项预警分",
            "Early-warning points of one sign",
            (
                Parameter("sign", "sign"),
                Parameter("points", "points"),
                Parameter("fixes", "count"),
                Parameter("for", "duration"),
            ),
        ),
    )
}


def kind_of(name: str) -> Kind:
    """The kind of that name; raises BadInputError naming those there are."""
    if name not in KINDS:
        raise bad("kind", name, f"one of {', '.join(KINDS)}")
    return KINDS[name]


def checked(kind: Kind, given: Mapping[str, object]) -> dict[str, Plain]:
    """Every parameter of the kind, typed: durations in µs, numbers as float, areas as Area.

    Raises BadInputError with every fault found, not the first.
    """
    names = [parameter.name for parameter in kind.parameters]
    want = f"one of {', '.join(names)}"
    faults = [Fault(name, shown(given[name]), want) for name in given if name not in names]
    found: dict[str, Plain] = {}
    for parameter in kind.parameters:
        name = parameter.name if parameter.name in given else parameter.as_given_for
        if parameter.else_ and name not in given:
            found[parameter.name] = _typed(parameter, parameter.else_)
            continue
        if name not in given:
            if not name:
                faults.append(Fault(parameter.name, "nothing", WANT[parameter.sort]))
            continue
        try:
            found[parameter.name] = _typed(parameter, given[name])
        except BadInputError as error:
            faults.extend(error.faults)
    if not faults:
        faults.extend(_contradictions(kind.name, found))
    if faults:
        raise BadInputError(*dict.fromkeys(faults))
    return found


def duration_of(name: str, given: object, *, is_long: bool = False) -> int:
    """µs of a duration such as 1h30m; raises BadInputError under that name."""
    want = WANT["long_duration" if is_long else "duration"]
    if not isinstance(given, str):
        raise bad(name, given, want)
    try:
        length_us = duration_us(given)
    except BadInputError as error:
        raise bad(name, given, want) from error
    if length_us > LONGEST_US:  # more than kernels can count in, too
        raise bad(name, given, f"at most {LONGEST_US // DAY_US}d")
    if is_long and length_us == 0:
        raise bad(name, given, want)
    return length_us


WANT = {
    "number": "a finite number",
    "positive": "a finite number above 0",
    "count": f"a whole number from 1 to {MOST_FIXES}",
    "points": f"a whole number from 1 to {MOST_POINTS}",
    "side": "above or below",
    "sends": "amounts (what came since the last reading) or running (a total that grows)",
    "way": f"one of {', '.join(WAYS)}",
    "sign": f"one of {', '.join(SIGNS)}",
    "duration": "a duration such as 10m, 2h, 1h30m or 0",
    "long_duration": "a duration above 0 such as 10m, 2h or 1h30m",
    "channel": f"one of {', '.join(COUNTABLE)}",
    "polygon": "home, or a polygon in degrees as WKT, GeoJSON or lon,lat;lon,lat;lon,lat",
}

CHOICES = {"side": SIDES, "sends": SENDS, "way": WAYS, "sign": SIGNS, "channel": COUNTABLE}
MOST = {"count": MOST_FIXES, "points": MOST_POINTS}


def _typed(parameter: Parameter, given: object) -> Plain:
    name, sort = parameter.name, parameter.sort
    if sort in CHOICES:
        if given not in CHOICES[sort]:
            raise bad(name, given, WANT[sort])
        return str(given)
    if sort == "polygon":
        return EVERYWHERE if given == HOME else area_of(given)
    if sort in ("duration", "long_duration"):
        return duration_of(name, given, is_long=sort == "long_duration")
    return _number(name, given, sort)


def _number(name: str, given: object, sort: str) -> float | int:
    try:
        number = float(given) if isinstance(given, int | float | str) else math.nan
    except ValueError:
        number = math.nan
    is_fit = math.isfinite(number) and not isinstance(given, bool)
    if sort == "positive":
        is_fit = is_fit and number > 0
    if sort in MOST:
        is_fit = is_fit and number == int(number) and 1 <= number <= MOST[sort]
    if not is_fit:
        raise bad(name, given, WANT[sort])
    return int(number) if sort in MOST else number


def _contradictions(kind: str, found: dict[str, Plain]) -> list[Fault]:
    def number(name: str) -> float:
        return float(found[name])  # type: ignore[arg-type]

    if kind == "beyond":
        is_above = found["side"] == "above"
        past = number("clear") - number("limit")
        if past > 0 if is_above else past < 0:
            want = f"{'at most' if is_above else 'at least'} the limit {found['limit']}"
            return [Fault("clear", str(found["clear"]), want)]
    if kind == "cooling" and not number("cold") < number("middle") < number("hot"):
        return [Fault("middle", str(found["middle"]), "below hot and above cold")]
    if kind == "baseline" and number("every") > number("history"):
        return [Fault("every", f"{found['every']} µs", f"at most history, {found['history']} µs")]
    if kind == "exposure" and number("low") >= number("high"):
        return [Fault("low", str(found["low"]), f"below high {found['high']}")]
    if kind == "exposure" and number("for") > number("within"):
        return [Fault("for", f"{found['for']} µs", f"at most within, {found['within']} µs")]
    return []
