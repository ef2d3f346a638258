"""预警信号 / Official warnings: what stands, in the station's words, and one taken down by hand."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import CHINA
from bihuan.console.callouts.pages import areas_of
from bihuan.console.home import clock
from bihuan.console.register.fault_words import in_words
from bihuan.console.visit import rights_of, signed_in, whole_or_404
from bihuan.console.warnings.hand import TYPES, ByHand, Change, take_down
from bihuan.console.warnings.shown import may_see, order_address, seen
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.callout import rights
from bihuan.loop.warned.words import quoted
from bihuan.register.warnings.acts import ContradictionError
from bihuan.register.warnings.colours import SEVERITIES, Colour
from bihuan.register.warnings.models import STANDING, OfficialWarning

MOST = 30
FIELDS = ("change", "issuer", "issued", "title", "text", "advice", "about", "colour")
COLOUR_WORDS: Final = {
    "red": _("红色"),
    "orange": _("橙色"),
    "yellow": _("黄色"),
    "blue": _("蓝色"),
    "none": _("没有颜色"),
}
KEPT = ("change", "about", "issuer", "title")


@signed_in
def listed(request: HttpRequest) -> HttpResponse:
    """The list, and the form that takes one down; 422 with every fault and what was typed."""
    if not may_see(rights_of(request)):
        raise Http404
    if request.method != "POST":
        kept = {name: request.GET.get(name, "") for name in KEPT}
        return render(request, "console/warnings.html", _context(request, kept))
    said = request.POST
    try:
        take_down(_read(said), rights_of(request), clock())
    except (BadInputError, ContradictionError) as error:
        faults = error.faults if isinstance(error, BadInputError) else [error]
        form: dict[str, Any] = {name: said.get(name, "") for name in FIELDS}
        told = [in_words(one) if isinstance(one, Fault) else str(one) for one in faults]
        form |= {"areas": said.getlist("areas"), "faults": told}
        return render(request, "console/warnings.html", _context(request, form), status=422)
    except ForbiddenError:
        return render(request, "console/forbidden.html", status=403)
    return redirect("warnings")


def _read(said: Any) -> ByHand:
    change = said.get("change", "issue")
    if change not in TYPES:
        raise bad("change", change, " or ".join(TYPES))
    about, colour = said.get("about", ""), said.get("colour", "")
    if colour and colour not in SEVERITIES:
        raise bad("colour", colour, " or ".join(SEVERITIES))
    return ByHand(
        change=cast("Change", change),
        issuer=said.get("issuer", ""),
        issued=_moment(said.get("issued", "")),
        title=said.get("title", ""),
        areas=tuple(whole_or_404(one) for one in said.getlist("areas")),
        key=said.get("key", "")[:64],
        text=said.get("text", ""),
        advice=said.get("advice", ""),
        about=whole_or_404(about) if about else None,
        colour=cast("Colour", colour),
    )


def _moment(text: str) -> datetime:
    """What was typed, in China's time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad("issued", text or "nothing", "the station's time, to the minute") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=CHINA)


def _context(request: HttpRequest, form: dict[str, Any]) -> dict[str, Any]:
    now_us, mine = clock().now_us(), rights_of(request)
    found = OfficialWarning.objects.using(MAIN).exclude(state="message").order_by("-id")[:MOST]
    may_act = bool(mine.paths(rights.CALL_OUT, "act"))
    shown = [
        {
            "row": row,
            "state": row.state_at(now_us),
            "quote": quoted(row),
            "is_by_hand": row.source.startswith("by hand"),
            "order": order_address(row) if may_act and row.state == STANDING else "",
            **seen(row, mine),
        }
        for row in found
    ]
    return {
        "now_us": now_us,
        "standing": [one for one in shown if one["state"] == STANDING],
        "over": [one for one in shown if one["state"] != STANDING],
        "may_act": may_act,
        "areas": areas_of(mine),
        "colours": list(COLOUR_WORDS.items()),
        "key": str(uuid.uuid4()),
        "form": {"change": "issue", **{k: v for k, v in form.items() if v}},
    }
