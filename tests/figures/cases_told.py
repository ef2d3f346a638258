"""Cases told straight to lane 0, for tests of figures: no engine, no phones, a movable clock.

青禾县 is invented: two towns, 石桥镇 with two villages and 沙渚镇 with one.
"""

from __future__ import annotations

from typing import Any

from bihuan.base.time import MovableClock
from bihuan.figures.cube import Figures
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.loop import entries
from bihuan.loop.everyday import matter_acts
from bihuan.loop.playbook import Playbook
from bihuan.loop.scenario import Scenario
from bihuan.register.entries import Actor, AreaRegistered, Level
from bihuan.register.models import Area
from tests.matters import DAY, DESK, MATTER

NAME = "figure_tests"
BY = Actor(person_id=1, role="town_duty", via="page")
PLAYBOOK = Playbook(
    scenario=NAME,
    kind="road",
    version=1,
    title=("道路", "Road"),
    severity="minor",
    signals=(),
    acts=matter_acts(DESK),
    repeat=DAY,
    late_after=DAY,
    clocks=MATTER.clocks,
    begins="new",
    opening=("accept",),
)


def scenario(*figures: object, **more: Any) -> Scenario:
    """A scenario with one playbook and these figures besides the built-in ones."""
    return Scenario(
        name=NAME,
        title=("试", "Test"),
        subjects={},
        signals={},
        roles={},
        playbooks=(PLAYBOOK,),
        figures=figures,
        **more,
    )


class Told:
    """Writes areas and cases as entries, and follows them."""

    def __init__(self, clock: MovableClock) -> None:
        self.clock = clock
        self.county = self.area("county", "330400000000", None)
        self.stone = self.area("town", "330401000000", self.county)
        self.sand = self.area("town", "330402000000", self.county)
        self.willow = self.area("village", "330401001000", self.stone)
        self.bridge = self.area("village", "330401002000", self.stone)
        self.shore = self.area("village", "330402001000", self.sand)

    def say(self, payload: Payload) -> int:
        with Appender(FACTS_LANE, self.clock) as lane:
            return lane.append(payload).id()

    def area(self, level: Level, code: str, parent: int | None) -> int:
        return self.say(
            AreaRegistered(
                code=code, name=f"区{code}", latin=code, level=level, parent_id=parent, outline=[]
            )
        )

    def path(self, area: int) -> str:
        return str(Area.objects.get(pk=area).path)

    def opened(self, area: int, kind: str = "road") -> int:
        """A case with a running clock to accept."""
        return self.say(
            entries.CaseOpened(
                signal=1,
                scenario=NAME,
                kind=kind,
                playbook=f"{NAME}.{kind}@1",
                severity="minor",
                subject_id=None,
                area_id=area,
                area_path=self.path(area),
                is_late=False,
                state="new",
                clocks=[entries.ClockSet(kind="answer", due_us=self.clock.now_us() + 60_000_000)],
            )
        )

    def taken(self, case: int) -> None:
        self.say(entries.CaseTaken(case_id=case, by=BY, clock=None))

    def missed(self, case: int) -> None:
        """The clock that the case was opened with runs out."""
        self.say(entries.ClockMissed(case_id=case, clock_id=case + 1))

    def answered(self, case: int, *, is_solved: bool) -> None:
        self.say(
            entries.OriginAnswered(case_id=case, by=BY, is_solved=is_solved, text=None, clock=None)
        )

    def closed(self, case: int, outcome: entries.Outcome = "confirmed") -> None:
        self.say(entries.CaseClosed(case_id=case, by=BY, outcome=outcome, reason=None))

    def follow(self, per_turn: int = 200) -> None:
        keeper = Figures(per_turn)
        while keeper.run_once():
            pass
