"""隐患与叫应 / Hazards and call-out: what this folder declares."""

from __future__ import annotations

from bihuan.loop.scenario import Scenario
from bihuan.scenarios.hazard.demo import populate, story
from bihuan.scenarios.hazard.figures import FIGURES
from bihuan.scenarios.hazard.playbook import PLAYBOOKS
from bihuan.scenarios.hazard.records import SCHEME
from bihuan.scenarios.hazard.rules import RULES
from bihuan.scenarios.hazard.shown import OVERVIEWS, PANELS, SHEETS
from bihuan.scenarios.hazard.told import NOTICES

SCENARIO = Scenario(
    name="hazard",
    title=("隐患与叫应", "Hazards and call-out"),
    subjects={
        "site": ("隐患场所", "Place"),
        "gauge": ("监测点", "Gauge"),
        "unit": ("防御单元", "Unit of defence"),
        "shelter": ("避灾安置场所", "Shelter"),
    },
    signals={
        "report": ("隐患反映", "Reported hazard"),
        "supervised": ("隐患督办", "Supervised hazard"),
        "gauge": ("监测告警", "Gauge alert"),
        "warning": ("预警信号", "Official warning"),
        "response": ("响应未落实", "Response not carried out"),
        "hazard_listed": ("挂牌督办", "Listed supervision"),
        "hazard_overdue": ("整改逾期", "Rectification overdue"),
        "review_overdue": ("复查逾期", "Review overdue"),
        "check_missed": ("未按时排查", "Check missed"),
        "task_overdue": ("响应任务未确认", "Task not confirmed"),
        "move_overdue": ("应转未转", "Not moved in time"),
        "move_refused": ("拒绝转移", "Refused to move"),
        "call_out_failed": ("叫应未能发出", "Nobody could be called out"),
        **{rule.id: (rule.title_zh, rule.title_en) for rule in RULES},
    },
    roles={
        "grid_worker": ("网格员", "Grid worker"),
        "site_keeper": ("场所责任人", "Keeper of the place"),
        "school": ("学校", "School"),
        "village_duty": ("村值班", "Village duty"),
        "town_duty": ("镇（街道）值班", "Town duty"),
        "county_command": ("县指挥中心", "County command"),
        "safety_office": ("安全生产办公室", "Safety office"),
        "flood_command": ("防汛指挥部", "Flood command"),
    },
    grants={
        "town_duty": ("see", "export"),
        "safety_office": ("see", "edit", "export"),
        "flood_command": ("see", "export"),
        "county_command": ("see", "edit", "tune", "export", "review"),
    },
    playbooks=PLAYBOOKS,
    rules=RULES,
    scheme=SCHEME,
    figures=FIGURES,
    panels=PANELS,
    sheets=SHEETS,
    overviews=OVERVIEWS,
    notices=NOTICES,
    demo=populate,
    story=story,
)
