"""A printed code for a device, a subject, a record or a place, and the way from a number to it.

The code holds the address of the page and nothing else: who scans it signs in and has the rights
that he has. On the paper stands a number, no name: it hangs on doors.
"""

from __future__ import annotations

import re
from contextlib import suppress

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bihuan.console.home import clock
from bihuan.console.register.area_pages import area_or_404
from bihuan.console.register.device_pages import Asked, device_or_404, devices_of
from bihuan.console.register.reach import Reach, row_or_404
from bihuan.console.register.wording import word
from bihuan.console.shown import area_name
from bihuan.console.visit import signed_in
from bihuan.journal.storage import MAIN
from bihuan.register.records.models import Record

MOST_NUMBER = 60
MOST_ALIKE = 20  # each scenario numbers its own records


@signed_in
def code(request: HttpRequest, kind: str, thing_id: int) -> HttpResponse:
    """The sheet to print: a square of 4 modules' margin, its number, and what scanning does."""
    title, number = _named(Reach(request), kind, thing_id)
    address = request.build_absolute_uri(reverse(kind, args=[thing_id]))
    context = {
        "now_us": clock().now_us(),
        "title": title,
        "number": number,
        "address": address,
        "back": reverse(kind, args=[thing_id]),
        "picture": segno.make(address, error="m").svg_data_uri(scale=8, border=4),
    }
    return render(request, "console/field_code.html", context)


def _named(reach: Reach, kind: str, thing_id: int) -> tuple[str, str]:
    """(what it is, its number) for the paper; 404 for what this person may not open."""
    if kind == "device":
        found, _subject = device_or_404(reach, thing_id)
        return word(("设备", "Device")), found.number
    if kind == "area":
        return word(("区域", "Area")), area_name(area_or_404(reach, thing_id))
    if kind == "row":
        row = row_or_404(reach, thing_id)
        if isinstance(row, Record):
            return word(("记录", "Record")), row.number
        return word(("对象", "Subject")), str(row.id)
    raise Http404


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """The page of a typed number: a device's number, else a row's; else back, and told so."""
    number, reach = request.GET.get("number", "").strip()[:MOST_NUMBER], Reach(request)
    if number:
        device = devices_of(reach, Asked(number=number)).filter(number=number).first()
        if device is not None:
            return redirect("device", device.id)
    for row_id in _rows(number):
        with suppress(Http404):
            return redirect("row", row_or_404(reach, row_id).id)
    return redirect(reverse("field") + "?none=1")


def _rows(number: str) -> list[int]:
    """What a number may mean: the records of each scenario that have it, and a row's own."""
    records = Record.objects.using(MAIN).filter(number=number).order_by("id")
    found = list(records.values_list("id", flat=True)[:MOST_ALIKE])
    return [*found, int(number)] if re.fullmatch(r"[0-9]{1,18}", number) else found
