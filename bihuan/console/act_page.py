"""A click becomes an act: the form's answer, the loser's 409, every bad field beside its field."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.console import words
from bihuan.console.case import files
from bihuan.console.case_page import case_context
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.visit import case_or_404, log_first_view, person_of, signed_in
from bihuan.loop.act import Command, ForbiddenError, ParkedError, TakenError
from bihuan.loop.acting import fields_of
from bihuan.loop.models import Case
from bihuan.loop.playbook import playbook_of

MOST_KEY = 64
FIELD = "f-"
DRAFT = "X-Bihuan-Draft"  # a draft that its phone sends now: the answer is for a script
BESIDE = frozenset(("text", "answer", "proof", "photo", "files"))  # faults with their own place


@signed_in
@require_POST
def case_act(request: HttpRequest, case_id: int) -> HttpResponse:
    """Do what the form says and go back to the page it came from."""
    case = case_or_404(request, case_id)
    if request.headers.get(DRAFT) == "1":
        return _draft(request, case)
    try:
        files.done(_command(request, case))
    except BadInputError as error:
        return _refused(request, case, error)
    except TakenError as error:
        return taken_page(request, error, case_id)
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    except ParkedError:
        return render(request, "console/parked.html", status=503)
    return redirect(
        "board" if request.POST.get("next") == "board" else "case", *_where(request, case_id)
    )


def _draft(request: HttpRequest, case: Case) -> JsonResponse:
    """The same act, written earlier without a network. Done: 200; refused: why, in words.

    200 nothing more to do, 403, 409 and 422 the person decides, 503 to be sent again later.
    """
    try:
        files.done(_command(request, case))
    except BadInputError as error:
        said = [str(words.FIELDS.get(fault.field, fault)) for fault in error.faults]
        return JsonResponse({"faults": said}, status=422)
    except TakenError:
        return JsonResponse({"faults": [_("事件已经变了，这一步不能再做")]}, status=409)
    except ForbiddenError:
        return JsonResponse({"faults": [_("您不能办这一步")]}, status=403)
    except ParkedError:
        return JsonResponse({"faults": [_("稍后再发")]}, status=503)
    return JsonResponse({"faults": []})


def _where(request: HttpRequest, case_id: int) -> list[int]:
    return [] if request.POST.get("next") == "board" else [case_id]


def _command(request: HttpRequest, case: Case) -> Command:
    said = request.POST
    key = said.get("key", "")
    if not 0 < len(key) <= MOST_KEY:  # two forms without one would be one click
        raise bad("key", key, f"the form's own key, 1 to {MOST_KEY} characters")
    place, taken = said.get("place", ""), said.get("taken", "")
    photos, papers = files.kept(
        (request.FILES.getlist("photo"), request.FILES.getlist("files")), case, (place, taken)
    )
    return Command(
        act=said.get("act", ""),
        case_id=case.id,
        person_id=person_of(request),
        via="page",
        key=key,
        text=said.get("text", "").strip() or said.get("ready", ""),
        answer=said.get("answer", ""),
        proof=photos,
        files=papers,
        fields=typed(request.POST),
    )


def typed(said: QueryDict) -> dict[str, str]:
    """The act's own fields: several picks joined, a local time with China's zone."""
    found = {}
    for name in said:
        if name.startswith(FIELD) and any(said.getlist(name)):
            text = ",".join(one for one in said.getlist(name) if one)
            is_local = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text)
            found[name.removeprefix(FIELD)] = f"{text}:00+08:00" if is_local else text
    return found


def _refused(request: HttpRequest, case: Case, error: BadInputError) -> HttpResponse:
    """The page again with every fault beside its field, and what was typed."""
    log_first_view(request, case, "form")
    asked = set(typed(request.POST)) | _asked(case, request.POST.get("act", ""))
    form = {
        "act": request.POST.get("act", ""),
        "text": request.POST.get("text", ""),
        "answer": request.POST.get("answer", ""),
        "fields": typed(request.POST),
        "faults": [
            {
                "field": fault.field,
                "word": words.FIELDS.get(fault.field, str(fault)),
                "is_elsewhere": fault.field not in BESIDE | asked,
            }
            for fault in error.faults
        ],
    }
    return render(request, "console/case.html", case_context(request, case, form), status=422)


def _asked(case: Case, name: str) -> set[str]:
    """The fields that an act's form has; none where there is no such act."""
    acts = playbook_of(case.playbook).acts
    return {field.name for act in acts if act.name == name for field in fields_of(act)}


def taken_page(request: HttpRequest, error: TakenError, case_id: int) -> HttpResponse:
    """409: somebody was faster; who, and when."""
    context = {
        "is_somebody_else": error.by not in (None, person_of(request)),
        "who": People(keys(), [error.by]).name(error.by),
        "at_us": error.at_us,
        "state_word": words.STATES.get(error.state, error.state),
        "case_id": case_id,
        "now_us": clock().now_us(),
    }
    return render(request, "console/taken.html", context, status=409)
