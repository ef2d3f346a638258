"""Orders to a device on its page: what its protocol takes, what was ordered, what it answered.

Whoever keeps the device may order; a number to call is sealed and not shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bihuan.base.errors import bad
from bihuan.console.home import clock, keys
from bihuan.console.register.cells import NOTHING, Names, Wanted
from bihuan.console.register.deeds import Deed
from bihuan.console.register.sheet import Cell, Table
from bihuan.console.register.wording import named, word
from bihuan.gateway.dialects.parts import SWITCH, Parameter, PhoneNumber, PhoneNumbers, WholeNumber
from bihuan.gateway.downlink import ORDERS
from bihuan.gateway.orders import order
from bihuan.journal.storage import MAIN
from bihuan.register.models import Device
from bihuan.register.orders.models import DeviceOrder
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field, Words

PREFIX: Final = "order_"
NEWEST: Final = 10
MOST_SHOWN: Final = 80
PHONE: Final = r"\+?[0-9]{3,20}"
PHONE_WANT: Final = ("3 至 20 位数字，前面可加 +", "3 to 20 digits, a + before them allowed")
TITLES: Final[Mapping[str, Words]] = {
    "locate": ("立即定位", "Locate now"),
    "measure_now": ("立即测心率", "Measure the heart rate now"),
    "measure_pressure_now": ("立即测血压", "Measure the blood pressure now"),
    "measure_every": ("定时测心率", "Measure the heart rate at intervals"),
    "measure_stop": ("停止测心率", "Stop measuring the heart rate"),
    "health_every": ("定时测健康数据", "Measure vital signs at intervals"),
    "report_every": ("设上报间隔", "Set how often it reports"),
    "intervals": ("设测量和上报间隔", "Set how often it measures and reports"),
    "fall_detection": ("设跌倒检测", "Set the fall detection"),
    "removal_alarm": ("设脱腕报警", "Set the removal alarm"),
    "sos_number": ("设一个 SOS 号码", "Set one SOS number"),
    "sos_numbers": ("设全部 SOS 号码", "Set all SOS numbers"),
}
VALUES: Final[Mapping[str, Words]] = {
    "interval_s": ("间隔", "Interval"),
    "idle_interval_s": ("静止时的间隔", "Interval at rest"),
    "measure_s": ("测量间隔", "Interval of measuring"),
    "is_on": ("开启", "On"),
    "is_calling": ("跌倒时拨打号码", "Call the numbers on a fall"),
    "slot": ("第几个号码", "Which number"),
    "phone": ("号码，不填为取消", "Number; none takes it away"),
    "phones": ("号码", "Number"),
}
ICONS: Final = {"locate": "map-pin", "sos_number": "phone", "sos_numbers": "phone"}
NOTES: Final[Mapping[str, Words]] = {
    "sos_numbers": (
        "没填的位置会被清空。", "Places that are left empty are taken away."
    ),
}  # fmt: skip
STATES: Final[Mapping[str, Words]] = {
    "waiting": ("待发送", "To be sent"),
    "sent": ("已发送，待答复", "Sent, not answered"),
    "answered": ("设备已答复", "Answered by the device"),
    "expired": ("超时未答复", "Not answered in time"),
}
TONES: Final = {"answered": "ok", "expired": "warn"}


def orders_of(device: Device) -> list[Deed]:
    """Every order that the device's protocol takes."""
    return [_deed(device, name) for name in ORDERS.get(device.protocol, {})]


def _deed(device: Device, name: str) -> Deed:
    parameters = ORDERS[device.protocol][name].parameters
    fields = tuple(one for key, kind in parameters.items() for one in _fields(key, kind))

    def give(by: By, said: dict[str, Any]) -> int:
        values = {key: _value(key, kind, said) for key, kind in parameters.items()}
        return order(device.id, name, values, by, (clock(), keys()))

    note = word(NOTES[name]) if name in NOTES else ""
    icon = ICONS.get(name, "watch")
    return Deed(PREFIX + name, TITLES[name], give, fields, icon=icon, note=note)


def _fields(name: str, kind: Parameter) -> list[Field]:
    title = VALUES[name]
    if kind == SWITCH:
        return [Field(name=name, title=title, kind="yes_no", is_required=True)]
    if isinstance(kind, WholeNumber):
        return [
            Field(
                name=name,
                title=title,
                kind="integer",
                unit="s" if name.endswith("_s") else None,
                is_required=True,
                at_least=kind.low,
                at_most=kind.high,
            )
        ]
    if isinstance(kind, PhoneNumber):
        return [_phone(name, title)]
    titles = [(f"{title[0]} {n}", f"{title[1]} {n}") for n in range(1, kind.most + 1)]
    return [_phone(f"{name}_{n}", one) for n, one in enumerate(titles, start=1)]


def _phone(name: str, title: Words) -> Field:
    return Field(name=name, title=title, kind="text", pattern=PHONE, want=PHONE_WANT)


def _value(name: str, kind: Parameter, said: Mapping[str, Any]) -> object:
    if isinstance(kind, PhoneNumbers):
        told = [said[f"{name}_{n}"] for n in range(1, kind.most + 1)]
        given = [one for one in told if one]
        if not given:
            raise bad(f"{name}_1", "nothing", "at least one number")
        return ",".join(given)
    if isinstance(kind, PhoneNumber):
        return said[name] or ""
    return int(said[name])


def order_table(device: Device) -> list[Table]:
    """The newest orders with who gave them and what became of them; nothing where none can be."""
    if device.protocol not in ORDERS:
        return []
    found = DeviceOrder.objects.using(MAIN).filter(device_id=device.id).order_by("-id")
    newest = list(found[:NEWEST])
    wanted = Wanted()
    wanted.people = {one.by_id for one in newest}
    names = Names(wanted, masked=False)
    rows = [
        [
            Cell(named(dict(TITLES), one.order)),
            Cell(us=one.ordered_us, sub=names.official(one.by_id)),
            Cell(word(STATES[one.state]), tone=TONES.get(one.state, "")),
            Cell(us=one.ended_us) if one.state == "answered" else NOTHING,
            _answer(None if one.answer is None else bytes(one.answer)),
        ]
        for one in newest
    ]
    columns = (
        word(("要求", "Asked")),
        word(("下达", "Given")),
        word(("状态", "State")),
        word(("答复时间", "Answered at")),
        word(("设备原文", "What the device said")),
    )
    empty = word(("还没有下达过", "None yet"))
    return [Table(word(("远程要求", "Orders to the device")), columns, rows, empty)]


def _answer(raw: bytes | None) -> Cell:
    """The device's own frame: text as text, bytes as bytes."""
    if raw is None:
        return NOTHING
    text = raw.decode("latin-1").strip()
    shown = text if text.isascii() and text.isprintable() else raw.hex(" ")
    return Cell(shown[:MOST_SHOWN], is_code=True)
