"""What is kept of an elder, and the scheme of every record of the scenario.

What tells about health is sealed; a list shows where somebody lives alone, never an illness.
"""

from __future__ import annotations

from bihuan.base.time import DAY_US
from bihuan.register.scheme import Computed, Duty, Facts, Field, Relation, Scheme, SubjectType
from bihuan.scenarios.elder_care.limits import (
    AFTER_CHANGE,
    ASSESS,
    KEEP_READINGS,
    STOP_SIM,
    TELL,
    VISITS,
)
from bihuan.scenarios.elder_care.records_band import (
    APPLICATION,
    ASSESSMENT,
    DUTY,
    ISSUE,
    NOTICE,
    SIM,
)
from bihuan.scenarios.elder_care.records_health import (
    CHANGE,
    HANDOVER,
    MEASUREMENT,
    REFERRAL,
    VISIT,
)
from bihuan.scenarios.elder_care.records_place import ATTENDANCE, COVERAGE, HEAT, PLACE


def _visit_due(facts: Facts) -> int | None:
    """The next visit: by risk from the last one that met the elder, or a day after a change.

    None while risk is unknown and nothing has changed.
    """
    met = [
        visit["seen"]
        for visit in facts.related["visits"]
        if visit["met"] is True and isinstance(visit["seen"], int)
    ]
    dues = [
        since + AFTER_CHANGE.days * DAY_US
        for change in facts.related["changes"]
        if isinstance(since := change["since"], int) and not any(us >= since for us in met)
    ]
    limit = VISITS.get(str(facts.values["risk"]))
    since_us = max(met, default=facts.values["opened_us"])
    if limit is not None and isinstance(since_us, int):
        dues.append(since_us + limit.days * DAY_US)
    return min(dues, default=None)


def _assess_due(facts: Facts) -> int | None:
    """An elder who asked for a band is assessed within so many days."""
    if facts.related["assessments"]:
        return None
    asked = [a["opened_us"] for a in facts.related["applications"] if a["state"] == "asked"]
    first = min((us for us in asked if isinstance(us, int)), default=None)
    return None if first is None else first + ASSESS.days * DAY_US


def _bands(facts: Facts) -> int:
    return sum(issue["state"] == "worn" for issue in facts.related["issues"])


def _handed(facts: Facts) -> list[int]:
    """When bands that are worn now were handed over, µs."""
    worn = [one["handed"] for one in facts.related["issues"] if one["state"] == "worn"]
    return [us for us in worn if isinstance(us, int)]


def _notice_due(facts: Facts) -> int | None:
    """Who wears a band has signed that it does not replace 120."""
    handed = _handed(facts)
    is_told = any(one["is_read_120"] is True for one in facts.related["notices"])
    return None if is_told or not handed else min(handed) + TELL.days * DAY_US


def _sim_due(facts: Facts) -> int | None:
    """No band any more and a card that still runs: it is stopped."""
    is_on = any(one["state"] == "on" for one in facts.related["sims"])
    if not is_on or _bands(facts) > 0:
        return None
    back = [one.get("at.take_back") for one in facts.related["issues"]]
    ended = [us for us in back if isinstance(us, int)]
    return max(ended) + STOP_SIM.days * DAY_US if ended else None


ELDER = SubjectType(
    name="elder",
    title=("老人", "Elder"),
    party="person",
    fields=(
        Field(
            name="living",
            title=("居住情况", "Lives"),
            kind="choice",
            choices=(
                ("alone", ("独居", "Alone")),
                ("couple", ("夫妻同住", "As a couple")),
                ("family", ("与家人同住", "With family")),
            ),
            is_indexed=True,
        ),
        Field(
            name="risk",
            title=("探访级别", "Visit level"),
            kind="choice",
            choices=(
                ("high", ("高风险", "High risk")),
                ("key", ("重点", "Key")),
                ("other", ("一般", "Other")),
            ),
            is_indexed=True,
        ),
        Field(name="illness", title=("健康情况", "Health"), kind="long_text", is_sealed=True),
        Field(name="dementia", title=("认知障碍", "Dementia"), kind="yes_no", is_sealed=True),
    ),
    relations=(
        Relation(
            name="applications", title=("申请", "Applications"), to="application", by="subject"
        ),
        Relation(name="assessments", title=("评估", "Assessments"), to="assessment", by="subject"),
        Relation(name="issues", title=("发放", "Issues"), to="issue", by="subject"),
        Relation(name="visits", title=("探访", "Visits"), to="visit", by="subject"),
        Relation(name="changes", title=("重大变故", "Major changes"), to="change", by="subject"),
        Relation(
            name="notices",
            title=("服务告知书", "Service notices"),
            to="service_notice",
            by="subject",
        ),
        Relation(name="sims", title=("物联网卡", "SIM cards"), to="sim", by="subject"),
        Relation(
            name="measurements",
            title=("袖带血压", "Cuff pressures"),
            to="measurement",
            by="subject",
        ),
        Relation(name="handovers", title=("转120", "120"), to="handover", by="subject"),
        Relation(name="referrals", title=("转诊", "Referrals"), to="referral", by="subject"),
    ),
    computed=(
        Computed(name="bands", title=("在用手环", "Bands in use"), kind="integer", of=_bands),
    ),
    duties=(
        Duty(name="visit", title=("应探访", "Visit due"), at=_visit_due, roles=DUTY),
        Duty(name="assess", title=("应评估", "Assessment due"), at=_assess_due, roles=DUTY),
        Duty(
            name="tell",
            title=("应签服务告知书", "Service notice to be signed"),
            at=_notice_due,
            roles=DUTY,
        ),
        Duty(name="stop_sim", title=("应停卡", "SIM to be stopped"), at=_sim_due, roles=DUTY),
    ),
    purposes=("vitals", "position", "visits", "family_view"),
    keep_readings=KEEP_READINGS.days,
)
_TOWN = ("town_duty", "county_command")
SCHEME = Scheme(
    scenario="elder_care",
    subjects=(ELDER, PLACE),
    records=(
        APPLICATION,
        ASSESSMENT,
        NOTICE,
        ISSUE,
        SIM,
        VISIT,
        CHANGE,
        MEASUREMENT,
        REFERRAL,
        HANDOVER,
        COVERAGE,
        ATTENDANCE,
        HEAT,
    ),
    editors={
        "elder": DUTY,
        "application": ("self", "family", *DUTY),
        "assessment": DUTY,
        "service_notice": DUTY,
        "issue": DUTY,
        "sim": DUTY,
        "visit": (*DUTY, "doctor"),
        "change": ("family", "doctor", *DUTY),
        "measurement": ("doctor", *DUTY),
        "referral": ("doctor", *DUTY),
        "handover": ("family", "doctor", *DUTY, "county_command"),
        "place": _TOWN,
        "coverage": _TOWN,
        "attendance": (*DUTY, "county_command"),
        "heat_day": _TOWN,
    },
)
