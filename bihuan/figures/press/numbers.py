"""Printed quantities: digits or Chinese numerals, 万 and 亿, what makes them inexact, the unit.

A value is exact decimal text in its base unit: 103.86亿元 is 10386000000 元. 余, 超, 多, 近 are
kept as a qualifier and never rounded away. What only looks like a quantity (第39个, 8月20日, 80岁,
4S, 618, a telephone number, 10至15米) is not one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bihuan.figures.press.vocabulary import MONEY, NOT_UNITS, UNITS

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
DIGITS |= {"八": 8, "九": 9}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}

_ANY_UNIT = "|".join(
    re.escape(unit) for unit in sorted(UNITS | NOT_UNITS, key=lambda unit: (-len(unit), unit))
)
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,15})(?:\.\d{1,8})?"
_HAN = r"(?![十百千][万亿])[〇零一二两三四五六七八九十百千]{1,9}"
_TIMES = r"(?:万亿|千亿|百亿|十亿|千万|百万|十万|万|亿|千|百)"
# not within a word: 签约60个, 附近3个, 赶超
_BEFORE = (
    r"不超过|不低于|不高于|不少于|超过|超出|(?<![赶反])超|逾|大约|(?<![签预节相制契条公违合特])约|将近|接近"
    r"|(?<![附最临靠邻])近|突破|(?<!突)破|不足|不到|至少|最多|[上过](?=[百千万亿])"
)
_QUANTITY = re.compile(
    rf"(?:(?P<pre>{_BEFORE})了?)?(?P<parts>百分之)?"
    rf"(?P<num>{_ARABIC}|{_HAN})?(?P<mid>[余多几来])?(?P<times>{_TIMES})?(?P<mid2>[余多])?"
    rf"(?P<unit>{_ANY_UNIT})?(?P<per>/(?:{_ANY_UNIT}))?(?P<post>以上|以下|以内|左右|上下|[余多])?"
)
_START = re.compile(
    rf"(?:(?:{_BEFORE})了?)?(?:百分之)?[\d〇零一二两三四五六七八九十百千]|(?:{_BEFORE})[百千万亿]"
)
_PAST = ("破", "突破", "超", "超过", "近", "逾", "上", "过")
_SHORT = {"超过": "超", "超出": "超", "大约": "约", "将近": "近", "接近": "近"}
_RANGE_AFTER = re.compile(r"\s*(?:[至到~～—–-]{1,2})\s*\d")
_RANGE_BEFORE = re.compile(rf"\d(?:{_TIMES})?(?:{_ANY_UNIT})?(?:[至到~～—–-]{{1,2}})$")
_ACRONYM = re.compile(r"(?<![A-Za-z])[A-Z]{2,4}$")  # GDP342亿元, but U10组
_POINTS_AFTER = re.compile(r"(?:、|和|以及)\d[\d.]{0,6}个百分点")
_NOT_TENTHS = re.compile(r"[立功员为果年本品长交熟]")
_OUTCOME = re.compile(
    r"签约|签订|完成|新增|开工|建成|竣工|落户|引进|获评|获得|增至|投产|创建|入选|挂牌|动工"
)
# elsewhere 分 is a minute and 岁 somebody's age
_MEASURED = {
    "分": re.compile(r"(?:得分|评分|均分|总分|满意度|指数)[一-鿿]{0,4}$"),
    "岁": re.compile(r"(?:寿命|平均年龄)[一-鿿]{0,4}$"),
}
_OF_SIZE = re.compile(r"的?(?:大?项目|企业|工程|单位|公司|订单|家庭|村)")
_FIGURATIVE = re.compile(r"(?:方面|环节|阶段|步骤|指标|原则|层面|维度|问题导向|字)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One printed quantity; positions count characters of the clean text.

    value is decimal text in `unit`; unit None where none is printed (2700万 car owners).
    """

    start: int
    end: int
    value: str
    unit: str | None
    qualifier: str | None

    @property
    def is_points(self) -> bool:
        return self.unit in ("个百分点", "百分点")


def quantities(text: str) -> list[Quantity]:
    """Every quantity of the text, in order; none overlaps another."""
    return list(_found(text))


def _found(text: str) -> Iterator[Quantity]:
    at = 0
    while start := _START.search(text, at):
        match = _QUANTITY.match(text, start.start())
        if match is None or match.end() == match.start():
            at = start.start() + 1
            continue
        read = _read(text, match)
        if read:
            yield read
        at = max(match.end(), start.start() + 1)


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    """The quantity a match stands for, or None for what only looks like one."""
    number, unit, times = match["num"], match["unit"], match["times"]
    if _is_other(text, match) or not _stands_free(text, match):
        return None
    if number is None:
        is_attribute = unit in MONEY and _counts_noun(text, match.end())
        ends = text[match.end() : match.end() + 1] in ("", *"，。；、！？）\n")
        return _bare(match) if times and (ends or not is_attribute) else None
    is_han = not number[0].isdigit()
    if match["parts"]:
        unit = "%"
    if is_han and not match["parts"] and not _han_counts(text, match):
        return None
    if unit in (None, "个") and _POINTS_AFTER.match(text, match.end()):
        unit = "个百分点"  # 高于全国、全省1.2个、0.8个百分点
    if unit is None and not (times and _counts_noun(text, match.end())):
        return None
    value = (han_value(number) if is_han else Decimal(number.replace(",", ""))) or Decimal(0)
    scale = _scale(times)
    if unit == "成":  # two tenths are twenty per cent, by the word's own meaning
        unit, scale = "%", Decimal(10)
    return Quantity(
        match.start(),
        match.end(),
        shown(value * scale),
        (unit or "") + (match["per"] or "") or None,
        _qualifier(match),
    )


def _is_other(text: str, match: re.Match[str]) -> bool:
    """A date, an age or a duration; or how large something is: 10亿元以上项目5个."""
    unit = match["unit"]
    before = text[max(0, match.start() - 12) : match.start()]
    if unit in NOT_UNITS and not (unit in _MEASURED and _MEASURED[unit].search(before)):
        return True
    is_bound = unit in MONEY and match["post"] in ("以上", "以下")
    return is_bound and match["num"] is not None and bool(_OF_SIZE.match(text, match.end()))


def _bare(match: re.Match[str]) -> Quantity | None:
    """破亿, 超万人: a multiplier alone is a number only with a word before it."""
    if match["pre"] not in _PAST:
        return None
    return Quantity(
        match.start(), match.end(), shown(_scale(match["times"])), match["unit"], _qualifier(match)
    )


def _stands_free(text: str, match: re.Match[str]) -> bool:
    """Not an ordinal, a code, part of a word of Latin, nor one end of a range."""
    start = match.start("num") if match["num"] else match.start("times")
    before, after = text[max(0, start - 8) : start], text[match.end() : match.end() + 4]
    if before.endswith(("第", "每", "几", "-", ".", "/")) or before[-1:].isdigit():
        return False
    if re.search(r"[A-Za-z]$", before) and not (match["unit"] and _ACRONYM.search(before)):
        return False
    if before.endswith("数") and not (match["num"] or "一")[0].isdigit():
        return False  # 数百, 数十万: no number is said
    if re.match(r"[A-Za-z]", after) and match["unit"] is None:
        return False
    return not (_RANGE_AFTER.match(after) or _RANGE_BEFORE.search(before))


def _counts_noun(text: str, at: int) -> bool:
    """Whether the number ends there or something countable follows: 2700万私家车车主."""
    return bool(re.match(r"[一-鿿]{2}|[，。；、！？）\n]|$", text[at : at + 2]))


def _han_counts(text: str, match: re.Match[str]) -> bool:
    """Chinese numerals count from ten on; a small one only where something came of it.

    三大产业 and 两家企业 sum up or speak; 两对企业签约 and 新增三家 are outcomes.
    """
    value = han_value(match["num"])
    if value is None or match["unit"] is None:
        return False
    if match["unit"] == "成":
        return value < 10 and not _NOT_TENTHS.match(text, match.end())
    if len(match["num"]) == 1 and match["num"] in _SMALL:
        return match["mid"] in ("余", "多") or match["pre"] in _PAST
    if value >= 10:
        return not _FIGURATIVE.match(text[match.end() : match.end() + 3])
    if value < 2 or match["unit"] in ("个", "项", "次", "种", "类", "条", "位", "%", "点"):
        return False
    clause_end = re.search(r"[，。；！？\n]|$", text[match.end() : match.end() + 40])
    around = text[max(0, match.start() - 4) : match.start()]
    after = text[match.end() : match.end() + (clause_end.start() if clause_end else 0)]
    return bool(_OUTCOME.search(around) or _OUTCOME.search(after))


def _scale(times: str | None) -> Decimal:
    scale = Decimal(1)
    for char in times or "":
        scale *= _LARGE.get(char) or _SMALL[char]
    return scale


def _qualifier(match: re.Match[str]) -> str | None:
    """What makes it inexact, as printed, two of them joined: 超500余人 is 超余."""
    words = [match["pre"], match["mid"], match["mid2"], match["post"]]
    said = [_SHORT.get(word, word) for word in words if word and word not in ("上", "过")]
    return "".join(dict.fromkeys(said)) or None


def han_value(text: str) -> Decimal | None:
    """The number of Chinese numerals up to 千 (二十三, 一百零五, 十五, 二〇二四); None if none."""
    if all(char in DIGITS for char in text):
        return Decimal("".join(str(DIGITS[char]) for char in text)) if text else None
    total = digit = 0
    last = 10_000
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
            continue
        size = _SMALL[char]
        if size >= last:
            return None
        total, digit, last = total + (digit or 1) * size, 0, size
    return Decimal(total + digit)


def shown(value: Decimal) -> str:
    """Plain decimal text: no exponent, no zeros that mean nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
