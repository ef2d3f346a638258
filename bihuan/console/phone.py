"""On-screen phones of the demo and of drills: a call is answered without a login.

The link holds a signed person id and nothing else; a phone sees only the calls to its person.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console.callouts.phone import orders
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import Reader
from bihuan.console.visit import unkept, whole_or_404
from bihuan.journal.storage import MAIN
from bihuan.loop import answer
from bihuan.loop.act import Command, ForbiddenError, ParkedError, TakenError, act
from bihuan.loop.channels import phone_seen
from bihuan.loop.models import Case, Delivery
from bihuan.register.models import Person, Subject

SALT = "bihuan.phone"
NOT_REACHED = ("no_answer", "off", "failed", "unknown")  # it may be answered late


def phone_token(person_id: int) -> str:
    """The link part of a person's on-screen phone."""
    return signing.dumps(person_id, salt=SALT)


def _person(token: str) -> int:
    try:
        return int(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        raise Http404 from None


@unkept
@xframe_options_sameorigin
def phone(request: HttpRequest, token: str) -> HttpResponse:
    """The phone; it rings while this page is open."""
    person_id = _person(token)
    phone_seen(person_id, clock().now_us())
    return render(request, "console/phone.html", _context(person_id, token))


@unkept
@xframe_options_sameorigin
def phone_live(request: HttpRequest, token: str) -> HttpResponse:
    """The phone's screen; fetching it says that the phone is on."""
    person_id = _person(token)
    phone_seen(person_id, clock().now_us())
    return render(request, "console/phone_live.html", _context(person_id, token))


@csrf_exempt  # the signed link is the secret: no cookie stands between a person and an answer
@xframe_options_sameorigin
@require_POST
def phone_act(request: HttpRequest, token: str) -> HttpResponse:
    """Answer, decline, go, or say whether it is solved."""
    person_id = _person(token)
    said, number = request.POST.get("do", ""), request.POST.get("delivery", "")
    delivery = Delivery.objects.filter(id=whole_or_404(number)).first()
    if delivery is None or delivery.person_id != person_id:
        raise Http404
    # where somebody was faster, the screen says how the case stands now, and who has it
    with suppress(TakenError, ForbiddenError, BadInputError):
        try:
            _do(said, delivery, person_id)
        except ParkedError:
            return render(request, "console/parked.html", status=503)
    return redirect("phone", token)


def _do(said: str, delivery: Delivery, person_id: int) -> None:
    if said == "answer":
        answer.tell(delivery.id, person_id, "answered", clock())
    elif said == "decline":
        answer.tell(delivery.id, person_id, "declined", clock())
    elif said == "go":
        answer.confirm(delivery.id, person_id, clock(), keys())
    elif said in ("solved", "not_solved"):
        command = Command(
            act=said,
            case_id=delivery.case_id,
            person_id=person_id,
            via="phone",
            key=f"ask-{delivery.id}",
        )
        act(command, clock(), keys())
    else:
        raise Http404


def _context(person_id: int, token: str) -> dict[str, Any]:
    now_us = clock().now_us()
    owner = Person.objects.using(MAIN).filter(id=person_id).first()
    if owner is None:
        raise Http404
    newest = Delivery.objects.using(MAIN).filter(person_id=person_id).order_by("-id")[:20]
    latest: dict[tuple[int, str], Delivery] = {}
    for delivery in newest:
        latest.setdefault((delivery.case_id, delivery.purpose), delivery)
    cases = Case.objects.using(MAIN).in_bulk({d.case_id for d in latest.values()})
    reader = Reader(list(cases.values()), keys(), now_us)
    people = People(keys(), [person_id, *(c.owner_id for c in cases.values())])
    screens = [
        _screen(d, cases[d.case_id], reader, people) for d in latest.values() if d.case_id in cases
    ]
    return {
        "name": people.name(person_id),
        "token": token,
        "now_us": now_us,
        "rings": [s for s in screens if s["mode"] in ("rings", "speaks")],
        "missed": [s for s in screens if s["mode"] == "missed"],
        "asks": [s for s in screens if s["mode"] == "asks"],
        "orders": [s for s in orders(latest.values()) if s["mode"] != "over"][:5],
        "notes": [s for s in screens if s["mode"] == "over"][:3],
    }


def _screen(delivery: Delivery, case: Case, reader: Reader, people: People) -> dict[str, Any]:
    """What one message looks like on the phone now."""
    subject: Subject | None = reader.subject(case)
    shown = reader.show(case)
    whom = (subject.name or reader.people.name(subject.person_id)) if subject else ""
    return {
        "mode": _mode(delivery, case),
        "delivery": delivery.id,
        "who": whom,
        "what": shown.what,
        "place": shown.place,
        "at_us": case.last_signal_us,
        "owner": people.name(case.owner_id) if case.owner_id else "",
        "state_word": shown.state_word,
        "answer": keys().open(case.answer),
        "is_mine": case.owner_id == delivery.person_id,
    }


def _mode(delivery: Delivery, case: Case) -> str:
    if delivery.purpose == "ask":
        return "asks" if case.state == "awaiting_confirmation" else "over"
    if case.state == "awaiting_answer" and delivery.state == "delivered":
        return "rings"
    if case.state == "awaiting_answer" and delivery.state == "answered":
        return "speaks"
    if case.state == "awaiting_answer" and delivery.state in NOT_REACHED:
        return "missed"
    return "over"
