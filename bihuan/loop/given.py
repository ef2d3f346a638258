"""What was typed into an act's fields, checked: every bad field is named at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import us_of
from bihuan.loop.playbook import MOST_TEXT, Field
from bihuan.loop.states import CLOCKS
from bihuan.loop.units.entries import Target

MOST_DAYS = 366
_PERSON = re.compile(r"person:([0-9]{1,18})")
_ROLE = re.compile(r"role:([a-z_]{1,32})@([0-9]{1,18})")
_UNIT = re.compile(r"unit:([0-9]{1,18})")
MOST_TARGETS = 50


def read(asked: Iterable[Field], typed: Mapping[str, str], faults: list[Fault]) -> dict[str, Any]:
    """What each field says; faults found are added to `faults`. Unknown fields are refused."""
    known = {field.name: field for field in asked}
    for name in sorted(set(typed) - set(known)):
        faults.append(Fault(name, "a field", " or ".join(sorted(known)) or "none"))
    found: dict[str, Any] = {}
    for name, field in known.items():
        text = typed.get(name, "").strip()
        if not text:
            if field.is_required:
                faults.append(Fault(name, "nothing", _wanted(field)))
            continue
        try:
            found[name] = _one_of(field, text) if field.options else _READ[field.kind](text)
        except ValueError:
            faults.append(Fault(name, text[:120], _wanted(field)))
    return found


def _one_of(field: Field, text: str) -> str:
    if text not in (value for value, _words in field.options):
        raise ValueError(text)
    return text


def _wanted(field: Field) -> str:
    return " or ".join(option[0] for option in field.options) or _WANTS[field.kind]


def check(faults: list[Fault]) -> None:
    """Raise what was found, all of it."""
    if faults:
        raise BadInputError(*faults)


def target_of(text: str) -> Target:
    """`person:5`, `role:town_duty@7` or `unit:9`. Raises ValueError."""
    if match := _PERSON.fullmatch(text):
        return Target(person_id=int(match[1]))
    if match := _ROLE.fullmatch(text):
        return Target(role=match[1], area_id=int(match[2]))
    if match := _UNIT.fullmatch(text):
        return Target(organisation_id=int(match[1]))
    raise ValueError(text)


def _targets(text: str) -> list[Target]:
    found = [target_of(part.strip()) for part in text.split(",")]
    if len(found) > MOST_TARGETS or len(set(found)) < len(found):
        raise ValueError(text)
    return found


def _words(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise ValueError(text)
    return text


def _days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 0 < int(text) <= MOST_DAYS:
        raise ValueError(text)
    return int(text)


def _level(text: str) -> int:
    if text not in ("1", "2", "3"):
        raise ValueError(text)
    return int(text)


def _clock(text: str) -> str:
    if text not in CLOCKS:
        raise ValueError(text)
    return text


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _case(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(text)
    return int(text)


_READ: Mapping[str, Callable[[str], Any]] = {
    "text": _words,
    "days": _days,
    "date": lambda text: us_of(datetime.fromisoformat(text)),
    "yes": _yes,
    "level": _level,
    "clock": _clock,
    "case": _case,
    "target": target_of,
    "targets": _targets,
}
_WANTS: Mapping[str, str] = {
    "text": f"1 to {MOST_TEXT} characters",
    "days": f"whole days, 1 to {MOST_DAYS}",
    "date": "a time with its zone, such as 2026-01-31T08:00:00+08:00",
    "yes": "yes or no",
    "level": "1, 2 or 3",
    "clock": " or ".join(CLOCKS),
    "case": "the number of a case",
    "target": "person:5, role:town_duty@7 or unit:9",
    "targets": f"at most {MOST_TARGETS} different ones, as person:5,role:town_duty@7",
}
