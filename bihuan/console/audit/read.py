"""What the audit administrator reads. Entries are named by type, position, time and actor only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Sum

from bihuan.base.time import Clock
from bihuan.console import words
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.journal.models import VIEWS_LANE, Entry, Head
from bihuan.journal.payloads import Payload, decode
from bihuan.journal.storage import alias_of
from bihuan.journal.verify import verify
from bihuan.loop.cases.sealed import NOBODY, hidden_of, is_hidden
from bihuan.register.entries import Actor

PER_PAGE = 50
MOST_WALKED = 300_000  # entries; a longer journal is walked by `bihuan journal verify`
RESULT = "verified.json"


class Line(NamedTuple):
    """One entry as an auditor sees it: no text of it, but whose act it was."""

    lane: int
    position: int
    type: str
    at_us: int
    who: str
    role: str
    via: str
    what: str


class Erased(NamedTuple):
    """One erased person: the number that is left, and when (µs)."""

    person_id: int
    at_us: int


def tail(lane: int, before: int | None) -> tuple[list[Line], int | None]:
    """Entries of a lane, the newest first; and the position before which older ones lie."""
    found = Entry.objects.using(alias_of(lane)).filter(lane=lane)
    if before is not None:
        found = found.filter(position__lt=before)
    rows = list(found.order_by("-position")[: PER_PAGE + 1])
    lines = _lines(rows[:PER_PAGE])
    return lines, rows[PER_PAGE - 1].position if len(rows) > PER_PAGE else None


def views(before: int | None) -> tuple[list[Line], int | None]:
    """Who looked at whom, the newest first."""
    return tail(VIEWS_LANE, before)


def erasures() -> list[Erased]:
    """Everybody whose key was destroyed, the newest first."""
    found = keys().erased().items()
    return sorted((Erased(who, at) for who, at in found), key=lambda one: -one.at_us)


def check_chain(clock: Clock) -> dict[str, Any]:
    """Walk every lane now, and keep the result with its time where the page finds it again."""
    total = Head.objects.aggregate(total=Sum("position"))["total"] or 0
    if total > MOST_WALKED:
        return {"too_long": True, "entries": total}
    results = list(verify())
    broken = [str(result.broken) for result in results if result.broken is not None]
    said = {
        "at_us": clock.now_us(),
        "entries": sum(result.entries for result in results),
        "lanes": len(results),
        "broken": broken,
    }
    path = settings.BIHUAN_DATA / "run" / RESULT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said))
    return said


def last_check() -> dict[str, Any] | None:
    """What the last walk found, and when; None where nobody has walked yet."""
    path = settings.BIHUAN_DATA / "run" / RESULT
    if not path.exists():
        return None
    said: dict[str, Any] = json.loads(path.read_text())
    return said


def _lines(rows: Sequence[Entry]) -> list[Line]:
    said = [_payload(row) for row in rows]
    people = People(keys(), {who for one in said if (who := _who(one)) is not None})
    hidden = sealed_behind(said)
    return [
        _line(row, one, people, their) for row, one, their in zip(rows, said, hidden, strict=True)
    ]


def sealed_behind(said: Sequence[Payload | None]) -> list[frozenset[int]]:
    """For each entry, under which ids nobody may learn who reported its sealed case."""
    cases = [getattr(one, "case_id", None) for one in said]
    known = hidden_of({case for case in cases if isinstance(case, int)})
    return [known.get(case, NOBODY) if isinstance(case, int) else NOBODY for case in cases]


def _payload(row: Entry) -> Payload | None:
    """None for what is erased, and for batches of readings, which nobody does."""
    if row.body is None or row.type.startswith("readings."):
        return None
    return decode(row.type, bytes(row.body))


def _who(said: Payload | None) -> int | None:
    by = getattr(said, "by", None)
    if isinstance(by, Actor):
        return by.person_id
    return by if isinstance(by, int) else None


def _line(row: Entry, said: Payload | None, people: People, hidden: frozenset[int]) -> Line:
    by = getattr(said, "by", None)
    who, role = _who(said), by.role if isinstance(by, Actor) else ""
    name = people.name(who) if who is not None else ""
    return Line(
        lane=row.lane,
        position=row.position,
        type=row.type,
        at_us=row.recorded_us,
        who=str(words.SEALED) if is_hidden(hidden, who, role) else name,
        role=role,
        via=by.via if isinstance(by, Actor) else str(getattr(said, "purpose", "")),
        what=_what(said, hidden),
    )


def _what(said: Payload | None, hidden: frozenset[int]) -> str:
    """The numbers of what it is about: an auditor sees which, never who that is."""
    found = []
    for name in ("case_id", "subject_id", "person_id", "row_id", "area_id", "device_id"):
        value = getattr(said, name, None)
        if isinstance(value, int) and not (name == "person_id" and value in hidden):
            found.append(f"{name[:-3]} {value}")
    return ", ".join(found)
