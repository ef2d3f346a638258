"""Sheets: which there are for a thing, who may open one, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.urls import reverse

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.home import clock, keys
from bihuan.console.register.reach import Reach, path_of, row_or_404
from bihuan.console.register.wording import word
from bihuan.console.shows.entries import SheetViewed
from bihuan.console.shows.panels import Place, fits, place_of
from bihuan.console.shows.period import Period, period_of
from bihuan.console.shows.reading import book_of, seen_of
from bihuan.console.visit import case_or_404
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed
from bihuan.loop.shows import Sheet
from bihuan.register.models import Area
from bihuan.register.records.rows import Row, subject_of

SHORTEST, LONGEST = 2, 200
NEAR: Final = ("family", "self")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a sheet is about, as this request may open it. back: the address of its page."""

    place: Place
    path: str
    about: int | None
    back: str


def sheet_or_404(scenario: str, name: str) -> Sheet:
    """A declared sheet."""
    declared = installed().get(scenario)
    found = [one for one in (declared.sheets if declared else ()) if one.name == name]
    if not found:
        raise Http404
    return found[0]


def thing_or_404(
    request: HttpRequest, reach: Reach, scenario: str, sheet: Sheet, thing_id: int
) -> Thing:
    """The thing, where it is of the sheet's kind and this person may open the sheet of it."""
    if sheet.on == "case":
        thing = of_case(case_or_404(request, thing_id))
    elif sheet.on == "area":
        area = Area.objects.using(MAIN).filter(id=thing_id).first()
        if area is None:
            raise Http404
        thing = of_area(area, scenario)
        if not any(area.path.startswith(path) for path in reach.paths(scenario)):
            raise Http404
    else:
        thing = of_row(row_or_404(reach, thing_id))
    if thing.place.scenario != scenario or not fits(sheet.on, sheet.kind, thing.place):
        raise Http404
    if not may_open(reach, sheet, thing):
        raise Http404
    return thing


def may_open(reach: Reach, sheet: Sheet, thing: Thing) -> bool:
    """Whether a role that the sheet asks for is held for the place of the thing."""
    if not sheet.roles:
        return True
    held = {role for role, path in reach.rights.held if thing.path.startswith(path)}
    if held & set(sheet.roles):
        return True
    return reach.key is None and "family" in sheet.roles and thing.about in reach.rights.family


def of_case(case: Case) -> Thing:
    """A case to make a sheet of."""
    place = Place(case.scenario, "case", case.kind, case.id)
    return Thing(place, case.area_path, case.subject_id, reverse("case", args=[case.id]))


def of_row(row: Row) -> Thing:
    """A subject or record to make a sheet of."""
    back = reverse("row", args=[row.id])
    return Thing(place_of(row), path_of(row.area_id), subject_of(row), back)


def of_area(area: Area, scenario: str) -> Thing:
    """An area to make a sheet of."""
    place = Place(scenario, "area", area.level, area.id)
    return Thing(place, area.path, None, reverse("area", args=[area.id]))


def links(reach: Reach, thing: Thing) -> list[tuple[str, str]]:
    """(address, words) of the sheets of a thing that this person may open."""
    declared = installed().get(thing.place.scenario)
    found = []
    for sheet in declared.sheets if declared else ():
        if fits(sheet.on, sheet.kind, thing.place) and may_open(reach, sheet, thing):
            address = reverse("show_sheet", args=[thing.place.scenario, sheet.name, thing.place.id])
            found.append((address, word(sheet.title)))
    return found


def case_sheets(request: HttpRequest, case: Case) -> list[tuple[str, str]]:
    """The same of a case; without sheets nothing is asked."""
    declared = installed().get(case.scenario)
    thing = of_case(case)
    fitting = declared.sheets if declared else ()
    if not any(fits(one.on, one.kind, thing.place) for one in fitting):
        return []
    return links(Reach(request), thing)


def area_links(reach: Reach, area: Area) -> list[tuple[str, str]]:
    """The same of an area: sheets of every scenario that is seen there."""
    seen = [
        name
        for name in installed()
        if any(area.path.startswith(path) for path in reach.paths(name))
    ]
    return [link for name in seen for link in links(reach, of_area(area, name))]


def reason_of(sheet: Sheet, said: str) -> str:
    """Why it is opened; nothing is asked where nothing sealed is. Raises BadInputError."""
    text = said.strip()
    if sheet.opens and not SHORTEST <= len(text) <= LONGEST:
        got = f"{len(text)} characters" if text else "nothing"
        raise BadInputError(Fault("reason", got, f"{SHORTEST} to {LONGEST} characters"))
    return text if sheet.opens else ""


def period_for(sheet: Sheet, said: str, now_us: int) -> Period | None:
    """The sheet's period. Raises BadInputError."""
    return None if sheet.per is None else period_of(sheet.per, said, now_us)


def log_sheet(reach: Reach, sheet: Sheet, thing: Thing, purpose: str, reason: str) -> None:
    """Record that it was opened, before it is shown."""
    sealed = keys().seal(reach.person_id, reason) if reason else None
    with Appender(VIEWS_LANE, clock()) as lane:
        lane.append(
            SheetViewed(
                scenario=thing.place.scenario,
                sheet=sheet.name,
                on=sheet.on,
                row_id=thing.place.id,
                about=thing.about,
                by=reach.person_id,
                purpose=purpose,
                reason=sealed,
            )
        )


def facts_for(
    request: HttpRequest, reach: Reach, sheet: Sheet, thing: Thing, period: Period | None
) -> Mapping[str, Any]:
    """What the sheet's function finds. The caller has logged the view."""
    seen = seen_of(request, reach, thing.place.scenario)
    book = book_of(reach, seen, None if sheet.opens else (), is_logged=True)
    return sheet.facts(book, thing.place.id, period.span_us if period is not None else None)
