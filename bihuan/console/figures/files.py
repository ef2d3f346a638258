"""Figures as files: who gets small numbers, and the entry that says who took them out."""

from __future__ import annotations

import hashlib
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from bihuan.base.errors import BadInputError
from bihuan.base.time import rfc3339
from bihuan.console.figures.asked import Asked
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.visit import person_of, rights_of
from bihuan.figures import export
from bihuan.figures.installed import installed
from bihuan.figures.values import public
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor
from bihuan.register.imports.entries import ExportMade
from bihuan.register.models import Area, County
from bihuan.register.rights import Verb

SEES_SMALL: Final[tuple[Verb, ...]] = ("open", "edit", "review")


def actor_of(request: HttpRequest, via: str = "page") -> Actor:
    """Who acts, in the first role that is held."""
    roles = sorted(rights_of(request).roles())
    return Actor(person_id=person_of(request), role=roles[0] if roles else "", via=via)


def file_of(request: HttpRequest, said: Asked, wanted: tuple[str, str], via: str) -> HttpResponse:
    """The file of a scenario's figures, with its entry; 404 for a form that there is not.

    wanted  scenario, form
    Who answers for the scenario in the area (one of SEES_SMALL) gets small numbers, others none.
    """
    name, form = wanted
    is_open = any(said.mine.may(name, verb, said.area.path) for verb in SEES_SMALL)
    lines, paths = _lines(said, name, is_open=is_open)
    county = County.objects.using(MAIN).first()
    who = People(keys(), [person_of(request)]).name(person_of(request))
    made = f"{rfc3339(said.now_us)} {who}"
    notes = () if is_open else (export.SMALL_HIDDEN,)
    table = export.table(said.book, said.period, lines, paths)
    try:
        content = export.file_of(form, county.mode if county else "live", (made, *notes), table)
    except BadInputError:
        raise Http404 from None
    logged = ExportMade(
        kind=f"figures.{name}",
        rows=len(table),
        filters={"period": said.period.text, "area": str(said.area.id), "form": form},
        is_open=is_open,
        digest=hashlib.sha256(content).hexdigest(),
        by=actor_of(request, via),
    )
    with Appender(FACTS_LANE, clock()) as lane:
        lane.append(logged)
    response = HttpResponse(content, content_type="application/octet-stream")
    filename = f"figures-{name}-{said.period.text}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _lines(said: Asked, name: str, *, is_open: bool) -> tuple[list[export.Line], dict[int, str]]:
    """(figure, area, its name, value) of the area and those directly under it; paths by area."""
    under = list(Area.objects.using(MAIN).filter(parent_id=said.area.id, until_us=None))
    named = {area.id: area.name for area in (said.area, *under)}
    found = list[export.Line]()
    for one in installed().values():
        if one.scenario != name:
            continue
        whole = [(said.area.id, said.book.value(one, said.period, said.area.path))]
        parts = [(a.id, said.book.value(one, said.period, a.path)) for a in under]
        if not is_open:  # apart: a hidden part is not to be had from the whole less the others
            whole, parts = public(one, whole), public(one, parts)
        found += [(one, area, named[area], value) for area, value in (*whole, *parts)]
    return found, {area.id: area.path for area in (said.area, *under)}
