"""CCP智控 / Central kitchens: what this folder declares."""

from __future__ import annotations

from bihuan.loop.scenario import Scenario
from bihuan.scenarios.kitchen import still
from bihuan.scenarios.kitchen.demo import populate, story
from bihuan.scenarios.kitchen.figures import FIGURES
from bihuan.scenarios.kitchen.guards import GUARDS
from bihuan.scenarios.kitchen.playbook import PLAYBOOKS
from bihuan.scenarios.kitchen.records import SCHEME
from bihuan.scenarios.kitchen.roles import (
    DIRECTOR,
    KITCHEN,
    MANAGER,
    OFFICER,
    REGULATOR,
    ROLES,
    STATION,
)
from bihuan.scenarios.kitchen.rules import RULES
from bihuan.scenarios.kitchen.shows import NOTICES, OVERVIEWS, PANELS, SHEETS

SCENARIO = Scenario(
    name="kitchen",
    title=("CCP智控（中央厨房）", "CCP control (central kitchens)"),
    subjects={kind.name: kind.title for kind in SCHEME.subjects},
    signals={
        "deviation": ("偏离", "Deviation"),
        "school_notice": ("停用通知", "Do not serve"),
        "school_lifted": ("恢复供餐通知", "Hold lifted: it may be served"),
        "paper": ("管理事项", "Paper due"),
        "complaint": ("供餐投诉", "Complaint about a meal"),
        "camera_lead": ("摄像头线索", "Camera lead"),
        "no_hat": ("线索：未戴工作帽", "Lead: no hat"),
        "no_mask": ("线索：未戴口罩", "Lead: no mask"),
        "smoking": ("线索：抽烟", "Lead: smoking"),
        "bare_chest": ("线索：赤膊", "Lead: bare chest"),
        "other": ("线索：其他", "Lead: other"),
        "eat_by_soon": ("食用时限将到", "Eat-by time nearly over"),
        "eat_by": ("超过食用时限", "Past its eat-by time"),
        "core_low": ("中心温度不足", "Core too cold"),
        "check_beyond": ("控制点偏离", "Entry beyond a limit"),
        "no_sample": ("未留样", "No food sample"),
        "packed_late": ("分装超时", "Packed late"),
        "cooling_slow": ("冷却过慢", "Cooling too slow"),
        "not_reheated": ("未证实复热", "Reheating not proved"),
        "recall": ("召回", "Recall"),
        "school_hold": ("暂停使用通知", "On hold: do not serve"),
        "school_recall": ("召回通知", "Recalled: do not serve"),
        "no_daily": ("日管控未签", "Daily control not signed"),
        "no_weekly": ("周排查未签", "Weekly check not signed"),
        "no_monthly": ("月调度未签", "Monthly review not signed"),
        "calibration_due": ("探针应校准", "Calibration due"),
        "lead_unseen": ("线索未核实", "Lead not looked at"),
        **{rule.id: (rule.title_zh, rule.title_en) for rule in RULES},
    },
    roles=ROLES,
    grants={
        **dict.fromkeys(KITCHEN, ("see",)),
        OFFICER: ("see", "export"),
        DIRECTOR: ("see", "export"),
        MANAGER: ("see", "export"),
        STATION: ("see", "open", "export"),
        REGULATOR: ("see", "open", "edit", "tune", "export", "review"),
    },
    playbooks=PLAYBOOKS,
    rules=RULES,
    scheme=SCHEME,
    figures=FIGURES,
    panels=PANELS,
    sheets=SHEETS,
    overviews=OVERVIEWS,
    notices=(*NOTICES, *still.NOTICES),
    guards=GUARDS,
    demo=populate,
    story=story,
)
