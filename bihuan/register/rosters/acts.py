"""Making and changing rosters: checked calls that become entries, each one transaction.

A place on a waking (night) roster needs a voice number that rang within the last 30 days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import DAY_US, Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.journal.rows import Rows
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Person
from bihuan.register.rosters import entries
from bihuan.register.rosters.models import Roster, RosterOverride, RosterPattern, Swap
from bihuan.register.rosters.on_duty import shifts
from bihuan.register.rosters.pattern import Pattern, checked

RANG_WITHIN_US = 30 * DAY_US
LastRang = Callable[[Rows, int], int | None]


class RosterTakenError(Exception):
    """Somebody else answered the swap first (409): the state it is in now."""


class NotAskedError(Exception):
    """The person may not answer this swap (403)."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Who has a shift for a time (µs) instead of the pattern's people, and why."""

    shift: str
    from_us: int
    until_us: int
    people: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class NewRoster:
    """A roster with the pattern that it follows from from_us on (µs)."""

    title: str
    role: str
    area_id: int
    is_waking: bool
    pattern: Pattern
    from_us: int


class Rosters:
    """Writes rosters. last_rang says when a person's voice number last rang (µs), None = never."""

    def __init__(self, clock: Clock, last_rang: LastRang) -> None:
        self._clock, self._last_rang = clock, last_rang

    def make(
        self, title: str, role: str, area_id: int, *, is_waking: bool, by: Actor | None = None
    ) -> int:
        """A roster for one duty of one area; its id."""
        if not title.strip() or len(title) > 64:
            raise bad("title", title or "nothing", "1 to 64 characters")
        with Appender(FACTS_LANE, self._clock) as lane:
            if lane.rows.get(Area, area_id) is None:
                raise bad("area_id", area_id, "a registered area")
            said = entries.RosterMade(
                title=title, role=role, area_id=area_id, is_waking=is_waking, by=by
            )
            return lane.append(said).id()

    def make_following(self, new: NewRoster, by: Actor | None = None) -> int:
        """A roster and its first pattern, both or neither; its id."""
        checked(new.pattern)
        if not new.title.strip() or len(new.title) > 64:
            raise bad("title", new.title or "nothing", "1 to 64 characters")
        with Appender(FACTS_LANE, self._clock) as lane:
            if lane.rows.get(Area, new.area_id) is None:
                raise bad("area_id", new.area_id, "a registered area")
            made = lane.append(
                entries.RosterMade(
                    title=new.title,
                    role=new.role,
                    area_id=new.area_id,
                    is_waking=new.is_waking,
                    by=by,
                )
            ).id()
            people = {p for crew in new.pattern.crews for p in crew}
            self._check_people(lane, self._open(lane, made), people)
            said = entries.RosterPatterned(
                roster_id=made, pattern=new.pattern, from_us=new.from_us, by=by
            )
            lane.append(said)
            return made

    def follow(
        self, roster_id: int, pattern: Pattern, from_us: int, by: Actor | None = None
    ) -> int:
        """From from_us on the roster follows this pattern. Its past cannot be rewritten."""
        checked(pattern)
        with Appender(FACTS_LANE, self._clock) as lane:
            roster = self._open(lane, roster_id)
            had_one = bool(lane.rows.where(RosterPattern, roster_id=roster_id))
            if had_one and from_us < lane.now_us:
                raise bad("from_us", rfc3339(from_us), f"from {rfc3339(lane.now_us)} on")
            people = {p for crew in pattern.crews for p in crew}
            self._check_people(lane, roster, people)
            return _append(
                lane,
                entries.RosterPatterned(
                    roster_id=roster_id, pattern=pattern, from_us=from_us, by=by
                ),
            )

    def override(
        self,
        roster_id: int,
        cover: Cover,
        by: Actor | None = None,
        why: entries.Why = "override",
    ) -> int:
        """Give a shift to other people for a time, or with no people: say that nobody has it."""
        with Appender(FACTS_LANE, self._clock) as lane:
            roster = self._open(lane, roster_id)
            self._check_cover(lane, cover)
            self._check_people(lane, roster, cover.people)
            return _append(lane, _overridden(roster_id, cover, why, by))

    def override_all(
        self, roster_id: int, covers: Iterable[Cover], by: Actor | None, why: entries.Why
    ) -> int:
        """Several exceptions at once, all or none; how many were new: a rerun adds nothing.

        Raises BadInputError with what is wrong with each of them.
        """
        faults: list[Fault] = []
        with Appender(FACTS_LANE, self._clock) as lane:
            roster = self._open(lane, roster_id)
            held = _last(lane.rows.where(RosterOverride, roster_id=roster_id), why)
            new = [
                one
                for one in dict.fromkeys(covers)
                if held.get((one.shift, one.from_us, one.until_us)) != one.people
            ]
            for cover in new:
                try:
                    self._check_cover(lane, cover)
                    self._check_people(lane, roster, cover.people)
                except BadInputError as error:
                    faults += error.faults
            if faults:
                raise BadInputError(*dict.fromkeys(faults))
            for cover in new:
                lane.append(_overridden(roster_id, cover, why, by))
            return len(new)

    def ask_swap(
        self, roster_id: int, at_us: int, giver_id: int, taker_id: int, by: Actor | None = None
    ) -> int:
        """Ask another one to take the shift that the giver has at a moment; the swap's id."""
        with Appender(FACTS_LANE, self._clock) as lane:
            roster = self._open(lane, roster_id)
            self._check_people(lane, roster, (taker_id,))
            for slot in shifts(lane.rows, roster, (at_us, at_us + 1)):
                if giver_id in slot.people and taker_id not in slot.people:
                    return _append(
                        lane,
                        entries.SwapAsked(
                            roster_id=roster_id,
                            shift=slot.shift,
                            from_us=max(slot.from_us, lane.now_us),
                            until_us=slot.until_us,
                            giver_id=giver_id,
                            taker_id=taker_id,
                            by=by,
                        ),
                    )
            raise bad("giver_id", giver_id, f"somebody on duty alone at {rfc3339(at_us)}")

    def answer_swap(self, swap_id: int, person_id: int, *, is_accepted: bool) -> int:
        """The one who was asked says yes or no.

        Raises NotAskedError for anybody else, RosterTakenError where it was answered before.
        """
        with Appender(FACTS_LANE, self._clock) as lane:
            swap = lane.rows.get(Swap, swap_id)
            if swap is None or swap.taker_id != person_id:
                raise NotAskedError
            if swap.state != "asked":
                raise RosterTakenError(swap.state)
            by = Actor(person_id=person_id, role="", via="page")
            position = _append(
                lane, entries.SwapAnswered(swap_id=swap_id, is_accepted=is_accepted, by=by)
            )
            if is_accepted:
                self._swap(lane, swap, by)
            return position

    def close(self, roster_id: int, from_us: int, reason: str, by: Actor | None = None) -> int:
        """From from_us on the roster no longer holds."""
        if not reason.strip():
            raise bad("reason", "nothing", "why the roster ends")
        with Appender(FACTS_LANE, self._clock) as lane:
            self._open(lane, roster_id)
            return _append(
                lane,
                entries.RosterClosed(
                    roster_id=roster_id, from_us=max(from_us, lane.now_us), reason=reason, by=by
                ),
            )

    def _swap(self, lane: Appender, swap: Swap, by: Actor) -> None:
        roster = self._open(lane, swap.roster_id)
        self._check_people(lane, roster, (swap.taker_id,))
        for slot in shifts(lane.rows, roster, (swap.from_us, swap.until_us)):
            if slot.shift != swap.shift or swap.giver_id not in slot.people:
                continue
            people = [swap.taker_id if p == swap.giver_id else p for p in slot.people]
            # what was asked and answered late does not rewrite who had the hours before
            begins_us = max(slot.from_us, swap.from_us, lane.now_us)
            if begins_us >= slot.until_us:
                break
            cover = Cover(slot.shift, begins_us, slot.until_us, tuple(people), "swap")
            _append(lane, _overridden(roster.id, cover, "swap", by))
            return
        raise RosterTakenError("the shift is no longer the giver's")

    def _open(self, lane: Appender, roster_id: int) -> Roster:
        roster = lane.rows.get(Roster, roster_id)
        if roster is None or (roster.closed_us is not None and roster.closed_us <= lane.now_us):
            raise bad("roster_id", roster_id, "a roster that holds")
        return roster

    def _check_cover(self, lane: Appender, cover: Cover) -> None:
        faults = []
        if cover.until_us <= cover.from_us:
            faults.append(
                Fault("until", rfc3339(cover.until_us), f"after {rfc3339(cover.from_us)}")
            )
        if cover.until_us <= lane.now_us:
            faults.append(Fault("until", rfc3339(cover.until_us), "a time that is still to come"))
        if not cover.reason.strip() or len(cover.reason) > 200:
            faults.append(Fault("reason", cover.reason or "nothing", "1 to 200 characters"))
        if not cover.shift.strip() or len(cover.shift) > 32:
            faults.append(Fault("shift", cover.shift or "nothing", "1 to 32 characters"))
        if faults:
            raise BadInputError(*faults)

    def _check_people(self, lane: Appender, roster: Roster, people: Iterable[int]) -> None:
        faults = []
        for person_id in sorted(set(people)):
            person = lane.rows.get(Person, person_id)
            if person is None:
                faults.append(Fault("person_id", str(person_id), "a registered person"))
            elif person.died_us is not None:
                faults.append(Fault("person_id", str(person_id), "who lives"))
            elif roster.is_waking:
                rang_us = self._last_rang(lane.rows, person_id)
                if rang_us is None or lane.now_us - rang_us > RANG_WITHIN_US:
                    got = "never rang" if rang_us is None else f"last rang {rfc3339(rang_us)}"
                    want = "a voice number that rang within 30 days"
                    faults.append(Fault(f"person {person_id}", got, want))
        if faults:
            raise BadInputError(*faults)


def people_of(override_people: str) -> tuple[int, ...]:
    """Person ids of an override's row."""
    return tuple(json.loads(override_people))


def _last(held: Iterable[RosterOverride], why: str) -> dict[tuple[str, int, int], tuple[int, ...]]:
    """Who was last said to have a shift for an interval, of the exceptions made for one reason."""
    made = sorted((one for one in held if one.why == why), key=lambda one: one.id)
    return {(one.shift, one.from_us, one.until_us): people_of(one.people) for one in made}


def _overridden(
    roster_id: int, cover: Cover, why: entries.Why, by: Actor | None
) -> entries.RosterOverridden:
    return entries.RosterOverridden(
        roster_id=roster_id,
        shift=cover.shift,
        from_us=cover.from_us,
        until_us=cover.until_us,
        people=list(cover.people),
        reason=cover.reason,
        why=why,
        by=by,
    )


def _append(lane: Appender, payload: Payload) -> int:
    return lane.append(payload).id()
