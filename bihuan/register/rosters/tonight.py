"""The shifts of many rosters at once: two queries, however many rosters there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from bihuan.base.calendar import OFFICIAL, DayTable
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.rosters.models import Roster, RosterOverride, RosterPattern
from bihuan.register.rosters.on_duty import shifts
from bihuan.register.rosters.pattern import Slot


class OfRoster(NamedTuple):
    """A slot and whose it is."""

    roster: Roster
    slot: Slot


class _Loaded:
    """What `shifts` asks of rows, read beforehand for all rosters."""

    def __init__(self, rosters: Sequence[Roster], between_us: tuple[int, int]) -> None:
        ids = [roster.id for roster in rosters]
        covers = RosterOverride.objects.using(MAIN).filter(
            roster_id__in=ids, from_us__lt=between_us[1], until_us__gt=between_us[0]
        )
        patterns = RosterPattern.objects.using(MAIN).filter(roster_id__in=ids)
        self._found: dict[type, list[Any]] = {
            RosterOverride: list(covers),
            RosterPattern: list(patterns),
        }

    def where(self, model: type, *, roster_id: int) -> list[Any]:
        return [row for row in self._found[model] if row.roster_id == roster_id]


def slots_between(
    rosters: Sequence[Roster], between_us: tuple[int, int], days: DayTable = OFFICIAL
) -> Iterator[OfRoster]:
    """Every slot of these rosters that touches the interval (µs), roster by roster."""
    if not rosters:
        return
    rows = cast(Rows, _Loaded(rosters, between_us))
    for roster in rosters:
        for slot in shifts(rows, roster, between_us, days):
            yield OfRoster(roster, slot)
