"""时限和工作日 / Limits and working days: what is in force, what was before, and setting it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from bihuan.base.errors import BadInputError
from bihuan.base.ids import is_id
from bihuan.console import words
from bihuan.console.home import clock
from bihuan.console.limits import acts, facts, given
from bihuan.console.limits.who import tuner_or_404, tuners
from bihuan.console.shown import area_name, is_english
from bihuan.console.visit import signed_in
from bihuan.loop.clocks.course import REPEAT
from bihuan.loop.playbook import Playbook, newest
from bihuan.loop.scenario import installed

UNITS = {
    "seconds": _("秒"),
    "minutes": _("分钟"),
    "hours": _("小时"),
    "calendar": _("天"),
    "working": _("工作日"),
}
FIELDS = {
    "clock": _("请选一个时限"),
    "amount": _("时长请填大于 0 的整数，不超过 3660 天"),
    "unit": _("单位不对：按小时算的不能改成按天算，按天算的也不能改成按小时算"),
    "source": _("请写依据（谁定的、哪份文件），最多 255 字"),
    "region": _("请选适用地区"),
    "effective_from": _("生效日期请选明天或以后：已经开的事件按原来的时限"),
    "from": _("生效日期请选明天或以后：已经开的事件按原来的时限"),
    "year": _("年份请填 2008 到 2199，或者不填"),
    "days": _("每行一天，例如 2027-02-06 休 春节；放假写休，调休上班写班"),
}


@signed_in
def limits(request: HttpRequest) -> HttpResponse:
    """The playbooks whose limits the person may set."""
    tuner_or_404(request)
    rows = [
        {
            "scenario": _pick(installed()[name].title),
            "books": [
                {"name": book.name, "title": _pick(book.title)} for book in _newest_books(name)
            ],
        }
        for name in tuners(request)
    ]
    return render(request, "console/limits.html", {"rows": rows})


@signed_in
def limits_of(request: HttpRequest, name: str) -> HttpResponse:
    """One playbook's limits: which holds now, which held before; a POST sets one."""
    book = acts.book_or_404(name)
    _by, area = tuner_or_404(request, book.scenario)
    error = None
    if request.method == "POST":
        try:
            acts.limit(request, name, request.POST.dict(), clock())
        except BadInputError as found:
            error = found
        else:
            return redirect("limits_of", name=name)
    now_us = clock().now_us()
    context: dict[str, Any] = {
        "title": _pick(book.title),
        "name": book.name,
        "area": area,
        "area_name": area_name(area),
        "now_us": now_us,
        "rows": [_row(book, one, now_us) for one in facts.standings(book, now_us)],
        "units": UNITS.items(),
        "form": _form(request, error),
    }
    return render(request, "console/limits_of.html", context, status=422 if error else 200)


@signed_in
def working_days(request: HttpRequest) -> HttpResponse:
    """The days off and make-up days of each year, whose notice says so; a POST adds a notice."""
    tuner_or_404(request)
    error = None
    if request.method == "POST":
        said = request.POST
        try:
            year, days = given.year_of(said.get("year", "")), given.days_of(said.get("days", ""))
            acts.days(request, days, year, said.get("source", ""), clock())
        except BadInputError as found:
            error = found
        else:
            return redirect("working_days")
    years = [
        {
            "year": one.year,
            "source": one.source,
            "days": [
                (on, is_working, facts.holiday(name, is_english=is_english()), source)
                for on, is_working, name, source in one.days
            ],
        }
        for one in facts.years(clock().now_us())
    ]
    context = {"years": years, "form": _form(request, error)}
    return render(request, "console/working_days.html", context, status=422 if error else 200)


def clock_word(book: Playbook, clock_name: str) -> str:
    """A limit's name in the reader's words: a clock, the wait of a ladder step, or the repeat."""
    if clock_name == REPEAT:
        return str(_("末级重复呼叫"))
    _ladder, _dot, n = clock_name.partition(".")
    if is_id(n):
        return f"{_('呼叫阶梯')} {n}: {_pick(book.ladder[int(n) - 1].title)}"
    return str(words.CLOCKS.get(clock_name, clock_name))


def _newest_books(scenario: str) -> list[Playbook]:
    kinds = dict.fromkeys(book.kind for book in installed()[scenario].playbooks)
    return [newest(scenario, kind) for kind in kinds]


def _row(book: Playbook, one: facts.Standing, now_us: int) -> dict[str, Any]:
    return {
        "clock": one.clock,
        "word": clock_word(book, one.clock),
        "now": one.now,
        "is_own": one.is_own,
        "own": [(figure, _state(one, figure, now_us)) for figure in one.own],
        "declared": one.declared,
    }


def _state(one: facts.Standing, figure: facts.Figure, now_us: int) -> str:
    if (figure.from_us or 0) > now_us:
        return "ahead"
    return "now" if figure is one.now else ""


def _form(request: HttpRequest, error: BadInputError | None) -> dict[str, Any]:
    if error is None:
        return {}
    faults = [FIELDS.get(fault.field, str(fault)) for fault in error.faults]
    lines = [fault.got for fault in error.faults if fault.field == "days"]
    return {"said": request.POST, "faults": list(dict.fromkeys(faults)), "lines": lines}


def _pick(title: tuple[str, str]) -> str:
    return title[1] if is_english() else title[0]
