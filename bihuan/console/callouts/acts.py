"""A click on the call-out desk becomes an act: order, supersede, lift, end, answer for somebody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.console.callouts import pages, words
from bihuan.console.callouts.visit import actor_of, call_out_or_404
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.visit import signed_in, whole_or_404
from bihuan.journal.storage import MAIN
from bihuan.loop import proofs
from bihuan.loop.act import ForbiddenError, ProofFile, TakenError
from bihuan.loop.callout.acts import CallOuts, Order, Words
from bihuan.loop.callout.models import CallOutPerson
from bihuan.loop.callout.people import Answers, Door
from bihuan.loop.callout.sheet import sign
from bihuan.loop.callout.who import Whom
from bihuan.register.entries import Actor

FIELDS = ("zh", "en", "level", "issuer", "event", "severity", "mode", "warning_id")


@signed_in
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Order what the form says; 422 with every fault and what was typed."""
    try:
        identity = CallOuts(clock(), keys()).order(read_order(request.POST), _by(request))
    except BadInputError as error:
        form: dict[str, Any] = {name: request.POST.get(name, "") for name in FIELDS}
        form |= {
            "areas": request.POST.getlist("areas"),
            "roles": request.POST.getlist("roles"),
            "households": bool(request.POST.get("households")),
            "wakes": bool(request.POST.get("wakes")),
            "faults": [str(fault) for fault in error.faults],
        }
        context = pages.desk_context(request, form)
        return render(request, "console/callouts.html", context, status=422)
    except TakenError as error:
        return _taken(request, error)
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    return redirect("call_out", identity)


def read_order(said: Any) -> Order:
    """The form as an order. Raises BadInputError where a choice is none of those offered."""
    mode, severity = said.get("mode", "live"), said.get("severity", "critical")
    if mode not in ("live", "drill"):
        raise bad("mode", mode, "live or drill")
    if severity not in ("critical", "major", "minor"):
        raise bad("severity", severity, "critical, major or minor")
    old, warned = said.get("supersedes", ""), said.get("warning_id", "")
    return Order(
        whom=Whom(
            areas=tuple(whole_or_404(one) for one in said.getlist("areas")),
            roles=tuple(said.getlist("roles")),
            households=bool(said.get("households")),
        ),
        zh=said.get("zh", ""),
        en=said.get("en", ""),
        event=said.get("event", ""),
        severity=severity,
        level=said.get("level", ""),
        issuer=said.get("issuer", ""),
        mode=mode,
        wakes=bool(said.get("wakes")) or mode == "live",
        supersedes=whole_or_404(old) if old else None,
        warning_id=whole_or_404(warned) if warned else None,
        key=said.get("key", "")[:64],
    )


def _by(request: HttpRequest, path: str = "") -> Actor:
    return actor_of(request, path)


@signed_in
@require_POST
def over(request: HttpRequest, call_out_id: int) -> HttpResponse:
    """Lift or end a call-out, or sign its sheet."""
    call_out, _mine = call_out_or_404(request, call_out_id)
    said, by = request.POST, _by(request, call_out.area_path)
    acts, what = CallOuts(clock(), keys()), request.POST.get("act", "")
    doing: dict[str, Callable[[], int]] = {
        "lift": lambda: acts.lift(
            call_out_id, Words(said.get("zh", ""), said.get("en", ""), said.get("issuer", "")), by
        ),
        "end": lambda: acts.end(call_out_id, said.get("reason", ""), by),
        "sign": lambda: sign(
            call_out_id, said.get("digest", ""), said.get("remark", ""), by, (clock(), keys())
        ),
    }
    return _done(request, call_out_id, doing.get(what), what)


@signed_in
@require_POST
def for_person(request: HttpRequest, call_out_id: int, callee_id: int) -> HttpResponse:
    """Confirm on behalf, read back, send somebody to the door, say what was found there."""
    call_out, _mine = call_out_or_404(request, call_out_id)
    said, by = request.POST, _by(request, call_out.area_path)
    row = CallOutPerson.objects.using(MAIN).filter(id=callee_id, call_out_id=call_out_id).first()
    answers, what = Answers(clock(), keys()), said.get("act", "")
    doing: dict[str, Callable[[], int]] = {
        "confirm_for": lambda: answers.confirm_for(callee_id, said.get("why", ""), by),
        "read_back": lambda: answers.read_back(callee_id, said.get("is_right") == "yes", by),
        "send": lambda: answers.send(callee_id, whole_or_404(said.get("knocker", "")), by),
        "knocked": lambda: _knocked(request, row, answers, by),
    }
    return _done(request, call_out_id, doing.get(what) if row is not None else None, what)


def _knocked(request: HttpRequest, row: CallOutPerson | None, answers: Answers, by: Actor) -> int:
    """A photo that no entry names is not kept."""
    assert row is not None
    folder, photo = Path(settings.BIHUAN_DATA) / "proofs", request.FILES.get("photo")
    proof = None
    if photo is not None:
        digest, media_type = proofs.store(folder, row.person_id, photo.read(), keys())
        place = request.POST.get("place", "")[:64] or None
        proof = ProofFile(digest, media_type, clock().now_us(), place)
    door = Door(request.POST.get("is_found") == "yes", request.POST.get("text", ""), proof)
    try:
        return answers.knocked(row.id, door, by)
    except (BadInputError, TakenError, ForbiddenError):
        if proof is not None:
            proofs.discard(folder, proof.digest)
        raise


def _done(
    request: HttpRequest, call_out_id: int, do: Callable[[], int] | None, what: str
) -> HttpResponse:
    if do is None:
        return render(request, "404.html", status=404)
    try:
        do()
    except BadInputError as error:
        form = {"act": what, "faults": [str(fault) for fault in error.faults]}
        context = pages.one_context(request, call_out_id, "form", form)
        return render(request, "console/callout.html", context, status=422)
    except TakenError as error:
        return _taken(request, error)
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    if what == "sign":
        return redirect("call_out_sheet", call_out_id)
    return redirect("call_out", call_out_id)


def _taken(request: HttpRequest, error: TakenError) -> HttpResponse:
    """409: somebody was faster; who, when, and how it stands now."""
    context = {
        "who": People(keys(), [error.by]).name(error.by) if error.by is not None else "",
        "at_us": error.at_us,
        "state_word": {**words.STATES, **words.ORDERS}.get(error.state, ""),
        "now_us": clock().now_us(),
    }
    return render(request, "console/callout_taken.html", context, status=409)
