"""The demo page: simulated bands to press, and phones that ring on the screen."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.console.models import DemoPress
from bihuan.console.phone import phone_token
from bihuan.console.shown import is_english
from bihuan.console.visit import signed_in
from bihuan.journal.wake import wake
from bihuan.register.models import County

CAST_FILE = "demo-cast.json"
BITS = {"sos": "16", "fall": "21", "sos_low": "16,0"}


def _cast() -> dict[str, Any]:
    """What the demo brought; only in a county that is a demo."""
    path = settings.BIHUAN_DATA / CAST_FILE
    if not County.objects.filter(mode="demo").exists() or not path.exists():
        raise Http404
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@signed_in
def demo(request: HttpRequest) -> HttpResponse:
    """Bands and phones of every scenario's demo; first the phones that a band rings."""
    bands: list[Any] = []
    phones: dict[int, dict[str, str]] = {}
    casts = sorted(_cast()["scenarios"].values(), key=lambda cast: not cast["bands"])
    for cast in casts:
        bands += cast["bands"]
        for one in cast["phones"]:
            shown = {
                "name": one["latin"] if is_english() else one["name"],
                "role": one["role"][1 if is_english() else 0],
                "token": phone_token(one["person_id"]),
            }
            phones.setdefault(one["person_id"], shown)
    every = list(phones.values())
    return render(
        request,
        "console/demo.html",
        {"bands": bands, "phones": every, "open": every[:3], "is_latin": is_english()},
    )


@signed_in
@require_POST
def demo_press(request: HttpRequest) -> HttpResponse:
    """Hold the key of a simulated band; the simulator sends the frame."""
    known = {band["number"] for cast in _cast()["scenarios"].values() for band in cast["bands"]}
    number, kind = request.POST.get("number", ""), request.POST.get("kind", "sos")
    if number not in known or kind not in BITS:
        raise Http404
    DemoPress.objects.create(number=number, bits=BITS[kind])
    wake()
    return redirect("demo")
