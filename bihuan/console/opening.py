"""Where a hit of a search leads: the page that this person may open, by that page's own guard."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.urls import reverse

from bihuan.console.register.area_pages import area_or_404
from bihuan.console.register.device_pages import device_or_404
from bihuan.console.register.organisation_pages import organisation_or_404
from bihuan.console.register.party_pages import party_or_404
from bihuan.console.register.reach import Reach, row_or_404

# noun of the search: the page's name, and the guard that the page itself asks first
_PAGES: dict[str, tuple[str, Callable[[Reach, int], object]]] = {
    "subject": ("row", row_or_404),
    "record": ("row", row_or_404),
    "person": ("party", party_or_404),
    "party": ("party", party_or_404),
    "organisation": ("organisation", organisation_or_404),
    "area": ("area", area_or_404),
    "device": ("device", device_or_404),
}


class Opening:
    """The pages that one request's person may open."""

    def __init__(self, request: HttpRequest) -> None:
        self._reach = Reach(request)

    def link(self, noun: str, row: int) -> str:
        """The page's address; empty where the page would not open."""
        page, guard = _PAGES[noun]
        try:
            guard(self._reach, row)
        except Http404:
            return ""
        return reverse(page, args=[row])
