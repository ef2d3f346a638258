"""Acts on one person of a call-out: confirmed on behalf, read back, sent to the door, knocked."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.act import ForbiddenError, ProofFile, TakenError
from bihuan.loop.callout import entries, rights
from bihuan.loop.callout.models import OPEN, RUNNING, CallOut, CallOutAide, CallOutPerson
from bihuan.loop.callout.who import channels_of
from bihuan.loop.entries import ProofGiven
from bihuan.register.areas.spans import path_now
from bihuan.register.entries import Actor
from bihuan.register.models import Person
from bihuan.register.rights import for_user

MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Door:
    """What was found at the door. photo: already stored; needed where somebody was found."""

    is_found: bool
    text: str = ""
    photo: ProofFile | None = None


class Answers:
    """Acts of officials, and of superiors and knockers for whom fell to them.

    Every call raises ForbiddenError for who has no right, TakenError where somebody was faster.
    """

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def confirm_for(self, callee_id: int, why: str, by: Actor) -> int:
        """Say for a person that the order arrived (代为确认): counted apart, with the reason."""
        with Appender(FACTS_LANE, self._clock) as lane:
            callee = _open(lane, callee_id, by)
            if callee.person_id == by.person_id:
                raise bad("by", "the person itself", "somebody else; who is called confirms alone")
            _check_text("why", why)
            sealed = self._keys.seal(callee.person_id, why.strip())
            said = entries.ConfirmedFor(callee_id=callee_id, why=sealed, by=by)
            return lane.append(said).position

    def read_back(self, callee_id: int, is_right: bool, by: Actor) -> int:
        """Record whether the person said the instruction back rightly."""
        with Appender(FACTS_LANE, self._clock) as lane:
            callee = _theirs(lane, callee_id, by)
            if callee.reached_us is None and callee.confirmed_us is None:
                raise bad("callee", callee_id, "somebody who was reached")
            said = entries.ReadBack(callee_id=callee_id, is_right=is_right, by=by)
            return lane.append(said).position

    def send(self, callee_id: int, knocker_id: int, by: Actor) -> int:
        """Send a named person to the door."""
        channels = channels_of([knocker_id]).get(knocker_id, [])
        with Appender(FACTS_LANE, self._clock) as lane:
            callee = _open(lane, callee_id, by)
            faults = []
            if lane.rows.get(Person, knocker_id) is None or not channels:
                faults.append(Fault("knocker", str(knocker_id), "a person who can be reached"))
            if knocker_id == callee.person_id:
                faults.append(Fault("knocker", "the person itself", "somebody else"))
            if faults:
                raise BadInputError(*faults)
            said = entries.KnockSent(
                callee_id=callee_id, knocker_id=knocker_id, channels=channels, by=by
            )
            return lane.append(said).position

    def knocked(self, callee_id: int, door: Door, by: Actor) -> int:
        """Say what was found at the door: somebody, with a photo, or nobody, with words."""
        with Appender(FACTS_LANE, self._clock) as lane:
            callee = _open(lane, callee_id, by)
            if callee.person_id == by.person_id:
                raise bad("by", "the person itself", "who went to the door")
            if door.is_found and door.photo is None:
                raise bad("photo", "none", "a photo taken at the door")
            if not door.is_found or len(door.text) > MOST_TEXT:
                _check_text("text", door.text)
            said = entries.Knocked(
                callee_id=callee_id,
                is_found=door.is_found,
                proof=self._proof(callee, door.photo),
                text=self._keys.seal(callee.person_id, door.text) if door.text.strip() else None,
                by=by,
            )
            return lane.append(said).position

    def _proof(self, callee: CallOutPerson, photo: ProofFile | None) -> ProofGiven | None:
        if photo is None:
            return None
        return ProofGiven(
            kind="photo",
            digest=photo.digest,
            media_type=photo.media_type,
            taken_us=photo.taken_us,
            place=self._keys.seal(callee.person_id, photo.place) if photo.place else None,
        )


def _check_text(name: str, text: str) -> None:
    if not text.strip() or len(text) > MOST_TEXT:
        raise bad(name, f"{len(text.strip())} characters", f"1 to {MOST_TEXT}")


def _theirs(lane: Appender, callee_id: int, by: Actor) -> CallOutPerson:
    """The person's row, where `by` may answer for it: an official there, or who was asked to."""
    callee = lane.rows.get(CallOutPerson, callee_id)
    if callee is None or by.person_id is None:
        raise ForbiddenError
    path = path_now(lane.rows, callee.area_id)
    if rights.may(for_user(by.person_id, lane.now_us), "act", path):
        return callee
    aides = lane.rows.where(CallOutAide, call_out_id=callee.call_out_id)
    asked = {aide.person_id for aide in aides} & {callee.superior_id, callee.knocker_id}
    if by.person_id not in asked:
        raise ForbiddenError
    return callee


def _open(lane: Appender, callee_id: int, by: Actor) -> CallOutPerson:
    """One that has not answered, of an order that runs."""
    callee = _theirs(lane, callee_id, by)
    call_out = lane.rows.get(CallOut, callee.call_out_id)
    if callee.state not in OPEN:
        raise TakenError(callee.behalf_by or callee.door_by, callee.confirmed_us, callee.state)
    if call_out is None:
        raise ForbiddenError
    if call_out.state not in RUNNING:
        raise TakenError(call_out.ended_by, call_out.ended_us, call_out.state)
    return callee
