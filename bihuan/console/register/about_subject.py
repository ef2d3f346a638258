"""What hangs on a subject: its records, routines, cases, findings, readings, devices, consents."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from bihuan.base.time import DAY_US, HOUR_US
from bihuan.console import words
from bihuan.console.home import keys
from bihuan.console.near.given import near_table
from bihuan.console.people import People
from bihuan.console.register import wording
from bihuan.console.register.cells import NOTHING, countdown
from bihuan.console.register.consent_deeds import ended
from bihuan.console.register.ledgers import row_table
from bihuan.console.register.plots import plots
from bihuan.console.register.reach import Reach
from bihuan.console.register.sheet import Cell, Sheet, Table
from bihuan.console.register.wording import purpose, word
from bihuan.console.shown import is_english, kind_word
from bihuan.console.visit import cases_of
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed
from bihuan.register import schemes
from bihuan.register.consents.effect import stands, stopped_of
from bihuan.register.consents.models import Consent
from bihuan.register.devices.health import health_of
from bihuan.register.devices.models import Binding
from bihuan.register.models import Contact, Device, Subject
from bihuan.register.records.models import Period, Record
from bihuan.rules.models import Finding

NEWEST = 8
SILENT_US = 2 * HOUR_US


def add(sheet: Sheet, request: HttpRequest, reach: Reach, subject: Subject) -> None:
    """Put everything that is known about a subject on its page."""
    sheet.main = [*_ledgers(subject), *sheet.main]
    sheet.side = [
        *_cases(request, subject),
        *sheet.side,
        *_routines(reach, subject),
        *_contacts(subject),
        *near_table(request, reach, subject),
        *_devices(reach, subject),
        *_findings(subject),
        *_consents(subject, reach.now_us),
    ]
    without = stopped_of(Rows(MAIN), subject.person_id, reach.now_us)
    sheet.plots = plots(subject.id, reach.now_us, _limits(subject, reach.now_us), without)


def _ledgers(subject: Subject) -> list[Table]:
    """The newest records of each type that belongs to this kind of subject."""
    scheme = schemes.installed().get(subject.scenario)
    types = [t for t in (scheme.records if scheme else ()) if t.subject == subject.kind]
    newest: dict[str, list[Record]] = defaultdict(list)
    found = Record.objects.using(MAIN).filter(subject_id=subject.id, is_erased=False)
    for record in found.order_by("-id")[: NEWEST * 10]:
        newest[record.kind].append(record)
    tables = []
    for declared in types:
        rows = newest[declared.name][:NEWEST]
        table = row_table(declared, list(rows), word(declared.title))
        href = reverse("rows", args=[subject.scenario, declared.name])
        link = (f"{href}?subject={subject.id}", word(("全部与登记", "All, and file one")))
        tables.append(Table(table.title, table.columns, table.rows, table.empty, link))
    empty = [
        [Cell(t.title), Cell(t.link[1], href=t.link[0])] for t in tables if not t.rows and t.link
    ]
    filled = [table for table in tables if table.rows]
    if empty:
        columns = (word(("台账", "Ledger")), word(("办理", "Do")))
        filled.append(
            Table(word(("还没有记录的台账", "Ledgers without a record")), columns, empty, "")
        )
    return filled


def cases_of_record(request: HttpRequest, record: Record) -> list[Table]:
    """The cases that are about this one record."""
    found = cases_of(request).filter(row_id=record.id)
    return _listed(found) if found.exists() else []


def _cases(request: HttpRequest, subject: Subject) -> list[Table]:
    return _listed(cases_of(request).filter(subject_id=subject.id))


def _listed(cases: QuerySet[Case]) -> list[Table]:
    found = cases.order_by("-opened_us")
    rows = [
        [
            Cell(kind_word(case.scenario, case.kind), href=reverse("case", args=[case.id])),
            Cell(str(words.STATES[case.state]), tone=case.state),
            Cell(us=case.opened_us),
        ]
        for case in found[:NEWEST]
    ]
    columns = (word(("事件", "Case")), word(("状态", "State")), word(("发生", "Opened")))
    return [Table(word(("事件", "Cases")), columns, rows, word(("没有事件", "No case")))]


def _routines(reach: Reach, subject: Subject) -> list[Table]:
    titles = {r.name: r for r in schemes.routines_of(subject.scenario, subject.kind)}
    if not titles:
        return []
    periods = Period.objects.using(MAIN).filter(subject_id=subject.id).order_by("-starts", "-id")
    rows = [
        [
            Cell(word(titles[one.routine].title), sub=f"{one.starts} – {one.ends}"),
            Cell(wording.named(wording.PERIODS, one.state), tone=_period_tone(one.state)),
            countdown(one.due_us, reach.now_us) if one.state == "waiting" else _signed(one),
        ]
        for one in periods[:NEWEST]
        if one.routine in titles
    ]
    columns = (word(("周期报告", "Routine")), word(("状态", "State")), word(("期限", "Due")))
    return [Table(word(("周期报告", "Routines")), columns, rows, word(("还没有", "None yet")))]


def _contacts(subject: Subject) -> list[Table]:
    found = list(Contact.objects.using(MAIN).filter(subject_id=subject.id).order_by("rank", "id"))
    if not found:
        return []
    people = People(keys(), [one.person_id for one in found])
    rows = [
        [
            Cell(people.name(one.person_id)),
            Cell(str(words.RELATIONS.get(one.relation, one.relation))),
            _phone(people.phone(one.person_id)),
        ]
        for one in found
    ]
    columns = (word(("姓名", "Name")), word(("关系", "Relation")), word(("电话", "Telephone")))
    return [Table(word(("联系人", "Contacts")), columns, rows, "")]


def _phone(phone: str) -> Cell:
    return Cell(phone, href=f"tel:{phone.replace(' ', '')}") if phone else NOTHING


def _devices(reach: Reach, subject: Subject) -> list[Table]:
    bound = list(Device.objects.using(MAIN).filter(subject_id=subject.id).order_by("id"))
    past = Binding.objects.using(MAIN).filter(subject_id=subject.id).exclude(until_us=None)
    gone = list(past.order_by("-until_us")[:NEWEST])
    older = Device.objects.using(MAIN).in_bulk([one.device_id for one in gone])
    health = health_of([one.id for one in bound], reach.now_us, SILENT_US)
    rows = [
        [
            Cell(one.number, href=reverse("device", args=[one.id]), sub=one.model or one.protocol),
            health_cell(health[one.id].state),
            Cell(us=health[one.id].last_us) if health[one.id].last_us else NOTHING,
        ]
        for one in bound
    ]
    rows += [
        [
            Cell(older[one.device_id].number, href=reverse("device", args=[one.device_id])),
            Cell(wording.coded(wording.RELEASES, one.reason or ""), tone="mute"),
            Cell(us=one.until_us),
        ]
        for one in gone
        if one.device_id in older
    ]
    columns = (word(("设备", "Device")), word(("状态", "State")), word(("最近上报", "Last heard")))
    link = (f"{reverse('devices')}?state=free", word(("发放设备", "Give one out")))
    empty = word(("没有设备", "No device"))
    return [Table(word(("设备", "Devices")), columns, rows, empty, link)]


def health_cell(state: str) -> Cell:
    """A device's health as a word with its tone."""
    return Cell(wording.named(wording.HEALTH, state), tone=wording.HEALTH_TONES[state])


def _findings(subject: Subject) -> list[Table]:
    found = Finding.objects.using(MAIN).filter(subject_id=subject.id).order_by("-opened_us")
    rows = [
        [
            Cell(_rule_title(one.scenario, one.rule), sub=_measure(one)),
            Cell(wording.named(wording.FINDINGS, one.what), tone=_finding_tone(one)),
            Cell(us=one.opened_us),
        ]
        for one in found[:NEWEST]
    ]
    if not rows:
        return []
    columns = (word(("规则", "Rule")), word(("状态", "State")), word(("发现", "Found")))
    return [Table(word(("异常", "Findings")), columns, rows, "")]


def _rule_title(scenario: str, rule: str) -> str:
    declared = installed().get(scenario)
    for one in declared.rules if declared is not None else ():
        if one.id == rule:
            return one.title_en if is_english() else one.title_zh
    return rule


def _measure(one: Finding) -> str:
    if one.measure is None:
        return ""
    unit = wording.unit(one.unit)
    limit = f" / {one.limit_value:g}" if one.limit_value is not None else ""
    return f"{one.measure:g}{limit} {unit}".strip()


def _finding_tone(one: Finding) -> str:
    return "crit" if one.what in ("opened", "revised") and one.cleared_us is None else "mute"


def _limits(subject: Subject, now_us: int) -> dict[str, list[float]]:
    """Limits passed within the last day, by the channel of their rule."""
    declared = installed().get(subject.scenario)
    channels = {r.id: getattr(r, "channel", "") for r in (declared.rules if declared else ())}
    found: dict[str, list[float]] = defaultdict(list)
    recent = Finding.objects.using(MAIN).filter(subject_id=subject.id, limit_value__isnull=False)
    for one in recent.filter(opened_us__gte=now_us - DAY_US):
        limits = found[channels.get(one.rule, "")]
        if one.limit_value is not None and one.limit_value not in limits:
            limits.append(one.limit_value)
    return found


def _consents(subject: Subject, now_us: int) -> list[Table]:
    if subject.person_id is None:
        return []
    found = Consent.objects.using(MAIN).filter(person_id=subject.person_id).order_by("-id")
    rows = [
        [
            Cell(word(purpose(one.purpose)), sub=_by_whom(one)),
            Cell(word(ended(one)), tone="mute", us=one.withdrawn_us)
            if one.withdrawn_us is not None
            else Cell(word(("有效", "Holds")), tone="ok")
            if stands(one, now_us)
            else Cell(word(("不在期内", "Not in its time")), tone="mute", us=one.until_us),
            Cell(us=one.from_us),
        ]
        for one in found
    ]
    columns = (word(("用途", "Purpose")), word(("状态", "State")), word(("起", "From")))
    return [Table(word(("同意", "Consents")), columns, rows, word(("没有记录", "None on record")))]


def _by_whom(one: Consent) -> str:
    """Which notice was read, and that a guardian agreed, with a paper; never names in a table."""
    guardian = word(("监护人同意，附证明", "a guardian agreed, with a paper"))
    return " · ".join([one.notice, *([guardian] if one.given_by == "guardian" else [])])


def _signed(one: Period) -> Cell:
    href = reverse("row", args=[one.record_id]) if one.record_id else ""
    return Cell(us=one.signed_us or one.due_us, href=href)


def _period_tone(state: str) -> str:
    return {"signed": "ok", "missed": "crit", "late": "warn"}.get(state, "")
