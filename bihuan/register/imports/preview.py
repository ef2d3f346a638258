"""Looking at a file without doing anything: every row new, changed, same or faulty, by its cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bihuan.base.errors import BadInputError, Fault
from bihuan.register.imports.headings import Mapped, mapped, unit_of, words_of
from bihuan.register.imports.kinds import Kind, Said, State, Work
from bihuan.register.imports.sheet import CellFault, Sheet, address
from bihuan.register.records.values import Within, checked, from_text
from bihuan.register.scheme import Field

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MINUTE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?")
_UNIT = re.compile(r"([+-]?[0-9.]+)\s*(\D+)")


@dataclass(slots=True)
class Line:
    """One row of a sheet. row from 1, as Excel counts; state None = faulty.

    places  field → (heading, address of its cell); depth: rows of less depth are done before
    """

    sheet: str
    row: int
    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    depth: int = 0
    said: Said = field(default_factory=dict)
    state: State | None = None
    key: str = ""
    faults: list[CellFault] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """What a file would do. left: headings of no field, which are not imported."""

    lines: list[Line]
    faults: list[CellFault]
    left: list[str]
    columns: dict[str, str]

    @property
    def is_readable(self) -> bool:
        """Whether the headings were understood; else no row can be imported."""
        return bool(self.lines) and not self.faults

    def count(self, state: State | Literal["faulty"]) -> int:
        """How many rows are so."""
        wanted = None if state == "faulty" else state
        return sum(line.state == wanted for line in self.lines)

    def every_fault(self) -> list[CellFault]:
        """Faults of headings and rows, in the order of the file."""
        return [*self.faults, *(fault for line in self.lines for fault in line.faults)]


def look(kind: Kind, sheets: Sequence[Sheet], work: Work, told: Mapping[str, str]) -> Preview:
    """Check every row of every sheet; nothing is written.

    told  headings as remembered or chosen by hand → field ("" = leave the column out)
    """
    found = Preview([], [], [], {})
    known = words_of(kind.fields, kind.words, told)
    for sheet in sheets:
        at = mapped(sheet, kind.fields, known)
        if at is None:
            if len(sheets) == 1:
                row = "，".join(cell for cell in sheet.rows[0] if cell)[:80]
                want = "headings such as " + "，".join(f.title[0] for f in kind.fields[:4])
                found.faults.append(CellFault(sheet.name, 1, "", "A1", "headings", row, want))
            else:
                found.left.append(sheet.name)
            continue
        found.faults += at.faults
        found.left += at.left
        found.columns |= {name: at.titles[name] for name in at.columns}
        if not at.faults:
            found.lines += _lines(kind, sheet, at, work)
    if not found.lines and not found.faults:
        want = "rows below the headings"
        found.faults.append(CellFault(sheets[0].name, 1, "", "A1", "rows", "none", want))
    _steps(kind, found.lines, work)
    return found


def _lines(kind: Kind, sheet: Sheet, at: Mapped, work: Work) -> list[Line]:
    fields = {f.name: f for f in kind.fields}
    lines = []
    for n in range(at.row + 1, len(sheet.rows)):
        row = sheet.rows[n]
        if not any(row):
            continue
        cells = {name: address(n, column) for name, column in at.columns.items()}
        line = Line(sheet.name, n + 1, {name: (at.titles[name], cells[name]) for name in cells})
        given: dict[str, Any] = {}
        for name, column in at.columns.items():
            if cells[name] in sheet.odd:
                line.faults.append(_fault(line, Fault(name, *sheet.odd[cells[name]])))
            elif column < len(row) and row[column]:
                given[name] = said_in(fields[name], row[column])
        _check(kind, line, given, work)
        lines.append(line)
    return lines


def _check(kind: Kind, line: Line, given: Mapping[str, Any], work: Work) -> None:
    """Types of the values; references by code are looked up by the steps."""
    bad_cells = {fault.field for fault in line.faults}
    fields = tuple(f for f in kind.fields if f.name not in bad_cells)
    try:
        said = checked(Within(work.rows, kind.scenario), _plain(fields), given, is_whole=True)
    except BadInputError as error:
        line.faults += [_fault(line, f) for f in error.faults]
        return
    line.said = {name: one for name, one in said.items() if name in given}


def _plain(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Fields as a sheet has them: what points to another row is a code or a number there."""
    refers = ("area", "party", "subject", "record")
    return tuple(
        Field(name=f.name, title=f.title, kind="text", is_required=f.is_required)
        if f.kind in refers
        else f
        for f in fields
    )


def said_in(field: Field, cell: str) -> Any:
    """A cell as JSON has it: choices by their words, days and times in any usual writing."""
    if field.kind in ("area", "party", "subject", "record", "text", "long_text"):
        return cell
    if field.kind in ("choice", "choices"):
        words = {word.casefold(): code for code, pair in field.choices for word in (code, *pair)}
        if field.kind == "choice":
            return words.get(cell.casefold(), cell)
        return [words.get(one.casefold(), one) for one in from_text(field, cell) or ()]
    if field.kind == "date" and (found := _DAY.fullmatch(cell)):
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    if field.kind == "time" and (found := _MINUTE.fullmatch(_days(cell))):
        return f"{found[1]}T{found[2]}{found[3] or ':00'}+08:00"
    if field.kind in ("integer", "decimal"):
        found = _UNIT.fullmatch(unicodedata.normalize("NFKC", cell))
        return from_text(field, f"{found[1]} {unit_of(found[2])}" if found else cell)
    return from_text(field, cell)


def _days(cell: str) -> str:
    found = re.match(_DAY, cell)
    if found is None:
        return cell
    day = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    rest = cell[found.end() :].strip()
    return f"{day} {rest}" if rest else f"{day} 00:00"


def _steps(kind: Kind, lines: list[Line], work: Work) -> None:
    good = [line for line in lines if not line.faults]
    if kind.prepare is not None:
        kind.prepare(work, [line.said for line in good])
    if kind.order is not None:
        placed = kind.order(work, [line.said for line in good])
        for line, (depth, faults) in zip(good, placed, strict=True):
            line.depth = depth
            line.faults += [_fault(line, fault, kind) for fault in faults]
    seen: dict[str, Line] = {}
    for line in sorted(good, key=lambda x: x.depth):
        if not line.faults:
            _step(kind, line, work, seen)


def _step(kind: Kind, line: Line, work: Work, seen: dict[str, Line]) -> None:
    try:
        step = kind.step(work, line.said)
    except BadInputError as error:
        line.faults += [_fault(line, f, kind) for f in error.faults]
        return
    first = seen.setdefault(step.key, line)
    if first is not line:
        got = f"the same as row {first.row} of {first.sheet}"
        line.faults.append(_fault(line, Fault(kind.fields[0].name, got, "each row once")))
        return
    line.state, line.key = step.state, step.key


def _fault(line: Line, fault: Fault, kind: Kind | None = None) -> CellFault:
    """The fault at its cell; of what no column says, at the row's first one."""
    name = fault.field if kind is None else kind.named.get(fault.field, fault.field)
    column, cell = line.places.get(name) or next(iter(line.places.values()), ("", ""))
    return CellFault(line.sheet, line.row, column, cell, name, fault.got, fault.want)
