"""Statistics proposed from the running text of one article, each pointing at its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, takewhile

from bihuan.figures.press.carry import Said, clause_start, period_at
from bihuan.figures.press.changes import Growth, Rank, growths, ranks
from bihuan.figures.press.numbers import Quantity, quantities
from bihuan.figures.press.page import Flow, Span
from bihuan.figures.press.periods import Period, mentions
from bihuan.figures.press.wording import (
    Words,
    is_body,
    place_before,
    status_of,
    words_about,
)

_SENTENCE = re.compile(r"[^。！？\n]{1,2000}(?:[。！？][”’」』）]*)?|[。！？\n]")
_OPENING = re.compile(r"本报讯\s*(?:[（(][^（）()]{1,40}[）)])?\s*")
_OTHER = re.compile(r"(?:而)?(?:更|最)?值得(?:关注|一提|注意|称道|点赞)的是")
_ONE_OF = re.compile(r"[^，。；：]{0,16}之一")
_SUM_UP = re.compile(r"^(?:指标|项目|方面|领域)")
_LEAGUE = re.compile(r"在?(?P<group>[^，。；]{2,20}?)(?:排名|排行榜|榜单|评比|考核)?中")
_GOES_ON = re.compile(r"(?:增长|增加|提高|提升|上升|扩大|下降|减少|降低?)[到至][^，。；]{0,6}的?")
_ASIDE = re.compile(r"按[^，。；]{1,10}，|，占[^，。；]{2,30}(?=，)")  # 按可比价格计算, 占…的64%
_FAR = re.compile(r"[^，。；：]{6,}[，；：]")
_BARE_SUBJECT = re.compile(
    r"^(?:其)?(?:增速|增幅|增长率|总量|规模|总额|位次|排名|涨幅|降幅|跌幅|增长|[两三四五]年)?(?:分别|均|都|预计|预期)?$"
    r"|^(?:总量|增速|增幅|规模|增量|总额)(?:、|和|与)(?:总量|增速|增幅|规模|增量|总额)均?$"
    r"|^(?:已|已经|均)?连续[一二两三四五六七八九十\d]{1,3}[年月届次]$|^(?:人均)?(?:增量|总量)$"
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One proposal: `start`, `end` bound its source in the clean text, `core` its number."""

    start: int
    end: int
    core: tuple[int, int]
    indicator: str | None
    value: str | None
    unit: str | None
    qualifier: str | None
    period: Period | None
    scope: str | None
    growth: Growth | None
    rank: Rank | None
    status: str

    def as_dict(self, article: str, source: Span) -> dict[str, object]:
        """The object of cli.md."""
        return {
            "kind": "statistic",
            "article": article,
            "source": list(source),
            "indicator": self.indicator,
            "value": self.value,
            "unit": self.unit,
            "qualifier": self.qualifier,
            "period": self.period.as_dict() if self.period else None,
            "scope": self.scope,
            "growth": self.growth.as_dict() if self.growth else None,
            "rank": self.rank.as_dict() if self.rank else None,
            "status": self.status,
        }


def statistics(flow: Flow, issued: date) -> Iterator[Statistic]:
    """Every statistic of an article's clean text, in order."""
    said = Said()
    for match in _SENTENCE.finditer(flow.text):
        if match.group() in "。！？\n":
            if match.group() == "\n":
                said.new_paragraph()
            continue
        opening = _OPENING.match(match.group())
        skip = opening.end() if opening else 0
        at = match.start() + skip
        for one in _Sentence(match.group()[skip:], issued, said).read():
            core = (one.core[0] + at, one.core[1] + at)
            yield replace(one, start=one.start + at, end=one.end + at, core=core)


class _Sentence:
    """One sentence being read; `said` is read and then brought up to date."""

    def __init__(self, text: str, issued: date, said: Said) -> None:
        self.text = text
        self.issued = issued
        self.said = said
        self.times = mentions(text, issued)
        if _OTHER.match(text) and place_before(text, len(text)) != said.scope:
            said.period = None  # another matter, of which no time is said
        self.ranks = ranks(text)
        self.names: list[str] = []
        self.found = [one for one in quantities(text) if not self._is_taken(one)]
        self.grown = growths(text, self.found)
        self.each = _each(text, self.found)

    def _is_taken(self, one: Quantity) -> bool:
        """Whether it is part of a date or of a rank."""
        taken = [(time.start, time.end) for time in self.times]
        taken += [(rank.start, rank.end) for rank in self.ranks]
        return any(start < one.end and one.start < end for start, end in taken)

    def read(self) -> list[Statistic]:
        out: list[Statistic] = []
        for number, quantity in enumerate(self.found):
            growth = self.grown.get(number)
            if growth:
                self._grow(out, growth)
            elif not self._sums_up(quantity):
                out.append(self._count(number, quantity, out))
        for rank in self.ranks:
            self._place(out, rank)
        self._leave(out)
        return sorted(out, key=lambda one: (one.start, one.end))

    def _leave(self, out: list[Statistic]) -> None:
        days = [time.period for time in self.times if time.period and _is_day(time.period)]
        since = [time.period for time in self.times if time.period and time.period.kind == "since"]
        if days:
            self.said.event = days[-1]
        self.said.since = since[-1] if since else None
        vague = any(time.period is None for time in self.times)
        if not self.text.startswith("其中"):  # an aside does not set the time for what follows
            self.said.period = None if vague or not out else out[-1].period
        if out:
            self.said.scope = out[-1].scope
        else:
            self.said.scope = place_before(self.text, len(self.text)) or self.said.scope

    def _sums_up(self, quantity: Quantity) -> bool:
        """A、B、C三个指标 and A、B2个指标 count the list just given; 17个强县之一 names a club."""
        if _ONE_OF.match(self.text, quantity.end):
            return True
        if not _SUM_UP.match(self.text[quantity.end :]) or quantity.qualifier:
            return False
        clause = self.text[clause_start(self.text, quantity.start) : quantity.start]
        return bool(quantity.value.isdigit() and clause.count("、") == int(quantity.value) - 1 > 0)

    def _count(self, number: int, quantity: Quantity, out: list[Statistic]) -> Statistic:
        words = self._words(number, quantity)
        if number in self.each:
            words = replace(words, indicator=self.each[number], start=quantity.start)
        elif out and _GOES_ON.fullmatch(self.text[out[-1].end : quantity.start]):
            words = Words(out[-1].indicator, out[-1].scope, quantity.start, quantity.end)
        elif out and words.start < clause_start(self.text, quantity.start) <= out[-1].end + 1:
            words = replace(words, indicator=out[-1].indicator)  # 贷款超百亿元，达105.6亿元
        elif words.indicator is None:  # 计划建桩1000个，目前已完成620个
            alike = [one.indicator for one in out if one.unit == quantity.unit]
            words = replace(words, indicator=alike[-1] if alike else None)
        unit, scope = quantity.unit, words.scope
        if scope is None and out:
            scope = out[-1].scope
        scope = scope or place_before(self.text, quantity.start) or self.said.scope
        if unit is None and out and _is_same(out[-1].indicator, words.indicator):
            unit = out[-1].unit  # 营收已超5000万元，预计10月营收破亿: the same measure, said once
        status = status_of(self.text, quantity.start, quantity.end, quantity.unit)
        return Statistic(
            start=min(words.start, quantity.start),
            end=max(quantity.end, words.end),
            core=(quantity.start, quantity.end),
            indicator=words.indicator,
            value=quantity.value,
            unit=unit,
            qualifier=quantity.qualifier,
            period=self._period(quantity.start, status),
            scope=scope,
            growth=None,
            rank=None,
            status=status,
        )

    def _words(self, number: int, quantity: Quantity) -> Words:
        """Read back to the clause's start, the last time said, or the number before."""
        at = clause_start(self.text, quantity.start)
        ends = [time for time in self.times if at <= time.start and time.end <= quantity.start]
        if ends and self.text[ends[-1].end : quantity.start] == "的":  # 收入从2020年的68万元
            text = self.text[: ends[-1].start]
            named = words_about(text, (len(text), len(text)), at, "元")
            return replace(named, end=quantity.end)
        at = max([at, *(time.end for time in ends)])
        before = self.found[number - 1] if number else None
        text = self.text
        if before and at <= before.start:
            between = text[before.end : quantity.start]
            if between.endswith("的"):  # 收回|105家企业的|2564.1亩: the first number is a modifier
                text = (
                    text[: before.start]
                    + " " * (quantity.start - before.start)
                    + text[quantity.start :]
                )
                verb = Words(None, None, at, at)
                return self._after_modifier(text, quantity, before, verb)
            at = before.end
        words = words_about(text, (quantity.start, quantity.end), at, quantity.unit)
        return words if words.scope else replace(words, scope=self._subject(quantity.start, at))

    def _subject(self, start: int, at: int) -> str | None:
        """The organisation that stands before the time in the same clause: 中心目前已入驻…"""
        lead = self.text[clause_start(self.text, start) : at]
        for time in self.times:
            if time.end == at:
                lead = lead[: len(lead) - (time.end - time.start)]
        return lead if is_body(lead) else None

    def _after_modifier(
        self, text: str, quantity: Quantity, before: Quantity, verb: Words
    ) -> Words:
        joined = text[verb.start : before.start] + text[quantity.start :]
        shift = quantity.start - before.start
        at = before.start - verb.start
        size = quantity.end - quantity.start
        words = words_about(joined, (at, at + size), 0, quantity.unit)
        return replace(words, start=quantity.start, end=words.end + verb.start + shift)

    def _period(self, at: int, status: str = "actual") -> Period | None:
        return period_at(self.text, at, self.times, self.said, status)

    def _grow(self, out: list[Statistic], growth: Growth) -> None:
        """Growth goes to the number before it, unless it has a subject of its own."""
        at = clause_start(self.text, growth.start)
        at = max([at, *(time.end for time in self.times if time.end <= growth.start)])
        at = max([at, *(one.end for one in self.found if one.end <= growth.start)])
        own = self.text[at : growth.start]
        target = self._target(out, growth)
        is_own = len(own) >= 2 and not _BARE_SUBJECT.match(own)
        if (
            target is not None
            and not is_own
            and out[target].growth is None
            and not growth.qualifier
        ):
            one = out[target]
            out[target] = replace(one, growth=growth, end=max(one.end, growth.end))
            return
        last = out[-1] if out else None
        about = (growth.start, growth.start if is_own or last else growth.end)
        words = words_about(self.text, about, at, "%")
        indicator = words.indicator if is_own or last is None else last.indicator
        indicator = self._named(indicator, growth)
        scope = words.scope or (last.scope if last else None)
        out.append(
            Statistic(
                start=min(words.start, growth.start) if is_own else growth.start,
                end=growth.end,
                core=(growth.start, growth.end),
                indicator=indicator,
                value=None,
                unit=None,
                qualifier=growth.qualifier,
                period=self._period(growth.start) or (last.period if last else None),
                scope=scope or place_before(self.text, growth.start) or self.said.scope,
                growth=growth,
                rank=None,
                status=status_of(self.text, growth.start, growth.end, "%"),
            )
        )

    def _named(self, indicator: str | None, growth: Growth) -> str | None:
        """Of 石油、船舶总产值分别增长37%、16.4%, the name that this growth belongs to."""
        if growth.is_listed and self.names:
            return self.names.pop(0)
        names = re.split(r"、|和|以及", indicator or "")
        is_list = "分别" in self.text[growth.start : growth.end] and len(names) > 1
        self.names = names[1:] if is_list else []
        return names[0] if is_list else indicator

    def _target(self, out: list[Statistic], growth: Growth) -> int | None:
        """The statistic that a growth belongs to; of a list, the first that has none."""
        shares = [one.indicator is not None and one.indicator.startswith("占") for one in out]
        valued = [at for at, one in enumerate(out) if one.value is not None and not shares[at]]
        open_ones = [at for at in valued if out[at].growth is None]
        ahead = [one for one in self.grown.values() if one.start >= growth.start]
        run = 1 + sum(1 for _one in takewhile(lambda one: one.is_listed, ahead[1:]))
        if (growth.is_listed or run > 1) and len(open_ones) >= run:
            return open_ones[-run]
        between = self.text[out[valued[-1]].end : growth.start] if valued else ""
        if not valued or _FAR.search(_ASIDE.sub("", between)):
            return None  # another measure stands between
        return valued[-1]

    def _place(self, out: list[Statistic], rank: Rank) -> None:
        at = clause_start(self.text, rank.start)
        at = max([at, *(time.end for time in self.times if time.end <= rank.start)])
        own = self.text[at : rank.start]
        league = _LEAGUE.fullmatch(own)
        if league and rank.group is None:  # 在…排名中列第28位
            rank, own = replace(rank, group=league["group"]), ""
        told = [one for one in out if one.rank is not None and one.end <= rank.start]
        if rank.is_next and told and told[-1].rank and told[-1].rank.group != rank.group:
            self._add_rank(out, rank, told[-1].indicator, told[-1].start)
            return
        own = "分别" if rank.is_next else own
        before = [n for n, one in enumerate(out) if one.start <= rank.start and one.rank is None]
        if before and _BARE_SUBJECT.match(own):
            here = before[0] if "分别" in own else self._ranked_last(out, before)
            out[here] = replace(out[here], rank=rank, end=max(out[here].end, rank.end))
            return
        for name in self._ranked(own) or [None]:
            start = self.text.find(name, at) if name else rank.start
            named = None if name and is_body(name) else name
            self._add_rank(out, rank, named, start if start >= 0 else rank.start)

    def _add_rank(
        self, out: list[Statistic], rank: Rank, indicator: str | None, start: int
    ) -> None:
        """A rank of which no value is said here."""
        scope = place_before(self.text, rank.start) or (out[-1].scope if out else None)
        out.append(
            Statistic(
                start=min(start, rank.start),
                end=rank.end,
                core=(rank.start, rank.end),
                indicator=indicator,
                value=None,
                unit=None,
                qualifier=None,
                period=self._period(rank.start),
                scope=scope or self.said.scope,
                growth=None,
                rank=rank,
                status="actual",
            )
        )

    def _ranked_last(self, out: list[Statistic], before: list[int]) -> int:
        """The last statistic, or the one whose lead over others (高于全省…) it tells."""
        last = out[before[-1]]
        is_lead = last.value is None and last.growth is not None and last.growth.basis == "other"
        if is_lead and len(before) > 1 and out[before[-2]].indicator == last.indicator:
            return before[-2]
        return before[-1]

    def _ranked(self, own: str) -> list[str | None]:
        """The indicators that one rank is said of: A、B2个指标均并列第一 is two."""
        own = re.sub(r"(?:等)?[\d一二两三四五六七八九十]*[个项]?指标$", "", own)
        own = re.sub(r"^[我全本][市县省区镇]|(?:分别)?连续[^，。]{1,12}$", "", own)
        own = own.rstrip("均都皆")
        return [name for name in re.split(r"、|和|以及", own) if len(name) >= 2][:12]


def _is_same(said: str | None, now: str | None) -> bool:
    """Whether it is the measure said before, perhaps shorter: 两家公司营收, then 营收."""
    return said is not None and now is not None and len(now) >= 2 and said.endswith(now)


def _is_day(period: Period) -> bool:
    return period.kind == "single" and period.start is not None and period.start == period.end


_EACH = re.compile(
    r"(?P<names>[^，。；：\n]{2,60}?)分别(?:为|达到|达|有|是|实现|完成|新增)(?P<of>[一-鿿]{0,8}?)(?=\d)"
)


def _each(text: str, found: list[Quantity]) -> dict[int, str]:
    """A、B分别为12亿元和8亿元: each number to its own name, if there are as many of both."""
    out: dict[int, str] = {}
    for match in _EACH.finditer(text):
        listed = re.sub(r"^[我全本][市县省区镇]", "", match["names"])
        names = re.split(r"、|和|以及", listed)
        first = next((n for n, one in enumerate(found) if one.start >= match.end()), len(found))
        run = found[first : first + len(names)]
        gaps = pairwise(run)
        is_run = all(text[a.end : b.start] in ("、", "和", "以及") for a, b in gaps)
        if len(run) == len(names) > 1 and is_run and run[0].start - match.end() <= 1:
            out |= {first + n: name + match["of"] for n, name in enumerate(names) if len(name) >= 2}
    return out
