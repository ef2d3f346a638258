"""Which party an id stands for, and how it was."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.parties.models import HouseholdMember, Party


def resolved(rows: Rows, party_id: int) -> int:
    """The party that an id stands for now: itself, or the one that it was merged into."""
    party = rows.get(Party, party_id)
    if party is None:
        raise bad("party_id", party_id, "a registered party")
    return party_id if party.survivor_id is None else int(party.survivor_id)


def aliases(party_id: int) -> list[int]:
    """Every id under which a party is known, the surviving one first; for queries: `id__in`."""
    survivor = resolved(Rows(MAIN), party_id)
    merged = Party.objects.using(MAIN).filter(survivor_id=survivor).order_by("id")
    return [survivor, *merged.values_list("id", flat=True)]


def household_at(rows: Rows, household_id: int, at_us: int) -> list[HouseholdMember]:
    """Who was in a household at a time, the head first."""
    found = [
        held
        for held in rows.where(HouseholdMember, household_id=household_id)
        if held.from_us <= at_us and (held.until_us is None or at_us < held.until_us)
    ]
    return sorted(found, key=lambda held: (not held.is_head, held.id))


def household_of(rows: Rows, person_id: int, at_us: int) -> int | None:
    """The household in which a person was at a time."""
    for held in rows.where(HouseholdMember, person_id=person_id):
        if held.from_us <= at_us and (held.until_us is None or at_us < held.until_us):
            return int(held.household_id)
    return None
