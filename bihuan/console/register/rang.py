"""When a person's number last rang, as the facts of calls have it."""

from __future__ import annotations

from django.db.models import Max

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Delivery, DeliveryFact

VOICE = ("voice", "screen")  # the screen's telephone is the demo's and the drill's
RANG = ("delivered", "answered", "heard", "confirmed", "no_answer", "declined")


def last_rang(_rows: Rows, person_id: int) -> int | None:
    """µs of the last call that rang at the person's phone; None = never."""
    calls = Delivery.objects.using(MAIN).filter(person_id=person_id, channel__in=VOICE)
    facts = DeliveryFact.objects.using(MAIN).filter(
        delivery_id__in=calls.values("id"), fact__in=RANG
    )
    found: int | None = facts.aggregate(last=Max("at_us"))["last"]
    return found
