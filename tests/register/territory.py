"""An invented county in national codes (99: no province has it), and dates as µs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from bihuan.base.time import CHINA, Clock, us_of
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.acts import AreaActs, NewArea
from bihuan.register.entries import Actor
from bihuan.register.models import Area

CLERK = Actor(person_id=None, role="clerk", via="test")


def day(text: str) -> int:
    """µs of midnight, +08:00, of an ISO date."""
    at = date.fromisoformat(text)
    return us_of(datetime(at.year, at.month, at.day, tzinfo=CHINA))


@dataclass
class Territory:
    """青禾县 with 石桥镇 (柳溪村, 上岭村) and 河口镇 (渡头村)."""

    clock: Clock
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.add("青禾县", "990101000000", "county", None)
        self.add("石桥镇", "990101101000", "town", "青禾县")
        self.add("河口镇", "990101102000", "town", "青禾县")
        self.add("柳溪村", "990101101201", "village", "石桥镇")
        self.add("上岭村", "990101101202", "village", "石桥镇")
        self.add("渡头村", "990101102201", "village", "河口镇")

    @property
    def acts(self) -> AreaActs:
        return AreaActs(self.clock, CLERK)

    def add(self, name: str, code: str, level: str, parent: str | None, from_us: int = 0) -> int:
        new = NewArea(
            code=code,
            name=(name, ""),
            level=level,  # type: ignore[arg-type]
            parent_id=self.ids[parent] if parent else None,
            from_us=from_us,
        )
        self.ids[name] = self.acts.register(new)
        return self.ids[name]

    def path(self, *names: str) -> str:
        return "".join(f"{self.ids[name]}." for name in names)

    def row(self, name: str) -> Area:
        return Area.objects.get(pk=self.ids[name])


def rows() -> Rows:
    return Rows(MAIN)
