"""Numbers in a bulletin's words, zh and en: qualifiers kept, provisional marked, ties said."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, Literal

from bihuan.figures.bulletins import units
from bihuan.figures.bulletins.entries import Told

Language = Literal["zh", "en"]
PROVISIONAL: Final = {"zh": "（初步）", "en": " (provisional)"}
NO_NUMBER: Final = {"zh": "无数据", "en": "no data"}
# 万 and 亿 are how Chinese prints a large number; English prints its digits
_LARGE: Final = ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))
_AFTER_NUMBER: Final = ("余", "多", "几", "来")
_AFTER_UNIT: Final = ("以上", "以下", "以内", "左右", "上下")
_MORE: Final = ("余", "多", "超", "超过", "逾", "突破", "破", "上", "过")
_ENGLISH: Final = {
    "近": "nearly",
    "将近": "nearly",
    "接近": "nearly",
    "约": "about",
    "大约": "about",
    "左右": "about",
    "上下": "about",
    "来": "about",
    "几": "several",
    "以上": "at least",
    "不少于": "at least",
    "不低于": "at least",
    "至少": "at least",
    "以下": "at most",
    "以内": "at most",
    "最多": "at most",
    "不超过": "at most",
    "不高于": "at most",
    "不足": "less than",
    "不到": "less than",
}
_BASIS: Final = {
    "yoy": ("同比", "year on year"),
    "period_on_period": ("环比", "on the previous period"),
}
ORDINALS: Final = {1: "st", 2: "nd", 3: "rd"}


def number(text: str, language: Language) -> str:
    """Digits as the language prints them: 176.56亿, 17,656,000,000. Exact: nothing is rounded."""
    value = Decimal(text)
    if language == "en":
        return f"{value:,f}"
    for size, word in _LARGE:
        if abs(value) >= size and abs(value.as_tuple().exponent) <= 8:  # type: ignore[arg-type]  # finite
            return f"{_plain(value / size)}{word}"
    return _plain(value)


def _plain(value: Decimal) -> str:
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def amount(told: Told, language: Language) -> str:
    """The value with its unit; 余, 超, 多 stay where the language puts them."""
    if told.value is None:
        return NO_NUMBER[language]
    mark = PROVISIONAL[language] if told.is_provisional else ""
    if language == "zh":
        shown = number(told.value, language)
        return _chinese(shown, told.unit[0], told.qualifier or "") + mark
    times, unit = units.english(told.unit[1])
    digits = number(units.grown(told.value, times), language)
    return f"{_english(told.qualifier)}{digits}{_after(unit)}{mark}"


def _after(unit: str) -> str:
    """A unit as English sets it after a number."""
    return unit if unit in ("", "%", "‰") else f" {unit}"


def _chinese(digits: str, unit: str, qualifier: str) -> str:
    after = next((word for word in _AFTER_UNIT if qualifier.endswith(word)), "")
    rest = qualifier.removesuffix(after)
    inside = next((word for word in _AFTER_NUMBER if rest.endswith(word)), "")
    if inside and digits[-1:] in "万亿" and "." not in digits:  # 3700余万份, but 3.2万余人
        return f"{rest.removesuffix(inside)}{digits[:-1]}{inside}{digits[-1]}{unit}{after}"
    return f"{rest.removesuffix(inside)}{digits}{inside}{unit}{after}"


def _english(qualifier: str | None) -> str:
    if not qualifier:
        return ""
    for word, english in _ENGLISH.items():
        if word in qualifier:
            return f"{english} "
    return "more than " if any(word in qualifier for word in _MORE) else "about "


def growth(told: Told, language: Language) -> str:
    """同比增长6.1%, 同比提高2个百分点; up 6.1% year on year. Nothing where none is told."""
    if told.growth is None:
        return ""
    value = Decimal(told.growth.value)
    digits = _plain(abs(value))
    is_points = told.growth.unit == "percentage_point"
    basis = _BASIS.get(told.growth.basis or "", ("", ""))
    if language == "zh":
        unit = "个百分点" if is_points else told.growth.unit
        if value == 0:
            return f"{basis[0]}持平"
        up, down = ("提高", "下降") if is_points else ("增长", "下降")
        return f"{basis[0]}{up if value > 0 else down}{digits}{unit}"
    unit = " percentage points" if is_points else _after(units.english(told.growth.unit)[1])
    if value == 0:
        return f"unchanged {basis[1]}".strip()
    return f"{'up' if value > 0 else 'down'} {digits}{unit} {basis[1]}".strip()


def rank(told: Told, language: Language) -> str:
    """居全省并列第2位; tied 2nd of the province. Nothing where none is told."""
    if told.rank is None:
        return ""
    place, group = told.rank.place, told.rank.group[0 if language == "zh" else 1]
    moved = _moved(told, language)
    if language == "zh":
        return f"居{group}{'并列' if told.rank.ties else ''}第{place}位{moved}"
    ending = "th" if place % 100 in (11, 12, 13) else ORDINALS.get(place % 10, "th")
    return f"{'tied ' if told.rank.ties else ''}{place}{ending} of {group}{moved}"


def _moved(told: Told, language: Language) -> str:
    """，较上期前进1位; up 1 place. Nothing where the place is as before, or nobody says.

    Of a published rank against what it moved stands in its source: only how far is said.
    """
    change = told.rank.change if told.rank else None
    if not change:
        return ""
    n = abs(change)
    if language == "zh":
        since = "" if told.is_published else "较上期"
        return f"，{since}{'前进' if change > 0 else '后退'}{n}位"
    since = "" if told.is_published else " on the previous period"
    return f", {'up' if change > 0 else 'down'} {n} place{'s' if n > 1 else ''}{since}"


def _counted(pick: Callable[[Told], str | None]) -> Callable[[Told, Language], str]:
    def shown(told: Told, language: Language) -> str:
        text = pick(told)
        return NO_NUMBER[language] if text is None else number(text, language)

    return shown


PARTS: Final[dict[str, Callable[[Told, Language], str]]] = {
    "value": amount,
    "growth": growth,
    "rank": rank,
    "numerator": _counted(lambda told: told.numerator),
    "denominator": _counted(lambda told: told.denominator),
}
"""What a token may show of a figure: `{figure:area:period}` is its value, `…|growth` its growth."""
