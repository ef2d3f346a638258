"""A rule's parameters in words, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from bihuan.console.shown import is_english
from bihuan.rules.kinds import KINDS
from bihuan.rules.rule import Rule

PARAMETERS = {
    "limit": gettext_lazy("限值"),
    "side": gettext_lazy("方向"),
    "for": gettext_lazy("持续时长"),
    "clear": gettext_lazy("解除值"),
    "by": gettext_lazy("变化量"),
    "within": gettext_lazy("时间窗口"),
    "polygon": gettext_lazy("区域"),
    "fixes": gettext_lazy("连续次数"),
    "k": gettext_lazy("倍数"),
    "history": gettext_lazy("历史长度"),
    "low": gettext_lazy("下限"),
    "high": gettext_lazy("上限"),
    "times": gettext_lazy("次数"),
    "hot": gettext_lazy("起始温度"),
    "middle": gettext_lazy("中间温度"),
    "cold": gettext_lazy("终了温度"),
    "first": gettext_lazy("第一段时长"),
    "second": gettext_lazy("第二段时长"),
    "other": gettext_lazy("另一项读数"),
    "other_limit": gettext_lazy("另一项限值"),
    "other_side": gettext_lazy("另一项方向"),
    "sign": gettext_lazy("体征"),
    "points": gettext_lazy("分数"),
    "sends": gettext_lazy("设备报送"),
    "outage": gettext_lazy("超过多久算中断"),
    "every": gettext_lazy("每隔多久取一次"),
    "way": gettext_lazy("变化方向"),
}
PLAIN = {
    "above": gettext_lazy("高于"),
    "below": gettext_lazy("低于"),
    "amounts": gettext_lazy("每次的增量"),
    "running": gettext_lazy("一直累加的总量"),
    "either": gettext_lazy("升降都算"),
    "rise": gettext_lazy("上升"),
    "fall": gettext_lazy("下降"),
    "home": gettext_lazy("各人自己的区域"),
}
CHANNELS = {
    "heart_rate": gettext_lazy("心率"),
    "systolic": gettext_lazy("收缩压"),
    "diastolic": gettext_lazy("舒张压"),
    "spo2": gettext_lazy("血氧"),
    "temperature": gettext_lazy("体温"),
    "battery": gettext_lazy("电量"),
    "steps": gettext_lazy("步数"),
    "turnovers": gettext_lazy("翻身"),
    "core_temperature": gettext_lazy("中心温度"),
    "air_temperature": gettext_lazy("环境温度"),
    "humidity": gettext_lazy("湿度"),
    "rain": gettext_lazy("雨量"),
    "rain_step": gettext_lazy("雨量增量"),
    "rain_total": gettext_lazy("累计雨量"),
    "rain_1h": gettext_lazy("1 小时雨量"),
    "rain_3h": gettext_lazy("3 小时雨量"),
    "rain_6h": gettext_lazy("6 小时雨量"),
    "rain_12h": gettext_lazy("12 小时雨量"),
    "rain_24h": gettext_lazy("24 小时雨量"),
    "level": gettext_lazy("水位"),
    "depth": gettext_lazy("积水深度"),
    "link": gettext_lazy("设备联系"),
    "position": gettext_lazy("定位"),
}
UNITS = {"Cel": "℃", "1": "", "deg": "°"}  # others are shown as they are
LENGTHS = {
    "d": gettext_lazy("天"),
    "h": gettext_lazy("小时"),
    "m": gettext_lazy("分钟"),
    "s": gettext_lazy("秒"),
}
MEANINGS = {
    "beyond": gettext_lazy(
        "严格越过限值并连续不少于规定时长即开启，回到解除值即解除；等于限值不算越限。"
    ),
    "silence": gettext_lazy("距上次读数严格超过规定时长即开启，再有读数即解除。"),
    "change": gettext_lazy(
        "窗口内最高与最低之差达到变化量即开启；只看上升（下降）的，看当前值比窗口内最低（最高）值高（低）多少。"
    ),
    "outside": gettext_lazy(
        "连续若干定位在区域外且不少于规定时长即开启，回到区域内即解除；边界上算在内。"
    ),
    "baseline": gettext_lazy("偏离自身历史中位数超过若干倍离差即开启。"),
    "exposure": gettext_lazy("窗口内处于上下限之间的累计时长达到规定即开启。"),
    "count": gettext_lazy("窗口内越限读数达到规定次数即开启。"),
    "total": gettext_lazy("窗口内的增量之和（或总量的增加）达到限值即开启；总量变小视为重新计起。"),
    "cooling": gettext_lazy("两段降温中任一段超时未达即开启，达到或重新加热即解除。"),
    "rate": gettext_lazy("窗口内两项计数增量之比越过限值即开启。"),
    "without": gettext_lazy("出现一项读数后规定时间内没有另一项读数即开启。"),
    "points": gettext_lazy("单项体征预警分达到规定即开启；只计一项，不是总分。"),
}


def meaning(rule: Rule) -> str:
    """What its kind of rule does, in a sentence."""
    return str(MEANINGS[rule.kind])


def channel_word(name: str) -> str:
    """A channel's name in the reader's language."""
    return str(CHANNELS.get(name, name))


def rows_of(rule: Rule) -> list[tuple[str, str, str]]:
    """(name, word, value with unit) of every parameter that a rule declares."""
    return [
        (name, word_of(name), shown(rule, name, value)) for name, value in rule.parameters.items()
    ]


def describe(rule: Rule, given: Mapping[str, object]) -> str:
    """Some of a rule's parameters in one line."""
    parts = [f"{word_of(name)} {shown(rule, name, value)}" for name, value in given.items()]
    return (", " if is_english() else "\N{FULLWIDTH COMMA}").join(parts)


def word_of(name: str) -> str:
    """A parameter's name in the reader's language."""
    return str(PARAMETERS.get(name, name))


def shown(rule: Rule, name: str, value: object) -> str:
    """A parameter's value with its unit."""
    text = str(value)
    if text in PLAIN:
        return str(PLAIN[text])
    if text in CHANNELS:
        return channel_word(text)
    if name not in KINDS[rule.kind].limits:
        return length(text)
    return f"{text} {UNITS.get(rule.unit, rule.unit)}".strip()


def length(text: str) -> str:
    """A duration such as 30s in the reader's language; what is none stays."""
    return text if is_english() else _zh_length(text)


def _zh_length(text: str) -> str:
    """30s → 30 秒; what is no duration stays."""
    if len(text) > 1 and text[:-1].isdigit() and text[-1] in LENGTHS:
        return f"{text[:-1]} {LENGTHS[text[-1]]}"
    return text
