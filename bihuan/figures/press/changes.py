"""Growth and rank as printed: 同比增长6.1%, 高于…25个百分点, 并列第一, 较一季度前进一位.

Growth is never computed; a percent and a percentage point stay apart; 并列 stays with its rank.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.figures.press.numbers import Quantity, han_value

_NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_YOY = re.compile(r"同比|[较比](?:上年|去年)(?![底末])|[较比]同期")
_SEQUENT = re.compile(r"环比|[较比](?:上个?月|上季度|上一季度|前一?月)")
_OTHER = re.compile(r"[较比][^，。；]{1,12}$|年均|月均|平均每年")
_UP = r"净增|增长|增加|上升|回升|加快|高出|提高|提升|上涨|上浮|扩大|增速|增幅|涨幅|增长率"
_DOWN = r"下降|减少|降低|回落|下滑|下跌|缩减|收窄|缩小|放缓|降幅|跌幅"
_MOVED = re.compile(
    rf"(?:分别)?(?P<basis>(?:同比|环比|[较比][^，。；]{{1,12}}?)?)(?:分别|累计|实际|净|仅|平均|年均|月均|约|可)?(?:分别)?"
    rf"(?P<verb>{_UP}|{_DOWN})(?:率|速)?(?:分别)?(?:为|达到|达|了|在|近|超)?$"
)
_ABOVE = re.compile(
    r"(?P<verb>高于|高出|超过|超出|快于|优于|低于|慢于|低)(?P<what>[^，。；]{1,20}?)(?:增速|增幅|水平|平均)?$"
    r"|[比较](?P<beside>全[省市国县区]|[^，。；]{2,12}?(?:平均|水平))[^，。；]{0,6}?(?P<by>高出?|低|快|慢)$"
)
_PULL = re.compile(r"拉动|下拉|贡献")
_AND = re.compile(r"^(?:和|、|与|及|以及|，)$")
_CLAUSE = re.compile(r"[，。；：！？\n]")

_GROUP_VERB = (
    r"位列|位居|位于|列|居|排名(?!中)|排在|排(?!名)|名列|跃居|稳居|升至|跃升至"
    r"|在(?![^，。第]*[列居排位](?<!并列)[^，。第]{0,6}第)"
)
_RANK = re.compile(
    rf"(?:(?P<verb>{_GROUP_VERB})(?P<group>(?:[^，。；、：！？第首榜\n（]|（[^（）\n]{{1,12}}）){{0,18}}?)|(?P<bare>全[省市国县区]|长三角))"
    rf"(?P<each>均|都|皆)?(?:位列|位居|排名|列|居)?(?P<ties>并列)?(?:位列|位居|排名|列|居)?"
    rf"(?:第(?P<place>{_NUMERAL})(?P<word>位|名)?|(?P<top>首位|榜首))(?=[，。；、！？：”）)\n]|$|位|名)"
)
_CHANGE = re.compile(
    rf"(?P<than>[较比][^，。；]{{1,10}}?)?(?P<verb>前进|上升|提升|前移|跃升|升|后退|下降|下滑|后移|退)了?(?P<by>{_NUMERAL})"
    r"(?:个)?(?:位次|位|名)"
)
_NEXT = re.compile(
    rf"(?:、|和|以及)(?P<group>[一-鿿]{{2,8}}?)?第(?P<place>{_NUMERAL})(?:[位名]|(?=[，。；]|$))"
)
_BACKWARD = frozenset(("后退", "下降", "下滑", "后移", "退"))


@dataclass(frozen=True, slots=True)
class Growth:
    """value signed decimal text; unit "%", "percentage_point", or as printed (倍, 家).

    basis: yoy, period_on_period, other (said, but neither), None (not said)
    start, end, qualifier: of the words, and what makes the number inexact
    """

    value: str
    unit: str | None
    basis: str | None
    start: int
    end: int
    qualifier: str | None
    is_listed: bool = False

    def as_dict(self) -> dict[str, str | None]:
        return {"value": self.value, "unit": self.unit, "basis": self.basis}


@dataclass(frozen=True, slots=True)
class Rank:
    """place counts from 1; change counts places gained (negative: lost), None where not said."""

    place: int
    group: str | None
    ties: bool
    change: int | None
    start: int
    end: int
    is_next: bool = False  # named right after another rank: 全省第二、全市第一

    def as_dict(self) -> dict[str, object]:
        return {
            "place": self.place,
            "group": self.group,
            "ties": self.ties,
            "change": self.change,
        }


def growths(text: str, found: list[Quantity]) -> dict[int, Growth]:
    """The quantities of a sentence that tell growth, by their number in `found`."""
    out: dict[int, Growth] = {}
    for number, quantity in enumerate(found):
        earlier = out.get(number - 1)
        if earlier and _AND.match(text[earlier.end : quantity.start]):
            is_each = "分别" in text[max(0, earlier.start - 6) : earlier.end]
            if is_each or found[number - 1].unit == quantity.unit:
                out[number] = _again(earlier, quantity)
            continue
        grown = _growth(text, quantity)
        if grown:
            out[number] = grown
    return out


def _again(earlier: Growth, quantity: Quantity) -> Growth:
    """The next of 分别增长6.1%、8.2%."""
    sign = "-" if earlier.value.startswith("-") else ""
    return Growth(
        sign + quantity.value,
        "percentage_point" if quantity.is_points else quantity.unit,
        earlier.basis,
        quantity.start,
        quantity.end,
        quantity.qualifier,
        is_listed=True,
    )


def _growth(text: str, quantity: Quantity) -> Growth | None:
    left = text[max(0, quantity.start - 40) : quantity.start]
    cut = max((match.end() for match in _CLAUSE.finditer(left)), default=0)
    clause = left[cut:]
    unit = "percentage_point" if quantity.is_points else quantity.unit
    above = _ABOVE.search(clause) if quantity.is_points else None
    match = above or _MOVED.search(clause)
    if match is None or _PULL.search(clause):
        return None
    verb = match["by"] if above and above["by"] else match["verb"]
    is_down = bool(re.fullmatch(f"{_DOWN}|低于|慢于|低|慢", verb))
    if re.search(r"[降跌]幅", clause[: match.start()]):  # a fall that narrows is a gain
        is_down = not is_down
    is_other = above is not None or re.search(r"平均|[年月]均", match.group()) is not None
    basis = "other" if is_other else _basis(match["basis"], clause[: match.start()], left[:cut])
    return Growth(
        ("-" if is_down and quantity.value != "0" else "") + quantity.value,
        unit,
        basis,
        quantity.start - (len(clause) - match.start()),
        quantity.end,
        quantity.qualifier,
    )


def _basis(near: str, clause: str, before: str) -> str | None:
    """What the growth is held against, by the words next to it, else those of its clause."""
    for words in (near, clause):
        if _YOY.search(words):
            return "yoy"
        if _SEQUENT.search(words):
            return "period_on_period"
        if _OTHER.search(words):
            return "other"
    return "yoy" if before.rstrip("，").endswith("同比") else None


def ranks(text: str) -> list[Rank]:
    """Every rank of a sentence, each with the change of place said after it."""
    out: list[Rank] = []
    found = list(_RANK.finditer(text))
    for number, match in enumerate(found):
        place = 1 if match["top"] else _whole(match["place"])
        if not place or (match["verb"] == "在" and not (match["ties"] or match["word"])):
            continue
        limit = found[number + 1].start() if number + 1 < len(found) else len(text)
        end = match.end() + text.startswith(("位", "名"), match.end())
        moved = _CHANGE.search(text, match.end(), min(limit, match.end() + 40))
        group = re.sub(r"[均都皆的]+$", "", match["group"] or match["bare"] or "") or None
        until = max(end, moved.end() if moved else 0)
        out.append(Rank(place, group, bool(match["ties"]), _moved_by(moved), match.start(), until))
        out += _also(text, out[-1])
    return out


def _also(text: str, rank: Rank) -> list[Rank]:
    """The rest of 分别列全市第三位和第二位."""
    more = _NEXT.match(text, rank.end)
    place = _whole(more["place"]) if more else None
    if more is None or not place:
        return []
    group = more["group"] or rank.group
    return [Rank(place, group, rank.ties, None, more.start("place") - 1, more.end(), is_next=True)]


def _moved_by(moved: re.Match[str] | None) -> int | None:
    if moved is None:
        return None
    by = _whole(moved["by"])
    return None if by is None else (-by if moved["verb"] in _BACKWARD else by)


def _whole(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    value = han_value(text)
    return None if value is None else int(value)
