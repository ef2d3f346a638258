"""What a withdrawn consent stops: readings are no longer kept, relatives no longer see.

Stopped means that a consent stood and none stands now: withdrawn, or over. Where nobody has
written one down yet, the county's paper may hold it: that is told on the subject's page and is
not stopped here. A call for help is never stopped (`RESCUE`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.consents.models import Consent

# what the channels of a device tell about a person, by the purpose that they are kept for
VITALS: Final = frozenset(
    ("heart_rate", "systolic", "diastolic", "spo2", "temperature", "steps", "turnovers")
)


def purpose_of(channel: str) -> str | None:
    """The purpose that a channel's readings are kept for; None where it tells nothing personal."""
    if channel in VITALS:
        return "vitals"
    is_place = channel in ("lat", "lon", "position") or channel.startswith(("lat_", "lon_", "fix_"))
    return "position" if is_place else None


def stopped(person_ids: Iterable[int], at_us: int) -> dict[int, frozenset[str]]:
    """Person → purposes that are stopped for them at a time; who has none is left out."""
    return _stopped(Consent.objects.using(MAIN).filter(person_id__in=list(person_ids)), at_us)


def stopped_of(rows: Rows, person_id: int | None, at_us: int) -> frozenset[str]:
    """The purposes that are stopped for one person, read past the rows of a transaction."""
    if person_id is None:
        return frozenset()
    return _stopped(rows.where(Consent, person_id=person_id), at_us).get(person_id, frozenset())


def _stopped(found: Iterable[Consent], at_us: int) -> dict[int, frozenset[str]]:
    stood: dict[tuple[int, str], bool] = {}
    for consent in found:
        if consent.from_us > at_us:
            continue
        key = (consent.person_id, consent.purpose)
        stood[key] = stood.get(key, False) or stands(consent, at_us)
    by_person: dict[int, set[str]] = {}
    for (person_id, purpose), does_stand in stood.items():
        if not does_stand:
            by_person.setdefault(person_id, set()).add(purpose)
    return {person_id: frozenset(purposes) for person_id, purposes in by_person.items()}


def stands(consent: Consent, at_us: int) -> bool:
    """Whether a consent holds at a time."""
    is_over = consent.until_us is not None and consent.until_us <= at_us
    is_withdrawn = consent.withdrawn_us is not None and consent.withdrawn_us <= at_us
    return consent.from_us <= at_us and not is_over and not is_withdrawn


def hidden_from(viewer_id: int, person_ids: Iterable[int], at_us: int) -> set[int]:
    """Persons who let this relative see their data once, and do so no more."""
    part, stood = str(viewer_id), dict[int, bool]()
    found = Consent.objects.using(MAIN).filter(
        person_id__in=list(person_ids), purpose="family_view", from_us__lte=at_us
    )
    for consent in found:
        scope = msgspec.json.decode(consent.scope, type=list[str])
        if not scope or part in scope:
            stood[consent.person_id] = stood.get(consent.person_id, False) or stands(consent, at_us)
    return {person_id for person_id, does_stand in stood.items() if not does_stand}
