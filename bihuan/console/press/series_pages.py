"""Published series: the list, and one series with its sources, revisions and the county's own."""

from __future__ import annotations

import json

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.press import reach, shown, words
from bihuan.console.press.pages import actor, publisher, refused
from bihuan.console.visit import signed_in, whole_or_404
from bihuan.figures.bulletins.charts import drawn
from bihuan.figures.published.models import PublishedValue, Series
from bihuan.journal.storage import MAIN

PER_PAGE = 50


def series_of(request: HttpRequest) -> QuerySet[Series]:
    """Every series that this person may see; a stranger's finds none."""
    wanted = Q(pk__in=())
    for path in reach.paths(request, "see"):
        # a series of the county is seen by its towns: it was published
        wanted |= Q(area_path__startswith=path) | Q(area_path__in=above(path))
    return Series.objects.using(MAIN).filter(wanted)


def above(path: str) -> list[str]:
    """An area's path and the paths above it."""
    parts = path.rstrip(".").split(".")
    return [".".join(parts[:n]) + "." for n in range(1, len(parts) + 1)]


@signed_in
def published(request: HttpRequest) -> HttpResponse:
    """外部已发布数据: every series with its newest value."""
    if not reach.paths(request, "see"):
        raise Http404
    found, query = series_of(request), request.GET.get("q", "").strip()[:60]
    if query:
        found = found.filter(Q(indicator__contains=query) | Q(scope__contains=query))
    if before := request.GET.get("before"):
        found = found.filter(id__lt=whole_or_404(before))
    rows = list(found.order_by("-id")[: PER_PAGE + 1])
    shown_rows = rows[:PER_PAGE]
    newest = {}
    values = PublishedValue.objects.using(MAIN).filter(series_id__in=[row.id for row in shown_rows])
    for value in values.order_by("end", "id"):
        if value.stands:
            newest[value.series_id] = value
    context = {
        "rows": [_line(row, newest.get(row.id)) for row in shown_rows],
        "q": query,
        "more": rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        "may_edit": bool(reach.paths(request, "edit")),
        "may_export": bool(reach.paths(request, "export")),
    }
    return render(request, "console/published.html", context)


def _line(row: Series, value: PublishedValue | None) -> dict[str, object]:
    kind = words.PERIODS[row.period_kind]
    if value is None:
        return {"row": row, "kind": kind, "value": None}
    said = shown.said_of(value, row)
    return {"row": row, "kind": kind, "value": value, "text": shown.number_of(said)}


@signed_in
def published_series(request: HttpRequest, series_id: int) -> HttpResponse:
    """One series: what stands, from whom, and everything that was revised or withdrawn."""
    return _series(request, series_or_404(request, series_id))


def series_or_404(request: HttpRequest, series_id: int) -> Series:
    """A series that this person may see."""
    row = series_of(request).filter(id=series_id).first()
    if row is None:
        raise Http404
    return row


def _series(
    request: HttpRequest, series: Series, error: BadInputError | None = None
) -> HttpResponse:
    found = PublishedValue.objects.using(MAIN).filter(series_id=series.id)
    rows = list(found.order_by("end", "start", "id"))
    people = People(keys(), [row.stated_by for row in rows] + [row.withdrawn_by for row in rows])
    unit = f" ({series.unit})" if series.unit else ""
    title = f"{series.indicator} · {series.scope}{unit}"
    picture = drawn(shown.points(rows), title, shown.language())
    context = {
        "series": series,
        "kind": words.PERIODS[series.period_kind],
        "standing": [_value(series, row, people) for row in rows if row.stands],
        "past": [_value(series, row, people) for row in rows if not row.stands],
        "picture": mark_safe(picture),  # noqa: S308 - charts.drawn escapes
        "figure_href": figure_href(series.figure),
        "may_edit": reach.may(request, "edit", series.area_path),
        **refused(request, error),
    }
    return render(request, "console/published_series.html", context, status=422 if error else 200)


def figure_href(figure: str | None) -> str:
    """The page of the county's own figure; "" where there is none by that name."""
    if not figure:
        return ""
    try:
        return reverse("figure", args=[figure])
    except NoReverseMatch:
        return ""


def _value(series: Series, row: PublishedValue, people: People) -> dict[str, object]:
    said = shown.said_of(row, series)
    labels = words.LABELS
    return {
        "row": row,
        "text": shown.number_of(said),
        "period": shown.period_text(said),
        "status": "" if row.status == "actual" else words.STATUSES[row.status],
        "kind": words.SOURCES[row.source_kind],
        "who": people.name(row.stated_by) if row.stated_by else "",
        "withdrawn_who": people.name(row.withdrawn_by) if row.withdrawn_by else "",
        "entered": [labels.get(name, name) for name in json.loads(row.entered)],
    }


MOST_BESIDE = 5


def beside(request: HttpRequest, figure: str, key: str | None) -> list[dict[str, object]]:
    """The series that others published, linked to the county's own figure: the newest values.

    key  of the series that the figure itself names, or None
    What a reader may not see is left out; nothing is computed, each number is as published.
    """
    if not reach.paths(request, "see"):
        return []
    found = series_of(request).filter(Q(figure=figure) | Q(key=key or ""))
    held = {row.id: row for row in found.order_by("id")[:MOST_BESIDE]}
    values = PublishedValue.objects.using(MAIN).filter(series_id__in=list(held))
    standing: dict[int, list[PublishedValue]] = {one: [] for one in held}
    for value in values.order_by("-end", "-id"):
        if value.stands and len(standing[value.series_id]) < MOST_BESIDE:
            standing[value.series_id].append(value)
    nobody = People(keys(), [])
    return [
        {
            "series": series,
            "kind": words.PERIODS[series.period_kind],
            "values": [_value(series, value, nobody) for value in standing[one]],
        }
        for one, series in held.items()
    ]


@signed_in
@require_POST
def published_do(request: HttpRequest, series_id: int, what: str) -> HttpResponse:
    """Withdraw a value, or link the series to the county's own figure."""
    series, said = series_or_404(request, series_id), request.POST
    if not reach.may(request, "edit", series.area_path):
        raise Http404
    by = actor(request, series.area_path)
    try:
        if what == "withdraw":
            value_id = whole_or_404(said.get("value_id", ""))
            own = PublishedValue.objects.using(MAIN).filter(id=value_id, series_id=series.id)
            if not own.exists():
                raise Http404
            publisher().withdraw(value_id, said.get("reason", ""), by)
        elif what == "link":
            publisher().link(series.id, said.get("figure", "").strip() or None, by)
        else:
            raise Http404
    except BadInputError as error:
        return _series(request, series, error)
    return redirect("published_series", series.id)
