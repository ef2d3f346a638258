"""系统设置 / settings: for the system administrator; secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings as django_settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.console import words
from bihuan.console.home import clock, keys
from bihuan.console.machine import facts
from bihuan.console.machine.given import wanted_of
from bihuan.console.setup.who import holder_or_404, holds, is_proven
from bihuan.console.visit import signed_in
from bihuan.loop.delivery import acts as channels
from bihuan.loop.pathtest import acts as path_test
from bihuan.loop.providers import PROVIDERS
from bihuan.register.entries import Actor

FIELDS = {
    "account": _("账号名用小写英文字母开头，最多 32 个字符"),
    "reason": _("请写原因，最多 200 字"),
    "wakes": _("这种通道叫不醒人"),
    "lines": _("线路数是 1 到 1000"),
    "hold_s": _("占线秒数是 0 到 3600"),
    "rank": _("先后是 0 到 99"),
    "working_day": _("第几个工作日是 1 到 15"),
    "minute": _("请填时间，例如 10:00"),
    "run": _("有一次自检正在进行"),
    "areas": _("先登记本地区，再做自检"),
}


@signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    if holds(request, "system") and not is_proven(request):
        return render(request, "console/office_locked.html", status=403)
    holder_or_404(request, "system")
    return _page(request)


@signed_in
@require_POST
def settings_do(request: HttpRequest, what: str) -> HttpResponse:
    """Set an account up, take it down, plan the monthly test, or make it now."""
    by = holder_or_404(request, "system")
    do = DOES.get(what)
    if do is None:
        raise Http404
    try:
        do(request, by)
    except BadInputError as error:
        return _page(request, error)
    return redirect("settings")


def _set_up(request: HttpRequest, by: Actor) -> None:
    channels.set_up(wanted_of(request.POST.dict()), by, clock())


def _take_down(request: HttpRequest, by: Actor) -> None:
    channels.take_down(request.POST.get("account", ""), request.POST.get("reason", ""), by, clock())


def _plan(request: HttpRequest, by: Actor) -> None:
    said = request.POST
    day = said.get("working_day", "")
    if not (day.isascii() and day.isdigit() and len(day) < 3):
        raise bad("working_day", day[:10] or "nothing", "1 to 15")
    path_test.plan(said.get("on") == "1", int(day), minute_of(said.get("at", "")), by, clock())


def minute_of(text: str) -> int:
    """The minute of the day of `10:00`. Raises BadInputError."""
    hour, _colon, minute = text.partition(":")
    if not (hour.isascii() and minute.isascii() and hour.isdigit() and minute.isdigit()):
        raise bad("minute", text[:10] or "nothing", "a time such as 10:00")
    if len(hour) > 2 or len(minute) != 2 or int(hour) > 23 or int(minute) > 59:
        raise bad("minute", text[:10], "a time such as 10:00")
    return int(hour) * 60 + int(minute)


def _test_now(_request: HttpRequest, by: Actor) -> None:
    path_test.begin("asked", by, clock(), keys())


DOES: dict[str, Callable[[HttpRequest, Actor], None]] = {
    "set-up": _set_up,
    "take-down": _take_down,
    "plan": _plan,
    "test": _test_now,
}


def _page(request: HttpRequest, error: BadInputError | None = None) -> HttpResponse:
    now_us = clock().now_us()
    said = request.POST if error is not None else request.GET
    provider = PROVIDERS.get(said.get("provider", ""))
    context: dict[str, Any] = {
        "now_us": now_us,
        "accounts": [
            (one, words.CHANNELS.get(one.channel, one.channel)) for one in facts.accounts()
        ],
        "providers": sorted((name, facts.provider_name(name)) for name in PROVIDERS),
        "provider": provider,
        "provider_name": facts.provider_name(provider.name) if provider else "",
        "channels": [(c, words.CHANNELS.get(c, c)) for c in provider.channels] if provider else [],
        "years": facts.years(now_us),
        "heads": facts.heads(),
        "backup": facts.backup(),
        "path": facts.path_test(now_us),
        "is_https": getattr(django_settings, "IS_HTTPS", False),
    }
    if error is not None:
        found = [FIELDS.get(fault.field, str(fault)) for fault in error.faults]
        plain = {k: v for k, v in request.POST.items() if k in ("account", "rank", "lines")}
        context["form"] = {"said": plain, "faults": list(dict.fromkeys(found))}
    return render(request, "console/settings.html", context, status=422 if error else 200)
