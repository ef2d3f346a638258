"""Chinese units in English. A unit that is not known here stays as it was printed. Pure.

A counting word (家, 个, 项 …) has no English: the number counts what the indicator names. 万 and 亿
before a unit are part of the number: 176.56 亿元 are 17,656,000,000 yuan.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_TIMES: Final = (("万亿", 10**12), ("亿", 10**8), ("千万", 10**7), ("百万", 10**6), ("万", 10**4))
_COUNTING: Final = """
家 个 项 批 条 座 所 台 套 艘 架 栋 幢 间 支 枚 张 本 篇 处 口 头 只 羽 株 棵 类 种 单 宗 起 例
桩 笔 片 块 门 盒 瓶 桶 袋 册 部 颗 根 盏 站 桌 队 组 团 期 床
"""
COUNTING: Final = frozenset(_COUNTING.split())
ENGLISH: Final = {
    "%": "%",
    "％": "%",
    "‰": "‰",
    "百分点": "percentage points",
    "个百分点": "percentage points",
    "微克/立方米": "µg/m³",
    "微克每立方米": "µg/m³",
    "毫克/立方米": "mg/m³",
    "毫克/升": "mg/L",
    "平方公里": "km²",
    "平方千米": "km²",
    "平方米": "m²",
    "立方米": "m³",
    "千瓦时": "kWh",
    "度": "kWh",
    "千瓦": "kW",
    "兆瓦": "MW",
    "公里": "km",
    "千米": "km",
    "海里": "nautical miles",
    "米": "m",
    "毫米": "mm",
    "亩": "mu",
    "亩次": "mu worked",
    "公顷": "ha",
    "吨": "t",
    "公斤": "kg",
    "千克": "kg",
    "克": "g",
    "升": "L",
    "斤": "jin (0.5 kg)",
    "剂": "doses",
    "剂次": "doses",
    "针": "doses",
    "份": "copies",
    "元": "yuan",
    "美元": "US dollars",
    "欧元": "euros",
    "日元": "yen",
    "港元": "Hong Kong dollars",
    "人": "people",
    "名": "people",
    "位": "people",
    "户": "households",
    "对": "pairs",
    "件": "cases",
    "次": "times",
    "场": "sessions",
    "场次": "sessions",
    "节": "lessons",
    "课时": "lessons",
    "辆": "vehicles",
    "倍": "times",
    "标箱": "TEU",
    "箱": "crates",
    "成": "tenths",
    "人份": "portions",
    "人次": "person-times",
    "辆次": "vehicle trips",
    "架次": "flights",
    "车次": "trips",
    "件次": "case-times",
    "户次": "household-times",
    "家次": "visits to firms",
    "班次": "runs",
    "批次": "batches",
    "门次": "courses",
    "床次": "bed-times",
    "分": "points",
    "岁": "years",
    "天": "days",
    "日": "days",
    "小时": "hours",
    "分钟": "minutes",
    "秒": "seconds",
    "年": "years",
    "个月": "months",
}


def english(unit: str) -> tuple[int, str]:
    """By how much the number grows, and its unit: 亿元 → (100000000, "yuan"), 家 → (1, "")."""
    unit = unit.strip()
    if unit in COUNTING:
        return 1, ""
    if unit in ENGLISH:
        return 1, ENGLISH[unit]
    for word, times in _TIMES:
        rest = unit.removeprefix(word)
        if rest != unit and (not rest or rest in COUNTING or _parts(rest) is not None):
            return times, "" if rest in COUNTING else _parts(rest) or ""
    return 1, _parts(unit) or unit


def _parts(unit: str) -> str | None:
    """元/平方米 by its parts; None where one of them is not known."""
    if unit == "":
        return ""
    words = [ENGLISH.get(part, "unit" if part in COUNTING else None) for part in unit.split("/")]
    known = [word for word in words if word is not None]
    return "/".join(known) if len(known) == len(words) else None


def grown(text: str, times: int) -> str:
    """A decimal text times a power of ten, exact."""
    value = Decimal(text)
    shift = len(str(times)) - 1
    return f"{value.scaleb(shift):f}" if shift else text


def label(unit: str) -> str:
    """A unit as a chart names it, its numbers as they were stated: 亿元 → 100,000,000 yuan."""
    times, word = english(unit)
    return word if times == 1 else f"{times:,} {word}".rstrip()
