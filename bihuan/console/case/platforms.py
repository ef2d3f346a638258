"""转对方平台: a case goes to 12345, 141 or city management, and what came of it; page and API."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console.case.inside import is_inside
from bihuan.console.home import clock, keys
from bihuan.console.shown import kind_word
from bihuan.console.visit import case_or_404, key_behind, log_first_view, person_of, signed_in
from bihuan.journal.storage import MAIN
from bihuan.loop.acting import ForbiddenError
from bihuan.loop.exchange.acts import Exchange
from bihuan.loop.exchange.models import Order, Partner
from bihuan.loop.models import Case
from bihuan.register.entries import Actor

FAULTS = {
    "partner": _("请选一个平台"),
    "text": _("请写明要转的内容，不超过2000字"),
    "case": _("事件已办结，不能再转"),
}


def case_of(request: HttpRequest, case_id: int) -> Case:
    """The case, for who acts on it by post or assignment; to anybody else it is not there."""
    case = case_or_404(request, case_id)
    if not is_inside(case, person_of(request), clock().now_us()):
        raise Http404
    return case


def orders_of(case: Case) -> list[dict[str, Any]]:
    """Work orders about a case: of which platform, whose, its limit, its last word."""
    titles = dict(Partner.objects.using(MAIN).values_list("id", "title"))
    found = Order.objects.using(MAIN).filter(case_id=case.id).order_by("changed")
    return [
        {
            "partner": one.partner,
            "title": titles.get(one.partner, one.partner),
            "number": one.number,
            "is_ours": one.is_ours,
            "due_us": one.due_us,
            "state": one.state,
            "text": keys().open(one.text),
        }
        for one in found
    ]


def send_out(request: HttpRequest, case: Case, partner: str, text: str) -> str:
    """Send the case to a platform; the order's number. Raises BadInputError, ForbiddenError."""
    via = "api" if key_behind(request) is not None else "page"
    by = Actor(person_id=person_of(request), role="", via=via)
    return Exchange(clock(), keys()).send(partner, case.id, text, by)


@signed_in
def platforms_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """Orders of this case, and the form that sends it on in the words of who reported it."""
    case = case_of(request, case_id)
    log_first_view(request, case, "orders")
    return _page(request, case)


@signed_in
@require_POST
def platforms_send(request: HttpRequest, case_id: int) -> HttpResponse:
    """Send it; sent twice it is one order."""
    case = case_of(request, case_id)
    said = {name: request.POST.get(name, "") for name in ("partner", "text")}
    try:
        send_out(request, case, said["partner"], said["text"])
    except BadInputError as error:
        faults = [FAULTS.get(fault.field, str(fault)) for fault in error.faults]
        return _page(request, case, {**said, "faults": faults})
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    return redirect("platforms", case.id)


def _page(request: HttpRequest, case: Case, form: dict[str, Any] | None = None) -> HttpResponse:
    orders = orders_of(case)
    gone = {one["partner"] for one in orders}
    partners = Partner.objects.using(MAIN).exclude(id__in=gone).order_by("id")
    context = {
        "case": case,
        "what": kind_word(case.scenario, case.kind),
        "orders": orders,
        "partners": list(partners) if case.state != "closed" else [],
        "text": Exchange(clock(), keys()).words_of(case),
        "form": form or {},
    }
    return render(request, "console/platforms.html", context, status=422 if form else 200)
