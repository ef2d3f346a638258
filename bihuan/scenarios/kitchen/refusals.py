"""拒绝的话 / What a refusal says on a page: field, got and want in words of the kitchen.

A check's own texts are English, for logs and other systems; tests/scenarios/test_refusals.py walks
the folder and finds what has no words here.
"""

from __future__ import annotations

from typing import Final

from bihuan.register.scheme import Says, Words
from bihuan.scenarios.kitchen.batches import BATCH

FIELDS: Final[dict[str, Words]] = {
    "core": ("中心温度", "Core temperature"),
    "chilled": ("冷却", "Cooling"),
    "eat_by": ("食用时限", "Eat by"),
    "sample": ("留样", "Food sample"),
    "probe": ("探针", "Probe"),
    "packed": ("分装", "Packing"),
    "deliveries": ("配送", "Deliveries"),
    "discarded_portions": ("废弃份数", "Portions discarded"),
    "batch": ("批次", "Batch"),
    "receipt": ("收餐记录", "Receipt"),
    "reheat": ("复热", "Reheating"),
    "arrived": ("到达时间", "Arrived at"),
    "portions_arrived": ("实收份数", "Portions received"),
    "portions_eaten": ("已食用份数", "Portions eaten"),
    "taken": ("留样时间", "Sample taken"),
    "complaint": ("投诉", "Complaint"),
    "code": ("检查码", "Inspection code"),
    "way": ("检查方式", "Way of inspecting"),
    "office": ("检查单位", "Inspecting office"),
    "quant_grade": ("量化等级", "Quantified grade"),
    "calibrated_until": ("校准有效期", "Calibrated until"),
}
_TEXTS: Final = (
    # what was got
    ("没有", "none"),
    ("没有填", "nothing"),
    ("已过", "over"),
    ("{} 已过", "over since {}"),
    ("还没有证实可食用", "no time proved"),
    ("超时", "late"),
    ("校准已过期或没有登记", "not calibrated"),
    ("没有密封贴标签", "not sealed and labelled"),
    ("没有证实", "not proved"),
    ("没有 8℃ 及以下的记录", "no entry of 8 Cel or below"),
    ("还不到 48 小时", "less than 48 h ago"),
    ("先到现场", "on site first"),
    ("县里的 {}", "{} of the county's"),
    ("设备 {1} 测得 {0}℃", "{} Cel by a device at {}"),
    ("探针自己只测到 {}℃", "{} Cel by the probe itself"),
    ("{}℃", "{} Cel"),
    ("加上剩下的共 {}", "{} with what is left"),
    # what is wanted
    ("至少 {}℃", "at least {} Cel"),
    ("冷却到 8℃ 以下再出厂", "cooled to 8 Cel before it leaves"),
    ("还在食用时限内的食品", "food within its time"),
    ("按记录和设备读数都还在食用时限内的食品", "food within its time by entries and devices"),
    (
        "至少 {} 克留样，已密封、贴标签，还在留样柜",
        "a sample of at least {} g, sealed, labelled and kept",
    ),
    ("校准在有效期内的探针", "a probe whose calibration holds"),
    (
        "出锅一小时内分装；超时的由两人按偏离放行",
        "packed within an hour, or released as a deviation by two people",
    ),
    ("每个用餐点都已供餐、拒收或停用", "served, refused or stopped at every school"),
    ("不超过制作的 {} 份", "at most the {} portions made"),
    ("不超过发出的 {} 份", "at most the {} portions sent"),
    ("不超过收到的 {} 份", "at most the {} that came"),
    ("不晚于现在的时间", "a time that is not in the future"),
    ("在 {} 发车之后", "after it left at {}"),
    ("没有暂停使用、也没有召回的批次", "a batch that is neither on hold nor recalled"),
    ("先登记送达：几点到、多少度", "the receipt: when it came, how hot"),
    ("在本用餐点复热，中心温度至少 {}℃", "a core of at least {} Cel here"),
    ("已恢复供餐的批次", "a batch whose hold was lifted"),
    ("至少留 48 小时", "kept for at least 48 h"),
    ("没有要用这份留样的未办结投诉", "no open complaint that needs the sample"),
    ("召回已结束的批次", "a batch whose recall is over"),
    ("企业能扫的检查码", "the inspection code that the firm can scan"),
    ("最近 {} 天内先做过非现场检查", "an off-site check in the last {} days"),
    ("上级检查满三个月以后", "three months after it"),
    ("按十二个月平均分应为 {}", "{}, by the mean of twelve months"),
    ("晚于校准日 {}", "after {}, the day of the calibration"),
)
TEXTS: Final = {
    **{en: zh for zh, en in _TEXTS},
    **{name: words[0] for name, words in BATCH.states},
}
SAYS: Final = Says(FIELDS, TEXTS)
