"""审计 / audit: four views for the audit administrator, who changes nothing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.console.audit import read
from bihuan.console.home import clock
from bihuan.console.setup.who import holder_or_404, holds, is_proven
from bihuan.console.visit import signed_in, whole_or_404
from bihuan.journal.models import FACTS_LANE, Head

TABS = ("journal", "views", "erasures", "chain")


@signed_in
def audit(request: HttpRequest, tab: str = "journal") -> HttpResponse:
    """One of the four."""
    if tab not in TABS:
        raise Http404
    if holds(request, "audit") and not is_proven(request):
        return render(request, "console/office_locked.html", status=403)
    holder_or_404(request, "audit")
    context = {"tab": tab, "now_us": clock().now_us(), **_shown(request, tab)}
    return render(request, "console/audit.html", context)


@signed_in
@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain now."""
    if holds(request, "audit") and not is_proven(request):
        return render(request, "console/office_locked.html", status=403)
    holder_or_404(request, "audit")
    read.check_chain(clock())
    return redirect("audit_tab", "chain")


def _shown(request: HttpRequest, tab: str) -> dict[str, Any]:
    said = request.GET.get("before")
    before = whole_or_404(said) if said else None
    if tab == "journal":
        lines, more = read.tail(FACTS_LANE, before)
        return {"lines": lines, "more": more}
    if tab == "views":
        lines, more = read.views(before)
        return {"lines": lines, "more": more}
    if tab == "erasures":
        return {"erased": read.erasures()}
    return {
        "last": read.last_check(),
        "heads": list(Head.objects.order_by("lane")),
        "too_long": sum(Head.objects.values_list("position", flat=True)) > read.MOST_WALKED,
    }
