"""Which devices of a turn are adopted, asked with one query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import connections

from bihuan.journal.storage import MAIN

_AT_ONCE: Final = 500


class Adopted(NamedTuple):
    """A device of the register. subject_id, binding_id None: nobody wears it."""

    id: int
    subject_id: int | None
    binding_id: int | None


def adopted(numbers: Iterable[str | None]) -> dict[tuple[str, str | None], Adopted]:
    """The adopted devices with these numbers, by protocol and number."""
    wanted = list(dict.fromkeys(number for number in numbers if number is not None))
    found: dict[tuple[str, str | None], Adopted] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        asked = wanted[start : start + _AT_ONCE]
        marks = ", ".join(["%s"] * len(asked))
        sql = (
            "SELECT protocol, number, id, subject_id, binding_id FROM register_device"  # noqa: S608 - only marks are joined
            f" WHERE number IN ({marks})"
        )
        with connections[MAIN].cursor() as cursor:
            cursor.execute(sql, asked)
            for protocol, number, *device in cursor.fetchall():
                found[protocol, number] = Adopted(*device)
    return found


def key_of(subject_id: int | None) -> int | None:
    """Whose key seals what is said of a subject: its person's, of a thing its own; None: nobody."""
    if subject_id is None:
        return None
    with connections[MAIN].cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(person_id, id) FROM register_subject WHERE id = %s", (subject_id,)
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])
