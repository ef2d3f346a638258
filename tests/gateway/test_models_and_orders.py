"""A device is read as its model has it and asked as its protocol has it; orders are journaled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US, MINUTE_US, MovableClock
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.orders import Orders, order
from bihuan.gateway.simulate import location
from bihuan.gateway.take import Desk
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.variants import FILE, options_of, read_variants
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.journal.storage import MAIN
from bihuan.register import entries as register
from bihuan.register.models import Device
from bihuan.register.orders import acts
from bihuan.register.orders.models import DeviceOrder
from bihuan.register.records.doing import By
from tests.county import BAND, World
from tests.gateway.stored import stored
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HERE = (30.1, 119.2)
PHONE = "+8613800000000"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Orders], Awaitable[Any]]


class Gateway:
    """A gateway on loopback that looks for orders when the talk says so."""

    def __init__(self, world: World, data: Path, clock: MovableClock, keys: KeyRing) -> None:
        self.world, self.data, self.clock, self.keys = world, data, clock, keys
        self._given = 0

    def talk(self, *talks: Talk) -> list[Any]:
        worker = StoreWorker(Intake(self.clock, self.keys))
        worker.start()
        try:
            return asyncio.run(self._talk(worker, talks))
        finally:
            worker.stop()

    async def _talk(self, worker: StoreWorker, talks: tuple[Talk, ...]) -> list[Any]:
        orders = Orders(worker, self.clock, self.keys)
        desk = Desk(worker, self.clock, options_of(read_variants(self.data)), orders)
        server = TcpServer(PROTOCOLS["watch"], desk)
        port = await server.start("127.0.0.1", 0)
        said = []
        for talk in talks:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            said.append(await asyncio.wait_for(talk(reader, writer, orders), 20))
            writer.close()
        await server.stop()
        return said

    def order(self, name: str, **values: object) -> int:
        device = Device.objects.get(number=BAND)
        self._given += 1
        by = By(self.world.people.secretary, "test", f"k{self._given}")
        return order(device.id, name, values, by, (self.clock, self.keys))


@pytest.fixture
def gateway(data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[Gateway]:
    yield Gateway(World(clock, keys), data, clock, keys)
    connections.close_all()


def frame(content: str, number: str = BAND) -> bytes:
    return encode("3G", number, None, content)


def types() -> list[str]:
    found = Entry.objects.filter(lane=0, type__startswith="device.order").order_by("position")
    return list(found.values_list("type", flat=True))


async def linked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, n: int) -> None:
    """A link frame and its answer: the gateway knows the line."""
    writer.write(frame(f"LK,{n},0,80"))
    assert await reader.readuntil(b"]") == frame("LK")


def adopted(gateway: Gateway, number: str, model: str | None) -> None:
    gateway.world.add(register.DeviceAdopted(protocol="watch", number=number, model=model))


def test_band_is_read_as_its_model_has_it(gateway: Gateway, clock: MovableClock) -> None:
    """devices.md: status bit 22 is a fall, a vibration or a heart rate, by the firmware."""
    for number, model in (
        ("1000000001", "bit22-fall"),
        ("1000000002", "ZJ-1"),
        ("1000000003", None),
    ):
        adopted(gateway, number, model)
    (gateway.data / FILE).write_text(json.dumps({"watch": {"ZJ-1": {"as": "bit22-vibration"}}}))

    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _orders: Orders
    ) -> None:
        for n in (1, 2, 3):  # three bands over one line, as a hub has it
            content = f"AL,{location(HERE, 80, 1 << 22, clock.now_us())}"
            writer.write(frame(content, f"100000000{n}"))
            await reader.readuntil(b"]")

    gateway.talk(talk)
    found = Entry.objects.filter(lane=0, type="signal.received.v1").order_by("position")
    kinds = [
        json.loads(bytes(body or b""))["kind"] for body in found.values_list("body", flat=True)
    ]
    assert kinds[:2] == ["fall", "vibration"]
    assert kinds[2] not in ("fall", "vibration")


def test_gcj02_position_is_kept_in_wgs84_beside_what_came(
    gateway: Gateway, clock: MovableClock
) -> None:
    """A shift of some hundred metres: 39.907500 N 116.397200 E is about 39.9061 N 116.3910 E."""
    adopted(gateway, "1000000001", "map-band")
    (gateway.data / FILE).write_text(json.dumps({"watch": {"map-band": {"datum": "GCJ-02"}}}))

    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _orders: Orders
    ) -> None:
        content = f"AL,{location((39.9075, 116.3972), 80, 0, clock.now_us())}"
        writer.write(frame(content, "1000000001"))
        await reader.readuntil(b"]")

    gateway.talk(talk)
    lat, lon = stored("lat")[0].value, stored("lon")[0].value
    assert lat == pytest.approx(39.9061, abs=2e-4)
    assert lon == pytest.approx(116.3910, abs=2e-4)
    assert [one.value for one in stored("lat_gcj02")] == [39.9075]
    assert [one.value for one in stored("lon_gcj02")] == [116.3972]


@pytest.mark.parametrize(
    "wrong",
    [
        {"zigbee": {}},
        {"watch": {"a": {"datum": "BD-09"}}},
        {"watch": {"a": {"zone_min": 900}}},
        {"watch": {"a": {"zone": 8}}},
        [],
    ],
)
def test_table_of_models_that_is_wrong_stops_the_process(tmp_path: Path, wrong: object) -> None:
    (tmp_path / FILE).write_text(json.dumps(wrong))
    with pytest.raises(BadInputError, match=FILE):
        read_variants(tmp_path)


def test_order_is_sent_and_its_answer_journaled(gateway: Gateway) -> None:
    made = gateway.order("locate")

    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders
    ) -> bytes:
        await linked(reader, writer, 1)
        await orders.look()
        await orders.look()  # the second look sends nothing: it waits for the answer
        said = await reader.readuntil(b"]")
        writer.write(frame("CR"))
        await linked(reader, writer, 2)
        return said

    assert gateway.talk(talk) == [frame("CR")]
    assert types() == ["device.ordered.v1", "device.order_sent.v1", "device.order_answered.v1"]
    row = DeviceOrder.objects.get(id=made)
    assert (row.state, row.by_id, bytes(row.answer or b"")) == (
        "answered",
        gateway.world.people.secretary,
        frame("CR"),
    )
    assert differences() == []


def test_order_waits_for_its_device_and_is_sent_again_without_an_answer(
    gateway: Gateway, clock: MovableClock
) -> None:
    gateway.order("measure_every", interval_s=300)

    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders
    ) -> list[bytes]:
        await orders.look()  # the device is not there: nothing happens
        await linked(reader, writer, 1)
        said = []
        for wait_us in (0, MINUTE_US):
            clock.advance(microseconds=wait_us)
            await orders.look()
            said.append(await reader.readuntil(b"]"))
        return said

    async def back(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders
    ) -> bytes:
        await linked(reader, writer, 2)
        await orders.look()
        return await reader.readuntil(b"]")

    wanted = frame("hrtstart,300")
    assert gateway.talk(silent, back) == [[wanted, wanted], wanted]
    assert types() == ["device.ordered.v1", "device.order_sent.v1"]


def test_order_ends_where_its_device_never_shows_up(gateway: Gateway, clock: MovableClock) -> None:
    gateway.order("locate")
    clock.advance(microseconds=acts.LASTS_US - 1)
    assert acts.expire_due(clock) == 0
    clock.advance(microseconds=1)
    assert acts.expire_due(clock) == 1
    assert DeviceOrder.objects.get().state == "expired"

    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders
    ) -> bytes:
        await linked(reader, writer, 1)
        await orders.look()
        writer.write(frame("LK,2,0,80"))
        return await reader.readuntil(b"]")

    assert gateway.talk(talk) == [frame("LK")], "nothing but the answer to the link frame"


def test_sos_number_is_sealed_and_goes_to_nobody_elses_band(
    gateway: Gateway, clock: MovableClock, keys: KeyRing
) -> None:
    gateway.order("sos_number", slot=1, phone=PHONE)
    bodies = Entry.objects.filter(lane=0).values_list("body", flat=True)
    assert not any(PHONE[1:].encode() in bytes(body or b"") for body in bodies)

    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders
    ) -> bytes:
        await linked(reader, writer, 1)
        await orders.look()
        return await reader.readuntil(b"]")

    assert gateway.talk(talk) == [frame(f"SOS1,{PHONE}")]
    device = Device.objects.get(number=BAND)
    other = gateway.world.subject()
    gateway.world.add(register.DeviceReleased(device_id=device.id, reason="given back"))
    gateway.world.add(register.DeviceBound(device_id=device.id, subject_id=other))

    async def given_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders
    ) -> bytes:
        await linked(reader, writer, 2)
        await orders.look()
        writer.write(frame("LK,3,0,80"))
        return await reader.readuntil(b"]")

    assert gateway.talk(given_on) == [frame("LK")]


@pytest.mark.parametrize(
    ("name", "values", "fields"),
    [
        ("explode", {}, ["order"]),
        ("measure_every", {"interval_s": 10}, ["interval_s"]),
        ("sos_number", {"slot": 9, "phone": "no"}, ["slot", "phone"]),
    ],
)
def test_order_that_cannot_be_is_refused_with_every_fault(
    gateway: Gateway, name: str, values: dict[str, object], fields: list[str]
) -> None:
    with pytest.raises(BadInputError) as refused:
        gateway.order(name, **values)
    assert sorted(fault.field for fault in refused.value.faults) == sorted(fields)
    assert types() == []


def test_order_for_a_strangers_number_or_an_unworn_band_is_refused(
    gateway: Gateway, clock: MovableClock, keys: KeyRing
) -> None:
    ask = partial(order, by=By(1, "test", "k"), told=(clock, keys))
    with pytest.raises(BadInputError, match="device_id"):
        ask(1, "locate", {})
    adopted(gateway, "1000000001", None)
    band = Device.objects.get(number="1000000001")
    with pytest.raises(BadInputError, match="wears"):
        ask(band.id, "sos_number", {"slot": 1, "phone": PHONE})
    gateway.world.add(register.DeviceAdopted(protocol="shelly", number="2", model=None))
    with pytest.raises(BadInputError, match="protocol"):
        ask(Device.objects.get(number="2").id, "locate", {})


def test_what_comes_after_an_orders_end_changes_nothing(
    gateway: Gateway, clock: MovableClock
) -> None:
    made = gateway.order("locate")
    for _ in range(2):
        acts.is_answered(made, b"x", clock)
    assert types() == ["device.ordered.v1", "device.order_answered.v1"]
    clock.advance(microseconds=25 * HOUR_US)
    assert acts.expire_due(clock) == 0
    assert not acts.is_sent(made, clock)
    assert DeviceOrder.objects.using(MAIN).get(id=made).state == "answered"
