"""Acts that playbooks of elder care share: of an emergency, and of the call of 120."""

from __future__ import annotations

from dataclasses import replace

from bihuan.loop.playbook import STAYS, Act, Field, Keeps, Limit

_KNOWN = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_SINCE = "2026-01-01"
_HERE = "各县通用，本县可自定 / every county until it sets its own"


def limit(seconds: int, source: str = _KNOWN) -> Limit:
    return Limit(seconds=seconds, source=source, effective_from=_SINCE, region=_HERE)


OFFICIALS = ("village_duty", "town_duty", "county_command")
SUPERIORS = ("town_duty", "county_command")
OPEN = ("awaiting_answer", "in_progress", "awaiting_confirmation")

ACTS = (
    Act("take", ("awaiting_answer",), "in_progress", ("family", *OFFICIALS)),
    Act("progress", ("in_progress",), "in_progress", ("family", *OFFICIALS)),
    Act(
        "report",
        ("in_progress",),
        "awaiting_confirmation",
        ("family", *OFFICIALS),
        proof=("photo", "words"),
    ),
    # who went there himself does not also say for the origin that it is solved
    Act("solved", ("awaiting_confirmation",), "closed", ("family",), not_by=("owner",)),
    Act("not_solved", ("awaiting_confirmation",), "in_progress", ("family",)),
    Act("false_alarm", ("awaiting_answer", "in_progress"), "closed", ("family", *OFFICIALS)),
    Act("sign_no_reply", ("awaiting_confirmation",), "closed", SUPERIORS, not_by=("owner",)),
    Act("decide", ("awaiting_answer", "in_progress"), "closed", SUPERIORS, not_by=("owner",)),
)

TO_120_1 = Act(
    "hand_to_120",
    ("in_progress",),
    "in_progress",
    ("family", *OFFICIALS),
    does="progress",
    title=("已拨打120，写明谁在等车", "120 called: who waits for it"),
)
# 120 is called besides: the case goes on and its clock begins anew, so that somebody asks again
TO_120_2 = Act(
    "hand_to_120",
    ("in_progress",),
    STAYS,
    ("family", *OFFICIALS),
    does="step",
    starts=("progress",),
    fields=(
        Field(
            "called_by",
            "choice",
            options=(
                ("family", ("家属拨打", "the family rang")),
                ("village", ("村里拨打", "the village rang")),
                ("doctor", ("医生拨打", "the doctor rang")),
                ("neighbour", ("邻居拨打", "a neighbour rang")),
                ("elder", ("本人拨打", "the elder rang")),
            ),
            title=("谁拨打的", "Who rang"),
        ),
        Field(
            "way",
            "choice",
            options=(
                ("direct", ("直接打120", "120 directly")),
                ("police", ("经110转接", "through 110")),
                ("command", ("经县指挥中心", "through the county command")),
                ("clinic", ("经卫生院", "through the clinic")),
            ),
            title=("怎么打的", "By which call"),
        ),
        Field("called", "date", is_required=False, title=("几点打的", "When")),
        Field(
            "order",
            "text",
            is_required=False,
            title=("120任务号（120告诉了才填）", "Number of the 120 order, if told"),
        ),
    ),
    title=("已转120", "Handed over to 120"),
)
_CALLERS = tuple(
    ("self" if value == "elder" else value, words) for value, words in TO_120_2.fields[0].options
)
# the same, and it files the record of it, in the record's own values
TO_120 = replace(
    TO_120_2,
    fields=(replace(TO_120_2.fields[0], options=_CALLERS), *TO_120_2.fields[1:]),
    keeps=Keeps(
        record="handover",
        fields=tuple((name, name) for name in ("called_by", "way", "called", "order")),
        at="called",
        words="waits",
    ),
)
