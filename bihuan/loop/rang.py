"""When a person's voice number last rang: the proof that a place on a night roster asks for."""

from __future__ import annotations

from django.db.models import Max

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Delivery, DeliveryFact

VOICE = "voice"
RANG = ("delivered", "answered", "heard", "confirmed", "no_answer", "declined")


def last_rang(_rows: Rows, person_id: int) -> int | None:
    """µs of the newest proof that the number rang, None = never. Accepted is no ringing."""
    calls = Delivery.objects.using(MAIN).filter(person_id=person_id, channel=VOICE)
    facts = DeliveryFact.objects.using(MAIN).filter(delivery_id__in=calls.values("id"))
    return facts.filter(fact__in=RANG).aggregate(last=Max("at_us"))["last"]  # type: ignore[no-any-return]
