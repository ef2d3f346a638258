"""呼救 / SOS: family and village are called in parallel, then the town, then the county.
体征异常 / Vital signs: the village looks in and measures again; then doctor and town, the county.
走失风险 / Wandering: by day the family first; by night family, village and town at once.
手环失联 / Band lost: by day family and village; by night who is on duty, and nobody is woken.
手环提醒 / Band: taken off, not worn, nearly empty: on the list, and no phone rings.

The band itself already rings the family (founding text 001: a key held for five seconds). The
limits are proposals of general practice [K], for the county to replace; none of them is law.
Nothing here replaces 120: whoever is there calls it and says so on the case (`hand_to_120`): who
rang, when, by which call, the number of its order. That act files the record `handover`, in which
what became of it is written down: nothing is typed twice.
偏离常态 / Unusual: readings off the person's own usual go to the doctor and the village by name.
"""

from __future__ import annotations

from dataclasses import replace

from bihuan.loop.playbook import (
    STAYS,
    Act,
    ClockRule,
    LadderStep,
    Playbook,
    Watch,
)
from bihuan.scenarios.elder_care.playbook_acts import (
    ACTS,
    OFFICIALS,
    TO_120,
    TO_120_1,
    TO_120_2,
    limit,
)
from bihuan.scenarios.elder_care.rules import VITALS as DANGEROUS
from bihuan.scenarios.elder_care.rules_band import AWAY, LINK_LOST, REMINDERS
from bihuan.scenarios.elder_care.rules_signs import POINTS, UNUSUAL

SOS_1 = Playbook(
    scenario="elder_care",
    kind="sos",
    version=1,
    title=("呼救", "SOS"),
    severity="critical",
    signals=("sos", "fall"),
    ladder=(
        LadderStep(
            title=("家属与村", "Family and village"),
            roles=("family", "village_duty"),
            wait=limit(180),
        ),
        LadderStep(title=("镇（街道）", "Town"), roles=("town_duty",), wait=limit(180)),
        LadderStep(
            title=("县指挥中心", "County command"), roles=("county_command",), wait=limit(180)
        ),
    ),
    acts=ACTS,
    answer=limit(180),
    progress=limit(1800),
    confirmation=limit(86_400),
    repeat=limit(300),
    tries=3,
    refusals=2,
    late_after=limit(300),
)

# the family is called too: it may know what was measured; nobody's life is said to be at stake
VITALS_1 = Playbook(
    scenario="elder_care",
    kind="vitals",
    version=1,
    title=("体征异常", "Vital signs"),
    severity="major",
    signals=tuple(rule.id for rule in DANGEROUS),
    ladder=(
        LadderStep(
            title=("家属与村", "Family and village"),
            roles=("family", "village_duty"),
            wait=limit(600),
        ),
        LadderStep(title=("镇（街道）", "Town"), roles=("town_duty",), wait=limit(600)),
        LadderStep(
            title=("县指挥中心", "County command"), roles=("county_command",), wait=limit(600)
        ),
    ),
    acts=ACTS,
    answer=limit(600),
    progress=limit(3600),
    confirmation=limit(86_400),
    repeat=limit(900),
    tries=3,
    refusals=2,
    late_after=limit(900),
)

SOS_2 = replace(SOS_1, version=2, acts=(*ACTS, TO_120_2))
SOS = replace(SOS_1, version=3, acts=(*ACTS, TO_120))
CUFF = "cuff_pressure_high"  # a pressure that a person wrote down at a station, by name
_DOCTOR = ("take", "progress", "report", "false_alarm")
VITALS_2 = replace(
    VITALS_1,
    version=2,
    signals=(*VITALS_1.signals, *(rule.id for rule in POINTS), CUFF),
    ladder=(
        VITALS_1.ladder[0],
        LadderStep(
            title=("医生与镇（街道）", "Doctor and town"),
            roles=("doctor", "town_duty"),
            wait=limit(600),
        ),
        VITALS_1.ladder[2],
    ),
    acts=(
        *(replace(one, roles=(*one.roles, "doctor")) for one in ACTS if one.name in _DOCTOR),
        *(one for one in ACTS if one.name not in _DOCTOR),
        replace(TO_120_1, roles=(*TO_120_1.roles, "doctor")),
        Act(
            "refer",
            ("in_progress",),
            STAYS,
            ("family", "doctor", *OFFICIALS),
            does="note",
            title=("已转诊，写明到哪里、哪天复查", "Referred: where to, checked again when"),
        ),
    ),
)
VITALS_3, VITALS = (
    replace(
        VITALS_2,
        version=version,
        acts=tuple(
            replace(to_120, roles=one.roles) if one.name == to_120.name else one
            for one in VITALS_2.acts
        ),
    )
    for version, to_120 in ((3, TO_120_2), (4, TO_120))
)
DAY, NIGHT = ("06:00", "20:00"), ("20:00", "06:00")
WANDERING_1 = Playbook(
    scenario="elder_care",
    kind="wandering",
    version=1,
    title=("走失风险", "Wandering"),
    severity="critical",
    signals=tuple(rule.id for rule in AWAY),
    ladder=(
        LadderStep(title=("家属", "Family"), roles=("family",), wait=limit(600), hours=DAY),
        LadderStep(
            title=("夜间：家属、村与镇", "By night: family, village, town"),
            roles=("family", "village_duty", "town_duty"),
            wait=limit(180),
            hours=NIGHT,
        ),
        LadderStep(title=("村", "Village"), roles=("village_duty",), wait=limit(300)),
        LadderStep(title=("镇（街道）", "Town"), roles=("town_duty",), wait=limit(300)),
        LadderStep(
            title=("县指挥中心", "County command"), roles=("county_command",), wait=limit(300)
        ),
    ),
    acts=(*ACTS, TO_120_1),
    answer=limit(600),
    progress=limit(1800),
    confirmation=limit(86_400),
    repeat=limit(600),
    tries=3,
    refusals=2,
    late_after=limit(900),
)
WANDERING_2 = replace(WANDERING_1, version=2, acts=(*ACTS, TO_120_2))
WANDERING = replace(WANDERING_1, version=3, acts=(*ACTS, TO_120))
AWAKE, ASLEEP = ("07:00", "21:00"), ("21:00", "07:00")
LOST = Playbook(
    scenario="elder_care",
    kind="band_lost",
    version=1,
    title=("手环失联", "Band not heard from"),
    severity="minor",
    signals=(LINK_LOST.id,),
    ladder=(
        LadderStep(
            title=("白天：家属与村", "By day: family and village"),
            roles=("family", "village_duty"),
            wait=limit(3600),
            hours=AWAKE,
        ),
        LadderStep(
            title=("夜间值班", "On duty by night"),
            roles=("village_duty", "town_duty"),
            wait=limit(36_000),
            hours=ASLEEP,
        ),
        LadderStep(
            title=("家属与村", "Family and village"),
            roles=("family", "village_duty"),
            wait=limit(3600),
        ),
        LadderStep(title=("镇（街道）", "Town"), roles=("town_duty",), wait=limit(7200)),
    ),
    acts=ACTS,
    answer=limit(43_200),
    progress=limit(86_400),
    confirmation=limit(86_400),
    repeat=limit(21_600),
    tries=3,
    refusals=2,
    late_after=limit(3600),
)
REMINDER_1 = Playbook(
    scenario="elder_care",
    kind="band",
    version=1,
    title=("手环提醒", "Band to look after"),
    severity="minor",
    signals=("off_wrist", *(rule.id for rule in REMINDERS)),
    acts=(
        Act(
            "accept",
            ("new",),
            "in_progress",
            ("family", *OFFICIALS),
            meets=("accept",),
            starts=("act",),
            title=("我来看看", "I'll look"),
        ),
        Act("note", ("new", "in_progress"), STAYS, ("family", *OFFICIALS)),
        Act(
            "close",
            ("new", "in_progress"),
            "closed",
            ("family", *OFFICIALS),
            outcome="not_applicable",
            title=("已戴好、充好或收回", "Worn, charged or taken back"),
        ),
    ),
    begins="new",
    opening=("accept",),
    clocks=(
        ClockRule(
            "accept",
            limit(86_400),
            watches=(Watch(1, 1, ("village_duty",)), Watch(2, 2, ("town_duty",))),
            again_s=7 * 86_400,
        ),
        ClockRule(
            "act", limit(3 * 86_400), watches=(Watch(1, 1, ("town_duty",)),), again_s=7 * 86_400
        ),
    ),
    repeat=limit(86_400),
    late_after=limit(3600),
)
# a band may say that it is nearly empty without telling a percentage: its own word is enough
REMINDER_2 = replace(REMINDER_1, version=2, signals=(*REMINDER_1.signals, "low_battery"))
# who says 我来看看 has it by name: without `begin` nobody held it, and the act was refused
REMINDER = replace(
    REMINDER_2,
    version=3,
    acts=(replace(REMINDER_2.acts[0], does="begin"), *REMINDER_2.acts[1:]),
)
_NEAR = ("family", "doctor", *OFFICIALS)
# within every limit, and unlike this person: a reason to look in and to measure, and no emergency
UNUSUAL_SIGNS = Playbook(
    scenario="elder_care",
    kind="unusual",
    version=1,
    title=("偏离常态", "Off the own usual"),
    severity="minor",
    signals=tuple(rule.id for rule in UNUSUAL),
    acts=(
        Act(
            "accept",
            ("new",),
            "in_progress",
            _NEAR,
            does="begin",
            meets=("accept",),
            starts=("act",),
            title=("我去看望", "I'll look in"),
        ),
        Act("note", ("new", "in_progress"), STAYS, _NEAR),
        replace(TO_120, roles=_NEAR, starts=("act",)),
        Act(
            "close",
            ("in_progress",),
            "closed",
            _NEAR,
            outcome="not_applicable",
            title=(
                "已看望并用袖带复测，写明结果",
                "Looked in and measured by cuff: what was found",
            ),
        ),
        Act("false_alarm", ("new", "in_progress"), "closed", _NEAR),
    ),
    begins="new",
    opening=("accept",),
    clocks=(
        ClockRule(
            "accept",
            limit(86_400),
            watches=(Watch(1, 1, ("doctor", "village_duty")), Watch(2, 2, ("town_duty",))),
            again_s=7 * 86_400,
        ),
        ClockRule(
            "act",
            limit(2 * 86_400),
            watches=(Watch(1, 1, ("doctor", "town_duty")),),
            again_s=7 * 86_400,
        ),
    ),
    repeat=limit(86_400),
    late_after=limit(3600),
)
PLAYBOOKS = (
    SOS_1,
    SOS_2,
    SOS,
    VITALS_1,
    VITALS_2,
    VITALS_3,
    VITALS,
    WANDERING_1,
    WANDERING_2,
    WANDERING,
    LOST,
    REMINDER_1,
    REMINDER_2,
    REMINDER,
    UNUSUAL_SIGNS,
)
