"""Published series as a sheet: the kind by which CSV and Excel files are read and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import CHINA, datetime_of
from bihuan.figures.published import entries, identity
from bihuan.figures.published.acts import Publisher, Statement, source_faults, standing_of
from bihuan.figures.published.models import PublishedValue, Series
from bihuan.figures.published.rights import FIGURES
from bihuan.journal.storage import MAIN
from bihuan.register.imports.kinds import Asking, Kind, Said, Step, Work, declare, nothing
from bihuan.register.models import Area
from bihuan.register.scheme import Field

PERIODS: Final = (
    ("cumulative", ("累计", "Cumulative")),
    ("single", ("单期", "Single")),
    ("point", ("时点", "Point in time")),
    ("since", ("自某日起", "Since")),
)
STATUSES: Final = (
    ("actual", ("实际", "Actual")),
    ("planned", ("计划", "Planned")),
    ("forecast", ("预计", "Forecast")),
    ("at_capacity", ("达产后", "At full capacity")),
)
BASES: Final = (
    ("yoy", ("同比", "Year on year")),
    ("period_on_period", ("环比", "Period on period")),
    ("other", ("其他", "Other")),
)


def _text(name: str, zh: str, en: str, *, needed: bool = False) -> Field:
    return Field(name=name, title=(zh, en), kind="text", is_required=needed)


FIELDS: Final = (
    _text("indicator", "指标", "Indicator", needed=True),
    _text("scope", "范围", "Scope", needed=True),
    Field(
        name="period",
        title=("期间类型", "Kind of period"),
        kind="choice",
        choices=PERIODS,
        is_required=True,
    ),
    Field(name="start", title=("起", "From"), kind="date"),
    Field(name="end", title=("止", "Until"), kind="date", is_required=True),
    # text, not a number: 24 digits stay exact
    _text("value", "数值", "Value"),
    _text("unit", "单位", "Unit"),
    _text("qualifier", "余超多", "Inexact by"),
    _text("growth", "增幅（原文）", "Growth as published"),
    _text("growth_unit", "增幅单位", "Unit of growth"),
    Field(name="basis", title=("增幅基期", "Growth against"), kind="choice", choices=BASES),
    Field(name="rank", title=("位次", "Rank"), kind="integer", at_least=1),
    _text("group", "排名范围", "Ranked among"),
    Field(name="ties", title=("并列", "Tied"), kind="yes_no"),
    Field(name="change", title=("位次变化", "Places gained"), kind="integer"),
    Field(name="status", title=("性质", "Status"), kind="choice", choices=STATUSES),
    Field(name="provisional", title=("初步数", "Provisional"), kind="yes_no"),
    _text("paper", "来源", "Published by", needed=True),
    Field(name="issued", title=("发布日期", "Published on"), kind="date", is_required=True),
    _text("article", "标题", "Headline"),
    Field(name="revises", title=("修订", "Revises"), kind="yes_no"),
    _text("reason", "修订原因", "Why revised"),
)


def _words(said: Said, name: str) -> str | None:
    got = said.get(name)
    return None if got is None or str(got).strip() == "" else str(got).strip()


def statement(said: Said, kind: entries.SourceKind) -> Statement:
    """A checked row as a statement; nothing that it does not say is filled in."""
    rank = None
    if said.get("rank") is not None:
        rank = {
            "place": int(str(said["rank"])),
            "group": _words(said, "group"),
            "ties": bool(said.get("ties")),
            "change": None if said.get("change") is None else int(str(said["change"])),
        }
    growth = None
    if _words(said, "growth") is not None:
        unit = _words(said, "growth_unit") or "%"
        growth = {"value": _words(said, "growth"), "unit": unit, "basis": _words(said, "basis")}
    told: dict[str, Any] = {
        **{n: _words(said, n) for n in ("indicator", "scope", "value", "unit", "qualifier")},
        "period": {
            "kind": _words(said, "period"),
            "start": _words(said, "start"),
            "end": _words(said, "end"),
        },
        "growth": growth,
        "rank": rank,
        "status": _words(said, "status") or "actual",
        "is_provisional": bool(said.get("provisional")),
    }
    source = entries.Source(
        kind=kind,
        paper=_words(said, "paper") or "",
        issued=_words(said, "issued") or "",
        article=_words(said, "article"),
    )
    whole = msgspec.convert(told, entries.Said)
    return Statement(whole, source, bool(said.get("revises")), _words(said, "reason"))


def step(work: Work, said: Said) -> Step:
    """A new value, a revision of one that stands, or what stands already."""
    given, area_id = statement(said, "sheet"), _top(work)
    today = datetime_of(work.clock.now_us()).astimezone(CHINA).date()
    faults = identity.faults_of(given.said) + source_faults(given.source, today)
    if faults:
        raise BadInputError(*faults)
    standing = standing_of(work.rows, given.said, area_id)
    period = given.said.period
    assert period is not None, "checked above"
    key = f"{identity.key_of(given.said, area_id)}:{period.start}:{period.end}:{given.source.paper}"
    key += f":{given.source.issued}"
    if any(identity.is_same(row, given.said) and _is_from(row, given) for row in standing):
        return Step("same", key, nothing)
    against = [row for row in standing if identity.disagrees(row, given.said)]
    if against and not (given.revises and given.reason):
        want = f"{_number(against[0])}, as stands, or 修订 = 是 with a reason"
        raise BadInputError(Fault("value", given.said.value or "another", want))
    acts = Publisher(work.clock, work.keys)
    return Step("changed" if against else "new", key, lambda: acts.state(area_id, given, work.by))


def _number(row: PublishedValue) -> str:
    return f"{row.qualifier or ''}{row.value or ''}{row.unit or ''}"


def _is_from(row: PublishedValue, given: Statement) -> bool:
    source = given.source
    return (row.paper, row.issued) == (source.paper, source.issued)


def _top(work: Work) -> int:
    """The county: published series belong to it as a whole."""
    work.must_be_whole("scope")
    top = Area.objects.using(MAIN).filter(parent_id=None, until_us=None).order_by("id").first()
    if top is None:
        raise BadInputError(Fault("scope", "no county", "a county with its areas"))
    return int(top.id)


def rows(asking: Asking) -> Iterator[dict[str, Any]]:
    """Every value that stands, by series and period."""
    allowed = asking.paths(FIGURES)
    found = {one.id: one for one in Series.objects.using(MAIN).order_by("id")}
    standing = PublishedValue.objects.using(MAIN).filter(superseded_by=None, withdrawn_us=None)
    for row in standing.order_by("series_id", "end", "id").iterator():
        series = found[row.series_id]
        if allowed is None or any(series.area_path.startswith(path) for path in allowed):
            yield _row(series, row)


def _row(series: Series, row: PublishedValue) -> dict[str, Any]:
    return {
        "indicator": series.indicator,
        "scope": series.scope,
        "period": series.period_kind,
        "start": row.start,
        "end": row.end,
        "value": row.value,
        "unit": row.unit,
        "qualifier": row.qualifier,
        "growth": row.growth_value,
        "growth_unit": row.growth_unit,
        "basis": row.growth_basis,
        "rank": row.rank_place,
        "group": row.rank_group,
        "ties": row.rank_ties,
        "change": row.rank_change,
        "status": row.status,
        "provisional": row.is_provisional,
        "paper": row.paper,
        "issued": row.issued,
        "article": row.article,
    }


PUBLISHED: Final = declare(
    Kind(
        name="published",
        title=("外部已发布数据", "Published series"),
        fields=FIELDS,
        step=step,
        rows=rows,
        scenario=FIGURES,
        meaning=(
            "他方已发布的数据，按原文录入；增幅和位次照录，不重新计算；余、超、多表示约数",
            "What others published, as they published it; growth and rank are never recomputed; "
            "余, 超 and 多 mark numbers that are not exact",
        ),
        words={
            "paper": ("来源单位", "报刊"),
            "qualifier": ("约数标记",),
            "growth": ("增幅", "增速"),
            "end": ("截止日期", "期末"),
            "start": ("起始日期", "期初"),
            "rank": ("排名",),
        },
    )
)
