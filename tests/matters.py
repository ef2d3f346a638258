"""A slow matter for tests: a town takes in what people report, villages handle it in days.

The roles are those of the county of `tests.county`; 20 working days to act by general practice.
"""

from __future__ import annotations

from typing import Any

from bihuan.base.legal_limits import GENERAL
from bihuan.loop.cases.report import Report, report
from bihuan.loop.everyday import Desk, matter_acts
from bihuan.loop.playbook import ClockRule, Limit, Playbook, Watch
from bihuan.loop.scenario import Scenario, install
from tests.county import World

SOURCE, SINCE, HERE = "a test", "2026-01-01", "青禾县"
DESK = Desk(
    intake=("town_duty",),
    checkers=("town_duty", "county_command"),
    superiors=("county_command",),
    reviewers=("county_command",),
)
ABOVE = ("county_command",)
DAY = Limit(86_400, SOURCE, SINCE, HERE)


def days(count: int, most: int | None = None) -> Limit:
    return Limit(
        0, SOURCE, SINCE, HERE, days=count, unit="working", rule=GENERAL, most_extension=most
    )


AT_THE_END = (Watch(1, 1, ABOVE), Watch(1.5, 2, ABOVE), Watch(2, 3, ABOVE))
MATTER = Playbook(
    scenario="town_matters",
    kind="road",
    version=1,
    title=("道路", "Road"),
    severity="minor",
    signals=(),
    acts=matter_acts(DESK),
    repeat=DAY,
    late_after=DAY,
    confirmation=days(3),
    clocks=(
        ClockRule("accept", days(1), watches=(Watch(1, 1, ABOVE),)),
        ClockRule("receive", days(1), watches=(Watch(1, 1, ABOVE), Watch(2, 2, ABOVE))),
        ClockRule(
            "act", days(20, most=10), may_pause=True, watches=(Watch(0.8, 1, ABOVE), *AT_THE_END)
        ),
        ClockRule("check", days(2), watches=(Watch(1, 1, ABOVE),)),
        ClockRule("statement", days(5), watches=(Watch(1, 1, ABOVE),)),
    ),
    begins="new",
    opening=("accept",),
    reopen_s=30 * 86_400,
    reports=True,
)
MATTERS = Scenario(
    name="town_matters",
    title=("镇里的事", "Town matters"),
    subjects={},
    signals={},
    roles={
        "village_duty": ("村值班", "Village duty"),
        "town_duty": ("镇值班", "Town duty"),
        "county_command": ("县指挥中心", "County command"),
    },
    playbooks=(MATTER,),
)


def reported(world: World, key: str = "1", **more: Any) -> int:
    """The stranger reports a broken road in the village; the id of the case."""
    install(MATTERS)
    place = {"area_id": world.people.village, "via": "web"}
    said: dict[str, Any] = {"origin_id": world.people.stranger, **place, **more}
    matter = Report(scenario="town_matters", kind="road", text="村口路坏了", key=key, **said)
    return report(matter, world.clock, world.keys)
