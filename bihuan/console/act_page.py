"""A click becomes an act: the form's answer, the loser's 409, every bad field beside its field."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console import words
from bihuan.console.case_page import case_context
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.visit import case_or_404, person_of, signed_in
from bihuan.loop import proofs
from bihuan.loop.act import Command, ForbiddenError, ParkedError, ProofFile, TakenError, act
from bihuan.loop.models import Case
from bihuan.register.models import Subject


@signed_in
@require_POST
def case_act(request: HttpRequest, case_id: int) -> HttpResponse:
    """Do what the form says and go back to the page it came from."""
    case = case_or_404(request, case_id)
    try:
        act(_command(request, case), clock(), keys())
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


def _command(request: HttpRequest, case: Case) -> Command:
    said = request.POST
    photo = request.FILES.get("photo")
    return Command(
        act=said.get("act", ""),
        case_id=case.id,
        person_id=person_of(request),
        via="page",
        key=said.get("key", "")[:64],
        text=said.get("text", ""),
        answer=said.get("answer", ""),
        proof=(_stored(photo, case, said.get("place", "")),) if photo else (),
    )


def _stored(photo: UploadedFile[bytes], case: Case, place: str) -> ProofFile:
    """Keep the photo. Its place is what the browser said when it was taken, never EXIF."""
    subject = Subject.objects.get(id=case.subject_id)
    folder = settings.BIHUAN_DATA / "proofs"
    digest, media_type = proofs.store(folder, subject.person_id, photo.read(), keys())
    return ProofFile(digest, media_type, clock().now_us(), place[:64] or None)


def _refused(request: HttpRequest, case: Case, error: BadInputError) -> HttpResponse:
    """The page again with every fault beside its field, and what was typed."""
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
        "who": People(keys(), [error.by]).name(error.by),
        "at_us": error.at_us,
        "state_word": words.STATES.get(error.state, error.state),
        "case_id": case_id,
        "now_us": clock().now_us(),
    }
    return render(request, "console/taken.html", context, status=409)
