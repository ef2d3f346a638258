"""Panels on the pages of cases, subjects, records and areas."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

import structlog
from django.http import HttpRequest
from django.utils.safestring import SafeString

from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import word
from bihuan.console.shows.drawn import draw
from bihuan.console.shows.reading import book_of, seen_of
from bihuan.journal.away import FAILED
from bihuan.loop.models import Case
from bihuan.loop.scenario import Scenario, installed
from bihuan.loop.shows import Book, On, Panel
from bihuan.loop.shows_check import EVERY_LEVEL
from bihuan.register.models import Area
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row

log = structlog.get_logger(__name__)
LOGGED: Final = ("case", "subject", "record")  # pages whose opening is recorded as a view


class Place(NamedTuple):
    """A page that may show panels: of which thing of which scenario."""

    scenario: str
    on: On
    kind: str
    id: int


class Shown(NamedTuple):
    """A panel as it is drawn; facts: what its function found; html None: it could not be drawn."""

    title: str
    facts: Any
    html: SafeString | None


def of_case(request: HttpRequest, case: Case) -> list[Shown]:
    """Panels of an opened case. Its subject is opened with it, where the reader may see it."""
    place = Place(case.scenario, "case", case.kind, case.id)
    if not declared(place):
        return []
    opens = () if case.subject_id is None else (case.subject_id,)
    return list(shown(request, Reach(request), place, opens))


def of_row(request: HttpRequest, reach: Reach, row: Row) -> list[Shown]:
    """Panels of an opened subject or record."""
    return list(shown(request, reach, place_of(row), (row.id,)))


def of_area(request: HttpRequest, reach: Reach, area: Area) -> list[Shown]:
    """Panels of an area, of every scenario that the reader sees there."""
    found = []
    for scenario in installed():
        place = Place(scenario, "area", area.level, area.id)
        if declared(place) and any(area.path.startswith(p) for p in reach.paths(scenario)):
            found += list(shown(request, reach, place))
    return found


def place_of(row: Row) -> Place:
    """The page of a row."""
    return Place(row.scenario, "record" if isinstance(row, Record) else "subject", row.kind, row.id)


def declared(place: Place) -> list[Panel]:
    """The panels that a scenario declares for a page."""
    scenario: Scenario | None = installed().get(place.scenario)
    every = scenario.panels if scenario is not None else ()
    return [one for one in every if fits(one.on, one.kind, place)]


def fits(on: On, kind: str, place: Place) -> bool:
    """Whether a panel or sheet is for a page."""
    return on == place.on and kind in (place.kind, EVERY_LEVEL)


def shown(
    request: HttpRequest, reach: Reach, place: Place, opens: Collection[int] = ()
) -> Iterator[Shown]:
    """The panels of a page, each drawn by itself: one that breaks leaves the page standing."""
    if not declared(place):
        return
    seen = seen_of(request, reach, place.scenario)
    book = book_of(reach, seen, opens, is_logged=place.on in LOGGED)
    yield from drawn(place, book)


def drawn(place: Place, book: Book) -> Iterator[Shown]:
    """The panels of a page, read through a book."""
    for panel in declared(place):
        title = word(panel.title)
        try:
            facts = panel.facts(book, place.id)
            yield Shown(title, facts, draw(place.scenario, panel.template, facts))
        except FAILED:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a scenario's own code: the page stays
            log.error("panel", scenario=place.scenario, template=panel.template, error=repr(error))
            yield Shown(title, None, None)
