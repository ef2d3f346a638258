"""智慧养老 / Elder care: what this folder declares."""

from __future__ import annotations

from bihuan.loop.scenario import Scenario
from bihuan.scenarios.elder_care.daily import NOTICES
from bihuan.scenarios.elder_care.demo import populate, story
from bihuan.scenarios.elder_care.figures import FIGURES
from bihuan.scenarios.elder_care.near import PANELS as NEAR
from bihuan.scenarios.elder_care.overviews import OVERVIEWS
from bihuan.scenarios.elder_care.panel import PANELS
from bihuan.scenarios.elder_care.playbook import CUFF, PLAYBOOKS
from bihuan.scenarios.elder_care.records import SCHEME
from bihuan.scenarios.elder_care.rules import RULES as READINGS
from bihuan.scenarios.elder_care.rules_band import AWAY, BAND
from bihuan.scenarios.elder_care.rules_signs import POINTS, UNUSUAL
from bihuan.scenarios.elder_care.sheet import SHEETS

RULES = (*READINGS, *POINTS, *UNUSUAL, *BAND, *AWAY)

SCENARIO = Scenario(
    name="elder_care",
    title=("智慧养老", "Elder care"),
    subjects={"elder": ("老人", "Elder"), "place": ("养老服务点", "Place")},
    signals={
        "sos": ("呼救", "SOS"),
        "fall": ("跌倒", "Fall"),
        "low_battery": ("电量低", "Low battery"),
        "off_wrist": ("未佩戴", "Not worn"),
        "vitals": ("体征异常", "Vital signs"),
        "wandering": ("走失风险", "Wandering"),
        "band_lost": ("手环失联", "Band not heard from"),
        "band": ("手环提醒", "Band to look after"),
        "unusual": ("偏离常态", "Off the own usual"),
        CUFF: ("袖带血压达到转诊线", "Cuff pressure at the referral line"),
        **{rule.id: (rule.title_zh, rule.title_en) for rule in RULES},
    },
    roles={
        "family": ("家属", "Family"),
        "village_duty": ("村值班", "Village duty"),
        "town_duty": ("镇（街道）值班", "Town duty"),
        "county_command": ("县指挥中心", "County command"),
        "doctor": ("医生", "Doctor"),
    },
    grants={
        "village_duty": ("see",),
        "town_duty": ("see", "export"),
        "doctor": ("see", "tune"),
        "county_command": ("see", "edit", "tune", "export", "review"),
    },
    playbooks=PLAYBOOKS,
    rules=RULES,
    scheme=SCHEME,
    figures=FIGURES,
    panels=(*PANELS, *NEAR),
    sheets=SHEETS,
    overviews=OVERVIEWS,
    notices=NOTICES,
    demo=populate,
    story=story,
)
