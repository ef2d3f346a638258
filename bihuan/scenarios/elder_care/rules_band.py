"""告警规则 / Rules of the band itself, and of who may get lost.

No data is no good sign: a band that is not heard from, not worn or nearly empty is told as a risk.
A person's own home (`polygon: home`) is drawn as a limit of that person, sealed; who has none has
none to leave, so nobody is followed who needs the key alone.
"""

from __future__ import annotations

from bihuan.scenarios.elder_care.rules import KNOWN, rule

# twelve hours are longer than a night on the charger
LINK_LOST = rule(
    "link_lost",
    ("手环失联12小时", "Band not heard from for twelve hours"),
    ("silence", "link", "1"),
    {"for": "12h"},
    (KNOWN, "warning"),
)
NOT_WORN = rule(
    "not_worn",
    ("一天未佩戴", "Not worn for a day"),
    ("silence", "heart_rate", "bpm"),
    {"for": "24h"},
    (KNOWN, "warning"),
)
# what it measured, held, so that one dip is none; a band that tells no percentage says it by itself
# (the signal `low_battery`), and both are one reminder
BATTERY_LOW = rule(
    "battery_low",
    ("电量低于20%", "Battery below 20 %"),
    ("beyond", "battery", "%"),
    {"limit": 20, "side": "below", "for": "10m", "clear": 30},
    (KNOWN, "notice"),
)
LEFT_HOME = rule(
    "left_home",
    ("离开家的范围", "Left the area of home"),
    ("outside", "position", "deg"),
    {"polygon": "home", "fixes": 3, "for": "10m"},
    (KNOWN, "danger"),
)
STILL_AWAY = rule(
    "still_away",
    ("离家4小时未回", "Away from home for four hours"),
    ("outside", "position", "deg"),
    {"polygon": "home", "fixes": 3, "for": "4h"},
    (KNOWN, "danger"),
)

REMINDERS = (NOT_WORN, BATTERY_LOW)
AWAY = (LEFT_HOME, STILL_AWAY)
BAND = (LINK_LOST, *REMINDERS)
