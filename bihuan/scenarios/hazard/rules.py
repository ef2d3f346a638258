"""告警规则 / Rules of gauges: rain in 1, 3, 6, 12 and 24 hours, a river, water on a road.

A gauge may add up its own hours (`rain_3h`), send what fell since its last reading (`rain_step`)
or a running total (`rain_total`): each amount is a rule for each of the three.

The amounts for rain are those at which the weather station gives its signals. A gauge that
reaches one is a machine's finding at one place: an alert (告警), never a signal of a colour.
Only the station issues, changes or lifts those (Zhejiang Regulation, art. 19).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from bihuan.rules.rule import Rule

_AMOUNTS: Final = (
    "气象部门分级所用的雨量 [V]：12、6、3小时50毫米，3小时100毫米；"
    "单站达到同样雨量不等于气象部门发布 / "
    "the amounts of the rainstorm signals [V]: 50 mm in 12 h, 6 h, 3 h and 100 mm in 3 h; "
    "the same amount at one gauge is no signal"
)
_KNOWN: Final = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_SINCE = date(2026, 1, 1)
_HERE = "各县通用，本县可自定 / every county until it sets its own"
# a gauge reads tenths of a millimetre, and a value on a limit is not beyond it: 50.0 mm is
# beyond 49.95
JUST_BELOW: Final = 0.05
# longer without a reading is an outage, as for GAUGE_SILENT: what is told then fell in all of it
OUTAGE: Final = "1h"
_COMMON: Final = (
    "通行做法 [K]：1小时20毫米称短时强降水，24小时50毫米称暴雨；以本县自定的为准 / "
    "general practice [K]: 20 mm in 1 h is called heavy rain of short duration, 50 mm in 24 h a "
    "rainstorm; the county's own figure replaces it"
)
_RAIN: Final = ("雨量站{hours}小时雨量达{amount}毫米", "Gauge: {amount} mm of rain in {hours} h")
_SUMMED: Final = {
    "rain_step": ("amounts", "steps", ("（按增量累计）", ", added up from its amounts")),
    "rain_total": ("running", "total", ("（按累计量计算）", ", from its running total")),
}
_RISE: Final = ("河道水位1小时上涨0.5米", "River up 0.5 m within an hour")
_SILENT: Final = ("监测设备失联", "Gauge not heard from")


def _rain(hours: int, amount: int, severity: str, source: str = _AMOUNTS) -> Rule:
    """An amount as the gauge itself adds it up."""
    return Rule(
        id=f"rain_{amount}_{hours}h",
        title_zh=_RAIN[0].format(hours=hours, amount=amount),
        title_en=_RAIN[1].format(hours=hours, amount=amount),
        kind="beyond",
        channel=f"rain_{hours}h",
        parameters={"limit": amount - JUST_BELOW, "side": "above", "for": "0"},
        unit="mm",
        source=source,
        effective_from=_SINCE,
        region=_HERE,
        severity=severity,
    )


def _summed(own: Rule, channel: str) -> Rule:
    """The same amount of a gauge whose readings are added up here."""
    sends, name, words = _SUMMED[channel]
    amount, within = own.id.split("_")[1:]
    return replace(
        own,
        id=f"{own.id}_{name}",
        title_zh=own.title_zh + words[0],
        title_en=own.title_en + words[1],
        kind="total",
        channel=channel,
        parameters={"limit": float(amount), "sends": sends, "within": within, "outage": OUTAGE},
    )


RAIN_20_1H = _rain(1, 20, "warning", _COMMON)
RAIN_50_24H = _rain(24, 50, "notice", _COMMON)
RAIN_50_12H = _rain(12, 50, "notice")
RAIN_50_6H = _rain(6, 50, "warning")
RAIN_50_3H = _rain(3, 50, "danger")
RAIN_100_3H = _rain(3, 100, "danger")
OWN: Final = (RAIN_20_1H, RAIN_50_24H, RAIN_50_12H, RAIN_50_6H, RAIN_50_3H, RAIN_100_3H)
STEPS: Final = tuple(_summed(one, "rain_step") for one in OWN)
TOTALS: Final = tuple(_summed(one, "rain_total") for one in OWN)
RAIN: Final = (*OWN, *STEPS, *TOTALS)


def _water(name: str, titles: tuple[str, str], what: tuple[str, float, str], severity: str) -> Rule:
    """what: channel, the limit in m, how long it lasts before it counts."""
    channel, limit_m, lasting = what
    return Rule(
        id=name,
        title_zh=titles[0],
        title_en=titles[1],
        kind="beyond",
        channel=channel,
        parameters={"limit": limit_m, "side": "above", "for": lasting},
        unit="m",
        source=_KNOWN,
        effective_from=_SINCE,
        region=_HERE,
        severity=severity,
    )


DEPTH_WATCH = _water(
    "depth_watch", ("下穿或路面积水超过0.15米", "Water above 0.15 m on a road"),
    ("depth", 0.15, "1m"), "warning",
)  # fmt: skip
DEPTH_CLOSE = _water(
    "depth_close", ("下穿或路面积水超过0.27米，应封闭", "Water above 0.27 m: close the road"),
    ("depth", 0.27, "0"), "danger",
)  # fmt: skip
RIVER_RISE = Rule(
    id="river_rise",
    title_zh=_RISE[0],
    title_en=_RISE[1],
    kind="change",
    channel="level",
    parameters={"by": 0.5, "within": "1h", "way": "rise"},
    unit="m",
    source=_KNOWN,
    effective_from=_SINCE,
    region=_HERE,
    severity="danger",
    version=2,  # version 1 took a river that falls for one that rises
)
GAUGE_SILENT = Rule(
    id="gauge_silent",
    title_zh=_SILENT[0],
    title_en=_SILENT[1],
    kind="silence",
    channel="link",
    parameters={"for": OUTAGE},
    unit="1",
    source=_KNOWN,
    effective_from=_SINCE,
    region=_HERE,
    severity="warning",
)

# what is but a notice is seen on the gauge's page and calls nobody
RULES: Final = (*RAIN, DEPTH_WATCH, DEPTH_CLOSE, RIVER_RISE, GAUGE_SILENT)
CALLING: Final = tuple(rule for rule in RULES if rule.severity != "notice")
