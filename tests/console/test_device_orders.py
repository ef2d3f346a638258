"""Orders on the device page: who may give them, what is asked, what became of it."""

from __future__ import annotations

import re

import pytest

from bihuan.gateway.downlink import ORDERS
from bihuan.journal.models import Entry
from bihuan.register.entries import DeviceAdopted
from bihuan.register.models import Device
from bihuan.register.orders import acts
from bihuan.register.orders.models import DeviceOrder
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")
PHONE = "0990 5000 0001".replace(" ", "")


def post(place: Place, who: str, path: str, act: str, /, **said: object) -> int:
    fields = {f"v.{name}": str(value) for name, value in said.items()}
    body = {"act": f"order_{act}", "key": f"{who}-{act}-{sorted(fields.items())}"[:64], **fields}
    return place.client(who).post(path, body).status_code


def test_who_keeps_a_device_orders_and_nobody_else(place: Place) -> None:
    path = f"/devices/{place.people.device}/"
    for who, status in (("stranger", 404), ("neighbour", 404), ("village", 404), ("town", 302)):
        assert post(place, who, path, "locate") == status, who
    assert post(place, "town", path, "locate") == 302  # the same form sent again
    row = DeviceOrder.objects.get()
    assert (row.order, row.by_id, row.state) == ("locate", place.people.town_officer, "waiting")
    shown = place.client("town").get(path).content.decode()
    assert "立即定位" in shown
    assert "待发送" in shown
    acts.is_answered(row.id, b"[3G*9900000001*0002*CR]", place.clock)
    shown = place.client("town").get(path).content.decode()
    assert "设备已答复" in shown
    assert "[3G*9900000001*0002*CR]" in shown


def test_values_are_checked_and_a_number_is_sealed(place: Place) -> None:
    path = f"/devices/{place.people.device}/"
    assert post(place, "town", path, "measure_every", interval_s=10) == 422
    assert post(place, "town", path, "measure_every", interval_s=300) == 302
    assert post(place, "town", path, "sos_number", slot=1, phone="12#") == 422
    assert post(place, "town", path, "sos_number", slot=1, phone=PHONE) == 302
    assert post(place, "town", path, "fall_detection", is_on="yes", is_calling="no") == 302
    said = {one.order: one.values for one in DeviceOrder.objects.all()}
    assert said["measure_every"] == '{"interval_s":300}'
    assert said["sos_number"] == '{"slot":1}'
    assert said["fall_detection"] == '{"is_calling":0,"is_on":1}'
    assert PHONE not in place.client("town").get(path).content.decode()
    bodies = Entry.objects.filter(type="device.ordered.v1").values_list("body", flat=True)
    assert not any(PHONE.encode() in bytes(body or b"") for body in bodies)


@pytest.mark.parametrize("protocol", sorted(ORDERS))
def test_page_offers_what_the_protocol_takes_in_both_languages(place: Place, protocol: str) -> None:
    place.add(DeviceAdopted(protocol=protocol, number="5550001", model=None))
    path = f"/devices/{Device.objects.get(number='5550001').id}/"
    for language in ("zh-hans", "en"):
        shown = place.client("town", language).get(path).content.decode()
        assert set(re.findall(r'value="order_([a-z_]+)"', shown)) == set(ORDERS[protocol])
    assert re.findall(r"[\u4e00-\u9fff]+", shown.replace("中文", "")) == []


def test_all_numbers_at_once_and_none_is_refused(place: Place) -> None:
    place.add(DeviceAdopted(protocol="trv", number="5550001", model=None))
    path = f"/devices/{Device.objects.get(number='5550001').id}/"
    assert post(place, "town", path, "sos_numbers") == 422
    assert post(place, "town", path, "sos_numbers", phones_1=PHONE) == 422, "nobody wears it"
    assert post(place, "town", path, "bind", subject="x") == 404


def test_api_orders_by_right_once(place: Place) -> None:
    path = f"/api/v1/register/devices/{place.people.device}/acts"

    def send(who: str, key: str, **values: object) -> int:
        body, headers = {"act": "order_report_every", "values": values}, {"Idempotency-Key": key}
        kind = "application/json"
        client = place.client(who)
        return client.post(path, body, content_type=kind, headers=headers).status_code

    assert send("stranger", "a", interval_s=60) == 404
    assert send("town", "b", interval_s=5) == 422
    assert [send("town", "c", interval_s=60) for _ in range(2)] == [200, 200]
    assert DeviceOrder.objects.count() == 1
