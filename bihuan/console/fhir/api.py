"""FHIR R4 over the API: a person's Observations, those that came as they came.

`GET /fhir/Observation?patient=ID&date=ge…&date=lt…` is a Bundle (searchset), `/fhir/Observation/ID`
one original digit by digit. Who may open the subject's page may read them; each reading is logged.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import DAY_US, us_of
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.fhir.measured import measured
from bihuan.console.home import clock, keys
from bihuan.console.register.api_shared import Id, reach_of
from bihuan.console.register.reach import Reach, log_row, row_or_404
from bihuan.gateway.http.observations import FHIR_JSON, bundle_of
from bihuan.journal.storage import MAIN
from bihuan.register.models import Subject
from bihuan.register.observations.models import Observation

MOST_US: Final = 31 * DAY_US
_DATE: Final = re.compile(r"(ge|lt)(.+)")
_WANT: Final = "ge or lt and a time with its zone, each once"
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
router = Router(tags=["fhir"])


@router.get("/Observation", response={200: None, **REFUSALS})
def search(
    request: HttpRequest,
    patient: Id | None = None,
    subject: Annotated[str, Query(max_length=64)] = "",
    date: Annotated[list[str] | None, Query(max_length=2)] = None,
) -> HttpResponse:
    """A subject's Observations of a period, a day unless said otherwise, 31 at most: a Bundle."""
    whose = _whose(patient, subject)
    from_us, until_us = _period(date or [], clock().now_us())
    reach = reach_of(request)
    found = _opened(reach, whose)
    log_row(reach, "row", found.id, found.id)
    readings = measured(found.id, from_us, until_us)
    return _answer(bundle_of(found.id, readings, keys(), (from_us, until_us)))


@router.get("/Observation/{observation_id}", response={200: None, **REFUSALS})
def read(request: HttpRequest, observation_id: Id) -> HttpResponse:
    """One Observation as it came, byte by byte."""
    reach = reach_of(request)
    found = Observation.objects.using(MAIN).filter(id=observation_id).first()
    if found is None:
        raise Http404
    whose = _opened(reach, found.subject_id)
    document = keys().open_bytes(found.document)
    if document is None:  # erased with its person
        raise Http404
    log_row(reach, "row", whose.id, whose.id)
    return _answer(document)


def _opened(reach: Reach, subject_id: int) -> Subject:
    row = row_or_404(reach, subject_id)
    if not isinstance(row, Subject):
        raise Http404
    return row


def _whose(patient: int | None, subject: str) -> int:
    """The subject's id, said as `patient=ID` or `subject=Patient/ID`."""
    named = re.fullmatch(r"Patient/([1-9][0-9]{0,15})", subject)
    if (patient is None) == (not subject) or (subject and named is None):
        raise bad("patient", subject or "nothing", "patient=ID or subject=Patient/ID")
    return patient if named is None and patient is not None else int(named[1]) if named else 0


def _period(said: list[str], now_us: int) -> tuple[int, int]:
    """[from, until) in µs. Raises BadInputError."""
    told: dict[str, int] = {}
    for one in said:
        found = _DATE.fullmatch(one)
        try:
            at = datetime.fromisoformat(found[2]) if found else None
        except ValueError:
            at = None
        if found is None or at is None or at.tzinfo is None or found[1] in told:
            raise bad("date", one, _WANT)
        told[found[1]] = us_of(at)
    until_us = told.get("lt", max(now_us + 1, told.get("ge", 0) + 1))
    from_us = told.get("ge", until_us - DAY_US)
    if not 0 < until_us - from_us <= MOST_US:
        raise BadInputError(Fault("date", ", ".join(said), "a period of at most 31 days"))
    return from_us, until_us


def _answer(document: bytes) -> HttpResponse:
    answer = HttpResponse(document, content_type=FHIR_JSON)
    answer["Cache-Control"] = "no-store"
    return answer
