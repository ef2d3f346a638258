"""A scenario that declares what cannot be shown stops the process, naming the file and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop import scenario as scenarios
from bihuan.loop.scenario import Scenario
from bihuan.loop.shows import Book, Notice, Overview, Panel, Sheet
from bihuan.register import schemes
from bihuan.register.scheme import Words
from tests.register.kitchen import KITCHEN

TITLE = ("标题", "Title")


def nothing(_book: Book, *_more: Any) -> Mapping[str, Any]:
    return {}


def silent(_book: Book, _id: int) -> Words | None:
    return None


GOOD = Scenario(
    name=KITCHEN.scenario,
    title=TITLE,
    subjects={"unit": TITLE},
    signals=dict.fromkeys(("overdue", "recall", "no_daily", "no_sample"), TITLE),
    roles={"manager": TITLE, "inspector": TITLE},
    scheme=KITCHEN,
    panels=(Panel(on="record", kind="batch", title=TITLE, facts=nothing),),
    sheets=(Sheet(name="month", on="subject", kind="unit", title=TITLE, facts=nothing,
                  template="month.html", per="month", roles=("manager",)),),
    overviews=(Overview(name="map", title=TITLE, facts=nothing, template="map.html"),),
    notices=(Notice(name="evening", title=TITLE, subject="unit", to="manager", at="18:00",
                    text=silent),),
)  # fmt: skip
PANEL, SHEET, OVERVIEW, NOTICE = (
    GOOD.panels[0], GOOD.sheets[0], GOOD.overviews[0], GOOD.notices[0],
)  # fmt: skip


def changed(one: Any, **bad: Any) -> Any:
    """What the types forbid and a folder may hold all the same."""
    return replace(one, **bad)


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        ({"panels": (replace(PANEL, kind="dish"),)}, "panels.0.kind"),
        ({"panels": (changed(PANEL, on="page"),)}, "panels.0.on"),
        ({"panels": (replace(PANEL, template="../panel.html"),)}, "panels.0.template"),
        ({"panels": (replace(PANEL, title=("标题", " ")),)}, "panels.0.title"),
        ({"panels": (replace(PANEL, on="case", kind="flood"),)}, "panels.0.kind"),
        ({"panels": (replace(PANEL, on="area", kind="street"),)}, "panels.0.kind"),
        ({"sheets": (SHEET, SHEET)}, "sheets.month"),
        ({"sheets": (replace(SHEET, roles=("cook",)),)}, "sheets.month.roles"),
        ({"sheets": (changed(SHEET, per="year"),)}, "sheets.month.per"),
        ({"sheets": (replace(SHEET, name="Month 1"),)}, "sheets.Month 1"),
        ({"overviews": (replace(OVERVIEW, roles=("cook",)),)}, "overviews.map.roles"),
        ({"overviews": (changed(OVERVIEW, title=("标题",)),)}, "overviews.map.title"),
        ({"notices": (replace(NOTICE, at="24:00"),)}, "notices.evening.at"),
        ({"notices": (replace(NOTICE, subject="batch"),)}, "notices.evening.subject"),
        ({"notices": (replace(NOTICE, to="cook"),)}, "notices.evening.to"),
    ],
)
def test_scenario_with_a_bad_declaration_is_refused(bad: dict[str, Any], key: str) -> None:
    with pytest.raises(BadInputError) as refused:
        scenarios.install(replace(GOOD, **bad))
    place = f"{KITCHEN.scenario}/scenario.py: {key}"
    assert [fault.field for fault in refused.value.faults] == [place]
    assert KITCHEN.scenario not in scenarios.installed()
    assert KITCHEN.scenario not in schemes.installed()


def test_scenario_names_every_fault_at_once() -> None:
    with pytest.raises(BadInputError) as refused:
        scenarios.install(
            replace(GOOD, panels=(replace(PANEL, kind="x"),), overviews=(OVERVIEW, OVERVIEW))
        )
    assert len(refused.value.faults) == 2


def test_scenario_grants_sight_to_who_may_look_at_a_sheet() -> None:
    assert "see" in scenarios.grants_of(GOOD)["manager"]
    boss = replace(GOOD, roles={**GOOD.roles, "boss": TITLE},
                   overviews=(replace(OVERVIEW, roles=("boss",)),))  # fmt: skip
    assert scenarios.grants_of(boss)["boss"] == {"see"}


@pytest.mark.parametrize("kind", ["*", "village"])
def test_panel_of_an_area_is_for_a_level_or_for_every_one(kind: str) -> None:
    scenarios.install(replace(GOOD, panels=(replace(PANEL, on="area", kind=kind),)))
    scenarios.forget(KITCHEN.scenario)
