"""智慧养老 / Elder care: what this folder declares."""

from __future__ import annotations

from bihuan.loop.scenario import Scenario
from bihuan.scenarios.elder_care.demo import populate, story
from bihuan.scenarios.elder_care.playbook import SOS, VITALS
from bihuan.scenarios.elder_care.rules import RULES

SCENARIO = Scenario(
    name="elder_care",
    title=("智慧养老", "Elder care"),
    subjects={"elder": ("老人", "Elder")},
    signals={
        "sos": ("呼救", "SOS"),
        "fall": ("跌倒", "Fall"),
        "low_battery": ("电量低", "Low battery"),
        "off_wrist": ("未佩戴", "Not worn"),
        "vitals": ("体征异常", "Vital signs"),
        **{rule.id: (rule.title_zh, rule.title_en) for rule in RULES},
    },
    roles={
        "family": ("家属", "Family"),
        "village_duty": ("村值班", "Village duty"),
        "town_duty": ("镇（街道）值班", "Town duty"),
        "county_command": ("县指挥中心", "County command"),
    },
    playbooks=(SOS, VITALS),
    rules=RULES,
    demo=populate,
    story=story,
)
