"""告警规则 / Rules: which readings of a probe need a person, by limits with their source.

A store's air rises when a door opens and falls again; held for 20 minutes it is a failure, told
long before the two hours after which food is lost. A probe that is not heard from is told too.
Air is never taken for core: a rule judges one channel of one kind of control point.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from bihuan.rules.rule import Rule
from bihuan.scenarios.kitchen.limits import HERE, held

DOOR: Final = "20m"  # how long a door may stand open: beyond it is a failure [K]
STILL: Final = "5m"  # of a core: one odd reading is none
DEAD: Final = "15m"  # a probe reports each minute [K]
CORE, AIR = "core_temperature", "air_temperature"


def _rule(
    name: str,
    titles: tuple[str, str],
    watched: tuple[str, str],
    parameters: dict[str, object],
    of: str,
    severity: str = "danger",
) -> Rule:
    """titles: zh, en; watched: kind of rule, channel; of: the limit whose source it has."""
    known = held(of)
    return Rule(
        id=name,
        title_zh=titles[0],
        title_en=titles[1],
        kind=watched[0],
        channel=watched[1],
        parameters=parameters,
        unit="Cel",
        source=known.source,
        effective_from=date(2026, 1, 1),
        region=HERE,
        severity=severity,
        subjects=_OF[name],
    )


_OF: Final = {
    "store_warm": ("cold_store",),
    "hot_falling": ("hot_box",),
    "hot_low": ("hot_box",),
    "exposed": ("hot_box",),
    "cooling_curve": ("chiller",),
    "room_warm": ("special_room",),
    "probe_dead": ("cold_store", "special_room"),
    "hot_probe_dead": ("hot_box",),
}
STORE_WARM = _rule(
    "store_warm",
    ("冷藏温度高于 8℃ 达 20 分钟", "Cold store above 8 ℃ for 20 minutes"),
    ("beyond", AIR),
    {"limit": 8, "side": "above", "for": DOOR, "clear": 8},
    "chilled",
)
HOT_FALLING = _rule(
    "hot_falling",
    ("热藏中心温度低于 63℃，将要低于 60℃", "Hot box core below 63 ℃, falling towards 60 ℃"),
    ("beyond", CORE),
    {"limit": 63, "side": "below", "for": STILL, "clear": 65},
    "ahead",
    "warning",
)
HOT_LOW = _rule(
    "hot_low",
    ("热藏中心温度低于 60℃", "Hot box core below 60 ℃"),
    ("beyond", CORE),
    {"limit": 60, "side": "below", "for": STILL, "clear": 60},
    "hot_hold",
)
EXPOSED = _rule(
    "exposed",
    ("8–60℃ 累计 2 小时", "Two hours between 8 and 60 ℃"),
    ("exposure", CORE),
    {"low": 8, "high": 60, "for": "2h", "within": "4h"},
    "exposure",
)
COOLING_CURVE = _rule(
    "cooling_curve",
    ("冷却过慢", "Cooling too slow"),
    ("cooling", CORE),
    {"hot": 60, "middle": 21, "cold": 8, "first": "2h", "second": "2h"},
    "cool_first",
)
ROOM_WARM = _rule(
    "room_warm",
    ("专间高于 25℃ 达 20 分钟", "Special room above 25 ℃ for 20 minutes"),
    ("beyond", AIR),
    {"limit": 25, "side": "above", "for": DOOR, "clear": 25},
    "room",
    "warning",
)
PROBE_DEAD = _rule(
    "probe_dead",
    ("探针失联 15 分钟", "Probe not heard from for 15 minutes"),
    ("silence", AIR),
    {"for": DEAD},
    "ahead",
)
HOT_PROBE_DEAD = _rule(
    "hot_probe_dead",
    ("热藏探针失联 15 分钟", "Hot box probe not heard from for 15 minutes"),
    ("silence", CORE),
    {"for": DEAD},
    "ahead",
)
RULES: Final = (
    STORE_WARM,
    HOT_FALLING,
    HOT_LOW,
    EXPOSED,
    COOLING_CURVE,
    ROOM_WARM,
    PROBE_DEAD,
    HOT_PROBE_DEAD,
)
