"""指标 / Figures: a dashboard, one figure, the rows that it counted. The filter is in the URL."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.base.ids import is_id
from bihuan.console.figures.asked import LENGTHS, Asked, asked, figure_or_404, scenarios
from bihuan.console.figures.fault_words import in_words
from bihuan.console.figures.files import actor_of, file_of
from bihuan.console.figures.shown import (
    growth_text,
    made_of,
    tone,
    trend,
    value_text,
    word,
)
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.press.series_pages import beside
from bihuan.console.shown import Reader, area_name
from bihuan.console.visit import signed_in
from bihuan.figures import acts, drill
from bihuan.figures.gauges import gauges
from bihuan.figures.groups import date_of
from bihuan.figures.installed import Installed, installed
from bihuan.figures.parked import parked
from bihuan.figures.periods import period_at, words
from bihuan.figures.values import Growth, Target, Value, ranked
from bihuan.figures.views import VIEWS, chosen, view_of
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.rights import cases_for
from bihuan.loop.scenario import installed as installed_scenarios
from bihuan.register.models import Area

PER_PAGE, TREND = 50, 12


@signed_in
def figures(request: HttpRequest) -> HttpResponse:
    """The dashboard: the figures that the reader's roles ask for, in one area and period."""
    said = asked(request)
    view = request.GET.get("view") or view_of(said.mine)
    if view not in VIEWS:
        raise Http404
    sections = []
    for name in scenarios(said.mine):
        mine = [one for one in installed().values() if one.scenario == name and chosen(view, one)]
        if mine and said.sees(name):
            lines = [_line(said, one) for one in mine]
            may_take_out = said.mine.may(name, "export", said.area.path)
            told = [
                [line for line in lines if line["is_quiet"] is quiet] for quiet in (False, True)
            ]
            sections.append((_title(name), name, *told, may_take_out))
    context = {
        **_common(said),
        "view": view,
        "views": [(name, word(title)) for name, title in VIEWS.items()],
        "sections": sections,
        "gauges": [tuple(map(word, gauge)) for gauge in gauges(said.mine, said.now_us)],
    }
    return render(request, "console/figures.html", context)


@signed_in
def figure(request: HttpRequest, figure_id: str, faults: tuple[str, ...] = ()) -> HttpResponse:
    """One figure: value, definition, course, areas in order, what was published and when."""
    said = asked(request)
    one = figure_or_404(said, figure_id)
    course, at = [], said.period
    for _n in range(TREND):
        course.append((at, said.book.value(one, at, said.area.path)))
        at = at.before()
    lock = said.book.lock_of(one.scenario, said.period)
    context = {
        **_common(said),
        "one": one,
        "title": word(one.figure.title),
        "definition": word(one.figure.definition),
        "line": _line(said, one),
        "made_of": made_of(said.book.value(one, said.period, said.area.path)),
        "trend": trend(one, course[::-1]),
        "places": _places(said, one),
        "lock": lock,
        "lock_by": People(keys(), [lock.locked_by]).name(lock.locked_by) if lock else "",
        "may_publish": acts.may_publish(said.mine, one.scenario),
        "beside": beside(request, one.id, one.figure.official),
        "faults": faults,
    }
    return render(request, "console/figure.html", context, status=422 if faults else 200)


@signed_in
def counted(request: HttpRequest, figure_id: str) -> HttpResponse:
    """The rows behind a figure, by its own conditions; those that the reader may see."""
    said = asked(request)
    one, part = figure_or_404(said, figure_id), request.GET.get("part", "part")
    page = request.GET.get("page", "1")
    if part not in ("part", "whole") or not is_id(page) or not 0 < int(page) < 10_000:
        raise Http404
    n = int(page)
    asked_for = drill.Ask(one, said.book.window(one, said.period), said.area.path, part == "whole")
    found = drill.rows(said.book.reader, asked_for, PER_PAGE + 1, (n - 1) * PER_PAGE)
    context = {
        **_common(said),
        "one": one,
        "title": word(one.figure.title),
        "part": part,
        "total": drill.count(said.book.reader, asked_for),
        "page": n,
        "more": len(found) > PER_PAGE,
        "is_cases": drill.is_cases(one),
    }
    if drill.is_cases(one):
        cases = list(cases_for(said.mine).filter(id__in=found[:PER_PAGE]).order_by("-id"))
        reader = Reader(cases, keys(), said.now_us)
        context["rows"] = [reader.show(case) for case in cases]
        context["kept"] = len(found[:PER_PAGE]) - len(cases)
    else:
        context |= {"numbers": drill.numbered(one, found[:PER_PAGE])}
    return render(request, "console/figure_rows.html", context)


@signed_in
def take_out(request: HttpRequest) -> HttpResponse:
    """Every figure of a scenario, for the area and those under it, with its definition."""
    said = asked(request)
    name, form = request.GET.get("scenario", ""), request.GET.get("form", "xlsx")
    if name not in scenarios(said.mine) or not said.mine.may(name, "export", said.area.path):
        raise Http404
    return file_of(request, said, (name, form), "page")


@signed_in
@require_POST
def publish(request: HttpRequest, figure_id: str) -> HttpResponse:
    """Lock the period of the figure's scenario, or correct it with a reason."""
    said = asked(request)
    one = figure_or_404(said, figure_id)
    try:
        acts.lock(
            clock(), actor_of(request), said.mine,
            (one.scenario, said.period.text, request.POST.get("reason", "")),
        )  # fmt: skip
    except ForbiddenError:
        raise Http404 from None
    except BadInputError as error:
        return figure(request, figure_id, tuple(map(in_words, error.faults)))
    return redirect(f"{request.path.removesuffix('publish')}?{said.query()}")


def _title(scenario: str) -> str:
    known = installed_scenarios().get(scenario)
    return word(known.title) if known is not None else scenario


def _common(said: Asked) -> dict[str, Any]:
    """What every page of figures shows: where, when, and how to go on."""
    at = date_of(min(said.now_us, said.period.window.end_us - 1))
    parent = Area.objects.using(MAIN).filter(pk=said.area.parent_id or 0).first()
    sees_parent = parent is not None and any(
        said.mine.may(name, "see", parent.path) for name in scenarios(said.mine)
    )
    return {
        "now_us": said.now_us,
        "area": said.area,
        "area_name": area_name(said.area),
        "parent": parent if sees_parent else None,
        "parent_name": area_name(parent) if sees_parent else "",
        "period": said.period,
        "period_word": word(words(said.period)),
        "is_open": said.period.is_open(said.now_us),
        "before": said.period.before().text,
        "after": said.period.after().text if not said.period.is_open(said.now_us) else "",
        "lengths": [(length, period_at(length, at).text) for length in LENGTHS],
        "query": said.query(),
        "parked": parked(said.area.path, scenarios(said.mine)),
    }


def _line(said: Asked, one: Installed) -> dict[str, Any]:
    value = said.book.value(one, said.period, said.area.path)
    growths = {
        against: said.book.growth(one, said.period, said.area.path, against)
        for against in ("year", "before")
    }
    target = said.book.target(one, said.period, value.told)
    return {
        "one": one,
        "whole": word(one.figure.title),
        "text": value_text(one, value),
        "value": value,
        "made_of": made_of(value),
        "live": value_text(one, type(value)(value.live, False)) if value.live else "",
        "year": growth_text(growths["year"]),
        "year_tone": tone(one, growths["year"]),
        "has_year": growths["year"].amount is not None,
        "before": growth_text(growths["before"]),
        "before_tone": tone(one, growths["before"]),
        "has_before": growths["before"].amount is not None,
        "is_cut": growths["before"].is_cut,
        "target": target,
        "is_quiet": _is_quiet(value, target, *growths.values()),
        "period": word(words(said.period, one.figure.period)),
    }


def _is_quiet(value: Value, target: Target | None, *growths: Growth) -> bool:
    """Nothing was counted and nothing is asked of it: it may stand folded, below the others."""
    is_nothing = value.is_empty or (value.told.amount == 0 and not value.told.bottom)
    is_wanted = target is not None or bool(value.lock) or value.hidden
    return is_nothing and not is_wanted and all(one.amount is None for one in growths)


def _places(said: Asked, one: Installed) -> list[dict[str, Any]]:
    """Areas directly below: in order where the figure is ranked at their level, else by code."""
    now = said.book.children(one, said.period, said.area.path)
    areas = Area.objects.using(MAIN).in_bulk(list(now))
    now = {area: value for area, value in now.items() if area in areas}
    is_ranked = any(areas[area].level == one.figure.rank_level for area in now)
    before = said.book.children(one, said.period.before(), said.area.path) if is_ranked else {}
    order = ranked(one, now, before)
    if not is_ranked:
        order = sorted(order, key=lambda rank: areas[rank.area_id].code)
    most = max((v.told.amount or 0 for v in now.values()), default=0)
    return [
        {
            "rank": rank if is_ranked else None,
            "area_id": rank.area_id,
            "name": area_name(areas[rank.area_id]),
            "text": value_text(one, rank.value),
            "made_of": made_of(rank.value),
            "width": 100 * (rank.value.told.amount or 0) / most if most > 0 else 0,
            "up": rank.moved if rank.moved is not None and rank.moved > 0 else 0,
            "down": -rank.moved if rank.moved is not None and rank.moved < 0 else 0,
            "is_inside": rank.area_id != said.area.id,
        }
        for rank in order
    ]
