"""What came and was not taken: unknown devices, refused frames with their bytes and faults."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.db.models import QuerySet

from bihuan.console.register.sheet import Cell, Table
from bihuan.console.register.wording import word
from bihuan.register.devices.acts import unknown
from bihuan.register.models import RefusedFrame

MOST_REFUSED = 20


def unknown_devices() -> Table:
    """What is heard and not adopted, each with the way to adopt it."""
    rows = [
        [
            Cell(one.number, sub=one.protocol),
            Cell(f"{one.frames:,}"),
            Cell(us=one.last_us),
            Cell(
                word(("登记这台", "Adopt it")),
                href="?" + urlencode({"adopt": f"{one.protocol}:{one.number}"}),
            ),
        ]
        for one in unknown()[:MOST_REFUSED]
    ]
    columns = (
        word(("设备号", "Number")),
        word(("来帧", "Frames")),
        word(("最近", "Last")),
        word(("办理", "Do")),
    )
    title = word(("听到但没有登记的", "Heard and not adopted"))
    return Table(title, columns, rows, word(("没有陌生设备", "No unknown device")))


def refused_frames(found: QuerySet[RefusedFrame]) -> Table:
    """The newest refused frames: every fault, and the bytes as they came."""
    rows = [
        [
            Cell(one.device or "—", sub=one.protocol),
            Cell(us=one.recorded_us),
            Cell(_faults(one.faults)),
            Cell(bytes(one.raw).hex(" ")[:600], is_code=True, sub=_readable(bytes(one.raw))),
        ]
        for one in found.order_by("-id")[:MOST_REFUSED]
    ]
    columns = (
        word(("设备号", "Number")),
        word(("时间", "Time")),
        word(("为什么不收", "Why")),
        word(("原始字节", "Raw bytes")),
    )
    title = word(("没有收下的来帧", "Refused frames"))
    return Table(title, columns, rows, word(("没有被拒收的来帧", "None was refused")))


def _readable(raw: bytes) -> str:
    text = raw.decode("latin-1")
    return text[:200] if text.isprintable() and text else ""


def _faults(text: str) -> str:
    said = json.loads(text)
    return "；".join(
        f"{one.get('field', '')}: {one.get('got', '')} → {one.get('want', '')}"
        if isinstance(one, dict)
        else str(one)
        for one in said
    )
