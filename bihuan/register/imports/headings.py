"""Which column of a sheet is which field: by its heading in Chinese or English, or as told.

A unit may stand in brackets after the heading: 中心温度(℃). Another unit than the declared one is
a fault of the heading's cell; nothing is converted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from bihuan.base.errors import bad
from bihuan.register.imports.sheet import CellFault, Sheet, address
from bihuan.register.scheme import Field

LOOKED_AT: Final = 20  # rows from the top among which the headings are looked for
LEAVE_OUT: Final = ""
_UNIT = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_REMARKS: Final = ("必填", "选填", "required", "optional", "文本", "text")
# what people write for a unit → as it is declared
UNITS: Final = {
    "°c": "Cel",
    "摄氏度": "Cel",
    "度": "Cel",
    "克": "g",
    "千克": "kg",
    "公斤": "kg",
    "分": "min",
    "分钟": "min",
    "小时": "h",
    "天": "d",
    "米": "m",
    "毫米": "mm",
    "公里": "km",
    "元": "CNY",
    "%": "%",
}


class Mapped(NamedTuple):
    """Where the fields are: columns by field; row: of the headings, from 0; left: not used."""

    row: int
    columns: dict[str, int]
    titles: dict[str, str]
    left: list[str]
    faults: list[CellFault]


def plain(text: str) -> str:
    """A heading without what two writers write differently: width, spaces, capitals, stars."""
    return re.sub(r"[\s*_:]+", "", unicodedata.normalize("NFKC", text)).casefold()


def unit_of(text: str) -> str:
    """A unit as it is declared."""
    said = unicodedata.normalize("NFKC", text).strip()
    return UNITS.get(said.casefold(), said)


def words_of(
    fields: Sequence[Field], more: Mapping[str, Sequence[str]], told: Mapping[str, str]
) -> dict[str, str]:
    """Plain heading → field: names, titles in both languages, other words, and what was told."""
    known: dict[str, str] = {}
    for field in fields:
        for word in (field.name, *field.title, *more.get(field.name, ())):
            known.setdefault(plain(word), field.name)
    names = {field.name for field in fields}
    for heading, name in told.items():
        if name not in names and name != LEAVE_OUT:
            raise bad(f"mapping.{heading}", name, " | ".join(sorted(names)))
        known[plain(heading)] = name
    return known


def mapped(sheet: Sheet, fields: Sequence[Field], known: Mapping[str, str]) -> Mapped | None:
    """The headings' row and what it says; None where no row looks like headings."""
    best, most = -1, 0
    for n, row in enumerate(sheet.rows[:LOOKED_AT]):
        found = {name for cell in row if (name := _field(cell, fields, known)[0])}
        if len(found) > most:
            best, most = n, len(found)
    needed = min(2, len(fields))
    return _read(sheet, best, fields, known) if most >= needed else None


def field_of(cell: str, fields: Sequence[Field], known: Mapping[str, str]) -> str | None:
    """The field that a heading is taken for; "" = left out, None = none of ours."""
    return _field(cell, fields, known)[0]


def _field(cell: str, fields: Sequence[Field], known: Mapping[str, str]) -> tuple[str | None, str]:
    """(field, unit in brackets) of a heading; the field is None where it is none of ours."""
    text = unicodedata.normalize("NFKC", cell)
    if plain(text) in known:
        return known[plain(text)], ""
    found = _UNIT.match(text)
    if found is None or plain(found[1]) not in known:
        return None, ""
    return known[plain(found[1])], "" if plain(found[2]) in _REMARKS else found[2]


def _read(sheet: Sheet, at: int, fields: Sequence[Field], known: Mapping[str, str]) -> Mapped:
    units = {field.name: field.unit for field in fields}
    found = Mapped(at, {}, {}, [], [])
    for column, cell in enumerate(sheet.rows[at]):
        name, unit = _field(cell, fields, known)
        if not name:
            if cell and name is None:
                found.left.append(cell)
            continue
        here = (sheet.name, at + 1, cell, address(at, column), name)
        if name in found.columns:
            found.faults.append(CellFault(*here, "a second column", "one column for each field"))
        elif unit and unit_of(unit) != units[name]:
            found.faults.append(CellFault(*here, unit, units[name] or "no unit"))
        found.columns.setdefault(name, column)
        found.titles.setdefault(name, cell)
    for field in fields:
        if field.is_required and field.name not in found.columns:
            here = (sheet.name, at + 1, field.title[0], address(at, 0), field.name)
            found.faults.append(CellFault(*here, "no column", f"a column {field.title[0]}"))
    return found
