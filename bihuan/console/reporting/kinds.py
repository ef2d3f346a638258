"""What may be reported, where, and by whom: from the playbooks that are installed."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.console.shown import area_name, is_english
from bihuan.journal.storage import MAIN
from bihuan.loop.playbook import Playbook, newest
from bihuan.loop.scenario import installed
from bihuan.register.models import Area

MOST_AREAS = 3_000
INDENT = "\u3000"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of matter: `scenario.kind`, and what it is called."""

    name: str
    word: str
    scenario_word: str


def kinds(*, is_open: bool) -> list[Kind]:
    """Every kind that people report; is_open: only those that the public form takes."""
    n = 1 if is_english() else 0
    found: dict[str, tuple[Playbook, str]] = {}
    for scenario in installed().values():
        for playbook in scenario.playbooks:
            if newest(playbook.scenario, playbook.kind) is playbook and playbook.reports:
                found[playbook.name] = playbook, scenario.title[n]
    return [
        Kind(name, playbook.title[n], title)
        for name, (playbook, title) in found.items()
        if playbook.is_open or not is_open
    ]


def places() -> list[tuple[int, str]]:
    """Every area as it is now, from the county down, indented by its depth."""
    found = Area.objects.using(MAIN).filter(until_us=None).order_by("path")[:MOST_AREAS]
    return [
        (area.id, INDENT * max(0, len(area.path.strip(".").split(".")) - 1) + area_name(area))
        for area in found
    ]
