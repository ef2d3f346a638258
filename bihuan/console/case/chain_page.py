"""办理责任链: who held it when, under which limit, how late; statements for who may see them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.base.time import SECOND_US
from bihuan.console import words
from bihuan.console.case.inside import is_inside
from bihuan.console.case.parts import statements
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import kind_word, role_word
from bihuan.console.visit import case_or_404, log_first_view, log_view, person_of, signed_in
from bihuan.journal.storage import MAIN
from bihuan.loop.cases.models import Holding
from bihuan.loop.holding import chain
from bihuan.loop.models import CaseClock


@signed_in
def chain_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """The chain of a case, for who acts on it; nobody is judged by it."""
    case = case_or_404(request, case_id)
    now_us, person_id = clock().now_us(), person_of(request)
    said = statements(case, person_id, now_us, keys())
    inside = is_inside(case, person_id, now_us)
    if not inside and not said:
        raise Http404
    segments = Holding.objects.using(MAIN).filter(case_id=case.id) if inside else []
    clocks = CaseClock.objects.using(MAIN).filter(case_id=case.id)
    held = chain(segments, clocks, now_us)
    people = People(keys(), {one.person_id for one in held})
    if said:
        log_view(request, case, "statements")
    else:
        log_first_view(request, case, "chain")
    rows = [
        {
            "from_us": one.from_us,
            "until_us": one.until_us,
            "state": words.STATES[one.state],
            "who": people.name(one.person_id) if one.person_id else "",
            "role": role_word(case.scenario, one.role),
            "clock": words.CLOCKS.get(one.clock or "", ""),
            "due_us": one.due_us,
            "overdue_s": one.overdue_us // SECOND_US,
            "held_s": ((one.until_us or now_us) - one.from_us) // SECOND_US,
        }
        for one in held
    ]
    context = {
        "case": case,
        "what": kind_word(case.scenario, case.kind),
        "rows": rows,
        "said": said,
        "now_us": now_us,
    }
    return render(request, "console/chain.html", context)
