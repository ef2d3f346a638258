"""The API itself: every answer says in which mode the county is, every error has one shape.

422 lists every bad field, 409 says who was faster or which key was used, 404 hides what is
foreign, 401 and 403 say nothing more, 503 is a parked case or a database that is away.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.base.time import SECOND_US, Clock, rfc3339
from bihuan.console.access.once import KeyUsedError
from bihuan.console.access.plain import must_be_plain
from bihuan.console.away import RETRY_AFTER_S, away_words
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.journal.away import AWAY
from bihuan.loop.act import ForbiddenError, ParkedError, TakenError
from bihuan.register import refusals
from bihuan.register.models import County
from bihuan.register.rosters.acts import NotAskedError

MODE_HEADER = "Bihuan-Mode"
MODE_KEPT_US = 10 * SECOND_US


class FaultOut(Schema):
    """One bad field."""

    field: str
    got: str
    want: str


class FaultsOut(Schema):
    """Every bad field."""

    faults: list[FaultOut]


class TakenOut(Schema):
    """Somebody was faster: who, when, and how the case stands."""

    by: str | None
    at: str | None
    state: str


class ErrorOut(Schema):
    """A refusal that says no more than this."""

    error: str


class Api(NinjaAPI):
    """The API with the mode of the county (demo, drill, live) in a header of every answer."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """The answer before its body; asked for once it is known who calls, before any field."""
        must_be_plain(request)
        return _marked(super().create_temporal_response(request))

    def create_response(self, request: HttpRequest, data: Any, **more: Any) -> HttpResponse:
        return _marked(super().create_response(request, data, **more))

    def get_openapi_schema(self, **more: Any) -> Any:
        """The description, with the refusals that the handlers below give at every address."""
        whole = super().get_openapi_schema(**more)
        for methods in whole["paths"].values():
            for method, said in methods.items():
                codes = (*REFUSED, *((409,) if method == "post" else ()))
                for code in codes:
                    said["responses"].setdefault(code, _refusal(code))
        return whole


REFUSED = (401, 403, 404, 422)


def _refusal(code: int) -> dict[str, Any]:
    """How a refusal is described: an error in words, or every fault by field."""
    name = "FaultsOut" if code in (409, 422) else "ErrorOut"
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"description": HTTPStatus(code).phrase, "content": content}


class _Mode:
    """The county's mode, asked for at most every 10 s of a process's clock."""

    def __init__(self) -> None:
        self._of: Clock | None = None
        self._until_us, self._mode = 0, ""

    def now(self) -> str:
        at = clock()
        if self._of is not at or at.now_us() >= self._until_us:
            try:
                self._mode = County.objects.values_list("mode", flat=True).first() or "none"
            except AWAY:
                return self._mode or "unknown"
            self._of, self._until_us = at, at.now_us() + MODE_KEPT_US
        return self._mode


_mode = _Mode()


def _marked(response: HttpResponse) -> HttpResponse:
    response[MODE_HEADER] = _mode.now()
    return response


def add_errors(api: NinjaAPI) -> None:
    """Give every error of this API its one shape."""

    def faults(request: HttpRequest, *found: Fault, status: int = 422) -> HttpResponse:
        return api.create_response(request, {"faults": [f.as_dict() for f in found]}, status=status)

    def error(request: HttpRequest, words: str, status: int) -> HttpResponse:
        return api.create_response(request, {"error": words}, status=status)

    def http(request: HttpRequest, said: HttpError) -> HttpResponse:
        if said.status_code == 400:  # a body that is no JSON
            return faults(request, Fault("body", "not readable", "a JSON object"))
        words = {401: "sign in, or send a key that is good", 403: "not for this caller"}
        return error(request, words.get(said.status_code, str(said)), said.status_code)

    def away(request: HttpRequest, _said: Exception) -> HttpResponse:
        answer = error(request, away_words(), 503)
        answer["Retry-After"] = RETRY_AFTER_S
        return answer

    def taken(request: HttpRequest, said: TakenError) -> HttpResponse:
        by = People(keys(), [said.by]).name(said.by) if said.by is not None else None
        at = rfc3339(said.at_us) if said.at_us is not None else None
        return api.create_response(request, {"by": by, "at": at, "state": said.state}, status=409)

    parked = "the case waits for a mended projector; nothing is lost"
    missing = "no such thing for this caller"
    handlers: dict[type[Exception], Any] = {
        BadInputError: lambda request, said: faults(request, *said.faults),
        ValidationError: lambda request, said: faults(request, *_shapes(said)),
        KeyUsedError: lambda request, said: faults(request, said.fault, status=409),
        TakenError: taken,
        ForbiddenError: lambda request, _said: error(request, "not for this caller", 403),
        refusals.TakenError: taken,
        refusals.ForbiddenError: lambda request, _said: error(request, "not for this caller", 403),
        NotAskedError: lambda request, _said: error(request, "not for this caller", 403),
        **dict.fromkeys(AWAY, away),
        ParkedError: lambda request, _said: error(request, parked, 503),
        Http404: lambda request, _said: error(request, missing, 404),
        HttpError: http,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _shapes(said: ValidationError) -> list[Fault]:
    """Every field that is missing or of the wrong kind; only its last name is the sender's."""
    return [
        Fault(
            ".".join(str(part) for part in one["loc"][1:]) or "body",
            "nothing" if one["type"] == "missing" else shown(one.get("input", "unusable")),
            one["msg"],
        )
        for one in said.errors
    ]
