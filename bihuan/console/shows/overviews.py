"""Overviews: which there are, who may look for which areas, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import scenario_title, word
from bihuan.console.shows.reading import book_of, seen_of
from bihuan.loop.scenario import installed
from bihuan.loop.shows import Overview


def paths_of(reach: Reach, scenario: str, overview: Overview) -> list[str]:
    """Below which paths this person may look; none for a stranger, and for relatives."""
    if not overview.roles:
        return reach.paths(scenario)
    return reach.paths_as(scenario, overview.roles)


def overview_or_404(reach: Reach, scenario: str, name: str) -> Overview:
    """A declared overview; a stranger cannot tell a foreign one from none."""
    declared = installed().get(scenario)
    for overview in declared.overviews if declared else ():
        if overview.name == name and paths_of(reach, scenario, overview):
            return overview
    raise Http404


def facts_for(
    request: HttpRequest, reach: Reach, scenario: str, overview: Overview
) -> Mapping[str, Any]:
    """What its function finds in these areas. Nothing sealed is opened, names are masked."""
    seen = seen_of(request, reach, scenario).only(paths_of(reach, scenario, overview))
    return overview.facts(book_of(reach, seen))


def links(reach: Reach, scenario: str | None = None) -> list[tuple[str, str, str]]:
    """(address, words, scenario's words) of every overview that this person may open."""
    found = []
    for name, declared in sorted(installed().items()):
        if scenario is not None and name != scenario:
            continue
        for overview in declared.overviews:
            if paths_of(reach, name, overview):
                address = reverse("show_overview", args=[name, overview.name])
                found.append((address, word(overview.title), scenario_title(name)))
    return found
