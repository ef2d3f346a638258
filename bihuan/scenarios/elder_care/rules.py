"""告警规则 / Rules: which readings of a band need a person, by limits with their source.

A band's pressure is taken at the wrist and is no diagnosis: beyond these limits somebody asks and
measures again. Two readings in a row are wanted, so that one artefact calls nobody; 0 is no
reading at all and never gets here. A clinician sets a person's own limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bihuan.rules.rule import Rule

_NEWS2 = (
    "NEWS2（英国皇家内科医师学会，2017）：脉搏三分区间 /"
    " NEWS2, Royal College of Physicians 2017: band of three points for pulse"
)
_PRESSURE = (
    "达到180和（或）110 mmHg 紧急转诊，两周内随访 [V secondary]；腕部测压不是诊断 / "
    "urgent referral at 180 and/or 110 mmHg with follow-up in two weeks [V secondary];"
    " a wrist pressure is no diagnosis"
)
KNOWN = "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
_SINCE = date(2026, 1, 1)
_HERE = "各县通用，本县可自定 / every county until it sets its own"
TWO_READINGS = "30s"  # the second in a row, at least this long after the first


def rule(
    name: str,
    titles: tuple[str, str],
    watched: tuple[str, str, str],
    parameters: Mapping[str, object],
    said: tuple[str, str],
) -> Rule:
    """A rule of this release. watched: kind, channel, unit. said: source, severity."""
    kind, channel, unit = watched
    source, severity = said
    return Rule(
        id=name,
        title_zh=titles[0],
        title_en=titles[1],
        kind=kind,
        channel=channel,
        parameters=parameters,
        unit=unit,
        source=source,
        effective_from=_SINCE,
        region=_HERE,
        severity=severity,
    )


def _vital(
    name: str, titles: tuple[str, str], limit: tuple[str, str, int, str], source: str
) -> Rule:
    """limit: channel, side, the last whole number that is not beyond it, unit."""
    channel, side, last_good, unit = limit
    parameters = {"limit": last_good, "side": side, "for": TWO_READINGS}
    return rule(name, titles, ("beyond", channel, unit), parameters, (source, "danger"))


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
# most often it is on its charger: it is shown, and calls nobody (rules_band.LINK_LOST calls)
LINK_SILENT = rule(
    "link_silent",
    ("手环失联", "Band not heard from"),
    ("silence", "link", "1"),
    {"for": "2h"},
    (KNOWN, "warning"),
)

VITALS = (HEART_RATE_HIGH, HEART_RATE_LOW, SYSTOLIC_HIGH, DIASTOLIC_HIGH)
RULES = (*VITALS, LINK_SILENT)
