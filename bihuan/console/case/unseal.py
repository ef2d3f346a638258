"""启封身份: two persons read who a sealed whistle-blower is; page and API ask this module."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console import words
from bihuan.console.access.keys import UNSEAL
from bihuan.console.act_page import taken_page
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import kind_word
from bihuan.console.visit import (
    case_or_404,
    key_behind,
    person_of,
    signed_in,
    whole_or_404,
)
from bihuan.journal.storage import MAIN
from bihuan.loop.acting import ForbiddenError, TakenError
from bihuan.loop.models import Case
from bihuan.loop.unsealing.acts import Origin, Unsealings, may_unseal
from bihuan.loop.unsealing.models import Unsealing
from bihuan.register.entries import Actor

MOST_KEY = 64
STATES = {
    "asked": _("等另一人同意"),
    "granted": _("已同意"),
    "refused": _("不同意"),
    "over": _("已过期"),
}
FAULTS = {"reason": _("请写明为什么要知道反映人是谁"), "unsealing": _("已过期，请重新申请")}


def case_of(request: HttpRequest, case_id: int) -> Case:
    """The sealed case. 404 for who may not see it, ForbiddenError for who may not unseal it."""
    key = key_behind(request)
    if key is not None and UNSEAL not in key.verbs:  # never implied by a key without verbs
        raise ForbiddenError
    case = case_or_404(request, case_id, "see")
    if not may_unseal(case, person_of(request), clock().now_us()):
        raise ForbiddenError
    return case


def unsealing_of(request: HttpRequest, case: Case, unsealing_id: int) -> Unsealing:
    """One of this case's; anybody else's is as if it were not there."""
    row = Unsealing.objects.using(MAIN).filter(id=unsealing_id, case_id=case.id).first()
    if row is None:
        raise Http404
    return row


def by_of(request: HttpRequest) -> Actor:
    """Who acts; the right is a verb, whatever the role that gives it."""
    via = "api" if key_behind(request) is not None else "page"
    return Actor(person_id=person_of(request), role=UNSEAL, via=via)


def acts() -> Unsealings:
    """The acts with this process's clock and keys."""
    return Unsealings(clock(), keys())


def shown(case: Case, person_id: int, now_us: int) -> list[dict[str, Any]]:
    """Every unsealing of a case, newest first: who, why, and what this person may do now."""
    return shown_of(unsealings(case).order_by("-id"), person_id, now_us)


def unsealings(case: Case) -> QuerySet[Unsealing]:
    """Every unsealing of a case."""
    return Unsealing.objects.using(MAIN).filter(case_id=case.id)


def shown_of(found: Iterable[Unsealing], person_id: int, now_us: int) -> list[dict[str, Any]]:
    """These, with names and what this person may do."""
    rows = list(found)
    people, ring = People(keys(), {p for r in rows for p in (r.asked_by, r.decided_by)}), keys()
    said = []
    for row in rows:
        is_over = row.state != "refused" and now_us >= row.until_us
        state = "over" if is_over else row.state
        said.append(
            {
                "id": row.id,
                "state": state,
                "word": STATES[state],
                "who": people.name(row.asked_by),
                "asked_us": row.asked_us,
                "reason": ring.open(row.reason),
                "second": people.name(row.decided_by) if row.decided_by else "",
                "decided_us": row.decided_us,
                "until_us": row.until_us,
                "may_decide": state == "asked" and row.asked_by != person_id,
                "may_read": state == "granted" and person_id in (row.asked_by, row.decided_by),
            }
        )
    return said


@signed_in
def unseal_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """What was asked and decided; who reported is not on it."""
    try:
        return _page(request, case_of(request, case_id))
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)


@signed_in
@require_POST
def unseal_do(request: HttpRequest, case_id: int) -> HttpResponse:
    """Ask, agree, refuse, or read: which one the button says."""
    try:
        case = case_of(request, case_id)
        return _do(request, case)
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    except TakenError as error:
        return taken_page(request, error, case_id)
    except BadInputError as error:
        said = {"faults": [FAULTS.get(fault.field, str(fault)) for fault in error.faults]}
        return _page(request, case, form={**said, "reason": request.POST.get("reason", "")})


def _do(request: HttpRequest, case: Case) -> HttpResponse:
    said, by = request.POST, by_of(request)
    what, key = said.get("what", ""), said.get("key", "")
    if what == "ask":
        acts().ask(case.id, said.get("reason", ""), by, key[:MOST_KEY])
        return redirect("unseal", case.id)
    row = unsealing_of(request, case, whole_or_404(said.get("unsealing", "")))
    if what == "read":
        return _page(request, case, origin=acts().read(row.id, by, "page"))
    if what not in ("agree", "refuse"):
        raise Http404
    acts().decide(row.id, by, is_agreed=what == "agree")
    return redirect("unseal", case.id)


def _page(
    request: HttpRequest,
    case: Case,
    *,
    form: dict[str, Any] | None = None,
    origin: Origin | None = None,
) -> HttpResponse:
    now_us = clock().now_us()
    rows = shown(case, person_of(request), now_us)
    context = {
        "case": case,
        "what": kind_word(case.scenario, case.kind),
        "sealed": words.SEALED,
        "rows": rows,
        "may_ask": all(one["state"] != "asked" for one in rows),
        "origin": origin,
        "form": form or {},
        "key": str(uuid.uuid4()),
    }
    return render(request, "console/unseal.html", context, status=422 if form else 200)
