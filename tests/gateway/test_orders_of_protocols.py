"""Every protocol's devices are asked over their own line; what they answer is journaled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connections

from bihuan.base.time import MovableClock
from bihuan.gateway.decoders import PROTOCOLS, gt06, minifinder2, topin
from bihuan.gateway.downlink import ORDERS
from bihuan.gateway.intake import Intake
from bihuan.gateway.orders import Orders, order
from bihuan.gateway.take import Desk
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.register import entries as register
from bihuan.register.models import Device
from bihuan.register.orders.models import DeviceOrder
from bihuan.register.records.doing import By
from tests.county import World

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
IMEI = "861265063710922"
BCD = bytes.fromhex("0" + IMEI)


def configured(number: int) -> bytes:
    """What a minifinder2 device answers: success under the index of the order."""
    return minifinder2.framed(bytes((0x7F, 1, 0)), (number % 65_536).to_bytes(2, "little"))


def texted(number: int) -> bytes:
    """What a gt06 device answers: the flag of the order, and a text."""
    flag = (number % (1 << 32)).to_bytes(4, "big")
    return gt06.encode(0x21, flag + b"\x01OK", b"\x00\x02", is_long=True)


@dataclass(frozen=True)
class Asked:
    """A device of a protocol: how it signs in, what is asked of it, what must come and go back."""

    protocol: str
    login: bytes
    order: str
    values: dict[str, object]
    comes: bytes
    answer: str


EVERY: dict[str, object] = {"interval_s": 60}
CASES = [
    Asked("trv", f"IWAP00{IMEI}#".encode(), "locate", {}, f"IWBP16,{IMEI},".encode(), "IWAP16,{}#"),
    Asked("trv", f"IWAP00{IMEI}#".encode(), "measure_now", {}, b"IWBPXL", "IWAPXL,{}#"),
    Asked("gt06", gt06.encode(1, BCD, b"\0\1"), "report_every", EVERY, b"TIMER,60#", "gt06"),
    Asked("topin", topin.encode(13, 1, BCD + b"\1"), "report_every", EVERY, b"\x98\0\x3c", "98"),
    Asked(
        "h02",
        f"*HQ,{IMEI},HTBT,80#".encode(),
        "report_every",
        EVERY,
        f"*HQ,{IMEI},D1,".encode(),
        f"*HQ,{IMEI},V4,D1,60,65535,062108#",
    ),
    Asked(
        "minifinder2",
        minifinder2.framed(
            b"\x01\x10\x01" + IMEI.encode(), b"\x01\x00", wants_answer=True
        ),
        "intervals",
        {"measure_s": 600, "interval_s": 60, "idle_interval_s": 600},
        bytes.fromhex("020D4458020080 3C000000 58020000"),
        "minifinder2",
    ),
]  # fmt: skip


def answer_of(case: Asked, number: int) -> bytes:
    if case.answer == "gt06":
        return texted(number)
    if case.answer == "minifinder2":
        return configured(number)
    if case.answer == "98":
        return topin.encode(3, 0x98, b"\0\x3c")
    return case.answer.format(f"{number % 1_000_000:06}").encode()


@pytest.fixture
def world(data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[World]:
    yield World(clock, keys)
    connections.close_all()


def types() -> list[str]:
    found = Entry.objects.filter(lane=0, type__startswith="device.order").order_by("position")
    return [one.removeprefix("device.") for one in found.values_list("type", flat=True)]


async def _until(reader: asyncio.StreamReader, wanted: bytes) -> bytes:
    said = b""
    while wanted not in said:
        said += await asyncio.wait_for(reader.read(4096), 10)
    return said


async def _talk(case: Asked, number: int, worker: StoreWorker, orders: Orders, desk: Desk) -> None:
    server = TcpServer(PROTOCOLS[case.protocol], desk)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(case.login)
    await asyncio.wait_for(reader.read(4096), 10)
    await orders.look()
    await _until(reader, case.comes)
    writer.write(answer_of(case, number + 1))  # another order's answer, where answers have numbers
    writer.write(answer_of(case, number))
    while "order_answered.v1" not in await asyncio.to_thread(types):
        await asyncio.sleep(0.01)
    writer.close()
    await server.stop()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.protocol}-{case.order}")
def test_order_reaches_its_device_and_the_answer_is_journaled(
    case: Asked, world: World, clock: MovableClock, keys: KeyRing
) -> None:
    world.add(register.DeviceAdopted(protocol=case.protocol, number=IMEI, model=None))
    device = Device.objects.get(number=IMEI)
    by = By(world.people.secretary, "test", "k")
    number = order(device.id, case.order, case.values, by, (clock, keys))
    again = order(device.id, case.order, case.values, by, (clock, keys))
    assert again == number, "the same key orders once"
    worker = StoreWorker(Intake(clock, keys))
    worker.start()
    try:
        orders = Orders(worker, clock, keys)
        asyncio.run(_talk(case, number, worker, orders, Desk(worker, clock, None, orders)))
    finally:
        worker.stop()
    assert types() == ["ordered.v1", "order_sent.v1", "order_answered.v1"]
    row = DeviceOrder.objects.get(id=number)
    assert (row.state, bytes(row.answer or b"")) == ("answered", answer_of(case, number))


def test_every_protocol_of_wristbands_takes_orders() -> None:
    assert set(ORDERS) == set(PROTOCOLS)
