"""What a search shows to a person: only what rights let it see, masked, with where it leads."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.console.home import clock, keys
from bihuan.console.opening import Opening
from bihuan.console.people import People
from bihuan.console.shown import is_english, kind_word
from bihuan.console.visit import cases_of, rights_of, signed_in
from bihuan.loop.scenario import installed
from bihuan.register.imports.kinds import edit_paths, kind_names, kind_of
from bihuan.register.models import Subject
from bihuan.register.rights import REGISTER
from bihuan.register.search.find import Finder, Hit
from bihuan.register.search.index import Hasher, nouns
from bihuan.register.search.models import SearchRow
from bihuan.register.search.shown import shown

NOUNS = {
    "case": gettext_lazy("事件"),
    "subject": gettext_lazy("对象"),
    "person": gettext_lazy("人员"),
    "party": gettext_lazy("主体"),
    "organisation": gettext_lazy("机构"),
    "area": gettext_lazy("区域"),
    "record": gettext_lazy("台账"),
    "device": gettext_lazy("设备"),
}
MOST = 50


@cache
def _hasher() -> Hasher:
    return Hasher(settings.BIHUAN_DATA / "search.key")


def found_for(request: HttpRequest, query: str, noun: str = "", most: int = 20) -> list[Any]:
    """Hits as they may be shown to who asks; a stranger's search finds nothing."""
    mine = rights_of(request)
    allowed = mine.where("see", [*installed(), REGISTER], ("scenario", "path", "row"))

    if mine.family:
        own = cases_of(request).filter(subject_id__in=mine.family)
        allowed |= Q(noun="case", row__in=list(own.values_list("id", flat=True)))

    def may_see(rows: QuerySet[SearchRow]) -> QuerySet[SearchRow]:
        return rows.filter(allowed)

    only = (noun,) if noun else ()
    hits = Finder(keys(), _hasher()).find(query, may_see, min(most, MOST), only)
    return _lines(request, hits)


def _lines(request: HttpRequest, hits: list[Hit]) -> list[dict[str, Any]]:
    """Lines in the order of the hits; a case is asked for once more, by where it lies today."""
    ids = [hit.row for hit in hits if hit.noun == "case"]
    cases = {case.id: case for case in cases_of(request).filter(id__in=ids)} if ids else {}
    subjects = Subject.objects.in_bulk({case.subject_id for case in cases.values()})
    people = People(keys(), [subject.person_id for subject in subjects.values()])
    known = {(one.noun, one.row): one for one in shown(hits, keys())}
    lines = []
    for hit in hits:
        if hit.noun == "case" and hit.row in cases:
            case = cases[hit.row]
            subject = subjects.get(case.subject_id)
            title = (subject.name if subject else None) or people.masked(
                subject.person_id if subject else None
            )
            detail, link = kind_word(case.scenario, case.kind), reverse("case", args=[case.id])
        elif (hit.noun, hit.row) in known:
            one = known[hit.noun, hit.row]
            title, detail, link = one.title[1 if is_english() else 0], one.detail, ""
        else:
            continue
        lines.append(
            {"noun": hit.noun, "row": hit.row, "title": title, "detail": detail}
            | {"link": link, "word": NOUNS[hit.noun]}
        )
    return lines


@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """查找 / Search, and the sheets that this person may take in or out."""
    query, noun = request.GET.get("q", "")[:64], request.GET.get("noun", "")
    mine = rights_of(request)
    kinds = []
    for kind in map(kind_of, kind_names()):
        edits = bool(edit_paths(mine, kind))
        takes = bool(mine.paths(kind.scenario, "export"))
        if edits or takes:
            title = kind.title[1 if is_english() else 0]
            kinds.append({"name": kind.name, "title": title, "edits": edits, "takes": takes})
    noun = noun if noun in nouns() else ""
    found, opening = found_for(request, query, noun) if query else [], Opening(request)
    for line in found:
        line["link"] = line["link"] or opening.link(line["noun"], line["row"])
    context = {
        "now_us": clock().now_us(),
        "query": query,
        "noun": noun,
        "nouns": [("", _("全部")), *NOUNS.items()],
        "found": found,
        "kinds": kinds,
    }
    return render(request, "console/search.html", context)
