"""The page of a subject or a record: state now, history, owner, acts; the same for every type."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.base.errors import BadInputError
from bihuan.console.home import keys
from bihuan.console.register import about_subject, wording
from bihuan.console.register.cells import (
    NOTHING,
    Names,
    Wanted,
    countdown,
    declared_of,
    state_cell,
)
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.ledgers import row_table
from bihuan.console.register.moments import day, midnight_us
from bihuan.console.register.printed import code_link
from bihuan.console.register.reach import Reach, log_row, row_or_404
from bihuan.console.register.row_deeds import deeds_of
from bihuan.console.register.sheet import Cell, Fact, Line, Sheet, Table
from bihuan.console.register.wording import word
from bihuan.console.shows import panels, sheets
from bihuan.console.templatetags.shown import day_time
from bihuan.console.visit import signed_in
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.models import Contact
from bihuan.register.records.facts import related_rows
from bihuan.register.records.lists import Change, as_it_was, history, opened_row
from bihuan.register.records.models import DutyDue, Hold, Record
from bihuan.register.records.rows import Row, RowType, subject_of
from bihuan.register.scheme import Computed, Field

MOST_RELATED = 50
MOST_CHANGES = 100


@signed_in
def row_page(request: HttpRequest, row_id: int) -> HttpResponse:
    """A row, opened: everything is told, and who looked is recorded. A form does an act."""
    reach = Reach(request)
    row = row_or_404(reach, row_id)
    opened = ("row", row.id, subject_of(row))
    if request.method != "POST":
        log_row(reach, *opened)
    drawing = Drawing(request, reach, row)
    if request.method == "POST":
        return posted(request, drawing.drawn, reach, [opened])
    page, _deeds = drawing.drawn()
    return shown(request, page, 422 if page.on_word == "?" else 200)


class Drawing:
    """One row about to be drawn: its type, its values, the names that they need."""

    def __init__(self, request: HttpRequest, reach: Reach, row: Row) -> None:
        self._request, self._reach, self._row = request, reach, row
        self._type = declared_of(row)
        self._is_typed = bool(self._type and (self._type.fields or self._type.states))
        self._now_us = reach.now_us

    def drawn(self) -> tuple[Sheet, list[Deed]]:
        """The page and what may be done on it."""
        row, declared = self._row, self._type
        assert declared is not None, "only what is declared is registered"
        values = opened_row(row.id, keys(), self._now_us) if self._is_typed else {}
        lines = history(row.id, keys())[-MOST_CHANGES:] if self._is_typed else []
        names = self._names(declared, values or {}, lines)
        about = names.subjects.get(subject_of(row) or 0)
        deeds = deeds_of(self._reach, row, declared, values or {}) if self._is_typed else []
        sheet = Sheet(
            title=row.number if isinstance(row, Record) else names.subject(row),
            kicker=word(declared.title),
            crumbs=self._crumbs(declared),
            here=reverse("row", args=[row.id]),
            state=state_cell(row, declared),
            sub=[Cell(names.place(row.area_id), icon="map-pin")],
        )
        if isinstance(row, Record) and about is not None:
            sheet.sub.insert(0, Cell(names.subject(about), href=reverse("row", args=[about.id])))
        sheet.facts = self._facts(declared, values or {}, names)
        self._as_it_was(sheet, declared, names)
        sheet.forms = forms(self._reach, deeds, sheet.here)
        sheet.history = [_line(line, declared, names) for line in reversed(lines)]
        sheet.main = self._related(declared)
        sheet.side = self._duties(declared)
        sheet.bars = self._holds()
        sheet.panels = panels.of_row(self._request, self._reach, row)
        sheet.links = [*sheets.links(self._reach, sheets.of_row(row)), code_link("row", row.id)]
        if not isinstance(row, Record):
            about_subject.add(sheet, self._request, self._reach, row)
        else:
            sheet.side = [*about_subject.cases_of_record(self._request, row), *sheet.side]
        return sheet, deeds

    def _crumbs(self, declared: RowType) -> list[tuple[str, str]]:
        row = self._row
        return [
            (reverse("ledgers"), word(("台账", "Ledgers"))),
            (reverse("rows", args=[row.scenario, row.kind]), word(declared.title)),
        ]

    def _names(self, declared: RowType, values: dict[str, Any], lines: list[Change]) -> Names:
        wanted = Wanted().row(self._row)
        if not isinstance(self._row, Record):
            wanted.subjects.add(self._row.id)
        every: list[Field | Computed] = [*declared.fields, *declared.computed]
        shown_fields = {one.name: one for one in every}
        acted = {f.name: f for act in declared.acts for f in act.fields}
        for said in (values, *(d for line in lines for d in (line.before, line.after, line.extra))):
            for name, value in said.items():
                one = shown_fields.get(name) or acted.get(name)
                if one is not None:
                    wanted.value(one, value)
        wanted.people |= {p for line in lines for p in (line.by_id, line.second_id) if p}
        contacts = Contact.objects.using(MAIN).filter(subject_id=subject_of(self._row) or 0)
        wanted.people |= set(contacts.values_list("person_id", flat=True))
        return Names(wanted, masked=False)

    def _facts(self, declared: RowType, values: dict[str, Any], names: Names) -> list[Fact]:
        row = self._row
        found = [
            Fact(word(one.title), names.value(one, values.get(one.name)), is_sealed=one.is_sealed)
            for one in declared.fields
        ]
        found += [
            Fact(word(one.title), names.value(one, values.get(one.name)), is_computed=True)
            for one in declared.computed
        ]
        if not isinstance(row, Record):
            found += self._of_person(names)
        if row.opened_us:
            found.append(Fact(word(("登记时间", "Registered")), Cell(us=row.opened_us)))
        if row.changed_us:
            found.append(Fact(word(("最近变动", "Last changed")), Cell(us=row.changed_us)))
        return found

    def _of_person(self, names: Names) -> list[Fact]:
        row = self._row
        assert not isinstance(row, Record)
        found = []
        if row.person_id is not None:
            phone = names.people.phone(row.person_id)
            found.append(Fact(word(("电话", "Telephone")), _text(phone), is_sealed=True))
        address = keys().open(row.address) or ""
        found.append(Fact(word(("住址", "Address")), _text(address), is_sealed=True))
        return found

    def _as_it_was(self, sheet: Sheet, declared: RowType, names: Names) -> None:
        """Each field beside what it was at the end of the day that the address names."""
        text = self._request.GET.get("on", "")
        sheet.on = text
        if not text or not self._is_typed:
            return
        try:
            until_us = midnight_us(day("on", text), 1) - 1
        except BadInputError:
            sheet.on_word = "?"
            return
        was = as_it_was(self._row.id, until_us, keys())
        if was is None:
            sheet.on_word = word(("那天还没有登记", "Not registered yet on that day"))
            return
        state, said = was
        sheet.on_word = wording.named(dict(declared.states), state) or word(("在册", "On file"))
        then = {word(one.title): names.value(one, said.get(one.name)) for one in declared.fields}
        sheet.facts = [
            Fact(f.name, f.cell, then.get(f.name), f.is_sealed, f.is_computed) for f in sheet.facts
        ]

    def _related(self, declared: RowType) -> list[Table]:
        found, rows = [], Rows(MAIN)
        for relation in declared.relations:
            to = declared_of(Record(scenario=self._row.scenario, kind=relation.to))
            if to is None or (relation.by == "subject" and not isinstance(self._row, Record)):
                continue  # a subject's own records stand among its ledgers
            newest = related_rows(rows, self._row, relation)[-MOST_RELATED:]
            title = word(relation.title)
            found.append(row_table(to, list(reversed(newest)), title))
        return found

    def _duties(self, declared: RowType) -> list[Table]:
        due = DutyDue.objects.using(MAIN).filter(row_id=self._row.id).exclude(due_us=None)
        titles = {duty.name: duty for duty in declared.duties}
        rows = [
            [
                Cell(word(titles[one.duty].title), sub=_roles(titles[one.duty].roles)),
                countdown(one.due_us, self._now_us)
                if one.state == "waiting"
                else Cell(word(("已到期", "Fell due")), tone="crit", us=one.due_us),
            ]
            for one in due.order_by("due_us")
            if one.duty in titles and one.state != "none"
        ]
        if not rows:
            return []
        columns = (word(("事项", "Duty")), word(("期限", "Due")))
        return [Table(word(("到期事项", "Falls due")), columns, rows, "")]

    def _holds(self) -> list[tuple[str, str]]:
        now = Q(until_us=None) | Q(until_us__gt=self._now_us)
        held = Hold.objects.using(MAIN).filter(now, row_id=self._row.id)
        said = word(("留置中，不办结、不销毁：", "Held: neither closed nor erased: "))
        return [("warn", f"{said}{hold.cause}") for hold in held]


def _line(change: Change, declared: RowType, names: Names) -> Line:
    own: dict[str, Field | Computed] = {f.name: f for f in declared.fields}
    acted = {act.name: act for act in declared.acts}
    what = wording.named(wording.CHANGES, change.what)
    if change.what in acted:
        act = acted[change.what]
        what = word(act.title)
        own = {**{f.name: f for f in act.fields}, **own}
    changes = []
    for name, after in {**change.after, **change.extra}.items():
        one = own.get(name)
        before = change.before.get(name)
        if after is None and before is None:
            continue
        title = word(one.title) if one is not None else name
        changes.append((title, _said(one, before, names), _said(one, after, names)))
    if change.from_state != change.to_state:
        states = dict(declared.states)
        pair = [wording.named(states, code) for code in (change.from_state, change.to_state)]
        changes.insert(0, (word(("状态", "State")), pair[0], pair[1]))
    who = names.official(change.by_id) or wording.role("system")
    return Line(
        us=change.at_us,
        what=what,
        who=f"{who} · {wording.role(change.role)}" if change.role and change.by_id else who,
        changes=[(a, b, c) for a, b, c in changes],
        reason=change.reason or "",
        second=names.official(change.second_id),
    )


def _said(one: Field | Computed | None, value: Any, names: Names) -> str:
    if value is None:
        return ""
    cell = names.value(one, value) if one is not None else Cell(str(value))
    return f"{cell.text or day_time(cell.us)} {cell.sub}".strip()


def _text(text: str) -> Cell:
    return Cell(text) if text else NOTHING


def _roles(roles: tuple[str, ...]) -> str:
    return "、".join(wording.role(role) for role in roles)
