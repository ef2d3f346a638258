"""Days that the county replaces: visits, assessment, follow-up, what is kept how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days that the county replaces: whose figure, since when, where it holds."""

    days: int
    source: str
    effective_from: str
    region: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """As Days, in minutes."""

    minutes: int
    source: str
    effective_from: str
    region: str


@dataclass(frozen=True, slots=True)
class Pressure:
    """A pressure at the upper arm, mmHg, from which on something is asked."""

    systolic_mmhg: int
    diastolic_mmhg: int
    source: str
    effective_from: str
    region: str


@dataclass(frozen=True, slots=True)
class Metres:
    """As Days, in metres."""

    metres: float
    source: str
    effective_from: str
    region: str


# visits by risk: local practice elsewhere, not law here
VISITS: Final = {
    "high": Days(
        7, "高风险老人探访 [L] / visits to elders at high risk [L]", "2024", "Inner Mongolia"
    ),
    "key": Days(30, "重点老人探访 [L] / visits to key elders [L]", "2024", "Inner Mongolia"),
    "other": Days(90, "一般老人探访 [L] / visits to other elders [L]", "2024", "Inner Mongolia"),
}
AFTER_CHANGE: Final = Days(
    1,
    ("情况有大变化，24小时内探访 [L] / a visit within 24 h of a major change [L]"),
    "2024",
    "Inner Mongolia",
)
ASSESS: Final = Days(30, "通行做法 [K] / general practice [K]", "2022-08-02", "county")
TELL: Final = Days(
    7,
    ("通行做法 [K]：服务告知书已签 / general practice [K]: the service notice is signed"),
    "2022-08-02",
    "county",
)
STOP_SIM: Final = Days(
    7,
    "通行做法 [K]：没有手环就停卡 / general practice [K]: no band, no card",
    "2022-08-02",
    "county",
)
RENEW_SIM: Final = Days(
    30, "通行做法 [K]：到期以前 / general practice [K]: before it runs out", "2022-08-02", "county"
)
FOLLOW_UP: Final = Days(
    14,
    (
        "达到180和（或）110 mmHg 紧急转诊，两周内随访 [V secondary] /"
        " urgent referral at 180 and/or 110 mmHg, follow-up in two weeks [V secondary]"
    ),
    "2018",
    "cn",
)
KEEP: Final = Days(
    1_095, "通行做法 [K]：三年 / general practice [K]: three years", "2022-08-02", "county"
)
# what a band measured and where it was: a month's sheet and a rule tried on a year need no more
KEEP_READINGS: Final = Days(
    400,
    ("通行做法 [K]：一年又一个月 / general practice [K]: a year and the month after it"),
    "2026",
    "county",
)
URGENT: Final = Pressure(
    180,
    110,
    (
        "达到180和（或）110 mmHg 紧急转诊 [V secondary] /"
        " urgent referral at 180 and/or 110 mmHg [V secondary]"
    ),
    "2018",
    "cn",
)
HIGH: Final = Pressure(
    140,
    90,
    (
        "非同日三次达到140/90，不凭一次 [V secondary] /"
        " 140/90 on three separate days, never one reading [V secondary]"
    ),
    "2018",
    "cn",
)
HIGH_DAYS: Final = 3
# a device that tells how its satellites stood, and no metres
PER_HDOP: Final = Metres(
    5.0,
    (
        "通行做法 [K]：空旷处每一 HDOP 的误差米数 /"
        " general practice [K]: metres of error for each HDOP, open sky"
    ),
    "2026",
    "county",
)
AMBULANCE: Final = Minutes(
    30,
    ("通行做法 [K]：到时有人问120 / general practice [K]: then somebody asks 120"),
    "2026",
    "county",
)
