"""The small pages: live feed, a board that can be heard, and what every page knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from bihuan.base.time import DAY_US
from bihuan.console.away import away_answer, is_away
from bihuan.console.home import clock, keys
from bihuan.console.live import stream
from bihuan.console.models import Listener
from bihuan.console.nav import items
from bihuan.console.people import People
from bihuan.console.pushed import Seat
from bihuan.console.pushed import stream as stream_of_board
from bihuan.console.visit import person_of, signed_in
from bihuan.journal.away import FAILED
from bihuan.register.models import County

MOST_TOKEN = 36


async def live(request: HttpRequest) -> StreamingHttpResponse:
    """The feed of one page. It carries positions only, so it needs no rights."""
    return _events(stream())


@signed_in
def _take_seat(request: HttpRequest) -> HttpResponse:
    request.bihuan_seat = Seat(request)  # type: ignore[attr-defined]  # lives as long as the request
    return HttpResponse(status=204)


def _seated(request: HttpRequest) -> HttpResponse:
    answer = _take_seat(request)
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # as that of a test
            connection.close()  # a stream lasts for hours, and would hold it so long
    return answer


async def board_feed(request: HttpRequest) -> HttpResponseBase:
    """The feed of one open board, with its changing part in it; needs the sign-in of the board."""
    refused = await sync_to_async(_seated)(request)
    seat: Seat | None = getattr(request, "bihuan_seat", None)
    if seat is None:
        return refused
    response = _events(stream_of_board(seat))
    patch_vary_headers(response, ("Accept-Encoding",))
    if seat.is_packed:
        response["Content-Encoding"] = "gzip"
    return response


def _events(said: AsyncIterator[str] | AsyncIterator[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(said, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@signed_in
@require_POST
def listening(request: HttpRequest) -> HttpResponse:
    """A board says that it is open, and whether it can be heard."""
    now_us, token = clock().now_us(), request.POST.get("token", "")
    if not 0 < len(token) <= MOST_TOKEN:  # two boards without one would look like one
        return HttpResponse(f"token: got {len(token)} characters, want 1 to 36\n", status=422)
    Listener.objects.update_or_create(
        token=token,
        defaults={
            "person_id": person_of(request),
            "seen_us": now_us,
            "is_audible": request.POST.get("audible") == "1",
        },
    )
    Listener.objects.filter(seen_us__lt=now_us - DAY_US).delete()
    return HttpResponse(status=204)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says where to go on; marked as demo or drill where the database still answers.

    503 where the error is that the database is away.
    """
    if is_away():
        return away_answer(request)
    mode = ""
    with suppress(*FAILED):
        mode = County.objects.values_list("mode", flat=True).first() or ""
    context = {"is_demo": mode == "demo", "is_drill": mode == "drill"}
    return HttpResponse(render_to_string("500.html", context), status=500)


def common(request: HttpRequest) -> dict[str, Any]:
    """What every page knows: the county, its mode, and who is asking."""
    county = County.objects.first()
    person_id = person_of(request)
    people = People(keys(), [person_id] if person_id else [])
    return {
        "county": county,
        "is_demo": county is not None and county.mode == "demo",
        "is_drill": county is not None and county.mode == "drill",
        "me": people.name(person_id) if person_id else "",
        "nav": items(request),
        "me_initial": people.initial(person_id) if person_id else "",
    }
