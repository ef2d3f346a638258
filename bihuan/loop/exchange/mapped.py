"""A platform's order in our words: pure, from its fields and the mapping; every fault is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.base.time import CHINA, us_of
from bihuan.loop.exchange.entries import Mapping

MOST_NUMBER, MOST_TEXT = 64, 4000


@dataclass(frozen=True, slots=True)
class Mapped:
    """An order of another platform. area: their name or code, ours where the mapping knows it."""

    number: str
    scenario: str
    kind: str
    area: str
    text: str
    contact: str
    due_us: int | None
    digest: str


def mapped(order: Fields[str, Any], mapping: Mapping) -> Mapped:
    """The order in our words. Raises BadInputError that names their fields."""
    faults: list[Fault] = []
    number = _text(order, mapping.number, MOST_NUMBER, faults)
    text = _text(order, mapping.text, MOST_TEXT, faults)
    area = _text(order, mapping.area, 128, faults)
    theirs = _text(order, mapping.kind, 128, faults)
    ours = mapping.kinds.get(theirs) or mapping.kinds.get("*", "")
    if theirs and not ours:
        want = " or ".join(sorted(mapping.kinds))
        faults.append(Fault(mapping.kind, shown(theirs, 64), want))
    due_us = _time(order, mapping, faults)
    contact = str(_value(order, mapping.contact) or "")[:200] if mapping.contact else ""
    if faults:
        raise BadInputError(*faults)
    scenario, _, kind = ours.partition(".")
    area = mapping.areas.get(area, area)
    return Mapped(number, scenario, kind, area, text, contact, due_us, digest_of(order))


def digest_of(order: Fields[str, Any]) -> str:
    """SHA-256 of an order's fields, in hex; the order of the fields does not matter."""
    canonical = json.dumps(order, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _value(order: Fields[str, Any], name: str) -> Any:
    found: Any = order
    if name in order:
        return order[name]
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(order: Fields[str, Any], name: str, most: int, faults: list[Fault]) -> str:
    value = _value(order, name)
    text = "" if value is None else str(value).strip()
    if not text or len(text) > most:
        got = shown(text, 40) if text else "nothing"
        faults.append(Fault(name, got, f"1 to {most} characters"))
    return text


def _time(order: Fields[str, Any], mapping: Mapping, faults: list[Fault]) -> int | None:
    text = str(_value(order, mapping.due) or "").strip() if mapping.due else ""
    if not text:
        return None
    try:
        at = datetime.strptime(text, mapping.time)  # noqa: DTZ007 - a zone is added where it names none
    except ValueError:
        faults.append(Fault(mapping.due, shown(text, 40), f"a time as {mapping.time}"))
        return None
    return us_of(at if at.tzinfo is not None else at.replace(tzinfo=CHINA))


def their_state(mapping: Mapping, state: str, outcome: str | None) -> str:
    """What our state is called there; ours where the mapping has no word for it."""
    for ours in (f"{state}.{outcome}", state, "*"):
        if ours in mapping.states:
            return mapping.states[ours]
    return state


def their_kind(mapping: Mapping, scenario: str, kind: str) -> str:
    """What they call our kind: the first of their classes that becomes it; else our own name."""
    ours = f"{scenario}.{kind}"
    found = [theirs for theirs, becomes in mapping.kinds.items() if becomes == ours]
    return next((theirs for theirs in found if theirs != "*"), ours)


def their_area(mapping: Mapping, code: str) -> str:
    """What they call an area of ours; its code where the mapping has no word for it."""
    return next((theirs for theirs, ours in mapping.areas.items() if ours == code), code)
