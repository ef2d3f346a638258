"""Households 户: who is in one, from-to, and who heads it."""

from __future__ import annotations

from bihuan.base.errors import Fault, bad
from bihuan.base.time import rfc3339
from bihuan.register.areas.checks import refuse
from bihuan.register.keyed import KeyedActs, once
from bihuan.register.models import Person
from bihuan.register.parties import entries
from bihuan.register.parties.models import HouseholdMember, Party


class HouseholdActs(KeyedActs):
    """Writes who lives together. Every call is one transaction and raises every bad field."""

    @once
    def join(self, household_id: int, person_id: int, from_us: int, is_head: bool = False) -> int:
        """A person is in a household from a time on; the membership's id. In one at a time."""
        with self._lane() as lane:
            faults = []
            party = lane.rows.get(Party, household_id)
            if party is None or party.kind != "household":
                faults.append(Fault("household_id", str(household_id), "a household"))
            if lane.rows.get(Person, person_id) is None:
                faults.append(Fault("person_id", str(person_id), "a registered person"))
            for held in lane.rows.where(HouseholdMember, person_id=person_id):
                if held.until_us is None or held.until_us > from_us:
                    want = f"a person who has left household {held.household_id} by then"
                    faults.append(Fault("person_id", str(person_id), want))
            for held in lane.rows.where(HouseholdMember, household_id=household_id):
                if is_head and held.is_head and (held.until_us is None or held.until_us > from_us):
                    faults.append(Fault("is_head", "a second head", "one head at a time"))
            refuse(faults)
            said = entries.HouseholdJoined(
                household_id=household_id,
                person_id=person_id,
                is_head=is_head,
                from_us=from_us,
                by=self._by,
            )
            return lane.append(said).id()

    @once
    def leave(self, member_id: int, until_us: int) -> None:
        """A membership ends, by the id that `join` gave."""
        with self._lane() as lane:
            held = lane.rows.get(HouseholdMember, member_id)
            if held is None or held.until_us is not None:
                raise bad("member_id", member_id, "a membership that goes on")
            if until_us <= held.from_us:
                raise bad("until_us", rfc3339(until_us), f"later than {rfc3339(held.from_us)}")
            lane.append(entries.HouseholdLeft(member_id=member_id, until_us=until_us, by=self._by))

    @once
    def head(self, household_id: int, person_id: int, at_us: int) -> None:
        """Another member heads the household from a time on."""
        with self._lane() as lane:
            members = lane.rows.where(HouseholdMember, household_id=household_id)
            open_ones = [held for held in members if held.until_us is None]
            faults = []
            if all(held.person_id != person_id or held.is_head for held in open_ones):
                faults.append(Fault("person_id", str(person_id), "a member who is not the head"))
            concerned = [h for h in open_ones if h.is_head or h.person_id == person_id]
            last_us = max((held.from_us for held in concerned), default=at_us)
            if not last_us <= at_us <= lane.now_us:
                want = f"{rfc3339(last_us)} to {rfc3339(lane.now_us)}"
                faults.append(Fault("at_us", rfc3339(at_us), want))
            refuse(faults)
            lane.append(
                entries.HouseholdHeaded(
                    household_id=household_id, person_id=person_id, at_us=at_us, by=self._by
                )
            )
