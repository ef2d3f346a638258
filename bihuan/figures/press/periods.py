"""When a number holds: 1至7月, 上半年, 去年, 自5月以来, 截至目前, against the day of issue.

A month without a year is the latest that is not after the issue; where the text looks forward
(预计10月), the next one. What has no edge in the text (近年来, 今夏) has no date here.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_YEAR = r"(?P<year>(?:19|20)\d\d年|今年|本年|去年|上年|前年|明年|当年)?"
_RELATIVE = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1}


@dataclass(frozen=True, slots=True)
class Period:
    """kind: cumulative, single, point, since; both days inclusive, None where nothing is said."""

    kind: str
    start: date | None
    end: date | None

    def as_dict(self) -> dict[str, str | None]:
        return {
            "kind": self.kind,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
        }


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that say when. period None = words too vague for a date, which still end a carry-over.

    is_year  今年 or 2021年 alone: with 累计 it means from January on
    is_until 截至…: with what accumulates it ends a period instead of being a moment
    """

    start: int
    end: int
    period: Period | None
    is_year: bool = False
    is_until: bool = False
    is_compared: bool = False


@dataclass(frozen=True, slots=True)
class _When:
    """What a rule may look at: the issue, the year said before, whether the text looks forward."""

    issued: date
    said_year: int | None
    is_forward: bool

    def year(self, words: str | None) -> int | None:
        if not words:
            return None
        if words in _RELATIVE:
            return _shift_year(self.issued.year, _RELATIVE[words])
        if words == "当年":
            return self.said_year
        return int(words[:4])

    def month_year(self, words: str | None, month: int) -> int:
        """The year of a month: said with it, said before it, else the nearest the sense allows."""
        said = self.year(words) or self.said_year
        if said:
            return said
        this = self.issued.year
        if self.is_forward:
            return this if month >= self.issued.month else _shift_year(this, 1)
        return this if month <= self.issued.month else _shift_year(this, -1)


Rule = Callable[[re.Match[str], _When], Mention | None]


def _shift_year(year: int, by: int) -> int:
    return min(max(year + by, date.min.year), date.max.year)


def _last(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _said(match: re.Match[str], period: Period | None, **flags: bool) -> Mention:
    return Mention(match.start(), match.end(), period, **flags)


def _months(match: re.Match[str], when: _When) -> Mention | None:
    first, last = int(match["first"]), int(match["last"])
    if not 1 <= first <= last <= 12:
        return None
    year = when.month_year(match["year"], last)
    return _said(match, Period("cumulative", date(year, first, 1), _last(year, last)))


def _half(match: re.Match[str], when: _When) -> Mention:
    year = when.year(match["year"]) or when.said_year
    is_first = match["half"] == "上"
    if year is None:
        is_past = is_first or when.is_forward or when.issued.month > 6
        year = when.issued.year if is_past else _shift_year(when.issued.year, -1)
    edges = (
        (date(year, 1, 1), date(year, 6, 30))
        if is_first
        else (date(year, 7, 1), date(year, 12, 31))
    )
    return _said(match, Period("cumulative", *edges))


def _quarter(match: re.Match[str], when: _When) -> Mention:
    number = _QUARTERS[match["quarter"]]
    year = when.month_year(match["year"], number * 3 - 2)
    first = 1 if match["front"] else number * 3 - 2
    kind = "cumulative" if match["front"] else "single"
    return _said(match, Period(kind, date(year, first, 1), _last(year, number * 3)))


def _until_quarter(match: re.Match[str], when: _When) -> Mention:
    number = _QUARTERS[match["quarter"]]
    end = _last(when.month_year(match["year"], number * 3 - 2), number * 3)
    return _said(match, Period("point", end, end), is_until=True)


def _year_since(match: re.Match[str], when: _When) -> Mention | None:
    year = when.year(match["year"])
    if year is None or year > when.issued.year:
        return None
    return _said(match, Period("since", date(year, 1, 1), when.issued))


def _since(match: re.Match[str], when: _When) -> Mention | None:
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    year = when.month_year(match["year"], month)
    start = _day(year, month, int(match["day"] or 1))
    if start is None or start > when.issued:
        return None
    return _said(match, Period("since", start, when.issued))


def _until(match: re.Match[str], when: _When) -> Mention | None:
    month = match["month"]
    if month is None:
        return _said(match, Period("point", when.issued, when.issued), is_until=True)
    if not 1 <= int(month) <= 12:
        return None
    year = when.month_year(match["year"], int(month))
    end = _day(year, int(month), int(match["day"])) if match["day"] else _last(year, int(month))
    return _said(match, Period("point", end, end), is_until=True) if end else None


def _year_end(match: re.Match[str], when: _When) -> Mention | None:
    year = when.year(match["year"])
    end = date(year, 12, 31) if year else None
    return _said(match, Period("point", end, end), is_until=True) if end else None


def _now(match: re.Match[str], when: _When) -> Mention:
    return _said(match, Period("point", when.issued, when.issued))


def _date(match: re.Match[str], when: _When) -> Mention | None:
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    day = _day(when.month_year(match["year"], month), month, int(match["day"]))
    return _said(match, Period("single", day, day)) if day else None


def _days(match: re.Match[str], when: _When) -> Mention | None:
    month, last_month = int(match["month"]), int(match["to"] or match["month"])
    if not (1 <= month <= 12 and 1 <= last_month <= 12):
        return None
    year = when.month_year(match["year"], month)
    first = _day(year, month, int(match["day"]))
    last = _day(year, last_month, int(match["last"]))
    return _said(match, Period("single", first, last)) if first and last and first <= last else None


def _month(match: re.Match[str], when: _When) -> Mention | None:
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    year = when.month_year(match["year"], month)
    return _said(match, Period("single", date(year, month, 1), _last(year, month)))


def _season(match: re.Match[str], _when: _When) -> Mention:
    return _said(match, Period("single", None, None))


def _whole_year(match: re.Match[str], when: _When) -> Mention | None:
    year = when.year(match["year"])
    if year is None:
        return None
    is_running = year == when.issued.year and not when.is_forward
    end = when.issued if is_running else date(year, 12, 31)
    return _said(match, Period("single", date(year, 1, 1), end), is_year=True)


def _this_year(match: re.Match[str], when: _When) -> Mention:
    """全年 alone: of the year said, or of the issue's if the text looks forward; else unclear."""
    year = when.said_year or (when.issued.year if when.is_forward else None)
    return _said(match, Period("single", date(year, 1, 1), date(year, 12, 31)) if year else None)


def _near_day(match: re.Match[str], when: _When) -> Mention:
    by = {"前": -2, "昨": -1, "今": 0, "明": 1}[match["near"]]
    day = date.fromordinal(min(max(when.issued.toordinal() + by, 1), date.max.toordinal()))
    return _said(match, Period("single", day, day))


def _until_near(match: re.Match[str], when: _When) -> Mention:
    day = _near_day(match, when).period
    point = Period("point", day.end, day.end) if day else None
    return _said(match, point, is_until=True)


def _near_month(match: re.Match[str], when: _When) -> Mention:
    first = when.issued.replace(day=1)
    is_last = match["near"] == "上" and first > date.min
    start = (first - timedelta(days=1)).replace(day=1) if is_last else first
    return _said(match, Period("single", start, _last(start.year, start.month)))


def _running(match: re.Match[str], when: _When) -> Mention:
    return _said(match, Period("cumulative", None, when.issued))


def _vague(match: re.Match[str], _when: _When) -> Mention:
    return _said(match, None)


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (
            rf"{_YEAR}(?P<first>\d{{1,2}})月?(?:份)?[至到~—–-](?P<last>\d{{1,2}})月(?:份)?(?!\d)",
            _months,
        ),
        (rf"{_YEAR}的?(?P<half>[上下])半年", _half),
        (rf"(?:截至|截止到?){_YEAR}(?P<quarter>[一二三四])季度末?", _until_quarter),
        (rf"{_YEAR}的?(?P<front>前)?第?(?P<quarter>[一二三四1-4])个?季度", _quarter),
        (_YEAR.removesuffix("?") + "以来", _year_since),
        (r"自(?P<year>(?:19|20)\d\d年)[^，。；]{1,24}?以来", _year_since),
        (
            rf"自?从?{_YEAR}(?P<month>\d{{1,2}})月(?:份)?(?:(?P<day>\d{{1,2}})日)?"
            r"(?:[^，。；\d]{0,12}?以来|起(?!草|点|来)|(?:到|至)(?:现在|今|目前))",
            _since,
        ),
        (r"(?:截至|截止到?|到)(?P<year>去年|上年|(?:19|20)\d\d年)年?[底末]", _year_end),
        (
            rf"(?:截至|截止到?)(?:目前|今|现在|日前|发稿|{_YEAR}(?P<month>\d{{1,2}})月(?:份)?[底末]?(?:(?P<day>\d{{1,2}})日)?)",
            _until,
        ),
        (r"(?:截至|截止到?)(?P<near>[昨今前])[天日]", _until_near),
        (r"目前|现(?=有|共有|拥有)|至今|迄今", _now),
        (
            rf"{_YEAR}(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日?[至到~—–-]{{1,2}}"
            r"(?:(?P<to>\d{1,2})月)?(?P<last>\d{1,2})日",
            _days,
        ),
        (rf"{_YEAR}(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日", _date),
        (rf"{_YEAR}(?P<month>\d{{1,2}})月(?:份)?(?:单月|当月|[底末初]|[上中下]旬)?", _month),
        (r"(?:今|去)?(?:年)?[春夏秋冬][天季]|今[春夏秋冬]", _season),
        (r"(?P<near>[昨今明前])[天日](?!子)", _near_day),
        (r"(?P<near>[上本])月", _near_month),
        (r"(?:近)?[一二两三四五六七八九十\d]{1,3}年来(?!最|首)", _running),
        (
            r"近[一二两三四五六七八九十\d]{1,3}年|[近多历往]年来?|连续多年|前期|此前|过去|以往|历史上|一直以来",
            _vague,
        ),
        (r"(?P<year>(?:19|20)\d\d年|今年|去年|前年|明年)(?:度|全年)?", _whole_year),
        (r"全年(?!龄|目标|任务|计划)", _this_year),
    )
)
_COMPARED = re.compile(r"(?:比|较|与|同|[较比][^，。；]{1,8}和)$")
_FORWARD = re.compile(r"预计|预期|有望|将|计划|拟|力争|明年")


def mentions(text: str, issued: date) -> list[Mention]:
    """All words of one sentence that say when, in order, the more telling rule first."""
    taken: list[Mention] = []
    for mention in _raw(text, issued):
        if all(mention.end <= other.start or other.end <= mention.start for other in taken):
            taken.append(mention)
    said = (mention for mention in taken if not mention.is_compared)
    return sorted(said, key=lambda mention: mention.start)


def _raw(text: str, issued: date) -> Iterator[Mention]:
    for pattern, rule in _RULES:
        for match in pattern.finditer(text):
            if _COMPARED.search(text[max(0, match.start() - 12) : match.start()]):
                yield Mention(match.start(), match.end(), None, is_compared=True)
                continue
            said = rule(match, _when(text, match, issued))
            # 2月30日 is no day, nor is it February: its words are taken and say nothing
            yield said or Mention(match.start(), match.end(), None, is_compared=True)


def _when(text: str, match: re.Match[str], issued: date) -> _When:
    """The year said earlier in the sentence, and whether the words just before look forward."""
    before = text[max(0, match.start() - 40) : match.start()]
    years = re.findall(r"(?:19|20)\d\d(?=年)", before)
    around = text[max(0, match.start() - 4) : match.start()] + text[match.end() : match.end() + 6]
    return _When(issued, int(years[-1]) if years else None, bool(_FORWARD.search(around)))
