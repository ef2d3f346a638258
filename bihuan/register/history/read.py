"""Reading history: who changed what, and how a thing was on any date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import Max

from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection
from bihuan.register.entries import Actor
from bihuan.register.history.book import noun_of
from bihuan.register.history.models import Change


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of a thing's history. field "": it was registered.

    before, after  values as the table holds them; sealed texts stay sealed bytes
    """

    position: int
    recorded_us: int
    effective_us: int
    by: Actor | None
    field: str
    before: Any
    after: Any


def history_of(model: type[Projection], key: int) -> list[Changed]:
    """Everything that was said about one thing, in the order in which it was recorded."""
    found = Change.objects.using(MAIN).filter(noun=noun_of(model), noun_id=key).order_by("id")
    return [_changed(line) for line in found]


def changed_by(person_id: int, from_us: int, until_us: int) -> list[tuple[str, int, Changed]]:
    """(noun, id, line) of everything that one person changed, by recorded time."""
    lines = Change.objects.using(MAIN).filter(
        by_id=person_id, recorded_us__gte=from_us, recorded_us__lt=until_us
    )
    return [(line.noun, line.noun_id, _changed(line)) for line in lines.order_by("id")]


def as_it_was(model: type[Projection], key: int, at_us: int) -> dict[str, Any] | None:
    """The columns of a thing as they held at a time; None before it began, or where it never was.

    It begins when it took effect: a post registered today from last May on was held in May. What
    was said later with an effective date before `at_us` counts: this is how it was, as known now.
    """
    row = model.objects.using(MAIN).filter(pk=key).first()
    if row is None:
        return None
    left_out = getattr(model, "derived", ())  # made of other things' changes: an area's path
    names = [f.attname for f in model._meta.concrete_fields if f.attname not in left_out]
    found = {name: _plain(row, name) for name in names}
    lines = Change.objects.using(MAIN).filter(noun=noun_of(model), noun_id=key)
    for line in lines.filter(effective_us__gt=at_us).order_by("-effective_us", "-id"):
        if not line.field:
            return None
        if line.field in found:
            found[line.field] = _value(line, line.before)
    return found


def last_change_us(model: type[Projection], key: int) -> int:
    """From when on the newest change of a thing holds; 0 where there was none."""
    lines = Change.objects.using(MAIN).filter(noun=noun_of(model), noun_id=key)
    newest: int | None = lines.aggregate(newest=Max("effective_us"))["newest"]
    return newest or 0


def _changed(line: Change) -> Changed:
    by = Actor(person_id=line.by_id, role=line.role, via=line.via) if line.via else None
    return Changed(
        position=line.position,
        recorded_us=line.recorded_us,
        effective_us=line.effective_us,
        by=by,
        field=line.field,
        before=_value(line, line.before),
        after=_value(line, line.after),
    )


def _value(line: Change, kept: bytes | memoryview | None) -> Any:
    if kept is None:
        return None
    return bytes(kept) if line.is_sealed else msgspec.json.decode(bytes(kept))


def _plain(row: Projection, name: str) -> Any:
    value = getattr(row, name)
    return bytes(value) if isinstance(value, memoryview) else value
