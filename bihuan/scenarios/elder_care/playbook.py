"""呼救 / SOS: family and village are called in parallel, then the town, then the county.
体征异常 / Vital signs: the village looks in and measures again; then the town, then the county.

The band itself already rings the family (founding text 001: a key held for five seconds). The
limits are proposals of general practice [K], for the county to replace; none of them is law.
"""

from __future__ import annotations

from bihuan.loop.playbook import Act, LadderStep, Limit, Playbook
from bihuan.scenarios.elder_care.rules import VITALS as DANGEROUS

_KNOWN = "general practice [K]; the county's own figure replaces it"
_SINCE = "2026-01-01"
_HERE = "every county until it sets its own"


def _limit(seconds: int, source: str = _KNOWN) -> Limit:
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

SOS = Playbook(
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
            wait=_limit(180),
        ),
        LadderStep(title=("镇（街道）", "Town"), roles=("town_duty",), wait=_limit(180)),
        LadderStep(
            title=("县指挥中心", "County command"), roles=("county_command",), wait=_limit(180)
        ),
    ),
    acts=ACTS,
    answer=_limit(180),
    progress=_limit(1800),
    confirmation=_limit(86_400),
    repeat=_limit(300),
    tries=3,
    refusals=2,
    late_after=_limit(300),
)

# the family is called too: it may know what was measured; nobody's life is said to be at stake
VITALS = Playbook(
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
            wait=_limit(600),
        ),
        LadderStep(title=("镇（街道）", "Town"), roles=("town_duty",), wait=_limit(600)),
        LadderStep(
            title=("县指挥中心", "County command"), roles=("county_command",), wait=_limit(600)
        ),
    ),
    acts=ACTS,
    answer=_limit(600),
    progress=_limit(3600),
    confirmation=_limit(86_400),
    repeat=_limit(900),
    tries=3,
    refusals=2,
    late_after=_limit(900),
)
