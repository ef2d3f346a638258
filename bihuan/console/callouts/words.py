"""The words of the call-out desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.console.shown import role_word
from bihuan.loop.scenario import installed

STATES = {
    "waiting": _("待呼叫"),
    "calling": _("正在呼叫"),
    "reached": _("已接通，未确认"),
    "no_answer": _("未应答"),
    "superior": _("已报上级"),
    "knock": _("上门叫应"),
    "failed": _("仍未联系上"),
    "confirmed": _("已确认"),
    "on_behalf": _("代为确认"),
    "stopped": _("已停止呼叫"),
}
ORDERS = {
    "listing": _("正在排队"),
    "running": _("进行中"),
    "superseded": _("已被新命令取代"),
    "lifted": _("解除"),
    "ended": _("已结束"),
}
REASONS = {
    "no_answer": _("无人接"),
    "declined": _("拒接"),
    "cannot": _("接通后表示执行不了"),
    "off": _("关机"),
    "failed": _("未送出"),
    "unknown": _("结果不明"),
    "held": _("通道暂不可用，等待送出"),
    "unreachable": _("没有可用的联系方式"),
    "quiet": _("本次演练不响铃"),
    "no_key": _("响过，没有确认"),
    "not_found": _("上门未找到人"),
}
HOW = {
    "key": _("按键确认"),
    "sms": _("短信回复确认"),
    "page": _("页面确认"),
    "door": _("上门确认"),
    "on_behalf": _("代为确认"),
}
MODES = {"live": _("正式"), "drill": _("演练")}
SEVERITIES = {"critical": _("紧急"), "major": _("重要"), "minor": _("一般")}
TASKS = {"superior": _("联系下属"), "knock": _("上门叫应"), "lift_offer": _("待解除")}
_ROLES = {"household": _("住户"), "named": _("指名")}


def role(name: str) -> str:
    """A role's name in the reader's language, whichever scenario declares it."""
    if name in _ROLES:
        return str(_ROLES[name])
    for scenario, declared in installed().items():
        if name in declared.roles:
            return role_word(scenario, name)
    return name
