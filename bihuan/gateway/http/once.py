"""Nothing twice: a delivery with a key is stored once, and a key stands for one body."""

from __future__ import annotations

from django.db import connections

from bihuan.base.errors import Fault
from bihuan.gateway.http.request import RefusedError
from bihuan.journal.storage import alias_of

_WHO_BYTES = 16


def refuse_other_body(lanes: range, idem: bytes, since_us: int) -> None:
    """Raise 409 where a key stands for another body since then.

    lanes  of one database; idem is 16 bytes of who and key, then 16 of the body (`Request.idem`)
    """
    who = idem[:_WHO_BYTES]
    above = (int.from_bytes(who, "big") + 1).to_bytes(_WHO_BYTES + 1, "big")[1:]
    marks = ", ".join(["%s"] * len(lanes))
    sql = (
        "SELECT 1 FROM journal_entry WHERE idem IS NOT NULL"  # noqa: S608 - only marks are joined
        f" AND lane IN ({marks}) AND idem >= %s AND idem < %s AND idem <> %s"
        " AND recorded_us >= %s LIMIT 1"
    )
    with connections[alias_of(lanes[0])].cursor() as cursor:
        cursor.execute(sql, (*lanes, who, above, idem, since_us))
        if cursor.fetchone() is not None:
            raise RefusedError(
                409, Fault("Idempotency-Key", "another body", "the body it came with")
            )
