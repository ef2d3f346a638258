"""设备 / Devices: whether each is heard, what was refused and why, whose it is; giving out, taking
back, SIM and calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.base.errors import bad
from bihuan.base.ids import is_id
from bihuan.base.time import HOUR_US
from bihuan.console.access.cursor import page_shown
from bihuan.console.home import clock, keys
from bihuan.console.register import wording
from bihuan.console.register.about_subject import health_cell
from bihuan.console.register.cells import NOTHING, Names, Wanted
from bihuan.console.register.controls import control
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.device_frames import refused_frames, unknown_devices
from bihuan.console.register.orders import order_table, orders_of
from bihuan.console.register.printed import code_link
from bihuan.console.register.reach import Reach, inside, log_row, official_or_404, path_of
from bihuan.console.register.sheet import Cell, Control, Fact, Listing, Sheet, Table
from bihuan.console.register.wording import word
from bihuan.console.visit import signed_in
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.devices.acts import Devices
from bihuan.register.devices.health import Health, health_of
from bihuan.register.devices.models import Binding, Calibration, SeriesHealth, Sim
from bihuan.register.models import Area, Device, RefusedFrame, Subject
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field

PER_PAGE = 50
MOST_REFUSED = 20
SILENT_H = 2  # unless the address says otherwise; each scenario's rules have limits of their own
LOW_BATTERY = 20.0
STATES = (
    ("", ("全部", "All")),
    ("silent", ("失联", "Silent")),
    ("never", ("从未上报", "Never heard")),
    ("low", ("电量低", "Low battery")),
    ("online", ("在线", "Online")),
    ("free", ("未发放", "Not given out")),
)
NUMBER = Field(name="number", title=("设备号", "Number"), kind="text", is_required=True)
MODEL = Field(name="model", title=("型号", "Model"), kind="text")
HOURS = Field(name="h", title=("多久算失联", "Silent after"), kind="integer", unit="h")
ISSUED = Field(name="issued", title=("实际交付时间", "Handed over at"), kind="time")
WHY = Field(
    name="reason",
    title=("原因", "Reason"),
    kind="choice",
    choices=wording.RELEASES,
    is_required=True,
)
TAKEN_BACK = Field(name="ended", title=("实际收回时间", "Taken back at"), kind="time")
SIM = (
    Field(name="number", title=("卡号", "Card number"), kind="text", is_required=True),
    Field(name="expires_on", title=("到期日", "Expires on"), kind="date"),
)
CALIBRATION = (
    Field(name="certificate", title=("证书号", "Certificate"), kind="text", is_required=True),
    Field(name="done_on", title=("校准日", "Done on"), kind="date", is_required=True),
    Field(name="due_on", title=("有效至", "Due on"), kind="date", is_required=True),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the devices is asked for. hours: after how many without a word one is silent."""

    state: str = ""
    hours: int = SILENT_H
    number: str = ""


def asked_of(request: HttpRequest) -> Asked:
    """The filter that the address names; 404 for one that is none."""
    said = request.GET
    hours = said.get("h", "") or str(SILENT_H)
    state = said.get("state", "")
    if state not in dict(STATES) or not is_id(hours) or not 1 <= int(hours) <= 24 * 366:
        raise Http404
    return Asked(state, int(hours), said.get("number", "").strip())


def devices_of(reach: Reach, asked: Asked) -> QuerySet[Device]:
    """The devices that this person may see: of subjects in reach, and those that nobody has."""
    mine = Q(pk__in=())
    for scenario in schemes.installed():
        areas = Area.objects.using(MAIN).filter(inside(reach.paths(scenario))).values("id")
        mine |= Q(scenario=scenario, area_id__in=areas)
    subjects = Subject.objects.using(MAIN).filter(mine).values("id")
    seen = Q(subject_id__in=subjects)
    if reach.is_official:
        seen |= Q(subject_id=None)
    found = Device.objects.using(MAIN).filter(seen)
    if asked.number:
        found = found.filter(Q(number__startswith=asked.number) | Q(number__endswith=asked.number))
    return found.filter(_in_state(reach, asked))


def _in_state(reach: Reach, asked: Asked) -> Any:
    heard = SeriesHealth.objects.using(MAIN).filter(device_id=OuterRef("id"))
    lately = Exists(heard.filter(last_us__gte=reach.now_us - asked.hours * HOUR_US))
    conditions: dict[str, Any] = {
        "": Q(),
        "online": Q(lately),
        "silent": Q(Exists(heard)) & ~Q(lately),
        "never": ~Q(Exists(heard)),
        "low": Q(Exists(heard.filter(battery__lt=LOW_BATTERY))),
        "free": Q(subject_id=None),
    }
    return conditions[asked.state]


@signed_in
def devices(request: HttpRequest) -> HttpResponse:
    """Every device with its health; what was refused; what is heard and not adopted."""
    reach = official_or_404(request)
    asked = asked_of(request)
    if request.method == "POST":
        return posted(request, lambda: _list(request, reach, asked), reach)
    page, _deeds = _list(request, reach, asked)
    return shown(request, page)


def _list(request: HttpRequest, reach: Reach, asked: Asked) -> tuple[Listing, list[Deed]]:
    said = {"state": asked.state, "h": str(asked.hours), "number": asked.number}
    kept = {name: text for name, text in said.items() if text and text != str(SILENT_H)}
    rows, more = page_shown(request, devices_of(reach, asked), "devices", PER_PAGE, kept)
    health = health_of([one.id for one in rows], reach.now_us, asked.hours * HOUR_US)
    page = Listing(word(("设备", "Devices")), _table(list(rows), health))
    page.tabs = [
        ("?" + urlencode({**kept, "state": code}), word(title), code == asked.state)
        for code, title in STATES
    ]
    page.filters = [_filter(reach, NUMBER, asked.number), _filter(reach, HOURS, str(asked.hours))]
    page.is_filtered = bool(asked.number) or asked.hours != SILENT_H
    page.more = more
    deeds = []
    if reach.may_keep_some("act"):
        page.others = [unknown_devices(), refused_frames(RefusedFrame.objects.using(MAIN).all())]
        deeds = [adoption(reach, request.GET.get("adopt", ""))]
        page.forms = forms(reach, deeds, request.get_full_path())
        page.forms[0].opens = bool(request.GET.get("adopt"))
    return page, deeds


def _table(rows: list[Device], health: dict[int, Health]) -> Table:
    wanted = Wanted()
    wanted.subjects = {one.subject_id for one in rows if one.subject_id is not None}
    names = Names(wanted, masked=True)
    lines = [
        [
            Cell(one.number, href=reverse("device", args=[one.id]), sub=one.model or one.protocol),
            health_cell(health[one.id].state),
            Cell(us=health[one.id].last_us) if health[one.id].last_us else NOTHING,
            battery_cell(health[one.id].battery),
            _whose(names, one),
        ]
        for one in rows
    ]
    columns = (
        word(("设备号", "Number")),
        word(("状态", "State")),
        word(("最近上报", "Last heard")),
        word(("电量", "Battery")),
        word(("在谁手里", "Whose")),
    )
    return Table("", columns, lines, word(("没有符合条件的设备", "No such device")))


def battery_cell(battery: float | None) -> Cell:
    """A battery in per cent; a low one asks for a person."""
    if battery is None:
        return NOTHING
    return Cell(f"{battery:.0f}%", tone="warn" if battery < LOW_BATTERY else "")


def _whose(names: Names, device: Device) -> Cell:
    subject = names.subjects.get(device.subject_id or 0)
    if subject is None:
        return Cell(word(("未发放", "Nobody")), tone="dim")
    place = names.place(subject.area_id)
    return Cell(names.subject(subject), href=reverse("row", args=[subject.id]), sub=place)


def adoption(reach: Reach, said: str) -> Deed:
    """Adopting a device; said: `protocol:number` of one that was heard."""
    protocol, _colon, number = said.partition(":")
    choices = tuple((name, (name, name)) for name in sorted(PROTOCOLS))
    which = Field(
        name="protocol",
        title=("协议", "Protocol"),
        kind="choice",
        choices=choices,
        is_required=True,
    )

    def adopt(by: By, given: dict[str, Any]) -> int:
        reach.actor(_anywhere(reach), "act")
        return Devices(clock(), keys()).adopt(
            given["protocol"], given["number"], given["model"], by
        )

    return Deed(
        "adopt",
        ("登记设备", "Adopt a device"),
        adopt,
        (which, NUMBER, MODEL),
        held={"protocol": protocol, "number": number},
        icon="watch",
        is_main=True,
        leads_to="/devices/{}/",
    )


def _anywhere(reach: Reach) -> str:
    """An area for which this person keeps devices: one that nobody has is nowhere yet."""
    return next(
        (path for _role, path in sorted(reach.rights.held) if reach.may_keep(path, "act")), ""
    )


def device_or_404(reach: Reach, device_id: int) -> tuple[Device, Subject | None]:
    """The device and whose it is; a stranger cannot tell a foreign one from none."""
    device = Device.objects.using(MAIN).filter(id=device_id).first()
    if device is None or not reach.is_official:
        raise Http404
    subject = Subject.objects.using(MAIN).filter(id=device.subject_id or 0).first()
    if subject is not None and not reach.may_see(subject):
        raise Http404
    return device, subject


@signed_in
def device(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: health, whose it is and was, its refused frames, and what may be done with it."""
    reach = Reach(request)
    found, subject = device_or_404(reach, device_id)
    opened = ("device", found.id, found.subject_id)
    if request.method == "POST":
        return posted(request, lambda: _sheet(reach, found, subject), reach, [opened])
    log_row(reach, *opened)
    page, _deeds = _sheet(reach, found, subject)
    return shown(request, page)


def _sheet(reach: Reach, device: Device, subject: Subject | None) -> tuple[Sheet, list[Deed]]:
    seen = health_of([device.id], reach.now_us, SILENT_H * HOUR_US)[device.id]
    bindings = list(Binding.objects.using(MAIN).filter(device_id=device.id).order_by("-id"))
    wanted = Wanted()
    wanted.subjects = {one.subject_id for one in bindings} | ({subject.id} if subject else set())
    names = Names(wanted, masked=True)
    state = health_cell(seen.state)
    page = Sheet(
        title=device.number,
        kicker=device.model or device.protocol,
        crumbs=[(reverse("devices"), word(("设备", "Devices")))],
        here=reverse("device", args=[device.id]),
        state=state,
        sub=[_whose(names, device)],
        links=[code_link("device", device.id)],
    )
    page.facts = _facts(device, seen)
    page.main = [*order_table(device), _bound(bindings, names)]
    frames = RefusedFrame.objects.using(MAIN).filter(protocol=device.protocol, device=device.number)
    page.main.append(refused_frames(frames))
    page.side = [_calibrations(device)]
    deeds = deeds_of(reach, device, subject)
    page.forms = forms(reach, deeds, page.here)
    return page, deeds


def _facts(device: Device, seen: Health) -> list[Fact]:
    sim = Sim.objects.using(MAIN).filter(id=device.id).first()
    number = keys().open(sim.number) if sim is not None else None
    expires = sim.expires_on if sim is not None else None
    return [
        Fact(word(("协议", "Protocol")), Cell(device.protocol)),
        Fact(word(("型号", "Model")), Cell(device.model) if device.model else NOTHING),
        Fact(word(("最近上报", "Last heard")), Cell(us=seen.last_us) if seen.last_us else NOTHING),
        Fact(word(("电量", "Battery")), battery_cell(seen.battery)),
        Fact(word(("卡号", "SIM")), Cell(number) if number else NOTHING, is_sealed=bool(number)),
        Fact(word(("卡到期日", "SIM expires")), Cell(expires) if expires else NOTHING),
    ]


def _bound(bindings: list[Binding], names: Names) -> Table:
    rows = [
        [
            Cell(
                names.subject(names.subjects.get(one.subject_id)),
                href=reverse("row", args=[one.subject_id]),
            ),
            Cell(us=one.issued_us or one.from_us),
            Cell(us=one.ended_us or one.until_us) if one.until_us else Cell(word(("至今", "Now"))),
            Cell(wording.coded(wording.RELEASES, one.reason) if one.reason else ""),
        ]
        for one in bindings
    ]
    columns = (
        word(("使用人", "Whose")),
        word(("起", "From")),
        word(("止", "Until")),
        word(("收回原因", "Why it ended")),
    )
    return Table(
        word(("发放记录", "Given out")), columns, rows, word(("还没有发放过", "Never yet"))
    )


def _calibrations(device: Device) -> Table:
    found = Calibration.objects.using(MAIN).filter(device_id=device.id).order_by("-done_on", "-id")
    rows = [[Cell(one.certificate), Cell(one.done_on), Cell(one.due_on)] for one in found]
    columns = (word(("证书号", "Certificate")), word(("校准日", "Done")), word(("有效至", "Due")))
    return Table(
        word(("校准", "Calibrations")), columns, rows, word(("没有记录", "None on record"))
    )


def deeds_of(reach: Reach, device: Device, subject: Subject | None) -> list[Deed]:
    """What this person may do with a device now."""
    path = path_of(subject.area_id) if subject is not None else _anywhere(reach)
    if not path or not reach.may_keep(path, "act"):
        return []
    acts = Devices(clock(), keys())
    found = [_giving(reach, acts, device)] if subject is None else [_taking(acts, device)]
    found += [
        Deed(
            "sim",
            ("登记电话卡", "Note the SIM"),
            lambda by, said: acts.set_sim(device.id, said["number"], said["expires_on"], by),
            SIM,
            icon="phone",
        ),
        Deed(
            "calibrate",
            ("登记校准", "Note a calibration"),
            lambda by, said: acts.calibrated(
                device.id, said["certificate"], (said["done_on"], said["due_on"]), by
            ),
            CALIBRATION,
            icon="clipboard-check",
        ),
    ]
    return found + orders_of(device)


def _giving(reach: Reach, acts: Devices, device: Device) -> Deed:
    to = Field(name="subject", title=("发给谁", "Given to"), kind="subject", is_required=True)

    def give(by: By, said: dict[str, Any]) -> int:
        subject = Subject.objects.using(MAIN).filter(id=said["subject"]).first()
        if subject is None or not reach.may_see(subject):
            raise bad("subject", said["subject"], "a subject of your areas")
        return acts.bind(device.id, subject.id, by, said["issued"])

    return Deed(
        "bind",
        ("发放", "Give out"),
        give,
        (to, ISSUED),
        icon="hand",
        is_main=True,
        any_subject=True,
    )


def _taking(acts: Devices, device: Device) -> Deed:
    return Deed(
        "release",
        ("收回", "Take back"),
        lambda by, said: acts.release(device.id, said["reason"], by, said["ended"]),
        (WHY, TAKEN_BACK),
        icon="rotate-ccw",
        is_main=True,
    )


def _filter(reach: Reach, one: Field, value: str) -> Control:
    made = control(reach, one)
    made.name, made.value = one.name, value
    made.attributes.pop("required", None)
    return made
