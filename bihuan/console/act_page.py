"""A click becomes an act: the form's answer, the loser's 409, every bad field beside its field."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.console import words
from bihuan.console.case_page import case_context
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.visit import case_or_404, log_first_view, person_of, signed_in
from bihuan.loop import proofs
from bihuan.loop.act import Command, ForbiddenError, ParkedError, ProofFile, TakenError, act
from bihuan.loop.models import Case
from bihuan.register.models import Subject

MOST_KEY = 64


@signed_in
@require_POST
def case_act(request: HttpRequest, case_id: int) -> HttpResponse:
    """Do what the form says and go back to the page it came from."""
    case = case_or_404(request, case_id)
    try:
        _done(_command(request, case))
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


def _where(request: HttpRequest, case_id: int) -> list[int]:
    return [] if request.POST.get("next") == "board" else [case_id]


def _done(command: Command) -> None:
    """Act. A photo that no entry names is not kept: of a refused step, of one sent twice."""
    stored = {file.digest for file in command.proof}
    try:
        position = act(command, clock(), keys())
    except (BadInputError, TakenError, ForbiddenError, ParkedError):
        _discard(stored)
        raise
    _discard(stored - proofs.named_at(position))


def _discard(digests: set[str]) -> None:
    for digest in digests:
        proofs.discard(_folder(), digest)


def _folder() -> Path:
    return Path(settings.BIHUAN_DATA) / "proofs"


def _command(request: HttpRequest, case: Case) -> Command:
    said = request.POST
    key, photo = said.get("key", ""), request.FILES.get("photo")
    if not 0 < len(key) <= MOST_KEY:  # two forms without one would be one click
        raise bad("key", key, f"the form's own key, 1 to {MOST_KEY} characters")
    return Command(
        act=said.get("act", ""),
        case_id=case.id,
        person_id=person_of(request),
        via="page",
        key=key,
        text=said.get("text", ""),
        answer=said.get("answer", ""),
        proof=(_stored(photo, case, said.get("place", "")),) if photo else (),
    )


def _stored(photo: UploadedFile[bytes], case: Case, place: str) -> ProofFile:
    """Keep the photo. Its place is what the browser said when it was taken, never EXIF."""
    subject = Subject.objects.get(id=case.subject_id)
    digest, media_type = proofs.store(_folder(), subject.person_id, photo.read(), keys())
    return ProofFile(digest, media_type, clock().now_us(), place[:64] or None)


def _refused(request: HttpRequest, case: Case, error: BadInputError) -> HttpResponse:
    """The page again with every fault beside its field, and what was typed."""
    log_first_view(request, case, "form")
    form = {
        "act": request.POST.get("act", ""),
        "text": request.POST.get("text", ""),
        "answer": request.POST.get("answer", ""),
        "faults": [
            {"field": fault.field, "word": words.FIELDS.get(fault.field, str(fault))}
            for fault in error.faults
        ],
    }
    return render(request, "console/case.html", case_context(request, case, form), status=422)


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
