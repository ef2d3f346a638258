"""What the journal says of an erasure: the entry type, and who is covered by it."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import Payload, decode, entry_type
from bihuan.journal.storage import alias_of
from bihuan.journal.stored import database_entries


@entry_type("person.erased.v1")
class PersonErased(Payload, frozen=True, kw_only=True):
    """A person's key is destroyed, and the readings of these (lane, slot) are overwritten."""

    person_id: int
    series: tuple[tuple[int, int], ...]


ERASED_TYPE = "person.erased.v1"


def erasures() -> list[tuple[int, PersonErased]]:
    """(position, what it says) of every erasure in lane 0, read past the other entries."""
    found = []
    for position in _erasure_positions():
        for row in database_entries(FACTS_LANE, position - 1, position):
            payload = decode(row.type, row.body or b"")
            if not isinstance(payload, PersonErased):
                raise bad(f"entry {position}", row.type, "an erasure")
            found.append((position, payload))
    return found


def _erasure_positions() -> list[int]:
    entries = Entry.objects.using(alias_of(FACTS_LANE)).filter(lane=FACTS_LANE, type=ERASED_TYPE)
    return list(entries.order_by("position").values_list("position", flat=True))
