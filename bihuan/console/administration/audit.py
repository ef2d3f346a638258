"""What the audit administrator reads: the newest entries, who looked at whom, and the chain."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from bihuan.console import words
from bihuan.console.audit.read import sealed_behind
from bihuan.console.entries import CaseViewed
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Head
from bihuan.journal.payloads import name_of
from bihuan.journal.read import tail
from bihuan.journal.verify import verify
from bihuan.loop.cases.sealed import is_hidden
from bihuan.register.entries import Actor

NEWEST = 200
MOST_WALKED = 300_000  # entries; a longer journal is walked by `bihuan journal verify`


def newest_facts() -> list[dict[str, Any]]:
    """The newest entries of lane 0, newest first: what, when, and who did it in which role."""
    entries = list(reversed(tail(FACTS_LANE, NEWEST)))
    actors = [getattr(entry.payload, "by", None) for entry in entries]
    known = [by if isinstance(by, Actor) else None for by in actors]
    people = People(keys(), [by.person_id for by in known if by is not None])
    hidden = sealed_behind([entry.payload for entry in entries])
    return [
        {
            "position": entry.position,
            "type": name_of(type(entry.payload)),
            "at_us": entry.recorded_us,
            "who": _name(people, by.person_id, by.role, their) if by and by.person_id else "",
            "role": by.role if by else "",
        }
        for entry, by, their in zip(entries, known, hidden, strict=True)
    ]


def newest_views() -> list[dict[str, Any]]:
    """Who opened which case, and why, newest first."""
    entries = list(reversed(tail(VIEWS_LANE, NEWEST)))
    seen = [(entry, entry.payload) for entry in entries if isinstance(entry.payload, CaseViewed)]
    people = People(keys(), [said.by for _entry, said in seen])
    hidden = sealed_behind([said for _entry, said in seen])
    return [
        {
            "at_us": entry.recorded_us,
            "who": _name(people, said.by, "", their),
            "case": said.case_id,
            "purpose": said.purpose,
        }
        for (entry, said), their in zip(seen, hidden, strict=True)
    ]


def _name(people: People, person_id: int, role: str, hidden: frozenset[int]) -> str:
    """A name; of who reported a sealed case no auditor learns it either."""
    return str(words.SEALED) if is_hidden(hidden, person_id, role) else people.name(person_id)


def chain() -> dict[str, Any]:
    """Whether every lane is as it was written; `too_long` where a page would wait too long."""
    total = Head.objects.aggregate(total=Sum("position"))["total"] or 0
    if total > MOST_WALKED:
        return {"too_long": True, "entries": total}
    results = list(verify())
    broken = [result.broken for result in results if result.broken is not None]
    return {"entries": sum(result.entries for result in results), "broken": broken}
