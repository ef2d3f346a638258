"""The history of a thing of the register as lines, and what it was on a date."""

from __future__ import annotations

from typing import Any

from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.register import wording
from bihuan.console.register.cells import NOTHING, Names, Wanted
from bihuan.console.register.sheet import Cell, Line
from bihuan.console.register.wording import word
from bihuan.console.templatetags.shown import day_time
from bihuan.journal.tables import Projection
from bihuan.register.history.read import Changed, history_of

MOST = 100
AREAS = ("parent_id", "successor_id", "area_id")


def lines_of(model: type[Projection], key: int) -> list[Line]:
    """Who changed what, newest first; entries of one moment are one line."""
    found = history_of(model, key)[-MOST:]
    wanted = Wanted()
    wanted.areas = {v for c in found if c.field in AREAS for v in (c.before, c.after) if v}
    names = Names(wanted, masked=False)
    people = People(keys(), {c.by.person_id for c in found if c.by is not None})
    lines: dict[int, Line] = {}
    for change in found:
        if change.position not in lines:
            lines[change.position] = _line(change, people)
        if change.field:
            title = wording.named(wording.COLUMNS, change.field)
            said = [value_cell(change.field, v, names).text for v in (change.before, change.after)]
            lines[change.position].changes.append((title, said[0], said[1]))
    return list(reversed(lines.values()))


def _line(change: Changed, people: People) -> Line:
    by = change.by
    who = people.name(by.person_id) if by is not None and by.person_id else wording.role("system")
    if by is not None and by.person_id and by.role:
        who = f"{who} · {wording.role(by.role)}"
    what = ("变更", "Changed") if change.field else ("登记", "Registered")
    line = Line(change.recorded_us, word(what), who)
    if abs(change.effective_us - change.recorded_us) > 60_000_000 and change.effective_us > 0:
        line.reason = word(("自 {} 起", "Holds from {}")).format(day_time(change.effective_us))
    return line


def value_cell(name: str, value: Any, names: Names) -> Cell:
    """A column's value as it is shown: sealed texts opened, areas and times by their words."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bytes | memoryview):
        return Cell(keys().open(bytes(value)) or "—")
    if isinstance(value, bool):
        return Cell(word(("是", "Yes") if value else ("否", "No")))
    if name in AREAS:
        return Cell(names.place(value) or str(value))
    if name.endswith("_us"):
        return Cell(day_time(value))
    if isinstance(value, list):
        return Cell(" ".join(str(one) for one in value[:1]))
    if name == "level":
        return Cell(wording.coded(wording.LEVELS, value))
    return Cell(str(value))
