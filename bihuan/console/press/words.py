"""Words of press pages and published series; Chinese is the source."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LABELS = {
    "indicator": _("指标"),
    "scope": _("范围"),
    "period": _("期间"),
    "value": _("数值"),
    "unit": _("计量单位"),
    "qualifier": _("约数标记"),
    "growth": _("增幅（原文）"),
    "rank": _("位次"),
    "status": _("性质"),
}
PERIODS = {
    "cumulative": _("累计"),
    "single": _("单期"),
    "point": _("时点"),
    "since": _("自某日起"),
}
STATUSES = {
    "actual": _("实际"),
    "planned": _("计划"),
    "forecast": _("预计"),
    "at_capacity": _("达产后"),
}
BASES = {"yoy": _("同比"), "period_on_period": _("环比"), "other": _("其他基期")}
ARTICLES = {
    "news": _("消息"),
    "feature": _("通讯"),
    "commentary": _("评论"),
    "photo": _("图片"),
    "notice": _("公告"),
    "advertisement": _("广告"),
    "weather": _("天气"),
}
VERDICTS = {
    "confirmed": _("已确认"),
    "corrected": _("更正后确认"),
    "rejected": _("不采用"),
}
SOURCES = {"press": _("报刊"), "sheet": _("表格导入"), "api": _("接口导入")}
FAULTS = {
    "indicator": _("请写明指标"),
    "scope": _("请写明是谁的数（范围）"),
    "period": _("请选期间类型"),
    "start": _("起始日期要早于截止日期，写作 2026-01-31"),
    "end": _("请写截止日期，写作 2026-01-31"),
    "value": _("数值要用数字写全，并且原文印有这个数"),
    "growth": _("增幅要用数字，并且原文印有这个数"),
    "unit": _("单位和这个系列原来的不同；换一个指标名，或改单位"),
    "rank": _("位次要从 1 起"),
    "change": _("位次变化要用整数"),
    "revises": _("这一期已有别的数；确要修订，请勾选“修订”并写明原因"),
    "reason": _("请写明原因，最多 500 字"),
    "paper": _("请写明来源，最多 120 字"),
    "issued": _("请写发布日期，不晚于今天"),
    "text": _("请粘贴一版文字或选一个文本文件，最多 20 万字"),
    "quote": _("引文要和原文一字不差，并且只在一篇里"),
    "figure": _("请写指标编号，最多 120 字"),
    "value_id": _("这个数已修订或撤回"),
}
