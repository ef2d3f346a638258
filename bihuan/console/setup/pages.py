"""上线准备 / first run: seven steps, each shown with what is recorded; and 上线自检."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console.home import clock
from bihuan.console.setup import acts
from bihuan.console.setup.readiness import items, shown
from bihuan.console.setup.steps import steps_of
from bihuan.console.setup.who import holder_or_404, holds, is_proven
from bihuan.console.shift.given import whole
from bihuan.console.shown import is_english
from bihuan.console.visit import signed_in
from bihuan.loop.scenario import installed
from bihuan.register.entries import Actor
from bihuan.register.models import Area

IMPORTS = "imports"  # the name of the page of imports, where it is installed
FIELDS = {
    "level": _("请选县、市或区"),
    "name": _("名称要以所选的县、市或区结尾"),
    "latin": _("请填拼音名称"),
    "code": _("请填国家统一的六位区划代码"),
    "title": _("请填值班表的名称，最多 64 字"),
    "role": _("请选岗位"),
    "area_id": _("没有这个编号的区域"),
    "people": _("请填登记编号，用逗号分开；上夜班的人要有 30 天内响过的电话"),
    "people_ids": _("请填登记编号，用逗号分开"),
    "mode": _("演示地区不能转为正式，请另建一个"),
    "shifts.0.from": _("时间写成 20:00"),
    "shifts.0.until": _("时间写成 08:00"),
    "shifts.0.name": _("请填班次名称"),
    "crews.0": _("至少要有一个人值班"),
    "ready": _("还有没就绪的项目"),
}


@signed_in
def first_run(request: HttpRequest) -> HttpResponse:
    """The seven steps."""
    if holds(request, "system") and not is_proven(request):
        return render(request, "console/office_locked.html", status=403)
    holder_or_404(request, "system", leads=True)
    return _page(request)


@signed_in
@require_POST
def first_run_do(request: HttpRequest, what: str) -> HttpResponse:
    """One step: name, roster or mode."""
    by = holder_or_404(request, "system", leads=True)
    do = DOES.get(what)
    if do is None:
        raise Http404
    try:
        do(request, by)
    except BadInputError as error:
        return _page(request, what, error)
    return redirect("first_run")


@signed_in
def readiness(request: HttpRequest) -> HttpResponse:
    """上线自检: every item, and what to do about it."""
    if holds(request, "system") and not is_proven(request):
        return render(request, "console/office_locked.html", status=403)
    holder_or_404(request, "system", "audit", leads=True)
    found = items()
    context = {"now_us": clock().now_us(), "items": shown(found), "counts": _counts(found)}
    return render(request, "console/readiness.html", context)


def _counts(found: list[Any]) -> dict[str, int]:
    return {state: sum(1 for item in found if item.state == state) for state in ("fail", "warn")}


def _name(request: HttpRequest, by: Actor) -> None:
    said = request.POST
    naming = acts.Naming(
        said.get("level", ""),
        said.get("name", "").strip(),
        said.get("latin", "").strip(),
        said.get("code", "").strip(),
    )
    acts.name_county(naming, by, clock())


def _roster(request: HttpRequest, by: Actor) -> None:
    said = request.POST
    people = tuple(
        number
        for part in said.get("people", "").replace("，", ",").split(",")
        if (number := whole("people", part)) is not None
    )
    rota = acts.Rota(
        title=said.get("title", ""),
        role=said.get("role", ""),
        area_id=whole("area_id", said.get("area", "")) or 0,
        shift=said.get("shift", ""),
        from_=said.get("from", ""),
        until=said.get("until", ""),
        people=people,
        is_waking=said.get("waking") == "1",
    )
    acts.make_roster(rota, by, clock())


def _mode(request: HttpRequest, by: Actor) -> None:
    acts.switch(request.POST.get("mode", ""), by, clock())


DOES: dict[str, Callable[[HttpRequest, Actor], None]] = {
    "name": _name,
    "roster": _roster,
    "mode": _mode,
}


def _page(request: HttpRequest, what: str = "", error: BadInputError | None = None) -> HttpResponse:
    now_us, found = clock().now_us(), items()
    steps = steps_of(now_us, found)
    context: dict[str, Any] = {
        "now_us": now_us,
        "steps": {step.name: step for step in steps},
        "left": sum(1 for step in steps if not step.is_done),
        "not_ready": [one for one in shown(found) if one.item.state == "fail"],
        "advised": [one for one in shown(found) if one.item.state == "warn"],
        "roles": _roles(),
        "top": Area.objects.filter(parent_id=None, until_us=None).order_by("id").first(),
        "imports": _imports(),
    }
    if error is not None:
        words = [FIELDS.get(fault.field, str(fault)) for fault in error.faults]
        context["form"] = {"said": request.POST.dict(), "faults": list(dict.fromkeys(words))}
        context["refused"] = what
    return render(request, "console/first_run.html", context, status=422 if error else 200)


def _roles() -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for scenario in installed().values():
        for name, (zh, en) in scenario.roles.items():
            found.setdefault(name, en if is_english() else zh)
    return sorted(found.items())


def _imports() -> str:
    try:
        return reverse(IMPORTS)
    except NoReverseMatch:
        return ""
