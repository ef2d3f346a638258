"""更多 / More: every page that this person may open, as links."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.console.nav import more_items
from bihuan.console.nav_duty import entries_for
from bihuan.console.register.reach import Reach
from bihuan.console.shows import overviews
from bihuan.console.visit import signed_in
from bihuan.loop.scenario import installed


@signed_in
def more(request: HttpRequest) -> HttpResponse:
    """The list."""
    shown = overviews.links(Reach(request)) if has_overviews() else []
    entries, items = entries_for(request), more_items(request)
    context = {"entries": entries, "items": items, "overviews": shown}
    return render(request, "console/more.html", context)


def has_overviews() -> bool:
    """Whether any scenario declares one: else nobody's rights are asked for."""
    return any(declared.overviews for declared in installed().values())
