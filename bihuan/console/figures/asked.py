"""What is asked for by the address: a period, an area, a scenario; and whether it may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from bihuan.base.errors import BadInputError
from bihuan.base.ids import is_id
from bihuan.console.home import clock
from bihuan.console.visit import rights_of
from bihuan.figures.groups import date_of
from bihuan.figures.installed import Installed, figure, installed
from bihuan.figures.periods import Length, Period, parse, period_at
from bihuan.figures.values import Book
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area
from bihuan.register.rights import Rights

LENGTHS: tuple[Length, ...] = ("day", "week", "month", "quarter", "half", "year")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter of a page; the same in every address that leads on from it."""

    mine: Rights
    now_us: int
    period: Period
    area: Area
    book: Book

    def query(self, **other: str | int) -> str:
        """As it stands in an address."""
        return urlencode({"period": self.period.text, "area": self.area.id, **other})

    def sees(self, scenario: str) -> bool:
        """Whether the area's figures of a scenario may be seen."""
        return self.mine.may(scenario, "see", self.area.path)


def asked(request: HttpRequest) -> Asked:
    """The filter of the address; what may not be seen is not there (404)."""
    mine, now_us = rights_of(request), clock().now_us()
    text = request.GET.get("period") or period_at("month", date_of(now_us)).text
    try:
        period = parse(text)
    except BadInputError:
        raise Http404 from None
    area = _area(request, mine)
    if area is None:
        raise Http404
    return Asked(mine, now_us, period, area, Book(now_us))


def _area(request: HttpRequest, mine: Rights) -> Area | None:
    paths = sorted({path for name in scenarios(mine) for path in mine.paths(name, "see")}, key=len)
    said = request.GET.get("area")
    found = Area.objects.using(MAIN)
    if said is None:
        return found.filter(path=paths[0]).first() if paths else None
    if not is_id(said):
        return None
    area = found.filter(pk=int(said)).first()
    inside = area is not None and any(area.path.startswith(path) for path in paths)
    return area if inside else None


def scenarios(mine: Rights) -> list[str]:
    """Scenarios with figures of which something may be seen, in the order of declaration."""
    named = dict.fromkeys(one.scenario for one in installed().values())
    return [name for name in named if mine.paths(name, "see")]


def figure_or_404(said: Asked, figure_id: str) -> Installed:
    """A figure that may be seen in the area asked for."""
    try:
        one = figure(figure_id)
    except BadInputError:
        raise Http404 from None
    if not said.sees(one.scenario):
        raise Http404
    return one
