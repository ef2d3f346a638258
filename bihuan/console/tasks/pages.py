"""我的待办 / My tasks: the phone's home. One thumb answers, confirms, takes over."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.home import clock
from bihuan.console.tasks import inbox as messages
from bihuan.console.tasks.do import GoneError, do
from bihuan.console.tasks.gather import tasks_of
from bihuan.console.tasks.mine import shifts_of
from bihuan.console.visit import person_of, rights_of, signed_in, whole_or_404
from bihuan.loop.act import ForbiddenError, ParkedError, TakenError


@signed_in
def tasks(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "console/tasks.html", _context(request))


@signed_in
def tasks_live(request: HttpRequest) -> HttpResponse:
    """The part that changes."""
    return render(request, "console/tasks_live.html", _context(request))


@signed_in
@require_POST
def tasks_do(request: HttpRequest) -> HttpResponse:
    """One act of one task. 409 where it is over, with the list as it is now."""
    said, number = request.POST.get("do", ""), whole_or_404(request.POST.get("id", ""))
    try:
        do(person_of(request), said, number, request.POST.get("key", "")[:64])
    except GoneError:
        raise Http404 from None
    except BadInputError as error:
        faults = [_words(fault) for fault in error.faults]
        context = {**_context(request), "form": {"faults": faults}}
        return render(request, "console/tasks.html", context, status=422)
    except (TakenError, ForbiddenError):
        context = {**_context(request), "was_over": True}
        return render(request, "console/tasks.html", context, status=409)
    except ParkedError:
        return render(request, "console/parked.html", status=503)
    return redirect("tasks")


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """站内消息: what was sent to this page; showing a message is the fact that it came."""
    person_id, now_us = person_of(request), clock().now_us()
    found = messages.messages_of(person_id, now_us)
    messages.mark_shown(person_id, [one.id for one in found if not one.is_shown])
    return render(request, "console/inbox.html", {"now_us": now_us, "messages": found})


def _words(fault: Fault) -> str:
    if fault.field.startswith("person "):
        return _("上夜班的人要有 30 天内响过的电话")
    return str(fault)


def _context(request: HttpRequest) -> dict[str, Any]:
    person_id, now_us = person_of(request), clock().now_us()
    return {
        "now_us": now_us,
        "tasks": tasks_of(rights_of(request), now_us),
        "my_shifts": shifts_of(person_id, now_us),
        "unread": messages.unread(person_id),
    }
