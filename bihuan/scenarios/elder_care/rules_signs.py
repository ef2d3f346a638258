"""告警规则 / Rules of single signs: early-warning points, and off the person's own usual."""

from __future__ import annotations

from dataclasses import replace

from bihuan.scenarios.elder_care.rules import KNOWN, TWO_READINGS, rule

_POINTS = (
    "NEWS2（英国皇家内科医师学会，2017）：单项三分区间，不是 NEWS2 总分 /"
    " NEWS2, Royal College of Physicians 2017: band of three points of one sign;"
    " never a NEWS2 total"
)
# single signs: a band knows no breathing, oxygen or consciousness; its skin is no body temperature
SYSTOLIC_POINTS = rule(
    "systolic_points",
    ("收缩压单项预警分3分", "Systolic pressure: three early-warning points"),
    ("points", "systolic", "1"),
    {"sign": "systolic", "points": 3, "fixes": 2, "for": TWO_READINGS},
    (_POINTS, "danger"),
)
SPO2_POINTS = rule(
    "spo2_points",
    ("血氧单项预警分3分", "Oxygen saturation: three early-warning points"),
    ("points", "spo2", "1"),
    {"sign": "spo2", "points": 3, "fixes": 3, "for": "2m"},
    (_POINTS, "danger"),
)
# off one's own last seven days, two readings in a row: one alone is an artefact, opening nothing
_OWN = {"k": 6, "history": "7d", "every": "15m", "fixes": 2}
HEART_RATE_UNUSUAL = rule(
    "heart_rate_unusual",
    ("心率偏离本人常态", "Heart rate off the person's own usual"),
    ("baseline", "heart_rate", "bpm"),
    _OWN,
    (KNOWN, "notice"),
)
SYSTOLIC_UNUSUAL = rule(
    "systolic_unusual",
    ("收缩压偏离本人常态", "Systolic pressure off the person's own usual"),
    ("baseline", "systolic", "mmHg"),
    _OWN,
    (KNOWN, "notice"),
)

POINTS = (SYSTOLIC_POINTS, SPO2_POINTS)
# their first version opened at one reading
UNUSUAL = tuple(replace(one, version=2) for one in (HEART_RATE_UNUSUAL, SYSTOLIC_UNUSUAL))
