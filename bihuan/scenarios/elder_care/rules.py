"""告警规则 / Rules: which readings of a band need a person, by limits with their source.

A band's pressure is taken at the wrist and is no diagnosis: beyond these limits somebody asks and
measures again. Two readings in a row are wanted, so that one artefact calls nobody; 0 is no
reading at all and never gets here. A clinician sets a person's own limits.
"""

from __future__ import annotations

from datetime import date

from bihuan.rules.rule import Rule

_NEWS2 = "NEWS2, Royal College of Physicians 2017: band of three points for pulse"
_PRESSURE = (
    "urgent referral at 180 and/or 110 mmHg with follow-up in two weeks [V secondary];"
    " a wrist pressure is no diagnosis"
)
_KNOWN = "general practice [K]; the county's own figure replaces it"
_SINCE = date(2026, 1, 1)
_HERE = "every county until it sets its own"
TWO_READINGS = "30s"  # the second in a row, at least this long after the first


def _vital(
    name: str, titles: tuple[str, str], limit: tuple[str, str, int, str], source: str
) -> Rule:
    """limit: channel, side, the last whole number that is not beyond it, unit."""
    channel, side, last_good, unit = limit
    return Rule(
        id=name,
        title_zh=titles[0],
        title_en=titles[1],
        kind="beyond",
        channel=channel,
        parameters={"limit": last_good, "side": side, "for": TWO_READINGS},
        unit=unit,
        source=source,
        effective_from=_SINCE,
        region=_HERE,
        severity="danger",
    )


# a value on the limit is not beyond it: beyond 130 is 131 and more
HEART_RATE_HIGH = _vital(
    "heart_rate_high",
    ("心率过快", "Heart rate 131 or more"),
    ("heart_rate", "above", 130, "bpm"),
    _NEWS2,
)
HEART_RATE_LOW = _vital(
    "heart_rate_low",
    ("心率过慢", "Heart rate 40 or less"),
    ("heart_rate", "below", 41, "bpm"),
    _NEWS2,
)
SYSTOLIC_HIGH = _vital(
    "systolic_high",
    ("收缩压过高", "Systolic pressure 180 or more"),
    ("systolic", "above", 179, "mmHg"),
    _PRESSURE,
)
DIASTOLIC_HIGH = _vital(
    "diastolic_high",
    ("舒张压过高", "Diastolic pressure 110 or more"),
    ("diastolic", "above", 109, "mmHg"),
    _PRESSURE,
)
_SILENT = ("手环失联", "Band not heard from")
LINK_SILENT = Rule(
    id="link_silent",
    title_zh=_SILENT[0],
    title_en=_SILENT[1],
    kind="silence",
    channel="link",
    parameters={"for": "2h"},
    unit="1",
    source=_KNOWN,
    effective_from=_SINCE,
    region=_HERE,
    severity="warning",
)

VITALS = (HEART_RATE_HIGH, HEART_RATE_LOW, SYSTOLIC_HIGH, DIASTOLIC_HIGH)
RULES = (*VITALS, LINK_SILENT)
