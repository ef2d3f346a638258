"""Orders to devices: the bytes of the maker's page, and values that no order can have."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.downlink import ORDERS, Addressee, encode_order
from tests.gateway.build import decode

BAND = Addressee("8800000015", "3G")


@pytest.mark.parametrize(
    ("order", "given", "content"),
    [
        ("locate", {}, "CR"),
        ("measure_now", {}, "hrtstart,1"),
        ("measure_every", {"interval_s": 300}, "hrtstart,300"),
        ("measure_stop", {}, "hrtstart,0"),
        ("health_every", {"interval_s": 600}, "HEALTHAUTOSET,1,1,600"),
        ("report_every", {"interval_s": 600}, "UPLOAD,600"),
        ("fall_detection", {"is_on": 1, "is_calling": 0}, "FALLDOWN,1,0"),
        ("removal_alarm", {"is_on": 1}, "REMOVE,1"),
        ("sos_number", {"slot": 2, "phone": "+8613800000000"}, "SOS2,+8613800000000"),
        ("sos_number", {"slot": 3, "phone": ""}, "SOS3,"),
    ],
)
def test_order_is_written_as_the_maker_says(
    order: str, given: dict[str, object], content: str
) -> None:
    expected = f"[3G*8800000015*{len(content):04X}*{content}]".encode()
    assert encode_order("watch", order, BAND, given) == expected


def test_order_echoes_the_index() -> None:
    band = Addressee("357653059860416", "ZJ", "0007")
    assert encode_order("watch", "locate", band) == b"[ZJ*357653059860416*0007*0002*CR]"


@pytest.mark.parametrize("order", ORDERS["watch"])
def test_order_is_answered_by_a_frame_that_the_decoder_knows(order: str) -> None:
    answer = ORDERS["watch"][order].answer
    decoded = decode("watch", f"[3G*8800000015*{len(answer):04X}*{answer}]")
    assert (decoded.kind, decoded.faults) == (answer, ())


@pytest.mark.parametrize(
    ("order", "given", "fields"),
    [
        ("measure_every", {"interval_s": 299}, ["interval_s"]),
        ("measure_every", {"interval_s": "300"}, ["interval_s"]),
        ("measure_every", {}, ["interval_s"]),
        ("fall_detection", {"is_on": 2, "is_calling": True}, ["is_on", "is_calling"]),
        ("sos_number", {"slot": 1, "phone": "123]*[3G"}, ["phone"]),
        ("sos_number", {"slot": 4, "phone": "123", "name": "x"}, ["name", "slot"]),
        ("explode", {}, ["order"]),
    ],
)
def test_order_names_every_value_at_fault(
    order: str, given: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        encode_order("watch", order, BAND, given)
    assert [fault.field for fault in caught.value.faults] == fields


@pytest.mark.parametrize(
    ("protocol", "band", "field"),
    [
        ("h02", BAND, "protocol"),
        ("watch", Addressee("88*LK]", "3G"), "device"),
        ("watch", Addressee("8800000015", "]"), "maker"),
        ("watch", Addressee("8800000015", "3G", "*"), "index"),
    ],
)
def test_order_is_refused_to_whom_it_cannot_reach(
    protocol: str, band: Addressee, field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        encode_order(protocol, "locate", band)
    assert caught.value.faults[0].field == field
