"""Call-outs as pages and API show them: rows, tiles, figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bihuan.base.time import SECOND_US
from bihuan.console.callouts import words
from bihuan.console.people import People
from bihuan.console.shown import area_name, is_english
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.loop.callout.models import CallOut, CallOutAide, CallOutPerson
from bihuan.loop.callout.plan import Redial
from bihuan.loop.callout.progress import Finish, Tally, finish, silent, tallies
from bihuan.loop.callout.projectors_people import plan_of
from bihuan.register.models import Area
from bihuan.register.parties.models import Party

MOST_SILENT, MOST_ANSWERED = 100, 50


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a call-out. phone is opened: who shows rows logs that."""

    id: int
    person_id: int
    name: str
    phone: str
    role: str
    place: str
    household: str
    state: str
    state_word: str
    reason: str
    tries: int
    wait_s: int
    since_us: int
    superior: str
    knocker: str
    is_overdue: bool
    confirmed_us: int | None
    how: str
    by: str
    read_back: bool | None
    risk: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One area: how many of whom."""

    name: str
    tally: Tally

    @property
    def percent(self) -> int:
        """How many of a hundred have answered."""
        return 100 * (self.tally.total - self.tally.silent) // max(self.tally.total, 1)


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page shows of one call-out."""

    call_out: CallOut
    plan: Redial
    whole: Tally
    tiles: list[Tile]
    silent: list[Row]
    silent_more: int
    answered: list[Row]
    aides: list[dict[str, Any]]
    helpers: list[tuple[int, str]]
    finish: Finish | None
    state_word: str
    instruction: str


def show(call_out: CallOut, ring: KeyRing, now_us: int) -> Shown:
    """One call-out for its page; a fixed number of queries, however many people it has."""
    whole, areas = tallies(call_out)
    waiting = list(silent(call_out)[:MOST_SILENT])
    done = CallOutPerson.objects.using(MAIN).filter(
        call_out_id=call_out.id, state__in=("confirmed", "on_behalf")
    )
    answered = list(done.order_by("-confirmed_us", "-id")[:MOST_ANSWERED])
    aides = list(CallOutAide.objects.using(MAIN).filter(call_out_id=call_out.id).order_by("id"))
    read = _Read([*waiting, *answered], aides, set(areas), ring)
    is_running = call_out.ended_us is None
    return Shown(
        call_out=call_out,
        plan=plan_of(call_out),
        whole=whole,
        tiles=_tiles(areas, read),
        silent=[read.row(one, now_us) for one in waiting],
        silent_more=max(whole.silent - len(waiting), 0),
        answered=[read.row(one, now_us) for one in answered],
        aides=[read.aide(one) for one in aides[:MOST_ANSWERED]],
        helpers=_helpers(waiting, aides, read),
        finish=finish(call_out, now_us) if is_running else None,
        state_word=str(words.ORDERS[call_out.state]),
        instruction=instruction(call_out),
    )


def instruction(call_out: CallOut) -> str:
    """The order in the reader's language, where it was given in it."""
    return call_out.en if is_english() and call_out.en else call_out.zh


def _helpers(
    waiting: list[CallOutPerson], aides: list[CallOutAide], read: _Read
) -> list[tuple[int, str]]:
    """Who can be sent to a door: everybody who stands above or has been told already."""
    wanted = {aide.person_id for aide in aides}
    wanted |= {one for row in waiting for one in (row.superior_id, row.knocker_id) if one}
    return sorted((one, read.people.name(one)) for one in wanted)


def _tiles(areas: dict[int, Tally], read: _Read) -> list[Tile]:
    found = [Tile(read.place(area_id), tally) for area_id, tally in areas.items()]
    return sorted(found, key=lambda tile: (-tile.tally.silent, tile.name))


class _Read:
    """Names and places for one page, one query for each kind."""

    def __init__(
        self,
        people: list[CallOutPerson],
        aides: list[CallOutAide],
        areas: set[int],
        ring: KeyRing,
    ) -> None:
        wanted: set[int | None] = {aide.person_id for aide in aides}
        for one in people:
            wanted |= {one.person_id, one.superior_id, one.knocker_id, one.behalf_by, one.door_by}
        self.people = People(ring, wanted)
        self._areas = Area.objects.using(MAIN).in_bulk(sorted(areas))
        homes = {one.household_id for one in people if one.household_id is not None}
        self._homes = Party.objects.using(MAIN).in_bulk(sorted(homes)) if homes else {}

    def place(self, area_id: int) -> str:
        return area_name(self._areas.get(area_id))

    def aide(self, one: CallOutAide) -> dict[str, Any]:
        return {
            "id": one.id,
            "name": self.people.name(one.person_id),
            "task": words.TASKS[one.task],
            "calls": one.calls,
            "called_us": one.called_us,
            "confirmed_us": one.confirmed_us,
        }

    def row(self, one: CallOutPerson, now_us: int) -> Row:
        since_us = one.called_us or one.queued_us
        home = self._homes.get(one.household_id) if one.household_id is not None else None
        return Row(
            id=one.id,
            person_id=one.person_id,
            name=self.people.name(one.person_id),
            phone=self.people.phone(one.person_id),
            role=words.role(one.role),
            place=self.place(one.area_id),
            household=(home.code or "") if home is not None else "",
            state=one.state,
            state_word=str(words.STATES[one.state]),
            reason=str(words.REASONS.get(one.reason, one.reason)),
            tries=one.tries,
            wait_s=max(now_us - since_us, 0) // SECOND_US,
            since_us=since_us,
            superior=self.people.name(one.superior_id) if one.superior_id else "",
            knocker=self.people.name(one.knocker_id) if one.knocker_id else "",
            is_overdue=one.is_overdue,
            confirmed_us=one.confirmed_us,
            how=str(words.HOW.get(one.how or "", "")),
            by=self.people.name(one.behalf_by or one.door_by)
            if one.behalf_by or one.door_by
            else "",
            read_back=one.read_back,
            risk=one.risk,
        )
