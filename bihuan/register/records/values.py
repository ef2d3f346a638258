"""Checking what is said of declared fields: every fault with field, got and want.

A value comes as JSON has it: text, number, bool, list of texts. A number with a unit may come as
{"amount": 72.5, "unit": "Cel"}: another unit than the declared one is refused, never converted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.base.time import rfc3339, us_of
from bihuan.journal.rows import Rows
from bihuan.register import parties_known
from bihuan.register.models import Area, Subject
from bihuan.register.records.models import Record
from bihuan.register.scheme import Field, Value

MOST_CHARACTERS: Final = {"text": 200, "long_text": 4_000}
_FIRST_US, _LAST_US = us_of(datetime.fromisoformat("1900-01-01T00:00:00Z")), 7_258_118_400_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(\S.*)?")
_YES_NO: Final = {"是": True, "yes": True, "true": True, "否": False, "no": False, "false": False}
_Read = tuple[Value, str | None]  # the value, or what was wanted instead


class Within(NamedTuple):
    """Where a value's references are looked up: types are those of one scenario."""

    rows: Rows
    scenario: str


def checked(
    at: Within, fields: Sequence[Field], given: Mapping[str, Any], *, is_whole: bool
) -> dict[str, Value]:
    """The values as they are stored; BadInputError with every fault.

    is_whole  every required field must be among them; else only what is given is checked, and
              a required field may not be emptied
    """
    known = {field.name: field for field in fields}
    faults = [
        Fault(name, shown(got), f"one of {', '.join(known) or 'no fields'}")
        for name, got in given.items()
        if name not in known
    ]
    said: dict[str, Value] = {}
    for field in fields:
        if field.name not in given and not is_whole:
            continue
        got = given.get(field.name)
        said[field.name], want = _one(at, field, got)
        if want is not None:
            faults.append(Fault(field.name, shown("nothing" if got is None else got), want))
    if faults:
        raise BadInputError(*faults)
    return said


def from_text(field: Field, text: str) -> Any:
    """What a form, a cell or an import says, as JSON has it; `checked` then finds the faults.

    Empty text is None; a number may carry its unit (`72.5 Cel`), choices are split at commas.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if field.kind in ("integer", "decimal"):
        return _number_of(field, stripped)
    if field.kind in ("area", "party", "subject", "record"):
        return int(stripped) if _WHOLE.fullmatch(stripped) else stripped
    if field.kind == "yes_no":
        return _YES_NO.get(stripped.lower(), stripped)
    if field.kind == "choices":
        return [part for part in re.split(r"[,，、;；\s]+", stripped) if part]
    return stripped


def _number_of(field: Field, text: str) -> Any:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    number, unit = found.groups()
    amount = int(number) if _WHOLE.fullmatch(number) else float(number)
    return amount if unit is None else {"amount": amount, "unit": unit}


def _one(at: Within, field: Field, got: Any) -> _Read:
    if got is None or got in ("", []):
        return None, ("a value" if field.is_required else None)
    if field.kind in _REFERS:
        return _reference(at, field, got)
    return _KINDS[field.kind](field, got)


def _text(field: Field, got: Any) -> _Read:
    most = MOST_CHARACTERS[field.kind]
    if not isinstance(got, str) or not got.strip() or len(got) > most:
        return None, f"1 to {most} characters"
    if "\0" in got:  # PostgreSQL takes none in a text
        return None, "text without NUL"
    if field.pattern is not None and not re.fullmatch(field.pattern, got):
        return None, field.want[1] if field.want is not None else field.pattern
    return got, None


def _amount(field: Field, got: Any) -> _Read:
    if isinstance(got, Mapping):
        if set(got) != {"amount", "unit"} or got["unit"] != field.unit:
            return None, f"a number in {field.unit}" if field.unit else "a number without a unit"
        got = got["amount"]
    is_whole = field.kind == "integer"
    if isinstance(got, bool) or not isinstance(got, int if is_whole else int | float):
        return None, _wanted_number(field)
    if abs(got) > 2**53 or not math.isfinite(got):
        return None, _wanted_number(field)
    low, high = field.at_least, field.at_most
    if (low is not None and got < low) or (high is not None and got > high):
        return None, _wanted_number(field)
    return (got if is_whole else float(got)), None


def _wanted_number(field: Field) -> str:
    words = "a whole number" if field.kind == "integer" else "a number"
    if field.at_least is not None:
        words += f" from {field.at_least:g}"
    if field.at_most is not None:
        words += f" up to {field.at_most:g}"
    return f"{words} in {field.unit}" if field.unit else words


def _yes_no(_field: Field, got: Any) -> _Read:
    return (got, None) if isinstance(got, bool) else (None, "true or false")


def _date(_field: Field, got: Any) -> _Read:
    try:
        if isinstance(got, str) and len(got) == 10:
            return date.fromisoformat(got).isoformat(), None
    except ValueError:
        pass
    return None, "a date such as 2026-03-02"


def _time(_field: Field, got: Any) -> _Read:
    try:
        at_us = us_of(datetime.fromisoformat(got)) if isinstance(got, str) else got
    except ValueError:
        at_us = None
    if isinstance(at_us, int) and not isinstance(at_us, bool) and _FIRST_US <= at_us < _LAST_US:
        return at_us, None
    return None, f"a time such as {rfc3339(1_772_409_600_000_000)}, or µs since 1970"


def _choice(field: Field, got: Any) -> _Read:
    names = [name for name, _words in field.choices]
    return (got, None) if got in names else (None, " | ".join(names))


def _choices(field: Field, got: Any) -> _Read:
    names = [name for name, _words in field.choices]
    is_list = isinstance(got, list | tuple)
    if is_list and all(one in names for one in got) and len(set(got)) == len(got):
        return list(got), None
    return None, f"some of {' | '.join(names)}, each once"


def _place(_field: Field, got: Any) -> _Read:
    try:
        lat, lon = (float(part) for part in got.split(","))
        if -90 <= lat <= 90 and -180 <= lon <= 180:
            return f"{lat:.6f},{lon:.6f}", None
    except (AttributeError, ValueError):
        pass
    return None, "latitude,longitude (WGS 84)"


def _photo(_field: Field, got: Any) -> _Read:
    if isinstance(got, str) and _DIGEST.fullmatch(got):
        return got, None
    return None, "the SHA-256 of a stored photo"


def _reference(at: Within, field: Field, got: Any) -> _Read:
    # no row has a number beyond 64 bits, and no database takes one
    if isinstance(got, bool) or not isinstance(got, int) or not 0 < got < 2**63:
        return None, f"the id of a registered {field.of or field.kind}"
    return (got, None) if _REFERS[field.kind](at, field, got) else (None, _wanted_row(field))


def _wanted_row(field: Field) -> str:
    return f"a registered {field.of or field.kind}"


def _is_subject(at: Within, field: Field, got: int) -> bool:
    row = at.rows.get(Subject, got)
    return row is not None and (row.scenario, row.kind) == (at.scenario, field.of)


def _is_record(at: Within, field: Field, got: int) -> bool:
    row = at.rows.get(Record, got)
    return row is not None and (row.scenario, row.kind) == (at.scenario, field.of)


_REFERS: Final[dict[str, Callable[[Within, Field, int], bool]]] = {
    "area": lambda at, _field, got: at.rows.get(Area, got) is not None,
    "party": lambda at, field, got: parties_known.is_party(at.rows, got, field.of),
    "subject": _is_subject,
    "record": _is_record,
}
_KINDS: Final[dict[str, Callable[[Field, Any], _Read]]] = {
    "text": _text,
    "long_text": _text,
    "integer": _amount,
    "decimal": _amount,
    "yes_no": _yes_no,
    "date": _date,
    "time": _time,
    "choice": _choice,
    "choices": _choices,
    "place": _place,
    "photo": _photo,
}
